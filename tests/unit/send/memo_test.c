/* The sender's memo: what is saved is loaded, and what is broken is said to be. */
#include "../wire/testing.h"
#include "../store/shop.h"

#include "send/memo.h"

static void save(struct shop *shop, const struct memo *memo)
{
	shop_begin(shop);
	must(shop, memo_save(shop->store, memo, &shop->fault));
	shop_commit(shop);
}

static void nothing_stored_is_an_empty_memo(void **state)
{
	struct shop *shop = *state;
	struct memo memo;

	must(shop, memo_load(shop->store, &memo, &shop->fault));
	assert_int_equal(memo.paused_until, 0);
	assert_int_equal(memo.halve_count + memo.family_count, 0);
}

static void what_is_saved_is_loaded(void **state)
{
	struct shop *shop = *state;
	struct memo memo = {.paused_until = SHOP_NOW, .alone = 3};
	struct memo loaded;

	memo_halve_add(&memo, 5);
	memo_halve_add(&memo, 9);
	memo_family_add(&memo, 5)->refused = 1;
	memo_family_add(&memo, 9)->refused = 4;
	memo_family_replace(&memo, 9, 10, 11);
	memo_family_hold(memo_family_find(&memo, 10), 10);
	save(shop, &memo);
	shop_reopen(shop);
	must(shop, memo_load(shop->store, &loaded, &shop->fault));
	assert_memory_equal(&loaded, &memo, sizeof(memo));
}

static void the_fullest_memo_fits(void **state)
{
	struct shop *shop = *state;
	struct memo memo = {.paused_until = INT64_MAX, .alone = INT64_MAX};
	struct memo loaded;

	for (int i = 0; i < MEMO_HALVE_MAX; i++)
		memo_halve_add(&memo, INT64_MAX - i);
	for (int i = 0; i < MEMO_FAMILY_MAX; i++) {
		struct memo_family *family = memo_family_add(&memo, INT64_MAX - i);

		while (family->count < MEMO_MEMBERS_MAX)
			family->members[family->count++] = INT64_MAX;
	}
	assert_null(memo_family_add(&memo, 1));
	save(shop, &memo);
	must(shop, memo_load(shop->store, &loaded, &shop->fault));
	assert_memory_equal(&loaded, &memo, sizeof(memo));
}

static void a_family_is_over_when_every_member_waits(void **state)
{
	struct memo memo = {0};
	struct memo_family *family = memo_family_add(&memo, 1);

	(void)state;
	memo_family_replace(&memo, 1, 2, 3);
	assert_null(memo_family_find(&memo, 1));
	assert_ptr_equal(memo_family_find(&memo, 3), family);
	memo_family_hold(family, 2);
	assert_false(memo_family_is_over(family));
	memo_family_hold(family, 3);
	assert_true(memo_family_is_over(family));
	memo_family_drop(&memo, family);
	assert_int_equal(memo.family_count, 0);
}

static void a_broken_memo_is_a_fault(void **state)
{
	static const char *const broken[] = {"", "x", "1", "1 2 x", "1 2;", "1 2;3 4 x"};
	struct shop *shop = *state;
	struct memo memo;

	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		shop_begin(shop);
		must(shop, store_meta_put(shop->store, "send", broken[i], strlen(broken[i]), &shop->fault));
		shop_commit(shop);
		assert_int_equal(memo_load(shop->store, &memo, NULL), FAULT_FORMAT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(nothing_stored_is_an_empty_memo),
		SHOP_TEST(what_is_saved_is_loaded),
		SHOP_TEST(the_fullest_memo_fits),
		SHOP_TEST(a_family_is_over_when_every_member_waits),
		SHOP_TEST(a_broken_memo_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
