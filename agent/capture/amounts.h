/* amounts: the numbers of Vietnamese receipts. Exact; what can be understood in two ways is said to be so, never guessed. */
#ifndef HOADON_CAPTURE_AMOUNTS_H
#define HOADON_CAPTURE_AMOUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/decimal.h"

#define AMOUNT_SCALE_MAX 1000000 /* "ĐVT: triệu đồng" */

enum amount_result {
	AMOUNT_OK = 0,
	AMOUNT_NONE = 1,     /* no number, or none that means only one thing */
	AMOUNT_RANGE = 2,    /* 10^15 or more */
	AMOUNT_DIFFERS = 3,  /* no reading of the quantity gives the amount */
	AMOUNT_TWO_WAYS = 4, /* two readings of the quantity are possible */
};

/**
 * amount_money() - money as printed, in đồng
 * @text:  UTF-8: digits, groups of three behind ".", ",", blank or U+00A0 (one kind per number); "-" or U+2212 before it, or
 *         in parentheses: negative; đ, ₫, d, VND, "dong", "đồng" before or behind it are skipped
 * @len:   bytes of @text
 * @scale: 1, or what the shop's paper leaves out ("ĐVT: 1000đ": 1000), up to AMOUNT_SCALE_MAX. VND has no decimals: a fraction
 *         is allowed as far as the scale makes it whole, or when it is only zeros behind thousands marks ("12.000,00")
 * @ret:   untouched unless 0
 *
 * Return: AMOUNT_OK, AMOUNT_NONE, AMOUNT_RANGE. Thread: any.
 */
int amount_money(const char *text, size_t len, int64_t scale, int64_t *ret) MUST_CHECK;

/**
 * amount_percent() - "10%", "8", "10,5 %" as 10, 8, 10.5
 * @ret: 0 .. 100; untouched unless 0
 *
 * Return: AMOUNT_OK, AMOUNT_NONE. Thread: any.
 */
int amount_percent(const char *text, size_t len, struct decimal *ret) MUST_CHECK;

/**
 * amount_quantities() - what a printed quantity may mean: "2", "0,75" one thing; "1.500" 1500 or 1.5
 * @ret: the readings, the larger first; untouched when there is none
 *
 * Return: how many readings, 0 .. 2. Thread: any.
 */
size_t amount_quantities(const char *text, size_t len, struct decimal ret[2]) MUST_CHECK;

/**
 * amount_quantity() - the one reading of a printed quantity that gives @amount
 * @price:  of one, or NULL when the paper prints none: then the quantity must mean one thing by itself
 * @amount: đồng; round(quantity × @price), half away from zero (law R-RND-2)
 * @ret:    untouched unless 0
 *
 * Return: AMOUNT_OK, AMOUNT_NONE, AMOUNT_DIFFERS, AMOUNT_TWO_WAYS. Thread: any.
 */
int amount_quantity(
	const char *text, size_t len, const struct decimal *price, int64_t amount, struct decimal *ret) MUST_CHECK;

#endif
