#include "core/ledger_proof.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RECORD_MAX ((size_t)65536)
#define TAIL_BYTES 10 /* 80 bits */

static const char *const event_words[] = {
#define X(name, word) [LEDGER_##name] = word,
	LEDGER_EVENTS(X)
#undef X
};
_Static_assert(ARRAY_LEN(event_words) == LEDGER_EVENT_COUNT, "one word for each event");

const char *ledger_event_word(int event)
{
	return event >= 0 && event < LEDGER_EVENT_COUNT ? event_words[event] : NULL;
}

/* The three escapes of schemas/ledger/FORMAT.md, so that a value has one spelling. */
static void put_string(struct bytes *out, const char *text)
{
	const char *run = text;

	bytes_char(out, '"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		bytes_append(out, run, (size_t)(text - run));
		run = text + 1;
		if (c < 0x20)
			bytes_printf(out, "\\u%04x", c);
		else
			bytes_printf(out, "\\%c", c);
	}
	bytes_append(out, run, (size_t)(text - run));
	bytes_char(out, '"');
}

static void put_member(struct bytes *out, const char *key, const char *text)
{
	bytes_text(out, key);
	put_string(out, text);
}

static void put_digest(struct bytes *out, const char *key, const uint8_t digest[DIGEST_LEN])
{
	bytes_text(out, key);
	bytes_char(out, '"');
	bytes_hex(out, digest, DIGEST_LEN);
	bytes_char(out, '"');
}

static void put_number(struct bytes *out, const char *key, int64_t value)
{
	bytes_text(out, key);
	bytes_int(out, value);
}

void ledger_record_write(const struct ledger_record *record, struct bytes *out)
{
	uint8_t payload[DIGEST_LEN];

	digest_sha256(record->payload, record->payload_len, payload);
	put_member(out, "{\"alg\":", "sha256");
	put_member(out, ",\"boot\":", record->boot);
	put_member(out, ",\"domain\":", LEDGER_DOMAIN);
	put_number(out, ",\"epoch\":", record->epoch);
	put_member(out, ",\"event\":", record->event);
	put_number(out, ",\"mono\":", record->mono_ms);
	put_digest(out, ",\"payload\":", payload);
	put_digest(out, ",\"prev\":", record->prev);
	put_member(out, ",\"seller\":", record->seller);
	put_number(out, ",\"seq\":", record->seq);
	put_member(out, ",\"store\":", record->store);
	put_number(out, ",\"trust\":", record->trust);
	put_number(out, ",\"wall\":", record->wall_ms);
	bytes_char(out, '}');
}

/* Both digests from one buffer: 00 stands in front of a leaf (RFC 9162, 2.1.1). */
static void hash_bytes(const struct bytes *with_prefix, uint8_t out[DIGEST_LEN], uint8_t leaf[DIGEST_LEN])
{
	digest_sha256(with_prefix->data + 1, with_prefix->len - 1, out);
	digest_sha256(with_prefix->data, with_prefix->len, leaf);
}

int ledger_record_hash(
	const struct ledger_record *record, uint8_t out[DIGEST_LEN], uint8_t leaf[DIGEST_LEN], struct fault *fault)
{
	BYTES_CLEANUP struct bytes text;
	int result;

	bytes_init(&text, RECORD_MAX);
	bytes_char(&text, '\0');
	ledger_record_write(record, &text);
	result = bytes_check(&text, "a ledger record", fault);
	if (result == 0)
		hash_bytes(&text, out, leaf);
	return result;
}

void ledger_tail(const uint8_t head[DIGEST_LEN], char out[LEDGER_TAIL_LEN + 1])
{
	base32_format(head, TAIL_BYTES, out);
}

/* SHA-256(01 ‖ left ‖ right): an inner node (RFC 9162, 2.1.1). */
static void hash_pair(const uint8_t left[DIGEST_LEN], const uint8_t right[DIGEST_LEN], uint8_t out[DIGEST_LEN])
{
	uint8_t node[1 + 2 * DIGEST_LEN] = {1};

	memcpy(node + 1, left, DIGEST_LEN);
	memcpy(node + 1 + DIGEST_LEN, right, DIGEST_LEN);
	digest_sha256(node, sizeof(node), out);
}

void ledger_edge_add(struct ledger_edge *edge, const uint8_t leaf[DIGEST_LEN])
{
	memcpy(edge->hash[edge->depth++], leaf, DIGEST_LEN);
	/* Each one at the low end of the old size is a full subtree that the new leaf completes. */
	for (uint64_t size = edge->size; size & 1; size >>= 1) {
		edge->depth--;
		hash_pair(edge->hash[edge->depth - 1], edge->hash[edge->depth], edge->hash[edge->depth - 1]);
	}
	edge->size++;
}

void ledger_edge_root(const struct ledger_edge *edge, uint8_t out[DIGEST_LEN])
{
	if (edge->depth == 0) {
		digest_sha256("", 0, out);
		return;
	}
	memcpy(out, edge->hash[edge->depth - 1], DIGEST_LEN);
	for (int i = edge->depth - 2; i >= 0; i--)
		hash_pair(edge->hash[i], out, out);
}

void ledger_checkpoint_note(const char *store, uint64_t size, const uint8_t root[DIGEST_LEN],
	const uint8_t head[DIGEST_LEN], int64_t wall_ms, struct bytes *out)
{
	bytes_printf(out, LEDGER_DOMAIN "/%s\n%" PRIu64 "\n", store, size);
	bytes_base64(out, root, DIGEST_LEN);
	bytes_char(out, '\n');
	bytes_hex(out, head, DIGEST_LEN);
	bytes_printf(out, "\n%" PRId64 "\n", wall_ms);
}

void ledger_commit(const uint8_t salt[16], const uint8_t digest[DIGEST_LEN], uint8_t out[DIGEST_LEN])
{
	uint8_t both[16 + DIGEST_LEN];

	memcpy(both, salt, 16);
	memcpy(both + 16, digest, DIGEST_LEN);
	digest_sha256(both, sizeof(both), out);
}
