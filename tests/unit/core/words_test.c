/* R-WORD-1, R-WORD-2, R-WORD-3: vectors amount-words and amount-words-profiles. */
#include "cases.h"

#include "core/words.h"

static void every_vector_is_written_as_the_law_wants(void **state)
{
	struct cases cases = cases_open(TEST_DATA "/vectors/amount-words.csv", "number,words");
	char words[WORDS_MAX];
	int ran = 0;

	(void)state;
	for (; cases_next(&cases, 2); ran++) {
		assert_int_equal(
			words_of_amount(strtoll(cases.field[0], NULL, 10), WORDS_NORTH, false, false, words), 0);
		assert_string_equal(words, cases.field[1]);
	}
	cases_close(&cases);
	/* Number of rows: README of the vectors. */
	assert_int_equal(ran, 267);
}

static void every_profile_vector_is_written_in_its_profile(void **state)
{
	struct cases cases = cases_open(TEST_DATA "/vectors/amount-words-profiles.csv", "number,profile,words");
	char words[WORDS_MAX];
	int ran = 0;

	(void)state;
	for (; cases_next(&cases, 3); ran++) {
		bool is_south = strcmp(cases.field[1], "south") == 0;
		bool is_even = strcmp(cases.field[1], "even") == 0;
		bool is_dot = strcmp(cases.field[1], "dot") == 0;

		assert_true(is_south || is_even || is_dot);
		assert_int_equal(words_of_amount(strtoll(cases.field[0], NULL, 10),
					 is_south ? WORDS_SOUTH : WORDS_NORTH, is_even, is_dot, words),
			0);
		assert_string_equal(words, cases.field[2]);
	}
	cases_close(&cases);
	assert_int_equal(ran, 16);
}

static void words_of_zero_is_khong_dong(void **state)
{
	char words[WORDS_MAX];

	(void)state;
	/* Format 2.4. */
	assert_int_equal(words_of_amount(0, WORDS_NORTH, false, false, words), 0);
	assert_string_equal(words, "Không đồng");
	assert_int_equal(words_of_amount(0, WORDS_SOUTH, true, true, words), 0);
	assert_string_equal(words, "Không đồng chẵn.");
}

static void a_thousand_million_million_is_refused_on_both_sides(void **state)
{
	static const int64_t refused[] = {INT64_C(1000000000000000), INT64_C(-1000000000000000), INT64_MAX, INT64_MIN};
	char words[WORDS_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		assert_int_equal(words_of_amount(refused[i], WORDS_NORTH, false, false, words), 1);
	assert_int_equal(words_of_amount(INT64_C(999999999999999), WORDS_NORTH, false, false, words), 0);
	assert_int_equal(words_of_amount(INT64_C(-999999999999999), WORDS_NORTH, false, false, words), 0);
}

static size_t points_of(const char *text)
{
	size_t points = 0;

	for (; *text; text++)
		points += ((unsigned char)*text & 0xc0) != 0x80;
	return points;
}

static void the_longest_text_stays_under_180_characters(void **state)
{
	/* Law R-WORD-1. Every group 777 or 444 is among the longest. */
	static const int64_t longest[] = {
		INT64_C(-444444444444444), INT64_C(-777777777777777), INT64_C(-555555555555555)};
	char words[WORDS_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(longest); i++) {
		assert_int_equal(words_of_amount(longest[i], WORDS_NORTH, true, true, words), 0);
		assert_true(points_of(words) < 180);
		assert_true(strlen(words) < WORDS_MAX);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_is_written_as_the_law_wants),
		cmocka_unit_test(every_profile_vector_is_written_in_its_profile),
		cmocka_unit_test(words_of_zero_is_khong_dong),
		cmocka_unit_test(a_thousand_million_million_is_refused_on_both_sides),
		cmocka_unit_test(the_longest_text_stays_under_180_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
