/* store: the only memory. One SQLite database, one handle per thread, WAL, synchronous=FULL. */
#ifndef HOADON_STORE_STORE_H
#define HOADON_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/fault.h"

struct store;

enum store_mode { STORE_READ, STORE_WRITE };

/* Conditions (> 0) of store functions. */
enum store_result {
	STORE_OK = 0,
	STORE_NONE = 1,	    /* no such row */
	STORE_CONFLICT = 2, /* the row is not in the state the caller expects, or the key is taken */
	STORE_LOCKED = 3,   /* it is sealed with a key that is not at hand */
};

/**
 * store_open() - open, and with STORE_WRITE create and migrate, DIR/current.db
 * @dir:    folder, made 0700 when missing (STORE_WRITE)
 * @clock:  borrowed; stamps ledger records
 * @seller: tax code; bound to the store at creation, another one is refused; NULL with STORE_READ
 * @ret:    freed with store_close(); untouched on failure
 *
 * STORE_WRITE: one process at a time (lock file); further handles of the same process share the lock.
 * Return: 0; FAULT_BUSY when another process has it; FAULT_STORE, FAULT_IO; a newer schema than ours is FAULT_FORMAT, and no byte was changed.
 * Thread: the handle belongs to the calling thread.
 */
int store_open(const char *dir, enum store_mode mode, const struct clock *clock, const char *seller, struct store **ret,
	struct fault *fault) MUST_CHECK;
/** store_is_newer() - whether the store in @dir has a newer schema than this program knows, false when there is none; changes nothing. 0 or < 0. Thread: any. */
int store_is_newer(const char *dir, bool *ret, struct fault *fault) MUST_CHECK;
/** store_close() - NULL is allowed; an open transaction is rolled back. */
void store_close(struct store *store);
DEFINE_CLEANUP(struct store *, store_close)

/**
 * store_learn() - what this handle writes from now on is packed with a dictionary that begins with @text
 * @text: what many blobs to come have in common, borrowed; takes the place of what was learned before
 *
 * The dictionary (@text and the program's own words) is kept in the store for ever, under an id made of its bytes that each blob names:
 * what was written before stays readable. Not inside a transaction; one is made only when the dictionary is new.
 *
 * Return: 0; FAULT_FORMAT when what the store has under that id was changed; < 0. Unless 0 the handle packs as before.
 * Thread: owner of @store.
 */
int store_learn(struct store *store, const void *text, size_t len, struct fault *fault) MUST_CHECK;

/** store_begin() - BEGIN IMMEDIATE. 0 or < 0. */
int store_begin(struct store *store, struct fault *fault) MUST_CHECK;
/** store_begin_read() - BEGIN: one consistent picture for several reads, ended by store_rollback(). 0 or < 0. */
int store_begin_read(struct store *store, struct fault *fault) MUST_CHECK;
/** store_commit() - COMMIT, durable when it returns 0. On failure the transaction is rolled back and nothing of it exists. */
int store_commit(struct store *store, struct fault *fault) MUST_CHECK;
/** store_rollback() - undo; harmless without a transaction. */
void store_rollback(struct store *store);
/** store_end() - store_commit() when @result is 0; else store_rollback() and @result as it is. */
int store_end(struct store *store, int result, struct fault *fault) MUST_CHECK;

/** store_is_full() - whether the last failure was a full disk. */
bool store_is_full(const struct store *store);
/** store_id() - 32 hex, made at creation; borrowed. */
const char *store_id(const struct store *store);
/** store_seller() - the tax code the store is bound to; borrowed. */
const char *store_seller(const struct store *store);
/** store_epoch() - 1 for a new store; adopting a copy counts on. */
int64_t store_epoch(const struct store *store);
/** store_checkpoint_wal() - move the WAL into the database when it is larger than @bytes; called by the issuer when idle, and by the sender in a rush, so that no till waits for it. 0 or < 0. */
int store_checkpoint_wal(struct store *store, int64_t bytes, struct fault *fault) MUST_CHECK;

/** store_meta_get() - value of @key appended to @ret; STORE_NONE. store_meta_put() - set it, inside a transaction. */
int store_meta_get(struct store *store, const char *key, struct bytes *ret, struct fault *fault) MUST_CHECK;
int store_meta_put(struct store *store, const char *key, const void *value, size_t len, struct fault *fault) MUST_CHECK;

/** store_failpoints() - the name of the @i-th failpoint ("store.commit", each with phases before and after), or NULL behind the last. Thread: any. */
const char *store_failpoints(size_t i);

#endif
