#include "base/charset.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* Letters in the order of their bytes. */
struct row {
	uint8_t first;
	const char *letters;
};

static const struct row tcvn[] = {
	{0xa1, "ĂÂÊÔƠƯĐăâêôơưđ"},
	{0xb5, "àảãáạ"},
	{0xbb, "ằẳẵắ"},
	{0xc6, "ặầẩẫấậè"},
	{0xce, "ẻẽéẹềểễếệìỉ"},
	{0xdc, "ĩíịò"},
	{0xe1, "ỏõóọồổỗốộờởỡớợù"},
	{0xf1, "ủũúụừửữứựỳỷỹýỵ"},
	{0, NULL},
};

static const struct row cp1258[] = {
	{0xc0, "ÀÁÂĂ"},
	{0xc8, "ÈÉÊ"},
	{0xcd, "Í"},
	{0xd0, "Đ"},
	{0xd3, "ÓÔƠ"},
	{0xd9, "ÙÚ"},
	{0xdd, "Ư"},
	{0xe0, "àáâă"},
	{0xe8, "èéê"},
	{0xed, "í"},
	{0xf0, "đ"},
	{0xf3, "óôơ"},
	{0xf9, "ùú"},
	{0xfd, "ư"},
	{0, NULL},
};

static const struct row viscii[] = {
	{0x80, "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐ"
	       "ỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ"
	       "Õắằặấầẩậẽẹếềểễệố"
	       "ồổỗỠƠộờởịỰỨỪỬơớƯ"
	       "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳ"
	       "ĐứÒÓÔạỷừửÙÚỹỵÝỡư"
	       "àáâãảăữẫèéêẻìíĩỉ"
	       "đựòóôõỏọụùúũủýợỮ"},
	{0, NULL},
};

static const char *const words[] = {
#define X(name, word) word,
	CHARSETS(X)
#undef X
};

int charset_parse(const char *word, enum charset *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i], word) == 0) {
			*ret = (enum charset)i;
			return 0;
		}
	return 1;
}

/* The byte of @point, or of the letter whose capital it is; 0: none. */
static uint8_t find(const struct row *rows, uint32_t point, bool is_capital)
{
	for (; rows->letters; rows++) {
		const char *at = rows->letters;
		uint8_t byte = rows->first;
		uint32_t letter;

		for (size_t n; (n = text_next(at, &letter)) > 0; at += n, byte++)
			if ((is_capital ? text_upper(letter) : letter) == point)
				return byte;
	}
	return 0;
}

/* Code page 1258 has letters, and tones that stand behind them. */
static size_t put_cp1258(const struct text_letter *letter, uint8_t out[CHARSET_LETTER_MAX])
{
	static const char tones[] = "`?~'.";
	static const uint8_t marks[] = {0xcc, 0xd2, 0xde, 0xec, 0xf2};
	const char *tone = letter->tone ? strchr(tones, letter->tone) : NULL;
	uint32_t plain = letter->is_upper ? text_upper(letter->plain) : letter->plain;

	out[0] = find(cp1258, letter->point, false);
	if (out[0])
		return 1;
	out[0] = plain < 0x80 ? (uint8_t)plain : find(cp1258, plain, false);
	if (!out[0] || !tone)
		return 0;
	out[1] = marks[tone - tones];
	return 2;
}

size_t charset_put(enum charset charset, uint32_t point, uint8_t out[CHARSET_LETTER_MAX])
{
	struct text_letter letter;

	if (point < 0x80) {
		out[0] = (uint8_t)point;
		return !text_is_control(point);
	}
	letter = text_letter(point);
	if (letter.plain == 0)
		return 0;
	switch (charset) {
	case CHARSET_UTF8:
		return text_put(point, (char *)out);
	case CHARSET_TCVN:
		out[0] = find(tcvn, point, false);
		break;
	case CHARSET_TCVN_CAPITALS:
		out[0] = find(tcvn, point, true);
		break;
	case CHARSET_CP1258:
		return put_cp1258(&letter, out);
	case CHARSET_VISCII:
		out[0] = find(viscii, point, false);
		break;
	case CHARSET_ASCII:
		return 0;
	}
	return out[0] != 0;
}
