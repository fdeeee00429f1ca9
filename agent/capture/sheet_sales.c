#include <string.h>

#include "base/text.h"
#include "capture/amounts.h"
#include "capture/bill.h"
#include "capture/letters.h"
#include "capture/sheet.h"

#define FIGURES_MAX 40 /* letters of a number */
#define LINES_MAX   9999

/* One bill: its rows, in the order of the file. */
struct group {
	const struct sheet_row *first;
	size_t row_count;
};

struct maker {
	const struct sheet *sheet;
	const struct catalogue *catalogue;
	struct bill_till till;
	struct arena *arena;
	struct group *groups;
	size_t *group_of; /* of each row, from 1; 0 = the row is empty */
	size_t group_count;
	struct reading reading; /* of the bill that is being made */
};

/* What is wrong first stands; the rest may follow from it. */
static void doubt(struct maker *maker, enum reading_review review, const struct sheet_row *row)
{
	if (maker->reading.review != REVIEW_NONE)
		return;
	maker->reading.review = review;
	maker->reading.review_line = row->line;
}

/* ---- numbers ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "12,345.50" where '.' is the mark: digits, in groups of three if at all, and what is behind the mark. */
static bool strip(const char *text, char mark, char out[FIGURES_MAX])
{
	const char group = mark == '.' ? ',' : '.';
	size_t len = 0, since = 0; /* digits since the last group */
	bool has_group = false, is_behind = false;

	for (; *text && len < FIGURES_MAX - 1; text++) {
		if (*text == group && !is_behind && (has_group ? since == 3 : since >= 1 && since <= 3)) {
			has_group = true;
			since = 0;
			continue;
		}
		if (*text == mark && !is_behind && (!has_group || since == 3)) {
			is_behind = true;
			out[len++] = '.';
			continue;
		}
		if (!is_digit(*text) && !(*text == '-' && len == 0))
			return false;
		since += is_digit(*text);
		out[len++] = *text;
	}
	out[len] = '\0';
	return *text == '\0' && (is_behind || !has_group || since == 3);
}

/* "12.000" is twelve thousand to whoever did not mean a mark: in money it is neither, whatever the column map says. */
static bool may_be_thousands(const char *figures)
{
	const char *start = figures + (*figures == '-');
	const char *point = strchr(start, '.');

	return point && strlen(point) == 4 && point - start <= 3 && strncmp(start, "0.", 2) != 0;
}

static bool read_decimal(const struct maker *maker, const char *text, bool is_money, struct decimal *ret)
{
	char figures[FIGURES_MAX];

	return strip(text, maker->sheet->decimal, figures) && !(is_money && may_be_thousands(figures)) &&
	       decimal_parse(figures, strlen(figures), SALE_MONEY_DIGITS, DECIMAL_SCALE_MAX, ret) == DECIMAL_OK;
}

static bool read_money(const struct maker *maker, const char *text, int64_t *ret)
{
	struct decimal value;

	if (maker->sheet->decimal == '\0')
		return amount_money(text, strlen(text), 1, ret) == AMOUNT_OK;
	if (!read_decimal(maker, text, true, &value) || value.scale != 0)
		return false;
	*ret = value.units;
	return true;
}

static bool read_price(const struct maker *maker, const char *text, struct decimal *ret)
{
	if (maker->sheet->decimal != '\0')
		return read_decimal(maker, text, true, ret);
	*ret = (struct decimal){0};
	return amount_money(text, strlen(text), 1, &ret->units) == AMOUNT_OK;
}

/* Money that a row may say; what it says is a number, or the bill is for a person. */
static bool take_money(struct maker *maker, const struct sheet_row *row, enum sheet_field field, int64_t *ret)
{
	if (row->values[field][0] == '\0')
		return false;
	if (read_money(maker, row->values[field], ret))
		return true;
	doubt(maker, REVIEW_NUMBER, row);
	return false;
}

/* ---- a line ---- */

static enum reading_review review_of(int result)
{
	return result == AMOUNT_TWO_WAYS  ? REVIEW_QUANTITY
	       : result == AMOUNT_DIFFERS ? REVIEW_AMOUNT
	       : result == AMOUNT_OK	  ? REVIEW_NONE
					  : REVIEW_NUMBER;
}

/* Quantity × price − discount = amount, to the đồng (law R-RND-2). */
static enum reading_review check_line(const struct maker *maker, const struct sheet_row *row, struct reading_line *line)
{
	const char *qty = row->values[SHEET_QTY];
	const struct decimal *price = line->has_unit_price ? &line->unit_price : NULL;
	int64_t gross = line->amount + line->discount, product;

	if (maker->sheet->decimal == '\0')
		return review_of(amount_quantity(qty, strlen(qty), price, gross, &line->qty));
	if (!read_decimal(maker, qty, false, &line->qty))
		return REVIEW_NUMBER;
	if (price && (decimal_times(line->qty, *price, &product) != DECIMAL_OK || product != gross))
		return REVIEW_AMOUNT;
	return REVIEW_NONE;
}

static void read_line(struct maker *maker, const struct sheet_row *row, struct reading_line *line)
{
	const char *const *values = row->values;
	size_t rate = strcspn(values[SHEET_RATE], " %");
	char word[16] = "";
	enum reading_review review;

	*line = (struct reading_line){.name = values[SHEET_NAME],
		.code = values[SHEET_CODE][0] ? values[SHEET_CODE] : NULL,
		.unit = values[SHEET_UNIT][0] ? values[SHEET_UNIT] : NULL,
		.has_qty = true};
	line->has_amount = take_money(maker, row, SHEET_AMOUNT, &line->amount);
	(void)take_money(maker, row, SHEET_DISCOUNT, &line->discount);
	line->has_unit_price = values[SHEET_PRICE][0] != '\0';
	if (values[SHEET_NAME][0] == '\0' || !line->has_amount || values[SHEET_QTY][0] == '\0')
		doubt(maker, REVIEW_ROW, row);
	if (line->has_unit_price && !read_price(maker, values[SHEET_PRICE], &line->unit_price))
		doubt(maker, REVIEW_NUMBER, row);
	if (line->amount < 0 || line->discount < 0 || line->unit_price.units < 0)
		doubt(maker, REVIEW_NEGATIVE, row);
	review = maker->reading.review == REVIEW_NONE ? check_line(maker, row, line) : REVIEW_NONE;
	if (review != REVIEW_NONE)
		doubt(maker, review, row);
	if (rate < sizeof(word))
		memcpy(word, values[SHEET_RATE], rate);
	if (values[SHEET_RATE][0] != '\0' &&
		(rate >= sizeof(word) || strspn(values[SHEET_RATE] + rate, " %") != strlen(values[SHEET_RATE] + rate) ||
			vat_parse(word, &line->rate) != 0))
		doubt(maker, REVIEW_ROW, row);
	for (size_t i = 0; i < SHEET_FIELD_COUNT; i++)
		if (strstr(values[i], "\xef\xbf\xbd"))
			doubt(maker, REVIEW_LETTERS, row);
}

/* ---- the day ---- */

/* Up to @max numbers between single marks of @marks; returns how many letters they take. */
static size_t read_numbers(const char *text, const char *marks, int max, int numbers[], size_t lens[])
{
	const char *at = text;

	for (int i = 0; i < max; i++) {
		numbers[i] = 0;
		for (lens[i] = 0; is_digit(*at) && lens[i] < 4; lens[i]++)
			numbers[i] = numbers[i] * 10 + (*at++ - '0');
		if (i == max - 1 || *at == '\0' || !strchr(marks, *at))
			return lens[i] > 0 ? (size_t)(at - text) : 0;
		at++;
	}
	return 0;
}

static size_t read_day(const struct maker *maker, const char *text, struct reading_time *time)
{
	int numbers[3] = {0};
	size_t lens[3] = {0};
	size_t used = read_numbers(text, "/-.", 3, numbers, lens);
	enum sheet_date date = lens[0] == 4 ? SHEET_YMD : maker->sheet->date;
	size_t year = date == SHEET_YMD ? 0 : 2;

	if (used == 0 || lens[2] == 0 || lens[year] != 4)
		return 0;
	time->has_date = true;
	time->year = numbers[year];
	time->month = numbers[date == SHEET_MDY ? 0 : 1];
	time->day = numbers[date == SHEET_YMD ? 2 : date == SHEET_MDY ? 1 : 0];
	return used;
}

static bool read_clock(const char *text, struct reading_time *time)
{
	int numbers[3] = {0};
	size_t lens[3] = {0};
	size_t used = read_numbers(text, ":", 3, numbers, lens);

	if (text[used] == '.') /* parts of a second */
		used += 1 + strspn(text + used + 1, "0123456789");
	time->hour = numbers[0];
	time->minute = numbers[1];
	time->second = numbers[2];
	return used > 0 && text[used] == '\0' && lens[0] <= 2 && lens[1] == 2 && (lens[2] == 2 || lens[2] == 0) &&
	       numbers[0] < 24 && numbers[1] < 60 && numbers[2] < 60;
}

/* Local time of the shop. A day is needed: with the number it tells one bill from another (law R-TILL-10). */
static void read_time(struct maker *maker, const struct sheet_row *row)
{
	const char *date = row->values[SHEET_DATE];
	struct reading_time *time = &maker->reading.sold_at;
	size_t used = read_day(maker, date, time);
	const char *clock = date + used + (date[used] == ' ' || date[used] == 'T');

	if (*clock == '\0')
		clock = row->values[SHEET_TIME];
	else if (row->values[SHEET_TIME][0] != '\0') /* "30/11/2026 00:00:00" beside a time of its own */
		clock = strncmp(clock, "00:00", 5) == 0 ? row->values[SHEET_TIME] : "?";
	if (used == 0 || (*clock != '\0' && !read_clock(clock, time))) {
		*time = (struct reading_time){0};
		doubt(maker, REVIEW_TIME, row);
	}
}

/* ---- the bill ---- */

/* -1 where none of the words is @text. */
static int find_kind(const struct maker *maker, const char *text)
{
	static const enum sale_kind kinds[] = {SALE_KIND_SALE, SALE_KIND_RETURN, SALE_KIND_VOID};
	const char *key = page_key(maker->arena, text);

	for (size_t i = 0; key && i < ARRAY_LEN(kinds); i++) {
		const char *words = maker->sheet->kinds[kinds[i]];
		const char *known = page_key(maker->arena, words ? words : sale_kind_text(kinds[i]));
		size_t len = 0;

		for (const char *at = known; at && *at; at += len + (at[len] == '|')) {
			len = strcspn(at, "|");
			if (len == strlen(key) && strncmp(at, key, len) == 0)
				return (int)kinds[i];
		}
	}
	return -1;
}

static void read_kind(struct maker *maker, const struct sheet_row *row)
{
	int kind = row->values[SHEET_KIND][0] == '\0' ? (int)SALE_KIND_SALE : find_kind(maker, row->values[SHEET_KIND]);

	maker->reading.kind = kind == SALE_KIND_RETURN ? READING_RETURN
			      : kind == SALE_KIND_VOID ? READING_VOID
						       : READING_SALE;
	if (kind < 0)
		doubt(maker, REVIEW_TITLE, row);
}

static bool take_amount(struct maker *maker, const struct sheet_row *row, enum sheet_field field, int64_t *ret)
{
	if (!take_money(maker, row, field, ret) || *ret == 0)
		return false;
	if (*ret < 0)
		doubt(maker, REVIEW_NEGATIVE, row);
	return *ret > 0;
}

static int read_bill_amounts(struct maker *maker, const struct sheet_row *row)
{
	struct reading *reading = &maker->reading;
	int64_t amount;

	reading->discounts = ARENA_NEW(maker->arena, struct reading_amount);
	reading->surcharges = ARENA_NEW(maker->arena, struct reading_amount);
	reading->taxes = ARENA_NEW(maker->arena, struct reading_tax);
	if (!reading->discounts || !reading->surcharges || !reading->taxes)
		return FAULT_MEMORY;
	reading->has_total = take_money(maker, row, SHEET_TOTAL, &reading->total);
	if (!reading->has_total)
		doubt(maker, REVIEW_NO_TOTAL, row);
	if (take_amount(maker, row, SHEET_BILL_DISCOUNT, &amount))
		reading->discounts[reading->discount_count++] = (struct reading_amount){"Giảm giá", amount};
	if (take_amount(maker, row, SHEET_SURCHARGE, &amount))
		reading->surcharges[reading->surcharge_count++] = (struct reading_amount){"Phụ thu", amount};
	if (take_amount(maker, row, SHEET_TAX, &amount))
		reading->taxes[reading->tax_count++] = (struct reading_tax){.label = "Thuế", .amount = amount};
	return 0;
}

/* What any of its rows says of the bill; two that differ are for a person. */
static void merge(struct maker *maker, size_t group, struct sheet_row *ret)
{
	*ret = *maker->groups[group].first;
	for (size_t i = 0; i < maker->sheet->row_count; i++) {
		const struct sheet_row *row = &maker->sheet->rows[i];

		if (maker->group_of[i] != group + 1)
			continue;
		for (size_t field = 0; field < SHEET_BILL_FIELDS; field++) {
			if (row->values[field][0] == '\0' || strcmp(row->values[field], ret->values[field]) == 0)
				continue;
			if (ret->values[field][0] != '\0')
				doubt(maker, field == SHEET_TOTAL ? REVIEW_TOTALS : REVIEW_ROW, row);
			else
				ret->values[field] = row->values[field];
		}
	}
}

static int read_bill(struct maker *maker, size_t group)
{
	struct reading *reading = &maker->reading;
	struct sheet_row bill;

	*reading = (struct reading){.kind = READING_SALE};
	reading->lines = ARENA_ARRAY(maker->arena, struct reading_line, maker->groups[group].row_count);
	if (!reading->lines)
		return FAULT_MEMORY;
	merge(maker, group, &bill);
	reading->bill_no = bill.values[SHEET_BILL];
	reading->buyer = bill.values[SHEET_BUYER][0] ? bill.values[SHEET_BUYER] : NULL;
	reading->refers_to = bill.values[SHEET_REFERS_TO][0] ? bill.values[SHEET_REFERS_TO] : NULL;
	read_time(maker, &bill);
	read_kind(maker, &bill);
	for (size_t i = 0; i < maker->sheet->row_count; i++)
		if (maker->group_of[i] == group + 1)
			read_line(maker, &maker->sheet->rows[i], &reading->lines[reading->line_count++]);
	if (reading->line_count > LINES_MAX)
		doubt(maker, REVIEW_SIZE, &bill);
	maker->till.till_id = bill.values[SHEET_TILL][0] ? bill.values[SHEET_TILL] : maker->till.till_id;
	return read_bill_amounts(maker, &bill);
}

static int make_sale(struct maker *maker, const struct bill_till *till, size_t group, struct sheet_sale *ret)
{
	int result;

	maker->till = *till;
	result = read_bill(maker, group);
	if (result == 0)
		result = bill_sale(
			maker->arena, &maker->reading, maker->catalogue, &maker->till, &ret->sale, &ret->problem);
	return result > 0 ? bill_unread(maker->arena, &maker->reading, &maker->till, &ret->problem, &ret->sale)
			  : result;
}

/* ---- which rows are one bill ---- */

static size_t day_len(const char *date)
{
	return strcspn(date, " T");
}

static bool is_same_bill(const struct sheet_row *one, const struct sheet_row *two)
{
	const char *const *a = one->values, *const *b = two->values;
	size_t len = day_len(a[SHEET_DATE]);

	if (one->sale != two->sale || one->sale != 0)
		return one->sale == two->sale;
	return strcmp(a[SHEET_BILL], b[SHEET_BILL]) == 0 && strcmp(a[SHEET_TILL], b[SHEET_TILL]) == 0 &&
	       (a[SHEET_DATE][0] == '\0' || b[SHEET_DATE][0] == '\0' ||
		       (len == day_len(b[SHEET_DATE]) && strncmp(a[SHEET_DATE], b[SHEET_DATE], len) == 0));
}

static bool is_empty(const struct sheet_row *row)
{
	for (size_t i = 0; i < SHEET_FIELD_COUNT; i++)
		if (row->values[i][0] != '\0')
			return false;
	return true;
}

static int unread(struct problem *problem, const struct sheet_row *row, const char *why)
{
	problem_set(problem, PROBLEM_SHEET_UNREAD, "%s", "");
	return problem_add(problem, "line %zu: %s", row->line, why);
}

/* Most rows belong to the bill above. */
static int group_row(struct maker *maker, size_t i, size_t last, struct problem *problem)
{
	const struct sheet_row *row = &maker->sheet->rows[i];
	size_t group = last;

	if (row->values[SHEET_BILL][0] == '\0' && (row->sale != 0 || last == 0))
		return unread(problem, row, "there is no bill number");
	if (row->sale != 0 || row->values[SHEET_BILL][0] != '\0')
		for (group = maker->group_count; group > 0 && !is_same_bill(maker->groups[group - 1].first, row);)
			group--;
	if (group == 0) {
		if (maker->group_count == SHEET_SALES_MAX)
			return unread(problem, row, "more than 1000 bills; write smaller files");
		if (row->values[SHEET_TILL][0] == '\0' && !maker->till.till_id)
			return unread(problem, row, "no till is named; set [spool] till, or name a column");
		maker->groups[maker->group_count++].first = row;
		group = maker->group_count;
	}
	maker->groups[group - 1].row_count++;
	maker->group_of[i] = group;
	return 0;
}

static int group_rows(struct maker *maker, struct problem *problem)
{
	size_t last = 0;
	int result = 0;

	for (size_t i = 0; result == 0 && i < maker->sheet->row_count; i++) {
		if (is_empty(&maker->sheet->rows[i]))
			continue;
		result = group_row(maker, i, last, problem);
		last = maker->group_of[i];
	}
	return result;
}

int sheet_sales(const struct sheet *sheet, const struct catalogue *catalogue, const struct bill_till *till,
	struct arena *arena, struct sheet_sale **ret, size_t *ret_count, struct problem *problem)
{
	struct maker maker = {.sheet = sheet,
		.catalogue = catalogue,
		.till = *till,
		.arena = arena,
		.groups = ARENA_ARRAY(arena, struct group, SHEET_SALES_MAX),
		.group_of = ARENA_ARRAY(arena, size_t, sheet->row_count + 1)};
	struct sheet_sale *sales = NULL;
	int result = maker.groups && maker.group_of ? group_rows(&maker, problem) : FAULT_MEMORY;

	if (result == 0)
		sales = ARENA_ARRAY(arena, struct sheet_sale, maker.group_count + 1);
	if (result == 0 && !sales)
		result = FAULT_MEMORY;
	for (size_t i = 0; result == 0 && i < maker.group_count; i++)
		result = make_sale(&maker, till, i, &sales[i]);
	if (result != 0)
		return result;
	*ret = sales;
	*ret_count = maker.group_count;
	return 0;
}
