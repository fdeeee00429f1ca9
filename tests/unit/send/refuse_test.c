/* Law R-SEND-8, format 12.4: a message refused whole: halves, the culprit alone, and when halving cannot help. */
#include "world.h"

/* Law R-SEND-8, example: 1 bad of 200 → 199 accepted, at most 2·log2(200) + 2 = 17.3 messages. */
static void one_bad_of_200_leaves_199_accepted(void **state)
{
	struct world *world = *state;

	world->whole_code = "S499";
	world_bad(world, 137, "S499");
	world_issue(world, 1, 200);
	world_run(world, 4 * HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 199);
	assert_string_equal(world_state(world, 137), "refused");
	assert_int_equal(world_tasks(world, "refused-invoice"), 1);
	assert_int_equal(world_tasks(world, "seller-refused"), 0);
	assert_true(world->held_count <= 17);
}

static void one_bad_at_either_end_is_found(void **state)
{
	struct world *world = *state;

	world->whole_code = "S499";
	world_bad(world, 1, "S499");
	world_bad(world, 33, "S499");
	world_issue(world, 1, 33);
	world_run(world, 4 * HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 31);
	assert_int_equal(world_invoices(world, "refused"), 2);
}

/* A block of bad ones whose siblings were accepted is no matter of the seller, however many refusals come in a row. */
static void eight_bad_neighbours_are_all_found(void **state)
{
	struct world *world = *state;

	world->whole_code = "S499";
	for (int32_t i = 9; i <= 16; i++)
		world_bad(world, i, "S499");
	world_issue(world, 1, 32);
	world_run(world, 4 * HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 24);
	assert_int_equal(world_invoices(world, "refused"), 8);
	assert_int_equal(world_tasks(world, "seller-refused"), 0);
}

/* Law R-SEND-6: halves ascend, keep the numbers and get ids of their own. */
static void halves_keep_numbers_and_order(void **state)
{
	struct world *world = *state;

	world->whole_code = "S499";
	world_bad(world, 3, "S499");
	world_issue(world, 1, 4);
	world_run(world, 4 * HOUR);
	assert_true(holds_number(&world->held[1], 1) && holds_number(&world->held[1], 2) &&
		    !holds_number(&world->held[1], 3));
	assert_true(holds_number(&world->held[2], 3) && holds_number(&world->held[2], 4) &&
		    !holds_number(&world->held[2], 2));
	assert_string_not_equal(world->held[0].id, world->held[1].id);
	assert_int_equal(shop_number(world->shop, "SELECT max(halving) FROM message"), 2);
}

static void a_single_invoice_refused_whole_ends_with_a_task(void **state)
{
	struct world *world = *state;

	world->whole_code = "S499";
	world_bad(world, 1, "S499");
	world_issue(world, 1, 1);
	world_run(world, HOUR);
	assert_string_equal(world_state(world, 1), "refused");
	assert_int_equal(world_tasks(world, "refused-invoice"), 1);
	assert_int_equal(world->held_count, 1);
}

/* Format 12.4: a reason of seller, key or route (here S303, seller stopped): pause, alarm, not halved; numbers stay. */
static void a_refusal_about_the_seller_pauses_and_is_not_halved(void **state)
{
	struct world *world = *state;

	world->whole_code = "*S303";
	world_issue(world, 1, 8);
	world_run(world, 5 * MINUTE);
	assert_int_equal(world->held_count, 1);
	assert_int_equal(world_messages(world, "refused"), 1);
	assert_int_equal(world_tasks(world, "seller-refused"), 1);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM invoice WHERE message_id IS NULL"), 8);
	world_issue(world, 9, 9);
	world_run(world, 5 * MINUTE);
	assert_int_equal(world->held_count, 1);
	world->whole_code = NULL;
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 9);
	assert_string_not_equal(world->held[0].id, world->held[1].id);
}

/* Law R-REG-4: one alarm, and no hammering. */
static void a_stopped_seller_is_not_hammered(void **state)
{
	struct world *world = *state;

	world->whole_code = "*S303";
	world_issue(world, 1, 8);
	world_run(world, 5 * HOUR);
	assert_int_equal(world_tasks(world, "seller-refused"), 1);
	/* One message each 15 minutes. */
	assert_true(world->held_count <= 21 && world->held_count >= 15);
}

static void messages_made_before_the_pause_wait_too(void **state)
{
	struct world *world = *state;

	world->config.max_invoices = 4;
	world->answers_at_once = true;
	world->whole_code = "*S202";
	world_issue(world, 1, 12);
	world_run(world, 5 * MINUTE);
	assert_int_equal(world->submits, 1);
	world->whole_code = NULL;
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 12);
}

static void the_pause_survives_a_restart(void **state)
{
	struct world *world = *state;

	world->restarts = true;
	world->whole_code = "*S303";
	world_issue(world, 1, 4);
	world_run(world, 10 * MINUTE);
	assert_int_equal(world->submits, 1);
}

/* Law R-SEND-8: an unknown code counts as content until two levels (7 messages) brought nothing accepted. */
static void an_unknown_reason_for_everything_pauses_after_seven_messages(void **state)
{
	struct world *world = *state;

	world->whole_code = "*77777";
	world_issue(world, 1, 200);
	world_run(world, 10 * MINUTE);
	assert_int_equal(world->held_count, 7);
	assert_int_equal(world_invoices(world, "issued"), 200);
	assert_int_equal(world_tasks(world, "seller-refused"), 1);
	world->whole_code = NULL;
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 200);
}

/* The same for so few invoices that the fourth of a message stands alone: none is burnt before the cause is known. */
static void an_unknown_reason_burns_no_invoice_of_a_small_message(void **state)
{
	struct world *world = *state;

	world->whole_code = "*77777";
	world_issue(world, 1, 4);
	world_run(world, 10 * MINUTE);
	assert_int_equal(world->held_count, 7);
	assert_int_equal(world_invoices(world, "issued"), 4);
	assert_int_equal(world_tasks(world, "refused-invoice"), 0);
	world->whole_code = NULL;
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 4);
}

/* Two of four are bad, both found alone before anything was accepted: they wait for their family and then end. */
static void culprits_of_a_small_message_end_when_others_are_accepted(void **state)
{
	struct world *world = *state;

	world->whole_code = "S499";
	world_bad(world, 1, "S499");
	world_bad(world, 3, "S499");
	world_issue(world, 1, 4);
	world_run(world, 4 * HOUR);
	assert_string_equal(world_state(world, 1), "refused");
	assert_string_equal(world_state(world, 2), "accepted");
	assert_string_equal(world_state(world, 3), "refused");
	assert_string_equal(world_state(world, 4), "accepted");
	assert_int_equal(world_tasks(world, "refused-invoice"), 2);
}

/* Fewer than four invoices never make seven messages: all are culprits. */
static void three_bad_of_three_all_end(void **state)
{
	struct world *world = *state;

	world->whole_code = "*77777";
	world_issue(world, 1, 3);
	world_run(world, 4 * HOUR);
	assert_int_equal(world_invoices(world, "refused"), 3);
	assert_int_equal(world_tasks(world, "refused-invoice"), 3);
}

/* Law R-REG-4: seven single invoices refused whole in a row, nothing accepted: the seventh stays, sending pauses. */
static void a_burst_of_single_refusals_pauses(void **state)
{
	struct world *world = *state;

	world->whole_code = "*77777";
	world->answers_at_once = true;
	for (int32_t i = 1; i <= 8; i++) {
		world_issue(world, i, i);
		world_run(world, 1000);
	}
	assert_int_equal(world->submits, 7);
	assert_int_equal(world_invoices(world, "refused"), 6);
	assert_int_equal(world_invoices(world, "issued"), 2);
	assert_int_equal(world_tasks(world, "seller-refused"), 1);
}

static void halving_waits_for_the_key(void **state)
{
	struct world *world = *state;

	world->whole_code = "S499";
	world_bad(world, 2, "S499");
	world_issue(world, 1, 4);
	world_run(world, 0);
	world->key_is_away = true;
	world_run(world, HOUR);
	assert_int_equal(world->held_count, 1);
	assert_int_equal(world_messages(world, "refused"), 1);
	world->key_is_away = false;
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 3);
	assert_string_equal(world_state(world, 2), "refused");
}

static void one_damaged_waiting_invoice_holds_back_no_other(void **state)
{
	struct world *world = *state;

	world_issue(world, 1, 5);
	shop_tamper(world->shop, "UPDATE invoice_bytes SET digest = zeroblob(32) WHERE invoice_id = 3");
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 4);
	assert_string_equal(world_state(world, 5), "accepted");
	assert_int_equal(world_tasks(world, "invoice-damaged"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(one_bad_of_200_leaves_199_accepted),
		WORLD_TEST(one_bad_at_either_end_is_found),
		WORLD_TEST(eight_bad_neighbours_are_all_found),
		WORLD_TEST(halves_keep_numbers_and_order),
		WORLD_TEST(a_single_invoice_refused_whole_ends_with_a_task),
		WORLD_TEST(a_refusal_about_the_seller_pauses_and_is_not_halved),
		WORLD_TEST(a_stopped_seller_is_not_hammered),
		WORLD_TEST(messages_made_before_the_pause_wait_too),
		WORLD_TEST(the_pause_survives_a_restart),
		WORLD_TEST(an_unknown_reason_for_everything_pauses_after_seven_messages),
		WORLD_TEST(an_unknown_reason_burns_no_invoice_of_a_small_message),
		WORLD_TEST(culprits_of_a_small_message_end_when_others_are_accepted),
		WORLD_TEST(three_bad_of_three_all_end),
		WORLD_TEST(a_burst_of_single_refusals_pauses),
		WORLD_TEST(halving_waits_for_the_key),
		WORLD_TEST(one_damaged_waiting_invoice_holds_back_no_other),
	};

	return cmocka_run_group_tests(tests, world_group_setup, world_group_teardown);
}
