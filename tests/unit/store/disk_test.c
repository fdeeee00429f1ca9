#include "shop.h"

#include <unistd.h>

#include "base/file.h"
#include "store/disk.h"
#include "store/run.h"

#define RESERVE_BYTES ((int64_t)1 << 20)

static struct disk *disk_of(struct shop *shop, int64_t bytes)
{
	struct disk *disk = NULL;

	must(shop, disk_open(shop->dir, bytes, &disk, &shop->fault));
	return disk;
}

static int64_t reserve_size(const struct shop *shop)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/reserve", shop->dir);
	return file_size(path);
}

static void make_reserve(const struct shop *shop, int64_t bytes)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/reserve", shop->dir);
	fclose(fopen(path, "w"));
	assert_int_equal(truncate(path, bytes), 0);
}

static int64_t wal_size(const struct shop *shop)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/current.db-wal", shop->dir);
	return file_size(path);
}

/* A little more than @bytes of WAL, in a transaction; the database does not grow by it. */
static void write_wal(struct shop *shop, size_t bytes)
{
	char *value = malloc(bytes);

	assert_non_null(value);
	digest_random(value, bytes); /* what is the same is not written */
	shop_begin(shop);
	must(shop, store_meta_put(shop->store, "k", value, bytes, &shop->fault));
	shop_commit(shop);
	free(value);
}

static int64_t records(struct shop *shop)
{
	return shop_number(shop, "SELECT count(*) FROM ledger WHERE event = 'disk'");
}

static int commit_nothing(struct shop *shop)
{
	int result = store_begin(shop->store, &shop->fault);

	return result ? result : store_commit(shop->store, &shop->fault);
}

/* As SQLite tells of a failed sync. */
static void fail_with(struct shop *shop, int rc)
{
	assert_true(run_fail(shop->store, rc, "a test", &shop->fault) < 0);
}

static void an_eighth_of_the_reserve_is_given_up_by_a_write_without_room_and_all_is_taken_again(void **state)
{
	struct shop *shop = *state;
	struct disk *disk = disk_of(shop, RESERVE_BYTES);

	store_share_disk(shop->store, disk);
	assert_int_equal(disk_state(disk), DISK_OK);
	assert_int_equal(reserve_size(shop), RESERVE_BYTES);
	fail_with(shop, SQLITE_FULL);
	assert_true(store_is_full(shop->store));
	assert_int_equal(store_disk_state(shop->store), DISK_FULL);
	assert_int_equal(reserve_size(shop), RESERVE_BYTES / 8 * 7);
	for (int i = 6; i > 0; i--) {
		disk_note_full(disk);
		assert_int_equal(reserve_size(shop), RESERVE_BYTES / 8 * i);
	}
	disk_note_full(disk);
	assert_int_equal(reserve_size(shop), -1);
	disk_note_full(disk);
	must(shop, commit_nothing(shop)); /* the ledger stays writable */
	disk_look(disk);
	assert_int_equal(disk_state(disk), DISK_OK);
	assert_int_equal(reserve_size(shop), RESERVE_BYTES);
	disk_free(disk);
}

static void without_room_for_the_reserve_twice_the_disk_is_full(void **state)
{
	struct shop *shop = *state;
	struct disk *disk = disk_of(shop, file_room(shop->dir) / 4 * 3);

	assert_int_equal(disk_state(disk), DISK_FULL);
	assert_int_equal(reserve_size(shop), -1);
	disk_free(disk);
}

static void little_room_is_noticed_before_a_write_fails(void **state)
{
	struct shop *shop = *state;
	int64_t bytes = 16 * file_room(shop->dir);

	make_reserve(shop, bytes);
	struct disk *disk = disk_of(shop, bytes);
	assert_int_equal(disk_state(disk), DISK_FULL);
	assert_int_equal(reserve_size(shop), bytes / 8 * 7);
	disk_look(disk);
	assert_int_equal(reserve_size(shop), bytes / 8 * 7); /* the rest is not for whoever fills the disk */
	disk_free(disk);
}

/* A start writes before a handle could find that there is no room. */
static void a_start_without_room_gets_a_piece_more(void **state)
{
	struct shop *shop = *state;
	int64_t bytes = 16 * file_room(shop->dir);

	make_reserve(shop, bytes / 8 * 5);
	struct disk *disk = disk_of(shop, bytes);
	assert_int_equal(disk_state(disk), DISK_FULL);
	assert_int_equal(reserve_size(shop), bytes / 8 * 4);
	disk_free(disk);
}

static void a_reserve_that_was_larger_is_given_up_as_the_smaller_one(void **state)
{
	struct shop *shop = *state;

	make_reserve(shop, 3 * RESERVE_BYTES);
	struct disk *disk = disk_of(shop, RESERVE_BYTES);
	assert_int_equal(disk_state(disk), DISK_OK);
	disk_note_full(disk);
	assert_int_equal(disk_state(disk), DISK_FULL);
	assert_int_equal(reserve_size(shop), RESERVE_BYTES / 8 * 7);
	disk_free(disk);
}

/* As when the sender, which moves the WAL at half the reserve, hangs in a call. */
static void the_wal_is_bounded_by_whoever_commits(void **state)
{
	struct shop *shop = *state;
	struct disk *disk = disk_of(shop, RESERVE_BYTES);
	int64_t most = 0;

	store_share_disk(shop->store, disk);
	for (int i = 0; i < 100; i++) {
		write_wal(shop, 100000);
		most = wal_size(shop) > most ? wal_size(shop) : most;
	}
	assert_true(most > disk_wal_max(RESERVE_BYTES));
	assert_true(most < RESERVE_BYTES);
	shop_close(shop);
	disk_free(disk);
}

/* A reader keeps it from beginning anew. */
static void a_wal_that_outgrew_the_reserve_is_cut_when_it_begins_anew(void **state)
{
	struct shop *shop = *state;
	struct store *reader = shop_open_another(shop, STORE_READ);
	struct disk *disk = disk_of(shop, RESERVE_BYTES);
	struct ledger_head head;

	store_share_disk(shop->store, disk);
	must(shop, store_begin_read(reader, &shop->fault));
	must(shop, ledger_head_get(reader, &head, &shop->fault));
	write_wal(shop, 3 * RESERVE_BYTES);
	store_close(reader);
	assert_true(wal_size(shop) > 3 * RESERVE_BYTES);
	must(shop, commit_nothing(shop));
	write_wal(shop, 1);
	write_wal(shop, 1);
	assert_int_equal(wal_size(shop), disk_wal_max(RESERVE_BYTES));
	shop_close(shop);
	disk_free(disk);
}

/* The second medium may still have to read it, and takes hold of it a little later. */
static void what_a_start_finds_in_the_wal_is_not_moved_by_its_first_commits(void **state)
{
	struct shop *shop = *state;
	struct store *other = shop_open_another(shop, STORE_READ);
	struct disk *disk = disk_of(shop, RESERVE_BYTES);
	int64_t size;

	write_wal(shop, 3 * RESERVE_BYTES);
	shop_reopen(shop);
	store_share_disk(shop->store, disk);
	size = wal_size(shop);
	assert_true(size > 3 * RESERVE_BYTES);
	write_wal(shop, 1);
	write_wal(shop, 1);
	assert_true(wal_size(shop) > size);
	store_close(other);
	shop_close(shop);
	disk_free(disk);
}

static void on_a_full_disk_the_wal_keeps_its_room(void **state)
{
	struct shop *shop = *state;
	struct disk *disk = disk_of(shop, RESERVE_BYTES);
	int64_t size;

	store_share_disk(shop->store, disk);
	write_wal(shop, 100000);
	size = wal_size(shop);
	assert_true(size > 100000);
	disk_note_full(disk);
	must(shop, store_checkpoint_wal(shop->store, 0, &shop->fault));
	write_wal(shop, 50000); /* from the beginning again */
	assert_int_equal(wal_size(shop), size);
	disk_look(disk);
	must(shop, store_checkpoint_wal(shop->store, 0, &shop->fault));
	assert_int_equal(wal_size(shop), 0);
	shop_close(shop);
	disk_free(disk);
}

static void half_a_reserve_is_made_whole(void **state)
{
	struct shop *shop = *state;

	make_reserve(shop, RESERVE_BYTES / 2);
	struct disk *disk = disk_of(shop, RESERVE_BYTES);
	assert_int_equal(disk_state(disk), DISK_OK);
	assert_int_equal(reserve_size(shop), RESERVE_BYTES);
	disk_free(disk);
}

static void a_failed_sync_lets_nothing_begin_before_the_store_was_opened_anew(void **state)
{
	struct shop *shop = *state;
	struct disk *disk = disk_of(shop, RESERVE_BYTES);
	char why[DISK_WHY_MAX];
	sqlite3 *before = shop->store->db;

	store_share_disk(shop->store, disk);
	fail_with(shop, SQLITE_IOERR_FSYNC);
	assert_int_equal(disk_state(disk), DISK_FAILING);
	assert_int_equal(disk_failures(disk, why), 1);
	assert_string_equal(why, shop->fault.text);
	fail_with(shop, SQLITE_IOERR_FSYNC);
	assert_int_equal(disk_failures(disk, why), 1);
	assert_true(commit_nothing(shop) < 0);
	assert_int_equal(records(shop), 0); /* reading goes on */
	shop->store->heal_at = 0;	    /* a second later */
	must(shop, commit_nothing(shop));
	assert_int_equal(disk_state(disk), DISK_OK);
	assert_int_equal(records(shop), 1);
	assert_ptr_not_equal(shop->store->db, before);
	shop_close(shop);
	disk_free(disk);
}

static void a_ledger_that_broke_meanwhile_is_not_gone_on_with(void **state)
{
	struct shop *shop = *state;
	struct disk *disk = disk_of(shop, RESERVE_BYTES);

	store_share_disk(shop->store, disk);
	fail_with(shop, SQLITE_IOERR_WRITE);
	shop_tamper(shop, "UPDATE ledger SET event = 'look' WHERE seq = 1");
	for (int i = 0; i < 3; i++) {
		shop->fault = (struct fault){0};
		shop->store->heal_at = 0;
		assert_int_equal(commit_nothing(shop), FAULT_FORMAT);
		assert_non_null(strstr(shop->fault.text, "the ledger is broken at record 1"));
	}
	assert_int_equal(disk_state(disk), DISK_FAILING);
	shop_close(shop);
	disk_free(disk);
}

static void only_a_failure_of_the_disk_opens_anew(void **state)
{
	static const struct {
		int rc;
		enum disk_state state;
	} cases[] = {
		{SQLITE_NOMEM, DISK_OK},
		{SQLITE_IOERR_NOMEM, DISK_OK},
		{SQLITE_BUSY, DISK_OK},
		{SQLITE_CORRUPT, DISK_OK},
		{SQLITE_CONSTRAINT, DISK_OK},
		{SQLITE_IOERR_SHMMAP, DISK_FAILING},
		{SQLITE_READONLY, DISK_FAILING},
		{SQLITE_IOERR_READ, DISK_OK},
		{SQLITE_CANTOPEN, DISK_FAILING},
	};
	struct shop *shop = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct disk *disk = disk_of(shop, RESERVE_BYTES);

		store_share_disk(shop->store, disk);
		fail_with(shop, cases[i].rc);
		assert_int_equal(disk_state(disk), cases[i].state);
		shop->store->heal_at = 0;
		must(shop, store_heal(shop->store, &shop->fault));
		assert_int_equal(disk_state(disk), DISK_OK);
		store_share_disk(shop->store, NULL);
		disk_free(disk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_eighth_of_the_reserve_is_given_up_by_a_write_without_room_and_all_is_taken_again, shop_setup,
			shop_teardown),
		cmocka_unit_test_setup_teardown(
			without_room_for_the_reserve_twice_the_disk_is_full, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(little_room_is_noticed_before_a_write_fails, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(a_start_without_room_gets_a_piece_more, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(
			a_reserve_that_was_larger_is_given_up_as_the_smaller_one, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(the_wal_is_bounded_by_whoever_commits, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(
			a_wal_that_outgrew_the_reserve_is_cut_when_it_begins_anew, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(
			what_a_start_finds_in_the_wal_is_not_moved_by_its_first_commits, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(on_a_full_disk_the_wal_keeps_its_room, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(half_a_reserve_is_made_whole, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(
			a_failed_sync_lets_nothing_begin_before_the_store_was_opened_anew, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(
			a_ledger_that_broke_meanwhile_is_not_gone_on_with, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(only_a_failure_of_the_disk_opens_anew, shop_setup, shop_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
