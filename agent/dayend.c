#include "dayend.h"

#include <stdlib.h>
#include <string.h>

#include "capture/ticket.h"
#include "drivers/drivers.h"
#include "store/days.h"
#include "store/disk.h"
#include "store/invoices.h"
#include "store/time.h"

#define KIND_MISSING "sale-missing"
#define META_DAY     "missing.day"  /* the last that is in the ledger */
#define META_TOLD    "missing.told" /* the newest day that a task was opened for */
#define DAY_ARENA    ((size_t)256 << 20)
#define TEXT_MAX     256
#define NUMBER_MAX   32
#define LOOK_MS	     (INT64_C(10) * 60000)
#define ALIVE_MS     (INT64_C(2) * 60000) /* well below MISSING_DOWN_MS */

static int read_ticket(
	const char *dialect, const void *bytes, size_t len, struct arena *arena, struct missing_ticket *ret)
{
	return strcmp(dialect, dialect_json.name) == 0 ? ticket_read(&dialect_json, bytes, len, arena, ret) : 1;
}

static int get_day(struct store *store, const char *key, int32_t *ret, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes text = {.max = NUMBER_MAX};
	int result = store_meta_get(store, key, &text, fault);
	if (result >= 0)
		*ret = result == 0 ? (int32_t)strtol((const char *)text.data, NULL, 10) : 0;
	return result < 0 ? result : 0;
}

static int put_day(struct store *store, const char *key, int32_t day, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes text = {.max = NUMBER_MAX};
	bytes_int(&text, day);
	return store_meta_put(store, key, text.data, text.len, fault);
}

/* ---- a day ---- */

struct judged {
	struct arena *arena;
	struct missing_day day;
	struct missing *found;
	size_t count;
};

static void judged_done(struct judged *judged)
{
	arena_free(judged->arena);
}

static int judge(const struct dayend *dayend, struct store *store, int32_t day, struct judged *ret, struct fault *fault)
{
	ret->arena = arena_new(DAY_ARENA);
	if (!ret->arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for the papers of a day");
	ret->day = (struct missing_day){.day = day, .now_ms = store_time_now(store, NULL)};
	return store_day_judge(
		store, dayend->config, read_ticket, ret->arena, &ret->day, &ret->found, &ret->count, fault);
}

static bool is_empty(const struct judged *judged)
{
	for (size_t i = 0; i < judged->day.paper_count; i++)
		if (judged->day.papers[i].day == judged->day.day)
			return false;
	return judged->count == 0;
}

/* What nobody can fill is told for a day; what a person settled, no more. */
static bool is_missing(const struct judged *judged, bool is_newest)
{
	for (size_t i = 0; i < judged->count; i++) {
		enum missing_kind kind = judged->found[i].kind;
		if (judged->found[i].settled)
			continue;
		if (missing_is_judged((int)kind) && (is_newest || (kind != MISSING_SILENT && kind != MISSING_BYPASS)))
			return true;
	}
	return false;
}

static int write_day(struct store *store, const struct judged *judged, struct fault *fault)
{
	int result = store_begin(store, fault);
	if (result < 0)
		return result;
	result = store_day_record(store, &judged->day, judged->found, judged->count, fault);
	if (result == 0)
		result = put_day(store, META_DAY, judged->day.day, fault);
	return store_end(store, result, fault);
}

/* A day on which nothing came leaves no record. */
static int record_day(const struct dayend *dayend, struct store *store, int32_t day, struct fault *fault)
{
	CLEANUP(judged_done) struct judged judged = {0};
	int result = judge(dayend, store, day, &judged, fault);
	return result < 0 || is_empty(&judged) ? result : write_day(store, &judged, fault);
}

/* Each day that is over and was not judged; of a long absence the last week. */
static int record_days(struct dayend *dayend, struct store *store, int32_t over, struct fault *fault)
{
	int32_t day = dayend->day, oldest = clock_day_add(over, -MISSING_DAYS_BEFORE + 1);
	int result = day ? 0 : get_day(store, META_DAY, &day, fault);
	day = day ? clock_day_add(day, 1) : over;
	for (day = day < oldest ? oldest : day; result == 0 && day <= over; day = clock_day_add(day, 1))
		result = record_day(dayend, store, day, fault);
	if (result == 0)
		dayend->day = over;
	return result;
}

/* ---- the task ---- */

static int settle(struct store *store, const char *days, int32_t newest, struct fault *fault)
{
	int64_t now = store_time_now(store, NULL);
	const struct task_row task = {.kind = KIND_MISSING, .text = days, .made_at = now};
	int result = store_begin(store, fault);
	if (result < 0)
		return result;
	result = store_task_close_kind(store, KIND_MISSING, now, fault);
	if (result == 0 && *days)
		result = store_task_add(store, &task, fault);
	if (result == 0)
		result = put_day(store, META_TOLD, newest, fault);
	return store_end(store, result, fault);
}

/* One task for all days of the last week; it is told anew when another day comes, and closes when all was filled. */
static int look_at_week(const struct dayend *dayend, struct store *store, bool is_new, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes days = {.max = TEXT_MAX};
	char text[CLOCK_TEXT_MAX];
	int32_t newest = 0, told = 0;
	int result = get_day(store, META_TOLD, &told, fault);
	if (result == 0 && !is_new && told == 0)
		return 0;
	for (int i = MISSING_DAYS_BEFORE - 1; result == 0 && i >= 0; i--) {
		CLEANUP(judged_done) struct judged judged = {0};
		int32_t day = clock_day_add(dayend->day, -i);
		result = judge(dayend, store, day, &judged, fault);
		if (result < 0 || !is_missing(&judged, i == 0))
			continue;
		newest = day;
		clock_format_day(day, text);
		bytes_printf(&days, "%s%s", days.len ? ", " : "", text);
	}
	if (result < 0 || (newest ? newest <= told : told == 0))
		return result;
	return settle(store, days.len ? (const char *)days.data : "", newest, fault);
}

/* ---- the steps ---- */

void dayend_init(struct dayend *dayend, const struct config *config, const struct clock *clock)
{
	*dayend = (struct dayend){.config = config, .clock = clock, .alive_at = clock_mono_ms(clock) + ALIVE_MS};
}

int dayend_step(struct dayend *dayend, struct store *store, struct fault *fault)
{
	int64_t now = clock_mono_ms(dayend->clock);
	int32_t over = clock_day_add(clock_day(store_time_now(store, NULL) - MISSING_OVER_MS), -1);
	bool is_new = over > dayend->day;
	int result = 0;
	if (now >= dayend->alive_at && store_disk_state(store) == DISK_OK) {
		dayend->alive_at = now + ALIVE_MS;
		result = store_alive_put(store, fault);
	}
	if (result < 0 || (now < dayend->look_at && (!is_new || dayend->has_failed)))
		return result;
	dayend->look_at = now + LOOK_MS;
	if (is_new)
		result = record_days(dayend, store, over, fault);
	if (result == 0)
		result = look_at_week(dayend, store, is_new, fault);
	dayend->has_failed = result < 0;
	return result;
}
