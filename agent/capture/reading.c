#include "capture/reading.h"

#include "base/json_write.h"

#define X_WORD(name, word)		word,
#define X_REVIEW_WORD(name, word, text) word,
#define X_REVIEW_TEXT(name, word, text) text,
static const char *const kinds[] = {READING_KINDS(X_WORD)};
static const char *const methods[] = {READING_METHODS(X_WORD)};
static const char *const reviews[] = {READING_REVIEWS(X_REVIEW_WORD)};
static const char *const sentences[] = {READING_REVIEWS(X_REVIEW_TEXT)};

static const char *pick(const char *const *words, int count, int i)
{
	return i >= 0 && i < count ? words[i] : "?";
}

const char *reading_kind_word(int kind)
{
	return pick(kinds, READING_KIND_COUNT, kind);
}

const char *reading_method_word(int method)
{
	return pick(methods, READING_METHOD_COUNT, method);
}

const char *reading_review_word(int review)
{
	return pick(reviews, READING_REVIEW_COUNT, review);
}

const char *reading_review_text(int review)
{
	return pick(sentences, READING_REVIEW_COUNT, review);
}

/* Numbers are strings of plain digits: nobody reads them as binary fractions. */
static void member_decimal(struct bytes *out, const char *key, bool has, struct decimal value)
{
	char text[DECIMAL_TEXT_MAX];

	if (has)
		decimal_format(value, text);
	json_member(out, key, has ? text : NULL);
}

static void member_money(struct bytes *out, const char *key, bool has, int64_t value)
{
	member_decimal(out, key, has, (struct decimal){.units = value});
}

static void member_optional(struct bytes *out, const char *key, const char *text)
{
	if (text)
		json_member(out, key, text);
}

static void member_time(struct bytes *out, const char *key, const struct reading_time *time)
{
	json_key(out, key);
	if (time->has_date)
		bytes_printf(out, "\"%04d-%02d-%02dT%02d:%02d:%02d\"", time->year, time->month, time->day, time->hour,
			time->minute, time->second);
	else
		bytes_text(out, "null");
}

static void member_texts(struct bytes *out, const char *key, const char *const *texts, size_t count)
{
	if (count == 0)
		return;
	json_key(out, key);
	bytes_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		bytes_text(out, i ? "," : "");
		json_string(out, texts[i]);
	}
	bytes_char(out, ']');
}

static void write_line(const struct reading_line *line, struct bytes *out)
{
	json_member(out, "name", line->name);
	member_decimal(out, "qty", line->has_qty, line->qty);
	json_member(out, "unit", line->unit);
	member_decimal(out, "unit_price", line->has_unit_price, line->unit_price);
	member_money(out, "amount", line->has_amount, line->amount);
	member_texts(out, "notes", line->notes, line->note_count);
	if (line->discount > 0)
		member_money(out, "discount", true, line->discount);
}

/* "key":[{ … },{ … }]: one macro, since the four arrays differ only in what stands in the braces. */
#define WRITE_ARRAY(out, key, items, count, write)                                                                     \
	do {                                                                                                           \
		json_key(out, key);                                                                                    \
		bytes_char(out, '[');                                                                                  \
		for (size_t i_ = 0; i_ < (count); i_++) {                                                              \
			bytes_text(out, i_ ? ",{" : "{");                                                              \
			write(&(items)[i_], out);                                                                      \
			bytes_char(out, '}');                                                                          \
		}                                                                                                      \
		bytes_char(out, ']');                                                                                  \
	} while (0)

static void write_surcharge(const struct reading_amount *amount, struct bytes *out)
{
	json_member(out, "label", amount->label);
	member_money(out, "amount", true, amount->amount);
}

static void write_discount(const struct reading_amount *amount, struct bytes *out)
{
	write_surcharge(amount, out);
	json_member(out, "scope", "bill");
}

static void write_tax(const struct reading_tax *tax, struct bytes *out)
{
	json_member(out, "label", tax->label);
	member_decimal(out, "rate", tax->has_rate, tax->rate);
	member_money(out, "amount", true, tax->amount);
}

static void write_payment(const struct reading_payment *payment, struct bytes *out)
{
	json_member(out, "method", reading_method_word((int)payment->method));
	json_member(out, "label", payment->label);
	member_money(out, "amount", true, payment->amount);
}

/* What most papers do not print. */
static void write_optional(const struct reading *reading, struct bytes *out)
{
	member_optional(out, "copy", reading->copy);
	member_optional(out, "table", reading->table);
	member_optional(out, "buyer", reading->buyer);
	member_optional(out, "refers_to", reading->refers_to);
	member_texts(out, "qr", reading->qr, reading->qr_count);
	if (reading->is_vat_included)
		json_member_flag(out, "prices_include_vat", true);
	if (reading->review == REVIEW_NONE)
		return;
	json_key(out, "review");
	bytes_char(out, '{');
	json_member(out, "reason", reading_review_word((int)reading->review));
	json_member_int(out, "line", (int64_t)reading->review_line);
	json_member(out, "text", reading_review_text((int)reading->review));
	bytes_char(out, '}');
}

void reading_write(const struct reading *reading, struct bytes *out)
{
	bytes_char(out, '{');
	json_member(out, "kind", reading_kind_word((int)reading->kind));
	json_member(out, "title", reading->title);
	json_member(out, "bill_no", reading->bill_no);
	member_time(out, "sold_at", &reading->sold_at);
	WRITE_ARRAY(out, "lines", reading->lines, reading->line_count, write_line);
	member_money(out, "subtotal", reading->has_subtotal, reading->subtotal);
	WRITE_ARRAY(out, "discounts", reading->discounts, reading->discount_count, write_discount);
	WRITE_ARRAY(out, "surcharges", reading->surcharges, reading->surcharge_count, write_surcharge);
	WRITE_ARRAY(out, "taxes", reading->taxes, reading->tax_count, write_tax);
	member_money(out, "total", reading->has_total, reading->total);
	WRITE_ARRAY(out, "payments", reading->payments, reading->payment_count, write_payment);
	member_money(out, "change", reading->has_change, reading->change);
	write_optional(reading, out);
	bytes_char(out, '}');
}
