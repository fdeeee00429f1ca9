#include "send/retry.h"

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t doubled(const struct retry *retry)
{
	int64_t pause = retry->first_ms;

	for (int64_t i = 1; i < retry->attempts && pause < retry->last_ms; i++)
		pause *= 2;
	return pause;
}

int64_t retry_backoff(const struct retry *retry)
{
	int64_t pause = min64(retry->last_ms, max64(doubled(retry), retry->elapsed_ms));

	if (retry->left_ms > 0)
		pause = min64(pause, retry->left_ms / 4);
	return max64(pause, RETRY_SHORTEST_MS);
}

int64_t retry_pause(const struct retry *retry, uint64_t random)
{
	int64_t span = retry_backoff(retry) - RETRY_SHORTEST_MS;
	int64_t pause = RETRY_SHORTEST_MS + (int64_t)(random % ((uint64_t)span + 1));

	return max64(pause, min64(retry->retry_after_ms, RETRY_AFTER_MAX_MS));
}
