/* shop: a store in a folder of its own for the tests of this layer. */
#ifndef HOADON_TESTS_STORE_SHOP_H
#define HOADON_TESTS_STORE_SHOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/digest.h"
#include "store/embedded.h"
#include "store/frames.h"
#include "store/fsck.h"
#include "store/invoices.h"
#include "store/ledger.h"
#include "store/messages.h"
#include "store/sales.h"
#include "store/store.h"

#define SHOP_SELLER "9900000016"
#define SHOP_NOW    INT64_C(1795327200000) /* 2026-11-22T13:00:00+07:00 */

struct shop {
	char dir[64];
	char clock_file[96];
	struct clock clock;
	struct store *store;
	struct arena *arena;
	struct fault fault;
	const char *pban; /* version of the invoices to come; NULL = 2.1.0 */
};

/* The text of the fault is what a broken test has to show. */
#define must(shop, call)                                                                                               \
	do {                                                                                                           \
		int must_result = (call);                                                                              \
		if (must_result != 0)                                                                                  \
			fail_msg("%s = %d: %s", #call, must_result, (shop)->fault.text);                               \
	} while (0)

static inline void shop_set_clock(struct shop *shop, int64_t ms)
{
	FILE *file = fopen(shop->clock_file, "w");

	assert_non_null(file);
	fprintf(file, "=%lld\n", (long long)ms);
	fclose(file);
}

static inline struct store *shop_open_another(struct shop *shop, enum store_mode mode)
{
	struct store *store = NULL;

	must(shop, store_open(shop->dir, mode, &shop->clock, mode == STORE_WRITE ? SHOP_SELLER : NULL, &store,
			   &shop->fault));
	return store;
}

static inline int shop_setup(void **state)
{
	struct shop *shop = calloc(1, sizeof(*shop));

	assert_non_null(shop);
	strcpy(shop->dir, "/tmp/hoadon-store-XXXXXX");
	assert_non_null(mkdtemp(shop->dir));
	snprintf(shop->clock_file, sizeof(shop->clock_file), "%s/clock", shop->dir);
	shop_set_clock(shop, SHOP_NOW);
	shop->clock.test_file = shop->clock_file;
	shop->arena = arena_new((size_t)256 << 20);
	assert_non_null(shop->arena);
	shop->store = shop_open_another(shop, STORE_WRITE);
	*state = shop;
	return 0;
}

static inline void shop_close(struct shop *shop)
{
	store_close(shop->store);
	shop->store = NULL;
}

static inline void shop_reopen(struct shop *shop)
{
	shop_close(shop);
	shop->store = shop_open_another(shop, STORE_WRITE);
}

static inline int shop_teardown(void **state)
{
	struct shop *shop = *state;
	char command[96];

	shop_close(shop);
	arena_free(shop->arena);
	snprintf(command, sizeof(command), "rm -rf %s", shop->dir);
	assert_int_equal(system(command), 0);
	free(shop);
	return 0;
}

/* What somebody with the file and an SQL shell can do; triggers are dropped first, as he would. */
static inline void shop_tamper(struct shop *shop, const char *sql)
{
	static const char drop[] =
		"DROP TRIGGER IF EXISTS ledger_keep; DROP TRIGGER IF EXISTS ledger_stay; DROP TRIGGER IF EXISTS "
		"invoice_keep; "
		"DROP TRIGGER IF EXISTS invoice_bytes_keep; DROP TRIGGER IF EXISTS message_bytes_keep;";
	char path[96];
	char *error = NULL;
	sqlite3 *db = NULL;

	snprintf(path, sizeof(path), "%s/current.db", shop->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, drop, NULL, NULL, NULL), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
	sqlite3_close(db);
}

/* What SQLite says to @sql when it comes past all our code. */
static inline int shop_try(struct shop *shop, const char *sql)
{
	char path[96];
	sqlite3 *db = NULL;
	int rc;

	snprintf(path, sizeof(path), "%s/current.db", shop->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	sqlite3_close(db);
	return rc;
}

struct shop_count {
	enum fsck_kind kind;
	int count;
};

static inline void shop_count_finding(void *context, const struct fsck_finding *finding)
{
	struct shop_count *count = context;

	count->count += finding->kind == count->kind;
}

/* How many findings of @kind fsck has. */
static inline int shop_findings(struct shop *shop, enum fsck_kind kind)
{
	struct shop_count count = {.kind = kind};
	struct fsck_watch watch = {.found = shop_count_finding, .context = &count};

	must(shop, fsck_store(shop->store, &watch, &shop->fault));
	return count.count;
}

/* One number out of the file, past all our code. */
static inline int64_t shop_number(struct shop *shop, const char *sql)
{
	char path[96];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int64_t number = -1;

	snprintf(path, sizeof(path), "%s/current.db", shop->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	if (sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return number;
}

/* PRAGMA user_version of a store of today. */
static inline int shop_schema(void)
{
	int version = 0;

	while (embedded_migrations[version])
		version++;
	return version;
}

static inline void shop_begin(struct shop *shop)
{
	must(shop, store_begin(shop->store, &shop->fault));
}

static inline void shop_commit(struct shop *shop)
{
	must(shop, store_commit(shop->store, &shop->fault));
}

static inline int64_t shop_frame(struct shop *shop, const char *text)
{
	struct frame_row row = {.source = "http",
		.dialect = "json",
		.till_id = "T01",
		.received_at = SHOP_NOW,
		.state = FRAME_DECODED,
		.bytes = text,
		.len = strlen(text)};
	int64_t id = 0;

	digest_sha256(row.bytes, row.len, row.digest);
	must(shop, store_frame_add(shop->store, &row, &id, &shop->fault));
	return id;
}

static inline struct sale_row shop_sale_row(int64_t frame_id, const char *bill_no)
{
	return (struct sale_row){.frame_id = frame_id,
		.till_id = "T01",
		.bill_no = bill_no,
		.business_day = 20261122,
		.kind = SALE_KIND_SALE,
		.revision = 1,
		.state = SALE_STATE_ISSUED,
		.sold_at = SHOP_NOW - 1000,
		.received_at = SHOP_NOW,
		.total = 110000,
		.digest = {1, 2, 3}};
}

static inline int64_t shop_sale(struct shop *shop, const char *bill_no)
{
	struct sale_row row = shop_sale_row(shop_frame(shop, "{}"), bill_no);
	int64_t id = 0;

	must(shop, store_sale_add(shop->store, &row, &id, &shop->fault));
	return id;
}

#define SHOP_HDON(pban, number) "<HDon><PBan>" pban "</PBan><SHDon>" number "</SHDon></HDon>"

/* Texts live in @shop's arena. */
static inline struct invoice_row shop_invoice_row(struct shop *shop, int32_t number)
{
	char *xml = arena_printf(shop->arena, SHOP_HDON("%s", "%d"), shop->pban ? shop->pban : "2.1.0", (int)number);
	struct invoice_row row;

	assert_non_null(xml);
	row = (struct invoice_row){.form = 1,
		.serial = "C26MAA",
		.number = number,
		.code = arena_printf(shop->arena, "M1-26-VD7K2-%011d", (int)number),
		.issued_at = SHOP_NOW + number,
		.sold_at = SHOP_NOW,
		.deadline = SHOP_NOW + 3600000,
		.net = 100000,
		.vat = 10000,
		.total = 110000,
		.refusal = "",
		.xml = xml,
		.xml_len = strlen(xml),
		.ledger_seq = number};
	digest_sha256(row.xml, row.xml_len, row.digest);
	return row;
}

/* A sale with its issued invoice @number; the invoice's id. */
static inline int64_t shop_invoice(struct shop *shop, int32_t number)
{
	struct invoice_row row = shop_invoice_row(shop, number);
	char bill[16];
	int64_t id = 0;

	snprintf(bill, sizeof(bill), "B%d", (int)number);
	must(shop, store_invoice_add(shop->store, &row, shop_sale(shop, bill), INVOICE_ROLE_ISSUES, &id, &shop->fault));
	return id;
}

static inline struct message_row shop_message_row(const char *message_id)
{
	return (struct message_row){.message_id = message_id,
		.type = 206,
		.head = "<TDiep><DLieu Id=\"_1\">",
		.signature = "<Signature></Signature>",
		.signature_len = 23,
		.digest = {9},
		.bytes = 1000,
		.made_at = SHOP_NOW,
		.next_try_at = SHOP_NOW,
		.route = "",
		.ref = "",
		.last_text = ""};
}

static inline int64_t shop_message(struct shop *shop, const char *message_id, const int64_t *invoices, size_t count)
{
	struct message_row row = shop_message_row(message_id);
	int64_t id = 0;

	must(shop, store_message_add(shop->store, &row, invoices, count, &id, &shop->fault));
	return id;
}

static inline struct message_row shop_get_message(struct shop *shop, int64_t id)
{
	struct message_row row = {0};

	must(shop, store_message_get(shop->store, id, shop->arena, &row, &shop->fault));
	return row;
}

static inline struct invoice_row shop_get_invoice(struct shop *shop, int64_t id)
{
	struct invoice_row row = {0};

	must(shop, store_invoice_get(shop->store, id, shop->arena, &row, &shop->fault));
	return row;
}

/* One record in a transaction of its own. */
static inline struct ledger_head shop_record(struct shop *shop, int64_t n)
{
	struct ledger_payload payload;
	struct ledger_head head;

	shop_begin(shop);
	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "n", n);
	must(shop, ledger_append(shop->store, LEDGER_ISSUED, &payload, &head, &shop->fault));
	shop_commit(shop);
	return head;
}

static inline struct ecsign_key *shop_key(struct shop *shop, const char *name)
{
	struct ecsign_key *key = NULL;
	char path[96];

	snprintf(path, sizeof(path), "%s/%s", shop->dir, name);
	must(shop, ecsign_load_or_make(path, &key, &shop->fault));
	return key;
}

#define SHOP_TEST(name) cmocka_unit_test_setup_teardown(name, shop_setup, shop_teardown)

#endif
