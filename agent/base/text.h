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

/** text_fold_ascii() - Vietnamese without accents ("Cà phê" -> "Ca phe", đ -> d) for printers without Vietnamese; other non-ASCII becomes "?". NULL without memory. */
const char *text_fold_ascii(struct arena *arena, const char *text) MUST_CHECK;

/** text_mask() - all but the last 3 characters as "*" (R-PRI-2); NULL without memory. */
const char *text_mask(struct arena *arena, const char *text) MUST_CHECK;

#endif
