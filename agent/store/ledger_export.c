/* ledger_export: the ledger as JSON Lines (schemas/ledger/FORMAT.md); prototype in ledger.h. */
#include <errno.h>
#include <string.h>

#include "store/ledger.h"
#include "store/ledger_rows.h"

#define LINE_MAX_LEN ((size_t)1 << 20) /* FORMAT.md section 1 */

static int write_line(FILE *out, const struct bytes *line, struct fault *fault)
{
	int result = bytes_check(line, "a line of the ledger", fault);

	if (result)
		return result;
	if (fwrite(line->data, 1, line->len, out) != line->len || fputc('\n', out) == EOF)
		return FAULT(fault, FAULT_IO, "the ledger cannot be written: %s", strerror(errno));
	return 0;
}

static int write_record(const struct ledger_walk *walk, FILE *out, struct bytes *line, struct fault *fault)
{
	bytes_clear(line);
	bytes_text(line, "{\"payload\":");
	bytes_append(line, walk->record.payload, walk->record.payload_len);
	bytes_text(line, ",\"record\":");
	ledger_record_write(&walk->record, line);
	bytes_char(line, '}');
	return write_line(out, line, fault);
}

static void put_hex(struct bytes *line, const char *key, const void *bytes, size_t len)
{
	bytes_printf(line, "\"%s\":\"", key);
	bytes_hex(line, bytes, len);
	bytes_text(line, "\",");
}

/* The note has line feeds and no other character that restricted JSON escapes (FORMAT.md section 1). */
static void put_note(struct bytes *line, const struct bytes *note)
{
	bytes_text(line, "\"note\":\"");
	for (size_t i = 0; i < note->len; i++)
		if (note->data[i] == '\n')
			bytes_text(line, "\\u000a");
		else
			bytes_char(line, (char)note->data[i]);
	bytes_text(line, "\",");
}

static int write_checkpoint(struct store *store, const struct ledger_checkpoint_row *row, FILE *out, struct bytes *line,
	struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes note = {.max = LEDGER_NOTE_MAX};
	int result;

	ledger_checkpoint_note(store->id, (uint64_t)row->size, row->root, row->head, row->wall_ms, &note);
	result = bytes_check(&note, "a checkpoint", fault);
	if (result)
		return result;
	bytes_clear(line);
	bytes_text(line, "{\"checkpoint\":{");
	put_hex(line, "head", row->head, DIGEST_LEN);
	put_hex(line, "key", row->spki, ECSIGN_SPKI_LEN);
	put_note(line, &note);
	put_hex(line, "root", row->root, DIGEST_LEN);
	put_hex(line, "sig", row->sig, ECSIGN_LEN);
	bytes_printf(line, "\"size\":%lld}}", (long long)row->size);
	return write_line(out, line, fault);
}

/* The record of the walk, and behind it the checkpoint over it when there is one. */
static int write_step(struct ledger_walk *walk, struct ledger_checkpoint_row *next, bool *has_next, FILE *out,
	struct bytes *line, struct fault *fault)
{
	struct store *store = walk->query.store;
	int64_t seq = walk->record.seq;
	int result;

	if (!walk->has_payload)
		return FAULT(fault, FAULT_FORMAT,
			"the payload of ledger record %lld does not unpack; run hoadon audit verify", (long long)seq);
	result = write_record(walk, out, line, fault);
	if (result || !*has_next || next->size != seq)
		return result;
	result = write_checkpoint(store, next, out, line, fault);
	if (result)
		return result;
	result = ledger_checkpoint_next(store, seq + 1, next, fault);
	*has_next = result == 0;
	return result < 0 ? result : 0;
}

static int write_all(struct store *store, FILE *out, int64_t *ret_records, struct fault *fault)
{
	CLEANUP(ledger_walk_end) struct ledger_walk walk;
	CLEANUP(bytes_done) struct bytes line = {.max = LINE_MAX_LEN};
	struct ledger_checkpoint_row next;
	int64_t records = 0;
	bool has_next;
	int result;

	ledger_walk_start(&walk, store, 0);
	result = ledger_checkpoint_next(store, 1, &next, fault);
	has_next = result == 0;
	if (result < 0)
		return result;
	while ((result = ledger_walk_next(&walk, fault)) == 0) {
		result = write_step(&walk, &next, &has_next, out, &line, fault);
		if (result)
			return result;
		/* prev as the stored chain says: an edited ledger is exported as it is, for the verifier to find. */
		memcpy(walk.record.prev, walk.hash, DIGEST_LEN);
		records++;
	}
	if (result < 0)
		return result;
	if (ret_records)
		*ret_records = records;
	return 0;
}

int ledger_export(struct store *store, FILE *out, int64_t *ret_records, struct fault *fault)
{
	bool is_ours = !run_is_inside(store);
	int result = is_ours ? store_begin_read(store, fault) : 0;

	if (result)
		return result;
	result = write_all(store, out, ret_records, fault);
	if (!result && fflush(out) != 0)
		result = FAULT(fault, FAULT_IO, "the ledger cannot be written: %s", strerror(errno));
	if (is_ours)
		store_rollback(store);
	return result;
}
