/* paper: how often what a till printed went without its number and code, counted over the life of the store. */
#ifndef HOADON_STORE_PAPER_H
#define HOADON_STORE_PAPER_H

#include "core/state.h"
#include "store/store.h"

/** store_paper_add() - @n more of @what. Inside a transaction. 0 or < 0. Thread: owner of @store. */
int store_paper_add(struct store *store, enum paper_count what, int64_t n, struct fault *fault) MUST_CHECK;
/** store_paper_get() - how many of @what there were. 0 or < 0. Thread: owner of @store. */
int store_paper_get(struct store *store, enum paper_count what, int64_t *ret, struct fault *fault) MUST_CHECK;

#endif
