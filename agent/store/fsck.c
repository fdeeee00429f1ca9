#include "store/fsck.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "core/law.h"
#include "store/blob.h"
#include "store/ledger.h"
#include "store/run.h"

#define PROGRESS_EVERY 10000
#define ROW_ARENA      ((size_t)1 << 20)

const char *fsck_word(enum fsck_kind kind)
{
	static const char *const words[] = {
#define X(name, word) [FSCK_##name] = word,
		FSCK_KINDS(X)
#undef X
	};

	return (unsigned int)kind < FSCK_KIND_COUNT ? words[kind] : "";
}

void fsck_found(struct fsck_watch *watch, enum fsck_kind kind, int64_t id, const char *format, ...)
{
	struct fsck_finding finding = {.kind = kind, .id = id};
	va_list args;

	va_start(args, format);
	vsnprintf(finding.text, sizeof(finding.text), format, args);
	va_end(args);
	watch->count++;
	watch->found(watch->context, &finding);
}

static void tell(const struct fsck_watch *watch, const char *what, int64_t done)
{
	if (watch->progress && done % PROGRESS_EVERY == 0)
		watch->progress(watch->context, what, done);
}

/* Each yields one row for each finding: the id, and what is wrong. */
static const struct {
	enum fsck_kind kind;
	enum statement statement;
} rules[] = {
	{FSCK_FILE, STATEMENT_FSCK_FILE},
	{FSCK_REFERENCE, STATEMENT_FSCK_REFERENCE},
	{FSCK_INVOICE, STATEMENT_FSCK_INVOICE_BARE},
	{FSCK_RECORD, STATEMENT_FSCK_ISSUED},
	{FSCK_NUMBER, STATEMENT_FSCK_NUMBER},
	{FSCK_PLACE, STATEMENT_FSCK_PLACE},
	{FSCK_CODE, STATEMENT_FSCK_CODE},
	{FSCK_CODE, STATEMENT_FSCK_BLOCK},
	{FSCK_SALE, STATEMENT_FSCK_SALE},
	{FSCK_STUCK, STATEMENT_FSCK_STUCK},
	{FSCK_TALLY, STATEMENT_FSCK_TALLY},
	{FSCK_PAPER, STATEMENT_FSCK_PAPER},
	{FSCK_NOTE, STATEMENT_FSCK_NOTED},
};

static int check_rule(struct store *store, size_t rule, struct fsck_watch *watch, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, rules[rule].statement);
	int result;

	while ((result = query_row(&query, fault)) == 0) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(ROW_ARENA);
		int64_t id = column_int(&query);
		const char *text = arena ? column_text(&query, arena) : NULL;

		if (!text)
			return FAULT(fault, FAULT_MEMORY, "no memory for a finding");
		fsck_found(watch, rules[rule].kind, id, "%s", text);
	}
	return result < 0 ? result : 0;
}

static int check_ledger(struct store *store, struct fsck_watch *watch, struct fault *fault)
{
	struct ledger_finding finding = {0};
	struct ledger_summary summary;
	int result = ledger_check(store, &finding, &summary, NULL, fault);

	if (result == 1)
		fsck_found(watch, FSCK_LEDGER, finding.seq, "%s", finding.text);
	return result < 0 ? result : 0;
}

/* The next column unpacked into @out; false = it does not unpack, and why in @why. */
static int unpack(struct query *query, struct blob_at at, struct bytes *out, bool *ret_is_good, struct fault *fault)
{
	struct fault why = {0};
	size_t len;
	const void *blob = column_blob(query, &len);
	int result;

	bytes_clear(out);
	result = blob_decode(query->store, at, blob, len, out, &why);
	*ret_is_good = result == 0;
	return result == FAULT_FORMAT || result == 0 ? 0 : FAULT(fault, result, "%s", why.text);
}

static bool has_digest(const struct bytes *bytes, const uint8_t digest[DIGEST_LEN])
{
	uint8_t now[DIGEST_LEN];

	digest_sha256(bytes->data ? bytes->data : (const uint8_t *)"", bytes->len, now);
	return digest_equal(now, digest, DIGEST_LEN);
}

static int check_frames(struct store *store, struct fsck_watch *watch, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_FSCK_FRAMES);
	CLEANUP(bytes_done) struct bytes bytes = {.max = BLOB_PLAIN_MAX};
	int64_t done = 0;
	int result;

	while ((result = query_row(&query, fault)) == 0) {
		uint8_t digest[DIGEST_LEN];
		bool is_good = false;
		int64_t id = column_int(&query);

		column_digest(&query, digest);
		result = unpack(&query, BLOB_AT_FRAME(id), &bytes, &is_good, fault);
		if (result)
			return result;
		if (!is_good || !has_digest(&bytes, digest))
			fsck_found(watch, FSCK_FRAME, id, "the bytes of frame %lld are not those that came in",
				(long long)id);
		tell(watch, "frame", ++done);
	}
	return result < 0 ? result : 0;
}

static int check_verdicts(struct store *store, struct fsck_watch *watch, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_FSCK_VERDICTS);
	CLEANUP(bytes_done) struct bytes bytes = {.max = BLOB_PLAIN_MAX};
	int64_t done = 0;
	int result;

	while ((result = query_row(&query, fault)) == 0) {
		bool is_good = false;
		int64_t id = column_int(&query);

		result = unpack(&query, BLOB_AT_VERDICT(id), &bytes, &is_good, fault);
		if (result)
			return result;
		if (!is_good)
			fsck_found(watch, FSCK_VERDICT, id, "answer %lld does not unpack", (long long)id);
		tell(watch, "verdict", ++done);
	}
	return result < 0 ? result : 0;
}

struct invoice_look {
	int64_t id, seq;
	int form;
	char serial[16], code[32];
	int32_t number;
	uint8_t digest[DIGEST_LEN];
	struct bytes xml, payload;
	bool has_xml, has_payload;
};

static void copy_text(struct query *query, char *out, size_t room)
{
	size_t len;
	const char *text = column_blob(query, &len);

	snprintf(out, room, "%.*s", (int)len, text ? text : "");
}

static int read_invoice(struct query *query, struct invoice_look *look, struct fault *fault)
{
	int result;

	look->id = column_int(query);
	look->form = (int)column_int(query);
	copy_text(query, look->serial, sizeof(look->serial));
	look->number = (int32_t)column_int(query);
	copy_text(query, look->code, sizeof(look->code));
	look->seq = column_int(query);
	column_digest(query, look->digest);
	result = unpack(query, BLOB_AT_INVOICE(look->id), &look->xml, &look->has_xml, fault);
	return result ? result : unpack(query, BLOB_AT_LEDGER, &look->payload, &look->has_payload, fault);
}

static bool says(const struct bytes *payload, const char *member)
{
	return payload->len && strstr((const char *)payload->data, member);
}

/* Whether @payload of record @seq has the commitment to @digest as member @name. 1, 0 or < 0. */
static int commits(struct store *store, const struct bytes *payload, int64_t seq, const char *name,
	const uint8_t digest[DIGEST_LEN], struct fault *fault)
{
	char member[DIGEST_HEX_LEN + 16];
	uint8_t salt[16];
	uint8_t commitment[DIGEST_LEN];
	int result = seq > 0 ? ledger_salt(store, seq, salt, fault) : 1;

	if (result)
		return result < 0 ? result : 0;
	ledger_commit(salt, digest, commitment);
	snprintf(member, sizeof(member), "\"%s\":\"", name);
	hex_format(commitment, DIGEST_LEN, member + strlen(member));
	return says(payload, member);
}

/* Number, code and the commitment to the bytes, as the record "issued" has them (schemas/ledger/FORMAT.md, section 7). */
static int is_recorded(struct store *store, const struct invoice_look *look, struct fault *fault)
{
	char number[64];
	char code[64];

	snprintf(number, sizeof(number), "\"form\":%d,\"number\":%d,", look->form, (int)look->number);
	snprintf(code, sizeof(code), "\"code\":\"%s\",", look->code);
	return look->has_payload && says(&look->payload, number) && says(&look->payload, code)
		       ? commits(store, &look->payload, look->seq, "xml", look->digest, fault)
		       : 0;
}

static int check_invoice(
	struct store *store, const struct invoice_look *look, struct fsck_watch *watch, struct fault *fault)
{
	int result;

	if (!look->has_xml || !has_digest(&look->xml, look->digest)) {
		fsck_found(watch, FSCK_INVOICE, look->id, "the bytes of %d%s/%d are not those that were issued",
			look->form, look->serial, (int)look->number);
		return 0;
	}
	result = is_recorded(store, look, fault);
	if (result == 0)
		fsck_found(watch, FSCK_RECORD, look->id, "%d%s/%d is not what record %lld of the ledger says",
			look->form, look->serial, (int)look->number, (long long)look->seq);
	return result < 0 ? result : 0;
}

static int check_invoices(struct store *store, struct fsck_watch *watch, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_FSCK_INVOICES);
	struct invoice_look look = {.xml.max = BLOB_PLAIN_MAX, .payload.max = BLOB_PLAIN_MAX};
	int64_t done = 0;
	int result;

	while ((result = query_row(&query, fault)) == 0) {
		result = read_invoice(&query, &look, fault);
		if (!result)
			result = check_invoice(store, &look, watch, fault);
		if (result)
			break;
		tell(watch, "invoice", ++done);
	}
	bytes_done(&look.xml);
	bytes_done(&look.payload);
	return result < 0 ? result : 0;
}

/* Outage, kind, day and the commitment to the text, as the record "outage-note" has them. 1, 0 or < 0. */
static int is_noted(struct query *query, struct bytes *payload, struct fault *fault)
{
	char kind[32], members[3][64];
	uint8_t digest[DIGEST_LEN];
	bool is_good = false;
	size_t len;
	int64_t seq;
	int result;

	copy_text(query, kind, sizeof(kind));
	snprintf(members[0], sizeof(members[0]), "\"kind\":\"%s\",", kind);
	snprintf(members[1], sizeof(members[1]), "\"said_on\":%lld,", (long long)column_int(query));
	const void *text = column_blob(query, &len);
	digest_sha256(text ? text : "", len, digest);
	seq = column_int(query);
	snprintf(members[2], sizeof(members[2]), "\"begun_at\":%lld,", (long long)column_int(query));
	result = unpack(query, BLOB_AT_LEDGER, payload, &is_good, fault);
	if (result)
		return result;
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		is_good = is_good && says(payload, members[i]);
	return is_good ? commits(query->store, payload, seq, "text", digest, fault) : 0;
}

static int check_notes(struct store *store, struct fsck_watch *watch, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_FSCK_NOTES);
	CLEANUP(bytes_done) struct bytes payload = {.max = BLOB_PLAIN_MAX};
	int result;

	while ((result = query_row(&query, fault)) == 0) {
		int64_t id = column_int(&query);

		result = is_noted(&query, &payload, fault);
		if (result < 0)
			return result;
		if (!result)
			fsck_found(watch, FSCK_NOTE, id, "note %lld is not what its record of the ledger says",
				(long long)id);
	}
	return result < 0 ? result : 0;
}

/* Whether the pack can be used, and its record says what it is. 1, 0 or < 0. */
static int is_imported(struct query *pack, struct query *record, int64_t version, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ROW_ARENA);
	CLEANUP(bytes_done) struct bytes payload = {.max = BLOB_PLAIN_MAX};
	char day[CLOCK_TEXT_MAX], hex[DIGEST_HEX_LEN + 1], expected[256];
	uint8_t digest[DIGEST_LEN], now[DIGEST_LEN];
	int32_t applies_on = (int32_t)column_int(pack);
	struct problem problem;
	struct law law;
	bool is_good = false;
	const char *text;
	size_t len;
	int result;

	column_digest(pack, digest);
	text = column_blob(pack, &len);
	text = text ? text : "";
	digest_sha256(text, len, now);
	result = arena ? law_read(text, len, arena, &law, &problem) : FAULT_MEMORY;
	if (result < 0)
		return FAULT(fault, FAULT_MEMORY, "no memory for a pack of law");
	if (result || !digest_equal(digest, now, DIGEST_LEN) || law.version != version || law.applies_on != applies_on)
		return 0;
	clock_format_day(applies_on, day);
	hex_format(digest, DIGEST_LEN, hex);
	snprintf(expected, sizeof(expected), "{\"applies_on\":\"%s\",\"sha256\":\"%s\",\"version\":%lld}", day, hex,
		(long long)version);
	result = unpack(record, BLOB_AT_LEDGER, &payload, &is_good, fault);
	return result ? result
		      : is_good && payload.len == strlen(expected) && !memcmp(payload.data, expected, payload.len);
}

static int step(struct query *query, bool *is_there, struct fault *fault)
{
	int result = *is_there ? query_row(query, fault) : STORE_NONE;

	*is_there = result == 0;
	return result < 0 ? result : 0;
}

/* Versions ascend with the records, so that packs and records stand in the same order. */
static int check_laws(struct store *store, struct fsck_watch *watch, struct fault *fault)
{
	QUERY_CLEANUP struct query pack = query_new(store, STATEMENT_FSCK_LAWS);
	QUERY_CLEANUP struct query record = query_new(store, STATEMENT_FSCK_LAW_RECORDS);
	bool has_pack = true, has_record = true;

	for (;;) {
		int result = step(&pack, &has_pack, fault);
		int64_t version;

		if (!result)
			result = step(&record, &has_record, fault);
		if (result || (!has_pack && !has_record))
			return result;
		version = has_pack ? column_int(&pack) : 0;
		result = has_pack && has_record ? is_imported(&pack, &record, version, fault) : 0;
		if (result < 0)
			return result;
		if (!result && has_pack)
			fsck_found(watch, FSCK_LAW, version, "pack %lld of the law is not as the ledger says",
				(long long)version);
		else if (!result)
			fsck_found(watch, FSCK_LAW, 0, "the ledger says law once more, and there is no pack");
	}
}

static int check_all(struct store *store, struct fsck_watch *watch, struct fault *fault)
{
	int result = 0;

	for (size_t i = 0; !result && i < ARRAY_LEN(rules); i++)
		result = check_rule(store, i, watch, fault);
	if (!result)
		result = check_ledger(store, watch, fault);
	if (!result)
		result = check_frames(store, watch, fault);
	if (!result)
		result = check_invoices(store, watch, fault);
	if (!result)
		result = check_notes(store, watch, fault);
	if (!result)
		result = check_laws(store, watch, fault);
	return result ? result : check_verdicts(store, watch, fault);
}

int fsck_store(struct store *store, struct fsck_watch *watch, struct fault *fault)
{
	int result = store_begin_read(store, fault);

	if (!result)
		result = check_all(store, watch, fault);
	store_rollback(store);
	return result;
}

int fsck_newest(struct store *store, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_FSCK_NEWEST);
	int result = query_row(&query, fault);
	return result < 0 ? result : 0;
}

int fsck_quick(struct store *store, char why[FSCK_TEXT_MAX], struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_FSCK_QUICK);
	int result = query_row(&query, fault);
	size_t len;

	if (result)
		return result < 0 ? result : 0;
	const void *text = column_blob(&query, &len);
	snprintf(why, FSCK_TEXT_MAX, "%.*s", (int)len, text ? (const char *)text : "");
	return 1;
}
