#include "shop.h"

#define N 5

static const struct message_gate all_open = {.may_submit = true, .closed_routes = ""};

/* Waiting invoices 1 .. @n in @ids. */
static void issue(struct shop *shop, int64_t *ids, int n)
{
	for (int i = 0; i < n; i++)
		ids[i] = shop_invoice(shop, i + 1);
}

static void move(struct shop *shop, int64_t id, enum message_state to)
{
	struct message_row row = shop_get_message(shop, id);
	enum message_state from = row.state;

	row.state = to;
	must(shop, store_message_move(shop->store, &row, from, &shop->fault));
}

static void a_message_comes_back_as_it_was_put(void **state)
{
	struct shop *shop = *state;
	struct message_row put = shop_message_row("V9900000023AB"), row;
	int64_t ids[N], id = 0;

	put.halving = 2;
	shop_begin(shop);
	issue(shop, ids, N);
	must(shop, store_message_add(shop->store, &put, ids, N, &id, &shop->fault));
	shop_commit(shop);
	must(shop, store_message_by_id(shop->store, "V9900000023AB", shop->arena, &row, &shop->fault));
	assert_int_equal(row.id, id);
	assert_string_equal(row.message_id, "V9900000023AB");
	assert_int_equal(row.type, 206);
	assert_string_equal(row.head, put.head);
	assert_int_equal(row.signature_len, put.signature_len);
	assert_memory_equal(row.signature, put.signature, put.signature_len);
	assert_memory_equal(row.digest, put.digest, 32);
	assert_int_equal(row.count, N);
	assert_int_equal(row.bytes, 1000);
	assert_int_equal(row.state, MESSAGE_MADE);
	assert_int_equal(row.made_at, SHOP_NOW);
	assert_int_equal(row.next_try_at, SHOP_NOW);
	assert_int_equal(row.halving, 2);
	assert_int_equal(store_message_get(shop->store, id + 1, shop->arena, &row, &shop->fault), STORE_NONE);
	assert_int_equal(store_message_by_id(shop->store, "V", shop->arena, &row, &shop->fault), STORE_NONE);
	assert_int_equal(shop_get_invoice(shop, ids[0]).message_id, id);
}

static void an_invoice_that_does_not_wait_is_a_conflict_and_leaves_nothing(void **state)
{
	struct shop *shop = *state;
	struct message_row row = shop_message_row("V2");
	int64_t ids[N], id = 0;

	shop_begin(shop);
	issue(shop, ids, N);
	shop_message(shop, "V1", ids + 4, 1);
	assert_int_equal(store_message_add(shop->store, &row, ids, N, &id, &shop->fault), STORE_CONFLICT);
	row.message_id = "V1";
	assert_int_equal(store_message_add(shop->store, &row, ids, 1, &id, &shop->fault), STORE_CONFLICT);
	row.message_id = "V3";
	ids[1] = ids[0];
	assert_int_equal(store_message_add(shop->store, &row, ids, 2, &id, &shop->fault), STORE_CONFLICT);
	shop_commit(shop);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM message"), 1);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM message_invoice"), 1);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM invoice WHERE message_id IS NULL"), N - 1);
}

static void every_move_is_made_or_refused_as_the_table_says(void **state)
{
	struct shop *shop = *state;
	int64_t ids[1], id;
	int moved = 0, stayed = 0;

	shop_begin(shop);
	issue(shop, ids, 1);
	id = shop_message(shop, "V1", ids, 1);
	shop_commit(shop);
	for (int from = 0; from < MESSAGE_STATE_COUNT; from++) {
		for (int to = 0; to < MESSAGE_STATE_COUNT; to++) {
			struct message_row row = shop_get_message(shop, id);
			bool is_open = from == MESSAGE_MADE || from == MESSAGE_SENT || from == MESSAGE_UNKNOWN;
			bool is_allowed = message_may_move(from, to) || (from == to && is_open);
			char sql[80];
			int result;

			snprintf(sql, sizeof(sql), "UPDATE message SET state = '%s', attempts = 0",
				message_state_word(from));
			shop_tamper(shop, sql);
			row.state = (enum message_state)to;
			row.attempts = 7;
			shop_begin(shop);
			result = store_message_move(shop->store, &row, (enum message_state)from, &(struct fault){0});
			assert_int_equal(result, is_allowed ? 0 : FAULT_BUG);
			row = shop_get_message(shop, id);
			assert_int_equal(row.state, is_allowed ? to : from);
			assert_int_equal(row.attempts, is_allowed ? 7 : 0);
			moved += result == 0 && from != to;
			stayed += result == 0 && from == to;
			store_rollback(shop->store);
		}
	}
	/* house section 5: made 1, sent 3, unknown 3; open ones may change their times */
	assert_int_equal(moved, 7);
	assert_int_equal(stayed, 3);
}

static void a_move_writes_every_time_counter_and_text(void **state)
{
	struct shop *shop = *state;
	struct message_row put, row;
	int64_t ids[1], id;

	shop_begin(shop);
	issue(shop, ids, 1);
	id = shop_message(shop, "V1", ids, 1);
	put = shop_get_message(shop, id);
	put.state = MESSAGE_SENT;
	put.sent_at = 1;
	put.answered_at = 2;
	put.next_try_at = 3;
	put.attempts = 4;
	put.is_resent = true;
	put.was_unknown = true;
	put.route = "tvan";
	put.ref = "R-5";
	put.halving = 6;
	put.last_text = "mất kết nối";
	must(shop, store_message_move(shop->store, &put, MESSAGE_MADE, &shop->fault));
	assert_int_equal(store_message_move(shop->store, &put, MESSAGE_MADE, &shop->fault), STORE_CONFLICT);
	shop_commit(shop);
	row = shop_get_message(shop, id);
	assert_int_equal(row.state, MESSAGE_SENT);
	assert_int_equal(row.sent_at, 1);
	assert_int_equal(row.answered_at, 2);
	assert_int_equal(row.next_try_at, 3);
	assert_int_equal(row.attempts, 4);
	assert_true(row.is_resent);
	assert_true(row.was_unknown);
	assert_string_equal(row.route, "tvan");
	assert_string_equal(row.ref, "R-5");
	assert_int_equal(row.halving, 6);
	assert_string_equal(row.last_text, "mất kết nối");
}

static void first_submissions_are_due_before_questions(void **state)
{
	struct shop *shop = *state;
	struct message_row row;
	int64_t ids[4], m[4], next = 0;

	assert_int_equal(
		store_message_due(shop->store, SHOP_NOW, &all_open, shop->arena, &row, &shop->fault), STORE_NONE);
	must(shop, store_message_next_try(shop->store, INT64_MIN, &next, &shop->fault));
	assert_true(next == INT64_MAX);
	shop_begin(shop);
	issue(shop, ids, 4);
	for (int i = 0; i < 4; i++) {
		char name[4] = {'V', (char)('1' + i), '\0'};

		m[i] = shop_message(shop, name, ids + i, 1);
	}
	move(shop, m[0], MESSAGE_SENT);
	row = shop_get_message(shop, m[0]);
	row.next_try_at = SHOP_NOW - 1000;
	must(shop, store_message_move(shop->store, &row, MESSAGE_SENT, &shop->fault));
	move(shop, m[1], MESSAGE_SENT);
	must(shop, store_message_due(shop->store, SHOP_NOW, &all_open, shop->arena, &row, &shop->fault));
	assert_int_equal(row.id, m[2]);
	assert_string_equal(row.head, "<TDiep><DLieu Id=\"_1\">");
	move(shop, m[2], MESSAGE_SENT);
	move(shop, m[3], MESSAGE_SENT);
	must(shop, store_message_due(shop->store, SHOP_NOW, &all_open, shop->arena, &row, &shop->fault));
	assert_int_equal(row.id, m[0]);
	must(shop, store_message_next_try(shop->store, INT64_MIN, &next, &shop->fault));
	assert_int_equal(next, SHOP_NOW - 1000);
	assert_int_equal(store_message_due(shop->store, SHOP_NOW - 1001, &all_open, shop->arena, &row, &shop->fault),
		STORE_NONE);
	for (int i = 0; i < 4; i++)
		move(shop, m[i], MESSAGE_ANSWERED);
	assert_int_equal(
		store_message_due(shop->store, SHOP_NOW, &all_open, shop->arena, &row, &shop->fault), STORE_NONE);
	must(shop, store_message_next_try(shop->store, INT64_MIN, &next, &shop->fault));
	assert_true(next == INT64_MAX);
	store_rollback(shop->store);
}

static void a_message_that_may_still_be_accepted_keeps_its_invoices(void **state)
{
	struct shop *shop = *state;
	int64_t ids[N], id;

	shop_begin(shop);
	issue(shop, ids, N);
	id = shop_message(shop, "V1", ids, N);
	assert_int_equal(store_message_release(shop->store, id, &(struct fault){0}), FAULT_BUG);
	move(shop, id, MESSAGE_SENT);
	assert_int_equal(store_message_release(shop->store, id, &(struct fault){0}), FAULT_BUG);
	assert_int_equal(shop_get_invoice(shop, ids[0]).message_id, id);
	store_rollback(shop->store);
}

/* house section 5: a refused message is halved until the culprit is alone. */
static void a_refused_message_is_halved(void **state)
{
	struct shop *shop = *state;
	struct invoice_row *rows = NULL;
	size_t count = 0;
	int64_t ids[N], whole, left, right;

	shop_begin(shop);
	issue(shop, ids, N);
	whole = shop_message(shop, "V1", ids, N);
	move(shop, whole, MESSAGE_SENT);
	must(shop, store_invoice_conclude(shop->store, ids[0], whole, INVOICE_REFUSED, "x", &shop->fault));
	move(shop, whole, MESSAGE_REFUSED);
	must(shop, store_message_release(shop->store, whole, &shop->fault));
	must(shop, store_invoice_waiting(shop->store, 100, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, N - 1);
	left = shop_message(shop, "V2", ids + 1, 2);
	right = shop_message(shop, "V3", ids + 3, 2);
	shop_commit(shop);
	/* what was refused by itself stays with the message that told so */
	assert_int_equal(shop_get_invoice(shop, ids[0]).message_id, whole);
	assert_int_equal(shop_get_invoice(shop, ids[1]).message_id, left);
	assert_int_equal(shop_get_invoice(shop, ids[4]).message_id, right);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM message_invoice"), N + 4);
}

struct seen {
	int64_t ids[N];
	size_t count;
	struct shop *shop;
	int result;
};

static int see(void *context, const struct message_invoice *invoice, struct fault *fault)
{
	struct seen *seen = context;
	char xml[64];

	snprintf(xml, sizeof(xml), SHOP_HDON("2.1.0", "%d"), (int)invoice->number);
	assert_int_equal(invoice->xml_len, strlen(xml));
	assert_memory_equal(invoice->xml, xml, strlen(xml));
	assert_int_equal(invoice->form, 1);
	assert_string_equal(invoice->serial, "C26MAA");
	assert_int_equal(invoice->state, INVOICE_ISSUED);
	seen->ids[seen->count++] = invoice->id;
	/* the walk leaves the store free to use */
	assert_int_equal(shop_get_invoice(seen->shop, invoice->id).number, invoice->number);
	(void)fault;
	return seen->result;
}

static void invoices_of_a_message_are_walked_in_their_order(void **state)
{
	struct shop *shop = *state;
	struct seen seen = {.shop = shop};
	int64_t ids[N], order[3], id;

	shop_begin(shop);
	issue(shop, ids, N);
	order[0] = ids[3];
	order[1] = ids[0];
	order[2] = ids[4];
	id = shop_message(shop, "V1", order, 3);
	shop_commit(shop);
	must(shop, store_message_each(shop->store, id, see, &seen, &shop->fault));
	assert_int_equal(seen.count, 3);
	assert_memory_equal(seen.ids, order, sizeof(order));
	seen = (struct seen){.shop = shop, .result = FAULT_BUG};
	assert_int_equal(store_message_each(shop->store, id, see, &seen, &shop->fault), FAULT_BUG);
	assert_int_equal(seen.count, 1);
	must(shop, store_message_each(shop->store, 99, see, &seen, &shop->fault));
	assert_int_equal(seen.count, 1);
}

static void changed_bytes_are_never_handed_out(void **state)
{
	struct shop *shop = *state;
	struct seen seen = {.shop = shop};
	int64_t ids[1], id;

	shop_begin(shop);
	issue(shop, ids, 1);
	id = shop_message(shop, "V1", ids, 1);
	shop_commit(shop);
	shop_tamper(shop, "UPDATE invoice_bytes SET xml = CAST(x'00' || '" SHOP_HDON("2.1.0", "9") "' AS BLOB)");
	assert_int_equal(store_message_each(shop->store, id, see, &seen, &shop->fault), FAULT_FORMAT);
	assert_int_equal(seen.count, 0);
}

/* law R-NUM-4: "already there" is believed only of an invoice that an earlier message of unknown outcome carried. */
static void an_earlier_unknown_message_is_remembered_for_its_invoices(void **state)
{
	struct shop *shop = *state;
	struct message_row row;
	int64_t ids[2], first, second;

	shop_begin(shop);
	issue(shop, ids, 2);
	first = shop_message(shop, "V1", ids, 1);
	move(shop, first, MESSAGE_SENT);
	row = shop_get_message(shop, first);
	row.state = MESSAGE_UNKNOWN;
	row.was_unknown = true;
	must(shop, store_message_move(shop->store, &row, MESSAGE_SENT, &shop->fault));
	move(shop, first, MESSAGE_REFUSED);
	must(shop, store_message_release(shop->store, first, &shop->fault));
	second = shop_message(shop, "V2", ids, 2);
	assert_int_equal(store_message_invoice_was_unknown(shop->store, ids[0], second, &shop->fault), 1);
	assert_int_equal(store_message_invoice_was_unknown(shop->store, ids[1], second, &shop->fault), 0);
	assert_int_equal(store_message_invoice_was_unknown(shop->store, ids[0], first, &shop->fault), 0);
	store_rollback(shop->store);
}

static void lists_and_counts_go_by_state(void **state)
{
	struct shop *shop = *state;
	struct message_row *rows = NULL;
	struct message_counts counts;
	size_t count = 0;
	int64_t ids[N], m[N];

	shop_begin(shop);
	issue(shop, ids, N);
	for (int i = 0; i < N; i++) {
		char name[4] = {'V', (char)('1' + i), '\0'};

		m[i] = shop_message(shop, name, ids + i, 1);
		if (i > 0)
			move(shop, m[i], MESSAGE_SENT);
	}
	move(shop, m[2], MESSAGE_UNKNOWN);
	move(shop, m[3], MESSAGE_ANSWERED);
	move(shop, m[4], MESSAGE_REFUSED);
	shop_commit(shop);
	must(shop, store_message_count(shop->store, &counts, &shop->fault));
	assert_int_equal(counts.made, 1);
	assert_int_equal(counts.sent, 1);
	assert_int_equal(counts.unknown, 1);
	assert_int_equal(counts.answered, 1);
	assert_int_equal(counts.refused, 1);
	must(shop, store_message_list(shop->store, true, 100, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 3);
	assert_int_equal(rows[0].id, m[2]);
	assert_null(rows[0].head);
	must(shop, store_message_list(shop->store, false, 4, shop->arena, &rows, &count, &shop->fault));
	assert_int_equal(count, 4);
	assert_int_equal(rows[0].id, m[4]);
	assert_string_equal(rows[0].message_id, "V5");
}

struct answers {
	char text[100];
};

static int read_answer(
	void *context, int64_t message, int type, bool is_believed, const void *raw, size_t len, struct fault *fault)
{
	struct answers *answers = context;
	size_t used = strlen(answers->text);

	(void)fault;
	snprintf(answers->text + used, sizeof(answers->text) - used, "%d %d %d %.*s;", (int)message, type, is_believed,
		(int)len, (const char *)raw);
	return 0;
}

static void answers_are_kept_as_received(void **state)
{
	struct shop *shop = *state;
	struct answers answers = {""};
	int64_t ids[1], id;

	shop_begin(shop);
	issue(shop, ids, 1);
	id = shop_message(shop, "V1", ids, 1);
	must(shop, store_verdict_add(shop->store, id, SHOP_NOW, 999, true, "taken", "<a/>", 4, &shop->fault));
	must(shop, store_verdict_add(shop->store, 0, SHOP_NOW, 204, false, "of no message", "", 0, &shop->fault));
	shop_commit(shop);
	must(shop, store_verdict_each(shop->store, read_answer, &answers, &shop->fault));
	assert_string_equal(answers.text, "1 999 1 <a/>;0 204 0 ;");
}

static void the_newest_believed_answer_of_a_type_is_found(void **state)
{
	struct shop *shop = *state;
	struct bytes raw = {.max = 1000};

	assert_int_equal(store_verdict_last(shop->store, 204, &raw, &shop->fault), STORE_NONE);
	shop_begin(shop);
	must(shop, store_verdict_add(shop->store, 0, SHOP_NOW, 204, true, "", "<old/>", 6, &shop->fault));
	must(shop, store_verdict_add(shop->store, 0, SHOP_NOW, 204, true, "", "<new/>", 6, &shop->fault));
	must(shop, store_verdict_add(shop->store, 0, SHOP_NOW, 204, false, "forged", "<forged/>", 9, &shop->fault));
	must(shop, store_verdict_add(shop->store, 0, SHOP_NOW, 999, true, "", "<taken/>", 8, &shop->fault));
	shop_commit(shop);
	must(shop, store_verdict_last(shop->store, 204, &raw, &shop->fault));
	assert_string_equal((char *)raw.data, "<new/>");
	bytes_done(&raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(a_message_comes_back_as_it_was_put),
		SHOP_TEST(an_invoice_that_does_not_wait_is_a_conflict_and_leaves_nothing),
		SHOP_TEST(every_move_is_made_or_refused_as_the_table_says),
		SHOP_TEST(a_move_writes_every_time_counter_and_text),
		SHOP_TEST(first_submissions_are_due_before_questions),
		SHOP_TEST(a_message_that_may_still_be_accepted_keeps_its_invoices),
		SHOP_TEST(a_refused_message_is_halved),
		SHOP_TEST(invoices_of_a_message_are_walked_in_their_order),
		SHOP_TEST(changed_bytes_are_never_handed_out),
		SHOP_TEST(an_earlier_unknown_message_is_remembered_for_its_invoices),
		SHOP_TEST(lists_and_counts_go_by_state),
		SHOP_TEST(answers_are_kept_as_received),
		SHOP_TEST(the_newest_believed_answer_of_a_type_is_found),
	};

	return cmocka_run_group_tests_name("messages", tests, NULL, NULL);
}
