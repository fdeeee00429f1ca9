/* verdicts: answers as received; prototypes in messages.h. */
#include "store/blob.h"
#include "store/messages.h"
#include "store/run.h"

static int next_id(struct store *store, int64_t *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_VERDICT_NEXT_ID);
	int result = query_row(&query, fault);

	*ret = result ? 0 : column_int(&query);
	return result;
}

int store_verdict_add(struct store *store, int64_t message, int64_t received_at, int type, bool is_believed,
	const char *note, const void *raw, size_t len, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes blob = {.max = BLOB_STORED_MAX};
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_VERDICT_ADD);
	int64_t id = 0;
	int result = next_id(store, &id, fault);

	if (!result)
		result = blob_encode(store, BLOB_AT_VERDICT(id), raw, len, &blob, fault);
	if (result)
		return result;
	bind_int(&query, id);
	bind_id(&query, message);
	bind_int(&query, received_at);
	bind_int(&query, type);
	bind_int(&query, is_believed);
	bind_text(&query, note ? note : "");
	bind_blob(&query, blob.data, blob.len);
	return query_do(&query, fault);
}

int store_verdict_last(struct store *store, int type, struct bytes *raw, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_VERDICT_LAST);
	const void *blob;
	size_t len;
	int64_t id;
	int result;

	bind_int(&query, type);
	result = query_row(&query, fault);
	if (result)
		return result;
	id = column_int(&query);
	blob = column_blob(&query, &len);
	return blob_decode(store, BLOB_AT_VERDICT(id), blob, len, raw, fault);
}

struct verdict_row {
	int64_t id, message;
	int type;
	bool is_believed;
};

/* The answer behind @row->id, its bytes in @raw. 0, STORE_NONE, < 0. */
static int next_verdict(struct store *store, struct verdict_row *row, struct bytes *raw, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_VERDICT_NEXT);
	const void *blob;
	size_t len;
	int result;

	bytes_clear(raw);
	bind_int(&query, row->id);
	result = query_row(&query, fault);
	if (result)
		return result;
	row->id = column_int(&query);
	row->message = column_int(&query);
	row->type = (int)column_int(&query);
	row->is_believed = column_int(&query) != 0;
	blob = column_blob(&query, &len);
	return blob_decode(store, BLOB_AT_VERDICT(row->id), blob, len, raw, fault);
}

int store_verdict_each(struct store *store, verdict_fn *fn, void *context, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes raw = {.max = BLOB_PLAIN_MAX};
	struct verdict_row row = {0};
	int result;

	while ((result = next_verdict(store, &row, &raw, fault)) == 0) {
		result = fn(context, row.message, row.type, row.is_believed, raw.data ? raw.data : (const uint8_t *)"",
			raw.len, fault);
		if (result < 0)
			return result;
	}
	return result < 0 ? result : 0;
}
