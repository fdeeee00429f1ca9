/* batch: the sales that one transaction takes, and how each is written. */
#ifndef HOADON_ISSUE_BATCH_H
#define HOADON_ISSUE_BATCH_H

#include "core/slot.h"
#include "issue/issue.h"
#include "store/invoices.h"
#include "store/ledger.h"
#include "store/sales.h"

#define BATCH_MAX 64

enum plan {
	PLAN_NOTHING, /* only an answer: a replay, a conflict */
	PLAN_REFUSE,  /* keep the frame as refused */
	PLAN_PARK,
	PLAN_IGNORE,
	PLAN_ISSUE,
};

struct signing;

struct batch {
	struct slot *slots[BATCH_MAX];
	enum plan plans[BATCH_MAX];
	size_t count, numbered;
	struct issue_place place;	       /* after the last number of the batch */
	int64_t first_counter;		       /* of the code block before the batch */
	char ledger_tail[LEDGER_TAIL_LEN + 1]; /* head before the batch */
	struct signing *signing;
};

/** batch_init() - empty. */
void batch_init(struct batch *batch);
/** batch_touches() - whether @slot speaks of a bill, key or parked sale that a slot of @batch speaks of. */
bool batch_touches(const struct batch *batch, const struct slot *slot);
/** batch_has_work() - whether anything is to be written. */
bool batch_has_work(const struct batch *batch);
/** batch_write() - all rows and ledger records of @batch, inside the caller's transaction; fills the answers. 0; > 0 a row was in another state; < 0. */
int batch_write(struct store *store, struct batch *batch, const struct issuer_settings *settings,
	struct fault *fault) MUST_CHECK;
/** batch_load_invoice() - the answer of a slot whose invoice is already stored. 0 or < 0. */
int batch_load_invoice(
	struct store *store, struct slot *slot, const struct invoice_row *row, struct fault *fault) MUST_CHECK;

#endif
