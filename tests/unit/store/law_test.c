/* Packs of law are kept as they were signed: R-NY-5; schemas/law/README.md. */
#include "shop.h"

#include "core/law.h"
#include "store/fsck.h"
#include "store/law.h"

#define PACK                                                                                                           \
	"{\"applies_on\":\"2027-01-01\",\"classes\":[{\"class\":\"reduced\",\"rate\":\"8\"}],\"holidays\":[],"         \
	"\"rates\":[{\"from\":\"\",\"rate\":\"8\",\"to\":\"\"}],\"source\":\"%s\",\"texts\":[],\"version\":%d}"

/* 0 or STORE_CONFLICT; a conflict leaves nothing. */
static int import(struct shop *shop, int version, const char *source, bool *ret_is_new)
{
	char text[400];
	uint8_t der[] = {0x30, 0x00};
	struct bytes signature = {.max = 8};
	struct law law;
	struct problem problem;
	struct law_row row = {.law = &law, .imported_at = SHOP_NOW, .pack = text, .signature = &signature};
	int result;

	snprintf(text, sizeof(text), PACK, source, version);
	row.pack_len = strlen(text);
	bytes_append(&signature, der, sizeof(der));
	assert_int_equal(law_read(text, row.pack_len, shop->arena, &law, &problem), 0);
	*ret_is_new = false;
	shop_begin(shop);
	result = store_law_add(shop->store, &row, ret_is_new, &shop->fault);
	bytes_done(&signature);
	if (result == 0)
		shop_commit(shop);
	else
		store_rollback(shop->store);
	return result;
}

static int64_t records(struct shop *shop)
{
	return shop_number(shop, "SELECT count(*) FROM ledger WHERE event = 'law'");
}

static void a_pack_is_kept_once_and_stands_in_the_ledger(void **state)
{
	struct shop *shop = *state;
	struct law_book book = {.calendar = NULL};
	bool is_new;

	assert_int_equal(import(shop, 2, "first", &is_new), 0);
	assert_true(is_new);
	assert_int_equal(records(shop), 1);
	assert_int_equal(import(shop, 2, "first", &is_new), 0);
	assert_false(is_new);
	assert_int_equal(records(shop), 1);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM law"), 1);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM ledger l JOIN law w WHERE l.event = 'law' AND instr("
					   "l.payload, '{\"applies_on\":\"2027-01-01\",\"sha256\":\"' || "
					   "lower(hex(w.digest)) || '\",\"version\":2}') > 0"),
		1);
	must(shop, store_law_load(shop->store, &book, shop->arena, &shop->fault));
	assert_int_equal(law_newest(&book)->version, 2);
	assert_string_equal(law_newest(&book)->source, "first");
	assert_ptr_equal(law_newest(&book)->older, &law_builtin);
}

static void versions_only_ascend(void **state)
{
	struct shop *shop = *state;
	struct law_book book = {.calendar = NULL};
	bool is_new;

	assert_int_equal(import(shop, 1, "the built-in one again", &is_new), STORE_CONFLICT);
	assert_int_equal(import(shop, 3, "third", &is_new), 0);
	assert_int_equal(import(shop, 2, "second", &is_new), STORE_CONFLICT);
	assert_int_equal(import(shop, 3, "another third", &is_new), STORE_CONFLICT);
	assert_int_equal(records(shop), 1);
	assert_int_equal(import(shop, 7, "seventh", &is_new), 0);
	assert_int_equal(import(shop, 3, "third", &is_new), 0);
	assert_false(is_new);
	must(shop, store_law_load(shop->store, &book, shop->arena, &shop->fault));
	assert_int_equal(law_newest(&book)->version, 7);
	assert_int_equal(law_newest(&book)->older->version, 3);
}

static void a_pack_that_was_changed_in_the_store_is_not_law(void **state)
{
	struct shop *shop = *state;
	struct law_book book = {.calendar = NULL};
	bool is_new;

	assert_int_equal(import(shop, 2, "first", &is_new), 0);
	shop_tamper(shop, "DROP TRIGGER law_keep; UPDATE law SET pack = "
			  "CAST(replace(CAST(pack AS TEXT), 'first', 'thirs') AS BLOB)");
	assert_int_equal(store_law_load(shop->store, &book, shop->arena, &shop->fault), FAULT_FORMAT);
	assert_non_null(strstr(shop->fault.text, "pack 2"));
	assert_ptr_equal(law_newest(&book), &law_builtin);
}

static void a_pack_that_is_not_as_it_was_imported_is_found(void **state)
{
	static const struct {
		const char *sql;
		int findings;
	} harm[] = {
		{"UPDATE law SET pack = CAST(replace(pack, '\"8\"', '\"5\"') AS BLOB) WHERE version = 2", 1},
		{"UPDATE law SET (digest, pack) = (SELECT digest, pack FROM law WHERE version = 3) WHERE version = 2",
			1},
		{"UPDATE law SET applies_on = 20261201 WHERE version = 3", 1},
		{"UPDATE law SET version = 4 WHERE version = 3", 1},
		{"UPDATE law SET pack = x'', digest = zeroblob(32) WHERE version = 2", 1},
		{"UPDATE law SET pack = x'7b7d', digest = zeroblob(32) WHERE version = 3", 1},
		{"DELETE FROM law WHERE version = 3", 1},
		{"DELETE FROM law WHERE version = 2", 2}, /* the next one stands in its place */
		{"INSERT INTO law SELECT 4, applies_on, imported_at, digest, pack, signature FROM law WHERE version = "
		 "3",
			1},
	};
	struct shop *shop = *state;
	bool is_new;

	assert_int_equal(shop_findings(shop, FSCK_LAW), 0);
	assert_int_equal(import(shop, 2, "second", &is_new), 0);
	assert_int_equal(import(shop, 3, "third", &is_new), 0);
	assert_int_equal(shop_findings(shop, FSCK_LAW), 0);
	shop_tamper(shop, "DROP TRIGGER law_keep; DROP TRIGGER law_stay; CREATE TABLE kept AS SELECT * FROM law");
	for (size_t i = 0; i < ARRAY_LEN(harm); i++) {
		shop_tamper(shop, harm[i].sql);
		if (shop_findings(shop, FSCK_LAW) != harm[i].findings)
			fail_msg("%d findings after %s", shop_findings(shop, FSCK_LAW), harm[i].sql);
		shop_tamper(shop, "DELETE FROM law; INSERT INTO law SELECT * FROM kept");
		assert_int_equal(shop_findings(shop, FSCK_LAW), 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		SHOP_TEST(a_pack_is_kept_once_and_stands_in_the_ledger),
		SHOP_TEST(versions_only_ascend),
		SHOP_TEST(a_pack_that_was_changed_in_the_store_is_not_law),
		SHOP_TEST(a_pack_that_is_not_as_it_was_imported_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
