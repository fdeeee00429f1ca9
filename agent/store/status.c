#include "store/status.h"

#include <stdio.h>

#include "core/calendar.h"
#include "store/run.h"

#define ARENA_MAX (4u << 20) /* STATUS_TASKS_MAX tasks with their sentences */

static int count_tasks(struct store *store, int64_t *ret, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory to count the open tasks");
	struct task_row *rows = NULL;
	size_t count = 0;
	int result = store_task_list(store, STATUS_TASKS_MAX, arena, &rows, &count, fault);
	if (result < 0)
		return result;
	*ret = (int64_t)count;
	return 0;
}

static int count_unsent(struct store *store, struct status *status, struct fault *fault)
{
	int64_t now = clock_now_ms(store->clock), until = 0;
	if (evening_of(now, &until) == EVENING_NONE)
		return 0;
	return store_invoice_unsent(store, until, now - STATUS_UNSENT_MS, &status->unsent, fault);
}

static int read_all(struct store *store, struct status *status, struct fault *fault)
{
	int result = store_sale_count(store, &status->sales, fault);
	if (result == 0)
		result = store_invoice_count(store, &status->invoices, fault);
	if (result == 0)
		result = store_message_count(store, &status->messages, fault);
	if (result == 0)
		result = store_message_carried(store, &status->carried, fault);
	if (result == 0)
		result = store_message_next_try(store, INT64_MIN, &status->next_try_at, fault);
	for (int what = 0; result == 0 && what < PAPER_COUNTS; what++)
		result = store_paper_get(store, (enum paper_count)what, &status->paper[what], fault);
	if (result == 0)
		result = count_tasks(store, &status->tasks, fault);
	if (result == 0)
		result = count_unsent(store, status, fault);
	if (result == 0)
		result = store_token_count(store, &status->tokens, fault);
	if (result == 0)
		result = store_hold_get(store, &status->hold, fault);
	if (result == 0)
		result = store_time_judge(store, &status->time, fault);
	if (result == 0)
		result = store_invoice_used_percent(store, status->time.now_ms, &status->used_percent, fault);
	if (result == 0)
		result = ledger_head_get(store, &status->head, fault);
	return result;
}

int status_read(struct store *store, struct status *ret, struct fault *fault)
{
	struct status status = {.epoch = store_epoch(store)};
	snprintf(status.store, sizeof(status.store), "%s", store_id(store));
	snprintf(status.seller, sizeof(status.seller), "%s", store_seller(store));
	int result = store_begin_read(store, fault);
	if (result < 0)
		return result;
	result = read_all(store, &status, fault);
	store_rollback(store);
	if (result < 0)
		return result;
	*ret = status;
	return 0;
}

int status_read_day(struct store *store, int32_t day, struct status_day *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_DAY);
	bind_int(&query, STATUS_DAY_MAX);
	bind_int(&query, clock_day_ms(day));
	int result = query_row(&query, fault);
	if (result)
		return result < 0 ? result : 0;
	ret->issued = column_int(&query);
	ret->accepted = column_int(&query);
	ret->refused = column_int(&query);
	return 0;
}

int status_reasons(const struct status *status, int64_t now_ms)
{
	int64_t open_at = status->invoices.oldest_open_at, deadline = status->invoices.oldest_deadline;
	int reasons = 0;
	if (status->sales.parked)
		reasons |= STATUS_PARKED;
	if (status->tasks)
		reasons |= STATUS_TASKS;
	if (open_at && now_ms - open_at > STATUS_LATE_MS)
		reasons |= STATUS_LATE;
	if (status->messages.unknown)
		reasons |= STATUS_UNKNOWN;
	if (open_at && deadline && now_ms > deadline)
		reasons |= STATUS_OVERDUE;
	if (status->hold.kind != HOLD_NONE)
		reasons |= STATUS_HELD;
	if (status->time.state == TIME_AHEAD || time_is_held(status->time.state) || status->time.wait_until_ms)
		reasons |= STATUS_CLOCK;
	int64_t until;
	if (status->unsent)
		reasons |= evening_of(now_ms, &until) == EVENING_HARD_ALARM ? STATUS_UNSENT_HARD : STATUS_UNSENT;
	return reasons;
}
