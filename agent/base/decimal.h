/* decimal: exact numbers; money is int64 đồng, quantities and prices are decimals. No binary fraction anywhere (R-RND-1). */
#ifndef HOADON_BASE_DECIMAL_H
#define HOADON_BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/wide.h"

#define DECIMAL_SCALE_MAX 6  /* format 2.2: at most 6 decimals */
#define DECIMAL_TEXT_MAX  24 /* sign, 19 digits, point, NUL */

struct decimal {
	int64_t units; /* value × 10^scale */
	int scale;     /* 0 .. DECIMAL_SCALE_MAX */
};

enum decimal_result {
	DECIMAL_OK = 0,
	DECIMAL_SYNTAX = 1, /* not -?digits[.digits]; leading zeros, "+", exponent, blanks are syntax errors */
	DECIMAL_RANGE = 2,  /* more digits than allowed */
};

/**
 * decimal_parse() - exact text to number
 * @text:       ASCII `-?(0|[1-9][0-9]*)(\.[0-9]+)?`, no locale
 * @len:        bytes of @text
 * @int_digits: most digits before the point, 1 .. 15
 * @max_scale:  most digits after it, 0 .. DECIMAL_SCALE_MAX
 * @ret:        the value with trailing zeros of the fraction removed; untouched unless 0
 *
 * Return: enum decimal_result.
 */
int decimal_parse(const char *text, size_t len, int int_digits, int max_scale, struct decimal *ret) MUST_CHECK;

/** decimal_format() - shortest text ("2", "0.735", "-1.5") into @out; returns its length. */
size_t decimal_format(struct decimal value, char out[DECIMAL_TEXT_MAX]);

/** int_format() - @value in decimal into @out; returns its length. */
size_t int_format(int64_t value, char out[DECIMAL_TEXT_MAX]);

/** int_format_fixed() - the last @width digits of @value, with leading zeros, into @out, without NUL; returns what is behind them. */
char *int_format_fixed(unsigned int value, int width, char *out);

/** decimal_is_zero() - whether @value is 0. */
bool decimal_is_zero(struct decimal value);

/** round_part() - round(@amount × @n / @d), half away from zero (law R-RND-2); 0 <= @n <= @d, @d > 0: it always fits. */
int64_t round_part(int64_t amount, int64_t n, int64_t d);

/**
 * decimal_times() - round(@a × @b) in whole đồng, half away from zero
 * @ret: the product; untouched unless 0
 *
 * Return: DECIMAL_OK or DECIMAL_RANGE when |result| >= 10^15.
 */
int decimal_times(struct decimal a, struct decimal b, int64_t *ret) MUST_CHECK;

/**
 * decimal_ratio() - @n / @d rounded to @scale digits, half away from zero, trailing zeros removed
 * @d:     > 0
 * @scale: 0 .. DECIMAL_SCALE_MAX
 * @ret:   untouched unless 0
 *
 * Return: DECIMAL_OK or DECIMAL_RANGE.
 */
int decimal_ratio(struct wide n, int64_t d, int scale, struct decimal *ret) MUST_CHECK;

#endif
