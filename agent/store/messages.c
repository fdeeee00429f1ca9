#include "store/messages.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "store/blob.h"
#include "store/run.h"

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static int add_row(
	struct store *store, const struct message_row *row, size_t count, int64_t *ret_id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_ADD);
	int result;

	bind_text(&query, row->message_id);
	bind_int(&query, row->type);
	bind_blob(&query, row->digest, sizeof(row->digest));
	bind_int(&query, (int64_t)count);
	bind_int(&query, row->bytes);
	bind_int(&query, row->made_at);
	bind_int(&query, row->sent_at);
	bind_int(&query, row->answered_at);
	bind_int(&query, row->next_try_at);
	bind_int(&query, row->attempts);
	bind_int(&query, row->is_resent);
	bind_int(&query, row->was_unknown);
	bind_text(&query, text_or_empty(row->route));
	bind_text(&query, text_or_empty(row->ref));
	bind_int(&query, row->halving);
	bind_text(&query, text_or_empty(row->last_text));
	bind_int(&query, row->deadline);
	bind_int(&query, row->is_absent);
	result = query_run(&query, fault);
	if (!result)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return result;
}

static int add_bytes(struct store *store, int64_t id, const struct message_row *row, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes head = {.max = BLOB_STORED_MAX};
	CLEANUP(bytes_done) struct bytes signature = {.max = BLOB_STORED_MAX};
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_BYTES_ADD);
	int result = blob_encode(store, BLOB_AT_HEAD(id), row->head, strlen(row->head), &head, fault);

	if (!result)
		result = blob_encode(
			store, BLOB_AT_SIGNATURE(id), row->signature, row->signature_len, &signature, fault);
	if (result)
		return result;
	bind_int(&query, id);
	bind_blob(&query, head.data, head.len);
	bind_blob(&query, signature.data, signature.len);
	return query_do(&query, fault);
}

static int add_invoice(struct store *store, int64_t id, int64_t position, int64_t invoice_id, struct fault *fault)
{
	QUERY_CLEANUP struct query add = query_new(store, STATEMENT_MESSAGE_INVOICE_ADD);

	bind_int(&add, id);
	bind_int(&add, position);
	bind_int(&add, invoice_id);
	return query_run(&add, fault);
}

/* An invoice that does not wait any more is a conflict. */
static int take_invoices(struct store *store, int64_t id, size_t count, struct fault *fault)
{
	QUERY_CLEANUP struct query take = query_new(store, STATEMENT_INVOICE_TAKE);
	int result;

	bind_int(&take, id);
	result = query_do(&take, fault);
	if (result)
		return result;
	return sqlite3_changes64(store->db) == (int64_t)count ? 0 : STORE_CONFLICT;
}

static int add_message(struct store *store, const struct message_row *row, const int64_t *invoice_ids, size_t count,
	int64_t *ret_id, struct fault *fault)
{
	int64_t id = 0;
	int result = add_row(store, row, count, &id, fault);

	if (!result)
		result = add_bytes(store, id, row, fault);
	for (size_t i = 0; !result && i < count; i++)
		result = add_invoice(store, id, (int64_t)i + 1, invoice_ids[i], fault);
	if (!result)
		result = take_invoices(store, id, count, fault);
	if (!result)
		*ret_id = id;
	return result;
}

int store_message_add(struct store *store, const struct message_row *row, const int64_t *invoice_ids, size_t count,
	int64_t *ret_id, struct fault *fault)
{
	int undone = 0;
	int result = query_do_simple(store, STATEMENT_SAVE, fault);

	if (result)
		return result;
	result = add_message(store, row, invoice_ids, count, ret_id, fault);
	/* After a conflict the caller may go on in its transaction, so no half of a message may stay in it. */
	if (result > 0)
		undone = query_do_simple(store, STATEMENT_SAVE_UNDO, fault);
	if (result >= 0 && !undone)
		undone = query_do_simple(store, STATEMENT_SAVE_END, fault);
	if (undone || result)
		return undone ? undone : result;
	tally_add(store, TALLY_MESSAGE + MESSAGE_MADE, 1, (struct tally){.n = 1});
	return 0;
}

static void read_head(struct query *query, struct arena *arena, void *row)
{
	struct message_row *ret = row;

	memset(ret, 0, sizeof(*ret));
	ret->id = column_int(query);
	ret->message_id = column_text(query, arena);
	ret->type = (int)column_int(query);
	column_digest(query, ret->digest);
	ret->count = column_int(query);
	ret->bytes = column_int(query);
	ret->state = (enum message_state)column_state(query, message_state_word, MESSAGE_STATE_COUNT);
	ret->made_at = column_int(query);
	ret->sent_at = column_int(query);
	ret->answered_at = column_int(query);
	ret->next_try_at = column_int(query);
	ret->attempts = column_int(query);
	ret->is_resent = column_int(query) != 0;
	ret->was_unknown = column_int(query) != 0;
	ret->route = column_text(query, arena);
	ret->ref = column_text(query, arena);
	ret->halving = column_int(query);
	ret->last_text = column_text(query, arena);
	ret->deadline = column_int(query);
	ret->is_absent = column_int(query) != 0;
	ret->carried_at = column_int(query);
}

static int read_bytes(struct query *query, struct arena *arena, struct message_row *row, struct fault *fault)
{
	const void *head = NULL;
	size_t head_len;
	size_t len;
	const void *blob = column_blob(query, &len);
	int result = blob_copy(query->store, BLOB_AT_HEAD(row->id), blob, len, arena, &head, &head_len, fault);

	if (result)
		return result;
	row->head = head;
	blob = column_blob(query, &len);
	return blob_copy(query->store, BLOB_AT_SIGNATURE(row->id), blob, len, arena, &row->signature,
		&row->signature_len, fault);
}

/* The one row of a query whose parameters are bound. */
static int get_message(struct query *query, struct arena *arena, struct message_row *ret, struct fault *fault)
{
	struct message_row row;
	int result = query_row(query, fault);

	if (result)
		return result;
	read_head(query, arena, &row);
	result = query_check(query, fault);
	if (!result)
		result = read_bytes(query, arena, &row, fault);
	if (!result)
		*ret = row;
	return result;
}

int store_message_get(
	struct store *store, int64_t id, struct arena *arena, struct message_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_GET);

	bind_int(&query, id);
	return get_message(&query, arena, ret, fault);
}

int store_message_by_id(
	struct store *store, const char *message_id, struct arena *arena, struct message_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_BY_ID);

	bind_text(&query, message_id);
	return get_message(&query, arena, ret, fault);
}

int store_message_due(struct store *store, int64_t now_ms, const struct message_gate *gate, struct arena *arena,
	struct message_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_DUE);

	bind_int(&query, now_ms);
	bind_int(&query, gate->may_submit);
	bind_text(&query, gate->closed_routes);
	bind_int(&query, MESSAGE_PAUSE_MAX_MS);
	return get_message(&query, arena, ret, fault);
}

int store_message_after(
	struct store *store, int64_t id, struct arena *arena, struct message_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_AFTER);

	bind_int(&query, id);
	return get_message(&query, arena, ret, fault);
}

int store_message_open_after(struct store *store, int64_t id, bool carried_only, struct arena *arena,
	struct message_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_OPEN_AFTER);

	bind_int(&query, id);
	bind_int(&query, carried_only);
	return get_message(&query, arena, ret, fault);
}

/* The one number of a query whose parameters are bound; INT64_MAX when there is none. */
static int get_earliest(struct query *query, int64_t *ret_ms, struct fault *fault)
{
	int result = query_row(query, fault);

	if (result)
		return result < 0 ? result : FAULT(fault, FAULT_BUG, "a minimum without a row");
	*ret_ms = sqlite3_column_type(query->stmt, 0) == SQLITE_NULL ? INT64_MAX : column_int(query);
	return 0;
}

int store_message_next_try(struct store *store, int64_t after_ms, int64_t *ret_ms, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_NEXT_TRY);

	bind_int(&query, after_ms);
	return get_earliest(&query, ret_ms, fault);
}

int store_message_unanswered(struct store *store, int64_t *ret_ms, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_UNANSWERED);

	return get_earliest(&query, ret_ms, fault);
}

int store_message_carried(struct store *store, int64_t *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_CARRIED);
	int result = query_row(&query, fault);

	if (!result)
		*ret = column_int(&query);
	return result;
}

int store_message_deadline(struct store *store, int64_t after_ms, int64_t *ret_ms, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_DEADLINE);

	bind_int(&query, after_ms);
	return get_earliest(&query, ret_ms, fault);
}

int store_message_move(struct store *store, const struct message_row *row, enum message_state from, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_MOVE);
	int result;

	/* Times and counters of an open message change while its state stays. */
	if (row->state != from && !message_may_move((int)from, (int)row->state))
		return FAULT(fault, FAULT_BUG, "a message never moves from %s to %s", message_state_word((int)from),
			message_state_word((int)row->state));
	if (from == MESSAGE_ANSWERED || from == MESSAGE_REFUSED)
		return FAULT(fault, FAULT_BUG, "a message that is %s never changes", message_state_word((int)from));
	bind_text(&query, message_state_word((int)row->state));
	bind_int(&query, row->sent_at);
	bind_int(&query, row->answered_at);
	bind_int(&query, row->next_try_at);
	bind_int(&query, row->attempts);
	bind_int(&query, row->is_resent);
	bind_int(&query, row->was_unknown);
	bind_text(&query, text_or_empty(row->route));
	bind_text(&query, text_or_empty(row->ref));
	bind_int(&query, row->halving);
	bind_text(&query, text_or_empty(row->last_text));
	bind_int(&query, row->is_absent);
	bind_int(&query, row->id);
	bind_text(&query, message_state_word((int)from));
	result = query_change(&query, fault);
	if (result)
		return result;
	tally_add(store, TALLY_MESSAGE + (int)from, -1, (struct tally){.n = 1});
	tally_add(store, TALLY_MESSAGE + (int)row->state, 1, (struct tally){.n = 1});
	return 0;
}

/* Invoices of a message that may still be accepted would be sent twice. */
static int check_refused(struct store *store, int64_t id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_STATE);
	int result;

	bind_int(&query, id);
	result = query_row(&query, fault);
	if (result < 0)
		return result;
	if (result == 0 && column_state(&query, message_state_word, MESSAGE_STATE_COUNT) == MESSAGE_REFUSED)
		return 0;
	return FAULT(fault, FAULT_BUG, "message %lld is not refused, its invoices stay with it", (long long)id);
}

int store_message_release(struct store *store, int64_t id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_RELEASE);
	int result = check_refused(store, id, fault);

	if (result)
		return result;
	bind_int(&query, id);
	return query_do(&query, fault);
}

int store_message_list(struct store *store, bool open_only, int64_t limit, struct arena *arena,
	struct message_row **ret, size_t *ret_count, struct fault *fault)
{
	QUERY_CLEANUP struct query query =
		query_new(store, open_only ? STATEMENT_MESSAGE_LIST_OPEN : STATEMENT_MESSAGE_LIST);
	struct rows rows = {.arena = arena, .size = sizeof(struct message_row)};
	int result;

	bind_int(&query, limit);
	result = query_list(&query, read_head, &rows, fault);
	if (result)
		return result;
	*ret = rows.data;
	*ret_count = rows.count;
	return 0;
}

static int read_invoice(struct query *query, struct message_invoice *ret, struct bytes *xml, struct fault *fault)
{
	uint8_t digest[DIGEST_LEN];
	uint8_t stored[DIGEST_LEN];
	const void *blob;
	size_t len;
	int result;

	ret->id = column_int(query);
	ret->form = (int)column_int(query);
	snprintf(ret->serial, sizeof(ret->serial), "%s",
		(const char *)sqlite3_column_text(query->stmt, query->column++));
	ret->number = (int32_t)column_int(query);
	ret->state = column_state(query, invoice_state_word, INVOICE_STATE_COUNT);
	column_digest(query, stored);
	blob = column_blob(query, &len);
	result = blob_decode(query->store, BLOB_AT_INVOICE(ret->id), blob, len, xml, fault);
	if (result)
		return result;
	digest_sha256(xml->data, xml->len, digest);
	if (!digest_equal(digest, stored, DIGEST_LEN))
		return FAULT(fault, FAULT_FORMAT,
			"the bytes of invoice %d%s number %d are not those that were issued; "
			"restore a backup",
			ret->form, ret->serial, (int)ret->number);
	ret->xml = xml->data;
	ret->xml_len = xml->len;
	return 0;
}

/* The invoice behind @position, which moves on; its bytes in @xml. 0, STORE_NONE, < 0. */
static int next_invoice(struct store *store, int64_t message, int64_t *position, struct message_invoice *ret,
	struct bytes *xml, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_INVOICE_NEXT);
	int result;

	bytes_clear(xml);
	bind_int(&query, message);
	bind_int(&query, *position);
	result = query_row(&query, fault);
	if (result)
		return result;
	*position = column_int(&query);
	return read_invoice(&query, ret, xml, fault);
}

/* No statement is open while @fn runs, so it may use the store as it likes. */
int store_message_each(struct store *store, int64_t id, message_invoice_fn *fn, void *context, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes xml = {.max = BLOB_PLAIN_MAX};
	struct message_invoice invoice = {0};
	int64_t position = 0;
	int result;

	while ((result = next_invoice(store, id, &position, &invoice, &xml, fault)) == 0) {
		result = fn(context, &invoice, fault);
		if (result < 0)
			return result;
	}
	return result < 0 ? result : 0;
}

int store_message_invoice_was_unknown(struct store *store, int64_t invoice_id, int64_t id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_WAS_UNKNOWN);
	int result;

	bind_int(&query, invoice_id);
	bind_int(&query, id);
	result = query_row(&query, fault);
	return result < 0 ? result : result == 0;
}

int store_message_count(struct store *store, struct message_counts *ret, struct fault *fault)
{
	struct tally tallies[MESSAGE_STATE_COUNT] = {0};
	int result = 0;

	for (int state = 0; !result && state < MESSAGE_STATE_COUNT; state++)
		result = tally_get(store, TALLY_MESSAGE + state, &tallies[state], fault);
	if (result)
		return result;
	*ret = (struct message_counts){
		.made = tallies[MESSAGE_MADE].n,
		.sent = tallies[MESSAGE_SENT].n,
		.unknown = tallies[MESSAGE_UNKNOWN].n,
		.answered = tallies[MESSAGE_ANSWERED].n,
		.refused = tallies[MESSAGE_REFUSED].n,
	};
	return 0;
}
