#include "shop.h"

static int add(struct shop *shop, struct sale_row row, int64_t *ret_id)
{
	if (row.frame_id == 0)
		row.frame_id = shop_frame(shop, "{}");
	return store_sale_add(shop->store, &row, ret_id, &shop->fault);
}

static void a_sale_comes_back_as_it_was_put(void **state)
{
	struct shop *shop = *state;
	struct sale_row put, row;
	int64_t id = 0;

	shop_begin(shop);
	put = shop_sale_row(shop_frame(shop, "{}"), "B1");
	put.state = SALE_STATE_PARKED;
	put.reason = "tax_code";
	put.detail = "Mã số thuế";
	put.idempotency_key = "key-1";
	put.total = -5;
	must(shop, add(shop, put, &id));
	shop_commit(shop);
	must(shop, store_sale_get(shop->store, id, shop->arena, &row, &shop->fault));
	assert_int_equal(row.id, id);
	assert_int_equal(row.frame_id, put.frame_id);
	assert_string_equal(row.till_id, "T01");
	assert_string_equal(row.bill_no, "B1");
	assert_int_equal(row.business_day, 20261122);
	assert_int_equal(row.kind, SALE_KIND_SALE);
	assert_int_equal(row.revision, 1);
	assert_int_equal(row.state, SALE_STATE_PARKED);
	assert_int_equal(row.sold_at, SHOP_NOW - 1000);
	assert_int_equal(row.received_at, SHOP_NOW);
	assert_int_equal(row.total, -5);
	assert_memory_equal(row.digest, put.digest, 32);
	assert_string_equal(row.reason, "tax_code");
	assert_string_equal(row.detail, "Mã số thuế");
	assert_string_equal(row.idempotency_key, "key-1");
	assert_int_equal(store_sale_get(shop->store, id + 1, shop->arena, &row, &shop->fault), STORE_NONE);
}

static void every_kind_and_state_comes_back(void **state)
{
	struct shop *shop = *state;

	shop_begin(shop);
	for (int kind = 0; kind < SALE_KIND_COUNT; kind++) {
		for (int at = 0; at < SALE_STATE_COUNT; at++) {
			struct sale_row row = shop_sale_row(0, "B1");
			int64_t id = 0;

			row.kind = (enum sale_kind)kind;
			row.state = (enum sale_state)at;
			row.business_day += at;
			must(shop, add(shop, row, &id));
			must(shop, store_sale_get(shop->store, id, shop->arena, &row, &shop->fault));
			assert_int_equal(row.kind, kind);
			assert_int_equal(row.state, at);
			assert_null(row.idempotency_key);
		}
	}
	store_rollback(shop->store);
}

static void a_bill_of_a_day_comes_once(void **state)
{
	struct shop *shop = *state;
	struct sale_row row = shop_sale_row(0, "B1");
	int64_t id = 0;

	shop_begin(shop);
	must(shop, add(shop, row, &id));
	assert_int_equal(add(shop, row, &id), STORE_CONFLICT);
	row.business_day++;
	must(shop, add(shop, row, &id));
	row.till_id = "T02";
	must(shop, add(shop, row, &id));
	row.kind = SALE_KIND_VOID;
	must(shop, add(shop, row, &id));
	assert_int_equal(add(shop, row, &id), STORE_CONFLICT);
	row.revision = 2;
	must(shop, add(shop, row, &id));
	shop_commit(shop);
	/* the conflict left nothing behind */
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM sale"), 5);
}

static void pre_bills_may_come_again(void **state)
{
	struct shop *shop = *state;
	struct sale_row row = shop_sale_row(0, "B1");
	int64_t first = 0, last = 0;

	row.kind = SALE_KIND_PRE_BILL;
	shop_begin(shop);
	must(shop, add(shop, row, &first));
	must(shop, add(shop, row, &last));
	must(shop, add(shop, row, &last));
	must(shop, store_sale_by_bill(
			   shop->store, "T01", "B1", 20261122, SALE_KIND_PRE_BILL, shop->arena, &row, &shop->fault));
	assert_int_equal(row.id, last);
	assert_int_equal(row.revision, 3);
	store_rollback(shop->store);
}

/* A number that comes again on the days around, and what stood apart until it has one. */
static void a_bill_near_midnight_is_found(void **state)
{
	struct shop *shop = *state;
	struct sale_row row = shop_sale_row(0, "B1");
	struct sale sale = {.till_id = "T01", .bill_no = "B1", .kind = SALE_KIND_SALE, .business_day = 20261123};
	int64_t before = 0, far = 0, apart = 0;

	shop_begin(shop);
	must(shop, add(shop, row, &before));
	row.business_day = 20261125;
	row.sold_at += 100;
	must(shop, add(shop, row, &far));
	sale.sold_at = row.sold_at;
	must(shop, store_sale_near(shop->store, &sale, shop->arena, &row, &shop->fault));
	assert_int_equal(row.id, before);
	sale.business_day = 20261124;
	must(shop, store_sale_near(shop->store, &sale, shop->arena, &row, &shop->fault));
	assert_int_equal(row.id, far);
	row = shop_sale_row(0, "~7");
	row.state = SALE_STATE_PARKED;
	must(shop, add(shop, row, &apart));
	assert_int_equal(store_sale_name(shop->store, apart, "B1", 1, &shop->fault), STORE_CONFLICT);
	must(shop, store_sale_name(shop->store, apart, "B1", 2, &shop->fault));
	assert_int_equal(store_sale_name(shop->store, before, "B2", 1, &shop->fault), STORE_CONFLICT);
	sale.business_day = 20261121;
	must(shop, store_sale_near(shop->store, &sale, shop->arena, &row, &shop->fault));
	assert_true(row.id == apart && row.revision == 2);
	sale.business_day = 20261127;
	assert_int_equal(store_sale_near(shop->store, &sale, shop->arena, &row, &shop->fault), STORE_NONE);
	sale.business_day = 20261122;
	sale.till_id = "T02";
	assert_int_equal(store_sale_near(shop->store, &sale, shop->arena, &row, &shop->fault), STORE_NONE);
	store_rollback(shop->store);
}

static void a_key_is_taken_once_by_each_till(void **state)
{
	struct shop *shop = *state;
	struct sale_row row = shop_sale_row(0, "B1");
	int64_t first = 0, second = 0;

	row.idempotency_key = "key-1";
	shop_begin(shop);
	must(shop, add(shop, row, &first));
	row.bill_no = "B2";
	assert_int_equal(add(shop, row, &second), STORE_CONFLICT);
	row.till_id = "T02";
	must(shop, add(shop, row, &second));
	shop_commit(shop);
	must(shop, store_sale_by_key(shop->store, "T01", "key-1", shop->arena, &row, &shop->fault));
	assert_int_equal(row.id, first);
	must(shop, store_sale_by_key(shop->store, "T02", "key-1", shop->arena, &row, &shop->fault));
	assert_int_equal(row.id, second);
	assert_int_equal(store_sale_by_key(shop->store, "T03", "key-1", shop->arena, &row, &shop->fault), STORE_NONE);
}

static void the_latest_revision_is_found(void **state)
{
	struct shop *shop = *state;
	struct sale_row row = shop_sale_row(0, "B1");
	int64_t id = 0;

	shop_begin(shop);
	must(shop, add(shop, row, &id));
	row.revision = 2;
	must(shop, add(shop, row, &id));
	shop_commit(shop);
	must(shop, store_sale_by_bill(
			   shop->store, "T01", "B1", 20261122, SALE_KIND_SALE, shop->arena, &row, &shop->fault));
	assert_int_equal(row.id, id);
	assert_int_equal(
		store_sale_by_bill(shop->store, "T01", "B1", 20261123, SALE_KIND_SALE, shop->arena, &row, &shop->fault),
		STORE_NONE);
	assert_int_equal(
		store_sale_by_bill(shop->store, "T01", "B1", 20261122, SALE_KIND_VOID, shop->arena, &row, &shop->fault),
		STORE_NONE);
}

static void by_number_prefers_the_sale_to_what_came_later(void **state)
{
	struct shop *shop = *state;
	struct sale_row row = shop_sale_row(0, "B1");
	int64_t sale = 0, other = 0;

	shop_begin(shop);
	must(shop, add(shop, row, &other));
	row.business_day++;
	must(shop, add(shop, row, &sale));
	row.kind = SALE_KIND_RETURN;
	must(shop, add(shop, row, &other));
	shop_commit(shop);
	must(shop, store_sale_by_number(shop->store, "T01", "B1", shop->arena, &row, &shop->fault));
	assert_int_equal(row.id, sale);
	assert_int_equal(store_sale_by_number(shop->store, "T01", "B2", shop->arena, &row, &shop->fault), STORE_NONE);
}

static void every_move_is_made_or_refused_as_the_table_says(void **state)
{
	struct shop *shop = *state;
	int moved = 0;

	for (int from = 0; from < SALE_STATE_COUNT; from++) {
		for (int to = 0; to < SALE_STATE_COUNT; to++) {
			struct sale_row row = shop_sale_row(0, "B1");
			struct fault fault = {0};
			int64_t id = 0;
			int result;

			row.state = (enum sale_state)from;
			shop_begin(shop);
			must(shop, add(shop, row, &id));
			result = store_sale_move(
				shop->store, id, (enum sale_state)from, (enum sale_state)to, "rule", "why", &fault);
			assert_int_equal(result, sale_may_move(from, to) ? 0 : FAULT_BUG);
			must(shop, store_sale_get(shop->store, id, shop->arena, &row, &shop->fault));
			assert_int_equal(row.state, sale_may_move(from, to) ? to : from);
			assert_string_equal(row.reason, sale_may_move(from, to) ? "rule" : "");
			moved += result == 0;
			store_rollback(shop->store);
		}
	}
	/* house section 5: received to 3 others, parked to 2 */
	assert_int_equal(moved, 5);
}

static void a_lost_race_is_a_conflict(void **state)
{
	struct shop *shop = *state;
	int64_t id;

	shop_begin(shop);
	id = shop_sale(shop, "B1");
	assert_int_equal(store_sale_move(shop->store, id, SALE_STATE_PARKED, SALE_STATE_IGNORED, "", "", &shop->fault),
		STORE_CONFLICT);
	assert_int_equal(
		store_sale_move(shop->store, id + 1, SALE_STATE_PARKED, SALE_STATE_IGNORED, "", "", &shop->fault),
		STORE_CONFLICT);
	store_rollback(shop->store);
}

static void lists_go_by_state_and_page(void **state)
{
	struct shop *shop = *state;
	struct sale_row *rows = NULL;
	size_t count = 0;

	shop_begin(shop);
	for (int i = 0; i < 60; i++) {
		struct sale_row row = shop_sale_row(0, "B1");
		int64_t id = 0;

		row.business_day = 20260101 + i;
		row.state = i % 3 == 0 ? SALE_STATE_PARKED : i % 3 == 1 ? SALE_STATE_ISSUED : SALE_STATE_IGNORED;
		must(shop, add(shop, row, &id));
	}
	shop_commit(shop);
	must(shop, store_sale_list(shop->store, SALE_STATE_PARKED, 0, 5, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 5);
	assert_int_equal(rows[0].id, 58);
	must(shop, store_sale_list(
			   shop->store, SALE_STATE_PARKED, rows[4].id, 100, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 15);
	assert_int_equal(rows[14].id, 1);
	must(shop, store_sale_list(shop->store, SALE_STATE_ISSUED, 0, 100, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 20);
	must(shop, store_sale_list(shop->store, -1, 11, 100, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 10);
	assert_int_equal(rows[0].id, 10);
	must(shop, store_sale_list(shop->store, SALE_STATE_RECEIVED, 0, 100, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 0);
}

static void counts_follow_every_move(void **state)
{
	struct shop *shop = *state;
	struct sale_row row = shop_sale_row(0, "B1");
	struct sale_counts counts;
	int64_t first = 0, second = 0;

	shop_begin(shop);
	row.state = SALE_STATE_PARKED;
	row.received_at = 777;
	must(shop, add(shop, row, &first));
	row.bill_no = "B2";
	row.received_at = 888;
	must(shop, add(shop, row, &second));
	must(shop, store_sale_count(shop->store, &counts, &shop->fault));
	assert_int_equal(counts.parked, 2);
	assert_int_equal(counts.oldest_parked_at, 777);
	must(shop, store_sale_move(shop->store, first, SALE_STATE_PARKED, SALE_STATE_ISSUED, "", "", &shop->fault));
	must(shop, store_sale_move(shop->store, second, SALE_STATE_PARKED, SALE_STATE_IGNORED, "", "", &shop->fault));
	must(shop, store_sale_count(shop->store, &counts, &shop->fault));
	assert_int_equal(counts.parked, 0);
	assert_int_equal(counts.issued, 1);
	assert_int_equal(counts.ignored, 1);
	assert_int_equal(counts.received, 0);
	assert_int_equal(counts.oldest_parked_at, 0);
	store_rollback(shop->store);
	must(shop, store_sale_count(shop->store, &counts, &shop->fault));
	assert_int_equal(counts.issued, 0);
}

static void what_came_before_a_bill_is_linked_to_it(void **state)
{
	struct shop *shop = *state;
	struct sale_row row = shop_sale_row(0, "B1");
	int64_t id = 0, bill = 0;

	shop_begin(shop);
	row.kind = SALE_KIND_PRE_BILL;
	must(shop, add(shop, row, &id));
	must(shop, add(shop, row, &id));
	row.kind = SALE_KIND_NO_SALE;
	must(shop, add(shop, row, &id));
	row.bill_no = "B2";
	must(shop, add(shop, row, &id));
	row.bill_no = "B1";
	row.kind = SALE_KIND_SALE;
	must(shop, add(shop, row, &bill));
	row.kind = SALE_KIND_PRE_BILL;
	must(shop, add(shop, row, &id));
	must(shop, store_sale_link(shop->store, bill, &shop->fault));
	must(shop, store_sale_link(shop->store, bill, &shop->fault));
	shop_commit(shop);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM sale_link"), 3);
	assert_int_equal(shop_number(shop, "SELECT max(earlier_id) FROM sale_link"), 3);
}

static void a_sale_without_its_frame_is_refused(void **state)
{
	struct shop *shop = *state;
	struct sale_row row = shop_sale_row(4711, "B1");
	int64_t id = 0;

	shop_begin(shop);
	assert_int_equal(add(shop, row, &id), FAULT_STORE);
	store_rollback(shop->store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(a_sale_comes_back_as_it_was_put),
		SHOP_TEST(every_kind_and_state_comes_back),
		SHOP_TEST(a_bill_of_a_day_comes_once),
		SHOP_TEST(pre_bills_may_come_again),
		SHOP_TEST(a_bill_near_midnight_is_found),
		SHOP_TEST(a_key_is_taken_once_by_each_till),
		SHOP_TEST(the_latest_revision_is_found),
		SHOP_TEST(by_number_prefers_the_sale_to_what_came_later),
		SHOP_TEST(every_move_is_made_or_refused_as_the_table_says),
		SHOP_TEST(a_lost_race_is_a_conflict),
		SHOP_TEST(lists_go_by_state_and_page),
		SHOP_TEST(counts_follow_every_move),
		SHOP_TEST(what_came_before_a_bill_is_linked_to_it),
		SHOP_TEST(a_sale_without_its_frame_is_refused),
	};

	return cmocka_run_group_tests_name("sales", tests, NULL, NULL);
}
