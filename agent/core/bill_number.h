/* bill_number: the numbers that a till gives to its bills, one after another. Pure. */
#ifndef HOADON_CORE_BILL_NUMBER_H
#define HOADON_CORE_BILL_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "core/sale.h"

/* The last digits count; all else is the series. */
struct bill_number {
	const char *text; /* borrowed */
	size_t at, len;	  /* of the digits in it */
	int64_t value;
};

/** bill_number_read() - @text as a number of a series; false: it has no digits, too many, or was made of what the paper says. Thread: any. */
bool bill_number_read(const char *text, struct bill_number *ret) MUST_CHECK;

/** bill_number_compare_series() - < 0, 0 or > 0 by the series alone. Thread: any. */
int bill_number_compare_series(const struct bill_number *a, const struct bill_number *b);

struct bill_before { /* a paper of the till */
	const char *bill_no;
	enum sale_kind kind;
	int32_t day;	/* business day, YYYYMMDD */
	bool is_issued; /* or will be, as it is */
	bool is_parked; /* a person decides about it */
};

enum bill_order {
	BILL_ORDER_FOLLOWS,
	BILL_ORDER_FIRST, /* no bill of the till is issued: nothing says which number comes next */
	BILL_ORDER_JUMPS,
};

/**
 * bill_number_order() - whether a bill may be the next one of its till, for a number that was read and may be wrong
 * @before:  the latest papers of the till, newest first
 * @bill_no: of the bill
 * @day:     business day of the bill, YYYYMMDD
 * @ret_last: number of the bill that it was measured by; NULL with BILL_ORDER_FIRST. Borrowed of @before.
 *
 * It follows the last bill of its series that is issued, if each number between them came since then, on whatever paper but a copy, or is that of
 * a paper that waits for a person because its number could not be read. On a later day than that of the last issued bill a series may
 * also begin anew with 1. The number of a bill of that day that is issued follows, too: the same bill is no second sale, another one is for a person.
 *
 * The last digits of a number count; where they are the year of @day, those in front of them may count instead.
 *
 * So whoever reads a figure of a till always as another stops at the next number that has it, and goes on only when a person has decided.
 *
 * Return: enum bill_order. Thread: any.
 */
enum bill_order bill_number_order(
	const struct bill_before *before, size_t count, const char *bill_no, int32_t day, const char **ret_last);

#endif
