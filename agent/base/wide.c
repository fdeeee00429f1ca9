#include "base/wide.h"

#include <assert.h>

static uint64_t size_of(int64_t value)
{
	return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

static struct wide negated(struct wide value)
{
	return wide_minus((struct wide){0}, value);
}

struct wide wide_of(int64_t value)
{
	return (struct wide){.high = value < 0 ? -1 : 0, .low = (uint64_t)value};
}

/* By halves, as on paper: no step exceeds 2^64 - 1 = (2^32 - 1)² + 2 (2^32 - 1). */
struct wide wide_times(int64_t a, int64_t b)
{
	uint64_t x = size_of(a), x0 = (uint32_t)x, x1 = x >> 32;
	uint64_t y = size_of(b), y0 = (uint32_t)y, y1 = y >> 32;
	uint64_t units = x0 * y0;
	uint64_t inner = x1 * y0 + (units >> 32);
	uint64_t outer = x0 * y1 + (uint32_t)inner;
	struct wide product = {
		.high = (int64_t)(x1 * y1 + (inner >> 32) + (outer >> 32)),
		.low = outer << 32 | (uint32_t)units,
	};

	return (a < 0) == (b < 0) ? product : negated(product);
}

struct wide wide_plus(struct wide a, struct wide b)
{
	uint64_t low = a.low + b.low;

	return (struct wide){.high = (int64_t)((uint64_t)a.high + (uint64_t)b.high + (low < a.low)), .low = low};
}

void wide_add(struct wide *sum, int64_t amount)
{
	*sum = wide_plus(*sum, wide_of(amount));
}

struct wide wide_minus(struct wide a, struct wide b)
{
	return (struct wide){
		.high = (int64_t)((uint64_t)a.high - (uint64_t)b.high - (a.low < b.low)), .low = a.low - b.low};
}

int wide_compare(struct wide a, struct wide b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	return (a.low > b.low) - (a.low < b.low);
}

bool wide_narrow(struct wide value, int64_t *ret)
{
	if (wide_compare(value, wide_of((int64_t)value.low)) != 0)
		return false;
	*ret = (int64_t)value.low;
	return true;
}

/* One binary digit after the other: the quotient moves in where @low moves out. @high < @d <= INT64_MAX. */
static uint64_t divide_sizes(uint64_t high, uint64_t low, uint64_t d, uint64_t *ret_rest)
{
	if (high == 0) { /* nearly always */
		*ret_rest = low % d;
		return low / d;
	}
	for (int i = 0; i < 64; i++) {
		high = high << 1 | low >> 63;
		low <<= 1;
		if (high >= d) {
			high -= d;
			low |= 1;
		}
	}
	*ret_rest = high;
	return low;
}

bool wide_divide(struct wide n, int64_t d, int64_t *ret_quotient, int64_t *ret_rest)
{
	struct wide size = n.high < 0 ? negated(n) : n;
	struct wide quotient = {0};
	uint64_t rest;

	assert(d > 0);
	if ((uint64_t)size.high >= (uint64_t)d)
		return false;
	quotient.low = divide_sizes((uint64_t)size.high, size.low, (uint64_t)d, &rest);
	if (!wide_narrow(n.high < 0 ? negated(quotient) : quotient, ret_quotient))
		return false;
	*ret_rest = n.high < 0 ? -(int64_t)rest : (int64_t)rest;
	return true;
}

bool wide_round(struct wide n, int64_t d, int64_t *ret)
{
	int64_t quotient, rest, distance;

	if (!wide_divide(n, d, &quotient, &rest))
		return false;
	distance = rest < 0 ? -rest : rest;
	/* distance × 2 >= d, written so that it cannot overflow. */
	if (distance >= d - distance && __builtin_add_overflow(quotient, n.high < 0 ? -1 : 1, &quotient))
		return false;
	*ret = quotient;
	return true;
}
