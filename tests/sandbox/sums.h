/* sums: the arithmetic of format 2.3 rules 3, 4, 5, exact, written apart from the product */
#ifndef SANDBOX_SUMS_H
#define SANDBOX_SUMS_H

#include "text.h"

#include <libxml/tree.h>

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
