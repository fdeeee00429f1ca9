#include "cli/task_text.h"

#include <stdio.h>

#include "cli/print.h"
#include "cli/row.h"
#include "core/task.h"

void task_text_print(const struct cli *cli, const struct task_row *task, const struct invoice_row *invoice)
{
	const struct task_kind *kind = task_kind_find(task->kind);
	char symbol[SERIAL_LEN + 2] = "", name[32] = "";
	if (invoice) {
		symbol_make(invoice->form, invoice->serial, symbol);
		snprintf(name, sizeof(name), " %s/%d", symbol, (int)invoice->number);
	}
	printf(SAY(cli, "  Task %lld: %s%s\n", "  Việc %lld: %s%s\n"), (long long)task->id,
		SAY(cli, kind->en, kind->vi), name);
}

void task_text_write(const struct task_row *task, const struct invoice_row *invoice, struct bytes *out)
{
	bytes_char(out, '{');
	json_id(out, "id", task->id);
	json_member(out, "kind", task->kind);
	json_member_flag(out, "is_open", task->closed_at == 0);
	json_member_flag(out, "can_reissue", task->closed_at == 0 && task_kind_find(task->kind)->is_reissued);
	json_time(out, "made_at", task->made_at);
	json_time(out, "closed_at", task->closed_at);
	json_member(out, "text", task->text);
	json_key(out, "invoice");
	if (invoice)
		row_write_invoice(invoice, out);
	else
		bytes_text(out, "null");
	bytes_char(out, '}');
}

int task_text_invoice(struct cli *cli, struct store *store, const struct task_row *task, struct invoice_row **ret,
	struct fault *fault)
{
	struct invoice_row *row = ARENA_ARRAY(cli->arena, struct invoice_row, 1);
	*ret = NULL;
	if (!row)
		return FAULT(fault, FAULT_MEMORY, "no memory for an invoice");
	int result = task->invoice_id ? store_invoice_get(store, task->invoice_id, cli->arena, row, fault) : STORE_NONE;
	if (result == 0)
		*ret = row;
	/* The task says already that the bytes are damaged; it must still be possible to look at it. */
	return result < 0 && result != FAULT_FORMAT ? result : 0;
}
