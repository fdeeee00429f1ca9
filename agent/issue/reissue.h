/* reissue: a refused invoice is no dead end: a person's click issues its sale again, corrected or not (law R-FIX-14). */
#ifndef HOADON_ISSUE_REISSUE_H
#define HOADON_ISSUE_REISSUE_H

#include "issue/batch.h"

/* Kinds of tasks that this settles, as send/ writes them. */
#define TASK_REFUSED "refused-invoice"
#define TASK_UNPROVEN                                                                                                  \
	"duplicate-unproven" /* the person has looked: what the authority holds under this number is not ours */

/**
 * reissue_plan() - what is to be done about @slot, which wishes SLOT_REISSUE; answers it when nothing is
 * @scratch: for rows
 * @ret:     PLAN_ISSUE or PLAN_NOTHING
 *
 * A task that is settled already is answered with the invoice that the sale has now: a second click makes no second invoice.
 *
 * Return: 0 or < 0. Thread: issuer.
 */
int reissue_plan(
	struct store *store, struct slot *slot, struct arena *scratch, enum plan *ret, struct fault *fault) MUST_CHECK;
/** reissue_make_room() - the refused invoice is the sale's live one no longer; before the new one is added. Inside a transaction. 0; > 0 it was in another state; < 0. */
int reissue_make_room(struct store *store, const struct slot *slot, struct fault *fault) MUST_CHECK;
/** reissue_settle() - invoice @slot->invoice_id is linked to the refused one, the task closed, both named in the ledger. Inside the same transaction. 0; > 0; < 0. */
int reissue_settle(struct store *store, const struct slot *slot, int64_t now_ms, struct fault *fault) MUST_CHECK;

#endif
