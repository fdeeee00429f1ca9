/* What a day is judged by: what came, what it says, and when hoadond did not run. */
#include "shop.h"

#include "store/days.h"

#define MINUTE INT64_C(60000)
#define DAY    20261122

struct looked {
	struct missing_day day;
	struct missing *found;
	size_t count;
};

/* Sets frames that do not say "table" apart, and fails where the first byte says so. */
static int read_ticket(
	const char *dialect, const void *bytes, size_t len, struct arena *arena, struct missing_ticket *ret)
{
	if (strcmp(dialect, "json") != 0 || len == 0 || *(const char *)bytes == '!')
		return *(const char *)bytes == '!' ? FAULT_MEMORY : 1;
	ret->table = arena_copy(arena, bytes, len);
	return 0;
}

static void print(struct shop *shop, const char *number, enum sale_kind kind, const char *reason, const char *says)
{
	struct frame_row frame = {
		.source = "tcp", .dialect = "json", .till_id = "T01", .bytes = says, .len = strlen(says)};
	struct sale_row row = {.till_id = "T01",
		.bill_no = number,
		.business_day = DAY,
		.kind = kind,
		.revision = 1,
		.state = SALE_STATE_PARKED,
		.reason = reason,
		.total = 1000};

	frame.received_at = row.received_at = row.sold_at = clock_now_ms(&shop->clock);
	digest_sha256(frame.bytes, frame.len, frame.digest);
	shop_begin(shop);
	must(shop, store_frame_add(shop->store, &frame, &row.frame_id, &shop->fault));
	must(shop, store_sale_add(shop->store, &row, &row.id, &shop->fault));
	must(shop, store_commit(shop->store, &shop->fault));
}

static struct looked look(struct shop *shop)
{
	static const struct config config = {.port_count = 0};
	struct looked looked = {.day = {.day = DAY, .now_ms = SHOP_NOW + 24 * 60 * MINUTE}};

	must(shop, store_day_judge(shop->store, &config, read_ticket, shop->arena, &looked.day, &looked.found,
			   &looked.count, &shop->fault));
	return looked;
}

static void record(struct shop *shop, int minute, enum ledger_event event, int64_t alive_at)
{
	struct ledger_payload payload;

	shop_set_clock(shop, SHOP_NOW + minute * MINUTE);
	shop_begin(shop);
	ledger_payload_init(&payload);
	if (event == LEDGER_CRASH_FOUND)
		ledger_payload_int(&payload, "alive_at", alive_at);
	must(shop, ledger_append(shop->store, event, &payload, NULL, &shop->fault));
	must(shop, store_commit(shop->store, &shop->fault));
}

static void is_down(const struct looked *looked, size_t i, int from, int to)
{
	assert_true(i < looked->day.down_count);
	assert_int_equal((looked->day.downs[i].from - SHOP_NOW) / MINUTE, from);
	assert_int_equal((looked->day.downs[i].to - SHOP_NOW) / MINUTE, to);
}

static void hoadond_was_down_from_its_stop_or_last_sign_to_its_start(void **state)
{
	struct shop *shop = *state;
	struct looked looked;

	record(shop, 0, LEDGER_START, 0);
	record(shop, 10, LEDGER_STOP, 0);
	record(shop, 12, LEDGER_ADOPT, 0); /* a person's command */
	record(shop, 20, LEDGER_START, 0);
	record(shop, 30, LEDGER_SENT, 0);
	record(shop, 60, LEDGER_CRASH_FOUND, SHOP_NOW + 38 * MINUTE); /* it was alive behind its last record */
	record(shop, 60, LEDGER_START, 0);
	record(shop, 70, LEDGER_SENT, 0);
	record(shop, 90, LEDGER_UPGRADE, 0); /* the opening of the next one */
	record(shop, 90, LEDGER_CRASH_FOUND, 0);
	record(shop, 90, LEDGER_START, 0);
	looked = look(shop);
	assert_int_equal(looked.day.down_count, 3);
	is_down(&looked, 0, 10, 20);
	is_down(&looked, 1, 38, 60);
	is_down(&looked, 2, 70, 90);
}

static void what_was_going_on_at_midnight_is_known(void **state)
{
	struct shop *shop = *state;
	struct looked looked;

	record(shop, -26 * 60, LEDGER_START, 0);
	record(shop, -14 * 60, LEDGER_STOP, 0); /* 23:00 of the day before */
	record(shop, 0, LEDGER_START, 0);
	looked = look(shop);
	assert_int_equal(looked.day.down_count, 1);
	is_down(&looked, 0, -14 * 60, 0);
}

static void a_paper_says_its_table_where_the_day_has_slips(void **state)
{
	struct shop *shop = *state;
	struct looked looked;

	print(shop, "HD1", SALE_KIND_SALE, "", "ban 5");
	looked = look(shop);
	assert_int_equal(looked.day.paper_count, 1);
	assert_null(looked.day.papers[0].ticket.table);
	print(shop, "HD0", SALE_KIND_PRE_BILL, "", "ban 5");
	print(shop, "HD9", SALE_KIND_SALE, "peer.unknown", "ban 5"); /* nobody's */
	looked = look(shop);
	assert_int_equal(looked.day.paper_count, 2);
	assert_string_equal(looked.day.papers[0].ticket.table, "ban 5");
	assert_string_equal(looked.day.papers[1].bill_no, "HD0");
	assert_int_equal(looked.count, 0); /* a bill came less than five minutes before: it is of the same table */
}

static void a_failure_of_the_reading_is_told(void **state)
{
	static const struct config config = {.port_count = 0};
	struct shop *shop = *state;
	struct looked looked = {.day = {.day = DAY, .now_ms = SHOP_NOW}};

	print(shop, "HD1", SALE_KIND_PRE_BILL, "", "!");
	assert_int_equal(store_day_judge(shop->store, &config, read_ticket, shop->arena, &looked.day, &looked.found,
				 &looked.count, &shop->fault),
		FAULT_MEMORY);
	assert_string_not_equal(shop->fault.text, "");
}

static void hoadond_says_that_it_is_alive(void **state)
{
	struct shop *shop = *state;
	int64_t at = -1;

	must(shop, store_alive_get(shop->store, &at, &shop->fault));
	assert_int_equal(at, 0);
	must(shop, store_alive_put(shop->store, &shop->fault));
	shop_reopen(shop);
	must(shop, store_alive_get(shop->store, &at, &shop->fault));
	assert_int_equal(at, SHOP_NOW);
}

static void each_till_of_a_day_has_its_record(void **state)
{
	static const struct missing found[] = {
		{.kind = MISSING_GAP, .till_id = "T01", .count = 2},
		{.kind = MISSING_GAP, .till_id = "T01", .count = 1},
		{.kind = MISSING_SILENT, .till_id = "T02", .count = 4},
	};
	static const struct missing_till tills[] = {{"T01", 0, 0}, {"T02", 8, 12}, {"T03", 0, 0}};
	struct shop *shop = *state;
	struct looked looked;

	print(shop, "HD1", SALE_KIND_SALE, "", "x");
	print(shop, "HD2", SALE_KIND_SALE, "", "x");
	looked = look(shop);
	looked.day.tills = tills;
	looked.day.till_count = 3;
	shop_begin(shop);
	must(shop, store_day_record(shop->store, &looked.day, found, 3, &shop->fault));
	must(shop, store_commit(shop->store, &shop->fault));
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM ledger WHERE event = 'missing'"), 2);
}

static void set_reason(struct shop *shop, int32_t day, const struct missing *row, const char *reason)
{
	shop_begin(shop);
	must(shop, store_day_settle(shop->store, day, row, reason, &shop->fault));
	must(shop, store_commit(shop->store, &shop->fault));
}

static void what_a_person_said_stays_with_its_item_alone(void **state)
{
	static const char *const numbers[] = {"HD1", "HD2", "HD4", "HD5", "HD6", "HD9", "HD10"};
	struct shop *shop = *state;
	struct looked looked;

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		print(shop, numbers[i], SALE_KIND_SALE, "", "x");
	looked = look(shop);
	assert_int_equal(looked.count, 2);
	assert_null(looked.found[0].settled);
	set_reason(shop, DAY, &looked.found[0], "hủy");
	set_reason(shop, DAY, &looked.found[0], "bàn đã hủy");
	set_reason(shop, DAY - 1, &looked.found[1], "hôm khác");
	shop_reopen(shop);
	looked = look(shop);
	assert_string_equal(looked.found[0].settled, "bàn đã hủy");
	assert_null(looked.found[1].settled);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM ledger WHERE event = 'missing-settled'"), 3);
	set_reason(shop, DAY, &looked.found[1], "thử máy");
	print(shop, "HD7", SALE_KIND_SALE, "", "x"); /* a part of it came */
	looked = look(shop);
	assert_int_equal(looked.count, 2);
	assert_null(looked.found[1].settled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(hoadond_was_down_from_its_stop_or_last_sign_to_its_start),
		SHOP_TEST(what_was_going_on_at_midnight_is_known),
		SHOP_TEST(a_paper_says_its_table_where_the_day_has_slips),
		SHOP_TEST(a_failure_of_the_reading_is_told),
		SHOP_TEST(hoadond_says_that_it_is_alive),
		SHOP_TEST(each_till_of_a_day_has_its_record),
		SHOP_TEST(what_a_person_said_stays_with_its_item_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
