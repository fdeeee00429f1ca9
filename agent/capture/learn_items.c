#include <stdlib.h>
#include <string.h>

#include "capture/amounts.h"
#include "capture/learn_parts.h"

#define SHAPES_MAX 400
#define TRIED_MAX  24 /* shapes of which pairs are tried */
#define SIDE_MAX   10 /* columns beside the name */
#define PREFIX_MAX 4
#define PROMOTIONS "km|khuyen mai|giam|giam gia|chiet khau|ck|uu dai|promo|discount|tang|bot|km."
#define CLOSED	   1000 /* points for a bill whose sum is printed below */

/* One row of an item, as a shape reads it. */
struct fit {
	struct decimal qty;
	int64_t price, amount;
	int64_t place; /* 0: none */
	bool has_price, has_name;
};

struct search {
	const struct learner *learner;
	const struct learn_row *row;
	size_t side[SIDE_MAX]; /* tokens beside the name, and where the name stands among them */
	size_t side_count, name_at;
	bool has_name;
	size_t amount_at; /* token of the amount */
	struct shape shape;
	struct shape *found;
	size_t found_count;
};

static bool is_literal(const struct row *row, const struct token *token)
{
	static const char *const words[] = {"x", "sl", "dg", "tt", "vnd", "d", "gia", "dv", "so"};
	size_t len = token->to - token->from;
	const char *text = row->fold + token->from;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
			return true;
	return len == 1 && !(*text >= 'a' && *text <= 'z');
}

static bool is_word(const struct row *row, const struct token *token)
{
	for (size_t i = token->from; i < token->to; i++)
		if (row->fold[i] >= 'a' && row->fold[i] <= 'z')
			return !token->is_number;
	return false;
}

static bool is_plain(const struct row *row, const struct token *token, size_t least, size_t most)
{
	size_t len = token->to - token->from;

	return token->is_number && len >= least && len <= most && strspn(row->fold + token->from, "0123456789") >= len;
}

/* Whether the numbers of @row agree when its columns are @shape; tokens @side[0 .. count). */
static bool numbers_agree(const struct learn_row *row, const struct shape *shape, const size_t *side, struct fit *ret)
{
	const struct token *qty = NULL;
	struct decimal price = {0};
	size_t k = 0;

	*ret = (struct fit){0};
	for (size_t i = 0; i < shape->count; i++) {
		const struct token *token = &row->tokens[shape->parts[i].role == 'N' ? 0 : side[k++]];

		switch (shape->parts[i].role) {
		case 'N':
			ret->has_name = true;
			break;
		case 'Q':
			qty = token;
			break;
		case 'P':
			if (!token->has_value || token->value < 0)
				return false;
			ret->has_price = true;
			ret->price = token->value;
			break;
		case 'A':
			if (!token->has_value || token->value < 0)
				return false;
			ret->amount = token->value;
			break;
		case 'I':
			ret->place = token->value;
			break;
		default:
			break;
		}
	}
	price.units = ret->price;
	return qty && row->row.fold[qty->from] != '-' &&
	       amount_quantity(row->row.fold + qty->from, qty->to - qty->from, ret->has_price ? &price : NULL,
		       ret->amount, &ret->qty) == AMOUNT_OK &&
	       !decimal_is_zero(ret->qty) && (ret->has_price || ret->qty.units < 1000);
}

/* The tokens beside the name of @row, if it has as many as @shape. */
static bool sides_of(const struct learn_row *row, const struct shape *shape, size_t side[PARTS_MAX])
{
	size_t before = 0;
	size_t behind;
	bool has_name = false;
	size_t n = 0;

	while (before < shape->count && shape->parts[before].role != 'N')
		before++;
	has_name = before < shape->count;
	behind = has_name ? shape->count - before - 1 : 0;
	if (row->token_count < before + behind + has_name || (!has_name && row->token_count != before))
		return false;
	for (size_t i = 0; i < before; i++)
		side[n++] = i;
	for (size_t i = 0; i < behind; i++)
		side[n++] = row->token_count - behind + i;
	for (size_t i = before; has_name && i < row->token_count - behind; i++)
		if (is_word(&row->row, &row->tokens[i]) && !is_literal(&row->row, &row->tokens[i]))
			return true;
	return !has_name;
}

static bool is_same_literal(const struct part *part, const struct row *row, const struct token *token)
{
	return strlen(part->literal) == token->to - token->from &&
	       memcmp(part->literal, row->fold + token->from, token->to - token->from) == 0;
}

static bool fits(const struct learn_row *row, const struct shape *shape, struct fit *ret)
{
	size_t side[PARTS_MAX];
	size_t k = 0;

	if (!row->row.is_readable || !sides_of(row, shape, side))
		return false;
	for (size_t i = 0; i < shape->count; i++) {
		const struct token *token;

		if (shape->parts[i].role == 'N')
			continue;
		token = &row->tokens[side[k++]];
		if (shape->parts[i].role == 'L'	      ? !is_same_literal(&shape->parts[i], &row->row, token)
			: shape->parts[i].role == 'U' ? !is_word(&row->row, token) || is_literal(&row->row, token)
			: shape->parts[i].role == 'W' ? !is_word(&row->row, token)
			: shape->parts[i].role == 'C' ? !is_plain(&row->row, token, 8, 14)
			: shape->parts[i].role == 'I' ? !is_plain(&row->row, token, 1, 3)
						      : !token->is_number)
			return false;
	}
	return numbers_agree(row, shape, side, ret);
}

/* ---- Which shapes a row may have ---- */

static void offer(struct search *search)
{
	struct shape *shape = &search->shape;
	struct fit fit;

	if (!numbers_agree(search->row, shape, search->side, &fit))
		return;
	for (size_t i = 0; i < search->found_count; i++) {
		struct shape *known = &search->found[i];

		if (known->count == shape->count && memcmp(known->parts, shape->parts, sizeof(shape->parts)) == 0) {
			known->lines++;
			return;
		}
	}
	if (search->found_count == SHAPES_MAX)
		return;
	search->found[search->found_count] = *shape;
	search->found[search->found_count++].lines = 1;
}

static bool has_role(const struct shape *shape, char role)
{
	for (size_t i = 0; i < shape->count; i++)
		if (shape->parts[i].role == role)
			return true;
	return false;
}

static bool may_be(const struct search *search, size_t k, char role)
{
	const struct row *row = &search->row->row;
	const struct token *token = &search->row->tokens[search->side[k]];
	char before = search->shape.count > 0 ? search->shape.parts[search->shape.count - 1].role : 0;
	bool is_behind_slash = before == 'L' && search->shape.parts[search->shape.count - 1].literal[0] == '/';

	switch (role) {
	case 'L':
		return is_literal(row, token) && token->to - token->from < sizeof(search->shape.parts[0].literal);
	case 'U':
		return is_word(row, token) && !is_literal(row, token) && k >= search->name_at &&
		       !has_role(&search->shape, 'U') &&
		       (before == 'Q' || is_behind_slash || search->learner->has_unit_column);
	case 'W':
		return is_word(row, token) && is_behind_slash && has_role(&search->shape, 'U');
	case 'A':
		return search->side[k] == search->amount_at;
	case 'I':
		return is_plain(row, token, 1, 3) && k == 0;
	case 'C':
		return is_plain(row, token, 8, 14) && !has_role(&search->shape, 'C');
	default:
		return token->is_number && search->side[k] != search->amount_at && !has_role(&search->shape, role);
	}
}

static void assign(struct search *search, size_t k)
{
	static const char roles[] = "LUWAICQPR";
	struct shape *shape = &search->shape;
	size_t count = shape->count;

	if (search->has_name && k == search->name_at && !has_role(shape, 'N')) {
		shape->parts[shape->count++] = (struct part){.role = 'N'};
		assign(search, k);
		shape->count = count;
		memset(&shape->parts[count], 0, sizeof(shape->parts[0]));
		return;
	}
	if (k == search->side_count) {
		offer(search);
		return;
	}
	for (size_t i = 0; i < sizeof(roles) - 1; i++) {
		const struct token *token = &search->row->tokens[search->side[k]];

		if (!may_be(search, k, roles[i]))
			continue;
		shape->parts[count].role = roles[i];
		if (roles[i] == 'L')
			memcpy(shape->parts[count].literal, search->row->row.fold + token->from,
				token->to - token->from);
		shape->count = count + 1;
		assign(search, k + 1);
		shape->count = count;
		memset(&shape->parts[count], 0, sizeof(shape->parts[0]));
	}
}

static void search_row(struct search *search, const struct learn_row *row)
{
	size_t n = row->token_count;

	search->row = row;
	search->amount_at = n;
	for (size_t i = 0; i < n; i++)
		if (row->tokens[i].is_number)
			search->amount_at = i;
	if (search->amount_at == n || !row->tokens[search->amount_at].has_value)
		return;
	for (size_t before = 0; before <= PREFIX_MAX && before < n; before++) {
		for (size_t behind = 1; before + behind <= n && before + behind <= SIDE_MAX; behind++) {
			search->has_name = before + behind < n;
			if (search->has_name ? n - behind > search->amount_at : before > 0)
				continue;
			search->side_count = 0;
			for (size_t i = 0; i < before; i++)
				search->side[search->side_count++] = i;
			for (size_t i = n - behind; i < n; i++)
				search->side[search->side_count++] = i;
			search->name_at = before;
			search->shape = (struct shape){0};
			assign(search, 0);
		}
	}
}

/* ---- Which of them are the items ---- */

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

/* Whether a number stands below row @from that is @sum, on a line that is no item. */
static bool is_printed(const struct learn_bill *bill, const bool *is_item, size_t from, int64_t sum)
{
	for (size_t i = from; i < bill->row_count; i++)
		if (!is_item[i] && bill->rows[i].has_last && bill->rows[i].last == sum)
			return true;
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

		if (!fits(&bill->rows[at], trial->shapes[i], ret))
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
		trial->points += (int64_t)trial->shapes[i]->count + 10 * has_role(trial->shapes[i], 'P');
}

static int by_lines(const void *a, const void *b)
{
	const struct shape *one = a;
	const struct shape *two = b;
	size_t x = one->lines * (has_role(one, 'P') ? 3 : 1);
	size_t y = two->lines * (has_role(two, 'P') ? 3 : 1);

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

	for (size_t which = 0; which < ARRAY_LEN(begins) && !has_role(&learner->shapes[0], 'N'); which++) {
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
				fits(&learner->bills[b].rows[i], &learner->shapes[which], &fit)) {
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
	struct search search = {.learner = learner};
	struct trial best;
	size_t closed;

	find_units(learner);
	search.found = ARENA_ARRAY(learner->arena, struct shape, SHAPES_MAX);
	if (!search.found) {
		learner->is_out_of_memory = true;
		return;
	}
	for (size_t b = 0; b < learner->bill_count; b++)
		for (size_t i = 0; i < learner->bills[b].row_count; i++)
			if (learner->bills[b].rows[i].row.is_readable)
				search_row(&search, &learner->bills[b].rows[i]);
	qsort(search.found, search.found_count, sizeof(search.found[0]), by_lines);
	best = best_trial(learner, search.found, search.found_count);
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
	learner->is_order_sure = best.swapped == 0 && (best.told > 0 || !has_role(best.shapes[0], 'P'));
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

/* ---- The expression ---- */

static const char *expression_of(char role)
{
	switch (role) {
	case 'N':
		return "(?<name>\\S.*?)";
	case 'Q':
		return "(?<qty>\\d[\\d.,]*)";
	case 'P':
		return "(?<price>\\d[\\d.,]*)(?:\\s?(?:vnd|dong|d))?";
	case 'A':
		return "(?<amount>\\d[\\d.,]*)(?:\\s?(?:vnd|dong|d))?";
	case 'U':
		return "(?<unit>[^\\s\\d][^\\s/|]*)";
	case 'W':
		return "[^\\s\\d]\\S*";
	case 'C':
		return "(?<code>\\d{8,14})";
	case 'I':
		return "\\d{1,3}";
	default:
		return "\\d{1,2}(?:[.,]\\d{1,2})?";
	}
}

static bool is_word_part(const struct part *part)
{
	return part->role == 'N' || part->role == 'U' ||
	       (part->role == 'L' && part->literal[0] >= 'a' && part->literal[0] <= 'z');
}

void learn_shape_write(const struct shape *shape, struct bytes *out)
{
	bytes_text(out, "\\s*");
	for (size_t i = 0; i < shape->count; i++) {
		const struct part *part = &shape->parts[i];
		const struct part *before = i ? part - 1 : NULL;
		bool is_loose = before && (part->role == 'L' || before->role == 'L' || part->role == 'U');

		if (before && is_word_part(part) && is_word_part(before))
			is_loose = false;
		if (before)
			bytes_text(out, is_loose ? "\\s*" : "\\s+");
		if (part->role == 'L')
			bytes_printf(out, "\\Q%s\\E", part->literal);
		else
			bytes_text(out, expression_of(part->role));
	}
	bytes_char(out, '$');
}
