#include "store/time.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/ledger.h"
#include "store/run.h"

struct known {
	struct timekeeper keeper;
	enum time_state state; /* as last recorded */
};

static int get(struct store *store, struct known *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TIME_GET);
	struct known known = {0};
	char word[16] = "";
	const void *text;
	size_t len;
	int result = query_row(&query, fault);

	if (result)
		return result < 0 ? result : FAULT(fault, FAULT_FORMAT, "the store has lost its time; run hoadon fsck");
	if (!store->tip.boot[0])
		clock_boot_id(store->tip.boot);
	text = column_blob(&query, &len);
	known.keeper.has_base = len == strlen(store->tip.boot) && memcmp(text, store->tip.boot, len) == 0;
	known.keeper.offset = column_int(&query);
	known.keeper.mono_ms = column_int(&query);
	known.keeper.is_proven = column_int(&query) != 0 && known.keeper.has_base;
	text = column_blob(&query, &len);
	memcpy(word, text, len < sizeof(word) ? len : sizeof(word) - 1);
	known.keeper.last_issued_at = column_int(&query);
	/* The monotonic clock of another start says nothing about this one. */
	if (!known.keeper.has_base)
		known.keeper.mono_ms = 0;
	known.state = time_state_find(word);
	*ret = known;
	return 0;
}

static int put(struct store *store, const struct timekeeper *keeper, enum time_state state, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TIME_PUT);

	bind_text(&query, keeper->has_base ? store->tip.boot : "");
	bind_int(&query, keeper->offset);
	bind_int(&query, keeper->mono_ms);
	bind_int(&query, keeper->is_proven);
	bind_text(&query, time_state_word((int)state));
	return query_do(&query, fault);
}

static int record(
	struct store *store, const struct time_decision *time, int64_t jump, const char *source, struct fault *fault)
{
	struct ledger_payload payload;

	log_event(time->state == TIME_PROVEN ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "clock-jump",
		"ms=%lld state=%s source=%s", (long long)jump, time_state_word((int)time->state), source);
	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "ms", jump);
	ledger_payload_text(&payload, "source", source);
	ledger_payload_text(&payload, "state", time_state_word((int)time->state));
	return ledger_append(store, LEDGER_CLOCK_JUMP, &payload, NULL, fault);
}

/* By how much the clock jumped: against what is believed, or what is believed now against what was. */
static int64_t jump_of(const struct known *before, const struct timekeeper *now, const struct time_decision *time)
{
	if (time->ahead_ms)
		return time->ahead_ms;
	return before->keeper.has_base && now->has_base ? now->offset - before->keeper.offset : 0;
}

static int keep(struct store *store, const struct known *before, const struct timekeeper *now,
	const struct time_decision *time, const char *source, struct fault *fault)
{
	int64_t jump = jump_of(before, now, time);
	bool is_told =
		time->state != before->state || (!time->ahead_ms && (jump > TIME_JUMP_MS || jump < -TIME_JUMP_MS));
	int result = 0;

	if (is_told)
		result = record(store, time, jump, source, fault);
	if (!result && (is_told || !timekeeper_is_same(&before->keeper, now)))
		result = put(store, now, time->state, fault);
	return result;
}

int store_time_judge(struct store *store, struct time_decision *ret, struct fault *fault)
{
	struct known known = {0};
	struct clock_reading reading = clock_read(store->clock);
	int result = get(store, &known, fault);

	if (!result)
		*ret = timekeeper_judge(&known.keeper, &reading);
	return result;
}

int64_t store_time_now(struct store *store, enum time_state *ret_state)
{
	struct time_decision time = {.state = TIME_PROVEN, .now_ms = clock_now_ms(store->clock)};

	(void)!store_time_judge(store, &time, NULL);
	if (ret_state)
		*ret_state = time.state;
	return time.now_ms;
}

int store_time_note(struct store *store, struct fault *fault)
{
	struct known before = {0};
	struct clock_reading reading = clock_read(store->clock);
	int result = get(store, &before, fault);

	if (result)
		return result;
	struct timekeeper now = before.keeper;
	const struct time_decision time = timekeeper_judge(&now, &reading);
	return keep(store, &before, &now, &time, "clock", fault);
}

static int hear(struct store *store, int64_t said_ms, bool is_exact, const char *source, struct fault *fault)
{
	struct known before = {0};
	struct clock_reading reading = clock_read(store->clock);
	int result = get(store, &before, fault);

	if (result)
		return result;
	struct timekeeper now = before.keeper;
	timekeeper_hear(&now, &reading, said_ms, is_exact);
	const struct time_decision time = timekeeper_judge(&now, &reading);
	return keep(store, &before, &now, &time, source, fault);
}

/* Whether @said_ms changes what is believed: most answers tell what is known. */
static int is_news(struct store *store, int64_t said_ms, bool is_exact, struct fault *fault)
{
	struct known known = {0};
	struct clock_reading reading = clock_read(store->clock);
	int result = get(store, &known, fault);

	if (result)
		return result;
	struct timekeeper now = known.keeper;
	timekeeper_hear(&now, &reading, said_ms, is_exact);
	return !timekeeper_is_same(&now, &known.keeper);
}

int store_time_hear(struct store *store, int64_t said_ms, bool is_exact, const char *source, struct fault *fault)
{
	int result;

	if (run_is_inside(store))
		return hear(store, said_ms, is_exact, source, fault);
	result = is_news(store, said_ms, is_exact, fault);
	if (result <= 0)
		return result;
	result = store_begin(store, fault);
	if (!result)
		result = hear(store, said_ms, is_exact, source, fault);
	return store_end(store, result, fault);
}
