/* sender: what the files of the step share; private to agent/send. */
#ifndef HOADON_SEND_SENDER_H
#define HOADON_SEND_SENDER_H

#include "core/outage.h"
#include "send/retry.h"
#include "send/route.h"
#include "send/send.h"
#include "store/disk.h"

/* A key that was plugged in again, or a line that is back, is seen within a minute. */
#define SENDER_PAUSE_MAX_MS 60000

#define OUTAGE_MIN_MS ((int64_t)60000)
#define OUTAGE_UNSEEN (-1) /* nothing is known of the part since the start */

struct outage_part {		 /* a route, the authority, the key or the disk */
	enum outage_cause cause; /* as it is now; OUTAGE_NONE = it is well, or nothing is known */
	int64_t since;
	int written;		  /* what the store holds of it: an enum outage_cause, or OUTAGE_UNSEEN */
	int64_t failures, status; /* of the last failure: the evidence of the end */
	char text[DISK_WHY_MAX];
};
struct outage_watch {
	struct outage_part routes[SEND_ROUTES_MAX], authority, key, disk;
	int64_t again_at;
	char disk_text[DISK_WHY_MAX]; /* why the last step failed on the disk; "" = it did not */
};

/* Nothing here has to survive a restart: after it, every route and key is simply tried again. */
struct sender {
	const struct sender_settings *settings;
	struct store *store;
	int64_t pack_again_at, sign_pause_ms; /* the key was not at hand, or all that waits is damaged */
	struct route_health health[SEND_ROUTES_MAX];
	struct outage_watch outages;
	int64_t export_id; /* somebody waits for a stick: what waits is packed at once and leaves with it; 0 = nobody */
	int64_t alarm_again_at; /* the evening's alarm is looked at again */
	int32_t alarm_day;	/* YYYYMMDD of alarm, which is the last that was raised */
	int alarm;
};

/** sender_now() - the believed time: a clock that jumps moves no deadline and no pause. */
int64_t sender_now(const struct sender *sender);
/** sender_end() - commit when @result is 0, else roll back. A conflict (> 0) is a bug: only the sender moves messages. 0 or < 0. */
int sender_end(struct sender *sender, int result, struct fault *fault) MUST_CHECK;
/** sender_pause() - retry_pause() with fresh randomness. */
int64_t sender_pause(const struct retry *retry);
/** sender_route() - place of the route @name ("" = not known: the first), -1 when it is not configured. */
int sender_route(const struct sender *sender, const char *name);
/**
 * sender_choose() - place of the route that message @row is submitted to at @now; @row NULL = of any message
 *
 * The first that keeps every byte, is not closed, and can be trusted; when none can, the first of the others.
 *
 * Return: -1 none now; sender_reopens_at() says when there may be one.
 */
int sender_choose(const struct sender *sender, const struct message_row *row, int64_t now);
/** sender_reopens_at() - when the first closed route that would keep @row (NULL = any message) is called again; INT64_MAX = none is closed. */
int64_t sender_reopens_at(const struct sender *sender, const struct message_row *row, int64_t now);

#endif
