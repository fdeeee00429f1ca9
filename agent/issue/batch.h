/* batch: the prepared sales in the order of their numbers, of which each transaction takes the first few. */
#ifndef HOADON_ISSUE_BATCH_H
#define HOADON_ISSUE_BATCH_H

#include "core/slot.h"
#include "issue/issue.h"
#include "store/invoices.h"
#include "store/ledger.h"
#include "store/sales.h"

#define BATCH_MAX 128

enum plan {
	PLAN_NOTHING, /* only an answer: a replay, a conflict */
	PLAN_ORIGIN,  /* the same, and the kept frame that it was read from is done with */
	PLAN_KEEP,    /* keep the frame, to be read later */
	PLAN_COUNT,   /* count what happened to paper */
	PLAN_REFUSE,  /* keep the frame as refused */
	PLAN_PARK,
	PLAN_IGNORE,
	PLAN_ISSUE,
};

struct batch {
	struct slot *slots[BATCH_MAX];
	enum plan plans[BATCH_MAX];
	struct issue_place places[BATCH_MAX]; /* after the number of the slot */
	size_t count;
	struct issue_place stored; /* before the first slot: what the store knows */
};

/** batch_last() - where the next number is taken. */
const struct issue_place *batch_last(const struct batch *batch);
/** batch_add() - append @slot; there must be room. */
void batch_add(struct batch *batch, struct slot *slot, enum plan plan, const struct issue_place *place);
/** batch_drop() - forget the first @n slots, which were written. */
void batch_drop(struct batch *batch, size_t n);
/** batch_touches() - whether @slot speaks of a bill, key or parked sale that a slot of @batch speaks of. */
bool batch_touches(const struct batch *batch, const struct slot *slot);
/** batch_has_work() - whether anything is to be written for the first @n slots. */
bool batch_has_work(const struct batch *batch, size_t n);
/** batch_write() - rows and ledger records of the first @n slots, inside the caller's transaction; fills the answers. 0; > 0 a row was in another state; < 0. */
int batch_write(struct store *store, struct batch *batch, size_t n, const struct issuer_settings *settings,
	struct fault *fault) MUST_CHECK;
/** batch_is_apart() - whether @row is a sale that was parked under a made number (is_apart of struct slot). */
bool batch_is_apart(const struct sale_row *row);
/** batch_load_invoice() - the answer of a slot whose invoice is already stored. 0 or < 0. */
int batch_load_invoice(
	struct store *store, struct slot *slot, const struct invoice_row *row, struct fault *fault) MUST_CHECK;

#endif
