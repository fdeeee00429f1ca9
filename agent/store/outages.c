#include "store/outages.h"

#include <string.h>

#include "base/digest.h"
#include "store/ledger.h"
#include "store/run.h"

static void read_outage(struct query *query, struct arena *arena, void *row)
{
	struct outage_row *ret = row;
	const char *cause;

	ret->id = column_int(query);
	ret->part = column_text(query, arena);
	cause = column_text(query, arena);
	ret->cause = cause ? outage_find(cause) : OUTAGE_NONE;
	ret->begun_at = column_int(query);
	ret->ended_at = column_int(query);
	ret->deadline = column_int(query);
	ret->failures = column_int(query);
	ret->status = column_int(query);
	ret->first_text = column_text(query, arena);
	ret->last_text = column_text(query, arena);
}

static void read_note(struct query *query, struct arena *arena, void *row)
{
	struct outage_note *ret = row;
	const char *said = column_text(query, arena);

	ret->said = said ? outage_said_find(said) : SAID_NOTHING;
	ret->said_on = (int32_t)column_int(query);
	ret->noted_at = column_int(query);
	ret->text = column_text(query, arena);
}

static int add_notes(
	struct store *store, struct arena *arena, struct outage_row *rows, size_t count, struct fault *fault)
{
	for (size_t i = 0; i < count; i++) {
		QUERY_CLEANUP struct query query = query_new(store, STATEMENT_NOTE_LIST);
		struct rows notes = {.arena = arena, .size = sizeof(struct outage_note)};
		int result;

		bind_int(&query, rows[i].id);
		result = query_list(&query, read_note, &notes, fault);
		if (result)
			return result;
		rows[i].notes = notes.data;
		rows[i].note_count = notes.count;
	}
	return 0;
}

int store_outage_open(
	struct store *store, const char *part, struct arena *arena, struct outage_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_OUTAGE_OPEN);

	bind_text(&query, part);
	return query_get(&query, read_outage, arena, ret, sizeof(*ret), fault);
}

int store_outage_get(struct store *store, int64_t id, struct arena *arena, struct outage_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_OUTAGE_GET);

	int result;

	bind_int(&query, id);
	result = query_get(&query, read_outage, arena, ret, sizeof(*ret), fault);
	return result ? result : add_notes(store, arena, ret, 1, fault);
}

static void add_what(struct ledger_payload *payload, const struct outage_row *row, bool is_end)
{
	ledger_payload_int(payload, "begun_at", row->begun_at);
	ledger_payload_text(payload, "cause", outage_kind(row->cause)->word);
	if (is_end)
		ledger_payload_int(payload, "ended_at", row->ended_at);
	ledger_payload_int(payload, "failures", row->failures);
	ledger_payload_text(payload, "part", row->part);
	ledger_payload_int(payload, "status", row->status);
}

int store_outage_begin(struct store *store, const struct outage_row *row, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_OUTAGE_ADD);
	struct ledger_payload payload;
	int result;

	bind_text(&query, row->part);
	bind_text(&query, outage_kind(row->cause)->word);
	bind_int(&query, row->begun_at);
	bind_int(&query, row->failures);
	bind_int(&query, row->status);
	bind_text(&query, row->first_text);
	bind_text(&query, row->first_text);
	result = query_do(&query, fault);
	if (result)
		return result;
	ledger_payload_init(&payload);
	add_what(&payload, row, false);
	return ledger_append(store, LEDGER_OUTAGE_BEGUN, &payload, NULL, fault);
}

int store_outage_end(struct store *store, const struct outage_row *row, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_OUTAGE_END);
	struct ledger_payload payload;
	int result;

	bind_int(&query, row->ended_at);
	bind_int(&query, row->deadline);
	bind_int(&query, row->failures);
	bind_int(&query, row->status);
	bind_text(&query, row->last_text);
	bind_int(&query, row->id);
	result = query_change(&query, fault);
	if (result)
		return result;
	ledger_payload_init(&payload);
	add_what(&payload, row, true);
	return ledger_append(store, LEDGER_OUTAGE_ENDED, &payload, NULL, fault);
}

static int record_note(struct store *store, const struct outage_row *outage, const struct outage_note *note,
	int64_t *ret_seq, struct fault *fault)
{
	struct ledger_payload payload;
	struct ledger_head head;
	uint8_t digest[DIGEST_LEN];
	int result;

	digest_sha256(note->text, strlen(note->text), digest);
	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "begun_at", outage->begun_at);
	ledger_payload_text(&payload, "kind", outage_said_kind(note->said)->word);
	ledger_payload_text(&payload, "part", outage->part);
	ledger_payload_int(&payload, "said_on", note->said_on);
	ledger_payload_commit(store, &payload, "text", digest);
	result = ledger_append(store, LEDGER_OUTAGE_NOTE, &payload, &head, fault);
	if (!result)
		*ret_seq = head.seq;
	return result;
}

static int set_deadline(struct store *store, int64_t id, int64_t deadline, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_OUTAGE_DUE);

	bind_int(&query, deadline);
	bind_int(&query, id);
	return query_do(&query, fault);
}

int store_outage_note(struct store *store, const struct outage_row *outage, const struct outage_note *note,
	int64_t deadline, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_NOTE_ADD);
	int64_t seq = 0;
	int result = record_note(store, outage, note, &seq, fault);

	if (result)
		return result;
	bind_int(&query, outage->id);
	bind_text(&query, outage_said_kind(note->said)->word);
	bind_int(&query, note->said_on);
	bind_int(&query, note->noted_at);
	bind_text(&query, note->text);
	bind_int(&query, seq);
	result = query_do(&query, fault);
	return result || !deadline ? result : set_deadline(store, outage->id, deadline, fault);
}

static int list_outages(
	struct query *query, struct arena *arena, struct outage_row **ret, size_t *ret_count, struct fault *fault)
{
	struct rows rows = {.arena = arena, .size = sizeof(struct outage_row)};
	int result = query_list(query, read_outage, &rows, fault);

	if (result)
		return result;
	*ret = rows.data;
	*ret_count = rows.count;
	return 0;
}

int store_outage_list(struct store *store, int64_t limit, struct arena *arena, struct outage_row **ret,
	size_t *ret_count, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_OUTAGE_LIST);

	int result;

	bind_int(&query, limit);
	result = list_outages(&query, arena, ret, ret_count, fault);
	return result ? result : add_notes(store, arena, *ret, *ret_count, fault);
}

int store_outage_going(
	struct store *store, struct arena *arena, struct outage_row **ret, size_t *ret_count, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_OUTAGE_GOING);

	return list_outages(&query, arena, ret, ret_count, fault);
}

static void read_invoice(struct query *query, struct arena *arena, void *row)
{
	struct outage_invoice *ret = row;

	ret->id = column_int(query);
	ret->form = (int)column_int(query);
	ret->serial = column_text(query, arena);
	ret->number = column_int(query);
	ret->code = column_text(query, arena);
	ret->state = column_text(query, arena);
	ret->issued_at = column_int(query);
	ret->sent_at = column_int(query);
	ret->answered_at = column_int(query);
}

int store_outage_invoices(struct store *store, const struct outage_row *outage, int64_t after, int64_t limit,
	struct arena *arena, struct outage_invoice **ret, size_t *ret_count, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_OUTAGE_INVOICES);
	struct rows rows = {.arena = arena, .size = sizeof(struct outage_invoice)};
	int result;

	bind_int(&query, after);
	bind_int(&query, outage->ended_at ? outage->ended_at : INT64_MAX);
	bind_int(&query, outage->begun_at);
	bind_int(&query, limit);
	result = query_list(&query, read_invoice, &rows, fault);
	if (result)
		return result;
	*ret = rows.data;
	*ret_count = rows.count;
	return 0;
}
