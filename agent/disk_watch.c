#include "disk_watch.h"

#include "base/log.h"
#include "store/invoices.h"
#include "store/ledger.h"

#define TASK_FULL "disk-full"

static int write_state(struct disk_watch *watch, enum disk_state state, struct fault *fault)
{
	struct ledger_payload payload;
	int64_t now = clock_now_ms(watch->clock);
	ledger_payload_init(&payload);
	ledger_payload_text(&payload, "state", disk_word(state));
	int result = ledger_append(watch->store, LEDGER_DISK, &payload, NULL, fault);
	if (result == 0)
		result = store_task_close_kind(watch->store, TASK_FULL, now, fault);
	if (result || state == DISK_OK)
		return result;
	const struct task_row task = {.kind = TASK_FULL, .made_at = now};
	return store_task_add(watch->store, &task, fault);
}

/* A failing disk takes no record; the handle that was opened anew leaves one. */
static int record(struct disk_watch *watch, enum disk_state state, struct fault *fault)
{
	int result = state == DISK_FAILING ? 0 : store_begin(watch->store, fault);
	if (result < 0 || state == DISK_FAILING)
		return result;
	return store_end(watch->store, write_state(watch, state, fault), fault);
}

int disk_watch_start(struct disk_watch *watch, struct fault *fault)
{
	int result = store_begin(watch->store, fault);
	if (result < 0)
		return result;
	result = store_task_close_kind(watch->store, TASK_FULL, clock_now_ms(watch->clock), fault);
	return store_end(watch->store, result, fault);
}

/* Each failure is told, however soon it was over. */
static void tell_failures(struct disk_watch *watch)
{
	char why[DISK_WHY_MAX];
	int failures = disk_failures(watch->disk, why);
	if (failures != watch->failures)
		log_event(LOG_LEVEL_ERROR, "disk", "state=%s hint=\"hoadon status\" why=\"%s\"",
			disk_word(DISK_FAILING), why);
	watch->failures = failures;
}

int disk_watch_tick(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	struct disk_watch *watch = context;
	struct fault own = {0};
	disk_look(watch->disk);
	/* Why it is not healed yet was told when it began. */
	(void)!store_heal(watch->store, NULL);
	tell_failures(watch);
	enum disk_state state = disk_state(watch->disk);
	bool is_news = state != watch->told;
	watch->told = state;
	if (is_news && state != DISK_FAILING)
		log_event(state == DISK_OK ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "disk",
			"state=%s hint=\"hoadon status\"", disk_word(state));
	if (state == watch->recorded)
		return 0;
	/* On a full disk the room for it may still have to be given up. */
	if (record(watch, state, &own) == 0)
		watch->recorded = state;
	else if (is_news)
		log_fault("disk-not-recorded", &own);
	return 0;
}
