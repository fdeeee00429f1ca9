#include "books.h"

#include <cjson/cJSON.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names, columns and values of these tables are public: tests query them. */
static const char schema[] =
	"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000;"
	"CREATE TABLE IF NOT EXISTS message(mtdiep TEXT PRIMARY KEY COLLATE NOCASE, mltdiep INTEGER NOT NULL,"
	" mst TEXT NOT NULL, received_at TEXT NOT NULL, bytes INTEGER NOT NULL, invoices INTEGER NOT NULL,"
	" state TEXT NOT NULL CHECK(state IN ('received','checked','refused')), ltbao INTEGER, error TEXT, body BLOB,"
	" answer999 BLOB, answer204 BLOB, due_ms INTEGER, received_ms INTEGER NOT NULL, faults TEXT NOT NULL DEFAULT "
	"'',"
	" cleared INTEGER NOT NULL DEFAULT 0, queries INTEGER NOT NULL DEFAULT 0);"
	"CREATE INDEX IF NOT EXISTS message_waiting ON message(due_ms) WHERE state='received';"
	"CREATE TABLE IF NOT EXISTS invoice(mst TEXT NOT NULL, form TEXT NOT NULL, serial TEXT NOT NULL,"
	" number INTEGER NOT NULL, code TEXT, nlap TEXT, net INTEGER, vat INTEGER, total INTEGER,"
	" state TEXT NOT NULL CHECK(state IN ('accepted','refused')), error TEXT, mtdiep TEXT NOT NULL, sha256 TEXT,"
	" signed INTEGER NOT NULL);"
	"CREATE UNIQUE INDEX IF NOT EXISTS invoice_identity ON invoice(mst,form,serial,number) WHERE state='accepted';"
	"CREATE UNIQUE INDEX IF NOT EXISTS invoice_code ON invoice(code) WHERE state='accepted' AND code IS NOT NULL;"
	"CREATE INDEX IF NOT EXISTS invoice_any ON invoice(mst,form,serial,number);"
	"CREATE TABLE IF NOT EXISTS request(id INTEGER PRIMARY KEY, at TEXT NOT NULL, method TEXT NOT NULL,"
	" path TEXT NOT NULL, fault TEXT, status INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS warning(at TEXT NOT NULL, mtdiep TEXT NOT NULL, text TEXT NOT NULL);"
	"CREATE TABLE IF NOT EXISTS counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL);";

enum statement {
	MESSAGE_FORGET,
	MESSAGE_ADD,
	MESSAGE_GET,
	MESSAGE_QUERIED,
	MESSAGE_DUE,
	MESSAGE_SETTLE,
	NUMBER_NEXT,
	IDENTITY_TAKEN,
	CODE_TAKEN,
	NUMBER_HIGHEST,
	INVOICE_ADD,
	REQUEST_ADD,
	WARNING_ADD,
	STATEMENTS
};

static const char *const sql[STATEMENTS] = {
	[MESSAGE_FORGET] = "DELETE FROM message WHERE mtdiep=?1 AND mltdiep=-1",
	[MESSAGE_ADD] =
		"INSERT INTO message(mtdiep,mltdiep,mst,received_at,bytes,invoices,state,ltbao,error,body,answer999,"
		"answer204,due_ms,received_ms,faults,cleared) "
		"VALUES(?1,?2,?3,?4,?5,?6,?7,NULLIF(?8,0),NULLIF(?9,''),?10,"
		"?11,?12,?13,?14,?15,?16) ON CONFLICT DO NOTHING",
	[MESSAGE_GET] =
		"SELECT mtdiep,mltdiep,mst,received_at,invoices,state,ifnull(ltbao,0),ifnull(error,''),body,answer999,"
		"answer204,due_ms,received_ms,faults,cleared,rowid FROM message WHERE mtdiep=?1",
	[MESSAGE_QUERIED] = "UPDATE message SET queries=queries+1 WHERE mtdiep=?1 RETURNING queries-1",
	[MESSAGE_DUE] = "SELECT mtdiep,due_ms FROM message WHERE state='received' ORDER BY due_ms,rowid LIMIT 1",
	[MESSAGE_SETTLE] =
		"UPDATE message SET state=?2,ltbao=NULLIF(?3,0),error=NULLIF(?4,''),answer999=?5,answer204=?6"
		" WHERE mtdiep=?1",
	[NUMBER_NEXT] =
		"INSERT INTO counter(name,value) VALUES('notice',1) ON CONFLICT(name) DO UPDATE SET value=value+1"
		" RETURNING value",
	[IDENTITY_TAKEN] = "SELECT count(*) FROM invoice WHERE mst=?1 AND form=?2 AND serial=?3 AND number=?4"
			   " AND state='accepted'",
	[CODE_TAKEN] = "SELECT count(*) FROM invoice WHERE code=?1 AND code IS NOT NULL AND state='accepted'",
	[NUMBER_HIGHEST] =
		"SELECT ifnull(max(number),0),EXISTS(SELECT 1 FROM invoice WHERE mst=?1 AND form=?2 AND serial=?3"
		" AND number=?4) FROM invoice WHERE mst=?1 AND form=?2 AND serial=?3",
	[INVOICE_ADD] =
		"INSERT INTO invoice(mst,form,serial,number,code,nlap,net,vat,total,state,error,mtdiep,sha256,signed)"
		" VALUES(?1,?2,?3,?4,NULLIF(?5,''),?6,?7,?8,?9,?10,NULLIF(?11,''),?12,?13,?14)",
	[REQUEST_ADD] = "INSERT INTO request(at,method,path,fault,status) VALUES(?1,?2,?3,NULLIF(?4,''),?5)",
	[WARNING_ADD] = "INSERT INTO warning(at,mtdiep,text) VALUES(?1,?2,?3)",
};

struct books {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
	pthread_mutex_t lock; /* recursive: held over begin .. end and over each statement */
};

static int failed(struct books *b, const char *what)
{
	log_event("books-failed what=%s error=\"%s\"", what, b->db ? sqlite3_errmsg(b->db) : "memory");
	return -1;
}

int books_open(const char *dir, struct books **ret)
{
	char path[4096];
	struct books *b = calloc(1, sizeof *b);
	pthread_mutexattr_t recursive;

	if (!b)
		return -1;
	pthread_mutexattr_init(&recursive);
	pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&b->lock, &recursive);
	str_printf(path, sizeof path, "%s/books.db", dir);
	int rc = sqlite3_open(path, &b->db);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(b->db, schema, NULL, NULL, NULL);
	for (int i = 0; i < STATEMENTS && rc == SQLITE_OK; i++)
		rc = sqlite3_prepare_v3(b->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &b->statements[i], NULL);
	if (rc != SQLITE_OK) {
		failed(b, "open");
		books_close(b);
		return -1;
	}
	*ret = b;
	return 0;
}

void books_close(struct books *b)
{
	if (!b)
		return;
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(b->statements[i]);
	sqlite3_close(b->db);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

void message_done(struct message *m)
{
	text_done(&m->body);
	text_done(&m->answer999);
	text_done(&m->answer204);
}

/* Lock and hand out a clean statement; give_back() unlocks. */
static sqlite3_stmt *take(struct books *b, enum statement which)
{
	pthread_mutex_lock(&b->lock);
	return b->statements[which];
}

static void give_back(struct books *b, sqlite3_stmt *s)
{
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	pthread_mutex_unlock(&b->lock);
}

static void bind_text(sqlite3_stmt *s, int at, const char *value)
{
	sqlite3_bind_text(s, at, value, -1, SQLITE_STATIC);
}

static void bind_blob(sqlite3_stmt *s, int at, const struct text *value)
{
	if (value->data)
		sqlite3_bind_blob64(s, at, value->data, value->len, SQLITE_STATIC);
}

static void column_text(sqlite3_stmt *s, int at, char *out, size_t size)
{
	const char *value = (const char *)sqlite3_column_text(s, at);

	str_copy(out, size, value ? value : "");
}

static void column_blob(sqlite3_stmt *s, int at, struct text *out)
{
	const void *data = sqlite3_column_blob(s, at);

	if (data)
		text_add(out, data, (size_t)sqlite3_column_bytes(s, at));
}

/* Run a statement without rows. */
static int run(struct books *b, sqlite3_stmt *s, const char *what)
{
	int rc = sqlite3_step(s) == SQLITE_DONE ? 0 : failed(b, what);

	give_back(b, s);
	return rc;
}

/* Run a statement that gives one number. */
static int64_t ask(struct books *b, sqlite3_stmt *s, const char *what)
{
	int rc = sqlite3_step(s);
	int64_t value = rc == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;

	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		failed(b, what);
	give_back(b, s);
	return value;
}

int books_message_add(struct books *b, const struct message *m)
{
	sqlite3_stmt *s = take(b, MESSAGE_FORGET);

	bind_text(s, 1, m->id);
	if (run(b, s, "message-forget") != 0)
		return -1;
	s = take(b, MESSAGE_ADD);
	bind_text(s, 1, m->id);
	sqlite3_bind_int(s, 2, m->type);
	bind_text(s, 3, m->tax_code);
	bind_text(s, 4, m->received_at);
	sqlite3_bind_int64(s, 5, (sqlite3_int64)m->body.len);
	sqlite3_bind_int(s, 6, m->invoices);
	bind_text(s, 7, m->state);
	sqlite3_bind_int(s, 8, m->kind);
	bind_text(s, 9, m->error);
	bind_blob(s, 10, &m->body);
	bind_blob(s, 11, &m->answer999);
	bind_blob(s, 12, &m->answer204);
	sqlite3_bind_int64(s, 13, m->due_ms);
	sqlite3_bind_int64(s, 14, m->received_ms);
	bind_text(s, 15, m->faults);
	sqlite3_bind_int64(s, 16, m->cleared);
	int rc = sqlite3_step(s) == SQLITE_DONE ? 0 : failed(b, "message-add");
	if (rc == 0 && sqlite3_changes(b->db) == 0)
		rc = 1;
	give_back(b, s);
	return rc;
}

int books_message_get(struct books *b, const char *id, struct message *ret)
{
	sqlite3_stmt *s = take(b, MESSAGE_GET);

	bind_text(s, 1, id);
	int rc = sqlite3_step(s);
	if (rc == SQLITE_ROW) {
		*ret = (struct message){.type = sqlite3_column_int(s, 1),
			.invoices = sqlite3_column_int(s, 4),
			.kind = sqlite3_column_int(s, 6),
			.due_ms = sqlite3_column_int64(s, 11),
			.received_ms = sqlite3_column_int64(s, 12),
			.cleared = sqlite3_column_int64(s, 14),
			.row = sqlite3_column_int64(s, 15)};
		column_text(s, 0, ret->id, sizeof ret->id);
		column_text(s, 2, ret->tax_code, sizeof ret->tax_code);
		column_text(s, 3, ret->received_at, sizeof ret->received_at);
		column_text(s, 5, ret->state, sizeof ret->state);
		column_text(s, 7, ret->error, sizeof ret->error);
		column_blob(s, 8, &ret->body);
		column_blob(s, 9, &ret->answer999);
		column_blob(s, 10, &ret->answer204);
		column_text(s, 13, ret->faults, sizeof ret->faults);
	}
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		failed(b, "message-get");
	give_back(b, s);
	return rc == SQLITE_ROW ? 0 : rc == SQLITE_DONE ? 1 : -1;
}

int books_message_queried(struct books *b, const char *id)
{
	sqlite3_stmt *s = take(b, MESSAGE_QUERIED);

	bind_text(s, 1, id);
	return (int)ask(b, s, "message-queried");
}

int books_next_due(struct books *b, int64_t now_ms, char ret_id[MTDIEP_SIZE], int64_t *ret_due)
{
	sqlite3_stmt *s = take(b, MESSAGE_DUE);

	*ret_due = -1;
	if (sqlite3_step(s) == SQLITE_ROW) {
		column_text(s, 0, ret_id, MTDIEP_SIZE);
		*ret_due = sqlite3_column_int64(s, 1);
	}
	give_back(b, s);
	return *ret_due >= 0 && *ret_due <= now_ms ? 0 : 1;
}

int64_t books_next_number(struct books *b)
{
	return ask(b, take(b, NUMBER_NEXT), "number");
}

int books_begin(struct books *b)
{
	pthread_mutex_lock(&b->lock);
	if (sqlite3_exec(b->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	failed(b, "begin");
	pthread_mutex_unlock(&b->lock);
	return -1;
}

int books_end(struct books *b, bool keep)
{
	int rc = 0;

	if (keep && sqlite3_exec(b->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
		rc = failed(b, "commit");
		keep = false;
	}
	if (!keep)
		sqlite3_exec(b->db, "ROLLBACK", NULL, NULL, NULL);
	pthread_mutex_unlock(&b->lock);
	return rc;
}

static void bind_identity(sqlite3_stmt *s, const char *tax_code, const struct invoice *i)
{
	bind_text(s, 1, tax_code);
	bind_text(s, 2, i->form);
	bind_text(s, 3, i->serial);
	sqlite3_bind_int64(s, 4, i->number);
}

int books_identity_taken(struct books *b, const char *tax_code, const struct invoice *i)
{
	sqlite3_stmt *s = take(b, IDENTITY_TAKEN);

	bind_identity(s, tax_code, i);
	return (int)ask(b, s, "identity");
}

int books_code_taken(struct books *b, const char *code)
{
	sqlite3_stmt *s = take(b, CODE_TAKEN);

	bind_text(s, 1, code);
	return (int)ask(b, s, "code");
}

int64_t books_highest_number(struct books *b, const char *tax_code, const struct invoice *i, bool *ret_seen)
{
	sqlite3_stmt *s = take(b, NUMBER_HIGHEST);
	int64_t highest = -1;

	bind_identity(s, tax_code, i);
	if (sqlite3_step(s) == SQLITE_ROW) {
		highest = sqlite3_column_int64(s, 0);
		*ret_seen = sqlite3_column_int(s, 1) != 0;
	} else {
		failed(b, "highest");
	}
	give_back(b, s);
	return highest;
}

int books_invoice_add(struct books *b, const struct message *m, const struct invoice *i)
{
	sqlite3_stmt *s = take(b, INVOICE_ADD);

	bind_identity(s, m->tax_code, i);
	bind_text(s, 5, i->code);
	bind_text(s, 6, i->date);
	sqlite3_bind_int64(s, 7, i->net);
	sqlite3_bind_int64(s, 8, i->vat);
	sqlite3_bind_int64(s, 9, i->total);
	bind_text(s, 10, i->refusal.code[0] ? "refused" : "accepted");
	bind_text(s, 11, i->refusal.code);
	bind_text(s, 12, m->id);
	bind_text(s, 13, i->sha256);
	sqlite3_bind_int(s, 14, i->is_signed);
	return run(b, s, "invoice-add");
}

int books_message_settle(struct books *b, const struct message *m)
{
	sqlite3_stmt *s = take(b, MESSAGE_SETTLE);

	bind_text(s, 1, m->id);
	bind_text(s, 2, m->state);
	sqlite3_bind_int(s, 3, m->kind);
	bind_text(s, 4, m->error);
	bind_blob(s, 5, &m->answer999);
	bind_blob(s, 6, &m->answer204);
	return run(b, s, "message-settle");
}

void books_request(struct books *b, const char *at, const char *method, const char *path, const char *fault, int status)
{
	sqlite3_stmt *s = take(b, REQUEST_ADD);

	bind_text(s, 1, at);
	bind_text(s, 2, method);
	bind_text(s, 3, path);
	bind_text(s, 4, fault);
	sqlite3_bind_int(s, 5, status);
	run(b, s, "request-add");
}

void books_warning(struct books *b, const char *at, const char *id, const char *text)
{
	sqlite3_stmt *s = take(b, WARNING_ADD);

	bind_text(s, 1, at);
	bind_text(s, 2, id);
	bind_text(s, 3, text);
	run(b, s, "warning-add");
}

int books_print(struct books *b, bool as_json)
{
	static const char counts[] =
		"SELECT 'message '||state, count(*) FROM message GROUP BY state UNION ALL "
		"SELECT 'invoice '||state, count(*) FROM invoice GROUP BY state UNION ALL "
		"SELECT 'error '||error, count(*) FROM invoice WHERE error IS NOT NULL GROUP BY error UNION ALL "
		"SELECT 'total accepted', ifnull(sum(total),0) FROM invoice WHERE state='accepted' UNION ALL "
		"SELECT 'request '||method, count(*) FROM request GROUP BY method UNION ALL "
		"SELECT 'warning', count(*) FROM warning ORDER BY 1";
	sqlite3_stmt *s = NULL;
	cJSON *all = cJSON_CreateObject();

	if (sqlite3_prepare_v2(b->db, counts, -1, &s, NULL) != SQLITE_OK) {
		cJSON_Delete(all);
		return failed(b, "counts");
	}
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(s, 0);
		cJSON_AddNumberToObject(all, name, (double)sqlite3_column_int64(s, 1));
		if (!as_json)
			printf("%-20s %lld\n", name, (long long)sqlite3_column_int64(s, 1));
	}
	sqlite3_finalize(s);
	char *printed = cJSON_Print(all);
	if (as_json && printed)
		puts(printed);
	cJSON_free(printed);
	cJSON_Delete(all);
	return 0;
}
