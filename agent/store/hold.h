/* hold: whether this store may take numbers, and the machine it is bound to (house 8.3; law R-CODE-5). */
#ifndef HOADON_STORE_HOLD_H
#define HOADON_STORE_HOLD_H

#include "base/machine.h"
#include "store/store.h"

#define HOLD_DETAIL_MAX 200

/* X(NAME, "word"): why no number is taken; the later of the list is the stronger. */
#define HOLD_KINDS(X)                                                                                                  \
	X(NONE, "")                                                                                                    \
	X(MACHINE, "machine")	/* it lies on another machine or disk than before: a copy */                           \
	X(RESTORED, "restored") /* it came out of a backup */                                                          \
	X(BEHIND, "behind")	/* somebody knows of numbers that it does not know: an old copy */
enum hold_kind {
#define X(name, word) HOLD_##name,
	HOLD_KINDS(X)
#undef X
		HOLD_KIND_COUNT
};

struct hold {
	enum hold_kind kind;
	char detail[HOLD_DETAIL_MAX]; /* what was seen; "" = nothing to add */
};

/** hold_word() - "machine", "restored", "behind"; "" for none. Thread: any. */
const char *hold_word(enum hold_kind kind);
/** store_hold_get() - as stored, also in the open transaction. A word that this program does not know holds too. 0 or < 0. */
int store_hold_get(struct store *store, struct hold *ret, struct fault *fault) MUST_CHECK;
/** store_hold_put() - from this COMMIT on no number is taken, with a ledger record; a stronger hold that stands stays. Inside a transaction. 0 or < 0. */
int store_hold_put(struct store *store, enum hold_kind kind, const char *detail, struct fault *fault) MUST_CHECK;
/** store_hold_end() - numbers are taken again, with a ledger record when they were not. Inside a transaction. 0 or < 0. */
int store_hold_end(struct store *store, struct fault *fault) MUST_CHECK;

/**
 * store_machine_check() - bind a store that is not bound, or see whether @machine is the one it is bound to
 * @ret_is_same: false = another machine: nothing is written, the caller holds the store
 *
 * The disk must be the same: two stores cannot lie on one disk, and every copy lies on another. Of system and board one may have
 * changed (installed anew; repaired), since the disk vouches for the rest; what changed so is bound anew, with a ledger record. A fact
 * that cannot be told now is no proof either way: two of those that were known must agree, or the one when only one was.
 * Kept are HMACs with the store's secret, never the facts.
 *
 * Inside a transaction. Return: 0 or < 0.
 */
int store_machine_check(
	struct store *store, const struct machine *machine, bool *ret_is_same, struct fault *fault) MUST_CHECK;
/** store_machine_is_same() - what store_machine_check() would see, on a store opened in any mode; binds nothing. 0 or < 0. */
int store_machine_is_same(
	struct store *store, const struct machine *machine, bool *ret_is_same, struct fault *fault) MUST_CHECK;
/** store_machine_bind() - to @machine alone, whatever was bound before, with a ledger record. Inside a transaction. 0 or < 0. */
int store_machine_bind(struct store *store, const struct machine *machine, struct fault *fault) MUST_CHECK;

#endif
