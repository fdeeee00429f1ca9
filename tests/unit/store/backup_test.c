#include "shop.h"

#include "base/file.h"
#include "store/hold.h"
#include "store/restore.h"

#define WORDS "one two three four five"

struct place {
	char file[96], dir[96];
};

static struct place make_place(const struct shop *shop)
{
	struct place place;

	snprintf(place.file, sizeof(place.file), "%s/b.bak", shop->dir);
	snprintf(place.dir, sizeof(place.dir), "%s/elsewhere", shop->dir);
	return place;
}

static void sell(struct shop *shop, int32_t number)
{
	shop_begin(shop);
	shop_invoice(shop, number);
	shop_commit(shop);
}

static void back_up(struct shop *shop, const struct place *place, struct backup_head *head)
{
	const struct backup_watch watch = {0};

	must(shop, backup_write(shop->store, place->file, WORDS, strlen(WORDS), &watch, head, &shop->fault));
}

static struct store *unpack(struct shop *shop, const struct place *place, struct restore **restore)
{
	const struct backup_watch watch = {0};
	struct store *store = NULL;

	must(shop, restore_open(place->file, restore, &shop->fault));
	must(shop, restore_unlock(*restore, WORDS, strlen(WORDS), &shop->fault));
	must(shop, file_make_dir(place->dir, 0700, &shop->fault));
	must(shop, restore_unpack(*restore, place->dir, &watch, &shop->fault));
	must(shop, store_open(place->dir, STORE_WRITE, &shop->clock, NULL, &store, &shop->fault));
	return store;
}

static void a_head_is_read_as_it_was_written_and_not_otherwise(void **state)
{
	BYTES_CLEANUP struct bytes text = {.max = BACKUP_HEAD_MAX};
	struct backup_head head = {.store = "000102030405060708090a0b0c0d0e0f",
		.seller = SHOP_SELLER,
		.epoch = 2,
		.ledger = {.seq = 1234567},
		.made_at = SHOP_NOW};
	struct backup_head back;

	(void)state;
	memset(head.ledger.hash, 0xa1, DIGEST_LEN);
	memset(head.salt, 0xb2, SEALED_SALT_LEN);
	memset(head.check, 0xc3, SEALED_CHECK_LEN);
	ledger_tail(head.ledger.hash, head.ledger.tail);
	backup_head_write(&head, &text);
	assert_int_equal(backup_head_read(&text, &back, NULL), 0);
	assert_string_equal(back.store, head.store);
	assert_string_equal(back.seller, head.seller);
	assert_int_equal(back.epoch, 2);
	assert_int_equal(back.ledger.seq, 1234567);
	assert_memory_equal(back.ledger.hash, head.ledger.hash, DIGEST_LEN);
	assert_string_equal(back.ledger.tail, head.ledger.tail);
	assert_int_equal(back.made_at, SHOP_NOW);
	assert_memory_equal(back.salt, head.salt, SEALED_SALT_LEN);
	assert_memory_equal(back.check, head.check, SEALED_CHECK_LEN);
	/* Another blank, case or leading zero is another head, whatever sscanf makes of it. */
	for (size_t i = 0; i < text.len; i++) {
		static const char bad[] = {' ', '\n', '\0', 'A', '+'};

		for (size_t j = 0; j < sizeof(bad); j++) {
			uint8_t before = text.data[i];
			int result;

			text.data[i] = (uint8_t)bad[j];
			result = backup_head_read(&text, &back, NULL);
			if (result == 0) /* a name of other letters is a name */
				assert_true(before == text.data[i] || (i >= 22 && i < 72));
			else
				assert_int_equal(result, FAULT_FORMAT);
			text.data[i] = before;
		}
	}
	text.data[14] = '2';
	assert_int_equal(backup_head_read(&text, &back, NULL), FAULT_CONFIG);
}

static void a_store_comes_back_as_it_was_and_takes_no_number(void **state)
{
	struct shop *shop = *state;
	struct place place = make_place(shop);
	CLEANUP(restore_closep) struct restore *restore = NULL;
	CLEANUP(store_closep) struct store *back = NULL;
	struct backup_head head;
	struct ledger_head before, after;
	struct ledger_finding finding;
	struct ledger_summary summary;
	struct hold hold;

	sell(shop, 1);
	must(shop, ledger_head_get(shop->store, &before, &shop->fault));
	back_up(shop, &place, &head);
	sell(shop, 2);
	assert_int_equal(head.ledger.seq, before.seq);
	back = unpack(shop, &place, &restore);
	must(shop, restore_check(restore, back, &shop->fault));
	assert_string_equal(store_id(back), store_id(shop->store));
	must(shop, ledger_head_get(back, &after, &shop->fault));
	assert_memory_equal(after.hash, before.hash, DIGEST_LEN);
	must(shop, store_hold_get(back, &hold, &shop->fault));
	assert_int_equal(hold.kind, HOLD_NONE);
	must(shop, restore_mark(restore, back, &shop->fault));
	must(shop, store_hold_get(back, &hold, &shop->fault));
	assert_int_equal(hold.kind, HOLD_RESTORED);
	assert_string_equal(hold.detail, "2026-11-22T13:00:00+07:00");
	must(shop, ledger_check(back, &finding, &summary, NULL, &shop->fault));
	assert_int_equal(summary.records, before.seq + 2); /* restore, hold */
}

/* What a program of the first schema would have put into the backup. */
static void forget_later_schemas(const struct place *place)
{
	static const char copy[] = "SELECT group_concat('INSERT OR REPLACE INTO main.' || t || ' (' || c || ') SELECT "
				   "' || c || ' FROM newest.' "
				   "|| t, ';') FROM (SELECT m.name AS t, (SELECT group_concat(name) FROM "
				   "pragma_table_info(m.name, 'main')) AS c "
				   "FROM main.sqlite_schema m WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%')";
	char path[128], newest[160], sql[400];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;

	snprintf(path, sizeof(path), "%s/current.db", place->dir);
	snprintf(newest, sizeof(newest), "%s.newest", path);
	assert_int_equal(rename(path, newest), 0);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, embedded_migrations[0], NULL, NULL, NULL), SQLITE_OK);
	snprintf(sql, sizeof(sql), "PRAGMA user_version = 1; PRAGMA application_id = 1213153604; ATTACH '%s' AS newest",
		newest);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, copy, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	CLEANUP(freep) char *inserts = strdup((const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	assert_int_equal(sqlite3_exec(db, inserts, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	unlink(newest);
}

static void a_backup_of_an_earlier_program_is_brought_up_to_date(void **state)
{
	struct shop *shop = *state;
	struct place place = make_place(shop);
	const struct backup_watch watch = {0};
	CLEANUP(restore_closep) struct restore *restore = NULL;
	CLEANUP(store_closep) struct store *back = NULL;
	struct backup_head head;
	struct ledger_head now;

	sell(shop, 1);
	back_up(shop, &place, &head);
	must(shop, restore_open(place.file, &restore, &shop->fault));
	must(shop, restore_unlock(restore, WORDS, strlen(WORDS), &shop->fault));
	must(shop, file_make_dir(place.dir, 0700, &shop->fault));
	must(shop, restore_unpack(restore, place.dir, &watch, &shop->fault));
	forget_later_schemas(&place);
	must(shop, store_open(place.dir, STORE_WRITE, &shop->clock, NULL, &back, &shop->fault));
	must(shop, restore_check(restore, back, &shop->fault));
	must(shop, ledger_head_get(back, &now, &shop->fault));
	assert_int_equal(now.seq, head.ledger.seq + 1); /* upgrade */
	/* One record more is another store than the head speaks of. */
	must(shop, restore_mark(restore, back, &shop->fault));
	assert_int_equal(restore_check(restore, back, &shop->fault), FAULT_FORMAT);
}

/* The uncommitted part of another handle is not in it, and the other handle does not wait. */
static void what_is_under_way_is_not_in_it(void **state)
{
	struct shop *shop = *state;
	struct place place = make_place(shop);
	CLEANUP(restore_closep) struct restore *restore = NULL;
	CLEANUP(store_closep) struct store *reader = shop_open_another(shop, STORE_READ);
	CLEANUP(store_closep) struct store *back = NULL;
	const struct backup_watch watch = {0};
	struct backup_head head;
	struct ledger_head before;

	sell(shop, 1);
	must(shop, ledger_head_get(shop->store, &before, &shop->fault));
	shop_begin(shop);
	shop_invoice(shop, 2);
	must(shop, backup_write(reader, place.file, WORDS, strlen(WORDS), &watch, &head, &shop->fault));
	shop_commit(shop);
	assert_int_equal(head.ledger.seq, before.seq);
	back = unpack(shop, &place, &restore);
	must(shop, restore_check(restore, back, &shop->fault));
}

static void the_ledger_key_comes_along(void **state)
{
	struct shop *shop = *state;
	struct place place = make_place(shop);
	CLEANUP(restore_closep) struct restore *restore = NULL;
	CLEANUP(store_closep) struct store *back = NULL;
	CLEANUP(ecsign_freep) struct ecsign_key *key = NULL;
	BYTES_CLEANUP struct bytes was = {.max = 4096}, is = {.max = 4096};
	struct backup_head head;
	char path[128];

	snprintf(path, sizeof(path), "%s/ledger.key", shop->dir);
	must(shop, ecsign_load_or_make(path, &key, &shop->fault));
	back_up(shop, &place, &head);
	back = unpack(shop, &place, &restore);
	must(shop, file_read(path, &was, &shop->fault));
	snprintf(path, sizeof(path), "%s/ledger.key", place.dir);
	must(shop, file_read(path, &is, &shop->fault));
	assert_int_equal(is.len, was.len);
	assert_memory_equal(is.data, was.data, was.len);
}

static void another_passphrase_is_told(void **state)
{
	struct shop *shop = *state;
	struct place place = make_place(shop);
	CLEANUP(restore_closep) struct restore *restore = NULL;
	struct backup_head head;

	back_up(shop, &place, &head);
	must(shop, restore_open(place.file, &restore, &shop->fault));
	assert_int_equal(restore_unlock(restore, WORDS " six", strlen(WORDS) + 4, &shop->fault), RESTORE_WRONG_KEY);
	assert_int_equal(restore_unlock(restore, WORDS, strlen(WORDS), &shop->fault), 0);
}

/* Whoever knows the passphrase can seal anything; what is in it must still be what the head says. */
static void another_store_than_the_head_says_is_refused(void **state)
{
	static const char *const changes[] = {"UPDATE identity SET store = 'ffffffffffffffffffffffffffffffff'",
		"INSERT INTO epoch VALUES (2, 1, 0, 'x')", "UPDATE ledger_tip SET head = zeroblob(32)",
		"UPDATE ledger_tip SET seq = seq - 1"};
	struct shop *shop = *state;
	struct place place = make_place(shop);

	sell(shop, 1);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		CLEANUP(restore_closep) struct restore *restore = NULL;
		struct store *back = NULL;
		struct backup_head head;
		struct fault fault = {0};
		char command[256], original[64];

		back_up(shop, &place, &head);
		back = unpack(shop, &place, &restore);
		store_close(back);
		strcpy(original, shop->dir);
		strcpy(shop->dir + strlen(shop->dir), "/elsewhere");
		shop_tamper(shop, changes[i]);
		strcpy(shop->dir, original);
		must(shop, store_open(place.dir, STORE_WRITE, &shop->clock, NULL, &back, &shop->fault));
		assert_int_equal(restore_check(restore, back, &fault), FAULT_FORMAT);
		store_close(back);
		snprintf(command, sizeof(command), "rm -r %s %s", place.file, place.dir);
		assert_int_equal(system(command), 0);
	}
}

static void nothing_is_written_over_and_nothing_is_left(void **state)
{
	struct shop *shop = *state;
	struct place place = make_place(shop);
	const struct backup_watch watch = {0};
	struct backup_head head;
	struct fault fault = {0};
	char command[256];

	must(shop, file_write(place.file, "mine", 4, 0600, &shop->fault));
	assert_int_equal(backup_write(shop->store, place.file, WORDS, strlen(WORDS), &watch, &head, &fault), FAULT_IO);
	assert_int_equal(
		backup_write(shop->store, "/nowhere/b.bak", WORDS, strlen(WORDS), &watch, &head, &fault), FAULT_IO);
	snprintf(command, sizeof(command), "test \"$(cat %s)\" = mine && ! ls %s | grep -q 'part\\|current.db\\.'",
		place.file, shop->dir);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_head_is_read_as_it_was_written_and_not_otherwise, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(
			a_store_comes_back_as_it_was_and_takes_no_number, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(
			a_backup_of_an_earlier_program_is_brought_up_to_date, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(what_is_under_way_is_not_in_it, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(the_ledger_key_comes_along, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(another_passphrase_is_told, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(another_store_than_the_head_says_is_refused, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(nothing_is_written_over_and_nothing_is_left, shop_setup, shop_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
