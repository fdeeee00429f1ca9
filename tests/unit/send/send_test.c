/* Format 12.4 and law R-SEND-5: what is done when an answer comes, comes late, or does not come. */
#include "world.h"

static void invoices_of_an_accepted_message_are_accepted(void **state)
{
	struct world *world = *state;

	world_issue(world, 1, 3);
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 3);
	assert_int_equal(world_messages(world, "answered"), 1);
	assert_int_equal(world->submits, 1);
	assert_int_equal(world_tasks(world, "answer-unclear"), 0);
}

/* Format 2.3 of the envelope: DLieu/@Id is "_" + the 32 hex of MTDiep; its digest is in the signature (format 7.2). */
static void a_packed_message_carries_its_invoices_in_order_and_their_digest(void **state)
{
	struct world *world = *state;
	BYTES_CLEANUP struct bytes digest_text = {0};
	uint8_t digest[DIGEST_LEN];
	const char *text, *start, *end;

	world_issue(world, 1, 3);
	world_run(world, HOUR);
	bytes_append(&world->held[0].bytes, "", 1);
	text = (const char *)world->held[0].bytes.data;
	assert_non_null(strstr(text, "<MLTDiep>206</MLTDiep>"));
	assert_non_null(strstr(text, "<SLuong>3</SLuong>"));
	assert_non_null(
		strstr(text, SHOP_HDON("2.1.0", "1") SHOP_HDON("2.1.0", "2") SHOP_HDON("2.1.0", "3") "</DLieu>"));
	start = strstr(text, "<DLieu Id=");
	end = strstr(text, "</DLieu>") + strlen("</DLieu>");
	digest_sha256(start, (size_t)(end - start), digest);
	bytes_init(&digest_text, 128);
	bytes_base64(&digest_text, digest, sizeof(digest));
	assert_non_null(strstr(text, (const char *)digest_text.data));
	assert_non_null(strstr(text, "Id=\"CKSNNT-"));
}

/* Format 1: an invoice keeps the version that it was issued in; the envelope has that of its invoices. */
static void a_message_holds_invoices_of_one_version(void **state)
{
	static const char *const pbans[] = {"2.1.0", "2.1.1", "2.1.0"};
	struct world *world = *state;

	for (int i = 0; i < 3; i++) {
		world->shop->pban = pbans[i];
		world_issue(world, 2 * i + 1, 2 * i + 2);
	}
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 6);
	assert_int_equal(world->held_count, 3);
	for (size_t i = 0; i < 3; i++) {
		char envelope[64];
		const char *text;

		bytes_append(&world->held[i].bytes, "", 1);
		text = (const char *)world->held[i].bytes.data;
		snprintf(envelope, sizeof(envelope), "<TTChung><PBan>%s</PBan><MNGui>", pbans[i]);
		assert_non_null(strstr(text, envelope));
		assert_non_null(strstr(text, "<SLuong>2</SLuong>"));
		assert_null(strstr(text, i == 1 ? "<PBan>2.1.0" : "<PBan>2.1.1"));
		assert_int_equal(strstr(text, "<DLieu Id=\"DLieu-") != NULL, i == 1);
	}
}

/* A store that a newer program wrote. */
static void an_invoice_of_an_unknown_version_waits_for_a_person(void **state)
{
	struct world *world = *state;

	world_issue(world, 1, 1);
	world->shop->pban = "2.2.0";
	world_issue(world, 2, 2);
	world->shop->pban = NULL;
	world_issue(world, 3, 3);
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 2);
	assert_string_equal(world_state(world, 2), "issued");
	assert_int_equal(world_tasks(world, "invoice-damaged"), 1);
}

static void a_204_that_comes_at_once_is_enough(void **state)
{
	struct world *world = *state;

	world->answers_at_once = true;
	world_issue(world, 1, 2);
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 2);
	assert_int_equal(world->queries, 0);
}

static void pending_is_asked_again_with_growing_pauses(void **state)
{
	struct world *world = *state;

	world->pendings = 8;
	world_issue(world, 1, 1);
	world_run(world, 4 * HOUR);
	assert_string_equal(world_state(world, 1), "accepted");
	assert_int_equal(world->queries, 9);
	assert_int_equal(world->submits, 1);
}

/* Law R-SEND-5: not_found → same bytes, same MTDiep (the fake compares the bytes). */
static void a_message_that_never_arrived_goes_again_unchanged(void **state)
{
	struct world *world = *state;

	world->lose_before = 2;
	world_issue(world, 1, 2);
	world_run(world, 4 * HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 2);
	assert_int_equal(world->held_count, 1);
	assert_int_equal(world->held[0].submits, 3);
	assert_int_equal(shop_number(world->shop, "SELECT was_unknown FROM message"), 1);
}

/* Law R-SEND-5: a lost answer is asked for, nothing is sent blindly a second time. */
static void an_answer_lost_after_arrival_is_asked_for(void **state)
{
	struct world *world = *state;

	world->lose_after = 1;
	world_issue(world, 1, 2);
	world_run(world, 4 * HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 2);
	assert_int_equal(world->submits, 1);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM ledger WHERE event = 'asked'"), 1);
}

static void an_unanswered_message_does_not_hold_back_the_next(void **state)
{
	struct world *world = *state;
	int64_t next;

	world->lose_after = 1;
	world->pendings = 1000;
	world_issue(world, 1, 1);
	while (world_step(world, &next) == 0)
		;
	world_issue(world, 2, 2);
	world_run(world,
		1000); /* less than the pause before the next question, more than the one between small messages */
	assert_int_equal(world->held_count, 2);
	assert_true(holds_number(&world->held[1], 2));
}

/* Law R-SEND-5, format 12.4: cannot_ask → the same bytes once after 15 minutes; the repeated id then proves arrival. */
static void a_route_that_cannot_be_asked_gets_the_same_bytes_once(void **state)
{
	struct world *world = *state;
	int64_t begin = world_now(world);

	world->cannot_ask = true;
	world->lose_after = 1;
	world_issue(world, 1, 2);
	world_run(world, 14 * MINUTE);
	assert_int_equal(world->submits, 1);
	world_run(world, 48 * HOUR);
	assert_int_equal(world->submits, 2);
	assert_int_equal(shop_number(world->shop, "SELECT is_resent FROM message"), 1);
	assert_true(shop_number(world->shop, "SELECT sent_at FROM message") >= begin + 15 * MINUTE);
	assert_int_equal(world_messages(world, "sent"), 1);
	assert_int_equal(world_invoices(world, "issued"), 2);
	assert_int_equal(world_messages(world, "refused"), 0);
	assert_int_equal(world_tasks(world, "answer-unclear"), 1);
	world->cannot_ask = false;
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 2);
}

/* A machine that came up in another year, and was set right after it had tried: its times are years ahead. */
static void run_ahead(struct world *world)
{
	shop_tamper(world->shop,
		"UPDATE message SET next_try_at = next_try_at + 126230400000, sent_at = sent_at + 126230400000");
}

static void times_of_a_clock_that_ran_ahead_put_nothing_off(void **state)
{
	struct world *world = *state;

	world->is_down = true;
	world_issue(world, 1, 1);
	world_run(world, MINUTE);
	world->is_down = false;
	run_ahead(world);
	world_run(world, 15 * MINUTE);
	assert_int_equal(world_invoices(world, "accepted"), 1);

	world->cannot_ask = true;
	world->lose_before = 1;
	world_issue(world, 2, 2);
	world_run(world, MINUTE);
	assert_int_equal(world_messages(world, "unknown"), 1);
	run_ahead(world);
	world_run(world, 15 * MINUTE);
	assert_int_equal(shop_number(world->shop, "SELECT max(is_resent) FROM message"), 1);
	world->cannot_ask = false;
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 2);
}

static void a_message_known_as_received_is_not_sent_again_when_it_cannot_be_asked_about(void **state)
{
	struct world *world = *state;

	world->cannot_ask = true;
	world_issue(world, 1, 1);
	world_run(world, 24 * HOUR);
	assert_int_equal(world->submits, 1);
	assert_int_equal(world_tasks(world, "answer-unclear"), 1);
}

static void a_route_that_refuses_is_tried_again_and_a_person_is_told(void **state)
{
	struct world *world = *state;

	world->refuse_http = 2;
	world_issue(world, 1, 1);
	world_run(world, 12 * HOUR);
	assert_string_equal(world_state(world, 1), "accepted");
	assert_int_equal(world->held_count, 1);
	assert_int_equal(world->submits, 3);
	assert_int_equal(world_tasks(world, "route-refused"), 1);
}

/* Law R-SEND-1: the earliest legal deadline first, whatever was made first. */
static void the_earliest_deadline_goes_first(void **state)
{
	struct world *world = *state;

	world->settings.route_count = 0;
	world_issue(world, 1, 1);
	shop_tamper(world->shop, "UPDATE invoice SET deadline = deadline + 86400000");
	world_run(world, 10000);
	world_issue(world, 2, 2);
	world_run(world, 10000);
	assert_int_equal(world_messages(world, "made"), 2);
	world->settings.route_count = 1;
	world_run(world, MINUTE);
	assert_int_equal(world->held_count, 2);
	assert_true(holds_number(&world->held[0], 2) && holds_number(&world->held[1], 1));
}

/* Whatever reads it falls over: it is tried again and again, and the others go on beside it. */
static void a_message_that_fells_the_route_holds_back_no_other(void **state)
{
	struct world *world = *state;

	world->poison = 1;
	world_issue(world, 1, 1);
	world_run(world, 1000);
	for (int32_t i = 2; i <= 9; i++) {
		world_issue(world, i, i);
		world_run(world, 2 * MINUTE);
		assert_string_equal(world_state(world, i), "accepted");
	}
	assert_string_equal(world_state(world, 1), "issued");
	assert_true(world->held[0].submits > 1);
	world->poison = 0;
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 9);
	assert_int_equal(world->held_count, 9);
}

/* House section 2, step 10: what is buffered is signed while offline; nothing is lost when the line is back. */
static void days_without_a_line_end_well(void **state)
{
	struct world *world = *state;

	world->is_down = true;
	for (int32_t i = 0; i < 10; i++) {
		world_issue(world, 1 + i * 20, 20 + i * 20);
		world_run(world, HOUR);
	}
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM invoice WHERE message_id IS NULL"), 0);
	world->is_down = false;
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 200);
}

static void a_down_line_is_not_hammered(void **state)
{
	struct world *world = *state;

	world->is_down = true;
	world_issue(world, 1, 1);
	world_run(world, 24 * HOUR);
	/* Back-off up to 15 minutes with full jitter: on average one call each 7.5 minutes = 192 a day. */
	assert_true(world->submits + world->queries < 500);
	assert_true(world->submits + world->queries > 50);
}

static void a_key_that_is_away_is_waited_for(void **state)
{
	struct world *world = *state;

	world->key_is_away = true;
	world_issue(world, 1, 2);
	world_run(world, HOUR);
	assert_int_equal(world->submits, 0);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM message"), 0);
	world->key_is_away = false;
	world_run(world, 2 * MINUTE);
	assert_int_equal(world_invoices(world, "accepted"), 2);
}

static void without_a_key_nothing_is_packed(void **state)
{
	struct world *world = *state;
	int64_t next = 0;

	world->settings.signer = NULL;
	world_issue(world, 1, 2);
	assert_int_equal(world_step(world, &next), 1);
	assert_true(next == INT64_MAX);
}

/* Format 3.1: whichever of invoices and bytes comes first; all ascend (law R-SEND-6). */
static void messages_are_cut_by_count_and_ascend(void **state)
{
	struct world *world = *state;

	world->config.max_invoices = 50;
	world_issue(world, 1, 120);
	world_run(world, HOUR);
	assert_int_equal(world->held_count, 3);
	assert_true(holds_number(&world->held[0], 1) && holds_number(&world->held[0], 50));
	assert_true(holds_number(&world->held[1], 51) && holds_number(&world->held[1], 100));
	assert_true(holds_number(&world->held[2], 101) && holds_number(&world->held[2], 120));
	assert_int_equal(world_invoices(world, "accepted"), 120);
}

static void messages_are_cut_by_bytes(void **state)
{
	struct world *world = *state;

	/* What head, certificate and fixed parts take, and room for about three invoices of 36 bytes. */
	world->config.seller.max_message_bytes =
		4096 + 6144 + world->signer.certificate_len * 4 / 3 + strlen(world->signer.subject) * 6 + 110;
	world_issue(world, 1, 9);
	world_run(world, HOUR);
	assert_int_equal(world_invoices(world, "accepted"), 9);
	assert_true(world->held_count >= 3 && world->held_count <= 5);
	for (size_t i = 0; i < world->held_count; i++)
		assert_true(world->held[i].bytes.len <= world->config.seller.max_message_bytes);
}

static void invoices_wait_for_others_only_while_a_message_is_unsent(void **state)
{
	struct world *world = *state;
	int64_t next;

	world->settings.route_count = 0;
	world_issue(world, 1, 1);
	while (world_step(world, &next) == 0)
		;
	assert_int_equal(world_messages(world, "made"), 1);
	world_issue(world, 2, 3);
	assert_int_equal(world_step(world, &next), 1);
	assert_int_equal(world_messages(world, "made"), 1);
	/* The oldest was issued at SHOP_NOW + 2 (shop.h) and waits for max_wait_ms. */
	assert_int_equal(next, SHOP_NOW + 2 + world->config.max_wait_ms);
	shop_set_clock(world->shop, next);
	assert_int_equal(world_step(world, &next), 0);
	assert_int_equal(world_messages(world, "made"), 2);
}

/* House 8.5: a message that is not what was signed is never sent. */
static void damaged_bytes_are_never_sent(void **state)
{
	struct world *world = *state;
	int64_t next;

	world->settings.route_count = 0;
	world_issue(world, 1, 1);
	while (world_step(world, &next) == 0)
		;
	shop_tamper(world->shop, "UPDATE message SET digest = zeroblob(32)");
	world->settings.route_count = 1;
	world_issue(world, 2, 2);
	world_run(world, 24 * HOUR);
	assert_int_equal(world_tasks(world, "message-damaged"), 1);
	assert_string_equal(world_state(world, 1), "issued");
	assert_string_equal(world_state(world, 2), "accepted");
	assert_int_equal(world->held_count, 1);
}

static void damaged_invoices_are_never_sent(void **state)
{
	struct world *world = *state;
	int64_t next;

	world->settings.route_count = 0;
	world_issue(world, 1, 1);
	while (world_step(world, &next) == 0)
		;
	shop_tamper(world->shop, "UPDATE invoice_bytes SET digest = zeroblob(32)");
	world->settings.route_count = 1;
	world_run(world, HOUR);
	assert_int_equal(world_tasks(world, "message-damaged"), 1);
	assert_int_equal(world->submits, 0);
}

/* Law R-SEND-7: reception and transmission are recorded, and the ledger stays whole. */
static void every_step_is_in_the_ledger(void **state)
{
	struct world *world = *state;
	struct ledger_finding finding;
	struct ledger_summary summary;

	world->lose_before = 1;
	world_issue(world, 1, 2);
	world_run(world, HOUR);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM ledger WHERE event = 'message-made'"), 1);
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM ledger WHERE event = 'sent'"), 2);
	/* unknown, received, accepted */
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM ledger WHERE event = 'verdict'"), 3);
	/* not_found, verdict */
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM ledger WHERE event = 'asked'"), 2);
	assert_int_equal(ledger_check(world->shop->store, &finding, &summary, NULL, &world->shop->fault), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(invoices_of_an_accepted_message_are_accepted),
		WORLD_TEST(a_packed_message_carries_its_invoices_in_order_and_their_digest),
		WORLD_TEST(a_message_holds_invoices_of_one_version),
		WORLD_TEST(an_invoice_of_an_unknown_version_waits_for_a_person),
		WORLD_TEST(a_204_that_comes_at_once_is_enough),
		WORLD_TEST(pending_is_asked_again_with_growing_pauses),
		WORLD_TEST(a_message_that_never_arrived_goes_again_unchanged),
		WORLD_TEST(an_answer_lost_after_arrival_is_asked_for),
		WORLD_TEST(an_unanswered_message_does_not_hold_back_the_next),
		WORLD_TEST(a_route_that_cannot_be_asked_gets_the_same_bytes_once),
		WORLD_TEST(times_of_a_clock_that_ran_ahead_put_nothing_off),
		WORLD_TEST(a_message_known_as_received_is_not_sent_again_when_it_cannot_be_asked_about),
		WORLD_TEST(a_route_that_refuses_is_tried_again_and_a_person_is_told),
		WORLD_TEST(the_earliest_deadline_goes_first),
		WORLD_TEST(a_message_that_fells_the_route_holds_back_no_other),
		WORLD_TEST(days_without_a_line_end_well),
		WORLD_TEST(a_down_line_is_not_hammered),
		WORLD_TEST(a_key_that_is_away_is_waited_for),
		WORLD_TEST(without_a_key_nothing_is_packed),
		WORLD_TEST(messages_are_cut_by_count_and_ascend),
		WORLD_TEST(messages_are_cut_by_bytes),
		WORLD_TEST(invoices_wait_for_others_only_while_a_message_is_unsent),
		WORLD_TEST(damaged_bytes_are_never_sent),
		WORLD_TEST(damaged_invoices_are_never_sent),
		WORLD_TEST(every_step_is_in_the_ledger),
	};

	return cmocka_run_group_tests(tests, world_group_setup, world_group_teardown);
}
