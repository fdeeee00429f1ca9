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

struct sight { /* how a part looks now */
	enum outage_cause cause;
	int64_t since; /* at the latest */
	int64_t failures, status;
	const char *text; /* with a cause: the evidence */
};

/* What shows and is not in the store yet: an outage when it has lasted, its end at once. */
static int keep(struct sender *sender, struct outage_part *part, const char *name, int64_t now, struct fault *fault)
{
	bool is_due =
		part->written != (int)part->cause && (part->cause == OUTAGE_NONE || now - part->since >= OUTAGE_MIN_MS);
	int result = is_due ? change(sender, name, part, fault) : 0;

	if (is_due && !result)
		part->written = (int)part->cause;
	return result;
}

static void note(struct outage_part *part, const struct sight *sight, int64_t since)
{
	if (part->cause != sight->cause || !part->since)
		part->since = since;
	part->cause = sight->cause;
	if (sight->cause == OUTAGE_NONE)
		return;
	part->failures = sight->failures;
	part->status = sight->status;
	snprintf(part->text, sizeof(part->text), "%s", sight->text);
}

static int follow(struct sender *sender, struct outage_part *part, const char *name, const struct sight *sight,
	int64_t now, struct fault *fault)
{
	bool is_edge = part->cause == OUTAGE_NONE || sight->cause == OUTAGE_NONE;

	note(part, sight, is_edge ? sight->since : now);
	return keep(sender, part, name, now, fault);
}

static int look_at_route(struct sender *sender, size_t i, int64_t now, struct fault *fault)
{
	const struct route_health *health = &sender->health[i];
	struct outage_part *part = &sender->outages.routes[i];
	struct sight sight = {
		cause_of_route(health), health->failing_since, health->failures, health->status, health->text};
	const char *unready = sender->settings->routes[i].unready;
	char name[PART_MAX];

	if (unready)
		sight = (struct sight){.cause = OUTAGE_FILES, .since = now, .text = unready};
	else if (sight.cause == OUTAGE_NONE) /* what stops it by itself is over before the first call goes well */
		sight.since = part->cause == OUTAGE_FILES ? now : health->well_at;
	if (!sight.since)
		return 0;
	snprintf(name, sizeof(name), "route %s", sender->settings->routes[i].name);
	return follow(sender, part, name, &sight, now, fault);
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
	struct sight sight = {.since = now, .text = "a message was taken, and there is no verdict"};
	int64_t oldest = INT64_MAX;
	int result;

	if ((now < watch->again_at && watch->again_at - now <= LOOK_EVERY_MS) || !is_a_route_well(sender))
		return 0;
	result = store_message_unanswered(sender->store, &oldest, fault);
	if (result)
		return result;
	if (oldest != INT64_MAX && now - oldest >= OUTAGE_VERDICT_LATE_MS) {
		sight.cause = OUTAGE_AUTHORITY;
		sight.since = oldest;
	}
	result = follow(sender, &watch->authority, "authority", &sight, now, fault);
	if (!result)
		watch->again_at = now + LOOK_EVERY_MS;
	return result;
}

static int look_at_key(struct sender *sender, int64_t now, struct fault *fault)
{
	struct sight sight = {.since = now, .text = sender->settings->unsigned_text};

	if (!sender->settings->signer || sender->sign_pause_ms)
		sight.cause = OUTAGE_KEY;
	return follow(sender, &sender->outages.key, "key", &sight, now, fault);
}

static int look_at_disk(struct sender *sender, int64_t now, struct fault *fault)
{
	const char *failed = sender->outages.disk_text;
	char why[DISK_WHY_MAX];
	enum disk_state state = store_disk_why(sender->store, why);
	struct sight sight = {.since = now, .text = state == DISK_FULL ? "the disk is full" : *failed ? failed : why};

	if (state == DISK_FULL)
		sight.cause = OUTAGE_DISK;
	else if (state == DISK_FAILING || *failed)
		sight.cause = OUTAGE_DISK_FAILING;
	return follow(sender, &sender->outages.disk, "disk", &sight, now, fault);
}

void outage_disk_failed(struct sender *sender, const char *text)
{
	struct outage_watch *watch = &sender->outages;
	int64_t now = sender_now(sender);
	char why[DISK_WHY_MAX];
	bool is_failing = store_disk_why(sender->store, why) == DISK_FAILING;
	const struct sight sight = {.cause = OUTAGE_DISK_FAILING, .since = now, .text = is_failing ? why : text};

	snprintf(watch->disk_text, sizeof(watch->disk_text), "%s", sight.text);
	note(&watch->disk, &sight, now);
}

void outage_disk_works(struct sender *sender)
{
	sender->outages.disk_text[0] = 0;
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
	int result = 0;

	for (size_t i = 0; !result && i < sender->settings->route_count; i++)
		result = look_at_route(sender, i, now, fault);
	if (!result)
		result = look_at_authority(sender, now, fault);
	if (!result)
		result = look_at_key(sender, now, fault);
	if (!result)
		result = look_at_disk(sender, now, fault);
	return result;
}
