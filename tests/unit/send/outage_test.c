/* A disk that fails takes no record, so its outage is kept when it is over. */
#include "world.h"

#define DISK_ROWS "SELECT count(*) FROM outage WHERE part = 'disk' AND cause = 'disk-failing'"

static void fail_until(struct world *world, int64_t span_ms)
{
	struct fault fault = {0};

	fault_set(&fault, FAULT_IO, "a test", "the place %d cannot be read", 7);
	sender_failed(world->sender, &fault);
	shop_set_clock(world->shop, world_now(world) + span_ms);
	fault_set(&fault, FAULT_IO, "a test", "it is tried again");
	sender_failed(world->sender, &fault);
}

static void what_cannot_be_read_for_minutes_is_an_outage_of_the_disk(void **state)
{
	struct world *world = *state;
	int64_t begun_at = world_now(world);
	int64_t next;

	fail_until(world, 5 * MINUTE);
	/* The step that goes through is seen by the next one. */
	assert_int_equal(world_step(world, &next), 1);
	assert_int_equal(world_step(world, &next), 1);
	assert_int_equal(shop_number(world->shop, DISK_ROWS), 1);
	assert_int_equal(shop_number(world->shop, "SELECT begun_at FROM outage"), begun_at);
	assert_int_equal(shop_number(world->shop, "SELECT ended_at FROM outage"), begun_at + 5 * MINUTE);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM ledger WHERE event LIKE 'outage-%'"), 2);
}

static void what_is_over_within_a_minute_is_none(void **state)
{
	struct world *world = *state;
	int64_t next;

	fail_until(world, MINUTE - 1);
	assert_int_equal(world_step(world, &next), 1);
	assert_int_equal(world_step(world, &next), 1);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM outage"), 0);
}

/* Without memory, or with a row that another one changed, a step fails too. */
static void what_fails_elsewhere_is_none_of_the_disk(void **state)
{
	struct world *world = *state;
	struct fault fault = {0};
	int64_t next;

	fault_set(&fault, FAULT_MEMORY, "a test", "no memory");
	sender_failed(world->sender, &fault);
	shop_set_clock(world->shop, world_now(world) + 5 * MINUTE);
	assert_int_equal(world_step(world, &next), 1);
	assert_int_equal(world_step(world, &next), 1);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM outage"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(what_cannot_be_read_for_minutes_is_an_outage_of_the_disk),
		WORLD_TEST(what_is_over_within_a_minute_is_none),
		WORLD_TEST(what_fails_elsewhere_is_none_of_the_disk),
	};

	return cmocka_run_group_tests_name("outage", tests, world_group_setup, world_group_teardown);
}
