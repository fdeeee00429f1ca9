#include "send/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/log.h"
#include "core/law.h"
#include "core/ports.h"
#include "send/retry.h"
#include "store/disk.h"
#include "store/law.h"
#include "store/outages.h"
#include "store/status.h"

#define DOMAIN		"hoadon-fleet/1\n" /* stands before the bytes that are signed */
#define SIGNATURE_KEY	",\"signature\":\""
#define KEY_KEY		",\"key\":\""
#define ARENA_MAX	((size_t)8 << 20)
#define ANSWER_MAX	65536
#define HOUR_MS		(INT64_C(3600) * 1000)
#define MINUTE_MS	(INT64_C(60) * 1000)
#define EVENING_MS	(22 * HOUR_MS)
#define CHANGE_PAUSE_MS (10 * MINUTE_MS)
#define RETRY_FIRST_MS	MINUTE_MS
#define RETRY_LAST_MS	HOUR_MS

/* ---- words ---- */

static const struct {
	const char *word, *en, *vi;
} states[] = {
#define X(name, word, en, vi) [FLEET_##name] = {word, en, vi},
	FLEET_STATES(X)
#undef X
};

/* Not of the store: the machine's. */
#define DISK  (1 << 29)
#define PORTS (1 << 30)

static const struct {
	int bit; /* enum status_reason */
	struct fleet_reason reason;
} reasons[] = {
	{STATUS_HELD, {"held", "the store may be a copy", "kho có thể là bản sao"}},
	{STATUS_OVERDUE, {"overdue", "past the legal deadline", "quá hạn gửi"}},
	{STATUS_UNSENT_HARD, {"unsent-hard", "not sent at 23:30", "23:30 chưa gửi"}},
	{STATUS_CLOCK, {"clock", "the clock is doubted", "đồng hồ chưa đúng"}},
	{DISK, {"disk", "the disk is full or fails", "ổ đĩa đầy hoặc lỗi"}},
	{STATUS_UNSENT, {"unsent", "not sent at 21:00", "21:00 chưa gửi"}},
	{PORTS, {"ports", "a port or its printer is away", "cổng in hoặc máy in có sự cố"}},
	{STATUS_LATE, {"late", "an invoice is under way for long", "có hóa đơn gửi lâu"}},
	{STATUS_UNKNOWN, {"unknown", "an outcome is unknown", "có thông điệp chưa rõ kết quả"}},
	{STATUS_PARKED, {"parked", "sales wait", "có giao dịch chờ"}},
	{STATUS_TASKS, {"tasks", "tasks are open", "có việc chờ"}},
};

const char *fleet_state_word(enum fleet_state state)
{
	return states[state].word;
}

const char *fleet_state_text(enum fleet_state state, bool is_vi)
{
	return is_vi ? states[state].vi : states[state].en;
}

enum fleet_state fleet_state_find(const char *word)
{
	for (int i = 0; i < FLEET_SILENT; i++)
		if (word && strcmp(states[i].word, word) == 0)
			return (enum fleet_state)i;
	return FLEET_STATE_COUNT;
}

const struct fleet_reason *fleet_reason_find(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (word && strcmp(reasons[i].reason.word, word) == 0)
			return &reasons[i].reason;
	return NULL;
}

/* ---- signing ---- */

static int sign(const struct ecsign_key *key, struct bytes *out, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes text;
	uint8_t spki[ECSIGN_SPKI_LEN], sig[ECSIGN_LEN];
	bytes_init(&text, FLEET_MAX);
	int result = ecsign_public(key, spki, fault);
	if (result < 0)
		return result;
	bytes_text(out, KEY_KEY);
	bytes_hex(out, spki, sizeof(spki));
	bytes_char(out, '"');
	bytes_text(&text, DOMAIN);
	bytes_append(&text, out->data, out->len);
	result = bytes_check(&text, "the file for the fleet", fault);
	if (result == 0)
		result = ecsign_sign(key, text.data, text.len, sig, fault);
	if (result < 0)
		return result;
	bytes_text(out, SIGNATURE_KEY);
	bytes_hex(out, sig, sizeof(sig));
	bytes_text(out, "\"}\n");
	return bytes_check(out, "the file for the fleet", fault);
}

/* @text ends with @key, @len bytes in hex and @end. */
static bool take_tail(const char *text, size_t *len, const char *key, uint8_t *out, size_t out_len, const char *end)
{
	size_t tail = strlen(key) + 2 * out_len + strlen(end);
	char hex[2 * ECSIGN_SPKI_LEN + 1];
	if (*len < tail || memcmp(text + *len - tail, key, strlen(key)) != 0 ||
		memcmp(text + *len - strlen(end), end, strlen(end)) != 0)
		return false;
	snprintf(hex, sizeof(hex), "%.*s", (int)(2 * out_len), text + *len - tail + strlen(key));
	if (hex_parse(hex, out, out_len) != 0)
		return false;
	*len -= tail;
	return true;
}

int fleet_check(const void *bytes, size_t len, uint8_t spki[ECSIGN_SPKI_LEN])
{
	CLEANUP(bytes_done) struct bytes text;
	uint8_t sig[ECSIGN_LEN];
	size_t rest = len;
	bytes_init(&text, 2 * FLEET_MAX);
	if (!take_tail(bytes, &rest, SIGNATURE_KEY, sig, sizeof(sig), "\"}\n"))
		return 1;
	bytes_text(&text, DOMAIN);
	bytes_append(&text, bytes, rest);
	if (!take_tail(bytes, &rest, KEY_KEY, spki, ECSIGN_SPKI_LEN, "\"") || bytes_check(&text, "a file", NULL))
		return 1;
	return ecsign_verify(spki, ECSIGN_SPKI_LEN, text.data, text.len, sig, NULL) != 0;
}

/* ---- what a shop says of itself ---- */

enum place { PLACE_FOLDER, PLACE_URL, PLACE_COUNT };

struct place_state {
	bool is_told;
	enum fleet_state told;
	int64_t told_at, failures, again_at; /* ms UTC */
};

struct fleet {
	const struct config *config;
	struct store *store;
	const atomic_int *ports;
	struct ecsign_key
		*key; /* that of the ledger's checkpoints, loaded once more: one may sign in one thread alone */
	struct http_settings http_settings;
	struct http *http;
	struct bytes password;
	struct place_state places[PLACE_COUNT];
};

struct picture { /* of one moment */
	int64_t now;
	struct status status;
	struct status_day day;
	struct outage_row *outages;
	size_t outage_count;
	bool is_disk, is_ports;
	int64_t law;
};

static bool has_reason(const struct picture *picture, int bit)
{
	int bits = status_reasons(&picture->status, picture->now) | (picture->is_disk ? DISK : 0) |
		   (picture->is_ports ? PORTS : 0);
	return (bits & bit) != 0;
}

static enum fleet_state state_of(const struct picture *picture)
{
	const struct time_decision *time = &picture->status.time;
	int bits = status_reasons(&picture->status, picture->now);
	if (picture->is_disk || time_is_held(time->state) || time->wait_until_ms ||
		(bits & (STATUS_HELD | STATUS_OVERDUE | STATUS_UNSENT_HARD)))
		return FLEET_STOPPED;
	return bits || picture->outage_count || picture->is_ports ? FLEET_LOOK : FLEET_GOOD;
}

/* What the state is made of. */
static int look(const struct fleet *fleet, struct arena *arena, struct picture *ret, struct fault *fault)
{
	int result = status_read(fleet->store, &ret->status, fault);
	if (result < 0)
		return result;
	ret->now = ret->status.time.now_ms;
	ret->is_disk = store_disk_state(fleet->store) != DISK_OK;
	ret->is_ports = atomic_load(fleet->ports) != PORTS_OK;
	return store_outage_going(fleet->store, arena, &ret->outages, &ret->outage_count, fault);
}

/* The rest, which takes longer. */
static int look_closer(const struct fleet *fleet, struct arena *arena, struct picture *ret, struct fault *fault)
{
	struct law_book book = {.calendar = NULL};
	int result = status_read_day(fleet->store, clock_day(ret->now), &ret->day, fault);
	if (result == 0)
		result = store_law_load(fleet->store, &book, arena, fault);
	if (result == 0)
		ret->law = law_on(&book, clock_day(ret->now))->version;
	return result;
}

static void put_time(struct bytes *out, const char *key, int64_t ms)
{
	char text[CLOCK_TEXT_MAX];
	clock_format_local(ms, text);
	json_member(out, key, ms ? text : NULL);
}

static void put_word(struct bytes *out, const char *word)
{
	if (out->len && out->data[out->len - 1] != '[')
		bytes_char(out, ',');
	json_string(out, word);
}

static void put_counts(const struct picture *picture, struct bytes *out)
{
	const struct status *status = &picture->status;
	char day[CLOCK_TEXT_MAX];
	clock_format_day(clock_day(picture->now), day);
	json_member(out, "day", day);
	json_member_int(out, "issued", picture->day.issued);
	json_member_int(out, "accepted", picture->day.accepted);
	json_member_int(out, "refused", picture->day.refused);
	json_member_int(out, "unsent", status->invoices.issued);
	put_time(out, "oldest_unsent_at", status->invoices.oldest_open_at);
	put_time(out, "deadline", status->invoices.oldest_deadline);
	json_member_int(out, "parked", status->sales.parked);
	json_member_int(out, "tasks", status->tasks);
	json_key(out, "outages");
	bytes_char(out, '[');
	for (size_t i = 0; i < picture->outage_count; i++)
		put_word(out, outage_kind((int)picture->outages[i].cause)->word);
	bytes_char(out, ']');
	json_member_int(out, "ledger_records", status->head.seq);
	json_member(out, "ledger_tail", status->head.seq ? status->head.tail : NULL);
}

static int write_file(const struct fleet *fleet, const struct picture *picture, struct bytes *out, struct fault *fault)
{
	const struct config *config = fleet->config;
	bytes_text(out, "{\"schema_version\":1");
	json_member(out, "store", picture->status.store);
	json_member(out, "seller", picture->status.seller);
	json_member(out, "name", config->fleet_name ? config->fleet_name : config->seller.name);
	json_member(out, "version", HOADON_VERSION);
	json_member_int(out, "law", picture->law);
	put_time(out, "made_at", picture->now);
	json_member(out, "state", fleet_state_word(state_of(picture)));
	json_key(out, "reasons");
	bytes_char(out, '[');
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (has_reason(picture, reasons[i].bit))
			put_word(out, reasons[i].reason.word);
	bytes_char(out, ']');
	put_counts(picture, out);
	return sign(fleet->key, out, fault);
}

/* ---- telling ---- */

static int tell_folder(const struct fleet *fleet, const char *name, const struct bytes *file, struct fault *fault)
{
	char path[4200];
	snprintf(path, sizeof(path), "%s/%s.json", fleet->config->fleet_folder, name);
	return file_write(path, file->data, file->len, 0644, fault);
}

static int tell_url(const struct fleet *fleet, const char *name, const struct bytes *file, struct fault *fault)
{
	const char *base = fleet->config->fleet_url;
	struct http_response response = {0};
	char url[700];
	snprintf(url, sizeof(url), "%s%s%s.json", base, base[strlen(base) - 1] == '/' ? "" : "/", name);
	const struct http_request request = {
		.method = "PUT",
		.url = url,
		.user = fleet->config->fleet_user,
		.password = fleet->password.len ? (const char *)fleet->password.data : NULL,
		.content_type = "application/json",
		.body = file->data,
		.len = file->len,
	};
	bytes_init(&response.body, ANSWER_MAX);
	int result = http_call(fleet->http, &request, &response, fault);
	bytes_done(&response.body);
	if (result == 0 && (response.status < 200 || response.status > 299))
		return FAULT(fault, FAULT_NETWORK, "it answers HTTP %d", response.status);
	return result;
}

static bool is_set(const struct fleet *fleet, enum place place)
{
	return place == PLACE_URL ? fleet->config->fleet_url : fleet->config->fleet_folder;
}

/* The day turns in the evening, when its counts are nearly whole; not every shop at the same minute. */
static int32_t evening(const struct fleet *fleet, int64_t ms)
{
	uint8_t id[4] = {0};
	char hex[9];
	snprintf(hex, sizeof(hex), "%.8s", store_id(fleet->store));
	(void)!hex_parse(hex, id, sizeof(id));
	return clock_day(ms - EVENING_MS - id[0] % 60 * MINUTE_MS);
}

/* A clock that was set back puts nothing off for long. */
static bool is_over(int64_t since, int64_t now, int64_t pause)
{
	return now - since >= pause || now < since;
}

static bool is_due(const struct fleet *fleet, const struct place_state *place, enum fleet_state state, int64_t now)
{
	bool is_other = (place->told == FLEET_GOOD) != (state == FLEET_GOOD);
	if (place->again_at > now && place->again_at - now <= RETRY_LAST_MS)
		return false;
	return !place->is_told || evening(fleet, place->told_at) != evening(fleet, now) ||
	       (is_other && is_over(place->told_at, now, CHANGE_PAUSE_MS));
}

static void note(
	struct place_state *place, enum place which, enum fleet_state state, int64_t now, const struct fault *why)
{
	if (!why->code) {
		*place = (struct place_state){.is_told = true, .told = state, .told_at = now};
		return;
	}
	const struct retry retry = {
		.first_ms = RETRY_FIRST_MS, .last_ms = RETRY_LAST_MS, .attempts = ++place->failures};
	place->again_at = now + retry_backoff(&retry);
	log_event(LOG_LEVEL_WARNING, "not-told", "channel=%s attempt=%lld why=\"%s\"",
		which == PLACE_URL ? "fleet-url" : "fleet-folder", (long long)place->failures, why->text);
}

int fleet_step(struct fleet *fleet, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = fleet ? arena_new(ARENA_MAX) : NULL;
	struct picture picture = {0};
	if (!fleet)
		return 0;
	int result =
		arena ? look(fleet, arena, &picture, fault) : FAULT(fault, FAULT_MEMORY, "no memory for the fleet");
	enum fleet_state state = result ? FLEET_GOOD : state_of(&picture);
	for (int i = 0; i < PLACE_COUNT && result == 0; i++) {
		struct place_state *place = &fleet->places[i];
		CLEANUP(bytes_done) struct bytes file;
		struct fault why = {0};
		bytes_init(&file, FLEET_MAX);
		if (!is_set(fleet, (enum place)i) || !is_due(fleet, place, state, picture.now))
			continue;
		result = look_closer(fleet, arena, &picture, fault);
		if (result == 0)
			result = write_file(fleet, &picture, &file, fault);
		if (result == 0)
			(void)!(i == PLACE_URL ? tell_url(fleet, picture.status.store, &file, &why)
					       : tell_folder(fleet, picture.status.store, &file, &why));
		if (result == 0)
			note(place, (enum place)i, state, picture.now, &why);
	}
	return result;
}

static int open_fleet(struct fleet *fleet, struct fault *fault)
{
	const struct config *config = fleet->config;
	char path[4200];
	snprintf(path, sizeof(path), "%s/ledger.key", config->store_dir);
	int result = ecsign_load_or_make(path, &fleet->key, fault);
	if (result < 0 || !config->fleet_url)
		return result;
	fleet->http_settings = (struct http_settings){.ca_file = config->fleet_ca_file,
		.connect_timeout_ms = config->connect_timeout_ms,
		.total_timeout_ms = config->total_timeout_ms};
	result = config->fleet_password_file ? file_read_secret(config->fleet_password_file, &fleet->password, fault)
					     : 0;
	return result < 0 ? result : http_new(&fleet->http_settings, &fleet->http, fault);
}

int fleet_new(const struct config *config, struct store *store, const atomic_int *ports, struct fleet **ret,
	struct fault *fault)
{
	*ret = NULL;
	if (!config->fleet_folder && !config->fleet_url)
		return 0;
	CLEANUP(fleet_freep) struct fleet *fleet = calloc(1, sizeof(*fleet));
	if (!fleet)
		return FAULT(fault, FAULT_MEMORY, "no memory for the fleet");
	fleet->config = config;
	fleet->store = store;
	fleet->ports = ports;
	bytes_init(&fleet->password, 4096);
	int result = open_fleet(fleet, fault);
	if (result < 0)
		return result;
	*ret = fleet;
	fleet = NULL;
	return 0;
}

void fleet_free(struct fleet *fleet)
{
	if (!fleet)
		return;
	ecsign_free(fleet->key);
	http_free(fleet->http);
	bytes_done(&fleet->password);
	free(fleet);
}

void fleet_interrupt(struct fleet *fleet)
{
	if (fleet && fleet->http)
		http_interrupt(fleet->http);
}
