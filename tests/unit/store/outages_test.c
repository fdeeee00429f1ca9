/* Outages and what persons note on them: R-OUT-1 to R-OUT-4. */
#include "shop.h"

#include "store/fsck.h"
#include "store/outages.h"

#define ANNOUNCED (SHOP_NOW + 172800000)

static struct outage_row begin(struct shop *shop)
{
	struct outage_row row = {
		.part = "authority", .cause = OUTAGE_AUTHORITY, .begun_at = SHOP_NOW, .first_text = "no verdict"};

	shop_begin(shop);
	must(shop, store_outage_begin(shop->store, &row, &shop->fault));
	shop_commit(shop);
	must(shop, store_outage_open(shop->store, "authority", shop->arena, &row, &shop->fault));
	return row;
}

static void note(
	struct shop *shop, const struct outage_row *row, enum outage_said said, const char *text, int64_t deadline)
{
	const struct outage_note note = {.said = said, .said_on = 20261122, .noted_at = SHOP_NOW + 1, .text = text};

	shop_begin(shop);
	must(shop, store_outage_note(shop->store, row, &note, deadline, &shop->fault));
	shop_commit(shop);
}

static void notes_are_kept_in_their_order(void **state)
{
	struct shop *shop = *state;
	struct outage_row row = begin(shop);
	struct outage_row *rows;
	size_t count;

	note(shop, &row, SAID_TICKET, "phiếu 77", 0);
	note(shop, &row, SAID_WORDS, "đã gọi tổng đài", 0);
	must(shop, store_outage_get(shop->store, row.id, shop->arena, &row, &shop->fault));
	assert_int_equal(row.note_count, 2);
	assert_int_equal(row.notes[0].said, SAID_TICKET);
	assert_int_equal(row.notes[0].said_on, 20261122);
	assert_int_equal(row.notes[0].noted_at, SHOP_NOW + 1);
	assert_string_equal(row.notes[0].text, "phiếu 77");
	assert_string_equal(row.notes[1].text, "đã gọi tổng đài");
	assert_int_equal(row.deadline, 0);
	must(shop, store_outage_list(shop->store, 10, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].note_count, 2);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM ledger WHERE event = 'outage-note'"), 2);
	/* The text itself may name persons. */
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM ledger WHERE instr(payload, 'phi')"), 0);
	assert_int_equal(store_outage_get(shop->store, row.id + 1, shop->arena, &row, &shop->fault), STORE_NONE);
}

static void an_announced_deadline_stays_when_the_outage_ends(void **state)
{
	struct shop *shop = *state;
	struct outage_row row = begin(shop); /* read before the note, as the sender may have it */

	note(shop, &row, SAID_BACK, "https://cuc-thue.example/tb-1", ANNOUNCED);
	row.ended_at = SHOP_NOW + 60000;
	row.last_text = "no verdict";
	shop_begin(shop);
	must(shop, store_outage_end(shop->store, &row, &shop->fault));
	shop_commit(shop);
	must(shop, store_outage_get(shop->store, row.id, shop->arena, &row, &shop->fault));
	assert_int_equal(row.deadline, ANNOUNCED);
	note(shop, &row, SAID_BACK, "https://cuc-thue.example/tb-2", ANNOUNCED - 1000);
	note(shop, &row, SAID_WORDS, "đã gửi hết", 0);
	must(shop, store_outage_get(shop->store, row.id, shop->arena, &row, &shop->fault));
	assert_int_equal(row.deadline, ANNOUNCED - 1000);
}

static void a_note_never_changes_and_never_goes(void **state)
{
	struct shop *shop = *state;
	struct outage_row row = begin(shop);

	note(shop, &row, SAID_TICKET, "phiếu 77", 0);
	assert_int_equal(shop_try(shop, "UPDATE outage_note SET text = 'phiếu 78'"), SQLITE_CONSTRAINT);
	assert_int_equal(shop_try(shop, "DELETE FROM outage_note"), SQLITE_CONSTRAINT);
	assert_int_equal(shop_findings(shop, FSCK_NOTE), 0);
}

static void who_changes_one_all_the_same_is_found(void **state)
{
	static const char *const harm[] = {
		"UPDATE outage_note SET text = 'phiếu 78'",
		"UPDATE outage_note SET kind = 'back'",
		"UPDATE outage_note SET said_on = 20261121",
		"UPDATE outage_note SET ledger_seq = 1",
		"UPDATE outage SET begun_at = begun_at - 3600000",
		"DELETE FROM outage_note",
		"INSERT INTO outage_note SELECT id + 1, outage_id, kind, said_on, noted_at, text, ledger_seq FROM "
		"outage_note",
	};
	struct shop *shop = *state;
	struct outage_row row = begin(shop);

	note(shop, &row, SAID_TICKET, "phiếu 77", 0);
	shop_tamper(shop, "DROP TRIGGER outage_note_keep; DROP TRIGGER outage_note_stay; CREATE TABLE n AS SELECT * "
			  "FROM outage_note;"
			  "CREATE TABLE o AS SELECT * FROM outage");
	for (size_t i = 0; i < ARRAY_LEN(harm); i++) {
		shop_tamper(shop, harm[i]);
		if (shop_findings(shop, FSCK_NOTE) != 1)
			fail_msg("%s", harm[i]);
		shop_tamper(shop, "DELETE FROM outage_note; INSERT INTO outage_note SELECT * FROM n;"
				  "UPDATE outage SET begun_at = (SELECT begun_at FROM o)");
		assert_int_equal(shop_findings(shop, FSCK_NOTE), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(notes_are_kept_in_their_order),
		SHOP_TEST(an_announced_deadline_stays_when_the_outage_ends),
		SHOP_TEST(a_note_never_changes_and_never_goes),
		SHOP_TEST(who_changes_one_all_the_same_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
