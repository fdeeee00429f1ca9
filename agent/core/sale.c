#include "core/sale.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json_write.h"

#define SALE_TEXT_MAX                                                                                                  \
	((size_t)16 << 20) /* a body has at most 4 MiB, and escaping makes a byte at most three times as long */

static const char *const kind_texts[] = {
#define X(name, text) [SALE_KIND_##name] = text,
	SALE_KINDS(X)
#undef X
};
_Static_assert(ARRAY_LEN(kind_texts) == SALE_KIND_COUNT, "one word for each kind");

static const char *const method_texts[] = {
#define X(name, text) [PAYMENT_##name] = text,
	PAYMENT_METHODS(X)
#undef X
};
_Static_assert(ARRAY_LEN(method_texts) == PAYMENT_COUNT, "one word for each method");

static const char *const line_kind_texts[] = {
	[LINE_GOODS] = "goods",
	[LINE_PROMOTION] = "promotion",
	[LINE_DISCOUNT] = "discount",
	[LINE_NOTE] = "note",
};

static int find_word(const char *const *words, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (words[i] && strcmp(words[i], text) == 0)
			return (int)i;
	return -1;
}

const char *sale_kind_text(enum sale_kind kind)
{
	return (unsigned int)kind < SALE_KIND_COUNT ? kind_texts[kind] : "?";
}

int sale_kind_parse(const char *text, enum sale_kind *ret)
{
	int found = find_word(kind_texts, SALE_KIND_COUNT, text);

	if (found < 0)
		return 1;
	*ret = (enum sale_kind)found;
	return 0;
}

bool sale_occupies(enum sale_kind kind)
{
	return kind == SALE_KIND_SALE || kind == SALE_KIND_RETURN || kind == SALE_KIND_VOID ||
	       kind == SALE_KIND_DEPOSIT;
}

const char *payment_text(enum payment_method method)
{
	return (unsigned int)method < PAYMENT_COUNT ? method_texts[method] : "?";
}

int payment_parse(const char *text, enum payment_method *ret)
{
	int found = find_word(method_texts, PAYMENT_COUNT, text);

	if (found < 0)
		return 1;
	*ret = (enum payment_method)found;
	return 0;
}

const char *line_kind_text(enum line_kind kind)
{
	return kind >= LINE_GOODS && kind <= LINE_NOTE ? line_kind_texts[kind] : "?";
}

int line_kind_parse(const char *text, enum line_kind *ret)
{
	int found = find_word(line_kind_texts, ARRAY_LEN(line_kind_texts), text);

	if (found < 0)
		return 1;
	*ret = (enum line_kind)found;
	return 0;
}

static void write_optional(struct bytes *out, const char *key, const char *text)
{
	if (text)
		json_member(out, key, text);
}

static void write_money(struct bytes *out, const char *key, int64_t amount)
{
	json_key(out, key);
	bytes_char(out, '"');
	bytes_int(out, amount);
	bytes_char(out, '"');
}

static void write_decimal(struct bytes *out, const char *key, struct decimal value)
{
	char text[DECIMAL_TEXT_MAX];

	decimal_format(value, text);
	json_member(out, key, text);
}

static void write_day(struct bytes *out, const char *key, int32_t day)
{
	char text[CLOCK_TEXT_MAX];

	clock_format_day(day, text);
	json_member(out, key, text);
}

/* A fraction of a second is kept when the till gave one: reading what was written gives the same sale again. */
static void write_time(struct bytes *out, const char *key, int64_t ms)
{
	char text[CLOCK_TEXT_MAX];
	int fraction = clock_local(ms).ms;

	if (fraction == 0) {
		clock_format_local(ms, text);
		json_member(out, key, text);
		return;
	}
	clock_format_plain(ms, text);
	json_key(out, key);
	bytes_printf(out, "\"%s.%03d+07:00\"", text, fraction);
}

static void write_rate(struct bytes *out, enum vat_rate rate)
{
	if (rate != VAT_NONE)
		json_member(out, "vat_rate", vat_text(rate));
}

static void write_line(struct bytes *out, const struct sale_line *line)
{
	bool has_price = line->kind == LINE_GOODS || line->kind == LINE_PROMOTION;

	bytes_char(out, '{');
	if (line->kind != LINE_NOTE)
		write_money(out, "amount", line->amount);
	write_optional(out, "class", line->item_class);
	write_optional(out, "code", line->code);
	if (line->discount != 0)
		write_money(out, "discount", line->discount);
	json_member(out, "kind", line_kind_text(line->kind));
	json_member(out, "name", line->name);
	if (has_price)
		write_decimal(out, "qty", line->qty);
	write_optional(out, "unit", line->unit);
	if (has_price)
		write_decimal(out, "unit_price", line->unit_price);
	write_rate(out, line->rate);
	bytes_char(out, '}');
}

static void write_amounts(struct bytes *out, const char *key, const struct sale_amount *amounts, size_t count)
{
	if (count == 0)
		return;
	json_key(out, key);
	bytes_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		bytes_text(out, i > 0 ? ",{" : "{");
		write_money(out, "amount", amounts[i].amount);
		json_member(out, "label", amounts[i].label);
		write_rate(out, amounts[i].rate);
		bytes_char(out, '}');
	}
	bytes_char(out, ']');
}

static void write_payments(struct bytes *out, const struct sale *sale)
{
	if (sale->payment_count == 0)
		return;
	json_key(out, "payments");
	bytes_char(out, '[');
	for (size_t i = 0; i < sale->payment_count; i++) {
		bytes_text(out, i > 0 ? ",{" : "{");
		write_money(out, "amount", sale->payments[i].amount);
		json_member(out, "method", payment_text(sale->payments[i].method));
		write_optional(out, "reference", sale->payments[i].reference);
		bytes_char(out, '}');
	}
	bytes_char(out, ']');
}

static void write_lines(struct bytes *out, const struct sale *sale)
{
	json_key(out, "lines");
	bytes_char(out, '[');
	for (size_t i = 0; i < sale->line_count; i++) {
		if (i > 0)
			bytes_char(out, ',');
		write_line(out, &sale->lines[i]);
	}
	bytes_char(out, ']');
}

static void write_buyer(struct bytes *out, const struct sale_buyer *buyer)
{
	json_key(out, "buyer");
	bytes_char(out, '{');
	write_optional(out, "address", buyer->address);
	write_optional(out, "budget_code", buyer->budget_code);
	write_optional(out, "contact_name", buyer->contact_name);
	write_optional(out, "email", buyer->email);
	write_optional(out, "name", buyer->name);
	write_optional(out, "passport", buyer->passport);
	write_optional(out, "personal_id", buyer->personal_id);
	write_optional(out, "phone", buyer->phone);
	write_optional(out, "tax_code", buyer->tax_code);
	bytes_char(out, '}');
}

static void write_reference(struct bytes *out, const struct sale_reference *reference)
{
	json_key(out, "refers_to");
	bytes_char(out, '{');
	write_optional(out, "bill_no", reference->bill_no);
	if (reference->business_day != 0)
		write_day(out, "business_day", reference->business_day);
	write_optional(out, "invoice", reference->invoice);
	write_optional(out, "till_id", reference->till_id);
	bytes_char(out, '}');
}

static void write_head(struct bytes *out, const struct sale *sale)
{
	json_member(out, "bill_no", sale->bill_no);
	write_optional(out, "bill_uid", sale->bill_uid);
	write_day(out, "business_day", sale->business_day);
	if (sale->has_buyer)
		write_buyer(out, &sale->buyer);
	write_optional(out, "cashier", sale->cashier);
	write_amounts(out, "discounts", sale->discounts, sale->discount_count);
	if (sale->ext) {
		json_key(out, "ext");
		bytes_text(out, sale->ext);
	}
	json_member(out, "kind", sale_kind_text(sale->kind));
}

void sale_write(const struct sale *sale, struct bytes *out)
{
	bytes_char(out, '{');
	write_head(out, sale);
	write_lines(out, sale);
	write_optional(out, "location", sale->location);
	write_optional(out, "note", sale->note);
	write_optional(out, "order_ref", sale->order_ref);
	write_payments(out, sale);
	json_member_flag(out, "prices_include_vat", sale->is_vat_included);
	write_optional(out, "reason", sale->reason);
	if (sale->has_reference)
		write_reference(out, &sale->refers_to);
	write_time(out, "sold_at", sale->sold_at);
	write_amounts(out, "surcharges", sale->surcharges, sale->surcharge_count);
	json_member(out, "till_id", sale->till_id);
	if (sale->tip != 0)
		write_money(out, "tip", sale->tip);
	write_money(out, "total", sale->total);
	bytes_char(out, '}');
}

int sale_digest(const struct sale *sale, uint8_t out[32], struct fault *fault)
{
	BYTES_CLEANUP struct bytes text;
	int result;

	bytes_init(&text, SALE_TEXT_MAX);
	sale_write(sale, &text);
	result = bytes_check(&text, "a normalised sale", fault);
	if (result == 0)
		digest_sha256(text.data, text.len, out);
	return result;
}
