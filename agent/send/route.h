/* route: whether a route may carry a message, and how it stands: healthy, or failing since when and why. Pure but for chance passed in. */
#ifndef HOADON_SEND_ROUTE_H
#define HOADON_SEND_ROUTE_H

#include "send/retry.h"
#include "send/send.h"
#include "store/messages.h"

#define ROUTE_FAILURES_MAX 3	 /* in a row, of a kind that may be about one message; then it is the route */
#define ROUTE_PAUSE_MAX_MS 60000 /* a line that is back is seen within a minute */

enum route_cause {
	ROUTE_HEALTHY,
	ROUTE_UNREACHABLE, /* no byte of the message left: no network, name, connection or TLS */
	ROUTE_SILENT,	   /* it took bytes, and no whole answer came */
	ROUTE_BUSY,	   /* 408, 425, 429, 503 */
	ROUTE_BROKEN,	   /* another 5xx, or an answer that is none */
	ROUTE_REFUSES,	   /* 4xx that are not about one message: password, address, contract */
};

struct route_health {
	enum route_cause cause;	      /* of the last failure; ROUTE_HEALTHY = the last call went well */
	int64_t failing_since;	      /* ms UTC of the first failure in a row; 0 = healthy */
	int64_t failures;	      /* in a row */
	int64_t closed_at, closed_ms; /* it is not called from then on for so long; 0 = it may be called */
	int64_t well_at;	      /* ms UTC of the first call in a row that went well; 0 = none yet */
	enum reach reach;	      /* of the last failure */
	int status;		      /* HTTP status of the last failure; 0 = none came */
	char text[200];		      /* for people: what happened last */
};

/** route_cause_word() - "healthy", "unreachable", "silent", "busy", "broken", "refuses". */
const char *route_cause_word(enum route_cause cause);

/** route_is_about_message() - whether refusal @status (400, 413, 415) is about the message sent, not about the route. */
bool route_is_about_message(int status);

/**
 * route_keeps_bytes() - whether @route would hand on message @row as it was signed
 *
 * Failing over never changes a number, a code or a byte: a route that numbers, codes or signs by itself, or that would have to cut
 * the message, is none for it. Source: house 8.9; format 14.1.
 */
bool route_keeps_bytes(const struct send_route *route, const struct message_row *row);

/** route_submit_cause() / route_query_cause() - what the result of a call says about its route; @result: enum submit_result or query_result. */
enum route_cause route_submit_cause(int result, const struct authority_answer *answer);
enum route_cause route_query_cause(int result, const struct authority_answer *answer);

/**
 * route_note() - a call ended at @now with @cause
 * @retry:  first_ms, last_ms and left_ms of a pause; the rest is filled in here
 * @answer: of the call
 * @random: for the jitter
 *
 * The route is closed for a pause at once when the failure cannot be about the message, or when it asked for time (Retry-After);
 * else after ROUTE_FAILURES_MAX in a row. When the pause is over one call goes through: it opens the route, or closes it again.
 */
void route_note(struct route_health *health, enum route_cause cause, const struct authority_answer *answer,
	struct retry retry, int64_t now, uint64_t random);

/** route_is_closed() - whether the route is not called at @now. A clock that was set back opens it. */
bool route_is_closed(const struct route_health *health, int64_t now);

/**
 * route_is_trusted() - whether a first submission may be risked on the route while another one is healthy
 *
 * A route that is silent, busy or broken keeps what it is given in an unknown state; it has a message to be asked about, and that
 * question is its probe. One that is unreachable or refuses keeps nothing, so any message may try it.
 */
bool route_is_trusted(const struct route_health *health);

#endif
