#include "number.h"
#include "text.h"

#include <string.h>

#define DIGITS	 21 /* format 2.2 */
#define DECIMALS 6

/* @digits: whole @whole digits and @decimals behind the point, all in a row. */
static struct number gather(const char *digits, int whole, int decimals)
{
	struct number n = {0};

	for (int i = 0; i < whole + DECIMALS; i++) { /* i: digits before this one */
		int place = whole + DECIMALS - 1 - i;
		uint32_t *part = &n.parts[place / DECIMALS];

		*part = *part * 10 + (i < whole + decimals ? (uint32_t)(digits[i] - '0') : 0);
	}
	return n;
}

bool number_parse(const char *text, struct number *ret)
{
	const char *c = text + (*text == '-');
	char digits[DIGITS];
	int whole = 0, decimals = 0;

	for (; *c >= '0' && *c <= '9' && whole < DIGITS; c++)
		digits[whole++] = *c;
	if (*c == '.') {
		for (c++; *c >= '0' && *c <= '9' && decimals < DECIMALS && whole + decimals < DIGITS; c++)
			digits[whole + decimals++] = *c;
		if (decimals == 0)
			return false;
	}
	if (*c != '\0' || whole == 0)
		return false;
	*ret = gather(digits, whole, decimals);
	ret->is_negative = *text == '-';
	return true;
}

struct number number_of(int64_t millionths)
{
	struct number n = {0};

	for (int i = 0; millionths > 0; i++, millionths /= NUMBER_BASE)
		n.parts[i] = (uint32_t)(millionths % NUMBER_BASE);
	return n;
}

int64_t number_whole(struct number n)
{
	int64_t whole = 0;

	for (int i = NUMBER_PARTS - 1; i > 0; i--)
		if (__builtin_mul_overflow(whole, NUMBER_BASE, &whole) ||
			__builtin_add_overflow(whole, n.parts[i], &whole))
			return 0;
	return n.is_negative ? -whole : whole;
}

bool number_is_whole(struct number n)
{
	return n.parts[0] == 0;
}

int number_compare_sizes(struct number a, struct number b)
{
	int i = NUMBER_PARTS - 1;

	while (i > 0 && a.parts[i] == b.parts[i])
		i--;
	return (a.parts[i] > b.parts[i]) - (a.parts[i] < b.parts[i]);
}

void number_show(struct number n, char *out, size_t size)
{
	bool is_zero = number_compare_sizes(n, (struct number){0}) == 0;
	int top = NUMBER_PARTS - 1;
	size_t used;

	while (top > 1 && n.parts[top] == 0)
		top--;
	str_printf(out, size, "%s%u", n.is_negative && !is_zero ? "-" : "", n.parts[top]);
	for (int i = top - 1; i >= (number_is_whole(n) ? 1 : 0); i--) {
		used = strlen(out);
		str_printf(out + used, size - used, "%s%06u", i == 0 ? "." : "", n.parts[i]);
	}
}

struct number number_negated(struct number n)
{
	n.is_negative = !n.is_negative;
	return n;
}

static struct number add_sizes(struct number a, struct number b)
{
	uint32_t carry = 0;

	for (int i = 0; i < NUMBER_PARTS; i++) {
		uint32_t sum = a.parts[i] + b.parts[i] + carry;

		a.parts[i] = sum % NUMBER_BASE;
		carry = sum / NUMBER_BASE;
	}
	return a;
}

/* |@a| >= |@b| */
static struct number subtract_sizes(struct number a, struct number b)
{
	uint32_t borrowed = 0;

	for (int i = 0; i < NUMBER_PARTS; i++) {
		uint32_t rest = NUMBER_BASE + a.parts[i] - b.parts[i] - borrowed;

		a.parts[i] = rest % NUMBER_BASE;
		borrowed = rest < NUMBER_BASE;
	}
	return a;
}

struct number number_plus(struct number a, struct number b)
{
	if (a.is_negative == b.is_negative)
		return add_sizes(a, b);
	return number_compare_sizes(a, b) >= 0 ? subtract_sizes(a, b) : subtract_sizes(b, a);
}

struct number number_minus(struct number a, struct number b)
{
	return number_plus(a, number_negated(b));
}

struct number number_hundredth(struct number n)
{
	uint32_t rest = 0;

	for (int i = NUMBER_PARTS - 1; i >= 0; i--) {
		uint32_t value = rest * NUMBER_BASE + n.parts[i];

		n.parts[i] = value / 100;
		rest = value % 100;
	}
	return n;
}

bool number_times(struct number a, struct number b, struct number *ret)
{
	uint32_t parts[2 * NUMBER_PARTS] = {0}; /* the first two are behind the point */
	struct number product = {.is_negative = a.is_negative != b.is_negative};

	for (int i = 0; i < NUMBER_PARTS; i++) {
		uint64_t carry = 0;

		for (int j = 0; j < NUMBER_PARTS; j++) {
			uint64_t value = (uint64_t)a.parts[i] * b.parts[j] + parts[i + j] + carry;

			parts[i + j] = (uint32_t)(value % NUMBER_BASE);
			carry = value / NUMBER_BASE;
		}
		parts[i + NUMBER_PARTS] = (uint32_t)carry;
	}
	for (int i = NUMBER_PARTS + 1; i < 2 * NUMBER_PARTS; i++)
		if (parts[i] != 0)
			return false;
	memcpy(&product.parts[1], &parts[2], (NUMBER_PARTS - 1) * sizeof(parts[0]));
	if (parts[1] >= NUMBER_BASE / 2)
		product = add_sizes(product, number_of(NUMBER_BASE));
	*ret = product;
	return true;
}
