#include "web/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/json_gate.h"
#include "base/json_write.h"
#include "base/text.h"
#include "capture/intake.h"
#include "store/frames.h"
#include "store/invoices.h"
#include "store/ledger.h"
#include "store/sales.h"
#include "store/time.h"
#include "issue/batch.h"
#include "send/send.h"
#include "web/answer.h"
#include "web/body.h"

#define API "/api/v1"

typedef int handler(struct request *request, const char *rest, struct fault *fault);

static handler post_sale, get_sale, post_parked, post_task, post_token, get_tokens, delete_token, post_clock,
	post_record, get_mirror, get_key, post_law, post_export, post_answer, get_live, get_ready, get_metrics;

/* Where a new call goes: method, path (a trailing "/" matches what follows), scope (0 = open), handler. */
static const struct route {
	const char *method, *path;
	int scope;
	handler *call;
} routes[] = {
	{"POST", API "/sales", TOKEN_SALE, post_sale},
	{"GET", API "/sales/", TOKEN_SALE | TOKEN_READ, get_sale},
	{"POST", API "/parked/", TOKEN_ADMIN, post_parked},
	{"POST", API "/tasks/", TOKEN_ADMIN, post_task},
	{"POST", API "/tokens", TOKEN_ADMIN, post_token},
	{"GET", API "/tokens", TOKEN_ADMIN, get_tokens},
	{"DELETE", API "/tokens/", TOKEN_ADMIN, delete_token},
	{"POST", API "/clock", TOKEN_ADMIN, post_clock},
	{"POST", API "/audit/records", TOKEN_READ | TOKEN_ADMIN, post_record},
	{"GET", API "/mirror", TOKEN_READ | TOKEN_ADMIN, get_mirror},
	{"GET", API "/key", TOKEN_READ | TOKEN_ADMIN, get_key},
	{"POST", API "/law", TOKEN_ADMIN, post_law},
	{"POST", API "/courier/exports", TOKEN_ADMIN, post_export},
	{"POST", API "/courier/answers", TOKEN_ADMIN, post_answer},
	{"POST", API "/outages/", TOKEN_ADMIN, web_note_outage},
	{"POST", API "/missing/", TOKEN_ADMIN, web_settle_missing},
	{"GET", "/health/live", 0, get_live},
	{"GET", "/health/ready", 0, get_ready},
	{"GET", "/metrics", TOKEN_READ | TOKEN_ADMIN, get_metrics},
};

static const char *match(const struct route *route, const char *path)
{
	size_t len = strlen(route->path);
	if (route->path[len - 1] == '/')
		return !strncmp(path, route->path, len) && path[len] ? path + len : NULL;
	return !strcmp(path, route->path) ? path + len : NULL;
}

int api_route(const char *method, const char *path)
{
	int result = -1;
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		if (!match(&routes[i], path))
			continue;
		if (!strcmp(routes[i].method, method))
			return routes[i].scope;
		result = -2;
	}
	return result;
}

int api_call(struct request *request, struct fault *fault)
{
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		const char *rest = match(&routes[i], request->path);
		if (rest && !strcmp(routes[i].method, request->method))
			return routes[i].call(request, rest, fault);
	}
	api_refuse(request, PROBLEM_NOT_FOUND);
	return 0;
}

static void answer_with(struct request *request, int status, const char *type)
{
	request->status = status;
	request->type = type;
}

static void refuse_with(struct request *request, const struct problem *problem)
{
	bytes_clear(&request->answer);
	answer_problem(problem, &request->answer);
	answer_with(request, problem_kind(problem->code)->status, HEADER_PROBLEM);
}

void api_refuse(struct request *request, enum problem_code code)
{
	if (request->problem.code != code)
		problem_set(&request->problem, code, "%s", "");
	refuse_with(request, &request->problem);
}

int api_finish(struct request *request, struct fault *fault)
{
	struct slot *slot = request->slot;
	int status = answer_status(slot);
	if (status >= 400) {
		refuse_with(request, &slot->problem);
		return 0;
	}
	request->is_replay = slot->is_replay;
	answer_with(request, status, HEADER_JSON);
	return answer_sale(slot, request->web->settings->paper, &request->answer, fault);
}

/* Called by the issuer's thread. */
static void on_done(struct slot *slot)
{
	struct request *request = slot->owner;
	struct web *web = request->web;
	uint64_t one = 1;
	pthread_mutex_lock(&web->lock);
	slot->next = web->finished;
	web->finished = slot;
	pthread_mutex_unlock(&web->lock);
	(void)!write(web->event_fd, &one, sizeof(one));
}

static int hand_over(struct request *request, struct fault *fault)
{
	(void)fault;
	struct slot *slot = request->slot;
	slot->owner = request;
	slot->done = on_done;
	request->is_waiting = true;
	MHD_suspend_connection(request->connection);
	if (!issuer_put(request->web->settings->issuer, slot))
		return 0;
	request->is_waiting = false;
	MHD_resume_connection(request->connection);
	api_refuse(request, PROBLEM_BUSY);
	return 0;
}

/* ---- sales ---- */

static bool is_dry_run(const struct request *request)
{
	const char *value = MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, "dry_run");
	return value && (!strcmp(value, "true") || !strcmp(value, "1"));
}

static int read_key(struct request *request, struct slot *slot)
{
	const char *key = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Idempotency-Key");
	if (!key || !*key)
		return 0;
	if (text_clean(slot->arena, key, strlen(key), 255, &slot->idempotency_key))
		return problem_set(&slot->problem, PROBLEM_TEXT_LENGTH, "%s", "");
	return 0;
}

/* What the issuer need not see: malformed bodies (400) and other people's tills leave nothing. */
static bool is_answered_here(struct request *request, struct slot *slot)
{
	if (slot->has_sale && !request_may(request, slot->sale.till_id)) {
		problem_set(&slot->problem, PROBLEM_AUTH_TILL, "/till_id");
		return true;
	}
	return slot->problem.code && problem_kind(slot->problem.code)->status < 422 &&
	       problem_kind(slot->problem.code)->status != 202;
}

static int post_sale(struct request *request, const char *rest, struct fault *fault)
{
	(void)rest;
	const struct web_settings *settings = request->web->settings;
	struct slot *slot = request->slot = slot_new();
	if (!slot)
		return FAULT(fault, FAULT_MEMORY, "no memory for a sale");
	slot->source = "http";
	slot->received_at = store_time_now(settings->store, &slot->time_state);
	slot->frame = request->body.data ? (const void *)request->body.data : "";
	slot->frame_len = request->body.len;
	if (read_key(request, slot) == 0 &&
		intake_read(slot, settings->json, &settings->config->seller, request->body_max, fault) < 0)
		return fault && fault->code ? fault->code : FAULT_MEMORY;
	if (is_answered_here(request, slot)) {
		refuse_with(request, &slot->problem);
		return 0;
	}
	if (!is_dry_run(request))
		return hand_over(request, fault);
	if (slot->problem.code) {
		refuse_with(request, &slot->problem);
		return 0;
	}
	answer_dry_run(slot, &request->answer);
	answer_with(request, 200, HEADER_JSON);
	return 0;
}

static int load_sale(
	struct request *request, const char *till, const char *bill, struct slot *slot, struct fault *fault)
{
	struct store *store = request->web->settings->store;
	struct sale_row row;
	int result = store_sale_by_number(store, till, bill, slot->arena, &row, fault);
	if (result)
		return result;
	slot->sale_id = row.id;
	slot->state = row.state;
	slot->total = row.total;
	slot->has_sale = true;
	slot->sale.till_id = row.till_id;
	slot->sale.bill_no = row.bill_no;
	slot->sale.business_day = row.business_day;
	if (row.state != SALE_STATE_ISSUED) {
		enum problem_code code = problem_find(row.reason);
		if (code)
			problem_set(&slot->problem, code, "%s", "");
		return 0;
	}
	struct invoice_row invoice;
	result = store_invoice_of_sale(store, row.id, slot->arena, &invoice, fault);
	return result ? result : batch_load_invoice(store, slot, &invoice, fault);
}

static int get_sale(struct request *request, const char *rest, struct fault *fault)
{
	struct slot *slot = request->slot = slot_new();
	const char *slash = strchr(rest, '/');
	if (!slot || !slash)
		return slot ? (api_refuse(request, PROBLEM_NOT_FOUND), 0) : FAULT(fault, FAULT_MEMORY, "no memory");
	const char *till = arena_copy(slot->arena, rest, (size_t)(slash - rest));
	if (!till)
		return FAULT(fault, FAULT_MEMORY, "no memory");
	if (!request_may(request, till)) {
		api_refuse(request, PROBLEM_AUTH_TILL);
		return 0;
	}
	int result = load_sale(request, till, slash + 1, slot, fault);
	if (result == STORE_NONE)
		api_refuse(request, PROBLEM_NOT_FOUND);
	if (result)
		return result < 0 ? result : 0;
	answer_with(request, 200, HEADER_JSON);
	return answer_sale(slot, request->web->settings->paper, &request->answer, fault);
}

/* ---- parked sales ---- */

static const struct dialect_ops *find_dialect(const struct web_settings *settings, const char *name)
{
	for (const struct dialect_ops *const *at = settings->dialects; *at; at++)
		if (!strcmp((*at)->name, name))
			return *at;
	return NULL;
}

int web_read_kept(
	const struct web_settings *settings, const struct sale_row *row, struct slot *slot, struct fault *fault)
{
	struct frame_row frame;
	int result = store_frame_get(settings->store, row->frame_id, slot->arena, &frame, fault);
	if (result)
		return result;
	const struct dialect_ops *dialect = find_dialect(settings, frame.dialect);
	if (!dialect)
		return FAULT(fault, FAULT_CONFIG, "sale %lld came by dialect %s, which this program lacks",
			(long long)row->id, frame.dialect);
	slot->sale_id = row->id;
	slot->source = frame.source;
	slot->received_at = row->received_at;
	/* When the clock was wrong then, the time of the arrival says nothing about the time of the sale. */
	if (problem_find(row->reason) == PROBLEM_CLOCK_BACK)
		slot->received_at = store_time_now(settings->store, &slot->time_state);
	slot->frame = frame.bytes;
	slot->frame_len = frame.len;
	if (intake_read(slot, dialect, &settings->config->seller, frame.len, fault) < 0)
		return fault && fault->code ? fault->code : FAULT_MEMORY;
	return 0;
}

int web_load_parked(const struct web_settings *settings, int64_t sale_id, struct slot **ret, struct fault *fault)
{
	CLEANUP(slot_freep) struct slot *slot = slot_new();
	struct sale_row row;
	if (!slot)
		return FAULT(fault, FAULT_MEMORY, "no memory for a sale");
	slot->wish = SLOT_ISSUE;
	int result = store_sale_get(settings->store, sale_id, slot->arena, &row, fault);
	if (result == 0)
		result = web_read_kept(settings, &row, slot, fault);
	if (result)
		return result;
	*ret = slot;
	slot = NULL;
	return 0;
}

static int post_parked(struct request *request, const char *rest, struct fault *fault)
{
	char *verb;
	int64_t id = strtoll(rest, &verb, 10);
	int result = web_load_parked(request->web->settings, id, &request->slot, fault);
	if (result == STORE_NONE)
		api_refuse(request, PROBLEM_NOT_FOUND);
	if (result)
		return result < 0 ? result : 0;
	struct slot *slot = request->slot;
	if (!strcmp(verb, "/issue"))
		return hand_over(request, fault);
	if (strcmp(verb, "/ignore")) {
		api_refuse(request, PROBLEM_NOT_FOUND);
		return 0;
	}
	CLEANUP(body_freep) struct cJSON *body = body_read(request);
	const char *reason = body_text(body, "reason", slot->arena);
	if (!reason) {
		api_refuse(request, PROBLEM_REASON_REQUIRED);
		return 0;
	}
	slot->wish = SLOT_IGNORE;
	slot->problem = (struct problem){0};
	problem_add(&slot->problem, "%s", reason);
	return hand_over(request, fault);
}

static int post_task(struct request *request, const char *rest, struct fault *fault)
{
	char *verb;
	int64_t id = strtoll(rest, &verb, 10);
	if (strcmp(verb, "/reissue")) {
		api_refuse(request, PROBLEM_NOT_FOUND);
		return 0;
	}
	int result = web_load_reissue(request, id, fault);
	if (result)
		return result < 0 ? result : 0;
	return hand_over(request, fault);
}

/* ---- tokens ---- */

static int append_record(
	struct store *store, enum ledger_event event, const char *what, const char *detail, struct fault *fault)
{
	struct ledger_payload payload;
	ledger_payload_init(&payload);
	ledger_payload_text(&payload, "detail", detail);
	ledger_payload_text(&payload, "what", what);
	return ledger_append(store, event, &payload, NULL, fault);
}

static int add_token(
	struct request *request, struct token_row *row, char token[68], int64_t *ret_id, struct fault *fault)
{
	struct store *store = request->web->settings->store;
	uint8_t random[32], hash[32];
	digest_random(random, sizeof(random));
	memcpy(token, "hd_", 3);
	hex_format(random, sizeof(random), token + 3);
	digest_sha256(token, strlen(token), hash);
	row->made_at = clock_now_ms(request->web->settings->clock);
	int result = store_begin(store, fault);
	if (result)
		return result;
	result = store_token_add(store, row, hash, ret_id, fault);
	if (result == 0)
		result = append_record(store, LEDGER_TOKEN, "created", row->tills, fault);
	return store_end(store, result, fault);
}

static int post_token(struct request *request, const char *rest, struct fault *fault)
{
	(void)rest;
	CLEANUP(arena_freep) struct arena *arena = arena_new(64 << 10);
	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory");
	CLEANUP(body_freep) struct cJSON *body = body_read(request);
	struct token_row row = {.name = body_text(body, "name", arena),
		.tills = body_list(body, "tills", arena),
		.scopes = body_scopes(body)};
	if (!row.name || !row.tills || strlen(row.tills) >= sizeof(request->tills) || !row.scopes) {
		api_refuse(request, PROBLEM_REQUIRED);
		return 0;
	}
	char token[68];
	int64_t id = 0;
	int result = add_token(request, &row, token, &id, fault);
	if (result < 0 || web_open_tcp(request->web, fault) < 0)
		return fault && fault->code ? fault->code : FAULT_STORE;
	bytes_char(&request->answer, '{');
	json_key(&request->answer, "id");
	bytes_printf(&request->answer, "\"%lld\"", (long long)id);
	json_member(&request->answer, "token", token);
	bytes_char(&request->answer, '}');
	answer_with(request, 201, HEADER_JSON);
	return 0;
}

static void write_token(const struct token_row *row, struct bytes *out)
{
	char time[CLOCK_TEXT_MAX];
	bytes_char(out, '{');
	json_key(out, "id");
	bytes_printf(out, "\"%lld\"", (long long)row->id);
	json_member(out, "name", row->name);
	json_member(out, "tills", row->tills);
	json_key(out, "scopes");
	body_write_scopes(row->scopes, out);
	clock_format_local(row->made_at, time);
	json_member(out, "made_at", time);
	json_member_flag(out, "is_revoked", row->revoked_at != 0);
	bytes_char(out, '}');
}

static int get_tokens(struct request *request, const char *rest, struct fault *fault)
{
	(void)rest;
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct token_row *rows;
	size_t count;
	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory");
	if (store_token_list(request->web->settings->store, arena, &rows, &count, fault) < 0)
		return FAULT_STORE;
	bytes_text(&request->answer, "{\"tokens\":[");
	for (size_t i = 0; i < count; i++) {
		if (i)
			bytes_char(&request->answer, ',');
		write_token(&rows[i], &request->answer);
	}
	bytes_text(&request->answer, "]}");
	answer_with(request, 200, HEADER_JSON);
	return 0;
}

static int delete_token(struct request *request, const char *rest, struct fault *fault)
{
	struct store *store = request->web->settings->store;
	int result = store_begin(store, fault);
	if (result)
		return result;
	result = store_token_revoke(store, strtoll(rest, NULL, 10), clock_now_ms(request->web->settings->clock), fault);
	if (result == 0)
		result = append_record(store, LEDGER_TOKEN, "revoked", rest, fault);
	result = store_end(store, result, fault);
	request->web->cached = 0;
	if (result == STORE_NONE)
		api_refuse(request, PROBLEM_NOT_FOUND);
	if (result)
		return result < 0 ? result : 0;
	answer_with(request, 204, HEADER_JSON);
	return 0;
}

/* ---- a person vouches for the clock ---- */

static int post_clock(struct request *request, const char *rest, struct fault *fault)
{
	(void)rest;
	const struct web_settings *settings = request->web->settings;
	CLEANUP(arena_freep) struct arena *arena = arena_new(64 << 10);
	CLEANUP(body_freep) struct cJSON *body = body_read(request);
	const char *reason = arena ? body_text(body, "reason", arena) : NULL;
	char source[160];
	if (!reason) {
		api_refuse(request, PROBLEM_REASON_REQUIRED);
		return 0;
	}
	snprintf(source, sizeof(source), "person: %s", reason);
	int result = store_time_hear(settings->store, clock_now_ms(settings->clock), true, source, fault);
	bytes_text(&request->answer, "{}");
	answer_with(request, 200, HEADER_JSON);
	return result;
}

/* ---- officers' looks ---- */

static int post_record(struct request *request, const char *rest, struct fault *fault)
{
	(void)rest;
	CLEANUP(arena_freep) struct arena *arena = arena_new(64 << 10);
	CLEANUP(body_freep) struct cJSON *body = body_read(request);
	const char *event = arena ? body_text(body, "event", arena) : NULL;
	const char *what = arena ? body_text(body, "detail", arena) : NULL;
	struct store *store = request->web->settings->store;
	if (!event || !what || (strcmp(event, "look") && strcmp(event, "export"))) {
		api_refuse(request, PROBLEM_ENUM);
		return 0;
	}
	int result = store_begin(store, fault);
	if (result)
		return result;
	result = append_record(store, strcmp(event, "look") ? LEDGER_EXPORT : LEDGER_LOOK, event, what, fault);
	result = store_end(store, result, fault);
	bytes_text(&request->answer, "{}");
	answer_with(request, 201, HEADER_JSON);
	return result;
}

/* behind_ms: since when all that was committed is on the second medium; absent when it never was. */
static int get_mirror(struct request *request, const char *rest, struct fault *fault)
{
	(void)rest;
	(void)fault;
	const struct web_settings *settings = request->web->settings;
	struct bytes *out = &request->answer;
	struct mirror_state state = {0};
	char since[CLOCK_TEXT_MAX];
	if (settings->mirror_state)
		settings->mirror_state(settings->mirror, &state);
	bytes_char(out, '{');
	json_member_flag(out, "is_configured", settings->mirror_state != NULL);
	json_member_flag(out, "is_there", state.is_there);
	json_member_flag(out, "is_whole", state.is_whole);
	if (state.safe_at)
		json_member_int(out, "behind_ms", clock_mono_ms(NULL) - state.safe_at);
	if (state.base_size)
		json_member_int(out, "base_percent", state.base_done * 100 / state.base_size);
	clock_format_local(state.gone_at, since);
	json_member(out, "gone_since", state.gone_at ? since : NULL);
	json_member(out, "reason", *state.reason ? state.reason : NULL);
	bytes_char(out, '}');
	answer_with(request, 200, HEADER_JSON);
	return 0;
}

/* How the key stands, and whose it is once it is open: whoever asks need not try the password. */
static int get_key(struct request *request, const char *rest, struct fault *fault)
{
	(void)rest;
	(void)fault;
	const struct key *key = request->web->settings->key;
	struct bytes *out = &request->answer;
	char time[CLOCK_TEXT_MAX];
	bytes_char(out, '{');
	json_member(out, "standing", key_word(key));
	if (key_is_open(key)) {
		json_member(out, "serial", key->certificate.serial_hex);
		json_member(out, "tax_code", key->certificate.tax_code);
		clock_format_local(key->certificate.not_before, time);
		json_member(out, "valid_from", time);
		clock_format_local(key->certificate.not_after, time);
		json_member(out, "valid_until", time);
	}
	bytes_char(out, '}');
	answer_with(request, 200, HEADER_JSON);
	return 0;
}

static int post_law(struct request *request, const char *rest, struct fault *fault)
{
	(void)rest;
	return web_import_law(request, fault);
}

static int post_export(struct request *request, const char *rest, struct fault *fault)
{
	(void)rest;
	return web_wish_export(request, fault);
}

static int post_answer(struct request *request, const char *rest, struct fault *fault)
{
	(void)rest;
	return web_take_answer(request, fault);
}

static const char *store_word(enum problem_code refusal)
{
	return refusal == PROBLEM_STORE_NEWER	 ? "newer"
	       : refusal == PROBLEM_STORE_LOCKED ? "locked"
	       : refusal			 ? "none"
						 : "ok";
}

static void write_not_well(const struct web_settings *settings, struct bytes *out)
{
	json_key(out, "not_well");
	bytes_char(out, '{');
	for (size_t i = 0; i < settings->config->port_count; i++) {
		const struct ports_row *row = &settings->port_rows[i];
		if (row->name && row->standing != PORTS_OK)
			json_member(out, row->name, ports_word((int)row->standing));
	}
	bytes_char(out, '}');
}

/* Whether a new sale would be taken; degraded = it would, and yet something stands still. */
static int get_ready(struct request *request, const char *rest, struct fault *fault)
{
	(void)rest;
	const struct web_settings *settings = request->web->settings;
	enum disk_state disk = disk_state(settings->disk);
	bool is_ready = disk == DISK_OK && !settings->refusal;
	int64_t used = 0;
	/* A store that cannot be read is told as such. */
	if (is_ready &&
		store_invoice_used_percent(settings->store, store_time_now(settings->store, NULL), &used, fault) < 0)
		return FAULT_STORE;
	enum routes_standing standing =
		settings->routes ? (enum routes_standing)atomic_load(settings->routes) : ROUTES_OK;
	const char *stuck = settings->stuck ? *settings->stuck : NULL;
	int ports = settings->ports ? atomic_load(settings->ports) : PORTS_OK;
	bool is_well = key_is_open(settings->key) && standing != ROUTES_UNREADABLE && !stuck && ports == PORTS_OK &&
		       used <= settings->config->late_percent;
	bytes_char(&request->answer, '{');
	json_member(&request->answer, "status", !is_ready ? "not_ready" : is_well ? "ready" : "degraded");
	json_member(&request->answer, "disk", disk_word(disk));
	json_member(&request->answer, "ports", ports_word(ports));
	write_not_well(settings, &request->answer);
	json_member(&request->answer, "store", store_word(settings->refusal));
	json_member(&request->answer, "key", key_word(settings->key));
	json_member(&request->answer, "routes", routes_word(standing));
	json_member(&request->answer, "stuck", stuck);
	if (is_ready)
		json_member_int(&request->answer, "used_percent", used);
	bytes_char(&request->answer, '}');
	answer_with(request, is_ready ? 200 : 503, HEADER_JSON);
	return 0;
}

static int get_metrics(struct request *request, const char *rest, struct fault *fault)
{
	(void)rest;
	answer_with(request, 200, HEADER_METRICS);
	return web_write_metrics(request->web->settings, &request->answer, fault);
}

static int get_live(struct request *request, const char *rest, struct fault *fault)
{
	(void)rest;
	(void)fault;
	bytes_char(&request->answer, '{');
	json_member(&request->answer, "status", "live");
	json_member(&request->answer, "version", HOADON_VERSION);
	json_member_int(&request->answer, "pid", getpid());
	bytes_char(&request->answer, '}');
	answer_with(request, 200, HEADER_JSON);
	return 0;
}
