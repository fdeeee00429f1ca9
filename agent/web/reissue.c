#include <string.h>

#include "capture/intake.h"
#include "store/invoices.h"
#include "store/sales.h"
#include "store/time.h"
#include "web/request.h"

/* The sale that the task is about: STORE_NONE when there is no such task, or none with an invoice. */
static int find_sale(struct request *request, int64_t task_id, struct sale_row *ret, struct fault *fault)
{
	struct store *store = request->web->settings->store;
	struct task_row task;
	int result = store_task_get(store, task_id, request->slot->arena, &task, fault);
	if (result == STORE_NONE)
		api_refuse(request, PROBLEM_NOT_FOUND);
	if (result)
		return result;
	result = store_sale_of_invoice(store, task.invoice_id, request->slot->arena, ret, fault);
	if (result == STORE_NONE)
		api_refuse(request, PROBLEM_TASK_NO_REISSUE);
	return result;
}

/* The correction is checked as of the day the till sent the bill: a late correction is no late sale. */
static int read_correction(struct request *request, struct slot *slot, const struct sale_row *row, struct fault *fault)
{
	const struct web_settings *settings = request->web->settings;
	slot->is_correction = true;
	slot->source = "correction";
	slot->frame = request->body.data;
	slot->frame_len = request->body.len;
	slot->received_at = row->received_at;
	if (intake_read(slot, settings->json, &settings->config->seller, request->body_max, fault) < 0)
		return fault && fault->code ? fault->code : FAULT_MEMORY;
	slot->received_at = store_time_now(settings->store, NULL);
	return 0;
}

/* As in the other calls of administration, {} says nothing. */
static bool has_correction(const struct bytes *body)
{
	return body->len && (body->len != 2 || memcmp(body->data, "{}", 2) != 0);
}

int web_load_reissue(struct request *request, int64_t task_id, struct fault *fault)
{
	struct slot *slot = request->slot = slot_new();
	struct sale_row row;
	if (!slot)
		return FAULT(fault, FAULT_MEMORY, "no memory for a sale");
	int result = find_sale(request, task_id, &row, fault);
	if (result)
		return result;
	if (!request_may(request, row.till_id)) {
		api_refuse(request, PROBLEM_AUTH_TILL);
		return STORE_NONE;
	}
	slot->wish = SLOT_REISSUE;
	slot->task_id = task_id;
	slot->sale_id = row.id;
	return has_correction(&request->body) ? read_correction(request, slot, &row, fault)
					      : web_read_kept(request->web->settings, &row, slot, fault);
}
