/* charset: Vietnamese letters in the bytes of printers. Pure. */
#ifndef HOADON_BASE_CHARSET_H
#define HOADON_BASE_CHARSET_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

#define CHARSET_LETTER_MAX 4
#define CHARSET_PAGE_NONE  (-1)

/* X(NAME, "word of a setting") */
#define CHARSETS(X)                                                                                                    \
	X(ASCII, "ascii") /* without marks */                                                                          \
	X(UTF8, "utf8")                                                                                                \
	X(TCVN, "tcvn") /* TCVN3: no capital has a tone */                                                             \
	X(CP1258, "cp1258")                                                                                            \
	X(VISCII, "viscii")

enum charset {
#define X(name, word) CHARSET_##name,
	CHARSETS(X)
#undef X
		CHARSET_TCVN_CAPITALS, /* of printers: TCVN3 with a capital where a small letter was */
};

/* How a printer is given its letters; all 0: in ASCII. */
struct charset_use {
	enum charset charset; /* not TCVN_CAPITALS */
	int page;	      /* of TCVN, CP1258, VISCII: the number under which the printer has it, 0 to 255 */
	int capitals;	      /* of TCVN: that of its capitals; CHARSET_PAGE_NONE = it has none */
};

/** charset_parse() - the charset of a word; 0, or 1 when there is none of this name. */
int charset_parse(const char *word, enum charset *ret) MUST_CHECK;

/**
 * charset_put() - one letter as a printer takes it
 * @point: any code point
 * @out:   gets its bytes: none is a control character (below 0x20, 0x7f), so that no letter is ever a command
 *
 * Return: how many bytes; 0 when it is neither ASCII nor a letter of Vietnamese, or @charset lacks it.
 * Thread: any.
 * Source: TCVN 5712:1993 (VN3), Windows code page 1258, RFC 1456 (VISCII; its six letters below 0x20 are left out).
 */
size_t charset_put(enum charset charset, uint32_t point, uint8_t out[CHARSET_LETTER_MAX]) MUST_CHECK;

#endif
