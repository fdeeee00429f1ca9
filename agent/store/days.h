/* days: what came on a day and when hoadond did not run, for core/missing; and what the ledger says of each day. */
#ifndef HOADON_STORE_DAYS_H
#define HOADON_STORE_DAYS_H

#include "core/missing.h"
#include "store/store.h"

/* What a frame says beyond the sale's row, into the zeroed @ret, texts in @arena. 0; 1 it cannot be read; FAULT_MEMORY. */
typedef int store_ticket_fn(
	const char *dialect, const void *bytes, size_t len, struct arena *arena, struct missing_ticket *ret);

/**
 * store_day_judge() - what is missing of a day, see missing_find()
 * @config: for the tills that print to a port
 * @read:   called for the papers of the day and the day behind it, where the day has slips
 * @day:    its day and now_ms are set; the rest becomes what it was judged by, in @arena
 *
 * What came of a peer that is not enrolled is left out: it is nobody's (law R-WHO-4).
 *
 * Return: 0 or < 0. Thread: owner of @store.
 */
int store_day_judge(struct store *store, const struct config *config, store_ticket_fn *read, struct arena *arena,
	struct missing_day *day, struct missing **ret_found, size_t *ret_count, struct fault *fault) MUST_CHECK;

/**
 * store_day_settle() - @reason is why @row of @day is missing: kept, and in the ledger. Inside a transaction.
 * @reason: UTF-8, not empty; in the place of what was said before
 *
 * store_day_judge() then gives it as settled. What comes of it meanwhile makes it another item, or none.
 *
 * Return: 0 or < 0. Thread: owner of @store. Source: law R-TILL-1.
 */
int store_day_settle(struct store *store, int32_t day, const struct missing *row, const char *reason,
	struct fault *fault) MUST_CHECK;

/** store_day_record() - the ledger's record of @day for each till that something came of or is missing of. Inside a transaction. 0 or < 0. */
int store_day_record(struct store *store, const struct missing_day *day, const struct missing *found, size_t count,
	struct fault *fault) MUST_CHECK;

/** store_alive_put() - hoadond runs at the time that the store's clock shows; in a transaction of its own. 0 or < 0. */
int store_alive_put(struct store *store, struct fault *fault) MUST_CHECK;
/** store_alive_get() - the last time that was said, ms UTC; 0 = never. 0 or < 0. */
int store_alive_get(struct store *store, int64_t *ret, struct fault *fault) MUST_CHECK;

#endif
