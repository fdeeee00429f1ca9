/* time: what the store knows of time, so that every thread and every start believes the same (house 8.8). */
#ifndef HOADON_STORE_TIME_H
#define HOADON_STORE_TIME_H

#include "core/timekeeper.h"
#include "store/store.h"

/** store_time_judge() - what time it is by the clock of @store and what is known; keeps nothing. 0 or < 0. */
int store_time_judge(struct store *store, struct time_decision *ret, struct fault *fault) MUST_CHECK;
/** store_time_now() - its now_ms, UTC, and its state in @ret_state (may be NULL); the machine's clock when the store cannot be read, TIME_PROVEN then: whoever writes meets that failure again. */
int64_t store_time_now(struct store *store, enum time_state *ret_state);
/** store_time_note() - judge, and keep what is new, with a ledger record when the state is another or the time jumped. Inside a transaction. 0 or < 0. */
int store_time_note(struct store *store, struct fault *fault) MUST_CHECK;
/**
 * store_time_hear() - a trusted source said what time it is; see timekeeper_hear()
 * @source: for the ledger: "date", "signature", "person"
 *
 * In the open transaction, else in its own, which is made only when something changes.
 *
 * Return: 0 or < 0. Thread: owner of @store.
 */
int store_time_hear(
	struct store *store, int64_t said_ms, bool is_exact, const char *source, struct fault *fault) MUST_CHECK;

#endif
