/* learn_parts: what the files of learning share (learn.c, learn_tokens.c, learn_shapes.c, learn_items.c, learn_totals.c, learn_head.c) and nobody else. */
#ifndef HOADON_CAPTURE_LEARN_PARTS_H
#define HOADON_CAPTURE_LEARN_PARTS_H

#include "base/decimal.h"
#include "capture/learn.h"
#include "capture/profile_lines.h"

#define TOKENS_MAX 40
#define PARTS_MAX  12
#define ROWS_MAX   4 /* shapes of items that one till may have */
#define LABELS_MAX 24

/* A word, a number or a sign of a line; letters of row.fold. */
struct token {
	size_t from, to;
	bool is_number, has_value;
	int64_t value; /* as money */
};

struct learn_row {
	struct row row;
	struct token tokens[TOKENS_MAX];
	size_t token_count;
	bool has_last; /* money at the end of the line */
	int64_t last;
	size_t label_end; /* letter of row.fold behind what stands before it */
	bool is_item, is_promotion;
};

struct learn_bill {
	struct learn_row *rows;
	size_t row_count;
	size_t first, end; /* first item, and the row behind the last: rows of the items */
	bool has_items;
	int64_t sum; /* of its items, promotions taken off */
};

/* A column of an item: N name, Q quantity, P price, A amount, U unit, C code, I place in the bill, R percent, W any word, L the word in literal. */
struct part {
	char role;
	char literal[8];
};
struct shape {
	struct part parts[PARTS_MAX];
	size_t count;
	size_t lines; /* how many it explains */
};

/* X(NAME, section, key, field): roles of the lines below the items. NONE: nobody knows. */
#define LEARN_ROLES(X)                                                                                                 \
	X(NONE, "", "", LEARN_TOTAL)                                                                                   \
	X(IGNORE, "totals", "ignore", LEARN_FIELD_COUNT)                                                               \
	X(AGAIN, "totals", "again", LEARN_FIELD_COUNT)                                                                 \
	X(SUBTOTAL, "totals", "subtotal", LEARN_SUBTOTAL)                                                              \
	X(TOTAL, "totals", "total", LEARN_TOTAL)                                                                       \
	X(SUM, "totals", "sum", LEARN_TOTAL)                                                                           \
	X(DISCOUNT, "totals", "discount", LEARN_DISCOUNTS)                                                             \
	X(SURCHARGE, "totals", "surcharge", LEARN_SURCHARGES)                                                          \
	X(TAX, "totals", "tax", LEARN_TAXES)                                                                           \
	X(TAX_INSIDE, "totals", "tax-inside", LEARN_TAXES)                                                             \
	X(CHANGE, "totals", "change", LEARN_PAYMENTS)                                                                  \
	X(CASH, "payments", "cash", LEARN_PAYMENTS)                                                                    \
	X(TRANSFER, "payments", "transfer", LEARN_PAYMENTS)                                                            \
	X(CARD, "payments", "card", LEARN_PAYMENTS)                                                                    \
	X(VOUCHER, "payments", "voucher", LEARN_PAYMENTS)                                                              \
	X(PAID, "payments", "unknown", LEARN_PAYMENTS)
#define X_ROLE(name, section, key, field) ROLE_##name,
enum learn_role { LEARN_ROLES(X_ROLE) ROLE_COUNT };
#undef X_ROLE

struct label {
	const char *key;	 /* folded, numbers as "#" */
	const char *line;	 /* where it was seen, as printed */
	unsigned int candidates; /* bit of each role that it may have */
	enum learn_role best;	 /* the role that its words mean; NONE: unknown words */
	enum learn_role role;
	bool is_same; /* its whole line is the same on each bill */
	size_t bills; /* on how many it stands */
};
struct entry {
	size_t bill, row, label;
	int64_t value;
};

struct learner {
	struct arena *arena;
	struct learn_bill *bills;
	size_t bill_count;
	struct lesson *lesson;

	struct shape shapes[ROWS_MAX];
	size_t shape_count;
	const char *shape_lines[ROWS_MAX];
	bool has_unit_column, is_order_sure;
	const char *promotion; /* words in front of a negative row between the items; NULL: none */
	const char *promotion_line;
	bool is_promotion_negative;
	const char *start; /* heads of the columns, row.label; NULL: none */
	const char
		*name_begins; /* expression of what stands in front of each name on a line of its own; NULL: nothing */
	const char *name_line;
	const char *marks; /* signs in front of notes that the base does not know; NULL */
	const char *mark_line;

	struct label labels[LABELS_MAX];
	size_t label_count;
	struct entry *entries;
	size_t entry_count;
	bool is_closed; /* all bills add up with these roles */

	const char *title, *title_line;
	const char *number, *number_line; /* label in front of the bill number */
	const char *number_mark;	  /* expression of what stands between it and the number */
	bool is_number_first;		  /* its line begins with it */
	const char *table, *table_line;
	const char *time; /* expression; NULL: that of the base */
	bool is_out_of_memory;
};

/** learn_doubt() - say it once; @line may be NULL. */
void learn_doubt(struct learner *learner, enum learn_doubt doubt, const char *line);
/** learn_sure() - @field was learned from @line. */
void learn_sure(struct learner *learner, enum learn_field field, int confidence, const char *line);
/** learn_text() - a copy of letters @from .. @to of @row's fold; "" without memory. */
const char *learn_text(struct learner *learner, const struct row *row, size_t from, size_t to);
/** learn_has_word() - whether one of @words ("a|b c|…") stands in @text as whole words. */
bool learn_has_word(const char *text, const char *words);

/** learn_tokens() - cut the row of @learned into tokens, and find the money at its end. */
void learn_tokens(struct learn_row *learned);

/* One row of an item, as a shape reads it. */
struct fit {
	struct decimal qty;
	int64_t price, amount;
	int64_t place; /* 0: none */
	bool has_price, has_name;
};

#define LEARN_SHAPES_MAX 400
/** learn_shapes() - every shape that a line of the bills may have, into @ret (LEARN_SHAPES_MAX), with how many lines it explains; returns how many. */
size_t learn_shapes(const struct learner *learner, struct shape *ret);
/** learn_shape_fits() - whether @row has the columns of @shape and its numbers agree; @ret is set then. */
bool learn_shape_fits(const struct learn_row *row, const struct shape *shape, struct fit *ret);
/** learn_shape_has() - whether @shape has a column @role. With 'P' quantity × price proves a row. */
bool learn_shape_has(const struct shape *shape, char role);
/** learn_shape_write() - the expression of @shape behind "^", appended to @out. */
void learn_shape_write(const struct shape *shape, struct bytes *out);
/** learn_items() - shapes of the items, where they stand and their sums. */
void learn_items(struct learner *learner);

/** learn_totals() - labels below the items, and their roles. */
void learn_totals(struct learner *learner);
/** learn_role_word() - "section" and "key" of a role. */
const char *learn_role_section(enum learn_role role);
const char *learn_role_key(enum learn_role role);

/** learn_head() - title, number, table, heads of the columns. */
void learn_head(struct learner *learner);

#endif
