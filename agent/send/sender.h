/* sender: what the files of the step share; private to agent/send. */
#ifndef HOADON_SEND_SENDER_H
#define HOADON_SEND_SENDER_H

#include "send/retry.h"
#include "send/send.h"

/* A key that was plugged in again, or a line that is back, is seen within a minute. */
#define SENDER_PAUSE_MAX_MS 60000

/* Nothing here has to survive a restart: after it, every route and key is simply tried again. */
struct sender {
	const struct sender_settings *settings;
	struct store *store;
	int64_t pack_again_at, sign_pause_ms; /* the key was not at hand, or all that waits is damaged */
	int64_t call_again_at, silent_calls;  /* calls in a row to which nobody answered */
};

/** sender_now() - the believed time: a clock that jumps moves no deadline and no pause. */
int64_t sender_now(const struct sender *sender);
/** sender_end() - commit when @result is 0, else roll back. A conflict (> 0) is a bug: only the sender moves messages. 0 or < 0. */
int sender_end(struct sender *sender, int result, struct fault *fault) MUST_CHECK;
/** sender_left_ms() - time left until the legal deadline of the oldest open invoice, <= 0 when there is none. 0 or < 0. */
int sender_left_ms(struct sender *sender, int64_t now, int64_t *ret, struct fault *fault) MUST_CHECK;
/** sender_pause() - retry_pause() with fresh randomness. */
int64_t sender_pause(const struct retry *retry);
/** sender_route() - the route @name, else the first; NULL when none is configured. */
const struct send_route *sender_route(const struct sender *sender, const char *name);

#endif
