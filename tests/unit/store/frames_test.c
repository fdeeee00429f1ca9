#include "shop.h"

static int64_t add(struct shop *shop, enum frame_state state, const char *reason, const void *bytes, size_t len)
{
	struct frame_row row = {.source = "spool",
		.dialect = "json",
		.till_id = "",
		.received_at = SHOP_NOW,
		.state = state,
		.reason = reason,
		.bytes = bytes,
		.len = len};
	int64_t id = 0;

	digest_sha256(bytes, len, row.digest);
	must(shop, store_frame_add(shop->store, &row, &id, &shop->fault));
	return id;
}

static void a_frame_comes_back_byte_for_byte(void **state)
{
	struct shop *shop = *state;
	static const char bytes[] = "\x1b@raw\0print\xff stream \x80";
	struct frame_row row;
	uint8_t digest[DIGEST_LEN];
	int64_t id;

	shop_begin(shop);
	id = add(shop, FRAME_REFUSED, "json.syntax", bytes, sizeof(bytes));
	shop_commit(shop);
	must(shop, store_frame_get(shop->store, id, shop->arena, &row, &shop->fault));
	digest_sha256(bytes, sizeof(bytes), digest);
	assert_int_equal(row.id, id);
	assert_int_equal(row.len, sizeof(bytes));
	assert_memory_equal(row.bytes, bytes, sizeof(bytes));
	assert_memory_equal(row.digest, digest, DIGEST_LEN);
	assert_string_equal(row.source, "spool");
	assert_string_equal(row.dialect, "json");
	assert_string_equal(row.till_id, "");
	assert_string_equal(row.reason, "json.syntax");
	assert_int_equal(row.state, FRAME_REFUSED);
	assert_int_equal(row.received_at, SHOP_NOW);
	assert_int_equal(store_frame_get(shop->store, id + 1, shop->arena, &row, &shop->fault), STORE_NONE);
}

static void an_empty_frame_is_kept(void **state)
{
	struct shop *shop = *state;
	struct frame_row row;
	int64_t id;

	shop_begin(shop);
	id = add(shop, FRAME_REFUSED, "json.syntax", NULL, 0);
	shop_commit(shop);
	must(shop, store_frame_get(shop->store, id, shop->arena, &row, &shop->fault));
	assert_int_equal(row.len, 0);
}

static void changed_bytes_are_found(void **state)
{
	struct shop *shop = *state;
	struct frame_row row;
	int64_t id;

	shop_begin(shop);
	id = add(shop, FRAME_KEPT, "", "abc", 3);
	shop_commit(shop);
	shop_tamper(shop, "UPDATE frame SET bytes = CAST(x'00' || 'abd' AS BLOB)");
	assert_int_equal(store_frame_get(shop->store, id, shop->arena, &row, &shop->fault), FAULT_FORMAT);
}

/* Refused frames come from whoever can reach a door, so their number is bounded; all others stay. */
static void only_the_newest_refused_frames_are_kept(void **state)
{
	struct shop *shop = *state;
	struct frame_row *rows = NULL;
	size_t count = 0;

	shop_begin(shop);
	for (int i = 0; i < 10; i++) {
		add(shop, FRAME_REFUSED, "json.syntax", "x", 1);
		add(shop, FRAME_DECODED, "", "y", 1);
	}
	must(shop, store_frame_trim_refused(shop->store, 3, &shop->fault));
	shop_commit(shop);
	must(shop, store_frame_list(shop->store, FRAME_REFUSED, 100, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 3);
	assert_int_equal(rows[0].id, 19);
	assert_int_equal(rows[2].id, 15);
	must(shop, store_frame_list(shop->store, FRAME_DECODED, 100, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 10);
	assert_int_equal(shop_number(shop, "SELECT n FROM tally WHERE name = 'frame.refused'"), 3);
}

static void trimming_nothing_is_no_failure(void **state)
{
	struct shop *shop = *state;

	shop_begin(shop);
	must(shop, store_frame_trim_refused(shop->store, 3, &shop->fault));
	add(shop, FRAME_REFUSED, "json.syntax", "x", 1);
	must(shop, store_frame_trim_refused(shop->store, 3, &shop->fault));
	shop_commit(shop);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM frame"), 1);
}

/* An id that a log or a ledger record named is never given to another frame. */
static void the_newest_frame_stays_so_that_its_id_is_not_used_again(void **state)
{
	struct shop *shop = *state;
	int64_t last = 0;

	shop_begin(shop);
	for (int i = 0; i < 3; i++)
		last = add(shop, FRAME_REFUSED, "json.syntax", "x", 1);
	must(shop, store_frame_trim_refused(shop->store, 0, &shop->fault));
	assert_true(add(shop, FRAME_REFUSED, "json.syntax", "x", 1) > last);
	shop_commit(shop);
}

static void a_refused_frame_with_a_sale_stays(void **state)
{
	struct shop *shop = *state;
	struct sale_row row;
	int64_t id = 0;

	shop_begin(shop);
	row = shop_sale_row(add(shop, FRAME_REFUSED, "tax_code", "x", 1), "B1");
	must(shop, store_sale_add(shop->store, &row, &id, &shop->fault));
	add(shop, FRAME_REFUSED, "json.syntax", "x", 1);
	add(shop, FRAME_DECODED, "", "x", 1);
	must(shop, store_frame_trim_refused(shop->store, 0, &shop->fault));
	shop_commit(shop);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM frame WHERE state = 'refused'"), 1);
}

/* What a till printed, and the sale that was read from it. */
static void a_sale_names_the_paper_that_it_was_read_from(void **state)
{
	struct shop *shop = *state;
	int64_t paper, sale, frame, origin = 0;

	shop_begin(shop);
	paper = add(shop, FRAME_KEPT, "", "\x1b@", 2);
	sale = shop_sale(shop, "B1");
	shop_commit(shop);
	frame = shop_number(shop, "SELECT frame_id FROM sale");
	assert_true(sale > 0);
	assert_int_equal(store_frame_origin(shop->store, frame, &origin, &shop->fault), STORE_NONE);
	shop_begin(shop);
	must(shop, store_frame_link(shop->store, frame, paper, &shop->fault));
	must(shop, store_frame_move(shop->store, paper, FRAME_DECODED, "", &shop->fault));
	assert_int_equal(store_frame_move(shop->store, paper, FRAME_DECODED, "", &shop->fault), STORE_CONFLICT);
	shop_commit(shop);
	must(shop, store_frame_origin(shop->store, frame, &origin, &shop->fault));
	assert_int_equal(origin, paper);
	assert_int_equal(shop_number(shop, "SELECT n FROM tally WHERE name = 'frame.kept'"), 0);
	assert_int_equal(shop_number(shop, "SELECT n FROM tally WHERE name = 'frame.decoded'"), 2);
	assert_int_equal(shop_findings(shop, FSCK_PAPER), 0);
	assert_int_equal(shop_try(shop, "UPDATE frame_origin SET origin_id = frame_id"), SQLITE_CONSTRAINT);
	/* More of the paper may follow; of one that is refused nothing may be read. */
	shop_tamper(
		shop, "UPDATE frame SET state = 'kept' WHERE dialect = 'json' AND id <> (SELECT frame_id FROM sale)");
	assert_int_equal(shop_findings(shop, FSCK_PAPER), 0);
	shop_tamper(shop, "UPDATE frame SET state = 'refused' WHERE state = 'kept'");
	assert_int_equal(shop_findings(shop, FSCK_PAPER), 1);
	shop_tamper(shop,
		"INSERT INTO frame_origin VALUES ((SELECT origin_id FROM frame_origin), (SELECT frame_id FROM sale))");
	assert_int_equal(shop_findings(shop, FSCK_PAPER), 2);
}

static void lists_are_newest_first_and_limited(void **state)
{
	struct shop *shop = *state;
	struct frame_row *rows = NULL;
	size_t count = 0;

	shop_begin(shop);
	for (int i = 0; i < 40; i++)
		add(shop, i % 2 ? FRAME_KEPT : FRAME_DECODED, "", "x", 1);
	shop_commit(shop);
	must(shop, store_frame_list(shop->store, -1, 33, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 33);
	assert_int_equal(rows[0].id, 40);
	assert_int_equal(rows[32].id, 8);
	must(shop, store_frame_list(shop->store, FRAME_KEPT, 2, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 2);
	assert_int_equal(rows[1].id, 38);
	must(shop, store_frame_list(shop->store, FRAME_REFUSED, 2, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 0);
	must(shop, store_frame_list_kept(shop->store, 2, 3, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 3);
	assert_int_equal(rows[0].id, 4);
	assert_int_equal(rows[2].id, 8);
	must(shop, store_frame_list_kept(shop->store, 38, 3, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(a_frame_comes_back_byte_for_byte),
		SHOP_TEST(an_empty_frame_is_kept),
		SHOP_TEST(changed_bytes_are_found),
		SHOP_TEST(only_the_newest_refused_frames_are_kept),
		SHOP_TEST(trimming_nothing_is_no_failure),
		SHOP_TEST(the_newest_frame_stays_so_that_its_id_is_not_used_again),
		SHOP_TEST(a_refused_frame_with_a_sale_stays),
		SHOP_TEST(a_sale_names_the_paper_that_it_was_read_from),
		SHOP_TEST(lists_are_newest_first_and_limited),
	};

	return cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}
