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

/* Law R-RND-2. What half away from zero is, wide_test knows. */
static void a_part_of_an_amount_is_rounded_once(void **state)
{
	(void)state;
	assert_int_equal(round_part(29000, 8, 100), 2320);
	/* 8/108 of 73,000 = 5,407.4; 10/110 of 15,005 = 1,364.09; 5 % of 30 = 1.5 */
	assert_int_equal(round_part(73000, 8, 108), 5407);
	assert_int_equal(round_part(15005, 10, 110), 1364);
	assert_int_equal(round_part(30, 5, 100), 2);
	assert_int_equal(round_part(-30, 5, 100), -2);
	assert_int_equal(round_part(0, 0, 1), 0);
	assert_true(round_part(INT64_MAX, INT64_MAX, INT64_MAX) == INT64_MAX);
	assert_true(round_part(INT64_MIN, 1, 1) == INT64_MIN);
	/* 999,999,999,999,999 × 999,999 / 1,000,000 = 999,998,999,999,999.000001 */
	assert_true(round_part(999999999999999, 999999, 1000000) == 999998999999999);
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
	assert_int_equal(decimal_ratio(wide_of(1), 3, 6, &ratio), DECIMAL_OK);
	assert_true(ratio.units == 333333 && ratio.scale == 6);
	assert_int_equal(decimal_ratio(wide_of(-2), 3, 6, &ratio), DECIMAL_OK);
	assert_true(ratio.units == -666667 && ratio.scale == 6);
	assert_int_equal(decimal_ratio(wide_of(1), 8, 6, &ratio), DECIMAL_OK);
	assert_true(ratio.units == 125 && ratio.scale == 3);
	assert_int_equal(decimal_ratio(wide_of(1), 2000000, 6, &ratio), DECIMAL_OK);
	assert_true(ratio.units == 1 && ratio.scale == 6);
	assert_int_equal(decimal_ratio(wide_of(1), 2000001, 6, &ratio), DECIMAL_OK);
	assert_true(ratio.units == 0 && ratio.scale == 0);
}

/* 2^63 = 9223372036854775808. */
static void a_ratio_that_does_not_fit_has_fewer_decimals_or_none(void **state)
{
	const struct wide n = wide_times(9223372036854776, 10);
	struct decimal ratio = {77, 5};

	(void)state;
	assert_int_equal(decimal_ratio(wide_times(INT64_MAX, INT64_MAX), 1, 0, &ratio), DECIMAL_RANGE);
	assert_int_equal(decimal_ratio(wide_times(INT64_MIN, -1), 1, 0, &ratio), DECIMAL_RANGE);
	assert_int_equal(decimal_ratio(wide_of((int64_t)1 << 50), 1, 6, &ratio), DECIMAL_RANGE);
	assert_int_equal(decimal_ratio(n, 100, 4, &ratio), DECIMAL_RANGE);
	assert_true(ratio.units == 77 && ratio.scale == 5);
	assert_int_equal(decimal_ratio(n, 100, 3, &ratio), DECIMAL_OK);
	assert_true(ratio.units == 9223372036854776 && ratio.scale == 1);
	assert_int_equal(decimal_ratio(wide_of(9223372036854), 1, 6, &ratio), DECIMAL_OK);
	assert_true(ratio.units == 9223372036854 && ratio.scale == 0);
	/* 9,223,372,036,854.7758075: its half is beyond; …8074 is not */
	assert_int_equal(
		decimal_ratio(wide_plus(wide_times(INT64_MAX, 10), wide_of(5)), 10000000, 6, &ratio), DECIMAL_RANGE);
	assert_int_equal(
		decimal_ratio(wide_plus(wide_times(INT64_MAX, 10), wide_of(4)), 10000000, 6, &ratio), DECIMAL_OK);
	assert_true(ratio.units == INT64_MAX && ratio.scale == 6);
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
		cmocka_unit_test(a_part_of_an_amount_is_rounded_once),
		cmocka_unit_test(quantity_times_price_is_whole_dong),
		cmocka_unit_test(a_ratio_has_six_decimals),
		cmocka_unit_test(a_ratio_that_does_not_fit_has_fewer_decimals_or_none),
		cmocka_unit_test(text_and_number_go_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
