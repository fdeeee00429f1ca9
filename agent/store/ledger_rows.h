/* ledger_rows: the ledger's rows as read back, shared by ledger.c, ledger_check.c and ledger_export.c. */
#ifndef HOADON_STORE_LEDGER_ROWS_H
#define HOADON_STORE_LEDGER_ROWS_H

#include "base/ecsign.h"
#include "core/ledger_proof.h"
#include "store/run.h"

#define LEDGER_NOTE_MAX	   1024
#define LEDGER_PAYLOAD_MAX 65536

struct ledger_tip_row {
	int64_t seq;
	uint8_t head[DIGEST_LEN];
	struct ledger_edge edge;
	const void *checkpoint_edge; /* = checkpoint_bytes */
	size_t checkpoint_edge_len;
	uint8_t checkpoint_bytes[64 * DIGEST_LEN];
};
/** ledger_tip_get() - 0; 1 when the row is missing or cannot be an edge; < 0. */
int ledger_tip_get(struct store *store, struct ledger_tip_row *ret, struct fault *fault) MUST_CHECK;
/** ledger_edge_read() - the edge of a tree of @size leaves from its stored hashes; false when their number is wrong. */
bool ledger_edge_read(struct ledger_edge *edge, int64_t size, const void *bytes, size_t len);

struct ledger_checkpoint_row {
	int64_t size, wall_ms;
	uint8_t root[DIGEST_LEN], head[DIGEST_LEN], sig[ECSIGN_LEN];
	uint8_t spki[ECSIGN_SPKI_LEN];
	bool has_key;	 /* the key's row is there */
	int64_t key_seq; /* record that announced the key */
};
/** ledger_checkpoint_next() - the first checkpoint of at least @size records; 0, STORE_NONE, < 0. */
int ledger_checkpoint_next(
	struct store *store, int64_t size, struct ledger_checkpoint_row *ret, struct fault *fault) MUST_CHECK;

/* A walk over stored records, each as its record structure. */
struct ledger_walk {
	struct query query;
	struct ledger_record record; /* prev is the caller's to set */
	uint8_t hash[DIGEST_LEN];    /* as stored */
	bool has_payload;	     /* false: the stored payload does not unpack */
	char event[32], boot[40];
	struct bytes payload;
};
/** ledger_walk_start() - records behind @after; ended by ledger_walk_end(). */
void ledger_walk_start(struct ledger_walk *walk, struct store *store, int64_t after);
/** ledger_walk_next() - 0 with @walk->record; STORE_NONE behind the last; < 0. */
int ledger_walk_next(struct ledger_walk *walk, struct fault *fault) MUST_CHECK;
void ledger_walk_end(struct ledger_walk *walk);

#endif
