/* Number, code and the check before the seal: R-TIME-2, R-NY-1, R-NUM-5, R-CODE-4, R-RND-6. */
#include "invoice_fixture.h"

static void the_local_day_of_issue_decides_serial_code_and_day(void **state)
{
	struct fixture *fixture = *state;
	struct invoice *invoice = &fixture->invoice;

	add_line(fixture, "1", "10000", 0, VAT_8);
	assert_computed(fixture, 10000);
	/* Law R-TIME-2, R-NY-1: 17:00 UTC on 31 December is the new year in UTC+7. */
	assert_int_equal(invoice_bind(invoice, 1, 100009003, time_of("2026-12-31T17:00:00Z")), 0);
	assert_string_equal(invoice->serial, "C27MAA");
	assert_string_equal(invoice->code, "M1-27-QZ7XW-00100009003");
	assert_int_equal(invoice->number, 1);
	assert_int_equal(invoice->issue_day, 20270101);
	assert_int_equal(invoice_bind(invoice, 4121, 100009002, time_of("2026-12-31T16:59:59Z")), 0);
	assert_string_equal(invoice->serial, "C26MAA");
	assert_string_equal(invoice->code, "M1-26-QZ7XW-00100009002");
	assert_int_equal(invoice->issue_day, 20261231);
}

static void an_invoice_without_code_takes_none(void **state)
{
	struct fixture *fixture = *state;

	/* Law R-CODE-4. */
	fixture->seller.code_flag = 'K';
	add_line(fixture, "1", "10000", 0, VAT_8);
	assert_computed(fixture, 10000);
	assert_int_equal(invoice_bind(&fixture->invoice, 7, 0, time_of("2026-11-22T13:00:00+07:00")), 0);
	assert_string_equal(fixture->invoice.serial, "K26MAA");
	assert_string_equal(fixture->invoice.code, "");
}

static void a_number_or_counter_out_of_range_binds_nothing(void **state)
{
	struct fixture *fixture = *state;
	int64_t now = time_of("2026-11-22T13:00:00+07:00");

	add_line(fixture, "1", "10000", 0, VAT_8);
	assert_computed(fixture, 10000);
	/* Law R-NUM-5, R-CODE-1. */
	assert_int_equal(invoice_bind(&fixture->invoice, 0, 1, now), 1);
	assert_int_equal(invoice_bind(&fixture->invoice, 100000000, 1, now), 1);
	assert_int_equal(invoice_bind(&fixture->invoice, 1, 0, now), 1);
	assert_int_equal(invoice_bind(&fixture->invoice, 1, CODE_COUNTER_LAST + 1, now), 1);
	assert_string_equal(fixture->invoice.serial, "");
	assert_int_equal(fixture->invoice.number, 0);
	assert_int_equal(invoice_bind(&fixture->invoice, NUMBER_LAST, CODE_COUNTER_LAST, now), 0);
}

/* A bill of two rates on which every figure is checked. */
static void compute_mixed(struct fixture *fixture)
{
	add_line(fixture, "3", "55000", 0, VAT_8);
	add_line(fixture, "4", "25000", 0, VAT_10);
	assert_computed(fixture, 265000);
}

static void a_changed_figure_is_found_before_the_seal(void **state)
{
	struct fixture *fixture = *state;
	struct invoice *invoice = &fixture->invoice;
	struct invoice good;
	int64_t *const figures[] = {&invoice->net, &invoice->vat, &invoice->total, &invoice->groups[VAT_8].net,
		&invoice->groups[VAT_10].net, &invoice->groups[VAT_5].net};

	compute_mixed(fixture);
	good = *invoice;
	for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
		*figures[i] += 1;
		assert_int_equal(invoice_check_sums(invoice), 1);
		*figures[i] -= 2;
		assert_int_equal(invoice_check_sums(invoice), 1);
		*invoice = good;
	}
	invoice->lines[0].amount++;
	assert_int_equal(invoice_check_sums(invoice), 1);
	invoice->lines[0].amount--;
	invoice->lines[1].discount = 1;
	assert_int_equal(invoice_check_sums(invoice), 1);
	invoice->lines[1].discount = 0;
	invoice->lines[1].rate = VAT_8;
	assert_int_equal(invoice_check_sums(invoice), 1);
	invoice->lines[1].rate = VAT_NONE;
	assert_int_equal(invoice_check_sums(invoice), 1);
	invoice->lines[1].rate = VAT_10;
	assert_int_equal(invoice_check_sums(invoice), 0);
	invoice->words[0] = 'x';
	assert_int_equal(invoice_check_sums(invoice), 1);
	*invoice = good;
	/* Total and words agree with each other and not with the rates. */
	invoice->total++;
	assert_int_equal(words_of_amount(invoice->total, WORDS_NORTH, false, false, invoice->words), 0);
	assert_int_equal(invoice_check_sums(invoice), 1);
	*invoice = good;
	invoice->groups[VAT_5].is_present = true;
	assert_int_equal(invoice_check_sums(invoice), 1);
}

static void vat_may_be_one_dong_off_and_not_two(void **state)
{
	struct fixture *fixture = *state;
	struct invoice *invoice = &fixture->invoice;

	/* Law R-RND-5: 39,000 at 10 % has no whole net; 35,455 × 10 % = 3,545.5. */
	add_line(fixture, "1", "39000", 0, VAT_10);
	assert_computed(fixture, 39000);
	assert_int_equal(invoice->groups[VAT_10].net, 35455);
	assert_int_equal(invoice->groups[VAT_10].vat, 3545);
	assert_int_equal(invoice->groups[VAT_10].off, -1);
	/* One more off, with net, VAT and total moved along: only the rule about the rate can find it. */
	invoice->groups[VAT_10].vat--;
	invoice->vat--;
	invoice->total--;
	assert_int_equal(words_of_amount(invoice->total, WORDS_NORTH, false, false, invoice->words), 0);
	assert_int_equal(invoice_check_sums(invoice), 1);
}

static void on_form_2_lines_must_add_up_to_the_total(void **state)
{
	struct fixture *fixture = *state;

	fixture->seller.form = 2;
	add_line(fixture, "1", "20000", 0, VAT_NONE);
	assert_computed(fixture, 20000);
	fixture->invoice.total++;
	assert_int_equal(words_of_amount(20001, WORDS_NORTH, false, false, fixture->invoice.words), 0);
	assert_int_equal(invoice_check_sums(&fixture->invoice), 1);
	fixture->invoice.total--;
	assert_int_equal(words_of_amount(20000, WORDS_NORTH, false, false, fixture->invoice.words), 0);
	assert_int_equal(invoice_check_sums(&fixture->invoice), 0);
	fixture->invoice.lines[0].rate = VAT_8;
	assert_int_equal(invoice_check_sums(&fixture->invoice), 1);
}

/* Numerical Recipes' 64-bit congruential generator: the same bills on every run. */
static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return *seed >> 20;
}

static void make_random_sale(struct fixture *fixture, int round, uint64_t *seed)
{
	static const char *const quantities[] = {"1", "2", "7", "0.5", "0.735", "1.234567", "12", "0.000001", "350"};
	static const enum vat_rate rates[] = {VAT_8, VAT_10, VAT_5, VAT_0, VAT_KCT, VAT_KKKNT};

	clear_sale(fixture);
	fixture->seller.form = round % 4 == 3 ? 2 : 1;
	fixture->sale.is_vat_included = fixture->seller.form == 2 || round % 2 == 0;
	for (int i = 0; i <= round % 9; i++) {
		enum vat_rate rate = rates[next_random(seed) % ARRAY_LEN(rates)];
		const char *qty = quantities[next_random(seed) % ARRAY_LEN(quantities)];
		struct sale_line *line;
		char price[16];

		snprintf(price, sizeof(price), "%u", (unsigned int)(next_random(seed) % (round % 3 ? 300000 : 60)));
		line = add_line(fixture, qty, price, 0, fixture->seller.form == 2 ? VAT_NONE : rate);
		if (line->amount > 0 && next_random(seed) % 3 == 0) {
			line->discount = 1 + (int64_t)(next_random(seed) % (uint64_t)line->amount);
			line->amount -= line->discount;
		}
	}
	if (round % 5 == 0)
		add_surcharge(fixture, 1 + (int64_t)(next_random(seed) % 100000), VAT_NONE);
	if (round % 7 == 0)
		fixture->discounts[fixture->sale.discount_count++] = (struct sale_amount){.amount = round % 50};
}

static void random_bills_of_every_shape_pass_the_check_before_the_seal(void **state)
{
	struct fixture *fixture = *state;
	uint64_t seed = 7;
	int issued = 0;

	for (int round = 0; round < 3000; round++) {
		int result;

		make_random_sale(fixture, round, &seed);
		result = compute(fixture);
		/* The first answer tells the total; with it the sale must pass. */
		if (result == PROBLEM_SUM_TOTAL) {
			assert_computed(fixture, strtoll(fixture->problem.extra + strlen("lines give "), NULL, 10));
			for (size_t i = 0; i < fixture->invoice.line_count; i++)
				assert_true(fixture->invoice.lines[i].discount >= 0);
			issued++;
		} else if (result != 0) {
			assert_int_equal(result, PROBLEM_SUM_DISCOUNT);
		}
	}
	assert_true(issued > 2800);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_local_day_of_issue_decides_serial_code_and_day),
		TEST(an_invoice_without_code_takes_none),
		TEST(a_number_or_counter_out_of_range_binds_nothing),
		TEST(a_changed_figure_is_found_before_the_seal),
		TEST(vat_may_be_one_dong_off_and_not_two),
		TEST(on_form_2_lines_must_add_up_to_the_total),
		TEST(random_bills_of_every_shape_pass_the_check_before_the_seal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
