#include "shop.h"

#include <zstd.h>

#include "store/blob.h"
#include "store/run.h"

static const char xml[] = "<HDon><DLHDon Id=\"_1C26MAA-7\"><TTChung><PBan>2.1.0</PBan><THDon>Hóa đơn giá trị gia tăng "
			  "khởi tạo từ máy tính tiền"
			  "</THDon><KHMSHDon>1</KHMSHDon><KHHDon>C26MAA</KHHDon><SHDon>7</SHDon><NLap>2026-11-21</"
			  "NLap><DVTTe>VND</DVTTe>";

static void check_round_trip(struct shop *shop, const void *bytes, size_t len, int codec)
{
	struct bytes packed = {.max = (size_t)64 << 20};
	struct bytes plain = {.max = len};

	must(shop, blob_encode(shop->store, BLOB_AT_LEDGER, bytes, len, &packed, &shop->fault));
	assert_true(packed.len <= len + 1);
	assert_int_equal(packed.data[0], codec);
	must(shop, blob_decode(shop->store, BLOB_AT_LEDGER, packed.data, packed.len, &plain, &shop->fault));
	assert_int_equal(plain.len, len);
	if (len > 0)
		assert_memory_equal(plain.data, bytes, len);
	bytes_done(&packed);
	bytes_done(&plain);
}

static void each_codec_gives_back_what_it_took(void **state)
{
	struct shop *shop = *state;
	size_t len = 300000;
	char *big = malloc(len);

	assert_non_null(big);
	/* codecs of house 8.5: 0 raw, 1 zstd, 2 zstd and dictionary */
	check_round_trip(shop, "", 0, 0);
	check_round_trip(shop, "x", 1, 0);
	check_round_trip(shop, xml, sizeof(xml) - 1, 2);
	memset(big, 'a', len);
	check_round_trip(shop, big, len, 1);
	digest_random(big, len);
	check_round_trip(shop, big, len, 0);
	check_round_trip(shop, big, 500, 0);
	/* too short to be worth the time */
	check_round_trip(shop, xml, 159, 0);
	check_round_trip(shop, xml, 160, 2);
	free(big);
}

static void a_blob_is_appended(void **state)
{
	struct shop *shop = *state;
	struct bytes packed = {.max = 100};
	struct bytes plain = {.max = 100};

	bytes_text(&packed, "ab");
	must(shop, blob_encode(shop->store, BLOB_AT_LEDGER, "xyz", 3, &packed, &shop->fault));
	assert_memory_equal(packed.data, "ab\0xyz", 6);
	bytes_text(&plain, "12");
	must(shop, blob_decode(shop->store, BLOB_AT_LEDGER, packed.data + 2, packed.len - 2, &plain, &shop->fault));
	assert_string_equal((char *)plain.data, "12xyz");
	bytes_done(&packed);
	bytes_done(&plain);
}

static void refuse(struct shop *shop, const void *blob, size_t len, size_t max, const char *why)
{
	struct bytes plain = {.max = max};
	struct fault fault = {0};

	assert_int_equal(blob_decode(shop->store, BLOB_AT_LEDGER, blob, len, &plain, &fault), FAULT_FORMAT);
	if (!strstr(fault.text, why))
		fail_msg("%s is not in: %s", why, fault.text);
	/* never raw bytes, and nothing half unpacked */
	assert_int_equal(plain.len, 0);
	bytes_done(&plain);
}

static void an_unknown_codec_is_refused(void **state)
{
	struct shop *shop = *state;

	refuse(shop, "", 0, 100, "empty");
	refuse(shop, "\3abc", 4, 100, "codec");
	refuse(shop, "\177abc", 4, 100, "codec");
	/* the high bit is for sealed blobs; the ledger has none */
	refuse(shop, "\200abc", 4, 100, "sealed");
	refuse(shop, "\202abcdefgh", 9, 100, "sealed");
}

static void a_broken_blob_is_refused_at_every_cut(void **state)
{
	struct shop *shop = *state;
	struct bytes packed = {.max = 1000};

	must(shop, blob_encode(shop->store, BLOB_AT_LEDGER, xml, sizeof(xml) - 1, &packed, &shop->fault));
	assert_int_equal(packed.data[0], 2);
	for (size_t len = 1; len < packed.len; len++)
		refuse(shop, packed.data, len, 1000, "");
	bytes_char(&packed, 'x');
	refuse(shop, packed.data, packed.len, 1000, "behind its end");
	packed.data[2] ^= 1;
	refuse(shop, packed.data, packed.len, 1000, "dictionary");
	bytes_done(&packed);
}

static void a_bomb_is_refused_before_it_unpacks(void **state)
{
	struct shop *shop = *state;
	size_t len = (size_t)32 << 20;
	char *zeros = calloc(1, len);
	struct bytes packed = {.max = 2 * len};

	assert_non_null(zeros);
	must(shop, blob_encode(shop->store, BLOB_AT_LEDGER, zeros, len, &packed, &shop->fault));
	assert_true(packed.len < 10000);
	refuse(shop, packed.data, packed.len, 1 << 20, "more than allowed");
	refuse(shop, "\0abcdef", 7, 5, "longer");
	free(zeros);
	bytes_done(&packed);
}

static void a_frame_that_hides_its_length_is_refused(void **state)
{
	struct shop *shop = *state;
	ZSTD_CCtx *context = ZSTD_createCCtx();
	uint8_t blob[200] = {1};
	size_t len;

	ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
	len = ZSTD_compress2(context, blob + 1, sizeof(blob) - 1, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 32);
	assert_false(ZSTD_isError(len));
	refuse(shop, blob, len + 1, 1000, "length");
	ZSTD_freeCCtx(context);
}

/* A store packed by a program with another dictionary: the one in the database is used. */
static void an_older_dictionary_of_the_store_is_used(void **state)
{
	struct shop *shop = *state;
	static const char words[] = "an older dictionary that a former version of the program came with, line by line";
	static const char text[] = "a former version of the program came with, line by line";
	uint8_t digest[DIGEST_LEN];
	uint8_t blob[200] = {2};
	ZSTD_CCtx *context = ZSTD_createCCtx();
	struct bytes plain = {.max = 1000};
	char sql[200];
	uint32_t id;
	size_t len;

	digest_sha256(words, strlen(words), digest);
	id = ((uint32_t)digest[0] | (uint32_t)digest[1] << 8 | (uint32_t)digest[2] << 16 | (uint32_t)digest[3] << 24) |
	     1;
	len = ZSTD_compress_usingDict(context, blob + 5, sizeof(blob) - 5, text, strlen(text), words, strlen(words), 3);
	assert_false(ZSTD_isError(len));
	for (int i = 0; i < 4; i++)
		blob[1 + i] = (uint8_t)(id >> (8 * i));
	refuse(shop, blob, len + 5, 1000, "not in the store");
	snprintf(sql, sizeof(sql), "INSERT INTO dictionary (id, bytes) VALUES (%lld, CAST('%s' AS BLOB))",
		(long long)id, words);
	shop_tamper(shop, sql);
	must(shop, blob_decode(shop->store, BLOB_AT_LEDGER, blob, len + 5, &plain, &shop->fault));
	assert_string_equal((char *)plain.data, text);
	bytes_done(&plain);
	ZSTD_freeCCtx(context);
}

static void a_changed_dictionary_is_refused(void **state)
{
	struct shop *shop = *state;
	struct bytes packed = {.max = 1000};

	must(shop, blob_encode(shop->store, BLOB_AT_LEDGER, xml, sizeof(xml) - 1, &packed, &shop->fault));
	shop_tamper(shop, "UPDATE dictionary SET bytes = CAST('x' || bytes AS BLOB)");
	refuse(shop, packed.data, packed.len, 1000, "changed");
	bytes_done(&packed);
}

static void a_store_without_this_programs_dictionary_gets_it(void **state)
{
	struct shop *shop = *state;

	shop_close(shop);
	shop_tamper(shop, "DELETE FROM dictionary");
	shop->store = shop_open_another(shop, STORE_WRITE);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM dictionary"), 1);
	shop_reopen(shop);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM dictionary"), 1);
}

/* What one shop writes into every invoice and no other shop does, like a certificate: noise in base64, 2,000 characters. */
static void make_text(struct bytes *text)
{
	uint8_t noise[1500];

	bytes_init(text, 4000);
	digest_random(noise, sizeof(noise));
	bytes_base64(text, noise, sizeof(noise));
}

/* An invoice with @text in it, packed by @store. */
static void pack_with(
	struct shop *shop, struct store *store, const struct bytes *text, struct bytes *plain, struct bytes *packed)
{
	bytes_init(plain, 10000);
	bytes_init(packed, 10000);
	bytes_text(plain, xml);
	bytes_append(plain, text->data, text->len);
	must(shop, blob_encode(store, BLOB_AT_LEDGER, plain->data, plain->len, packed, &shop->fault));
	assert_int_equal(packed->data[0], 2);
}

static void check_reads(struct shop *shop, struct store *store, const struct bytes *packed, const struct bytes *plain)
{
	struct bytes got = {.max = 10000};

	must(shop, blob_decode(store, BLOB_AT_LEDGER, packed->data, packed->len, &got, &shop->fault));
	assert_int_equal(got.len, plain->len);
	assert_memory_equal(got.data, plain->data, plain->len);
	bytes_done(&got);
}

static void what_was_learned_costs_nothing_more(void **state)
{
	struct shop *shop = *state;
	struct bytes text, plain, before, again, after;

	make_text(&text);
	pack_with(shop, shop->store, &text, &plain, &before);
	bytes_done(&plain);
	must(shop, store_learn(shop->store, text.data, text.len, &shop->fault));
	pack_with(shop, shop->store, &text, &plain, &after);
	/* base64 is 6 bits of noise in 8 */
	assert_in_range(before.len, 1500, 1700);
	assert_in_range(after.len, 1, 100);
	check_reads(shop, shop->store, &before, &plain);
	check_reads(shop, shop->store, &after, &plain);
	/* what is learned next takes its place */
	must(shop, store_learn(shop->store, NULL, 0, &shop->fault));
	bytes_done(&plain);
	pack_with(shop, shop->store, &text, &plain, &again);
	assert_int_equal(again.len, before.len);
	bytes_done(&text);
	bytes_done(&plain);
	bytes_done(&before);
	bytes_done(&after);
	bytes_done(&again);
}

/* A shop with certificate A, then with B, then with A again: everything stays readable by every handle, also one that learned nothing. */
static void what_was_packed_with_former_texts_is_read(void **state)
{
	struct shop *shop = *state;
	struct store *other;
	struct bytes text[2], plain[3], packed[3];

	for (int i = 0; i < 2; i++) {
		make_text(&text[i]);
		must(shop, store_learn(shop->store, text[i].data, text[i].len, &shop->fault));
		pack_with(shop, shop->store, &text[i], &plain[i], &packed[i]);
		assert_int_equal(shop_number(shop, "SELECT count(*) FROM dictionary"), 2 + i);
		shop_reopen(shop);
	}
	assert_memory_not_equal(packed[0].data + 1, packed[1].data + 1, 4);
	must(shop, store_learn(shop->store, text[0].data, text[0].len, &shop->fault));
	pack_with(shop, shop->store, &text[0], &plain[2], &packed[2]);
	assert_memory_equal(packed[0].data, packed[2].data, packed[0].len);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM dictionary"), 3);
	other = shop_open_another(shop, STORE_READ);
	for (int i = 0; i < 3; i++) {
		assert_in_range(packed[i].len, 1, 100);
		check_reads(shop, shop->store, &packed[i], &plain[i]);
		check_reads(shop, other, &packed[i], &plain[i]);
		bytes_done(&plain[i]);
		bytes_done(&packed[i]);
	}
	store_close(other);
	bytes_done(&text[0]);
	bytes_done(&text[1]);
}

static void a_changed_dictionary_is_not_packed_with(void **state)
{
	struct shop *shop = *state;
	struct fault fault = {0};
	struct store *other = NULL;
	struct bytes text, plain, packed;

	make_text(&text);
	must(shop, store_learn(shop->store, text.data, text.len, &shop->fault));
	pack_with(shop, shop->store, &text, &plain, &packed);
	shop_reopen(shop);
	shop_tamper(shop, "UPDATE dictionary SET bytes = CAST(replace(bytes, 'Bún bò Huế', 'Bún bò Huể') AS BLOB) "
			  "WHERE id <> (SELECT id FROM dictionary ORDER BY length(bytes) LIMIT 1)");
	assert_int_equal(store_learn(shop->store, text.data, text.len, &fault), FAULT_FORMAT);
	assert_non_null(strstr(fault.text, "dictionary was changed"));
	refuse(shop, packed.data, packed.len, 10000, "dictionary was changed");
	/* the handle packs as before */
	check_round_trip(shop, xml, sizeof(xml) - 1, 2);
	shop_tamper(shop, "UPDATE dictionary SET bytes = x'00'");
	assert_int_equal(store_open(shop->dir, STORE_WRITE, &shop->clock, SHOP_SELLER, &other, &fault), FAULT_FORMAT);
	assert_non_null(strstr(fault.text, "dictionary was changed"));
	assert_null(other);
	bytes_done(&text);
	bytes_done(&plain);
	bytes_done(&packed);
}

static void more_than_a_dictionary_holds_is_not_learned(void **state)
{
	struct shop *shop = *state;
	struct fault fault = {0};
	size_t len = (size_t)1 << 20;
	char *text = calloc(1, len);

	assert_non_null(text);
	assert_int_equal(store_learn(shop->store, text, len, &fault), FAULT_MEMORY);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM dictionary"), 1);
	check_round_trip(shop, xml, sizeof(xml) - 1, 2);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(each_codec_gives_back_what_it_took),
		SHOP_TEST(a_blob_is_appended),
		SHOP_TEST(an_unknown_codec_is_refused),
		SHOP_TEST(a_broken_blob_is_refused_at_every_cut),
		SHOP_TEST(a_bomb_is_refused_before_it_unpacks),
		SHOP_TEST(a_frame_that_hides_its_length_is_refused),
		SHOP_TEST(an_older_dictionary_of_the_store_is_used),
		SHOP_TEST(a_changed_dictionary_is_refused),
		SHOP_TEST(a_store_without_this_programs_dictionary_gets_it),
		SHOP_TEST(what_was_learned_costs_nothing_more),
		SHOP_TEST(what_was_packed_with_former_texts_is_read),
		SHOP_TEST(a_changed_dictionary_is_not_packed_with),
		SHOP_TEST(more_than_a_dictionary_holds_is_not_learned),
	};

	return cmocka_run_group_tests_name("blob", tests, NULL, NULL);
}
