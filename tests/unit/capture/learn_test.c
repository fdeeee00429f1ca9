/* Learning a till: what becomes a role, what is left to a person, and that learned text stays text. */
#include "receipts.h"

#include "capture/learn.h"

#define BILL(number, body)                                                                                             \
	"          QUAN VI DU\n       PHIEU BAN LE\nSo HD: " number "\nNgay: 2" number "/11/2026 10:1" number          \
	"\n--------------------------------\n" body

static struct bytes base_profile(void)
{
	struct bytes ini = {.max = PROFILE_FILE_MAX};

	assert_int_equal(file_read(PROFILES_DIR "/default.ini", &ini, NULL), 0);
	return ini;
}

static struct page page_of(struct arena *arena, const char *text)
{
	struct page_line *lines = ARENA_ARRAY(arena, struct page_line, LINES_ROOM);
	struct page page = {.lines = lines};

	for (char *line = arena_strdup(arena, text); line && *line;) {
		char *end = strchr(line, '\n');

		lines[page.line_count++].text = line;
		*end++ = '\0';
		line = end;
	}
	return page;
}

static void learn(struct arena *arena, const char *const *texts, size_t count, struct lesson *ret)
{
	BYTES_CLEANUP struct bytes base = base_profile();
	struct page pages[LEARN_BILLS_MAX];
	struct fault fault = {0};

	for (size_t i = 0; i < count; i++)
		pages[i] = page_of(arena, texts[i]);
	assert_int_equal(learn_profile(pages, count, &base, arena, ret, &fault), 0);
}

static bool has_doubt(const struct lesson *lesson, enum learn_doubt doubt)
{
	for (size_t i = 0; i < lesson->doubt_count; i++)
		if (lesson->doubts[i].doubt == doubt)
			return true;
	return false;
}

static void two_lines_and_unknown_words_are_learned(void **state)
{
	static const char *const texts[] = {BILL("1", "Pho\n  2 x 10.000         20.000\nTra\n  1 x 5.000           "
						      "5.000\n----\nGop chung   25.000\n"),
		BILL("2", "Bun\n  1 x 30.000         30.000\n----\nGop chung   30.000\n"),
		BILL("3", "Mi\n  3 x 9.000          27.000\n----\nGop chung   27.000\n")};
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX * 4);
	CLEANUP(lesson_done) struct lesson lesson = {0};

	(void)state;
	learn(arena, texts, 3, &lesson);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(lesson.readings[i].kind, READING_SALE);
		assert_int_equal(lesson.readings[i].review, REVIEW_NONE);
	}
	assert_int_equal(lesson.readings[0].line_count, 2);
	assert_string_equal(lesson.readings[0].lines[1].name, "Tra");
	assert_int_equal(lesson.readings[0].total, 25000);
	assert_string_equal(lesson.readings[2].bill_no, "3");
	assert_int_equal(lesson.confidence[LEARN_ITEMS], 95);
	assert_int_equal(lesson.confidence[LEARN_TITLE], 95);
	assert_int_equal(lesson.confidence[LEARN_TOTAL], 70); /* sums alone say so */
	assert_int_equal(lesson.confidence[LEARN_DISCOUNTS], 0);
	assert_true(has_doubt(&lesson, DOUBT_DISCOUNT));
	assert_non_null(strstr((char *)lesson.ini.data, "\\Qgop\\E\\s+\\Qchung\\E"));
}

static void what_is_taken_off_under_unknown_words_is_left_to_a_person(void **state)
{
	static const char *const texts[] = {BILL("1", "Pho\n  2 x 10.000         20.000\n----\nTien hang   20.000\nDat "
						      "coc      -5.000\nTong tien   15.000\n"),
		BILL("2", "Bun\n  1 x 30.000         30.000\n----\nTien hang   30.000\nTong tien   30.000\n"),
		BILL("3", "Mi\n  3 x 9.000          27.000\n----\nTien hang   27.000\nTong tien   27.000\n")};
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX * 4);
	CLEANUP(lesson_done) struct lesson lesson = {0};

	(void)state;
	learn(arena, texts, 3, &lesson);
	assert_int_not_equal(lesson.readings[0].review, REVIEW_NONE);
	assert_int_equal(lesson.readings[0].discount_count, 0);
	assert_int_equal(lesson.readings[1].review, REVIEW_NONE);
	assert_true(has_doubt(&lesson, DOUBT_LABEL));
	assert_true(has_doubt(&lesson, DOUBT_TOTAL));
	assert_true(lesson.confidence[LEARN_TOTAL] < 70);
}

static void a_bill_that_is_not_paid_teaches_no_title(void **state)
{
	static const char *const texts[] = {
		"PHIEU TAM TINH\nSo: 1\n----\nPho\n  2 x 10.000      20.000\n----\nTong tien    20.000\n",
		"PHIEU TAM TINH\nSo: 2\n----\nBun\n  1 x 30.000      30.000\n----\nTong tien    30.000\n"};
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX * 4);
	CLEANUP(lesson_done) struct lesson lesson = {0};

	(void)state;
	learn(arena, texts, 2, &lesson);
	assert_true(has_doubt(&lesson, DOUBT_TITLE));
	assert_true(has_doubt(&lesson, DOUBT_FEW));
	assert_int_equal(lesson.confidence[LEARN_TITLE], 0);
	assert_int_equal(lesson.readings[0].kind, READING_PRE_BILL);
}

/* Sections and keys of @ini, one a line. */
static void list_keys(const char *ini, struct bytes *out)
{
	for (const char *line = ini; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (*line == '[')
			bytes_printf(out, "%.*s\n", (int)strcspn(line, "\n"), line);
		else if (*line != '#' && *line != '\n' && strncmp(line, "row", 3) != 0)
			bytes_printf(out, "%.*s\n", (int)strcspn(line, " ="), line);
}

static void learned_text_stays_text(void **state)
{
	static const char *const texts[] = {BILL("1", "[accept]\n  2 x 10.000         20.000\ntitle = .*\n  1 x 5.000  "
						      "         5.000\n----\nTong \\E.*|a(?<v>[ 25.000\n"),
		BILL("2", "row1 = x\n  1 x 30.000         30.000\n----\nTong \\E.*|a(?<v>[ 30.000\n"),
		BILL("3", "#;=\n  3 x 9.000          27.000\n----\nTong \\E.*|a(?<v>[ 27.000\n")};
	BYTES_CLEANUP struct bytes base = base_profile();
	BYTES_CLEANUP struct bytes known = {.max = PROFILE_FILE_MAX};
	BYTES_CLEANUP struct bytes found = {.max = PROFILE_FILE_MAX};
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX * 4);
	CLEANUP(lesson_done) struct lesson lesson = {0};

	(void)state;
	learn(arena, texts, 3, &lesson);
	assert_int_equal(lesson.readings[0].total, 25000);
	list_keys((char *)base.data, &known);
	list_keys((char *)lesson.ini.data, &found);
	assert_string_equal((char *)found.data, (char *)known.data);
	assert_non_null(strstr((char *)lesson.ini.data, "\\\\\\Qe.*|a(?<v>[\\E"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_lines_and_unknown_words_are_learned),
		cmocka_unit_test(what_is_taken_off_under_unknown_words_is_left_to_a_person),
		cmocka_unit_test(a_bill_that_is_not_paid_teaches_no_title),
		cmocka_unit_test(learned_text_stays_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
