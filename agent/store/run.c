#include "store/run.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/failpoint.h"

#define ROWS_ROOM_MIN ((size_t)16)

struct statement_text {
	const char *failpoint;
	const char *sql;
};

static const struct statement_text statements[] = {
#define X(name, word, sql) {"store." word, sql},
	STORE_STATEMENTS(X)
#undef X
};

static const char migrate_failpoint[] = "store.migrate";

const char *store_failpoints(size_t i)
{
	if (i < STATEMENT_COUNT)
		return statements[i].failpoint;
	return i == STATEMENT_COUNT ? migrate_failpoint : NULL;
}

static int fault_code_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return FAULT_BUSY;
	case SQLITE_NOMEM:
		return FAULT_MEMORY;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return FAULT_IO;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return FAULT_FORMAT;
	default:
		return FAULT_STORE;
	}
}

static const char *advice_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return "another program holds the store for too long, look for it with fuser";
	case SQLITE_FULL:
		return "free disk space";
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return "check the disk and the rights of the store's folder";
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return "stop hoadond, keep the files and restore a backup";
	default:
		return "keep the files and report it";
	}
}

int run_fail(struct store *store, int rc, const char *what, struct fault *fault)
{
	int error = sqlite3_system_errno(store->db);
	struct fault own = {0};

	store->is_full =
		(rc & 0xff) == SQLITE_FULL || ((rc & 0xff) == SQLITE_IOERR && (error == ENOSPC || error == EDQUOT));
	FAULT(&own, fault_code_of(rc), "%s in %s: %s (%d); %s", what, store->path, sqlite3_errmsg(store->db), rc,
		store->is_full ? "free disk space" : advice_of(rc));
	heal_note(store, rc, own.text);
	return FAULT(fault, own.code, "%s", own.text);
}

static int fail_on_request(const char *what, struct fault *fault)
{
	return FAULT(fault, FAULT_STORE, "%s was made to fail by a test", what);
}

bool run_is_inside(const struct store *store)
{
	return sqlite3_get_autocommit(store->db) == 0;
}

static int prepare(struct store *store, enum statement statement)
{
	return sqlite3_prepare_v3(store->db, statements[statement].sql, -1, SQLITE_PREPARE_PERSISTENT,
		&store->statements[statement], NULL);
}

int run_check(struct store *store, struct fault *fault)
{
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		int rc = prepare(store, (enum statement)i);

		if (rc != SQLITE_OK)
			return run_fail(store, rc, statements[i].failpoint, fault);
	}
	run_finalize(store);
	return 0;
}

void run_finalize(struct store *store)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++) {
		sqlite3_finalize(store->statements[i]);
		store->statements[i] = NULL;
	}
}

int run_migration(struct store *store, const char *sql, struct fault *fault)
{
	int rc;

	if (FAILPOINT(migrate_failpoint, "before"))
		return fail_on_request(migrate_failpoint, fault);
	rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return run_fail(store, rc, migrate_failpoint, fault);
	return FAILPOINT(migrate_failpoint, "after") ? fail_on_request(migrate_failpoint, fault) : 0;
}

struct query query_new(struct store *store, enum statement statement)
{
	int rc = store->statements[statement] ? SQLITE_OK : prepare(store, statement);

	assert(!sqlite3_stmt_busy(store->statements[statement]));
	return (struct query){
		.store = store, .stmt = store->statements[statement], .statement = statement, .failed = rc};
}

void query_done(struct query *query)
{
	sqlite3_reset(query->stmt);
	if (query->stmt && query->bound > 0)
		sqlite3_clear_bindings(query->stmt);
}

static void note_bind(struct query *query, int rc)
{
	if (rc != SQLITE_OK && query->failed == SQLITE_OK)
		query->failed = rc;
}

void bind_int(struct query *query, int64_t value)
{
	note_bind(query, sqlite3_bind_int64(query->stmt, ++query->bound, value));
}

void bind_id(struct query *query, int64_t id)
{
	query->bound++;
	note_bind(query, id == 0 ? sqlite3_bind_null(query->stmt, query->bound)
				 : sqlite3_bind_int64(query->stmt, query->bound, id));
}

void bind_text(struct query *query, const char *text)
{
	note_bind(query, sqlite3_bind_text(query->stmt, ++query->bound, text, -1, SQLITE_STATIC));
}

void bind_blob(struct query *query, const void *bytes, size_t len)
{
	note_bind(query, sqlite3_bind_blob64(query->stmt, ++query->bound, bytes ? bytes : "", len, SQLITE_STATIC));
}

static bool is_transaction_control(enum statement statement)
{
	return statement <= STATEMENT_ROLLBACK;
}

/* What must hold before the first step; also the place where a test may stop or fail us. */
static int enter(struct query *query, struct fault *fault)
{
	const char *name = statements[query->statement].failpoint;

	if (query->failed != SQLITE_OK)
		return run_fail(query->store, query->failed, name, fault);
	if (!is_transaction_control(query->statement) && !sqlite3_stmt_readonly(query->stmt) &&
		!run_is_inside(query->store))
		return FAULT(fault, FAULT_BUG, "%s outside a transaction, or the transaction was undone", name);
	query->is_run = true;
	return FAILPOINT(name, "before") ? fail_on_request(name, fault) : 0;
}

/* SQLITE_ROW, SQLITE_DONE, a constraint, or < 0 our fault. */
static int step(struct query *query, struct fault *fault)
{
	const char *name = statements[query->statement].failpoint;
	bool is_first = !query->is_run;
	int result = is_first ? enter(query, fault) : 0;
	int rc;

	if (result < 0)
		return result;
	query->column = 0;
	rc = sqlite3_step(query->stmt);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE && (rc & 0xff) != SQLITE_CONSTRAINT)
		return run_fail(query->store, rc, name, fault);
	/* COMMIT that was done cannot be told as not done, so there only kill has a meaning. */
	if (is_first && FAILPOINT(name, "after") && query->statement != STATEMENT_COMMIT)
		return fail_on_request(name, fault);
	return rc;
}

int query_row(struct query *query, struct fault *fault)
{
	int rc = step(query, fault);

	if (rc < 0)
		return rc;
	if (rc == SQLITE_ROW)
		return 0;
	return rc == SQLITE_DONE ? STORE_NONE
				 : run_fail(query->store, rc, statements[query->statement].failpoint, fault);
}

int query_run(struct query *query, struct fault *fault)
{
	int rc = step(query, fault);

	if (rc < 0)
		return rc;
	if (rc == SQLITE_DONE)
		return 0;
	if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY)
		return STORE_CONFLICT;
	return run_fail(query->store, rc, statements[query->statement].failpoint, fault);
}

int query_change(struct query *query, struct fault *fault)
{
	int result = query_run(query, fault);

	if (result)
		return result;
	return sqlite3_changes(query->store->db) == 1 ? 0 : STORE_CONFLICT;
}

int query_do(struct query *query, struct fault *fault)
{
	int result = query_run(query, fault);

	if (result > 0)
		return run_fail(query->store, SQLITE_CONSTRAINT, statements[query->statement].failpoint, fault);
	return result;
}

int query_do_simple(struct store *store, enum statement statement, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, statement);

	return query_do(&query, fault);
}

int64_t column_int(struct query *query)
{
	return sqlite3_column_int64(query->stmt, query->column++);
}

const char *column_text(struct query *query, struct arena *arena)
{
	const void *text = sqlite3_column_text(query->stmt, query->column);
	int len = sqlite3_column_bytes(query->stmt, query->column);
	const char *copy = arena_copy(arena, text ? text : "", text ? (size_t)len : 0);

	query->column++;
	if (!copy)
		query->failed = SQLITE_NOMEM;
	return copy;
}

const void *column_blob(struct query *query, size_t *ret_len)
{
	const void *blob = sqlite3_column_blob(query->stmt, query->column);

	*ret_len = (size_t)sqlite3_column_bytes(query->stmt, query->column);
	query->column++;
	return blob;
}

void column_digest(struct query *query, uint8_t out[DIGEST_LEN])
{
	size_t len;
	const void *blob = column_blob(query, &len);

	memset(out, 0, DIGEST_LEN);
	if (len == DIGEST_LEN)
		memcpy(out, blob, DIGEST_LEN);
}

int column_state(struct query *query, const char *(*word)(int), int count)
{
	const char *text = (const char *)sqlite3_column_text(query->stmt, query->column++);

	for (int i = 0; text && i < count; i++)
		if (strcmp(text, word(i)) == 0)
			return i;
	return -1;
}

int query_check(const struct query *query, struct fault *fault)
{
	if (query->failed == SQLITE_OK)
		return 0;
	return FAULT(fault, FAULT_MEMORY, "no memory for a row of %s", statements[query->statement].failpoint);
}

/* A zeroed row at the end; NULL without memory. */
static void *add_row(struct rows *rows)
{
	if (rows->count == rows->room) {
		size_t room = rows->room ? rows->room * 2 : ROWS_ROOM_MIN;
		char *data = arena_alloc(rows->arena, room * rows->size);

		if (!data)
			return NULL;
		if (rows->count > 0)
			memcpy(data, rows->data, rows->count * rows->size);
		rows->data = data;
		rows->room = room;
	}
	return (char *)rows->data + rows->count++ * rows->size;
}

int query_get(struct query *query, row_fn *read, struct arena *arena, void *ret, size_t size, struct fault *fault)
{
	int result = query_row(query, fault);
	void *row = result ? NULL : arena_alloc(arena, size);

	if (result)
		return result;
	if (!row)
		return FAULT(
			fault, FAULT_MEMORY, "no memory for the row of %s", statements[query->statement].failpoint);
	read(query, arena, row);
	result = query_check(query, fault);
	if (!result)
		memcpy(ret, row, size);
	return result;
}

int query_list(struct query *query, row_fn *read, struct rows *rows, struct fault *fault)
{
	int result;

	while ((result = query_row(query, fault)) == 0) {
		void *row = add_row(rows);

		if (!row)
			return FAULT(fault, FAULT_MEMORY, "no memory for the rows of %s",
				statements[query->statement].failpoint);
		read(query, rows->arena, row);
	}
	return result < 0 ? result : query_check(query, fault);
}
