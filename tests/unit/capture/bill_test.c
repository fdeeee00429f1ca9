/* From what a receipt says to a sale: kinds, rates, prices, sums, numbers. Readings are made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "capture/bill.h"

#define LINES 3

struct lab {
	struct arena *arena;
	struct catalogue *catalogue;
	struct reading_line lines[LINES];
	struct reading_amount discount;
	struct reading_tax tax;
	struct reading_payment payment;
	struct reading reading;
	struct bill_till till;
	struct sale sale;
	struct problem problem;
};

static struct reading_line line(const char *name, int64_t qty, int scale, int64_t price, int64_t amount)
{
	return (struct reading_line){.name = name,
		.qty = {qty, scale},
		.has_qty = true,
		.unit_price = {price, 0},
		.has_unit_price = price > 0,
		.amount = amount,
		.has_amount = true};
}

static int set_up(void **state)
{
	static const char text[] =
		"code,name,unit,vat_rate,class\nP,Phở bò,tô,8,reduced\nB,Bia,lon,10,excise\n,Gạo,kg,5,\n"
		",Bò,kg,5,\n,Bơ,kg,8,\n";
	struct lab *lab = calloc(1, sizeof(*lab));

	*state = lab;
	if (!lab)
		return -1;
	lab->arena = arena_new((size_t)1 << 20);
	lab->lines[0] = line("PHO BO", 2, 0, 0, 130000);
	lab->lines[1] = line("Bia", 3, 0, 15000, 40000);
	lab->lines[1].discount = 5000;
	lab->lines[2] = line("Gạo", 75, 2, 32000, 24000);
	lab->discount = (struct reading_amount){"Giảm giá", 4000};
	lab->payment = (struct reading_payment){METHOD_CASH, "Tiền mặt", 200000};
	lab->reading = (struct reading){.kind = READING_SALE,
		.bill_no = "HD-7",
		.sold_at = {true, 2026, 11, 22, 12, 35, 0},
		.lines = lab->lines,
		.line_count = LINES,
		.discounts = &lab->discount,
		.discount_count = 1,
		.payments = &lab->payment,
		.payment_count = 1,
		.total = 190000,
		.has_total = true};
	lab->till = (struct bill_till){
		.till_id = "QUAY1", .is_vat_included = true, .has_rates = true, .received_at = INT64_C(1795324800000)};
	return lab->arena ? catalogue_read(text, sizeof(text) - 1, &lab->catalogue, NULL) : -1;
}

static int tear_down(void **state)
{
	struct lab *lab = *state;

	catalogue_free(lab->catalogue);
	arena_free(lab->arena);
	free(lab);
	return 0;
}

static int make(struct lab *lab)
{
	lab->problem = (struct problem){0};
	return bill_sale(lab->arena, &lab->reading, lab->catalogue, &lab->till, &lab->sale, &lab->problem);
}

static void assert_problem(struct lab *lab, enum problem_code code, const char *field, const char *extra)
{
	memset(&lab->sale, 0, sizeof(lab->sale));
	assert_int_equal(make(lab), code);
	assert_int_equal(lab->problem.code, code);
	assert_string_equal(lab->problem.field, field);
	assert_string_equal(lab->problem.extra, extra);
	assert_null(lab->sale.till_id);
}

static void a_reading_becomes_a_sale(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(make(lab), 0);
	assert_string_equal(lab->sale.till_id, "QUAY1");
	assert_string_equal(lab->sale.bill_no, "HD-7");
	assert_int_equal(lab->sale.kind, SALE_KIND_SALE);
	assert_int_equal(lab->sale.business_day, 20261122);
	assert_int_equal(lab->sale.sold_at, clock_ms((struct civil){2026, 11, 22, 12, 35, 0, 0}));
	assert_true(lab->sale.is_vat_included);
	assert_int_equal(lab->sale.line_count, LINES);
	assert_string_equal(lab->sale.lines[0].name, "PHO BO");
	assert_int_equal(lab->sale.lines[0].rate, VAT_8);
	assert_string_equal(lab->sale.lines[0].item_class, "reduced");
	assert_string_equal(lab->sale.lines[0].unit, "tô");
	assert_int_equal(lab->sale.lines[0].unit_price.units, 65000);
	assert_int_equal(lab->sale.lines[1].rate, VAT_10);
	assert_int_equal(lab->sale.lines[1].discount, 5000);
	assert_int_equal(lab->sale.lines[2].rate, VAT_5);
	assert_int_equal(lab->sale.discounts[0].amount, 4000);
	assert_int_equal(lab->sale.payments[0].method, PAYMENT_CASH);
	assert_int_equal(lab->sale.total, 190000);
	assert_string_equal(lab->sale.ext, "{\"derived_prices\":[1]}");
	assert_false(lab->sale.has_buyer);
}

static void kinds_stay_what_they_are(void **state)
{
	static const enum sale_kind expected[READING_KIND_COUNT] = {SALE_KIND_SALE, SALE_KIND_PRE_BILL,
		SALE_KIND_REPRINT, SALE_KIND_NO_SALE, SALE_KIND_VOID, SALE_KIND_RETURN, SALE_KIND_NO_SALE};
	struct lab *lab = *state;

	for (int i = 0; i < READING_KIND_COUNT; i++) {
		lab->reading.kind = (enum reading_kind)i;
		assert_int_equal(make(lab), 0);
		assert_int_equal(lab->sale.kind, expected[i]);
	}
	/* What is never issued needs no rate and no sum. */
	lab->lines[0] = line("Không có", 1, 0, 0, 7);
	lab->reading.has_total = false;
	lab->reading.kind = READING_KITCHEN;
	lab->reading.bill_no = NULL;
	lab->reading.table = "Bàn 5";
	assert_int_equal(make(lab), 0);
	assert_int_equal(lab->sale.kind, SALE_KIND_NO_SALE);
	/* What ties it to its bill. */
	assert_string_equal(lab->sale.ext, "{\"paper\":\"kitchen\"}");
	assert_string_equal(lab->sale.order_ref, "Bàn 5");
	/* A line without a price is but a name; one whose price can be told keeps it. */
	lab->lines[0].has_amount = false;
	assert_int_equal(make(lab), 0);
	assert_int_equal(lab->sale.lines[0].kind, LINE_NOTE);
	assert_string_equal(lab->sale.lines[0].name, "Không có");
	lab->lines[0] = line("Không có", 2, 0, 0, 14);
	assert_int_equal(make(lab), 0);
	assert_int_equal(lab->sale.lines[0].kind, LINE_GOODS);
	assert_int_equal(lab->sale.lines[0].unit_price.units, 7);
	lab->lines[0] = line("Không có", 1, 0, 0, 7);
	lab->reading.kind = READING_RETURN;
	lab->reading.refers_to = "HD-3";
	assert_problem(lab, PROBLEM_CATALOGUE_UNKNOWN, "/lines/0/name", "Không có");
	lab->lines[0] = line("Phở bò", 1, 0, 65000, 130000);
	lab->reading.has_total = true;
	lab->reading.bill_no = "R-1";
	assert_int_equal(make(lab), 0);
	assert_true(lab->sale.has_reference);
	assert_string_equal(lab->sale.refers_to.bill_no, "HD-3");
	assert_string_equal(lab->sale.refers_to.till_id, "QUAY1");
}

static void a_rate_is_never_guessed(void **state)
{
	struct lab *lab = *state;

	lab->lines[1].name = "Bia hơi";
	assert_problem(lab, PROBLEM_CATALOGUE_UNKNOWN, "/lines/1/name", "Bia hơi");
	lab->lines[1].name = "BO";
	assert_problem(lab, PROBLEM_CATALOGUE_AMBIGUOUS, "/lines/1/name", "BO");
	/* Form 2 has no rates, and asks nobody. */
	lab->till.has_rates = false;
	assert_int_equal(bill_sale(lab->arena, &lab->reading, NULL, &lab->till, &lab->sale, &lab->problem), 0);
	assert_int_equal(lab->sale.lines[0].rate, VAT_NONE);
	assert_null(lab->sale.lines[0].item_class);
}

static void a_code_finds_what_its_name_does_not(void **state)
{
	struct lab *lab = *state;

	lab->lines[1].name = "BIA LON 333 CHAI";
	lab->lines[1].code = "B";
	assert_int_equal(make(lab), 0);
	assert_int_equal(lab->sale.lines[1].rate, VAT_10);
	assert_string_equal(lab->sale.lines[1].name, "BIA LON 333 CHAI");
}

static void a_price_is_derived_only_where_it_is_exact(void **state)
{
	struct lab *lab = *state;

	lab->lines[0] = line("Phở bò", 3, 0, 0, 130000);
	assert_problem(lab, PROBLEM_BILL_PRICE, "/lines/0/unit_price", "Phở bò");
	lab->lines[0] = line("Phở bò", 0, 0, 0, 130000);
	assert_problem(lab, PROBLEM_BILL_PRICE, "/lines/0/unit_price", "Phở bò");
	lab->lines[0] = line("Phở bò", 16, 1, 0, 130000);
	assert_int_equal(make(lab), 0);
	assert_int_equal(lab->sale.lines[0].unit_price.units, 81250);
	assert_int_equal(lab->sale.lines[0].unit_price.scale, 0);
	/* The discount of the line comes off behind the price. */
	lab->lines[0].discount = 30000;
	assert_int_equal(make(lab), 0);
	assert_int_equal(lab->sale.lines[0].unit_price.units, 100000);
}

static void sums_close_before_a_sale_comes_out(void **state)
{
	struct lab *lab = *state;

	lab->reading.total = 190001;
	assert_problem(lab, PROBLEM_SUM_TOTAL, "/total", "lines give 190000, total says 190001");
	lab->reading.has_total = false;
	assert_problem(lab, PROBLEM_REQUIRED, "/total", "");
	lab->reading.has_total = true;
	/* Tax on top counts where prices do not hold it, and nowhere else. */
	lab->tax = (struct reading_tax){.label = "VAT", .amount = 9500};
	lab->reading.taxes = &lab->tax;
	lab->reading.tax_count = 1;
	lab->reading.total = 199500;
	assert_problem(lab, PROBLEM_SUM_TOTAL, "/total", "lines give 190000, total says 199500");
	lab->till.is_vat_included = false;
	assert_int_equal(make(lab), 0);
	lab->reading.is_vat_included = true;
	assert_problem(lab, PROBLEM_BILL_VAT, "/prices_include_vat", "");
}

static void what_is_missing_is_named(void **state)
{
	struct lab *lab = *state;

	lab->lines[2].has_qty = false;
	assert_problem(lab, PROBLEM_REQUIRED, "/lines/2/qty", "");
	lab->lines[2].has_amount = !(lab->lines[2].has_qty = true);
	assert_problem(lab, PROBLEM_REQUIRED, "/lines/2/amount", "");
	lab->lines[2] = line("Gạo", 1, 0, 24000, -24000);
	assert_problem(lab, PROBLEM_MONEY_SIGN, "/lines/2/amount", "");
	lab->reading.sold_at.month = 13;
	assert_problem(lab, PROBLEM_DATE_FORMAT, "/sold_at", "");
}

static void what_nobody_understood_is_no_sale(void **state)
{
	struct lab *lab = *state;

	lab->reading.review = REVIEW_AMOUNT;
	lab->reading.review_line = 12;
	assert_problem(lab, PROBLEM_BILL_REVIEW, "", "amount 12");
	assert_true(problem_is_parked(lab->problem.code));
}

static void a_paper_without_a_number_is_told_from_others(void **state)
{
	struct lab *lab = *state;
	char first[64];

	lab->reading.bill_no = NULL;
	assert_int_equal(make(lab), 0);
	snprintf(first, sizeof(first), "%s", lab->sale.bill_no);
	assert_int_equal(first[0], '~');
	assert_int_equal(strlen(first), 33);
	/* Printed again, later: the same. */
	lab->till.received_at += 3600000;
	assert_int_equal(make(lab), 0);
	assert_string_equal(lab->sale.bill_no, first);
	/* An equal bowl a minute later, and another bill in the same minute: others. */
	lab->reading.sold_at.minute++;
	assert_int_equal(make(lab), 0);
	assert_string_not_equal(lab->sale.bill_no, first);
	lab->reading.sold_at.minute--;
	lab->reading.table = "Bàn 3";
	assert_int_equal(make(lab), 0);
	assert_string_not_equal(lab->sale.bill_no, first);
	/* Neither number nor time of day: nobody can tell. */
	lab->reading.sold_at.hour = lab->reading.sold_at.minute = 0;
	assert_problem(lab, PROBLEM_BILL_NUMBER, "/bill_no", "");
	lab->reading.sold_at.has_date = false;
	assert_problem(lab, PROBLEM_BILL_NUMBER, "/bill_no", "");
	/* A number is enough: the time is that of the arrival. */
	lab->reading.bill_no = "8";
	assert_int_equal(make(lab), 0);
	assert_int_equal(lab->sale.sold_at, lab->till.received_at);
}

static void assert_unread(struct lab *lab, enum problem_code code, const char *field, const char *extra)
{
	assert_int_equal(bill_unread(lab->arena, &lab->reading, &lab->till, &lab->problem, &lab->sale), 0);
	assert_int_equal(lab->problem.code, code);
	assert_string_equal(lab->problem.field, field);
	assert_string_equal(lab->problem.extra, extra);
	assert_int_equal(lab->sale.line_count, 0);
	assert_string_equal(lab->sale.till_id, "QUAY1");
}

static void what_is_no_sale_is_kept_without_lines(void **state)
{
	struct lab *lab = *state;

	lab->reading.review = REVIEW_AMOUNT;
	lab->reading.review_line = 12;
	assert_int_equal(make(lab), PROBLEM_BILL_REVIEW);
	assert_unread(lab, PROBLEM_BILL_REVIEW, "", "amount 12");
	assert_string_equal(lab->sale.bill_no, "HD-7");
	assert_int_equal(lab->sale.kind, SALE_KIND_SALE);
	assert_int_equal(lab->sale.total, 190000);
	assert_int_equal(lab->sale.sold_at, clock_ms((struct civil){2026, 11, 22, 12, 35, 0, 0}));
	assert_int_equal(lab->sale.business_day, 20261122);
	assert_string_equal(lab->sale.ext, "{\"review\":{\"line\":12,\"word\":\"amount\"}}");
	/* What would be refused, or be sent again, is for a person too. */
	lab->reading.review = REVIEW_NONE;
	lab->reading.total = 190001;
	assert_int_equal(make(lab), PROBLEM_SUM_TOTAL);
	assert_unread(lab, PROBLEM_BILL_REVIEW, "/total", "sum.total: lines give 190000, total says 190001");
	assert_null(lab->sale.ext);
	lab->lines[0].name = "Không có";
	assert_int_equal(make(lab), PROBLEM_CATALOGUE_UNKNOWN);
	assert_unread(lab, PROBLEM_CATALOGUE_UNKNOWN, "/lines/0/name", "Không có");
}

/* Nothing is known but when it came, and yet no two are the same. */
static void what_says_nothing_has_a_number_and_a_time(void **state)
{
	struct lab *lab = *state;
	char first[64];

	lab->reading = (struct reading){
		.kind = READING_SALE, .sold_at = {true, 2026, 2, 30, 7, 0, 0}, .total = -5, .has_total = true};
	problem_set(&lab->problem, PROBLEM_PAPER_UNREAD, "%s", "");
	assert_unread(lab, PROBLEM_PAPER_UNREAD, "", "");
	assert_int_equal(lab->sale.sold_at, lab->till.received_at);
	assert_int_equal(lab->sale.business_day, 20261122);
	assert_int_equal(lab->sale.total, 0);
	lab->reading.sold_at.has_date = false;
	lab->reading.bill_no = "123456789012345678901234567890123456789012345678901";
	assert_unread(lab, PROBLEM_PAPER_UNREAD, "", "");
	assert_int_equal(lab->sale.bill_no[0], '~');
	snprintf(first, sizeof(first), "%s", lab->sale.bill_no);
	assert_unread(lab, PROBLEM_PAPER_UNREAD, "", "");
	assert_string_equal(lab->sale.bill_no, first);
	lab->till.received_at++;
	assert_unread(lab, PROBLEM_PAPER_UNREAD, "", "");
	assert_string_not_equal(lab->sale.bill_no, first);
}

static void no_sale_says_more_than_can_be_read_again(void **state)
{
	struct lab *lab = *state;
	char long_text[512];

	memset(long_text, 'a', sizeof(long_text));
	long_text[501] = '\0';
	lab->reading.kind = READING_PRE_BILL; /* of any kind */
	lab->lines[0].name = long_text;
	assert_problem(lab, PROBLEM_TEXT_LENGTH, "/lines", "");
	lab->lines[0].name = long_text + 1;
	assert_int_equal(make(lab), 0);
	lab->discount.label = long_text + 400;
	assert_problem(lab, PROBLEM_TEXT_LENGTH, "/discounts", "");
	lab->discount.label = "KM";
	lab->lines[1].unit = long_text + 450;
	assert_problem(lab, PROBLEM_TEXT_LENGTH, "/lines", "");
	lab->lines[1].unit = NULL;
	lab->reading.bill_no = long_text + 450;
	assert_problem(lab, PROBLEM_TEXT_LENGTH, "/bill_no", "");
	lab->reading.bill_no = "7";
	lab->payment.amount = -1;
	assert_problem(lab, PROBLEM_MONEY_SIGN, "/payments", "");
	lab->payment.amount = INT64_C(1000000000000000);
	assert_problem(lab, PROBLEM_MONEY_RANGE, "/payments", "");
	lab->payment.amount = 1;
	lab->reading.total = -1;
	assert_problem(lab, PROBLEM_MONEY_SIGN, "/total", "");
	lab->reading.total = 1;
	lab->lines[1].qty = (struct decimal){INT64_C(1000000000), 0};
	assert_problem(lab, PROBLEM_QTY_RANGE, "/lines", "");
	lab->lines[1].qty = (struct decimal){INT64_C(9999999999), 1};
	assert_int_equal(make(lab), 0);
}

static void a_buyer_is_somebody(void **state)
{
	struct lab *lab = *state;

	lab->reading.buyer = "Khách lẻ";
	assert_int_equal(make(lab), 0);
	assert_false(lab->sale.has_buyer);
	lab->reading.buyer = "Nguyễn Văn Ấm";
	assert_int_equal(make(lab), 0);
	assert_true(lab->sale.has_buyer);
	assert_string_equal(lab->sale.buyer.name, "Nguyễn Văn Ấm");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_reading_becomes_a_sale),
		TEST(kinds_stay_what_they_are),
		TEST(what_is_no_sale_is_kept_without_lines),
		TEST(what_says_nothing_has_a_number_and_a_time),
		TEST(no_sale_says_more_than_can_be_read_again),
		TEST(a_rate_is_never_guessed),
		TEST(a_code_finds_what_its_name_does_not),
		TEST(a_price_is_derived_only_where_it_is_exact),
		TEST(sums_close_before_a_sale_comes_out),
		TEST(what_is_missing_is_named),
		TEST(what_nobody_understood_is_no_sale),
		TEST(a_paper_without_a_number_is_told_from_others),
		TEST(a_buyer_is_somebody),
	};

	return cmocka_run_group_tests_name("capture/bill", tests, NULL, NULL);
}
