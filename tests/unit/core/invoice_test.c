/* Lines, discounts, surcharges, payment, buyer: R-RND-3, R-RND-5, R-CON-5, R-TILL-4, R-TILL-5, R-TILL-8, R-BUY-1. */
#include "invoice_fixture.h"

/* ---- lines ---- */

static void a_price_with_vat_and_no_discount_becomes_amount_by_quantity(void **state)
{
	struct fixture *fixture = *state;

	/* Format 2.3 rule 8; 29,000 at 8 % → 26,852 (law R-RND-5); 26,852 / 1. */
	add_line(fixture, "1", "29000", 0, VAT_8);
	/* 3 × 55,000 at 10 % → 150,000 / 3. */
	add_line(fixture, "3", "55000", 0, VAT_10);
	/* 0.675 × 385,000 = 259,875 at 5 % → 247,500 / 0.675 = 366,666.666667 */
	add_line(fixture, "0.675", "385000", 0, VAT_5);
	assert_computed(fixture, 29000 + 165000 + 259875);
	assert_price(&fixture->invoice.lines[0], "26852", 0, 26852);
	assert_price(&fixture->invoice.lines[1], "50000", 0, 150000);
	assert_price(&fixture->invoice.lines[2], "366666.666667", 0, 247500);
}

static void a_discounted_price_with_vat_is_divided_and_the_rest_is_discount(void **state)
{
	struct fixture *fixture = *state;

	/*
	 * Format 2.3 rule 8 by hand: 1.235 × 1,250,000 − 43,750 = 1,500,000 at 8 % → net 1,388,889;
	 * DGia = 1,250,000 / 1.08 = 1,157,407.407407; 1.235 × DGia = 1,429,398.148…; STCKhau = 1,429,398 − 1,388,889.
	 */
	add_line(fixture, "1.235", "1250000", 43750, VAT_8);
	assert_computed(fixture, 1500000);
	assert_price(&fixture->invoice.lines[0], "1157407.407407", 40509, 1388889);
}

static void a_discount_that_rounds_away_is_left_out(void **state)
{
	struct fixture *fixture = *state;

	/*
	 * Gross 7 − 1 + 7 = 13 at 8 % → net 12; 6 × 12 / 13 = 5.54 → 6. DGia = 7 / 1.08 = 6.481481, times 1 → 6:
	 * no STCKhau.
	 */
	add_line(fixture, "1", "7", 1, VAT_8);
	add_line(fixture, "1", "7", 0, VAT_8);
	assert_computed(fixture, 13);
	assert_price(&fixture->invoice.lines[0], "6.481481", 0, 6);
}

static void a_discount_that_would_turn_negative_gives_way_to_the_amount(void **state)
{
	struct fixture *fixture = *state;

	/*
	 * 0.5 × 217 = 108.5 → 109, − 1 = 108; with 14 × 13 gross 290 at 8 % → net 269. Shares 108 × 269 / 290 = 100.18
	 * and 12.06: the đồng left goes to the first → 101. DGia 217 / 1.08 = 200.925926, × 0.5 = 100.46 → 100: STCKhau
	 * would be −1, so DGia = 101 / 0.5 (format 2.3 rule 8).
	 */
	add_line(fixture, "0.5", "217", 1, VAT_8);
	for (int i = 0; i < 14; i++)
		add_line(fixture, "1", "13", 0, VAT_8);
	assert_computed(fixture, 290);
	assert_price(&fixture->invoice.lines[0], "202", 0, 101);
	assert_price(&fixture->invoice.lines[1], "12", 0, 12);
}

static void a_share_of_a_bill_discount_is_a_discount_of_the_line(void **state)
{
	struct fixture *fixture = *state;

	/* 4 × 27 − 1 = 107 at 8 % → net 99; weights 26, 27, 27, 27: 24.06 → 24 and 24.98 → 25. DGia 27 / 1.08 = 25. */
	for (int i = 0; i < 4; i++)
		add_line(fixture, "1", "27", 0, VAT_8);
	fixture->discounts[fixture->sale.discount_count++] = (struct sale_amount){.amount = 1};
	assert_computed(fixture, 107);
	assert_price(&fixture->invoice.lines[0], "25", 1, 24);
	assert_price(&fixture->invoice.lines[1], "25", 0, 25);
}

static void a_quantity_beyond_a_million_still_multiplies_out(void **state)
{
	struct fixture *fixture = *state;

	/* 123,456,789 × 1 at 8 % → net 114,311,842; / SLuong = 0.925926 to 6 decimals, times SLuong 114,311,851. */
	add_line(fixture, "123456789", "1", 0, VAT_8);
	assert_computed(fixture, 123456789);
	assert_price(&fixture->invoice.lines[0], "0.925926", 9, 114311842);
	/* × 10 at 10 % → net 1,122,334,445; / SLuong = 9.090909, too little: 9.09091 gives 1,122,334,557.69 → 558. */
	clear_sale(fixture);
	add_line(fixture, "123456789", "10", 0, VAT_10);
	assert_computed(fixture, 1234567890);
	assert_price(&fixture->invoice.lines[0], "9.09091", 113, 1122334445);
}

static void a_price_of_15_digits_keeps_its_amount(void **state)
{
	struct fixture *fixture = *state;

	add_line(fixture, "1", "999999999999998", 0, VAT_8);
	assert_computed(fixture, INT64_C(999999999999998));
	clear_sale(fixture);
	add_line(fixture, "0.000007", "999999999999998", 1, VAT_10);
	assert_computed(fixture, INT64_C(6999999999));
}

static void prices_without_vat_stay_and_the_share_joins_the_own_discount(void **state)
{
	struct fixture *fixture = *state;

	/* bill14 of the vectors (law R-CON-5), with 1,000 off the first line's price. */
	fixture->sale.is_vat_included = false;
	add_line(fixture, "1", "300000", 1000, VAT_8);
	add_line(fixture, "2", "120000", 0, VAT_10);
	fixture->discounts[fixture->sale.discount_count++] = (struct sale_amount){.amount = 50000};
	assert_computed(fixture, 532475);
	assert_price(&fixture->invoice.lines[0], "300000", 1000 + 27737, 271263);
	assert_price(&fixture->invoice.lines[1], "120000", 22263, 217737);
}

static void rates_without_vat_keep_the_price_of_the_till(void **state)
{
	struct fixture *fixture = *state;

	/* 0.905 × 58,900 = 53,304.5 → 53,305. */
	add_line(fixture, "0.905", "58900", 0, VAT_KCT);
	add_line(fixture, "0.905", "58900", 5, VAT_0);
	assert_computed(fixture, 53305 + 53300);
	assert_price(&fixture->invoice.lines[0], "58900", 0, 53305);
	assert_price(&fixture->invoice.lines[1], "58900", 5, 53300);
}

static void sales_invoices_carry_prices_with_tax_and_no_groups(void **state)
{
	struct fixture *fixture = *state;

	/* bill47 of the vectors. */
	fixture->seller.form = 2;
	for (int i = 0; i < 3; i++)
		add_line(fixture, "1", "20000", 0, VAT_NONE);
	fixture->discounts[fixture->sale.discount_count++] = (struct sale_amount){.amount = 10000};
	assert_computed(fixture, 50000);
	assert_price(&fixture->invoice.lines[0], "20000", 3334, 16666);
	assert_price(&fixture->invoice.lines[2], "20000", 3333, 16667);
	assert_int_equal(fixture->invoice.vat, 0);
	for (int rate = VAT_NONE; rate < VAT_COUNT; rate++)
		assert_false(fixture->invoice.groups[rate].is_present);
}

static void a_note_has_a_name_and_a_place_only(void **state)
{
	struct fixture *fixture = *state;
	const struct invoice_line *lines;

	add_line(fixture, "1", "10000", 0, VAT_8);
	fixture->lines[fixture->sale.line_count++] = (struct sale_line){.kind = LINE_NOTE, .name = "Ít đá"};
	add_line(fixture, "1", "20000", 0, VAT_8);
	assert_computed(fixture, 30000);
	lines = fixture->invoice.lines;
	assert_int_equal(fixture->invoice.line_count, 3);
	assert_int_equal(lines[1].kind, LINE_NOTE);
	assert_int_equal(lines[1].index, 2);
	assert_string_equal(lines[1].name, "Ít đá");
	assert_int_equal(lines[1].rate, VAT_NONE);
	assert_int_equal(lines[2].index, 3);
}

static void a_promotion_is_shown_with_its_price_given_away(void **state)
{
	struct fixture *fixture = *state;
	struct sale_line *free_item;

	add_line(fixture, "1", "108000", 0, VAT_8);
	free_item = add_line(fixture, "2", "10800", 21600, VAT_8);
	free_item->kind = LINE_PROMOTION;
	free_item->discount = 0; /* the till says amount 0 and nothing more (law R-TILL-5) */
	assert_int_equal(free_item->amount, 0);
	assert_computed(fixture, 108000);
	assert_int_equal(fixture->invoice.lines[1].kind, LINE_PROMOTION);
	assert_price(&fixture->invoice.lines[1], "10000", 20000, 0);
}

static void a_discount_line_goes_into_the_lines_of_its_own_rate(void **state)
{
	struct fixture *fixture = *state;

	fixture->sale.is_vat_included = false;
	add_line(fixture, "2", "29000", 0, VAT_8);
	add_line(fixture, "1", "35000", 0, VAT_10);
	add_line(fixture, "1", "42000", 0, VAT_8);
	add_discount_line(fixture, 1000, VAT_8);
	/* 1,000 × 58 / 100 and × 42 / 100; VAT 8 % of 99,000 and 10 % of 35,000. */
	assert_computed(fixture, 99000 + 7920 + 35000 + 3500);
	assert_int_equal(fixture->invoice.line_count, 3);
	assert_price(&fixture->invoice.lines[0], "29000", 580, 57420);
	assert_price(&fixture->invoice.lines[1], "35000", 0, 35000);
	assert_price(&fixture->invoice.lines[2], "42000", 420, 41580);
}

static void a_discount_line_beyond_its_rate_is_refused(void **state)
{
	struct fixture *fixture = *state;

	add_line(fixture, "1", "10000", 0, VAT_8);
	add_line(fixture, "1", "50000", 0, VAT_10);
	add_discount_line(fixture, 10000, VAT_8);
	assert_computed(fixture, 50000);
	fixture->lines[2].amount = 10001;
	assert_int_equal(compute(fixture), PROBLEM_SUM_DISCOUNT);
	assert_string_equal(fixture->problem.field, "/lines/2/amount");
	fixture->lines[2].rate = VAT_5;
	fixture->lines[2].amount = 1;
	assert_int_equal(compute(fixture), PROBLEM_SUM_DISCOUNT);
}

static void on_form_2_a_discount_line_is_taken_from_all_lines(void **state)
{
	struct fixture *fixture = *state;

	fixture->seller.form = 2;
	add_line(fixture, "1", "30000", 0, VAT_NONE);
	add_line(fixture, "1", "10000", 0, VAT_NONE);
	add_discount_line(fixture, 4000, VAT_NONE);
	assert_computed(fixture, 36000);
	assert_price(&fixture->invoice.lines[0], "30000", 3000, 27000);
	assert_price(&fixture->invoice.lines[1], "10000", 1000, 9000);
}

/* ---- surcharges (law R-TILL-4) ---- */

static void a_surcharge_is_a_line_of_its_own_at_the_only_rate(void **state)
{
	struct fixture *fixture = *state;
	const struct invoice_line *line;

	/* Law R-TILL-4, example: 1,000,000 food + 5 % → line 50,000 at 8 %; bill27 of the vectors. */
	fixture->sale.is_vat_included = false;
	add_line(fixture, "1", "1000000", 0, VAT_8);
	add_surcharge(fixture, 50000, VAT_NONE);
	assert_computed(fixture, 1134000);
	line = &fixture->invoice.lines[1];
	assert_int_equal(line->kind, LINE_GOODS);
	assert_int_equal(line->index, 2);
	assert_string_equal(line->name, "Phí phục vụ");
	assert_null(line->unit);
	assert_int_equal(line->qty.units, 1);
	assert_int_equal(line->rate, VAT_8);
	assert_price(line, "50000", 0, 50000);
}

static void on_a_mixed_bill_a_surcharge_is_split_by_the_rates_amounts(void **state)
{
	struct fixture *fixture = *state;

	/* After line discounts: 60,000 at 8 %, 40,000 at 10 %; 5,001 → 3,000.6 and 2,000.4 → 3,001 and 2,000. */
	fixture->sale.is_vat_included = false;
	add_line(fixture, "1", "70000", 0, VAT_8);
	add_line(fixture, "1", "45000", 5000, VAT_10);
	add_discount_line(fixture, 10000, VAT_8);
	add_surcharge(fixture, 5001, VAT_NONE);
	assert_computed(fixture, 63001 + 5040 + 42000 + 4200);
	assert_int_equal(fixture->invoice.line_count, 4);
	assert_int_equal(fixture->invoice.lines[2].rate, VAT_8);
	assert_int_equal(fixture->invoice.lines[3].rate, VAT_10);
	assert_int_equal(fixture->invoice.groups[VAT_8].net, 63001);
	assert_int_equal(fixture->invoice.groups[VAT_10].net, 42000);
	assert_price(&fixture->invoice.lines[3], "2000", 0, 2000);
}

static void a_surcharge_on_free_items_has_their_rate_and_is_not_lost(void **state)
{
	struct fixture *fixture = *state;

	add_line(fixture, "1", "0", 0, VAT_10);
	add_surcharge(fixture, 11000, VAT_NONE);
	assert_computed(fixture, 11000);
	assert_int_equal(fixture->invoice.lines[1].rate, VAT_10);
	assert_int_equal(fixture->invoice.net, 10000);
}

static void a_bill_discount_is_spread_over_surcharges_too(void **state)
{
	struct fixture *fixture = *state;

	/* README of the day: a surcharge counts as a line of its own; rule 2 of the bills spreads over the lines. */
	fixture->sale.is_vat_included = false;
	add_line(fixture, "1", "90000", 0, VAT_8);
	add_surcharge(fixture, 10000, VAT_10);
	fixture->discounts[fixture->sale.discount_count++] = (struct sale_amount){.amount = 1000};
	assert_computed(fixture, 89100 + 7128 + 9900 + 990);
	assert_price(&fixture->invoice.lines[0], "90000", 900, 89100);
	assert_price(&fixture->invoice.lines[1], "10000", 100, 9900);
}

/* ---- refusals ---- */

static void a_total_that_the_lines_do_not_give_is_refused_with_both_numbers(void **state)
{
	struct fixture *fixture = *state;

	/* Law R-RND-6, example. */
	add_line(fixture, "1", "100002", 0, VAT_8);
	fixture->sale.total = 100001;
	assert_int_equal(compute(fixture), PROBLEM_SUM_TOTAL);
	assert_string_equal(fixture->problem.field, "/total");
	assert_string_equal(fixture->problem.extra, "lines give 100002, total says 100001");
}

static void each_wrong_sale_is_refused_with_its_problem(void **state)
{
	struct fixture *fixture = *state;

	add_line(fixture, "1", "10000", 0, VAT_8);
	fixture->sale.total = 10000;
	fixture->invoice.number = 77;
	fixture->lines[0].amount = 10001;
	assert_int_equal(compute(fixture), PROBLEM_SUM_LINE);
	fixture->lines[0].amount = 10000;
	fixture->lines[0].rate = VAT_NONE;
	assert_int_equal(compute(fixture), PROBLEM_REQUIRED);
	fixture->lines[0].rate = VAT_COUNT;
	assert_int_equal(compute(fixture), PROBLEM_ENUM);
	fixture->lines[0].rate = VAT_8;
	fixture->seller.form = 2;
	assert_int_equal(compute(fixture), PROBLEM_FORM2_HAS_RATE);
	fixture->lines[0].rate = VAT_NONE;
	fixture->sale.is_vat_included = false;
	assert_int_equal(compute(fixture), PROBLEM_FORM2_NET_PRICE);
	fixture->seller.form = 1;
	fixture->lines[0].rate = VAT_8;
	fixture->discounts[fixture->sale.discount_count++] = (struct sale_amount){.amount = 10001};
	assert_int_equal(compute(fixture), PROBLEM_SUM_DISCOUNT);
	assert_string_equal(fixture->problem.field, "/discounts");
	fixture->discounts[0].amount = -1;
	assert_int_equal(compute(fixture), PROBLEM_MONEY_SIGN);
	/* Refused: the invoice is as it was. */
	assert_int_equal(fixture->invoice.number, 77);
}

static void sums_beyond_the_range_of_money_are_refused_and_never_wrap(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < ROWS_MAX; i++)
		add_line(fixture, "1", "999999999999999", 0, VAT_KCT);
	assert_int_equal(compute(fixture), PROBLEM_MONEY_RANGE);
	clear_sale(fixture);
	add_line(fixture, "1", "999999999", 0, VAT_8)->qty = decimal_of("999999999");
	assert_int_equal(compute(fixture), PROBLEM_MONEY_RANGE);
	assert_string_equal(fixture->problem.field, "/lines/0/amount");
}

static void only_a_sale_becomes_an_invoice(void **state)
{
	struct fixture *fixture = *state;

	add_line(fixture, "1", "10000", 0, VAT_8);
	fixture->sale.total = 10000;
	for (int kind = SALE_KIND_SALE; kind < SALE_KIND_COUNT; kind++) {
		bool is_kept = kind == SALE_KIND_PRE_BILL || kind == SALE_KIND_REPRINT || kind == SALE_KIND_NO_SALE;
		int wanted = is_kept ? PROBLEM_KIND_KEPT : PROBLEM_KIND_LATER;

		fixture->sale.kind = (enum sale_kind)kind;
		assert_int_equal(compute(fixture), kind == SALE_KIND_SALE ? 0 : wanted);
	}
}

static void a_full_arena_is_a_failure_and_no_problem(void **state)
{
	struct fixture *fixture = *state;

	add_line(fixture, "1", "10000", 0, VAT_8);
	fixture->sale.total = 10000;
	for (size_t max = 0; max < 4096; max += 64) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(max);
		int result = invoice_from_sale(
			&fixture->sale, &fixture->seller, arena, &fixture->invoice, &fixture->problem);

		assert_true(result < 0 || (result == 0 && max > 0));
	}
}

/* ---- payment and buyer ---- */

static void payments_are_named_as_law_r_till_8_says(void **state)
{
	/* Law R-TILL-8 and format 5.1, HTTToan. */
	static const struct {
		const char *wanted;
		enum payment_method methods[3];
		size_t count;
	} cases[] = {
		{"Tiền mặt", {PAYMENT_CASH}, 1},
		{"Chuyển khoản", {PAYMENT_TRANSFER}, 1},
		{"Chuyển khoản", {PAYMENT_CARD}, 1},
		{"Chuyển khoản", {PAYMENT_WALLET}, 1},
		{"Chuyển khoản", {PAYMENT_CREDIT}, 1},
		{"Chuyển khoản", {PAYMENT_CARD, PAYMENT_WALLET}, 2},
		{"Tiền mặt/Chuyển khoản", {PAYMENT_CASH, PAYMENT_WALLET}, 2},
		{"Tiền mặt/Chuyển khoản", {PAYMENT_UNKNOWN}, 1},
		{"Tiền mặt/Chuyển khoản", {PAYMENT_CASH, PAYMENT_UNKNOWN}, 2},
		{"Tiền mặt/Chuyển khoản", {0}, 0},
		{"Tiền mặt/Chuyển khoản", {PAYMENT_VOUCHER}, 1},
		{"Chuyển khoản", {PAYMENT_VOUCHER, PAYMENT_CARD}, 2},
		{"Tiền mặt", {PAYMENT_CASH, PAYMENT_VOUCHER}, 2},
	};
	struct fixture *fixture = *state;

	add_line(fixture, "1", "10000", 0, VAT_8);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fixture->sale.payment_count = cases[i].count;
		for (size_t j = 0; j < cases[i].count; j++)
			fixture->payments[j] = (struct sale_payment){.method = cases[i].methods[j], .amount = 10000};
		assert_computed(fixture, 10000);
		assert_string_equal(fixture->invoice.payment, cases[i].wanted);
	}
}

static void a_buyer_without_data_is_the_consumer_of_the_law(void **state)
{
	struct fixture *fixture = *state;

	add_line(fixture, "1", "10000", 0, VAT_8);
	assert_computed(fixture, 10000);
	assert_true(fixture->invoice.is_anonymous);
	assert_string_equal(fixture->invoice.buyer.name, "Bán cho người tiêu dùng"); /* law R-BUY-1 */
	fixture->sale.has_buyer = true;
	fixture->sale.buyer = (struct sale_buyer){.name = "", .phone = ""};
	assert_computed(fixture, 10000);
	assert_true(fixture->invoice.is_anonymous);
	assert_string_equal(fixture->invoice.buyer.name, "Bán cho người tiêu dùng");
}

static void a_buyer_without_a_name_still_fills_it(void **state)
{
	struct fixture *fixture = *state;

	add_line(fixture, "1", "10000", 0, VAT_8);
	fixture->sale.has_buyer = true;
	fixture->sale.buyer = (struct sale_buyer){.phone = "0900000000"};
	assert_computed(fixture, 10000);
	assert_false(fixture->invoice.is_anonymous);
	assert_string_equal(fixture->invoice.buyer.name, "Bán cho người tiêu dùng");
	assert_string_equal(fixture->invoice.buyer.phone, "0900000000");
	fixture->sale.buyer.contact_name = "Khách Mẫu A";
	assert_computed(fixture, 10000);
	assert_string_equal(fixture->invoice.buyer.name, "Khách Mẫu A");
	fixture->sale.buyer.name = "Công ty Mẫu";
	assert_computed(fixture, 10000);
	assert_string_equal(fixture->invoice.buyer.name, "Công ty Mẫu");
}

static void the_tax_code_of_a_branch_gets_its_hyphen(void **state)
{
	struct fixture *fixture = *state;

	/* tc051 of the vectors. */
	add_line(fixture, "1", "10000", 0, VAT_8);
	fixture->sale.has_buyer = true;
	fixture->sale.buyer = (struct sale_buyer){.name = "Chi nhánh Mẫu", .tax_code = "9878221578001"};
	assert_computed(fixture, 10000);
	assert_string_equal(fixture->invoice.buyer.tax_code, "9878221578-001");
	/* tc017: a wrong check digit never blocks (law R-BUY-5); a wrong shape does. */
	fixture->sale.buyer.tax_code = "9965576140";
	assert_computed(fixture, 10000);
	assert_string_equal(fixture->invoice.buyer.tax_code, "9965576140");
	fixture->sale.buyer.tax_code = "12345678";
	assert_int_equal(compute(fixture), PROBLEM_TAX_CODE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_price_with_vat_and_no_discount_becomes_amount_by_quantity),
		TEST(a_discounted_price_with_vat_is_divided_and_the_rest_is_discount),
		TEST(a_discount_that_rounds_away_is_left_out),
		TEST(a_discount_that_would_turn_negative_gives_way_to_the_amount),
		TEST(a_share_of_a_bill_discount_is_a_discount_of_the_line),
		TEST(a_quantity_beyond_a_million_still_multiplies_out),
		TEST(a_price_of_15_digits_keeps_its_amount),
		TEST(prices_without_vat_stay_and_the_share_joins_the_own_discount),
		TEST(rates_without_vat_keep_the_price_of_the_till),
		TEST(sales_invoices_carry_prices_with_tax_and_no_groups),
		TEST(a_note_has_a_name_and_a_place_only),
		TEST(a_promotion_is_shown_with_its_price_given_away),
		TEST(a_discount_line_goes_into_the_lines_of_its_own_rate),
		TEST(a_discount_line_beyond_its_rate_is_refused),
		TEST(on_form_2_a_discount_line_is_taken_from_all_lines),
		TEST(a_surcharge_is_a_line_of_its_own_at_the_only_rate),
		TEST(on_a_mixed_bill_a_surcharge_is_split_by_the_rates_amounts),
		TEST(a_surcharge_on_free_items_has_their_rate_and_is_not_lost),
		TEST(a_bill_discount_is_spread_over_surcharges_too),
		TEST(a_total_that_the_lines_do_not_give_is_refused_with_both_numbers),
		TEST(each_wrong_sale_is_refused_with_its_problem),
		TEST(sums_beyond_the_range_of_money_are_refused_and_never_wrap),
		TEST(only_a_sale_becomes_an_invoice),
		TEST(a_full_arena_is_a_failure_and_no_problem),
		TEST(payments_are_named_as_law_r_till_8_says),
		TEST(a_buyer_without_data_is_the_consumer_of_the_law),
		TEST(a_buyer_without_a_name_still_fills_it),
		TEST(the_tax_code_of_a_branch_gets_its_hyphen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
