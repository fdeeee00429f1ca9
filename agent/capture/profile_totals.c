#include <stdlib.h>
#include <string.h>

#include "capture/amounts.h"
#include "capture/profile_reader.h"

/* Roles in the order in which they are tried; the first that fits is taken. */
static const enum profile_pattern roles[] = {PATTERN_IGNORE, PATTERN_AGAIN, PATTERN_SUBTOTAL, PATTERN_CHANGE,
	PATTERN_TOTAL, PATTERN_SUM, PATTERN_DISCOUNT, PATTERN_SURCHARGE, PATTERN_TAX_INSIDE, PATTERN_TAX,
	PATTERN_PAID_VOUCHER, PATTERN_PAID_TRANSFER, PATTERN_PAID_CARD, PATTERN_PAID_CASH, PATTERN_PAID_UNKNOWN};

static bool has_value(struct reader *reader, const struct row *row, struct entry *entry)
{
	struct match last;

	if (match_has(&entry->match, GROUP_V)) {
		entry->label_end = row->indent + entry->match.from[GROUP_V];
		return reader_money(reader, row, row->indent, &entry->match, GROUP_V, &entry->value) == AMOUNT_OK;
	}
	if (!reader_last_number(reader, row, &last, &entry->value))
		return false;
	entry->label_end = row->indent + last.start;
	return true;
}

/* A role without a number is a sentence ("Thanh toán bằng tiền mặt"). */
static const struct entry *entry_of(struct reader *reader, const struct row *row)
{
	struct entry *entry = &reader->entry;

	if (entry->row == row)
		return entry;
	*entry = (struct entry){.role = PATTERN_COUNT, .row = row};
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		if (!reader_hit(reader, roles[i], row, &entry->match))
			continue;
		if (roles[i] == PATTERN_IGNORE || has_value(reader, row, entry))
			entry->role = roles[i];
		break;
	}
	return entry;
}

bool reader_is_total(struct reader *reader, const struct row *row)
{
	const struct entry *entry = entry_of(reader, row);

	return entry->role != PATTERN_COUNT && entry->role != PATTERN_IGNORE;
}

static const char *label_of(struct reader *reader, const struct entry *entry)
{
	size_t to = entry->label_end;

	while (to > entry->row->indent && strchr(" :", entry->row->fold[to - 1]))
		to--;
	return reader_slice(reader, entry->row, entry->row->indent, to);
}

/* A number that may stand once; again it must be the same. */
static void keep_once(
	struct reader *reader, bool *has, int64_t *known, size_t *line, int64_t value, enum reading_review review)
{
	if (*has && *known != value)
		reader_review(reader, review, reader->at + 1);
	if (*has)
		return;
	*has = true;
	*known = value;
	*line = reader->at + 1;
}

static void keep_tax(struct reader *reader, const struct entry *entry)
{
	struct reading_tax *tax = &reader->reading->taxes[reader->reading->tax_count++];
	const char *rate;

	*tax = (struct reading_tax){.label = label_of(reader, entry), .amount = entry->value};
	rate = reader_group(reader, entry->row, entry->row->indent, &entry->match, GROUP_RATE);
	if (!rate) {
		struct match match;
		const struct row *row = entry->row;

		if (reader_hit(reader, PATTERN_PERCENT, row, &match))
			rate = reader_group(reader, row, row->indent, &match, GROUP_RATE);
	}
	tax->has_rate = rate && amount_percent(rate, strlen(rate), &tax->rate) == AMOUNT_OK;
	if (entry->value < 0)
		reader_review(reader, REVIEW_NEGATIVE, reader->at + 1);
	if (entry->role == PATTERN_TAX)
		reader->taxes += entry->value;
	else
		reader->reading->is_vat_included = true;
}

static void keep_amount(struct reader *reader, const struct entry *entry, struct reading_amount *list, size_t *count)
{
	int64_t value = entry->role == PATTERN_DISCOUNT ? llabs(entry->value) : entry->value;

	if (value < 0)
		reader_review(reader, REVIEW_NEGATIVE, reader->at + 1);
	if (value != 0)
		list[(*count)++] = (struct reading_amount){label_of(reader, entry), value};
}

static void keep_payment(struct reader *reader, const struct entry *entry)
{
	struct reading *reading = reader->reading;

	if (entry->value < 0)
		reader_review(reader, REVIEW_NEGATIVE, reader->at + 1);
	if (entry->value != 0)
		reading->payments[reading->payment_count++] =
			(struct reading_payment){METHOD_CASH + (enum reading_method)(entry->role - PATTERN_PAID_CASH),
				label_of(reader, entry), entry->value};
}

bool reader_total_line(struct reader *reader, const struct row *row)
{
	struct reading *reading = reader->reading;
	const struct entry *entry = entry_of(reader, row);

	if (reader_says(reader, PATTERN_INCLUDED, row))
		reading->is_vat_included = true;
	switch ((int)entry->role) {
	case PATTERN_COUNT:
		return false;
	case PATTERN_IGNORE:
		break;
	case PATTERN_AGAIN:
		keep_once(reader, &reader->has_again, &reader->again, &reader->again_line, entry->value, REVIEW_TOTALS);
		break;
	case PATTERN_SUBTOTAL:
		keep_once(reader, &reading->has_subtotal, &reading->subtotal, &reader->subtotal_line, entry->value,
			REVIEW_TOTALS);
		break;
	case PATTERN_TOTAL:
		keep_once(
			reader, &reading->has_total, &reading->total, &reader->total_line, entry->value, REVIEW_TOTALS);
		break;
	case PATTERN_SUM:
		keep_once(reader, &reader->has_sum, &reader->sum, &reader->sum_line, entry->value, REVIEW_TOTALS);
		break;
	case PATTERN_CHANGE:
		keep_once(reader, &reading->has_change, &reading->change, &reader->change_line, entry->value,
			REVIEW_PAYMENT);
		break;
	case PATTERN_DISCOUNT:
		keep_amount(reader, entry, reading->discounts, &reading->discount_count);
		break;
	case PATTERN_SURCHARGE:
		keep_amount(reader, entry, reading->surcharges, &reading->surcharge_count);
		break;
	case PATTERN_TAX:
	case PATTERN_TAX_INSIDE:
		keep_tax(reader, entry);
		break;
	default:
		keep_payment(reader, entry);
	}
	return true;
}

/* "Tổng cộng" alone is the total; above a total it is the sum of the items. */
static void place_sum(struct reader *reader)
{
	struct reading *reading = reader->reading;

	if (!reader->has_sum)
		return;
	if (!reading->has_total) {
		reading->has_total = true;
		reading->total = reader->sum;
		reader->total_line = reader->sum_line;
	} else if (!reading->has_subtotal && reader->sum_line < reader->total_line) {
		reading->has_subtotal = true;
		reading->subtotal = reader->sum;
		reader->subtotal_line = reader->sum_line;
	} else if (reader->sum != reading->total) {
		reader_review(reader, REVIEW_TOTALS, reader->sum_line);
	}
}

static void check_payments(struct reader *reader)
{
	const struct reading *reading = reader->reading;
	int64_t tender = 0;

	for (size_t i = 0; i < reading->payment_count; i++)
		tender += reading->payments[i].amount;
	if (reading->has_change && reading->change < 0)
		reader_review(reader, REVIEW_PAYMENT, reader->change_line);
	else if (reading->payment_count == 0 && reading->has_change && reading->change != 0)
		reader_review(reader, REVIEW_PAYMENT, reader->change_line);
	else if (reading->payment_count > 0 && reading->has_change && tender - reading->total != reading->change)
		reader_review(reader, REVIEW_PAYMENT, reader->change_line);
	else if (reading->payment_count > 0 && tender < reading->total)
		reader_review(reader, REVIEW_PAYMENT, reader->total_line);
}

static int64_t sum_of(const struct reading_amount *amounts, size_t count)
{
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += amounts[i].amount;
	return sum;
}

void reader_check(struct reader *reader)
{
	struct reading *reading = reader->reading;
	int64_t lines = 0;

	if (reader->pending.name && reader->place == PLACE_ITEMS)
		reader_review(reader, REVIEW_ROW, reader->pending.line);
	place_sum(reader);
	if (reading->line_count == 0)
		reader_review(reader, REVIEW_ITEMS, 0);
	for (size_t i = 0; i < reading->line_count; i++)
		lines += reading->lines[i].amount;
	if (reading->has_subtotal && reading->subtotal != lines)
		reader_review(reader, REVIEW_SUBTOTAL, reader->subtotal_line);
	if (!reading->has_total) {
		reader_review(reader, REVIEW_NO_TOTAL, 0);
		return;
	}
	if (reading->total < 0)
		reader_review(reader, REVIEW_NEGATIVE, reader->total_line);
	if (lines - sum_of(reading->discounts, reading->discount_count) +
			sum_of(reading->surcharges, reading->surcharge_count) + reader->taxes !=
		reading->total)
		reader_review(reader, REVIEW_TOTAL, reader->total_line);
	if (reader->has_again && reader->again != lines && reader->again != reading->total)
		reader_review(reader, REVIEW_TOTALS, reader->again_line);
	check_payments(reader);
}
