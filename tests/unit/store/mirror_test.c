#include "shop.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/hold.h"
#include "store/mirror.h"
#include "store/recover.h"
#include "store/segment.h"

struct twin { /* a shop and its second medium */
	struct shop *shop;
	char medium[96], to[96];
	struct mirror_settings settings;
	struct mirror *mirror;
};

static void twin_open(struct twin *twin)
{
	must(twin->shop, mirror_new(&twin->settings, &twin->mirror, &twin->shop->fault));
}

static void twin_make(struct shop *shop, struct twin *twin)
{
	*twin = (struct twin){.shop = shop};
	snprintf(twin->medium, sizeof(twin->medium), "%s/medium", shop->dir);
	snprintf(twin->to, sizeof(twin->to), "%s/recovered", shop->dir);
	assert_int_equal(mkdir(twin->medium, 0700), 0);
	twin->settings = (struct mirror_settings){.store_dir = shop->dir,
		.dir = twin->medium,
		.may_share_disk = true,
		.wal_turn = 16 << 20,
		.log_max = 64 << 20,
		.clock = &shop->clock,
		.seller = SHOP_SELLER};
	twin_open(twin);
}

/* Until all that is committed is on the medium and the base is one. */
static void ship(struct twin *twin)
{
	int result = 1;

	for (int i = 0; i < 100 && result == 1; i++)
		result = mirror_step(twin->mirror, &twin->shop->fault);
	must(twin->shop, result);
}

static void sell(struct twin *twin, int32_t from, int32_t to)
{
	for (int32_t number = from; number <= to; number++) {
		shop_begin(twin->shop);
		shop_invoice(twin->shop, number);
		shop_commit(twin->shop);
		shop_record(twin->shop, number);
	}
}

static struct recovery recover(struct twin *twin)
{
	struct recovery recovery = {0};
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", twin->to);
	assert_int_equal(system(command), 0);
	must(twin->shop, recover_run(twin->medium, twin->to, &twin->shop->clock, &recovery, &twin->shop->fault));
	return recovery;
}

static int64_t count_of(const char *dir, const char *prefix)
{
	DIR *folder = opendir(dir);
	struct dirent *entry;
	int64_t count = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)))
		count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
	closedir(folder);
	return count;
}

static void what_was_shipped_is_recovered(void **state)
{
	struct twin twin;
	struct recovery recovery;

	twin_make(*state, &twin);
	sell(&twin, 1, 3);
	ship(&twin);
	sell(&twin, 4, 7);
	ship(&twin);
	recovery = recover(&twin);
	assert_int_equal(recovery.invoices, 7);
	assert_int_equal(recovery.number, 7);
	assert_string_equal(recovery.serial, "C26MAA");
	assert_string_equal(recovery.code, "M1-26-VD7K2-00000000007");
	assert_int_equal(recovery.issued_at, SHOP_NOW + 7);
	assert_int_equal(recovery.shipped_at, SHOP_NOW);
	assert_string_equal(recovery.store, store_id(twin.shop->store));
	assert_int_equal(recovery.records, shop_number(twin.shop, "SELECT count(*) FROM ledger"));
	mirror_free(twin.mirror);
}

static void a_recovered_store_takes_no_number_before_it_is_adopted(void **state)
{
	struct twin twin;
	struct store *store = NULL;
	struct hold hold;

	twin_make(*state, &twin);
	sell(&twin, 1, 2);
	ship(&twin);
	recover(&twin);
	must(twin.shop, store_open(twin.to, STORE_WRITE, &twin.shop->clock, SHOP_SELLER, &store, &twin.shop->fault));
	must(twin.shop, store_hold_get(store, &hold, &twin.shop->fault));
	assert_int_equal(hold.kind, HOLD_RESTORED);
	assert_non_null(strstr(hold.detail, "after 2 of serial C26MAA"));
	store_close(store);
	/* Until then it knows less than the mirror, which stays. */
	mirror_free(twin.mirror);
	twin.settings.store_dir = twin.to;
	twin_open(&twin);
	assert_int_equal(mirror_step(twin.mirror, &twin.shop->fault), FAULT_CONFIG);
	assert_int_equal(count_of(twin.medium, "base-000001.db"), 1);
	mirror_free(twin.mirror);
}

/* Between two steps the issuer idles, which empties the WAL whenever nobody needs it. */
static void checkpoints_lose_nothing_that_was_not_shipped(void **state)
{
	struct twin twin;

	twin_make(*state, &twin);
	ship(&twin);
	for (int32_t i = 0; i < 6; i++) {
		sell(&twin, 3 * i + 1, 3 * i + 3);
		for (int j = 0; j < 3; j++)
			must(twin.shop, store_checkpoint_wal(twin.shop->store, 0, &twin.shop->fault));
		for (int j = 0; j < 2 && i % 2; j++) {
			ship(&twin);
			must(twin.shop, store_checkpoint_wal(twin.shop->store, 0, &twin.shop->fault));
		}
	}
	ship(&twin);
	assert_int_equal(recover(&twin).invoices, 18);
	/* Never a new base: the log went on. */
	assert_int_equal(count_of(twin.medium, "base-000001.db"), 1);
	assert_true(count_of(twin.medium, "log-") > 1);
	mirror_free(twin.mirror);
}

static void a_transaction_that_is_open_or_undone_is_not_shipped(void **state)
{
	struct twin twin;

	twin_make(*state, &twin);
	sell(&twin, 1, 1);
	shop_begin(twin.shop);
	shop_invoice(twin.shop, 2);
	ship(&twin);
	assert_int_equal(recover(&twin).number, 1);
	store_rollback(twin.shop->store);
	ship(&twin);
	assert_int_equal(recover(&twin).number, 1);
	mirror_free(twin.mirror);
}

static void a_medium_that_comes_back_is_gone_on_with(void **state)
{
	struct twin twin;
	struct fault fault = {0};
	struct mirror_state status;
	char away[128];

	twin_make(*state, &twin);
	snprintf(away, sizeof(away), "%s.away", twin.medium);
	sell(&twin, 1, 2);
	ship(&twin);
	assert_int_equal(rename(twin.medium, away), 0);
	sell(&twin, 3, 4);
	assert_int_equal(mirror_step(twin.mirror, &fault), FAULT_IO);
	assert_true(mirror_step(twin.mirror, &fault) < 0);
	mirror_state_get(twin.mirror, &status);
	assert_false(status.is_there);
	assert_int_equal(status.gone_at, SHOP_NOW);
	assert_non_null(strstr(status.reason, "mounted"));
	assert_int_equal(rename(away, twin.medium), 0);
	ship(&twin);
	mirror_state_get(twin.mirror, &status);
	assert_true(status.is_there && status.is_whole && status.safe_at > 0);
	assert_int_equal(status.gone_at, 0);
	assert_int_equal(recover(&twin).number, 4);
	assert_int_equal(count_of(twin.medium, "base-000001.db"), 1);
	mirror_free(twin.mirror);
}

static void a_wal_that_was_let_go_and_reset_means_a_new_base(void **state)
{
	struct twin twin;

	twin_make(*state, &twin);
	sell(&twin, 1, 2);
	ship(&twin);
	sell(&twin, 3, 3);
	mirror_guard(twin.mirror, 1);
	must(twin.shop, store_checkpoint_wal(twin.shop->store, 0, &twin.shop->fault));
	sell(&twin, 4, 5);
	ship(&twin);
	assert_int_equal(recover(&twin).number, 5);
	assert_int_equal(count_of(twin.medium, "base-000002.db"), 1);
	assert_int_equal(count_of(twin.medium, "base-"), 1);
	mirror_free(twin.mirror);
}

static void another_run_goes_on_or_begins_anew(void **state)
{
	struct twin twin;

	twin_make(*state, &twin);
	sell(&twin, 1, 2);
	ship(&twin);
	shop_close(twin.shop);
	mirror_free(twin.mirror);
	twin.shop->store = shop_open_another(twin.shop, STORE_WRITE);
	twin_open(&twin);
	sell(&twin, 3, 4);
	ship(&twin);
	assert_int_equal(count_of(twin.medium, "base-000001.db"), 1);
	/* Without a mirror: the last one to close empties the WAL, and nobody can tell what came in between. */
	mirror_free(twin.mirror);
	sell(&twin, 5, 5);
	shop_reopen(twin.shop);
	twin_open(&twin);
	/* The base is made before anything was written to the WAL. */
	ship(&twin);
	assert_int_equal(recover(&twin).invoices, 5);
	sell(&twin, 6, 6);
	ship(&twin);
	assert_int_equal(recover(&twin).invoices, 6);
	assert_int_equal(count_of(twin.medium, "base-000001.db"), 0);
	mirror_free(twin.mirror);
}

static void a_base_that_the_log_does_not_reach_is_none(void **state)
{
	struct twin twin;
	struct recovery recovery;
	struct fault fault = {0};
	char path[128];

	twin_make(*state, &twin);
	sell(&twin, 1, 2);
	ship(&twin);
	snprintf(path, sizeof(path), "%s/log-000001", twin.medium);
	assert_int_equal(truncate(path, SEGMENT_HEAD_LEN), 0);
	assert_int_equal(recover_run(twin.medium, twin.to, &twin.shop->clock, &recovery, &fault), FAULT_FORMAT);
	assert_non_null(strstr(fault.text, "no whole copy"));
	assert_int_equal(count_of(twin.to, "current"), 0);
	mirror_free(twin.mirror);
}

static void the_mirror_of_another_store_is_left_alone(void **state)
{
	struct twin twin;
	struct fault fault = {0};
	char command[256];

	twin_make(*state, &twin);
	sell(&twin, 1, 1);
	ship(&twin);
	mirror_free(twin.mirror);
	shop_close(twin.shop);
	snprintf(command, sizeof(command), "rm -f %s/current.*", twin.shop->dir);
	assert_int_equal(system(command), 0);
	twin.shop->store = shop_open_another(twin.shop, STORE_WRITE);
	twin_open(&twin);
	assert_int_equal(mirror_step(twin.mirror, &fault), FAULT_CONFIG);
	assert_non_null(strstr(fault.text, "another store"));
	mirror_free(twin.mirror);
	assert_int_equal(recover(&twin).number, 1);
}

static void of_each_page_the_last_frame_stays(void **state)
{
	static const uint8_t pages[] = {3, 1, 3, 2, 1};
	struct bytes batch = {.max = 100000};
	uint8_t frame[WAL_FRAME_HEAD_LEN + 512] = {0};

	(void)state;
	segment_batch_begin(&batch);
	for (size_t i = 0; i < sizeof(pages); i++) {
		frame[3] = pages[i];
		frame[WAL_FRAME_HEAD_LEN] = (uint8_t)i;
		bytes_append(&batch, frame, sizeof(frame));
	}
	segment_batch_squeeze(&batch, 512);
	assert_int_equal(batch.len, SEGMENT_BATCH_HEAD + 3 * sizeof(frame));
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(batch.data[SEGMENT_BATCH_HEAD + i * sizeof(frame) + 3], pages[i + 2]);
		assert_int_equal(batch.data[SEGMENT_BATCH_HEAD + i * sizeof(frame) + WAL_FRAME_HEAD_LEN], i + 2);
	}
	bytes_done(&batch);
}

#ifdef HOADON_FAILPOINTS
/* Steps until one says that all is safe: the first failure among them, or 0. */
static int first_failure(struct mirror *mirror)
{
	struct fault fault = {0};
	int first = 0, result = 1;

	for (int i = 0; i < 50 && result != 0; i++) {
		result = mirror_step(mirror, &fault);
		first = first < 0 ? first : result < 0 ? result : 0;
	}
	return result == 0 ? first : FAULT_BUG;
}

/* In a child of its own, since the failpoints read their orders once in a process. */
static int failure_with(const char *order)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		struct twin twin;
		void *state = NULL;
		int first;

		setenv("HOADON_FAILPOINT", order, 1);
		shop_setup(&state);
		twin_make(state, &twin);
		sell(&twin, 1, 2);
		first = first_failure(twin.mirror);
		if (recover(&twin).number != 2)
			first = FAULT_BUG;
		mirror_free(twin.mirror);
		shop_teardown(&state);
		_exit(-first);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static void nothing_counts_as_shipped_that_is_not_synced(void **state)
{
	(void)state;
	assert_int_equal(failure_with("file.grow_sync.before:1:fail"), FAULT_IO);
	assert_int_equal(failure_with("file.grow_sync.after:2:fail"), FAULT_IO);
	assert_int_equal(failure_with("file.grow.before:2:fail"), FAULT_IO);
	assert_int_equal(failure_with("file.grow.after:4:fail"), FAULT_IO);
	assert_int_equal(failure_with("file.rename.before:1:fail"), FAULT_IO);
	assert_int_equal(failure_with("file.grow_sync.before:99:fail"), 0);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HOADON_FAILPOINTS
		cmocka_unit_test(
			nothing_counts_as_shipped_that_is_not_synced), /* before this process reads its orders */
#endif
		SHOP_TEST(what_was_shipped_is_recovered),
		SHOP_TEST(a_recovered_store_takes_no_number_before_it_is_adopted),
		SHOP_TEST(checkpoints_lose_nothing_that_was_not_shipped),
		SHOP_TEST(a_transaction_that_is_open_or_undone_is_not_shipped),
		SHOP_TEST(a_medium_that_comes_back_is_gone_on_with),
		SHOP_TEST(a_wal_that_was_let_go_and_reset_means_a_new_base),
		SHOP_TEST(another_run_goes_on_or_begins_anew),
		SHOP_TEST(a_base_that_the_log_does_not_reach_is_none),
		SHOP_TEST(the_mirror_of_another_store_is_left_alone),
		SHOP_TEST(of_each_page_the_last_frame_stays),
	};

	return cmocka_run_group_tests_name("mirror", tests, NULL, NULL);
}
