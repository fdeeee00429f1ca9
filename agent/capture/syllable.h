/* syllable: whether letters make a word of Vietnamese. Pure. */
#ifndef HOADON_CAPTURE_SYLLABLE_H
#define HOADON_CAPTURE_SYLLABLE_H

#include <stdbool.h>

#include "base/cleanup.h"

/* What a word says for the encoding that it was read in. KNOWN: good, and receipts use it. */
enum syllable_word { WORD_BAD, WORD_GOOD, WORD_KNOWN };

/**
 * syllable_judge() - a word with a letter that is not ASCII
 * @start:     UTF-8 NFC, up to @end, with a NUL somewhere behind
 * @is_amount: a digit stands before it
 *
 * Good is a syllable (initial, rhyme, at most one tone, none but two where the rhyme is stopped), in small letters, in capitals, or with
 * the first as a capital; a short form of at most 4 letters with đ (HĐ, ĐVT); đ behind an amount.
 *
 * Thread: any.
 * Source: the orthography of Vietnamese.
 */
enum syllable_word syllable_judge(const char *start, const char *end, bool is_amount) MUST_CHECK;

/** syllable_lists_are_sorted() - what is searched in is in order: for an assertion of those who search. */
bool syllable_lists_are_sorted(void) MUST_CHECK;

#endif
