#include "shop.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "store/run.h"

static void a_new_store_is_found_again_with_the_same_id(void **state)
{
	struct shop *shop = *state;
	char id[33];

	snprintf(id, sizeof(id), "%s", store_id(shop->store));
	assert_int_equal(strlen(id), 32);
	assert_int_equal(store_epoch(shop->store), 1);
	shop_reopen(shop);
	assert_string_equal(store_id(shop->store), id);
	assert_string_equal(store_seller(shop->store), SHOP_SELLER);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM ledger WHERE event = 'begin'"), 1);
}

static void the_settings_are_those_that_lose_nothing(void **state)
{
	struct shop *shop = *state;
	struct stat info;
	char path[96];

	assert_int_equal(shop_number(shop, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
	/* 2 = FULL (SQLite documentation, PRAGMA synchronous) */
	sqlite3_stmt *stmt = NULL;

	assert_int_equal(sqlite3_prepare_v2(shop->store->db, "PRAGMA synchronous", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(stmt, 0), 2);
	sqlite3_finalize(stmt);
	snprintf(path, sizeof(path), "%s/current.db", shop->dir);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 077, 0);
}

static void another_seller_is_refused(void **state)
{
	struct shop *shop = *state;
	struct store *store = NULL;

	assert_int_equal(
		store_open(shop->dir, STORE_WRITE, &shop->clock, "9900000023", &store, &shop->fault), FAULT_CONFIG);
	assert_null(store);
	assert_non_null(strstr(shop->fault.text, SHOP_SELLER));
}

static void a_newer_schema_is_refused_in_both_modes(void **state)
{
	struct shop *shop = *state;
	struct store *store = NULL;
	struct fault fault = {0};
	char newer[40];

	shop_close(shop);
	snprintf(newer, sizeof(newer), "PRAGMA user_version = %d", shop_schema() + 1);
	shop_tamper(shop, newer);
	assert_int_equal(store_open(shop->dir, STORE_WRITE, &shop->clock, SHOP_SELLER, &store, &fault), FAULT_FORMAT);
	assert_int_equal(store_open(shop->dir, STORE_READ, &shop->clock, NULL, &store, &shop->fault), FAULT_FORMAT);
	assert_null(store);
}

/* A store of the very first schema, with something in it: read-only it is told apart, and the next start brings it up to date. */
static void an_older_schema_is_brought_up_to_date_by_a_start(void **state)
{
	struct shop *shop = *state;
	struct store *store = NULL;
	int64_t application = shop_number(shop, "PRAGMA application_id");
	char path[96], mark[120];

	shop_close(shop);
	snprintf(path, sizeof(path), "%s/current.db", shop->dir);
	assert_int_equal(truncate(path, 0), 0);
	shop_tamper(shop, embedded_migrations[0]);
	snprintf(mark, sizeof(mark), "PRAGMA user_version = 1; PRAGMA application_id = %d", (int)application);
	shop_tamper(shop, mark);
	shop_tamper(shop, "INSERT INTO frame (source, dialect, till_id, received_at, state, reason, digest, bytes) "
			  "VALUES ('http', 'json', 'T01', 1, 'decoded', '', x'00', x'00')");
	assert_int_equal(store_open(shop->dir, STORE_READ, &shop->clock, NULL, &store, &shop->fault), FAULT_FORMAT);
	assert_non_null(strstr(shop->fault.text, "start hoadond"));
	shop->store = shop_open_another(shop, STORE_WRITE);
	assert_int_equal(shop_number(shop, "PRAGMA user_version"), shop_schema());
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM frame"), 1);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM invoice_relation"), 0);
}

static void a_database_of_another_program_is_refused(void **state)
{
	struct shop *shop = *state;
	struct store *store = NULL;

	shop_close(shop);
	shop_tamper(shop, "PRAGMA application_id = 1; PRAGMA user_version = 0");
	assert_int_equal(
		store_open(shop->dir, STORE_WRITE, &shop->clock, SHOP_SELLER, &store, &shop->fault), FAULT_FORMAT);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
	struct shop *shop = *state;
	struct store *store = NULL;
	char path[96];
	FILE *file;

	shop_close(shop);
	snprintf(path, sizeof(path), "%s/current.db", shop->dir);
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("this is not a database. ", file);
	fclose(file);
	assert_int_equal(
		store_open(shop->dir, STORE_WRITE, &shop->clock, SHOP_SELLER, &store, &shop->fault), FAULT_FORMAT);
}

static void reading_where_there_is_no_store_is_a_sentence(void **state)
{
	struct shop *shop = *state;
	struct store *store = NULL;

	assert_int_equal(
		store_open("/tmp/hoadon-none", STORE_READ, &shop->clock, NULL, &store, &shop->fault), FAULT_IO);
	assert_non_null(strstr(shop->fault.text, "first start"));
}

static void an_empty_file_left_by_a_crash_becomes_a_store(void **state)
{
	struct shop *shop = *state;
	char path[96];

	shop_close(shop);
	snprintf(path, sizeof(path), "%s/current.db", shop->dir);
	assert_int_equal(truncate(path, 0), 0);
	shop->store = shop_open_another(shop, STORE_WRITE);
	assert_int_equal(shop_number(shop, "PRAGMA user_version"), shop_schema());
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM identity"), 1);
}

static void a_second_process_is_told_who_writes(void **state)
{
	struct shop *shop = *state;
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		struct store *store = NULL;
		struct fault fault = {0};
		char pid[32];
		int result = store_open(shop->dir, STORE_WRITE, &shop->clock, SHOP_SELLER, &store, &fault);

		snprintf(pid, sizeof(pid), "process %d ", (int)getppid());
		_exit(result == FAULT_BUSY && strstr(fault.text, pid) ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void a_second_process_reads_while_we_write(void **state)
{
	struct shop *shop = *state;
	int status = 0;
	pid_t child;

	shop_begin(shop);
	must(shop, store_meta_put(shop->store, "k", "v", 1, &shop->fault));
	child = fork();
	if (child == 0) {
		struct store *store = NULL;
		struct fault fault = {0};
		struct bytes value = {.max = 10};
		int result = store_open(shop->dir, STORE_READ, &shop->clock, NULL, &store, &fault);

		/* what is not committed does not exist */
		_exit(result == 0 && store_meta_get(store, "k", &value, &fault) == STORE_NONE ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	shop_commit(shop);
}

static void the_lock_is_taken_again_when_a_sibling_closes(void **state)
{
	struct shop *shop = *state;
	struct store *sibling = shop_open_another(shop, STORE_WRITE);
	int status = 0;
	pid_t child;

	store_close(sibling);
	shop_begin(shop);
	store_rollback(shop->store);
	child = fork();
	if (child == 0) {
		struct store *store = NULL;

		_exit(store_open(shop->dir, STORE_WRITE, &shop->clock, SHOP_SELLER, &store, NULL) == FAULT_BUSY ? 0
														: 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void a_reader_sees_one_picture_until_it_ends(void **state)
{
	struct shop *shop = *state;
	struct store *reader = shop_open_another(shop, STORE_READ);
	struct ledger_head before, during, after;

	must(shop, store_begin_read(reader, &shop->fault));
	must(shop, ledger_head_get(reader, &before, &shop->fault));
	shop_record(shop, 1);
	must(shop, ledger_head_get(reader, &during, &shop->fault));
	store_rollback(reader);
	must(shop, ledger_head_get(reader, &after, &shop->fault));
	assert_int_equal(during.seq, before.seq);
	assert_int_equal(after.seq, before.seq + 1);
	store_close(reader);
}

static void a_reader_works_when_nobody_has_the_store_open(void **state)
{
	struct shop *shop = *state;
	struct store *reader;
	struct ledger_head head;

	shop_record(shop, 1);
	shop_close(shop);
	reader = shop_open_another(shop, STORE_READ);
	must(shop, ledger_head_get(reader, &head, &shop->fault));
	assert_int_equal(head.seq, 2);
	assert_string_equal(store_seller(reader), SHOP_SELLER);
	store_close(reader);
}

static void a_reader_cannot_write(void **state)
{
	struct shop *shop = *state;
	struct store *reader = shop_open_another(shop, STORE_READ);

	must(shop, store_begin_read(reader, &shop->fault));
	assert_true(store_meta_put(reader, "k", "v", 1, &shop->fault) < 0);
	store_close(reader);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM meta"), 0);
}

static void a_rollback_leaves_nothing(void **state)
{
	struct shop *shop = *state;
	struct bytes value = {.max = 10};

	shop_begin(shop);
	must(shop, store_meta_put(shop->store, "k", "v", 1, &shop->fault));
	store_rollback(shop->store);
	store_rollback(shop->store);
	assert_int_equal(store_meta_get(shop->store, "k", &value, &shop->fault), STORE_NONE);
	bytes_done(&value);
}

static void meta_is_replaced_and_keeps_zero_bytes(void **state)
{
	struct shop *shop = *state;
	struct bytes value = {.max = 10};

	shop_begin(shop);
	must(shop, store_meta_put(shop->store, "k", "old", 3, &shop->fault));
	must(shop, store_meta_put(shop->store, "k", "a\0b", 3, &shop->fault));
	must(shop, store_meta_put(shop->store, "empty", NULL, 0, &shop->fault));
	shop_commit(shop);
	must(shop, store_meta_get(shop->store, "k", &value, &shop->fault));
	assert_int_equal(value.len, 3);
	assert_memory_equal(value.data, "a\0b", 3);
	must(shop, store_meta_get(shop->store, "empty", &value, &shop->fault));
	assert_int_equal(value.len, 3);
	bytes_done(&value);
}

static void a_write_outside_a_transaction_is_our_bug(void **state)
{
	struct shop *shop = *state;

	assert_int_equal(store_meta_put(shop->store, "k", "v", 1, &shop->fault), FAULT_BUG);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM meta"), 0);
}

static void a_statement_for_which_there_is_no_memory_is_a_fault_and_works_later(void **state)
{
	struct shop *shop = *state;
	struct bytes value = {.max = 10};

	run_finalize(shop->store);
	sqlite3_db_release_memory(shop->store->db);
	sqlite3_hard_heap_limit64(sqlite3_memory_used());
	int result = store_meta_get(shop->store, "k", &value, &shop->fault);
	sqlite3_hard_heap_limit64(0);
	assert_int_equal(result, FAULT_MEMORY);
	assert_int_equal(store_meta_get(shop->store, "k", &value, &shop->fault), STORE_NONE);
	bytes_done(&value);
}

static void a_full_disk_is_told_and_undone(void **state)
{
	struct shop *shop = *state;
	size_t len = 4 << 20;
	char *big = malloc(len);
	int result;

	assert_non_null(big);
	/* noise, so that packing does not help */
	digest_random(big, len);
	assert_false(store_is_full(shop->store));
	assert_int_equal(sqlite3_exec(shop->store->db, "PRAGMA max_page_count = 200", NULL, NULL, NULL), SQLITE_OK);
	shop_begin(shop);
	result = store_meta_put(shop->store, "k", big, len, &shop->fault);
	if (result == 0)
		result = store_commit(shop->store, &shop->fault);
	assert_int_equal(result, FAULT_IO);
	assert_true(store_is_full(shop->store));
	store_rollback(shop->store);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM meta"), 0);
	shop_begin(shop);
	must(shop, store_meta_put(shop->store, "k", "v", 1, &shop->fault));
	shop_commit(shop);
	free(big);
}

static void the_wal_is_emptied_when_asked_and_large_enough(void **state)
{
	struct shop *shop = *state;
	struct stat info;
	char path[96];

	snprintf(path, sizeof(path), "%s/current.db-wal", shop->dir);
	for (int i = 0; i < 20; i++)
		shop_record(shop, i);
	must(shop, store_checkpoint_wal(shop->store, INT64_C(1) << 40, &shop->fault));
	assert_int_equal(stat(path, &info), 0);
	assert_true(info.st_size > 0);
	must(shop, store_checkpoint_wal(shop->store, 0, &shop->fault));
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_size, 0);
	must(shop, store_checkpoint_wal(shop->store, 0, &shop->fault));
	shop_record(shop, 21);
}

static void a_checkpoint_waits_for_no_reader(void **state)
{
	struct shop *shop = *state;
	struct store *reader = shop_open_another(shop, STORE_READ);
	struct ledger_head head;
	int64_t start = clock_mono_ms(&(struct clock){0});

	must(shop, store_begin_read(reader, &shop->fault));
	must(shop, ledger_head_get(reader, &head, &shop->fault));
	shop_record(shop, 1);
	must(shop, store_checkpoint_wal(shop->store, 0, &shop->fault));
	assert_true(clock_mono_ms(&(struct clock){0}) - start < 5000);
	store_close(reader);
}

static void every_failpoint_has_a_name_of_its_own(void **state)
{
	size_t count = 0;

	(void)state;
	for (; store_failpoints(count); count++) {
		assert_int_equal(strncmp(store_failpoints(count), "store.", 6), 0);
		for (size_t i = 0; i < count; i++)
			assert_string_not_equal(store_failpoints(i), store_failpoints(count));
	}
	assert_int_equal(count, STATEMENT_COUNT + 1);
	assert_null(store_failpoints(count + 1));
}

static void every_state_is_counted(void **state)
{
	struct shop *shop = *state;
	struct sale_counts sales;
	struct invoice_counts invoices;
	struct message_counts messages;

	must(shop, store_sale_count(shop->store, &sales, &shop->fault));
	must(shop, store_invoice_count(shop->store, &invoices, &shop->fault));
	must(shop, store_message_count(shop->store, &messages, &shop->fault));
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM tally"),
		FRAME_STATE_COUNT + SALE_STATE_COUNT + INVOICE_STATE_COUNT + MESSAGE_STATE_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(a_new_store_is_found_again_with_the_same_id),
		SHOP_TEST(the_settings_are_those_that_lose_nothing),
		SHOP_TEST(another_seller_is_refused),
		SHOP_TEST(an_older_schema_is_brought_up_to_date_by_a_start),
		SHOP_TEST(a_newer_schema_is_refused_in_both_modes),
		SHOP_TEST(a_database_of_another_program_is_refused),
		SHOP_TEST(a_file_that_is_no_database_is_refused),
		SHOP_TEST(reading_where_there_is_no_store_is_a_sentence),
		SHOP_TEST(an_empty_file_left_by_a_crash_becomes_a_store),
		SHOP_TEST(a_second_process_is_told_who_writes),
		SHOP_TEST(a_second_process_reads_while_we_write),
		SHOP_TEST(the_lock_is_taken_again_when_a_sibling_closes),
		SHOP_TEST(a_reader_sees_one_picture_until_it_ends),
		SHOP_TEST(a_reader_works_when_nobody_has_the_store_open),
		SHOP_TEST(a_reader_cannot_write),
		SHOP_TEST(a_rollback_leaves_nothing),
		SHOP_TEST(meta_is_replaced_and_keeps_zero_bytes),
		SHOP_TEST(a_write_outside_a_transaction_is_our_bug),
		SHOP_TEST(a_statement_for_which_there_is_no_memory_is_a_fault_and_works_later),
		SHOP_TEST(a_full_disk_is_told_and_undone),
		SHOP_TEST(the_wal_is_emptied_when_asked_and_large_enough),
		SHOP_TEST(a_checkpoint_waits_for_no_reader),
		SHOP_TEST(every_failpoint_has_a_name_of_its_own),
		SHOP_TEST(every_state_is_counted),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
