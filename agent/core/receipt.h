/* receipt: what paper says of an issued invoice, line by line (law R-CON-7). Pure; printing it is a printer language's (capture/print.h). */
#ifndef HOADON_CORE_RECEIPT_H
#define HOADON_CORE_RECEIPT_H

#include "base/arena.h"
#include "core/slot.h"

#define RECEIPT_LINES_MAX 9

/* UTF-8, in the arena or of the slot; none but the look-up line is longer than 32 letters, what shop and till are called apart. */
struct receipt {
	const char *lines[RECEIPT_LINES_MAX];
	size_t count;
};

/**
 * receipt_whole() - of a slot that was issued: all that stands on a receipt of its own
 * @lookup_url: NULL = no such line
 * @arena:      holds lines
 *
 * Return: 0 or FAULT_MEMORY. Thread: owner of @arena.
 */
int receipt_whole(const struct slot *slot, const char *lookup_url, struct arena *arena, struct receipt *ret) MUST_CHECK;

/** receipt_annex() - as receipt_whole(), but what is missing on the paper of a till alone: an annex before its cut. Source: capture section 2. */
int receipt_annex(const struct slot *slot, const char *lookup_url, struct arena *arena, struct receipt *ret) MUST_CHECK;

/** receipt_slip() - as receipt_annex(), with @shop (NULL = none), the till's bill number and the total: it lies beside the paper that it belongs to. */
int receipt_slip(const struct slot *slot, const char *shop, const char *lookup_url, struct arena *arena,
	struct receipt *ret) MUST_CHECK;

#endif
