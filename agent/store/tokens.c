#include "store/tokens.h"

#include <string.h>

#include "store/run.h"

int store_token_add(
	struct store *store, const struct token_row *row, const uint8_t hash[32], int64_t *ret_id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TOKEN_ADD);
	int result;

	bind_text(&query, row->name);
	bind_text(&query, row->tills);
	bind_int(&query, row->scopes);
	bind_int(&query, row->made_at);
	bind_int(&query, row->revoked_at);
	bind_blob(&query, hash, DIGEST_LEN);
	result = query_do(&query, fault);
	if (!result)
		*ret_id = sqlite3_last_insert_rowid(store->db);
	return result;
}

static void read_token(struct query *query, struct arena *arena, void *row)
{
	struct token_row *ret = row;

	ret->id = column_int(query);
	ret->name = column_text(query, arena);
	ret->tills = column_text(query, arena);
	ret->scopes = (int)column_int(query);
	ret->made_at = column_int(query);
	ret->revoked_at = column_int(query);
}

int store_token_find(
	struct store *store, const uint8_t hash[32], struct arena *arena, struct token_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TOKEN_FIND);

	bind_blob(&query, hash, DIGEST_LEN);
	return query_get(&query, read_token, arena, ret, sizeof(*ret), fault);
}

int store_token_list(
	struct store *store, struct arena *arena, struct token_row **ret, size_t *ret_count, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TOKEN_LIST);
	struct rows rows = {.arena = arena, .size = sizeof(struct token_row)};
	int result;

	result = query_list(&query, read_token, &rows, fault);
	if (result)
		return result;
	*ret = rows.data;
	*ret_count = rows.count;
	return 0;
}

int store_token_revoke(struct store *store, int64_t id, int64_t now_ms, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TOKEN_REVOKE);
	int result;

	bind_int(&query, now_ms);
	bind_int(&query, id);
	result = query_change(&query, fault);
	return result > 0 ? STORE_NONE : result;
}

int store_token_count(struct store *store, int64_t *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TOKEN_COUNT);
	int result = query_row(&query, fault);

	if (result)
		return result < 0 ? result : FAULT(fault, FAULT_BUG, "a count without a row");
	*ret = column_int(&query);
	return 0;
}
