/* retry: how long to wait before the next attempt. Pure: time and chance are passed in. */
#ifndef HOADON_SEND_RETRY_H
#define HOADON_SEND_RETRY_H

#include <stdint.h>

#define RETRY_SHORTEST_MS  ((int64_t)200)
#define RETRY_AFTER_MAX_MS ((int64_t)3600000) /* a route that asks for more is asked again after an hour all the same */

struct retry {
	int64_t first_ms, last_ms; /* shortest and longest back-off */
	int64_t attempts;	   /* so far, from 1: the back-off doubles with each */
	int64_t elapsed_ms; /* since the last attempt began: questions wait as long again as they have waited; 0 = ignored */
	int64_t left_ms;	/* until the legal deadline; <= 0 = none, or it is over */
	int64_t retry_after_ms; /* what the route asked for; -1 = nothing */
};

/** retry_backoff() - the longest pause of @retry without chance: doubled, capped by last_ms and by a quarter of the time left (signing section 6), at least RETRY_SHORTEST_MS. */
int64_t retry_backoff(const struct retry *retry);
/** retry_pause() - full jitter: between RETRY_SHORTEST_MS and retry_backoff() by @random, and never shorter than Retry-After. */
int64_t retry_pause(const struct retry *retry, uint64_t random);

#endif
