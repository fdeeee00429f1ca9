/* frames: bytes as received. */
#ifndef HOADON_STORE_FRAMES_H
#define HOADON_STORE_FRAMES_H

#include "base/arena.h"
#include "core/state.h"
#include "store/store.h"

struct frame_row {
	int64_t id;
	const char *source;  /* "http", "spool", "tcp bar" of [port bar] */
	const char *dialect; /* "json" */
	const char *till_id; /* "" when unknown */
	int64_t received_at; /* ms UTC */
	enum frame_state state;
	const char *reason; /* problem code: when refused why, when kept why it is not whole; else "" */
	const void *bytes;
	size_t len;
	uint8_t digest[32]; /* SHA-256 of bytes, the one that the ledger commits to */
};

/** store_frame_add() - keep @row (id is ignored; the digest is the caller's); bytes are encoded here. Inside a transaction. 0 or < 0. */
int store_frame_add(struct store *store, const struct frame_row *row, int64_t *ret_id, struct fault *fault) MUST_CHECK;
/** store_frame_get() - the frame with its bytes in @arena; STORE_NONE. The digest is compared: a difference is FAULT_FORMAT. */
int store_frame_get(
	struct store *store, int64_t id, struct arena *arena, struct frame_row *ret, struct fault *fault) MUST_CHECK;
/** store_frame_move() - kept → @to, with @reason (problem code when refused, else ""). Inside a transaction. 0; STORE_CONFLICT when it is not kept; < 0. */
int store_frame_move(
	struct store *store, int64_t id, enum frame_state to, const char *reason, struct fault *fault) MUST_CHECK;
/** store_frame_link() - the sale in frame @id was read from what stands in frame @origin_id. Inside a transaction. 0 or < 0. */
int store_frame_link(struct store *store, int64_t id, int64_t origin_id, struct fault *fault) MUST_CHECK;
/** store_frame_origin() - the frame that the sale in frame @id was read from; STORE_NONE: it is what came. Thread: owner of @store. */
int store_frame_origin(struct store *store, int64_t id, int64_t *ret_id, struct fault *fault) MUST_CHECK;
/** store_frame_trim_refused() - forget the oldest refused frames beyond @keep (bounded in number; house "bad input"). 0 or < 0. */
int store_frame_trim_refused(struct store *store, int64_t keep, struct fault *fault) MUST_CHECK;
/** store_frame_list() - up to @limit newest frames of @state (-1 = any) without bytes. 0 or < 0. */
int store_frame_list(struct store *store, int state, int64_t limit, struct arena *arena, struct frame_row **ret,
	size_t *ret_count, struct fault *fault) MUST_CHECK;
/** store_frame_list_kept() - up to @limit oldest kept frames behind @after (0 = all) without bytes. 0 or < 0. */
int store_frame_list_kept(struct store *store, int64_t after, int64_t limit, struct arena *arena,
	struct frame_row **ret, size_t *ret_count, struct fault *fault) MUST_CHECK;

#endif
