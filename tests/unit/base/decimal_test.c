#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/decimal.h"

struct text_case {
	const char *text;
	int result;
	int64_t units;
	int scale;
};

/* The grammar and the removal of trailing zeros as decimal.h states them; 15 digits and 6 decimals by format 2.2. */
static const struct text_case parse_cases[] = {
	{"0", DECIMAL_OK, 0, 0},
	{"-0", DECIMAL_OK, 0, 0},
	{"-0.00", DECIMAL_OK, 0, 0},
	{"2", DECIMAL_OK, 2, 0},
	{"0.735", DECIMAL_OK, 735, 3},
	{"-1.50", DECIMAL_OK, -15, 1},
	{"0.000001", DECIMAL_OK, 1, 6},
	{"10.000000", DECIMAL_OK, 10, 0},
	{"999999999999999", DECIMAL_OK, 999999999999999, 0},
	{"999999999999.999999", DECIMAL_OK, 999999999999999999, 6},
	{"1000000000000000", DECIMAL_RANGE, 0, 0},
	{"0.0000001", DECIMAL_RANGE, 0, 0},
	{"1.0000000", DECIMAL_RANGE, 0, 0},
	{"9223372036854.775807", DECIMAL_OK, INT64_MAX, 6},
	{"9223372036854.775808", DECIMAL_RANGE, 0, 0},
	{"-9223372036854.775808", DECIMAL_OK, INT64_MIN, 6},
	{"-9223372036854.775809", DECIMAL_RANGE, 0, 0},
	{"999999999999999.999999", DECIMAL_RANGE, 0, 0},
	{"", DECIMAL_SYNTAX, 0, 0},
	{"-", DECIMAL_SYNTAX, 0, 0},
	{"+1", DECIMAL_SYNTAX, 0, 0},
	{"--1", DECIMAL_SYNTAX, 0, 0},
	{"01", DECIMAL_SYNTAX, 0, 0},
	{"00", DECIMAL_SYNTAX, 0, 0},
	{"-01", DECIMAL_SYNTAX, 0, 0},
	{"1.", DECIMAL_SYNTAX, 0, 0},
	{".5", DECIMAL_SYNTAX, 0, 0},
	{"1.2.3", DECIMAL_SYNTAX, 0, 0},
	{"1,5", DECIMAL_SYNTAX, 0, 0},
	{"1e3", DECIMAL_SYNTAX, 0, 0},
	{"0x10", DECIMAL_SYNTAX, 0, 0},
	{" 1", DECIMAL_SYNTAX, 0, 0},
	{"1 ", DECIMAL_SYNTAX, 0, 0},
	{"1_000", DECIMAL_SYNTAX, 0, 0},
	{"١", DECIMAL_SYNTAX, 0, 0},
	{"NaN", DECIMAL_SYNTAX, 0, 0},
	/* wrong in both ways: syntax is the better advice */
	{"0.00000001x", DECIMAL_SYNTAX, 0, 0},
};

static void texts_become_exact_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(parse_cases); i++) {
		const struct text_case *c = &parse_cases[i];
		struct decimal value = {.units = 77, .scale = 5};
		int result = decimal_parse(c->text, strlen(c->text), 15, 6, &value);

		if (result != c->result)
			fail_msg("\"%s\" gave %d", c->text, result);
		assert_true(value.units == (result == DECIMAL_OK ? c->units : 77));
		assert_int_equal(value.scale, result == DECIMAL_OK ? c->scale : 5);
	}
}

static void limits_of_digits_are_the_callers(void **state)
{
	struct decimal value;

	(void)state;
	assert_int_equal(decimal_parse("12", 2, 1, 0, &value), DECIMAL_RANGE);
	assert_int_equal(decimal_parse("1.5", 3, 9, 0, &value), DECIMAL_RANGE);
	assert_int_equal(decimal_parse("1.5", 3, 1, 1, &value), DECIMAL_OK);
	/* the length counts, not a NUL */
	assert_int_equal(decimal_parse("123", 2, 9, 0, &value), DECIMAL_OK);
	assert_int_equal(value.units, 12);
	assert_int_equal(decimal_parse("1\0", 2, 9, 0, &value), DECIMAL_SYNTAX);
}

static void texts_are_the_shortest(void **state)
{
	static const struct text_case cases[] = {
		{"2", 0, 2, 0},
		{"0.735", 0, 735, 3},
		{"-1.5", 0, -15, 1},
		{"-1.5", 0, -1500000, 6},
		{"0.000001", 0, 1, 6},
		{"-0.000001", 0, -1, 6},
		{"0", 0, 0, 6},
		{"100", 0, 100, 0},
		{"100", 0, 10000, 2},
		{"-9223372036854.775808", 0, INT64_MIN, 6},
		{"9223372036854775807", 0, INT64_MAX, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char out[DECIMAL_TEXT_MAX];
		size_t len = decimal_format((struct decimal){cases[i].units, cases[i].scale}, out);

		assert_string_equal(out, cases[i].text);
		assert_int_equal(len, strlen(out));
	}
}

static void zero_is_zero_at_every_scale(void **state)
{
	(void)state;
	assert_true(decimal_is_zero((struct decimal){0, 6}));
	assert_false(decimal_is_zero((struct decimal){1, 6}));
	assert_false(decimal_is_zero((struct decimal){-1, 0}));
}

/* R-RND-2: half away from zero. */
static void division_rounds_half_away_from_zero(void **state)
{
	static const int64_t cases[][3] = {{0, 3, 0}, {1, 2, 1}, {-1, 2, -1}, {1, 3, 0}, {2, 3, 1}, {-2, 3, -1},
		{3, 2, 2}, {-3, 2, -2}, {5, 2, 3}, {-5, 2, -3}, {7, 7, 1}, {49, 100, 0}, {50, 100, 1}, {-49, 100, 0},
		{-50, 100, -1}, {4, 8, 1}, {3, 8, 0}, {INT64_MAX, 1, INT64_MAX}};
	const __int128 largest = ((((__int128)1) << 126) - 1) * 2 + 1;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_true(round_div(cases[i][0], cases[i][1]) == cases[i][2]);
	assert_true(round_div(largest, 1) == largest);
	assert_true(round_div(-largest - 1, 1) == -largest - 1);
	assert_true(round_div(largest - 1, largest) == 1);
	assert_true(round_div(largest / 2, largest) == 0);
	assert_true(round_div(largest / 2 + 1, largest) == 1);
	assert_true(round_div(-largest - 1, 2) == -largest / 2 - 1);
}

static void quantity_times_price_is_whole_dong(void **state)
{
	int64_t product = 5;

	(void)state;
	/* 0.735 kg at 128,500 đ = 94,447.5 đ, half away from zero */
	assert_int_equal(decimal_times((struct decimal){735, 3}, (struct decimal){128500, 0}, &product), DECIMAL_OK);
	assert_int_equal(product, 94448);
	assert_int_equal(decimal_times((struct decimal){-735, 3}, (struct decimal){128500, 0}, &product), DECIMAL_OK);
	assert_int_equal(product, -94448);
	assert_int_equal(decimal_times((struct decimal){1, 6}, (struct decimal){499999, 0}, &product), DECIMAL_OK);
	assert_int_equal(product, 0);
	assert_int_equal(decimal_times((struct decimal){1, 6}, (struct decimal){500000, 0}, &product), DECIMAL_OK);
	assert_int_equal(product, 1);
	/* 999,999,999 × 1,000,000 = 999,999,999,000,000, one step below 10^15 */
	assert_int_equal(
		decimal_times((struct decimal){999999999, 0}, (struct decimal){1000000, 0}, &product), DECIMAL_OK);
	assert_true(product == 999999999000000);
	assert_int_equal(
		decimal_times((struct decimal){1000000000, 0}, (struct decimal){1000000, 0}, &product), DECIMAL_RANGE);
	assert_int_equal(
		decimal_times((struct decimal){-1000000000, 0}, (struct decimal){1000000, 0}, &product), DECIMAL_RANGE);
	assert_int_equal(
		decimal_times((struct decimal){INT64_MIN, 0}, (struct decimal){INT64_MIN, 0}, &product), DECIMAL_RANGE);
	assert_true(product == 999999999000000);
}

static void a_ratio_has_six_decimals(void **state)
{
	struct decimal ratio = {0};

	(void)state;
	/* 1/3 = 0.333333…, 2/3 = 0.666666…7, 1/8 = 0.125, 1/2,000,000 = half of the last digit */
	assert_int_equal(decimal_ratio(1, 3, &ratio), DECIMAL_OK);
	assert_true(ratio.units == 333333 && ratio.scale == 6);
	assert_int_equal(decimal_ratio(-2, 3, &ratio), DECIMAL_OK);
	assert_true(ratio.units == -666667 && ratio.scale == 6);
	assert_int_equal(decimal_ratio(1, 8, &ratio), DECIMAL_OK);
	assert_true(ratio.units == 125 && ratio.scale == 3);
	assert_int_equal(decimal_ratio(1, 2000000, &ratio), DECIMAL_OK);
	assert_true(ratio.units == 1 && ratio.scale == 6);
	assert_int_equal(decimal_ratio(1, 2000001, &ratio), DECIMAL_OK);
	assert_true(ratio.units == 0 && ratio.scale == 0);
	assert_int_equal(decimal_ratio((__int128)1 << 110, 1, &ratio), DECIMAL_RANGE);
	assert_int_equal(decimal_ratio((__int128)1 << 50, 1, &ratio), DECIMAL_RANGE);
	assert_int_equal(decimal_ratio(9223372036854, 1, &ratio), DECIMAL_OK);
	assert_true(ratio.units == 9223372036854 && ratio.scale == 0);
}

static void text_and_number_go_round(void **state)
{
	uint64_t random = 20261122;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		char out[DECIMAL_TEXT_MAX];
		struct decimal in;
		struct decimal back;
		char again[DECIMAL_TEXT_MAX];

		random = random * 6364136223846793005u + 1442695040888963407u;
		in.units = (int64_t)random >> (random % 60);
		in.scale = (int)(random >> 32) & 3;
		if (in.units > 999999999999999 || in.units < -999999999999999)
			continue;
		assert_int_equal(decimal_parse(out, decimal_format(in, out), 15, 6, &back), DECIMAL_OK);
		decimal_format(back, again);
		assert_string_equal(again, out);
	}
}

static void whole_numbers_are_written_as_they_are(void **state)
{
	char out[DECIMAL_TEXT_MAX];
	char fixed[] = "........";

	(void)state;
	assert_int_equal(int_format(0, out), 1);
	assert_string_equal(out, "0");
	assert_int_equal(int_format(INT64_MAX, out), 19);
	assert_string_equal(out, "9223372036854775807");
	assert_int_equal(int_format(INT64_MIN, out), 20);
	assert_string_equal(out, "-9223372036854775808");
	assert_ptr_equal(int_format_fixed(2026, 4, fixed), fixed + 4);
	assert_ptr_equal(int_format_fixed(107, 2, fixed + 4), fixed + 6);
	assert_string_equal(fixed, "202607..");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers_are_written_as_they_are),
		cmocka_unit_test(texts_become_exact_numbers),
		cmocka_unit_test(limits_of_digits_are_the_callers),
		cmocka_unit_test(texts_are_the_shortest),
		cmocka_unit_test(zero_is_zero_at_every_scale),
		cmocka_unit_test(division_rounds_half_away_from_zero),
		cmocka_unit_test(quantity_times_price_is_whole_dong),
		cmocka_unit_test(a_ratio_has_six_decimals),
		cmocka_unit_test(text_and_number_go_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
