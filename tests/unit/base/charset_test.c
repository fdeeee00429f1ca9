/* Vietnamese in the bytes of printers, compared with what the C library makes of those bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <iconv.h>

#include "base/arena.h"
#include "base/charset.h"
#include "base/text.h"

static const char letters[] = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ";

/* What glibc reads in @bytes, in NFC. */
static uint32_t read_back(const char *charset, const uint8_t *bytes, size_t len)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1000);
	char text[32], *from = (char *)(uintptr_t)bytes, *to = text;
	size_t room = sizeof(text) - 1;
	iconv_t converter = iconv_open("UTF-8", charset);
	const char *composed;
	uint32_t point;

	assert_true(converter != (iconv_t)-1);
	assert_true(iconv(converter, &from, &len, &to, &room) != (size_t)-1);
	assert_true(iconv(converter, NULL, NULL, &to, &room) != (size_t)-1);
	iconv_close(converter);
	*to = '\0';
	composed = text_compose(arena, text, strlen(text));
	assert_non_null(composed);
	assert_int_equal(text_next(composed, &point), strlen(composed));
	return point;
}

/* How many of all letters, small and capital, @charset has; each is what glibc reads. */
static int count(enum charset charset, const char *name, bool is_capital)
{
	int found = 0;
	uint32_t point;

	for (size_t n, at = 0; (n = text_next(letters + at, &point)) > 0; at += n)
		for (int i = 0; i < 2; i++) {
			uint32_t letter = i ? text_upper(point) : point;
			uint8_t bytes[CHARSET_LETTER_MAX];
			size_t len = charset_put(charset, letter, bytes);
			uint32_t seen = len ? read_back(name, bytes, len) : 0;

			if (len)
				assert_int_equal(is_capital && letter >= 0x80 ? text_upper(seen) : seen, letter);
			found += len > 0;
		}
	return found;
}

/* 73 letters: 12 vowels of 6 tones, and đ. */
static void each_letter_is_what_another_program_reads(void **state)
{
	(void)state;
	assert_int_equal(count(CHARSET_UTF8, "UTF-8", false), 2 * 73);
	assert_int_equal(count(CHARSET_CP1258, "CP1258", false), 2 * 73);
	assert_int_equal(count(CHARSET_VISCII, "VISCII", false), 2 * 73 - 6);
	assert_int_equal(count(CHARSET_TCVN, "TCVN5712-1", false), 73 + 13);
	assert_int_equal(count(CHARSET_TCVN_CAPITALS, "TCVN5712-1", true), 73 + 6);
	assert_int_equal(count(CHARSET_ASCII, "ASCII", false), 2 * 6);
}

/* Whatever comes, no byte is one that a printer obeys. */
static void no_letter_is_a_command(void **state)
{
	(void)state;
	for (uint32_t point = 0; point <= 0x10FFFF; point++)
		for (int charset = CHARSET_ASCII; charset <= CHARSET_TCVN_CAPITALS; charset++) {
			uint8_t bytes[CHARSET_LETTER_MAX] = {0};
			size_t len = charset_put((enum charset)charset, point, bytes);
			bool is_letter = point < 0x80 ? point >= 0x20 && point != 0x7f : text_letter(point).plain != 0;

			if (len > CHARSET_LETTER_MAX || (len > 0 && !is_letter))
				fail_msg("U+%04X has %zu bytes", point, len);
			for (size_t i = 0; i < len; i++)
				if (bytes[i] < 0x20 || bytes[i] == 0x7f ||
					(point >= 0x80 && i == 0 && len == 1 && bytes[i] < 0x80))
					fail_msg("U+%04X is %02x", point, bytes[i]);
		}
}

static void a_charset_has_a_word(void **state)
{
	enum charset charset = CHARSET_ASCII;

	(void)state;
	assert_int_equal(charset_parse("viscii", &charset), 0);
	assert_int_equal(charset, CHARSET_VISCII);
	assert_int_equal(charset_parse("utf-8", &charset), 1);
	assert_int_equal(charset, CHARSET_VISCII);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_letter_is_what_another_program_reads),
		cmocka_unit_test(no_letter_is_a_command),
		cmocka_unit_test(a_charset_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
