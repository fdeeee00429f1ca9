/* disk: how the disk under the store fares, as all handles of hoadond see it, and the reserve: room for the ledger when it is full. */
#ifndef HOADON_STORE_DISK_H
#define HOADON_STORE_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/fault.h"
#include "store/store.h"

/* X(NAME, "word"): the later is the worse. */
#define DISK_STATES(X)                                                                                                 \
	X(OK, "ok")                                                                                                    \
	X(FULL, "full")	      /* the reserve is not whole: nothing new is taken, what is taken is sent and recorded */ \
	X(FAILING, "failing") /* some handle's last write failed or was not synced: nothing is acknowledged */
enum disk_state {
#define X(name, word) DISK_##name,
	DISK_STATES(X)
#undef X
		DISK_STATE_COUNT
};

#define DISK_WHY_MAX 300

struct disk;

/**
 * disk_open() - take the reserve, DIR/reserve
 * @dir:     the store's folder, made 0700 when missing
 * @bytes:   size of the reserve
 * @ret:     freed with disk_free() after every handle that shares it
 *
 * A full disk is no failure but DISK_FULL: a piece of the reserve is given up, so that the store can be opened.
 * Return: 0 or < 0.
 */
int disk_open(const char *dir, int64_t bytes, struct disk **ret, struct fault *fault) MUST_CHECK;
/** disk_free() - the reserve stays on the disk. NULL is allowed. */
void disk_free(struct disk *disk);

/** disk_bytes() - of the whole reserve. Thread: any. */
int64_t disk_bytes(const struct disk *disk);
/** disk_look() - give the first piece of the reserve up when little room is left, take the whole again when there is room for it twice. Thread: main. */
void disk_look(struct disk *disk);
/**
 * disk_wal_max() - bytes of the WAL behind which it is moved into the database in a rush, beside a reserve of @reserve bytes
 *
 * On a full disk a WAL that grows eats the reserve, and what its checkpoint adds to the database needs room too. Thread: any.
 */
int64_t disk_wal_max(int64_t reserve);
/** disk_state() - NULL is DISK_OK. Thread: any. */
enum disk_state disk_state(const struct disk *disk);
/** disk_word() - "ok", "full", "failing". Thread: any. */
const char *disk_word(enum disk_state state);
/** disk_failures() - how many were noted so far, with the sentence of the last ("" when there was none). Thread: any. */
int disk_failures(struct disk *disk, char why[DISK_WHY_MAX]);

/**
 * disk_note_full() - a write found no room: give an eighth of the reserve up
 *
 * Not all at once: whoever fills the disk takes what is given up. NULL is allowed. Thread: any.
 */
void disk_note_full(struct disk *disk);
/** disk_note_failing() - one more handle must be opened anew, because of @why. disk_note_healed() - and is. Thread: any. */
void disk_note_failing(struct disk *disk, const char *why);
void disk_note_healed(struct disk *disk);

/** store_share_disk() - from now on @store tells @disk (borrowed; NULL = nobody) what its writes meet, and heals itself. */
void store_share_disk(struct store *store, struct disk *disk);
/** store_disk_state() - of the disk that was shared; DISK_OK without one. Thread: owner of @store. */
enum disk_state store_disk_state(const struct store *store);
/** store_disk_why() - the same, with the sentence of the last failure ("" when there was none). Thread: owner of @store. */
enum disk_state store_disk_why(const struct store *store, char why[DISK_WHY_MAX]);
/**
 * store_heal() - open a handle anew whose disk failed; store_begin() does it too
 *
 * What a failed sync left unwritten, a second sync of the same descriptor reports as written: the kernel has marked it clean. So the files are
 * opened anew, the end of the ledger is checked, and a record of it is committed as proof that the disk takes writes again; only then
 * does the handle begin transactions. Tried once a second. Reading goes on meanwhile, with the old handle.
 *
 * Return: 0 the handle is good; < 0 not yet. Thread: owner of @store, outside a transaction.
 */
int store_heal(struct store *store, struct fault *fault) MUST_CHECK;

#endif
