#include "core/taxcode.h"

#include <string.h>

#define ROOT_LEN     10
#define PERSONAL_LEN 12
#define BRANCH_LEN   13

static const struct {
	const char *word;
	bool is_hard;
} results[] = {
	[TAXCODE_OK] = {"OK", false},
	[TAXCODE_EMPTY] = {"EMPTY", true},
	[TAXCODE_BAD_CHAR] = {"BAD_CHAR", true},
	[TAXCODE_BAD_HYPHEN] = {"BAD_HYPHEN", true},
	[TAXCODE_BAD_LENGTH] = {"BAD_LENGTH", true},
	[TAXCODE_ALL_ZERO] = {"ALL_ZERO", true},
	[TAXCODE_BRANCH_000] = {"BRANCH_000", true},
	[TAXCODE_NO_CHECK_DIGIT_EXISTS] = {"NO_CHECK_DIGIT_EXISTS", false},
	[TAXCODE_BAD_CHECK] = {"BAD_CHECK", false},
	[TAXCODE_ID_PROVINCE_000] = {"ID_PROVINCE_000", false},
	[TAXCODE_ID_BIRTH_FUTURE] = {"ID_BIRTH_FUTURE", false},
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Length of a space, TAB or no-break space (U+00A0) at @at, 0 when there is none. */
static size_t blank_at(const char *at)
{
	if (*at == ' ' || *at == '\t')
		return 1;
	return (unsigned char)at[0] == 0xc2 && (unsigned char)at[1] == 0xa0 ? 2 : 0;
}

static void trim(const char **text, size_t *len)
{
	const char *start = *text;
	const char *end;
	size_t blank;

	while ((blank = blank_at(start)) > 0)
		start += blank;
	end = start;
	for (const char *at = start; *at;) {
		blank = blank_at(at);
		at += blank > 0 ? blank : 1;
		if (blank == 0)
			end = at;
	}
	*text = start;
	*len = (size_t)(end - start);
}

/* The digits of @text into @digits; the first reason about characters and hyphens. */
static int gather(const char *text, size_t len, char digits[BRANCH_LEN + 2], size_t *ret_count)
{
	size_t hyphens = 0;
	size_t count = 0;

	for (size_t i = 0; i < len; i++) {
		if (!is_digit(text[i]) && text[i] != '-')
			return TAXCODE_BAD_CHAR;
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '-')
			hyphens++;
		else if (count <= BRANCH_LEN)
			digits[count++] = text[i];
	}
	if (hyphens > 1 || (hyphens == 1 && (len != BRANCH_LEN + 1 || text[ROOT_LEN] != '-')))
		return TAXCODE_BAD_HYPHEN;
	*ret_count = count;
	return TAXCODE_OK;
}

/* Source: format 2.2, check digit of 10-digit codes. */
static int check_root(const char *digits)
{
	static const int weights[ROOT_LEN - 1] = {31, 29, 23, 19, 17, 13, 7, 5, 3};
	int sum = 0;

	for (size_t i = 0; i < ARRAY_LEN(weights); i++)
		sum += weights[i] * (digits[i] - '0');
	if (sum % 11 == 0)
		return TAXCODE_NO_CHECK_DIGIT_EXISTS;
	return 10 - sum % 11 == digits[ROOT_LEN - 1] - '0' ? TAXCODE_OK : TAXCODE_BAD_CHECK;
}

static int check_taxpayer(const char *digits, size_t count)
{
	if (memcmp(digits, "0000000000", ROOT_LEN) == 0)
		return TAXCODE_ALL_ZERO;
	if (count == BRANCH_LEN && memcmp(digits + ROOT_LEN, "000", BRANCH_LEN - ROOT_LEN) == 0)
		return TAXCODE_BRANCH_000;
	return check_root(digits);
}

/* Personal number: province (3), century and sex (1), year of birth (2), random (6); no check digit. */
static int check_personal(const char *digits, int year)
{
	int born = 1900 + 100 * ((digits[3] - '0') / 2) + 10 * (digits[4] - '0') + (digits[5] - '0');

	if (memcmp(digits, "000", 3) == 0)
		return TAXCODE_ID_PROVINCE_000;
	return born > year ? TAXCODE_ID_BIRTH_FUTURE : TAXCODE_OK;
}

int taxcode_check(const char *text, int year, char normalised[16], int *ret_kind)
{
	char digits[BRANCH_LEN + 2] = "";
	size_t count = 0;
	size_t len;
	int result;

	normalised[0] = '\0';
	*ret_kind = 0;
	trim(&text, &len);
	if (len == 0)
		return TAXCODE_EMPTY;
	result = gather(text, len, digits, &count);
	if (result != TAXCODE_OK)
		return result;
	if (count != ROOT_LEN && count != PERSONAL_LEN && count != BRANCH_LEN)
		return TAXCODE_BAD_LENGTH;
	*ret_kind = (int)count;
	memcpy(normalised, digits, count + 1);
	if (count == PERSONAL_LEN)
		return check_personal(digits, year);
	if (count == BRANCH_LEN) {
		normalised[ROOT_LEN] = '-';
		memcpy(normalised + ROOT_LEN + 1, digits + ROOT_LEN, BRANCH_LEN - ROOT_LEN + 1);
	}
	return check_taxpayer(digits, count);
}

const char *taxcode_reason(int result)
{
	return result >= 0 && result < (int)ARRAY_LEN(results) ? results[result].word : "?";
}

bool taxcode_is_hard(int result)
{
	return result < 0 || result >= (int)ARRAY_LEN(results) || results[result].is_hard;
}

void taxcode_plain(const char *tax_code, char out[16])
{
	size_t len = 0;

	for (; *tax_code && len < 15; tax_code++) {
		if (*tax_code != '-')
			out[len++] = *tax_code;
	}
	out[len] = '\0';
}
