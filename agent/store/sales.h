/* sales: what tills said, by key; the content is the frame's (house 8.2: never overwritten). */
#ifndef HOADON_STORE_SALES_H
#define HOADON_STORE_SALES_H

#include "base/arena.h"
#include "core/sale.h"
#include "core/state.h"
#include "store/store.h"

struct sale_row {
	int64_t id;
	int64_t frame_id;
	const char *till_id, *bill_no;
	int32_t business_day; /* YYYYMMDD */
	enum sale_kind kind;
	int64_t revision; /* from 1 */
	enum sale_state state;
	int64_t sold_at, received_at; /* ms UTC */
	int64_t total;		      /* đồng */
	uint8_t digest[32];	      /* sale_digest() */
	const char *reason;	      /* problem code when parked or ignored, else "" */
	const char *detail;	      /* what was found, or a person's reason, else "" */
	const char *idempotency_key;  /* NULL = none */
};

/** store_sale_add() - add @row (id ignored). Inside a transaction. STORE_CONFLICT when (till, bill, day, kind) of an occupying kind (sale, return, void, deposit) or the key is taken. */
int store_sale_add(struct store *store, const struct sale_row *row, int64_t *ret_id, struct fault *fault) MUST_CHECK;
/** store_sale_by_bill() - the latest revision of (till, bill, day, kind); STORE_NONE. Texts in @arena, as in all getters here. */
int store_sale_by_bill(struct store *store, const char *till_id, const char *bill_no, int32_t business_day,
	enum sale_kind kind, struct arena *arena, struct sale_row *ret, struct fault *fault) MUST_CHECK;
/** store_sale_by_content() - the revision of (till, bill, day, kind) whose digest is @digest; STORE_NONE. */
int store_sale_by_content(struct store *store, const struct sale *sale, const uint8_t digest[32], struct arena *arena,
	struct sale_row *ret, struct fault *fault) MUST_CHECK;
/** store_sale_near() - as store_sale_by_bill() of the days before, of and behind that of @sale the one that was sold nearest to its time; STORE_NONE. */
int store_sale_near(struct store *store, const struct sale *sale, struct arena *arena, struct sale_row *ret,
	struct fault *fault) MUST_CHECK;
/** store_sale_of_invoice() - the latest revision of the sale that @invoice_id issues or reissues; STORE_NONE. */
int store_sale_of_invoice(struct store *store, int64_t invoice_id, struct arena *arena, struct sale_row *ret,
	struct fault *fault) MUST_CHECK;
/** store_sale_by_number() - the latest sale of (till, bill), any day, kind sale before others; for GET /sales/{till}/{bill_no}. STORE_NONE. */
int store_sale_by_number(struct store *store, const char *till_id, const char *bill_no, struct arena *arena,
	struct sale_row *ret, struct fault *fault) MUST_CHECK;
/** store_sale_of_till() - up to @limit of the sales of @till_id among the @newest of all, newest first. 0 or < 0. */
int store_sale_of_till(struct store *store, const char *till_id, int64_t newest, int64_t limit, struct arena *arena,
	struct sale_row **ret, size_t *ret_count, struct fault *fault) MUST_CHECK;
/** store_sale_by_key() - the sale that came with @idempotency_key from @till_id; STORE_NONE. */
int store_sale_by_key(struct store *store, const char *till_id, const char *idempotency_key, struct arena *arena,
	struct sale_row *ret, struct fault *fault) MUST_CHECK;
/** store_sale_get() - by id; STORE_NONE. */
int store_sale_get(
	struct store *store, int64_t id, struct arena *arena, struct sale_row *ret, struct fault *fault) MUST_CHECK;
/** store_sale_list() - up to @limit sales of @state (-1 = any), newest first, with id < @before (0 = from the newest). */
int store_sale_list(struct store *store, int state, int64_t before, int64_t limit, struct arena *arena,
	struct sale_row **ret, size_t *ret_count, struct fault *fault) MUST_CHECK;
/** store_sale_move() - @from → @to with @reason and @detail, `AND state = @from`; STORE_CONFLICT when it is elsewhere. */
int store_sale_move(struct store *store, int64_t id, enum sale_state from, enum sale_state to, const char *reason,
	const char *detail, struct fault *fault) MUST_CHECK;
/** store_sale_name() - parked sale @id, which stood apart, is @revision of bill @bill_no. Inside a transaction. STORE_CONFLICT when it is not parked, or the bill has that revision. */
int store_sale_name(
	struct store *store, int64_t id, const char *bill_no, int64_t revision, struct fault *fault) MUST_CHECK;
/** store_sale_link() - a bill and what came before it (pre-bills, no-sales of the same till, bill and day are linked to @id). */
int store_sale_link(struct store *store, int64_t id, struct fault *fault) MUST_CHECK;

/**
 * store_sale_stranded() - issued sales that nobody cares for: neither a live invoice nor an open task
 * @ret: ids of at most @limit of them, oldest first, in @arena; of a sound store none
 *
 * Live is an invoice that is accepted, or on its way. One that stands open in an answered message is not: no answer will come any more.
 *
 * Return: 0 or < 0. Source: law R-FIX-14 ("refuses a sale without a live invoice or an open task").
 */
int store_sale_stranded(struct store *store, int64_t limit, struct arena *arena, int64_t **ret, size_t *ret_count,
	struct fault *fault) MUST_CHECK;

/**
 * store_sale_parked_until() - how many sales that were received up to @until_ms still wait for a person, and the id of the newest of them (0 = none);
 * @is_stranger: those alone that came from somebody who is not enrolled, else all others. 0 or < 0.
 */
int store_sale_parked_until(struct store *store, int64_t until_ms, bool is_stranger, int64_t *ret_count,
	int64_t *ret_newest, struct fault *fault) MUST_CHECK;

struct sale_last { /* what a till sent, as far as was looked */
	const char *till_id;
	int64_t first_at, last_at; /* received_at */
};
/** store_sale_last() - the tills among the @newest sales, each with its first and its last there, in @arena. 0 or < 0. */
int store_sale_last(struct store *store, int64_t newest, struct arena *arena, struct sale_last **ret, size_t *ret_count,
	struct fault *fault) MUST_CHECK;

struct sale_counts {
	int64_t received, issued, parked, ignored, refused_frames;
	int64_t oldest_parked_at; /* received_at, 0 = none */
};
/** store_sale_count() - numbers for status. */
int store_sale_count(struct store *store, struct sale_counts *ret, struct fault *fault) MUST_CHECK;

#endif
