#include "issue/batch.h"

#include <stdio.h>
#include <string.h>

#include "core/law.h"
#include "issue/reissue.h"
#include "store/frames.h"
#include "store/paper.h"

#define MADE_MAX 32

const struct issue_place *batch_last(const struct batch *batch)
{
	return batch->count ? &batch->places[batch->count - 1] : &batch->stored;
}

void batch_add(struct batch *batch, struct slot *slot, enum plan plan, const struct issue_place *place)
{
	batch->slots[batch->count] = slot;
	batch->plans[batch->count] = plan;
	batch->places[batch->count++] = *place;
}

void batch_drop(struct batch *batch, size_t n)
{
	if (!n)
		return;
	batch->stored = batch->places[n - 1];
	batch->count -= n;
	memmove(batch->slots, batch->slots + n, batch->count * sizeof(batch->slots[0]));
	memmove(batch->plans, batch->plans + n, batch->count * sizeof(batch->plans[0]));
	memmove(batch->places, batch->places + n, batch->count * sizeof(batch->places[0]));
}

static bool same_text(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

static bool touches(const struct slot *a, const struct slot *b)
{
	if (a->sale_id && a->sale_id == b->sale_id)
		return true;
	if (!a->has_sale || !b->has_sale || !same_text(a->sale.till_id, b->sale.till_id))
		return false;
	return same_text(a->sale.bill_no, b->sale.bill_no) || same_text(a->idempotency_key, b->idempotency_key);
}

bool batch_touches(const struct batch *batch, const struct slot *slot)
{
	for (size_t i = 0; i < batch->count; i++)
		if (touches(batch->slots[i], slot))
			return true;
	return false;
}

bool batch_has_work(const struct batch *batch, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (batch->plans[i] != PLAN_NOTHING)
			return true;
	return false;
}

static int write_frame(
	struct store *store, const struct slot *slot, enum frame_state state, int64_t *ret_id, struct fault *fault)
{
	bool has_reason = state == FRAME_REFUSED || (slot->wish == SLOT_KEEP && slot->problem.code);
	const char *reason = has_reason ? problem_kind(slot->problem.code)->code : "";
	const char *till_id = slot->has_sale ? slot->sale.till_id : "";
	struct frame_row row = {
		.source = slot->source,
		.dialect = slot->dialect,
		.till_id = slot->wish == SLOT_KEEP ? slot->till_id : till_id,
		.received_at = slot->received_at,
		.state = state,
		.reason = reason,
		.bytes = slot->frame,
		.len = slot->frame_len,
	};
	digest_sha256(row.bytes, row.len, row.digest);
	if (store_frame_add(store, &row, ret_id, fault) < 0)
		return fault && fault->code ? fault->code : FAULT_STORE;
	struct ledger_payload payload;
	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "bytes", (int64_t)row.len);
	ledger_payload_commit(store, &payload, "frame", row.digest);
	ledger_payload_int(&payload, "id", *ret_id);
	if (*reason)
		ledger_payload_text(&payload, "reason", reason);
	ledger_payload_text(&payload, "source", row.source);
	ledger_payload_text(&payload, "till", row.till_id);
	return ledger_append(
		store, state == FRAME_REFUSED ? LEDGER_FRAME_REFUSED : LEDGER_FRAME_KEPT, &payload, NULL, fault);
}

static void name_apart(int64_t frame_id, char out[MADE_MAX])
{
	snprintf(out, MADE_MAX, "%c%lld", SALE_MADE_NUMBER, (long long)frame_id);
}

bool batch_is_apart(const struct sale_row *row)
{
	char name[MADE_MAX];
	name_apart(row->frame_id, name);
	return !strcmp(row->bill_no, name);
}

/* Beside what is there: the number that the till gave and how often it came. */
static int name_again(struct store *store, struct slot *slot, const char **ret, struct fault *fault)
{
	const struct sale *sale = &slot->sale;
	struct sale_row row;
	int result = 0;

	for (int n = 2; result == 0; n++) {
		*ret = arena_printf(slot->arena, "%s.%d", sale->bill_no, n);
		if (!*ret)
			return FAULT(fault, FAULT_MEMORY, "no memory for the number of a bill");
		result = store_sale_by_bill(
			store, sale->till_id, *ret, sale->business_day, sale->kind, slot->arena, &row, fault);
	}
	return result == STORE_NONE ? 0 : result;
}

/* Paper may hold several sales: it is done with when the last of them is there, so that none is lost if the power goes between them. */
static int settle_origin(struct store *store, const struct slot *slot, enum frame_state state, struct fault *fault)
{
	const char *reason = state == FRAME_REFUSED ? problem_kind(slot->problem.code)->code : "";
	bool is_last = slot->origin_id && !slot->has_more;
	int result = is_last ? store_frame_move(store, slot->origin_id, state, reason, fault) : 0;
	return result == STORE_CONFLICT ? 0 : result;
}

static int link_origin(struct store *store, const struct slot *slot, int64_t frame_id, struct fault *fault)
{
	int result = slot->origin_id ? store_frame_link(store, frame_id, slot->origin_id, fault) : 0;
	return result == 0 ? settle_origin(store, slot, FRAME_DECODED, fault) : result;
}

static int add_sale(struct store *store, struct slot *slot, int64_t revision, const char *reason, struct fault *fault)
{
	struct sale_row row = {
		.till_id = slot->sale.till_id,
		.bill_no = slot->sale.bill_no,
		.business_day = slot->sale.business_day,
		.kind = slot->sale.kind,
		.revision = revision,
		.state = slot->state,
		.sold_at = slot->sale.sold_at,
		.received_at = slot->received_at,
		.total = slot->sale.total,
		.reason = reason,
		.detail = slot->problem.extra,
		.idempotency_key = slot->idempotency_key,
	};
	char made[MADE_MAX];
	memcpy(row.digest, slot->digest, DIGEST_LEN);
	int result = slot->is_again ? name_again(store, slot, &row.bill_no, fault) : 0;
	if (result == 0)
		result = write_frame(store, slot, FRAME_DECODED, &row.frame_id, fault);
	if (result == 0 && slot->is_apart) {
		name_apart(row.frame_id, made);
		row.bill_no = made;
	}
	if (result == 0)
		result = link_origin(store, slot, row.frame_id, fault);
	if (result == 0)
		result = store_sale_add(store, &row, &slot->sale_id, fault);
	if (result == 0 && sale_occupies(row.kind))
		result = store_sale_link(store, slot->sale_id, fault);
	return result;
}

static int write_sale(struct store *store, struct slot *slot, enum sale_state state, struct fault *fault)
{
	const char *reason = slot->problem.code ? problem_kind(slot->problem.code)->code : "";
	slot->state = state;
	slot->total = slot->sale.total;
	switch (slot->wish) {
	case SLOT_SALE:
		return add_sale(store, slot, 1, reason, fault);
	case SLOT_REISSUE: /* what the till said stays as it is */
		return slot->is_correction ? add_sale(store, slot, slot->revision, reason, fault) : 0;
	case SLOT_ISSUE:
	case SLOT_IGNORE:
	case SLOT_KEEP:
	case SLOT_COUNT:
		break;
	}
	return store_sale_move(store, slot->sale_id, SALE_STATE_PARKED, state, reason, slot->problem.extra, fault);
}

static int write_decision(struct store *store, struct slot *slot, enum sale_state state, struct fault *fault)
{
	int result = write_sale(store, slot, state, fault);
	if (result)
		return result;
	struct ledger_payload payload;
	ledger_payload_init(&payload);
	ledger_payload_text(
		&payload, "reason", slot->wish == SLOT_IGNORE ? "person" : problem_kind(slot->problem.code)->code);
	ledger_payload_commit(store, &payload, "sale", slot->digest);
	ledger_payload_int(&payload, "sale_id", slot->sale_id);
	return ledger_append(
		store, state == SALE_STATE_PARKED ? LEDGER_SALE_PARKED : LEDGER_SALE_IGNORED, &payload, NULL, fault);
}

static int record_issued(struct store *store, struct slot *slot, const uint8_t digest[DIGEST_LEN], struct fault *fault)
{
	struct ledger_head head;
	struct ledger_payload payload;
	ledger_payload_init(&payload);
	ledger_payload_text(&payload, "code", slot->code);
	ledger_payload_int(&payload, "form", slot->form);
	ledger_payload_int(&payload, "number", slot->number);
	ledger_payload_commit(store, &payload, "sale", slot->digest);
	ledger_payload_text(&payload, "serial", slot->serial);
	if (time_is_flagged(slot->time_state))
		ledger_payload_text(&payload, "time", time_state_word((int)slot->time_state));
	ledger_payload_int(&payload, "total", slot->total);
	ledger_payload_commit(store, &payload, "xml", digest);
	int result = ledger_append(store, LEDGER_ISSUED, &payload, &head, fault);
	if (result == 0) {
		slot->ledger_seq = head.seq;
		memcpy(slot->ledger_tail, head.tail, sizeof(head.tail));
	}
	return result;
}

static void answer_from_invoice(struct slot *slot)
{
	const struct invoice *invoice = &slot->invoice;
	slot->has_invoice = true;
	slot->form = invoice->seller->form;
	memcpy(slot->serial, invoice->serial, sizeof(slot->serial));
	slot->number = invoice->number;
	memcpy(slot->code, invoice->code, sizeof(slot->code));
	slot->issued_at = invoice->issued_at;
	slot->net = invoice->net;
	slot->vat = invoice->vat;
	slot->total = invoice->total;
}

/* From now on the bill is known by the number that it bears, whichever way it comes. */
static int name_sale(struct store *store, const struct slot *slot, struct fault *fault)
{
	int result = store_sale_name(store, slot->sale_id, slot->sale.bill_no, slot->revision, fault);
	return result ? result : store_sale_link(store, slot->sale_id, fault);
}

static int write_issued(
	struct store *store, struct slot *slot, const struct issuer_settings *settings, struct fault *fault)
{
	bool is_again = slot->wish == SLOT_REISSUE;
	int result = is_again	      ? reissue_make_room(store, slot, fault)
		     : slot->is_apart ? name_sale(store, slot, fault)
				      : 0;
	if (result == 0)
		result = write_sale(store, slot, SALE_STATE_ISSUED, fault);
	if (result)
		return result;
	answer_from_invoice(slot);
	enum deadline_rule rule =
		settings->config->seller.code_flag == 'C' ? DEADLINE_SEND_CODED : DEADLINE_SEND_UNCODED;
	const struct calendar *calendar =
		law_calendar(settings->config->seller.law, settings->calendar, clock_day(slot->issued_at));
	struct invoice_row row = {
		.form = slot->form,
		.serial = slot->serial,
		.number = slot->number,
		.code = slot->code,
		.issued_at = slot->issued_at,
		.sold_at = slot->sale.sold_at,
		.deadline = deadline_of(calendar, rule, slot->issued_at),
		.net = slot->net,
		.vat = slot->vat,
		.total = slot->total,
		.refusal = "",
		.is_signed = slot->is_signed,
		.time_state = slot->time_state,
		.xml = slot->xml.data,
		.xml_len = slot->xml.len,
	};
	digest_sha256(row.xml, row.xml_len, row.digest);
	result = record_issued(store, slot, row.digest, fault);
	row.ledger_seq = slot->ledger_seq;
	if (result == 0)
		result = store_invoice_add(store, &row, slot->sale_id,
			is_again ? INVOICE_ROLE_REISSUES : INVOICE_ROLE_ISSUES, &slot->invoice_id, fault);
	if (result || !is_again)
		return result;
	return reissue_settle(store, slot, clock_now_ms(settings->clock), fault);
}

static int write_slot(struct store *store, struct slot *slot, enum plan plan, const struct issuer_settings *settings,
	struct fault *fault)
{
	int64_t id = 0;
	int result;
	switch (plan) {
	case PLAN_REFUSE:
		result = write_frame(store, slot, FRAME_REFUSED, &id, fault);
		return result == 0 ? settle_origin(store, slot, FRAME_REFUSED, fault) : result;
	case PLAN_KEEP:
		return write_frame(store, slot, FRAME_KEPT, &slot->frame_id, fault);
	case PLAN_COUNT:
		return store_paper_add(store, slot->paper, slot->paper_n, fault);
	case PLAN_ORIGIN:
		return settle_origin(store, slot, FRAME_DECODED, fault);
	case PLAN_PARK:
		return write_decision(store, slot, SALE_STATE_PARKED, fault);
	case PLAN_IGNORE:
		return write_decision(store, slot, SALE_STATE_IGNORED, fault);
	case PLAN_ISSUE:
		return write_issued(store, slot, settings, fault);
	case PLAN_NOTHING:
		break;
	}
	return 0;
}

int batch_write(
	struct store *store, struct batch *batch, size_t n, const struct issuer_settings *settings, struct fault *fault)
{
	bool has_refused = false, has_number = false;
	for (size_t i = 0; i < n; i++) {
		int result = write_slot(store, batch->slots[i], batch->plans[i], settings, fault);
		if (result)
			return result;
		has_refused = has_refused || batch->plans[i] == PLAN_REFUSE;
		has_number = has_number || batch->plans[i] == PLAN_ISSUE;
	}
	if (has_refused && store_frame_trim_refused(store, settings->config->refused_frames_max, fault) < 0)
		return FAULT_STORE;
	if (!has_number)
		return 0;
	return store_place_put(
		store, settings->config->seller.form, &batch->places[n - 1], batch->stored.next_counter, fault);
}

/* The QR text of bytes that we wrote ourselves: the element stands once, and its text needs no unescaping. */
static void copy_qr(const struct invoice_row *row, char out[SLOT_QR_MAX])
{
	static const char open[] = "<DLQRCode>";
	const char *start = memmem(row->xml, row->xml_len, open, sizeof(open) - 1);
	if (!start)
		return;
	start += sizeof(open) - 1;
	size_t room = (size_t)((const char *)row->xml + row->xml_len - start);
	const char *end = memchr(start, '<', room);
	if (!end || end - start >= SLOT_QR_MAX)
		return;
	memcpy(out, start, (size_t)(end - start));
	out[end - start] = 0;
}

int batch_load_invoice(struct store *store, struct slot *slot, const struct invoice_row *row, struct fault *fault)
{
	struct ledger_head head = {0};
	int result = ledger_head_at(store, row->ledger_seq, &head, fault);
	if (result < 0)
		return result;
	slot->has_invoice = true;
	slot->invoice_id = row->id;
	slot->form = row->form;
	snprintf(slot->serial, sizeof(slot->serial), "%s", row->serial);
	slot->number = row->number;
	snprintf(slot->code, sizeof(slot->code), "%s", row->code);
	slot->issued_at = row->issued_at;
	slot->net = row->net;
	slot->vat = row->vat;
	slot->total = row->total;
	slot->ledger_seq = row->ledger_seq;
	memcpy(slot->ledger_tail, head.tail, sizeof(head.tail));
	copy_qr(row, slot->qr);
	return 0;
}
