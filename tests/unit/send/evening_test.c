/* Law R-SEND-1: all of a day is out before the cut-off; who waits at 21:00 and at 23:30 is told to a person. */
#include "world.h"

#include "store/status.h"

#define AT(hour, minute) (SHOP_NOW + ((hour)-13) * HOUR + (minute)*MINUTE) /* of the day of SHOP_NOW, UTC+7 */
#define LAST_SECOND	 (AT(24, 0) - 1000)
#define TASK(kind)	 "SELECT count(*) FROM task WHERE kind = '" kind "' AND closed_at = 0"

/* Invoices @first .. @last, issued at @ms and due at the end of the day. */
static void issue_at(struct world *world, int32_t first, int32_t last, int64_t ms)
{
	char sql[160];

	shop_set_clock(world->shop, ms);
	world_issue(world, first, last);
	snprintf(sql, sizeof(sql),
		"UPDATE invoice SET issued_at = %lld, deadline = %lld WHERE number BETWEEN %d AND %d", (long long)ms,
		(long long)LAST_SECOND, first, last);
	shop_tamper(world->shop, sql);
}

/* A line that is down from the start, so that a message is made and the next invoices wait for others. */
static void make_others_wait(struct world *world)
{
	world->settings.route_count = 0;
	world->config.max_wait_ms = 2 * HOUR;
	issue_at(world, 1, 1, AT(23, 0));
	world_run(world, 1000);
	assert_int_equal(world_messages(world, "made"), 1);
}

static void what_waits_for_others_is_packed_before_the_cut_off(void **state)
{
	struct world *world = *state;

	make_others_wait(world);
	issue_at(world, 2, 3, AT(23, 10));
	world_run(world, AT(23, 53) - AT(23, 10));
	assert_int_equal(world_messages(world, "made"), 1);
	world_run(world, 2 * MINUTE - 1);
	assert_int_equal(world_messages(world, "made"), 2);
	assert_int_equal(shop_number(world->shop, "SELECT count FROM message WHERE id = 2"), 2);
}

static void the_cut_off_is_an_option(void **state)
{
	struct world *world = *state;

	world->config.cutoff_minute = 23 * 60 + 20;
	make_others_wait(world);
	issue_at(world, 2, 3, AT(23, 10));
	world_run(world, 10 * MINUTE - 1);
	assert_int_equal(world_messages(world, "made"), 2);
}

/* "What is issued after it is sent at once, alone": a late one has no time to be halved out of others. */
static void what_is_issued_after_the_cut_off_goes_at_once_and_alone(void **state)
{
	struct world *world = *state;

	make_others_wait(world);
	issue_at(world, 2, 2, AT(23, 54));
	issue_at(world, 3, 3, AT(23, 55));
	issue_at(world, 4, 4, AT(23, 56));
	world_run(world, 0);
	assert_int_equal(world_messages(world, "made"), 4);
	assert_int_equal(shop_number(world->shop, "SELECT max(count) FROM message"), 1);
}

static void leftovers_of_the_evening_are_told_and_closed(void **state)
{
	struct world *world = *state;
	struct status status;

	world->is_down = true;
	issue_at(world, 1, 3, AT(20, 0));
	world_run(world, 59 * MINUTE);
	assert_int_equal(shop_number(world->shop, TASK("unsent-evening")), 0);
	must(world->shop, status_read(world->shop->store, &status, &world->shop->fault));
	assert_int_equal(status.unsent, 0);
	world_run(world, 30 * MINUTE);
	assert_int_equal(shop_number(world->shop, TASK("unsent-evening")), 1);
	assert_int_equal(shop_number(world->shop, TASK("unsent-night")), 0);
	must(world->shop, status_read(world->shop->store, &status, &world->shop->fault));
	assert_int_equal(status.unsent, 3);
	assert_true(status_reasons(&status, world_now(world)) & STATUS_UNSENT);
	world_restart(world);
	world_run(world, AT(23, 50) - world_now(world));
	assert_int_equal(shop_number(world->shop, TASK("unsent-evening")), 1);
	assert_int_equal(shop_number(world->shop, TASK("unsent-night")), 1);
	must(world->shop, status_read(world->shop->store, &status, &world->shop->fault));
	assert_true(status_reasons(&status, world_now(world)) & STATUS_UNSENT_HARD);
	world->is_down = false;
	world_restart(world);
	world_run(world, 9 * MINUTE);
	assert_int_equal(world_invoices(world, "accepted"), 3);
	shop_set_clock(world->shop, world_now(world) + MINUTE);
	world_run(world, 0);
	assert_int_equal(
		shop_number(world->shop, "SELECT count(*) FROM task WHERE closed_at = 0 AND kind LIKE 'unsent-%'"), 0);
}

/* What is on its way is no leftover, and neither is what is due on a later day. */
static void what_is_not_due_or_just_sent_alarms_nobody(void **state)
{
	struct world *world = *state;

	world->is_down = true;
	issue_at(world, 1, 3, AT(20, 0));
	shop_tamper(world->shop, "UPDATE invoice SET deadline = deadline + 86400000");
	world_run(world, 3 * HOUR);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM task"), 0);
	world->is_down = false;
	world_run(world, 30 * MINUTE);
	issue_at(world, 4, 4, AT(23, 40));
	world_run(world, 10 * MINUTE);
	assert_int_equal(world_invoices(world, "accepted"), 4);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM task"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(what_waits_for_others_is_packed_before_the_cut_off),
		WORLD_TEST(the_cut_off_is_an_option),
		WORLD_TEST(what_is_issued_after_the_cut_off_goes_at_once_and_alone),
		WORLD_TEST(leftovers_of_the_evening_are_told_and_closed),
		WORLD_TEST(what_is_not_due_or_just_sent_alarms_nobody),
	};

	return cmocka_run_group_tests_name("evening", tests, world_group_setup, world_group_teardown);
}
