/* fleet: many shops without a head office. Each writes one signed file about itself into a folder, or sends it by HTTPS; schemas/fleet/README.md. */
#ifndef HOADON_SEND_FLEET_H
#define HOADON_SEND_FLEET_H

#include <stdatomic.h>

#include "base/ecsign.h"
#include "core/config.h"
#include "send/http.h"
#include "store/store.h"

#define FLEET_MAX	((size_t)32 << 10)	    /* bytes of a file */
#define FLEET_SILENT_MS (INT64_C(26) * 3600 * 1000) /* a shop whose file is older is silent: it writes one a day */

/* X(NAME, "word", "English", "Vietnamese"): how a shop stands; the later is the worse. Only the reader knows who is silent. */
#define FLEET_STATES(X)                                                                                                \
	X(GOOD, "good", "good", "TỐT")                                                                                 \
	X(LOOK, "look", "LOOK", "CẦN XEM")                                                                             \
	X(STOPPED, "stopped", "STOPPED", "DỪNG")                                                                       \
	X(SILENT, "silent", "SILENT", "IM LẶNG")
enum fleet_state {
#define X(name, word, en, vi) FLEET_##name,
	FLEET_STATES(X)
#undef X
		FLEET_STATE_COUNT
};

struct fleet_reason {
	const char *word; /* as the file has it */
	const char *en, *vi;
};

/** fleet_state_word() / fleet_state_text() - of @state, for programs and for people; static. */
const char *fleet_state_word(enum fleet_state state);
const char *fleet_state_text(enum fleet_state state, bool is_vi);
/** fleet_state_find() - the state of @word; FLEET_STATE_COUNT when it is none that a shop says of itself. */
enum fleet_state fleet_state_find(const char *word);
/** fleet_reason_find() - why a shop needs a look; NULL when @word is none. Static. */
const struct fleet_reason *fleet_reason_find(const char *word);

/**
 * fleet_check() - whether the bytes of a file are signed by the key that stands in it
 * @spki: that key; whether it is the shop's is the caller's to know
 * Return: 0; 1 it is not. Thread: any.
 */
int fleet_check(const void *bytes, size_t len, uint8_t spki[ECSIGN_SPKI_LEN]) MUST_CHECK;

struct fleet;

/**
 * fleet_new() - what a shop tells of itself, to [fleet] folder and [fleet] url
 * @config, @store: borrowed; the handle of the thread that calls fleet_step()
 * @ports: enum ports_standing; borrowed
 * Return: 0 with @ret, NULL when neither is set; < 0. Thread: the first http of a process before other threads use curl.
 */
int fleet_new(const struct config *config, struct store *store, const atomic_int *ports, struct fleet **ret,
	struct fault *fault) MUST_CHECK;
/** fleet_free() - NULL is allowed. */
void fleet_free(struct fleet *fleet);
DEFINE_CLEANUP(struct fleet *, fleet_free)
/**
 * fleet_step() - tell what is to be told now; NULL is allowed
 *
 * At the start, once a day after 22:00 local time (each store at another minute of that hour), and when the state turned from good to not good or back, ten
 * minutes after the last time at the earliest. What failed is tried again with growing pauses up to an hour, with the counts of then.
 *
 * Return: 0; < 0 the store failed. Thread: its own; the server may block it for [send] total_timeout_ms.
 */
int fleet_step(struct fleet *fleet, struct fault *fault) MUST_CHECK;
/** fleet_interrupt() - end the call under way; NULL is allowed. Thread: any. */
void fleet_interrupt(struct fleet *fleet);

#endif
