/* Paper over a death of the process: kept, then sold from. Killed at each place of the store that this visits, there is one invoice in the end. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include "base/digest.h"
#include "issue/issue.h"
#include "store/frames.h"
#include "store/ledger.h"
#include "../seller.h"

#ifdef HOADON_FAILPOINTS

#define PAPER "\x1b@paper\x1dV"

struct shop {
	char clock_file[96], key_file[96];
	const char *dir;
	struct clock clock;
	struct till till;
	struct config config;
	struct calendar calendar;
	struct ecsign_key *ledger_key;
	struct issuer_settings settings;
	struct store *store;
	struct arena *arena;
};

static int open_shop(struct shop *shop, const char *dir, struct fault *fault)
{
	FILE *file;
	int result;

	*shop = (struct shop){.dir = dir, .till.id = "T01", .arena = arena_new(1 << 20)};
	snprintf(shop->clock_file, sizeof(shop->clock_file), "%s/clock", dir);
	snprintf(shop->key_file, sizeof(shop->key_file), "%s/ledger.key", dir);
	file = fopen(shop->clock_file, "w");
	if (!file || !shop->arena)
		return FAULT_MEMORY;
	fputs("=1795327200000 =1795327200000 \n", file); /* 2026-11-22T13:00:00+07:00 */
	fclose(file);
	shop->clock.test_file = shop->clock_file;
	shop->config.seller = seller_with(&shop->till, 1);
	shop->config.checkpoint_every_ms = 60000;
	shop->settings =
		(struct issuer_settings){.config = &shop->config, .clock = &shop->clock, .calendar = &shop->calendar};
	result = ecsign_load_or_make(shop->key_file, &shop->ledger_key, fault);
	shop->settings.ledger_key = shop->ledger_key;
	return result ? result : store_open(dir, STORE_WRITE, &shop->clock, SELLER, &shop->store, fault);
}

static void close_shop(struct shop *shop)
{
	store_close(shop->store);
	ecsign_free(shop->ledger_key);
	arena_free(shop->arena);
}

static void on_done(struct slot *slot)
{
	(void)slot;
}

static int work_off(struct shop *shop, struct slot *slot, struct fault *fault)
{
	CLEANUP(issuer_freep) struct issuer *issuer = NULL;
	int result = issuer_new(&shop->settings, shop->store, &issuer, fault);

	slot->source = "tcp";
	slot->received_at = clock_now_ms(&shop->clock);
	slot->done = on_done;
	if (result || issuer_put(issuer, slot))
		return result ? result : FAULT_BUG;
	issuer_stop(issuer);
	issuer_run(issuer);
	return slot->is_written ? 0 : FAULT_STORE;
}

static int keep(struct shop *shop, int64_t *ret_id, struct fault *fault)
{
	CLEANUP(slot_freep) struct slot *slot = slot_new();
	int result;

	slot->wish = SLOT_KEEP;
	slot->dialect = "escpos";
	slot->till_id = "T01";
	slot->frame = PAPER;
	slot->frame_len = sizeof(PAPER) - 1;
	result = work_off(shop, slot, fault);
	*ret_id = slot->frame_id;
	return result;
}

static int sell_from(struct shop *shop, int64_t origin_id, struct fault *fault)
{
	CLEANUP(slot_freep) struct slot *slot = slot_new();
	struct sale_line *line = ARENA_NEW(slot->arena, struct sale_line);

	*line = (struct sale_line){.kind = LINE_GOODS,
		.name = "Bia lon 330 ml",
		.qty = {1, 0},
		.unit_price = {22000, 0},
		.amount = 22000,
		.rate = VAT_10};
	slot->dialect = "json";
	slot->frame = "{}";
	slot->frame_len = 2;
	slot->origin_id = origin_id;
	slot->has_sale = true;
	slot->sale = (struct sale){.till_id = "T01",
		.bill_no = "B1",
		.kind = SALE_KIND_SALE,
		.sold_at = clock_now_ms(&shop->clock),
		.business_day = 20261122,
		.is_vat_included = true,
		.lines = line,
		.line_count = 1,
		.total = 22000};
	if (sale_digest(&slot->sale, slot->digest, fault) ||
		invoice_from_sale(&slot->sale, &shop->config.seller, slot->arena, &slot->invoice, &slot->problem))
		return FAULT_BUG;
	return work_off(shop, slot, fault);
}

/* As at a start: what is kept is sold from. Where nothing ever was kept, the till prints. */
static int take_up(struct shop *shop, struct fault *fault)
{
	struct frame_row *rows = NULL;
	size_t count = 0;
	int64_t id = 0;
	int result = store_frame_list(shop->store, -1, 1, shop->arena, &rows, &count, fault);

	if (result == 0 && count == 0)
		result = keep(shop, &id, fault);
	if (result == 0)
		result = store_frame_list(shop->store, FRAME_KEPT, 10, shop->arena, &rows, &count, fault);
	for (size_t i = 0; result == 0 && i < count; i++)
		result = sell_from(shop, rows[i].id, fault);
	return result;
}

/* A process of its own; its status as of waitpid(). */
static int live(const char *dir, const char *order, const char *log)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		struct fault fault = {0};
		struct shop shop;
		int result;

		if (order)
			setenv("HOADON_FAILPOINT", order, 1);
		if (log)
			setenv("HOADON_FAILPOINT_LOG", log, 1);
		result = open_shop(&shop, dir, &fault);
		if (result == 0)
			result = take_up(&shop, &fault);
		if (result)
			fprintf(stderr, "%s: %d %s\n", order ? order : "no order", result, fault.text);
		close_shop(&shop);
		_exit(result != 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static int64_t number_of(const char *dir, const char *sql)
{
	char path[96];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int64_t number = -1;

	snprintf(path, sizeof(path), "%s/current.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return number;
}

/* One paper, one sale that names it, one invoice, and their three records. */
static void check_books(const char *dir, const char *order)
{
	static const char *const ones[] = {"SELECT count(*) FROM invoice",
		"SELECT count(*) FROM frame WHERE dialect = 'escpos' AND state = 'decoded'",
		"SELECT count(*) FROM frame WHERE dialect = 'escpos'",
		"SELECT count(*) FROM frame WHERE dialect = 'json'",
		"SELECT count(*) FROM sale s JOIN frame_origin o ON o.frame_id = s.frame_id JOIN frame f ON f.id = "
		"o.origin_id WHERE f.dialect = 'escpos' AND s.state = 'issued'",
		"SELECT count(*) FROM ledger WHERE event = 'issued'", "SELECT max(number) FROM invoice",
		"SELECT n = 0 FROM tally WHERE name = 'frame.kept'",
		"SELECT n = 2 FROM tally WHERE name = 'frame.decoded'",
		"SELECT count(*) = 2 FROM ledger WHERE event = 'frame-kept'"};

	for (size_t i = 0; i < ARRAY_LEN(ones); i++)
		if (number_of(dir, ones[i]) != 1)
			fail_msg("killed at %s: %s: %lld", order, ones[i], (long long)number_of(dir, ones[i]));
	assert_int_equal(number_of(dir, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

static bool killed_at(const char *order)
{
	char dir[] = "/tmp/hoadon-paper-XXXXXX", command[96];
	int first;

	assert_non_null(mkdtemp(dir));
	first = live(dir, order, NULL);
	if (WIFSIGNALED(first))
		assert_int_equal(WTERMSIG(first), SIGKILL);
	else
		assert_int_equal(first, 0);
	assert_int_equal(live(dir, NULL, NULL), 0);
	check_books(dir, order);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
	return WIFSIGNALED(first);
}

static void killed_anywhere_there_is_one_invoice_of_one_paper(void **state)
{
	char dir[] = "/tmp/hoadon-paper-XXXXXX", log[96], name[80], order[96], command[96];
	int killed = 0;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(log, sizeof(log), "%s/log", dir);
	assert_int_equal(live(dir, NULL, log), 0);
	check_books(dir, "nowhere");
	FILE *file = fopen(log, "r");
	assert_non_null(file);
	while (fgets(name, sizeof(name), file)) {
		name[strcspn(name, "\n")] = '\0';
		/* behind each statement that writes paper, sale, invoice and their records */
		if (!strstr(name, "_add.after") && !strstr(name, "_move.after") && !strstr(name, "_origin.after") &&
			!strstr(name, "_put.after"))
			continue;
		snprintf(order, sizeof(order), "%s:1:kill", name);
		killed += killed_at(order);
	}
	fclose(file);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
	print_message("killed at %d places\n", killed);
	assert_true(killed > 15);
}

/* The COMMITs of the paper and of its sale, and the instant between them. */
static void killed_at_each_commit_and_between_both(void **state)
{
	char order[96];
	int killed = 0;

	(void)state;
	do
		snprintf(order, sizeof(order), "store.commit.%s:%d:kill", killed % 2 ? "after" : "before",
			killed / 2 + 1);
	while (killed_at(order) && ++killed < 40);
	print_message("killed at %d commits\n", killed);
	assert_true(killed >= 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_anywhere_there_is_one_invoice_of_one_paper),
		cmocka_unit_test(killed_at_each_commit_and_between_both),
	};

	return cmocka_run_group_tests_name("paper_crash", tests, NULL, NULL);
}

#else

static void failpoints_are_not_in_this_build(void **state)
{
	(void)state;
	skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failpoints_are_not_in_this_build),
	};

	return cmocka_run_group_tests_name("paper_crash", tests, NULL, NULL);
}

#endif
