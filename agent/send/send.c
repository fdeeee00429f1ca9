#include "send/send.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "send/exchange.h"
#include "send/memo.h"
#include "send/pack.h"
#include "send/sender.h"
#include "store/hold.h"
#include "store/invoices.h"
#include "store/time.h"

#define STEP_ARENA   ((size_t)32 << 20) /* one message's head and signature, one answer's reasons */
#define HELD_LOOK_MS 1000		/* a held store is looked at again */

int sender_new(const struct sender_settings *settings, struct store *store, struct sender **ret, struct fault *fault)
{
	struct sender *sender = calloc(1, sizeof(*sender));

	if (!sender)
		return FAULT(fault, FAULT_MEMORY, "no memory for the sender");
	sender->settings = settings;
	sender->store = store;
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
	if (result == 0)
		return store_commit(sender->store, fault);
	store_rollback(sender->store);
	return result < 0 ? result
			  : FAULT(fault, FAULT_BUG, "a row that only the sender moves was moved by somebody else");
}

int sender_left_ms(struct sender *sender, int64_t now, int64_t *ret, struct fault *fault)
{
	struct invoice_counts counts = {0};
	int result = store_invoice_count(sender->store, &counts, fault);

	*ret = counts.oldest_deadline ? counts.oldest_deadline - now : 0;
	return result;
}

int64_t sender_pause(const struct retry *retry)
{
	uint64_t random;

	digest_random(&random, sizeof(random));
	return retry_pause(retry, random);
}

const struct send_route *sender_route(const struct sender *sender, const char *name)
{
	const struct sender_settings *settings = sender->settings;

	for (size_t i = 0; i < settings->route_count; i++)
		if (strcmp(settings->routes[i].name, name) == 0)
			return &settings->routes[i];
	return settings->route_count ? &settings->routes[0] : NULL;
}

/* A pause is at most @longest_ms long: a clock that was set back does not make it longer. */
static bool is_pausing(int64_t now, int64_t until, int64_t longest_ms)
{
	return now < until && until - now <= longest_ms;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* 0 a message was made; 1 not before @ret_next_ms; < 0. */
static int pack(struct sender *sender, const struct memo *memo, int64_t now, int64_t *ret_next_ms, struct fault *fault)
{
	if (!sender->settings->signer)
		return 1;
	if (is_pausing(now, memo->paused_until, sender->settings->config->retry_last_ms)) {
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

typedef int due_fn(
	struct store *store, int64_t now_ms, struct arena *arena, struct message_row *ret, struct fault *fault);

/* 0 one exchange was made; 1 none is due; < 0. */
static int call(struct sender *sender, due_fn *due, int64_t paused_until, int64_t now, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = NULL;
	struct message_row row;
	int result;

	if (!sender->settings->route_count || is_pausing(now, sender->call_again_at, SENDER_PAUSE_MAX_MS))
		return 1;
	arena = arena_new(STEP_ARENA);
	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for a message");
	result = due(sender->store, now, arena, &row, fault);
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
	return call(sender, store_message_due_sent, now + sender->settings->config->retry_last_ms, now, fault);
}

int sender_step(struct sender *sender, int64_t *ret_next_ms, struct fault *fault)
{
	struct memo memo;
	struct hold hold;
	int64_t now = sender_now(sender);
	int64_t pack_at = INT64_MAX;
	int64_t call_at = INT64_MAX;
	int result = memo_load(sender->store, &memo, fault);

	if (!result)
		result = store_hold_get(sender->store, &hold, fault);
	if (!result && hold.kind != HOLD_NONE)
		return ask_only(sender, now, ret_next_ms, fault);
	if (!result)
		result = pack(sender, &memo, now, &pack_at, fault);
	if (result <= 0)
		return result;
	result = call(sender, store_message_due, memo.paused_until, now, fault);
	if (result <= 0)
		return result;
	if (sender->settings->route_count) {
		result = store_message_next_try(sender->store, &call_at, fault);
		if (result)
			return result;
		if (call_at < sender->call_again_at)
			call_at = sender->call_again_at;
	}
	*ret_next_ms = earlier(pack_at, call_at);
	return 1;
}
