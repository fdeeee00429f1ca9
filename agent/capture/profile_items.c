#include <stdlib.h>
#include <string.h>

#include "capture/amounts.h"
#include "capture/profile_reader.h"

/* The numbers of a row, and what is wrong with them. */
struct numbers {
	enum reading_review review;
	struct decimal qty, price;
	int64_t amount;
	bool has_price;
};

static void add_note(struct reader *reader, const char *note)
{
	reader->notes[reader->note_count++] = note;
}

void reader_pend(struct reader *reader, const struct row *row)
{
	struct match match;
	const char *name = NULL;

	if (reader_hit(reader, PATTERN_ITEMS_NAME, row, &match))
		name = reader_group(reader, row, row->indent, &match, GROUP_V);
	if (!name)
		name = reader_slice(reader, row, row->indent, row->len);
	reader->pending = (struct pending){.name = name, .line = reader->at + 1, .notes = reader->note_count};
}

/* Could the two columns be exchanged and still give the amount? "20.000  1.500  30.000": 1.5 of 20,000, or 20 of 1,500. */
static bool is_exchangeable(const struct row *row, const struct match *match, int64_t amount)
{
	struct decimal prices[2];
	struct decimal price, qty;
	int64_t money;

	if (amount_quantities(row->fold + match->from[GROUP_PRICE], match->to[GROUP_PRICE] - match->from[GROUP_PRICE],
		    prices) == 0 ||
		amount_money(row->fold + match->from[GROUP_QTY], match->to[GROUP_QTY] - match->from[GROUP_QTY], 1,
			&money) != AMOUNT_OK)
		return false;
	price = (struct decimal){.units = money};
	return money >= 1000 &&
	       amount_quantity(row->fold + match->from[GROUP_PRICE], match->to[GROUP_PRICE] - match->from[GROUP_PRICE],
		       &price, amount, &qty) == AMOUNT_OK;
}

static struct numbers read_numbers(struct reader *reader, const struct row *row, const struct match *match)
{
	static const enum reading_review reviews[] = {[AMOUNT_OK] = REVIEW_NONE,
		[AMOUNT_NONE] = REVIEW_NUMBER,
		[AMOUNT_RANGE] = REVIEW_NUMBER,
		[AMOUNT_DIFFERS] = REVIEW_AMOUNT,
		[AMOUNT_TWO_WAYS] = REVIEW_QUANTITY};
	struct numbers numbers = {.review = REVIEW_NUMBER, .has_price = match_has(match, GROUP_PRICE)};
	int64_t price = 0;
	int result;

	if (reader_money(reader, row, 0, match, GROUP_AMOUNT, &numbers.amount) != AMOUNT_OK ||
		(numbers.has_price && reader_money(reader, row, 0, match, GROUP_PRICE, &price) != AMOUNT_OK))
		return numbers;
	numbers.price = (struct decimal){.units = price};
	result = amount_quantity(row->fold + match->from[GROUP_QTY], match->to[GROUP_QTY] - match->from[GROUP_QTY],
		numbers.has_price ? &numbers.price : NULL, numbers.amount, &numbers.qty);
	numbers.review = reviews[result];
	if (result == AMOUNT_OK && (numbers.amount < 0 || price < 0 || decimal_is_zero(numbers.qty)))
		numbers.review = REVIEW_NEGATIVE;
	else if (result == AMOUNT_OK && numbers.has_price && reader->profile->is_order_unsure &&
		 is_exchangeable(row, match, numbers.amount))
		numbers.review = REVIEW_QUANTITY;
	return numbers;
}

static void commit(
	struct reader *reader, const struct row *row, const struct match *match, const struct numbers *numbers)
{
	struct reading_line *item = &reader->reading->lines[reader->reading->line_count++];
	size_t first = reader->note_count;

	*item = (struct reading_line){.name = reader_group(reader, row, 0, match, GROUP_NAME),
		.unit = reader_group(reader, row, 0, match, GROUP_UNIT),
		.code = reader_group(reader, row, 0, match, GROUP_CODE),
		.qty = numbers->qty,
		.unit_price = numbers->price,
		.amount = numbers->amount,
		.has_qty = true,
		.has_unit_price = numbers->has_price,
		.has_amount = true};
	if (!item->name) {
		item->name = reader->pending.name;
		first = reader->pending.notes;
	}
	reader->pending.name = NULL;
	if (item->code)
		add_note(reader, item->code);
	item->notes = reader->notes + first;
	item->note_count = reader->note_count - first;
	reader->item = item;
}

/* In columns that wrap, what stands below a row is the rest of its name. */
static void join_below(struct reader *reader)
{
	if (reader->profile->wrap != WRAP_BELOW || !reader->pending.name || !reader->item || reader->pending.is_topping)
		return;
	reader->item->name = arena_printf(reader->arena, "%s %s", reader->item->name, reader->pending.name);
	reader->is_out_of_memory |= reader->item->name == NULL;
	reader->pending.name = NULL;
}

/* A row has a quantity and an amount, so that a line without a figure is none. */
static bool is_row(struct reader *reader, int which, const struct row *row, struct match *ret)
{
	return row->has_figure && reader_row(reader, (enum profile_pattern)which, row, ret);
}

bool reader_item(struct reader *reader, const struct row *row, bool is_sure)
{
	enum reading_review review = REVIEW_NONE;

	for (int which = PATTERN_ROW_1; which <= PATTERN_ROW_8; which++) {
		struct match match;
		struct numbers numbers;

		if (!is_row(reader, which, row, &match))
			continue;
		numbers = read_numbers(reader, row, &match);
		if (numbers.review != REVIEW_NONE) {
			review = review == REVIEW_NONE ? numbers.review : review;
			continue;
		}
		if (match_has(&match, GROUP_NAME)) {
			join_below(reader);
			/* Before the items, lines of the head stand above; between them, a name without numbers is lost. */
			if (is_sure && reader->pending.name)
				reader_review(reader, REVIEW_ROW, reader->pending.line);
		} else if (!reader->pending.name) {
			review = review == REVIEW_NONE ? REVIEW_ROW : review;
			continue;
		}
		commit(reader, row, &match, &numbers);
		return true;
	}
	/* "TOTAL  1 379 000" looks like a row whose numbers do not close. */
	if (!is_sure || review == REVIEW_NONE ||
		(reader_says(reader, PATTERN_ITEMS_STOP, row) && reader_is_total(reader, row)))
		return false;
	reader_review(reader, review, reader->at + 1);
	return true;
}

bool reader_is_name(struct reader *reader)
{
	size_t next = reader->at + 1;

	while (next < reader->row_count && reader->rows[next].len == 0)
		next++;
	for (int which = PATTERN_ROW_1; next < reader->row_count && which <= PATTERN_ROW_8; which++) {
		struct match match;

		if (is_row(reader, which, &reader->rows[next], &match) && !match_has(&match, GROUP_NAME))
			return read_numbers(reader, &reader->rows[next], &match).review == REVIEW_NONE;
	}
	return false;
}

/* Whether the line was the discount of the item above. */
static bool read_discount(struct reader *reader, const struct row *row)
{
	struct match match;
	struct match last;
	int64_t value;

	if (!reader_row(reader, PATTERN_ITEMS_DISCOUNT, row, &match) || !reader_last_number(reader, row, &last, &value))
		return false;
	value = llabs(value);
	if (!reader->item || reader->pending.name || value > reader->item->amount) {
		reader_review(reader, REVIEW_NEGATIVE, reader->at + 1);
		return true;
	}
	reader->item->amount -= value;
	reader->item->discount += value;
	return true;
}

static bool read_note(struct reader *reader, const struct row *row)
{
	struct match match;
	const char *note;

	if (!reader_row(reader, PATTERN_ITEMS_NOTE, row, &match))
		return false;
	note = reader_group(reader, row, 0, &match, GROUP_V);
	if (!note)
		note = reader_slice(reader, row, row->indent, row->len);
	if (!reader->pending.name && reader_is_name(reader)) {
		reader->pending = (struct pending){
			.name = note, .line = reader->at + 1, .notes = reader->note_count, .is_topping = true};
		add_note(reader, "topping");
	} else if (reader->pending.name) {
		add_note(reader, note);
	} else if (reader->item) {
		add_note(reader, note);
		reader->item->note_count++;
	} else {
		reader_review(reader, REVIEW_ROW, reader->at + 1);
	}
	return true;
}

static void end_items(struct reader *reader, const struct row *row)
{
	join_below(reader);
	if (reader->pending.name)
		reader_review(reader, REVIEW_ROW, reader->pending.line);
	reader->pending.name = NULL;
	reader->place = PLACE_TOTALS;
	if (!reader_total_line(reader, row) && reader_has_amount(reader, row))
		reader_review(reader, REVIEW_UNKNOWN_AMOUNT, reader->at + 1);
}

static void read_name(struct reader *reader, const struct row *row)
{
	const char *above = reader->pending.name;
	size_t line = reader->pending.line;
	size_t notes = reader->pending.notes;

	if (above && reader->profile->wrap != WRAP_ABOVE)
		reader_review(reader, REVIEW_ROW, line);
	reader_pend(reader, row);
	if (above && reader->profile->wrap == WRAP_ABOVE) {
		reader->pending.name = arena_printf(reader->arena, "%s %s", above, reader->pending.name);
		reader->pending.notes = notes;
		reader->is_out_of_memory |= reader->pending.name == NULL;
	}
}

void reader_item_line(struct reader *reader, const struct row *row)
{
	bool is_name = reader_is_name(reader);

	if (read_discount(reader, row))
		return;
	if (read_note(reader, row))
		return;
	if (is_name && !reader->pending.name) {
		reader_pend(reader, row);
		return;
	}
	if (reader_item(reader, row, true))
		return;
	if (reader_says(reader, PATTERN_ITEMS_STOP, row))
		end_items(reader, row);
	else if (reader_has_amount(reader, row))
		reader_review(reader, REVIEW_ROW, reader->at + 1);
	else
		read_name(reader, row);
}

bool reader_ticket(struct reader *reader, const struct row *row)
{
	for (int which = PATTERN_TICKET_1; which <= PATTERN_TICKET_2; which++) {
		struct match match;
		struct numbers numbers = {0};
		size_t from;

		if (!reader_hit(reader, (enum profile_pattern)which, row, &match))
			continue;
		from = row->indent + match.from[GROUP_QTY];
		if (amount_quantity(row->fold + from, match.to[GROUP_QTY] - match.from[GROUP_QTY], NULL, 0,
			    &numbers.qty) != AMOUNT_OK)
			continue;
		commit(reader, row, &match, &numbers);
		reader->item->name = reader_group(reader, row, row->indent, &match, GROUP_NAME);
		reader->item->has_amount = false;
		return true;
	}
	if (reader->item)
		(void)read_note(reader, row);
	return false;
}
