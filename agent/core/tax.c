#include "core/tax.h"

#include <assert.h>
#include <string.h>

#include "base/fault.h"

#define DONG_LIMIT    INT64_C(1000000000000000) /* law R-WORD-1: 15 digits */
#define PERCENT_SCALE 4				/* decimals of a discount rate */
#define CUT_PERCENT   20			/* law R-VAT-5: the cut is 20 % of the direct rate */

static const char *const refusal_words[] = {
	[TAX_OK] = "OK",
	[TAX_RATE_MISSING] = "RATE_MISSING",
	[TAX_RATE_UNKNOWN] = "RATE_UNKNOWN",
	[TAX_DISCOUNT_TOO_LARGE] = "DISCOUNT_TOO_LARGE",
	[TAX_TOO_MANY_DECIMALS] = "TOO_MANY_DECIMALS",
	[TAX_NEGATIVE_INPUT] = "NEGATIVE_INPUT",
	[TAX_FORM2_HAS_RATE] = "FORM2_HAS_RATE",
	[TAX_FORM2_NET_PRICE] = "FORM2_NET_PRICE",
	[TAX_RANGE] = "RANGE",
};

static int64_t count_from(const int64_t *values, size_t n, int64_t least)
{
	int64_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += values[i] >= least;
	return count;
}

/* The largest value that at least @wanted of @values reach; all are below @limit. */
static int64_t rank_value(const int64_t *values, size_t n, int64_t wanted, int64_t limit)
{
	int64_t low = 0;
	int64_t high = limit;

	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;

		if (count_from(values, n, middle) >= wanted)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* @amount × @weight / @total cut off to whole đồng; it fits, as @weight <= @total. */
static int64_t whole_share(int64_t amount, int64_t weight, int64_t total, int64_t *ret_remainder)
{
	int64_t share = 0;
	bool fits = wide_divide(wide_times(amount, weight), total, &share, ret_remainder);

	assert(fits);
	(void)fits;
	return share;
}

void tax_spread(int64_t amount, const int64_t *weights, size_t n, int64_t *shares)
{
	int64_t total = 0;
	int64_t rest = amount;
	int64_t limit, ties;

	assert(amount >= 0);
	for (size_t i = 0; i < n; i++)
		total += weights[i];
	if (total == 0 || amount == 0) {
		memset(shares, 0, n * sizeof(*shares));
		return;
	}
	/* First the remainders alone: who gets one of the đồng left over is known only when all are known. */
	for (size_t i = 0; i < n; i++)
		rest -= whole_share(amount, weights[i], total, &shares[i]);
	limit = rest > 0 ? rank_value(shares, n, rest, total) : total;
	ties = rest - count_from(shares, n, limit + 1);
	for (size_t i = 0; i < n; i++) {
		int64_t remainder;

		shares[i] = whole_share(amount, weights[i], total, &remainder);
		if (remainder > limit || (remainder == limit && ties-- > 0))
			shares[i]++;
	}
}

static bool has_decimals_beyond(struct decimal value, int scale)
{
	return value.scale < 0 || value.scale > scale;
}

static bool is_above_hundred(struct decimal percent)
{
	int64_t hundred = 100;

	for (int i = 0; i < percent.scale; i++)
		hundred *= 10;
	return percent.units > hundred;
}

static int check_line(const struct tax_bill *bill, const struct tax_line *line)
{
	if (has_decimals_beyond(line->qty, DECIMAL_SCALE_MAX) ||
		has_decimals_beyond(line->unit_price, DECIMAL_SCALE_MAX) ||
		has_decimals_beyond(line->discount_pct, PERCENT_SCALE))
		return TAX_TOO_MANY_DECIMALS;
	if (line->qty.units < 0 || line->unit_price.units < 0 || line->discount < 0 || line->discount_pct.units < 0)
		return TAX_NEGATIVE_INPUT;
	if (line->has_discount_pct && is_above_hundred(line->discount_pct))
		return TAX_DISCOUNT_TOO_LARGE;
	if (bill->form == 2)
		return line->rate == VAT_NONE ? TAX_OK : TAX_FORM2_HAS_RATE;
	if (line->rate == VAT_NONE)
		return TAX_RATE_MISSING;
	return (unsigned int)line->rate < VAT_COUNT ? TAX_OK : TAX_RATE_UNKNOWN;
}

static int check_bill(const struct tax_bill *bill)
{
	int result = TAX_OK;

	if (has_decimals_beyond(bill->bill_discount_pct, PERCENT_SCALE) ||
		has_decimals_beyond(bill->direct_rate_pct, PERCENT_SCALE))
		return TAX_TOO_MANY_DECIMALS;
	if (bill->bill_discount < 0 || bill->bill_discount_pct.units < 0 || bill->direct_rate_pct.units < 0)
		return TAX_NEGATIVE_INPUT;
	if (bill->has_bill_discount_pct && is_above_hundred(bill->bill_discount_pct))
		return TAX_DISCOUNT_TOO_LARGE;
	if (is_above_hundred(bill->direct_rate_pct))
		return TAX_RANGE;
	if (bill->form == 2 && !bill->is_vat_included)
		return TAX_FORM2_NET_PRICE;
	for (size_t i = 0; i < bill->line_count && result == TAX_OK; i++)
		result = check_line(bill, &bill->lines[i]);
	return result;
}

/* round(@amount × @pct / 100 × @part / 100) in one step, because a figure is rounded once (law R-RND-2). */
static int64_t percent_of(int64_t amount, struct decimal pct, int part)
{
	int64_t divisor = 100 * 100;

	for (int i = 0; i < pct.scale; i++)
		divisor *= 10;
	return round_part(amount, pct.units * part, divisor);
}

static int compute_lines(const struct tax_bill *bill, struct tax_result *ret, int64_t *ret_sum)
{
	int64_t sum = 0;

	for (size_t i = 0; i < bill->line_count; i++) {
		const struct tax_line *line = &bill->lines[i];
		int64_t gross, discount;

		if (decimal_times(line->qty, line->unit_price, &gross) != DECIMAL_OK)
			return TAX_RANGE;
		discount = line->has_discount_pct ? percent_of(gross, line->discount_pct, 100) : line->discount;
		if (discount > gross)
			return TAX_DISCOUNT_TOO_LARGE;
		ret->line_discounts[i] = discount;
		ret->line_amounts[i] = gross - discount;
		sum += gross - discount;
		if (sum >= DONG_LIMIT)
			return TAX_RANGE;
	}
	*ret_sum = sum;
	return TAX_OK;
}

static int spread_bill_discount(const struct tax_bill *bill, int64_t sum, struct tax_result *ret)
{
	int64_t discount = bill->bill_discount;

	if (bill->has_bill_discount_pct)
		discount = percent_of(sum, bill->bill_discount_pct, 100);
	if (discount > sum)
		return TAX_DISCOUNT_TOO_LARGE;
	tax_spread(discount, ret->line_amounts, bill->line_count, ret->shares);
	return TAX_OK;
}

/* One rate of form 1. @weights and @shares are scratch of line_count elements. */
static void settle_rate(
	const struct tax_bill *bill, enum vat_rate rate, struct tax_result *ret, int64_t *weights, int64_t *shares)
{
	struct tax_group *group = &ret->groups[rate];
	int percent = vat_percent(rate);
	int64_t sum = 0;

	for (size_t i = 0; i < bill->line_count; i++) {
		bool is_of_rate = bill->lines[i].rate == rate;

		weights[i] = is_of_rate ? ret->line_amounts[i] - ret->shares[i] : 0;
		sum += weights[i];
		group->is_present |= is_of_rate;
	}
	if (!group->is_present)
		return;
	if (bill->is_vat_included) {
		group->net = round_part(sum, 100, 100 + percent);
		group->vat = sum - group->net;
	} else {
		group->net = sum;
		group->vat = round_part(sum, percent, 100);
	}
	group->off = (int)(group->vat - round_part(group->net, percent, 100));
	tax_spread(bill->is_vat_included ? group->net : group->vat, weights, bill->line_count, shares);
	for (size_t i = 0; i < bill->line_count; i++) {
		if (bill->lines[i].rate != rate)
			continue;
		ret->line_nets[i] = bill->is_vat_included ? shares[i] : weights[i];
		ret->line_vats[i] = bill->is_vat_included ? weights[i] - shares[i] : shares[i];
	}
}

static void total_form_1(const struct tax_bill *bill, struct tax_result *ret, int64_t *weights, int64_t *shares)
{
	for (int rate = VAT_0; rate < VAT_COUNT; rate++) {
		settle_rate(bill, (enum vat_rate)rate, ret, weights, shares);
		ret->net += ret->groups[rate].net;
		ret->vat += ret->groups[rate].vat;
	}
	ret->total = ret->net + ret->vat;
}

static void total_form_2(const struct tax_bill *bill, struct tax_result *ret)
{
	int64_t reduced = 0;

	for (size_t i = 0; i < bill->line_count; i++) {
		ret->line_nets[i] = ret->line_amounts[i] - ret->shares[i];
		ret->net += ret->line_nets[i];
		if (bill->lines[i].is_reduced)
			reduced += ret->line_nets[i];
	}
	if (bill->has_direct_rate)
		ret->reduction = percent_of(reduced, bill->direct_rate_pct, CUT_PERCENT);
	ret->total = ret->net - ret->reduction;
}

static void turn(int64_t *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		values[i] = -values[i];
}

/* Law R-FIX-4: a return is computed with positive numbers, then every sign is turned. */
static void turn_signs(size_t n, struct tax_result *ret)
{
	turn(ret->line_amounts, n);
	turn(ret->line_discounts, n);
	turn(ret->shares, n);
	turn(ret->line_nets, n);
	turn(ret->line_vats, n);
	for (int rate = VAT_NONE; rate < VAT_COUNT; rate++) {
		ret->groups[rate].net = -ret->groups[rate].net;
		ret->groups[rate].vat = -ret->groups[rate].vat;
		ret->groups[rate].off = -ret->groups[rate].off;
	}
	ret->net = -ret->net;
	ret->vat = -ret->vat;
	ret->total = -ret->total;
	ret->reduction = -ret->reduction;
}

int tax_compute(const struct tax_bill *bill, struct arena *arena, struct tax_result *ret)
{
	size_t n = bill->line_count;
	int result = check_bill(bill);
	int64_t *space;
	int64_t sum;

	if (result != TAX_OK)
		return result;
	/* Five arrays of the result, two of scratch; one element more, so that a bill without lines has an address. */
	space = ARENA_ARRAY(arena, int64_t, 7 * n + 1);
	if (!space)
		return FAULT_MEMORY;
	*ret = (struct tax_result){.line_amounts = space,
		.line_discounts = space + n,
		.shares = space + 2 * n,
		.line_nets = space + 3 * n,
		.line_vats = space + 4 * n};
	result = compute_lines(bill, ret, &sum);
	if (result == TAX_OK)
		result = spread_bill_discount(bill, sum, ret);
	if (result != TAX_OK)
		return result;
	if (bill->form == 2)
		total_form_2(bill, ret);
	else
		total_form_1(bill, ret, space + 5 * n, space + 6 * n);
	if (ret->total >= DONG_LIMIT)
		return TAX_RANGE;
	if (bill->is_return)
		turn_signs(n, ret);
	return TAX_OK;
}

const char *tax_refusal_text(int refusal)
{
	return refusal >= 0 && refusal < (int)ARRAY_LEN(refusal_words) ? refusal_words[refusal] : "?";
}
