/* wide: a signed integer of 128 bits, for products and sums of money on the way to 64 bits. The same on every processor. */
#ifndef HOADON_BASE_WIDE_H
#define HOADON_BASE_WIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

struct wide { /* high × 2^64 + low; {0} is 0 */
	int64_t high;
	uint64_t low;
};

/** wide_of() - @value as it is. */
struct wide wide_of(int64_t value);

/** wide_times() - @a × @b; always fits. */
struct wide wide_times(int64_t a, int64_t b);

/** wide_plus() - @a + @b; what 128 bits cannot hold wraps around, as no sum of less than 2^63 numbers of 64 bits does. */
struct wide wide_plus(struct wide a, struct wide b);

/** wide_add() - @sum becomes @sum + @amount. */
void wide_add(struct wide *sum, int64_t amount);

/** wide_minus() - @a - @b, as wide_plus(). */
struct wide wide_minus(struct wide a, struct wide b);

/** wide_compare() - < 0, 0 or > 0 as @a is less than, equal to or more than @b. */
int wide_compare(struct wide a, struct wide b);

/** wide_narrow() - @value in 64 bits; false when it does not fit, @ret untouched then. */
bool wide_narrow(struct wide value, int64_t *ret) MUST_CHECK;

/**
 * wide_divide() - @n / @d toward zero
 * @d:            > 0
 * @ret_quotient: untouched on false
 * @ret_rest:     |rest| < @d, with the sign of @n; untouched on false
 *
 * Return: false when the quotient does not fit into 64 bits.
 */
bool wide_divide(struct wide n, int64_t d, int64_t *ret_quotient, int64_t *ret_rest) MUST_CHECK;

/** wide_round() - @n / @d half away from zero, the one rounding of the program (law R-RND-2); else as wide_divide(). */
bool wide_round(struct wide n, int64_t d, int64_t *ret) MUST_CHECK;

#endif
