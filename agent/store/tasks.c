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

int store_task_list(struct store *store, int64_t limit, struct arena *arena, struct task_row **ret, size_t *ret_count,
	struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TASK_LIST);
	struct rows rows = {.arena = arena, .size = sizeof(struct task_row)};
	int result;

	bind_int(&query, limit);
	while ((result = query_row(&query, fault)) == 0) {
		struct task_row *row = rows_add(&rows);

		if (!row)
			return FAULT(fault, FAULT_MEMORY, "no memory for a list of tasks");
		row->id = column_int(&query);
		row->invoice_id = column_int(&query);
		row->message_id = column_int(&query);
		row->kind = column_text(&query, arena);
		row->text = column_text(&query, arena);
		row->made_at = column_int(&query);
		row->closed_at = column_int(&query);
	}
	if (result < 0)
		return result;
	*ret = (struct task_row *)rows.data;
	*ret_count = rows.count;
	return query_check(&query, fault);
}
