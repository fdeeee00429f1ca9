/* R-RND-3 … R-RND-6 on a whole day: 360 bills against figures of another program (README of the day). */
#include "invoice_fixture.h"

struct day {
	int sales;
	int64_t change; /* of the current bill: what was paid beyond the total */
	int groups;
	int64_t net, vat, total;
	struct tax_group sums[VAT_COUNT];
};

static const char *text_of(const struct fixture *fixture, const char *field)
{
	return strcmp(field, "-") == 0 ? NULL : arena_strdup(fixture->arena, field);
}

static enum vat_rate rate_of(const char *field)
{
	enum vat_rate rate = VAT_NONE;

	if (strcmp(field, "-") != 0)
		assert_int_equal(vat_parse(field, &rate), 0);
	return rate;
}

static enum line_kind kind_of(const char *word)
{
	static const char *const words[] = {"", "goods", "promotion", "discount", "note"};

	for (int i = 1; i < (int)ARRAY_LEN(words); i++) {
		if (strcmp(words[i], word) == 0)
			return (enum line_kind)i;
	}
	fail_msg("%s", word);
	return LINE_NOTE;
}

static void read_sale(struct fixture *fixture, char *const *field)
{
	clear_sale(fixture);
	fixture->sale.till_id = text_of(fixture, field[1]);
	fixture->sale.bill_no = text_of(fixture, field[2]);
	assert_int_equal(clock_parse(field[3], strlen(field[3]), &fixture->sale.sold_at), 0);
	fixture->sale.is_vat_included = field[4][0] == '1';
	fixture->sale.total = strtoll(field[5], NULL, 10);
}

static void read_line(struct fixture *fixture, char *const *field)
{
	fixture->lines[fixture->sale.line_count++] = (struct sale_line){.kind = kind_of(field[1]),
		.code = text_of(fixture, field[2]),
		.name = text_of(fixture, field[3]),
		.unit = text_of(fixture, field[4]),
		.qty = decimal_of(field[5]),
		.unit_price = decimal_of(field[6]),
		.rate = rate_of(field[7]),
		.discount = strtoll(field[8], NULL, 10),
		.amount = strtoll(field[9], NULL, 10)};
}

static void read_rest(struct fixture *fixture, char *const *field)
{
	struct sale *sale = &fixture->sale;

	if (strcmp(field[0], "DISCOUNT") == 0) {
		sale->discounts[sale->discount_count++] = (struct sale_amount){.amount = strtoll(field[1], NULL, 10)};
	} else if (strcmp(field[0], "SURCHARGE") == 0) {
		sale->surcharges[sale->surcharge_count++] = (struct sale_amount){.label = text_of(fixture, field[1]),
			.amount = strtoll(field[2], NULL, 10),
			.rate = rate_of(field[3])};
	} else if (strcmp(field[0], "PAY") == 0) {
		struct sale_payment *payment = &sale->payments[sale->payment_count++];

		assert_int_equal(payment_parse(field[1], &payment->method), 0);
		payment->amount = strtoll(field[2], NULL, 10);
	} else if (strcmp(field[0], "BUYER") == 0) {
		sale->has_buyer = true;
		sale->buyer = (struct sale_buyer){.name = text_of(fixture, field[1]),
			.tax_code = text_of(fixture, field[2]),
			.personal_id = text_of(fixture, field[3])};
	} else {
		fail_msg("%s", field[0]);
	}
}

static void compare_bill(struct fixture *fixture, struct day *day, char *const *field)
{
	const struct invoice *invoice = &fixture->invoice;
	int64_t paid = 0;

	assert_computed(fixture, fixture->sale.total);
	assert_int_equal(invoice->net, strtoll(field[1], NULL, 10));
	assert_int_equal(invoice->vat, strtoll(field[2], NULL, 10));
	assert_int_equal(invoice->total, strtoll(field[3], NULL, 10));
	for (size_t i = 0; i < fixture->sale.payment_count; i++)
		paid += fixture->payments[i].amount;
	assert_int_equal(paid - invoice->total, strtoll(field[4], NULL, 10));
	assert_int_equal(invoice->is_anonymous, !fixture->sale.has_buyer);
	assert_string_equal(invoice->till->id, fixture->sale.till_id);
	day->sales++;
	day->net += invoice->net;
	day->vat += invoice->vat;
	day->total += invoice->total;
	day->groups = 0;
}

static void compare_rate(const struct fixture *fixture, struct day *day, char *const *field)
{
	enum vat_rate rate = rate_of(field[1]);
	const struct tax_group *group = &fixture->invoice.groups[rate];

	assert_true(group->is_present);
	assert_int_equal(group->net, strtoll(field[2], NULL, 10));
	assert_int_equal(group->vat, strtoll(field[3], NULL, 10));
	day->sums[rate].net += group->net;
	day->sums[rate].vat += group->vat;
	day->groups++;
}

static void compare_end(const struct fixture *fixture, const struct day *day)
{
	int present = 0;

	for (int rate = VAT_NONE; rate < VAT_COUNT; rate++)
		present += fixture->invoice.groups[rate].is_present;
	assert_int_equal(present, day->groups);
}

static void compare_day(const struct day *day, char *const *field)
{
	if (strcmp(field[0], "TOTAL") == 0) {
		assert_int_equal(day->sales, atoi(field[1]));
		assert_int_equal(day->net, strtoll(field[2], NULL, 10));
		assert_int_equal(day->vat, strtoll(field[3], NULL, 10));
		assert_int_equal(day->total, strtoll(field[4], NULL, 10));
	} else {
		const struct tax_group *sums = &day->sums[rate_of(field[1])];

		assert_int_equal(sums->net, strtoll(field[2], NULL, 10));
		assert_int_equal(sums->vat, strtoll(field[3], NULL, 10));
	}
}

static void every_bill_of_the_day_and_its_sums_are_as_expected(void **state)
{
	struct fixture *fixture = *state;
	struct cases cases = cases_translate("day", TEST_DATA "/day");
	struct day day = {0};

	while (cases_next_tabbed(&cases)) {
		char *const *field = cases.field;

		if (strcmp(field[0], "SALE") == 0)
			read_sale(fixture, field);
		else if (strcmp(field[0], "LINE") == 0)
			read_line(fixture, field);
		else if (strcmp(field[0], "SUM") == 0)
			compare_bill(fixture, &day, field);
		else if (strcmp(field[0], "RATE") == 0)
			compare_rate(fixture, &day, field);
		else if (strcmp(field[0], "WORDS") == 0)
			assert_string_equal(fixture->invoice.words, field[1]);
		else if (strcmp(field[0], "END") == 0)
			compare_end(fixture, &day);
		else if (strncmp(field[0], "TOTAL", 5) == 0)
			compare_day(&day, field);
		else
			read_rest(fixture, field);
	}
	cases_end_translate(&cases);
	assert_int_equal(day.sales, 360);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(every_bill_of_the_day_and_its_sums_are_as_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
