/* profile_rules: a compiled profile, shared by the compiler (profile.c) and the reader (profile_read.c) alone. */
#ifndef HOADON_CAPTURE_PROFILE_RULES_H
#define HOADON_CAPTURE_PROFILE_RULES_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "capture/page.h"

/* X(NAME, section, key, what it is for). REJECT_ stand in the order of enum reading_kind behind SALE, ROW_ and TICKET_ in a row. */
#define PROFILE_PATTERNS(X)                                                                                            \
	X(ACCEPT_TITLE, "accept", "title", "title of a bill that is paid")                                             \
	X(REJECT_PRE_BILL, "reject", "pre-bill", "words above the items that make it a bill to look at")               \
	X(REJECT_REPRINT, "reject", "reprint", "words of a reprint")                                                   \
	X(REJECT_KITCHEN, "reject", "kitchen", "words of a slip for kitchen or bar")                                   \
	X(REJECT_VOID, "reject", "void", "words of a cancelled bill")                                                  \
	X(REJECT_RETURN, "reject", "return", "words of goods given back")                                              \
	X(REJECT_OTHER, "reject", "other", "words of reports, drawer slips, test pages")                               \
	X(FOOT_PRE_BILL, "foot", "pre-bill", "the same, below the items")                                              \
	X(FOOT_REPRINT, "foot", "reprint", "the same, below the items")                                                \
	X(FOOT_VOID, "foot", "void", "the same, below the items")                                                      \
	X(FOOT_CUSTOMER, "foot", "customer", "words of the customer's copy")                                           \
	X(FOOT_MERCHANT, "foot", "merchant", "words of the shop's copy")                                               \
	X(FOOT_END, "foot", "end", "from here on amounts mean nothing (thanks, advertising)")                          \
	X(HEADER_NUMBER, "header", "number", "the till's bill number, group v")                                        \
	X(HEADER_TIME, "header", "time", "groups d, m, y, H, M and perhaps S")                                         \
	X(HEADER_TABLE, "header", "table", "group v")                                                                  \
	X(HEADER_BUYER, "header", "buyer", "group v")                                                                  \
	X(HEADER_REFERS, "header", "refers", "number of the earlier bill, group v")                                    \
	X(HEADER_SKIP, "header", "skip", "lines of free text: cashier, address")                                       \
	X(ITEMS_START, "items", "start", "heads of the columns")                                                       \
	X(ITEMS_STOP, "items", "stop", "first line below the items")                                                   \
	X(ITEMS_NAME, "items", "name", "a name on a line of its own, group v")                                         \
	X(ITEMS_NOTE, "items", "note", "option or wish, group v")                                                      \
	X(ITEMS_DISCOUNT, "items", "discount", "discount of the item above; group v or the last number")               \
	X(ROW_1, "items", "row1", "an item; without group name, the line before is its name")                          \
	X(ROW_2, "items", "row2", "groups name, qty, unit, price, amount, code")                                       \
	X(ROW_3, "items", "row3", "the first row that fits is taken")                                                  \
	X(ROW_4, "items", "row4", "")                                                                                  \
	X(ROW_5, "items", "row5", "")                                                                                  \
	X(ROW_6, "items", "row6", "")                                                                                  \
	X(ROW_7, "items", "row7", "")                                                                                  \
	X(ROW_8, "items", "row8", "")                                                                                  \
	X(TICKET_1, "items", "ticket1", "an item of a kitchen slip: groups name, qty")                                 \
	X(TICKET_2, "items", "ticket2", "")                                                                            \
	X(SUBTOTAL, "totals", "subtotal", "sum of the items; value: group v or the last number")                       \
	X(AGAIN, "totals", "again", "printed again: the sum of the items or the total")                                \
	X(TOTAL, "totals", "total", "what is to be paid")                                                              \
	X(SUM, "totals", "sum", "the total, or the subtotal where a total stands below it")                            \
	X(DISCOUNT, "totals", "discount", "of the whole bill")                                                         \
	X(SURCHARGE, "totals", "surcharge", "")                                                                        \
	X(TAX_INSIDE, "totals", "tax-inside", "tax that the amounts above hold already")                               \
	X(TAX, "totals", "tax", "tax added on top; group rate or the number before %")                                 \
	X(CHANGE, "totals", "change", "given back")                                                                    \
	X(IGNORE, "totals", "ignore", "amounts that are no part of the bill (points, telephone)")                      \
	X(INCLUDED, "totals", "included", "words that say that prices hold the tax")                                   \
	X(PAID_CASH, "payments", "cash", "")                                                                           \
	X(PAID_TRANSFER, "payments", "transfer", "")                                                                   \
	X(PAID_CARD, "payments", "card", "")                                                                           \
	X(PAID_VOUCHER, "payments", "voucher", "")                                                                     \
	X(PAID_UNKNOWN, "payments", "unknown", "paid, the paper does not say how")

#define X_PATTERN(name, section, key, help) PATTERN_##name,
enum profile_pattern {
	PROFILE_PATTERNS(X_PATTERN) PATTERN_LAST_NUMBER, /* ours: the money at the end of a line */
	PATTERN_PERCENT,				 /* ours: the number before % */
	PATTERN_COUNT
};
#undef X_PATTERN

#define PROFILE_GROUPS(X)                                                                                              \
	X(V, "v")                                                                                                      \
	X(NAME, "name")                                                                                                \
	X(QTY, "qty")                                                                                                  \
	X(UNIT, "unit")                                                                                                \
	X(PRICE, "price")                                                                                              \
	X(AMOUNT, "amount")                                                                                            \
	X(CODE, "code")                                                                                                \
	X(RATE, "rate")                                                                                                \
	X(DAY, "d")                                                                                                    \
	X(MONTH, "m")                                                                                                  \
	X(YEAR, "y")                                                                                                   \
	X(HOUR, "H")                                                                                                   \
	X(MINUTE, "M")                                                                                                 \
	X(SECOND, "S")
#define X_GROUP(name, word) GROUP_##name,
enum profile_group { PROFILE_GROUPS(X_GROUP) GROUP_COUNT };
#undef X_GROUP

enum profile_wrap { WRAP_NONE, WRAP_ABOVE, WRAP_BELOW };

struct pattern {
	pcre2_code *code;	  /* NULL: the profile has none */
	int numbers[GROUP_COUNT]; /* of the named groups, 0 = has none */
};

struct profile {
	struct pattern patterns[PATTERN_COUNT];
	pcre2_match_context *limits;
	pcre2_match_data *match;
	int64_t scale;
	enum profile_wrap wrap;
	enum page_encoding encoding;
	bool is_order_unsure; /* the columns of quantity and price may be exchanged */
};

/* Where the groups of a match stand in the subject: letters from .. to; not there: from > to. */
struct match {
	size_t from[GROUP_COUNT], to[GROUP_COUNT];
	size_t start; /* of the whole match */
};

/**
 * profile_match() - whether @which fits @len letters of @subject (ASCII)
 *
 * Return: 1 it does, @ret is set; 0 it does not, or the profile has none; -1 a limit was reached.
 */
int profile_match(struct profile *profile, enum profile_pattern which, const char *subject, size_t len,
	struct match *ret) MUST_CHECK;

#endif
