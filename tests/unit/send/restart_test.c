/* House rule 4: only the store remembers. Any step may be the last one before the power fails; the end is the same. */
#include "world.h"

/* A hard day: lost calls, a named invoice, a whole refusal, and a restart after each step. */
static void a_hard_day(struct world *world)
{
	world->lose_before = 1;
	world_issue(world, 1, 6);
	world_bad(world, 4, "S401");
	world_run(world, HOUR);
	world->lose_after = 1;
	world->whole_code = "S499";
	world->bad_count = 0;
	world_bad(world, 11, "S499");
	world_issue(world, 7, 16);
	world_run(world, 4 * HOUR);
}

static void check_hard_day(struct world *world)
{
	assert_int_equal(world_invoices(world, "accepted"), 14);
	assert_string_equal(world_state(world, 4), "refused");
	assert_string_equal(world_state(world, 11), "refused");
	assert_int_equal(
		world_messages(world, "made") + world_messages(world, "sent") + world_messages(world, "unknown"), 0);
	assert_int_equal(world_tasks(world, "refused-invoice"), 2);
	for (size_t i = 0; i < world->held_count; i++)
		assert_true(world->held[i].submits <= 2);
}

static void a_restart_after_every_step_changes_nothing(void **state)
{
	struct world *world = *state;

	world->restarts = true;
	a_hard_day(world);
	check_hard_day(world);
}

static void the_same_day_without_restarts(void **state)
{
	struct world *world = *state;

	a_hard_day(world);
	check_hard_day(world);
}

/* "sent" is committed before the first byte leaves: after the cut the message is asked about, not sent again. */
static void a_power_cut_during_a_submit_that_arrived_ends_well(void **state)
{
	struct world *world = *state;
	int64_t next;

	world->snapshot_in_call = true;
	world_issue(world, 1, 2);
	while (world->submits == 0)
		if (world_step(world, &next))
			shop_set_clock(world->shop, next);
	world_cut_power(world);
	world->snapshot_in_call = false;
	assert_int_equal(world_messages(world, "sent"), 1);
	assert_int_equal(shop_number(world->shop, "SELECT was_unknown FROM message"), 1);
	world_run(world, HOUR);
	assert_int_equal(world->submits, 1);
	assert_int_equal(world_invoices(world, "accepted"), 2);
}

static void a_power_cut_during_a_submit_that_did_not_arrive_ends_well(void **state)
{
	struct world *world = *state;
	int64_t next;

	world->snapshot_in_call = true;
	world->lose_before = 1;
	world_issue(world, 1, 2);
	while (world->submits == 0)
		if (world_step(world, &next))
			shop_set_clock(world->shop, next);
	world_cut_power(world);
	world->snapshot_in_call = false;
	world_run(world, HOUR);
	assert_int_equal(world->submits, 2);
	assert_int_equal(world->held_count, 1);
	assert_int_equal(world_invoices(world, "accepted"), 2);
}

/* After the cut nobody knows whether it arrived, and this route cannot say: once more after the pause (law R-SEND-5). */
static void a_power_cut_on_a_route_that_cannot_be_asked_sends_once_more(void **state)
{
	struct world *world = *state;
	int64_t next;

	world->snapshot_in_call = true;
	world->cannot_ask = true;
	world_issue(world, 1, 2);
	while (world->submits == 0)
		if (world_step(world, &next))
			shop_set_clock(world->shop, next);
	world_cut_power(world);
	world->snapshot_in_call = false;
	world_run(world, 24 * HOUR);
	assert_int_equal(world->submits, 2);
	assert_int_equal(world_messages(world, "sent"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_restart_after_every_step_changes_nothing),
		WORLD_TEST(the_same_day_without_restarts),
		WORLD_TEST(a_power_cut_during_a_submit_that_arrived_ends_well),
		WORLD_TEST(a_power_cut_during_a_submit_that_did_not_arrive_ends_well),
		WORLD_TEST(a_power_cut_on_a_route_that_cannot_be_asked_sends_once_more),
	};

	return cmocka_run_group_tests(tests, world_group_setup, world_group_teardown);
}
