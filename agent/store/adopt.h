/* adopt: a copy, or a store on another machine, starts a new epoch: new block, new serial, the old ends explained (law R-CODE-5). */
#ifndef HOADON_STORE_ADOPT_H
#define HOADON_STORE_ADOPT_H

#include "base/arena.h"
#include "store/hold.h"

struct adoption {
	const char *reason;	/* what the person says; kept in the ledger */
	const char *suffix;	/* two letters, never used by this store */
	int issuer_prefix;	/* never leased by this store; -1 = no codes */
	struct machine machine; /* that the store is bound to from now on */
};

struct adopted_serial { /* an open end */
	int form;
	const char *serial;
	int32_t last_number; /* that this store knows; others may have been given by the copy that is lost */
};

struct adopted {
	int64_t epoch;
	int64_t first_counter; /* of the new block, 0 = none */
	const struct adopted_serial *ends;
	size_t end_count;
	int64_t asked; /* messages that are asked for before they are sent again */
};

enum adopt_result {
	ADOPT_OK = 0,
	ADOPT_SUFFIX_USED = 1, /* the configuration still names a suffix of an earlier epoch */
	ADOPT_PREFIX_USED = 2, /* the same of the issuer prefix */
};

/**
 * store_adopt() - one transaction: the ends of all serials and the new epoch in the ledger, a new block, this machine; the hold ends
 * @arena: holds what @ret points to
 *
 * A message that was made and not sent, as far as this copy knows, may have been sent by the original: it counts as sent with unknown
 * outcome, so that it is asked for first (law R-NUM-4: never a blind resend).
 *
 * Return: 0; > 0 enum adopt_result, nothing was changed; < 0. Thread: owner of @store.
 */
int store_adopt(struct store *store, const struct adoption *adoption, struct arena *arena, struct adopted *ret,
	struct fault *fault) MUST_CHECK;

/** store_suffix_take() - remember that this epoch uses @suffix; STORE_CONFLICT when an earlier one did. Inside a transaction. */
int store_suffix_take(struct store *store, const char *suffix, struct fault *fault) MUST_CHECK;

#endif
