#include "send/outage.h"

#include <stdio.h>

#include "base/log.h"
#include "store/disk.h"
#include "store/messages.h"
#include "store/outages.h"

#define LOOK_EVERY_MS 60000 /* at the oldest message */
#define PART_MAX      128

static enum outage_cause cause_of_route(const struct route_health *health)
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

static int begin(struct sender *sender, const char *name, const struct outage_part *part, struct fault *fault)
{
	const struct outage_row row = {.part = name,
		.cause = part->cause,
		.begun_at = part->since,
		.failures = part->failures,
		.status = part->status,
		.first_text = part->text};
	int result = store_begin(sender->store, fault);

	if (result)
		return result;
	log_event(LOG_LEVEL_WARNING, "outage", "part=\"%s\" cause=%s", name, outage_kind(part->cause)->word);
	return sender_end(sender, store_outage_begin(sender->store, &row, fault), fault);
}

static int end(struct sender *sender, struct outage_row *row, int64_t now, struct fault *fault)
{
	int result = store_begin(sender->store, fault);

	if (result)
		return result;
	row->ended_at = now > row->begun_at ? now : row->begun_at;
	row->deadline = outage_deadline(row->cause, false, sender->settings->config->seller.law, row->ended_at);
	log_event(LOG_LEVEL_INFO, "outage-over", "part=\"%s\" cause=%s", row->part, outage_kind(row->cause)->word);
	return sender_end(sender, store_outage_end(sender->store, row, fault), fault);
}

/* Another cause is another outage: the evidence of each stands for itself. */
static int change(struct sender *sender, const char *name, const struct outage_part *part, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(64 << 10);
	struct outage_row row;
	int result = arena ? store_outage_open(sender->store, name, arena, &row, fault)
			   : FAULT(fault, FAULT_MEMORY, "no memory for an outage");

	if (result < 0 || (result == 0 && row.cause == part->cause))
		return result;
	if (result == 0) {
		if (part->cause == OUTAGE_NONE && part->text[0]) {
			row.failures = part->failures;
			row.status = part->status;
			row.last_text = part->text;
		}
		result = end(sender, &row, part->since, fault);
	} else {
		result = 0;
	}
	return result || part->cause == OUTAGE_NONE ? result : begin(sender, name, part, fault);
}

/* @cause shows since @since at the latest. The store is asked only when what shows differs from what it holds. */
static int follow(struct sender *sender, struct outage_part *part, const char *name, enum outage_cause cause,
	int64_t since, int64_t now, struct fault *fault)
{
	int result;

	if (part->cause != cause || !part->since)
		part->since = part->cause == OUTAGE_NONE || cause == OUTAGE_NONE ? since : now;
	part->cause = cause;
	if (part->written == (int)cause || (cause != OUTAGE_NONE && now - part->since < OUTAGE_MIN_MS))
		return 0;
	result = change(sender, name, part, fault);
	if (!result)
		part->written = (int)cause;
	return result;
}

static void keep_evidence(struct outage_part *part, int64_t failures, int64_t status, const char *text)
{
	part->failures = failures;
	part->status = status;
	snprintf(part->text, sizeof(part->text), "%s", text);
}

static int look_at_route(struct sender *sender, size_t i, int64_t now, struct fault *fault)
{
	const struct route_health *health = &sender->health[i];
	struct outage_part *part = &sender->outages.routes[i];
	enum outage_cause cause = cause_of_route(health);
	char name[PART_MAX];

	if (cause == OUTAGE_NONE && !health->well_at)
		return 0;
	if (cause != OUTAGE_NONE)
		keep_evidence(part, health->failures, health->status, health->text);
	snprintf(name, sizeof(name), "route %s", sender->settings->routes[i].name);
	return follow(
		sender, part, name, cause, cause == OUTAGE_NONE ? health->well_at : health->failing_since, now, fault);
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
	struct outage_watch *watch = &sender->outages;
	int64_t oldest = INT64_MAX;
	bool is_late;
	int result;

	if ((now < watch->again_at && watch->again_at - now <= LOOK_EVERY_MS) || !is_a_route_well(sender))
		return 0;
	result = store_message_unanswered(sender->store, &oldest, fault);
	if (result)
		return result;
	is_late = oldest != INT64_MAX && now - oldest >= OUTAGE_VERDICT_LATE_MS;
	if (is_late)
		keep_evidence(&watch->authority, 0, 0, "a message was taken, and there is no verdict");
	result = follow(sender, &watch->authority, "authority", is_late ? OUTAGE_AUTHORITY : OUTAGE_NONE,
		is_late ? oldest : now, now, fault);
	if (!result)
		watch->again_at = now + LOOK_EVERY_MS;
	return result;
}

static int look_at_own(struct sender *sender, struct outage_part *part, const char *name, enum outage_cause cause,
	const char *text, int64_t now, struct fault *fault)
{
	if (cause != OUTAGE_NONE)
		keep_evidence(part, 0, 0, text);
	return follow(sender, part, name, cause, now, now, fault);
}

void outage_init(struct outage_watch *watch)
{
	*watch = (struct outage_watch){
		.authority.written = OUTAGE_UNSEEN, .key.written = OUTAGE_UNSEEN, .disk.written = OUTAGE_UNSEEN};
	for (size_t i = 0; i < ARRAY_LEN(watch->routes); i++)
		watch->routes[i].written = OUTAGE_UNSEEN;
}

int outage_look(struct sender *sender, int64_t now, struct fault *fault)
{
	struct outage_watch *watch = &sender->outages;
	bool is_keyless = !sender->settings->signer || sender->sign_pause_ms;
	bool is_full = store_disk_state(sender->store) == DISK_FULL;
	int result = 0;

	for (size_t i = 0; !result && i < sender->settings->route_count; i++)
		result = look_at_route(sender, i, now, fault);
	if (!result)
		result = look_at_authority(sender, now, fault);
	if (!result)
		result = look_at_own(sender, &watch->key, "key", is_keyless ? OUTAGE_KEY : OUTAGE_NONE,
			sender->settings->unsigned_text, now, fault);
	if (!result)
		result = look_at_own(sender, &watch->disk, "disk", is_full ? OUTAGE_DISK : OUTAGE_NONE,
			"the disk is full", now, fault);
	return result;
}
