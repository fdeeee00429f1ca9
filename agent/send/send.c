#include "send/send.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "core/calendar.h"
#include "send/alarm.h"
#include "send/courier.h"
#include "send/exchange.h"
#include "send/memo.h"
#include "send/outage.h"
#include "send/pack.h"
#include "send/sender.h"
#include "store/hold.h"
#include "store/invoices.h"
#include "store/time.h"

#define CLOSED_MAX   4096
#define STEP_ARENA   ((size_t)32 << 20) /* one message's head and signature, one answer's reasons */
#define HELD_LOOK_MS 1000		/* a held store is looked at again */

int sender_new(const struct sender_settings *settings, struct store *store, struct sender **ret, struct fault *fault)
{
	struct sender *sender = calloc(1, sizeof(*sender));

	if (!sender)
		return FAULT(fault, FAULT_MEMORY, "no memory for the sender");
	sender->settings = settings;
	sender->store = store;
	outage_init(&sender->outages);
	sender->alarm = EVENING_HARD_ALARM; /* what was raised before the restart is closed when all is sent */
	*ret = sender;
	return 0;
}

void sender_free(struct sender *sender)
{
	free(sender);
}

int64_t sender_now(const struct sender *sender)
{
	return store_time_now(sender->store, NULL);
}

int sender_end(struct sender *sender, int result, struct fault *fault)
{
	result = store_end(sender->store, result, fault);
	return result <= 0 ? result
			   : FAULT(fault, FAULT_BUG, "a row that only the sender moves was moved by somebody else");
}

int64_t sender_pause(const struct retry *retry)
{
	uint64_t random;

	digest_random(&random, sizeof(random));
	return retry_pause(retry, random);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int sender_route(const struct sender *sender, const char *name)
{
	const struct sender_settings *settings = sender->settings;

	if (!name[0]) /* adopted: the original did not say which it took */
		return settings->route_count ? 0 : -1;
	for (size_t i = 0; i < settings->route_count; i++)
		if (strcmp(settings->routes[i].name, name) == 0)
			return (int)i;
	return -1;
}

static bool is_closed(const struct sender *sender, size_t i, int64_t now)
{
	return sender->settings->routes[i].unready || route_is_closed(&sender->health[i], now);
}

const char *routes_word(enum routes_standing standing)
{
	static const char *const words[] = {"ok", "closed", "unreadable"};
	return words[standing];
}

enum routes_standing sender_routes(const struct sender *sender)
{
	int64_t now = sender_now(sender);
	enum routes_standing worst = ROUTES_OK;

	for (size_t i = 0; i < sender->settings->route_count; i++) {
		if (sender->settings->routes[i].unready)
			return ROUTES_UNREADABLE;
		if (route_is_closed(&sender->health[i], now))
			worst = ROUTES_CLOSED;
	}
	return worst;
}

int sender_choose(const struct sender *sender, const struct message_row *row, int64_t now)
{
	const struct sender_settings *settings = sender->settings;
	int second = -1;

	for (size_t i = 0; i < settings->route_count; i++) {
		if (is_closed(sender, i, now) || (row && !route_keeps_bytes(&settings->routes[i], row)))
			continue;
		if (route_is_trusted(&sender->health[i]))
			return (int)i;
		if (second < 0)
			second = (int)i;
	}
	return second;
}

int64_t sender_reopens_at(const struct sender *sender, const struct message_row *row, int64_t now)
{
	const struct sender_settings *settings = sender->settings;
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < settings->route_count; i++) {
		const struct route_health *health = &sender->health[i];

		if (route_is_closed(health, now) && (!row || route_keeps_bytes(&settings->routes[i], row)))
			first = earlier(first, health->closed_at + health->closed_ms);
	}
	return first;
}

/* A pause is at most @longest_ms long: a clock that was set back does not make it longer. */
static bool is_pausing(int64_t now, int64_t until, int64_t longest_ms)
{
	return now < until && until - now <= longest_ms;
}

/* 0 a message was made; 1 not before @ret_next_ms; < 0. */
static int pack(struct sender *sender, const struct memo *memo, int64_t now, int64_t *ret_next_ms, struct fault *fault)
{
	if (!sender->settings->signer)
		return 1;
	if (now < memo->paused_until) {
		*ret_next_ms = memo->paused_until;
		return 1;
	}
	if (is_pausing(now, sender->pack_again_at, SENDER_PAUSE_MAX_MS)) {
		*ret_next_ms = sender->pack_again_at;
		return 1;
	}
	return memo->halve_count ? pack_halves(sender, memo, now, ret_next_ms, fault)
				 : pack_waiting(sender, now, ret_next_ms, fault);
}

/* ",a,b,": the routes that are not called now. */
static void list_closed(const struct sender *sender, int64_t now, struct bytes *out)
{
	for (size_t i = 0; i < sender->settings->route_count; i++)
		if (is_closed(sender, i, now))
			bytes_printf(out, "%s%s,", out->len ? "" : ",", sender->settings->routes[i].name);
	bytes_char(out, 0);
}

/* 0 one exchange was made; 1 none is due; < 0. */
static int call(struct sender *sender, bool may_submit, int64_t paused_until, int64_t now, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = NULL;
	BYTES_CLEANUP struct bytes closed = {0};
	struct message_gate gate = {.may_submit = may_submit && sender_choose(sender, NULL, now) >= 0};
	struct message_row row;
	int result;

	if (!sender->settings->route_count)
		return 1;
	bytes_init(&closed, CLOSED_MAX);
	list_closed(sender, now, &closed);
	result = bytes_check(&closed, "the list of closed routes", fault);
	if (result)
		return result;
	gate.closed_routes = (const char *)closed.data;
	arena = arena_new(STEP_ARENA);
	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for a message");
	result = store_message_due(sender->store, now, &gate, arena, &row, fault);
	if (result)
		return result < 0 ? result : 1;
	return exchange_run(sender, &row, paused_until, arena, fault);
}

/*
 * A copy sends nothing: what waits in it waits in its original too, or was sent by it, and whichever comes second would be refused as
 * a duplicate, also when that is the original. Questions change nothing at the authority, so what was sent is still asked for.
 */
static int ask_only(struct sender *sender, int64_t now, int64_t *ret_next_ms, struct fault *fault)
{
	*ret_next_ms = now + HELD_LOOK_MS;
	return call(sender, false, now + sender->settings->config->retry_last_ms, now, fault);
}

static int step(struct sender *sender, int64_t *ret_next_ms, struct fault *fault)
{
	struct memo memo;
	struct hold hold;
	int64_t now = sender_now(sender);
	int64_t pack_at = INT64_MAX;
	int64_t call_at = INT64_MAX;
	int result = courier_read(sender, fault);

	if (result <= 0)
		return result;
	result = memo_load(sender->store, &memo, fault);
	if (!result && !is_pausing(now, memo.paused_until, sender->settings->config->retry_last_ms))
		memo.paused_until = 0;
	if (!result)
		result = store_hold_get(sender->store, &hold, fault);
	if (!result && hold.kind != HOLD_NONE)
		return ask_only(sender, now, ret_next_ms, fault);
	if (!result)
		result = alarm_look(sender, now, fault);
	if (!result)
		result = outage_look(sender, now, fault);
	if (!result)
		result = courier_look(sender, fault);
	if (!result)
		result = pack(sender, &memo, now, &pack_at, fault);
	if (result <= 0)
		return result;
	if (sender->export_id)
		return courier_hand_over(sender, now, fault);
	result = call(sender, true, memo.paused_until, now, fault);
	if (result <= 0)
		return result;
	if (sender->settings->route_count) {
		/* What is due and was not called waits for its route. */
		result = store_message_next_try(sender->store, now, &call_at, fault);
		if (result)
			return result;
		call_at = earlier(call_at, sender_reopens_at(sender, NULL, now));
	}
	*ret_next_ms = earlier(pack_at, call_at);
	return 1;
}

int sender_step(struct sender *sender, int64_t *ret_next_ms, struct fault *fault)
{
	int result = step(sender, ret_next_ms, fault);

	if (result >= 0)
		outage_disk_works(sender);
	return result;
}

void sender_failed(struct sender *sender, const struct fault *fault)
{
	if (fault->code == FAULT_IO && !store_is_full(sender->store))
		outage_disk_failed(sender, fault->text);
}
