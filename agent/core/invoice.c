#include "core/invoice.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "core/taxcode.h"

#define DONG_LIMIT    INT64_C(1000000000000000) /* law R-WORD-1: 15 digits */
#define CONSUMER_NAME "Bán cho người tiêu dùng" /* law R-BUY-1 */
#define PRICE_STEP    ((struct decimal){.units = 1, .scale = DECIMAL_SCALE_MAX})

/* A line that carries money: goods, promotion, or a surcharge turned into one. */
struct item {
	const struct sale_line *line; /* NULL for a surcharge */
	const char *name;
	struct decimal qty, unit_price;
	int64_t discount; /* its own and its part of discount lines */
	int64_t amount;	  /* after that discount */
	enum vat_rate rate;
};

/* An invoice while it is computed. Arrays have room for every line and every part of a surcharge. */
struct draft {
	const struct sale *sale;
	const struct seller *seller;
	struct arena *arena;
	struct item *items;
	size_t count;
	int64_t *weights, *shares; /* scratch */
	struct problem *problem;
};

static bool is_priced(const struct sale_line *line)
{
	return line->kind == LINE_GOODS || line->kind == LINE_PROMOTION;
}

/* false when the sum leaves the range of money. */
static bool add_amount(int64_t *sum, int64_t amount)
{
	return !__builtin_add_overflow(*sum, amount, sum) && *sum<DONG_LIMIT && * sum> - DONG_LIMIT;
}

static int draft_init(struct draft *draft)
{
	/* A surcharge without a rate becomes at most one line for each rate. */
	size_t room = draft->sale->line_count + draft->sale->surcharge_count * VAT_COUNT + 1;

	draft->items = ARENA_ARRAY(draft->arena, struct item, room);
	draft->weights = ARENA_ARRAY(draft->arena, int64_t, room);
	draft->shares = ARENA_ARRAY(draft->arena, int64_t, room);
	return draft->items && draft->weights && draft->shares ? 0 : FAULT_MEMORY;
}

static int check_kind(const struct draft *draft)
{
	switch (draft->sale->kind) {
	case SALE_KIND_SALE:
		return 0;
	case SALE_KIND_PRE_BILL:
	case SALE_KIND_REPRINT:
	case SALE_KIND_NO_SALE:
		return problem_set(draft->problem, PROBLEM_KIND_KEPT, "/kind");
	default:
		return problem_set(draft->problem, PROBLEM_KIND_LATER, "/kind");
	}
}

static int take_lines(struct draft *draft)
{
	for (size_t i = 0; i < draft->sale->line_count; i++) {
		const struct sale_line *line = &draft->sale->lines[i];
		int64_t gross;

		if (!is_priced(line))
			continue;
		if (decimal_times(line->qty, line->unit_price, &gross) != DECIMAL_OK)
			return problem_set(draft->problem, PROBLEM_MONEY_RANGE, "/lines/%zu/amount", i);
		/* What is not charged is a discount, also on a promotion with a price and amount 0 (law R-CON-5). */
		if (line->amount < 0 || line->amount > gross)
			return problem_set(draft->problem, PROBLEM_SUM_LINE, "/lines/%zu/amount", i);
		draft->items[draft->count++] = (struct item){.line = line,
			.name = line->name,
			.qty = line->qty,
			.unit_price = line->unit_price,
			.discount = gross - line->amount,
			.amount = line->amount,
			.rate = line->rate};
	}
	return 0;
}

/* Amounts per rate after line discounts and discount lines: what a surcharge without a rate is spread over. */
static int weigh_rates(const struct draft *draft, int64_t weights[VAT_COUNT])
{
	int64_t sum = 0;

	for (size_t i = 0; i < draft->sale->line_count; i++) {
		const struct sale_line *line = &draft->sale->lines[i];
		int64_t amount = line->kind == LINE_DISCOUNT ? -line->amount : line->amount;

		if (line->kind == LINE_NOTE)
			continue;
		if ((unsigned int)line->rate >= VAT_COUNT)
			return problem_set(draft->problem, PROBLEM_ENUM, "/lines/%zu/vat_rate", i);
		if (!add_amount(&weights[line->rate], amount))
			return problem_set(draft->problem, PROBLEM_MONEY_RANGE, "/lines/%zu/amount", i);
	}
	for (int rate = VAT_NONE; rate < VAT_COUNT; rate++) {
		if (weights[rate] < 0)
			weights[rate] = 0;
		if (!add_amount(&sum, weights[rate]))
			return problem_set(draft->problem, PROBLEM_MONEY_RANGE, "/lines");
	}
	/* Nothing to be in proportion to, as on a bill of free items: the rate of the first line. */
	if (sum == 0)
		weights[draft->count > 0 ? draft->items[0].rate : VAT_NONE] = 1;
	return 0;
}

static void add_surcharge(struct draft *draft, const char *label, int64_t amount, enum vat_rate rate)
{
	draft->items[draft->count++] = (struct item){
		.name = label, .qty = {.units = 1}, .unit_price = {.units = amount}, .amount = amount, .rate = rate};
}

/* Law R-TILL-4: a service charge has the rate of the main service; on a mixed bill it is spread over the rates. */
static int take_surcharges(struct draft *draft)
{
	int64_t weights[VAT_COUNT] = {0};
	int64_t shares[VAT_COUNT];
	int result = draft->sale->surcharge_count > 0 ? weigh_rates(draft, weights) : 0;

	for (size_t i = 0; i < draft->sale->surcharge_count && result == 0; i++) {
		const struct sale_amount *surcharge = &draft->sale->surcharges[i];

		if (surcharge->amount < 0)
			return problem_set(draft->problem, PROBLEM_MONEY_SIGN, "/surcharges/%zu/amount", i);
		if (surcharge->rate != VAT_NONE) {
			add_surcharge(draft, surcharge->label, surcharge->amount, surcharge->rate);
			continue;
		}
		tax_spread(surcharge->amount, weights, VAT_COUNT, shares);
		for (int rate = VAT_NONE; rate < VAT_COUNT; rate++) {
			if (shares[rate] > 0)
				add_surcharge(draft, surcharge->label, shares[rate], (enum vat_rate)rate);
		}
	}
	return result;
}

/* Law R-RND-3 within one rate: @discount over the items of @rate. */
static int spread_discount(struct draft *draft, enum vat_rate rate, int64_t discount, size_t line)
{
	int64_t sum = 0;

	for (size_t i = 0; i < draft->count; i++) {
		draft->weights[i] = draft->items[i].rate == rate ? draft->items[i].amount : 0;
		if (!add_amount(&sum, draft->weights[i]))
			return problem_set(draft->problem, PROBLEM_MONEY_RANGE, "/lines");
	}
	if (discount > sum)
		return problem_set(draft->problem, PROBLEM_SUM_DISCOUNT, "/lines/%zu/amount", line);
	tax_spread(discount, draft->weights, draft->count, draft->shares);
	for (size_t i = 0; i < draft->count; i++) {
		draft->items[i].discount += draft->shares[i];
		draft->items[i].amount -= draft->shares[i];
	}
	return 0;
}

/*
 * A till's discount lines go into the discounts of the lines they are taken from, each rate for itself: sign and place
 * of TChat 3 at the authority are not certain (format 15, row 14).
 */
static int take_discount_lines(struct draft *draft)
{
	int64_t sums[VAT_COUNT] = {0};
	size_t last[VAT_COUNT] = {0};
	int result = 0;

	for (size_t i = 0; i < draft->sale->line_count; i++) {
		const struct sale_line *line = &draft->sale->lines[i];

		if (line->kind != LINE_DISCOUNT)
			continue;
		if (line->amount < 0)
			return problem_set(draft->problem, PROBLEM_MONEY_SIGN, "/lines/%zu/amount", i);
		if ((unsigned int)line->rate >= VAT_COUNT)
			return problem_set(draft->problem, PROBLEM_ENUM, "/lines/%zu/vat_rate", i);
		if (draft->seller->form == 1 && line->rate == VAT_NONE)
			return problem_set(draft->problem, PROBLEM_REQUIRED, "/lines/%zu/vat_rate", i);
		if (!add_amount(&sums[line->rate], line->amount))
			return problem_set(draft->problem, PROBLEM_MONEY_RANGE, "/lines/%zu/amount", i);
		last[line->rate] = i;
	}
	for (int rate = VAT_NONE; rate < VAT_COUNT && result == 0; rate++) {
		if (sums[rate] > 0)
			result = spread_discount(draft, (enum vat_rate)rate, sums[rate], last[rate]);
	}
	return result;
}

static int tell_refusal(struct problem *problem, int refusal)
{
	static const enum problem_code codes[] = {
		[TAX_RATE_MISSING] = PROBLEM_REQUIRED,
		[TAX_RATE_UNKNOWN] = PROBLEM_ENUM,
		[TAX_DISCOUNT_TOO_LARGE] = PROBLEM_SUM_DISCOUNT,
		[TAX_TOO_MANY_DECIMALS] = PROBLEM_QTY_FORMAT,
		[TAX_NEGATIVE_INPUT] = PROBLEM_MONEY_SIGN,
		[TAX_FORM2_HAS_RATE] = PROBLEM_FORM2_HAS_RATE,
		[TAX_FORM2_NET_PRICE] = PROBLEM_FORM2_NET_PRICE,
		[TAX_RANGE] = PROBLEM_MONEY_RANGE,
	};

	problem_set(problem, codes[refusal], "%s",
		refusal == TAX_DISCOUNT_TOO_LARGE ? "/discounts"
		: refusal == TAX_FORM2_NET_PRICE  ? "/prices_include_vat"
						  : "/lines");
	return problem_add(problem, "%s", tax_refusal_text(refusal));
}

static int compute(struct draft *draft, struct tax_result *ret)
{
	struct tax_line *lines = ARENA_ARRAY(draft->arena, struct tax_line, draft->count + 1);
	struct tax_bill bill = {.form = draft->seller->form,
		.is_vat_included = draft->sale->is_vat_included,
		.lines = lines,
		.line_count = draft->count};
	int result;

	if (!lines)
		return FAULT_MEMORY;
	for (size_t i = 0; i < draft->count; i++) {
		const struct item *item = &draft->items[i];

		lines[i] = (struct tax_line){.qty = item->qty,
			.unit_price = item->unit_price,
			.discount = item->discount,
			.rate = item->rate};
	}
	for (size_t i = 0; i < draft->sale->discount_count; i++) {
		if (!add_amount(&bill.bill_discount, draft->sale->discounts[i].amount))
			return problem_set(draft->problem, PROBLEM_MONEY_RANGE, "/discounts/%zu/amount", i);
	}
	result = tax_compute(&bill, draft->arena, ret);
	if (result > 0)
		return tell_refusal(draft->problem, result);
	if (result == 0 && ret->total != draft->sale->total) {
		problem_set(draft->problem, PROBLEM_SUM_TOTAL, "/total");
		return problem_add(
			draft->problem, "lines give %" PRId64 ", total says %" PRId64, ret->total, draft->sale->total);
	}
	return result;
}

/* @n / @d with as many decimals as fit, at most 6. */
static struct decimal price_of(struct wide n, int64_t d)
{
	struct decimal price = {0};

	for (int scale = DECIMAL_SCALE_MAX; scale >= 0; scale--)
		if (decimal_ratio(n, d, scale, &price) == DECIMAL_OK)
			break;
	return price;
}

static int64_t power_of_ten(int n)
{
	int64_t power = 1;

	while (n-- > 0)
		power *= 10;
	return power;
}

/* DGia from the amount alone. Beyond SLuong 1,000,000 6 decimals cannot always hit it: then DGia is the next above. */
static int price_from_amount(struct invoice_line *line)
{
	struct decimal *price = &line->unit_price;
	int64_t gross;

	*price = price_of(wide_times(line->amount, power_of_ten(line->qty.scale)), line->qty.units);
	if (decimal_times(line->qty, *price, &gross) != DECIMAL_OK)
		return 1;
	if (gross < line->amount) {
		for (; price->scale < PRICE_STEP.scale; price->scale++) {
			if (__builtin_mul_overflow(price->units, 10, &price->units))
				return 1;
		}
		price->units += PRICE_STEP.units;
		if (decimal_times(line->qty, *price, &gross) != DECIMAL_OK)
			return 1;
	}
	line->discount = gross - line->amount;
	return line->discount < 0;
}

/* Format 2.3 rule 8: the till's price has VAT inside, DGia has none. */
static int take_vat_out(struct invoice_line *line, struct decimal price, bool is_discounted)
{
	int percent = vat_percent(line->rate);
	int64_t gross;

	if (line->qty.units > 0 && is_discounted) {
		line->unit_price = price_of(wide_times(price.units, 100), power_of_ten(price.scale) * (100 + percent));
		if (decimal_times(line->qty, line->unit_price, &gross) != DECIMAL_OK)
			return 1;
		line->discount = gross - line->amount;
		if (line->discount >= 0)
			return 0;
	}
	return line->qty.units > 0 ? price_from_amount(line) : 1;
}

static int write_item(const struct draft *draft, size_t at, const struct tax_result *tax, struct invoice_line *ret)
{
	const struct item *item = &draft->items[at];
	int64_t discount = item->discount + tax->shares[at];

	*ret = (struct invoice_line){.kind = item->line ? item->line->kind : LINE_GOODS,
		.code = item->line ? item->line->code : NULL,
		.name = item->name,
		.unit = item->line ? item->line->unit : NULL,
		.qty = item->qty,
		.unit_price = item->unit_price,
		.discount = discount,
		.amount = tax->line_nets[at],
		.rate = item->rate};
	/* Without VAT inside, the till's price is DGia as it stands; that is so for 0 %, KCT and KKKNT too. */
	if (draft->seller->form == 2 || !draft->sale->is_vat_included || vat_percent(item->rate) == 0)
		return 0;
	if (take_vat_out(ret, item->unit_price, discount > 0) != 0)
		return problem_set(draft->problem, PROBLEM_MONEY_RANGE, "/lines");
	return 0;
}

/* Goods, promotions and notes in the till's order, then the surcharges. */
static int write_lines(const struct draft *draft, const struct tax_result *tax, struct invoice *invoice)
{
	size_t room = draft->sale->line_count + draft->count;
	size_t at = 0;
	int result = 0;

	invoice->lines = ARENA_ARRAY(draft->arena, struct invoice_line, room + 1);
	if (!invoice->lines)
		return FAULT_MEMORY;
	for (size_t i = 0; i < draft->sale->line_count && result == 0; i++) {
		const struct sale_line *line = &draft->sale->lines[i];
		struct invoice_line *written = &invoice->lines[invoice->line_count];

		if (line->kind == LINE_DISCOUNT)
			continue;
		if (is_priced(line))
			result = write_item(draft, at++, tax, written);
		else
			*written = (struct invoice_line){.kind = LINE_NOTE, .name = line->name};
		written->index = (int)++invoice->line_count;
	}
	for (; at < draft->count && result == 0; at++) {
		result = write_item(draft, at, tax, &invoice->lines[invoice->line_count]);
		invoice->lines[invoice->line_count].index = (int)invoice->line_count + 1;
		invoice->line_count++;
	}
	return result;
}

/* HTTToan: format 5.1; law R-TILL-8. A voucher is no means of payment there. */
static const char *payment_name(const struct sale *sale)
{
	bool has_cash = false;
	bool has_transfer = false;

	for (size_t i = 0; i < sale->payment_count; i++) {
		switch (sale->payments[i].method) {
		case PAYMENT_CASH:
			has_cash = true;
			break;
		case PAYMENT_VOUCHER:
			break;
		case PAYMENT_UNKNOWN:
		case PAYMENT_COUNT:
			has_cash = true;
			has_transfer = true;
			break;
		default:
			has_transfer = true;
			break;
		}
	}
	if (has_cash == has_transfer)
		return "Tiền mặt/Chuyển khoản";
	return has_cash ? "Tiền mặt" : "Chuyển khoản";
}

static bool is_given(const char *text)
{
	return text && text[0] != '\0';
}

static bool is_buyer_given(const struct sale_buyer *buyer)
{
	return is_given(buyer->name) || is_given(buyer->tax_code) || is_given(buyer->personal_id) ||
	       is_given(buyer->passport) || is_given(buyer->budget_code) || is_given(buyer->contact_name) ||
	       is_given(buyer->address) || is_given(buyer->phone) || is_given(buyer->email);
}

/* Format 5.4: NMua is never empty. */
static int write_buyer(const struct draft *draft, struct invoice *invoice)
{
	struct sale_buyer *buyer = &invoice->buyer;
	char normalised[16];
	int kind;

	if (draft->sale->has_buyer)
		*buyer = draft->sale->buyer;
	invoice->is_anonymous = !is_buyer_given(buyer);
	if (!is_given(buyer->name))
		buyer->name = is_given(buyer->contact_name) ? buyer->contact_name : CONSUMER_NAME;
	if (!is_given(buyer->tax_code))
		return 0;
	/* The hyphen of a branch stays in MST, also when the till left it out (format 2.2). */
	if (taxcode_is_hard(taxcode_check(buyer->tax_code, clock_local(draft->sale->sold_at).year, normalised, &kind)))
		return problem_set(draft->problem, PROBLEM_TAX_CODE, "/buyer/tax_code");
	buyer->tax_code = arena_strdup(draft->arena, normalised);
	return buyer->tax_code ? 0 : FAULT_MEMORY;
}

static int write_totals(const struct draft *draft, const struct tax_result *tax, struct invoice *invoice)
{
	const struct seller *seller = draft->seller;

	memcpy(invoice->groups, tax->groups, sizeof(invoice->groups));
	invoice->net = tax->net;
	invoice->vat = tax->vat;
	invoice->total = tax->total;
	if (words_of_amount(tax->total, seller->words_dialect, seller->words_even, seller->words_dot, invoice->words) !=
		0)
		return problem_set(draft->problem, PROBLEM_MONEY_RANGE, "/total");
	return 0;
}

static int draft_read(struct draft *draft)
{
	int result = draft_init(draft);

	if (result == 0)
		result = take_lines(draft);
	if (result == 0)
		result = take_surcharges(draft);
	return result == 0 ? take_discount_lines(draft) : result;
}

int invoice_from_sale(const struct sale *sale, const struct seller *seller, struct arena *arena, struct invoice *ret,
	struct problem *problem)
{
	struct draft draft = {.sale = sale, .seller = seller, .arena = arena, .problem = problem};
	struct invoice invoice = {.seller = seller,
		.till = seller_till(seller, sale->till_id),
		.payment = payment_name(sale),
		.sold_at = sale->sold_at};
	struct tax_result tax;
	int result = check_kind(&draft);

	if (result == 0)
		result = draft_read(&draft);
	if (result == 0)
		result = compute(&draft, &tax);
	if (result == 0)
		result = write_lines(&draft, &tax, &invoice);
	if (result == 0)
		result = write_buyer(&draft, &invoice);
	if (result == 0)
		result = write_totals(&draft, &tax, &invoice);
	if (result == 0)
		*ret = invoice;
	return result;
}

int invoice_bind(struct invoice *invoice, int32_t number, int64_t code_counter, int64_t issued_at)
{
	const struct seller *seller = invoice->seller;
	int year = clock_local(issued_at).year;
	char serial[SERIAL_LEN + 1];
	char code[CODE_LEN + 1] = "";

	if (number < 1 || number > NUMBER_LAST || serial_make(seller->code_flag, year, seller->suffix, serial) != 0)
		return 1;
	/* An invoice without code carries no MCCQT (law R-CODE-4). */
	if (seller->code_flag == 'C' && code_make(seller->form, year, seller->key, code_counter, code) != 0)
		return 1;
	memcpy(invoice->serial, serial, sizeof(serial));
	memcpy(invoice->code, code, sizeof(code));
	invoice->number = number;
	invoice->issued_at = issued_at;
	invoice->issue_day = clock_day(issued_at);
	invoice->profile = seller_profile(seller, invoice->issue_day);
	return 0;
}

/* Format 2.3 rule 3. */
static bool is_line_sound(const struct invoice_line *line, int form)
{
	int64_t gross;

	if (line->kind == LINE_NOTE)
		return line->amount == 0 && line->discount == 0 && line->rate == VAT_NONE;
	if (form == 1 ? line->rate <= VAT_NONE || line->rate >= VAT_COUNT : line->rate != VAT_NONE)
		return false;
	return decimal_times(line->qty, line->unit_price, &gross) == DECIMAL_OK &&
	       line->amount == gross - line->discount;
}

/* Format 2.3 rules 4 and 5; VAT may be 1 đồng off when prices include it (law R-RND-5). */
static bool are_groups_sound(const struct invoice *invoice, const int64_t sums[VAT_COUNT], const bool seen[VAT_COUNT])
{
	int64_t net = 0;
	int64_t vat = 0;

	for (int rate = VAT_0; rate < VAT_COUNT; rate++) {
		const struct tax_group *group = &invoice->groups[rate];
		int64_t off = group->vat - round_part(group->net, vat_percent((enum vat_rate)rate), 100);

		if (group->is_present != seen[rate] || group->net != sums[rate] || off < -1 || off > 1)
			return false;
		if (!add_amount(&net, group->net) || !add_amount(&vat, group->vat))
			return false;
	}
	return net == invoice->net && vat == invoice->vat && net + vat == invoice->total;
}

int invoice_check_sums(const struct invoice *invoice)
{
	const struct seller *seller = invoice->seller;
	int64_t sums[VAT_COUNT] = {0};
	bool seen[VAT_COUNT] = {0};
	char words[WORDS_MAX];

	for (size_t i = 0; i < invoice->line_count; i++) {
		const struct invoice_line *line = &invoice->lines[i];

		if (!is_line_sound(line, seller->form) || !add_amount(&sums[line->rate], line->amount))
			return 1;
		seen[line->rate] = true;
	}
	if (seller->form == 1 && !are_groups_sound(invoice, sums, seen))
		return 1;
	if (seller->form != 1 && sums[VAT_NONE] != invoice->total)
		return 1;
	if (words_of_amount(invoice->total, seller->words_dialect, seller->words_even, seller->words_dot, words) != 0)
		return 1;
	return strcmp(words, invoice->words) == 0 ? 0 : 1;
}
