#include "core/ledger_verify.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/ecsign.h"
#include "base/text.h"

#define LINE_MAX_BYTES	  ((size_t)1 << 20)
#define FIELDS_MAX	  64
#define KEYS_MAX	  1024
#define NOTE_MAX	  ((size_t)1024)
#define RECORD_FIELDS	  13
#define CHECKPOINT_FIELDS 6
#define TEXT_MAX	  64 /* of boot, event and seller */

static const struct {
	const char *word, *en, *vi;
} reasons[] = {
#define X(name, word, en, vi) [LEDGER_BAD_##name] = {word, en, vi},
	LEDGER_REASONS(X)
#undef X
};

const char *ledger_reason_word(enum ledger_reason reason)
{
	return reasons[reason].word;
}

const char *ledger_reason_text(enum ledger_reason reason, bool is_vi)
{
	return is_vi ? reasons[reason].vi : reasons[reason].en;
}

struct span {
	const char *at;
	size_t len;
};

/* One member of a flat object; @number counts only when there is no @text. */
struct field {
	struct span key;
	struct span text; /* raw, between its quotes; at NULL = a number */
	int64_t number;
};

struct flat {
	struct span bytes; /* from { to } */
	struct field fields[FIELDS_MAX];
	size_t count;
};

struct verifier {
	const char *at, *end; /* behind the current line */
	struct span line;
	struct ledger_finding *finding;
	struct ledger_summary *summary;
	struct ledger_edge edge;
	uint8_t head[DIGEST_LEN];
	int64_t head_line; /* of the record that head is of */
	int64_t epoch;	   /* of the record before */
	char seller[TEXT_MAX + 1];
	struct bytes leaf; /* room for 00 and a record */
	struct bytes keys; /* SHA-256 of each announced SubjectPublicKeyInfo */
};

static int broken(struct verifier *verifier, enum ledger_reason reason, int64_t seq, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static int broken(struct verifier *verifier, enum ledger_reason reason, int64_t seq, const char *format, ...)
{
	va_list args;

	verifier->finding->reason = reason;
	verifier->finding->seq = seq;
	va_start(args, format);
	vsnprintf(verifier->finding->text, sizeof(verifier->finding->text), format, args);
	va_end(args);
	return 1;
}

static bool eat(struct span *span, const char *literal)
{
	size_t len = strlen(literal);

	if (span->len < len || memcmp(span->at, literal, len) != 0)
		return false;
	span->at += len;
	span->len -= len;
	return true;
}

/* Bytes of the escape that begins at @at, 0 when restricted JSON has no such one; \n stands in lines only that are not hashed. */
static size_t escape_len(const char *at, size_t left, bool is_hashed)
{
	if (left >= 2 && (at[1] == '"' || at[1] == '\\' || (at[1] == 'n' && !is_hashed)))
		return 2;
	if (left < 6 || memcmp(at, "\\u00", 4) != 0 || memcmp(at + 4, "00", 2) == 0)
		return 0;
	return (at[4] == '0' || at[4] == '1') && memchr("0123456789abcdef", at[5], 16) ? 6 : 0;
}

/* A string between quotes, its escapes left as they are. Whether it is UTF-8 was asked of the whole line. */
static bool eat_string(struct span *span, bool is_hashed, struct span *ret)
{
	size_t i = 1;

	if (span->len == 0 || span->at[0] != '"')
		return false;
	while (i < span->len && span->at[i] != '"') {
		size_t step = span->at[i] == '\\' ? escape_len(span->at + i, span->len - i, is_hashed)
						  : (unsigned char)span->at[i] >= 0x20;

		if (step == 0)
			return false;
		i += step;
	}
	if (i >= span->len)
		return false;
	*ret = (struct span){span->at + 1, i - 1};
	span->at += i + 1;
	span->len -= i + 1;
	return true;
}

/* A string of ASCII letters, digits and _, at least one, and the colon behind it. */
static bool eat_name(struct span *span, struct span *ret)
{
	if (!eat_string(span, true, ret) || ret->len == 0 || !eat(span, ":"))
		return false;
	for (size_t i = 0; i < ret->len; i++) {
		unsigned char c = (unsigned char)ret->at[i];

		if (c >= 0x80 || (!isalnum(c) && c != '_'))
			return false;
	}
	return true;
}

/* -?(0|[1-9][0-9]*) within 64 bits, and no -0. */
static bool eat_number(struct span *span, int64_t *ret)
{
	bool is_negative = span->len > 0 && span->at[0] == '-';
	size_t i = is_negative;
	int64_t value = 0;

	for (; i < span->len && span->at[i] >= '0' && span->at[i] <= '9'; i++)
		if (__builtin_mul_overflow(value, 10, &value) ||
			__builtin_sub_overflow(value, span->at[i] - '0', &value))
			return false;
	if (i == (size_t)is_negative || (span->at[is_negative] == '0' && i > 1))
		return false;
	if (!is_negative && __builtin_sub_overflow(0, value, &value))
		return false;
	*ret = value;
	span->at += i;
	span->len -= i;
	return true;
}

static int compare_spans(struct span a, struct span b)
{
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Restricted JSON (FORMAT.md section 1), which has one spelling of a value. @span is left behind the object. */
static bool eat_flat(struct span *span, bool is_hashed, struct flat *ret)
{
	const char *start = span->at;

	ret->count = 0;
	if (!eat(span, "{"))
		return false;
	while (!eat(span, "}")) {
		struct field *field = &ret->fields[ret->count];

		if (ret->count == FIELDS_MAX || (ret->count > 0 && !eat(span, ",")))
			return false;
		*field = (struct field){.number = 0};
		if (!eat_name(span, &field->key))
			return false;
		if (ret->count > 0 && compare_spans(field[-1].key, field->key) >= 0)
			return false;
		if (!eat_string(span, is_hashed, &field->text) && !eat_number(span, &field->number))
			return false;
		ret->count++;
	}
	ret->bytes = (struct span){start, (size_t)(span->at - start)};
	return true;
}

static const struct field *find_field(const struct flat *flat, const char *key)
{
	for (size_t i = 0; i < flat->count; i++)
		if (compare_spans(flat->fields[i].key, (struct span){key, strlen(key)}) == 0)
			return &flat->fields[i];
	return NULL;
}

static bool get_number(const struct flat *flat, const char *key, int64_t *ret)
{
	const struct field *field = find_field(flat, key);

	if (!field || field->text.at)
		return false;
	*ret = field->number;
	return true;
}

/* The plain text of a string, its escapes undone; false when there is no such string or it does not fit. */
static bool get_text(const struct flat *flat, const char *key, char *out, size_t room)
{
	const struct field *field = find_field(flat, key);
	struct span rest = field ? field->text : (struct span){NULL, 0};
	size_t len = 0;

	if (!rest.at)
		return false;
	while (rest.len > 0 && len + 1 < room) {
		char c = rest.at[0];
		size_t step = 1;

		if (c == '\\') {
			step = rest.at[1] == 'u' ? 6 : 2;
			c = rest.at[1] == 'n' ? '\n' : rest.at[1];
			if (step == 6)
				c = (char)((rest.at[4] - '0') << 4 |
					   (rest.at[5] <= '9' ? rest.at[5] - '0' : rest.at[5] - 'a' + 10));
		}
		out[len++] = c;
		rest = (struct span){rest.at + step, rest.len - step};
	}
	out[len] = '\0';
	return rest.len == 0;
}

/* Lower case only: a value has one spelling. */
static bool get_hex(const struct flat *flat, const char *key, void *out, size_t len)
{
	const struct field *field = find_field(flat, key);
	char text[2 * ECSIGN_SPKI_LEN + 1];

	if (!field || !field->text.at || field->text.len != 2 * len || sizeof(text) <= 2 * len)
		return false;
	memcpy(text, field->text.at, 2 * len);
	text[2 * len] = '\0';
	return strspn(text, "0123456789abcdef") == 2 * len && hex_parse(text, out, len) == 0;
}

/* A record as read. */
struct parsed {
	int64_t epoch, seq;
	char seller[TEXT_MAX + 1], store[33], event[TEXT_MAX + 1];
	uint8_t payload[DIGEST_LEN], prev[DIGEST_LEN];
};

static bool parse_record(const struct flat *flat, struct parsed *ret)
{
	char text[TEXT_MAX + 1];
	uint8_t store[16];
	int64_t number;

	return flat->count == RECORD_FIELDS && get_text(flat, "alg", text, sizeof(text)) &&
	       strcmp(text, "sha256") == 0 && get_text(flat, "boot", text, sizeof(text)) &&
	       get_text(flat, "domain", text, sizeof(text)) && strcmp(text, LEDGER_DOMAIN) == 0 &&
	       get_number(flat, "epoch", &ret->epoch) && get_text(flat, "event", ret->event, sizeof(ret->event)) &&
	       get_number(flat, "mono", &number) && get_hex(flat, "payload", ret->payload, DIGEST_LEN) &&
	       get_hex(flat, "prev", ret->prev, DIGEST_LEN) &&
	       get_text(flat, "seller", ret->seller, sizeof(ret->seller)) && get_number(flat, "seq", &ret->seq) &&
	       get_hex(flat, "store", store, sizeof(store)) &&
	       get_text(flat, "store", ret->store, sizeof(ret->store)) && get_number(flat, "wall", &number) &&
	       get_number(flat, "trust", &number) && number >= CLOCK_UNKNOWN && number <= CLOCK_TEST;
}

static int check_order(struct verifier *verifier, int64_t seq)
{
	int64_t expected = verifier->summary->last_seq + 1;

	if (seq < expected)
		return broken(verifier, LEDGER_BAD_ORDER, seq, "record %" PRId64 " stands behind record %" PRId64, seq,
			expected - 1);
	if (seq > expected)
		return broken(verifier, LEDGER_BAD_GAP, expected,
			"record %" PRId64 " is missing: %" PRId64 " stands in its place", expected, seq);
	return 0;
}

static bool is_vouched_by_next(const struct verifier *verifier, const uint8_t hash[DIGEST_LEN])
{
	size_t left = (size_t)(verifier->end - verifier->at);
	const char *end = memchr(verifier->at, '\n', left);
	char hex[DIGEST_HEX_LEN + 1];

	hex_format(hash, DIGEST_LEN, hex);
	return memmem(verifier->at, end ? (size_t)(end - verifier->at) : left, hex, DIGEST_HEX_LEN) != NULL;
}

/* Either side of a broken link may have been changed: a record that the next one vouches for was not. */
static int tell_link(struct verifier *verifier, int64_t seq, const uint8_t hash[DIGEST_LEN])
{
	if (seq == 1 || !is_vouched_by_next(verifier, hash))
		return broken(verifier, LEDGER_BAD_LINK, seq,
			"record %" PRId64 " does not continue the record before it", seq);
	verifier->finding->line = verifier->head_line;
	return broken(verifier, LEDGER_BAD_CHANGED, seq - 1,
		"record %" PRId64 " was changed: record %" PRId64 " was made after another one", seq - 1, seq);
}

static int check_identity(struct verifier *verifier, const struct parsed *parsed)
{
	struct ledger_summary *summary = verifier->summary;
	int64_t seq = parsed->seq;

	if (seq == 1) {
		snprintf(summary->store, sizeof(summary->store), "%s", parsed->store);
		snprintf(verifier->seller, sizeof(verifier->seller), "%s", parsed->seller);
		if (strcmp(parsed->event, ledger_event_word(LEDGER_BEGIN)) != 0)
			return broken(verifier, LEDGER_BAD_BEGIN, seq, "the first record is not \"begin\"");
	}
	if (strcmp(summary->store, parsed->store) != 0 || strcmp(verifier->seller, parsed->seller) != 0)
		return broken(verifier, LEDGER_BAD_OWNER, seq, "record %" PRId64 " is of another store or seller", seq);
	if (parsed->epoch < verifier->epoch)
		return broken(verifier, LEDGER_BAD_EPOCH, seq, "record %" PRId64 " goes back to epoch %" PRId64, seq,
			parsed->epoch);
	verifier->epoch = parsed->epoch;
	return 0;
}

static bool is_announced(const struct verifier *verifier, const uint8_t spki[ECSIGN_SPKI_LEN])
{
	uint8_t digest[DIGEST_LEN];

	digest_sha256(spki, ECSIGN_SPKI_LEN, digest);
	for (size_t at = 0; at < verifier->keys.len; at += DIGEST_LEN)
		if (memcmp(verifier->keys.data + at, digest, DIGEST_LEN) == 0)
			return true;
	return false;
}

/* What a record says about keys: the payload of "begin" and "key" may hold "spki". */
static int take_key(
	struct verifier *verifier, const struct parsed *parsed, const struct flat *payload, struct fault *fault)
{
	bool may_announce = strcmp(parsed->event, ledger_event_word(LEDGER_BEGIN)) == 0 ||
			    strcmp(parsed->event, ledger_event_word(LEDGER_KEY)) == 0;
	uint8_t spki[ECSIGN_SPKI_LEN];
	uint8_t digest[DIGEST_LEN];
	char why[sizeof("lost")];

	if (!may_announce || !find_field(payload, "spki"))
		return 0;
	if (!get_hex(payload, "spki", spki, sizeof(spki)) || !ecsign_is_key(spki))
		return broken(verifier, LEDGER_BAD_KEY, parsed->seq, "the key in record %" PRId64 " is no P-256 key",
			parsed->seq);
	if (!verifier->summary->lost_key_seq && get_text(payload, "why", why, sizeof(why)) && strcmp(why, "lost") == 0)
		verifier->summary->lost_key_seq = parsed->seq;
	if (is_announced(verifier, spki))
		return 0;
	if (verifier->keys.len == (size_t)KEYS_MAX * DIGEST_LEN)
		return broken(verifier, LEDGER_BAD_KEY, parsed->seq,
			"record %" PRId64 " announces one key more than the %d that may be", parsed->seq, KEYS_MAX);
	digest_sha256(spki, sizeof(spki), digest);
	bytes_append(&verifier->keys, digest, sizeof(digest));
	return bytes_check(&verifier->keys, "the keys of a ledger", fault);
}

static int accept(struct verifier *verifier, const uint8_t hash[DIGEST_LEN], struct span record, struct fault *fault)
{
	uint8_t leaf[DIGEST_LEN];
	int result;

	/* 00 stands in front of a leaf (RFC 9162, 2.1.1). */
	bytes_clear(&verifier->leaf);
	bytes_char(&verifier->leaf, '\0');
	bytes_append(&verifier->leaf, record.at, record.len);
	result = bytes_check(&verifier->leaf, "a ledger record", fault);
	if (result < 0)
		return result;
	digest_sha256(verifier->leaf.data, verifier->leaf.len, leaf);
	memcpy(verifier->head, hash, DIGEST_LEN);
	verifier->head_line = verifier->finding->line;
	ledger_edge_add(&verifier->edge, leaf);
	verifier->summary->first_seq = 1;
	verifier->summary->last_seq++;
	verifier->summary->records++;
	return 0;
}

static int check_record(
	struct verifier *verifier, const struct flat *payload, const struct flat *record, struct fault *fault)
{
	struct parsed parsed = {.seller = ""};
	uint8_t digest[DIGEST_LEN];
	int64_t expected = verifier->summary->last_seq + 1;
	int result;

	if (!parse_record(record, &parsed))
		return broken(verifier, LEDGER_BAD_RECORD, expected, "record %" PRId64 " has not the form of version 1",
			expected);
	result = check_order(verifier, parsed.seq);
	if (result != 0)
		return result;
	digest_sha256(payload->bytes.at, payload->bytes.len, digest);
	if (memcmp(digest, parsed.payload, DIGEST_LEN) != 0)
		return broken(verifier, LEDGER_BAD_PAYLOAD, expected, "the payload of record %" PRId64 " was changed",
			expected);
	digest_sha256(record->bytes.at, record->bytes.len, digest);
	if (memcmp(parsed.prev, verifier->head, DIGEST_LEN) != 0)
		return tell_link(verifier, expected, digest);
	result = check_identity(verifier, &parsed);
	if (result == 0)
		result = take_key(verifier, &parsed, payload, fault);
	return result != 0 ? result : accept(verifier, digest, record->bytes, fault);
}

struct checkpoint {
	int64_t size;
	uint8_t root[DIGEST_LEN], head[DIGEST_LEN];
	uint8_t spki[ECSIGN_SPKI_LEN], sig[ECSIGN_LEN];
	char note[NOTE_MAX];
};

static bool parse_checkpoint(const struct flat *flat, struct checkpoint *ret)
{
	const struct field *note = find_field(flat, "note");

	return note && note->text.at && flat->count == CHECKPOINT_FIELDS && get_number(flat, "size", &ret->size) &&
	       get_hex(flat, "root", ret->root, DIGEST_LEN) && get_hex(flat, "head", ret->head, DIGEST_LEN) &&
	       get_hex(flat, "key", ret->spki, sizeof(ret->spki)) && get_hex(flat, "sig", ret->sig, sizeof(ret->sig));
}

/* The note is made again from what was read here; only its time is taken from it. */
static bool is_note_right(const struct verifier *verifier, const struct flat *flat, struct checkpoint *checkpoint)
{
	BYTES_CLEANUP struct bytes note = {.max = NOTE_MAX};
	struct span last = {checkpoint->note, 0};
	int64_t wall_ms = 0;

	if (!get_text(flat, "note", checkpoint->note, sizeof(checkpoint->note)))
		return false;
	for (const char *c = checkpoint->note; *c; c++)
		if (*c == '\n' && c[1] != '\0')
			last.at = c + 1;
	last.len = strlen(last.at);
	if (!eat_number(&last, &wall_ms))
		return false;
	ledger_checkpoint_note(verifier->summary->store, (uint64_t)checkpoint->size, checkpoint->root, checkpoint->head,
		wall_ms, &note);
	return !note.failed && strcmp((const char *)note.data, checkpoint->note) == 0;
}

static int check_checkpoint(struct verifier *verifier, const struct flat *flat)
{
	struct checkpoint checkpoint;
	int64_t seq = verifier->summary->last_seq;
	uint8_t root[DIGEST_LEN];

	if (!parse_checkpoint(flat, &checkpoint))
		return broken(verifier, LEDGER_BAD_CHECKPOINT, seq,
			"the checkpoint behind record %" PRId64 " has not the form of version 1", seq);
	if (verifier->finding->line != verifier->head_line + 1 || checkpoint.size != seq || seq == 0)
		return broken(verifier, LEDGER_BAD_PLACE, seq,
			"a checkpoint of %" PRId64 " records does not stand directly behind record %" PRId64,
			checkpoint.size, checkpoint.size);
	ledger_edge_root(&verifier->edge, root);
	if (memcmp(checkpoint.head, verifier->head, DIGEST_LEN) != 0 || memcmp(checkpoint.root, root, DIGEST_LEN) != 0)
		return broken(verifier, LEDGER_BAD_TREE, seq,
			"the checkpoint of record %" PRId64 " was made of other records", seq);
	if (!is_note_right(verifier, flat, &checkpoint))
		return broken(verifier, LEDGER_BAD_NOTE, seq,
			"the note of the checkpoint of record %" PRId64 " says something else", seq);
	if (!is_announced(verifier, checkpoint.spki))
		return broken(verifier, LEDGER_BAD_UNKNOWN_KEY, seq,
			"the key of the checkpoint of record %" PRId64 " was not announced before it", seq);
	if (ecsign_verify(checkpoint.spki, sizeof(checkpoint.spki), checkpoint.note, strlen(checkpoint.note),
		    checkpoint.sig, NULL) != 0)
		return broken(verifier, LEDGER_BAD_SIGNATURE, seq,
			"the signature of the checkpoint of record %" PRId64 " is wrong", seq);
	verifier->summary->checkpoints++;
	verifier->summary->has_checkpoint = true;
	return 0;
}

static int check_line(struct verifier *verifier, struct fault *fault)
{
	int64_t next = verifier->summary->last_seq + 1;
	struct span rest = verifier->line;
	struct flat first;
	struct flat second;

	if (rest.len > LINE_MAX_BYTES || !text_is_utf8(rest.at, rest.len))
		return broken(verifier, LEDGER_BAD_LINE, next, "this line is too long or not UTF-8");
	if (eat(&rest, "{\"checkpoint\":")) {
		if (eat_flat(&rest, false, &first) && eat(&rest, "}") && rest.len == 0)
			return check_checkpoint(verifier, &first);
		return broken(verifier, LEDGER_BAD_LINE, next, "this line is no checkpoint as version 1 writes it");
	}
	if (eat(&rest, "{\"payload\":") && eat_flat(&rest, true, &first) && eat(&rest, ",\"record\":") &&
		eat_flat(&rest, true, &second) && eat(&rest, "}") && rest.len == 0)
		return check_record(verifier, &first, &second, fault);
	return broken(
		verifier, LEDGER_BAD_LINE, next, "this line is no record in restricted JSON, as version 1 writes it");
}

static int check_lines(struct verifier *verifier, struct fault *fault)
{
	int result = 0;

	while (result == 0 && verifier->at < verifier->end) {
		const char *stop = memchr(verifier->at, '\n', (size_t)(verifier->end - verifier->at));

		verifier->finding->line++;
		if (!stop)
			return broken(
				verifier, LEDGER_BAD_CUT, verifier->summary->last_seq + 1, "the last line is cut off");
		verifier->line = (struct span){verifier->at, (size_t)(stop - verifier->at)};
		verifier->at = stop + 1;
		result = check_line(verifier, fault);
	}
	if (result == 0 && verifier->summary->records == 0)
		return broken(verifier, LEDGER_BAD_EMPTY, 0, "there is no record in it");
	return result;
}

int ledger_verify_export(const char *text, size_t len, struct ledger_finding *finding, struct ledger_summary *summary,
	struct fault *fault)
{
	struct ledger_finding found = {.line = 0};
	struct verifier verifier = {.at = text, .end = text + len, .finding = &found, .summary = summary, .epoch = 1};
	int result;

	*summary = (struct ledger_summary){.records = 0};
	bytes_init(&verifier.keys, (size_t)KEYS_MAX * DIGEST_LEN);
	bytes_init(&verifier.leaf, LINE_MAX_BYTES + 1);
	result = check_lines(&verifier, fault);
	bytes_done(&verifier.leaf);
	bytes_done(&verifier.keys);
	if (summary->records > 0)
		ledger_tail(verifier.head, summary->tail);
	if (result == 1)
		*finding = found;
	return result;
}
