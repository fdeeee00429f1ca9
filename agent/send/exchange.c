#include "send/exchange.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "send/conclude.h"
#include "send/http.h"
#include "send/pack.h"
#include "store/invoices.h"
#include "store/ledger.h"
#include "store/time.h"

#define SILENT_CALLS_MAX 3 /* then the route is not called for a while: it is down for every message */

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

	return moved || !exchange->is_question ? moved : note_asked(exchange, result, fault);
}

static int later(struct exchange *exchange, int64_t first_ms, int64_t attempts, struct fault *fault)
{
	struct retry retry = {
		.first_ms = first_ms,
		.last_ms = exchange->sender->settings->config->retry_last_ms,
		.attempts = attempts,
		.elapsed_ms = exchange->now - exchange->row.sent_at,
		.retry_after_ms = exchange->answer.retry_after_ms,
	};
	int result = sender_left_ms(exchange->sender, exchange->now, &retry.left_ms, fault);

	exchange->row.next_try_at = exchange->now + sender_pause(&retry);
	return result;
}

int exchange_ask_later(struct exchange *exchange, struct fault *fault)
{
	int64_t pause = exchange->sender->settings->config->query_pause_ms;

	if (exchange->is_question || exchange->answer.retry_after_ms > pause)
		return later(exchange, pause, 1, fault);
	exchange->row.next_try_at = exchange->now + pause;
	return 0;
}

int exchange_try_later(struct exchange *exchange, struct fault *fault)
{
	return later(exchange, exchange->sender->settings->config->retry_first_ms, exchange->row.attempts, fault);
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

/* An answer, or silence, which says something about the route. */
static void note_call(struct exchange *exchange)
{
	struct sender *sender = exchange->sender;
	const struct config *config = sender->settings->config;

	hear_date(exchange);
	exchange->now = sender_now(sender);
	if (exchange->answer.http_status) {
		sender->silent_calls = 0;
		sender->call_again_at = 0;
		return;
	}
	if (++sender->silent_calls < SILENT_CALLS_MAX)
		return;
	const struct retry retry = {
		.first_ms = config->retry_first_ms,
		.last_ms = config->retry_last_ms < SENDER_PAUSE_MAX_MS ? config->retry_last_ms : SENDER_PAUSE_MAX_MS,
		.attempts = sender->silent_calls - SILENT_CALLS_MAX + 1,
		.retry_after_ms = -1,
	};
	sender->call_again_at = exchange->now + sender_pause(&retry);
}

static void clear_answer(struct exchange *exchange)
{
	bytes_done(&exchange->answer.raw);
	exchange->answer = (struct authority_answer){.retry_after_ms = -1};
	bytes_init(&exchange->answer.raw, HTTP_BODY_MAX);
}

static int note_sent(struct exchange *exchange, struct fault *fault)
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
	row->is_resent = row->is_resent || exchange->is_resend;
	row->last_text = "sent, no answer yet";
	result = exchange_move(exchange, why, fault);
	if (!result)
		result = note_sent(exchange, fault);
	return sender_end(sender, result, fault);
}

static int note_unknown(struct exchange *exchange, struct fault *fault)
{
	struct ledger_payload payload;

	ledger_payload_init(&payload);
	ledger_payload_text(&payload, "kind", "unknown");
	ledger_payload_text(&payload, "message", exchange->row.message_id);
	ledger_payload_int(&payload, "status", exchange->answer.http_status);
	return ledger_append(exchange->sender->store, LEDGER_VERDICT, &payload, NULL, fault);
}

/* Refusals of one message (too large, not readable) are told apart from those of everything (password, address). */
static int64_t refused_id(const struct exchange *exchange)
{
	int status = exchange->answer.http_status;

	return status == 400 || status == 413 || status == 415 ? exchange->row.id : 0;
}

/*
 * A route that answers 4xx stored nothing, yet the state picture knows only queries behind "unknown" (house section 5): the query
 * says not_found, and the same bytes go again after the pause, while a person looks.
 */
static int commit_unknown(struct exchange *exchange, bool is_refused, struct fault *fault)
{
	char text[300];
	int result = store_begin(exchange->sender->store, fault);

	if (result)
		return result;
	exchange->row.state = MESSAGE_UNKNOWN;
	exchange->row.was_unknown = true;
	exchange->row.last_text = exchange->answer.text;
	result = exchange_try_later(exchange, fault);
	if (!result)
		result = exchange_move(exchange, NULL, fault);
	if (!result)
		result = note_unknown(exchange, fault);
	if (!result && is_refused) {
		snprintf(text, sizeof(text),
			"the route %s refuses what is sent (%s): look at its address, user and password",
			exchange->route->name, exchange->answer.text);
		result = exchange_task(exchange, "route-refused", refused_id(exchange), 0, text, fault);
	}
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

static int call_submit(struct exchange *exchange, const struct bytes *message)
{
	struct fault why = {0};
	int result;

	clear_answer(exchange);
	result = exchange->route->ops->submit(
		&exchange->route->env, exchange->row.message_id, message->data, message->len, &exchange->answer, &why);
	note_call(exchange);
	if (result >= 0)
		return result;
	log_fault("submit", &why);
	snprintf(exchange->answer.text, sizeof(exchange->answer.text), "%.*s", (int)sizeof(exchange->answer.text) - 1,
		why.text);
	return SUBMIT_UNKNOWN;
}

static int submit(struct exchange *exchange, const char *why_again, struct fault *fault)
{
	BYTES_CLEANUP struct bytes message = {0};
	struct fault why = {0};
	int result = pack_rebuild(exchange->sender->store, &exchange->row, &message, &why);

	if (result > 0)
		return commit_damaged(exchange, why_again, &why, fault);
	if (result < 0)
		return FAULT(fault, result, "%s", why.text);
	exchange->was_unknown = exchange->row.was_unknown;
	result = commit_sent(exchange, why_again, fault);
	if (result)
		return result;
	log_event(LOG_LEVEL_INFO, "message-sent", "message=%s attempt=%lld route=%s", exchange->row.message_id,
		(long long)exchange->row.attempts, exchange->row.route);
	exchange->from = MESSAGE_SENT;
	exchange->is_question = false;
	switch (call_submit(exchange, &message)) {
	case SUBMIT_TAKEN:
		return conclude_answer(exchange, fault);
	case SUBMIT_REFUSED:
		return commit_unknown(exchange, true, fault);
	default:
		return commit_unknown(exchange, false, fault);
	}
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
	int result = exchange_ask_later(exchange, fault);

	exchange->row.state = MESSAGE_SENT;
	return result ? result : commit_asked(exchange, "pending", NULL, fault);
}

static int after_not_found(struct exchange *exchange, struct fault *fault)
{
	if (exchange->now >= exchange->paused_until)
		return submit(exchange, "not_found", fault);
	exchange->row.next_try_at = exchange->paused_until;
	return commit_asked(exchange, "not_found", NULL, fault);
}

/* Once more after a pause and never again; what was received (999) needs no second time (law R-SEND-5). */
static int after_cannot_ask(struct exchange *exchange, struct fault *fault)
{
	const struct config *config = exchange->sender->settings->config;
	struct message_row *row = &exchange->row;
	int64_t again_at = row->sent_at + config->cannot_ask_pause_ms;

	if (again_at < exchange->paused_until)
		again_at = exchange->paused_until;
	if (!row->is_resent && row->was_unknown && exchange->now >= again_at) {
		exchange->is_resend = true;
		return submit(exchange, "cannot_ask", fault);
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
	int result = exchange_try_later(exchange, fault);

	return result ? result : commit_asked(exchange, "unknown", NULL, fault);
}

static int call_query(struct exchange *exchange)
{
	struct fault why = {0};
	int result;

	clear_answer(exchange);
	result = exchange->route->ops->query(
		&exchange->route->env, exchange->row.message_id, exchange->row.ref, &exchange->answer, &why);
	note_call(exchange);
	if (result < 0)
		log_fault("query", &why);
	return result < 0 ? QUERY_UNKNOWN : result;
}

static int ask(struct exchange *exchange, struct fault *fault)
{
	exchange->is_question = true;
	switch (call_query(exchange)) {
	case QUERY_VERDICT:
		return conclude_answer(exchange, fault);
	case QUERY_PENDING:
		return after_pending(exchange, fault);
	case QUERY_NOT_FOUND:
		return after_not_found(exchange, fault);
	case QUERY_CANNOT_ASK:
		return after_cannot_ask(exchange, fault);
	default:
		return after_silence(exchange, fault);
	}
}

int exchange_run(struct sender *sender, const struct message_row *row, int64_t paused_until, struct arena *arena,
	struct fault *fault)
{
	struct exchange exchange = {
		.sender = sender,
		.route = sender_route(sender, row->route),
		.arena = arena,
		.row = *row,
		.from = row->state,
		.was_unknown = row->was_unknown,
		.now = sender_now(sender),
		.paused_until = paused_until,
	};
	int result = row->state == MESSAGE_MADE ? submit(&exchange, NULL, fault) : ask(&exchange, fault);

	bytes_done(&exchange.answer.raw);
	return result;
}
