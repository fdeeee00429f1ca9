#include "store/frames.h"

#include <string.h>

#include "base/digest.h"
#include "store/blob.h"
#include "store/run.h"

static int next_id(struct store *store, int64_t *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_FRAME_NEXT_ID);
	int result = query_row(&query, fault);

	*ret = result ? 0 : column_int(&query);
	return result;
}

int store_frame_add(struct store *store, const struct frame_row *row, int64_t *ret_id, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes blob = {.max = BLOB_STORED_MAX};
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_FRAME_ADD);
	int64_t id = 0;
	int result = next_id(store, &id, fault);

	if (!result)
		result = blob_encode(store, BLOB_AT_FRAME(id), row->bytes, row->len, &blob, fault);
	if (result)
		return result;
	bind_int(&query, id);
	bind_text(&query, row->source);
	bind_text(&query, row->dialect);
	bind_text(&query, row->till_id ? row->till_id : "");
	bind_int(&query, row->received_at);
	bind_text(&query, frame_state_word(row->state));
	bind_text(&query, row->reason ? row->reason : "");
	bind_blob(&query, row->digest, sizeof(row->digest));
	bind_blob(&query, blob.data, blob.len);
	result = query_do(&query, fault);
	if (result)
		return result;
	*ret_id = id;
	tally_add(store, TALLY_FRAME + (int)row->state, 1, (struct tally){.n = 1});
	return 0;
}

static void read_head(struct query *query, struct arena *arena, void *row)
{
	struct frame_row *ret = row;

	memset(ret, 0, sizeof(*ret));
	ret->id = column_int(query);
	ret->source = column_text(query, arena);
	ret->dialect = column_text(query, arena);
	ret->till_id = column_text(query, arena);
	ret->received_at = column_int(query);
	ret->state = (enum frame_state)column_state(query, frame_state_word, FRAME_STATE_COUNT);
	ret->reason = column_text(query, arena);
	column_digest(query, ret->digest);
}

static int read_bytes(struct query *query, struct arena *arena, struct frame_row *row, struct fault *fault)
{
	uint8_t digest[DIGEST_LEN];
	size_t len;
	const void *blob = column_blob(query, &len);
	int result = blob_copy(query->store, BLOB_AT_FRAME(row->id), blob, len, arena, &row->bytes, &row->len, fault);

	if (result)
		return result;
	digest_sha256(row->bytes, row->len, digest);
	if (!digest_equal(digest, row->digest, DIGEST_LEN))
		return FAULT(fault, FAULT_FORMAT,
			"the bytes of frame %lld are not those that came in; restore a backup", (long long)row->id);
	return query_check(query, fault);
}

int store_frame_get(struct store *store, int64_t id, struct arena *arena, struct frame_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_FRAME_GET);
	struct frame_row row;
	int result;

	bind_int(&query, id);
	result = query_row(&query, fault);
	if (result)
		return result;
	read_head(&query, arena, &row);
	result = read_bytes(&query, arena, &row, fault);
	if (!result)
		*ret = row;
	return result;
}

int store_frame_move(struct store *store, int64_t id, enum frame_state to, const char *reason, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_FRAME_MOVE);
	int result;

	bind_text(&query, frame_state_word((int)to));
	bind_text(&query, reason);
	bind_int(&query, id);
	bind_text(&query, frame_state_word(FRAME_KEPT));
	result = query_do(&query, fault);
	if (result)
		return result;
	if (sqlite3_changes(store->db) == 0)
		return STORE_CONFLICT;
	tally_add(store, TALLY_FRAME + FRAME_KEPT, -1, (struct tally){.n = 1});
	tally_add(store, TALLY_FRAME + (int)to, 1, (struct tally){.n = 1});
	return 0;
}

int store_frame_link(struct store *store, int64_t id, int64_t origin_id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_FRAME_ORIGIN);

	bind_int(&query, id);
	bind_int(&query, origin_id);
	return query_do(&query, fault);
}

int store_frame_origin(struct store *store, int64_t id, int64_t *ret_id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_FRAME_ORIGIN_GET);
	int result;

	bind_int(&query, id);
	result = query_row(&query, fault);
	if (!result)
		*ret_id = column_int(&query);
	return result;
}

int store_frame_trim_refused(struct store *store, int64_t keep, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_FRAME_TRIM);
	int result;

	bind_int(&query, keep);
	result = query_do(&query, fault);
	if (!result)
		tally_add(store, TALLY_FRAME + FRAME_REFUSED, -1, (struct tally){.n = sqlite3_changes(store->db)});
	return result;
}

static int list(
	struct query *query, struct arena *arena, struct frame_row **ret, size_t *ret_count, struct fault *fault)
{
	struct rows rows = {.arena = arena, .size = sizeof(struct frame_row)};
	int result = query_list(query, read_head, &rows, fault);

	if (result)
		return result;
	*ret = rows.data;
	*ret_count = rows.count;
	return 0;
}

int store_frame_list(struct store *store, int state, int64_t limit, struct arena *arena, struct frame_row **ret,
	size_t *ret_count, struct fault *fault)
{
	enum statement statement = state < 0		    ? STATEMENT_FRAME_LIST
				   : state == FRAME_DECODED ? STATEMENT_FRAME_LIST_DECODED
							    : STATEMENT_FRAME_LIST_OPEN;
	QUERY_CLEANUP struct query query = query_new(store, statement);

	if (statement == STATEMENT_FRAME_LIST_OPEN)
		bind_text(&query, frame_state_word(state));
	bind_int(&query, limit);
	return list(&query, arena, ret, ret_count, fault);
}

int store_frame_list_kept(struct store *store, int64_t after, int64_t limit, struct arena *arena,
	struct frame_row **ret, size_t *ret_count, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_FRAME_LIST_KEPT);

	bind_int(&query, after);
	bind_int(&query, limit);
	return list(&query, arena, ret, ret_count, fault);
}
