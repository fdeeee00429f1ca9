#include "capture/profile.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "capture/amounts.h"
#include "capture/profile_reader.h"

static bool is_bill(const struct reader *reader)
{
	return reader->reading->kind != READING_KITCHEN || !reader->has_kind;
}

void reader_review(struct reader *reader, enum reading_review review, size_t line)
{
	if (reader->reading->review != REVIEW_NONE)
		return;
	reader->reading->review = review;
	reader->reading->review_line = line;
}

const char *reader_slice(struct reader *reader, const struct row *row, size_t from, size_t to)
{
	const char *slice = row_slice(reader->arena, row, from, to);

	reader->is_out_of_memory |= slice == NULL;
	return slice ? slice : "";
}

static bool checked(struct reader *reader, int result)
{
	if (result < 0)
		reader_review(reader, REVIEW_LIMIT, reader->at + 1);
	return result > 0;
}

bool reader_hit(struct reader *reader, enum profile_pattern which, const struct row *row, struct match *ret)
{
	return checked(
		reader, profile_match(reader->profile, which, row->fold + row->indent, row->len - row->indent, ret));
}

bool reader_says(struct reader *reader, enum profile_pattern which, const struct row *row)
{
	struct match match;

	return checked(reader, profile_match(reader->profile, which, row->label, strlen(row->label), &match));
}

bool reader_row(struct reader *reader, enum profile_pattern which, const struct row *row, struct match *ret)
{
	return checked(reader, profile_match(reader->profile, which, row->fold, row->len, ret));
}

bool match_has(const struct match *match, enum profile_group group)
{
	return match->from[group] <= match->to[group];
}

const char *reader_group(
	struct reader *reader, const struct row *row, size_t shift, const struct match *match, enum profile_group group)
{
	return match_has(match, group) ? reader_slice(reader, row, shift + match->from[group], shift + match->to[group])
				       : NULL;
}

int reader_money(struct reader *reader, const struct row *row, size_t shift, const struct match *match,
	enum profile_group group, int64_t *ret)
{
	return amount_money(row->fold + shift + match->from[group], match->to[group] - match->from[group],
		reader->profile->scale, ret);
}

bool reader_last_number(struct reader *reader, const struct row *row, struct match *ret, int64_t *ret_value)
{
	return reader_hit(reader, PATTERN_LAST_NUMBER, row, ret) &&
	       reader_money(reader, row, row->indent, ret, GROUP_V, ret_value) == AMOUNT_OK;
}

bool reader_has_amount(struct reader *reader, const struct row *row)
{
	struct match match;
	const char *digits;
	size_t len;
	int64_t value;

	if (!reader_last_number(reader, row, &match, &value) || value == 0)
		return false;
	digits = row->fold + row->indent + match.from[GROUP_V];
	len = match.to[GROUP_V] - match.from[GROUP_V];
	/* "Bia 330" is a name, "2.000", "5000" and "5 d" are money. */
	return llabs(value) >= 1000 || memchr(digits, '-', len) || match.to[GROUP_V] < row->len - row->indent;
}

/* ---- Head: kind, number, time ---- */

static void set_kind(struct reader *reader, enum reading_kind kind, const struct row *row)
{
	struct reading *reading = reader->reading;
	bool is_word_of_bill = kind == READING_PRE_BILL || kind == READING_REPRINT;

	if (!reader->has_kind) {
		reader->has_kind = true;
		reading->kind = kind;
		reading->title = reader_slice(reader, row, row->indent, row->len);
	} else if (reading->kind == READING_SALE && is_word_of_bill) {
		reading->kind = kind;
	} else if (reading->kind != kind &&
		   !(kind == READING_SALE && (reading->kind == READING_PRE_BILL || reading->kind == READING_REPRINT))) {
		reader_review(reader, REVIEW_TITLES, reader->at + 1);
	}
}

static bool classify(struct reader *reader, const struct row *row)
{
	for (int kind = READING_PRE_BILL; kind <= READING_OTHER; kind++) {
		if (!reader_says(
			    reader, PATTERN_REJECT_PRE_BILL + (enum profile_pattern)(kind - READING_PRE_BILL), row))
			continue;
		set_kind(reader, (enum reading_kind)kind, row);
		return true;
	}
	if (!reader_says(reader, PATTERN_ACCEPT_TITLE, row))
		return false;
	set_kind(reader, READING_SALE, row);
	return true;
}

static int number_of(const struct row *row, const struct match *match, enum profile_group group)
{
	int value = 0;

	for (size_t i = match->from[group]; i < match->to[group] && value < 10000; i++)
		value = value * 10 + (row->fold[row->indent + i] - '0');
	return value;
}

static bool is_date(const struct reading_time *time)
{
	return time->year >= 2000 && time->year < 2100 && time->month >= 1 && time->month <= 12 && time->day >= 1 &&
	       time->day <= 31 && clock_day_is_valid(time->year * 10000 + time->month * 100 + time->day) &&
	       time->hour >= 0 && time->hour < 24 && time->minute >= 0 && time->minute < 60 && time->second >= 0 &&
	       time->second < 60;
}

static bool read_time(struct reader *reader, const struct row *row)
{
	struct reading_time *known = &reader->reading->sold_at;
	struct reading_time time = {.has_date = true};
	struct match match;

	if (!reader_hit(reader, PATTERN_HEADER_TIME, row, &match))
		return false;
	time.day = number_of(row, &match, GROUP_DAY);
	time.month = number_of(row, &match, GROUP_MONTH);
	time.year = number_of(row, &match, GROUP_YEAR);
	time.hour = number_of(row, &match, GROUP_HOUR);
	time.minute = number_of(row, &match, GROUP_MINUTE);
	time.second = number_of(row, &match, GROUP_SECOND);
	time.year += time.year < 100 ? 2000 : 0;
	if (!is_date(&time))
		reader_review(reader, REVIEW_TIME, reader->at + 1);
	else if (!known->has_date)
		*known = time;
	else if (known->year != time.year || known->month != time.month || known->day != time.day)
		reader_review(reader, REVIEW_TIME, reader->at + 1);
	return true;
}

/* Whether the line has the field; the first one printed is kept. */
static bool read_text(struct reader *reader, enum profile_pattern which, const struct row *row, const char **field)
{
	struct match match;
	const char *value;

	if (!reader_hit(reader, which, row, &match))
		return false;
	value = reader_group(reader, row, row->indent, &match, GROUP_V);
	if (value && *value && !*field)
		*field = value;
	return true;
}

static bool read_number(struct reader *reader, const struct row *row)
{
	const char *number = NULL;

	if (!read_text(reader, PATTERN_HEADER_NUMBER, row, &number))
		return false;
	if (!reader->reading->bill_no)
		reader->reading->bill_no = number;
	else if (number && strcmp(number, reader->reading->bill_no) != 0)
		reader_review(reader, REVIEW_BILL_NO, reader->at + 1);
	return true;
}

/* Free text goes first, and what stands there is data: a buyer may be called "Hủy". */
bool reader_head_field(struct reader *reader, const struct row *row, bool *ret_is_free)
{
	struct reading *reading = reader->reading;
	bool is_field;

	*ret_is_free = read_text(reader, PATTERN_HEADER_BUYER, row, &reading->buyer) ||
		       reader_says(reader, PATTERN_HEADER_SKIP, row);
	if (*ret_is_free)
		return true;
	is_field = read_number(reader, row);
	is_field |= read_time(reader, row);
	is_field |= read_text(reader, PATTERN_HEADER_TABLE, row, &reading->table);
	is_field |= read_text(reader, PATTERN_HEADER_REFERS, row, &reading->refers_to);
	return is_field;
}

static void head_line(struct reader *reader, const struct row *row)
{
	bool is_free = false;
	bool is_field;

	if (row_is_rule(row)) {
		reader->pending.name = NULL;
		return;
	}
	/* "Bàn chải" above "2 x 57.000" is no table. */
	is_field = !reader_is_name(reader) && reader_head_field(reader, row, &is_free);
	if (!is_free && classify(reader, row))
		is_field = true;
	if (is_field) {
		reader->pending.name = NULL;
	} else if (reader_says(reader, PATTERN_ITEMS_START, row)) {
		reader->place = PLACE_ITEMS;
		reader->pending.name = NULL;
	} else if (is_bill(reader) ? reader_item(reader, row, false) : reader_ticket(reader, row)) {
		reader->place = PLACE_ITEMS;
	} else if (is_bill(reader) && reader_is_total(reader, row)) {
		reader->place = PLACE_TOTALS;
		reader->pending.name = NULL;
		reader_total_line(reader, row);
	} else {
		reader_pend(reader, row);
	}
}

static bool is_report(const struct reader *reader)
{
	return reader->has_kind && reader->reading->kind == READING_OTHER;
}

/* Of a report only its kind is wanted; the title of a bill in it is a doubt. */
static void report_line(struct reader *reader, const struct row *row)
{
	if (reader_says(reader, PATTERN_ACCEPT_TITLE, row))
		reader_review(reader, REVIEW_TITLES, reader->at + 1);
}

/* ---- Below the items ---- */

static void foot_line(struct reader *reader, const struct row *row)
{
	static const struct {
		enum profile_pattern pattern;
		enum reading_kind kind;
	} words[] = {{PATTERN_FOOT_PRE_BILL, READING_PRE_BILL}, {PATTERN_FOOT_REPRINT, READING_REPRINT},
		{PATTERN_FOOT_VOID, READING_VOID}};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (reader_says(reader, words[i].pattern, row) && reader->reading->kind == READING_SALE)
			reader->reading->kind = words[i].kind;
	if (reader_says(reader, PATTERN_FOOT_CUSTOMER, row))
		reader->reading->copy = "customer";
	else if (reader_says(reader, PATTERN_FOOT_MERCHANT, row))
		reader->reading->copy = "merchant";
	if (reader_says(reader, PATTERN_FOOT_END, row))
		reader->is_over = true;
}

static void totals_line(struct reader *reader, const struct row *row)
{
	bool is_free;

	/* Words of a label ("giảm giá lần 2") say nothing about the paper. */
	if (!reader_is_total(reader, row))
		foot_line(reader, row);
	if (reader_total_line(reader, row) || reader_head_field(reader, row, &is_free) || reader->is_over)
		return;
	if (reader_has_amount(reader, row))
		reader_review(reader, REVIEW_UNKNOWN_AMOUNT, reader->at + 1);
}

/* ---- The whole ---- */

static bool make_room(struct reader *reader, size_t lines)
{
	struct reading *reading = reader->reading;

	reader->rows = ARENA_ARRAY(reader->arena, struct row, lines + 1);
	reader->notes = ARENA_ARRAY(reader->arena, const char *, 2 * lines + 2);
	reading->lines = ARENA_ARRAY(reader->arena, struct reading_line, lines + 1);
	reading->discounts = ARENA_ARRAY(reader->arena, struct reading_amount, lines + 1);
	reading->surcharges = ARENA_ARRAY(reader->arena, struct reading_amount, lines + 1);
	reading->taxes = ARENA_ARRAY(reader->arena, struct reading_tax, lines + 1);
	reading->payments = ARENA_ARRAY(reader->arena, struct reading_payment, lines + 1);
	return reader->rows && reader->notes && reading->lines && reading->discounts && reading->surcharges &&
	       reading->taxes && reading->payments;
}

static bool make_rows(struct reader *reader, const struct page *page)
{
	for (size_t i = 0; i < page->line_count; i++) {
		if (!row_make(reader->arena, page->lines[i].text, &reader->rows[i]))
			return false;
		if (!reader->rows[i].is_readable)
			reader_review(reader, REVIEW_LETTERS, i + 1);
	}
	reader->row_count = page->line_count;
	return true;
}

static void read_lines(struct reader *reader)
{
	for (reader->at = 0; reader->at < reader->row_count; reader->at++) {
		const struct row *row = &reader->rows[reader->at];

		if (!row->is_readable || row->len == 0)
			continue;
		if (is_report(reader))
			report_line(reader, row);
		else if (reader->place == PLACE_HEAD)
			head_line(reader, row);
		else if (row_is_rule(row))
			continue;
		else if (!is_bill(reader))
			(void)reader_ticket(reader, row);
		else if (reader->place == PLACE_ITEMS)
			reader_item_line(reader, row);
		else
			totals_line(reader, row);
	}
}

int profile_read(
	struct profile *profile, const struct page *page, struct arena *arena, struct reading *ret, struct fault *fault)
{
	struct reading reading = {.kind = READING_OTHER, .qr = page->qr, .qr_count = page->qr_count};
	struct reader reader = {.profile = profile, .arena = arena, .reading = &reading};

	if (page->line_count > PROFILE_LINES_MAX) {
		reading.review = REVIEW_SIZE;
		*ret = reading;
		return 0;
	}
	if (!make_room(&reader, page->line_count) || !make_rows(&reader, page))
		return FAULT(fault, FAULT_MEMORY, "no memory for a receipt of %zu lines", page->line_count);
	if (page->is_unsure)
		reader_review(&reader, REVIEW_LETTERS, 0);
	read_lines(&reader);
	if (!reader.has_kind)
		reader_review(&reader, REVIEW_TITLE, 0);
	else if (is_bill(&reader) && !is_report(&reader))
		reader_check(&reader);
	if (reader.is_out_of_memory)
		return FAULT(fault, FAULT_MEMORY, "no memory for a receipt of %zu lines", page->line_count);
	*ret = reading;
	return 0;
}
