/* tasks: what only a person can settle; prototypes in invoices.h. */
#include "store/invoices.h"
#include "store/run.h"

int store_task_add(struct store *store, const struct task_row *row, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TASK_ADD);

	bind_text(&query, row->kind);
	bind_int(&query, row->invoice_id);
	bind_int(&query, row->message_id);
	bind_text(&query, row->text ? row->text : "");
	bind_int(&query, row->made_at);
	bind_int(&query, row->closed_at);
	return query_do(&query, fault);
}

static void read_task(struct query *query, struct arena *arena, void *row)
{
	struct task_row *ret = row;

	ret->id = column_int(query);
	ret->invoice_id = column_int(query);
	ret->message_id = column_int(query);
	ret->kind = column_text(query, arena);
	ret->text = column_text(query, arena);
	ret->made_at = column_int(query);
	ret->closed_at = column_int(query);
}

int store_task_get(struct store *store, int64_t id, struct arena *arena, struct task_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TASK_GET);

	bind_int(&query, id);
	return query_get(&query, read_task, arena, ret, sizeof(*ret), fault);
}

int store_task_close_kind(struct store *store, const char *kind, int64_t now_ms, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TASK_CLOSE_KIND);

	bind_int(&query, now_ms);
	bind_text(&query, kind);
	return query_do(&query, fault);
}

int store_task_close(struct store *store, int64_t id, int64_t now_ms, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TASK_CLOSE);

	bind_int(&query, now_ms);
	bind_int(&query, id);
	return query_change(&query, fault);
}

static int list_tasks(
	struct query *query, struct arena *arena, struct task_row **ret, size_t *ret_count, struct fault *fault)
{
	struct rows rows = {.arena = arena, .size = sizeof(struct task_row)};
	int result = query_list(query, read_task, &rows, fault);

	if (result)
		return result;
	*ret = rows.data;
	*ret_count = rows.count;
	return 0;
}

int store_task_after(struct store *store, int64_t id, int64_t limit, struct arena *arena, struct task_row **ret,
	size_t *ret_count, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TASK_AFTER);

	bind_int(&query, id);
	bind_int(&query, limit);
	return list_tasks(&query, arena, ret, ret_count, fault);
}

int store_task_list(struct store *store, int64_t limit, struct arena *arena, struct task_row **ret, size_t *ret_count,
	struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TASK_LIST);

	bind_int(&query, limit);
	return list_tasks(&query, arena, ret, ret_count, fault);
}
