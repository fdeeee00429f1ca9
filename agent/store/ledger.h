/* ledger: append-only, hash-chained, Merkle-treed record of every event, written in the same transaction as the event. */
#ifndef HOADON_STORE_LEDGER_H
#define HOADON_STORE_LEDGER_H

#include <stdio.h>

#include "base/ecsign.h"
#include "core/ledger_verify.h"
#include "store/store.h"

struct ledger_head {
	int64_t seq; /* 0 = empty */
	uint8_t hash[DIGEST_LEN];
	char tail[LEDGER_TAIL_LEN + 1]; /* for paper */
};

/* A payload under construction: restricted JSON, keys in alphabetical order (asserted). */
struct ledger_payload {
	struct bytes text;
	const char *last_key;
};
/** ledger_payload_init() - begin; ended by ledger_append(), which frees it also on failure. */
void ledger_payload_init(struct ledger_payload *payload);
/** ledger_payload_text() / _int() / _hex() - add one member. */
void ledger_payload_text(struct ledger_payload *payload, const char *key, const char *value);
void ledger_payload_int(struct ledger_payload *payload, const char *key, int64_t value);
void ledger_payload_hex(struct ledger_payload *payload, const char *key, const void *bytes, size_t len);
/** ledger_payload_commit() - add SHA-256(salt ‖ @digest) with the salt of the record to come: says nothing about personal data to who lacks the salt. Only inside the transaction of ledger_append(). */
void ledger_payload_commit(
	struct store *store, struct ledger_payload *payload, const char *key, const uint8_t digest[DIGEST_LEN]);

/** ledger_append() - one record at the end. Inside a transaction. 0 or < 0; @ret_head (may be NULL) is the head after it. */
int ledger_append(struct store *store, enum ledger_event event, struct ledger_payload *payload,
	struct ledger_head *ret_head, struct fault *fault) MUST_CHECK;
/** ledger_head_get() - the head as committed (or as of the open transaction). */
int ledger_head_get(struct store *store, struct ledger_head *ret, struct fault *fault) MUST_CHECK;
/** ledger_head_at() - the head as it was after record @seq; STORE_NONE. */
int ledger_head_at(struct store *store, int64_t seq, struct ledger_head *ret, struct fault *fault) MUST_CHECK;
/** ledger_salt() - the 16-byte salt of record @seq, to open a commitment for an officer: HMAC-SHA-256(store secret, seq) cut. */
int ledger_salt(struct store *store, int64_t seq, uint8_t out[16], struct fault *fault) MUST_CHECK;
/** ledger_checkpoint() - sign size, root and head with @key when records came since the last checkpoint. Inside a transaction. 0 or < 0. */
int ledger_checkpoint(struct store *store, const struct ecsign_key *key, struct fault *fault) MUST_CHECK;
/** ledger_check_tail() - the records since the last checkpoint chain up to the stored head and edge: 0; 1 and @finding when not; < 0. */
int ledger_check_tail(struct store *store, struct ledger_finding *finding, struct fault *fault) MUST_CHECK;
/** ledger_check() - every record, the tree and every checkpoint: 0; 1 and @finding; < 0. @progress (may be NULL) is called each 10,000 records. */
int ledger_check(struct store *store, struct ledger_finding *finding, struct ledger_summary *summary,
	void (*progress)(int64_t done, int64_t all), struct fault *fault) MUST_CHECK;
/** ledger_export() - schemas/ledger/FORMAT.md as JSON Lines to @out. @ret_records may be NULL. 0 or < 0. */
int ledger_export(struct store *store, FILE *out, int64_t *ret_records, struct fault *fault) MUST_CHECK;

#endif
