/* fsck: does everything in the store agree with everything else? Looks only; what is to be done is a person's to decide (house 8.7). */
#ifndef HOADON_STORE_FSCK_H
#define HOADON_STORE_FSCK_H

#include "store/store.h"

#define FSCK_TEXT_MAX 300

/* X(NAME, "word"): what can be wrong. */
#define FSCK_KINDS(X)                                                                                                  \
	X(FILE, "file")		  /* pages or indexes of the database */                                               \
	X(REFERENCE, "reference") /* a row that names one that is not there */                                         \
	X(LEDGER, "ledger")	  /* chain, tree or a checkpoint */                                                    \
	X(FRAME, "frame")	  /* bytes of a till */                                                                \
	X(INVOICE, "invoice")	  /* bytes of an invoice */                                                            \
	X(RECORD, "record")	  /* an invoice and its ledger record say different things */                          \
	X(NUMBER, "number")	  /* a gap or a repetition in a serial */                                              \
	X(PLACE, "place")	  /* the next number does not follow the last */                                       \
	X(CODE, "code")		  /* a code outside the leased blocks, or the next code does not follow the last */    \
	X(SALE, "sale")		  /* an issued sale without a live invoice or an open task */                          \
	X(STUCK, "stuck")	  /* an open invoice whose message is answered, and no task */                         \
	X(MESSAGE, "message")	  /* a message that is not rebuilt to what was signed */                               \
	X(VERDICT, "verdict")	  /* an answer that does not unpack */                                                 \
	X(PAPER, "paper")	  /* what a till printed, and the sale that was read from it */                        \
	X(TALLY, "tally")	  /* the counts of status */                                                           \
	X(NOTE, "note")		  /* a note on an outage that is not as it was noted */                                \
	X(LAW, "law")		  /* a pack of law that is not as it was imported */
enum fsck_kind {
#define X(name, word) FSCK_##name,
	FSCK_KINDS(X)
#undef X
		FSCK_KIND_COUNT
};

struct fsck_finding {
	enum fsck_kind kind;
	int64_t id;		  /* of the row; 0 = of none */
	char text[FSCK_TEXT_MAX]; /* what was found, in English */
};

struct fsck_watch {
	void (*found)(void *context, const struct fsck_finding *finding);
	/** progress - each 10,000 rows of @what; may be NULL */
	void (*progress)(void *context, const char *what, int64_t done);
	void *context;
	int64_t count; /* of findings; set to 0 by the caller */
};

/** fsck_word() - "file" and so on. Thread: any. */
const char *fsck_word(enum fsck_kind kind);
/** fsck_found() - count and hand on one finding. */
void fsck_found(struct fsck_watch *watch, enum fsck_kind kind, int64_t id, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * fsck_store() - everything but messages (send/pack rebuilds those): file, ledger, blobs, numbers, codes, sales, counts
 *
 * In one read transaction, so that a running hoadond does not disturb; changes nothing.
 * Return: 0 also when something was found; < 0 when the store cannot be read further. Thread: owner of @store.
 */
int fsck_store(struct store *store, struct fsck_watch *watch, struct fault *fault) MUST_CHECK;

/** fsck_quick() - the pages of the database alone, by SQLite's quick check. 0; 1 with the first thing wrong in @why; < 0. Thread: owner of @store. */
int fsck_quick(struct store *store, char why[FSCK_TEXT_MAX], struct fault *fault) MUST_CHECK;
/** fsck_newest() - only the pages of the newest thousand rows of each table that grows: that takes no longer in a large store. 0; FAULT_FORMAT when one cannot be read; < 0. Thread: owner of @store. */
int fsck_newest(struct store *store, struct fault *fault) MUST_CHECK;

#endif
