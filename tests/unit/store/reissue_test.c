#include "shop.h"

/* law R-FIX-14 at the level of rows: what a refused invoice leaves, what takes its place, and the query that proves that nobody is forgotten. */

static size_t stranded(struct shop *shop)
{
	int64_t *ids = NULL;
	size_t count = 0;

	must(shop, store_sale_stranded(shop->store, 10, shop->arena, &ids, &count, &shop->fault));
	return count;
}

static void refuse(struct shop *shop, int64_t invoice, const char *message_id)
{
	int64_t message = shop_message(shop, message_id, &invoice, 1);

	must(shop, store_invoice_conclude(shop->store, invoice, message, INVOICE_REFUSED, "S401: x", &shop->fault));
}

static int64_t open_task(struct shop *shop, int64_t invoice)
{
	const struct task_row row = {
		.kind = "refused-invoice", .invoice_id = invoice, .text = "x", .made_at = SHOP_NOW};

	struct task_row *rows = NULL;
	size_t count = 0;

	must(shop, store_task_add(shop->store, &row, &shop->fault));
	must(shop, store_task_list(shop->store, 10, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 1);
	return rows[0].id;
}

/* A new invoice @number in the place of @earlier, for the sale that it stood for. */
static int64_t reissue(struct shop *shop, int64_t earlier, int32_t number)
{
	struct invoice_row row = shop_invoice_row(shop, number);
	struct sale_row sale;
	int64_t id = 0;

	must(shop, store_sale_of_invoice(shop->store, earlier, shop->arena, &sale, &shop->fault));
	must(shop, store_invoice_add(shop->store, &row, sale.id, INVOICE_ROLE_REISSUES, &id, &shop->fault));
	must(shop, store_invoice_reissue(shop->store, earlier, id, SHOP_NOW, &shop->fault));
	return id;
}

static void a_sale_is_stranded_only_without_live_invoice_and_open_task(void **state)
{
	struct shop *shop = *state;
	int64_t first, task;

	shop_begin(shop);
	first = shop_invoice(shop, 1);
	assert_int_equal(stranded(shop), 0);
	refuse(shop, first, "V1");
	assert_int_equal(stranded(shop), 1);
	task = open_task(shop, first);
	assert_int_equal(stranded(shop), 0);
	must(shop, store_task_close(shop->store, task, SHOP_NOW, &shop->fault));
	assert_int_equal(stranded(shop), 1);
	reissue(shop, first, 2);
	assert_int_equal(stranded(shop), 0);
	shop_commit(shop);
}

/* No answer will come any more for what an answered message left open: only a task keeps it from being forgotten. */
static void an_invoice_left_open_by_an_answer_needs_a_task(void **state)
{
	struct shop *shop = *state;
	struct message_row row;
	int64_t invoice, message;

	shop_begin(shop);
	invoice = shop_invoice(shop, 1);
	message = shop_message(shop, "V1", &invoice, 1);
	row = shop_get_message(shop, message);
	row.state = MESSAGE_SENT;
	must(shop, store_message_move(shop->store, &row, MESSAGE_MADE, &shop->fault));
	assert_int_equal(stranded(shop), 0);
	row.state = MESSAGE_ANSWERED;
	must(shop, store_message_move(shop->store, &row, MESSAGE_SENT, &shop->fault));
	assert_int_equal(stranded(shop), 1);
	open_task(shop, invoice);
	assert_int_equal(stranded(shop), 0);
	shop_commit(shop);
}

static void every_revision_of_the_sale_follows_the_new_invoice(void **state)
{
	struct shop *shop = *state;
	struct sale_row revision = shop_sale_row(0, "B1"), found;
	struct invoice_row row, kin;
	int64_t first, second, third = 0, sale = 0;

	shop_begin(shop);
	first = shop_invoice(shop, 1);
	refuse(shop, first, "V1");
	revision.frame_id = shop_frame(shop, "{\"corrected\":1}");
	revision.revision = 2;
	memset(revision.digest, 7, sizeof(revision.digest));
	must(shop, store_sale_add(shop->store, &revision, &sale, &shop->fault));
	row = shop_invoice_row(shop, 2);
	must(shop, store_invoice_add(shop->store, &row, sale, INVOICE_ROLE_REISSUES, &second, &shop->fault));
	must(shop, store_invoice_reissue(shop->store, first, second, SHOP_NOW, &shop->fault));
	assert_int_equal(stranded(shop), 0);
	must(shop, store_sale_of_invoice(shop->store, second, shop->arena, &found, &shop->fault));
	assert_int_equal(found.id, sale);
	/* the new one is refused as well: its own successor stands for both revisions */
	refuse(shop, second, "V2");
	assert_int_equal(stranded(shop), 2);
	third = reissue(shop, second, 3);
	assert_int_equal(stranded(shop), 0);
	shop_commit(shop);
	assert_int_equal(
		shop_number(shop, "SELECT count(*) FROM sale_invoice WHERE invoice_id = 3 AND role = 'reissues' "
				  "AND is_issuing = 1"),
		2);
	must(shop, store_invoice_reissues(shop->store, third, shop->arena, &kin, &shop->fault));
	assert_int_equal(kin.id, second);
	must(shop, store_invoice_reissued_as(shop->store, first, shop->arena, &kin, &shop->fault));
	assert_int_equal(kin.id, second);
	assert_int_equal(store_invoice_reissues(shop->store, first, shop->arena, &kin, &shop->fault), STORE_NONE);
	assert_int_equal(store_invoice_reissued_as(shop->store, third, shop->arena, &kin, &shop->fault), STORE_NONE);
}

static void a_refused_invoice_is_reissued_once(void **state)
{
	struct shop *shop = *state;
	struct invoice_row row = shop_invoice_row(shop, 3);
	struct sale_row other;
	int64_t first, second, third;

	shop_begin(shop);
	first = shop_invoice(shop, 1);
	refuse(shop, first, "V1");
	second = reissue(shop, first, 2);
	assert_int_equal(
		store_invoice_add(shop->store, &row, 1, INVOICE_ROLE_REISSUES, &third, &shop->fault), STORE_CONFLICT);
	must(shop,
		store_invoice_add(shop->store, &row, shop_sale(shop, "B9"), INVOICE_ROLE_ISSUES, &third, &shop->fault));
	assert_int_equal(store_invoice_reissue(shop->store, first, third, SHOP_NOW, &shop->fault), STORE_CONFLICT);
	must(shop, store_sale_of_invoice(shop->store, second, shop->arena, &other, &shop->fault));
	assert_string_equal(other.bill_no, "B1");
	shop_commit(shop);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM invoice_relation"), 1);
}

static void a_task_is_closed_once_and_can_still_be_looked_at(void **state)
{
	struct shop *shop = *state;
	struct task_row row;
	int64_t task;

	shop_begin(shop);
	task = open_task(shop, shop_invoice(shop, 1));
	must(shop, store_task_close(shop->store, task, SHOP_NOW + 5, &shop->fault));
	assert_int_equal(store_task_close(shop->store, task, SHOP_NOW + 6, &shop->fault), STORE_CONFLICT);
	shop_commit(shop);
	must(shop, store_task_get(shop->store, task, shop->arena, &row, &shop->fault));
	assert_int_equal(row.closed_at, SHOP_NOW + 5);
	assert_string_equal(row.kind, "refused-invoice");
	assert_int_equal(store_task_get(shop->store, task + 1, shop->arena, &row, &shop->fault), STORE_NONE);
}

/* What the till said stands beside what a person made of it. */
static void a_revision_is_found_by_its_content(void **state)
{
	struct shop *shop = *state;
	const struct sale sale = {.till_id = "T01", .bill_no = "B1", .business_day = 20261122, .kind = SALE_KIND_SALE};
	struct sale_row row = shop_sale_row(0, "B1"), found;
	uint8_t digest[DIGEST_LEN] = {1, 2, 3};
	int64_t id = 0;

	shop_begin(shop);
	shop_sale(shop, "B1");
	row.frame_id = shop_frame(shop, "{}");
	row.revision = 2;
	memset(row.digest, 7, sizeof(row.digest));
	must(shop, store_sale_add(shop->store, &row, &id, &shop->fault));
	shop_commit(shop);
	must(shop, store_sale_by_content(shop->store, &sale, digest, shop->arena, &found, &shop->fault));
	assert_int_equal(found.revision, 1);
	must(shop, store_sale_by_content(shop->store, &sale, row.digest, shop->arena, &found, &shop->fault));
	assert_int_equal(found.revision, 2);
	digest[0] = 9;
	assert_int_equal(
		store_sale_by_content(shop->store, &sale, digest, shop->arena, &found, &shop->fault), STORE_NONE);
}

static void a_relation_of_invoices_never_changes(void **state)
{
	struct shop *shop = *state;
	char path[96];
	sqlite3 *db = NULL;
	int64_t first;

	shop_begin(shop);
	first = shop_invoice(shop, 1);
	refuse(shop, first, "V1");
	reissue(shop, first, 2);
	shop_commit(shop);
	snprintf(path, sizeof(path), "%s/current.db", shop->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_not_equal(
		sqlite3_exec(db, "UPDATE invoice_relation SET earlier_id = 2", NULL, NULL, NULL), SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(db, "DELETE FROM invoice_relation", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(a_sale_is_stranded_only_without_live_invoice_and_open_task),
		SHOP_TEST(an_invoice_left_open_by_an_answer_needs_a_task),
		SHOP_TEST(every_revision_of_the_sale_follows_the_new_invoice),
		SHOP_TEST(a_refused_invoice_is_reissued_once),
		SHOP_TEST(a_task_is_closed_once_and_can_still_be_looked_at),
		SHOP_TEST(a_revision_is_found_by_its_content),
		SHOP_TEST(a_relation_of_invoices_never_changes),
	};

	return cmocka_run_group_tests_name("reissue", tests, NULL, NULL);
}
