#include "store/invoices.h"

#include "core/calendar.h"

#include <string.h>

#include "base/digest.h"
#include "store/blob.h"
#include "store/run.h"

static bool is_issuing_role(const char *role)
{
	return strcmp(role, INVOICE_ROLE_ISSUES) == 0 || strcmp(role, INVOICE_ROLE_REISSUES) == 0;
}

/* Asked before anything is written, so that a conflict leaves nothing behind in the caller's transaction. */
static int check_no_live(struct store *store, int64_t sale_id, const char *role, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_INVOICE_LIVE);
	int result;

	if (!is_issuing_role(role))
		return 0;
	bind_int(&query, sale_id);
	result = query_row(&query, fault);
	if (result == 0)
		return STORE_CONFLICT;
	return result == STORE_NONE ? 0 : result;
}

static int add_row(struct store *store, const struct invoice_row *row, int64_t *ret_id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_ADD);
	int result;

	bind_int(&query, row->form);
	bind_text(&query, row->serial);
	bind_int(&query, row->number);
	bind_text(&query, row->code ? row->code : "");
	bind_int(&query, row->issued_at);
	bind_int(&query, row->sold_at);
	bind_int(&query, row->deadline);
	bind_int(&query, row->net);
	bind_int(&query, row->vat);
	bind_int(&query, row->total);
	bind_int(&query, row->is_signed);
	bind_int(&query, (int64_t)row->xml_len);
	bind_int(&query, row->ledger_seq);
	bind_text(&query, time_state_word((int)row->time_state));
	result = query_run(&query, fault);
	if (!result)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return result;
}

static int add_bytes(struct store *store, int64_t id, const struct invoice_row *row, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes blob = {.max = BLOB_STORED_MAX};
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_BYTES_ADD);
	int result = blob_encode(store, BLOB_AT_INVOICE(id), row->xml, row->xml_len, &blob, fault);

	if (result)
		return result;
	bind_int(&query, id);
	bind_blob(&query, row->digest, sizeof(row->digest));
	bind_blob(&query, blob.data, blob.len);
	return query_do(&query, fault);
}

static int add_link(struct store *store, int64_t id, int64_t sale_id, const char *role, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_INVOICE_ADD);

	bind_int(&query, id);
	bind_int(&query, sale_id);
	bind_text(&query, role);
	bind_int(&query, is_issuing_role(role));
	return query_do(&query, fault);
}

int store_invoice_add(struct store *store, const struct invoice_row *row, int64_t sale_id, const char *role,
	int64_t *ret_id, struct fault *fault)
{
	int64_t id = 0;
	int result = check_no_live(store, sale_id, role, fault);

	if (!result)
		result = add_row(store, row, &id, fault);
	if (!result)
		result = add_bytes(store, id, row, fault);
	if (!result)
		result = add_link(store, id, sale_id, role, fault);
	if (result)
		return result;
	*ret_id = id;
	tally_add(store, TALLY_INVOICE + INVOICE_ISSUED, 1,
		(struct tally){.n = 1, .net = row->net, .vat = row->vat, .total = row->total});
	return 0;
}

static void read_head(struct query *query, struct arena *arena, void *row)
{
	struct invoice_row *ret = row;

	memset(ret, 0, sizeof(*ret));
	ret->id = column_int(query);
	ret->form = (int)column_int(query);
	ret->serial = column_text(query, arena);
	ret->number = (int32_t)column_int(query);
	ret->code = column_text(query, arena);
	ret->issued_at = column_int(query);
	ret->sold_at = column_int(query);
	ret->deadline = column_int(query);
	ret->net = column_int(query);
	ret->vat = column_int(query);
	ret->total = column_int(query);
	ret->state = (enum invoice_state)column_state(query, invoice_state_word, INVOICE_STATE_COUNT);
	ret->message_id = column_int(query);
	ret->refusal = column_text(query, arena);
	ret->is_signed = column_int(query) != 0;
	ret->xml_len = (size_t)column_int(query);
	ret->ledger_seq = column_int(query);
	ret->time_state = (enum time_state)column_state(query, time_state_word, TIME_STATE_COUNT);
}

static int read_bytes(struct query *query, struct arena *arena, struct invoice_row *row, struct fault *fault)
{
	uint8_t digest[DIGEST_LEN];
	const void *blob;
	size_t len;
	int result;

	column_digest(query, row->digest);
	blob = column_blob(query, &len);
	result = blob_copy(query->store, BLOB_AT_INVOICE(row->id), blob, len, arena, &row->xml, &row->xml_len, fault);
	if (result)
		return result;
	digest_sha256(row->xml, row->xml_len, digest);
	if (!digest_equal(digest, row->digest, DIGEST_LEN))
		return FAULT(fault, FAULT_FORMAT,
			"the bytes of invoice %d%s number %d are not those that were issued; "
			"restore a backup",
			row->form, row->serial, (int)row->number);
	return query_check(query, fault);
}

/* The one row of a query whose parameters are bound. */
static int get_invoice(struct query *query, struct arena *arena, struct invoice_row *ret, struct fault *fault)
{
	struct invoice_row row;
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

int store_invoice_get(
	struct store *store, int64_t id, struct arena *arena, struct invoice_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_GET);

	bind_int(&query, id);
	return get_invoice(&query, arena, ret, fault);
}

int store_invoice_by_number(struct store *store, int form, const char *serial, int32_t number, struct arena *arena,
	struct invoice_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_BY_NUMBER);

	bind_text(&query, serial);
	bind_int(&query, number);
	bind_int(&query, form);
	return get_invoice(&query, arena, ret, fault);
}

int store_invoice_by_code(
	struct store *store, const char *code, struct arena *arena, struct invoice_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_BY_CODE);

	bind_text(&query, code);
	return get_invoice(&query, arena, ret, fault);
}

int store_invoice_of_sale(
	struct store *store, int64_t sale_id, struct arena *arena, struct invoice_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_OF_SALE);

	bind_int(&query, sale_id);
	return get_invoice(&query, arena, ret, fault);
}

static int list_invoices(
	struct query *query, struct arena *arena, struct invoice_row **ret, size_t *ret_count, struct fault *fault)
{
	struct rows rows = {.arena = arena, .size = sizeof(struct invoice_row)};
	int result;

	result = query_list(query, read_head, &rows, fault);
	if (result)
		return result;
	*ret = rows.data;
	*ret_count = rows.count;
	return 0;
}

int store_invoice_list(struct store *store, int state, int64_t before, int64_t limit, struct arena *arena,
	struct invoice_row **ret, size_t *ret_count, struct fault *fault)
{
	static const enum statement by_state[INVOICE_STATE_COUNT] = {
		[INVOICE_ISSUED] = STATEMENT_INVOICE_LIST_ISSUED,
		[INVOICE_ACCEPTED] = STATEMENT_INVOICE_LIST_ACCEPTED,
		[INVOICE_REFUSED] = STATEMENT_INVOICE_LIST_REFUSED,
	};
	bool is_any = state < 0 || state >= INVOICE_STATE_COUNT;
	QUERY_CLEANUP struct query query = query_new(store, is_any ? STATEMENT_INVOICE_LIST : by_state[state]);

	bind_int(&query, before > 0 ? before : INT64_MAX);
	bind_int(&query, limit);
	return list_invoices(&query, arena, ret, ret_count, fault);
}

int store_invoice_waiting(struct store *store, int64_t limit, struct arena *arena, struct invoice_row **ret,
	size_t *ret_count, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_WAITING);

	bind_int(&query, limit);
	return list_invoices(&query, arena, ret, ret_count, fault);
}

/* A refused invoice makes room for the one that reissues the sale. */
static int end_issuing(struct store *store, int64_t id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_INVOICE_END);

	bind_int(&query, id);
	return query_do(&query, fault);
}

static int count_conclusion(struct store *store, int64_t id, enum invoice_state to, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_MONEY);
	struct tally money = {.n = 1};
	int result;

	bind_int(&query, id);
	result = query_row(&query, fault);
	if (result)
		return result < 0 ? result : FAULT(fault, FAULT_BUG, "invoice %lld is gone", (long long)id);
	money.net = column_int(&query);
	money.vat = column_int(&query);
	money.total = column_int(&query);
	tally_add(store, TALLY_INVOICE + INVOICE_ISSUED, -1, money);
	tally_add(store, TALLY_INVOICE + (int)to, 1, money);
	return 0;
}

int store_invoice_conclude(struct store *store, int64_t id, int64_t message_id, enum invoice_state to,
	const char *refusal, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_CONCLUDE);
	int result;

	if (!invoice_may_move(INVOICE_ISSUED, to))
		return FAULT(fault, FAULT_BUG, "an invoice is never concluded as %s", invoice_state_word(to));
	bind_text(&query, invoice_state_word(to));
	bind_text(&query, refusal ? refusal : "");
	bind_int(&query, id);
	bind_int(&query, message_id);
	result = query_change(&query, fault);
	if (!result)
		result = count_conclusion(store, id, to, fault);
	if (!result && to == INVOICE_REFUSED)
		result = end_issuing(store, id, fault);
	return result;
}

int store_invoice_accept_of(struct store *store, int64_t message_id, int64_t *ret_count, struct fault *fault)
{
	QUERY_CLEANUP struct query sums = query_new(store, STATEMENT_INVOICE_MONEY_OF);
	QUERY_CLEANUP struct query accept = query_new(store, STATEMENT_INVOICE_ACCEPT_OF);
	struct tally money = {0};
	int result;

	bind_int(&sums, message_id);
	result = query_row(&sums, fault);
	if (result)
		return result < 0 ? result : FAULT(fault, FAULT_BUG, "a count found no row");
	money.n = column_int(&sums);
	money.net = column_int(&sums);
	money.vat = column_int(&sums);
	money.total = column_int(&sums);
	bind_int(&accept, message_id);
	result = query_do(&accept, fault);
	if (result)
		return result;
	if (sqlite3_changes64(store->db) != money.n)
		return FAULT(fault, FAULT_BUG, "message %lld: not the invoices that were counted were accepted",
			(long long)message_id);
	tally_add(store, TALLY_INVOICE + INVOICE_ISSUED, -1, money);
	tally_add(store, TALLY_INVOICE + INVOICE_ACCEPTED, 1, money);
	*ret_count = money.n;
	return 0;
}

static int add_relation(struct store *store, int64_t earlier, int64_t later, int64_t now_ms, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_RELATION_ADD);

	bind_int(&query, later);
	bind_int(&query, earlier);
	bind_int(&query, now_ms);
	return query_run(&query, fault);
}

int store_invoice_reissue(struct store *store, int64_t earlier, int64_t later, int64_t now_ms, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_INVOICE_INHERIT);
	int result = add_relation(store, earlier, later, now_ms, fault);

	if (result)
		return result;
	bind_int(&query, later);
	bind_int(&query, earlier);
	return query_do(&query, fault);
}

/* The one row without bytes of @statement about invoice @id. */
static int get_head(struct store *store, enum statement statement, int64_t id, struct arena *arena,
	struct invoice_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, statement);

	bind_int(&query, id);
	return query_get(&query, read_head, arena, ret, sizeof(*ret), fault);
}

int store_invoice_reissues(
	struct store *store, int64_t id, struct arena *arena, struct invoice_row *ret, struct fault *fault)
{
	return get_head(store, STATEMENT_INVOICE_REISSUES, id, arena, ret, fault);
}

int store_invoice_reissued_as(
	struct store *store, int64_t id, struct arena *arena, struct invoice_row *ret, struct fault *fault)
{
	return get_head(store, STATEMENT_INVOICE_REISSUED_AS, id, arena, ret, fault);
}

int store_invoice_is_of_epoch(struct store *store, int64_t id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_OF_EPOCH);
	int result;

	bind_int(&query, id);
	result = query_row(&query, fault);
	return result < 0 ? result : result == 0;
}

static int count_waiting(struct store *store, int64_t *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_COUNT_WAITING);
	int result = query_row(&query, fault);

	if (!result)
		*ret = column_int(&query);
	return result;
}

int store_invoice_unsent(struct store *store, int64_t deadline, int64_t before_ms, int64_t *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_UNSENT);
	int result;

	bind_int(&query, deadline);
	bind_int(&query, before_ms);
	result = query_row(&query, fault);
	if (!result)
		*ret = column_int(&query);
	return result < 0 ? result : 0;
}

int store_invoice_used_percent(struct store *store, int64_t now_ms, int64_t *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_OLDEST_UNSENT);
	int64_t issued_at;
	int result = query_row(&query, fault);

	*ret = 0;
	if (result)
		return result < 0 ? result : 0;
	issued_at = column_int(&query);
	if (issued_at <= now_ms - STATUS_UNSENT_MS)
		*ret = term_used_percent(issued_at, column_int(&query), now_ms);
	return 0;
}

static int find_oldest_open(struct store *store, struct invoice_counts *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_INVOICE_OLDEST_OPEN);
	int result = query_row(&query, fault);

	if (result)
		return result < 0 ? result : 0;
	ret->oldest_open_at = column_int(&query);
	ret->oldest_deadline = column_int(&query);
	return 0;
}

static int find_last_answer(struct store *store, int64_t *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_LAST_ANSWER);
	int result = query_row(&query, fault);

	if (!result)
		*ret = column_int(&query);
	return result;
}

int store_invoice_count(struct store *store, struct invoice_counts *ret, struct fault *fault)
{
	struct invoice_counts counts = {0};
	struct tally issued = {0};
	struct tally accepted = {0};
	struct tally refused = {0};
	int result = tally_get(store, TALLY_INVOICE + INVOICE_ISSUED, &issued, fault);

	if (!result)
		result = tally_get(store, TALLY_INVOICE + INVOICE_ACCEPTED, &accepted, fault);
	if (!result)
		result = tally_get(store, TALLY_INVOICE + INVOICE_REFUSED, &refused, fault);
	if (!result)
		result = count_waiting(store, &counts.waiting, fault);
	if (!result)
		result = find_oldest_open(store, &counts, fault);
	if (!result)
		result = find_last_answer(store, &counts.last_accepted_at, fault);
	if (result)
		return result;
	counts.issued = issued.n;
	counts.accepted = accepted.n;
	counts.refused = refused.n;
	counts.in_message = issued.n - counts.waiting;
	counts.net = issued.net + accepted.net;
	counts.vat = issued.vat + accepted.vat;
	counts.total = issued.total + accepted.total;
	*ret = counts;
	return 0;
}
