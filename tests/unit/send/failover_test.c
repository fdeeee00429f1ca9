/* Two routes: failing over and back never changes a byte, and nothing is sent blindly a second time (house 7, 8.9; law R-SEND-5). */
#include "world.h"

#define UNASKED 199 /* ms: what was issued is packed and submitted, and no question comes before RETRY_SHORTEST_MS */

static void have_two_routes(struct world *world)
{
	world->settings.route_count = 2;
}

/* Every message the authority holds is the one that was stored (the fake compares the bytes of repeated submits). */
static void assert_books_agree(struct world *world, int32_t count)
{
	assert_int_equal(world_invoices(world, "accepted"), count);
	for (size_t i = 0; i < world->held_count; i++) {
		uint8_t digest[DIGEST_LEN];
		struct message_row row = {0};

		digest_sha256(world->held[i].bytes.data, world->held[i].bytes.len, digest);
		must(world->shop, store_message_by_id(world->shop->store, world->held[i].id, world->shop->arena, &row,
					  &world->shop->fault));
		assert_memory_equal(row.digest, digest, DIGEST_LEN);
	}
}

static void the_first_route_carries_everything_while_it_is_well(void **state)
{
	struct world *world = *state;

	have_two_routes(world);
	for (int32_t i = 1; i <= 5; i++) {
		world_issue(world, i, i);
		world_run(world, MINUTE);
	}
	assert_int_equal(world->doors[0].submits, 5);
	assert_int_equal(world->doors[1].calls, 0);
	assert_books_agree(world, 5);
}

/* No byte left for the first route, so nobody has to be asked: the same message goes over the second, at once. */
static void an_unreachable_route_is_passed_by_and_returned_to(void **state)
{
	struct world *world = *state;

	have_two_routes(world);
	world->doors[0].is_unreachable = true;
	world_issue(world, 1, 3);
	world_run(world, 3000);
	assert_books_agree(world, 3);
	assert_int_equal(world->doors[1].submits, 1);
	assert_int_equal(world->held_count, 1);
	assert_int_equal(shop_number(world->shop, "SELECT was_unknown FROM message"), 0);
	assert_int_equal(shop_number(world->shop, "SELECT attempts FROM message"), 1);
	world->doors[0].is_unreachable = false;
	world_run(world, 2 * MINUTE);
	world_issue(world, 4, 4);
	world_run(world, MINUTE);
	assert_int_equal(world->doors[0].submits, 1);
	assert_int_equal(world->doors[1].submits, 1);
	assert_books_agree(world, 4);
}

/* An unreachable route is tried again by one message after each pause, not by every message. */
static void an_unreachable_route_is_not_tried_by_every_message(void **state)
{
	struct world *world = *state;

	have_two_routes(world);
	world->doors[0].is_unreachable = true;
	world->answers_at_once = true;
	for (int32_t i = 1; i <= 30; i++) {
		world_issue(world, i, i);
		world_run(world, 1000);
	}
	assert_int_equal(world->doors[1].submits, 30);
	assert_true(world->doors[0].calls <= 15);
	assert_books_agree(world, 30);
}

/* Law R-SEND-5: what may have arrived over the first is asked about there, however long that takes; the others go on. */
static void an_unknown_outcome_is_never_sent_over_the_other_route(void **state)
{
	struct world *world = *state;

	have_two_routes(world);
	world->doors[0].lose_after = 1;
	world_issue(world, 1, 1);
	world_run(world, UNASKED);
	assert_int_equal(world_messages(world, "unknown"), 1);
	world->doors[0].is_silent = true;
	for (int32_t i = 2; i <= 4; i++) {
		world_issue(world, i, i);
		world_run(world, 2 * HOUR);
	}
	assert_string_equal(world_state(world, 1), "issued");
	assert_int_equal(world->held[0].submits, 1);
	/* Failing silently keeps what it is given: only the question goes there. */
	assert_int_equal(world->doors[0].submits, 1);
	assert_int_equal(world->doors[1].submits, 3);
	assert_int_equal(world_invoices(world, "accepted"), 3);
	world->doors[0].is_silent = false;
	world_run(world, HOUR);
	assert_int_equal(world->held[0].submits, 1);
	assert_books_agree(world, 4);
	world_issue(world, 5, 5);
	world_run(world, MINUTE);
	assert_int_equal(world->doors[0].submits, 2);
}

/* A lost on the way, asked on A: not_found. Then any route may take it, with the same bytes and id. */
static void after_not_found_the_other_route_may_take_it(void **state)
{
	struct world *world = *state;

	have_two_routes(world);
	world->doors[0].is_silent = true;
	world_issue(world, 1, 2);
	world_run(world, UNASKED);
	assert_int_equal(world_messages(world, "unknown"), 1);
	assert_int_equal(world->doors[1].calls, 0);
	world->doors[0].is_silent = false;
	world->doors[0].falls_after_query = true;
	world_run(world, MINUTE);
	assert_int_equal(world->doors[0].submits, 1);
	assert_int_equal(world->doors[1].submits, 1);
	assert_int_equal(world->held_count, 1);
	assert_books_agree(world, 2);
}

/* A password that is wrong on the first route does not stop the shop, and a person is told. */
static void a_route_that_refuses_everything_is_passed_by(void **state)
{
	struct world *world = *state;

	have_two_routes(world);
	world->doors[0].status = 401;
	world_issue(world, 1, 2);
	world_run(world, 3000);
	assert_books_agree(world, 2);
	assert_int_equal(world_tasks(world, "route-refused"), 1);
	assert_int_equal(world->doors[0].submits, 1);
	assert_int_equal(world->doors[1].submits, 1);
}

/* 413 and the like are about the message: it is parked with the reason, the route goes on with the others. */
static void a_message_that_a_route_refuses_is_parked_and_blocks_nobody(void **state)
{
	struct world *world = *state;

	world->doors[0].status = 413;
	world_issue(world, 1, 1);
	world_run(world, 1000);
	world->doors[0].status = 0;
	world_issue(world, 2, 5);
	world_run(world, MINUTE);
	assert_int_equal(world_invoices(world, "accepted"), 4);
	assert_string_equal(world_state(world, 1), "issued");
	assert_int_equal(world_tasks(world, "route-refused"), 1);
	assert_int_equal(shop_number(world->shop, "SELECT message_id FROM task"), 1);
	assert_int_equal(world->held[0].submits, 1);
	world_run(world, HOUR);
	assert_books_agree(world, 5);
	assert_int_equal(world->held[0].submits, 2);
}

/* Format 12.4, house 7: cannot_ask → once more; the repeated id proves that the first went through A, and A is asked again. */
static void a_repeated_id_leads_back_to_the_route_that_took_it(void **state)
{
	struct world *world = *state;

	have_two_routes(world);
	world->cannot_ask = true;
	world->doors[0].lose_after = 1;
	world_issue(world, 1, 1);
	world_run(world, 14 * MINUTE);
	world->doors[0].is_unreachable = true;
	world_issue(world, 2, 2);
	world_run(world, 10000);
	/* The probe closed the first route, and the resend goes over the second. */
	world->doors[0].is_unreachable = false;
	world->doors[0].status = 501;
	world_run(world, 3 * HOUR);
	world->doors[0].status = 0;
	world->cannot_ask = false;
	world_run(world, 24 * HOUR);
	assert_true(world->held[0].submits <= 2);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM message WHERE route = 'main' AND id = 1"), 1);
	assert_books_agree(world, 2);
}

/* Another route knows nothing of the message: its not_found is no answer. */
static void a_route_that_is_not_configured_any_more_is_waited_for(void **state)
{
	struct world *world = *state;

	world->lose_after = 1;
	world_issue(world, 1, 1);
	world_run(world, UNASKED);
	world->routes[0].name = "renamed";
	world_run(world, 24 * HOUR);
	assert_int_equal(world->submits, 1);
	assert_int_equal(world->queries, 0);
	assert_int_equal(world_tasks(world, "route-missing"), 1);
	world->routes[0].name = "main";
	world_run(world, HOUR);
	assert_books_agree(world, 1);
}

static int64_t count_kept(struct world *world)
{
	return (int64_t)world->held_count;
}

/* House 8.9: not over a route that would sign or number by itself, however long the good one is away. */
static void a_route_that_changes_bytes_gets_nothing(void **state)
{
	struct world *world = *state;
	struct authority_ops changing = *world->routes[1].ops;

	changing.capabilities.signs = true;
	world->routes[1].ops = &changing;
	have_two_routes(world);
	world->doors[0].is_unreachable = true;
	world_issue(world, 1, 3);
	world_run(world, 4 * HOUR);
	assert_int_equal(world->doors[1].calls, 0);
	assert_int_equal(count_kept(world), 0);
	world->doors[0].is_unreachable = false;
	world_run(world, HOUR);
	assert_books_agree(world, 3);
}

/* The sender dies and starts again after every step, while the first route comes and goes. */
static void restarts_while_routes_come_and_go_lose_nothing(void **state)
{
	struct world *world = *state;

	have_two_routes(world);
	world->restarts = true;
	for (int32_t i = 0; i < 8; i++) {
		world->doors[0].is_unreachable = i % 4 == 1;
		world->doors[0].is_silent = i % 4 == 2;
		world->doors[0].lose_after = i % 4 == 3;
		world_issue(world, i * 3 + 1, i * 3 + 3);
		world_run(world, 10000);
	}
	world->doors[0].is_unreachable = world->doors[0].is_silent = false;
	world_run(world, 4 * HOUR);
	assert_books_agree(world, 24);
	assert_int_equal(world_tasks(world, "duplicate-unproven"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(the_first_route_carries_everything_while_it_is_well),
		WORLD_TEST(an_unreachable_route_is_passed_by_and_returned_to),
		WORLD_TEST(an_unreachable_route_is_not_tried_by_every_message),
		WORLD_TEST(an_unknown_outcome_is_never_sent_over_the_other_route),
		WORLD_TEST(after_not_found_the_other_route_may_take_it),
		WORLD_TEST(a_route_that_refuses_everything_is_passed_by),
		WORLD_TEST(a_message_that_a_route_refuses_is_parked_and_blocks_nobody),
		WORLD_TEST(a_repeated_id_leads_back_to_the_route_that_took_it),
		WORLD_TEST(a_route_that_is_not_configured_any_more_is_waited_for),
		WORLD_TEST(a_route_that_changes_bytes_gets_nothing),
		WORLD_TEST(restarts_while_routes_come_and_go_lose_nothing),
	};

	return cmocka_run_group_tests_name("failover", tests, world_group_setup, world_group_teardown);
}
