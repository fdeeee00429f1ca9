/* R-VAT-1, R-VAT-2, R-VAT-3, R-NY-4, R-NY-5. */
#include "cases.h"

#include "core/vat.h"

static void every_rate_of_the_law_is_read_and_written_back(void **state)
{
	/* Law R-VAT-1; the tags are those of format 2.7. */
	static const struct {
		const char *text, *tag;
		enum vat_rate rate;
		int percent;
	} rates[] = {
		{"0", "0%", VAT_0, 0},
		{"5", "5%", VAT_5, 5},
		{"8", "8%", VAT_8, 8},
		{"10", "10%", VAT_10, 10},
		{"KCT", "KCT", VAT_KCT, 0},
		{"KKKNT", "KKKNT", VAT_KKKNT, 0},
	};

	(void)state;
	assert_int_equal(ARRAY_LEN(rates), VAT_COUNT - 1);
	for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
		enum vat_rate rate = VAT_NONE;

		assert_int_equal(vat_parse(rates[i].text, &rate), 0);
		assert_int_equal(rate, rates[i].rate);
		assert_string_equal(vat_text(rate), rates[i].text);
		assert_string_equal(vat_tag(rate), rates[i].tag);
		assert_int_equal(vat_percent(rate), rates[i].percent);
	}
}

static void anything_else_is_no_rate(void **state)
{
	static const char *const wrong[] = {"", "7", "8%", "08", "kct", "10 ", "-1"};
	enum vat_rate rate = VAT_5;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(vat_parse(wrong[i], &rate), 1);
	assert_int_equal(rate, VAT_5);
	assert_string_equal(vat_text(VAT_NONE), "");
	assert_string_equal(vat_tag(VAT_COUNT), "");
	assert_false(vat_holds(VAT_COUNT, 20261122));
}

static void eight_percent_holds_from_july_2025_to_the_end_of_2026(void **state)
{
	(void)state;
	/* Law R-VAT-2: Resolution 204/2025/QH15. */
	assert_false(vat_holds(VAT_8, 20250630));
	assert_true(vat_holds(VAT_8, 20250701));
	assert_true(vat_holds(VAT_8, 20261231));
	assert_false(vat_holds(VAT_8, 20270101));
	for (int rate = VAT_NONE; rate < VAT_COUNT; rate++) {
		if (rate != VAT_8)
			assert_true(vat_holds((enum vat_rate)rate, 20270101));
	}
}

static void a_class_has_the_rate_of_the_day_of_the_sale(void **state)
{
	/* Law R-NY-5, rows ny01 and ny02 of new-year.csv: reduced is 8 on 31 December 2026 and 10 a day later. */
	static const struct {
		const char *item_class;
		enum vat_rate in_2026, in_2027;
	} classes[] = {
		{"reduced", VAT_8, VAT_10},
		{"excise", VAT_10, VAT_10},
		{"essential5", VAT_5, VAT_5},
		{"export0", VAT_0, VAT_0},
		{"exempt", VAT_KCT, VAT_KCT},
	};
	enum vat_rate rate;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
		assert_int_equal(vat_of_class(classes[i].item_class, 20261231, &rate), 0);
		assert_int_equal(rate, classes[i].in_2026);
		assert_int_equal(vat_of_class(classes[i].item_class, 20270101, &rate), 0);
		assert_int_equal(rate, classes[i].in_2027);
	}
	assert_int_equal(vat_of_class("luxury", 20261231, &rate), 1);
	assert_int_equal(vat_of_class("", 20261231, &rate), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rate_of_the_law_is_read_and_written_back),
		cmocka_unit_test(anything_else_is_no_rate),
		cmocka_unit_test(eight_percent_holds_from_july_2025_to_the_end_of_2026),
		cmocka_unit_test(a_class_has_the_rate_of_the_day_of_the_sale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
