#include "send/conclude.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "send/http.h"
#include "send/pack.h"
#include "send/refuse.h"
#include "store/courier.h"
#include "store/hold.h"
#include "store/invoices.h"
#include "store/ledger.h"
#include "store/time.h"
#include "wire/answer.h"

#define DUPLICATE_CODE "20609" /* identity not unique (format 12.3) */
#define NOTE_MAX       300

/* One invoice of the message and what the answer says about it. */
struct member {
	int64_t id;
	int form;
	char serial[SERIAL_LEN + 2];
	int32_t number;
	int state;
	const struct verdict_reason *reason; /* the first that names it; NULL = accepted */
	bool is_duplicate;		     /* every reason is 20609 */
	bool is_proven;			     /* a duplicate of what we sent ourselves */
};

struct conclusion {
	struct exchange *exchange;
	struct verdict verdict;
	char note[NOTE_MAX]; /* why it is not believed; "" = it is */
	const char *kind;    /* word for the ledger */
	struct member *members;
	size_t count;
	int64_t accepted, refused;
};

/* ---- belief ---- */

static bool is_same_message(const char *about, const char *message_id)
{
	const char *a = message_id_hex(about);
	const char *b = message_id_hex(message_id);

	return a && b && strcasecmp(a, b) == 0;
}

/* -1 and -2 may name nothing, since the message could not be read; then the connection they came over names it (format 11.2). */
static bool is_about(const struct conclusion *c)
{
	const struct verdict *verdict = &c->verdict;

	if (!verdict->about[0] && verdict->message_type != 204 && verdict->kind == VERDICT_ALL_REFUSED)
		return true;
	return is_same_message(verdict->about, c->exchange->row.message_id);
}

static void doubt(struct conclusion *c, const char *why)
{
	if (!c->note[0])
		snprintf(c->note, sizeof(c->note), "%s", why);
}

static void judge(struct conclusion *c)
{
	const struct verdict *verdict = &c->verdict;

	if (!is_about(c))
		doubt(c, "it answers another message");
	if (verdict->message_type == 204 && !verdict->is_signed)
		doubt(c, "its signature does not verify");
	if (verdict->message_type == 204 && strcmp(verdict->tax_code, store_seller(c->exchange->sender->store)) != 0)
		doubt(c, "it is about another tax code");
	if (verdict->kind == VERDICT_UNCLEAR)
		doubt(c, "its kind is not known");
}

/* ---- invoices that a 204 LTBao 7 names ---- */

static int add_member(void *context, const struct message_invoice *invoice, struct fault *fault)
{
	struct conclusion *c = context;
	struct member *member = &c->members[c->count];

	if ((int64_t)c->count >= c->exchange->row.count)
		return FAULT(
			fault, FAULT_BUG, "message %s holds more invoices than it says", c->exchange->row.message_id);
	member->id = invoice->id;
	member->form = invoice->form;
	member->number = invoice->number;
	member->state = invoice->state;
	member->is_duplicate = true;
	snprintf(member->serial, sizeof(member->serial), "%s", invoice->serial);
	c->count++;
	return 0;
}

static int load_members(struct conclusion *c, struct fault *fault)
{
	c->members = ARENA_ARRAY(c->exchange->arena, struct member, (size_t)c->exchange->row.count);
	if (!c->members)
		return FAULT(fault, FAULT_MEMORY, "no memory for the invoices of a message");
	return store_message_each(c->exchange->sender->store, c->exchange->row.id, add_member, c, fault);
}

static struct member *find_member(struct conclusion *c, const struct verdict_reason *reason)
{
	for (size_t i = 0; reason->has_invoice && i < c->count; i++) {
		struct member *member = &c->members[i];

		if (member->number == reason->number && member->form == reason->form &&
			strcmp(member->serial, reason->serial) == 0)
			return member;
	}
	return NULL;
}

/* A name that matches nothing: nothing is accepted, nothing refused (format 11.5). */
static void match_reasons(struct conclusion *c)
{
	for (size_t i = 0; i < c->verdict.reason_count; i++) {
		const struct verdict_reason *reason = &c->verdict.reasons[i];
		struct member *member = find_member(c, reason);

		if (!member) {
			doubt(c, "it names an invoice that is not in the message");
			return;
		}
		if (!member->reason)
			member->reason = reason;
		if (strcmp(reason->code, DUPLICATE_CODE) != 0)
			member->is_duplicate = false;
	}
}

static int holds_bytes(struct conclusion *c, bool *ret, struct fault *fault)
{
	BYTES_CLEANUP struct bytes message = {0};
	struct fault why = {0};
	int result = pack_rebuild(c->exchange->sender->store, &c->exchange->row, &message, &why);

	*ret = result == 0;
	return result < 0 ? FAULT(fault, result, "%s", why.text) : 0;
}

/*
 * 20609 means "already there" only for bytes that may have arrived before: in an earlier message whose outcome was unknown, or in
 * an earlier attempt of this one (law R-NUM-4, format 12.4).
 */
static int prove_duplicate(struct conclusion *c, struct member *member, struct fault *fault)
{
	const struct exchange *exchange = c->exchange;
	bool is_earlier = exchange->row.attempts > 1 && exchange->was_unknown;
	int result = is_earlier ? 1
				: store_message_invoice_was_unknown(
					  exchange->sender->store, member->id, exchange->row.id, fault);

	if (result <= 0)
		return result;
	return holds_bytes(c, &member->is_proven, fault);
}

static int match_members(struct conclusion *c, struct fault *fault)
{
	int result = load_members(c, fault);

	if (result)
		return result;
	match_reasons(c);
	for (size_t i = 0; !result && !c->note[0] && i < c->count; i++)
		if (c->members[i].reason && c->members[i].is_duplicate)
			result = prove_duplicate(c, &c->members[i], fault);
	return result;
}

/* ---- what follows, inside the transaction ---- */

/* A message we do not know is kept as of none. */
static int named_message(struct conclusion *c, int64_t *ret, struct fault *fault)
{
	struct message_row row;
	int result;

	*ret = c->exchange->row.id;
	if (!c->verdict.about[0] || is_same_message(c->verdict.about, c->exchange->row.message_id))
		return 0;
	result = store_message_by_id(c->exchange->sender->store, c->verdict.about, c->exchange->arena, &row, fault);
	*ret = result == 0 ? row.id : 0;
	return result < 0 ? result : 0;
}

static int keep_answer(struct conclusion *c, struct fault *fault)
{
	struct exchange *exchange = c->exchange;
	int64_t message = 0;
	int result = named_message(c, &message, fault);

	if (result)
		return result;
	return store_verdict_add(exchange->sender->store, message, exchange->now, c->verdict.message_type, !c->note[0],
		c->note, exchange->answer.raw.data, exchange->answer.raw.len, fault);
}

static int note_verdict(struct conclusion *c, struct fault *fault)
{
	struct exchange *exchange = c->exchange;
	struct ledger_payload payload;
	uint8_t digest[DIGEST_LEN];

	digest_sha256(exchange->answer.raw.data, exchange->answer.raw.len, digest);
	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "accepted", c->accepted);
	if (exchange->carried)
		ledger_payload_text(&payload, "by", "courier");
	ledger_payload_text(&payload, "kind", c->kind);
	ledger_payload_text(&payload, "message", exchange->row.message_id);
	if (c->note[0])
		ledger_payload_text(&payload, "note", c->note);
	ledger_payload_hex(&payload, "raw", digest, DIGEST_LEN);
	ledger_payload_int(&payload, "refused", c->refused);
	return ledger_append(exchange->sender->store, LEDGER_VERDICT, &payload, NULL, fault);
}

/* An answer nobody can act upon: after a submit the outcome is unknown; after a question it is what it was. */
static int apply_doubt(struct conclusion *c, struct fault *fault)
{
	struct exchange *exchange = c->exchange;
	char text[NOTE_MAX + 100];
	int result;

	c->kind = "not-believed";
	if (!exchange->is_question)
		exchange->row.state = MESSAGE_UNKNOWN;
	snprintf(text, sizeof(text), "an answer is not believed: %s; ask the provider", c->note);
	exchange->row.last_text = arena_strdup(exchange->arena, text);
	exchange_try_later(exchange);
	result = exchange_move(exchange, "verdict", fault);
	return result ? result : exchange_task(exchange, "answer-unclear", exchange->row.id, 0, text, fault);
}

/* It arrived: the outcome of this attempt is known, the verdict is not. */
static int apply_received(struct conclusion *c, struct fault *fault)
{
	struct exchange *exchange = c->exchange;

	exchange_ask_later(exchange);
	exchange->row.state = MESSAGE_SENT;
	exchange->row.was_unknown = exchange->was_unknown;
	exchange->row.last_text = c->kind = "received";
	return exchange_move(exchange, "verdict", fault);
}

/* The id is there already: an earlier attempt arrived, over the route it went, which is the one to be asked. */
static int apply_repeated(struct conclusion *c, struct fault *fault)
{
	struct exchange *exchange = c->exchange;

	if (!exchange->is_question && exchange->last_route[0])
		exchange->row.route = exchange->last_route;
	exchange->row.state = MESSAGE_SENT;
	exchange->row.was_unknown = exchange->was_unknown;
	exchange->row.last_text = c->kind = "repeated";
	exchange_try_later(exchange);
	return exchange_move(exchange, "verdict", fault);
}

static int move_to_end(struct conclusion *c, enum message_state state, const char *text, struct fault *fault)
{
	struct message_row *row = &c->exchange->row;

	row->state = state;
	row->answered_at = c->exchange->now;
	row->was_unknown = c->exchange->was_unknown;
	row->last_text = text;
	return exchange_move(c->exchange, "verdict", fault);
}

/*
 * The authority knows a number that we believe to have given just now: this store is an old copy, or another one uses its serial, so
 * the next number may be taken too (law R-CODE-5). Numbers of an earlier epoch may well be known: the store was adopted for that.
 */
static int doubt_number(struct conclusion *c, const struct member *member, const char *text, struct fault *fault)
{
	struct exchange *exchange = c->exchange;
	char detail[HOLD_DETAIL_MAX];
	int result = exchange_task(exchange, "duplicate-unproven", exchange->row.id, member->id, text, fault);

	if (!result)
		result = store_invoice_is_of_epoch(exchange->sender->store, member->id, fault);
	if (result <= 0)
		return result;
	snprintf(detail, sizeof(detail), "%d%s/%d", member->form, member->serial, (int)member->number);
	log_event(LOG_LEVEL_WARNING, "numbering-held", "why=behind number=%s", detail);
	return store_hold_put(exchange->sender->store, HOLD_BEHIND, detail, fault);
}

static int conclude_member(struct conclusion *c, const struct member *member, struct fault *fault)
{
	struct exchange *exchange = c->exchange;
	char text[REFUSAL_MAX];
	int result;

	if (member->state != INVOICE_ISSUED)
		return 0;
	if (!member->reason || member->is_proven) {
		result = store_invoice_conclude(
			exchange->sender->store, member->id, exchange->row.id, INVOICE_ACCEPTED, "", fault);
		c->accepted += result == 0;
		return result;
	}
	refuse_text(&c->verdict, member->reason, text);
	if (member->is_duplicate)
		return doubt_number(c, member, text, fault);
	result = refuse_invoice(exchange, exchange->row.id, member->id, text, fault);
	c->refused += result == 0;
	return result;
}

/* Nothing names an invoice of its own: what holds for the message holds for each. */
static bool is_for_all(const struct verdict *verdict)
{
	return verdict->kind == VERDICT_ALL_ACCEPTED && !verdict->reason_count;
}

static int apply_answered(struct conclusion *c, const char *kind, struct fault *fault)
{
	const struct exchange *exchange = c->exchange;
	int result = 0;

	c->kind = kind;
	if (is_for_all(&c->verdict))
		result = store_invoice_accept_of(exchange->sender->store, exchange->row.id, &c->accepted, fault);
	for (size_t i = 0; !result && i < c->count; i++)
		result = conclude_member(c, &c->members[i], fault);
	if (!result)
		result = move_to_end(c, MESSAGE_ANSWERED, kind, fault);
	return result ? result : refuse_answered(c->exchange, fault);
}

/*
 * The simulator says S106; what the authority says is not known, so the words are looked at too (format 12.4). Also on the first
 * attempt: the id is random and ours alone, so its repetition proves that these bytes arrived, by whatever hand below us.
 */
static bool is_repeated_id(const struct conclusion *c)
{
	if (c->verdict.message_type != 999)
		return false;
	for (size_t i = 0; i < c->verdict.reason_count; i++) {
		const struct verdict_reason *reason = &c->verdict.reasons[i];
		const char *text = reason->text ? reason->text : "";

		if (strcmp(reason->code, "S106") == 0)
			return true;
		if ((strcasestr(text, "MTDiep") || strcasestr(text, "mã thông điệp")) &&
			(strcasestr(text, "trùng") || strcasestr(text, "tồn tại") || strcasestr(text, "repeat")))
			return true;
	}
	return false;
}

static int apply_refused(struct conclusion *c, struct fault *fault)
{
	char text[REFUSAL_MAX];
	int result;

	if (is_repeated_id(c))
		return apply_repeated(c, fault);
	c->kind = "refused";
	refuse_text(&c->verdict, NULL, text);
	result = move_to_end(c, MESSAGE_REFUSED, text, fault);
	return result ? result : refuse_message(c->exchange, &c->verdict, text, &c->refused, fault);
}

static int apply(struct conclusion *c, struct fault *fault)
{
	if (c->note[0])
		return apply_doubt(c, fault);
	switch (c->verdict.kind) {
	case VERDICT_RECEIVED:
		return apply_received(c, fault);
	case VERDICT_ALL_ACCEPTED:
		return apply_answered(c, "accepted", fault);
	case VERDICT_SOME_REFUSED:
		return apply_answered(c, "some-refused", fault);
	default:
		return apply_refused(c, fault);
	}
}

/* ---- one answer ---- */

static int read_answer(struct conclusion *c, struct fault *fault)
{
	struct exchange *exchange = c->exchange;
	const struct verify_settings settings = {
		.kind = VERIFY_NOTICE,
		.anchors_pem = exchange->route->anchors_pem,
		.now_ms = exchange->now,
		.max_bytes = HTTP_BODY_MAX,
	};
	const char *rule = NULL;
	char why[NOTE_MAX];
	int result = answer_read(exchange->answer.raw.data, exchange->answer.raw.len, &settings, exchange->arena,
		&c->verdict, &rule, fault);

	if (result > 0) {
		snprintf(why, sizeof(why), "it cannot be read: %s", rule ? rule : "?");
		doubt(c, why);
	} else if (result == 0) {
		judge(c);
	}
	return result < 0 ? result : 0;
}

int conclude_answer(struct exchange *exchange, struct fault *fault)
{
	struct conclusion c = {.exchange = exchange, .kind = ""};
	enum verdict_kind kind;
	int result = read_answer(&c, fault);

	if (result)
		return result;
	kind = c.verdict.kind;
	if (!c.note[0] && !is_for_all(&c.verdict) && (kind == VERDICT_ALL_ACCEPTED || kind == VERDICT_SOME_REFUSED))
		result = match_members(&c, fault);
	if (!result)
		result = store_begin(exchange->sender->store, fault);
	if (result)
		return result;
	if (exchange->answer.ref[0])
		exchange->row.ref = exchange->answer.ref;
	result = keep_answer(&c, fault);
	if (!result && !c.note[0] && c.verdict.is_signed && c.verdict.signed_at)
		result = store_time_hear(exchange->sender->store, c.verdict.signed_at, false, "signature", fault);
	if (!result)
		result = apply(&c, fault);
	if (!result)
		result = note_verdict(&c, fault);
	if (!result && exchange->carried)
		result = store_answer_end(exchange->sender->store, exchange->carried, exchange->now, fault);
	result = sender_end(exchange->sender, result, fault);
	if (!result)
		log_event(LOG_LEVEL_INFO, "verdict", "message=%s kind=%s accepted=%lld refused=%lld",
			exchange->row.message_id, c.kind, (long long)c.accepted, (long long)c.refused);
	return result;
}
