/* taxcode: tax codes (MST) and personal numbers (CCCDan). */
#ifndef HOADON_CORE_TAXCODE_H
#define HOADON_CORE_TAXCODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

enum taxcode_result {
	TAXCODE_OK = 0,
	TAXCODE_EMPTY,
	TAXCODE_BAD_CHAR,
	TAXCODE_BAD_HYPHEN,
	TAXCODE_BAD_LENGTH,
	TAXCODE_ALL_ZERO,
	TAXCODE_BRANCH_000,
	TAXCODE_NO_CHECK_DIGIT_EXISTS,
	TAXCODE_BAD_CHECK, /* a person may go on (law R-BUY-5) */
	TAXCODE_ID_PROVINCE_000,
	TAXCODE_ID_BIRTH_FUTURE,
};

/**
 * taxcode_check() - shape and check digit of a tax code
 * @text:       as typed; blanks at both ends are ignored
 * @year:       year of checking (birth years of 12-digit numbers)
 * @normalised: what is stored: 10 digits, 10-3 with hyphen, or 12 digits; "" when the text has no such shape
 * @ret_kind:   10, 13, 12, or 0
 *
 * Return: enum taxcode_result, the first reason in the order of samples "tax-code". Source: format 2.2; law R-BUY-5, R-BUY-6.
 */
int taxcode_check(const char *text, int year, char normalised[16], int *ret_kind) MUST_CHECK;

/** taxcode_reason() - "OK", "BAD_CHECK", …: the word of @result. */
const char *taxcode_reason(int result);

/** taxcode_is_hard() - whether @result forbids use (a wrong shape); BAD_CHECK and NO_CHECK_DIGIT_EXISTS only follow the override column of the vectors. */
bool taxcode_is_hard(int result);

/** taxcode_plain() - @tax_code without its hyphen, as MNGui and the QR code want it (format 2.2). */
void taxcode_plain(const char *tax_code, char out[16]);

#endif
