#include "base/decimal.h"

#include <assert.h>
#include <string.h>

#define DECIMAL_DONG_LIMIT INT64_C(1000000000000000) /* format 2.2: 15 digits of đồng */

static const int64_t power_of_ten[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
static_assert(ARRAY_LEN(power_of_ten) == DECIMAL_SCALE_MAX + 1, "one power for each scale");

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t count_digits(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && is_digit(text[n]))
		n++;
	return n;
}

static struct decimal without_trailing_zeros(struct decimal value)
{
	while (value.scale > 0 && value.units % 10 == 0) {
		value.units /= 10;
		value.scale--;
	}
	return value;
}

/* @digits: `digits` or `digits.digits`, already checked; false when the units do not fit into 64 bits. */
static bool gather(const char *digits, size_t len, bool is_negative, int64_t *ret_units)
{
	int64_t units = 0;

	for (size_t i = 0; i < len; i++) {
		if (digits[i] == '.')
			continue;
		if (__builtin_mul_overflow(units, 10, &units) || __builtin_sub_overflow(units, digits[i] - '0', &units))
			return false;
	}
	/* Gathered below zero, where there is one value more. */
	if (!is_negative)
		return !__builtin_sub_overflow(0, units, ret_units);
	*ret_units = units;
	return true;
}

int decimal_parse(const char *text, size_t len, int int_digits, int max_scale, struct decimal *ret)
{
	bool is_negative = len > 0 && text[0] == '-';
	const char *digits = text + is_negative;
	size_t digits_len = len - is_negative;
	size_t before = count_digits(digits, digits_len);
	size_t after = 0;
	size_t kept;
	int64_t units;

	assert(int_digits >= 1 && int_digits <= 15 && max_scale >= 0 && max_scale <= DECIMAL_SCALE_MAX);
	if (before == 0 || (before > 1 && digits[0] == '0'))
		return DECIMAL_SYNTAX;
	if (before < digits_len) {
		if (digits[before] != '.')
			return DECIMAL_SYNTAX;
		after = count_digits(digits + before + 1, digits_len - before - 1);
		if (after == 0 || before + 1 + after != digits_len)
			return DECIMAL_SYNTAX;
	}
	if (before > (size_t)int_digits || after > (size_t)max_scale)
		return DECIMAL_RANGE;
	kept = digits_len;
	while (after > 0 && digits[kept - 1] == '0') {
		after--;
		kept--;
	}
	if (!gather(digits, kept, is_negative, &units))
		return DECIMAL_RANGE;
	*ret = (struct decimal){.units = units, .scale = (int)after};
	return DECIMAL_OK;
}

size_t decimal_format(struct decimal value, char out[DECIMAL_TEXT_MAX])
{
	char reversed[DECIMAL_TEXT_MAX];
	struct decimal shortest = without_trailing_zeros(value);
	bool is_negative = shortest.units < 0;
	uint64_t rest = is_negative ? 0 - (uint64_t)shortest.units : (uint64_t)shortest.units;
	size_t n = 0;
	size_t len;

	assert(value.scale >= 0 && value.scale <= DECIMAL_SCALE_MAX);
	for (int digit = 0; rest > 0 || digit <= shortest.scale; digit++) {
		if (digit == shortest.scale && digit > 0)
			reversed[n++] = '.';
		reversed[n++] = (char)('0' + rest % 10);
		rest /= 10;
	}
	if (is_negative)
		reversed[n++] = '-';
	len = n;
	for (size_t i = 0; i < len; i++)
		out[i] = reversed[--n];
	out[len] = '\0';
	return len;
}

size_t int_format(int64_t value, char out[DECIMAL_TEXT_MAX])
{
	char digits[DECIMAL_TEXT_MAX];
	char *first = digits + sizeof(digits);
	/* Negated as unsigned: INT64_MIN has no positive twin. */
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t len;

	*--first = '\0';
	do {
		*--first = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		*--first = '-';
	len = (size_t)(digits + sizeof(digits) - first) - 1;
	memcpy(out, first, len + 1);
	return len;
}

char *int_format_fixed(unsigned int value, int width, char *out)
{
	for (int i = width; i-- > 0; value /= 10)
		out[i] = (char)('0' + value % 10);
	return out + width;
}

bool decimal_is_zero(struct decimal value)
{
	return value.units == 0;
}

int64_t round_part(int64_t amount, int64_t n, int64_t d)
{
	int64_t part = 0;
	bool fits = wide_round(wide_times(amount, n), d, &part);

	assert(n >= 0 && n <= d && fits);
	(void)fits;
	return part;
}

int decimal_times(struct decimal a, struct decimal b, int64_t *ret)
{
	int64_t divisor = power_of_ten[a.scale] * power_of_ten[b.scale];
	int64_t rounded;

	if (!wide_round(wide_times(a.units, b.units), divisor, &rounded) || rounded >= DECIMAL_DONG_LIMIT ||
		rounded <= -DECIMAL_DONG_LIMIT)
		return DECIMAL_RANGE;
	*ret = rounded;
	return DECIMAL_OK;
}

int decimal_ratio(struct wide n, int64_t d, int scale, struct decimal *ret)
{
	int64_t power = power_of_ten[scale];
	int64_t units, rest, fraction;

	if (!wide_divide(n, d, &units, &rest) || !wide_round(wide_times(rest, power), d, &fraction) ||
		__builtin_mul_overflow(units, power, &units) || __builtin_add_overflow(units, fraction, &units))
		return DECIMAL_RANGE;
	*ret = without_trailing_zeros((struct decimal){.units = units, .scale = scale});
	return DECIMAL_OK;
}
