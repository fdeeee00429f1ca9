/* tally: how many rows of each state there are, so that status need not read a year of invoices. For agent/store only. */
#ifndef HOADON_STORE_TALLY_H
#define HOADON_STORE_TALLY_H

#include "core/state.h"
#include "store/store.h"

/* A place for each state of each kind of row: TALLY_SALE + SALE_STATE_PARKED … */
enum tally_place {
	TALLY_FRAME = 0,
	TALLY_SALE = TALLY_FRAME + FRAME_STATE_COUNT,
	TALLY_INVOICE = TALLY_SALE + SALE_STATE_COUNT,
	TALLY_MESSAGE = TALLY_INVOICE + INVOICE_STATE_COUNT,
	TALLY_COUNT = TALLY_MESSAGE + MESSAGE_STATE_COUNT,
};

struct tally {
	int64_t n, net, vat, total; /* money of invoices only */
};

/** tally_add() - @sign (1, -1) times @amount more at @place, when the open transaction is committed. */
void tally_add(struct store *store, int place, int sign, struct tally amount);
/** tally_get() - what is at @place, as of the open transaction. 0 or < 0. */
int tally_get(struct store *store, int place, struct tally *ret, struct fault *fault) MUST_CHECK;
/** tally_flush() - write what the open transaction added; before COMMIT. 0 or < 0. */
int tally_flush(struct store *store, struct fault *fault) MUST_CHECK;
/** tally_forget() - with the transaction. */
void tally_forget(struct store *store);

#endif
