/* rules_check, rules_seller_missing, rules_place: law R-CON-2 to R-CON-4, R-RND-2, R-RND-6, R-TILL-8, R-VAT-4, R-NUM-3, R-NY-1 to R-NY-6. */
#include "cases.h"

#include "base/clock.h"
#include "core/law.h"
#include "core/rules.h"

#define NOW_MS	  INT64_C(1795327200000) /* 2026-11-22T13:00:00+07:00 */
#define HOUR_MS	  INT64_C(3600000)
#define LINES_MAX 4

static const struct till tills[] = {{.id = "T01"}};

struct fixture {
	struct seller seller;
	struct sale sale;
	struct sale_line lines[LINES_MAX];
	struct sale_amount discount, surcharge;
	struct sale_payment payment;
	struct problem problem;
};

static struct sale_line goods(const char *name, int64_t price, enum vat_rate rate)
{
	return (struct sale_line){.kind = LINE_GOODS,
		.name = name,
		.qty = {.units = 1},
		.unit_price = {.units = price},
		.amount = price,
		.rate = rate};
}

/* The base sale of samples hostile-api without its discount: 58,000 and 35,000 at 8 %. */
static void reset(struct fixture *f)
{
	*f = (struct fixture){
		.seller = {.tax_code = "9843395735",
			.name = "Quán Ví Dụ",
			.address = "Hà Nội",
			.form = 1,
			.code_flag = 'C',
			.suffix = "AA",
			.key = "QZ7XW",
			.provider_tax_code = "9900000030",
			.profile = profile_find("2.1.0"),
			.generic_names = "tiền ăn|đồ uống",
			.tills = tills,
			.till_count = 1},
		.lines = {goods("Cà phê sữa đá", 58000, VAT_8), goods("Bánh mì ốp la", 35000, VAT_8)},
	};
	f->sale = (struct sale){.till_id = "T01",
		.bill_no = "1",
		.kind = SALE_KIND_SALE,
		.sold_at = NOW_MS - HOUR_MS,
		.business_day = 20261122,
		.is_vat_included = true,
		.lines = f->lines,
		.line_count = 2,
		.discounts = &f->discount,
		.surcharges = &f->surcharge,
		.payments = &f->payment,
		.total = 93000};
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	if (!fixture)
		return -1;
	reset(fixture);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void assert_passes(struct fixture *f)
{
	if (rules_check(&f->sale, &f->seller, NOW_MS, &f->problem) != 0)
		fail_msg("%s %s %s", problem_kind(f->problem.code)->code, f->problem.field, f->problem.extra);
	reset(f);
}

static void assert_problem(struct fixture *f, enum problem_code code, const char *field)
{
	assert_int_equal(rules_check(&f->sale, &f->seller, NOW_MS, &f->problem), code);
	assert_int_equal(f->problem.code, code);
	assert_string_equal(f->problem.field, field);
	reset(f);
}

static void a_sound_sale_may_be_issued(void **state)
{
	struct fixture *f = *state;

	assert_passes(f);
}

static void a_sale_of_an_unknown_till_or_without_names_is_refused(void **state)
{
	struct fixture *f = *state;

	f->sale.till_id = "T09";
	assert_problem(f, PROBLEM_TILL_UNKNOWN, "/till_id");
	f->sale.till_id = "";
	assert_problem(f, PROBLEM_REQUIRED, "/till_id");
	f->sale.bill_no = NULL;
	assert_problem(f, PROBLEM_REQUIRED, "/bill_no");
	/* Law R-CON-2. */
	f->lines[1].name = "";
	assert_problem(f, PROBLEM_REQUIRED, "/lines/1/name");
	f->sale.line_count = 0;
	assert_problem(f, PROBLEM_REQUIRED, "/lines");
}

static void a_late_sale_is_taken_and_an_impossible_time_is_not(void **state)
{
	struct fixture *f = *state;

	/* Cases A083 to A085 of samples hostile-api; the till's clock may run ahead by an hour. */
	f->sale.sold_at = NOW_MS + HOUR_MS;
	assert_passes(f);
	f->sale.sold_at = NOW_MS + HOUR_MS + 1;
	assert_problem(f, PROBLEM_DATE_RANGE, "/sold_at");
	f->sale.sold_at = INT64_C(-62135622000000); /* 0001-01-01T00:00:00+07:00 */
	assert_problem(f, PROBLEM_DATE_RANGE, "/sold_at");
	f->sale.sold_at = clock_ms((struct civil){.year = 2016, .month = 11, .day = 22, .hour = 12, .minute = 59});
	assert_problem(f, PROBLEM_DATE_RANGE, "/sold_at");
	f->sale.sold_at = clock_ms((struct civil){.year = 2016, .month = 11, .day = 22, .hour = 13});
	f->lines[0].rate = f->lines[1].rate = VAT_10;
	assert_passes(f);
}

static void form_1_needs_a_rate_and_form_2_has_none(void **state)
{
	struct fixture *f = *state;

	f->lines[1].rate = VAT_NONE;
	assert_problem(f, PROBLEM_REQUIRED, "/lines/1/vat_rate");
	f->seller.form = 2;
	assert_problem(f, PROBLEM_FORM2_HAS_RATE, "/lines/0/vat_rate");
	f->seller.form = 2;
	f->sale.is_vat_included = false;
	assert_problem(f, PROBLEM_FORM2_NET_PRICE, "/prices_include_vat");
	f->seller.form = 2;
	f->lines[0].rate = f->lines[1].rate = VAT_NONE;
	f->surcharge = (struct sale_amount){"Phí", 1000, VAT_8};
	f->sale.surcharge_count = 1;
	f->sale.total += 1000;
	assert_problem(f, PROBLEM_FORM2_HAS_RATE, "/surcharges/0/vat_rate");
	f->seller.form = 2;
	f->lines[0].rate = f->lines[1].rate = VAT_NONE;
	assert_passes(f);
}

static void a_line_is_the_rounded_product_less_its_discount(void **state)
{
	struct fixture *f = *state;

	/* 2 × 29,000.25 = 58,000.5 rounds up (case A058, law R-RND-2). */
	f->lines[0].qty.units = 2;
	f->lines[0].unit_price = (struct decimal){2900025, 2};
	f->lines[0].amount = 58001;
	f->sale.total = 93001;
	assert_passes(f);
	f->lines[0].qty.units = 2;
	f->lines[0].unit_price = (struct decimal){2900025, 2};
	assert_problem(f, PROBLEM_SUM_LINE, "/lines/0/amount");
	f->lines[1].discount = 35001;
	assert_problem(f, PROBLEM_SUM_DISCOUNT, "/lines/1/discount");
	/* 999,999,999 × 999,999,999 is beyond 15 digits (case A059). */
	f->lines[0].qty.units = 999999999;
	f->lines[0].unit_price.units = 999999999;
	assert_problem(f, PROBLEM_MONEY_RANGE, "/lines/0/amount");
}

static void signs_and_quantities_of_other_dialects_are_checked_too(void **state)
{
	struct fixture *f = *state;

	f->lines[0].unit_price.units = -1;
	assert_problem(f, PROBLEM_MONEY_SIGN, "/lines/0/unit_price");
	f->lines[0].discount = -1;
	assert_problem(f, PROBLEM_MONEY_SIGN, "/lines/0/discount");
	f->lines[0].amount = -1;
	assert_problem(f, PROBLEM_MONEY_SIGN, "/lines/0/amount");
	f->lines[0].qty.units = 0;
	assert_problem(f, PROBLEM_QTY_RANGE, "/lines/0/qty");
	f->sale.total = -93000;
	assert_problem(f, PROBLEM_MONEY_SIGN, "/total");
	f->sale.tip = -1;
	assert_problem(f, PROBLEM_MONEY_SIGN, "/tip");
	f->sale.discount_count = 1;
	f->discount = (struct sale_amount){"x", -1, VAT_NONE};
	assert_problem(f, PROBLEM_MONEY_SIGN, "/discounts/0/amount");
}

static void the_total_is_lines_less_discounts_plus_surcharges(void **state)
{
	struct fixture *f = *state;

	f->sale.total = 93001;
	assert_int_equal(rules_check(&f->sale, &f->seller, NOW_MS, &f->problem), PROBLEM_SUM_TOTAL);
	assert_string_equal(f->problem.extra, "lines give 93000, total says 93001");
	reset(f);
	f->discount = (struct sale_amount){"Chiết khấu", 3000, VAT_NONE};
	f->surcharge = (struct sale_amount){"Phí phục vụ", 5000, VAT_8};
	f->lines[2] = (struct sale_line){.kind = LINE_DISCOUNT, .name = "Thẻ", .amount = 1000, .rate = VAT_8};
	f->lines[3] = (struct sale_line){.kind = LINE_NOTE, .name = "Ít đá"};
	f->sale.discount_count = f->sale.surcharge_count = 1;
	f->sale.line_count = 4;
	f->sale.total = 58000 + 35000 - 3000 + 5000 - 1000;
	assert_passes(f);
	f->sale.discount_count = 1;
	f->discount = (struct sale_amount){"x", 93001, VAT_NONE};
	assert_problem(f, PROBLEM_SUM_DISCOUNT, "/discounts");
	/* Nothing at 10 % is there to take it from. */
	f->lines[2] = (struct sale_line){.kind = LINE_DISCOUNT, .name = "Thẻ", .amount = 1000, .rate = VAT_10};
	f->sale.line_count = 3;
	f->sale.total = 92000;
	assert_problem(f, PROBLEM_SUM_DISCOUNT, "/lines/2/amount");
}

static void sums_of_the_largest_amounts_do_not_wrap(void **state)
{
	enum { COUNT = 9999 };
	struct fixture *f = *state;
	struct sale_line *lines = calloc(COUNT, sizeof(*lines));

	assert_non_null(lines);
	for (int i = 0; i < COUNT; i++)
		lines[i] = goods("x", INT64_C(999999999999999), VAT_8);
	f->sale.lines = lines;
	f->sale.line_count = COUNT;
	/* 9,999 × 999,999,999,999,999 mod 2^64, as a sum of 64 bits would give it. */
	f->sale.total = (int64_t)(UINT64_C(9999) * UINT64_C(999999999999999));
	assert_true(f->sale.total < 0);
	f->sale.total = -f->sale.total;
	assert_problem(f, PROBLEM_SUM_TOTAL, "/total");
	free(lines);
}

static void prices_without_vat_give_the_total_of_the_invoice(void **state)
{
	struct fixture *f = *state;

	/* Cases A163, A164: 90,000 + 8 % = 97,200. */
	f->sale.is_vat_included = false;
	f->discount = (struct sale_amount){"Chiết khấu", 3000, VAT_NONE};
	f->sale.discount_count = 1;
	f->sale.total = 97200;
	assert_passes(f);
	f->sale.is_vat_included = false;
	assert_problem(f, PROBLEM_SUM_TOTAL, "/total");
	/* Also where only a person can go on: what is wrong in itself comes first. */
	f->sale.is_vat_included = false;
	f->sale.kind = SALE_KIND_VOID;
	assert_problem(f, PROBLEM_SUM_TOTAL, "/total");
}

static void payments_cover_the_total_or_are_not_given(void **state)
{
	struct fixture *f = *state;

	f->sale.payment_count = 1;
	f->payment = (struct sale_payment){.method = PAYMENT_CASH, .amount = 92999};
	assert_problem(f, PROBLEM_SUM_PAYMENT, "/payments");
	f->sale.payment_count = 1;
	f->payment.amount = 93000;
	assert_passes(f);
	f->sale.payment_count = 1;
	f->payment.amount = 100000;
	assert_passes(f);
	f->sale.payment_count = 1;
	f->payment.amount = -1;
	assert_problem(f, PROBLEM_MONEY_SIGN, "/payments/0/amount");
}

static void a_tax_code_is_refused_for_its_shape_only(void **state)
{
	struct fixture *f = *state;

	/* Cases A170, A171. */
	f->sale.has_buyer = true;
	f->sale.buyer.tax_code = "990000004";
	assert_problem(f, PROBLEM_TAX_CODE, "/buyer/tax_code");
	f->sale.has_buyer = true;
	f->sale.buyer.tax_code = "9900000049";
	assert_passes(f);
	f->sale.has_buyer = true;
	f->sale.buyer.personal_id = "09908500000";
	assert_problem(f, PROBLEM_PERSONAL_ID, "/buyer/personal_id");
	f->sale.has_buyer = true;
	f->sale.buyer.budget_code = "12345678";
	assert_problem(f, PROBLEM_BUDGET_CODE, "/buyer/budget_code");
}

static void only_a_sale_is_issued_by_itself(void **state)
{
	static const struct {
		enum sale_kind kind;
		enum problem_code code;
	} kinds[] = {
		{SALE_KIND_VOID, PROBLEM_KIND_LATER},
		{SALE_KIND_DEPOSIT, PROBLEM_KIND_LATER},
		{SALE_KIND_PRE_BILL, PROBLEM_KIND_KEPT},
		{SALE_KIND_REPRINT, PROBLEM_KIND_KEPT},
		{SALE_KIND_NO_SALE, PROBLEM_KIND_KEPT},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		f->sale.kind = kinds[i].kind;
		assert_problem(f, kinds[i].code, "/kind");
	}
	f->sale.kind = SALE_KIND_RETURN;
	assert_problem(f, PROBLEM_REFERS_TO_REQUIRED, "/refers_to");
	f->sale.kind = SALE_KIND_RETURN;
	f->sale.has_reference = true;
	assert_problem(f, PROBLEM_KIND_LATER, "/kind");
	f->sale.kind = SALE_KIND_PRE_BILL;
	f->sale.total = 1;
	assert_problem(f, PROBLEM_SUM_TOTAL, "/total");
}

static void a_line_that_only_says_food_is_parked(void **state)
{
	static const char *const generic[] = {"Tiền ăn", "TIEN AN", "tiền Ăn", "Đồ uống"};
	static const char *const dishes[] = {"Tiền ăn trưa", "ăn", "Cơm tấm", "x"};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(generic); i++) {
		f->lines[1].name = generic[i];
		assert_problem(f, PROBLEM_NAME_GENERIC, "/lines/1/name");
	}
	for (size_t i = 0; i < ARRAY_LEN(dishes); i++) {
		f->lines[1].name = dishes[i];
		assert_passes(f);
	}
	assert_true(problem_is_parked(PROBLEM_NAME_GENERIC));
	f->lines[1].name = "Tiền ăn";
	f->seller.generic_names = NULL;
	assert_passes(f);
}

static void a_rate_fits_the_day_of_the_sale_and_the_class(void **state)
{
	struct fixture *f = *state;

	/* Law R-VAT-2: 8 % since 2025-07-01. */
	f->sale.sold_at = clock_ms((struct civil){.year = 2025, .month = 6, .day = 30, .hour = 23, .minute = 59});
	assert_problem(f, PROBLEM_RATE_CLASS, "/lines/0/vat_rate");
	f->lines[1].item_class = "excise";
	assert_problem(f, PROBLEM_RATE_CLASS, "/lines/1/vat_rate");
	f->lines[1].item_class = "excise";
	f->lines[1].rate = VAT_10;
	assert_passes(f);
	f->lines[0].item_class = "reduced";
	assert_passes(f);
	f->lines[0].item_class = "vip";
	assert_problem(f, PROBLEM_RATE_CLASS, "/lines/0/class");
	assert_true(problem_is_parked(PROBLEM_RATE_CLASS));
	f->surcharge = (struct sale_amount){"Phí", 1000, VAT_8};
	f->sale.surcharge_count = 1;
	f->sale.total += 1000;
	f->lines[0].rate = f->lines[1].rate = VAT_10;
	f->sale.sold_at = clock_ms((struct civil){.year = 2025, .month = 6, .day = 30, .hour = 23, .minute = 59});
	assert_problem(f, PROBLEM_RATE_CLASS, "/surcharges/0/vat_rate");
}

static void a_bill_that_fits_no_message_is_refused(void **state)
{
	enum { COUNT = 10000 };
	struct fixture *f = *state;
	struct sale_line *lines = calloc(COUNT, sizeof(*lines));

	assert_non_null(lines);
	for (int i = 0; i < COUNT; i++)
		lines[i] = goods("m", 1000, VAT_8);
	/* Cases A112, A113: 9,999 short lines pass, one more does not. */
	f->sale.lines = lines;
	f->sale.line_count = COUNT - 1;
	f->sale.total = 9999000;
	assert_passes(f);
	f->sale.lines = lines;
	f->sale.line_count = COUNT;
	f->sale.total = 10000000;
	assert_problem(f, PROBLEM_LINES_SIZE, "/lines");
	/* Markup is escaped: the same number of letters needs more room. */
	f->lines[0].name = "&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&";
	f->seller.max_message_bytes = 16384 + 4600;
	assert_problem(f, PROBLEM_LINES_SIZE, "/lines");
	f->lines[0].name = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	f->seller.max_message_bytes = 16384 + 4600;
	assert_passes(f);
	free(lines);
}

static void everything_a_seller_lacks_is_named_with_its_rule(void **state)
{
	static const char *const expected[] = {"seller.tax_code R-CON-2", "seller.name R-CON-2",
		"seller.address R-CON-2", "seller.provider_tax_code R-SOL-3", "serial.form R-SYM-1",
		"serial.suffix R-SYM-3", "serial.key R-CODE-2", "serial.issuer_prefix R-CODE-3", "till R-WHO-4"};
	struct fixture *f = *state;
	struct seller empty = {.code_flag = 'C', .issuer_prefix = -1, .profile = profile_find("2.1.0")};
	const char *setting;
	const char *rule;
	char line[80];

	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		assert_int_equal(rules_seller_missing(&empty, (int)i, &setting, &rule), 1);
		snprintf(line, sizeof(line), "%s %s", setting, rule);
		assert_string_equal(line, expected[i]);
	}
	assert_int_equal(rules_seller_missing(&empty, ARRAY_LEN(expected), &setting, &rule), 0);
	assert_int_equal(rules_seller_missing(&f->seller, 0, &setting, &rule), 0);
	/* Without code there is neither key nor block; 2.0.1 knows no provider. */
	f->seller.code_flag = 'K';
	f->seller.key[0] = '\0';
	f->seller.issuer_prefix = -1;
	f->seller.provider_tax_code = NULL;
	f->seller.profile = profile_find("2.0.1");
	assert_int_equal(rules_seller_missing(&f->seller, 0, &setting, &rule), 0);
}

static int64_t time_of(const char *text)
{
	int64_t ms = 0;

	assert_int_equal(clock_parse(text, strlen(text), &ms), 0);
	return ms;
}

struct row { /* of new-year.csv */
	char *id, *action, *sale_time, *issue_time, *form, *code_flag, *suffix, *last_serial, *last_number,
		*last_issue_time, *last_code_counter, *item_class, *vat8_extended, *original_rate, *expected_result,
		*expected_serial, *expected_number, *expected_code_year, *expected_code_counter, *expected_rate, *why;
};

/* The rate by the day of the sale; what was issued once keeps its rate (law R-NY-4). 1 when the row was used. */
static int check_row_rate(const struct row *row)
{
	static const struct law_rate rates[] = {{VAT_8, 20250701, 20271231}, {VAT_10, 0, LAW_ALWAYS}};
	const char *expected = row->expected_rate;
	struct law extended = law_builtin;
	enum vat_rate rate;

	if (row->expected_rate[0] == '\0')
		return 0;
	if (strcmp(row->action, "sale") != 0) {
		assert_int_equal(vat_parse(row->original_rate[0] ? row->original_rate : expected, &rate), 0);
		assert_string_equal(vat_text(rate), expected);
		assert_true(law_holds(&law_builtin, rate, clock_day(time_of(row->sale_time))));
		return 1;
	}
	/* An extension is a pack of law; without it the class falls back to 10 % (law R-NY-5). */
	if (strcmp(row->vat8_extended, "1") == 0) {
		assert_string_equal(expected, "8");
		assert_int_equal(
			law_rate_of_class(&law_builtin, row->item_class, clock_day(time_of(row->sale_time)), &rate), 0);
		assert_int_equal(rate, VAT_10);
		extended.rates = rates;
		extended.rate_count = ARRAY_LEN(rates);
	}
	assert_int_equal(law_rate_of_class(&extended, row->item_class, clock_day(time_of(row->sale_time)), &rate), 0);
	assert_string_equal(vat_text(rate), expected);
	return 1;
}

static void check_row_place(const struct row *row, const struct seller *seller, const struct issue_place *last)
{
	char serial[SERIAL_LEN + 1] = "";
	char symbol[SERIAL_LEN + 2];
	char code[CODE_LEN + 1];
	char start[8];
	int32_t number = 0;
	int64_t counter = 0;
	int64_t issued_at = 0;
	int64_t now = time_of(row->issue_time);
	enum issue_decision decision = rules_place(last, seller, now, serial, &number, &counter, &issued_at);

	if (strcmp(row->expected_result, "HOLD_CLOCK_BACK") == 0) {
		assert_int_equal(decision, ISSUE_HOLD_CLOCK_BACK);
		assert_string_equal(serial, "");
		return;
	}
	assert_string_equal(row->expected_result, "ISSUE");
	assert_int_equal(decision, ISSUE_NOW);
	symbol_make(seller->form, serial, symbol);
	assert_string_equal(symbol, row->expected_serial);
	assert_int_equal(number, atoi(row->expected_number));
	assert_true(issued_at == now);
	if (seller->code_flag != 'C')
		return;
	assert_int_equal(counter, atoi(row->expected_code_counter));
	assert_int_equal(code_make(seller->form, clock_local(issued_at).year, seller->key, counter, code), 0);
	snprintf(start, sizeof(start), "M%s-%s-", row->form, row->expected_code_year);
	assert_memory_equal(code, start, strlen(start));
}

/* Nothing is placed anew: the stored number, serial and code are those that go out (law R-NY-3). */
static void check_row_resend(const struct row *row)
{
	assert_string_equal(row->expected_result, "SEND_UNCHANGED");
	assert_string_equal(row->expected_serial, row->last_serial);
	assert_string_equal(row->expected_number, row->last_number);
	assert_string_equal(row->expected_code_counter, row->last_code_counter);
	assert_true(serial_is_valid(row->last_serial + 1));
}

static void check_row(const struct row *row, int *ret_rates)
{
	struct seller seller = {.form = atoi(row->form), .code_flag = row->code_flag[0], .key = "QZ7XW"};
	struct issue_place last = {.last_number = atoi(row->last_number),
		.last_issued_at = time_of(row->last_issue_time),
		.next_counter = row->last_code_counter[0] ? atoi(row->last_code_counter) + 1 : 0,
		.block_to = CODE_COUNTER_LAST};

	memcpy(seller.suffix, row->suffix, sizeof(seller.suffix));
	memcpy(last.serial, row->last_serial + 1, sizeof(last.serial));
	if (strcmp(row->action, "resend_queued") == 0)
		check_row_resend(row);
	else
		check_row_place(row, &seller, &last);
	*ret_rates += check_row_rate(row);
}

static void every_row_of_the_new_year_table_holds(void **state)
{
	struct cases cases = cases_open(TEST_DATA "/vectors/new-year.csv",
		"id,action,sale_time,issue_time,form,code_flag,suffix,last_serial,last_number,last_issue_time,"
		"last_code_counter,item_class,vat8_extended,original_rate,expected_result,expected_serial,expected_"
		"number,"
		"expected_code_year,expected_code_counter,expected_rate,why");
	int rows = 0;
	int rates = 0;

	(void)state;
	while (cases_next(&cases, (int)(sizeof(struct row) / sizeof(char *)))) {
		struct row row;

		memcpy(&row, cases.field, sizeof(row));
		check_row(&row, &rates);
		rows++;
	}
	cases_close(&cases);
	/* README of samples vectors: 17 rows; ny03 is form 2 and ny13 is held, both without a rate. */
	assert_int_equal(rows, 17);
	assert_int_equal(rates, 15);
}

static enum issue_decision place(const struct issue_place *last, const struct seller *seller, int64_t now,
	int32_t *ret_number, int64_t *ret_counter, int64_t *ret_issued_at)
{
	char serial[SERIAL_LEN + 1];

	return rules_place(last, seller, now, serial, ret_number, ret_counter, ret_issued_at);
}

static void a_clock_up_to_5_seconds_behind_issues_with_the_last_time(void **state)
{
	struct fixture *f = *state;
	struct issue_place last = {
		.serial = "C26MAA", .last_number = 7, .last_issued_at = NOW_MS, .next_counter = 8, .block_to = 99};
	int32_t number;
	int64_t counter;
	int64_t issued_at;

	/* Law R-NUM-3. */
	assert_int_equal(place(&last, &f->seller, NOW_MS - 5000, &number, &counter, &issued_at), ISSUE_NOW);
	assert_int_equal(number, 8);
	assert_int_equal(counter, 8);
	assert_true(issued_at == NOW_MS);
	assert_int_equal(place(&last, &f->seller, NOW_MS - 5001, &number, &counter, &issued_at), ISSUE_HOLD_CLOCK_BACK);
	/* The serial of the year goes with the time that is written, also across midnight (law R-NY-6). */
	last.last_issued_at = time_of("2027-01-01T00:00:01+07:00");
	memcpy(last.serial, "C27MAA", sizeof(last.serial));
	assert_int_equal(
		place(&last, &f->seller, last.last_issued_at - 3000, &number, &counter, &issued_at), ISSUE_NOW);
	assert_int_equal(number, 8);
}

/* The way on when the last serial was issued at a time that proved wrong. */
static void another_suffix_has_times_of_its_own(void **state)
{
	struct fixture *f = *state;
	struct issue_place last = {
		.serial = "C26MAA", .last_number = 7, .last_issued_at = NOW_MS, .next_counter = 8, .block_to = 99};
	struct seller seller = f->seller;
	int32_t number;
	int64_t counter;
	int64_t issued_at;

	strcpy(seller.suffix, "AB");
	assert_int_equal(place(&last, &seller, NOW_MS - 60000, &number, &counter, &issued_at), ISSUE_NOW);
	assert_int_equal(number, 1);
	assert_int_equal(counter, 8);
	assert_true(issued_at == NOW_MS - 60000);
}

static void numbers_and_codes_end_where_the_law_and_the_block_end(void **state)
{
	struct fixture *f = *state;
	struct issue_place last = {
		.serial = "C26MAA", .last_number = NUMBER_LAST - 1, .next_counter = 99, .block_to = 99};
	int32_t number;
	int64_t counter;
	int64_t issued_at;

	/* Law R-NUM-5. */
	assert_int_equal(place(&last, &f->seller, NOW_MS, &number, &counter, &issued_at), ISSUE_NOW);
	assert_int_equal(number, 99999999);
	last.last_number = NUMBER_LAST;
	assert_int_equal(place(&last, &f->seller, NOW_MS, &number, &counter, &issued_at), ISSUE_HOLD_NUMBERS_USED_UP);
	/* A new suffix begins at 1 (law R-NUM-5). */
	memcpy(f->seller.suffix, "AB", 3);
	assert_int_equal(place(&last, &f->seller, NOW_MS, &number, &counter, &issued_at), ISSUE_NOW);
	assert_int_equal(number, 1);
	/* Law R-CODE-3. */
	last.next_counter = 100;
	assert_int_equal(place(&last, &f->seller, NOW_MS, &number, &counter, &issued_at), ISSUE_HOLD_CODES_USED_UP);
	/* Law R-CODE-4: no code, no block. */
	f->seller.code_flag = 'K';
	assert_int_equal(place(&last, &f->seller, NOW_MS, &number, &counter, &issued_at), ISSUE_NOW);
	f->seller.suffix[0] = '\0';
	assert_int_equal(place(&last, &f->seller, NOW_MS, &number, &counter, &issued_at), ISSUE_HOLD_NUMBERS_USED_UP);
}

#define RULES_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULES_TEST(a_sound_sale_may_be_issued),
		RULES_TEST(a_sale_of_an_unknown_till_or_without_names_is_refused),
		RULES_TEST(a_late_sale_is_taken_and_an_impossible_time_is_not),
		RULES_TEST(form_1_needs_a_rate_and_form_2_has_none),
		RULES_TEST(a_line_is_the_rounded_product_less_its_discount),
		RULES_TEST(signs_and_quantities_of_other_dialects_are_checked_too),
		RULES_TEST(the_total_is_lines_less_discounts_plus_surcharges),
		RULES_TEST(sums_of_the_largest_amounts_do_not_wrap),
		RULES_TEST(prices_without_vat_give_the_total_of_the_invoice),
		RULES_TEST(payments_cover_the_total_or_are_not_given),
		RULES_TEST(a_tax_code_is_refused_for_its_shape_only),
		RULES_TEST(only_a_sale_is_issued_by_itself),
		RULES_TEST(a_line_that_only_says_food_is_parked),
		RULES_TEST(a_rate_fits_the_day_of_the_sale_and_the_class),
		RULES_TEST(a_bill_that_fits_no_message_is_refused),
		RULES_TEST(everything_a_seller_lacks_is_named_with_its_rule),
		RULES_TEST(every_row_of_the_new_year_table_holds),
		RULES_TEST(a_clock_up_to_5_seconds_behind_issues_with_the_last_time),
		RULES_TEST(another_suffix_has_times_of_its_own),
		RULES_TEST(numbers_and_codes_end_where_the_law_and_the_block_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
