#include "send/route.h"

#include <stdio.h>

static const char *const words[] = {
	[ROUTE_HEALTHY] = "healthy",
	[ROUTE_UNREACHABLE] = "unreachable",
	[ROUTE_SILENT] = "silent",
	[ROUTE_BUSY] = "busy",
	[ROUTE_BROKEN] = "broken",
	[ROUTE_REFUSES] = "refuses",
};

const char *route_cause_word(enum route_cause cause)
{
	return words[cause];
}

bool route_is_about_message(int status)
{
	return status == 400 || status == 413 || status == 415;
}

bool route_keeps_bytes(const struct send_route *route, const struct message_row *row)
{
	const struct authority_capabilities *can = &route->ops->capabilities;

	return can->takes_envelope && !can->signs && (!can->max_bytes || (size_t)row->bytes <= can->max_bytes) &&
	       (!can->max_invoices || (size_t)row->count <= can->max_invoices);
}

static enum route_cause cause_of_status(int status)
{
	if (status == 0)
		return ROUTE_SILENT;
	if (status == 408 || status == 425 || status == 429 || status == 503)
		return ROUTE_BUSY;
	return status == 401 || status == 403 ? ROUTE_REFUSES : ROUTE_BROKEN;
}

enum route_cause route_submit_cause(int result, const struct authority_answer *answer)
{
	switch (result) {
	case SUBMIT_TAKEN:
		return ROUTE_HEALTHY;
	case SUBMIT_UNSENT:
		return ROUTE_UNREACHABLE;
	case SUBMIT_REFUSED:
		return route_is_about_message(answer->http_status) ? ROUTE_HEALTHY : ROUTE_REFUSES;
	default:
		return cause_of_status(answer->http_status);
	}
}

enum route_cause route_query_cause(int result, const struct authority_answer *answer)
{
	return result == QUERY_UNKNOWN ? cause_of_status(answer->http_status) : ROUTE_HEALTHY;
}

static bool is_about_route(enum route_cause cause)
{
	return cause == ROUTE_UNREACHABLE || cause == ROUTE_REFUSES;
}

/* A wrong password is not tried each minute: accounts are locked for that. */
static void close_for_a_while(struct route_health *health, struct retry retry, int64_t now, uint64_t random)
{
	if (health->cause != ROUTE_REFUSES && retry.last_ms > ROUTE_PAUSE_MAX_MS)
		retry.last_ms = ROUTE_PAUSE_MAX_MS;
	health->closed_at = now;
	health->closed_ms = retry_pause(&retry, random);
}

void route_note(struct route_health *health, enum route_cause cause, const struct authority_answer *answer,
	struct retry retry, int64_t now, uint64_t random)
{
	if (cause == ROUTE_HEALTHY) {
		*health = (struct route_health){.well_at = health->well_at ? health->well_at : now};
		return;
	}
	if (!health->failures)
		health->failing_since = now;
	health->failures++;
	health->cause = cause;
	health->well_at = 0;
	health->status = answer->http_status;
	health->reach = answer->reach;
	snprintf(health->text, sizeof(health->text), "%s", answer->text);
	if (!is_about_route(cause) && answer->retry_after_ms <= 0 && health->failures < ROUTE_FAILURES_MAX)
		return;
	retry.attempts = is_about_route(cause) ? health->failures : health->failures - ROUTE_FAILURES_MAX + 1;
	retry.retry_after_ms = answer->retry_after_ms;
	close_for_a_while(health, retry, now, random);
}

bool route_is_closed(const struct route_health *health, int64_t now)
{
	return now >= health->closed_at && now - health->closed_at < health->closed_ms;
}

bool route_is_trusted(const struct route_health *health)
{
	return health->cause == ROUTE_HEALTHY || is_about_route(health->cause);
}
