/* R-RND-1 … R-RND-5, R-VAT-1, R-VAT-5, R-CON-3: all bills of vectors/bills.json. */
#include "cases.h"

#include "base/arena.h"
#include "core/tax.h"
#include "core/words.h"

#define LINES_MAX 20

struct bill_case {
	char id[32];
	struct tax_bill bill;
	struct tax_line lines[LINES_MAX];
	struct tax_result result;
	int refusal; /* of tax_compute(); INT32_MIN before it ran */
	int groups;  /* RATE lines seen */
};

/* Also numbers that decimal_parse() refuses, because the vectors want tax_compute() to refuse them. */
static struct decimal decimal_of(const char *text)
{
	const char *point = strchr(text, '.');
	struct decimal value = {0};

	for (const char *c = text; *c; c++) {
		if (*c >= '0' && *c <= '9')
			value.units = value.units * 10 + (*c - '0');
	}
	if (text[0] == '-')
		value.units = -value.units;
	value.scale = point ? (int)strlen(point + 1) : 0;
	return value;
}

static bool is_given(const char *field)
{
	return strcmp(field, "-") != 0;
}

static int64_t number_of(const char *field)
{
	return is_given(field) ? strtoll(field, NULL, 10) : 0;
}

static enum vat_rate rate_of(const char *field)
{
	enum vat_rate rate;

	if (!is_given(field))
		return VAT_NONE;
	return vat_parse(field, &rate) == 0 ? rate : VAT_COUNT;
}

static void begin_bill(struct bill_case *test, char *const *field)
{
	memset(test, 0, sizeof(*test));
	snprintf(test->id, sizeof(test->id), "%s", field[1]);
	test->refusal = INT32_MIN;
	test->bill = (struct tax_bill){.form = atoi(field[2]),
		.is_vat_included = field[3][0] == '1',
		.is_return = field[4][0] == '1',
		.lines = test->lines,
		.bill_discount = number_of(field[5]),
		.has_bill_discount_pct = is_given(field[6]),
		.has_direct_rate = is_given(field[7])};
	if (is_given(field[6]))
		test->bill.bill_discount_pct = decimal_of(field[6]);
	if (is_given(field[7]))
		test->bill.direct_rate_pct = decimal_of(field[7]);
}

static void add_line(struct bill_case *test, char *const *field)
{
	struct tax_line *line = &test->lines[test->bill.line_count];

	assert_true(test->bill.line_count++ < LINES_MAX);
	line->qty = decimal_of(field[1]);
	line->unit_price = decimal_of(field[2]);
	line->rate = rate_of(field[3]);
	line->discount = number_of(field[4]);
	line->has_discount_pct = is_given(field[5]);
	if (line->has_discount_pct)
		line->discount_pct = decimal_of(field[5]);
	line->is_reduced = field[6][0] == '1';
}

static void compare_numbers(const struct bill_case *test, char *const *field, int count)
{
	const struct tax_result *result = &test->result;
	const char *name = field[1];
	const int64_t *got = strcmp(name, "line_amounts") == 0		 ? result->line_amounts
			     : strcmp(name, "bill_discount_shares") == 0 ? result->shares
			     : strcmp(name, "line_vats") == 0		 ? result->line_vats
									 : result->line_nets;

	assert_int_equal(count - 2, test->bill.line_count);
	for (int i = 2; i < count; i++) {
		if (got[i - 2] != number_of(field[i]))
			fail_msg("%s %s[%d]: %lld", test->id, name, i - 2, (long long)got[i - 2]);
	}
}

static void compare_rate(struct bill_case *test, char *const *field)
{
	const struct tax_group *group = &test->result.groups[rate_of(field[1])];

	assert_true(group->is_present);
	assert_int_equal(group->net, number_of(field[2]));
	assert_int_equal(group->vat, number_of(field[3]));
	assert_int_equal(group->off, number_of(field[4]));
	test->groups++;
}

static void compare_end(const struct bill_case *test)
{
	int present = 0;

	for (int rate = VAT_NONE; rate < VAT_COUNT; rate++)
		present += test->result.groups[rate].is_present;
	assert_int_equal(present, test->groups);
}

static void run_tag(struct bill_case *test, struct arena *arena, const struct cases *cases)
{
	char *const *field = cases->field;
	char words[WORDS_MAX];

	if (strcmp(field[0], "BILL") == 0) {
		begin_bill(test, field);
	} else if (strcmp(field[0], "LINE") == 0) {
		add_line(test, field);
	} else {
		if (test->refusal == INT32_MIN)
			test->refusal = tax_compute(&test->bill, arena, &test->result);
		if (strcmp(field[0], "REFUSE") == 0) {
			assert_string_equal(tax_refusal_text(test->refusal), field[1]);
			return;
		}
		if (strcmp(field[0], "END") != 0 && test->refusal != TAX_OK)
			fail_msg("%s: %s", test->id, tax_refusal_text(test->refusal));
	}
	if (strcmp(field[0], "NUMBERS") == 0) {
		compare_numbers(test, field, cases->count);
	} else if (strcmp(field[0], "RATE") == 0) {
		compare_rate(test, field);
	} else if (strcmp(field[0], "SUM") == 0) {
		assert_int_equal(test->result.net, number_of(field[1]));
		assert_int_equal(test->result.vat, number_of(field[2]));
		assert_int_equal(test->result.total, number_of(field[3]));
		assert_int_equal(test->result.reduction, number_of(field[4]));
	} else if (strcmp(field[0], "WORDS") == 0) {
		assert_int_equal(words_of_amount(test->result.total, WORDS_NORTH, false, false, words), 0);
		assert_string_equal(words, field[1]);
	} else if (strcmp(field[0], "END") == 0 && test->refusal == TAX_OK) {
		compare_end(test);
	}
}

static void every_bill_vector_is_computed_to_the_dong(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct cases cases = cases_translate("bills", TEST_DATA "/vectors/bills.json");
	struct bill_case test;
	int ran = 0;
	int refused = 0;

	(void)state;
	memset(&test, 0, sizeof(test));
	while (cases_next_tabbed(&cases)) {
		run_tag(&test, arena, &cases);
		ran += strcmp(cases.field[0], "END") == 0;
		refused += strcmp(cases.field[0], "REFUSE") == 0;
	}
	cases_end_translate(&cases);
	/* Number of bills: README of the vectors. */
	assert_int_equal(ran, 41);
	assert_int_equal(refused, 7);
}

static void assert_spread(int64_t amount, const int64_t *weights, size_t n, const int64_t *wanted)
{
	int64_t shares[8];

	tax_spread(amount, weights, n, shares);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(shares[i], wanted[i]);
}

static void what_is_left_goes_to_the_largest_remainder_and_a_tie_to_the_earlier(void **state)
{
	(void)state;
	/* Law R-RND-3 and R-CON-5. */
	assert_spread(100, (int64_t[]){1, 1, 1}, 3, (int64_t[]){34, 33, 33});
	assert_spread(200, (int64_t[]){1, 1, 1}, 3, (int64_t[]){67, 67, 66});
	assert_spread(50000, (int64_t[]){299000, 240000}, 2, (int64_t[]){27737, 22263});
	/* 10/7 × (1, 2, 4): remainders 3/7, 6/7, 5/7. */
	assert_spread(10, (int64_t[]){1, 2, 4}, 3, (int64_t[]){1, 3, 6});
	assert_spread(1, (int64_t[]){0, 5, 5}, 3, (int64_t[]){0, 1, 0});
	assert_spread(7, (int64_t[]){0, 0}, 2, (int64_t[]){0, 0});
	assert_spread(0, (int64_t[]){3, 4}, 2, (int64_t[]){0, 0});
	assert_spread(7, (int64_t[]){3, 4}, 2, (int64_t[]){3, 4});
}

#ifdef __SIZEOF_INT128__
/* Law R-RND-3 in its plainest form: hand out the rest one by one to the largest remainder. */
static void spread_slowly(int64_t amount, const int64_t *weights, size_t n, int64_t *shares)
{
	__int128 remainders[64];
	int64_t total = 0;
	int64_t rest = amount;

	for (size_t i = 0; i < n; i++)
		total += weights[i];
	for (size_t i = 0; i < n; i++) {
		shares[i] = total ? (int64_t)((__int128)amount * weights[i] / total) : 0;
		remainders[i] = total ? (__int128)amount * weights[i] % total : 0;
		rest -= shares[i];
	}
	for (; total && rest > 0; rest--) {
		size_t best = 0;

		for (size_t i = 1; i < n; i++) {
			if (remainders[i] > remainders[best])
				best = i;
		}
		shares[best]++;
		remainders[best] = -1;
	}
}

static void spreading_equals_the_plain_rule_on_random_bills(void **state)
{
	uint64_t seed = 20261122;
	int64_t weights[64], shares[64], wanted[64];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t n = 1 + (size_t)(seed >> 33) % 64;
		int64_t sum = 0;

		for (size_t i = 0; i < n; i++) {
			seed = seed * 6364136223846793005U + 1442695040888963407U;
			weights[i] = (int64_t)((seed >> 20) % (round % 2 ? 7 : 14000000000000));
			sum += weights[i];
		}
		seed = seed * 6364136223846793005U + 1442695040888963407U;
		tax_spread((int64_t)((seed >> 3) % (uint64_t)(sum + 1)), weights, n, shares);
		spread_slowly((int64_t)((seed >> 3) % (uint64_t)(sum + 1)), weights, n, wanted);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(shares[i], wanted[i]);
			assert_true(shares[i] <= weights[i]);
		}
	}
}

#endif

static void the_total_with_vat_inside_is_kept_and_vat_is_off_by_one_at_most(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(16 << 20);
	int off = 0;

	(void)state;
	for (int64_t gross = 1; gross <= 11000; gross++) {
		struct tax_line line = {.qty = {.units = 1}, .unit_price = {.units = gross}, .rate = VAT_10};
		struct tax_bill bill = {.form = 1, .is_vat_included = true, .lines = &line, .line_count = 1};
		struct tax_result result;

		assert_int_equal(tax_compute(&bill, arena, &result), TAX_OK);
		assert_int_equal(result.total, gross);
		assert_true(result.groups[VAT_10].off >= -1 && result.groups[VAT_10].off <= 1);
		off += result.groups[VAT_10].off != 0;
	}
	/* Law R-RND-5: 1 of 11 amounts at 10 %. */
	assert_int_equal(off, 1000);
}

static int compute_one(const struct tax_line *line, const struct tax_bill *more)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 16);
	struct tax_bill bill = *more;
	struct tax_result result;

	bill.lines = line;
	bill.line_count = 1;
	return tax_compute(&bill, arena, &result);
}

static void each_refusal_has_its_reason(void **state)
{
	static const struct tax_bill net = {.form = 1};
	static const struct tax_line good = {.qty = {.units = 1}, .unit_price = {.units = 1000}, .rate = VAT_8};
	struct tax_line line = good;
	struct tax_bill bill = net;

	(void)state;
	assert_int_equal(compute_one(&line, &net), TAX_OK);
	line.discount = 1001;
	assert_int_equal(compute_one(&line, &net), TAX_DISCOUNT_TOO_LARGE);
	line.discount = -1;
	assert_int_equal(compute_one(&line, &net), TAX_NEGATIVE_INPUT);
	line = good;
	line.unit_price.units = -1;
	assert_int_equal(compute_one(&line, &net), TAX_NEGATIVE_INPUT);
	line = good;
	line.has_discount_pct = true;
	line.discount_pct = (struct decimal){.units = 12345, .scale = 5};
	assert_int_equal(compute_one(&line, &net), TAX_TOO_MANY_DECIMALS);
	line.discount_pct = (struct decimal){.units = 1000001, .scale = 4};
	assert_int_equal(compute_one(&line, &net), TAX_DISCOUNT_TOO_LARGE);
	line.discount_pct = (struct decimal){.units = 1000000, .scale = 4};
	assert_int_equal(compute_one(&line, &net), TAX_OK);
	bill.bill_discount = 1001;
	assert_int_equal(compute_one(&good, &bill), TAX_DISCOUNT_TOO_LARGE);
	bill.bill_discount = -1;
	assert_int_equal(compute_one(&good, &bill), TAX_NEGATIVE_INPUT);
}

static void an_amount_of_16_digits_is_out_of_range(void **state)
{
	static const struct tax_bill net = {.form = 1};
	static const struct tax_bill with_vat = {.form = 1, .is_vat_included = true};
	struct tax_line line = {.qty = {.units = 1}, .unit_price = {.units = INT64_C(999999999999999)}, .rate = VAT_8};

	(void)state;
	assert_int_equal(compute_one(&line, &with_vat), TAX_OK);
	assert_int_equal(compute_one(&line, &net), TAX_RANGE); /* the VAT on top */
	line.qty.units = 2;
	assert_int_equal(compute_one(&line, &with_vat), TAX_RANGE);
}

static void lines_beyond_the_range_are_refused_although_a_discount_brings_them_back(void **state)
{
	static const struct tax_line lines[2] = {
		{.qty = {.units = 1}, .unit_price = {.units = INT64_C(600000000000000)}, .rate = VAT_8},
		{.qty = {.units = 1}, .unit_price = {.units = INT64_C(600000000000000)}, .rate = VAT_8}};
	struct tax_bill bill = {.form = 1, .is_vat_included = true, .lines = lines, .line_count = 2};
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 16);
	struct tax_result result;

	(void)state;
	bill.bill_discount = INT64_C(500000000000000);
	assert_int_equal(tax_compute(&bill, arena, &result), TAX_RANGE);
}

static void a_full_arena_is_a_failure_and_no_refusal(void **state)
{
	static const struct tax_line line = {.qty = {.units = 1}, .unit_price = {.units = 1}, .rate = VAT_8};
	static const struct tax_bill bill = {.form = 1, .lines = &line, .line_count = 1};
	CLEANUP(arena_freep) struct arena *arena = arena_new(8);
	struct tax_result result;

	(void)state;
	assert_true(tax_compute(&bill, arena, &result) < 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bill_vector_is_computed_to_the_dong),
		cmocka_unit_test(what_is_left_goes_to_the_largest_remainder_and_a_tie_to_the_earlier),
#ifdef __SIZEOF_INT128__
		cmocka_unit_test(spreading_equals_the_plain_rule_on_random_bills),
#endif
		cmocka_unit_test(the_total_with_vat_inside_is_kept_and_vat_is_off_by_one_at_most),
		cmocka_unit_test(each_refusal_has_its_reason),
		cmocka_unit_test(an_amount_of_16_digits_is_out_of_range),
		cmocka_unit_test(lines_beyond_the_range_are_refused_although_a_discount_brings_them_back),
		cmocka_unit_test(a_full_arena_is_a_failure_and_no_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
