#include <string.h>

#include "capture/learn_parts.h"

#define TITLES "hoa don|phieu|bien lai|receipt|invoice|bill|sales|ban le|ticket|hoa-don|chung tu"
#define NO_TITLE                                                                                                       \
	"goi mon|kiem mon|dat hang|bao gia|yeu cau|ngan hang|dien tu|tra cuu|quy khach|cam on|doi tra|tam "            \
	"tinh|bep|in lai|ban sao|huy|tra hang|xem truoc|kiem "                                                         \
	"tra"
/* In the order in which they are believed. */
static const char *const numbers[] = {"so hd|ma hd|so hoa don|ma hoa don|hd so|hoa don so|so bill|bill no|receipt "
				      "no|invoice no|so phieu|phieu so|so ct|"
				      "so chung tu|ma phieu|invoice|receipt",
	"hd|hoa don|bill|ma don|don hang|phieu|ct|order no|so don|ma don hang|giao dich|ma gd",
	"so|no|ma|id|order|don|#"};
#define NO_NUMBER                                                                                                      \
	"ban|khach|kh|dt|tel|sdt|mst|thu ngan|quay|ca|nv|sl|the|may|wifi|pass|hotline|nhan vien|table|ngay|gio|phong|" \
	"dia chi|stt|thue|cho|tv|thanh vien"
#define TABLES "ban|so ban|table|phong|ban so|vi tri"

/* A piece of a line: words, and what stands behind them. Letters of row.fold. */
struct field {
	size_t label_from, label_to, from, to;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_value(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '/' || c == '_' || c == '.';
}

/* The next field of @row from *@at on: "Số HĐ: 00123   Bàn 5" has two. */
static bool next_field(const struct row *row, size_t *at, struct field *ret)
{
	const char *fold = row->fold;
	size_t i = *at;
	size_t word;

	while (i < row->len && fold[i] == ' ')
		i++;
	ret->label_from = i;
	while (i < row->len) {
		bool has_digit = false;

		word = i;
		while (i < row->len && is_value(fold[i]))
			has_digit |= is_digit(fold[i++]);
		if (has_digit && word > ret->label_from) {
			ret->label_to = word;
			ret->from = word;
			ret->to = i;
			while (ret->label_to > ret->label_from && strchr(" :#.", fold[ret->label_to - 1]))
				ret->label_to--;
			ret->label_to += ret->label_to == ret->label_from && fold[ret->label_from] == '#';
			*at = i;
			return ret->label_to > ret->label_from;
		}
		if (i + 1 < row->len && fold[i] == ' ' && fold[i + 1] == ' ' && fold[i - (i > 0)] != ':') {
			*at = i;
			return next_field(row, at, ret);
		}
		i++;
	}
	*at = row->len;
	return false;
}

/* The value behind the same label on @bill, as its first line has it; NULL: it is not there. */
static const char *value_of(struct learner *learner, const struct learn_bill *bill, const char *label)
{
	for (size_t i = 0; i < bill->row_count; i++) {
		const struct row *row = &bill->rows[i].row;
		struct field field;

		for (size_t at = 0; next_field(row, &at, &field);)
			if (strlen(label) == field.label_to - field.label_from &&
				memcmp(label, row->fold + field.label_from, strlen(label)) == 0)
				return learn_text(learner, row, field.from, field.to);
	}
	return NULL;
}

/* Whether each bill has another value behind @label. */
static bool tells_bills_apart(struct learner *learner, const char *label)
{
	const char *values[LEARN_BILLS_MAX];

	for (size_t b = 0; b < learner->bill_count; b++) {
		values[b] = value_of(learner, &learner->bills[b], label);
		if (!values[b])
			return false;
		for (size_t i = 0; i < b; i++)
			if (strcmp(values[i], values[b]) == 0)
				return false;
	}
	return learner->bill_count > 1;
}

static size_t rank_of(const char *label)
{
	size_t rank = 0;

	if (learn_has_word(label, NO_NUMBER))
		return ARRAY_LEN(numbers);
	while (rank < ARRAY_LEN(numbers) && !learn_has_word(label, numbers[rank]))
		rank++;
	return rank;
}

static bool is_item_or_sum(const struct learn_bill *bill, size_t i)
{
	return bill->has_items && i >= bill->first && (i < bill->end || bill->rows[i].has_last) &&
	       i < bill->row_count &&
	       (bill->rows[i].is_item || (bill->rows[i].has_last && bill->rows[i].last >= 1000 && i < bill->end));
}

/* What stands between label and value, as an expression: "Số 12 Lê Lợi" is not "Số: 12". */
static const char *mark_of(const struct row *row, const struct field *field)
{
	bool has_mark = false;

	for (size_t i = field->label_to; i < field->from; i++) {
		if (row->fold[i] == ':')
			return "\\s*:[\\s#]*";
		has_mark |= row->fold[i] != ' ';
	}
	return has_mark ? "\\s*[#.]+\\s*" : "\\s*";
}

static void learn_number(struct learner *learner)
{
	const struct learn_bill *bill = &learner->bills[0];
	size_t best = ARRAY_LEN(numbers);
	size_t found = 0;

	for (size_t i = 0; i < bill->row_count; i++) {
		const struct row *row = &bill->rows[i].row;
		struct field field;

		if (is_item_or_sum(bill, i) || !row->is_readable)
			continue;
		for (size_t at = 0; next_field(row, &at, &field);) {
			const char *label = learn_text(learner, row, field.label_from, field.label_to);
			size_t rank = rank_of(label);

			if (rank == ARRAY_LEN(numbers) || !tells_bills_apart(learner, label))
				continue;
			found++;
			if (rank >= best)
				continue;
			best = rank;
			learner->number = label;
			learner->number_mark = mark_of(row, &field);
			learner->is_number_first = field.label_from == row->indent;
			learner->number_line = row->text;
		}
	}
	if (!learner->number)
		learn_doubt(learner, DOUBT_NUMBER, NULL);
	else
		learn_sure(learner, LEARN_NUMBER, found > 1 ? 70 : best == 2 ? 80 : 95, learner->number_line);
	if (found > 1)
		learn_doubt(learner, DOUBT_NUMBERS, learner->number_line);
}

static void learn_table(struct learner *learner)
{
	for (size_t b = 0; b < learner->bill_count && !learner->table; b++) {
		const struct learn_bill *bill = &learner->bills[b];
		size_t end = bill->has_items ? bill->first : 0;

		for (size_t i = 0; i < end && !learner->table; i++) {
			const struct row *row = &bill->rows[i].row;
			struct field field;

			for (size_t at = 0; next_field(row, &at, &field) && !learner->table;) {
				const char *label = learn_text(learner, row, field.label_from, field.label_to);

				if (!learn_has_word(label, TABLES) || !strchr(row->fold + field.label_to, ':'))
					continue;
				learner->table = label;
				learner->table_line = row->text;
				learn_sure(learner, LEARN_TABLE, 80, row->text);
			}
		}
	}
}

static bool all_have(const struct learner *learner, const char *label)
{
	for (size_t b = 0; b < learner->bill_count; b++) {
		const struct learn_bill *bill = &learner->bills[b];
		bool has = false;

		for (size_t i = 0; i < bill->row_count && (!bill->has_items || i < bill->first); i++)
			has |= strcmp(bill->rows[i].row.label, label) == 0;
		if (!has)
			return false;
	}
	return true;
}

static void learn_title(struct learner *learner)
{
	const struct learn_bill *bill = &learner->bills[0];

	for (size_t i = 0; i < bill->row_count && (!bill->has_items || i < bill->first) && !learner->title; i++) {
		const struct row *row = &bill->rows[i].row;

		if (!row->is_readable || strpbrk(row->label, ":0123456789") || strlen(row->label) > 48 ||
			!learn_has_word(row->label, TITLES) || learn_has_word(row->label, NO_TITLE) ||
			!all_have(learner, row->label))
			continue;
		learner->title = row->label;
		learner->title_line = row->text;
		learn_sure(learner, LEARN_TITLE, learner->bill_count > 1 ? 95 : 70, row->text);
	}
	if (!learner->title)
		learn_doubt(learner, DOUBT_TITLE, NULL);
}

/* The line above the first item, or above its name, if all bills have it there. */
static void learn_start(struct learner *learner)
{
	const char *start = NULL;

	for (size_t b = 0; b < learner->bill_count; b++) {
		const struct learn_bill *bill = &learner->bills[b];
		const char *found = NULL;

		if (!bill->has_items)
			return;
		for (size_t back = 1; back <= 4 && back <= bill->first && !found; back++) {
			const struct row *row = &bill->rows[bill->first - back].row;

			if (row_is_rule(row) || strpbrk(row->label, ":0123456789"))
				continue;
			if (!start || strcmp(start, row->label) == 0)
				found = learn_has_word(row->label, "sl|so luong|tien|t.tien|gia|d.gia|don gia|thanh "
								   "tien|qty|amount|price|total|tt|dg|s.l")
						? row->label
						: NULL;
		}
		if (!found)
			return;
		start = found;
	}
	learner->start = start;
}

void learn_head(struct learner *learner)
{
	learn_title(learner);
	learn_number(learner);
	learn_table(learner);
	learn_start(learner);
}
