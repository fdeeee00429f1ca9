/* outages: intervals in which invoices could not go their way, each with its evidence in the ledger. */
#ifndef HOADON_STORE_OUTAGES_H
#define HOADON_STORE_OUTAGES_H

#include "base/arena.h"
#include "core/outage.h"
#include "store/store.h"

struct outage_note { /* of a person */
	enum outage_said said;
	int32_t said_on;  /* local day YYYYMMDD */
	int64_t noted_at; /* ms UTC */
	const char *text; /* one line */
};

struct outage_row {
	int64_t id;
	const char *part; /* "route NAME", "authority", "key", "disk" */
	enum outage_cause cause;
	int64_t begun_at, ended_at; /* ms UTC; ended_at 0 = it goes on */
	int64_t deadline;	    /* ms UTC, of what it delayed, once it ended; 0 = none (law R-OUT-4, R-OUT-5) */
	int64_t failures;	    /* calls in a row that failed, at the last look */
	int64_t status;		    /* HTTP status of the last of them, 0 = no answer came */
	const char *first_text, *last_text;
	const struct outage_note *notes; /* the first one first; only of store_outage_get() and _list() */
	size_t note_count;
};

/** store_outage_open() - the outage of @part that goes on. 0; STORE_NONE; < 0. */
int store_outage_open(struct store *store, const char *part, struct arena *arena, struct outage_row *ret,
	struct fault *fault) MUST_CHECK;
/** store_outage_begin() - keep @row (id and ended_at are ignored) and say so in the ledger (event outage-begun). Inside a transaction. 0 or < 0. */
int store_outage_begin(struct store *store, const struct outage_row *row, struct fault *fault) MUST_CHECK;
/** store_outage_end() - close @row, which was read before, with its ended_at, failures, status and last_text (event outage-ended); a later deadline that was announced stays. Inside a transaction. 0; STORE_CONFLICT when it is closed already; < 0. */
int store_outage_end(struct store *store, const struct outage_row *row, struct fault *fault) MUST_CHECK;
/**
 * store_outage_note() - add @note to @outage, which was read before, and say so in the ledger (event outage-note)
 * @deadline: of what the outage delayed, when the note says so, ms UTC; 0 = it does not
 *
 * Inside a transaction. Return: 0 or < 0. Thread: owner of @store. Source: law R-OUT-1 to R-OUT-4.
 */
int store_outage_note(struct store *store, const struct outage_row *outage, const struct outage_note *note,
	int64_t deadline, struct fault *fault) MUST_CHECK;
/** store_outage_list() - up to @limit outages, newest first, in @arena. 0 or < 0. */
int store_outage_list(struct store *store, int64_t limit, struct arena *arena, struct outage_row **ret,
	size_t *ret_count, struct fault *fault) MUST_CHECK;

/** store_outage_going() - those that go on, in @arena. 0 or < 0. */
int store_outage_going(struct store *store, struct arena *arena, struct outage_row **ret, size_t *ret_count,
	struct fault *fault) MUST_CHECK;

struct outage_invoice { /* one that an outage may have delayed */
	int64_t id;
	int form;
	const char *serial;
	int64_t number;
	const char *code, *state;
	int64_t issued_at, sent_at, answered_at; /* ms UTC; 0 = not yet */
};
/** store_outage_get() - the outage @id. 0; STORE_NONE; < 0. */
int store_outage_get(
	struct store *store, int64_t id, struct arena *arena, struct outage_row *ret, struct fault *fault) MUST_CHECK;
/** store_outage_invoices() - up to @limit invoices behind @after (0 = first) that were issued before @outage ended and had no verdict when it began, by id, in @arena. 0 or < 0. */
int store_outage_invoices(struct store *store, const struct outage_row *outage, int64_t after, int64_t limit,
	struct arena *arena, struct outage_invoice **ret, size_t *ret_count, struct fault *fault) MUST_CHECK;

#endif
