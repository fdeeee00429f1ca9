#include "send/refuse.h"

#include <stdio.h>
#include <string.h>

#include "send/memo.h"
#include "store/invoices.h"

#define LEVELS	   2 /* of halving before the cause is sought elsewhere (law R-SEND-8) */
#define MADE_MAX   100000
#define MADE_ARENA ((size_t)64 << 20)
#define HELD_ARENA ((size_t)1 << 20)

void refuse_text(const struct verdict *verdict, const struct verdict_reason *reason, char out[REFUSAL_MAX])
{
	if (!reason && verdict->reason_count)
		reason = &verdict->reasons[0];
	if (!reason) {
		snprintf(out, REFUSAL_MAX, "%d: no reason given", verdict->message_type);
		return;
	}
	snprintf(out, REFUSAL_MAX, "%s: %.380s%s%.180s%s", reason->code, reason->text ? reason->text : "",
		reason->advice ? " (" : "", reason->advice ? reason->advice : "", reason->advice ? ")" : "");
}

int refuse_invoice(struct exchange *exchange, int64_t id, int64_t invoice, const char *text, struct fault *fault)
{
	int result = store_invoice_conclude(exchange->sender->store, invoice, id, INVOICE_REFUSED, text, fault);

	return result ? result : exchange_task(exchange, "refused-invoice", id, invoice, text, fault);
}

/* ---- invoices of one message ---- */

struct ending {
	struct exchange *exchange;
	int64_t id;
	const char *text;
	int64_t refused;
	int conflict; /* > 0, which a walk does not forward */
};

static int end_invoice(void *context, const struct message_invoice *invoice, struct fault *fault)
{
	struct ending *ending = context;
	int result;

	if (invoice->state != INVOICE_ISSUED)
		return 0;
	result = refuse_invoice(ending->exchange, ending->id, invoice->id, ending->text, fault);
	ending->refused += result == 0;
	if (result > 0)
		ending->conflict = result;
	return result < 0 ? result : 0;
}

static int end_invoices(struct ending *ending, struct fault *fault)
{
	int result = store_message_each(ending->exchange->sender->store, ending->id, end_invoice, ending, fault);

	return result ? result : ending->conflict;
}

/* A refused message whose family had to be waited for: halved now, or a culprit; the reason was kept with it. */
static int end_held(struct exchange *exchange, struct memo *memo, int64_t id, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(HELD_ARENA);
	struct ending ending = {.exchange = exchange, .id = id};
	struct message_row row;
	int result;

	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for a message");
	result = store_message_get(exchange->sender->store, id, arena, &row, fault);
	if (result)
		return result;
	if (row.count > 1) {
		memo_halve_add(memo, id);
		return store_message_release(exchange->sender->store, id, fault);
	}
	ending.text = row.last_text;
	return end_invoices(&ending, fault);
}

/* ---- pause ---- */

/* What was made but not sent waits too: nothing hammers a seller that is refused (law R-REG-4). */
static int pause_made(struct exchange *exchange, int64_t until, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(MADE_ARENA);
	struct message_row *rows;
	size_t count = 0;
	int result;

	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for open messages");
	result = store_message_list(exchange->sender->store, true, MADE_MAX, arena, &rows, &count, fault);
	for (size_t i = 0; !result && i < count; i++) {
		if (rows[i].state != MESSAGE_MADE)
			continue;
		rows[i].next_try_at = until;
		result = store_message_move(exchange->sender->store, &rows[i], MESSAGE_MADE, fault);
	}
	return result;
}

static int release_held(struct exchange *exchange, const struct memo *memo, struct fault *fault)
{
	int result = 0;

	for (size_t i = 0; i < memo->family_count; i++)
		for (size_t j = 0; !result && j < memo->families[i].count; j++)
			if (memo->families[i].members[j] < 0)
				result = store_message_release(
					exchange->sender->store, -memo->families[i].members[j], fault);
	return result;
}

/* Everything waits with its number; one task for all refusals of this kind, since a person has to find one cause. */
static int pause_sending(struct exchange *exchange, struct memo *memo, const char *text, struct fault *fault)
{
	int64_t until = exchange->now + exchange->sender->settings->config->retry_last_ms;
	char task[REFUSAL_MAX + 200];
	int result = store_message_release(exchange->sender->store, exchange->row.id, fault);

	if (!result)
		result = release_held(exchange, memo, fault);
	if (!result)
		result = pause_made(exchange, until, fault);
	snprintf(task, sizeof(task),
		"sending pauses: the authority refuses the seller, the key or the route (%s); check registration, "
		"certificate and contract",
		text);
	if (!result)
		result = exchange_task(exchange, "seller-refused", 0, 0, task, fault);
	*memo = (struct memo){.paused_until = until};
	return result;
}

/* ---- the culprit ---- */

static bool is_about_us(const struct verdict *verdict)
{
	if (verdict->message_type == -2)
		return true;
	for (size_t i = 0; i < verdict->reason_count; i++)
		if (verdict_is_about_us(verdict->reasons[i].code))
			return true;
	return false;
}

/* The family is not hopeless: each member that was held goes its way. */
static int end_family(struct exchange *exchange, struct memo *memo, struct memo_family *family, struct fault *fault)
{
	int result = 0;

	for (size_t i = 0; !result && i < family->count; i++)
		if (family->members[i] < 0)
			result = end_held(exchange, memo, -family->members[i], fault);
	memo_family_drop(memo, family);
	return result;
}

static int hold(struct exchange *exchange, struct memo *memo, struct memo_family *family, struct fault *fault)
{
	memo_family_hold(family, exchange->row.id);
	return memo_family_is_over(family) ? end_family(exchange, memo, family, fault) : 0;
}

static int refuse_single(struct exchange *exchange, const char *text, int64_t *ret_refused, struct fault *fault)
{
	struct ending ending = {.exchange = exchange, .id = exchange->row.id, .text = text};
	int result = end_invoices(&ending, fault);

	*ret_refused = ending.refused;
	return result;
}

/*
 * Whether so many were refused with nothing accepted that no invoice can be the cause (law R-SEND-8). A half without a family is one
 * whose sibling was accepted.
 */
static bool is_hopeless(const struct message_row *row, struct memo *memo, struct memo_family *family)
{
	if (memo->halve_count + MEMO_MEMBERS_MAX > MEMO_HALVE_MAX)
		return true;
	if (family)
		return ++family->refused >= MEMO_REFUSED_MAX;
	return row->count == 1 && row->halving == 0 && ++memo->alone >= MEMO_REFUSED_MAX;
}

static int follow(struct exchange *exchange, const struct verdict *verdict, struct memo *memo, const char *text,
	int64_t *ret_refused, struct fault *fault)
{
	const struct message_row *row = &exchange->row;
	struct memo_family *family = memo_family_find(memo, row->id);

	if (!family && row->count > 1 && row->halving == 0)
		family = memo_family_add(memo, row->id);
	if (is_about_us(verdict) || is_hopeless(row, memo, family))
		return pause_sending(exchange, memo, text, fault);
	if (family && (row->count == 1 || row->halving >= LEVELS))
		return hold(exchange, memo, family, fault);
	if (row->count == 1)
		return refuse_single(exchange, text, ret_refused, fault);
	memo_halve_add(memo, row->id);
	return store_message_release(exchange->sender->store, row->id, fault);
}

int refuse_message(struct exchange *exchange, const struct verdict *verdict, const char *text, int64_t *ret_refused,
	struct fault *fault)
{
	struct memo memo;
	int result = memo_load(exchange->sender->store, &memo, fault);

	if (!result)
		result = follow(exchange, verdict, &memo, text, ret_refused, fault);
	return result ? result : memo_save(exchange->sender->store, &memo, fault);
}

int refuse_answered(struct exchange *exchange, struct fault *fault)
{
	struct memo memo;
	struct memo_family *family;
	int result = memo_load(exchange->sender->store, &memo, fault);

	if (result)
		return result;
	family = memo_family_find(&memo, exchange->row.id);
	if (!family && !memo.alone)
		return 0;
	memo.alone = 0;
	if (family)
		result = end_family(exchange, &memo, family, fault);
	return result ? result : memo_save(exchange->sender->store, &memo, fault);
}
