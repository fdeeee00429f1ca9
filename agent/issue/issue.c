#include "issue/issue.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "core/rules.h"
#include "issue/batch.h"
#include "issue/queue.h"
#include "issue/reissue.h"
#include "issue/signers.h"
#include "store/adopt.h"
#include "store/disk.h"
#include "store/frames.h"
#include "store/hold.h"
#include "store/time.h"
#include "wire/invoice_xml.h"
#include "wire/qr.h"

#define QUEUE_MAX	   4096
#define IDLE_WAIT_MS	   500
#define CHECKPOINT_RECORDS 50000 /* checked in about 0.2 s */
#define WAL_IDLE_BYTES	   (1 << 20)
#define SAME_SALE_MS	   (INT64_C(5) * 60000)	  /* clocks of till and printer, and how long one pays */
#define PRINTED_AGAIN_MS   (INT64_C(6) * 3600000) /* how long behind its sale a bill may be asked for again */

struct issuer {
	const struct issuer_settings *settings;
	const struct seller *seller;
	struct store *store;
	struct queue *queue;
	struct signers *signers; /* NULL when invoices are not signed one by one */
	struct batch batch;	 /* prepared and not yet committed */
	struct slot *held;	 /* taken, but waiting for a slot of the batch that touches the same bill */
	struct slot *again;	 /* to be prepared before what is in the queue */
	char ledger_tail[LEDGER_TAIL_LEN + 1]; /* head of the ledger when the last slots were taken */
	struct hold hold;		       /* why no number is taken, when the last slots were taken */
	struct time_decision time;	       /* when the last slots were taken */
	bool is_full;			       /* nothing new is taken, when the last slots were taken */
	struct arena *scratch;		       /* of one look-up */
	int64_t last_checkpoint;	       /* ms, monotonic; 0 = none yet */
	int64_t ledger_seq, checkpoint_seq;    /* records when the last slots were taken, and at the last checkpoint */
};

static void answer(struct slot *slot, enum problem_code code, const char *extra)
{
	slot->problem = (struct problem){0};
	if (code)
		problem_set(&slot->problem, code, "%s", "");
	if (extra)
		problem_add(&slot->problem, "%s", extra);
}

/* ---- what is already there ---- */

static int load_answer(struct issuer *issuer, struct slot *slot, const struct sale_row *row, struct fault *fault)
{
	struct invoice_row invoice;
	slot->is_replay = true;
	slot->sale_id = row->id;
	slot->state = row->state;
	slot->total = row->total;
	answer(slot, row->state == SALE_STATE_ISSUED ? PROBLEM_NONE : problem_find(row->reason), NULL);
	if (row->state != SALE_STATE_ISSUED)
		return 0;
	int result = store_invoice_of_sale(issuer->store, row->id, slot->arena, &invoice, fault);
	if (result == STORE_NONE)
		return FAULT(fault, FAULT_BUG, "sale %lld is issued but has no invoice; run `hoadon audit verify`",
			(long long)row->id);
	return result ? result : batch_load_invoice(issuer->store, slot, &invoice, fault);
}

/*
 * A till that prints hears no answer, and its paper is gone: what it says a second time is kept for a person, where the number was made
 * of what the paper says, which equal bowls within a minute share (capture/bill), and where the number stands for something else already.
 */
static bool keeps_again(const struct slot *slot, bool is_same)
{
	return slot->origin_id && sale_occupies(slot->sale.kind) &&
	       (!is_same || slot->sale.bill_no[0] == SALE_MADE_NUMBER);
}

/* What has no number of its own, as a slip, is the same when it says the same; a paper that nobody could read says nothing of which to tell. */
static bool is_another(const struct slot *slot, const struct sale_row *row)
{
	bool is_unread =
		slot->origin_id && slot->problem.code != PROBLEM_KIND_KEPT && slot->sale.bill_no[0] == SALE_MADE_NUMBER;
	return !sale_occupies(slot->sale.kind) && (is_unread || !digest_equal(row->digest, slot->digest, DIGEST_LEN));
}

/*
 * One bill by two ways, as paper and API: each has its own words and its own clock. Till, number, day, kind, total and about the time must agree:
 * a counter that begins anew within the day gives a number again. A buyer that is named only now needs a person, as the invoice may not name him;
 * so does what a person corrected meanwhile.
 */
static bool is_other_way(struct issuer *issuer, const struct slot *slot, const struct sale_row *row)
{
	struct frame_row frame;
	int64_t apart = row->sold_at - slot->sale.sold_at;
	bool is_near = apart >= -SAME_SALE_MS && apart <= SAME_SALE_MS;
	if (row->state != SALE_STATE_ISSUED || row->total != slot->sale.total || !is_near || slot->sale.has_buyer ||
		row->revision > 1 || slot->sale.bill_no[0] == SALE_MADE_NUMBER)
		return false;
	/* A frame that is damaged is no answer to a till: `hoadon fsck` says so, and the sale goes to a person. */
	return store_frame_get(issuer->store, row->frame_id, issuer->scratch, &frame, NULL) == 0 &&
	       strcmp(frame.source, slot->source) != 0;
}

/* @code, and which sale it is about. */
static int say_taken(struct issuer *issuer, struct slot *slot, enum problem_code code, const struct sale_row *row,
	struct fault *fault)
{
	char symbol[SERIAL_LEN + 2];
	struct invoice_row invoice;
	int result = store_invoice_of_sale(issuer->store, row->id, issuer->scratch, &invoice, fault);
	problem_set(&slot->problem, code, "/bill_no");
	if (result) {
		problem_add(&slot->problem, "sale %lld, %s", (long long)row->id, sale_state_word((int)row->state));
		return result < 0 ? result : 0;
	}
	symbol_make(invoice.form, invoice.serial, symbol);
	problem_add(&slot->problem, "invoice %s/%d of sale %lld", symbol, (int)invoice.number, (long long)row->id);
	return 0;
}

/*
 * The clocks of two ways, or the end of the shop's day, may lie on both sides of midnight. Paper without a date may be printed again behind it,
 * or be of a counter that begins anew each day: a person compares, and the number stays free for the bill of that day.
 */
static int find_across_midnight(struct issuer *issuer, struct slot *slot, struct sale_row *ret, struct fault *fault)
{
	const struct sale *sale = &slot->sale;
	int result = sale_occupies(sale->kind) ? store_sale_near(issuer->store, sale, issuer->scratch, ret, fault)
					       : STORE_NONE;
	if (result || ret->total != sale->total)
		return result ? result : STORE_NONE;
	int64_t apart = sale->sold_at - ret->sold_at;
	slot->is_apart = slot->is_undated && slot->problem.code == PROBLEM_NONE && apart <= PRINTED_AGAIN_MS &&
			 !is_other_way(issuer, slot, ret);
	return slot->is_apart || (apart >= -SAME_SALE_MS && apart <= SAME_SALE_MS) ? 0 : STORE_NONE;
}

/* The sale that @slot repeats: 0 found (answered), STORE_NONE new, < 0. */
static int find_same(struct issuer *issuer, struct slot *slot, struct fault *fault)
{
	struct sale_row row, same;
	const struct sale *sale = &slot->sale;
	int result = STORE_NONE;
	if (slot->idempotency_key) {
		result = store_sale_by_key(
			issuer->store, sale->till_id, slot->idempotency_key, issuer->scratch, &row, fault);
		if (result < 0)
			return result;
		if (!result && !digest_equal(row.digest, slot->digest, DIGEST_LEN)) {
			answer(slot, PROBLEM_IDEMPOTENCY_MISMATCH, NULL);
			return 0;
		}
	}
	if (result == STORE_NONE)
		result = store_sale_by_bill(issuer->store, sale->till_id, sale->bill_no, sale->business_day, sale->kind,
			issuer->scratch, &row, fault);
	if (result == STORE_NONE)
		result = find_across_midnight(issuer, slot, &row, fault);
	if (result)
		return result;
	if (slot->is_apart)
		return say_taken(issuer, slot, PROBLEM_BILL_MIDNIGHT, &row, fault);
	if (is_another(slot, &row))
		return STORE_NONE;
	/* A till repeats what it said; that a person corrected it since, in a later revision, is not its affair. */
	result = store_sale_by_content(issuer->store, sale, slot->digest, issuer->scratch, &same, fault);
	bool is_way = result == STORE_NONE && is_other_way(issuer, slot, &row);
	if (is_way)
		result = 0;
	slot->is_again = result >= 0 && keeps_again(slot, result == 0);
	if (result == 0 && !slot->is_again)
		return load_answer(issuer, slot, is_way ? &row : &same, fault);
	if (result >= 0)
		answer(slot, result == 0 ? PROBLEM_BILL_NUMBER : PROBLEM_SALE_DUPLICATE, NULL);
	return result < 0 ? result : 0;
}

/* ---- plans ---- */

static enum plan plan_by_problem(const struct slot *slot)
{
	enum problem_code code = slot->problem.code;
	if (!slot->has_sale)
		return PLAN_REFUSE;
	if (code == PROBLEM_NONE)
		return PLAN_ISSUE;
	if (code == PROBLEM_KIND_KEPT)
		return PLAN_IGNORE;
	return problem_is_parked(code) || slot->is_unattended ? PLAN_PARK : PLAN_REFUSE;
}

/* The bill that @parked may be; near midnight it may be of the next day, unless that is what a person was asked. */
static int find_bill(struct issuer *issuer, const struct slot *slot, const struct sale_row *parked,
	struct sale_row *ret, struct fault *fault)
{
	const struct sale *sale = &slot->sale;
	int result = store_sale_by_bill(issuer->store, sale->till_id, sale->bill_no, sale->business_day, sale->kind,
		issuer->scratch, ret, fault);
	if (result != STORE_NONE || problem_find(parked->reason) == PROBLEM_BILL_MIDNIGHT)
		return result;
	result = store_sale_near(issuer->store, sale, issuer->scratch, ret, fault);
	if (result)
		return result;
	int64_t apart = sale->sold_at - ret->sold_at;
	bool is_near = apart >= -PRINTED_AGAIN_MS && apart <= PRINTED_AGAIN_MS;
	return is_near && ret->total == sale->total && ret->state != SALE_STATE_IGNORED ? 0 : STORE_NONE;
}

/*
 * What stood apart takes the number that it bears, as the bill's other ways look for it there. Whoever decides about half a bill, or that of
 * somebody unknown, was not asked whether the bill is there already; what a person dismissed is not.
 */
static int plan_apart(
	struct issuer *issuer, struct slot *slot, const struct sale_row *parked, enum plan *ret, struct fault *fault)
{
	struct sale_row row;
	int result = find_bill(issuer, slot, parked, &row, fault);
	slot->is_apart = true;
	slot->revision = result == 0 ? row.revision + 1 : 1;
	if (result || row.state == SALE_STATE_IGNORED)
		return result < 0 ? result : 0;
	*ret = PLAN_NOTHING;
	return say_taken(issuer, slot, PROBLEM_BILL_TAKEN, &row, fault);
}

static int plan_parked(struct issuer *issuer, struct slot *slot, enum plan *ret, struct fault *fault)
{
	struct sale_row row;
	int result = store_sale_get(issuer->store, slot->sale_id, issuer->scratch, &row, fault);
	if (result < 0)
		return result;
	*ret = PLAN_NOTHING;
	if (result == STORE_NONE) {
		answer(slot, PROBLEM_NOT_FOUND, NULL);
		return 0;
	}
	slot->state = row.state;
	slot->total = row.total;
	if (row.state != SALE_STATE_PARKED) {
		answer(slot, PROBLEM_STATE_CONFLICT, sale_state_word((int)row.state));
	} else if (slot->wish == SLOT_IGNORE) {
		*ret = PLAN_IGNORE;
	} else if (slot->problem.code == PROBLEM_NONE) {
		*ret = PLAN_ISSUE;
		return batch_is_apart(&row) ? plan_apart(issuer, slot, &row, ret, fault) : 0;
	}
	return 0;
}

static int plan_slot(struct issuer *issuer, struct slot *slot, enum plan *ret, struct fault *fault)
{
	if (slot->wish == SLOT_REISSUE)
		return reissue_plan(issuer->store, slot, issuer->scratch, ret, fault);
	if (slot->wish == SLOT_KEEP || slot->wish == SLOT_COUNT) {
		*ret = slot->wish == SLOT_KEEP ? PLAN_KEEP : PLAN_COUNT;
		return 0;
	}
	if (slot->wish != SLOT_SALE)
		return plan_parked(issuer, slot, ret, fault);
	*ret = plan_by_problem(slot);
	if (*ret == PLAN_REFUSE || slot->is_apart)
		return 0;
	int result = find_same(issuer, slot, fault);
	if (result == 0)
		*ret = slot->is_again || slot->is_apart ? PLAN_PARK : slot->origin_id ? PLAN_ORIGIN : PLAN_NOTHING;
	return result < 0 ? result : 0;
}

/* ---- numbers ---- */

static enum problem_code hold_problem(enum issue_decision decision)
{
	switch (decision) {
	case ISSUE_HOLD_CLOCK_BACK:
		return PROBLEM_CLOCK_BACK;
	case ISSUE_HOLD_NUMBERS_USED_UP:
		return PROBLEM_NUMBERS_USED_UP;
	case ISSUE_HOLD_CODES_USED_UP:
		return PROBLEM_CODES_USED_UP;
	case ISSUE_NOW:
		break;
	}
	return PROBLEM_NONE;
}

static int write_xml(struct slot *slot, struct fault *fault)
{
	struct invoice_spans spans;
	bytes_clear(&slot->xml);
	if (invoice_check_sums(&slot->invoice))
		return FAULT(
			fault, FAULT_BUG, "the sums of bill %s do not close; it is not sealed", slot->sale.bill_no);
	if (invoice_xml(&slot->invoice, &slot->xml, &spans, fault) < 0)
		return FAULT_MEMORY;
	slot->seal_at = spans.seal_at;
	snprintf(slot->signature_id, sizeof(slot->signature_id), "NBan-%s", spans.data_id);
	digest_sha256(slot->xml.data + spans.data_start, spans.data_end - spans.data_start, slot->data_digest);
	if (qr_text(&slot->invoice, slot->qr))
		return FAULT(fault, FAULT_BUG, "the QR text of bill %s does not fit", slot->sale.bill_no);
	return 0;
}

static void hold_slot(struct slot *slot, enum problem_code code, const char *extra, enum plan *plan)
{
	answer(slot, code, extra);
	*plan = slot->wish == SLOT_SALE ? PLAN_PARK : PLAN_NOTHING;
}

static void hold_by_time(const struct time_decision *time, struct slot *slot, enum plan *plan)
{
	char now[CLOCK_TEXT_MAX], text[64];
	clock_format_local(time->now_ms + time->ahead_ms, now);
	snprintf(text, sizeof(text), "the clock here says %s", now);
	hold_slot(slot, time->state == TIME_BEHIND ? PROBLEM_CLOCK_BACK : PROBLEM_CLOCK_UNPROVEN, text, plan);
}

/* A serial begins with 1 once. A suffix that was given up and configured again would give the numbers of it a second time. */
static int is_used_serial(struct issuer *issuer, const char *serial, int32_t number, struct fault *fault)
{
	struct invoice_row row;
	int result = number > 1 ? STORE_NONE
				: store_invoice_by_number(issuer->store, issuer->seller->form, serial, number,
					  issuer->scratch, &row, fault);
	return result < 0 ? result : result == 0;
}

/* Take the next number for @slot from @place; a hold parks it. */
static int number_slot(
	struct issuer *issuer, struct issue_place *place, struct slot *slot, enum plan *plan, struct fault *fault)
{
	char serial[SERIAL_LEN + 1];
	int32_t number;
	int64_t counter, issued_at;
	if (issuer->hold.kind != HOLD_NONE) {
		hold_slot(slot, PROBLEM_STORE_COPY, issuer->hold.detail, plan);
		return 0;
	}
	if (time_is_held(issuer->time.state)) {
		hold_by_time(&issuer->time, slot, plan);
		return 0;
	}
	enum issue_decision decision =
		rules_place(place, issuer->seller, issuer->time.now_ms, serial, &number, &counter, &issued_at);
	if (decision != ISSUE_NOW) {
		hold_slot(slot, hold_problem(decision), NULL, plan);
		return 0;
	}
	int is_used = is_used_serial(issuer, serial, number, fault);
	if (is_used) {
		hold_slot(slot, PROBLEM_NUMBERS_USED_UP, NULL, plan);
		return is_used < 0 ? is_used : 0;
	}
	if (issuer->seller->ledger_in_invoice)
		memcpy(slot->invoice.ledger_head, issuer->ledger_tail, sizeof(issuer->ledger_tail));
	if (invoice_bind(&slot->invoice, number, counter, issued_at))
		return FAULT(fault, FAULT_CONFIG, "serial or authority code cannot be made; run `hoadon config check`");
	if (write_xml(slot, fault) < 0)
		return fault && fault->code ? fault->code : FAULT_BUG;
	memcpy(place->serial, serial, sizeof(serial));
	place->last_number = number;
	place->last_issued_at = issued_at;
	place->next_counter = counter + 1;
	slot->counter = counter;
	slot->time_state = issuer->time.state;
	return 0;
}

/* ---- prepare ---- */

static int prepare_slot(struct issuer *issuer, struct slot *slot, struct fault *fault)
{
	struct issue_place place = *batch_last(&issuer->batch);
	enum plan plan = PLAN_NOTHING;
	arena_free(issuer->scratch);
	issuer->scratch = arena_new(8 << 20);
	if (!issuer->scratch)
		return FAULT(fault, FAULT_MEMORY, "no memory to look for a sale");
	int result = plan_slot(issuer, slot, &plan, fault);
	/* What is left of the disk belongs to what was taken before (law R-SEND-7). */
	if (result == 0 && plan != PLAN_NOTHING && issuer->is_full) {
		answer(slot, PROBLEM_STORE_FULL, NULL);
		plan = PLAN_NOTHING;
	}
	if (result == 0 && plan == PLAN_ISSUE)
		result = number_slot(issuer, &place, slot, &plan, fault);
	if (result < 0)
		return result;
	batch_add(&issuer->batch, slot, plan, &place);
	if (plan == PLAN_ISSUE && issuer->signers)
		signers_put(issuer->signers, slot, issuer->time.now_ms);
	return 0;
}

static struct slot **end_of(struct slot **list)
{
	while (*list)
		list = &(*list)->next;
	return list;
}

/* What the store knows is read anew whenever nothing is in flight. One picture of the store serves all that was taken. */
static int begin(struct issuer *issuer, struct fault *fault)
{
	struct ledger_head head;
	struct batch *batch = &issuer->batch;
	if (store_begin_read(issuer->store, fault) < 0)
		return FAULT_STORE;
	if (!batch->count && store_place_get(issuer->store, issuer->seller->form, &batch->stored, fault) < 0)
		return FAULT_STORE;
	if (store_hold_get(issuer->store, &issuer->hold, fault) < 0 ||
		store_time_judge(issuer->store, &issuer->time, fault) < 0 ||
		ledger_head_get(issuer->store, &head, fault) < 0)
		return FAULT_STORE;
	memcpy(issuer->ledger_tail, head.tail, sizeof(head.tail));
	issuer->ledger_seq = head.seq;
	issuer->is_full = store_disk_state(issuer->store) == DISK_FULL;
	return 0;
}

static void fail_slot(struct issuer *issuer, struct slot *slot, const struct fault *fault)
{
	answer(slot, store_is_full(issuer->store) ? PROBLEM_STORE_FULL : PROBLEM_STORE_DOWN, fault->text);
	slot->is_written = false;
	/* batch_write() may have filled the answer before something behind it failed; a folder takes a sale's id for "it is kept". */
	slot->has_invoice = false;
	slot->sale_id = 0;
	slot->frame_id = 0;
	slot->done(slot);
}

/* Plan, number and begin to sign what was taken. A slot that touches a bill in flight waits until that is stored. */
static void prepare(struct issuer *issuer, struct slot *list)
{
	struct fault fault = {0};
	int begun = begin(issuer, &fault);
	for (struct slot *slot = list, *next; slot; slot = next) {
		next = slot->next;
		slot->next = NULL;
		if (begun == 0 && (issuer->batch.count == BATCH_MAX || batch_touches(&issuer->batch, slot))) {
			*end_of(&issuer->held) = slot;
			continue;
		}
		if (begun < 0 || prepare_slot(issuer, slot, &fault) < 0) {
			log_fault("prepare-failed", &fault);
			fail_slot(issuer, slot, &fault);
			if (begun == 0)
				fault = (struct fault){0};
		}
	}
	store_rollback(issuer->store);
}

/* ---- commit ---- */

/* After a while, and after many records: a start checks what came since the last one. */
static int checkpoint_ledger(struct issuer *issuer, struct fault *fault)
{
	int64_t mono = clock_mono_ms(NULL);
	bool is_new = issuer->last_checkpoint &&
		      mono - issuer->last_checkpoint < issuer->settings->config->checkpoint_every_ms;
	if (is_new && issuer->ledger_seq - issuer->checkpoint_seq < CHECKPOINT_RECORDS)
		return 0;
	issuer->last_checkpoint = mono;
	issuer->checkpoint_seq = issuer->ledger_seq;
	return ledger_checkpoint(issuer->store, issuer->settings->ledger_key, fault);
}

static int write_batch(struct issuer *issuer, size_t n, struct fault *fault)
{
	if (store_begin(issuer->store, fault) < 0)
		return FAULT_STORE;
	int result = store_time_note(issuer->store, fault);
	if (result == 0)
		result = batch_write(issuer->store, &issuer->batch, n, issuer->settings, fault);
	if (result == 0)
		result = checkpoint_ledger(issuer, fault);
	if (result == 0)
		return store_commit(issuer->store, fault);
	store_rollback(issuer->store);
	return result < 0 ? result : FAULT(fault, FAULT_BUG, "a row of the batch was not in the expected state");
}

/* The numbers of what is left in flight followed some that do not exist: give them back and prepare the slots again. */
static void take_back(struct issuer *issuer)
{
	struct batch *batch = &issuer->batch;
	if (issuer->signers)
		signers_wait(issuer->signers, batch->slots, batch->count);
	struct slot *list = NULL, **end = &list;
	for (size_t i = 0; i < batch->count; i++) {
		struct slot *slot = batch->slots[i];
		if (batch->plans[i] == PLAN_NOTHING) {
			slot->done(slot);
			continue;
		}
		slot->next = NULL;
		*end = slot;
		end = &slot->next;
	}
	*end = issuer->again;
	issuer->again = list;
	batch->count = 0;
}

/* Commit the first @n slots in flight and answer them. On failure their tills are told, and nothing of them exists. */
static void conclude(struct issuer *issuer, size_t n)
{
	struct fault fault = {0};
	struct batch *batch = &issuer->batch;
	int result = batch_has_work(batch, n) ? write_batch(issuer, n, &fault) : 0;
	size_t issued = 0;
	if (result < 0)
		log_fault("commit-failed", &fault);
	for (size_t i = 0; i < n; i++) {
		if (result < 0 && batch->plans[i] != PLAN_NOTHING) {
			fail_slot(issuer, batch->slots[i], &fault);
			continue;
		}
		batch->slots[i]->is_written = batch->plans[i] != PLAN_NOTHING;
		issued += batch->plans[i] == PLAN_ISSUE;
		batch->slots[i]->done(batch->slots[i]);
	}
	batch_drop(batch, n);
	if (result < 0)
		take_back(issuer);
	else if (issued && issuer->settings->committed)
		issuer->settings->committed(issuer->settings->context, issued);
	*end_of(&issuer->again) = issuer->held;
	issuer->held = NULL;
}

static void idle(struct issuer *issuer)
{
	struct fault fault = {0};
	if (store_begin(issuer->store, &fault) == 0) {
		if (store_time_note(issuer->store, &fault) == 0 && checkpoint_ledger(issuer, &fault) == 0)
			(void)!store_commit(issuer->store, &fault);
		else
			store_rollback(issuer->store);
	}
	if (!fault.code)
		(void)!store_checkpoint_wal(issuer->store, WAL_IDLE_BYTES, &fault);
	if (fault.code && store_disk_state(issuer->store) != DISK_FAILING)
		log_fault("idle-failed", &fault);
}

static struct slot *take(struct issuer *issuer)
{
	struct slot *list = issuer->again;
	issuer->again = NULL;
	return list ? list : queue_take(issuer->queue, BATCH_MAX - issuer->batch.count);
}

/* How many of the first slots in flight are worth a COMMIT now. */
static size_t ready(struct issuer *issuer)
{
	const struct batch *batch = &issuer->batch;
	return issuer->signers ? signers_ready(issuer->signers, batch->slots, batch->count) : batch->count;
}

static bool is_over(const struct issuer *issuer)
{
	return !issuer->batch.count && !issuer->again && queue_is_over(issuer->queue);
}

void issuer_run(struct issuer *issuer)
{
	while (!is_over(issuer)) {
		struct slot *list = take(issuer);
		if (list)
			prepare(issuer, list);
		size_t n = ready(issuer);
		if (issuer->settings->pulse && (n || !issuer->batch.count))
			pulse_beat(issuer->settings->pulse);
		if (n)
			conclude(issuer, n);
		else if (!list && !queue_wait(issuer->queue, issuer->batch.count == BATCH_MAX, IDLE_WAIT_MS) &&
			 !issuer->batch.count)
			idle(issuer);
	}
}

static void ring(void *context)
{
	queue_ring(context);
}

int issuer_put(struct issuer *issuer, struct slot *slot)
{
	return queue_put(issuer->queue, slot);
}

void issuer_stop(struct issuer *issuer)
{
	queue_close(issuer->queue);
}

static int refuse_place(const struct seller *seller, bool is_suffix, struct fault *fault)
{
	if (is_suffix)
		return FAULT(fault, FAULT_CONFIG,
			"serial.suffix = %s was given up when this store was adopted; name one that was never used "
			"(R-CODE-5)",
			seller->suffix);
	return FAULT(fault, FAULT_CONFIG,
		"serial.issuer_prefix = %03d differs from the block this store has leased; a store keeps its block "
		"(R-CODE-3)",
		seller->issuer_prefix);
}

/*
 * Suffix and block that this epoch numbers with. A seller without codes, or whose setup is not complete, leases nothing: a store keeps
 * the block it once took.
 */
static int take_place(struct issuer *issuer, struct fault *fault)
{
	const struct seller *seller = issuer->seller;
	if (store_begin(issuer->store, fault) < 0)
		return FAULT_STORE;
	int result = seller->suffix[0] ? store_suffix_take(issuer->store, seller->suffix, fault) : 0;
	bool is_suffix = result > 0;
	if (result == 0 && seller->code_flag == 'C' && seller->issuer_prefix >= 0)
		result = store_block_lease(issuer->store, seller->issuer_prefix, fault);
	if (result == 0)
		return store_commit(issuer->store, fault);
	store_rollback(issuer->store);
	return result < 0 ? result : refuse_place(seller, is_suffix, fault);
}

int issuer_new(const struct issuer_settings *settings, struct store *store, struct issuer **ret, struct fault *fault)
{
	CLEANUP(issuer_freep) struct issuer *issuer = calloc(1, sizeof(*issuer));
	if (!issuer)
		return FAULT(fault, FAULT_MEMORY, "no memory for the issuer");
	issuer->settings = settings;
	issuer->seller = &settings->config->seller;
	issuer->store = store;
	issuer->queue = queue_new(QUEUE_MAX);
	issuer->scratch = arena_new(1 << 20);
	if (!issuer->queue || !issuer->scratch)
		return FAULT(fault, FAULT_MEMORY, "no memory for the issuer");
	if (take_place(issuer, fault) < 0)
		return fault && fault->code ? fault->code : FAULT_CONFIG;
	if (issuer->seller->sign_each_invoice && settings->key) {
		issuer->signers =
			signers_new(settings->key, (int)settings->config->signer_threads, ring, issuer->queue);
		if (!issuer->signers)
			return FAULT(fault, FAULT_MEMORY, "no signer thread could be started");
	}
	*ret = issuer;
	issuer = NULL;
	return 0;
}

void issuer_free(struct issuer *issuer)
{
	if (!issuer)
		return;
	signers_free(issuer->signers);
	queue_free(issuer->queue);
	arena_free(issuer->scratch);
	free(issuer);
}
