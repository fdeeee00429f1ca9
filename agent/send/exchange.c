#include "send/exchange.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/log.h"
#include "send/conclude.h"
#include "send/http.h"
#include "send/pack.h"
#include "store/invoices.h"
#include "store/ledger.h"
#include "store/time.h"

/* ---- shared with conclude ---- */

static int note_asked(struct exchange *exchange, const char *result, struct fault *fault)
{
	struct ledger_payload payload;

	ledger_payload_init(&payload);
	ledger_payload_text(&payload, "message", exchange->row.message_id);
	ledger_payload_text(&payload, "result", result);
	return ledger_append(exchange->sender->store, LEDGER_ASKED, &payload, NULL, fault);
}

int exchange_move(struct exchange *exchange, const char *result, struct fault *fault)
{
	int moved = store_message_move(exchange->sender->store, &exchange->row, exchange->from, fault);

	return moved || !exchange->is_question || exchange->carried ? moved : note_asked(exchange, result, fault);
}

/* Each message has its own: one that is late does not take the hurry from the others. */
static int64_t left_ms(const struct exchange *exchange)
{
	return exchange->row.deadline ? exchange->row.deadline - exchange->now : 0;
}

static void later(struct exchange *exchange, int64_t first_ms, int64_t attempts)
{
	struct retry retry = {
		.first_ms = first_ms,
		.last_ms = exchange->sender->settings->config->retry_last_ms,
		.attempts = attempts,
		.elapsed_ms = exchange->now - exchange->row.sent_at,
		.left_ms = left_ms(exchange),
		.retry_after_ms = exchange->answer.retry_after_ms,
	};

	exchange->row.next_try_at = exchange->now + sender_pause(&retry);
}

void exchange_ask_later(struct exchange *exchange)
{
	int64_t pause = exchange->sender->settings->config->query_pause_ms;

	if (exchange->is_question || exchange->answer.retry_after_ms > pause)
		later(exchange, pause, 1);
	else
		exchange->row.next_try_at = exchange->now + pause;
}

void exchange_try_later(struct exchange *exchange)
{
	later(exchange, exchange->sender->settings->config->retry_first_ms, exchange->row.attempts);
}

int exchange_task(
	struct exchange *exchange, const char *kind, int64_t id, int64_t invoice, const char *text, struct fault *fault)
{
	const struct task_row row = {
		.kind = kind, .message_id = id, .invoice_id = invoice, .text = text, .made_at = exchange->now};

	log_event(LOG_LEVEL_WARNING, "task", "kind=%s message=%s", kind, exchange->row.message_id);
	return store_task_add(exchange->sender->store, &row, fault);
}

/* ---- submit ---- */

/* Who answers inside TLS says what time it is (law R-TIME-1). */
static void hear_date(struct exchange *exchange)
{
	struct fault why = {0};

	if (exchange->answer.http_status && exchange->answer.date_ms &&
		store_time_hear(exchange->sender->store, exchange->answer.date_ms, true, "date", &why) < 0)
		log_fault("date-not-kept", &why);
}

/* What the answer, or silence, says about the route. */
static int note_call(struct exchange *exchange, enum route_cause cause, struct fault *fault)
{
	struct sender *sender = exchange->sender;
	struct route_health *health = &sender->health[exchange->route - sender->settings->routes];
	bool was_healthy = health->cause == ROUTE_HEALTHY;
	struct retry retry = {.first_ms = sender->settings->config->retry_first_ms,
		.last_ms = sender->settings->config->retry_last_ms};
	int64_t deadline = INT64_MAX;
	uint64_t random;
	int result = 0;

	hear_date(exchange);
	exchange->now = sender_now(sender);
	if (cause != ROUTE_HEALTHY)
		result = store_message_deadline(sender->store, exchange->now, &deadline, fault);
	if (deadline != INT64_MAX)
		retry.left_ms = deadline - exchange->now;
	digest_random(&random, sizeof(random));
	route_note(health, cause, &exchange->answer, retry, exchange->now, random);
	if (was_healthy != (cause == ROUTE_HEALTHY))
		log_event(LOG_LEVEL_WARNING, "route", "route=%s state=%s status=%d", exchange->route->name,
			route_cause_word(cause), exchange->answer.http_status);
	return result;
}

static void clear_answer(struct exchange *exchange)
{
	bytes_done(&exchange->answer.raw);
	exchange->answer = (struct authority_answer){.retry_after_ms = -1};
	bytes_init(&exchange->answer.raw, HTTP_BODY_MAX);
}

int exchange_note_sent(struct exchange *exchange, struct fault *fault)
{
	struct ledger_payload payload;

	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "attempt", exchange->row.attempts);
	ledger_payload_text(&payload, "message", exchange->row.message_id);
	ledger_payload_text(&payload, "route", exchange->row.route);
	return ledger_append(exchange->sender->store, LEDGER_SENT, &payload, NULL, fault);
}

/* @why: what the question before this attempt brought, NULL = there was none. */
static int commit_sent(struct exchange *exchange, const char *why, struct fault *fault)
{
	struct sender *sender = exchange->sender;
	struct message_row *row = &exchange->row;
	int result = store_begin(sender->store, fault);

	if (result)
		return result;
	row->state = MESSAGE_SENT;
	row->attempts++;
	row->sent_at = exchange->now;
	row->next_try_at = exchange->now + sender->settings->config->query_pause_ms;
	row->route = exchange->route->name;
	row->was_unknown = true;
	row->is_absent = false;
	row->is_resent = row->is_resent || exchange->is_resend;
	row->last_text = "sent, no answer yet";
	result = exchange_move(exchange, why, fault);
	if (!result)
		result = exchange_note_sent(exchange, fault);
	return sender_end(sender, result, fault);
}

static int note_unanswered(struct exchange *exchange, const char *kind, struct fault *fault)
{
	struct ledger_payload payload;

	ledger_payload_init(&payload);
	ledger_payload_text(&payload, "kind", kind);
	ledger_payload_text(&payload, "message", exchange->row.message_id);
	ledger_payload_int(&payload, "status", exchange->answer.http_status);
	return ledger_append(exchange->sender->store, LEDGER_VERDICT, &payload, NULL, fault);
}

static int commit_unknown(struct exchange *exchange, struct fault *fault)
{
	int result = store_begin(exchange->sender->store, fault);

	if (result)
		return result;
	exchange->row.state = MESSAGE_UNKNOWN;
	exchange->row.last_text = exchange->answer.text;
	exchange_try_later(exchange);
	result = exchange_move(exchange, NULL, fault);
	if (!result)
		result = note_unanswered(exchange, "unknown", fault);
	return sender_end(exchange->sender, result, fault);
}

/* A refusal of one message (too large, not readable) is told apart from one of everything (password, address). */
static int add_refusal_task(struct exchange *exchange, bool is_parked, struct fault *fault)
{
	char text[400];

	if (is_parked)
		snprintf(text, sizeof(text),
			"the route %s refuses this message (%s): it is parked and tried again from time to time, the "
			"others go on; ask the provider",
			exchange->route->name, exchange->answer.text);
	else
		snprintf(text, sizeof(text),
			"the route %s refuses what is sent (%s): look at its address, user and password",
			exchange->route->name, exchange->answer.text);
	return exchange_task(exchange, "route-refused", is_parked ? exchange->row.id : 0, 0, text, fault);
}

/*
 * Nothing of this attempt arrived, so all is as before it: certain to be nowhere, or unknown on an earlier route. What no route holds
 * needs no question and goes again as soon as a route is open; a message that was refused for itself is parked.
 */
static int commit_absent(struct exchange *exchange, bool is_refused, struct fault *fault)
{
	const struct config *config = exchange->sender->settings->config;
	bool is_parked = is_refused && route_is_about_message(exchange->answer.http_status);
	const struct retry parked = {
		.last_ms = config->retry_last_ms, .first_ms = config->retry_last_ms, .left_ms = left_ms(exchange)};
	struct message_row *row = &exchange->row;
	int result = store_begin(exchange->sender->store, fault);

	if (result)
		return result;
	row->state = MESSAGE_UNKNOWN;
	row->attempts--; /* it proves no duplicate (law R-NUM-4) */
	row->was_unknown = exchange->was_unknown;
	row->is_absent = exchange->was_absent;
	row->is_resent = exchange->was_resent;
	row->last_text = exchange->answer.text;
	row->next_try_at = exchange->now + (is_parked ? retry_backoff(&parked) : RETRY_SHORTEST_MS);
	if (!row->is_absent) {
		row->route = exchange->last_route;
		if (!is_parked)
			exchange_try_later(exchange);
	}
	result = exchange_move(exchange, NULL, fault);
	if (!result)
		result = note_unanswered(exchange, is_refused ? "not-taken" : "not-sent", fault);
	if (!result && is_refused)
		result = add_refusal_task(exchange, is_parked, fault);
	return sender_end(exchange->sender, result, fault);
}

/* Bytes that are not what was signed never leave; a person restores a backup. */
static int commit_damaged(struct exchange *exchange, const char *asked, const struct fault *why, struct fault *fault)
{
	struct sender *sender = exchange->sender;
	int result = store_begin(sender->store, fault);

	if (result)
		return result;
	log_fault("message-damaged", why);
	exchange->row.next_try_at = exchange->now + sender->settings->config->retry_last_ms;
	exchange->row.last_text = "damaged, not sent";
	result = exchange_move(exchange, asked, fault);
	if (!result)
		result = exchange_task(exchange, "message-damaged", exchange->row.id, 0, why->text, fault);
	return sender_end(sender, result, fault);
}

/* enum submit_result; < 0 the store failed. */
static int call_submit(struct exchange *exchange, const struct bytes *message, struct fault *fault)
{
	struct fault why = {0};
	int called;
	int result;

	clear_answer(exchange);
	called = exchange->route->ops->submit(
		&exchange->route->env, exchange->row.message_id, message->data, message->len, &exchange->answer, &why);
	if (called < 0) {
		log_fault("submit", &why);
		snprintf(exchange->answer.text, sizeof(exchange->answer.text), "%.*s",
			(int)sizeof(exchange->answer.text) - 1, why.text);
		called = SUBMIT_UNKNOWN;
	}
	exchange->now = sender_now(exchange->sender);
	result = note_call(exchange, route_submit_cause(called, &exchange->answer), fault);
	return result < 0 ? result : called;
}

/* No route takes it now, or none would keep its bytes; then a person is told. */
static int wait_for_route(struct exchange *exchange, const char *asked, struct fault *fault)
{
	int64_t reopens_at = sender_reopens_at(exchange->sender, &exchange->row, exchange->now);
	int result = store_begin(exchange->sender->store, fault);

	if (result)
		return result;
	exchange->row.next_try_at = reopens_at;
	if (reopens_at == INT64_MAX)
		exchange->row.next_try_at = exchange->now + exchange->sender->settings->config->retry_last_ms;
	exchange->row.last_text = "no route takes it now";
	result = exchange_move(exchange, asked, fault);
	if (!result && reopens_at == INT64_MAX)
		result = exchange_task(exchange, "route-missing", exchange->row.id, 0,
			"no configured route carries this message as it was signed: look at the sections [authority "
			"NAME]",
			fault);
	return sender_end(exchange->sender, result, fault);
}

/* The state before the submit under way, for when nothing of it arrives. */
static void remember(struct exchange *exchange, bool is_absent, int route)
{
	const struct message_row *row = &exchange->row;

	exchange->was_absent = is_absent;
	exchange->was_unknown = row->was_unknown;
	exchange->was_resent = row->is_resent;
	exchange->last_route = row->route;
	exchange->route = &exchange->sender->settings->routes[route];
}

static int conclude_submit(struct exchange *exchange, int called, struct fault *fault)
{
	switch (called) {
	case SUBMIT_TAKEN:
		return conclude_answer(exchange, fault);
	case SUBMIT_REFUSED:
		return commit_absent(exchange, true, fault);
	case SUBMIT_UNSENT:
		return commit_absent(exchange, false, fault);
	default:
		return called < 0 ? called : commit_unknown(exchange, fault);
	}
}

/* @asked: what the question before brought, NULL = there was none; @is_absent: certain that no route holds the message. */
static int submit(struct exchange *exchange, const char *asked, bool is_absent, struct fault *fault)
{
	BYTES_CLEANUP struct bytes message = {0};
	struct fault why = {0};
	int route = sender_choose(exchange->sender, &exchange->row, exchange->now);
	int result;

	if (route < 0)
		return wait_for_route(exchange, asked, fault);
	result = pack_rebuild(exchange->sender->store, &exchange->row, &message, &why);
	if (result > 0)
		return commit_damaged(exchange, asked, &why, fault);
	if (result < 0)
		return FAULT(fault, result, "%s", why.text);
	remember(exchange, is_absent, route);
	result = commit_sent(exchange, asked, fault);
	if (result)
		return result;
	log_event(LOG_LEVEL_INFO, "message-sent", "message=%s attempt=%lld route=%s", exchange->row.message_id,
		(long long)exchange->row.attempts, exchange->row.route);
	exchange->from = MESSAGE_SENT;
	exchange->is_question = false;
	return conclude_submit(exchange, call_submit(exchange, &message, fault), fault);
}

/* ---- ask ---- */

static int commit_asked(struct exchange *exchange, const char *what, const char *task, struct fault *fault)
{
	int result = store_begin(exchange->sender->store, fault);

	if (result)
		return result;
	exchange->row.last_text = exchange->answer.text[0] ? exchange->answer.text : what;
	result = exchange_move(exchange, what, fault);
	if (!result && task)
		result = exchange_task(exchange, "answer-unclear", exchange->row.id, 0, task, fault);
	return sender_end(exchange->sender, result, fault);
}

static int after_pending(struct exchange *exchange, struct fault *fault)
{
	exchange_ask_later(exchange);
	exchange->row.state = MESSAGE_SENT;
	return commit_asked(exchange, "pending", NULL, fault);
}

static int after_not_found(struct exchange *exchange, struct fault *fault)
{
	if (exchange->now >= exchange->paused_until)
		return submit(exchange, "not_found", true, fault);
	exchange->row.next_try_at = exchange->paused_until;
	return commit_asked(exchange, "not_found", NULL, fault);
}

/* Once more after a pause and never again; what was received (999) needs no second time (law R-SEND-5). */
static int after_cannot_ask(struct exchange *exchange, struct fault *fault)
{
	const struct config *config = exchange->sender->settings->config;
	struct message_row *row = &exchange->row;
	const struct retry pause = {.first_ms = config->cannot_ask_pause_ms,
		.last_ms = config->cannot_ask_pause_ms,
		.left_ms = row->deadline - row->sent_at};
	int64_t again_at = row->sent_at + retry_backoff(&pause);

	if (row->sent_at > exchange->now) /* sent by a clock that ran ahead: when, nobody knows */
		again_at = exchange->now;
	if (again_at < exchange->paused_until)
		again_at = exchange->paused_until;
	if (!row->is_resent && row->was_unknown && exchange->now >= again_at) {
		exchange->is_resend = true;
		return submit(exchange, "cannot_ask", false, fault);
	}
	if (!row->is_resent && row->was_unknown) {
		row->next_try_at = again_at;
		return commit_asked(exchange, "cannot_ask", NULL, fault);
	}
	row->next_try_at = exchange->now + config->retry_last_ms;
	return commit_asked(exchange, "cannot_ask",
		"the route cannot be asked what became of this message: ask the provider, it is not sent again", fault);
}

static int after_silence(struct exchange *exchange, struct fault *fault)
{
	exchange_try_later(exchange);
	return commit_asked(exchange, "unknown", NULL, fault);
}

/* enum query_result; < 0 the store failed. */
static int call_query(struct exchange *exchange, struct fault *fault)
{
	struct fault why = {0};
	int called;
	int result;

	clear_answer(exchange);
	called = exchange->route->ops->query(
		&exchange->route->env, exchange->row.message_id, exchange->row.ref, &exchange->answer, &why);
	if (called < 0) {
		log_fault("query", &why);
		called = QUERY_UNKNOWN;
	}
	exchange->now = sender_now(exchange->sender);
	result = note_call(exchange, route_query_cause(called, &exchange->answer), fault);
	return result < 0 ? result : called;
}

/* Its section was renamed or taken out. Another route knows nothing of the message: its not_found would be no answer. */
static int wait_for_section(struct exchange *exchange, struct fault *fault)
{
	char text[300];
	int result = store_begin(exchange->sender->store, fault);

	if (result)
		return result;
	snprintf(text, sizeof(text),
		"this message went over the route %s, which is not configured any more, and only that route can say "
		"what "
		"became of it: put its section [authority %s] back",
		exchange->row.route, exchange->row.route);
	exchange->row.next_try_at = exchange->now + exchange->sender->settings->config->retry_last_ms;
	exchange->row.last_text = "its route is not configured";
	result = exchange_move(exchange, NULL, fault);
	if (!result)
		result = exchange_task(exchange, "route-missing", exchange->row.id, 0, text, fault);
	return sender_end(exchange->sender, result, fault);
}

static int ask(struct exchange *exchange, struct fault *fault)
{
	int route = sender_route(exchange->sender, exchange->row.route);
	int called;

	if (route < 0)
		return wait_for_section(exchange, fault);
	exchange->route = &exchange->sender->settings->routes[route];
	exchange->is_question = true;
	called = call_query(exchange, fault);
	switch (called) {
	case QUERY_VERDICT:
		return conclude_answer(exchange, fault);
	case QUERY_PENDING:
		return after_pending(exchange, fault);
	case QUERY_NOT_FOUND:
		return after_not_found(exchange, fault);
	case QUERY_CANNOT_ASK:
		return after_cannot_ask(exchange, fault);
	default:
		return called < 0 ? called : after_silence(exchange, fault);
	}
}

/* Nothing is submitted before the pause is over (law R-REG-4). */
static int submit_again(struct exchange *exchange, struct fault *fault)
{
	int result;

	if (exchange->now >= exchange->paused_until)
		return submit(exchange, NULL, true, fault);
	exchange->row.next_try_at = exchange->paused_until;
	result = store_begin(exchange->sender->store, fault);
	return result ? result : sender_end(exchange->sender, exchange_move(exchange, NULL, fault), fault);
}

int exchange_run(struct sender *sender, const struct message_row *row, int64_t paused_until, struct arena *arena,
	struct fault *fault)
{
	struct exchange exchange = {
		.sender = sender,
		.arena = arena,
		.row = *row,
		.from = row->state,
		.was_unknown = row->was_unknown,
		.last_route = "",
		.now = sender_now(sender),
		.paused_until = paused_until,
	};
	int result;

	if (row->state == MESSAGE_MADE)
		result = submit(&exchange, NULL, true, fault);
	else
		result = row->is_absent ? submit_again(&exchange, fault) : ask(&exchange, fault);
	bytes_done(&exchange.answer.raw);
	return result;
}
