/* state: the words of every state and the moves between them; one table, complete by static_assert. */
#ifndef HOADON_CORE_STATE_H
#define HOADON_CORE_STATE_H

#include <stdbool.h>

#include "base/cleanup.h"

/* What is counted about paper over the life of a store. */
enum paper_count {
	PAPER_WITHOUT_CODE, /* receipts whose cut went before number and code were there */
	PAPER_LATE_SLIPS,   /* slips that were printed behind their receipt */
	PAPER_NOT_KEPT,	    /* receipts that could not be kept: nothing is known of them */
	PAPER_COUNTS
};

/* X(NAME, "word") ; the words are what the database, the log, the API and the ledger use. */
#define FRAME_STATES(X)	  X(KEPT, "kept") X(DECODED, "decoded") X(REFUSED, "refused")
#define SALE_STATES(X)	  X(RECEIVED, "received") X(ISSUED, "issued") X(PARKED, "parked") X(IGNORED, "ignored")
#define INVOICE_STATES(X) X(ISSUED, "issued") X(ACCEPTED, "accepted") X(REFUSED, "refused")
#define MESSAGE_STATES(X)                                                                                              \
	X(MADE, "made") X(SENT, "sent") X(UNKNOWN, "unknown") X(ANSWERED, "answered") X(REFUSED, "refused")

#define X_FRAME(name, word)   FRAME_##name,
#define X_SALE(name, word)    SALE_STATE_##name,
#define X_INVOICE(name, word) INVOICE_##name,
#define X_MESSAGE(name, word) MESSAGE_##name,
enum frame_state { FRAME_STATES(X_FRAME) FRAME_STATE_COUNT };
enum sale_state { SALE_STATES(X_SALE) SALE_STATE_COUNT };
enum invoice_state { INVOICE_STATES(X_INVOICE) INVOICE_STATE_COUNT };
enum message_state { MESSAGE_STATES(X_MESSAGE) MESSAGE_STATE_COUNT };
#undef X_FRAME
#undef X_SALE
#undef X_INVOICE
#undef X_MESSAGE

/** frame_state_word() and siblings - the word of a state; "?" outside the range. */
const char *frame_state_word(int state);
const char *sale_state_word(int state);
const char *invoice_state_word(int state);
const char *message_state_word(int state);

/** sale_may_move() and siblings - whether the table of house section 5 allows @from → @to. */
bool frame_may_move(int from, int to);
bool sale_may_move(int from, int to);
bool invoice_may_move(int from, int to);
bool message_may_move(int from, int to);

#endif
