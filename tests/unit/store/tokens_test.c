#include "shop.h"

#include "store/tokens.h"

static int64_t add(struct shop *shop, const char *name, const uint8_t hash[32])
{
	struct token_row row = {
		.name = name, .tills = "T01,T02", .scopes = TOKEN_SALE | TOKEN_READ, .made_at = SHOP_NOW};
	int64_t id = 0;

	must(shop, store_token_add(shop->store, &row, hash, &id, &shop->fault));
	return id;
}

static void a_token_is_found_by_its_hash_until_it_is_revoked(void **state)
{
	struct shop *shop = *state;
	const uint8_t hash[32] = {1}, other[32] = {2};
	struct token_row row;
	int64_t id, count = -1;

	must(shop, store_token_count(shop->store, &count, &shop->fault));
	assert_int_equal(count, 0);
	shop_begin(shop);
	id = add(shop, "Quầy 1", hash);
	add(shop, "Quầy 2", other);
	shop_commit(shop);
	must(shop, store_token_find(shop->store, hash, shop->arena, &row, &shop->fault));
	assert_int_equal(row.id, id);
	assert_string_equal(row.name, "Quầy 1");
	assert_string_equal(row.tills, "T01,T02");
	assert_int_equal(row.scopes, TOKEN_SALE | TOKEN_READ);
	assert_int_equal(row.made_at, SHOP_NOW);
	shop_begin(shop);
	must(shop, store_token_revoke(shop->store, id, SHOP_NOW + 1, &shop->fault));
	assert_int_equal(store_token_revoke(shop->store, id, SHOP_NOW + 2, &shop->fault), STORE_NONE);
	assert_int_equal(store_token_revoke(shop->store, 99, SHOP_NOW + 2, &shop->fault), STORE_NONE);
	shop_commit(shop);
	assert_int_equal(store_token_find(shop->store, hash, shop->arena, &row, &shop->fault), STORE_NONE);
	must(shop, store_token_find(shop->store, other, shop->arena, &row, &shop->fault));
	must(shop, store_token_count(shop->store, &count, &shop->fault));
	assert_int_equal(count, 1);
}

static void revoked_tokens_stay_in_the_list(void **state)
{
	struct shop *shop = *state;
	const uint8_t hash[32] = {1};
	struct token_row *rows = NULL;
	size_t count = 0;

	shop_begin(shop);
	must(shop, store_token_revoke(shop->store, add(shop, "a", hash), SHOP_NOW + 1, &shop->fault));
	shop_commit(shop);
	must(shop, store_token_list(shop->store, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].revoked_at, SHOP_NOW + 1);
}

static void the_same_hash_twice_is_a_failure(void **state)
{
	struct shop *shop = *state;
	struct token_row row = {.name = "b", .tills = "*"};
	const uint8_t hash[32] = {1};
	int64_t id = 0;

	shop_begin(shop);
	add(shop, "a", hash);
	assert_true(store_token_add(shop->store, &row, hash, &id, &shop->fault) < 0);
	store_rollback(shop->store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(a_token_is_found_by_its_hash_until_it_is_revoked),
		SHOP_TEST(revoked_tokens_stay_in_the_list),
		SHOP_TEST(the_same_hash_twice_is_a_failure),
	};

	return cmocka_run_group_tests_name("tokens", tests, NULL, NULL);
}
