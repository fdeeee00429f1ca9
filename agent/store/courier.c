#include "store/courier.h"

#include <string.h>

#include "store/ledger.h"
#include "store/run.h"

static int get_export(struct query *query, struct courier_export *ret, struct fault *fault)
{
	size_t len;
	const void *key;
	int result = query_row(query, fault);

	if (result)
		return result;
	ret->id = column_int(query);
	ret->wished_at = column_int(query);
	ret->done_at = column_int(query);
	key = column_blob(query, &len);
	if (len != sizeof(ret->key))
		return FAULT(fault, FAULT_FORMAT, "the key of export %lld is damaged", (long long)ret->id);
	memcpy(ret->key, key, len);
	return 0;
}

int store_export_get(struct store *store, int64_t id, struct courier_export *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_EXPORT_GET);

	bind_int(&query, id);
	return get_export(&query, ret, fault);
}

int store_export_open(struct store *store, struct courier_export *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_EXPORT_OPEN);

	return get_export(&query, ret, fault);
}

int store_export_wish(struct store *store, int64_t now_ms, int64_t *ret_id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_EXPORT_ADD);
	struct courier_export open;
	int result = store_export_open(store, &open, fault);

	if (result == 0)
		*ret_id = open.id;
	if (result != STORE_NONE)
		return result;
	digest_random(open.key, sizeof(open.key));
	bind_int(&query, now_ms);
	bind_blob(&query, open.key, sizeof(open.key));
	result = query_do(&query, fault);
	*ret_id = sqlite3_last_insert_rowid(store->db);
	return result;
}

int store_export_carry(
	struct store *store, int64_t id, const struct message_row *message, int64_t now_ms, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_MESSAGE_CARRY);
	struct ledger_payload payload;
	int result;

	bind_int(&query, now_ms);
	bind_int(&query, message->id);
	result = query_change(&query, fault);
	if (result)
		return result < 0 ? result : FAULT(fault, FAULT_BUG, "message %s is not there", message->message_id);
	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "export", id);
	ledger_payload_text(&payload, "message", message->message_id);
	return ledger_append(store, LEDGER_CARRIED, &payload, NULL, fault);
}

/* @id and @now_ms into an "UPDATE … SET done_at WHERE id AND done_at = 0" */
static int end(struct store *store, enum statement statement, int64_t id, int64_t now_ms, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, statement);
	int result;

	bind_int(&query, now_ms);
	bind_int(&query, id);
	result = query_change(&query, fault);
	return result <= 0 ? result : FAULT(fault, FAULT_BUG, "what the courier brought was ended twice");
}

int store_export_end(struct store *store, int64_t id, int64_t now_ms, struct fault *fault)
{
	return end(store, STATEMENT_EXPORT_END, id, now_ms, fault);
}

int store_answer_end(struct store *store, int64_t id, int64_t now_ms, struct fault *fault)
{
	return end(store, STATEMENT_ANSWER_END, id, now_ms, fault);
}

int store_answer_add(
	struct store *store, const char *message_id, const void *raw, size_t len, int64_t now_ms, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_ANSWER_ADD);
	uint8_t digest[DIGEST_LEN];

	digest_sha256(raw, len, digest);
	bind_text(&query, message_id);
	bind_blob(&query, digest, sizeof(digest));
	bind_int(&query, now_ms);
	bind_blob(&query, raw, len);
	return query_run(&query, fault);
}

int store_answer_next(struct store *store, struct arena *arena, struct courier_answer *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_ANSWER_NEXT);
	const void *raw;
	int result = query_row(&query, fault);

	if (result)
		return result;
	ret->id = column_int(&query);
	ret->message_id = column_text(&query, arena);
	raw = column_blob(&query, &ret->len);
	ret->raw = arena_copy(arena, raw ? raw : "", ret->len);
	return ret->raw ? query_check(&query, fault) : FAULT(fault, FAULT_MEMORY, "no memory for a courier's answer");
}
