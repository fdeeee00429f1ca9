#include "core/rules.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/invoice.h"
#include "core/law.h"
#include "core/tax.h"
#include "core/taxcode.h"
#include "core/timekeeper.h"

#define FUTURE_MAX_MS  INT64_C(3600000)	 /* a till's clock may be this far ahead of ours */
#define SUFFIX_AT      4		 /* of KHHDon: C26MAA */
#define PAST_MAX_YEARS 10		 /* law R-STO-3: older sales have left every book */
#define LINES_MAX      9999		 /* STT has 4 digits (format 5.1) */
#define MESSAGE_BYTES  ((size_t)2000000) /* format 3.1 */
#define SPARE_BYTES    ((size_t)16384)	 /* head, tail and signature of a message (format 3.1) */
#define BILL_ARENA_MAX ((size_t)64 << 20)

/* Upper bounds of what invoice_xml writes, in bytes. */
#define XML_HEAD      4096 /* tags of TTChung, NBan, NMua, TToan; words, QR, code, rates */
#define XML_SIGNATURE 8192 /* DSCKS/NBan/Signature with a certificate of 4096 bits */
#define XML_LINE      147  /* tags, TChat, STT and TSuat of a line with unit, without code and discount */
#define XML_CODE      17   /* <MHHDVu></MHHDVu> */
#define XML_DISCOUNT  35   /* <STCKhau></STCKhau> and 16 digits */
#define XML_FRACTION  7	   /* point and 6 decimals */

static bool is_priced(const struct sale_line *line)
{
	return line->kind == LINE_GOODS || line->kind == LINE_PROMOTION;
}

static bool is_empty(const char *text)
{
	return !text || text[0] == '\0';
}

static int check_form(const struct sale *sale, const struct seller *seller, struct problem *problem)
{
	if (is_empty(sale->till_id))
		return problem_set(problem, PROBLEM_REQUIRED, "/till_id");
	if (is_empty(sale->bill_no))
		return problem_set(problem, PROBLEM_REQUIRED, "/bill_no");
	if (!seller_till(seller, sale->till_id))
		return problem_set(problem, PROBLEM_TILL_UNKNOWN, "/till_id");
	/* Only an opened drawer has nothing to list. */
	if (sale->line_count == 0 && sale->kind != SALE_KIND_NO_SALE)
		return problem_set(problem, PROBLEM_REQUIRED, "/lines");
	/* Law R-CON-3. */
	if (seller->form == 2 && !sale->is_vat_included)
		return problem_set(problem, PROBLEM_FORM2_NET_PRICE, "/prices_include_vat");
	return 0;
}

/* A late sale is taken, however late (law R-TILL-11); a time that cannot be is not, for it decides the rate (law R-TIME-2). */
static int check_time(const struct sale *sale, int64_t now_ms, struct problem *problem)
{
	struct civil oldest = clock_local(now_ms);
	char now[CLOCK_TEXT_MAX];

	oldest.year -= PAST_MAX_YEARS;
	if (sale->sold_at <= now_ms + FUTURE_MAX_MS && sale->sold_at >= clock_ms(oldest))
		return 0;
	clock_format_local(now_ms, now);
	problem_set(problem, PROBLEM_DATE_RANGE, "/sold_at");
	return problem_add(problem, "the clock here says %s", now);
}

/* Markup is escaped; the larger of each escape is 5 bytes long (C14N 1.0, 2.3). */
static size_t escaped_len(const char *text)
{
	size_t len = 0;

	for (; text && *text; text++)
		len += *text == '&' || *text == '<' || *text == '>' ? 5 : 1;
	return len;
}

static size_t digits_of(int64_t value)
{
	size_t digits = 1;

	for (; value >= 10; value /= 10)
		digits++;
	return digits;
}

/*
 * DGia is the price, the price without VAT, or amount / quantity (format 2.3 rule 8). The amount was rounded and may carry a
 * đồng of its rate's remainder, so the quotient is less than 2 / quantity above the price.
 */
static size_t price_len(const struct sale_line *line)
{
	int64_t whole = line->unit_price.units;
	int64_t one = 1;

	for (int i = 0; i < line->unit_price.scale; i++)
		whole /= 10;
	for (int i = 0; i < line->qty.scale; i++)
		one *= 10;
	return digits_of(whole + 2 * one / line->qty.units + 2) + XML_FRACTION;
}

/* From this quantity on 6 decimals of DGia cannot always hit the amount, and STCKhau says the rest. */
static bool is_beyond_price_steps(struct decimal qty)
{
	for (int i = 0; i < qty.scale; i++)
		qty.units /= 10;
	return qty.units >= 1000000;
}

static size_t line_len(const struct sale_line *line, bool has_bill_discount)
{
	char text[DECIMAL_TEXT_MAX];
	size_t len = XML_LINE + escaped_len(line->name) + escaped_len(line->unit);

	if (!is_priced(line))
		return len;
	if (line->code)
		len += XML_CODE + escaped_len(line->code);
	if (line->discount > 0 || has_bill_discount || is_beyond_price_steps(line->qty))
		len += XML_DISCOUNT;
	return len + decimal_format(line->qty, text) + price_len(line) + digits_of(line->amount);
}

static size_t parties_len(const struct sale *sale, const struct seller *seller)
{
	const struct till *till = seller_till(seller, sale->till_id);
	const struct sale_buyer *b = &sale->buyer;
	const char *const texts[] = {seller->name, seller->address, seller->phone, seller->email, seller->bank_account,
		seller->bank_name, seller->website, till ? till->location_code : NULL,
		till ? till->location_name : NULL, till ? till->location_address : NULL, b->name, b->contact_name,
		b->address, b->phone, b->email, b->passport};
	size_t len = XML_HEAD;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		len += escaped_len(texts[i]);
	return len + (seller->sign_each_invoice ? XML_SIGNATURE : 0);
}

/* What is issued must fit into a message of its own, or it could never be sent (law R-SEND-6, format 3.1). */
static int check_size(const struct sale *sale, const struct seller *seller, struct problem *problem)
{
	size_t most = seller->max_message_bytes > 0 ? seller->max_message_bytes : MESSAGE_BYTES;
	size_t room = most > SPARE_BYTES ? most - SPARE_BYTES : 0;
	bool has_discount = sale->discount_count > 0;
	size_t lines = 0;
	size_t len = parties_len(sale, seller);

	if (sale->line_count > LINES_MAX)
		return problem_set(problem, PROBLEM_LINES_SIZE, "/lines");
	for (size_t i = 0; i < sale->line_count; i++)
		has_discount = has_discount || sale->lines[i].kind == LINE_DISCOUNT;
	for (size_t i = 0; i < sale->line_count; i++) {
		if (sale->lines[i].kind == LINE_DISCOUNT)
			continue;
		len += line_len(&sale->lines[i], has_discount);
		lines++;
	}
	/* A surcharge without a rate may become one line for each rate (law R-TILL-4). */
	for (size_t i = 0; i < sale->surcharge_count; i++) {
		size_t parts = sale->surcharges[i].rate == VAT_NONE ? VAT_COUNT - 1 : 1;

		len += parts *
		       (XML_LINE + XML_DISCOUNT + DECIMAL_TEXT_MAX * 2 + escaped_len(sale->surcharges[i].label));
		lines += parts;
	}
	if (lines <= LINES_MAX && len <= room)
		return 0;
	problem_set(problem, PROBLEM_LINES_SIZE, "/lines");
	return problem_add(problem, "about %zu bytes and %zu lines of %zu and %d", len, lines, room, LINES_MAX);
}

static int check_rate(const struct sale_line *line, int form, size_t i, struct problem *problem)
{
	if (line->kind == LINE_NOTE)
		return line->rate == VAT_NONE ? 0
					      : problem_set(problem, PROBLEM_UNKNOWN_FIELD, "/lines/%zu/vat_rate", i);
	/* Law R-CON-3: form 1 has no default rate, form 2 no rate at all. */
	if (form == 2 && line->rate != VAT_NONE)
		return problem_set(problem, PROBLEM_FORM2_HAS_RATE, "/lines/%zu/vat_rate", i);
	if (form == 1 && line->rate == VAT_NONE)
		return problem_set(problem, PROBLEM_REQUIRED, "/lines/%zu/vat_rate", i);
	if ((unsigned int)line->rate >= VAT_COUNT)
		return problem_set(problem, PROBLEM_ENUM, "/lines/%zu/vat_rate", i);
	return 0;
}

static int check_signs(const struct sale_line *line, size_t i, struct problem *problem)
{
	/* Law R-FIX-4: what comes back is a kind of sale, never a sign. */
	if (line->unit_price.units < 0)
		return problem_set(problem, PROBLEM_MONEY_SIGN, "/lines/%zu/unit_price", i);
	if (line->discount < 0)
		return problem_set(problem, PROBLEM_MONEY_SIGN, "/lines/%zu/discount", i);
	if (line->amount < 0)
		return problem_set(problem, PROBLEM_MONEY_SIGN, "/lines/%zu/amount", i);
	if (is_priced(line) && line->qty.units <= 0)
		return problem_set(problem, PROBLEM_QTY_RANGE, "/lines/%zu/qty", i);
	return 0;
}

/* Law R-RND-2: a line is rounded once, before its discount. */
static int check_product(const struct sale_line *line, size_t i, struct problem *problem)
{
	int64_t gross;

	if (decimal_times(line->qty, line->unit_price, &gross) != DECIMAL_OK)
		return problem_set(problem, PROBLEM_MONEY_RANGE, "/lines/%zu/amount", i);
	if (line->discount > gross)
		return problem_set(problem, PROBLEM_SUM_DISCOUNT, "/lines/%zu/discount", i);
	if (gross - line->discount == line->amount)
		return 0;
	problem_set(problem, PROBLEM_SUM_LINE, "/lines/%zu/amount", i);
	return problem_add(problem, "quantity × price − discount gives %" PRId64 ", amount says %" PRId64,
		gross - line->discount, line->amount);
}

static int check_lines(const struct sale *sale, const struct seller *seller, struct problem *problem)
{
	int result = 0;

	for (size_t i = 0; i < sale->line_count && result == 0; i++) {
		const struct sale_line *line = &sale->lines[i];

		/* Law R-CON-2. */
		if (is_empty(line->name))
			return problem_set(problem, PROBLEM_REQUIRED, "/lines/%zu/name", i);
		result = check_rate(line, seller->form, i, problem);
		if (result == 0)
			result = check_signs(line, i, problem);
		if (result == 0 && is_priced(line))
			result = check_product(line, i, problem);
	}
	return result;
}

/* 10^4 amounts of 15 digits do not fit into 64 bits. */
struct totals {
	struct wide plus[VAT_COUNT];  /* goods, promotions and surcharges of a rate */
	struct wide minus[VAT_COUNT]; /* discount lines of a rate */
};

static int add_surcharges(const struct sale *sale, int form, struct totals *totals, struct problem *problem)
{
	for (size_t i = 0; i < sale->surcharge_count; i++) {
		const struct sale_amount *surcharge = &sale->surcharges[i];

		if (form == 2 && surcharge->rate != VAT_NONE)
			return problem_set(problem, PROBLEM_FORM2_HAS_RATE, "/surcharges/%zu/vat_rate", i);
		if ((unsigned int)surcharge->rate >= VAT_COUNT)
			return problem_set(problem, PROBLEM_ENUM, "/surcharges/%zu/vat_rate", i);
		if (surcharge->amount < 0)
			return problem_set(problem, PROBLEM_MONEY_SIGN, "/surcharges/%zu/amount", i);
		wide_add(&totals->plus[surcharge->rate], surcharge->amount);
	}
	return 0;
}

/* A discount line is taken from what has its own rate. */
static int add_lines(const struct sale *sale, struct totals *totals, struct problem *problem)
{
	for (size_t i = 0; i < sale->line_count; i++) {
		const struct sale_line *line = &sale->lines[i];

		if (is_priced(line))
			wide_add(&totals->plus[line->rate], line->amount);
		else if (line->kind == LINE_DISCOUNT)
			wide_add(&totals->minus[line->rate], line->amount);
	}
	for (size_t i = 0; i < sale->line_count; i++) {
		const struct sale_line *line = &sale->lines[i];

		if (line->kind == LINE_DISCOUNT &&
			wide_compare(totals->minus[line->rate], totals->plus[line->rate]) > 0)
			return problem_set(problem, PROBLEM_SUM_DISCOUNT, "/lines/%zu/amount", i);
	}
	return 0;
}

/* What the bill comes to before VAT is added; the discounts of the bill are spread over it (law R-RND-3). */
static int sum_bill(const struct sale *sale, const struct totals *totals, struct wide *ret, struct problem *problem)
{
	struct wide sum = {0};
	struct wide discounts = {0};

	for (int rate = VAT_NONE; rate < VAT_COUNT; rate++)
		sum = wide_plus(sum, wide_minus(totals->plus[rate], totals->minus[rate]));
	for (size_t i = 0; i < sale->discount_count; i++) {
		if (sale->discounts[i].amount < 0)
			return problem_set(problem, PROBLEM_MONEY_SIGN, "/discounts/%zu/amount", i);
		wide_add(&discounts, sale->discounts[i].amount);
	}
	if (wide_compare(discounts, sum) > 0)
		return problem_set(problem, PROBLEM_SUM_DISCOUNT, "/discounts");
	*ret = wide_minus(sum, discounts);
	return 0;
}

/* Prices without VAT: the total is what the invoice will say, computed by the code that makes it (law R-RND-4). */
static int check_net_total(const struct sale *sale, const struct seller *seller, struct problem *problem)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(BILL_ARENA_MAX);
	struct sale as_sale = *sale;
	struct invoice invoice;

	if (!arena)
		return FAULT_MEMORY;
	as_sale.kind = SALE_KIND_SALE;
	return invoice_from_sale(&as_sale, seller, arena, &invoice, problem);
}

static int check_totals(const struct sale *sale, const struct seller *seller, struct problem *problem)
{
	struct totals totals = {0};
	struct wide sum = {0};
	int result;

	if (sale->total < 0)
		return problem_set(problem, PROBLEM_MONEY_SIGN, "/total");
	if (sale->tip < 0)
		return problem_set(problem, PROBLEM_MONEY_SIGN, "/tip");
	result = add_surcharges(sale, seller->form, &totals, problem);
	if (result == 0)
		result = add_lines(sale, &totals, problem);
	if (result == 0)
		result = sum_bill(sale, &totals, &sum, problem);
	if (result != 0)
		return result;
	if (!sale->is_vat_included)
		return check_net_total(sale, seller, problem);
	if (wide_compare(sum, wide_of(sale->total)) == 0)
		return 0;
	problem_set(problem, PROBLEM_SUM_TOTAL, "/total");
	return problem_add_sum(problem, "lines", sum, sale->total);
}

/* Law R-TILL-8: payments are optional; what is above the total is change. */
static int check_payments(const struct sale *sale, struct problem *problem)
{
	struct wide paid = {0};

	for (size_t i = 0; i < sale->payment_count; i++) {
		if (sale->payments[i].amount < 0)
			return problem_set(problem, PROBLEM_MONEY_SIGN, "/payments/%zu/amount", i);
		wide_add(&paid, sale->payments[i].amount);
	}
	if (sale->payment_count == 0 || wide_compare(paid, wide_of(sale->total)) >= 0)
		return 0;
	problem_set(problem, PROBLEM_SUM_PAYMENT, "/payments");
	return problem_add_sum(problem, "payments", paid, sale->total);
}

static bool has_digits(const char *text, size_t count)
{
	return strlen(text) == count && strspn(text, "0123456789") == count;
}

static int check_buyer(const struct sale *sale, int64_t now_ms, struct problem *problem)
{
	const struct sale_buyer *buyer = &sale->buyer;
	char normalised[16];
	int kind;

	if (!sale->has_buyer)
		return 0;
	/* Law R-BUY-5: the shape is law, the check digit is not. */
	if (!is_empty(buyer->tax_code)) {
		int result = taxcode_check(buyer->tax_code, clock_local(now_ms).year, normalised, &kind);

		if (taxcode_is_hard(result)) {
			problem_set(problem, PROBLEM_TAX_CODE, "/buyer/tax_code");
			return problem_add(problem, "%s", taxcode_reason(result));
		}
	}
	/* Law R-BUY-6, R-BUY-7. */
	if (!is_empty(buyer->personal_id) && !has_digits(buyer->personal_id, 12))
		return problem_set(problem, PROBLEM_PERSONAL_ID, "/buyer/personal_id");
	if (!is_empty(buyer->budget_code) && !has_digits(buyer->budget_code, 7))
		return problem_set(problem, PROBLEM_BUDGET_CODE, "/buyer/budget_code");
	return 0;
}

static int check_kind(const struct sale *sale, struct problem *problem)
{
	/* Law R-FIX-4. */
	if (sale->kind == SALE_KIND_RETURN && !sale->has_reference)
		return problem_set(problem, PROBLEM_REFERS_TO_REQUIRED, "/refers_to");
	switch (sale->kind) {
	case SALE_KIND_SALE:
		return 0;
	case SALE_KIND_PRE_BILL: /* law R-TILL-1 */
	case SALE_KIND_REPRINT:	 /* law R-TILL-9: the same sale on paper once more */
	case SALE_KIND_NO_SALE:
		return problem_set(problem, PROBLEM_KIND_KEPT, "/kind");
	default:
		return problem_set(problem, PROBLEM_KIND_LATER, "/kind");
	}
}

/* Without accents and in small letters, so that "TIEN AN" and "Tiền ăn" are one name. */
static const char *fold(struct arena *arena, const char *text)
{
	char *folded = (char *)text_fold_ascii(arena, text);

	for (char *c = folded; c && *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	return folded;
}

/* Whether @name is one of the names in @list, "a|b|c". */
static bool is_listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (*list) {
		size_t entry = strcspn(list, "|");

		if (entry == len && memcmp(list, name, len) == 0)
			return true;
		list += entry + (list[entry] == '|');
	}
	return false;
}

/* Law R-CON-4: food and drink are listed by kind. */
static int check_names(const struct sale *sale, const struct seller *seller, struct problem *problem)
{
	CLEANUP(arena_freep) struct arena *arena = NULL;
	const char *list;
	size_t longest;

	if (is_empty(seller->generic_names))
		return 0;
	arena = arena_new(BILL_ARENA_MAX);
	list = arena ? fold(arena, seller->generic_names) : NULL;
	if (!list)
		return FAULT_MEMORY;
	/* A letter has at most 4 bytes, so longer names are none of the list. */
	longest = 4 * strlen(list);
	for (size_t i = 0; i < sale->line_count; i++) {
		const char *name = sale->lines[i].name;

		if (!is_priced(&sale->lines[i]) || strlen(name) > longest)
			continue;
		name = fold(arena, name);
		if (!name)
			return FAULT_MEMORY;
		if (is_listed(list, name))
			return problem_set(problem, PROBLEM_NAME_GENERIC, "/lines/%zu/name", i);
	}
	return 0;
}

static int check_class(
	const struct law *law, const struct sale_line *line, int32_t day, size_t i, struct problem *problem)
{
	enum vat_rate wanted;

	if (!line->item_class)
		return 0;
	if (law_rate_of_class(law, line->item_class, day, &wanted) != 0)
		return problem_set(problem, PROBLEM_RATE_CLASS, "/lines/%zu/class", i);
	if (wanted == line->rate)
		return 0;
	problem_set(problem, PROBLEM_RATE_CLASS, "/lines/%zu/vat_rate", i);
	return problem_add(problem, "the class has %s, the line says %s", vat_tag(wanted), vat_tag(line->rate));
}

/* Law R-VAT-3, R-VAT-4: the rate of the day of the sale, and of the class where the till gave one. */
static int check_dated_rates(const struct sale *sale, const struct seller *seller, struct problem *problem)
{
	int32_t day = clock_day(sale->sold_at);
	const struct law *law = law_on(seller->law, day);

	for (size_t i = 0; i < sale->line_count && seller->form == 1; i++) {
		const struct sale_line *line = &sale->lines[i];
		int result;

		if (line->kind == LINE_NOTE)
			continue;
		if (!law_holds(law, line->rate, day)) {
			problem_set(problem, PROBLEM_RATE_CLASS, "/lines/%zu/vat_rate", i);
			return problem_add(problem, "%s does not hold on %d", vat_tag(line->rate), (int)day);
		}
		result = check_class(law, line, day, i, problem);
		if (result != 0)
			return result;
	}
	for (size_t i = 0; i < sale->surcharge_count; i++)
		if (!law_holds(law, sale->surcharges[i].rate, day))
			return problem_set(problem, PROBLEM_RATE_CLASS, "/surcharges/%zu/vat_rate", i);
	return 0;
}

int rules_check(const struct sale *sale, const struct seller *seller, int64_t now_ms, struct problem *problem)
{
	int result = check_form(sale, seller, problem);

	if (result == 0)
		result = check_time(sale, now_ms, problem);
	if (result == 0)
		result = check_lines(sale, seller, problem);
	if (result == 0)
		result = check_size(sale, seller, problem);
	if (result == 0)
		result = check_totals(sale, seller, problem);
	if (result == 0)
		result = check_payments(sale, problem);
	if (result == 0)
		result = check_buyer(sale, now_ms, problem);
	if (result == 0)
		result = check_kind(sale, problem);
	if (result == 0)
		result = check_names(sale, seller, problem);
	return result == 0 ? check_dated_rates(sale, seller, problem) : result;
}

/* One thing without which no invoice can be made. */
struct need {
	const char *setting;
	const char *rule;
	bool (*is_missing)(const struct seller *seller);
};

static bool lacks_tax_code(const struct seller *seller)
{
	return is_empty(seller->tax_code);
}

static bool lacks_name(const struct seller *seller)
{
	return is_empty(seller->name);
}

static bool lacks_address(const struct seller *seller)
{
	return is_empty(seller->address);
}

/* Where the law names the version, a shop is ready for the next one. */
static bool lacks_provider(const struct seller *seller)
{
	return (!seller->profile || seller->profile->is_provider_required) && is_empty(seller->provider_tax_code);
}

static bool lacks_form(const struct seller *seller)
{
	return seller->form != 1 && seller->form != 2;
}

static bool lacks_code_flag(const struct seller *seller)
{
	return seller->code_flag != 'C' && seller->code_flag != 'K';
}

static bool lacks_suffix(const struct seller *seller)
{
	return seller->suffix[0] == '\0';
}

/* Without code there is no MCCQT to make (law R-CODE-4). */
static bool lacks_key(const struct seller *seller)
{
	return seller->code_flag == 'C' && seller->key[0] == '\0';
}

static bool lacks_issuer_prefix(const struct seller *seller)
{
	return seller->code_flag == 'C' && (seller->issuer_prefix < 0 || seller->issuer_prefix > 999);
}

static bool lacks_till(const struct seller *seller)
{
	return seller->till_count == 0;
}

int rules_seller_missing(const struct seller *seller, int index, const char **ret_setting, const char **ret_rule)
{
	static const struct need needs[] = {
		{"seller.tax_code", "R-CON-2", lacks_tax_code},
		{"seller.name", "R-CON-2", lacks_name},
		{"seller.address", "R-CON-2", lacks_address},
		{"seller.provider_tax_code", "R-SOL-3", lacks_provider},
		{"serial.form", "R-SYM-1", lacks_form},
		{"serial.code_flag", "R-SYM-2", lacks_code_flag},
		{"serial.suffix", "R-SYM-3", lacks_suffix},
		{"serial.key", "R-CODE-2", lacks_key},
		{"serial.issuer_prefix", "R-CODE-3", lacks_issuer_prefix},
		{"till", "R-WHO-4", lacks_till},
	};
	int found = 0;

	for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
		if (!needs[i].is_missing(seller) || found++ < index)
			continue;
		*ret_setting = needs[i].setting;
		*ret_rule = needs[i].rule;
		return 1;
	}
	return 0;
}

/* Another suffix is another serial with times of its own: the way on when invoices were issued at a time that proved wrong. */
static bool is_own_suffix(const struct issue_place *last, const struct seller *seller)
{
	return strlen(last->serial) < SUFFIX_AT || strcmp(last->serial + SUFFIX_AT, seller->suffix) == 0;
}

enum issue_decision rules_place(const struct issue_place *last, const struct seller *seller, int64_t now_ms,
	char ret_serial[SERIAL_LEN + 1], int32_t *ret_number, int64_t *ret_counter, int64_t *ret_issued_at)
{
	int64_t last_at = is_own_suffix(last, seller) ? last->last_issued_at : 0;
	int64_t issued_at = now_ms > last_at ? now_ms : last_at;
	char serial[SERIAL_LEN + 1];
	bool is_running;

	/* Law R-NUM-3, R-NY-6: a higher number never has an earlier time. */
	if (issued_at - now_ms > TIME_BACK_MS)
		return ISSUE_HOLD_CLOCK_BACK;
	/* A suffix that makes no serial leaves no numbers to take. */
	if (serial_make(seller->code_flag, clock_local(issued_at).year, seller->suffix, serial) != 0)
		return ISSUE_HOLD_NUMBERS_USED_UP;
	is_running = strcmp(serial, last->serial) == 0;
	if (is_running && last->last_number >= NUMBER_LAST)
		return ISSUE_HOLD_NUMBERS_USED_UP;
	if (seller->code_flag == 'C' && last->next_counter > last->block_to)
		return ISSUE_HOLD_CODES_USED_UP;
	memcpy(ret_serial, serial, sizeof(serial));
	*ret_number = is_running ? last->last_number + 1 : 1;
	*ret_counter = last->next_counter;
	*ret_issued_at = issued_at;
	return ISSUE_NOW;
}
