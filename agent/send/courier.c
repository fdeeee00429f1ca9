#include "send/courier.h"

#include "base/log.h"
#include "send/conclude.h"
#include "send/http.h"
#include "store/courier.h"

#define ARENA_BYTES ((size_t)32 << 20) /* one answer's bytes and reasons, or one message's head and signature */

/* ---- out ---- */

int courier_look(struct sender *sender, struct fault *fault)
{
	struct courier_export open = {0};
	int result = store_export_open(sender->store, &open, fault);

	sender->export_id = result == 0 ? open.id : 0;
	return result < 0 ? result : 0;
}

/* The courier calls the route that the line would take; @exchange->route NULL = none keeps these bytes. */
static void choose_route(struct exchange *exchange)
{
	const struct sender_settings *settings = exchange->sender->settings;

	for (size_t i = 0; i < settings->route_count && !exchange->route; i++)
		if (route_keeps_bytes(&settings->routes[i], &exchange->row))
			exchange->route = &settings->routes[i];
}

static int leave(struct exchange *exchange, struct fault *fault)
{
	struct message_row *row = &exchange->row;
	int result = 0;

	row->attempts++;
	row->was_unknown = true;
	row->is_absent = false;
	row->next_try_at = exchange->now + exchange->sender->settings->config->query_pause_ms;
	row->last_text = "with the courier";
	if (exchange->route) {
		row->route = exchange->route->name;
		row->sent_at = exchange->now;
	}
	if (row->state == MESSAGE_MADE) {
		row->state = MESSAGE_SENT;
		result = exchange_move(exchange, NULL, fault);
		exchange->from = MESSAGE_SENT;
	}
	row->state = MESSAGE_UNKNOWN;
	if (!result)
		result = exchange_move(exchange, NULL, fault);
	return result ? result : exchange_note_sent(exchange, fault);
}

static int hand_over(struct exchange *exchange, struct fault *fault)
{
	struct sender *sender = exchange->sender;
	const struct message_row *row = &exchange->row;
	bool is_nowhere = row->state == MESSAGE_MADE || row->is_absent;
	int result = 0;

	if (is_nowhere)
		choose_route(exchange);
	if (is_nowhere && !exchange->route)
		return 0;
	if (is_nowhere || (row->state == MESSAGE_UNKNOWN && !row->carried_at))
		result = leave(exchange, fault);
	return result ? result : store_export_carry(sender->store, sender->export_id, row, exchange->now, fault);
}

int courier_hand_over(struct sender *sender, int64_t now, struct fault *fault)
{
	int64_t last = 0;
	int result = store_begin(sender->store, fault);

	while (!result) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BYTES);
		struct exchange exchange = {.sender = sender, .arena = arena, .now = now};

		if (!arena)
			return sender_end(sender, FAULT(fault, FAULT_MEMORY, "no memory for a message"), fault);
		result = store_message_open_after(sender->store, last, false, arena, &exchange.row, fault);
		if (result)
			break;
		last = exchange.row.id;
		exchange.from = exchange.row.state;
		result = hand_over(&exchange, fault);
	}
	if (result == STORE_NONE)
		result = store_export_end(sender->store, sender->export_id, now, fault);
	result = sender_end(sender, result, fault);
	if (!result)
		log_event(LOG_LEVEL_INFO, "courier", "export=%lld", (long long)sender->export_id);
	return result;
}

/* ---- back ---- */

/* It says nothing new: of no message of ours, of one that is concluded, or of one that never left. */
static int pass_over(struct sender *sender, const struct courier_answer *answer, struct fault *fault)
{
	int result = store_begin(sender->store, fault);

	if (!result)
		result = store_answer_end(sender->store, answer->id, sender_now(sender), fault);
	return sender_end(sender, result, fault);
}

/* 0; 1 when it waits for what its signature must chain to; < 0. */
static int conclude(struct exchange *exchange, const struct courier_answer *answer, struct fault *fault)
{
	const struct sender *sender = exchange->sender;
	int route = sender_route(sender, exchange->row.route);
	int result;

	exchange->route = &sender->settings->routes[route < 0 ? 0 : route];
	if (exchange->route->unready)
		return 1;
	exchange->from = exchange->row.state;
	exchange->was_unknown = exchange->row.was_unknown;
	exchange->last_route = exchange->row.route;
	exchange->is_question = true;
	exchange->carried = answer->id;
	exchange->answer = (struct authority_answer){.retry_after_ms = -1};
	bytes_init(&exchange->answer.raw, HTTP_BODY_MAX);
	bytes_append(&exchange->answer.raw, answer->raw, answer->len);
	result = bytes_check(&exchange->answer.raw, "a courier's answer", fault);
	if (!result)
		result = conclude_answer(exchange, fault);
	bytes_done(&exchange->answer.raw);
	return result;
}

int courier_read(struct sender *sender, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = NULL;
	struct exchange exchange = {.sender = sender, .now = sender_now(sender)};
	struct courier_answer answer;
	int result;

	if (!sender->settings->route_count) /* nobody says whose signature is believed */
		return 1;
	exchange.arena = arena = arena_new(ARENA_BYTES);
	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for a courier's answer");
	result = store_answer_next(sender->store, arena, &answer, fault);
	if (!result)
		result = store_message_by_id(sender->store, answer.message_id, arena, &exchange.row, fault);
	else if (result == STORE_NONE)
		return 1;
	if (result < 0)
		return result;
	if (result || (exchange.row.state != MESSAGE_SENT && exchange.row.state != MESSAGE_UNKNOWN))
		return pass_over(sender, &answer, fault);
	return conclude(&exchange, &answer, fault);
}
