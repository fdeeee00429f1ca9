/* exchange: one message and one call of its route, from the stored state before it to the stored state after it. */
#ifndef HOADON_SEND_EXCHANGE_H
#define HOADON_SEND_EXCHANGE_H

#include "send/sender.h"
#include "store/messages.h"

struct exchange {
	struct sender *sender;
	const struct send_route *route;
	struct arena *arena;
	struct message_row row;	 /* as it will be stored next */
	enum message_state from; /* as it is stored */
	bool is_question;	 /* the answer in hand is that of a query */
	bool was_absent;	 /* before the submit under way: certain that no route held it */
	bool was_unknown;	 /* before the submit under way; see exchange_run() */
	bool was_resent;	 /* before the submit under way */
	const char *last_route;	 /* of the submit before the one under way; "" = there was none */
	bool is_resend;		 /* the submit under way is the one after cannot_ask */
	struct authority_answer answer;
	int64_t now;
	int64_t carried;      /* the answer in hand came by courier: its id; 0 = over the line */
	int64_t paused_until; /* nothing is submitted before */
};

/**
 * exchange_run() - submit message @row, or ask about it
 * @row: due, with head and signature
 *
 * "sent" is committed before the first byte leaves, with was_unknown set: a process that dies during the call leaves an outcome
 * that is unknown, and the answer sets was_unknown back. An unknown outcome is asked about over the route it is unknown on, never
 * sent again blindly, also not over another (law R-SEND-5).
 *
 * Return: 0; < 0 the store failed.
 */
int exchange_run(struct sender *sender, const struct message_row *row, int64_t paused_until, struct arena *arena,
	struct fault *fault) MUST_CHECK;

/** exchange_move() - store the row and, after a query, the ledger's "asked" with @result. Inside a transaction. 0; STORE_CONFLICT; < 0. */
int exchange_move(struct exchange *exchange, const char *result, struct fault *fault) MUST_CHECK;
/** exchange_note_sent() - the ledger's "sent" of the attempt that @exchange->row counts. Inside a transaction. 0 or < 0. */
int exchange_note_sent(struct exchange *exchange, struct fault *fault) MUST_CHECK;
/** exchange_ask_later() - next question about a message that is known to have arrived. */
void exchange_ask_later(struct exchange *exchange);
/** exchange_try_later() - next attempt after a failure. */
void exchange_try_later(struct exchange *exchange);
/** exchange_task() - open a task about message @id (0 = none) and @invoice (0 = none). Inside a transaction. 0 or < 0. */
int exchange_task(struct exchange *exchange, const char *kind, int64_t id, int64_t invoice, const char *text,
	struct fault *fault) MUST_CHECK;

#endif
