/* ledger_proof: record bytes, hash chain, Merkle tree and checkpoints of schemas/ledger/FORMAT.md. Pure. */
#ifndef HOADON_CORE_LEDGER_PROOF_H
#define HOADON_CORE_LEDGER_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/digest.h"

#define LEDGER_DOMAIN	"hoadon-agent/ledger/1"
#define LEDGER_TAIL_LEN 16 /* base32 characters of the head on paper: 80 bits */

/* X(NAME, "word"): the event words. */
#define LEDGER_EVENTS(X)                                                                                               \
	X(BEGIN, "begin")                                                                                              \
	X(START, "start")                                                                                              \
	X(STOP, "stop")                                                                                                \
	X(CRASH_FOUND, "crash-found")                                                                                  \
	X(CONFIG_CHANGE, "config-change")                                                                              \
	X(CLOCK_JUMP, "clock-jump")                                                                                    \
	X(FRAME_KEPT, "frame-kept")                                                                                    \
	X(FRAME_REFUSED, "frame-refused")                                                                              \
	X(SALE_PARKED, "sale-parked")                                                                                  \
	X(SALE_IGNORED, "sale-ignored")                                                                                \
	X(ISSUED, "issued")                                                                                            \
	X(REISSUED, "reissued")                                                                                        \
	X(MESSAGE_MADE, "message-made")                                                                                \
	X(SENT, "sent")                                                                                                \
	X(ASKED, "asked")                                                                                              \
	X(VERDICT, "verdict")                                                                                          \
	X(TASK, "task")                                                                                                \
	X(LOOK, "look")                                                                                                \
	X(EXPORT, "export")                                                                                            \
	X(TOKEN, "token")                                                                                              \
	X(KEY, "key")                                                                                                  \
	X(MACHINE, "machine")                                                                                          \
	X(HOLD, "hold")                                                                                                \
	X(RESTORE, "restore")                                                                                          \
	X(SERIAL_END, "serial-end")                                                                                    \
	X(ADOPT, "adopt")                                                                                              \
	X(LAW, "law")                                                                                                  \
	X(DISK, "disk")                                                                                                \
	X(OUTAGE_BEGUN, "outage-begun")                                                                                \
	X(OUTAGE_ENDED, "outage-ended")                                                                                \
	X(CARRIED, "carried")                                                                                          \
	X(OUTAGE_NOTE, "outage-note")                                                                                  \
	X(UPGRADE, "upgrade")                                                                                          \
	X(DESTROY, "destroy")                                                                                          \
	X(MISSING, "missing")                                                                                          \
	X(MISSING_SETTLED, "missing-settled")
enum ledger_event {
#define X(name, word) LEDGER_##name,
	LEDGER_EVENTS(X)
#undef X
		LEDGER_EVENT_COUNT
};

/** ledger_event_word() - the word of @event; NULL outside the range. */
const char *ledger_event_word(int event);

struct ledger_record {
	const char *seller; /* tax code */
	const char *store;  /* store id, 32 hex */
	int64_t epoch;
	int64_t seq;		  /* from 1, no gap */
	uint8_t prev[DIGEST_LEN]; /* hash of record seq − 1; zeros for the first */
	const char *event;
	int64_t wall_ms;     /* UTC */
	int64_t mono_ms;     /* since boot */
	const char *boot;    /* boot id */
	int trust;	     /* enum clock_trust */
	const void *payload; /* restricted JSON object, UTF-8 */
	size_t payload_len;
};

/** ledger_record_write() - the record's bytes: restricted JSON (sorted keys, strings and integers only) with the SHA-256 of the payload. */
void ledger_record_write(const struct ledger_record *record, struct bytes *out);
/** ledger_record_hash() - SHA-256 of the record's bytes: the next record's prev, and the head. */
int ledger_record_hash(const struct ledger_record *record, uint8_t out[DIGEST_LEN], uint8_t leaf[DIGEST_LEN],
	struct fault *fault) MUST_CHECK;
/** ledger_tail() - the first 80 bits of @head as 16 base32 characters, for paper. */
void ledger_tail(const uint8_t head[DIGEST_LEN], char out[LEDGER_TAIL_LEN + 1]);

/* The right edge of an RFC 9162 tree: one hash for each set bit of size, largest subtree first. */
struct ledger_edge {
	uint64_t size;
	int depth; /* number of hashes */
	uint8_t hash[64][DIGEST_LEN];
};
/** ledger_edge_add() - append the leaf hash SHA-256(00 ‖ record bytes). Source: RFC 9162, 2.1. */
void ledger_edge_add(struct ledger_edge *edge, const uint8_t leaf[DIGEST_LEN]);
/** ledger_edge_root() - the tree's root; SHA-256 of nothing when empty. */
void ledger_edge_root(const struct ledger_edge *edge, uint8_t out[DIGEST_LEN]);

/** ledger_checkpoint_note() - the signed text: origin (domain/store), size, root in base64, head in hex, wall time; one line each. */
void ledger_checkpoint_note(const char *store, uint64_t size, const uint8_t root[DIGEST_LEN],
	const uint8_t head[DIGEST_LEN], int64_t wall_ms, struct bytes *out);

/** ledger_commit() - SHA-256(salt ‖ digest): what a payload says about personal data; @salt has 16 bytes. */
void ledger_commit(const uint8_t salt[16], const uint8_t digest[DIGEST_LEN], uint8_t out[DIGEST_LEN]);

#endif
