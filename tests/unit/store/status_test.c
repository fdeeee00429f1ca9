/* status: counts of one picture, and when a shop needs a look. Numbers are counted by hand from the rows each test adds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/file.h"
#include "store/frames.h"
#include "store/status.h"

#define NOW	 INT64_C(1795327200000)	   /* 2026-11-22T13:00:00+07:00, the clock of samples "hostile-api" */
#define DEADLINE (NOW + INT64_C(39599000)) /* 23:59:59 of the same local day: law R-SEND-1 */

struct place {
	char dir[64];
	char clock_file[80];
	struct clock clock;
	struct store *store;
	struct arena *arena;
};

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	struct fault fault = {0};
	char text[32];
	assert_non_null(place);
	strcpy(place->dir, "/tmp/hoadon-status-XXXXXX");
	assert_non_null(mkdtemp(place->dir));
	snprintf(place->clock_file, sizeof(place->clock_file), "%s/clock", place->dir);
	int n = snprintf(text, sizeof(text), "=%lld", (long long)NOW);
	assert_int_equal(file_write(place->clock_file, text, (size_t)n, 0600, &fault), 0);
	place->clock.test_file = place->clock_file;
	place->arena = arena_new(1u << 20);
	assert_non_null(place->arena);
	if (store_open(place->dir, STORE_WRITE, &place->clock, "9900000016", &place->store, &fault) < 0)
		fail_msg("%s", fault.text);
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	char command[128];
	store_close(place->store);
	arena_free(place->arena);
	snprintf(command, sizeof(command), "rm -rf '%s'", place->dir);
	assert_int_equal(system(command), 0);
	free(place);
	return 0;
}

static int64_t add_sale(struct store *store, const char *bill, enum sale_state state)
{
	struct fault fault = {0};
	struct frame_row frame = {.source = "http",
		.dialect = "json",
		.till_id = "T01",
		.received_at = NOW,
		.state = FRAME_DECODED,
		.reason = "",
		.bytes = "{}",
		.len = 2};
	int64_t frame_id = 0, id = 0;
	digest_sha256("{}", 2, frame.digest);
	assert_int_equal(store_frame_add(store, &frame, &frame_id, &fault), 0);
	struct sale_row sale = {.frame_id = frame_id,
		.till_id = "T01",
		.bill_no = bill,
		.business_day = 20261122,
		.kind = SALE_KIND_SALE,
		.revision = 1,
		.state = state,
		.sold_at = NOW,
		.received_at = NOW,
		.total = 108000,
		.reason = state == SALE_STATE_PARKED ? "rate.class" : "",
		.detail = ""};
	if (store_sale_add(store, &sale, &id, &fault) != 0)
		fail_msg("%s", fault.text);
	return id;
}

static int64_t add_invoice(struct store *store, int64_t sale_id, int32_t number, int64_t issued_at)
{
	struct fault fault = {0};
	char code[32];
	int64_t id = 0;
	snprintf(code, sizeof(code), "M1-26-VD7K2-001%08d", (int)number);
	struct invoice_row row = {.form = 1,
		.serial = "C26MAA",
		.number = number,
		.code = code,
		.issued_at = issued_at,
		.sold_at = issued_at,
		.deadline = DEADLINE,
		.net = 100000,
		.vat = 8000,
		.total = 108000,
		.refusal = "",
		.xml = "<HDon></HDon>",
		.xml_len = 13,
		.ledger_seq = 1};
	digest_sha256(row.xml, row.xml_len, row.digest);
	if (store_invoice_add(store, &row, sale_id, INVOICE_ROLE_ISSUES, &id, &fault) != 0)
		fail_msg("%s", fault.text);
	return id;
}

static int64_t add_message(struct store *store, int64_t invoice_id, const char *message_id)
{
	struct fault fault = {0};
	struct message_row row = {.message_id = message_id,
		.type = 206,
		.head = "<TDiep>",
		.signature = "<S></S>",
		.signature_len = 7,
		.count = 1,
		.bytes = 100,
		.made_at = NOW,
		.next_try_at = NOW,
		.route = "",
		.ref = "",
		.last_text = ""};
	int64_t id = 0;
	if (store_message_add(store, &row, &invoice_id, 1, &id, &fault) != 0)
		fail_msg("%s", fault.text);
	return id;
}

static struct status read_status(struct store *store)
{
	struct status status = {0};
	struct fault fault = {0};
	if (status_read(store, &status, &fault) != 0)
		fail_msg("%s", fault.text);
	return status;
}

static void a_new_store_has_nothing_but_its_first_record(void **state)
{
	struct place *place = *state;
	struct status status = read_status(place->store);
	assert_int_equal(status.sales.issued + status.sales.parked + status.sales.ignored + status.sales.received, 0);
	assert_int_equal(status.invoices.issued + status.invoices.accepted + status.invoices.refused, 0);
	assert_int_equal(status.invoices.oldest_open_at, 0);
	assert_int_equal(status.messages.made + status.messages.sent + status.messages.unknown, 0);
	assert_true(status.next_try_at == INT64_MAX);
	assert_int_equal(status.tasks, 0);
	assert_int_equal(status.tokens, 0);
	assert_int_equal(status.head.seq, 1); /* "begin" */
	assert_string_equal(status.seller, "9900000016");
	assert_int_equal(strlen(status.store), 32);
	assert_int_equal(status.epoch, 1);
	assert_int_equal(status_reasons(&status, NOW), 0);
}

static void every_row_is_counted_where_it_stands(void **state)
{
	struct place *place = *state;
	struct store *store = place->store;
	struct fault fault = {0};
	struct token_row token = {.name = "quay 1", .tills = "T01", .scopes = TOKEN_SALE, .made_at = NOW};
	struct task_row task = {.kind = "refused-invoice", .text = "20001", .made_at = NOW};
	uint8_t hash[32] = {7};
	int64_t token_id = 0;
	assert_int_equal(store_begin(store, &fault), 0);
	int64_t first = add_invoice(store, add_sale(store, "1", SALE_STATE_ISSUED), 1, NOW - 5000);
	add_invoice(store, add_sale(store, "2", SALE_STATE_ISSUED), 2, NOW - 4000);
	add_sale(store, "3", SALE_STATE_PARKED);
	add_sale(store, "4", SALE_STATE_PARKED);
	add_sale(store, "5", SALE_STATE_IGNORED);
	add_message(store, first, "V99000000230123456789ABCDEF0123456789ABCDEF");
	task.invoice_id = first;
	assert_int_equal(store_task_add(store, &task, &fault), 0);
	assert_int_equal(store_token_add(store, &token, hash, &token_id, &fault), 0);
	assert_int_equal(store_commit(store, &fault), 0);

	struct status status = read_status(store);
	assert_int_equal(status.sales.issued, 2);
	assert_int_equal(status.sales.parked, 2);
	assert_int_equal(status.sales.ignored, 1);
	assert_int_equal(status.invoices.issued, 2);
	assert_int_equal(status.invoices.waiting, 1);
	assert_int_equal(status.invoices.in_message, 1);
	assert_int_equal(status.invoices.total, 216000);
	assert_int_equal(status.invoices.oldest_open_at, NOW - 5000);
	assert_int_equal(status.invoices.oldest_deadline, DEADLINE);
	assert_int_equal(status.messages.made, 1);
	assert_int_equal(status.next_try_at, NOW);
	assert_int_equal(status.tasks, 1);
	assert_int_equal(status.tokens, 1);
	assert_int_equal(status_reasons(&status, NOW), STATUS_PARKED | STATUS_TASKS);
}

/* 40 % of the time from 13:00:00 to 23:59:59 is 15,839,600 ms; the message with the first of them is as unsent as the second is. */
static void the_oldest_unsent_invoice_has_used_a_part_of_its_time(void **state)
{
	struct place *place = *state;
	struct store *store = place->store;
	struct fault fault = {0};
	int64_t used = 7;
	assert_int_equal(store_invoice_used_percent(store, NOW, &used, &fault), 0);
	assert_int_equal(used, 0);
	assert_int_equal(store_begin(store, &fault), 0);
	int64_t first = add_invoice(store, add_sale(store, "1", SALE_STATE_ISSUED), 1, NOW);
	add_invoice(store, add_sale(store, "2", SALE_STATE_ISSUED), 2, NOW + 36000000);
	assert_int_equal(store_invoice_used_percent(store, NOW + 15839600, &used, &fault), 0);
	assert_int_equal(used, 40);
	add_message(store, first, "V99000000230123456789ABCDEF0123456789ABCDEF");
	assert_int_equal(store_commit(store, &fault), 0);
	assert_int_equal(store_invoice_used_percent(store, NOW + 15839600, &used, &fault), 0);
	assert_int_equal(used, 40);
	assert_int_equal(store_invoice_used_percent(store, DEADLINE, &used, &fault), 0);
	assert_int_equal(used, 100);
	assert_int_equal(read_status(store).used_percent, 0); /* a moment old */
}

static void a_reader_sees_only_what_was_committed(void **state)
{
	struct place *place = *state;
	CLEANUP(store_closep) struct store *reader = NULL;
	struct fault fault = {0};
	if (store_open(place->dir, STORE_READ, &place->clock, NULL, &reader, &fault) < 0)
		fail_msg("%s", fault.text);
	assert_int_equal(store_begin(place->store, &fault), 0);
	add_sale(place->store, "1", SALE_STATE_PARKED);
	assert_int_equal(read_status(reader).sales.parked, 0);
	assert_int_equal(store_commit(place->store, &fault), 0);
	assert_int_equal(read_status(reader).sales.parked, 1);
}

static void reading_leaves_no_transaction_open(void **state)
{
	struct place *place = *state;
	struct fault fault = {0};
	read_status(place->store);
	assert_int_equal(store_begin(place->store, &fault), 0);
	add_sale(place->store, "1", SALE_STATE_PARKED);
	assert_int_equal(store_commit(place->store, &fault), 0);
	assert_int_equal(read_status(place->store).sales.parked, 1);
}

/* Each reason alone, at the edge: 15 minutes are the brief of `hoadon status`, the deadline is law R-SEND-1. */
static void reasons_begin_at_their_edges(void **state)
{
	(void)state;
	struct status late = {.invoices = {.oldest_open_at = NOW, .oldest_deadline = DEADLINE}};
	assert_int_equal(status_reasons(&late, NOW + 15 * 60 * 1000), 0);
	assert_int_equal(status_reasons(&late, NOW + 15 * 60 * 1000 + 1), STATUS_LATE);
	assert_int_equal(status_reasons(&late, DEADLINE), STATUS_LATE);
	assert_int_equal(status_reasons(&late, DEADLINE + 1), STATUS_LATE | STATUS_OVERDUE);
	struct status parked = {.sales = {.parked = 1}}, task = {.tasks = 1}, unknown = {.messages = {.unknown = 1}};
	assert_int_equal(status_reasons(&parked, NOW), STATUS_PARKED);
	assert_int_equal(status_reasons(&task, NOW), STATUS_TASKS);
	assert_int_equal(status_reasons(&unknown, NOW), STATUS_UNKNOWN);
	static const int clock_reasons[TIME_STATE_COUNT] = {
		[TIME_AHEAD] = STATUS_CLOCK, [TIME_BEHIND] = STATUS_CLOCK, [TIME_NEW_YEAR] = STATUS_CLOCK};
	for (int i = 0; i < TIME_STATE_COUNT; i++) {
		const struct status timed = {.time = {.state = (enum time_state)i}};
		assert_int_equal(status_reasons(&timed, NOW), clock_reasons[i]);
	}
}

static void answered_and_sent_alone_are_no_reason(void **state)
{
	(void)state;
	struct status status = {.sales = {.issued = 9, .ignored = 3},
		.invoices = {.accepted = 9, .last_accepted_at = NOW},
		.messages = {.sent = 1, .answered = 4, .refused = 1}};
	assert_int_equal(status_reasons(&status, NOW + INT64_C(864000000)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_new_store_has_nothing_but_its_first_record, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_row_is_counted_where_it_stands, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_oldest_unsent_invoice_has_used_a_part_of_its_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reader_sees_only_what_was_committed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reading_leaves_no_transaction_open, set_up, tear_down),
		cmocka_unit_test(reasons_begin_at_their_edges),
		cmocka_unit_test(answered_and_sent_alone_are_no_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
