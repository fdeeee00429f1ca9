#include "shop.h"

#include "store/copy.h"
#include "store/time.h"

#define DAY INT64_C(86400000)

static void set_clock(struct shop *shop, int64_t wall, int64_t mono, const char *who)
{
	FILE *file = fopen(shop->clock_file, "w");

	assert_non_null(file);
	fprintf(file, "=%lld =%lld %s\n", (long long)wall, (long long)mono, who);
	fclose(file);
}

static void note(struct shop *shop)
{
	shop_begin(shop);
	must(shop, store_time_note(shop->store, &shop->fault));
	shop_commit(shop);
}

static int64_t jumps(struct shop *shop)
{
	return shop_number(shop, "SELECT count(*) FROM ledger WHERE event = 'clock-jump'");
}

static void assert_now(struct shop *shop, enum time_state state, int64_t now)
{
	enum time_state found = TIME_STATE_COUNT;

	assert_int_equal(store_time_now(shop->store, &found), now);
	assert_string_equal(time_state_word((int)found), time_state_word((int)state));
}

static void what_is_known_survives_the_program_and_not_the_power(void **state)
{
	struct shop *shop = *state;

	set_clock(shop, SHOP_NOW, 50000, "");
	note(shop);
	shop_reopen(shop);
	set_clock(shop, SHOP_NOW + DAY, 60000, "?");
	assert_now(shop, TIME_AHEAD, SHOP_NOW + 10000);
	set_clock(shop, SHOP_NOW + DAY, 40000, "?");
	assert_now(shop, TIME_UNPROVEN, SHOP_NOW + DAY);
}

static void another_boot_knows_nothing(void **state)
{
	struct shop *shop = *state;

	set_clock(shop, SHOP_NOW, 50000, "");
	note(shop);
	shop_tamper(shop, "UPDATE believed_time SET boot = '00000000-0000-4000-8000-000000000000'");
	set_clock(shop, SHOP_NOW + DAY, 60000, "?");
	assert_now(shop, TIME_UNPROVEN, SHOP_NOW + DAY);
}

static void each_change_is_one_record(void **state)
{
	struct shop *shop = *state;

	set_clock(shop, SHOP_NOW, 50000, "");
	note(shop);
	note(shop);
	assert_int_equal(jumps(shop), 0);
	set_clock(shop, SHOP_NOW + DAY, 51000, "?");
	note(shop);
	note(shop);
	assert_int_equal(jumps(shop), 1);
	set_clock(shop, SHOP_NOW + DAY + 1000, 52000, "");
	note(shop);
	note(shop);
	assert_int_equal(jumps(shop), 2);
	set_clock(shop, SHOP_NOW + 2 * DAY, 53000, ""); /* NTP sets the clock: believed, and recorded */
	note(shop);
	note(shop);
	assert_int_equal(jumps(shop), 3);
}

static void what_is_heard_is_kept_in_its_own_transaction_or_the_open_one(void **state)
{
	struct shop *shop = *state;

	set_clock(shop, SHOP_NOW, 50000, "?");
	note(shop);
	assert_now(shop, TIME_UNPROVEN, SHOP_NOW);
	must(shop, store_time_hear(shop->store, SHOP_NOW - 500, true, "date", &shop->fault));
	assert_now(shop, TIME_PROVEN, SHOP_NOW);
	assert_int_equal(jumps(shop), 2); /* unproven, then proven */
	must(shop, store_time_hear(shop->store, SHOP_NOW + 500, true, "date", &shop->fault)); /* no news */
	assert_int_equal(jumps(shop), 2);
	set_clock(shop, SHOP_NOW + DAY, 51000, "?");
	shop_begin(shop);
	must(shop, store_time_hear(shop->store, SHOP_NOW + DAY, false, "signature", &shop->fault));
	store_rollback(shop->store);
	assert_now(shop, TIME_AHEAD, SHOP_NOW + 500); /* the Date was half a second late */
	shop_begin(shop);
	must(shop, store_time_hear(shop->store, SHOP_NOW + DAY, false, "signature", &shop->fault));
	shop_commit(shop);
	assert_now(shop, TIME_PROVEN, SHOP_NOW + DAY);
}

static void a_copy_is_a_store_and_never_takes_the_place_of_one(void **state)
{
	struct shop *shop = *state;
	char dir[80], command[120];
	struct store *twin = NULL;

	snprintf(dir, sizeof(dir), "%s/twin", shop->dir);
	snprintf(command, sizeof(command), "mkdir %s", dir);
	assert_int_equal(system(command), 0);
	note(shop);
	must(shop, store_copy(shop->store, dir, &shop->fault));
	must(shop, store_open(dir, STORE_WRITE, &shop->clock, SHOP_SELLER, &twin, &shop->fault));
	assert_string_equal(store_id(twin), store_id(shop->store));
	store_close(twin);
	assert_true(store_copy(shop->store, dir, &shop->fault) < 0);
	assert_true(store_copy(shop->store, "/nonexistent", &shop->fault) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(what_is_known_survives_the_program_and_not_the_power),
		SHOP_TEST(another_boot_knows_nothing),
		SHOP_TEST(each_change_is_one_record),
		SHOP_TEST(what_is_heard_is_kept_in_its_own_transaction_or_the_open_one),
		SHOP_TEST(a_copy_is_a_store_and_never_takes_the_place_of_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
