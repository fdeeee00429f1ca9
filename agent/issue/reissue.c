#include "issue/reissue.h"

#include <stdio.h>
#include <string.h>

#define ROOM_ARENA ((size_t)16 << 20) /* one invoice with its bytes */

static int say(struct slot *slot, enum problem_code code, const char *extra)
{
	problem_set(&slot->problem, code, "%s", "");
	problem_add(&slot->problem, "%s", extra);
	return 0;
}

/* ---- plan ---- */

static bool is_settled_here(const struct task_row *task)
{
	return task->invoice_id && (!strcmp(task->kind, TASK_REFUSED) || !strcmp(task->kind, TASK_UNPROVEN));
}

static bool is_same_bill(const struct sale *sale, const struct sale_row *row)
{
	return !strcmp(sale->till_id, row->till_id) && !strcmp(sale->bill_no, row->bill_no) &&
	       sale->business_day == row->business_day && sale->kind == row->kind;
}

static int load_refused(struct store *store, struct slot *slot, int64_t id, struct arena *scratch, struct fault *fault)
{
	struct invoice_row row;
	int result = store_invoice_get(store, id, scratch, &row, fault);

	if (result)
		return result < 0 ? result : FAULT(fault, FAULT_BUG, "invoice %lld is gone", (long long)id);
	slot->refused.id = row.id;
	slot->refused.form = row.form;
	snprintf(slot->refused.serial, sizeof(slot->refused.serial), "%s", row.serial);
	slot->refused.number = row.number;
	return 0;
}

/* The invoice that the sale has now; another correction than the one that was issued comes too late. */
static int answer_settled(
	struct store *store, struct slot *slot, int64_t sale_id, struct arena *scratch, struct fault *fault)
{
	struct invoice_row invoice;
	struct sale_row latest;
	int result = store_invoice_of_sale(store, sale_id, slot->arena, &invoice, fault);

	if (!result)
		result = store_sale_of_invoice(store, invoice.id, scratch, &latest, fault);
	if (result)
		return result < 0 ? result : FAULT(fault, FAULT_BUG, "sale %lld has no invoice", (long long)sale_id);
	if (slot->is_correction && !digest_equal(slot->digest, latest.digest, DIGEST_LEN))
		return say(slot, PROBLEM_TASK_SETTLED, "");
	slot->sale_id = latest.id;
	slot->total = latest.total;
	slot->is_replay = true;
	slot->problem = (struct problem){0};
	return batch_load_invoice(store, slot, &invoice, fault);
}

static int plan_open(struct slot *slot, const struct sale_row *row, enum plan *ret)
{
	if (slot->is_correction && slot->has_sale && !is_same_bill(&slot->sale, row))
		return say(slot, PROBLEM_REISSUE_OTHER_BILL, "");
	if (slot->problem.code)
		return 0;
	/* Nothing was corrected: the revision that is there is issued again. */
	if (digest_equal(slot->digest, row->digest, DIGEST_LEN))
		slot->is_correction = false;
	slot->revision = row->revision + 1;
	*ret = PLAN_ISSUE;
	return 0;
}

int reissue_plan(struct store *store, struct slot *slot, struct arena *scratch, enum plan *ret, struct fault *fault)
{
	struct task_row task;
	struct sale_row row;
	int result = store_task_get(store, slot->task_id, scratch, &task, fault);

	*ret = PLAN_NOTHING;
	if (result)
		return result < 0 ? result : say(slot, PROBLEM_NOT_FOUND, "");
	if (!is_settled_here(&task))
		return say(slot, PROBLEM_TASK_NO_REISSUE, task.kind);
	result = load_refused(store, slot, task.invoice_id, scratch, fault);
	if (!result)
		result = store_sale_of_invoice(store, task.invoice_id, scratch, &row, fault);
	if (result)
		return result < 0 ? result
				  : FAULT(fault, FAULT_BUG, "invoice %lld has no sale", (long long)task.invoice_id);
	slot->sale_id = row.id;
	slot->state = row.state;
	slot->total = row.total;
	return task.closed_at ? answer_settled(store, slot, row.id, scratch, fault) : plan_open(slot, &row, ret);
}

/* ---- write ---- */

int reissue_make_room(struct store *store, const struct slot *slot, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ROOM_ARENA);
	struct invoice_row row;
	struct task_row task;
	int result;

	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for a refused invoice");
	result = store_invoice_get(store, slot->refused.id, arena, &row, fault);
	if (!result)
		result = store_task_get(store, slot->task_id, arena, &task, fault);
	if (result || row.state == INVOICE_REFUSED)
		return result;
	/* A duplicate that is not proven: the person says that it is not ours, so this one was never accepted (law R-NUM-4). */
	return store_invoice_conclude(store, row.id, task.message_id, INVOICE_REFUSED, task.text, fault);
}

static int record_reissued(struct store *store, const struct slot *slot, struct fault *fault)
{
	struct ledger_payload payload;

	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "form", slot->form);
	ledger_payload_int(&payload, "number", slot->number);
	ledger_payload_int(&payload, "refused_form", slot->refused.form);
	ledger_payload_int(&payload, "refused_number", slot->refused.number);
	ledger_payload_text(&payload, "refused_serial", slot->refused.serial);
	ledger_payload_text(&payload, "serial", slot->serial);
	ledger_payload_int(&payload, "task", slot->task_id);
	return ledger_append(store, LEDGER_REISSUED, &payload, NULL, fault);
}

int reissue_settle(struct store *store, const struct slot *slot, int64_t now_ms, struct fault *fault)
{
	int result = store_invoice_reissue(store, slot->refused.id, slot->invoice_id, now_ms, fault);

	if (!result)
		result = store_task_close(store, slot->task_id, now_ms, fault);
	return result ? result : record_reissued(store, slot, fault);
}
