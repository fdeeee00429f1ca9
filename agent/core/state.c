#include "core/state.h"

#define MOVE(state) (1U << (state))

#define X(name, word) word,
static const char *const frame_words[] = {FRAME_STATES(X)};
static const char *const sale_words[] = {SALE_STATES(X)};
static const char *const invoice_words[] = {INVOICE_STATES(X)};
static const char *const message_words[] = {MESSAGE_STATES(X)};
#undef X

/* One row for each state, in the order of its enum: where it may go. A missing row does not compile. */
static const unsigned int frame_moves[] = {
	/* kept */ MOVE(FRAME_DECODED) | MOVE(FRAME_REFUSED),
	/* decoded */ 0,
	/* refused */ 0,
};
_Static_assert(ARRAY_LEN(frame_moves) == FRAME_STATE_COUNT, "one row for each state of a frame");

static const unsigned int sale_moves[] = {
	/* received */ MOVE(SALE_STATE_ISSUED) | MOVE(SALE_STATE_PARKED) | MOVE(SALE_STATE_IGNORED),
	/* issued */ 0,
	/* parked: a person, or time (law, section 0) */ MOVE(SALE_STATE_ISSUED) | MOVE(SALE_STATE_IGNORED),
	/* ignored */ 0,
};
_Static_assert(ARRAY_LEN(sale_moves) == SALE_STATE_COUNT, "one row for each state of a sale");

static const unsigned int invoice_moves[] = {
	/* issued */ MOVE(INVOICE_ACCEPTED) | MOVE(INVOICE_REFUSED),
	/* accepted */ 0,
	/* refused */ 0,
};
_Static_assert(ARRAY_LEN(invoice_moves) == INVOICE_STATE_COUNT, "one row for each state of an invoice");

static const unsigned int message_moves[] = {
	/* made */ MOVE(MESSAGE_SENT),
	/* sent */ MOVE(MESSAGE_UNKNOWN) | MOVE(MESSAGE_ANSWERED) | MOVE(MESSAGE_REFUSED),
	/* unknown: by query only (law R-SEND-5) */ MOVE(MESSAGE_SENT) | MOVE(MESSAGE_ANSWERED) | MOVE(MESSAGE_REFUSED),
	/* answered */ 0,
	/* refused */ 0,
};
_Static_assert(ARRAY_LEN(message_moves) == MESSAGE_STATE_COUNT, "one row for each state of a message");

static const char *word_of(const char *const *words, int count, int state)
{
	return state >= 0 && state < count ? words[state] : "?";
}

static bool may_move(const unsigned int *moves, int count, int from, int to)
{
	return from >= 0 && from < count && to >= 0 && to < count && (moves[from] & MOVE(to)) != 0;
}

const char *frame_state_word(int state)
{
	return word_of(frame_words, FRAME_STATE_COUNT, state);
}

const char *sale_state_word(int state)
{
	return word_of(sale_words, SALE_STATE_COUNT, state);
}

const char *invoice_state_word(int state)
{
	return word_of(invoice_words, INVOICE_STATE_COUNT, state);
}

const char *message_state_word(int state)
{
	return word_of(message_words, MESSAGE_STATE_COUNT, state);
}

bool frame_may_move(int from, int to)
{
	return may_move(frame_moves, FRAME_STATE_COUNT, from, to);
}

bool sale_may_move(int from, int to)
{
	return may_move(sale_moves, SALE_STATE_COUNT, from, to);
}

bool invoice_may_move(int from, int to)
{
	return may_move(invoice_moves, INVOICE_STATE_COUNT, from, to);
}

bool message_may_move(int from, int to)
{
	return may_move(message_moves, MESSAGE_STATE_COUNT, from, to);
}
