/* A courier takes messages away and brings answers back (schemas/store/COURIER.md). */
#include "world.h"

#include "send/pack.h"
#include "store/courier.h"
#include "store/hold.h"

static void wish(struct world *world)
{
	int64_t id = 0;

	shop_begin(world->shop);
	must(world->shop, store_export_wish(world->shop->store, world_now(world), &id, &world->shop->fault));
	shop_commit(world->shop);
}

static bool is_wished(struct world *world)
{
	return shop_number(world->shop, "SELECT count(*) FROM courier_export WHERE done_at = 0") != 0;
}

/* Steps on the spot, without the clock: somebody stands there with a stick. */
static void hand_over(struct world *world)
{
	int64_t next;

	wish(world);
	for (int i = 0; is_wished(world); i++) {
		assert_true(i < 100);
		(void)world_step(world, &next);
	}
}

/* The last message, as the courier has it. */
static void last_message(struct world *world, struct message_row *row, struct bytes *bytes)
{
	int64_t last = shop_number(world->shop, "SELECT max(id) FROM message WHERE state IN ('sent', 'unknown')");

	must(world->shop, store_message_get(world->shop->store, last, world->shop->arena, row, &world->shop->fault));
	must(world->shop, pack_rebuild(world->shop->store, row, bytes, &world->shop->fault));
}

/* Through door 0, whatever the shop's line does; the raw answer to @query comes back on the stick. */
static void deliver(struct world *world, bool is_question)
{
	BYTES_CLEANUP struct bytes bytes = {0};
	const struct authority_env *env = &world->routes[0].env;
	struct authority_answer answer = {.retry_after_ms = -1};
	bool was_unreachable = world->doors[0].is_unreachable;
	struct message_row row;

	last_message(world, &row, &bytes);
	world->doors[0].is_unreachable = false;
	bytes_init(&answer.raw, 1 << 20);
	if (is_question)
		assert_int_equal(fake_query(env, row.message_id, "", &answer, NULL), QUERY_VERDICT);
	else
		assert_int_equal(fake_submit(env, row.message_id, bytes.data, bytes.len, &answer, NULL), SUBMIT_TAKEN);
	world->doors[0].is_unreachable = was_unreachable;
	shop_begin(world->shop);
	(void)!store_answer_add(world->shop->store, row.message_id, answer.raw.data, answer.raw.len, world_now(world),
		&world->shop->fault);
	shop_commit(world->shop);
	bytes_done(&answer.raw);
}

static int64_t unread(struct world *world)
{
	return shop_number(world->shop, "SELECT count(*) FROM courier_answer WHERE done_at = 0");
}

static void read_all(struct world *world)
{
	int64_t next;

	for (int i = 0; unread(world); i++) {
		assert_true(i < 100);
		(void)world_step(world, &next);
	}
}

static void what_waits_is_packed_at_once_and_leaves_with_an_unknown_outcome(void **state)
{
	struct world *world = *state;

	int64_t next;

	world->config.max_wait_ms = HOUR;
	world->doors[0].is_unreachable = true;
	world_issue(world, 1, 3);
	while (world_messages(world, "made") == 0)
		if (world_step(world, &next))
			shop_set_clock(world->shop, next);
	world_issue(world, 4, 5); /* would wait for others while a message waits for the line */
	hand_over(world);
	assert_int_equal(world_messages(world, "unknown"), 2);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM invoice WHERE message_id IS NULL"), 0);
	assert_int_equal(shop_number(world->shop, "SELECT min(was_unknown) FROM message"), 1);
	assert_int_equal(shop_number(world->shop, "SELECT max(attempts) FROM message"), 1);
	assert_true(shop_number(world->shop, "SELECT min(carried_at) FROM message") > 0);
	assert_int_equal(world->submits, 0);
}

static void handing_over_twice_changes_nothing(void **state)
{
	struct world *world = *state;

	world->doors[0].is_unreachable = true;
	world_issue(world, 1, 3);
	hand_over(world);
	int64_t attempts = shop_number(world->shop, "SELECT sum(attempts) FROM message");
	hand_over(world);
	assert_int_equal(shop_number(world->shop, "SELECT sum(attempts) FROM message"), attempts);
	assert_int_equal(world_messages(world, "unknown"), 1);
	wish(world);
	wish(world);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM courier_export WHERE done_at = 0"), 1);
}

static void the_verdict_that_comes_back_is_concluded(void **state)
{
	struct world *world = *state;

	world->restarts = true;
	world->doors[0].is_unreachable = true;
	world_issue(world, 1, 3);
	hand_over(world);
	deliver(world, false);
	read_all(world);
	assert_int_equal(world_messages(world, "sent"), 1); /* 999: it arrived */
	world_bad(world, 2, "S401");
	deliver(world, true);
	read_all(world);
	assert_int_equal(world_invoices(world, "accepted"), 2);
	assert_string_equal(world_state(world, 2), "refused");
	assert_int_equal(world_tasks(world, "refused-invoice"), 1);
	assert_int_equal(world->submits, 1);
	assert_int_equal(shop_number(world->shop, "SELECT sum(length(raw)) FROM courier_answer"), 0);
}

static void an_answer_is_believed_for_the_same_reasons_as_over_the_line(void **state)
{
	struct world *world = *state;

	world->doors[0].is_unreachable = true;
	world_issue(world, 1, 2);
	hand_over(world);
	deliver(world, false);
	world->is_unsigned = true;
	deliver(world, true);
	read_all(world);
	assert_int_equal(world_invoices(world, "issued"), 2);
	assert_int_equal(world_tasks(world, "answer-unclear"), 1);
	world->is_unsigned = false;
	world->about = "V990000002300112233445566778899AABBCCDDEEF0";
	deliver(world, true);
	read_all(world);
	assert_int_equal(world_invoices(world, "issued"), 2);
	world->about = NULL;
	deliver(world, true);
	read_all(world);
	assert_int_equal(world_invoices(world, "accepted"), 2);
}

/* Twice the same bytes, or about a message that is concluded: read, and nothing more. */
/* Nobody can say whether the authority signed it while whom it must chain to cannot be read. */
static void an_answer_waits_for_whom_it_must_chain_to(void **state)
{
	struct world *world = *state;
	int64_t next;

	world->doors[0].is_unreachable = true;
	world_issue(world, 1, 2);
	hand_over(world);
	deliver(world, false);
	deliver(world, true);
	world->routes[0].unready = "a test";
	(void)world_step(world, &next);
	(void)world_step(world, &next);
	assert_int_equal(unread(world), 2);
	assert_int_equal(world_invoices(world, "accepted"), 0);
	world->routes[0].unready = NULL;
	read_all(world);
	assert_int_equal(world_invoices(world, "accepted"), 2);
}

static void an_answer_that_says_nothing_new_changes_nothing(void **state)
{
	struct world *world = *state;

	world->doors[0].is_unreachable = true;
	world_issue(world, 1, 2);
	hand_over(world);
	deliver(world, false);
	deliver(world, true);
	deliver(world, true);
	assert_int_equal(unread(world), 2);
	read_all(world);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM verdict"), 2);
	shop_begin(world->shop);
	must(world->shop, store_answer_add(world->shop->store, "V9900000023FFFF", "<x/>", 4, world_now(world),
				  &world->shop->fault));
	shop_commit(world->shop);
	read_all(world);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM verdict"), 2);
	assert_int_equal(world_invoices(world, "accepted"), 2);
}

/* Law R-NUM-4: what the line left unknown may have arrived, so the courier's 20609 proves that it did. */
static void a_duplicate_is_proven_by_the_attempt_before_the_courier(void **state)
{
	struct world *world = *state;
	int64_t next;

	world->lose_after = 1;
	world_issue(world, 1, 2);
	while (world->submits == 0)
		if (world_step(world, &next))
			shop_set_clock(world->shop, next);
	world->doors[0].is_unreachable = true;
	hand_over(world);
	assert_int_equal(shop_number(world->shop, "SELECT attempts FROM message"), 2);
	world_bad(world, 1, "20609");
	deliver(world, true);
	read_all(world);
	assert_int_equal(world_invoices(world, "accepted"), 2);
	assert_int_equal(world_tasks(world, "duplicate-unproven"), 0);
}

static void a_duplicate_is_not_proven_by_the_courier_alone(void **state)
{
	struct world *world = *state;

	world->doors[0].is_unreachable = true;
	world_issue(world, 1, 2);
	hand_over(world);
	deliver(world, false);
	world_bad(world, 1, "20609");
	deliver(world, true);
	read_all(world);
	assert_int_equal(world_invoices(world, "accepted"), 1);
	assert_int_equal(world_tasks(world, "duplicate-unproven"), 1);
}

static void a_copy_hands_nothing_over(void **state)
{
	struct world *world = *state;
	int64_t next;

	world->doors[0].is_unreachable = true;
	world_issue(world, 1, 2);
	shop_begin(world->shop);
	must(world->shop, store_hold_put(world->shop->store, HOLD_MACHINE, "", &world->shop->fault));
	shop_commit(world->shop);
	wish(world);
	for (int i = 0; i < 20; i++)
		(void)world_step(world, &next);
	assert_true(is_wished(world));
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM message"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(what_waits_is_packed_at_once_and_leaves_with_an_unknown_outcome),
		WORLD_TEST(handing_over_twice_changes_nothing),
		WORLD_TEST(the_verdict_that_comes_back_is_concluded),
		WORLD_TEST(an_answer_is_believed_for_the_same_reasons_as_over_the_line),
		WORLD_TEST(an_answer_waits_for_whom_it_must_chain_to),
		WORLD_TEST(an_answer_that_says_nothing_new_changes_nothing),
		WORLD_TEST(a_duplicate_is_proven_by_the_attempt_before_the_courier),
		WORLD_TEST(a_duplicate_is_not_proven_by_the_courier_alone),
		WORLD_TEST(a_copy_hands_nothing_over),
	};

	return cmocka_run_group_tests(tests, world_group_setup, world_group_teardown);
}
