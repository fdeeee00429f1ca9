#include "send/tell.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "base/log.h"
#include "core/symbols.h"
#include "core/task.h"
#include "send/retry.h"
#include "store/invoices.h"
#include "store/sales.h"

#define ARENA_MAX	 ((size_t)4 << 20)
#define NOTICE_MAX	 65536
#define TASKS_AT_ONCE	 20
#define PAUSE_MS	 60000 /* between two notices of a channel: a bad day fills no mailbox */
#define INVOICE_NAME_MAX 48
#define RETRY_FIRST_MS	 10000
#define RETRY_LONGEST_MS 900000

struct channel_state {
	int64_t failures, again_at;
};

struct teller {
	const struct tell_settings *settings;
	struct store *store;
	struct channel_state states[TELL_CHANNELS_MAX];
};

struct teller *teller_new(const struct tell_settings *settings, struct store *store)
{
	struct teller *teller = calloc(1, sizeof(*teller));

	if (teller) {
		teller->settings = settings;
		teller->store = store;
	}
	return teller;
}

void teller_free(struct teller *teller)
{
	free(teller);
}

/* ---- what is remembered: ids, as decimal text ---- */

static int get_id(struct store *store, const char *key, int64_t *ret, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes value;
	int result;

	bytes_init(&value, 32);
	result = store_meta_get(store, key, &value, fault);
	if (result < 0)
		return result;
	*ret = result == 0 && bytes_check(&value, key, fault) == 0 ? strtoll((const char *)value.data, NULL, 10) : 0;
	return 0;
}

static int put_id(struct store *store, const char *key, int64_t id, struct fault *fault)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%lld", (long long)id);

	return store_meta_put(store, key, text, (size_t)len, fault);
}

/* ---- sales that wait for a person ---- */

static const struct waiting {
	const char *kind;
	const char *told; /* id of the newest sale that a task was opened for */
	bool is_stranger; /* told at once: somebody prints to the box who was not let to, or a till has another address */
} waitings[] = {
	{"sale-parked", "told.parked", false},
	{"peer-unknown", "told.peer", true},
};

static int open_waiting(struct store *store, const struct waiting *waiting, int64_t count, int64_t newest,
	int64_t now_ms, struct fault *fault)
{
	char text[64];
	const struct task_row task = {.kind = waiting->kind, .text = text, .made_at = now_ms};
	int result = store_task_close_kind(store, waiting->kind, now_ms, fault);

	snprintf(text, sizeof(text), "%lld", (long long)count);
	if (result == 0)
		result = store_task_add(store, &task, fault);
	return result == 0 ? put_id(store, waiting->told, newest, fault) : result;
}

/* One task for all that wait; a later sale that waits as long opens it anew, so that it is told too. */
static int look_at_waiting(struct teller *teller, const struct waiting *waiting, int64_t now_ms, struct fault *fault)
{
	struct store *store = teller->store;
	int64_t count = 0, newest = 0, told = 0;
	int64_t patience = waiting->is_stranger ? 0 : teller->settings->config->parked_after_ms;
	int result = store_sale_parked_until(store, now_ms - patience, waiting->is_stranger, &count, &newest, fault);

	if (result == 0)
		result = get_id(store, waiting->told, &told, fault);
	if (result < 0 || (count ? newest <= told : told == 0))
		return result;
	result = store_begin(store, fault);
	if (result < 0)
		return result;
	if (count)
		result = open_waiting(store, waiting, count, newest, now_ms, fault);
	else
		result = store_task_close_kind(store, waiting->kind, now_ms, fault);
	if (result == 0 && !count)
		result = put_id(store, waiting->told, 0, fault);
	return store_end(store, result, fault);
}

/* ---- the words ---- */

struct words {
	struct bytes subject, vi, en, json;
};

static void words_done(struct words *words)
{
	bytes_done(&words->subject);
	bytes_done(&words->vi);
	bytes_done(&words->en);
	bytes_done(&words->json);
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* "1C26MAA/12" of the invoice that @task is about, "" when it is about none or it cannot be read: the task is told all the same. */
static void name_invoice(
	struct store *store, const struct task_row *task, struct arena *arena, char out[INVOICE_NAME_MAX])
{
	char symbol[SERIAL_LEN + 2];
	struct invoice_row row;
	struct fault ignored = {0};

	out[0] = '\0';
	if (!task->invoice_id || store_invoice_get(store, task->invoice_id, arena, &row, &ignored))
		return;
	symbol_make(row.form, row.serial, symbol);
	snprintf(out, INVOICE_NAME_MAX, "%s/%d", symbol, (int)row.number);
}

static void add_json(const struct task_row *task, const struct task_kind *kind, const char *invoice, struct bytes *out)
{
	char made[CLOCK_TEXT_MAX], id[24];

	snprintf(id, sizeof(id), "%lld", (long long)task->id);
	clock_format_local(task->made_at, made);
	bytes_text(out, out->data[out->len - 1] == '[' ? "{" : ",{");
	json_member(out, "id", id);
	json_member(out, "kind", task->kind);
	json_member(out, "made_at", made);
	json_member(out, "invoice", *invoice ? invoice : NULL);
	json_member(out, "what_vi", kind->vi);
	json_member(out, "what_en", kind->en);
	json_member(out, "next_vi", kind->next_vi);
	json_member(out, "next_en", kind->next_en);
	json_member(out, "detail", task->text);
	bytes_char(out, '}');
}

static void add_task(const struct task_row *task, const char *invoice, struct words *words)
{
	const struct task_kind *kind = task_kind_find(task->kind);
	const char *gap = *invoice ? " " : "";

	bytes_printf(&words->vi, "%s%s%s: %s\n  %s\n  hoadon task show %lld\n\n", kind->vi, gap, invoice, task->text,
		kind->next_vi, (long long)task->id);
	bytes_printf(&words->en, "%s%s%s: %s\n  %s\n  hoadon task show %lld\n\n", kind->en, gap, invoice, task->text,
		kind->next_en, (long long)task->id);
	add_json(task, kind, invoice, &words->json);
}

/* The Vietnamese text ends with the English one. */
static int write_words(struct teller *teller, const struct task_row *tasks, size_t count, struct arena *arena,
	struct words *words, struct fault *fault)
{
	const struct seller *seller = &teller->settings->config->seller;
	char invoice[INVOICE_NAME_MAX];

	bytes_printf(&words->subject, "%s: %s%s", or_empty(seller->name), task_kind_find(tasks[0].kind)->vi,
		count > 1 ? " …" : "");
	bytes_printf(&words->vi, "%s (MST %s)\n\n", or_empty(seller->name), or_empty(seller->tax_code));
	bytes_text(&words->json, "{\"schema_version\":1");
	json_member(&words->json, "event", "tasks");
	json_member(&words->json, "seller", seller->tax_code);
	json_key(&words->json, "tasks");
	bytes_char(&words->json, '[');
	for (size_t i = 0; i < count; i++) {
		name_invoice(teller->store, &tasks[i], arena, invoice);
		add_task(&tasks[i], invoice, words);
	}
	bytes_text(&words->json, "]}");
	bytes_append(&words->vi, words->en.data, words->en.len);
	if (bytes_check(&words->subject, "a notice", fault) || bytes_check(&words->vi, "a notice", fault))
		return FAULT_MEMORY;
	return bytes_check(&words->json, "a notice", fault);
}

/* ---- telling ---- */

static int tell(struct teller *teller, const struct tell_channel *channel, const struct task_row *tasks, size_t count,
	struct arena *arena, struct fault *fault)
{
	CLEANUP(words_done)
	struct words words = {{.max = NOTICE_MAX}, {.max = NOTICE_MAX}, {.max = NOTICE_MAX}, {.max = NOTICE_MAX}};
	int result = write_words(teller, tasks, count, arena, &words, fault);

	if (result < 0)
		return result;
	const struct notice notice = {
		(const char *)words.subject.data, (const char *)words.vi.data, (const char *)words.json.data};
	return channel->tell(channel->context, &notice, fault);
}

static void put_off(
	struct channel_state *state, const struct tell_channel *channel, int64_t now_ms, const struct fault *why)
{
	const struct retry retry = {
		.first_ms = RETRY_FIRST_MS, .last_ms = RETRY_LONGEST_MS, .attempts = ++state->failures};

	state->again_at = now_ms + retry_backoff(&retry);
	log_event(LOG_LEVEL_WARNING, "not-told", "channel=%s attempt=%lld why=\"%s\"", channel->name,
		(long long)state->failures, why->text);
}

static int remember(struct store *store, const char *key, int64_t id, struct fault *fault)
{
	int result = store_begin(store, fault);

	return result < 0 ? result : store_end(store, put_id(store, key, id, fault), fault);
}

static int tell_channel(struct teller *teller, size_t i, int64_t now_ms, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
	const struct tell_channel *channel = &teller->settings->channels[i];
	struct channel_state *state = &teller->states[i];
	struct fault why = {0};
	struct task_row *tasks = NULL;
	size_t count = 0;
	char key[32];
	int64_t told;
	int result;

	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for a notice");
	snprintf(key, sizeof(key), "told.%s", channel->name);
	result = get_id(teller->store, key, &told, fault);
	if (result == 0)
		result = store_task_after(teller->store, told, TASKS_AT_ONCE, arena, &tasks, &count, fault);
	if (result < 0 || !count)
		return result;
	if (tell(teller, channel, tasks, count, arena, &why)) {
		put_off(state, channel, now_ms, &why);
		return 0;
	}
	*state = (struct channel_state){.again_at = now_ms + PAUSE_MS};
	return remember(teller->store, key, tasks[count - 1].id, fault);
}

int teller_step(struct teller *teller, struct fault *fault)
{
	int64_t now_ms = clock_now_ms(teller->settings->clock);
	int result = 0;

	for (size_t i = 0; result >= 0 && i < ARRAY_LEN(waitings); i++)
		result = look_at_waiting(teller, &waitings[i], now_ms, fault);
	for (size_t i = 0; result >= 0 && i < teller->settings->channel_count; i++) {
		int64_t left = teller->states[i].again_at - now_ms;

		if (left <= 0 || left > RETRY_LONGEST_MS)
			result = tell_channel(teller, i, now_ms, fault);
	}
	return result;
}
