/* Format 12.4, 11.5, law R-NUM-4: which answers are believed, and what becomes of each invoice. */
#include "world.h"

/* Format 11.5: invoices not named are accepted. */
static void a_named_invoice_is_refused_and_the_others_accepted(void **state)
{
	struct world *world = *state;
	struct invoice_row row;

	world_issue(world, 1, 5);
	world_bad(world, 3, "S401");
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 4);
	assert_string_equal(world_state(world, 3), "refused");
	assert_int_equal(world_tasks(world, "refused-invoice"), 1);
	must(world->shop, store_invoice_by_number(
				  world->shop->store, 1, "C26MAA", 3, world->shop->arena, &row, &world->shop->fault));
	assert_string_equal(row.refusal, "S401: sai (sửa)");
	assert_int_equal(world_messages(world, "answered"), 1);
}

/* Format 11.5: a name that matches no invoice: alert, treat nothing as accepted. */
static void a_name_that_is_not_in_the_message_makes_nothing_believed(void **state)
{
	struct world *world = *state;

	world_issue(world, 1, 3);
	world_bad(world, 1, "S401");
	world_bad(world, 90000001, "S401");
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "issued"), 3);
	assert_int_equal(world_tasks(world, "answer-unclear"), 1);
	assert_true(shop_number(world->shop, "SELECT count(*) FROM verdict WHERE is_believed = 0") > 0);
	world->bad_count = 1;
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 2);
	assert_string_equal(world_state(world, 1), "refused");
}

static void an_answer_to_another_message_is_kept_and_not_believed(void **state)
{
	struct world *world = *state;

	world->about = "V990000002300112233445566778899AABBCCDDEEF0";
	world_issue(world, 1, 2);
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "issued"), 2);
	assert_int_equal(world_tasks(world, "answer-unclear"), 1);
	/* Of no message of ours: NULL. */
	assert_true(shop_number(world->shop,
			    "SELECT count(*) FROM verdict WHERE message_id IS NULL AND is_believed = 0") > 0);
	world->about = NULL;
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 2);
}

/* Format 12.4: a T-VAN changes the prefix; the 32 hex decide, in either case. */
static void a_changed_prefix_is_the_same_message(void **state)
{
	struct world *world = *state;
	int64_t next;
	char about[64];

	world_issue(world, 1, 1);
	while (world_step(world, &next) == 0)
		;
	snprintf(about, sizeof(about), "V0123456789%s", world->held[0].id + strlen(world->held[0].id) - 32);
	for (char *c = about; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'F' ? *c + 32 : *c);
	world->about = about;
	world_run(world, HOUR);
	assert_string_equal(world_state(world, 1), "accepted");
}

/* Law R-SEND-5: only message 204 decides, and only a signed one. */
static void an_unsigned_204_is_not_believed(void **state)
{
	struct world *world = *state;

	world->is_unsigned = true;
	world_issue(world, 1, 2);
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "issued"), 2);
	assert_int_equal(world_tasks(world, "answer-unclear"), 1);
	world->is_unsigned = false;
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 2);
	assert_int_equal(world->submits, 1);
}

static void a_204_of_a_stranger_is_not_believed(void **state)
{
	struct world *world = *state;
	struct pki stranger;

	pki_init(&stranger, "CỤC THUẾ (MÔ PHỎNG)", NULL);
	world->pki = &stranger;
	world_issue(world, 1, 1);
	world_run(world, HOUR);
	assert_string_equal(world_state(world, 1), "issued");
	pki_done(&stranger);
}

static void a_204_about_another_tax_code_is_not_believed(void **state)
{
	struct world *world = *state;

	world->tax_code = "9900000024";
	world_issue(world, 1, 1);
	world_run(world, HOUR);
	assert_string_equal(world_state(world, 1), "issued");
	assert_int_equal(world_tasks(world, "answer-unclear"), 1);
}

static void without_anchors_no_204_is_believed(void **state)
{
	struct world *world = *state;

	world->routes[0].anchors_pem = NULL;
	world_issue(world, 1, 1);
	world_run(world, HOUR);
	assert_string_equal(world_state(world, 1), "issued");
}

/* An unbelieved answer to a submit leaves the outcome unknown: the message may or may not be there. */
static void an_unbelieved_answer_to_a_submit_leaves_it_unknown(void **state)
{
	struct world *world = *state;
	int64_t next;

	world->answers_at_once = true;
	world->is_unsigned = true;
	world_issue(world, 1, 1);
	while (world_step(world, &next) == 0)
		;
	assert_int_equal(world_messages(world, "unknown"), 1);
	assert_int_equal(shop_number(world->shop, "SELECT was_unknown FROM message"), 1);
}

/* Law R-NUM-4: 20609 on an invoice that was never sent before → a person. */
static void a_duplicate_never_sent_before_waits_for_a_person(void **state)
{
	struct world *world = *state;

	world_issue(world, 1, 2);
	world_bad(world, 2, "20609");
	world_run(world, HOUR);
	assert_string_equal(world_state(world, 1), "accepted");
	assert_string_equal(world_state(world, 2), "issued");
	assert_int_equal(world_tasks(world, "duplicate-unproven"), 1);
	assert_int_equal(
		shop_number(world->shop, "SELECT value = CAST('behind' || char(10) || '1C26MAA/2' AS BLOB) FROM "
					 "meta WHERE key = 'hold'"),
		1);
	/* It stays with its message: nobody sends it again by himself. */
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM invoice WHERE message_id IS NULL"), 0);
}

/* A lost answer alone proves nothing: the bytes went once, so somebody else has the number. */
static void a_duplicate_after_one_attempt_waits_for_a_person(void **state)
{
	struct world *world = *state;

	world->lose_after = 1;
	world_issue(world, 1, 1);
	world_bad(world, 1, "20609");
	world_run(world, HOUR);
	assert_string_equal(world_state(world, 1), "issued");
	assert_int_equal(world_tasks(world, "duplicate-unproven"), 1);
}

/* Law R-NUM-4, example: 20609 after a time-out → accepted. The first attempt was unknown, the second brought the 20609. */
static void a_duplicate_of_an_unknown_attempt_is_accepted(void **state)
{
	struct world *world = *state;

	world->lose_before = 1;
	world_issue(world, 1, 2);
	world_bad(world, 1, "20609");
	world_run(world, HOUR);
	assert_int_equal(world->submits, 2);
	assert_int_equal(world_invoices(world, "accepted"), 2);
	assert_int_equal(world_tasks(world, "duplicate-unproven"), 0);
}

/* The earlier message with these bytes was unknown and then refused whole; its half meets 20609. */
static void a_duplicate_of_an_earlier_unknown_message_is_accepted(void **state)
{
	struct world *world = *state;
	int64_t next;

	world->lose_after = 1;
	world->whole_code = "S499";
	world_issue(world, 1, 2);
	world_bad(world, 2, "S499");
	while (world->held_count < 3) {
		if (world_step(world, &next))
			shop_set_clock(world->shop, next);
		if (world_messages(world, "refused") && world->whole_code) {
			world->whole_code = NULL;
			world->bad_code = "20609";
		}
	}
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 2);
}

static void a_duplicate_with_another_fault_is_refused(void **state)
{
	struct world *world = *state;

	world->lose_before = 1;
	world_issue(world, 1, 1);
	world_bad(world, 1, "S402");
	world_run(world, HOUR);
	assert_string_equal(world_state(world, 1), "refused");
}

/* Format 12.4: a duplicate answer is ignored. */
static void a_repeated_answer_changes_nothing(void **state)
{
	struct world *world = *state;
	int64_t before;

	world_issue(world, 1, 2);
	world_run(world, HOUR);
	before = shop_number(world->shop, "SELECT count(*) FROM ledger");
	world_run(world, 48 * HOUR);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM ledger"), before);
	assert_int_equal(world->queries, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_named_invoice_is_refused_and_the_others_accepted),
		WORLD_TEST(a_name_that_is_not_in_the_message_makes_nothing_believed),
		WORLD_TEST(an_answer_to_another_message_is_kept_and_not_believed),
		WORLD_TEST(a_changed_prefix_is_the_same_message),
		WORLD_TEST(an_unsigned_204_is_not_believed),
		WORLD_TEST(a_204_of_a_stranger_is_not_believed),
		WORLD_TEST(a_204_about_another_tax_code_is_not_believed),
		WORLD_TEST(without_anchors_no_204_is_believed),
		WORLD_TEST(an_unbelieved_answer_to_a_submit_leaves_it_unknown),
		WORLD_TEST(a_duplicate_never_sent_before_waits_for_a_person),
		WORLD_TEST(a_duplicate_after_one_attempt_waits_for_a_person),
		WORLD_TEST(a_duplicate_of_an_unknown_attempt_is_accepted),
		WORLD_TEST(a_duplicate_of_an_earlier_unknown_message_is_accepted),
		WORLD_TEST(a_duplicate_with_another_fault_is_refused),
		WORLD_TEST(a_repeated_answer_changes_nothing),
	};

	return cmocka_run_group_tests(tests, world_group_setup, world_group_teardown);
}
