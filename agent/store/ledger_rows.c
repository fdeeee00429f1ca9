#include "store/ledger_rows.h"

#include <stdio.h>
#include <string.h>

#include "store/blob.h"

void ledger_walk_start(struct ledger_walk *walk, struct store *store, int64_t after)
{
	memset(walk, 0, sizeof(*walk));
	walk->query = query_new(store, STATEMENT_LEDGER_EACH);
	bind_int(&walk->query, after);
	bytes_init(&walk->payload, LEDGER_PAYLOAD_MAX);
	walk->record.seller = store->seller;
	walk->record.store = store->id;
	walk->record.event = walk->event;
	walk->record.boot = walk->boot;
}

void ledger_walk_end(struct ledger_walk *walk)
{
	query_done(&walk->query);
	bytes_done(&walk->payload);
}

/* A text that was made longer than ours can be is cut, and then the record's hash does not fit. */
static void read_text(struct query *query, char *out, size_t room)
{
	const char *text = (const char *)sqlite3_column_text(query->stmt, query->column++);

	snprintf(out, room, "%s", text ? text : "");
}

static int read_payload(struct ledger_walk *walk, struct fault *fault)
{
	struct fault broken = {0};
	size_t len;
	const void *blob = column_blob(&walk->query, &len);
	int result;

	bytes_clear(&walk->payload);
	result = blob_decode(walk->query.store, BLOB_AT_LEDGER, blob, len, &walk->payload, &broken);
	walk->has_payload = result == 0;
	/* A payload that somebody broke is a finding about the ledger, not a failure of ours. */
	if (result < 0 && broken.code != FAULT_FORMAT)
		return FAULT(fault, broken.code, "%s", broken.text);
	walk->record.payload = walk->payload.data ? walk->payload.data : (const uint8_t *)"";
	walk->record.payload_len = walk->payload.len;
	return 0;
}

int ledger_walk_next(struct ledger_walk *walk, struct fault *fault)
{
	struct query *query = &walk->query;
	int result = query_row(query, fault);

	if (result)
		return result;
	walk->record.seq = column_int(query);
	read_text(query, walk->event, sizeof(walk->event));
	walk->record.wall_ms = column_int(query);
	walk->record.mono_ms = column_int(query);
	read_text(query, walk->boot, sizeof(walk->boot));
	walk->record.trust = (int)column_int(query);
	result = read_payload(walk, fault);
	column_digest(query, walk->hash);
	walk->record.epoch = column_int(query);
	return result;
}

static bool read_exactly(struct query *query, void *out, size_t want)
{
	size_t len;
	const void *blob = column_blob(query, &len);

	memset(out, 0, want);
	if (len != want)
		return false;
	memcpy(out, blob, want);
	return true;
}

int ledger_checkpoint_next(struct store *store, int64_t size, struct ledger_checkpoint_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_CHECKPOINT_NEXT);
	int result;

	bind_int(&query, size);
	result = query_row(&query, fault);
	if (result)
		return result;
	ret->size = column_int(&query);
	column_digest(&query, ret->root);
	column_digest(&query, ret->head);
	ret->wall_ms = column_int(&query);
	/* A signature of another length is read as zeros, which verify nowhere. */
	read_exactly(&query, ret->sig, sizeof(ret->sig));
	ret->has_key = read_exactly(&query, ret->spki, sizeof(ret->spki));
	ret->key_seq = column_int(&query);
	return 0;
}
