#include "send/outage.h"

#include <stdio.h>

#include "base/log.h"
#include "core/law.h"
#include "store/disk.h"
#include "store/messages.h"
#include "store/outages.h"

#define VERDICT_LATE_MS 900000 /* a message that is taken and not answered for so long waits for the authority */
#define LOOK_EVERY_MS	60000  /* at the oldest message */
#define PART_MAX	128

/* What one part shows now. */
struct sight {
	enum outage_cause cause; /* OUTAGE_NONE = it is well, or nothing is known */
	bool is_well;
	int64_t at; /* since when it is out, or well */
	int64_t failures, status;
	const char *text;
};

enum outage_cause outage_of_route(const struct route_health *health)
{
	static const enum outage_cause causes[] = {
		[REACH_SERVER] = OUTAGE_TVAN,
		[REACH_NO_CONNECTION] = OUTAGE_TVAN,
		[REACH_NO_TLS] = OUTAGE_TLS,
		[REACH_NO_NAME] = OUTAGE_DNS,
		[REACH_NO_NETWORK] = OUTAGE_NETWORK,
	};

	return health->cause == ROUTE_HEALTHY ? OUTAGE_NONE : causes[health->status ? REACH_SERVER : health->reach];
}

static int begin(struct sender *sender, const char *part, const struct sight *sight, struct fault *fault)
{
	const struct outage_row row = {.part = part,
		.cause = sight->cause,
		.begun_at = sight->at,
		.failures = sight->failures,
		.status = sight->status,
		.first_text = sight->text};
	int result = store_begin(sender->store, fault);

	if (result)
		return result;
	log_event(LOG_LEVEL_WARNING, "outage", "part=\"%s\" cause=%s", part, outage_kind(sight->cause)->word);
	return sender_end(sender, store_outage_begin(sender->store, &row, fault), fault);
}

/* Counted from the day on which it is well again; what is our own fault starts no term. */
static int64_t term_of(const struct sender *sender, const struct outage_row *row)
{
	const struct outage_kind *kind = outage_kind(row->cause);
	const struct law_book *law = sender->settings->config->seller.law;

	if (!kind->has_term || !law)
		return 0;
	return deadline_of(law_calendar(law, law->calendar, clock_day(row->ended_at)), kind->term, row->ended_at);
}

static int end(struct sender *sender, struct outage_row *row, int64_t now, struct fault *fault)
{
	int result = store_begin(sender->store, fault);

	if (result)
		return result;
	row->ended_at = now > row->begun_at ? now : row->begun_at;
	row->deadline = term_of(sender, row);
	log_event(LOG_LEVEL_INFO, "outage-over", "part=\"%s\" cause=%s", row->part, outage_kind(row->cause)->word);
	return sender_end(sender, store_outage_end(sender->store, row, fault), fault);
}

/* Another cause is another outage: the evidence of each stands for itself. */
static int change(struct sender *sender, const char *part, const struct sight *sight, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(64 << 10);
	struct outage_row row;
	int result = arena ? store_outage_open(sender->store, part, arena, &row, fault)
			   : FAULT(fault, FAULT_MEMORY, "no memory for an outage");

	if (result < 0 || (result == 0 && row.cause == sight->cause))
		return result;
	if (result == 0)
		result = end(sender, &row, sight->at, fault);
	else
		result = 0;
	return result || sight->is_well ? result : begin(sender, part, sight, fault);
}

/* The store is asked only when what is seen differs from what was seen last. */
static int follow(
	struct sender *sender, int *seen, const char *part, const struct sight *sight, int64_t now, struct fault *fault)
{
	int result;

	if (sight->cause == OUTAGE_NONE ? !sight->is_well : now - sight->at < OUTAGE_MIN_MS)
		return 0;
	if (*seen == (int)sight->cause)
		return 0;
	result = change(sender, part, sight, fault);
	if (!result)
		*seen = (int)sight->cause;
	return result;
}

static int look_at_route(struct sender *sender, size_t i, int64_t now, struct fault *fault)
{
	const struct route_health *health = &sender->health[i];
	const struct sight sight = {
		.cause = outage_of_route(health),
		.is_well = health->cause == ROUTE_HEALTHY && health->well_at,
		.at = health->cause == ROUTE_HEALTHY ? health->well_at : health->failing_since,
		.failures = health->failures,
		.status = health->status,
		.text = health->text,
	};
	char part[PART_MAX];

	snprintf(part, sizeof(part), "route %s", sender->settings->routes[i].name);
	return follow(sender, &sender->outages.routes[i], part, &sight, now, fault);
}

static bool is_a_route_well(const struct sender *sender)
{
	for (size_t i = 0; i < sender->settings->route_count; i++)
		if (sender->health[i].cause == ROUTE_HEALTHY && sender->health[i].well_at)
			return true;
	return false;
}

/* Only while a route answers: else it is the route that keeps the verdict back. */
static int look_at_authority(struct sender *sender, int64_t now, struct fault *fault)
{
	struct sight sight = {.text = "sent messages have no verdict; the provider says they are pending"};
	int64_t oldest = INT64_MAX;
	int result;

	if ((now < sender->outages.again_at && sender->outages.again_at - now <= LOOK_EVERY_MS) ||
		!is_a_route_well(sender))
		return 0;
	result = store_message_unanswered(sender->store, &oldest, fault);
	if (result)
		return result;
	if (oldest != INT64_MAX && now - oldest >= VERDICT_LATE_MS)
		sight.cause = OUTAGE_AUTHORITY;
	sight.is_well = !sight.cause;
	sight.at = sight.cause ? oldest : now;
	result = follow(sender, &sender->outages.authority, "authority", &sight, now, fault);
	if (!result)
		sender->outages.again_at = now + LOOK_EVERY_MS;
	return result;
}

static int look_at_own(struct sender *sender, struct outage_own *own, const char *part, enum outage_cause cause,
	const char *text, int64_t now, struct fault *fault)
{
	if (!own->since || own->cause != cause)
		own->since = now;
	own->cause = cause;
	const struct sight sight = {.cause = cause, .is_well = !cause, .at = own->since, .text = text};
	return follow(sender, &own->seen, part, &sight, now, fault);
}

void outage_init(struct outage_watch *watch)
{
	*watch = (struct outage_watch){
		.authority = OUTAGE_UNSEEN, .key.seen = OUTAGE_UNSEEN, .disk.seen = OUTAGE_UNSEEN};
	for (size_t i = 0; i < ARRAY_LEN(watch->routes); i++)
		watch->routes[i] = OUTAGE_UNSEEN;
}

int outage_look(struct sender *sender, int64_t now, struct fault *fault)
{
	bool is_keyless = !sender->settings->signer || sender->sign_pause_ms;
	bool is_full = store_disk_state(sender->store) == DISK_FULL;
	int result = 0;

	for (size_t i = 0; !result && i < sender->settings->route_count; i++)
		result = look_at_route(sender, i, now, fault);
	if (!result)
		result = look_at_authority(sender, now, fault);
	if (!result)
		result = look_at_own(sender, &sender->outages.key, "key", is_keyless ? OUTAGE_KEY : OUTAGE_NONE,
			"the key does not sign", now, fault);
	if (!result)
		result = look_at_own(sender, &sender->outages.disk, "disk", is_full ? OUTAGE_DISK : OUTAGE_NONE,
			"the disk is full", now, fault);
	return result;
}
