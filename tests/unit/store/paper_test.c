/* What is counted of paper. */
#include "shop.h"

#include "store/paper.h"
#include "store/status.h"

static void each_count_stands_for_itself_and_over_a_restart(void **state)
{
	struct shop *shop = *state;
	struct status status;
	int64_t count = -1;

	must(shop, store_paper_get(shop->store, PAPER_LATE_SLIPS, &count, &shop->fault));
	assert_int_equal(count, 0);
	shop_begin(shop);
	for (int i = 0; i < 12; i++)
		must(shop, store_paper_add(shop->store, PAPER_WITHOUT_CODE, 1, &shop->fault));
	must(shop, store_paper_add(shop->store, PAPER_LATE_SLIPS, 1, &shop->fault));
	must(shop, store_paper_add(shop->store, PAPER_NOT_KEPT, 7, &shop->fault));
	shop_commit(shop);
	shop_reopen(shop);
	must(shop, store_paper_get(shop->store, PAPER_WITHOUT_CODE, &count, &shop->fault));
	assert_int_equal(count, 12);
	must(shop, status_read(shop->store, &status, &shop->fault));
	assert_int_equal(status.paper[PAPER_WITHOUT_CODE], 12);
	assert_int_equal(status.paper[PAPER_LATE_SLIPS], 1);
	assert_int_equal(status.paper[PAPER_NOT_KEPT], 7);
}

static void what_is_not_committed_is_not_counted(void **state)
{
	struct shop *shop = *state;
	int64_t count = -1;

	shop_begin(shop);
	must(shop, store_paper_add(shop->store, PAPER_LATE_SLIPS, 1, &shop->fault));
	store_rollback(shop->store);
	must(shop, store_paper_get(shop->store, PAPER_LATE_SLIPS, &count, &shop->fault));
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(each_count_stands_for_itself_and_over_a_restart),
		SHOP_TEST(what_is_not_committed_is_not_counted),
	};

	return cmocka_run_group_tests_name("paper", tests, NULL, NULL);
}
