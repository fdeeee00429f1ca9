/* courier: what a person wished to take away on a stick, and the answers that came back on it. */
#ifndef HOADON_STORE_COURIER_H
#define HOADON_STORE_COURIER_H

#include "store/messages.h"

#define COURIER_KEY_LEN 32

struct courier_export {
	int64_t id, wished_at, done_at; /* ms UTC; done_at 0 = not handed over yet */
	uint8_t key[COURIER_KEY_LEN];	/* of the answers */
};

/** store_export_wish() - the wish that is open, else a new one with a key of its own. Inside a transaction. 0 or < 0. */
int store_export_wish(struct store *store, int64_t now_ms, int64_t *ret_id, struct fault *fault) MUST_CHECK;
/** store_export_get() / _open() - the wish @id, or the one that is open. 0, STORE_NONE, < 0. */
int store_export_get(struct store *store, int64_t id, struct courier_export *ret, struct fault *fault) MUST_CHECK;
int store_export_open(struct store *store, struct courier_export *ret, struct fault *fault) MUST_CHECK;
/** store_export_carry() - message @message leaves with wish @id, with a ledger record. Inside a transaction. 0 or < 0. */
int store_export_carry(struct store *store, int64_t id, const struct message_row *message, int64_t now_ms,
	struct fault *fault) MUST_CHECK;
/** store_export_end() - everything of wish @id may be written to the stick. Inside a transaction. 0 or < 0. */
int store_export_end(struct store *store, int64_t id, int64_t now_ms, struct fault *fault) MUST_CHECK;
struct courier_answer {
	int64_t id;
	const char *message_id; /* MTDiep */
	const void *raw;
	size_t len;
};
/** store_answer_add() - an answer about message @message_id, for the sender to read. Inside a transaction. 0; STORE_CONFLICT: the same bytes came before; < 0. */
int store_answer_add(struct store *store, const char *message_id, const void *raw, size_t len, int64_t now_ms,
	struct fault *fault) MUST_CHECK;
/** store_answer_next() - the oldest that was not read yet, in @arena; STORE_NONE. */
int store_answer_next(
	struct store *store, struct arena *arena, struct courier_answer *ret, struct fault *fault) MUST_CHECK;
/** store_answer_end() - it was read. Inside the transaction of what follows from it. 0 or < 0. */
int store_answer_end(struct store *store, int64_t id, int64_t now_ms, struct fault *fault) MUST_CHECK;

#endif
