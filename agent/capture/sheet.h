/* sheet: a file of bills, row by row, and the sales in it. Language of column maps and of XML: schemas/capture/SHEETS.md. Pure. */
#ifndef HOADON_CAPTURE_SHEET_H
#define HOADON_CAPTURE_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/fault.h"
#include "core/problem.h"
#include "core/sale.h"

#define SHEET_MAP_MAX	 ((size_t)64 << 10) /* bytes of a column map */
#define SHEET_ROWS_MAX	 20000
#define SHEET_SALES_MAX	 1000
#define SHEET_ARENA_MAX	 ((size_t)128 << 20)
#define SHEET_DETAIL_MAX 160

/* X(NAME, "word", help): what a row may say. Those of the bill first: each row of a bill says the same, or nothing. */
#define SHEET_FIELDS(X)                                                                                                \
	X(BILL, "bill", "number of the bill; a row without one belongs to the bill above")                             \
	X(TILL, "till", "till")                                                                                        \
	X(KIND, "kind", "kind of the bill")                                                                            \
	X(DATE, "date", "day of the sale; the time of day may stand behind it")                                        \
	X(TIME, "time", "time of day, where it has a column of its own")                                               \
	X(TOTAL, "total", "what is to be paid")                                                                        \
	X(BILL_DISCOUNT, "bill_discount", "discount of the whole bill")                                                \
	X(SURCHARGE, "surcharge", "surcharge of the whole bill")                                                       \
	X(TAX, "tax", "tax of the whole bill, where prices do not hold it")                                            \
	X(BUYER, "buyer", "name of the buyer")                                                                         \
	X(REFERS_TO, "refers_to", "of a return: number of the bill that it comes from")                                \
	X(CODE, "code", "code of the item")                                                                            \
	X(NAME, "name", "name of the item")                                                                            \
	X(UNIT, "unit", "unit")                                                                                        \
	X(QTY, "qty", "quantity")                                                                                      \
	X(PRICE, "price", "price of one")                                                                              \
	X(DISCOUNT, "discount", "discount of the line")                                                                \
	X(AMOUNT, "amount", "quantity × price − discount")                                                             \
	X(RATE, "rate", "VAT rate")
enum sheet_field {
#define X(name, word, help) SHEET_##name,
	SHEET_FIELDS(X)
#undef X
		SHEET_FIELD_COUNT
};
#define SHEET_BILL_FIELDS SHEET_CODE /* how many of them are of the bill */

struct sheet_row {
	const char *values[SHEET_FIELD_COUNT]; /* UTF-8 NFC without controls, trimmed; "" = says nothing */
	size_t line;			       /* of the file */
	size_t sale;			       /* XML: which one it belongs to, from 1; 0 = its number says so */
};

enum sheet_date { SHEET_DMY, SHEET_MDY, SHEET_YMD };

struct sheet { /* in the arena of the file */
	struct sheet_row *rows;
	size_t row_count;
	char decimal; /* '.' or ','; 0 = nobody said so: what can be read in two ways is decided by the sums, or not at all */
	enum sheet_date date;		    /* which number stands first; the year may stand first always */
	const char *kinds[SALE_KIND_COUNT]; /* words of the file, "|" between them; NULL: the word of the schema */
};

/* What was made of one bill: a sale, or with a problem what is known of it, for a person. */
struct sheet_sale {
	struct sale sale;
	struct problem problem;
};

struct sheet_map;
struct catalogue;
struct letters;
struct bill_till;

/**
 * sheet_map_new() - read a column map
 * @file:     what problems call it
 * @ini:      UTF-8, at most SHEET_MAP_MAX; NULL: the first line of each file has the words of SHEET_FIELDS
 * @ret:      freed with sheet_map_free(); untouched unless 0
 * @problems: each wrong line as "FILE:LINE: what is wrong\n"; filled only together with a failure
 *
 * Return: 0; FAULT_CONFIG with the first problem, FAULT_MEMORY. Thread: any.
 */
int sheet_map_new(const char *file, const struct bytes *ini, struct sheet_map **ret, struct bytes *problems,
	struct fault *fault) MUST_CHECK;
/** sheet_map_free() - NULL is allowed. */
void sheet_map_free(struct sheet_map *map);
DEFINE_CLEANUP(struct sheet_map *, sheet_map_free)

/**
 * sheet_csv() - the rows of a CSV file
 * @letters: decides the encoding of the whole file by its words, unless @map or a byte order mark names it
 * @arena:   holds the rows
 * @ret:     untouched unless 0; borrows of @map
 * @problem: why it is no list of bills, with the line; set when > 0
 *
 * Return: 0; > 0 PROBLEM_SHEET_UNREAD; FAULT_MEMORY. Thread: owner of @letters.
 * Source: RFC 4180 (quotes); schemas/capture/SHEETS.md.
 */
int sheet_csv(const struct sheet_map *map, struct letters *letters, struct arena *arena, const void *bytes, size_t len,
	struct sheet *ret, struct problem *problem) MUST_CHECK;

/**
 * sheet_sales() - the sales in @sheet, in the order of their first rows
 * @catalogue: gives the rates that the file does not; where both say one, they must agree. NULL: none
 * @till:      till_id NULL: each row names its till
 * @arena:     holds the sales, which borrow of @sheet
 * @problem:   why there is none; set when > 0
 *
 * Rows of one bill number, till and day are one sale. What does not add up, says two things or nothing, or is no number, date or
 * rate is a sheet_sale with a problem: never an invoice by itself. No bill of the file is left out.
 *
 * Return: 0; > 0 PROBLEM_SHEET_UNREAD; FAULT_MEMORY. Thread: owner of @arena.
 * Source: law R-TILL-1, R-VAT-1, R-RND-2, R-RND-6.
 */
int sheet_sales(const struct sheet *sheet, const struct catalogue *catalogue, const struct bill_till *till,
	struct arena *arena, struct sheet_sale **ret, size_t *ret_count, struct problem *problem) MUST_CHECK;

#endif
