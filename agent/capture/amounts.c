#include "capture/amounts.h"

#include <stdbool.h>
#include <string.h>

#define NUMBER_MAX 40 /* bytes of a printed number with its marks and currency */
#define DIGITS_MAX 15

/* What stands around the digits, longest first: "vnd" before "d". */
static const char *const currency[] = {
	"vnđ", "VNĐ", "vnd", "VND", "Vnd", "đồng", "Đồng", "dong", "DONG", "₫", "đ", "Đ", "d", "D"};

struct span {
	const char *text;
	size_t len;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool take_front(struct span *span, const char *word)
{
	size_t len = strlen(word);

	if (span->len < len || memcmp(span->text, word, len) != 0)
		return false;
	span->text += len;
	span->len -= len;
	return true;
}

static bool take_back(struct span *span, const char *word)
{
	size_t len = strlen(word);

	if (span->len < len || memcmp(span->text + span->len - len, word, len) != 0)
		return false;
	span->len -= len;
	return true;
}

static void trim(struct span *span)
{
	while (take_front(span, " ") || take_front(span, "\xC2\xA0"))
		;
	while (take_back(span, " ") || take_back(span, "\xC2\xA0"))
		;
}

static void take_currency(struct span *span)
{
	for (size_t i = 0; i < ARRAY_LEN(currency); i++)
		if (take_back(span, currency[i]))
			break;
	trim(span);
	for (size_t i = 0; i < ARRAY_LEN(currency); i++)
		if (take_front(span, currency[i]))
			break;
	trim(span);
}

/* Takes the sign off: "-1", "−1", "(1)". */
static bool take_sign(struct span *span)
{
	if (span->len > 1 && *span->text == '(' && span->text[span->len - 1] == ')') {
		span->text++;
		span->len -= 2;
		trim(span);
		return true;
	}
	if (take_front(span, "-") || take_front(span, "\xE2\x88\x92")) {
		trim(span);
		return true;
	}
	return false;
}

/* The thousands mark at the front of @span, as one character: 0 when there is none. */
static char take_mark(struct span *span)
{
	if (take_front(span, "\xC2\xA0"))
		return '_';
	if (span->len > 0 && strchr("., ", *span->text)) {
		char mark = *span->text;

		span->text++;
		span->len--;
		return mark;
	}
	return 0;
}

static size_t digits_at(struct span span)
{
	size_t n = 0;

	while (n < span.len && is_digit(span.text[n]))
		n++;
	return n;
}

/* A number cut into digits without marks and the digits of a fraction. */
struct number {
	char digits[NUMBER_MAX];
	size_t whole, fraction; /* how many of them */
	char mark;		/* of the thousands, 0 none */
	char point;		/* before the fraction, 0 none */
};

static void take_digits(struct span *span, size_t n, struct number *number)
{
	memcpy(number->digits + number->whole + number->fraction, span->text, n);
	span->text += n;
	span->len -= n;
}

/*
 * Digits, groups of three behind one and the same mark, then perhaps a fraction behind the other mark. Three digits behind the
 * only mark of a number are a group here; the caller knows whether they may be a fraction.
 */
static bool cut_number(struct span span, struct number *ret)
{
	size_t n = digits_at(span);

	*ret = (struct number){0};
	if (n == 0 || span.len >= NUMBER_MAX)
		return false;
	take_digits(&span, n, ret);
	ret->whole = n;
	while (span.len > 0) {
		char mark = take_mark(&span);

		n = digits_at(span);
		if (mark == 0 || n == 0 || ret->point)
			return false;
		if (n == 3 && ret->digits[0] != '0' && (ret->mark ? ret->mark == mark : ret->whole <= 3)) {
			take_digits(&span, n, ret);
			ret->whole += n;
			ret->mark = mark;
		} else if (mark != ret->mark && (mark == '.' || mark == ',')) {
			take_digits(&span, n, ret);
			ret->fraction = n;
			ret->point = mark;
		} else {
			return false;
		}
	}
	return ret->digits[0] != '0' || ret->whole == 1;
}

static bool is_zeros(const char *digits, size_t n)
{
	while (n > 0 && digits[n - 1] == '0')
		n--;
	return n == 0;
}

int amount_money(const char *text, size_t len, int64_t scale, int64_t *ret)
{
	struct span span = {text, len};
	struct number number;
	int64_t value = 0;
	int64_t part = scale;
	bool is_negative;

	trim(&span);
	take_currency(&span);
	is_negative = take_sign(&span);
	take_currency(&span);
	if (!cut_number(span, &number))
		return AMOUNT_NONE;
	if (number.whole > DIGITS_MAX)
		return AMOUNT_RANGE;
	for (size_t i = 0; i < number.whole; i++)
		value = value * 10 + (number.digits[i] - '0');
	if (value >= INT64_C(1000000000000000) / scale)
		return AMOUNT_RANGE;
	value *= scale;
	if (number.fraction == 3 || (scale == 1 && number.fraction > 0 && !number.mark))
		return AMOUNT_NONE;
	for (size_t i = number.whole; i < number.whole + number.fraction; i++) {
		if (part % 10 != 0 && !is_zeros(number.digits + i, number.whole + number.fraction - i))
			return AMOUNT_NONE;
		part /= 10;
		value += part * (number.digits[i] - '0');
	}
	*ret = is_negative ? -value : value;
	return AMOUNT_OK;
}

static size_t parsed(const char *digits, size_t whole, size_t fraction, struct decimal *ret)
{
	char text[NUMBER_MAX + 2];

	memcpy(text, digits, whole);
	text[whole] = '.';
	memcpy(text + whole + 1, digits + whole, fraction);
	return decimal_parse(text, whole + (fraction ? fraction + 1 : 0), 9, 3, ret) == DECIMAL_OK;
}

size_t amount_quantities(const char *text, size_t len, struct decimal ret[2])
{
	struct span span = {text, len};
	struct number number;
	size_t n = 0;

	trim(&span);
	if (!cut_number(span, &number))
		return 0;
	n += parsed(number.digits, number.whole, number.fraction, &ret[n]);
	/* One mark with three digits behind it: may be the point of a fraction. */
	if ((number.mark == '.' || number.mark == ',') && !number.point && number.whole <= 6)
		n += parsed(number.digits, number.whole - 3, 3, &ret[n]);
	return n;
}

int amount_percent(const char *text, size_t len, struct decimal *ret)
{
	struct span span = {text, len};
	struct number number;
	struct decimal value;

	trim(&span);
	take_back(&span, "%");
	trim(&span);
	if (!cut_number(span, &number) || number.mark || !parsed(number.digits, number.whole, number.fraction, &value))
		return AMOUNT_NONE;
	if (number.whole > 3 || (number.whole == 3 && strncmp(number.digits, "100", 3) != 0) ||
		(number.whole == 3 && number.fraction > 0))
		return AMOUNT_NONE;
	*ret = value;
	return AMOUNT_OK;
}

int amount_quantity(const char *text, size_t len, const struct decimal *price, int64_t amount, struct decimal *ret)
{
	struct decimal readings[2];
	size_t n = amount_quantities(text, len, readings);
	size_t fits = 0;
	struct decimal fit;

	for (size_t i = 0; i < n; i++) {
		int64_t product;

		if (price && (decimal_times(readings[i], *price, &product) != DECIMAL_OK || product != amount))
			continue;
		fit = readings[i];
		fits++;
	}
	if (n == 0)
		return AMOUNT_NONE;
	if (fits != 1)
		return fits ? AMOUNT_TWO_WAYS : AMOUNT_DIFFERS;
	*ret = fit;
	return AMOUNT_OK;
}
