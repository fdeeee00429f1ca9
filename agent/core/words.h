/* words: an amount in Vietnamese words (TgTTTBChu). */
#ifndef HOADON_CORE_WORDS_H
#define HOADON_CORE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/seller.h"

#define WORDS_MAX 256

/**
 * words_of_amount() - @amount đồng in words, first letter capital, "Âm" before negative numbers
 * @dialect: WORDS_NORTH linh / nghìn; WORDS_SOUTH lẻ / ngàn
 * @is_even: " chẵn" behind "đồng"
 * @is_dot:  a full stop at the end
 * @out:     UTF-8 NFC
 *
 * Return: 0; 1 when |@amount| >= 10^15. Thread: any. Source: format 2.4; law R-WORD-1, R-WORD-2, R-WORD-3.
 */
int words_of_amount(
	int64_t amount, enum words_dialect dialect, bool is_even, bool is_dot, char out[WORDS_MAX]) MUST_CHECK;

#endif
