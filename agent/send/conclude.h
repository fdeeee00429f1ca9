/* conclude: an answer of the authority → what becomes of the message and of each invoice, in one transaction. */
#ifndef HOADON_SEND_CONCLUDE_H
#define HOADON_SEND_CONCLUDE_H

#include "core/verdict.h"
#include "send/exchange.h"

/**
 * conclude_answer() - read the answer in @exchange and act upon it
 *
 * Believed only when it names this message (the 32 hex: a T-VAN changes the prefix); a 204 only when its signature verifies and
 * its tax code is ours. What is not believed is kept and changes nothing but the time of the next question.
 *
 * Return: 0; < 0 the store failed. Source: format 12.4; law R-SEND-5, R-NUM-4.
 */
int conclude_answer(struct exchange *exchange, struct fault *fault) MUST_CHECK;

#endif
