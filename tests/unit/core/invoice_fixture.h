/* invoice_fixture: a sale built line by line and computed, for the tests of invoice. */
#ifndef HOADON_TESTS_CORE_INVOICE_FIXTURE_H
#define HOADON_TESTS_CORE_INVOICE_FIXTURE_H

#include "cases.h"

#include "base/arena.h"
#include "base/clock.h"
#include "core/invoice.h"

#define ROWS_MAX 32

/* A sale under construction. Texts of a translated line are copied into the arena. */
struct fixture {
	struct arena *arena;
	struct seller seller;
	struct sale sale;
	struct sale_line lines[ROWS_MAX];
	struct sale_amount discounts[ROWS_MAX], surcharges[ROWS_MAX];
	struct sale_payment payments[ROWS_MAX];
	struct invoice invoice;
	struct problem problem;
};

static inline void clear_sale(struct fixture *fixture)
{
	fixture->sale = (struct sale){.till_id = "T01",
		.bill_no = "1",
		.kind = SALE_KIND_SALE,
		.is_vat_included = true,
		.lines = fixture->lines,
		.discounts = fixture->discounts,
		.surcharges = fixture->surcharges,
		.payments = fixture->payments};
}

static inline int set_up(void **state)
{
	static const struct till tills[] = {{.id = "T01"}, {.id = "T02"}, {.id = "T03"}, {.id = "T04"}};
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	if (!fixture)
		return -1;
	fixture->arena = arena_new(64 << 20);
	/* Tax code: tc001 of the vectors. */
	fixture->seller = (struct seller){.tax_code = "9843395735",
		.form = 1,
		.code_flag = 'C',
		.suffix = "AA",
		.key = "QZ7XW",
		.tills = tills,
		.till_count = ARRAY_LEN(tills)};
	clear_sale(fixture);
	*state = fixture;
	return fixture->arena ? 0 : -1;
}

static inline int tear_down(void **state)
{
	struct fixture *fixture = *state;

	arena_free(fixture->arena);
	free(fixture);
	return 0;
}

static inline struct decimal decimal_of(const char *text)
{
	struct decimal value;

	assert_int_equal(decimal_parse(text, strlen(text), 15, DECIMAL_SCALE_MAX, &value), DECIMAL_OK);
	return value;
}

/* A line whose amount is round(qty × price) − discount. */
static inline struct sale_line *add_line(
	struct fixture *fixture, const char *qty, const char *price, int64_t discount, enum vat_rate rate)
{
	struct sale_line *line = &fixture->lines[fixture->sale.line_count++];
	int64_t gross;

	*line = (struct sale_line){.kind = LINE_GOODS,
		.name = "Món",
		.qty = decimal_of(qty),
		.unit_price = decimal_of(price),
		.discount = discount,
		.rate = rate};
	assert_int_equal(decimal_times(line->qty, line->unit_price, &gross), DECIMAL_OK);
	line->amount = gross - discount;
	return line;
}

static inline void add_discount_line(struct fixture *fixture, int64_t amount, enum vat_rate rate)
{
	fixture->lines[fixture->sale.line_count++] =
		(struct sale_line){.kind = LINE_DISCOUNT, .name = "Chiết khấu thẻ", .amount = amount, .rate = rate};
}

static inline void add_surcharge(struct fixture *fixture, int64_t amount, enum vat_rate rate)
{
	fixture->surcharges[fixture->sale.surcharge_count++] =
		(struct sale_amount){.label = "Phí phục vụ", .amount = amount, .rate = rate};
}

static inline int compute(struct fixture *fixture)
{
	fixture->problem = (struct problem){0};
	return invoice_from_sale(
		&fixture->sale, &fixture->seller, fixture->arena, &fixture->invoice, &fixture->problem);
}

static inline void assert_computed(struct fixture *fixture, int64_t total)
{
	fixture->sale.total = total;
	if (compute(fixture) != 0)
		fail_msg("%s %s %s", problem_kind(fixture->problem.code)->code, fixture->problem.field,
			fixture->problem.extra);
	assert_int_equal(invoice_check_sums(&fixture->invoice), 0);
}

static inline void assert_price(const struct invoice_line *line, const char *price, int64_t discount, int64_t amount)
{
	char text[DECIMAL_TEXT_MAX];

	decimal_format(line->unit_price, text);
	assert_string_equal(text, price);
	assert_int_equal(line->discount, discount);
	assert_int_equal(line->amount, amount);
}

static inline int64_t time_of(const char *text)
{
	int64_t ms;

	assert_int_equal(clock_parse(text, strlen(text), &ms), 0);
	return ms;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
