/*
 * keeper: a reader of the WAL that misses nothing. It holds a read transaction at all times, and SQLite resets no WAL that a reader still
 * needs; when all was read, the next transaction begins before the old one ends. For agent/store only.
 */
#ifndef HOADON_STORE_KEEPER_H
#define HOADON_STORE_KEEPER_H

#include "store/hold.h"
#include "store/walfile.h"

struct keeper;

struct keeper_news {
	struct wal_head head;
	bool is_turned; /* the next writer may reset the WAL: what was read can be read only once */
};

/** keeper_new() - open the store twice and hold the WAL from now on. 0 or < 0. */
int keeper_new(const char *store_dir, const struct clock *clock, const char *seller, struct keeper **ret,
	struct fault *fault) MUST_CHECK;
/** keeper_free() - NULL is allowed. The WAL stays beside the database: the next start can tell that nothing came in between. */
void keeper_free(struct keeper *keeper);
DEFINE_CLEANUP(struct keeper *, keeper_free)

/** keeper_store_id() - 32 hex; borrowed. */
const char *keeper_store_id(const struct keeper *keeper);
/** keeper_hold_get() - store_hold_get(). */
int keeper_hold_get(struct keeper *keeper, struct hold *ret, struct fault *fault) MUST_CHECK;
/** keeper_head() - what is committed now; holds the WAL again if keeper_guard() let it go, and sets @ret_was_let_go. 0 or < 0. */
int keeper_head(struct keeper *keeper, struct wal_head *ret, bool *ret_was_let_go, struct fault *fault) MUST_CHECK;
/**
 * keeper_read() - wal_read() of what is committed now
 * @turn: when the WAL is larger than that many bytes and all of it was read, let the next writer reset it
 *
 * Return: as wal_read().
 */
int keeper_read(struct keeper *keeper, struct wal_place *place, size_t most, int64_t turn, struct bytes *ret,
	struct keeper_news *ret_news, struct fault *fault) MUST_CHECK;
/** keeper_is_at() - wal_is_at(). */
bool keeper_is_at(struct keeper *keeper, const struct wal_head *head, const struct wal_place *place);
/** keeper_advance() - all that keeper_head() or keeper_read() last showed was kept elsewhere: hold only what came behind it. 0 or < 0. */
int keeper_advance(struct keeper *keeper, struct fault *fault) MUST_CHECK;

/** keeper_file_size() / keeper_file_read() - bytes of the database file as they are now, without what only the WAL holds. 0 or < 0. */
int keeper_file_size(struct keeper *keeper, int64_t *ret, struct fault *fault) MUST_CHECK;
int keeper_file_read(
	struct keeper *keeper, int64_t offset, size_t len, struct bytes *ret, struct fault *fault) MUST_CHECK;

/** keeper_guard() - let go of a WAL of more than @max bytes; true when it did. Never blocks. Thread: any, all others belong to one. */
bool keeper_guard(struct keeper *keeper, int64_t max);

#endif
