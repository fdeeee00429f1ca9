/* Record bytes, chain, tree, checkpoints and the check of an export: schemas/ledger/FORMAT.md. */
#include "cases.h"

#include <unistd.h>

#include "base/ecsign.h"
#include "base/file.h"
#include "core/ledger_verify.h"

#define STORE	"000102030405060708090a0b0c0d0e0f"
#define RECORDS 7 /* of the export under test: checkpoints stand behind 4 and 7 */

struct fixture {
	char dir[64], path[96];
	struct ecsign_key *key;
	uint8_t spki[ECSIGN_SPKI_LEN];
	struct bytes lines[RECORDS + 2]; /* without LF */
	size_t line_count;
	struct ledger_edge edge;
	uint8_t head[DIGEST_LEN];
	struct bytes text;
	struct ledger_finding finding;
	struct ledger_summary summary;
};

static struct ledger_record record_of(
	const struct fixture *f, int64_t seq, const char *event, const struct bytes *payload)
{
	struct ledger_record record = {.seller = "9900000016",
		.store = STORE,
		.epoch = 1,
		.seq = seq,
		.event = event,
		.wall_ms = INT64_C(1795327200000) + seq,
		.mono_ms = seq,
		.boot = "6b0b5f9e-4f0e-4b0e-9a51-0f6d0c1b2a33",
		.trust = 1,
		.payload = payload->data,
		.payload_len = payload->len};

	memcpy(record.prev, f->head, DIGEST_LEN);
	return record;
}

static struct bytes *next_line(struct fixture *f)
{
	struct bytes *line = &f->lines[f->line_count++];

	bytes_done(line);
	bytes_init(line, 2 << 20);
	return line;
}

static void put_record(struct fixture *f, int64_t seq, const char *event, const char *payload_text)
{
	struct bytes payload = {.data = (uint8_t *)payload_text, .len = strlen(payload_text)};
	struct ledger_record record = record_of(f, seq, event, &payload);
	struct bytes *line = next_line(f);
	uint8_t leaf[DIGEST_LEN];

	bytes_printf(line, "{\"payload\":%s,\"record\":", payload_text);
	ledger_record_write(&record, line);
	bytes_char(line, '}');
	assert_int_equal(ledger_record_hash(&record, f->head, leaf, NULL), 0);
	ledger_edge_add(&f->edge, leaf);
}

static void put_checkpoint(struct fixture *f, const struct ecsign_key *key, int64_t size)
{
	struct bytes *line = next_line(f);
	struct bytes note;
	uint8_t root[DIGEST_LEN], sig[ECSIGN_LEN], spki[ECSIGN_SPKI_LEN];

	bytes_init(&note, 1024);
	ledger_edge_root(&f->edge, root);
	ledger_checkpoint_note(STORE, (uint64_t)size, root, f->head, INT64_C(1795327300000), &note);
	assert_int_equal(ecsign_sign(key, note.data, note.len, sig, NULL), 0);
	assert_int_equal(ecsign_public(key, spki, NULL), 0);
	bytes_text(line, "{\"checkpoint\":{\"head\":\"");
	bytes_hex(line, f->head, DIGEST_LEN);
	bytes_text(line, "\",\"key\":\"");
	bytes_hex(line, spki, sizeof(spki));
	bytes_text(line, "\",\"note\":\"");
	for (size_t i = 0; i < note.len; i++)
		bytes_printf(line, note.data[i] == '\n' ? "\\u000a" : "%c", note.data[i]);
	bytes_text(line, "\",\"root\":\"");
	bytes_hex(line, root, DIGEST_LEN);
	bytes_text(line, "\",\"sig\":\"");
	bytes_hex(line, sig, sizeof(sig));
	bytes_printf(line, "\",\"size\":%lld}}", (long long)size);
	bytes_done(&note);
}

/* begin, key, issued, issued, checkpoint 4, and for all @records sent, verdict, stop, checkpoint 7 */
static void build(struct fixture *f, int records)
{
	char key[300] = "{\"spki\":\"";

	f->line_count = 0;
	memset(&f->edge, 0, sizeof(f->edge));
	memset(f->head, 0, sizeof(f->head));
	hex_format(f->spki, sizeof(f->spki), key + strlen(key));
	strcat(key, "\"}");
	put_record(f, 1, "begin", "{}");
	put_record(f, 2, "key", key);
	put_record(f, 3, "issued", "{\"number\":1,\"total\":90000}");
	put_record(f, 4, "issued", "{\"number\":2,\"total\":-5}");
	put_checkpoint(f, f->key, 4);
	if (records == 4)
		return;
	put_record(f, 5, "sent", "{\"route\":\"a\\\"b\\\\c\\u001fđ\"}");
	put_record(f, 6, "verdict", "{\"accepted\":2}");
	put_record(f, 7, "stop", "{}");
	put_checkpoint(f, f->key, 7);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	*state = f;
	snprintf(f->dir, sizeof(f->dir), "/tmp/hoadon-ledger-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/key.pem", f->dir);
	bytes_init(&f->text, 2 << 20);
	if (ecsign_load_or_make(f->path, &f->key, NULL) != 0 || ecsign_public(f->key, f->spki, NULL) != 0)
		return -1;
	build(f, RECORDS);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(f->lines); i++)
		bytes_done(&f->lines[i]);
	bytes_done(&f->text);
	ecsign_free(f->key);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static int verify(struct fixture *f)
{
	bytes_clear(&f->text);
	for (size_t i = 0; i < f->line_count; i++) {
		bytes_append(&f->text, f->lines[i].data, f->lines[i].len);
		bytes_char(&f->text, '\n');
	}
	memset(&f->finding, 0, sizeof(f->finding));
	return ledger_verify_export((const char *)f->text.data, f->text.len, &f->finding, &f->summary, NULL);
}

static void assert_broken(struct fixture *f, int64_t line, int64_t seq, const char *part)
{
	assert_int_equal(verify(f), 1);
	if (!strstr(f->finding.text, part))
		fail_msg("line %lld, record %lld: %s", (long long)f->finding.line, (long long)f->finding.seq,
			f->finding.text);
	assert_int_equal(f->finding.line, line);
	assert_int_equal(f->finding.seq, seq);
	build(f, RECORDS);
}

/* One place of line @line (from 1), replaced by text of the same length. */
static void edit(struct fixture *f, size_t line, const char *from, const char *to)
{
	char *place = strstr((char *)f->lines[line - 1].data, from);

	assert_non_null(place);
	assert_int_equal(strlen(from), strlen(to));
	memcpy(place, to, strlen(to));
}

static void remove_line(struct fixture *f, size_t line)
{
	struct bytes gone = f->lines[line - 1];

	memmove(&f->lines[line - 1], &f->lines[line], (f->line_count - line) * sizeof(gone));
	f->lines[--f->line_count] = gone;
}

static void swap_lines(struct fixture *f, size_t a, size_t b)
{
	struct bytes line = f->lines[a - 1];

	f->lines[a - 1] = f->lines[b - 1];
	f->lines[b - 1] = line;
}

static void a_whole_export_verifies(void **state)
{
	struct fixture *f = *state;
	char tail[LEDGER_TAIL_LEN + 1];

	assert_int_equal(verify(f), 0);
	assert_int_equal(f->summary.records, RECORDS);
	assert_int_equal(f->summary.checkpoints, 2);
	assert_int_equal(f->summary.first_seq, 1);
	assert_int_equal(f->summary.last_seq, RECORDS);
	assert_true(f->summary.has_checkpoint);
	assert_string_equal(f->summary.store, STORE);
	ledger_tail(f->head, tail);
	assert_string_equal(f->summary.tail, tail);
	f->line_count = 4;
	assert_int_equal(verify(f), 0);
	assert_false(f->summary.has_checkpoint);
}

static void the_example_of_the_format_page_verifies(void **state)
{
	struct ledger_finding finding;
	struct ledger_summary summary;
	struct bytes page;
	char *start;
	char *end;

	(void)state;
	bytes_init(&page, 1 << 20);
	assert_int_equal(file_read(SCHEMAS_DIR "/ledger/FORMAT.md", &page, NULL), 0);
	start = strstr((char *)page.data, "```jsonl\n");
	assert_non_null(start);
	start += strlen("```jsonl\n");
	end = strstr(start, "```");
	assert_non_null(end);
	assert_int_equal(ledger_verify_export(start, (size_t)(end - start), &finding, &summary, NULL), 0);
	assert_int_equal(summary.records, 3);
	assert_int_equal(summary.checkpoints, 1);
	/* Computed by a second program from the page alone (Python's hashlib, openssl dgst -verify). */
	assert_string_equal(summary.tail, "ZBOM34LV5TGRROAM");
	assert_non_null(strstr(end, summary.tail));
	bytes_done(&page);
}

static void a_record_has_the_bytes_of_the_format_page(void **state)
{
	/* Record 1 of the example in schemas/ledger/FORMAT.md. */
	static const char payload[] = "{\"version\":\"0.1.0\"}";
	static const char expected[] =
		"{\"alg\":\"sha256\",\"boot\":\"6b0b5f9e-4f0e-4b0e-9a51-0f6d0c1b2a33\",\"domain\":\"hoadon-agent/"
		"ledger/1\","
		"\"epoch\":1,\"event\":\"begin\",\"mono\":7200000,"
		"\"payload\":\"701d838178929148f2eb418c3c97c99636c033fc2efa6874d65299f6df4929d2\","
		"\"prev\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"seller\":"
		"\"9900000016\","
		"\"seq\":1,\"store\":\"000102030405060708090a0b0c0d0e0f\",\"trust\":1,\"wall\":1795327200000}";
	struct ledger_record record = {.seller = "9900000016",
		.store = STORE,
		.epoch = 1,
		.seq = 1,
		.event = ledger_event_word(LEDGER_BEGIN),
		.wall_ms = INT64_C(1795327200000),
		.mono_ms = 7200000,
		.boot = "6b0b5f9e-4f0e-4b0e-9a51-0f6d0c1b2a33",
		.trust = 1,
		.payload = payload,
		.payload_len = strlen(payload)};
	uint8_t hash[DIGEST_LEN], leaf[DIGEST_LEN];
	char hex[DIGEST_HEX_LEN + 1];
	struct bytes out;

	(void)state;
	bytes_init(&out, 4096);
	ledger_record_write(&record, &out);
	assert_string_equal((char *)out.data, expected);
	bytes_done(&out);
	assert_int_equal(ledger_record_hash(&record, hash, leaf, NULL), 0);
	hex_format(hash, sizeof(hash), hex);
	assert_string_equal(hex, "15ce50256cc44c3ee2240f8bfb88ed9941aeb2ff008b033de41735f409b003d2");
	hex_format(leaf, sizeof(leaf), hex);
	assert_string_equal(hex, "1dc9785d091dfca206c023d2c78f9138923928ffab4ff5c3c5ae9f0084aa6ebb");
}

/* The definition of RFC 9162, 2.1.1, by recursion over all leaves: another way than the edge. */
static void root_of(const uint8_t (*leaves)[DIGEST_LEN], size_t count, uint8_t out[DIGEST_LEN])
{
	uint8_t node[1 + 2 * DIGEST_LEN] = {1};
	size_t left = 1;

	if (count == 1) {
		memcpy(out, leaves[0], DIGEST_LEN);
		return;
	}
	while (left * 2 < count)
		left *= 2;
	root_of(leaves, left, node + 1);
	root_of(leaves + left, count - left, node + 1 + DIGEST_LEN);
	digest_sha256(node, sizeof(node), out);
}

static void the_edge_gives_the_root_of_the_whole_tree(void **state)
{
	/* RFC 9162, 2.1.1: SHA-256 of nothing. */
	static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	uint8_t leaves[130][DIGEST_LEN];
	struct ledger_edge edge = {.size = 0};
	uint8_t expected[DIGEST_LEN], root[DIGEST_LEN];
	char hex[DIGEST_HEX_LEN + 1];

	(void)state;
	ledger_edge_root(&edge, root);
	hex_format(root, sizeof(root), hex);
	assert_string_equal(hex, empty);
	for (size_t i = 0; i < ARRAY_LEN(leaves); i++) {
		digest_sha256(&i, sizeof(i), leaves[i]);
		ledger_edge_add(&edge, leaves[i]);
		ledger_edge_root(&edge, root);
		root_of((const uint8_t(*)[DIGEST_LEN])leaves, i + 1, expected);
		assert_memory_equal(root, expected, DIGEST_LEN);
		assert_int_equal(edge.size, i + 1);
		assert_int_equal(edge.depth, __builtin_popcountll(i + 1));
	}
}

static void a_missing_record_is_named(void **state)
{
	struct fixture *f = *state;

	remove_line(f, 3);
	assert_broken(f, 3, 3, "record 3 is missing");
	remove_line(f, 1);
	assert_broken(f, 1, 1, "record 1 is missing");
}

static void records_out_of_order_or_twice_are_named(void **state)
{
	struct fixture *f = *state;

	swap_lines(f, 6, 7);
	assert_broken(f, 6, 5, "record 5 is missing");
	swap_lines(f, 4, 3);
	assert_broken(f, 3, 3, "record 3 is missing");
	bytes_clear(&f->lines[6]);
	bytes_append(&f->lines[6], f->lines[5].data, f->lines[5].len);
	assert_broken(f, 7, 5, "stands behind record 5");
}

static void a_changed_payload_is_named(void **state)
{
	struct fixture *f = *state;

	edit(f, 3, "\"total\":90000", "\"total\":10000");
	assert_broken(f, 3, 3, "payload of record 3 was changed");
	edit(f, 3, "{\"number\":1,\"total\":90000}", "{\"total\":90000,\"number\":1}");
	assert_broken(f, 3, 3, "restricted JSON");
}

/* The digest of the payload in the record is made to fit, but the next record vouches for the old one. */
static void a_changed_record_is_named_by_the_one_behind_it(void **state)
{
	struct fixture *f = *state;

	edit(f, 3, "\"wall\":1795327200003", "\"wall\":1795327200009");
	assert_broken(f, 3, 3, "record 3 was changed");
	/* Behind the last record only the checkpoint knows. */
	edit(f, 8, "\"mono\":7", "\"mono\":8");
	assert_broken(f, 9, 7, "was made of other records");
	edit(f, 8, "\"mono\":7", "\"mono\":8");
	f->line_count = 8;
	assert_int_equal(verify(f), 0);
	build(f, RECORDS);
	/* A checkpoint between two records vouches as well. */
	edit(f, 3, "\"epoch\":1", "\"epoch\":2");
	assert_broken(f, 3, 3, "record 3 was changed");
}

static void a_wrong_prev_is_named_where_it_stands(void **state)
{
	struct fixture *f = *state;
	char *prev = strstr((char *)f->lines[2].data, "\"prev\":\"");

	assert_non_null(prev);
	memset(prev + 8, '7', 64);
	assert_broken(f, 3, 3, "record 3 does not continue");
	edit(f, 1, "\"prev\":\"0", "\"prev\":\"1");
	assert_broken(f, 1, 1, "record 1 does not continue");
}

static void another_spelling_is_no_record(void **state)
{
	static const struct {
		const char *from, *to;
	} edits[] = {
		{"\"trust\":1", "\"trust\":\x20"},
		{"\"alg\":\"sha256\"", "\"alg\":\"sha257\""},
		{"ledger/1\"", "ledger/2\""},
		{"\"epoch\":1", "\"epocx\":1"},
		{"\"prev\":\"", "\"prev\": "},
		{"\"seq\":6,", "\"seq\":\"6"},
		{"\"event\":\"verdict\"", "\"event\":\"v\\u0061\""},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		edit(f, 7, edits[i].from, edits[i].to);
		assert_int_equal(verify(f), 1);
		assert_int_equal(f->finding.line, 7);
		assert_int_equal(f->finding.seq, 6);
		build(f, RECORDS);
	}
}

/* Behind the last checkpoint anybody may chain records: what FORMAT.md section 1 does not allow is refused there too. */
static void a_payload_is_restricted_json(void **state)
{
	static const struct {
		const char *payload;
		int result;
	} payloads[] = {
		{"{}", 0},
		{"{\"A_9\":-9223372036854775808,\"a\":9223372036854775807}", 0},
		{"{\"a\":\"\\u001f\\u0001\\\"\\\\/\x7f\u0111\U0001F600\"}", 0},
		{"{\"a\":\"\\/\"}", 1},
		{"{\"a\":\"\\n\"}", 1},
		{"{\"a\":\"\\u001F\"}", 1},
		{"{\"a\":\"\\u0000\"}", 1},
		{"{\"a\":\"\\u0020\"}", 1},
		{"{\"a\":\"\\u00e1\"}", 1},
		{"{\"a\":\"\\ud83d\\ude00\"}", 1},
		{"{\"a\":\"\t\"}", 1},
		{"{\"a\":\"\xff\"}", 1},
		{"{\"a\":\"\\\"}", 1},
		{"{\"a\":\"\\u00\"}", 1},
		{"{\"a-b\":1}", 1},
		{"{\"\u0111\":1}", 1},
		{"{\"\\u0061\":1}", 1},
		{"{\"\":1}", 1},
		{"{\"b\":1,\"a\":1}", 1},
		{"{\"a\":1,\"a\":1}", 1},
		{"{\"a\":1,}", 1},
		{"{,\"a\":1}", 1},
		{"{\"a\": 1}", 1},
		{"{\"a\":-0}", 1},
		{"{\"a\":01}", 1},
		{"{\"a\":-}", 1},
		{"{\"a\":1.0}", 1},
		{"{\"a\":1e3}", 1},
		{"{\"a\":9223372036854775808}", 1},
		{"{\"a\":true}", 1},
		{"{\"a\":null}", 1},
		{"{\"a\":{}}", 1},
		{"{\"a\":[]}", 1},
		{"[]", 1},
		{"{}}", 1},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(payloads); i++) {
		build(f, 4);
		put_record(f, 5, "look", payloads[i].payload);
		if (verify(f) != payloads[i].result)
			fail_msg("%s: %s", payloads[i].payload, f->finding.text);
		if (payloads[i].result == 1) {
			assert_int_equal(f->finding.line, 6);
			assert_int_equal(f->finding.seq, 5);
		}
	}
}

static void an_object_has_at_most_64_members(void **state)
{
	struct fixture *f = *state;
	char payload[1024];

	for (int members = 64; members <= 65; members++) {
		size_t len = 0;

		for (int i = 0; i < members; i++)
			len += (size_t)snprintf(
				payload + len, sizeof(payload) - len, "%s\"a%02d\":0", i == 0 ? "{" : ",", i);
		snprintf(payload + len, sizeof(payload) - len, "}");
		build(f, 4);
		put_record(f, 5, "look", payload);
		assert_int_equal(verify(f), members == 65);
	}
}

/* A chain that was made right, with one thing in it that may not be. */
static void a_well_chained_ledger_of_two_owners_is_broken(void **state)
{
	struct fixture *f = *state;
	struct bytes payload = {.data = (uint8_t *)"{}", .len = 2};
	struct ledger_record record;
	uint8_t leaf[DIGEST_LEN];

	for (int what = 0; what < 4; what++) {
		f->line_count = 0;
		memset(f->head, 0, sizeof(f->head));
		if (what < 3)
			put_record(f, 1, "begin", "{}");
		record = record_of(f, what < 3 ? 2 : 1, "start", &payload);
		if (what == 0)
			record.seller = "9900000023";
		else if (what == 1)
			record.store = "ffffffffffffffffffffffffffffffff";
		else if (what == 2)
			record.epoch = 0;
		bytes_text(next_line(f), "{\"payload\":{},\"record\":");
		ledger_record_write(&record, &f->lines[f->line_count - 1]);
		bytes_char(&f->lines[f->line_count - 1], '}');
		assert_int_equal(ledger_record_hash(&record, f->head, leaf, NULL), 0);
		assert_broken(f, what < 3 ? 2 : 1, what < 3 ? 2 : 1,
			what < 2    ? "another store or seller"
			: what == 2 ? "epoch"
				    : "not \"begin\"");
	}
}

static void a_checkpoint_signs_exactly_the_records_before_it(void **state)
{
	struct fixture *f = *state;

	swap_lines(f, 4, 5);
	assert_broken(f, 4, 3, "a checkpoint of 4 records does not stand directly behind record 4");
	edit(f, 5, "\"size\":4", "\"size\":3");
	assert_broken(f, 5, 4, "a checkpoint of 3 records");
	/* One of each size: a second one stands behind a checkpoint. */
	bytes_clear(&f->lines[5]);
	bytes_append(&f->lines[5], f->lines[4].data, f->lines[4].len);
	assert_broken(f, 6, 4, "does not stand directly behind");
	memset(strstr((char *)f->lines[4].data, "\"root\":\"") + 8, '0', 64);
	assert_broken(f, 5, 4, "was made of other records");
	memset(strstr((char *)f->lines[4].data, "\"head\":\"") + 8, '0', 64);
	assert_broken(f, 5, 4, "was made of other records");
	memset(strstr((char *)f->lines[4].data, "\"sig\":\"") + 7, '1', 128);
	assert_broken(f, 5, 4, "the signature");
	edit(f, 5, "\\u000a4\\u000a", "\\u000a5\\u000a");
	assert_broken(f, 5, 4, "the note");
	edit(f, 5, "1795327300000", "1795327300001");
	assert_broken(f, 5, 4, "the signature");
	edit(f, 5, "\"size\":4}", "\"sise\":4}");
	assert_broken(f, 5, 4, "has not the form");
}

static void a_key_is_believed_only_after_it_was_announced(void **state)
{
	struct fixture *f = *state;
	struct ecsign_key *other = NULL;
	char path[128];
	char key[300] = "{\"spki\":\"";
	uint8_t spki[ECSIGN_SPKI_LEN];

	snprintf(path, sizeof(path), "%s.other", f->path);
	assert_int_equal(ecsign_load_or_make(path, &other, NULL), 0);
	assert_int_equal(ecsign_public(other, spki, NULL), 0);
	hex_format(spki, sizeof(spki), key + strlen(key));
	strcat(key, "\"}");
	/* A payload of another event announces nothing. */
	for (int what = 0; what < 2; what++) {
		f->line_count = 0;
		memset(&f->edge, 0, sizeof(f->edge));
		memset(f->head, 0, sizeof(f->head));
		put_record(f, 1, "begin", "{}");
		put_record(f, 2, what == 0 ? "look" : "key", key);
		put_checkpoint(f, other, 2);
		if (what == 0)
			assert_broken(f, 3, 2, "was not announced");
		else
			assert_int_equal(verify(f), 0);
	}
	ecsign_free(other);
	unlink(path);
}

/* What cannot be a key of a checkpoint is refused where it is announced, not where it is used. */
static void what_is_no_key_is_refused_where_it_is_announced(void **state)
{
	static const char *const heads[] = {"3059301306072a8648ce3d020106082a8648ce3d03010703420004",
		"3059301306072a8648ce3d020106082a8648ce3d03010703420006",
		"3059301306072A8648CE3D020106082A8648CE3D03010703420004"};
	struct fixture *f = *state;
	char payload[300];
	char point[2 * 64 + 1];

	hex_format(f->spki + ECSIGN_SPKI_LEN - 64, 64, point);
	for (size_t what = 0; what < 5; what++) {
		if (what == 3)
			point[127] = point[127] == '0' ? '1' : '0'; /* off the curve */
		snprintf(payload, sizeof(payload), what < 4 ? "{\"spki\":\"%s%s\"}" : "{\"spki\":1}", heads[what % 3],
			point);
		build(f, 4);
		put_record(f, 5, "key", payload);
		if (what == 0)
			assert_int_equal(verify(f), 0);
		else
			assert_broken(f, 6, 5, "is no P-256 key");
		build(f, 4);
		put_record(f, 5, "look", payload);
		assert_int_equal(verify(f), 0);
	}
}

static void the_first_key_that_replaces_a_lost_one_is_shown(void **state)
{
	struct fixture *f = *state;
	char payload[300] = "{\"spki\":\"";

	hex_format(f->spki, sizeof(f->spki), payload + strlen(payload));
	strcat(payload, "\",\"why\":\"lost\"}");
	assert_int_equal(verify(f), 0);
	assert_int_equal(f->summary.lost_key_seq, 0);
	build(f, 4);
	put_record(f, 5, "key", payload);
	put_record(f, 6, "key", payload);
	assert_int_equal(verify(f), 0);
	assert_int_equal(f->summary.lost_key_seq, 5);
}

/* 1,048,576 bytes, the LF not among them. */
static void the_longest_line_is_taken_and_one_byte_more_is_not(void **state)
{
	struct fixture *f = *state;
	char *payload = malloc((1 << 20) + 16);
	size_t room;

	assert_non_null(payload);
	build(f, 4);
	put_record(f, 5, "look", "{\"a\":\"\"}");
	room = (1 << 20) - f->lines[5].len;
	for (size_t more = 0; more < 2; more++) {
		size_t len = room + more;

		memcpy(payload, "{\"a\":\"", 6);
		memset(payload + 6, 'x', len);
		memcpy(payload + 6 + len, "\"}", 3);
		build(f, 4);
		put_record(f, 5, "look", payload);
		assert_int_equal(f->lines[5].len, (1 << 20) + more);
		assert_int_equal(verify(f), (int)more);
	}
	assert_int_equal(f->finding.reason, LEDGER_BAD_LINE);
	free(payload);
}

static void a_file_that_was_cut_off_is_named(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(verify(f), 0);
	/* Wherever it is cut, but for the end of a line, the last line is not whole. */
	for (size_t len = f->text.len - 1; len > 0; len--) {
		int result = ledger_verify_export((const char *)f->text.data, len, &f->finding, &f->summary, NULL);

		if (f->text.data[len - 1] == '\n') {
			assert_int_equal(result, 0);
			continue;
		}
		assert_int_equal(result, 1);
		assert_string_equal(f->finding.text, "the last line is cut off");
		assert_int_equal(f->finding.seq, f->summary.last_seq + 1);
	}
	assert_int_equal(ledger_verify_export("", 0, &f->finding, &f->summary, NULL), 1);
	assert_string_equal(f->finding.text, "there is no record in it");
}

/* Every byte of the file is held by something: a bit of each is turned, once the lowest, once the one of the case. */
static void no_byte_can_be_changed(void **state)
{
	static const uint8_t bits[] = {0x01, 0x20};
	struct fixture *f = *state;

	assert_int_equal(verify(f), 0);
	for (size_t i = 0; i < 2 * f->text.len; i++) {
		uint8_t bit = bits[i % 2];
		uint8_t *byte = &f->text.data[i / 2];

		*byte ^= bit;
		if (ledger_verify_export((const char *)f->text.data, f->text.len, &f->finding, &f->summary, NULL) != 1)
			fail_msg("byte %zu may be changed to %c", i / 2, *byte);
		*byte ^= bit;
	}
	assert_true(f->text.len > 3000);
}

/* hoadon-verify and tests/verify.py name the words of the page. */
static void the_words_of_reasons_are_those_of_the_format_page(void **state)
{
	struct bytes page;
	char mark[40];

	(void)state;
	bytes_init(&page, 1 << 20);
	assert_int_equal(file_read(SCHEMAS_DIR "/ledger/FORMAT.md", &page, NULL), 0);
	for (enum ledger_reason reason = LEDGER_BAD_CUT; reason <= LEDGER_BAD_EMPTY; reason++) {
		snprintf(mark, sizeof(mark), "`%s`", ledger_reason_word(reason));
		assert_non_null(strstr((char *)page.data, mark));
		assert_string_not_equal(ledger_reason_text(reason, true), ledger_reason_text(reason, false));
	}
	bytes_done(&page);
}

static void the_words_of_events_are_those_of_the_table(void **state)
{
	(void)state;
	assert_string_equal(ledger_event_word(LEDGER_CRASH_FOUND), "crash-found");
	assert_null(ledger_event_word(LEDGER_EVENT_COUNT));
	assert_null(ledger_event_word(-1));
	for (int i = 0; i < LEDGER_EVENT_COUNT; i++)
		assert_non_null(ledger_event_word(i));
}

static void a_commitment_is_the_hash_of_salt_and_digest(void **state)
{
	/* printf '%096d' 0 | xxd -r -p | sha256sum */
	static const char expected[] = "17b0761f87b081d5cf10757ccc89f12be355c70e2e29df288b65b30710dcbcd1";
	uint8_t salt[16] = {0};
	uint8_t digest[DIGEST_LEN] = {0};
	uint8_t out[DIGEST_LEN];
	char hex[DIGEST_HEX_LEN + 1];

	(void)state;
	ledger_commit(salt, digest, out);
	hex_format(out, sizeof(out), hex);
	assert_string_equal(hex, expected);
}

#define LEDGER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LEDGER_TEST(a_whole_export_verifies),
		cmocka_unit_test(the_example_of_the_format_page_verifies),
		cmocka_unit_test(a_record_has_the_bytes_of_the_format_page),
		cmocka_unit_test(the_edge_gives_the_root_of_the_whole_tree),
		LEDGER_TEST(a_missing_record_is_named),
		LEDGER_TEST(records_out_of_order_or_twice_are_named),
		LEDGER_TEST(a_changed_payload_is_named),
		LEDGER_TEST(a_changed_record_is_named_by_the_one_behind_it),
		LEDGER_TEST(a_wrong_prev_is_named_where_it_stands),
		LEDGER_TEST(another_spelling_is_no_record),
		LEDGER_TEST(a_payload_is_restricted_json),
		LEDGER_TEST(an_object_has_at_most_64_members),
		LEDGER_TEST(a_well_chained_ledger_of_two_owners_is_broken),
		LEDGER_TEST(a_checkpoint_signs_exactly_the_records_before_it),
		LEDGER_TEST(a_key_is_believed_only_after_it_was_announced),
		LEDGER_TEST(what_is_no_key_is_refused_where_it_is_announced),
		LEDGER_TEST(the_first_key_that_replaces_a_lost_one_is_shown),
		LEDGER_TEST(the_longest_line_is_taken_and_one_byte_more_is_not),
		LEDGER_TEST(a_file_that_was_cut_off_is_named),
		LEDGER_TEST(no_byte_can_be_changed),
		cmocka_unit_test(the_words_of_reasons_are_those_of_the_format_page),
		cmocka_unit_test(the_words_of_events_are_those_of_the_table),
		cmocka_unit_test(a_commitment_is_the_hash_of_salt_and_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
