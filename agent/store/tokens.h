/* tokens: bearer tokens of the TCP door, hashed, each bound to its tills. */
#ifndef HOADON_STORE_TOKENS_H
#define HOADON_STORE_TOKENS_H

#include "base/arena.h"
#include "store/store.h"

enum token_scope { TOKEN_SALE = 1, TOKEN_READ = 2, TOKEN_ADMIN = 4, TOKEN_BULK = 8 };

struct token_row {
	int64_t id;
	const char *name;	     /* for people */
	const char *tills;	     /* "T01,T02"; "*" = all */
	int scopes;		     /* bits of enum token_scope */
	int64_t made_at, revoked_at; /* ms UTC; revoked_at 0 = valid */
};

/** store_token_add() - a token whose SHA-256 is @hash. Inside a transaction. */
int store_token_add(struct store *store, const struct token_row *row, const uint8_t hash[32], int64_t *ret_id,
	struct fault *fault) MUST_CHECK;
/** store_token_find() - the valid token of @hash; STORE_NONE. */
int store_token_find(struct store *store, const uint8_t hash[32], struct arena *arena, struct token_row *ret,
	struct fault *fault) MUST_CHECK;
/** store_token_list() - all, also revoked ones. */
int store_token_list(struct store *store, struct arena *arena, struct token_row **ret, size_t *ret_count,
	struct fault *fault) MUST_CHECK;
/** store_token_revoke() - from @now_ms on; STORE_NONE when there is no valid one of this id. Inside a transaction. */
int store_token_revoke(struct store *store, int64_t id, int64_t now_ms, struct fault *fault) MUST_CHECK;
/** store_token_count() - valid tokens. */
int store_token_count(struct store *store, int64_t *ret, struct fault *fault) MUST_CHECK;

#endif
