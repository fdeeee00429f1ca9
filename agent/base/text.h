/* text: UTF-8 NFC inside, cleaned at the door by named rules. */
#ifndef HOADON_BASE_TEXT_H
#define HOADON_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum text_result {
	TEXT_OK = 0,
	TEXT_ENCODING = 1, /* not UTF-8, a surrogate, above U+10FFFF, overlong */
	TEXT_CONTROL =
		2,	 /* a control character other than TAB, LF and CR LF, DEL, U+0080..9F, U+FEFF, U+FFFE, U+FFFF */
	TEXT_BIDI = 3,	 /* U+202A..202E, U+2066..2069: would turn the reading direction on paper and page */
	TEXT_LENGTH = 4, /* longer than allowed after NFC */
	TEXT_MEMORY = 5,
};

/** text_is_utf8() - whether @len bytes are well-formed UTF-8 (RFC 3629). */
bool text_is_utf8(const void *bytes, size_t len) MUST_CHECK;

/** text_points() - Unicode code points in well-formed UTF-8 @text. */
size_t text_points(const char *text);

/**
 * text_clean() - one value from outside as we keep it
 * @arena:      holds the result
 * @text:       any bytes
 * @len:        their number
 * @max_points: most code points after NFC, 0 = no limit
 * @ret:        NFC, trimmed at both ends (space, TAB, LF, CR, U+00A0), each inner run of TAB, LF and CR LF turned into
 *              one space; untouched unless 0
 *
 * Return: enum text_result.
 * Thread: owner of @arena.
 * Source: rule "Text" of schemas/api/sale.schema.json; Unicode Annex 15 for NFC.
 */
int text_clean(struct arena *arena, const char *text, size_t len, size_t max_points, const char **ret) MUST_CHECK;

/** text_is_control() - whether @point is a control character: U+0000 to 001F, U+007F to 009F. */
bool text_is_control(uint32_t point) MUST_CHECK;

/** text_ascii() - a code point without its accents (ê -> e, đ -> d), a dash or quotation mark of ASCII for those of print; "?" when there is none in ASCII, 0 for an accent that stands alone. */
char text_ascii(uint32_t point) MUST_CHECK;

/** text_fold_ascii() - each letter by text_ascii() ("Cà phê" -> "Ca phe"). NULL without memory. */
const char *text_fold_ascii(struct arena *arena, const char *text) MUST_CHECK;

/* What a letter is made of. Of anything else all is 0, but for point. */
struct text_letter {
	uint32_t point;
	uint32_t plain; /* small and without its tone: ấ -> â, Đ -> đ; 0: not a letter of Vietnamese or ASCII */
	char base;	/* small and without any mark: a to z */
	char tone;	/* 0 none, ` acute ' hook ? tilde ~ dot . (as VIQR writes them, RFC 1456) */
	bool is_letter, is_upper;
};

/** text_next() - the first code point of well-formed UTF-8 @text into @ret; returns its bytes, 0 at the end or on anything ill-formed. */
size_t text_next(const char *text, uint32_t *ret) MUST_CHECK;

/** text_put() - @point (a code point) as UTF-8 into @out, without NUL; returns its bytes. */
size_t text_put(uint32_t point, char out[4]) MUST_CHECK;

/** text_letter() - the parts of a composed code point. Source: Unicode Annex 15 (canonical decomposition). */
struct text_letter text_letter(uint32_t point) MUST_CHECK;

/** text_upper() - the capital of a code point; itself when it has none. */
uint32_t text_upper(uint32_t point) MUST_CHECK;

/** text_compose() - NFC of @len bytes of well-formed UTF-8: @text itself when it is, else in @arena; NULL without memory. */
const char *text_compose(struct arena *arena, const char *text, size_t len) MUST_CHECK;

/** text_mask() - all but the last 3 characters as "*" (R-PRI-2); NULL without memory. */
const char *text_mask(struct arena *arena, const char *text) MUST_CHECK;

#endif
