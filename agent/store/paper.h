/* paper: how often what a till printed went without its number and code, counted over the life of the store. */
#ifndef HOADON_STORE_PAPER_H
#define HOADON_STORE_PAPER_H

#include "store/store.h"

enum paper_count {
	PAPER_WITHOUT_CODE, /* receipts whose cut went before number and code were there */
	PAPER_LATE_SLIPS,   /* slips that were printed behind their receipt */
	PAPER_COUNTS
};

/** store_paper_add() - one more of @what, committed when it returns 0; in a transaction of its own. 0 or < 0. Thread: owner of @store. */
int store_paper_add(struct store *store, enum paper_count what, struct fault *fault) MUST_CHECK;
/** store_paper_get() - how many of @what there were. 0 or < 0. Thread: owner of @store. */
int store_paper_get(struct store *store, enum paper_count what, int64_t *ret, struct fault *fault) MUST_CHECK;

#endif
