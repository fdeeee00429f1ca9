/* pack: waiting invoices → signed message; and a stored message → its bytes again. */
#ifndef HOADON_SEND_PACK_H
#define HOADON_SEND_PACK_H

#include "base/bytes.h"
#include "send/memo.h"
#include "send/sender.h"
#include "store/messages.h"

/**
 * pack_waiting() - one message of what waits: one form and serial, ascending, as many as fit (format 3.1)
 * @ret_next_ms: when to look again, set when 1
 *
 * Packs when nothing came for SEND_QUIET_MS and no other message waits for its first submission, when a whole message is full, or
 * when the oldest invoice has waited max_wait_ms, or the day's cut-off is near; also while no route answers, so that what is buffered is signed (house section 2,
 * step 10), and when somebody waits for a stick.
 *
 * Return: 0 packed; 1 not now: nothing waits, more may come, or the key is not at hand; < 0.
 */
int pack_waiting(struct sender *sender, int64_t now, int64_t *ret_next_ms, struct fault *fault) MUST_CHECK;

/**
 * pack_halves() - two messages of the invoices of the first refused message of @memo, both in one transaction (law R-SEND-8)
 *
 * Return: as pack_waiting().
 */
int pack_halves(struct sender *sender, const struct memo *memo, int64_t now, int64_t *ret_next_ms,
	struct fault *fault) MUST_CHECK;

/**
 * pack_rebuild() - the bytes of stored message @row: head, invoices, signature
 * @out: initialised here; holds the message when 0
 *
 * Return: 0; 1 when they are not the bytes that were signed (sentence in @fault): they must not be sent; FAULT_MEMORY.
 * Source: house 8.5.
 */
int pack_rebuild(struct store *store, const struct message_row *row, struct bytes *out, struct fault *fault) MUST_CHECK;

#endif
