/* recover: a store from its mirror, after the main disk is gone. */
#ifndef HOADON_STORE_RECOVER_H
#define HOADON_STORE_RECOVER_H

#include "core/ledger_proof.h"
#include "core/symbols.h"
#include "store/store.h"

struct recovery {
	char store[33], seller[16];
	int64_t epoch;
	int64_t invoices, records;	/* in all; of the ledger */
	char tail[LEDGER_TAIL_LEN + 1]; /* of the ledger */
	int form;			/* of the last invoice; 0 = there is none */
	char serial[SERIAL_LEN + 1];
	int32_t number;
	char code[CODE_LEN + 1];
	int64_t issued_at; /* ms UTC of the last invoice */
	int64_t shipped_at; /* ms UTC when the mirror received the last transaction that is here; 0 = only the base is there */
	int64_t newer; /* schema of a newer program in which the mirror goes on; 0 = all of it is here */
};

/**
 * recover_run() - DIR/current.db from the newest base in @mirror_dir that its log reaches, up to the last whole batch
 * @mirror_dir: only read
 * @store_dir:  made when missing; must hold no store
 * @clock:      stamps the ledger records
 *
 * A log that goes on in a newer schema than this program knows ends for it just before: the store as it was before that upgrade.
 * Every page and the whole ledger are checked before the store gets its name. It is held (HOLD_RESTORED) with a ledger record: it takes
 * no number before `hoadon adopt`, since what was issued after the last batch is not known here (law R-NUM-2, R-CODE-5).
 * Return: 0; FAULT_FORMAT when no base is whole; FAULT_CONFIG when there is a store already; < 0. Thread: any.
 */
int recover_run(const char *mirror_dir, const char *store_dir, const struct clock *clock, struct recovery *ret,
	struct fault *fault) MUST_CHECK;

#endif
