#include "shop.h"

static void an_invoice_is_found_by_id_number_code_and_sale(void **state)
{
	struct shop *shop = *state;
	struct invoice_row put = shop_invoice_row(shop, 7), row;
	uint8_t digest[DIGEST_LEN];
	int64_t sale, id = 0;

	put.is_signed = true;
	shop_begin(shop);
	sale = shop_sale(shop, "B1");
	must(shop, store_invoice_add(shop->store, &put, sale, INVOICE_ROLE_ISSUES, &id, &shop->fault));
	shop_commit(shop);
	must(shop, store_invoice_get(shop->store, id, shop->arena, &row, &shop->fault));
	digest_sha256(put.xml, put.xml_len, digest);
	assert_int_equal(row.id, id);
	assert_int_equal(row.form, 1);
	assert_string_equal(row.serial, "C26MAA");
	assert_int_equal(row.number, 7);
	assert_string_equal(row.code, "M1-26-VD7K2-00000000007");
	assert_int_equal(row.issued_at, SHOP_NOW + 7);
	assert_int_equal(row.sold_at, SHOP_NOW);
	assert_int_equal(row.deadline, SHOP_NOW + 3600000);
	assert_int_equal(row.net, 100000);
	assert_int_equal(row.vat, 10000);
	assert_int_equal(row.total, 110000);
	assert_int_equal(row.state, INVOICE_ISSUED);
	assert_int_equal(row.message_id, 0);
	assert_string_equal(row.refusal, "");
	assert_true(row.is_signed);
	assert_int_equal(row.ledger_seq, 7);
	assert_int_equal(row.xml_len, put.xml_len);
	assert_memory_equal(row.xml, put.xml, put.xml_len);
	assert_memory_equal(row.digest, digest, DIGEST_LEN);
	must(shop, store_invoice_by_number(shop->store, 1, "C26MAA", 7, shop->arena, &row, &shop->fault));
	assert_int_equal(row.id, id);
	must(shop, store_invoice_by_code(shop->store, "M1-26-VD7K2-00000000007", shop->arena, &row, &shop->fault));
	assert_int_equal(row.id, id);
	must(shop, store_invoice_of_sale(shop->store, sale, shop->arena, &row, &shop->fault));
	assert_int_equal(row.id, id);
}

static void what_is_not_there_is_none(void **state)
{
	struct shop *shop = *state;
	struct invoice_row row;

	shop_begin(shop);
	shop_invoice(shop, 7);
	shop_commit(shop);
	assert_int_equal(store_invoice_get(shop->store, 2, shop->arena, &row, &shop->fault), STORE_NONE);
	assert_int_equal(
		store_invoice_by_number(shop->store, 2, "C26MAA", 7, shop->arena, &row, &shop->fault), STORE_NONE);
	assert_int_equal(
		store_invoice_by_number(shop->store, 1, "C27MAA", 7, shop->arena, &row, &shop->fault), STORE_NONE);
	/* the same counter with another key is another code */
	assert_int_equal(store_invoice_by_code(shop->store, "M1-26-XXXXX-00000000007", shop->arena, &row, &shop->fault),
		STORE_NONE);
	assert_int_equal(store_invoice_by_code(shop->store, "", shop->arena, &row, &shop->fault), STORE_NONE);
	assert_int_equal(store_invoice_of_sale(shop->store, 99, shop->arena, &row, &shop->fault), STORE_NONE);
}

/* law R-NUM-2, R-CODE-3: a number once in its serial, the 11 digits once for the seller over all serials. */
static void a_number_or_a_counter_is_taken_once(void **state)
{
	struct shop *shop = *state;
	struct invoice_row row;
	int64_t sale, id = 0;

	shop_begin(shop);
	shop_invoice(shop, 7);
	sale = shop_sale(shop, "B8");
	row = shop_invoice_row(shop, 7);
	row.code = "M1-26-VD7K2-00000000008";
	assert_int_equal(
		store_invoice_add(shop->store, &row, sale, INVOICE_ROLE_ISSUES, &id, &shop->fault), STORE_CONFLICT);
	row = shop_invoice_row(shop, 8);
	row.serial = "C27MAA";
	row.code = "M1-27-VD7K2-00000000007";
	assert_int_equal(
		store_invoice_add(shop->store, &row, sale, INVOICE_ROLE_ISSUES, &id, &shop->fault), STORE_CONFLICT);
	row.code = "M1-27-VD7K2-00000000009";
	must(shop, store_invoice_add(shop->store, &row, sale, INVOICE_ROLE_ISSUES, &id, &shop->fault));
	shop_commit(shop);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM invoice"), 2);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM sale_invoice"), 2);
}

static void invoices_without_code_do_not_collide(void **state)
{
	struct shop *shop = *state;
	struct invoice_row row;
	int64_t id = 0;

	shop_begin(shop);
	for (int n = 1; n <= 3; n++) {
		char bill[16];

		snprintf(bill, sizeof(bill), "B%d", n);
		row = shop_invoice_row(shop, n);
		row.code = "";
		must(shop, store_invoice_add(
				   shop->store, &row, shop_sale(shop, bill), INVOICE_ROLE_ISSUES, &id, &shop->fault));
	}
	shop_commit(shop);
}

/* house 8.1: at most one live issuing invoice for each sale. */
static void a_sale_has_one_live_invoice_and_a_refused_one_makes_room(void **state)
{
	struct shop *shop = *state;
	struct invoice_row row = shop_invoice_row(shop, 1), second = shop_invoice_row(shop, 2), found;
	int64_t sale, first = 0, id = 0, message;

	shop_begin(shop);
	sale = shop_sale(shop, "B1");
	must(shop, store_invoice_add(shop->store, &row, sale, INVOICE_ROLE_ISSUES, &first, &shop->fault));
	assert_int_equal(store_invoice_add(shop->store, &second, sale, INVOICE_ROLE_REISSUES, &id, &shop->fault),
		STORE_CONFLICT);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM invoice"), 0);
	message = shop_message(shop, "V1", &first, 1);
	must(shop, store_invoice_conclude(shop->store, first, message, INVOICE_REFUSED, "20601 wrong", &shop->fault));
	must(shop, store_invoice_of_sale(shop->store, sale, shop->arena, &found, &shop->fault));
	assert_int_equal(found.id, first);
	assert_string_equal(found.refusal, "20601 wrong");
	must(shop, store_invoice_add(shop->store, &second, sale, INVOICE_ROLE_REISSUES, &id, &shop->fault));
	must(shop, store_invoice_of_sale(shop->store, sale, shop->arena, &found, &shop->fault));
	assert_int_equal(found.id, id);
	shop_commit(shop);
}

static void changed_bytes_of_an_invoice_are_found(void **state)
{
	struct shop *shop = *state;
	struct invoice_row row;
	int64_t id;

	shop_begin(shop);
	id = shop_invoice(shop, 7);
	shop_commit(shop);
	shop_tamper(shop, "UPDATE invoice_bytes SET xml = CAST(x'00' || '" SHOP_HDON("2.1.0", "8") "' AS BLOB)");
	assert_int_equal(store_invoice_get(shop->store, id, shop->arena, &row, &shop->fault), FAULT_FORMAT);
	assert_non_null(strstr(shop->fault.text, "1C26MAA number 7"));
}

/* law R-STO-1: an update of a sealed row is refused by the database itself, also against a mistake of ours. */
static void sealed_rows_refuse_every_change(void **state)
{
	struct shop *shop = *state;
	int64_t id;

	shop_begin(shop);
	id = shop_invoice(shop, 7);
	shop_message(shop, "V1", &id, 1);
	shop_commit(shop);
	assert_int_equal(shop_try(shop, "UPDATE invoice SET total = 1"), SQLITE_CONSTRAINT);
	assert_int_equal(shop_try(shop, "UPDATE invoice SET number = 8"), SQLITE_CONSTRAINT);
	assert_int_equal(shop_try(shop, "DELETE FROM invoice"), SQLITE_CONSTRAINT);
	assert_int_equal(shop_try(shop, "UPDATE invoice_bytes SET xml = x'00'"), SQLITE_CONSTRAINT);
	assert_int_equal(shop_try(shop, "DELETE FROM invoice_bytes"), SQLITE_CONSTRAINT);
	assert_int_equal(shop_try(shop, "UPDATE message_bytes SET head = x'00'"), SQLITE_CONSTRAINT);
	assert_int_equal(shop_try(shop, "UPDATE ledger SET wall = 1"), SQLITE_CONSTRAINT);
	assert_int_equal(shop_try(shop, "DELETE FROM ledger"), SQLITE_CONSTRAINT);
	assert_int_equal(shop_try(shop, "UPDATE invoice SET refusal = 'x'"), SQLITE_OK);
}

static void every_conclusion_is_made_or_refused_as_the_table_says(void **state)
{
	struct shop *shop = *state;
	int64_t id, message;

	shop_begin(shop);
	id = shop_invoice(shop, 7);
	assert_int_equal(
		store_invoice_conclude(shop->store, id, 0, INVOICE_ACCEPTED, "", &shop->fault), STORE_CONFLICT);
	message = shop_message(shop, "V1", &id, 1);
	assert_int_equal(store_invoice_conclude(shop->store, id, message + 1, INVOICE_ACCEPTED, "", &shop->fault),
		STORE_CONFLICT);
	assert_int_equal(
		store_invoice_conclude(shop->store, id, message, INVOICE_ISSUED, "", &(struct fault){0}), FAULT_BUG);
	assert_int_equal(shop_get_invoice(shop, id).state, INVOICE_ISSUED);
	must(shop, store_invoice_conclude(shop->store, id, message, INVOICE_ACCEPTED, "", &shop->fault));
	assert_int_equal(shop_get_invoice(shop, id).state, INVOICE_ACCEPTED);
	/* what is concluded stays so */
	assert_int_equal(
		store_invoice_conclude(shop->store, id, message, INVOICE_REFUSED, "x", &shop->fault), STORE_CONFLICT);
	assert_int_equal(
		store_invoice_conclude(shop->store, id, message, INVOICE_ACCEPTED, "", &shop->fault), STORE_CONFLICT);
	assert_int_equal(shop_get_invoice(shop, id).state, INVOICE_ACCEPTED);
	store_rollback(shop->store);
}

/* What was refused stays so, and an invoice that travels in another message by now is not meant. */
static void a_message_is_accepted_as_a_whole(void **state)
{
	struct shop *shop = *state;
	struct invoice_counts counts;
	int64_t ids[5];
	int64_t message, accepted = 0;

	shop_begin(shop);
	for (int n = 0; n < 5; n++)
		ids[n] = shop_invoice(shop, n + 1);
	message = shop_message(shop, "V1", ids, 4);
	must(shop, store_invoice_conclude(shop->store, ids[0], message, INVOICE_REFUSED, "x", &shop->fault));
	shop_commit(shop);
	shop_tamper(shop, "UPDATE invoice SET message_id = NULL WHERE number = 2");
	shop_begin(shop);
	shop_message(shop, "V2", &ids[1], 1);
	must(shop, store_invoice_accept_of(shop->store, message, &accepted, &shop->fault));
	assert_int_equal(accepted, 2);
	must(shop, store_invoice_accept_of(shop->store, message, &accepted, &shop->fault));
	assert_int_equal(accepted, 0);
	shop_commit(shop);
	assert_int_equal(shop_get_invoice(shop, ids[0]).state, INVOICE_REFUSED);
	assert_int_equal(shop_get_invoice(shop, ids[1]).state, INVOICE_ISSUED);
	assert_int_equal(shop_get_invoice(shop, ids[2]).state, INVOICE_ACCEPTED);
	assert_int_equal(shop_get_invoice(shop, ids[3]).state, INVOICE_ACCEPTED);
	assert_int_equal(shop_get_invoice(shop, ids[4]).state, INVOICE_ISSUED);
	must(shop, store_invoice_count(shop->store, &counts, &shop->fault));
	assert_int_equal(counts.accepted, 2);
	assert_int_equal(counts.issued, 2);
	assert_int_equal(counts.total, 440000);
}

static void the_oldest_group_waits_first_in_order_of_number(void **state)
{
	struct shop *shop = *state;
	struct invoice_row *rows = NULL;
	size_t count = 99;
	int64_t ids[6];

	must(shop, store_invoice_waiting(shop->store, 10, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 0);
	shop_begin(shop);
	for (int n = 0; n < 6; n++) {
		struct invoice_row row = shop_invoice_row(shop, n < 3 ? 30 - n : n);
		char bill[16];

		row.serial = n < 3 ? "C26MAB" : "C26MAA";
		snprintf(bill, sizeof(bill), "B%d", n);
		must(shop, store_invoice_add(shop->store, &row, shop_sale(shop, bill), INVOICE_ROLE_ISSUES, &ids[n],
				   &shop->fault));
	}
	must(shop, store_invoice_waiting(shop->store, 10, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 3);
	assert_string_equal(rows[0].serial, "C26MAB");
	assert_int_equal(rows[0].number, 28);
	assert_int_equal(rows[2].number, 30);
	assert_int_equal(rows[0].xml_len, strlen(SHOP_HDON("2.1.0", "28")));
	assert_null(rows[0].xml);
	must(shop, store_invoice_waiting(shop->store, 2, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 2);
	shop_message(shop, "V1", ids, 3);
	must(shop, store_invoice_waiting(shop->store, 10, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 3);
	assert_string_equal(rows[0].serial, "C26MAA");
	store_rollback(shop->store);
}

static void lists_go_by_state(void **state)
{
	struct shop *shop = *state;
	struct invoice_row *rows = NULL;
	size_t count = 0;
	int64_t ids[20];
	int64_t message;

	shop_begin(shop);
	for (int n = 0; n < 20; n++)
		ids[n] = shop_invoice(shop, n + 1);
	message = shop_message(shop, "V1", ids, 20);
	for (int n = 0; n < 15; n++)
		must(shop, store_invoice_conclude(shop->store, ids[n], message,
				   n < 5 ? INVOICE_REFUSED : INVOICE_ACCEPTED, "", &shop->fault));
	shop_commit(shop);
	must(shop, store_invoice_list(shop->store, INVOICE_REFUSED, 0, 100, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 5);
	assert_int_equal(rows[0].id, ids[4]);
	must(shop, store_invoice_list(shop->store, INVOICE_ACCEPTED, 0, 3, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 3);
	assert_int_equal(rows[0].id, ids[14]);
	must(shop, store_invoice_list(
			   shop->store, INVOICE_ISSUED, ids[17], 100, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 2);
	assert_int_equal(rows[0].id, ids[16]);
	must(shop, store_invoice_list(shop->store, -1, 0, 100, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 20);
}

static void counts_follow_every_step(void **state)
{
	struct shop *shop = *state;
	struct invoice_counts counts;
	struct message_row row;
	int64_t ids[4];
	int64_t message;

	must(shop, store_invoice_count(shop->store, &counts, &shop->fault));
	assert_int_equal(counts.oldest_open_at, 0);
	assert_int_equal(counts.last_accepted_at, 0);
	shop_begin(shop);
	for (int n = 0; n < 4; n++)
		ids[n] = shop_invoice(shop, n + 1);
	message = shop_message(shop, "V1", ids, 3);
	must(shop, store_invoice_conclude(shop->store, ids[0], message, INVOICE_ACCEPTED, "", &shop->fault));
	must(shop, store_invoice_conclude(shop->store, ids[1], message, INVOICE_REFUSED, "x", &shop->fault));
	row = shop_get_message(shop, message);
	row.state = MESSAGE_SENT;
	must(shop, store_message_move(shop->store, &row, MESSAGE_MADE, &shop->fault));
	row.state = MESSAGE_ANSWERED;
	row.answered_at = SHOP_NOW + 9;
	must(shop, store_message_move(shop->store, &row, MESSAGE_SENT, &shop->fault));
	shop_commit(shop);
	must(shop, store_invoice_count(shop->store, &counts, &shop->fault));
	assert_int_equal(counts.issued, 2);
	assert_int_equal(counts.accepted, 1);
	assert_int_equal(counts.refused, 1);
	assert_int_equal(counts.waiting, 1);
	assert_int_equal(counts.in_message, 1);
	/* 3 not refused, 100,000 + 10,000 each */
	assert_int_equal(counts.net, 300000);
	assert_int_equal(counts.vat, 30000);
	assert_int_equal(counts.total, 330000);
	assert_int_equal(counts.oldest_open_at, SHOP_NOW + 3);
	assert_int_equal(counts.oldest_deadline, SHOP_NOW + 3600000);
	assert_int_equal(counts.last_accepted_at, SHOP_NOW + 9);
}

static void an_open_task_is_not_added_twice(void **state)
{
	struct shop *shop = *state;
	struct task_row row = {
		.invoice_id = 1, .message_id = 2, .kind = "refused-invoice", .text = "first", .made_at = SHOP_NOW};
	struct task_row *rows = NULL;
	size_t count = 0;

	shop_begin(shop);
	must(shop, store_task_add(shop->store, &row, &shop->fault));
	row.text = "again";
	must(shop, store_task_add(shop->store, &row, &shop->fault));
	row.invoice_id = 3;
	must(shop, store_task_add(shop->store, &row, &shop->fault));
	row.invoice_id = 0;
	row.message_id = 0;
	row.kind = "route-refused";
	must(shop, store_task_add(shop->store, &row, &shop->fault));
	must(shop, store_task_add(shop->store, &row, &shop->fault));
	shop_commit(shop);
	must(shop, store_task_list(shop->store, 10, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 3);
	assert_string_equal(rows[0].text, "first");
	assert_int_equal(rows[0].invoice_id, 1);
	assert_int_equal(rows[0].message_id, 2);
	assert_int_equal(rows[0].made_at, SHOP_NOW);
	assert_string_equal(rows[2].kind, "route-refused");
	must(shop, store_task_list(shop->store, 1, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 1);
	shop_tamper(shop, "UPDATE task SET closed_at = 5");
	shop_begin(shop);
	must(shop, store_task_add(shop->store, &row, &shop->fault));
	shop_commit(shop);
	must(shop, store_task_list(shop->store, 10, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(an_invoice_is_found_by_id_number_code_and_sale),
		SHOP_TEST(what_is_not_there_is_none),
		SHOP_TEST(a_number_or_a_counter_is_taken_once),
		SHOP_TEST(invoices_without_code_do_not_collide),
		SHOP_TEST(a_sale_has_one_live_invoice_and_a_refused_one_makes_room),
		SHOP_TEST(changed_bytes_of_an_invoice_are_found),
		SHOP_TEST(sealed_rows_refuse_every_change),
		SHOP_TEST(every_conclusion_is_made_or_refused_as_the_table_says),
		SHOP_TEST(a_message_is_accepted_as_a_whole),
		SHOP_TEST(the_oldest_group_waits_first_in_order_of_number),
		SHOP_TEST(lists_go_by_state),
		SHOP_TEST(counts_follow_every_step),
		SHOP_TEST(an_open_task_is_not_added_twice),
	};

	return cmocka_run_group_tests_name("invoices", tests, NULL, NULL);
}
