/* messages: what was, is being, or will be sent. Bytes are stored once: head, ordered invoices, signature, digest. */
#ifndef HOADON_STORE_MESSAGES_H
#define HOADON_STORE_MESSAGES_H

#include "base/arena.h"
#include "core/state.h"
#include "store/store.h"

/* No pause is longer (send.retry_last_ms and its like end here): what is to wait longer was written by a clock that ran ahead, and is due. */
#define MESSAGE_PAUSE_MAX_MS ((int64_t)86400000)

struct message_row {
	int64_t id;
	const char *message_id; /* MTDiep */
	int type;		/* MLTDiep */
	const char *head;	/* the bytes up to and with <DLieu …>, as written */
	const void *signature;	/* the Signature element, as written */
	size_t signature_len;
	uint8_t digest[32]; /* SHA-256 of the whole message */
	int64_t count;	    /* invoices */
	int64_t bytes;	    /* of the whole message */
	enum message_state state;
	int64_t made_at, sent_at, answered_at; /* ms UTC; 0 = not yet */
	int64_t next_try_at;		       /* ms UTC: not before */
	int64_t attempts;		       /* submits begun, but for those of which nothing arrived */
	bool is_resent;			       /* resent once after cannot_ask */
	bool was_unknown;		       /* some attempt had an unknown outcome */
	const char *route;		       /* authority NAME it went to, "" = none yet */
	const char *ref;		       /* the route's own id, "" = none */
	int64_t halving;		       /* 0 = made by packing, n = n-th generation of halves */
	const char *last_text;		       /* what happened last, for people */
	int64_t deadline;		       /* ms UTC: the earliest legal deadline of its invoices; 0 = not known */
	bool is_absent;	    /* certain that no route holds it: any may take it, none has to be asked */
	int64_t carried_at; /* ms UTC: when it was last given to a courier, 0 = never; store_export_carry() writes it */
};

/** store_message_add() - add @row (id, state: made) over @count invoices in order; each must be issued and waiting (STORE_CONFLICT else). Inside a transaction. */
int store_message_add(struct store *store, const struct message_row *row, const int64_t *invoice_ids, size_t count,
	int64_t *ret_id, struct fault *fault) MUST_CHECK;
/** store_message_get() / _by_id() - with head and signature in @arena; STORE_NONE. _by_id: by MTDiep. */
int store_message_get(
	struct store *store, int64_t id, struct arena *arena, struct message_row *ret, struct fault *fault) MUST_CHECK;
int store_message_by_id(struct store *store, const char *message_id, struct arena *arena, struct message_row *ret,
	struct fault *fault) MUST_CHECK;
struct message_gate {		   /* what may be called now */
	bool may_submit;	   /* some route takes submissions */
	const char *closed_routes; /* names of routes that are not asked, each between commas: ",a,b,"; "" = none */
};
/**
 * store_message_due() - the message to work on at @now_ms: open, next_try_at not within MESSAGE_PAUSE_MAX_MS behind @now_ms, let through by @gate
 *
 * What no route holds (made, or is_absent) comes before questions: the earliest deadline first, then in the order it was made, so
 * that the numbers of one serial ascend (law R-SEND-1, R-SEND-6). Questions in the order of their times.
 *
 * Return: 0; STORE_NONE; < 0.
 */
int store_message_due(struct store *store, int64_t now_ms, const struct message_gate *gate, struct arena *arena,
	struct message_row *ret, struct fault *fault) MUST_CHECK;
/** store_message_after() - the message behind @id, of any state, with head and signature in @arena; STORE_NONE behind the last. */
int store_message_after(
	struct store *store, int64_t id, struct arena *arena, struct message_row *ret, struct fault *fault) MUST_CHECK;
/** store_message_open_after() - the open message behind @id, with head and signature in @arena; @carried_only leaves out those no courier has. STORE_NONE behind the last. */
int store_message_open_after(struct store *store, int64_t id, bool carried_only, struct arena *arena,
	struct message_row *ret, struct fault *fault) MUST_CHECK;
/** store_message_carried() - how many open messages a courier has. 0 or < 0. */
int store_message_carried(struct store *store, int64_t *ret, struct fault *fault) MUST_CHECK;
/** store_message_next_try() - the earliest next_try_at of an open message that is later than @after_ms; INT64_MAX when none. 0 or < 0. */
int store_message_next_try(struct store *store, int64_t after_ms, int64_t *ret_ms, struct fault *fault) MUST_CHECK;
/** store_message_deadline() - the earliest legal deadline after @after_ms of what waits or is in an open message; INT64_MAX when none. 0 or < 0. */
int store_message_deadline(struct store *store, int64_t after_ms, int64_t *ret_ms, struct fault *fault) MUST_CHECK;
/** store_message_unanswered() - when the oldest message was sent that was taken and has no verdict; INT64_MAX when none. 0 or < 0. */
int store_message_unanswered(struct store *store, int64_t *ret_ms, struct fault *fault) MUST_CHECK;
/** store_message_move() - write state @row->state and every time, counter and text of @row, `AND state = @from`; STORE_CONFLICT when it is elsewhere. Inside a transaction. */
int store_message_move(
	struct store *store, const struct message_row *row, enum message_state from, struct fault *fault) MUST_CHECK;
/** store_message_release() - a refused message sets its still issued invoices back to waiting. Inside a transaction. */
int store_message_release(struct store *store, int64_t id, struct fault *fault) MUST_CHECK;
/** store_message_list() - up to @limit messages, newest first; @open_only leaves out answered and refused ones. Without head and signature. */
int store_message_list(struct store *store, bool open_only, int64_t limit, struct arena *arena,
	struct message_row **ret, size_t *ret_count, struct fault *fault) MUST_CHECK;

struct message_invoice {
	int64_t id;
	int form;
	char serial[8];
	int32_t number;
	int state; /* enum invoice_state */
	const void *xml;
	size_t xml_len;
};
/** message_invoice_fn - called for each invoice of a message, in order; < 0 ends the walk and is forwarded. */
typedef int message_invoice_fn(void *context, const struct message_invoice *invoice, struct fault *fault);
/** store_message_each() - walk the invoices of message @id in order (xml decoded one at a time, never all at once). 0 or < 0. */
int store_message_each(
	struct store *store, int64_t id, message_invoice_fn *fn, void *context, struct fault *fault) MUST_CHECK;
/** store_message_invoice_was_unknown() - whether invoice @invoice_id was in an earlier message than @id whose outcome was unknown (law R-NUM-4). 1 yes, 0 no, < 0. */
int store_message_invoice_was_unknown(
	struct store *store, int64_t invoice_id, int64_t id, struct fault *fault) MUST_CHECK;

/** store_verdict_add() - keep an answer as received; @message 0 = of no message of ours; @is_believed = it changed something. Inside a transaction. */
int store_verdict_add(struct store *store, int64_t message, int64_t received_at, int type, bool is_believed,
	const char *note, const void *raw, size_t len, struct fault *fault) MUST_CHECK;
/** store_verdict_last() - the newest believed answer of @type, appended to @raw; STORE_NONE. */
int store_verdict_last(struct store *store, int type, struct bytes *raw, struct fault *fault) MUST_CHECK;
/** verdict_fn - one stored answer. */
typedef int verdict_fn(
	void *context, int64_t message, int type, bool is_believed, const void *raw, size_t len, struct fault *fault);
/** store_verdict_each() - walk all stored answers, oldest first. 0 or < 0. */
int store_verdict_each(struct store *store, verdict_fn *fn, void *context, struct fault *fault) MUST_CHECK;

struct message_counts {
	int64_t made, sent, unknown, answered, refused;
};
/** store_message_count() - numbers for status. */
int store_message_count(struct store *store, struct message_counts *ret, struct fault *fault) MUST_CHECK;

#endif
