#include <string.h>

#include "capture/amounts.h"
#include "capture/learn_parts.h"

#define SIDE_MAX   10 /* columns beside the name */
#define PREFIX_MAX 4
/* Words that begin a line below the items; without a price such a line is no item. */
#define SUMS                                                                                                           \
	"tong|cong|tam tinh|tam cong|thanh tien|tien|giam|chiet khau|ck|khuyen mai|km|phu thu|phu "                    \
	"phi|phi|vat|thue|total|"                                                                                      \
	"subtotal|sub|phai|khach|can|thanh toan|con|voucher|service|uu dai|trong do|tax|t.cong|grand|thuc|so luong|sl"

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

static bool begins_with_sum(const struct row *row)
{
	for (const char *words = SUMS; *words; words += strcspn(words, "|"), words += *words == '|') {
		size_t len = strcspn(words, "|");

		if (strncmp(row->label, words, len) == 0 && !(row->label[len] >= 'a' && row->label[len] <= 'z'))
			return true;
	}
	return false;
}

bool learn_shape_fits(const struct learn_row *row, const struct shape *shape, struct fit *ret)
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
	return numbers_agree(row, shape, side, ret) && (ret->has_price || !begins_with_sum(&row->row));
}

/* ---- Which shapes a row may have ---- */

static void offer(struct search *search)
{
	struct shape *shape = &search->shape;
	struct fit fit;

	if (!numbers_agree(search->row, shape, search->side, &fit) ||
		(!fit.has_price && begins_with_sum(&search->row->row)))
		return;
	for (size_t i = 0; i < search->found_count; i++) {
		struct shape *known = &search->found[i];

		if (known->count == shape->count && memcmp(known->parts, shape->parts, sizeof(shape->parts)) == 0) {
			known->lines++;
			return;
		}
	}
	if (search->found_count == LEARN_SHAPES_MAX)
		return;
	search->found[search->found_count] = *shape;
	search->found[search->found_count++].lines = 1;
}

bool learn_shape_has(const struct shape *shape, char role)
{
	for (size_t i = 0; i < shape->count; i++)
		if (shape->parts[i].role == role)
			return true;
	return false;
}

/* Two blanks in front: a column of its own. */
static bool stands_apart(const struct row *row, const struct token *token)
{
	return token->from >= 2 && row->fold[token->from - 1] == ' ' && row->fold[token->from - 2] == ' ';
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
		       !learn_shape_has(&search->shape, 'U') &&
		       (before == 'Q' || is_behind_slash || search->learner->has_unit_column ||
			       stands_apart(row, token));
	case 'W':
		return is_word(row, token) && is_behind_slash && learn_shape_has(&search->shape, 'U');
	case 'A':
		return search->side[k] == search->amount_at;
	case 'I':
		return is_plain(row, token, 1, 3) && k == 0;
	case 'C':
		return is_plain(row, token, 8, 14) && !learn_shape_has(&search->shape, 'C');
	default:
		return token->is_number && search->side[k] != search->amount_at &&
		       !learn_shape_has(&search->shape, role) && (row->fold[token->to] == '%') == (role == 'R');
	}
}

static void assign(struct search *search, size_t k)
{
	static const char roles[] = "LUWAICQPR";
	struct shape *shape = &search->shape;
	size_t count = shape->count;

	if (search->has_name && k == search->name_at && !learn_shape_has(shape, 'N')) {
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

size_t learn_shapes(const struct learner *learner, struct shape *ret)
{
	struct search search = {.learner = learner, .found = ret};

	for (size_t b = 0; b < learner->bill_count; b++)
		for (size_t i = 0; i < learner->bills[b].row_count; i++)
			if (learner->bills[b].rows[i].row.is_readable)
				search_row(&search, &learner->bills[b].rows[i]);
	return search.found_count;
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
