/* guard_money: sums for which 53 bits are too few. Kills patches of tests/mutants that compute money in double. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/tax.h"

/*
 * Each expected value is Python's, in whole numbers: (2 * n + d) // (2 * d). The cases are those of two million random ones in
 * which int(float(…) + 0.5) gives another đồng.
 */
/* The arrays of @ret end here; only its sums are looked at. */
static void compute(const struct tax_bill *bill, struct tax_result *ret)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);

	assert_non_null(arena);
	assert_int_equal(tax_compute(bill, arena, ret), TAX_OK);
}

/* n = amount × percent, d = 100 × 10^scale */
static void a_discount_in_percent_is_exact_to_15_digits(void **state)
{
	static const struct {
		int64_t amount;
		struct decimal percent;
		int64_t discount;
	} cases[] = {
		{INT64_C(351345555427421), {993745, 4}, INT64_C(349147888978222)},
		{INT64_C(698665528783188), {41176, 3}, INT64_C(287682518131765)},
		{INT64_C(704177994173567), {47, 0}, INT64_C(330963657261576)},
		{INT64_C(778103813621105), {7769, 2}, INT64_C(604508852802236)},
		{INT64_C(644749945302120), {1408, 2}, INT64_C(90780792298538)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tax_line line = {.qty = {1, 0},
			.unit_price = {cases[i].amount, 0},
			.has_discount_pct = true,
			.discount_pct = cases[i].percent};
		const struct tax_bill bill = {.form = 2, .is_vat_included = true, .lines = &line, .line_count = 1};
		struct tax_result result;

		compute(&bill, &result);
		assert_int_equal(result.total, cases[i].amount - cases[i].discount);
	}
}

/* n = sum × 100, d = 100 + rate (format 2.3 rule 8) */
static void vat_inside_is_taken_out_exactly_to_15_digits(void **state)
{
	static const struct {
		int64_t sum;
		enum vat_rate rate;
		int64_t net;
	} cases[] = {
		{INT64_C(933560134482814), VAT_8, INT64_C(864407531928531)},
		{INT64_C(383536681244882), VAT_5, INT64_C(365273029757030)},
		{INT64_C(350408860765394), VAT_5, INT64_C(333722724538470)},
		{INT64_C(485847962950298), VAT_5, INT64_C(462712345666950)},
		{INT64_C(601953983387391), VAT_5, INT64_C(573289507987991)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tax_line line = {.qty = {1, 0}, .unit_price = {cases[i].sum, 0}, .rate = cases[i].rate};
		const struct tax_bill bill = {.form = 1, .is_vat_included = true, .lines = &line, .line_count = 1};
		struct tax_result result;

		compute(&bill, &result);
		assert_int_equal(result.net, cases[i].net);
		assert_int_equal(result.vat, cases[i].sum - cases[i].net);
		assert_int_equal(result.total, cases[i].sum);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_discount_in_percent_is_exact_to_15_digits),
		cmocka_unit_test(vat_inside_is_taken_out_exactly_to_15_digits),
	};

	return cmocka_run_group_tests_name("guard_money", tests, NULL, NULL);
}
