/* letters: which encoding a receipt was printed in, by the evidence of its words, and its text. Pure. */
#ifndef HOADON_CAPTURE_LETTERS_H
#define HOADON_CAPTURE_LETTERS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/fault.h"
#include "capture/page.h"
#include "capture/paper.h"

#define LETTERS_TEXT_MAX ((size_t)1 << 20) /* bytes of UTF-8 of one receipt */

enum letters_result { LETTERS_OK = 0, LETTERS_TOO_LONG = 1 };

/* What is known of the port beforehand. PAGE_ASCII: nothing. */
struct letters_port {
	enum page_encoding wanted; /* of its profile: evidence is not asked */
	enum page_encoding before; /* of its last receipt that was surely read */
};

struct letters;

/**
 * letters_new() - what each byte is in every encoding, asked of the C library before a process closes itself in
 *
 * Return: 0 with @ret to be freed with letters_free(); FAULT_CONFIG when iconv lacks an encoding; FAULT_MEMORY.
 * Thread: it belongs to one thread at a time.
 */
int letters_new(struct letters **ret, struct fault *fault) MUST_CHECK;

/** letters_free() - close @letters; NULL is allowed. Thread: owner. */
void letters_free(struct letters *letters);
DEFINE_CLEANUP(struct letters *, letters_free)

/**
 * letters_read() - @paper as text
 * @arena: holds the page; the paper may lie in it too
 * @port:  what is known beforehand
 * @ret:   the page; untouched unless 0
 *
 * UTF-8 if it is well-formed with letters beyond ASCII that are not against it. Otherwise the whole receipt is read in each encoding, and each word
 * with such a letter is compared with the pattern of a Vietnamese syllable (initial, rhyme, at most one tone, no mixed case): good - 2 bad. Ties are
 * broken by words that receipts use, then by the port. The announced page decides nothing: it may lie. A reading that no word speaks for, that
 * stands against the port with few words, or that is as good as another, is_unsure.
 *
 * Control characters (below U+0020, U+007F to 009F), byte order marks and signs that turn the direction are dropped; U+00A0 becomes a
 * space, Ð (U+00D0) becomes Đ; bytes that are no letter of the encoding become U+FFFD.
 *
 * Return: enum letters_result; FAULT_MEMORY.
 * Thread: owner of @letters and @arena.
 * Source: TCVN 5712:1993, RFC 1456 (VISCII), Windows code page 1258, as glibc's iconv reads them.
 */
int letters_read(struct letters *letters, struct arena *arena, const struct paper *paper,
	const struct letters_port *port, struct page *ret, struct fault *fault) MUST_CHECK;

/**
 * page_key() - what labels and names are matched on: small ASCII letters without marks, ₫ is d, single spaces; ? for any other letter
 * @text: UTF-8 NFC
 *
 * Return: the key in @arena; NULL without memory.
 */
const char *page_key(struct arena *arena, const char *text) MUST_CHECK;

/**
 * page_of_printer() - what printers call @page (ESC t); @ret_is_upper: the page of TCVN's capitals, which stand where the small letters are
 *
 * Return: false when it is no page known here. Source: receipt-print-hq/escpos-printer-db, kunif/EscPosUtils, @point-of-sale/codepage-encoder.
 */
bool page_of_printer(int page, enum page_encoding *ret, bool *ret_is_upper) MUST_CHECK;

/** page_encoding_word() / page_encoding_parse() - the word of a profile; parse gives 0, or 1 when unknown. */
const char *page_encoding_word(enum page_encoding encoding);
int page_encoding_parse(const char *word, enum page_encoding *ret) MUST_CHECK;

#endif
