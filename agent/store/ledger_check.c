/* ledger_check: the verdicts of core/ledger_verify.h about the ledger as it lies in the store; prototypes in ledger.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store/ledger.h"
#include "store/ledger_rows.h"

#define PROGRESS_EVERY 10000
#define KEYS_MAX       ((size_t)1 << 20)

struct check {
	struct store *store;
	struct ledger_finding *finding;
	int64_t seq; /* the last record that is good */
	uint8_t head[DIGEST_LEN];
	struct ledger_edge edge;
	struct bytes keys;			 /* announced so far, ECSIGN_SPKI_LEN each */
	struct ledger_checkpoint_row checkpoint; /* the next one to meet */
	bool has_checkpoint;
	int64_t checkpoints; /* met */
	int64_t first_seq;
};

static void check_done(struct check *check)
{
	bytes_done(&check->keys);
}

static int find_wrong(struct check *check, int64_t seq, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int find_wrong(struct check *check, int64_t seq, const char *format, ...)
{
	va_list args;

	check->finding->line = 0;
	check->finding->seq = seq;
	va_start(args, format);
	vsnprintf(check->finding->text, sizeof(check->finding->text), format, args);
	va_end(args);
	return 1;
}

static int next_checkpoint(struct check *check, struct fault *fault)
{
	int result = ledger_checkpoint_next(check->store, check->seq + 1, &check->checkpoint, fault);

	check->has_checkpoint = result == 0;
	return result < 0 ? result : 0;
}

/* The key that a begin or key record announces (schemas/ledger/FORMAT.md). */
static void note_key(struct check *check, const struct ledger_record *record)
{
	static const char mark[] = "\"spki\":\"";
	uint8_t spki[ECSIGN_SPKI_LEN];
	char hex[2 * ECSIGN_SPKI_LEN + 1] = "";
	const char *at;
	size_t left;

	if (strcmp(record->event, "begin") != 0 && strcmp(record->event, "key") != 0)
		return;
	at = memmem(record->payload, record->payload_len, mark, sizeof(mark) - 1);
	if (!at)
		return;
	at += sizeof(mark) - 1;
	left = (size_t)((const char *)record->payload + record->payload_len - at);
	memcpy(hex, at, left < sizeof(hex) - 1 ? left : sizeof(hex) - 1);
	if (hex_parse(hex, spki, sizeof(spki)) == 0)
		bytes_append(&check->keys, spki, sizeof(spki));
}

static bool is_announced(const struct check *check, const uint8_t spki[ECSIGN_SPKI_LEN])
{
	for (size_t i = 0; i + ECSIGN_SPKI_LEN <= check->keys.len; i += ECSIGN_SPKI_LEN)
		if (memcmp(check->keys.data + i, spki, ECSIGN_SPKI_LEN) == 0)
			return true;
	return false;
}

/* Root, head and signature of the checkpoint that stands at the last good record. */
static int check_signature(struct check *check, struct fault *fault)
{
	const struct ledger_checkpoint_row *row = &check->checkpoint;
	CLEANUP(bytes_done) struct bytes note = {.max = LEDGER_NOTE_MAX};
	uint8_t root[DIGEST_LEN];
	int result;

	ledger_edge_root(&check->edge, root);
	if (memcmp(root, row->root, DIGEST_LEN) != 0)
		return find_wrong(
			check, row->size, "the checkpoint over %lld records has another root", (long long)row->size);
	if (memcmp(check->head, row->head, DIGEST_LEN) != 0)
		return find_wrong(
			check, row->size, "the checkpoint over %lld records has another head", (long long)row->size);
	ledger_checkpoint_note(check->store->id, (uint64_t)row->size, root, check->head, row->wall_ms, &note);
	result = bytes_check(&note, "a checkpoint", fault);
	if (result)
		return result;
	/* A stored key that cannot even be read is somebody's work too, so < 0 is a finding and not a failure of ours. */
	if (ecsign_verify(row->spki, ECSIGN_SPKI_LEN, note.data, note.len, row->sig, NULL) != 0)
		return find_wrong(check, row->size, "the signature of the checkpoint over %lld records is wrong",
			(long long)row->size);
	return 0;
}

static int meet_checkpoint(struct check *check, struct fault *fault)
{
	int result;

	if (!check->has_checkpoint || check->checkpoint.size != check->seq)
		return 0;
	if (!check->checkpoint.has_key || !is_announced(check, check->checkpoint.spki))
		return find_wrong(check, check->seq, "no record announces the key of the checkpoint over %lld records",
			(long long)check->seq);
	result = check_signature(check, fault);
	if (result)
		return result;
	check->checkpoints++;
	return next_checkpoint(check, fault);
}

static int check_record(struct check *check, struct ledger_walk *walk, struct fault *fault)
{
	struct ledger_record *record = &walk->record;
	uint8_t hash[DIGEST_LEN];
	uint8_t leaf[DIGEST_LEN];
	int result;

	if (record->seq != check->seq + 1)
		return find_wrong(check, check->seq + 1, "record %lld is missing", (long long)check->seq + 1);
	if (record->seq == 1 && strcmp(record->event, "begin") != 0)
		return find_wrong(check, 1, "record 1 is not the beginning of a ledger");
	if (!walk->has_payload)
		return find_wrong(check, record->seq, "the payload of record %lld was changed: it does not unpack",
			(long long)record->seq);
	memcpy(record->prev, check->head, DIGEST_LEN);
	result = ledger_record_hash(record, hash, leaf, fault);
	if (result)
		return result;
	if (memcmp(hash, walk->hash, DIGEST_LEN) != 0)
		return find_wrong(check, record->seq, "record %lld was changed: its bytes do not give its hash",
			(long long)record->seq);
	if (check->first_seq == 0)
		check->first_seq = record->seq;
	check->seq = record->seq;
	memcpy(check->head, hash, DIGEST_LEN);
	ledger_edge_add(&check->edge, leaf);
	note_key(check, record);
	return meet_checkpoint(check, fault);
}

static int check_records(struct check *check, int64_t all, void (*progress)(int64_t, int64_t), struct fault *fault)
{
	CLEANUP(ledger_walk_end) struct ledger_walk walk;
	int result;

	ledger_walk_start(&walk, check->store, check->seq);
	while ((result = ledger_walk_next(&walk, fault)) == 0) {
		result = check_record(check, &walk, fault);
		if (result)
			return result;
		if (progress && check->seq % PROGRESS_EVERY == 0)
			progress(check->seq, all);
	}
	if (result < 0)
		return result;
	if (check->has_checkpoint)
		return find_wrong(check, check->seq + 1, "record %lld is missing: a checkpoint speaks of %lld records",
			(long long)check->seq + 1, (long long)check->checkpoint.size);
	return bytes_check(&check->keys, "the list of ledger keys", fault);
}

/* The stored end against what the records gave. */
static int check_tip(struct check *check, const struct ledger_tip_row *tip)
{
	long long last = (long long)check->seq;

	if (tip->seq > check->seq)
		return find_wrong(check, check->seq + 1, "record %lld is missing: the ledger ended at %lld", last + 1,
			(long long)tip->seq);
	if (tip->seq < check->seq)
		return find_wrong(check, tip->seq + 1, "record %lld stands behind the end of the ledger at %lld",
			(long long)tip->seq + 1, (long long)tip->seq);
	if (memcmp(tip->head, check->head, DIGEST_LEN) != 0)
		return find_wrong(check, check->seq, "the stored head is not that of record %lld", last);
	if (tip->edge.depth != check->edge.depth ||
		memcmp(tip->edge.hash, check->edge.hash, (size_t)tip->edge.depth * DIGEST_LEN) != 0)
		return find_wrong(check, check->seq, "the stored tree is not that of %lld records", last);
	return 0;
}

static int read_tip(struct check *check, struct ledger_tip_row *tip, struct fault *fault)
{
	int result = ledger_tip_get(check->store, tip, fault);

	return result <= 0 ? result : find_wrong(check, tip->seq, "the stored end of the ledger cannot be read");
}

static int check_all(struct check *check, void (*progress)(int64_t, int64_t), struct fault *fault)
{
	struct ledger_tip_row tip = {0};
	int result = read_tip(check, &tip, fault);

	if (!result)
		result = next_checkpoint(check, fault);
	if (!result)
		result = check_records(check, tip.seq, progress, fault);
	return result ? result : check_tip(check, &tip);
}

/* Whether @fn runs in a transaction of ours, so that rows, tip and checkpoints are one picture. */
static int begin_picture(struct store *store, bool *ret_is_ours, struct fault *fault)
{
	*ret_is_ours = !run_is_inside(store);
	return *ret_is_ours ? store_begin_read(store, fault) : 0;
}

static void fill_summary(const struct check *check, struct ledger_summary *summary)
{
	summary->records = check->seq;
	summary->checkpoints = check->checkpoints;
	summary->first_seq = check->first_seq;
	summary->last_seq = check->seq;
	summary->has_checkpoint = check->checkpoints > 0;
	snprintf(summary->store, sizeof(summary->store), "%s", check->store->id);
	ledger_tail(check->head, summary->tail);
}

int ledger_check(struct store *store, struct ledger_finding *finding, struct ledger_summary *summary,
	void (*progress)(int64_t done, int64_t all), struct fault *fault)
{
	CLEANUP(check_done) struct check check = {.store = store, .finding = finding, .keys.max = KEYS_MAX};
	bool is_ours;
	int result = begin_picture(store, &is_ours, fault);

	if (result)
		return result;
	result = check_all(&check, progress, fault);
	if (is_ours)
		store_rollback(store);
	fill_summary(&check, summary);
	return result;
}

/* Stand at the last checkpoint: its edge is stored, its signature vouches for it. */
static int start_at_checkpoint(struct check *check, const struct ledger_tip_row *tip, struct fault *fault)
{
	int result = next_checkpoint(check, fault);

	if (result || !check->has_checkpoint)
		return result;
	check->seq = check->checkpoint.size;
	memcpy(check->head, check->checkpoint.head, DIGEST_LEN);
	if (!ledger_edge_read(&check->edge, check->seq, tip->checkpoint_edge, tip->checkpoint_edge_len))
		return find_wrong(check, check->seq, "the stored tree is not that of the last checkpoint");
	if (!check->checkpoint.has_key || check->checkpoint.key_seq > check->seq)
		return find_wrong(check, check->seq, "no record announces the key of the checkpoint over %lld records",
			(long long)check->seq);
	check->has_checkpoint = false;
	return check_signature(check, fault);
}

static int check_hash_at(struct check *check, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(check->store, STATEMENT_LEDGER_HASH);
	uint8_t hash[DIGEST_LEN];
	int result;

	if (check->seq == 0)
		return 0;
	bind_int(&query, check->seq);
	result = query_row(&query, fault);
	if (result < 0)
		return result;
	if (result == STORE_NONE)
		return find_wrong(check, check->seq, "record %lld is missing", (long long)check->seq);
	column_digest(&query, hash);
	if (memcmp(hash, check->head, DIGEST_LEN) != 0)
		return find_wrong(check, check->seq, "record %lld is not the one that the last checkpoint signed",
			(long long)check->seq);
	return 0;
}

static int last_checkpoint(struct store *store, int64_t *ret_size, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_CHECKPOINT_LAST);
	int result = query_row(&query, fault);

	if (!result)
		*ret_size = column_int(&query);
	return result;
}

static int check_tail(struct check *check, struct fault *fault)
{
	struct ledger_tip_row tip = {0};
	int64_t size = 0;
	int result = read_tip(check, &tip, fault);

	if (!result)
		result = last_checkpoint(check->store, &size, fault);
	if (result)
		return result;
	check->seq = size - 1;
	if (size > 0)
		result = start_at_checkpoint(check, &tip, fault);
	else
		check->seq = 0;
	if (!result)
		result = check_hash_at(check, fault);
	if (!result)
		result = check_records(check, tip.seq, NULL, fault);
	return result ? result : check_tip(check, &tip);
}

int ledger_check_tail(struct store *store, struct ledger_finding *finding, struct fault *fault)
{
	CLEANUP(check_done) struct check check = {.store = store, .finding = finding, .keys.max = KEYS_MAX};
	bool is_ours;
	int result = begin_picture(store, &is_ours, fault);

	if (result)
		return result;
	result = check_tail(&check, fault);
	if (is_ours)
		store_rollback(store);
	return result;
}
