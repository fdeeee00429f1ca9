#include "sums.h"
#include "number.h"
#include "xml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATES_MAX 32
#define NO_TAX	  (-1) /* KCT, KKKNT */
#define NONE	  ((struct number){0})
#define UNKNOWN	  (-2) /* a rate this program cannot calculate with */

struct rate_sum {
	char name[16];	     /* TSuat as first seen */
	int basis;	     /* rate in hundredths of a percent, NO_TAX or UNKNOWN */
	struct number lines; /* sum of the lines */
	struct number net, vat;
	bool in_lines, in_summary;
};

struct sums {
	struct rate_sum rates[RATES_MAX];
	size_t count;
	struct number lines; /* all lines, sign of TChat applied */
	struct reason *why;
	struct notes *notes;
};

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

static bool is_same(struct number a, struct number b)
{
	return number_compare_sizes(number_minus(a, b), NONE) == 0;
}

/* The number in a child element; *present tells whether it is there. Bad numbers were found by the field check. */
static struct number child_number(const xmlNode *node, const char *tag, bool *present)
{
	char text[XML_VALUE];
	struct number value = {0};
	bool there = xml_get(node, tag, text) && number_parse(text, &value);

	if (present)
		*present = there;
	return value;
}

/* Refuse when have differs from want by more than tolerance. */
static int compare(struct sums *s, const char *what, struct number have, struct number want, struct number tolerance)
{
	char left[64], right[64];

	if (number_compare_sizes(number_minus(have, want), tolerance) <= 0)
		return 0;
	number_show(have, left, sizeof left);
	number_show(want, right, sizeof right);
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
	struct number quantity = child_number(line, "SLuong", &has_quantity),
		      price = child_number(line, "DGia", &has_price);
	struct number discount = child_number(line, "STCKhau", &has_discount);
	struct number percent = child_number(line, "TLCKhau", &has_percent), amount, part;
	char what[48];

	if (!has_quantity || !has_price)
		return 0;
	str_printf(what, sizeof what, "HHDVu[%d]/ThTien", at);
	if (!number_times(quantity, price, &amount))
		return reason_set(s->why, "S407", "%s: SLuong x DGia quá lớn", what);
	if (has_percent) {
		if (!number_times(number_hundredth(amount), percent, &part))
			return reason_set(s->why, "S407", "%s: TLCKhau quá lớn", what);
		if (!has_discount)
			discount = part;
		else if (!is_same(part, discount))
			notes_add(s->notes, "HHDVu[%d]: STCKhau is not TLCKhau of the amount", at);
	}
	return compare(s, what, child_number(line, "ThTien", NULL), number_minus(amount, discount), NONE);
}

static int add_line(struct sums *s, const xmlNode *line, int at, bool by_rate)
{
	char kind[8], rate[16];

	xml_copy(line, "TChat", kind, sizeof kind);
	if (strcmp(kind, "4") == 0) /* format 2.3 rule 6: a note has no amounts */
		return 0;
	if (check_line(s, line, at) != 0)
		return 1;
	struct number amount = child_number(line, "ThTien", NULL);
	if (!number_is_whole(amount))
		notes_add(s->notes, "HHDVu[%d]: ThTien is not whole (format 2.3 rule 1)", at);
	if (strcmp(kind, "3") == 0) /* trade discount: subtracted */
		amount = number_negated(amount);
	s->lines = number_plus(s->lines, amount);
	if (!by_rate)
		return 0;
	if (!xml_copy(line, "TSuat", rate, sizeof rate))
		return is_same(amount, NONE) ? 0 : reason_set(s->why, "S407", "HHDVu[%d]: không có TSuat", at);
	struct rate_sum *r = rate_find(s, rate);
	if (!r)
		return reason_set(s->why, "S407", "Quá nhiều thuế suất");
	r->lines = number_plus(r->lines, amount);
	r->in_lines = true;
	return 0;
}

/* format 2.3 rule 4, with ±1 đồng for prices that include tax (rule 8) */
static int check_rate(struct sums *s, const struct rate_sum *r)
{
	char what[64];
	struct number tax = NONE, rate = number_of((int64_t)r->basis * (NUMBER_BASE / 10000));

	str_printf(what, sizeof what, "LTSuat %s/ThTien", r->name);
	if (compare(s, what, r->net, r->lines, NONE) != 0)
		return 1;
	if (r->basis == UNKNOWN) {
		notes_add(s->notes, "rate %s: VAT not checked", r->name);
		return 0;
	}
	if (r->basis > 0 && !number_times(r->net, rate, &tax))
		return reason_set(s->why, "S407", "%s quá lớn", what);
	str_printf(what, sizeof what, "LTSuat %s/TThue", r->name);
	return compare(s, what, r->vat, tax, r->basis > 0 ? number_of(NUMBER_BASE) : NONE);
}

static int check_rates(struct sums *s, const xmlNode *totals, struct number *ret_net, struct number *ret_vat)
{
	char name[16];

	for (const xmlNode *n = xml_path(totals, "THTTLTSuat/LTSuat"); n; n = xml_next(n)) {
		struct rate_sum *r = xml_copy(n, "TSuat", name, sizeof name) ? rate_find(s, name) : NULL;
		if (!r || r->in_summary)
			return reason_set(s->why, "S407", "LTSuat: thuế suất thiếu hoặc lặp lại");
		r->in_summary = true;
		r->net = child_number(n, "ThTien", NULL);
		r->vat = child_number(n, "TThue", NULL);
		*ret_net = number_plus(*ret_net, r->net);
		*ret_vat = number_plus(*ret_vat, r->vat);
	}
	for (size_t i = 0; i < s->count; i++) {
		const struct rate_sum *r = &s->rates[i];
		if (!r->in_summary && is_same(r->lines, NONE))
			continue;
		if (check_rate(s, r) != 0)
			return 1;
	}
	return 0;
}

static struct number fees(const xmlNode *totals)
{
	struct number sum = NONE;

	for (const xmlNode *n = xml_path(totals, "DSLPhi/LPhi"); n; n = xml_next(n))
		sum = number_plus(sum, child_number(n, "TPhi", NULL));
	return sum;
}

/* format 2.3 rule 5 */
static int check_totals(struct sums *s, const xmlNode *totals, bool by_rate)
{
	struct number net = NONE, vat = NONE, due = s->lines;

	if (by_rate) {
		if (check_rates(s, totals, &net, &vat) != 0 ||
			compare(s, "TgTCThue", child_number(totals, "TgTCThue", NULL), net, NONE) != 0 ||
			compare(s, "TgTThue", child_number(totals, "TgTThue", NULL), vat, NONE) != 0)
			return 1;
		due = number_plus(net, vat);
	}
	due = number_minus(number_plus(due, fees(totals)), child_number(totals, "TGTKhac", NULL));
	if (xml_child(totals, "TGTKCThue"))
		notes_add(s->notes, "TGTKCThue is not part of any sum here");
	return compare(s, "TgTTTBSo", child_number(totals, "TgTTTBSo", NULL), due, NONE);
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
