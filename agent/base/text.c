#include "base/text.h"

#include <string.h>

#include <utf8proc.h>

#define TEXT_HIGH_BITS 0x8080808080808080u

/* Bytes of the code point at @at and its value; 0 when it is not well-formed (RFC 3629 section 4). */
static size_t decode(const uint8_t *at, size_t left, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t point = at[0];
	size_t len = point < 0x80 ? 1 : point >= 0xF0 ? 4 : point >= 0xE0 ? 3 : 2;

	*ret = point;
	if (len == 1)
		return 1;
	if (point < 0xC2 || point > 0xF4 || len > left)
		return 0;
	point &= 0x7Fu >> len;
	for (size_t i = 1; i < len; i++) {
		if ((at[i] & 0xC0) != 0x80)
			return 0;
		point = point << 6 | (at[i] & 0x3F);
	}
	*ret = point;
	return point < least[len] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF) ? 0 : len;
}

bool text_is_utf8(const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	size_t i = 0;

	while (i < len) {
		uint32_t point;
		uint64_t eight;
		size_t step;

		if (len - i >= sizeof(eight)) {
			memcpy(&eight, at + i, sizeof(eight));
			if ((eight & TEXT_HIGH_BITS) == 0) {
				i += sizeof(eight);
				continue;
			}
		}
		step = decode(at + i, len - i, &point);
		if (step == 0)
			return false;
		i += step;
	}
	return true;
}

static size_t count_points(const char *text, size_t len)
{
	size_t points = 0;

	for (size_t i = 0; i < len; i++)
		points += ((uint8_t)text[i] & 0xC0) != 0x80;
	return points;
}

size_t text_points(const char *text)
{
	return count_points(text, strlen(text));
}

bool text_is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7F && point <= 0x9F);
}

static bool is_refused(uint32_t point)
{
	if (point == '\t' || point == '\n')
		return false;
	return text_is_control(point) || point == 0xFEFF || point == 0xFFFE || point == 0xFFFF;
}

static bool is_bidi(uint32_t point)
{
	return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

/*
 * Ranges without any character that NFC would change or join (Unicode Annex 15, NFC_Quick_Check = Yes and not a second
 * part): Latin with all Vietnamese letters, punctuation, currency (₫), Greek and drawn lines as printers have them, CJK,
 * emoji. A test compares them with utf8proc.
 */
static bool is_surely_nfc(uint32_t point)
{
	return point < 0x300 || (point >= 0x1E00 && point <= 0x1EFF) || (point >= 0x2010 && point <= 0x20CF) ||
	       (point >= 0x391 && point <= 0x3FF) || (point >= 0x2190 && point <= 0x2328) ||
	       (point >= 0x2500 && point <= 0x27FF) || (point >= 0x4E00 && point <= 0x9FFF) || point == 0xFFFD ||
	       (point >= 0x1F300 && point <= 0x1FAFF);
}

/* U+00A0 is a blank that spreadsheets and web forms leave at the ends; nobody can see it there. */
static size_t blank_len(const char *text, size_t len)
{
	if (len > 0 && (text[0] == ' ' || text[0] == '\t' || text[0] == '\n' || text[0] == '\r'))
		return 1;
	return len > 1 && (uint8_t)text[0] == 0xC2 && (uint8_t)text[1] == 0xA0 ? 2 : 0;
}

static void trim(const char **text, size_t *len)
{
	const char *start = *text;
	size_t left = *len;
	size_t blank;

	while ((blank = blank_len(start, left)) > 0) {
		start += blank;
		left -= blank;
	}
	for (;;) {
		if (left > 0 && blank_len(start + left - 1, 1) == 1)
			left--;
		else if (left > 1 && blank_len(start + left - 2, 2) == 2)
			left -= 2;
		else
			break;
	}
	*text = start;
	*len = left;
}

struct findings {
	int result; /* TEXT_ENCODING before anything else, else the first of TEXT_CONTROL and TEXT_BIDI */
	bool needs_nfc;
	bool has_breaks; /* TAB or LF inside */
};

/* A CR is part of a line break only before LF. */
static int judge(uint32_t point, bool is_before_lf)
{
	if (is_refused(point) && !(point == '\r' && is_before_lf))
		return TEXT_CONTROL;
	return is_bidi(point) ? TEXT_BIDI : TEXT_OK;
}

static struct findings inspect(const char *text, size_t len)
{
	const uint8_t *at = (const uint8_t *)text;
	struct findings findings = {0};

	for (size_t i = 0; i < len;) {
		uint32_t point;
		size_t step = decode(at + i, len - i, &point);

		if (step == 0) {
			findings.result = TEXT_ENCODING;
			return findings;
		}
		i += step;
		if (findings.result == TEXT_OK)
			findings.result = judge(point, i < len && at[i] == '\n');
		if (!is_surely_nfc(point))
			findings.needs_nfc = true;
		if (point == '\t' || point == '\n')
			findings.has_breaks = true;
	}
	return findings;
}

static bool is_break(char c)
{
	return c == '\t' || c == '\n' || c == '\r';
}

/* In place; the text only becomes shorter. */
static size_t join_breaks(char *text, size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len;) {
		if (!is_break(text[i])) {
			text[out++] = text[i++];
			continue;
		}
		while (i < len && is_break(text[i]))
			i++;
		text[out++] = ' ';
	}
	text[out] = '\0';
	return out;
}

/* NFC of @text in memory of utf8proc; NULL without memory, since the text is known to be UTF-8. */
static char *compose(const char *text, size_t len, size_t *ret_len)
{
	utf8proc_uint8_t *out = NULL;
	utf8proc_ssize_t out_len = utf8proc_map(
		(const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &out, UTF8PROC_STABLE | UTF8PROC_COMPOSE);

	if (out_len < 0)
		return NULL;
	*ret_len = (size_t)out_len;
	return (char *)out;
}

int text_clean(struct arena *arena, const char *text, size_t len, size_t max_points, const char **ret)
{
	CLEANUP(freep) char *composed = NULL;
	struct findings findings;
	char *out;

	/* NFC neither makes nor removes blanks at the ends, so the order of trimming and composing does not matter. */
	trim(&text, &len);
	findings = inspect(text, len);
	if (findings.result != TEXT_OK)
		return findings.result;
	if (findings.needs_nfc) {
		composed = compose(text, len, &len);
		if (!composed)
			return TEXT_MEMORY;
		text = composed;
	}
	out = arena_copy(arena, text, len);
	if (!out)
		return TEXT_MEMORY;
	if (findings.has_breaks)
		len = join_breaks(out, len);
	if (max_points > 0 && len > max_points && count_points(out, len) > max_points)
		return TEXT_LENGTH;
	*ret = out;
	return TEXT_OK;
}

char text_ascii(uint32_t point)
{
	/* The stroke of đ and ₫ is no accent to Unicode. */
	static const struct {
		uint32_t point;
		char ascii;
	} signs[] = {{0xA0, ' '}, {0x110, 'D'}, {0x111, 'd'}, {0x2013, '-'}, {0x2014, '-'}, {0x2018, '\''},
		{0x2019, '\''}, {0x201C, '"'}, {0x201D, '"'}, {0x20AB, 'd'}};
	utf8proc_int32_t parts[8];
	int boundary = 0;

	if (point < 0x80)
		return (char)point;
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (signs[i].point == point)
			return signs[i].ascii;
	if (utf8proc_get_property((utf8proc_int32_t)point)->combining_class != 0)
		return 0;
	if (utf8proc_decompose_char((utf8proc_int32_t)point, parts, ARRAY_LEN(parts), UTF8PROC_DECOMPOSE, &boundary) <
		1)
		return '?';
	return parts[0] < 0x80 ? (char)parts[0] : '?';
}

const char *text_fold_ascii(struct arena *arena, const char *text)
{
	size_t len = strlen(text);
	char *out = arena_copy(arena, text, len);
	size_t out_len = 0;

	if (!out)
		return NULL;
	for (size_t i = 0; i < len;) {
		uint32_t point;
		size_t step = decode((const uint8_t *)text + i, len - i, &point);
		char folded = step > 0 ? text_ascii(point) : '?';

		i += step > 0 ? step : 1;
		if (folded != 0)
			out[out_len++] = folded;
	}
	out[out_len] = '\0';
	return out;
}

size_t text_next(const char *text, uint32_t *ret)
{
	if ((uint8_t)*text >= 0x80)
		return decode((const uint8_t *)text, strnlen(text, 4), ret);
	*ret = (uint8_t)*text;
	return *text != '\0';
}

size_t text_put(uint32_t point, char out[4])
{
	return (size_t)utf8proc_encode_char((utf8proc_int32_t)point, (utf8proc_uint8_t *)out);
}

uint32_t text_upper(uint32_t point)
{
	return (uint32_t)utf8proc_toupper((utf8proc_int32_t)point);
}

/* The mark as VIQR writes it when it is a tone of Vietnamese, else 0. */
static char tone_of(utf8proc_int32_t mark)
{
	static const struct {
		utf8proc_int32_t mark;
		char tone;
	} tones[] = {{0x300, '`'}, {0x301, '\''}, {0x303, '~'}, {0x309, '?'}, {0x323, '.'}};

	for (size_t i = 0; i < ARRAY_LEN(tones); i++)
		if (tones[i].mark == mark)
			return tones[i].tone;
	return 0;
}

/* The letter that @base is with the mark that makes it another letter (breve, circumflex, horn); 0: no letter of Vietnamese. */
static uint32_t shape(uint32_t base, utf8proc_int32_t mark)
{
	static const struct {
		char base;
		utf8proc_int32_t mark;
		uint32_t point;
	} shapes[] = {{'a', 0x306, 0x103}, {'a', 0x302, 0xE2}, {'e', 0x302, 0xEA}, {'o', 0x302, 0xF4},
		{'o', 0x31B, 0x1A1}, {'u', 0x31B, 0x1B0}};

	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		if ((uint32_t)shapes[i].base == base && shapes[i].mark == mark)
			return shapes[i].point;
	return 0;
}

struct text_letter text_letter(uint32_t point)
{
	struct text_letter letter = {.point = point};
	utf8proc_category_t category;
	utf8proc_int32_t parts[8];
	int boundary = 0;
	utf8proc_ssize_t count;

	if (point < 0x80) {
		letter.base = (point | 0x20) >= 'a' && (point | 0x20) <= 'z' ? (char)(point | 0x20) : 0;
		letter.plain = (uint32_t)letter.base;
		letter.is_letter = letter.base != 0;
		letter.is_upper = letter.is_letter && point < 'a';
		return letter;
	}
	category = utf8proc_category((utf8proc_int32_t)point);
	letter.is_letter = category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
	letter.is_upper = category == UTF8PROC_CATEGORY_LU;
	if (!letter.is_letter)
		return letter;
	if (point == 0x110 || point == 0x111) { /* the stroke is no mark to Unicode */
		letter.plain = 0x111;
		letter.base = 'd';
		return letter;
	}
	count = utf8proc_decompose_char(
		(utf8proc_int32_t)point, parts, ARRAY_LEN(parts), UTF8PROC_DECOMPOSE, &boundary);
	if (count < 1 || parts[0] >= 0x80)
		return letter;
	letter.base = (char)(parts[0] | 0x20);
	letter.plain = (uint32_t)letter.base;
	for (utf8proc_ssize_t i = 1; i < count && letter.plain != 0; i++) {
		char tone = tone_of(parts[i]);

		if (tone != 0 && letter.tone == 0)
			letter.tone = tone;
		else
			letter.plain = shape(letter.plain, parts[i]);
	}
	return letter;
}

static bool is_composed(const char *text, size_t len)
{
	const uint8_t *at = (const uint8_t *)text;

	for (size_t i = 0; i < len;) {
		uint32_t point = at[i];
		size_t step = point < 0x80 ? 1 : decode(at + i, len - i, &point);

		if (step == 0 || !is_surely_nfc(point))
			return false;
		i += step;
	}
	return true;
}

const char *text_compose(struct arena *arena, const char *text, size_t len)
{
	CLEANUP(freep) char *composed = NULL;

	if (is_composed(text, len))
		return text;
	composed = compose(text, len, &len);
	return composed ? arena_copy(arena, composed, len) : NULL;
}

const char *text_mask(struct arena *arena, const char *text)
{
	size_t points = text_points(text);
	size_t hidden = points > 3 ? points - 3 : 0;
	const char *shown = text;
	char *out;

	for (size_t i = 0; i < hidden; i++) {
		shown++;
		while (((uint8_t)*shown & 0xC0) == 0x80)
			shown++;
	}
	out = arena_alloc(arena, hidden + strlen(shown) + 1);
	if (!out)
		return NULL;
	memset(out, '*', hidden);
	strcpy(out + hidden, shown);
	return out;
}
