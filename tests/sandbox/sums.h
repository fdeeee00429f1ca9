/* sums: the arithmetic of format 2.3 rules 3, 4, 5, in integers only, written apart from the product */
#ifndef SANDBOX_SUMS_H
#define SANDBOX_SUMS_H

#include "text.h"

#include <libxml/tree.h>
#include <stdint.h>

/** number - a decimal in millionths; every value of format 2.2 (21 digits, 6 of them decimals) fits */
typedef __int128 number;

/** number_parse() - read "-?digits[.digits]" of at most 21 digits, 6 decimals; false when it is not that */
bool number_parse(const char *text, number *ret);

/** number_whole() - whole đồng of @n, the fraction cut off; 0 when it does not fit into 63 bits */
int64_t number_whole(number n);

/** struct notes - warnings about one message, one per line */
struct notes {
	struct text lines;
};

/** notes_add() - one warning */
void notes_add(struct notes *n, const char *fmt, ...) PRINTF(2, 3);

/**
 * sums_check() - lines against DLHDon/NDHDon/TToan
 * @content: NDHDon
 * @form:    KHMSHDon; 1 has rates, all others are added up as form 2
 * Return: 0; 1 with @why S407 naming the first sum that is wrong.
 */
int sums_check(const xmlNode *content, int form, struct notes *notes, struct reason *why);

#endif
