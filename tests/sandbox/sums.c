#include "sums.h"
#include "xml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT	  ((number)1000000) /* one đồng in millionths */
#define RATES_MAX 32
#define NO_TAX	  (-1) /* KCT, KKKNT */
#define UNKNOWN	  (-2) /* a rate this program cannot calculate with */

struct rate_sum {
	char name[16]; /* TSuat as first seen */
	int basis;     /* rate in hundredths of a percent, NO_TAX or UNKNOWN */
	number lines;  /* sum of the lines */
	number net, vat;
	bool in_lines, in_summary;
};

struct sums {
	struct rate_sum rates[RATES_MAX];
	size_t count;
	number lines; /* all lines, sign of TChat applied */
	struct reason *why;
	struct notes *notes;
};

bool number_parse(const char *text, number *ret)
{
	const char *c = text + (*text == '-');
	number value = 0;
	int whole = 0, decimals = 0;

	for (; *c >= '0' && *c <= '9' && whole <= 21; c++, whole++)
		value = value * 10 + (*c - '0');
	if (*c == '.') {
		for (c++; *c >= '0' && *c <= '9' && decimals <= 6; c++, decimals++)
			value = value * 10 + (*c - '0');
		if (decimals == 0)
			return false;
	}
	if (*c != '\0' || whole == 0 || decimals > 6 || whole + decimals > 21)
		return false;
	for (; decimals < 6; decimals++)
		value *= 10;
	*ret = *text == '-' ? -value : value;
	return true;
}

int64_t number_whole(number n)
{
	number whole = n / UNIT;

	return whole > INT64_MAX || whole < -INT64_MAX ? 0 : (int64_t)whole;
}

void notes_add(struct notes *n, const char *fmt, ...)
{
	char line[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	for (char *c = line; (c = strchr(c, '\n'));)
		*c = ' ';
	text_addf(&n->lines, "%s\n", line);
}

/* Half away from zero, to a whole number (format 2.3 rule 2). */
static number divide_round(number value, number by)
{
	number size = value < 0 ? -value : value;
	number rounded = (2 * (size % by) >= by) + size / by;

	return value < 0 ? -rounded : rounded;
}

/* a × b of two numbers in millionths, rounded to whole đồng, in millionths; false on overflow. */
static bool multiply_round(number a, number b, number *ret)
{
	number product;

	if (__builtin_mul_overflow(a, b, &product))
		return false;
	*ret = divide_round(product, UNIT * UNIT) * UNIT;
	return true;
}

/* The number in a child element; *present tells whether it is there. Bad numbers were found by the field check. */
static number child_number(const xmlNode *node, const char *tag, bool *present)
{
	char text[XML_VALUE];
	number value = 0;
	bool there = xml_get(node, tag, text) && number_parse(text, &value);

	if (present)
		*present = there;
	return there ? value : 0;
}

static void show(number n, char *out, size_t size)
{
	number fraction = (n < 0 ? -n : n) % UNIT;

	str_printf(out, size, "%s%lld", n < 0 && n > -UNIT ? "-" : "", (long long)number_whole(n));
	if (fraction) {
		size_t used = strlen(out);
		str_printf(out + used, size - used, ".%06lld", (long long)fraction);
	}
}

/* Refuse when have differs from want by more than tolerance. */
static int compare(struct sums *s, const char *what, number have, number want, number tolerance)
{
	char left[48], right[48];
	number gap = have > want ? have - want : want - have;

	if (gap <= tolerance)
		return 0;
	show(have, left, sizeof left);
	show(want, right, sizeof right);
	return reason_set(s->why, "S407", "%s: ghi %s, tính được %s", what, left, right);
}

/* TSuat of format 2.7 as hundredths of a percent. KHAC:08.00% is 8%. */
static int rate_basis(const char *name)
{
	if (strcmp(name, "KCT") == 0 || strcmp(name, "KKKNT") == 0)
		return NO_TAX;
	if (strncmp(name, "KHAC:", 5) == 0)
		name += 5;
	if (!str_match(name, "^[0-9]{1,2}(\\.[0-9]{1,2})?%$"))
		return UNKNOWN;
	const char *dot = strchr(name, '.');
	int basis = atoi(name) * 100;
	if (dot)
		basis += dot[2] == '%' ? (dot[1] - '0') * 10 : atoi(dot + 1);
	return basis;
}

static struct rate_sum *rate_find(struct sums *s, const char *name)
{
	int basis = rate_basis(name);

	for (size_t i = 0; i < s->count; i++) {
		struct rate_sum *r = &s->rates[i];
		if (basis >= 0 ? r->basis == basis : strcmp(r->name, name) == 0)
			return r;
	}
	if (s->count == RATES_MAX)
		return NULL;
	struct rate_sum *r = &s->rates[s->count++];
	*r = (struct rate_sum){.basis = basis};
	str_copy(r->name, sizeof r->name, name);
	return r;
}

/* format 2.3 rule 3: amount = round(SLuong × DGia); ThTien = amount − STCKhau, or less round(amount × TLCKhau / 100) */
static int check_line(struct sums *s, const xmlNode *line, int at)
{
	bool has_quantity, has_price, has_discount, has_percent;
	number quantity = child_number(line, "SLuong", &has_quantity), price = child_number(line, "DGia", &has_price);
	number discount = child_number(line, "STCKhau", &has_discount);
	number percent = child_number(line, "TLCKhau", &has_percent), amount, part;
	char what[48];

	if (!has_quantity || !has_price)
		return 0;
	str_printf(what, sizeof what, "HHDVu[%d]/ThTien", at);
	if (!multiply_round(quantity, price, &amount))
		return reason_set(s->why, "S407", "%s: SLuong x DGia quá lớn", what);
	if (has_percent) {
		if (__builtin_mul_overflow(amount / UNIT, percent, &part))
			return reason_set(s->why, "S407", "%s: TLCKhau quá lớn", what);
		part = divide_round(part, 100 * UNIT) * UNIT;
		if (!has_discount)
			discount = part;
		else if (part != discount)
			notes_add(s->notes, "HHDVu[%d]: STCKhau is not TLCKhau of the amount", at);
	}
	return compare(s, what, child_number(line, "ThTien", NULL), amount - discount, 0);
}

static int add_line(struct sums *s, const xmlNode *line, int at, bool by_rate)
{
	char kind[8], rate[16];

	xml_copy(line, "TChat", kind, sizeof kind);
	if (strcmp(kind, "4") == 0) /* format 2.3 rule 6: a note has no amounts */
		return 0;
	if (check_line(s, line, at) != 0)
		return 1;
	number amount = child_number(line, "ThTien", NULL);
	if (amount % UNIT != 0)
		notes_add(s->notes, "HHDVu[%d]: ThTien is not whole (format 2.3 rule 1)", at);
	if (strcmp(kind, "3") == 0) /* trade discount: subtracted */
		amount = -amount;
	s->lines += amount;
	if (!by_rate)
		return 0;
	if (!xml_copy(line, "TSuat", rate, sizeof rate))
		return amount == 0 ? 0 : reason_set(s->why, "S407", "HHDVu[%d]: không có TSuat", at);
	struct rate_sum *r = rate_find(s, rate);
	if (!r)
		return reason_set(s->why, "S407", "Quá nhiều thuế suất");
	r->lines += amount;
	r->in_lines = true;
	return 0;
}

/* format 2.3 rule 4, with ±1 đồng for prices that include tax (rule 8) */
static int check_rate(struct sums *s, const struct rate_sum *r)
{
	char what[64];
	number tax = 0;

	str_printf(what, sizeof what, "LTSuat %s/ThTien", r->name);
	if (compare(s, what, r->net, r->lines, 0) != 0)
		return 1;
	if (r->basis == UNKNOWN) {
		notes_add(s->notes, "rate %s: VAT not checked", r->name);
		return 0;
	}
	if (r->basis > 0) {
		if (__builtin_mul_overflow(r->net, (number)r->basis, &tax))
			return reason_set(s->why, "S407", "%s quá lớn", what);
		tax = divide_round(tax, UNIT * 10000) * UNIT;
	}
	str_printf(what, sizeof what, "LTSuat %s/TThue", r->name);
	return compare(s, what, r->vat, tax, r->basis > 0 ? UNIT : 0);
}

static int check_rates(struct sums *s, const xmlNode *totals, number *ret_net, number *ret_vat)
{
	char name[16];

	for (const xmlNode *n = xml_path(totals, "THTTLTSuat/LTSuat"); n; n = xml_next(n)) {
		struct rate_sum *r = xml_copy(n, "TSuat", name, sizeof name) ? rate_find(s, name) : NULL;
		if (!r || r->in_summary)
			return reason_set(s->why, "S407", "LTSuat: thuế suất thiếu hoặc lặp lại");
		r->in_summary = true;
		r->net = child_number(n, "ThTien", NULL);
		r->vat = child_number(n, "TThue", NULL);
		*ret_net += r->net;
		*ret_vat += r->vat;
	}
	for (size_t i = 0; i < s->count; i++) {
		const struct rate_sum *r = &s->rates[i];
		if (!r->in_summary && r->lines == 0)
			continue;
		if (check_rate(s, r) != 0)
			return 1;
	}
	return 0;
}

static number fees(const xmlNode *totals)
{
	number sum = 0;

	for (const xmlNode *n = xml_path(totals, "DSLPhi/LPhi"); n; n = xml_next(n))
		sum += child_number(n, "TPhi", NULL);
	return sum;
}

/* format 2.3 rule 5 */
static int check_totals(struct sums *s, const xmlNode *totals, bool by_rate)
{
	number net = 0, vat = 0, due = s->lines;

	if (by_rate) {
		if (check_rates(s, totals, &net, &vat) != 0 ||
			compare(s, "TgTCThue", child_number(totals, "TgTCThue", NULL), net, 0) != 0 ||
			compare(s, "TgTThue", child_number(totals, "TgTThue", NULL), vat, 0) != 0)
			return 1;
		due = net + vat;
	}
	due += fees(totals) - child_number(totals, "TGTKhac", NULL);
	if (xml_child(totals, "TGTKCThue"))
		notes_add(s->notes, "TGTKCThue is not part of any sum here");
	return compare(s, "TgTTTBSo", child_number(totals, "TgTTTBSo", NULL), due, 0);
}

int sums_check(const xmlNode *content, int form, struct notes *notes, struct reason *why)
{
	struct sums s = {.why = why, .notes = notes};
	const xmlNode *totals = xml_child(content, "TToan");
	int at = 0;

	for (const xmlNode *n = xml_path(content, "DSHHDVu/HHDVu"); n; n = xml_next(n)) {
		if (add_line(&s, n, ++at, form == 1) != 0)
			return 1;
	}
	return totals ? check_totals(&s, totals, form == 1) : 0;
}
