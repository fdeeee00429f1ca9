/* run: the inside of a store handle, and the one way to execute a statement. For agent/store only. */
#ifndef HOADON_STORE_RUN_H
#define HOADON_STORE_RUN_H

#include <sqlite3.h>

#include "base/arena.h"
#include "core/ledger_proof.h"
#include "store/blob.h"
#include "store/statements.h"
#include "store/store.h"
#include "store/tally.h"

#define STORE_SECRET_LEN 32
#define STORE_SELLER_MAX 32

/* The end of the ledger, read once in a transaction and written once before COMMIT. */
struct ledger_tip {
	bool is_read;  /* valid in the open transaction only: other handles may append in between */
	bool is_dirty; /* to be written before COMMIT */
	int64_t seq;
	uint8_t head[DIGEST_LEN];
	struct ledger_edge edge;
	int64_t boot_id; /* row of table boot */
	char boot[40];
	int trust;
	int64_t salt_seq; /* record that salt is of; several commitments of one record share it */
	uint8_t salt[16];
};

struct blob_codec;
struct disk;

struct store {
	sqlite3 *db;
	enum store_mode mode;
	const struct clock *clock;
	char *path;  /* DIR/current.db */
	int lock_fd; /* STORE_WRITE: DIR/current.lock */
	bool is_full;
	struct disk *disk; /* NULL = nobody is told */
	bool must_heal;	   /* the disk failed: nothing is begun before the files were opened anew */
	int64_t heal_at;   /* monotonic ms: not before */
	int64_t wal_bytes; /* after the last commit of this handle */
	int64_t wal_max;   /* bytes that the WAL should not outgrow */
	int64_t wal_moved; /* wal_bytes when a commit of this handle moved it last, or first saw it */
	char id[33];
	char seller[STORE_SELLER_MAX];
	int64_t epoch;
	bool was_upgraded; /* by this opening: the ledger has one record more, the last */
	uint8_t secret[STORE_SECRET_LEN];
	struct blob_codec *codec;
	struct ledger_tip tip;
	struct tally pending[TALLY_COUNT]; /* of the open transaction */
	bool has_pending;
	sqlite3_stmt *statements[STATEMENT_COUNT];
};

/* One execution of a named statement. Binds and columns go from left to right. */
struct query {
	struct store *store;
	sqlite3_stmt *stmt;
	enum statement statement;
	int bound;   /* parameters so far */
	int column;  /* columns read of the current row */
	int failed;  /* first SQLite result of a bind that failed, or SQLITE_NOMEM of a read */
	bool is_run; /* the failpoint was visited */
};

/** query_new() - @statement, which must not be in use by an outer query. */
struct query query_new(struct store *store, enum statement statement);
/** query_done() - reset the statement and forget its parameters. */
void query_done(struct query *query);
#define QUERY_CLEANUP CLEANUP(query_done)

/** bind_int() / _text() / _blob() - the next parameter; borrowed until query_done(). bind_text(NULL) is NULL, bind_blob(NULL) is an empty blob. */
void bind_int(struct query *query, int64_t value);
void bind_text(struct query *query, const char *text);
void bind_blob(struct query *query, const void *bytes, size_t len);
/** bind_id() - a reference; 0 is NULL. */
void bind_id(struct query *query, int64_t id);

/** query_row() - the next row: 0, STORE_NONE behind the last, < 0. */
int query_row(struct query *query, struct fault *fault) MUST_CHECK;
/** query_run() - a statement without rows: 0; STORE_CONFLICT when a unique key is taken; < 0. */
int query_run(struct query *query, struct fault *fault) MUST_CHECK;
/** query_change() - as query_run(), and STORE_CONFLICT unless exactly one row changed. */
int query_change(struct query *query, struct fault *fault) MUST_CHECK;
/** query_do() - as query_run() where no conflict is possible: one is a fault. 0 or < 0. */
int query_do(struct query *query, struct fault *fault) MUST_CHECK;
/** query_do_simple() - query_do() of a statement without parameters. */
int query_do_simple(struct store *store, enum statement statement, struct fault *fault) MUST_CHECK;

/** column_int() / _text() / _blob() / _digest() - the next column of the row. Text is copied into @arena, "" for NULL; a blob is borrowed until the next step. */
int64_t column_int(struct query *query);
const char *column_text(struct query *query, struct arena *arena);
const void *column_blob(struct query *query, size_t *ret_len);
/** column_digest() - 32 bytes; any other length is read as zeros, which match nothing. */
void column_digest(struct query *query, uint8_t out[DIGEST_LEN]);
/** column_state() - the position of the column's word among @count words of @word(); -1 when it is none. */
int column_state(struct query *query, const char *(*word)(int), int count);
/** query_check() - after a row was read: 0, or FAULT_MEMORY when a text did not fit into its arena. */
int query_check(const struct query *query, struct fault *fault) MUST_CHECK;

/** run_migration() - several statements of a schema file, as failpoint store.migrate. 0 or < 0. */
int run_migration(struct store *store, const char *sql, struct fault *fault) MUST_CHECK;
/** run_newest_schema() - of this program. Thread: any. */
int64_t run_newest_schema(void);
/** run_check() - whether every statement fits the schema; a handle keeps only those that it uses (0.9 MB a handle otherwise). 0 or < 0. */
int run_check(struct store *store, struct fault *fault) MUST_CHECK;
/** run_finalize() - free all statements. */
void run_finalize(struct store *store);
/** run_fail() - turn SQLite result @rc into a fault about @what and remember whether the disk is full. */
int run_fail(struct store *store, int rc, const char *what, struct fault *fault);
/** run_watch_wal() - let the database tell @store how long its WAL is, and cut one that begins anew to wal_max. */
void run_watch_wal(struct store *store);
/** heal_note() - tell the shared disk that a call failed with SQLite result @rc, because of @why. */
void heal_note(struct store *store, int rc, const char *why);
/** run_is_inside() - whether a transaction is open. */
bool run_is_inside(const struct store *store);

/* Rows of a list that grows in an arena. */
struct rows {
	struct arena *arena;
	size_t size; /* of one row */
	void *data;
	size_t count, room;
};
/* Fills the zeroed @row from the columns of @query; texts go into @arena. */
typedef void row_fn(struct query *query, struct arena *arena, void *row);
/** query_get() - the next row of a query whose parameters are bound, read by @read into @ret of @size bytes, which is untouched unless 0. 0, STORE_NONE or < 0. */
int query_get(
	struct query *query, row_fn *read, struct arena *arena, void *ret, size_t size, struct fault *fault) MUST_CHECK;
/** query_list() - all rows of a query whose parameters are bound, each read by @read. 0 or < 0. */
int query_list(struct query *query, row_fn *read, struct rows *rows, struct fault *fault) MUST_CHECK;

/** ledger_flush() - write the tip that the open transaction moved; before COMMIT. 0 or < 0. */
int ledger_flush(struct store *store, struct fault *fault) MUST_CHECK;

/** blob_open() / blob_close() - packing contexts of a handle, without a dictionary to pack with until store_learn(). */
int blob_open(struct store *store, struct fault *fault) MUST_CHECK;
void blob_close(struct store *store);
/** blob_unlock() - from now on sealed blobs are read with @key (copied), and with @is_sealing what is written is sealed. 0 or < 0. */
int blob_unlock(struct store *store, const uint8_t key[GCM_KEY_LEN], bool is_sealing, struct fault *fault) MUST_CHECK;
/** blob_copy() - the plain bytes of a stored blob in @arena with a NUL behind them. 0 or < 0. */
int blob_copy(struct store *store, struct blob_at at, const void *blob, size_t len, struct arena *arena,
	const void **ret, size_t *ret_len, struct fault *fault) MUST_CHECK;

#endif
