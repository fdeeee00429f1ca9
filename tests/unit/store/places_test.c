#include "shop.h"

static void lease(struct shop *shop, int prefix)
{
	shop_begin(shop);
	must(shop, store_block_lease(shop->store, prefix, &shop->fault));
	shop_commit(shop);
}

static void a_place_that_never_issued_is_empty(void **state)
{
	struct shop *shop = *state;
	struct issue_place place = {.last_number = 9};

	must(shop, store_place_get(shop->store, 1, &place, &shop->fault));
	assert_string_equal(place.serial, "");
	assert_int_equal(place.last_number, 0);
	assert_int_equal(place.last_issued_at, 0);
	assert_int_equal(place.next_counter, 0);
	assert_int_equal(place.block_to, 0);
}

/* law R-CODE-3: issuer 001 has 00100000001 … 00199999999. */
static void the_block_of_an_issuer_is_its_prefix_and_eight_digits(void **state)
{
	struct shop *shop = *state;
	struct issue_place place;

	lease(shop, 1);
	must(shop, store_place_get(shop->store, 1, &place, &shop->fault));
	assert_int_equal(place.next_counter, INT64_C(100000001));
	assert_int_equal(place.block_to, INT64_C(199999999));
	lease(shop, 1);
	shop_begin(shop);
	assert_int_equal(store_block_lease(shop->store, 2, &shop->fault), STORE_CONFLICT);
	assert_int_equal(store_block_lease(shop->store, 1000, &(struct fault){0}), FAULT_CONFIG);
	assert_int_equal(store_block_lease(shop->store, -1, &(struct fault){0}), FAULT_CONFIG);
	store_rollback(shop->store);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM block"), 1);
}

static void prefix_zero_begins_with_one(void **state)
{
	struct shop *shop = *state;
	struct issue_place place;

	lease(shop, 0);
	must(shop, store_place_get(shop->store, 1, &place, &shop->fault));
	assert_int_equal(place.next_counter, 1);
	assert_int_equal(place.block_to, 99999999);
}

/* law R-CODE-5: a new epoch never gets the block of an earlier one. */
static void an_earlier_epochs_block_is_not_leased_again(void **state)
{
	struct shop *shop = *state;

	lease(shop, 1);
	shop_tamper(shop, "INSERT INTO epoch (epoch, from_seq, made_at, reason) VALUES (2, 2, 0, 'adopted')");
	shop_reopen(shop);
	assert_int_equal(store_epoch(shop->store), 2);
	shop_begin(shop);
	assert_int_equal(store_block_lease(shop->store, 1, &shop->fault), STORE_CONFLICT);
	must(shop, store_block_lease(shop->store, 2, &shop->fault));
	shop_commit(shop);
}

static void numbers_and_counters_go_on(void **state)
{
	struct shop *shop = *state;
	struct issue_place place, read;

	lease(shop, 1);
	must(shop, store_place_get(shop->store, 1, &place, &shop->fault));
	strcpy(place.serial, "C26MAA");
	place.last_number = 16;
	place.last_issued_at = SHOP_NOW;
	place.next_counter += 16;
	shop_begin(shop);
	must(shop, store_place_put(shop->store, 1, &place, INT64_C(100000001), &shop->fault));
	shop_commit(shop);
	must(shop, store_place_get(shop->store, 1, &read, &shop->fault));
	assert_string_equal(read.serial, "C26MAA");
	assert_int_equal(read.last_number, 16);
	assert_int_equal(read.last_issued_at, SHOP_NOW);
	assert_int_equal(read.next_counter, INT64_C(100000017));
	assert_int_equal(read.block_to, INT64_C(199999999));
	/* another form shares the counter, not the serial (law R-NY-2) */
	must(shop, store_place_get(shop->store, 2, &read, &shop->fault));
	assert_string_equal(read.serial, "");
	assert_int_equal(read.next_counter, INT64_C(100000017));
}

static int put(struct shop *shop, struct issue_place place, int64_t expected)
{
	struct fault fault = {0};
	int result;

	shop_begin(shop);
	result = store_place_put(shop->store, 1, &place, expected, &fault);
	if (result == 0)
		shop_commit(shop);
	store_rollback(shop->store);
	return result;
}

static void a_place_somebody_else_moved_is_a_conflict(void **state)
{
	struct shop *shop = *state;
	struct issue_place place = {.serial = "C26MAA", .last_number = 1, .last_issued_at = SHOP_NOW};
	int64_t first = INT64_C(100000001);

	lease(shop, 1);
	place.next_counter = first + 1;
	assert_int_equal(put(shop, place, first), 0);
	/* the same batch a second time, after a lost answer */
	assert_int_equal(put(shop, place, first), STORE_CONFLICT);
	place.last_number = 2;
	place.next_counter = first + 2;
	assert_int_equal(put(shop, place, first + 5), STORE_CONFLICT);
	assert_int_equal(put(shop, place, first + 1), 0);
	assert_int_equal(shop_number(shop, "SELECT last_number FROM place"), 2);
	assert_int_equal(shop_number(shop, "SELECT next FROM block"), first + 2);
}

/* law R-NUM-1, R-NUM-3: numbers ascend in a serial, and a higher number never has an earlier time. */
static void a_place_never_goes_back(void **state)
{
	struct shop *shop = *state;
	int64_t first = INT64_C(100000001);
	struct issue_place place = {
		.serial = "C26MAA", .last_number = 10, .last_issued_at = SHOP_NOW, .next_counter = first + 10};

	lease(shop, 1);
	assert_int_equal(put(shop, place, first), 0);
	place.next_counter = first + 11;
	place.last_number = 9;
	assert_int_equal(put(shop, place, first + 10), STORE_CONFLICT);
	place.last_number = 11;
	place.last_issued_at = SHOP_NOW - 1;
	assert_int_equal(put(shop, place, first + 10), STORE_CONFLICT);
	place.last_issued_at = SHOP_NOW;
	place.next_counter = first + 9;
	assert_int_equal(put(shop, place, first + 10), FAULT_BUG);
	assert_int_equal(shop_number(shop, "SELECT last_number FROM place"), 10);
	assert_int_equal(shop_number(shop, "SELECT next FROM block"), first + 10);
	/* a new year's serial begins again (law R-NY-1) */
	place = (struct issue_place){
		.serial = "C27MAA", .last_number = 1, .last_issued_at = SHOP_NOW + 1, .next_counter = first + 11};
	assert_int_equal(put(shop, place, first + 10), 0);
}

static void a_block_ends_with_its_last_counter(void **state)
{
	struct shop *shop = *state;
	struct issue_place place = {.serial = "C26MAA", .last_number = 1, .last_issued_at = SHOP_NOW};

	lease(shop, 1);
	shop_tamper(shop, "UPDATE block SET next = last");
	place.next_counter = INT64_C(200000001);
	assert_int_equal(put(shop, place, INT64_C(199999999)), FAULT_BUG);
	place.next_counter = INT64_C(200000000);
	assert_int_equal(put(shop, place, INT64_C(199999999)), 0);
}

static void a_seller_without_codes_needs_no_block(void **state)
{
	struct shop *shop = *state;
	struct issue_place place = {.serial = "K26MAA", .last_number = 1, .last_issued_at = SHOP_NOW};

	assert_int_equal(put(shop, place, 0), 0);
	assert_int_equal(shop_number(shop, "SELECT last_number FROM place"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(a_place_that_never_issued_is_empty),
		SHOP_TEST(the_block_of_an_issuer_is_its_prefix_and_eight_digits),
		SHOP_TEST(prefix_zero_begins_with_one),
		SHOP_TEST(an_earlier_epochs_block_is_not_leased_again),
		SHOP_TEST(numbers_and_counters_go_on),
		SHOP_TEST(a_place_somebody_else_moved_is_a_conflict),
		SHOP_TEST(a_place_never_goes_back),
		SHOP_TEST(a_block_ends_with_its_last_counter),
		SHOP_TEST(a_seller_without_codes_needs_no_block),
	};

	return cmocka_run_group_tests_name("places", tests, NULL, NULL);
}
