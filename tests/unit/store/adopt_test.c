#include "shop.h"

#include "store/adopt.h"

/* A store of epoch 1 with prefix 1, suffix AA and invoices 1 to 3 in it. */
static void sell(struct shop *shop)
{
	const struct issue_place place = {
		.serial = "C26MAA", .last_number = 3, .last_issued_at = SHOP_NOW, .next_counter = INT64_C(100000004)};

	shop_begin(shop);
	must(shop, store_suffix_take(shop->store, "AA", &shop->fault));
	must(shop, store_block_lease(shop->store, 1, &shop->fault));
	for (int32_t number = 1; number <= 3; number++)
		shop_invoice(shop, number);
	must(shop, store_place_put(shop->store, 1, &place, INT64_C(100000001), &shop->fault));
	shop_commit(shop);
}

static int adopt(struct shop *shop, const char *suffix, int prefix, struct adopted *ret)
{
	struct adoption adoption = {.reason = "disk replaced", .suffix = suffix, .issuer_prefix = prefix};

	snprintf(adoption.machine.facts[MACHINE_SYSTEM], MACHINE_TEXT_MAX, "new");
	return store_adopt(shop->store, &adoption, shop->arena, ret, &shop->fault);
}

static int64_t records(struct shop *shop, const char *event)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM ledger WHERE event = '%s'", event);
	return shop_number(shop, sql);
}

/* law R-CODE-5, example: backup of yesterday → another block, another serial, and the old end explained. */
static void an_adopted_store_has_a_new_epoch_block_and_machine(void **state)
{
	struct shop *shop = *state;
	struct adopted adopted = {0};
	struct issue_place place;
	struct ledger_finding finding;
	struct ledger_summary summary;
	bool same = false;
	const struct machine machine = {.facts = {"new"}};

	sell(shop);
	assert_int_equal(adopt(shop, "AB", 3, &adopted), 0);
	assert_int_equal(adopted.epoch, 2);
	assert_int_equal(adopted.first_counter, INT64_C(300000001));
	assert_int_equal(adopted.end_count, 1);
	assert_string_equal(adopted.ends[0].serial, "C26MAA");
	assert_int_equal(adopted.ends[0].last_number, 3);
	must(shop, store_place_get(shop->store, 1, &place, &shop->fault));
	assert_int_equal(place.next_counter, INT64_C(300000001));
	shop_begin(shop);
	must(shop, store_machine_check(shop->store, &machine, &same, &shop->fault));
	store_rollback(shop->store);
	assert_true(same);
	shop_reopen(shop);
	assert_int_equal(store_epoch(shop->store), 2);
	must(shop, ledger_check(shop->store, &finding, &summary, NULL, &shop->fault));
}

/* The end stands in the old epoch; the record of the adoption is the first of the new one. */
static void the_open_end_is_explained_in_the_ledger(void **state)
{
	struct shop *shop = *state;
	struct adopted adopted;

	sell(shop);
	assert_int_equal(adopt(shop, "AB", 3, &adopted), 0);
	assert_int_equal(records(shop, "serial-end"), 1);
	assert_int_equal(records(shop, "adopt"), 1);
	assert_int_equal(
		shop_number(shop, "SELECT from_seq = (SELECT seq FROM ledger WHERE event = 'adopt') FROM epoch "
				  "WHERE epoch = 2"),
		1);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM ledger WHERE event = 'serial-end' AND instr(payload, "
					   "'\"last_number\":3,\"next_counter\":100000004,\"serial\":\"C26MAA\"') > 0"),
		1);
}

static void the_old_serial_is_refused(void **state)
{
	struct shop *shop = *state;
	struct adopted adopted;

	sell(shop);
	assert_int_equal(adopt(shop, "AA", 3, &adopted), ADOPT_SUFFIX_USED);
	assert_int_equal(store_epoch(shop->store), 1);
	assert_int_equal(records(shop, "adopt"), 0);
	assert_int_equal(adopt(shop, "AB", 3, &adopted), 0);
	assert_int_equal(adopt(shop, "AA", 4, &adopted), ADOPT_SUFFIX_USED);
	assert_int_equal(adopt(shop, "AB", 4, &adopted), ADOPT_SUFFIX_USED);
}

static void the_old_codes_are_refused(void **state)
{
	struct shop *shop = *state;
	struct adopted adopted;

	sell(shop);
	assert_int_equal(adopt(shop, "AB", 1, &adopted), ADOPT_PREFIX_USED);
	assert_int_equal(store_epoch(shop->store), 1);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM epoch"), 1);
	/* The suffix of what was refused is free. */
	assert_int_equal(adopt(shop, "AB", 3, &adopted), 0);
}

/* The configuration that is put back after an adoption must not give old numbers again. */
static void a_suffix_that_was_given_up_is_not_taken_again(void **state)
{
	struct shop *shop = *state;
	struct adopted adopted;

	sell(shop);
	assert_int_equal(adopt(shop, "AB", 3, &adopted), 0);
	shop_begin(shop);
	assert_int_equal(store_suffix_take(shop->store, "AA", &shop->fault), STORE_CONFLICT);
	assert_int_equal(store_suffix_take(shop->store, "AB", &shop->fault), 0);
	assert_int_equal(store_suffix_take(shop->store, "AC", &shop->fault), 0);
	assert_int_equal(store_suffix_take(shop->store, "AC", &shop->fault), 0);
	store_rollback(shop->store);
}

static void a_seller_without_codes_leases_no_block(void **state)
{
	struct shop *shop = *state;
	struct adopted adopted;

	assert_int_equal(adopt(shop, "AB", -1, &adopted), 0);
	assert_int_equal(adopted.first_counter, 0);
	assert_int_equal(adopted.end_count, 0);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM block"), 0);
}

/* law R-NUM-4: what the original may have sent is asked for before it is sent again. */
static void a_message_that_was_made_counts_as_sent(void **state)
{
	struct shop *shop = *state;
	struct adopted adopted;
	const int64_t invoice = 1;
	struct message_row row;

	sell(shop);
	shop_begin(shop);
	shop_message(shop, "V1", &invoice, 1);
	shop_commit(shop);
	assert_int_equal(adopt(shop, "AB", 3, &adopted), 0);
	row = shop_get_message(shop, 1);
	assert_int_equal(adopted.asked, 1);
	assert_int_equal(row.state, MESSAGE_SENT);
	assert_true(row.was_unknown);
	assert_int_equal(row.next_try_at, row.made_at);
}

static void a_message_that_no_route_held_counts_as_sent_too(void **state)
{
	struct shop *shop = *state;
	struct adopted adopted;
	const int64_t invoice = 1;
	struct message_row row;

	sell(shop);
	shop_begin(shop);
	shop_message(shop, "V1", &invoice, 1);
	row = shop_get_message(shop, 1);
	row.state = MESSAGE_SENT;
	must(shop, store_message_move(shop->store, &row, MESSAGE_MADE, &shop->fault));
	row.state = MESSAGE_UNKNOWN;
	row.is_absent = true;
	must(shop, store_message_move(shop->store, &row, MESSAGE_SENT, &shop->fault));
	shop_commit(shop);
	assert_int_equal(adopt(shop, "AB", 3, &adopted), 0);
	row = shop_get_message(shop, 1);
	assert_int_equal(row.state, MESSAGE_SENT);
	assert_true(row.was_unknown);
	assert_false(row.is_absent);
}

static void a_hold_ends_with_the_adoption(void **state)
{
	struct shop *shop = *state;
	struct adopted adopted;
	struct hold hold;

	sell(shop);
	shop_begin(shop);
	must(shop, store_hold_put(shop->store, HOLD_RESTORED, "", &shop->fault));
	shop_commit(shop);
	assert_int_equal(adopt(shop, "AB", 3, &adopted), 0);
	must(shop, store_hold_get(shop->store, &hold, &shop->fault));
	assert_int_equal(hold.kind, HOLD_NONE);
	assert_int_equal(
		shop_number(shop, "SELECT count(*) FROM ledger WHERE event = 'adopt' AND instr(payload, "
				  "'\"reason\":\"disk replaced\",\"suffix\":\"AB\",\"why\":\"restored\"') > 0"),
		1);
}

/* Numbers of the old epoch may be known to the authority; those of the new one may not. */
static void invoices_of_an_earlier_epoch_are_told_apart(void **state)
{
	struct shop *shop = *state;
	struct adopted adopted;

	sell(shop);
	assert_int_equal(store_invoice_is_of_epoch(shop->store, 1, &shop->fault), 1);
	shop_record(shop, 1);
	shop_record(shop, 2);
	shop_record(shop, 3);
	assert_int_equal(adopt(shop, "AB", 3, &adopted), 0);
	assert_int_equal(store_invoice_is_of_epoch(shop->store, 1, &shop->fault), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(an_adopted_store_has_a_new_epoch_block_and_machine),
		SHOP_TEST(the_open_end_is_explained_in_the_ledger),
		SHOP_TEST(the_old_serial_is_refused),
		SHOP_TEST(the_old_codes_are_refused),
		SHOP_TEST(a_suffix_that_was_given_up_is_not_taken_again),
		SHOP_TEST(a_seller_without_codes_leases_no_block),
		SHOP_TEST(a_message_that_was_made_counts_as_sent),
		SHOP_TEST(a_message_that_no_route_held_counts_as_sent_too),
		SHOP_TEST(a_hold_ends_with_the_adoption),
		SHOP_TEST(invoices_of_an_earlier_epoch_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
