#include "store/sales.h"

#include <string.h>

#include "base/clock.h"
#include "core/problem.h"
#include "store/run.h"

static int count_repeats(struct store *store, const struct sale_row *row, int64_t *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_REPEATS);
	int result;

	bind_text(&query, row->bill_no);
	bind_text(&query, row->till_id);
	bind_int(&query, row->business_day);
	bind_text(&query, sale_kind_text(row->kind));
	result = query_row(&query, fault);
	if (!result)
		*ret = column_int(&query);
	return result;
}

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static void bind_sale(struct query *query, const struct sale_row *row, int64_t revision)
{
	bind_int(query, row->frame_id);
	bind_text(query, row->till_id);
	bind_text(query, row->bill_no);
	bind_int(query, row->business_day);
	bind_text(query, sale_kind_text(row->kind));
	bind_int(query, revision);
	bind_text(query, sale_state_word(row->state));
	bind_int(query, row->sold_at);
	bind_int(query, row->received_at);
	bind_int(query, row->total);
	bind_blob(query, row->digest, sizeof(row->digest));
	bind_text(query, text_or_empty(row->reason));
	bind_text(query, text_or_empty(row->detail));
	bind_text(query, row->idempotency_key);
}

int store_sale_add(struct store *store, const struct sale_row *row, int64_t *ret_id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_ADD);
	int64_t revision = row->revision;
	int result;

	if (!sale_occupies(row->kind)) {
		result = count_repeats(store, row, &revision, fault);
		if (result)
			return result;
		revision++;
	}
	bind_sale(&query, row, revision);
	result = query_run(&query, fault);
	if (result)
		return result;
	*ret_id = sqlite3_last_insert_rowid(store->db);
	tally_add(store, TALLY_SALE + (int)row->state, 1, (struct tally){.n = 1});
	return 0;
}

static enum sale_kind column_kind(struct query *query)
{
	const char *text = (const char *)sqlite3_column_text(query->stmt, query->column++);
	enum sale_kind kind = SALE_KIND_COUNT;

	return text && sale_kind_parse(text, &kind) == 0 ? kind : SALE_KIND_COUNT;
}

static void read_sale(struct query *query, struct arena *arena, void *row)
{
	struct sale_row *ret = row;

	memset(ret, 0, sizeof(*ret));
	ret->id = column_int(query);
	ret->frame_id = column_int(query);
	ret->till_id = column_text(query, arena);
	ret->bill_no = column_text(query, arena);
	ret->business_day = (int32_t)column_int(query);
	ret->kind = column_kind(query);
	ret->revision = column_int(query);
	ret->state = (enum sale_state)column_state(query, sale_state_word, SALE_STATE_COUNT);
	ret->sold_at = column_int(query);
	ret->received_at = column_int(query);
	ret->total = column_int(query);
	column_digest(query, ret->digest);
	ret->reason = column_text(query, arena);
	ret->detail = column_text(query, arena);
	if (sqlite3_column_type(query->stmt, query->column) != SQLITE_NULL)
		ret->idempotency_key = column_text(query, arena);
}

int store_sale_by_bill(struct store *store, const char *till_id, const char *bill_no, int32_t business_day,
	enum sale_kind kind, struct arena *arena, struct sale_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_BY_BILL);

	bind_text(&query, bill_no);
	bind_text(&query, till_id);
	bind_int(&query, business_day);
	bind_text(&query, sale_kind_text(kind));
	return query_get(&query, read_sale, arena, ret, sizeof(*ret), fault);
}

int store_sale_by_content(struct store *store, const struct sale *sale, const uint8_t digest[32], struct arena *arena,
	struct sale_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_BY_CONTENT);

	bind_text(&query, sale->bill_no);
	bind_text(&query, sale->till_id);
	bind_int(&query, sale->business_day);
	bind_text(&query, sale_kind_text(sale->kind));
	bind_blob(&query, digest, 32);
	return query_get(&query, read_sale, arena, ret, sizeof(*ret), fault);
}

int store_sale_near(
	struct store *store, const struct sale *sale, struct arena *arena, struct sale_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_NEAR);

	bind_text(&query, sale->bill_no);
	bind_text(&query, sale->till_id);
	bind_int(&query, clock_day_add(sale->business_day, -1));
	bind_int(&query, clock_day_add(sale->business_day, 1));
	bind_text(&query, sale_kind_text(sale->kind));
	bind_int(&query, sale->sold_at);
	return query_get(&query, read_sale, arena, ret, sizeof(*ret), fault);
}

int store_sale_of_invoice(
	struct store *store, int64_t invoice_id, struct arena *arena, struct sale_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_OF_INVOICE);

	bind_int(&query, invoice_id);
	return query_get(&query, read_sale, arena, ret, sizeof(*ret), fault);
}

/* A row_fn: the number of one sale. */
static void read_sale_id(struct query *query, struct arena *arena, void *row)
{
	(void)arena;
	*(int64_t *)row = column_int(query);
}

int store_sale_stranded(
	struct store *store, int64_t limit, struct arena *arena, int64_t **ret, size_t *ret_count, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_STRANDED);
	struct rows rows = {.arena = arena, .size = sizeof(int64_t)};
	int result;

	bind_int(&query, limit);
	result = query_list(&query, read_sale_id, &rows, fault);
	if (result < 0)
		return result;
	*ret = rows.data;
	*ret_count = rows.count;
	return 0;
}

int store_sale_by_number(struct store *store, const char *till_id, const char *bill_no, struct arena *arena,
	struct sale_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_BY_NUMBER);

	bind_text(&query, bill_no);
	bind_text(&query, till_id);
	return query_get(&query, read_sale, arena, ret, sizeof(*ret), fault);
}

int store_sale_of_till(struct store *store, const char *till_id, int64_t newest, int64_t limit, struct arena *arena,
	struct sale_row **ret, size_t *ret_count, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_OF_TILL);
	struct rows rows = {.arena = arena, .size = sizeof(struct sale_row)};
	int result;

	bind_int(&query, newest);
	bind_text(&query, till_id);
	bind_int(&query, limit);
	result = query_list(&query, read_sale, &rows, fault);
	if (result < 0)
		return result;
	*ret = rows.data;
	*ret_count = rows.count;
	return 0;
}

int store_sale_by_key(struct store *store, const char *till_id, const char *idempotency_key, struct arena *arena,
	struct sale_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_BY_KEY);

	bind_text(&query, idempotency_key);
	bind_text(&query, till_id);
	return query_get(&query, read_sale, arena, ret, sizeof(*ret), fault);
}

int store_sale_get(struct store *store, int64_t id, struct arena *arena, struct sale_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_GET);

	bind_int(&query, id);
	return query_get(&query, read_sale, arena, ret, sizeof(*ret), fault);
}

int store_sale_list(struct store *store, int state, int64_t before, int64_t limit, struct arena *arena,
	struct sale_row **ret, size_t *ret_count, struct fault *fault)
{
	enum statement statement = state < 0			? STATEMENT_SALE_LIST
				   : state == SALE_STATE_ISSUED ? STATEMENT_SALE_LIST_ISSUED
								: STATEMENT_SALE_LIST_OPEN;
	QUERY_CLEANUP struct query query = query_new(store, statement);
	struct rows rows = {.arena = arena, .size = sizeof(struct sale_row)};
	int result;

	if (statement == STATEMENT_SALE_LIST_OPEN)
		bind_text(&query, sale_state_word(state));
	bind_int(&query, before > 0 ? before : INT64_MAX);
	bind_int(&query, limit);
	result = query_list(&query, read_sale, &rows, fault);
	if (result)
		return result;
	*ret = rows.data;
	*ret_count = rows.count;
	return 0;
}

int store_sale_move(struct store *store, int64_t id, enum sale_state from, enum sale_state to, const char *reason,
	const char *detail, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_MOVE);
	int result;

	if (!sale_may_move(from, to))
		return FAULT(fault, FAULT_BUG, "a sale never moves from %s to %s", sale_state_word(from),
			sale_state_word(to));
	bind_text(&query, sale_state_word(to));
	bind_text(&query, text_or_empty(reason));
	bind_text(&query, text_or_empty(detail));
	bind_int(&query, id);
	bind_text(&query, sale_state_word(from));
	result = query_change(&query, fault);
	if (result)
		return result;
	tally_add(store, TALLY_SALE + (int)from, -1, (struct tally){.n = 1});
	tally_add(store, TALLY_SALE + (int)to, 1, (struct tally){.n = 1});
	return 0;
}

int store_sale_name(struct store *store, int64_t id, const char *bill_no, int64_t revision, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_NAME);

	bind_text(&query, bill_no);
	bind_int(&query, revision);
	bind_int(&query, id);
	return query_change(&query, fault);
}

/* Nearly no bill has one, and asking is cheaper than an INSERT that finds nothing. */
static int has_earlier(struct store *store, int64_t id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_EARLIER);
	int result;

	bind_int(&query, id);
	result = query_row(&query, fault);
	return result < 0 ? result : result == 0;
}

int store_sale_link(struct store *store, int64_t id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_LINK);
	int result = has_earlier(store, id, fault);

	if (result <= 0)
		return result;
	bind_int(&query, id);
	return query_do(&query, fault);
}

int store_sale_parked_until(struct store *store, int64_t until_ms, bool is_stranger, int64_t *ret_count,
	int64_t *ret_newest, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_PARKED_UNTIL);
	int result;

	bind_int(&query, until_ms);
	bind_text(&query, problem_kind(PROBLEM_PEER_UNKNOWN)->code);
	bind_int(&query, is_stranger);
	result = query_row(&query, fault);
	if (result)
		return result < 0 ? result : FAULT(fault, FAULT_BUG, "a count found no row");
	*ret_count = column_int(&query);
	*ret_newest = column_int(&query);
	return 0;
}

static void read_last(struct query *query, struct arena *arena, void *row)
{
	struct sale_last *ret = row;

	ret->till_id = column_text(query, arena);
	ret->first_at = column_int(query);
	ret->last_at = column_int(query);
}

int store_sale_last(struct store *store, int64_t newest, struct arena *arena, struct sale_last **ret, size_t *ret_count,
	struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_LAST);
	struct rows rows = {.arena = arena, .size = sizeof(struct sale_last)};
	int result;

	bind_int(&query, newest);
	result = query_list(&query, read_last, &rows, fault);
	if (result)
		return result;
	*ret = rows.data;
	*ret_count = rows.count;
	return 0;
}

static int count_state(struct store *store, int place, int64_t *ret, struct fault *fault)
{
	struct tally tally;
	int result = tally_get(store, place, &tally, fault);

	if (!result)
		*ret = tally.n;
	return result;
}

int store_sale_count(struct store *store, struct sale_counts *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_OLDEST_PARKED);
	struct sale_counts counts = {0};
	int result = query_row(&query, fault);

	if (result < 0)
		return result;
	counts.oldest_parked_at = result == 0 ? column_int(&query) : 0;
	result = count_state(store, TALLY_SALE + SALE_STATE_RECEIVED, &counts.received, fault);
	if (!result)
		result = count_state(store, TALLY_SALE + SALE_STATE_ISSUED, &counts.issued, fault);
	if (!result)
		result = count_state(store, TALLY_SALE + SALE_STATE_PARKED, &counts.parked, fault);
	if (!result)
		result = count_state(store, TALLY_SALE + SALE_STATE_IGNORED, &counts.ignored, fault);
	if (!result)
		result = count_state(store, TALLY_FRAME + FRAME_REFUSED, &counts.refused_frames, fault);
	if (!result)
		*ret = counts;
	return result;
}
