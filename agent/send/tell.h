/* tell: whoever looks after the shop hears of every open task once, by each channel that is configured, also after a restart. */
#ifndef HOADON_SEND_TELL_H
#define HOADON_SEND_TELL_H

#include "base/clock.h"
#include "core/config.h"
#include "store/store.h"

#define TELL_CHANNELS_MAX 2

struct notice {
	const char *subject; /* one line, Vietnamese */
	const char *text;    /* what happened and what to do, Vietnamese, then English; lines end with LF */
	const char *json;    /* the same for a program, with schema_version; no personal data in any of the three */
};

struct tell_channel {
	const char *name; /* "webhook", "mail"; the store remembers under it what was told */
	/** tell - hand over @notice. 0 told; 1 not now, sentence in @fault; < 0 failure about us. */
	int (*tell)(void *context, const struct notice *notice, struct fault *fault);
	void *context;
};

struct tell_settings { /* borrowed */
	const struct config *config;
	const struct clock *clock;
	struct tell_channel channels[TELL_CHANNELS_MAX];
	size_t channel_count;
};

struct teller;

/** teller_new() - with its own @store handle (owned by the caller); NULL without memory. */
struct teller *teller_new(const struct tell_settings *settings, struct store *store) MUST_CHECK;
/** teller_free() - NULL is allowed. */
void teller_free(struct teller *teller);
DEFINE_CLEANUP(struct teller *, teller_free)

/**
 * teller_step() - open a task for sales that are parked for too long (and close it when none is), then tell what was not told
 *
 * A notice carries up to 20 tasks, and a channel gets one a minute at most. A channel that fails is tried again with growing pauses up
 * to 15 minutes and holds back no other. A task that was settled before it could be told is passed over. What a channel was told is
 * written down after it took it: a crash in between tells once more.
 *
 * Return: 0; < 0 the store failed. Thread: its own; channels may block it.
 */
int teller_step(struct teller *teller, struct fault *fault) MUST_CHECK;

#endif
