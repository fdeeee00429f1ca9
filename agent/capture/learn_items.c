#include <stdlib.h>
#include <string.h>

#include "capture/learn_parts.h"

#define TRIED_MAX  24 /* shapes of which pairs are tried */
#define PROMOTIONS "km|khuyen mai|giam|giam gia|chiet khau|ck|uu dai|promo|discount|tang|bot|km."
#define OFF	   "giam|giam gia|chiet khau|ck|km|khuyen mai|uu dai|discount|promo|bot|mien giam|giam tru|disc"
#define ON	   "vat|thue|gtgt|tax|phu thu|phu phi|phi|service|ship"
#define INSIDE	   "trong do|da gom|bao gom|gom"
#define CLOSED	   1000 /* points for a bill whose sum is printed below */

/* How well some shapes explain the bills. */
struct trial {
	const struct shape *shapes[ROWS_MAX];
	size_t count;
	int64_t points;
	size_t swapped; /* rows whose quantity is more than their price */
	size_t told;	/* rows that tell quantity and price apart */
	size_t lost;	/* lines above rows with a name that would be a name too */
	size_t rows;
};

/*
 * Whether the lines below row @from, none of them an item, say @sum: as it is, or after what stands between is taken off or added, as
 * where a till prints tax and total alone.
 */
static bool is_printed(const struct learn_bill *bill, const bool *is_item, size_t from, int64_t sum)
{
	int64_t rest = sum;

	for (size_t i = from; i < bill->row_count; i++) {
		const struct learn_row *row = &bill->rows[i];

		if (is_item[i] || !row->has_last)
			continue;
		if (row->last == sum || (row->last == rest && row->last > 0))
			return true;
		if (learn_has_word(row->row.label, OFF))
			rest -= llabs(row->last);
		else if (learn_has_word(row->row.label, ON) && !learn_has_word(row->row.label, INSIDE))
			rest += row->last;
	}
	return false;
}

static bool is_promotion(const struct learn_row *row)
{
	return row->has_last && row->last != 0 && learn_has_word(row->row.label, PROMOTIONS) &&
	       (row->last < 0 || row->row.indent > 0);
}

static bool fits_any(const struct trial *trial, const struct learn_bill *bill, size_t at, struct fit *ret)
{
	for (size_t i = 0; i < trial->count; i++) {
		size_t above = at;

		if (!learn_shape_fits(&bill->rows[at], trial->shapes[i], ret))
			continue;
		while (!ret->has_name && above > 0 && bill->rows[above - 1].row.len == 0)
			above--;
		if (ret->has_name || (above > 0 && !row_is_rule(&bill->rows[above - 1].row)))
			return true;
	}
	return false;
}

static void judge(struct trial *trial, const struct fit *fit)
{
	int64_t whole = fit->qty.units;

	for (int i = 0; i < fit->qty.scale; i++)
		whole /= 10;
	trial->rows++;
	if (fit->has_price && fit->price < whole)
		trial->swapped++;
	if (fit->has_price && fit->price >= 1000 && whole < 1000 && !(fit->qty.units == 1 && fit->qty.scale == 0))
		trial->told++;
}

/* The rows of the items of @bill: the longest run from the first whose sum is printed below. */
static bool place_items(struct trial *trial, struct learn_bill *bill, bool *is_item)
{
	int64_t sum = 0;
	int64_t off = 0;
	int64_t place = 0;
	bool is_ruled = false;

	bill->has_items = false;
	for (size_t i = 0; i < bill->row_count; i++) {
		struct fit fit;

		is_item[i] = fits_any(trial, bill, i, &fit);
		bill->rows[i].is_item = bill->rows[i].is_promotion = false;
	}
	for (size_t i = 0; i < bill->row_count; i++) {
		struct learn_row *row = &bill->rows[i];
		struct fit fit;

		is_ruled |= bill->has_items && row_is_rule(&row->row) && row->row.len > 0;
		if (is_item[i] && fits_any(trial, bill, i, &fit)) {
			if (fit.place && fit.place != ++place)
				return false;
			if (sum == 0 && !bill->has_items)
				bill->first = i;
			sum += fit.amount;
		} else if (sum > 0 && !is_ruled && is_promotion(row)) {
			row->is_promotion = true;
			off += llabs(row->last);
		} else {
			continue;
		}
		if (is_printed(bill, is_item, i + 1, sum - off)) {
			bill->has_items = true;
			bill->end = i + 1;
			bill->sum = sum - off;
		}
	}
	return bill->has_items;
}

static void mark_items(struct learn_bill *bill, const bool *is_item)
{
	for (size_t i = 0; i < bill->row_count; i++) {
		bool is_inside = i >= bill->first && i < bill->end;

		bill->rows[i].is_item = is_inside && is_item[i];
		bill->rows[i].is_promotion &= is_inside;
	}
}

/* Whether row @at has a name, and the line above it looks like one: then what it calls its name is none. */
static bool loses_name(const struct learn_bill *bill, size_t at, const struct fit *fit)
{
	const struct learn_row *above = at > bill->first ? &bill->rows[at - 1] : NULL;

	return fit->has_name && above && above->row.len > 0 && !above->is_item && !above->is_promotion &&
	       !row_is_rule(&above->row) && !strchr("+*-(><~#:=|.!", above->row.label[0]);
}

/* Points of @trial: bills that close count most, then rows, then columns that are known. */
static void run(struct learner *learner, struct trial *trial)
{
	trial->points = 0;
	trial->rows = trial->told = trial->swapped = trial->lost = 0;
	for (size_t i = 0; i < learner->bill_count; i++) {
		struct learn_bill *bill = &learner->bills[i];
		bool *is_item = ARENA_ARRAY(learner->arena, bool, bill->row_count + 1);

		if (!is_item) {
			learner->is_out_of_memory = true;
			return;
		}
		if (!place_items(trial, bill, is_item))
			continue;
		mark_items(bill, is_item);
		trial->points += CLOSED;
		for (size_t k = bill->first; k < bill->end; k++) {
			struct fit fit;

			if (!bill->rows[k].is_item || !fits_any(trial, bill, k, &fit))
				continue;
			judge(trial, &fit);
			trial->lost += loses_name(bill, k, &fit);
		}
	}
	trial->points += (int64_t)trial->rows * 20 - (int64_t)trial->swapped * 100 - (int64_t)trial->lost * 30 -
			 (int64_t)trial->count * 25;
	for (size_t i = 0; i < trial->count; i++)
		trial->points += (int64_t)trial->shapes[i]->count + 10 * learn_shape_has(trial->shapes[i], 'P');
}

static int by_lines(const void *a, const void *b)
{
	const struct shape *one = a;
	const struct shape *two = b;
	size_t x = one->lines * (learn_shape_has(one, 'P') ? 3 : 1);
	size_t y = two->lines * (learn_shape_has(two, 'P') ? 3 : 1);

	return x != y ? (x < y ? 1 : -1) : two->count > one->count ? 1 : two->count < one->count ? -1 : 0;
}

static void keep_best(struct learner *learner, struct trial *trial, struct trial *best)
{
	run(learner, trial);
	if (trial->points > best->points && trial->points >= CLOSED)
		*best = *trial;
}

static struct trial best_trial(struct learner *learner, const struct shape *shapes, size_t count)
{
	struct trial best = {0};
	size_t tried = count < TRIED_MAX ? count : TRIED_MAX;

	for (size_t i = 0; i < count; i++)
		keep_best(learner, &(struct trial){.shapes = {&shapes[i]}, .count = 1}, &best);
	if (best.points >= (int64_t)learner->bill_count * CLOSED)
		return best;
	for (size_t i = 0; i < tried; i++)
		for (size_t k = 0; k < tried; k++)
			if (i != k)
				keep_best(learner, &(struct trial){.shapes = {&shapes[i], &shapes[k]}, .count = 2},
					&best);
	return best;
}

/* ---- What else stands between them ---- */

/* Words that all promotions begin with. */
static void learn_promotions(struct learner *learner)
{
	size_t common = 0;

	learner->is_promotion_negative = true;
	for (size_t b = 0; b < learner->bill_count; b++) {
		for (size_t i = 0; i < learner->bills[b].row_count; i++) {
			const struct learn_row *row = &learner->bills[b].rows[i];
			const char *label = row->row.label;
			size_t same = 0;

			if (!row->is_promotion)
				continue;
			learner->is_promotion_negative &= row->last < 0;
			if (!learner->promotion) {
				learner->promotion = label;
				learner->promotion_line = row->row.text;
				common = strcspn(label, "0123456789-(");
			}
			while (same < common && label[same] == learner->promotion[same])
				same++;
			common = same;
		}
	}
	while (common > 0 && learner->promotion[common - 1] != ' ' && learner->promotion[common] != ' ')
		common--;
	while (common > 0 && learner->promotion[common - 1] == ' ')
		common--;
	if (learner->promotion)
		learner->promotion = arena_copy(learner->arena, learner->promotion, common);
	if (learner->promotion && !learn_has_word(learner->promotion, PROMOTIONS))
		learner->promotion = NULL;
}

/* A sign that notes begin with. The base knows + * - (. */
static void learn_marks(struct learner *learner)
{
	for (size_t b = 0; b < learner->bill_count; b++) {
		const struct learn_bill *bill = &learner->bills[b];

		for (size_t i = bill->first; bill->has_items && i < bill->end; i++) {
			const struct row *row = &bill->rows[i].row;
			size_t len = strspn(row->label, "><~#:=|.!");

			if (len > 0 && !row_is_rule(row) && !bill->rows[i].has_last && !bill->rows[i].is_item &&
				!learner->marks) {
				learner->marks = arena_copy(learner->arena, row->label, len);
				learner->mark_line = row->text;
			}
		}
	}
}

/* What stands in front of a name: a code, the place in the bill, a stroke. Letters of it; 0: not this. */
static size_t begin_of(const struct row *row, size_t which)
{
	const char *label = row->label;
	size_t n = strspn(label, "0123456789");

	switch (which) {
	case 0:
		return n >= 8 && n <= 14 && label[n] == ' ' ? n : 0;
	case 1:
		return n >= 1 && n <= 3 && label[n] != '\0' && strchr(".)/:-", label[n]) ? n + 1 : 0;
	default:
		return strchr("-*>#+", label[0]) && label[1] == ' ' ? 1 : 0;
	}
}

static void learn_names(struct learner *learner)
{
	static const char *const begins[] = {"\\d{8,14}\\s", "\\d{1,3}[.)/:-]", "[-*>#+]\\s"};

	for (size_t which = 0; which < ARRAY_LEN(begins) && !learn_shape_has(&learner->shapes[0], 'N'); which++) {
		const char *line = NULL;
		bool has_all = true;

		for (size_t b = 0; b < learner->bill_count; b++) {
			const struct learn_bill *bill = &learner->bills[b];

			for (size_t i = bill->first; bill->has_items && i < bill->end; i++) {
				const struct row *above = i > 0 ? &bill->rows[i - 1].row : NULL;

				if (!bill->rows[i].is_item || !above)
					continue;
				has_all &= begin_of(above, which) > 0;
				line = above->text;
			}
		}
		if (!line || !has_all)
			continue;
		learner->name_begins = begins[which];
		learner->name_line = line;
		return;
	}
}

static void find_line(struct learner *learner, size_t which)
{
	for (size_t b = 0; b < learner->bill_count; b++) {
		for (size_t i = 0; i < learner->bills[b].row_count; i++) {
			struct fit fit;

			if (learner->bills[b].rows[i].is_item &&
				learn_shape_fits(&learner->bills[b].rows[i], &learner->shapes[which], &fit)) {
				learner->shape_lines[which] = learner->bills[b].rows[i].row.text;
				return;
			}
		}
	}
}

static void find_units(struct learner *learner)
{
	for (size_t b = 0; b < learner->bill_count; b++)
		for (size_t i = 0; i < learner->bills[b].row_count; i++)
			learner->has_unit_column |=
				learn_has_word(learner->bills[b].rows[i].row.label, "dvt|don vi|unit|d.vi|dv");
}

void learn_items(struct learner *learner)
{
	struct shape *found = ARENA_ARRAY(learner->arena, struct shape, LEARN_SHAPES_MAX);
	size_t count;
	struct trial best;
	size_t closed;

	find_units(learner);
	if (!found) {
		learner->is_out_of_memory = true;
		return;
	}
	count = learn_shapes(learner, found);
	qsort(found, count, sizeof(found[0]), by_lines);
	best = best_trial(learner, found, count);
	if (best.count == 0) {
		learn_doubt(learner, DOUBT_ITEMS, NULL);
		return;
	}
	run(learner, &best);
	for (size_t i = 0; i < best.count; i++) {
		learner->shapes[learner->shape_count++] = *best.shapes[i];
		find_line(learner, i);
	}
	closed = (size_t)(best.points / CLOSED);
	learner->is_order_sure = best.swapped == 0 && (best.told > 0 || !learn_shape_has(best.shapes[0], 'P'));
	if (!learner->is_order_sure)
		learn_doubt(learner, DOUBT_QUANTITY, learner->shape_lines[0]);
	if (closed < learner->bill_count)
		learn_doubt(learner, DOUBT_ITEMS, NULL);
	learn_sure(learner, LEARN_ITEMS,
		closed < learner->bill_count ? 40
		: learner->is_order_sure     ? 95
					     : 60,
		learner->shape_lines[0]);
	learn_names(learner);
	learn_promotions(learner);
	learn_marks(learner);
}
