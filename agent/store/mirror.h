/*
 * mirror: every committed transaction of a store, on a second medium. A step ships what was committed since the last one; the base that a
 * recovery begins with is copied beside it, a piece each step. Nothing here is ever waited for by a till: the mirror only reads, and what
 * keeps the WAL from being reset is a read transaction of its own (SQLite resets no WAL that a reader still needs).
 */
#ifndef HOADON_STORE_MIRROR_H
#define HOADON_STORE_MIRROR_H

#include "store/store.h"

#define MIRROR_REASON_MAX 300

struct mirror_settings { /* borrowed for the mirror's life */
	const char *store_dir;
	const char *dir;     /* an existing folder on the second medium */
	bool may_share_disk; /* false: a folder on the store's own disk is refused; an unplugged stick leaves one behind */
	int64_t wal_turn;    /* bytes of the WAL at which the mirror lets it be reset under load */
	int64_t log_max; /* bytes of segments, or the size of the base when that is larger, at which a new base is made */
	const struct clock *clock;
	const char *seller;
};

struct mirror_state {
	bool is_there;			/* the last step could use the medium */
	bool is_whole;			/* a recovery from it would succeed */
	int64_t safe_at;		/* monotonic ms: all that was committed then is on the medium; 0 = never yet */
	int64_t gone_at;		/* wall ms UTC since when the medium cannot be used; 0 = it can */
	int64_t base_done, base_size;	/* bytes of the base being copied; 0, 0 = none is */
	char reason[MIRROR_REASON_MAX]; /* why it is gone */
};

struct mirror;

/** mirror_new() - open the store for it and hold the WAL; the medium is not touched. Before anything can reset the WAL. 0 or < 0. */
int mirror_new(const struct mirror_settings *settings, struct mirror **ret, struct fault *fault) MUST_CHECK;
/** mirror_free() - NULL is allowed. The WAL stays beside the database, so that the next start goes on where this one ended. */
void mirror_free(struct mirror *mirror);
DEFINE_CLEANUP(struct mirror *, mirror_free)

/**
 * mirror_step() - ship once, at most a few megabytes
 *
 * Return: 0 when all that was committed when it began is on the medium; 1 when more waits; < 0 when the medium (or the store) failed: nothing
 * is lost, a later step begins with looking at what is there. Thread: the mirror's own; may block for as long as the medium does.
 */
int mirror_step(struct mirror *mirror, struct fault *fault) MUST_CHECK;

/**
 * mirror_guard() - let go of a WAL that has grown behind @most bytes, also while mirror_step() hangs in the medium
 *
 * A medium that is away needs a new base then. Never blocks. Thread: any.
 */
void mirror_guard(struct mirror *mirror, int64_t most);

/** mirror_state_get() - how it stands. Never waits for the medium. Thread: any. */
void mirror_state_get(struct mirror *mirror, struct mirror_state *ret);

#endif
