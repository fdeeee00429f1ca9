#include "core/symbols.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"

#define KEY_LEN	    5
#define COUNTER_LEN 11
#define HEX_LEN	    32
#define SENDER_MAX  (MESSAGE_ID_MAX - HEX_LEN)

static const char *const code_reasons[] = {
	[CODE_OK] = "OK",
	[CODE_BAD_CHAR] = "BAD_CHAR",
	[CODE_LENGTH] = "LENGTH",
	[CODE_SEPARATOR] = "SEPARATOR",
	[CODE_PREFIX] = "PREFIX",
	[CODE_FORM] = "FORM",
	[CODE_YEAR] = "YEAR",
	[CODE_KEY] = "KEY",
	[CODE_COUNTER] = "COUNTER",
	[CODE_COUNTER_ZERO] = "COUNTER_ZERO",
	[CODE_FORM_MISMATCH] = "FORM_MISMATCH",
	[CODE_YEAR_MISMATCH] = "YEAR_MISMATCH",
	[CODE_KEY_MISMATCH] = "KEY_MISMATCH",
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_key(const char *key)
{
	for (size_t i = 0; i < KEY_LEN; i++) {
		if (!is_capital(key[i]) && !is_digit(key[i]))
			return false;
	}
	return true;
}

static bool are_digits(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!is_digit(text[i]))
			return false;
	}
	return true;
}

/* The two digits of @year, two-digit or of this century; -1 when it is neither. */
static int short_year(int year)
{
	if (year >= 2000 && year <= 2099)
		return year - 2000;
	return year >= 0 && year <= 99 ? year : -1;
}

int serial_make(char code_flag, int year, const char suffix[3], char out[SERIAL_LEN + 1])
{
	int yy = short_year(year);

	if ((code_flag != 'C' && code_flag != 'K') || yy < 0)
		return 1;
	if (!is_capital(suffix[0]) || !is_capital(suffix[1]) || suffix[2] != '\0')
		return 1;
	(void)snprintf(out, SERIAL_LEN + 1, "%c%02uM%s", code_flag, (unsigned int)yy % 100, suffix);
	return 0;
}

bool serial_is_valid(const char *serial)
{
	if (strlen(serial) != SERIAL_LEN || (serial[0] != 'C' && serial[0] != 'K') || !are_digits(serial + 1, 2))
		return false;
	if (!strchr("TDLMNBGHXF", serial[3]))
		return false;
	return (is_capital(serial[4]) || is_digit(serial[4])) && (is_capital(serial[5]) || is_digit(serial[5]));
}

void symbol_make(int form, const char *serial, char out[SERIAL_LEN + 2])
{
	(void)snprintf(out, SERIAL_LEN + 2, "%c%s", (char)('0' + form % 10), serial);
}

int code_make(int form, int year, const char key[6], int64_t counter, char out[CODE_LEN + 1])
{
	int yy = short_year(year);

	/* A till makes forms 1 and 2 only (law R-SYM-1). */
	if (form < 1 || form > 2 || yy < 0 || counter < 1 || counter > CODE_COUNTER_LAST)
		return 1;
	if (strnlen(key, KEY_LEN + 1) != KEY_LEN || !is_key(key))
		return 1;
	(void)snprintf(out, CODE_LEN + 1, "M%d-%02u-%s-%011llu", form, (unsigned int)yy % 100, key,
		(unsigned long long)counter);
	return 0;
}

/* M1-26-VD7K2-00100000001: what can be said of the code alone. */
static int check_code_shape(const char *code)
{
	for (const char *c = code; *c; c++) {
		if (*c < 33 || *c > 126)
			return CODE_BAD_CHAR;
	}
	if (strlen(code) != CODE_LEN)
		return CODE_LENGTH;
	if (code[2] != '-' || code[5] != '-' || code[11] != '-')
		return CODE_SEPARATOR;
	if (code[0] != 'M')
		return CODE_PREFIX;
	if (code[1] < '1' || code[1] > '9')
		return CODE_FORM;
	if (!are_digits(code + 3, 2))
		return CODE_YEAR;
	if (!is_key(code + 6))
		return CODE_KEY;
	if (!are_digits(code + 12, COUNTER_LEN))
		return CODE_COUNTER;
	return strcmp(code + 12, "00000000000") == 0 ? CODE_COUNTER_ZERO : CODE_OK;
}

int code_check(const char *code, int form, int year, const char *key)
{
	int result = check_code_shape(code);

	if (result != CODE_OK)
		return result;
	if (code[1] - '0' != form)
		return CODE_FORM_MISMATCH;
	if (10 * (code[3] - '0') + (code[4] - '0') != short_year(year))
		return CODE_YEAR_MISMATCH;
	return strlen(key) == KEY_LEN && memcmp(code + 6, key, KEY_LEN) == 0 ? CODE_OK : CODE_KEY_MISMATCH;
}

const char *code_reason(int result)
{
	return result >= 0 && result < (int)ARRAY_LEN(code_reasons) ? code_reasons[result] : "?";
}

int message_id_make(const char *sender, char out[MESSAGE_ID_MAX + 1])
{
	size_t len = strnlen(sender, SENDER_MAX + 1);
	uint8_t uuid[HEX_LEN / 2];

	if (len == 0 || len > SENDER_MAX)
		return 1;
	digest_random(uuid, sizeof(uuid));
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40); /* version 4, RFC 9562 section 5.4 */
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80); /* variant */
	memcpy(out, sender, len);
	for (size_t i = 0; i < sizeof(uuid); i++)
		(void)snprintf(out + len + 2 * i, 3, "%02X", uuid[i]);
	return 0;
}

const char *message_id_hex(const char *message_id)
{
	size_t len = strlen(message_id);

	return len >= HEX_LEN ? message_id + len - HEX_LEN : NULL;
}
