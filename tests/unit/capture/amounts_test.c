/* Numbers of Vietnamese receipts: thousands marks, currency, signs, quantities that mean two things. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "capture/amounts.h"

#define REFUSED INT64_MIN

static void money_as_printed(void **state)
{
	static const struct {
		const char *text;
		int64_t scale, value;
	} cases[] = {
		{"12.000", 1, 12000},
		{"12,000", 1, 12000},
		{"12 000", 1, 12000},
		{"12000", 1, 12000},
		{"12\xC2\xA0"
		 "000",
			1, 12000},
		{"12.000đ", 1, 12000},
		{"12.000 ₫", 1, 12000},
		{"12.000 VND", 1, 12000},
		{"₫12,000", 1, 12000},
		{"VNĐ 12.000", 1, 12000},
		{"12.000 đồng", 1, 12000},
		{"1,010,000", 1, 1010000},
		{"0", 1, 0},
		{"-0", 1, 0},
		{"-10.000", 1, -10000},
		{"(10.000)", 1, -10000},
		{"−10.000", 1, -10000},
		{"- 10.000", 1, -10000},
		{"-10.000đ", 1, -10000},
		{"12.000,00", 1, 12000},
		{"12,000.00", 1, 12000},
		{"1.234.567.890", 1, 1234567890},
		{"12", 1000, 12000},
		{"12,5", 1000, 12500},
		{"12.55", 1000, 12550},
		{"999999999999999", 1, 999999999999999},
		{"", 1, REFUSED},
		{"-", 1, REFUSED},
		{"đ", 1, REFUSED},
		{"12.50", 1, REFUSED},
		{"12.0", 1, REFUSED},
		{"12.000,50", 1, REFUSED},
		{"12.0000", 1, REFUSED},
		{"1.2.3", 1, REFUSED},
		{"12.000,000", 1, REFUSED},
		{"1234.567", 1, REFUSED},
		{"012.000", 1, REFUSED},
		{"0.950", 1, REFUSED},
		{"000", 1, REFUSED},
		{"0900 000 001", 1, REFUSED},
		{"12.000x", 1, REFUSED},
		{"(12.000", 1, REFUSED},
		{"12.", 1, REFUSED},
		{".5", 1, REFUSED},
		{"1e3", 1, REFUSED},
		{"12,0005", 1000, REFUSED},
		{"12.000.00", 1, REFUSED},
		{"1000000000000000", 1, REFUSED},
		{"999999999999999", 1000, REFUSED},
		{"--5", 1, REFUSED},
		{"12.3456", 1000, REFUSED},
		{"111111111111111111111111111111111111111111111111111111111", 1, REFUSED},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t value = REFUSED;
		int result = amount_money(cases[i].text, strlen(cases[i].text), cases[i].scale, &value);

		if (value != cases[i].value)
			print_message("%s\n", cases[i].text);
		assert_int_equal(value, cases[i].value);
		assert_int_equal(result == AMOUNT_OK, cases[i].value != REFUSED);
	}
}

static const char *read_quantity(const char *text, char out[2 * DECIMAL_TEXT_MAX])
{
	struct decimal readings[2];
	size_t n = amount_quantities(text, strlen(text), readings);
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			out[len++] = '|';
		len += decimal_format(readings[i], out + len);
	}
	return out;
}

static void a_quantity_may_mean_two_things(void **state)
{
	static const char *const cases[][2] = {
		{"2", "2"},
		{"0.85", "0.85"},
		{"0,950", "0.95"},
		{"1.500", "1500|1.5"},
		{"1,500", "1500|1.5"},
		{"12", "12"},
		{"1.25", "1.25"},
		{"1.500,5", "1500.5"},
		{"1.500.000", "1500000"},
		{"0", "0"},
		{"2.000", "2000|2"},
		{"100.250", "100250|100.25"},
		{"", ""},
		{"x", ""},
		{"02", ""},
		{"1.2345", ""},
		{"-1", ""},
		{"2 000", "2000"},
	};
	char out[2 * DECIMAL_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(read_quantity(cases[i][0], out), cases[i][1]);
}

static int resolve(const char *text, int64_t price, int64_t amount, char out[DECIMAL_TEXT_MAX])
{
	struct decimal unit_price = {.units = price};
	struct decimal value;
	int result = amount_quantity(text, strlen(text), price >= 0 ? &unit_price : NULL, amount, &value);

	out[0] = '\0';
	if (result == AMOUNT_OK)
		decimal_format(value, out);
	return result;
}

static void the_amount_tells_which_quantity_is_meant(void **state)
{
	char out[DECIMAL_TEXT_MAX];

	(void)state;
	assert_int_equal(resolve("1.500", 20000, 30000, out), AMOUNT_OK);
	assert_string_equal(out, "1.5");
	assert_int_equal(resolve("1.500", 20000, 30000000, out), AMOUNT_OK);
	assert_string_equal(out, "1500");
	assert_int_equal(resolve("0,735", 33333, 24500, out), AMOUNT_OK);
	assert_string_equal(out, "0.735");
	assert_int_equal(resolve("2", 20000, 40001, out), AMOUNT_DIFFERS);
	assert_int_equal(resolve("1.500", 20000, 30001, out), AMOUNT_DIFFERS);
	assert_int_equal(resolve("1.500", 0, 0, out), AMOUNT_TWO_WAYS);
	assert_int_equal(resolve("1.500", -1, 30000, out), AMOUNT_TWO_WAYS);
	assert_int_equal(resolve("2", -1, 30000, out), AMOUNT_OK);
	assert_string_equal(out, "2");
	assert_int_equal(resolve("hai", 20000, 40000, out), AMOUNT_NONE);
}

static void percents(void **state)
{
	static const char *const cases[][2] = {{"10%", "10"}, {"8", "8"}, {"10,5 %", "10.5"}, {"100%", "100"},
		{"0%", "0"}, {"101", ""}, {"1.000", ""}, {"-5%", ""}, {"%", ""}, {"100.5", ""}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char out[DECIMAL_TEXT_MAX] = "";
		struct decimal value;

		if (amount_percent(cases[i][0], strlen(cases[i][0]), &value) == AMOUNT_OK)
			decimal_format(value, out);
		assert_string_equal(out, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(money_as_printed),
		cmocka_unit_test(a_quantity_may_mean_two_things),
		cmocka_unit_test(the_amount_tells_which_quantity_is_meant),
		cmocka_unit_test(percents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
