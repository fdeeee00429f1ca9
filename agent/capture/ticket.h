/* ticket: what ties a sale to others: its table and the names on it. Pure. */
#ifndef HOADON_CAPTURE_TICKET_H
#define HOADON_CAPTURE_TICKET_H

#include "capture/driver.h"
#include "core/missing.h"

#define TICKET_KITCHEN "{\"paper\":\"kitchen\"}" /* ext of a sale that was read from a kitchen ticket */

/**
 * ticket_read() - what @len @bytes say, which @dialect reads
 * @ret: its texts are keys (page_key()) in @arena; untouched unless 0
 *
 * Return: 0; 1 it is no sale; FAULT_MEMORY. Thread: owner of @arena.
 */
int ticket_read(const struct dialect_ops *dialect, const void *bytes, size_t len, struct arena *arena,
	struct missing_ticket *ret) MUST_CHECK;

#endif
