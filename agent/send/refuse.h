/* refuse: a message refused as a whole: the seller, key or route at fault → pause; a single invoice → its end; else halves. */
#ifndef HOADON_SEND_REFUSE_H
#define HOADON_SEND_REFUSE_H

#include "core/verdict.h"
#include "send/exchange.h"

#define REFUSAL_MAX 600

/** refuse_text() - "code: text (advice)" of the first reason of @verdict, or of @reason when it is not NULL. */
void refuse_text(const struct verdict *verdict, const struct verdict_reason *reason, char out[REFUSAL_MAX]);
/** refuse_invoice() - @invoice of message @id ends as refused, with the task of law R-FIX-14. Inside a transaction. 0 or > 0 or < 0. */
int refuse_invoice(
	struct exchange *exchange, int64_t id, int64_t invoice, const char *text, struct fault *fault) MUST_CHECK;
/**
 * refuse_message() - after the row was stored as refused: everything that follows. Inside a transaction.
 * @ret_refused: invoices that end here
 * Return: 0; > 0; < 0. Source: format 12.4; law R-SEND-8, R-REG-4.
 */
int refuse_message(struct exchange *exchange, const struct verdict *verdict, const char *text, int64_t *ret_refused,
	struct fault *fault) MUST_CHECK;
/** refuse_answered() - the message was looked into invoice by invoice: seller, key and route are good. Inside a transaction. 0; > 0; < 0. */
int refuse_answered(struct exchange *exchange, struct fault *fault) MUST_CHECK;

#endif
