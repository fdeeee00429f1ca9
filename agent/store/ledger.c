#include "store/ledger.h"

#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "store/blob.h"
#include "store/ledger_rows.h"
#include "store/run.h"

void ledger_payload_init(struct ledger_payload *payload)
{
	bytes_init(&payload->text, LEDGER_PAYLOAD_MAX);
	payload->last_key = NULL;
	bytes_char(&payload->text, '{');
}

/* Sorted keys make the payload's bytes, and with them its digest, unique (house 8.4). */
static void put_key(struct ledger_payload *payload, const char *key)
{
	assert(!payload->last_key || strcmp(payload->last_key, key) < 0);
	if (payload->last_key)
		bytes_char(&payload->text, ',');
	payload->last_key = key;
	bytes_char(&payload->text, '"');
	bytes_text(&payload->text, key);
	bytes_text(&payload->text, "\":");
}

/* The three escapes of schemas/ledger/FORMAT.md; everything else stands as it is. */
static void put_string(struct bytes *out, const char *value)
{
	bytes_char(out, '"');
	for (const char *run = value; *value; run = value) {
		while ((unsigned char)*value >= 0x20 && *value != '"' && *value != '\\')
			value++;
		bytes_append(out, run, (size_t)(value - run));
		if (!*value)
			break;
		if (*value == '"' || *value == '\\')
			bytes_printf(out, "\\%c", *value);
		else
			bytes_printf(out, "\\u%04x", (unsigned char)*value);
		value++;
	}
	bytes_char(out, '"');
}

void ledger_payload_text(struct ledger_payload *payload, const char *key, const char *value)
{
	put_key(payload, key);
	put_string(&payload->text, value);
}

void ledger_payload_int(struct ledger_payload *payload, const char *key, int64_t value)
{
	put_key(payload, key);
	bytes_int(&payload->text, value);
}

void ledger_payload_hex(struct ledger_payload *payload, const char *key, const void *bytes, size_t len)
{
	put_key(payload, key);
	bytes_char(&payload->text, '"');
	bytes_hex(&payload->text, bytes, len);
	bytes_char(&payload->text, '"');
}

int ledger_salt(struct store *store, int64_t seq, uint8_t out[16], struct fault *fault)
{
	uint8_t number[8];
	uint8_t mac[DIGEST_LEN];

	if (seq < 1)
		return FAULT(fault, FAULT_BUG, "record %lld has no salt", (long long)seq);
	for (int i = 0; i < 8; i++)
		number[i] = (uint8_t)((uint64_t)seq >> (56 - 8 * i));
	digest_hmac(store->secret, sizeof(store->secret), number, sizeof(number), mac);
	memcpy(out, mac, 16);
	return 0;
}

bool ledger_edge_read(struct ledger_edge *edge, int64_t size, const void *bytes, size_t len)
{
	int depth = __builtin_popcountll((uint64_t)size);

	if (len != (size_t)depth * DIGEST_LEN)
		return false;
	edge->size = (uint64_t)size;
	edge->depth = depth;
	if (len > 0)
		memcpy(edge->hash, bytes, len);
	return true;
}

/* 0; 1 when the row is missing or cannot be an edge; < 0. */
int ledger_tip_get(struct store *store, struct ledger_tip_row *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TIP_GET);
	const void *blob;
	size_t len;
	int result = query_row(&query, fault);

	if (result)
		return result;
	ret->seq = column_int(&query);
	column_digest(&query, ret->head);
	blob = column_blob(&query, &len);
	if (!ledger_edge_read(&ret->edge, ret->seq, blob, len))
		return 1;
	ret->checkpoint_edge = column_blob(&query, &ret->checkpoint_edge_len);
	if (ret->checkpoint_edge_len > sizeof(ret->checkpoint_bytes))
		return 1;
	if (ret->checkpoint_edge_len > 0)
		memcpy(ret->checkpoint_bytes, ret->checkpoint_edge, ret->checkpoint_edge_len);
	ret->checkpoint_edge = ret->checkpoint_bytes;
	return 0;
}

static int find_boot(struct store *store, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_BOOT_GET);
	QUERY_CLEANUP struct query add = query_new(store, STATEMENT_BOOT_ADD);
	int result;

	if (!store->tip.boot[0])
		clock_boot_id(store->tip.boot);
	bind_text(&query, store->tip.boot);
	result = query_row(&query, fault);
	if (result == 0)
		store->tip.boot_id = column_int(&query);
	if (result != STORE_NONE)
		return result;
	bind_text(&add, store->tip.boot);
	result = query_do(&add, fault);
	store->tip.boot_id = sqlite3_last_insert_rowid(store->db);
	return result;
}

/* Once in a transaction: BEGIN IMMEDIATE keeps other handles from appending until its end. */
static int read_tip(struct store *store, struct fault *fault)
{
	struct ledger_tip_row row;
	int result;

	if (!run_is_inside(store))
		return FAULT(fault, FAULT_BUG, "a ledger record outside a transaction");
	if (store->tip.is_read)
		return 0;
	result = ledger_tip_get(store, &row, fault);
	if (!result)
		result = find_boot(store, fault);
	if (result)
		return result < 0 ? result
				  : FAULT(fault, FAULT_FORMAT, "the end of the ledger is broken; run hoadon fsck");
	store->tip.seq = row.seq;
	store->tip.edge = row.edge;
	memcpy(store->tip.head, row.head, DIGEST_LEN);
	store->tip.trust = clock_trust(store->clock);
	store->tip.is_dirty = false;
	store->tip.is_read = true;
	return 0;
}

void ledger_payload_commit(
	struct store *store, struct ledger_payload *payload, const char *key, const uint8_t digest[DIGEST_LEN])
{
	struct ledger_tip *tip = &store->tip;
	uint8_t commitment[DIGEST_LEN];

	/* ledger_append() meets the same failure again and tells it. */
	if (read_tip(store, NULL) < 0 ||
		(tip->salt_seq != tip->seq + 1 && ledger_salt(store, tip->seq + 1, tip->salt, NULL) < 0)) {
		payload->text.failed = true;
		return;
	}
	tip->salt_seq = tip->seq + 1;
	ledger_commit(tip->salt, digest, commitment);
	ledger_payload_hex(payload, key, commitment, sizeof(commitment));
}

static int add_record(
	struct store *store, const struct ledger_record *record, const uint8_t hash[DIGEST_LEN], struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes blob = {.max = LEDGER_PAYLOAD_MAX + 16};
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_LEDGER_ADD);
	int result = blob_encode(store, BLOB_AT_LEDGER, record->payload, record->payload_len, &blob, fault);

	if (result)
		return result;
	bind_int(&query, record->seq);
	bind_text(&query, record->event);
	bind_int(&query, record->wall_ms);
	bind_int(&query, record->mono_ms);
	bind_int(&query, store->tip.boot_id);
	bind_int(&query, record->trust);
	bind_blob(&query, blob.data, blob.len);
	bind_blob(&query, hash, DIGEST_LEN);
	return query_do(&query, fault);
}

static struct ledger_record next_record(const struct store *store, enum ledger_event event, const struct bytes *payload)
{
	struct ledger_record record = {
		.seller = store->seller,
		.store = store->id,
		.epoch = store->epoch,
		.seq = store->tip.seq + 1,
		.event = ledger_event_word((int)event),
		.wall_ms = clock_now_ms(store->clock),
		.mono_ms = clock_mono_ms(store->clock),
		.boot = store->tip.boot,
		.trust = store->tip.trust,
		.payload = payload->data,
		.payload_len = payload->len,
	};

	memcpy(record.prev, store->tip.head, DIGEST_LEN);
	return record;
}

static void get_head(const struct ledger_tip *tip, struct ledger_head *ret)
{
	ret->seq = tip->seq;
	memcpy(ret->hash, tip->head, DIGEST_LEN);
	ledger_tail(ret->hash, ret->tail);
}

static int append(struct store *store, enum ledger_event event, struct bytes *payload, struct fault *fault)
{
	struct ledger_record record;
	uint8_t hash[DIGEST_LEN];
	uint8_t leaf[DIGEST_LEN];
	int result = read_tip(store, fault);

	bytes_char(payload, '}');
	if (!result)
		result = bytes_check(payload, "the payload of a ledger record", fault);
	if (result)
		return result;
	record = next_record(store, event, payload);
	result = ledger_record_hash(&record, hash, leaf, fault);
	if (!result)
		result = add_record(store, &record, hash, fault);
	if (result)
		return result;
	ledger_edge_add(&store->tip.edge, leaf);
	memcpy(store->tip.head, hash, DIGEST_LEN);
	store->tip.seq = record.seq;
	store->tip.is_dirty = true;
	return 0;
}

int ledger_append(struct store *store, enum ledger_event event, struct ledger_payload *payload,
	struct ledger_head *ret_head, struct fault *fault)
{
	int result = append(store, event, &payload->text, fault);

	bytes_done(&payload->text);
	if (!result && ret_head)
		get_head(&store->tip, ret_head);
	return result;
}

int ledger_flush(struct store *store, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TIP_PUT);

	if (!store->tip.is_dirty)
		return 0;
	bind_int(&query, store->tip.seq);
	bind_blob(&query, store->tip.head, DIGEST_LEN);
	bind_blob(&query, store->tip.edge.hash, (size_t)store->tip.edge.depth * DIGEST_LEN);
	store->tip.is_dirty = false;
	return query_do(&query, fault);
}

int ledger_head_get(struct store *store, struct ledger_head *ret, struct fault *fault)
{
	struct ledger_tip_row row;
	int result;

	if (run_is_inside(store) && store->tip.is_read) {
		get_head(&store->tip, ret);
		return 0;
	}
	result = ledger_tip_get(store, &row, fault);
	if (result)
		return result < 0 ? result
				  : FAULT(fault, FAULT_FORMAT, "the end of the ledger is broken; run hoadon fsck");
	ret->seq = row.seq;
	memcpy(ret->hash, row.head, DIGEST_LEN);
	ledger_tail(ret->hash, ret->tail);
	return 0;
}

int ledger_head_at(struct store *store, int64_t seq, struct ledger_head *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_LEDGER_HASH);
	int result;

	bind_int(&query, seq);
	result = query_row(&query, fault);
	if (result)
		return result;
	ret->seq = seq;
	column_digest(&query, ret->hash);
	ledger_tail(ret->hash, ret->tail);
	return 0;
}

static int find_key(struct store *store, const uint8_t spki[ECSIGN_SPKI_LEN], int64_t *ret_id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_KEY_GET);
	int result;

	bind_blob(&query, spki, ECSIGN_SPKI_LEN);
	result = query_row(&query, fault);
	if (!result)
		*ret_id = column_int(&query);
	return result;
}

static int announce_key(struct store *store, const uint8_t spki[ECSIGN_SPKI_LEN], int64_t *ret_id, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_KEY_ADD);
	struct ledger_payload payload;
	struct ledger_head head;
	int result;

	ledger_payload_init(&payload);
	ledger_payload_hex(&payload, "spki", spki, ECSIGN_SPKI_LEN);
	result = ledger_append(store, LEDGER_KEY, &payload, &head, fault);
	if (result)
		return result;
	bind_blob(&query, spki, ECSIGN_SPKI_LEN);
	bind_int(&query, head.seq);
	result = query_do(&query, fault);
	*ret_id = sqlite3_last_insert_rowid(store->db);
	return result;
}

static int last_checkpoint(struct store *store, int64_t *ret_size, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_CHECKPOINT_LAST);
	int result = query_row(&query, fault);

	if (result)
		return result < 0 ? result : FAULT(fault, FAULT_BUG, "a maximum without a row");
	*ret_size = column_int(&query);
	return 0;
}

static int keep_checkpoint_edge(struct store *store, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TIP_CHECKPOINT);

	bind_blob(&query, store->tip.edge.hash, (size_t)store->tip.edge.depth * DIGEST_LEN);
	return query_do(&query, fault);
}

static int add_checkpoint(struct store *store, int64_t key_id, int64_t wall_ms, const uint8_t root[DIGEST_LEN],
	const uint8_t sig[ECSIGN_LEN], struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_CHECKPOINT_ADD);

	bind_int(&query, store->tip.seq);
	bind_blob(&query, root, DIGEST_LEN);
	bind_blob(&query, store->tip.head, DIGEST_LEN);
	bind_int(&query, wall_ms);
	bind_int(&query, key_id);
	bind_blob(&query, sig, ECSIGN_LEN);
	return query_do(&query, fault);
}

static int sign_tip(struct store *store, const struct ecsign_key *key, int64_t key_id, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes note = {.max = LEDGER_NOTE_MAX};
	uint8_t root[DIGEST_LEN];
	uint8_t sig[ECSIGN_LEN];
	int64_t wall_ms = clock_now_ms(store->clock);
	int result;

	ledger_edge_root(&store->tip.edge, root);
	ledger_checkpoint_note(store->id, (uint64_t)store->tip.seq, root, store->tip.head, wall_ms, &note);
	result = bytes_check(&note, "a checkpoint", fault);
	if (!result)
		result = ecsign_sign(key, note.data, note.len, sig, fault);
	if (!result)
		result = add_checkpoint(store, key_id, wall_ms, root, sig, fault);
	if (!result)
		result = keep_checkpoint_edge(store, fault);
	return result;
}

int ledger_checkpoint(struct store *store, const struct ecsign_key *key, struct fault *fault)
{
	uint8_t spki[ECSIGN_SPKI_LEN];
	int64_t size = 0;
	int64_t key_id = 0;
	int result = read_tip(store, fault);

	if (!result)
		result = last_checkpoint(store, &size, fault);
	if (result || store->tip.seq <= size)
		return result;
	result = ecsign_public(key, spki, fault);
	if (!result)
		result = find_key(store, spki, &key_id, fault);
	if (result == STORE_NONE)
		result = announce_key(store, spki, &key_id, fault);
	return result ? result : sign_tip(store, key, key_id, fault);
}
