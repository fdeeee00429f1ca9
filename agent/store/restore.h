/* restore: a backup becomes a store again, in a folder that was made for it; it takes no number until it was adopted (law R-CODE-5). */
#ifndef HOADON_STORE_RESTORE_H
#define HOADON_STORE_RESTORE_H

#include "store/backup.h"

struct restore;

enum restore_result {
	RESTORE_OK = 0,
	RESTORE_WRONG_KEY = 1, /* another passphrase than that of the backup */
};

/** restore_open() - open backup @path (borrowed) and read its head, which nothing proves before restore_unlock(). 0; FAULT_FORMAT; < 0. */
int restore_open(const char *path, struct restore **ret, struct fault *fault) MUST_CHECK;
/** restore_close() - NULL is allowed. */
void restore_close(struct restore *restore);
DEFINE_CLEANUP(struct restore *, restore_close)
/** restore_head() - borrowed. */
const struct backup_head *restore_head(const struct restore *restore);
/** restore_unlock() - 0; RESTORE_WRONG_KEY; < 0. */
int restore_unlock(struct restore *restore, const char *passphrase, size_t len, struct fault *fault) MUST_CHECK;
/** restore_unpack() - current.db and ledger.key, synced, into existing folder @dir. 0; FAULT_FORMAT when a byte of the backup is not as it was written; < 0. */
int restore_unpack(
	struct restore *restore, const char *dir, const struct backup_watch *watch, struct fault *fault) MUST_CHECK;
/** restore_check() - @store is the one that the head speaks of, with that very ledger head, and behind it at most the record that it was brought up to date. 0; FAULT_FORMAT; < 0. */
int restore_check(const struct restore *restore, struct store *store, struct fault *fault) MUST_CHECK;
/** restore_mark() - one transaction: the ledger records where the store comes from, and no number is taken (HOLD_RESTORED). 0 or < 0. */
int restore_mark(const struct restore *restore, struct store *store, struct fault *fault) MUST_CHECK;

#endif
