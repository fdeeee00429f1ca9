/* R-VAT-1. */
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
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rate_of_the_law_is_read_and_written_back),
		cmocka_unit_test(anything_else_is_no_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
