#include "store/seal.h"

#include "shop.h"

#include "store/blob.h"
#include "store/run.h"

#define KEY	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define ANOTHER "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char bill[] =
	"{\"buyer\":{\"name\":\"Nguyễn Thị Ví Dụ\"},\"lines\":[{\"name\":\"Phở bò tái\",\"qty\":\"1\"},"
	"{\"name\":\"Cà phê sữa đá\",\"qty\":\"2\"},{\"name\":\"Bánh mì ốp la\",\"qty\":\"1\"}],\"note\":\"ít đá\"}";

static void write_key(struct shop *shop, const char *text, char path[120])
{
	FILE *file;

	snprintf(path, 120, "%s/store.key", shop->dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int unlock(struct shop *shop, const char *key, bool is_sealing)
{
	char path[120];

	write_key(shop, key, path);
	shop->fault = (struct fault){0};
	return store_unlock(shop->store, path, is_sealing, &shop->fault);
}

static void seal_at(struct shop *shop, struct blob_at at, struct bytes *ret)
{
	bytes_init(ret, 1000);
	must(shop, blob_encode(shop->store, at, bill, sizeof(bill) - 1, ret, &shop->fault));
}

static int open_at(struct shop *shop, struct blob_at at, const struct bytes *blob, struct bytes *ret)
{
	bytes_clear(ret);
	shop->fault = (struct fault){0};
	return blob_decode(shop->store, at, blob->data, blob->len, ret, &shop->fault);
}

static void what_is_sealed_opens_in_its_row_alone(void **state)
{
	struct shop *shop = *state;
	struct bytes blob, plain = {.max = 1000};

	must(shop, unlock(shop, KEY "\n", true));
	seal_at(shop, BLOB_AT_FRAME(7), &blob);
	assert_int_equal(blob.data[0] & 0x80, 0x80);
	assert_null(memmem(blob.data, blob.len, "Ví Dụ", strlen("Ví Dụ")));
	must(shop, open_at(shop, BLOB_AT_FRAME(7), &blob, &plain));
	assert_string_equal((char *)plain.data, bill);
	assert_int_equal(open_at(shop, BLOB_AT_FRAME(8), &blob, &plain), FAULT_FORMAT);
	assert_non_null(strstr(shop->fault.text, "another row"));
	assert_int_equal(open_at(shop, BLOB_AT_INVOICE(7), &blob, &plain), FAULT_FORMAT);
	assert_int_equal(open_at(shop, BLOB_AT_LEDGER, &blob, &plain), FAULT_FORMAT);
	assert_int_equal(plain.len, 0);
	bytes_done(&blob);
	bytes_done(&plain);
}

static void a_changed_byte_or_a_cut_is_refused(void **state)
{
	struct shop *shop = *state;
	struct bytes blob, plain = {.max = 1000};

	must(shop, unlock(shop, KEY, true));
	seal_at(shop, BLOB_AT_FRAME(7), &blob);
	for (size_t i = 1; i < blob.len; i++) {
		blob.data[i] ^= 1;
		assert_int_equal(open_at(shop, BLOB_AT_FRAME(7), &blob, &plain), FAULT_FORMAT);
		blob.data[i] ^= 1;
	}
	/* how it is packed is bound too: as raw bytes it would be something else */
	assert_int_equal(blob.data[0], 0x82);
	blob.data[0] = 0x80;
	assert_int_equal(open_at(shop, BLOB_AT_FRAME(7), &blob, &plain), FAULT_FORMAT);
	blob.data[0] = 0x82;
	while (blob.len-- > 1)
		assert_int_equal(open_at(shop, BLOB_AT_FRAME(7), &blob, &plain), FAULT_FORMAT);
	assert_int_equal(plain.len, 0);
	bytes_done(&blob);
	bytes_done(&plain);
}

static void a_nonce_is_used_once(void **state)
{
	struct shop *shop = *state;
	struct bytes first, second;

	must(shop, unlock(shop, KEY, true));
	seal_at(shop, BLOB_AT_FRAME(7), &first);
	seal_at(shop, BLOB_AT_FRAME(7), &second);
	assert_memory_not_equal(first.data + 1, second.data + 1, GCM_NONCE_LEN);
	bytes_done(&first);
	bytes_done(&second);
}

static void sealing_adds_28_bytes_and_packing_comes_first(void **state)
{
	struct shop *shop = *state;
	struct bytes blob = {.max = 100000};
	char *big = calloc(1, 50000);

	assert_non_null(big);
	must(shop, unlock(shop, KEY, true));
	must(shop, blob_encode(shop->store, BLOB_AT_FRAME(1), "x", 1, &blob, &shop->fault));
	assert_int_equal(blob.len, 2 + 28);
	bytes_clear(&blob);
	must(shop, blob_encode(shop->store, BLOB_AT_FRAME(1), big, 50000, &blob, &shop->fault));
	assert_in_range(blob.len, 30, 200);
	free(big);
	bytes_done(&blob);
}

static void what_was_plain_stays_readable_and_the_ledger_is_never_sealed(void **state)
{
	struct shop *shop = *state;
	struct bytes before, ledger, plain = {.max = 1000};

	seal_at(shop, BLOB_AT_FRAME(7), &before);
	assert_int_equal(before.data[0] & 0x80, 0);
	must(shop, unlock(shop, KEY, true));
	must(shop, open_at(shop, BLOB_AT_FRAME(7), &before, &plain));
	assert_string_equal((char *)plain.data, bill);
	seal_at(shop, BLOB_AT_LEDGER, &ledger);
	assert_int_equal(ledger.data[0] & 0x80, 0);
	bytes_done(&before);
	bytes_done(&ledger);
	bytes_done(&plain);
}

static void another_key_or_none_is_locked_and_the_right_one_heals(void **state)
{
	struct shop *shop = *state;
	struct bytes blob, plain = {.max = 1000};

	must(shop, unlock(shop, KEY, true));
	seal_at(shop, BLOB_AT_FRAME(7), &blob);
	for (int i = 0; i < 2; i++) {
		bool is_sealing = i == 0;

		shop_reopen(shop);
		assert_int_equal(unlock(shop, ANOTHER, is_sealing), STORE_LOCKED);
		assert_non_null(strstr(shop->fault.text, "not the one"));
		assert_int_equal(unlock(shop, "no key", is_sealing), STORE_LOCKED);
		assert_non_null(strstr(shop->fault.text, "64 hex digits"));
		assert_int_equal(store_unlock(shop->store, NULL, is_sealing, &shop->fault), STORE_LOCKED);
		assert_int_equal(store_unlock(shop->store, "/nonexistent", is_sealing, &shop->fault), STORE_LOCKED);
		assert_int_equal(open_at(shop, BLOB_AT_FRAME(7), &blob, &plain), FAULT_CONFIG);
		assert_non_null(strstr(shop->fault.text, "key_file"));
	}
	must(shop, unlock(shop, KEY, false));
	must(shop, open_at(shop, BLOB_AT_FRAME(7), &blob, &plain));
	assert_string_equal((char *)plain.data, bill);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM meta WHERE key = 'seal' AND length(value) = 16"), 1);
	bytes_done(&blob);
	bytes_done(&plain);
}

static void a_store_that_shall_seal_needs_a_key_and_one_that_need_not_none(void **state)
{
	struct shop *shop = *state;
	struct bytes blob;

	assert_int_equal(store_unlock(shop->store, NULL, true, &shop->fault), STORE_LOCKED);
	must(shop, store_unlock(shop->store, NULL, false, &shop->fault));
	/* a key that is there, and is not asked to seal, binds nothing */
	must(shop, unlock(shop, ANOTHER, false));
	seal_at(shop, BLOB_AT_FRAME(7), &blob);
	assert_int_equal(blob.data[0] & 0x80, 0);
	must(shop, unlock(shop, KEY, true));
	bytes_done(&blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(what_is_sealed_opens_in_its_row_alone),
		SHOP_TEST(a_changed_byte_or_a_cut_is_refused),
		SHOP_TEST(a_nonce_is_used_once),
		SHOP_TEST(sealing_adds_28_bytes_and_packing_comes_first),
		SHOP_TEST(what_was_plain_stays_readable_and_the_ledger_is_never_sealed),
		SHOP_TEST(another_key_or_none_is_locked_and_the_right_one_heals),
		SHOP_TEST(a_store_that_shall_seal_needs_a_key_and_one_that_need_not_none),
	};

	return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
