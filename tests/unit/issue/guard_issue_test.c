/* guard_issue: what a till may rely on, checked against the file on the disk. Most tests here kill a patch of tests/mutants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/digest.h"
#include "issue/issue.h"
#include "store/paper.h"
#include "../seller.h"

#define NOW	     INT64_C(1795327200000) /* 2026-11-22T13:00:00+07:00 */
#define NEW_YEAR_ICT INT64_C(1798736400000) /* 2027-01-01T00:00:00+07:00 = 2026-12-31T17:00:00Z */
#define SLOTS_MAX    16

/* A shop whose issuer runs in the test's own thread: what is put is worked off by run(). */
struct shop {
	char dir[64], clock_file[96], key_file[96], db[96];
	struct clock clock;
	struct till till;
	struct config config;
	struct calendar calendar;
	struct ecsign_key *ledger_key;
	struct issuer_settings settings;
	struct store *store;
	struct fault fault;
	struct key key;	      /* ops NULL = invoices have no signature of their own */
	atomic_int begun;     /* signatures */
	atomic_int told;      /* answers */
	int64_t last_counter; /* answers come in the order of the codes */
	struct slot *slots[SLOTS_MAX];
	size_t count, answered;
	int64_t committed_when_answered; /* invoices that another program saw in the file at the last answer */
};

static void write_clock(struct shop *shop, int64_t wall, int64_t mono, const char *who)
{
	FILE *file = fopen(shop->clock_file, "w");

	assert_non_null(file);
	fprintf(file, "=%lld =%lld %s\n", (long long)wall, (long long)mono, who);
	fclose(file);
}

static void set_clock(struct shop *shop, int64_t ms)
{
	write_clock(shop, ms, ms, "");
}

/* One number out of the file, as another program sees it: only what was committed. */
static int64_t number_of(const struct shop *shop, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int64_t number = -1;

	assert_int_equal(sqlite3_open(shop->db, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	if (sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return number;
}

static void change(const struct shop *shop, const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(shop->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void name_files(struct shop *shop)
{
	strcpy(shop->dir, "/tmp/hoadon-issue-XXXXXX");
	assert_non_null(mkdtemp(shop->dir));
	snprintf(shop->clock_file, sizeof(shop->clock_file), "%s/clock", shop->dir);
	snprintf(shop->key_file, sizeof(shop->key_file), "%s/ledger.key", shop->dir);
	snprintf(shop->db, sizeof(shop->db), "%s/current.db", shop->dir);
}

static int set_up(void **state)
{
	struct shop *shop = calloc(1, sizeof(*shop));

	assert_non_null(shop);
	name_files(shop);
	set_clock(shop, NOW);
	shop->clock.test_file = shop->clock_file;
	shop->till.id = "T01";
	shop->config.seller = seller_with(&shop->till, 1);
	shop->config.refused_frames_max = 3;
	shop->config.checkpoint_every_ms = 60000;
	assert_int_equal(ecsign_load_or_make(shop->key_file, &shop->ledger_key, &shop->fault), 0);
	assert_int_equal(store_open(shop->dir, STORE_WRITE, &shop->clock, "9900000016", &shop->store, &shop->fault), 0);
	shop->settings = (struct issuer_settings){.config = &shop->config,
		.clock = &shop->clock,
		.calendar = &shop->calendar,
		.ledger_key = shop->ledger_key};
	*state = shop;
	return 0;
}

static int tear_down(void **state)
{
	struct shop *shop = *state;
	char command[96];

	for (size_t i = 0; i < shop->count; i++)
		slot_free(shop->slots[i]);
	store_close(shop->store);
	bytes_done(&shop->key.certificate.der);
	ecsign_free(shop->ledger_key);
	snprintf(command, sizeof(command), "rm -rf %s", shop->dir);
	assert_int_equal(system(command), 0);
	free(shop);
	return 0;
}

static void on_done(struct slot *slot)
{
	struct shop *shop = slot->owner;

	shop->answered++;
	if (slot->has_invoice && !slot->is_replay)
		assert_true(slot->counter > shop->last_counter);
	shop->last_counter = slot->is_written ? slot->counter : 0;
	shop->committed_when_answered = number_of(shop, "SELECT count(*) FROM invoice");
	atomic_fetch_add(&shop->told, 1);
}

static struct slot *add_slot(struct shop *shop, const char *frame)
{
	struct slot *slot = slot_new();

	assert_non_null(slot);
	assert_true(shop->count < SLOTS_MAX);
	slot->wish = SLOT_SALE;
	slot->source = "http";
	slot->dialect = "json";
	slot->frame = frame;
	slot->frame_len = strlen(frame);
	slot->received_at = clock_now_ms(&shop->clock);
	slot->done = on_done;
	slot->owner = shop;
	shop->slots[shop->count++] = slot;
	return slot;
}

/* What capture/intake makes of a bill with one line of @amount đồng at 10 %, VAT inside. */
static struct slot *add_sale(struct shop *shop, const char *bill_no, int64_t amount)
{
	struct slot *slot = add_slot(shop, "{\"bill\":1}");
	struct sale_line *line = ARENA_ARRAY(slot->arena, struct sale_line, 1);

	assert_non_null(line);
	*line = (struct sale_line){.kind = LINE_GOODS,
		.name = "Bia lon 330 ml",
		.qty = {1, 0},
		.unit_price = {amount, 0},
		.amount = amount,
		.rate = VAT_10};
	slot->has_sale = true;
	slot->sale = (struct sale){.till_id = "T01",
		.bill_no = arena_printf(slot->arena, "%s", bill_no),
		.kind = SALE_KIND_SALE,
		.sold_at = slot->received_at,
		.business_day = clock_day(slot->received_at),
		.is_vat_included = true,
		.lines = line,
		.line_count = 1,
		.total = amount};
	assert_int_equal(sale_digest(&slot->sale, slot->digest, &shop->fault), 0);
	assert_int_equal(
		invoice_from_sale(&slot->sale, &shop->config.seller, slot->arena, &slot->invoice, &slot->problem), 0);
	return slot;
}

/* Everything put since the last run(), by an issuer of its own, as after a restart. */
static void run(struct shop *shop, size_t first)
{
	CLEANUP(issuer_freep) struct issuer *issuer = NULL;
	size_t answered = shop->answered;

	if (issuer_new(&shop->settings, shop->store, &issuer, &shop->fault) < 0)
		fail_msg("%s", shop->fault.text);
	for (size_t i = first; i < shop->count; i++)
		assert_int_equal(issuer_put(issuer, shop->slots[i]), 0);
	issuer_stop(issuer);
	issuer_run(issuer);
	assert_int_equal(shop->answered - answered, shop->count - first);
}

static struct slot *sell(struct shop *shop, const char *bill_no, int64_t amount)
{
	struct slot *slot = add_sale(shop, bill_no, amount);

	run(shop, shop->count - 1);
	return slot;
}

/* House section 2, step 9: after COMMIT, never before. */
static void a_till_is_answered_only_after_its_commit(void **state)
{
	struct shop *shop = *state;
	struct slot *slot = sell(shop, "HD1", 110000);

	assert_int_equal(slot->problem.code, PROBLEM_NONE);
	assert_true(slot->is_written);
	assert_int_equal(slot->number, 1);
	assert_int_equal(shop->committed_when_answered, 1);
}

/* law R-NUM-1 and R-CODE-3: no gap, no repetition, also over restarts. */
static void numbers_and_codes_go_up_by_one(void **state)
{
	struct shop *shop = *state;
	char code[CODE_LEN + 1];

	add_sale(shop, "HD1", 1000);
	add_sale(shop, "HD2", 2000);
	add_sale(shop, "HD3", 3000);
	run(shop, 0);
	sell(shop, "HD4", 4000);
	for (int i = 0; i < 4; i++) {
		snprintf(code, sizeof(code), "M1-26-VD7K2-%011d", 100000001 + i);
		assert_string_equal(shop->slots[i]->serial, "C26MAA");
		assert_int_equal(shop->slots[i]->number, i + 1);
		assert_string_equal(shop->slots[i]->code, code);
	}
	assert_int_equal(number_of(shop, "SELECT count(DISTINCT number) FROM invoice"), 4);
}

/* law R-NY-1 and R-NY-2: the local day decides; the number begins again, the code counter goes on. */
static void at_new_year_the_serial_changes_and_the_code_counter_goes_on(void **state)
{
	struct shop *shop = *state;
	struct slot *slot;

	set_clock(shop, NEW_YEAR_ICT - 1000);
	assert_string_equal(sell(shop, "HD1", 1000)->serial, "C26MAA");
	set_clock(shop, NEW_YEAR_ICT);
	slot = sell(shop, "HD2", 1000);
	assert_string_equal(slot->serial, "C27MAA");
	assert_int_equal(slot->number, 1);
	assert_string_equal(slot->code, "M1-27-VD7K2-00100000002");
}

/* law R-NUM-3. */
static void a_clock_that_went_back_issues_nothing(void **state)
{
	struct shop *shop = *state;
	struct slot *slot;

	sell(shop, "HD1", 1000);
	set_clock(shop, NOW - 5000);
	assert_int_equal(sell(shop, "HD2", 1000)->issued_at, NOW);
	set_clock(shop, NOW - 5001);
	slot = sell(shop, "HD3", 1000);
	assert_int_equal(slot->problem.code, PROBLEM_CLOCK_BACK);
	assert_int_equal(slot->state, SALE_STATE_PARKED);
	assert_false(slot->has_invoice);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice"), 2);
}

/* law R-TIME-1: last trusted + monotonic, flagged in the invoice row and the ledger; nothing of it once the clock is right. */
static void a_jump_ahead_issues_at_the_believed_time_and_says_so(void **state)
{
	struct shop *shop = *state;
	struct slot *slot;

	sell(shop, "HD1", 1000);
	write_clock(shop, NOW + 60000 + INT64_C(86400000), NOW + 60000, "?");
	slot = sell(shop, "HD2", 1000);
	assert_int_equal(slot->issued_at, NOW + 60000);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice WHERE time_state = 'ahead'"), 1);
	write_clock(shop, NOW + 120000, NOW + 120000, "?");
	assert_int_equal(sell(shop, "HD3", 1000)->issued_at, NOW + 120000);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice WHERE time_state = 'proven'"), 2);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM ledger WHERE event = 'clock-jump'"), 2);
}

/* law, section 21; R-NY-6: after a power-off a new year needs a proof. */
static void an_unproven_new_year_parks_the_sale(void **state)
{
	struct shop *shop = *state;
	struct slot *slot;

	sell(shop, "HD1", 1000);
	write_clock(shop, NEW_YEAR_ICT, 1000, "?");
	slot = sell(shop, "HD2", 1000);
	assert_int_equal(slot->problem.code, PROBLEM_CLOCK_UNPROVEN);
	assert_int_equal(slot->state, SALE_STATE_PARKED);
	write_clock(shop, NOW - 86400000, 2000, "?");
	assert_int_equal(sell(shop, "HD3", 1000)->problem.code, PROBLEM_CLOCK_BACK);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice"), 1);
}

/* house 8.10: a till that lost our answer asks again and gets the same one. */
static void the_same_bill_again_gets_the_same_invoice(void **state)
{
	struct shop *shop = *state;
	struct slot *first = add_sale(shop, "HD1", 1000), *at_once = add_sale(shop, "HD1", 1000);
	struct slot *later;

	run(shop, 0);
	later = sell(shop, "HD1", 1000);
	for (int i = 0; i < 2; i++) {
		struct slot *again = i ? later : at_once;

		assert_int_equal(again->problem.code, PROBLEM_NONE);
		assert_true(again->is_replay);
		assert_int_equal(again->number, first->number);
		assert_string_equal(again->code, first->code);
		assert_string_equal(again->qr, first->qr);
		assert_string_equal(again->ledger_tail, first->ledger_tail);
	}
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice"), 1);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM sale"), 1);
}

static void another_content_under_a_bill_number_is_a_conflict(void **state)
{
	struct shop *shop = *state;

	sell(shop, "HD1", 1000);
	assert_int_equal(sell(shop, "HD1", 2000)->problem.code, PROBLEM_SALE_DUPLICATE);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM sale"), 1);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice"), 1);
}

/* A key of the till stands for one content, whatever bill number comes with it. */
static void an_idempotency_key_stands_for_one_content(void **state)
{
	struct shop *shop = *state;
	struct slot *slot = add_sale(shop, "HD1", 1000);

	slot->idempotency_key = "k-1";
	run(shop, 0);
	assert_int_equal(slot->problem.code, PROBLEM_NONE);
	slot = add_sale(shop, "HD2", 1000);
	slot->idempotency_key = "k-1";
	run(shop, 1);
	assert_int_equal(slot->problem.code, PROBLEM_IDEMPOTENCY_MISMATCH);
	slot = add_sale(shop, "HD1", 1000);
	slot->idempotency_key = "k-1";
	run(shop, 2);
	assert_int_equal(slot->problem.code, PROBLEM_NONE);
	assert_true(slot->is_replay);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice"), 1);
}

/* Garbage from a door must not fill the disk; the newest stay for whoever looks for the cause. */
static void of_refused_frames_only_the_newest_are_kept(void **state)
{
	struct shop *shop = *state;
	static const char *const frames[] = {"{1", "{2", "{3", "{4", "{5", "{6"};

	sell(shop, "HD1", 1000);
	for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
		struct slot *slot = add_slot(shop, frames[i]);

		problem_set(&slot->problem, PROBLEM_JSON_SYNTAX, "%s", "");
		run(shop, shop->count - 1);
	}
	assert_int_equal(number_of(shop, "SELECT count(*) FROM frame WHERE state = 'refused'"), 3);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM frame WHERE state = 'decoded'"), 1);
	/* each of them is in the ledger for ever */
	assert_int_equal(number_of(shop, "SELECT count(*) FROM ledger WHERE event = 'frame-refused'"), 6);
}

/* The disk says no in the middle of a batch: both tills hear it, and the numbers are not lost. */
static void what_was_not_committed_is_told_and_leaves_no_gap(void **state)
{
	struct shop *shop = *state;

	change(shop, "CREATE TRIGGER no_second BEFORE INSERT ON invoice WHEN NEW.number = 2 "
		     "BEGIN SELECT RAISE(ABORT, 'no'); END");
	add_sale(shop, "HD1", 1000);
	add_sale(shop, "HD2", 1000);
	run(shop, 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(shop->slots[i]->problem.code, PROBLEM_STORE_DOWN);
		assert_false(shop->slots[i]->is_written);
		/* the first was written before the second failed: a number in the answer would be a lie */
		assert_false(shop->slots[i]->has_invoice);
		/* nor a sale's id: a folder would move its file to done/ though nothing keeps the sale */
		assert_int_equal(shop->slots[i]->sale_id, 0);
	}
	assert_int_equal(number_of(shop, "SELECT count(*) FROM sale"), 0);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM ledger WHERE event = 'issued'"), 0);
	change(shop, "DROP TRIGGER no_second");
	assert_int_equal(sell(shop, "HD1", 1000)->number, 1);
	assert_int_equal(sell(shop, "HD2", 1000)->number, 2);
}

static void every_invoice_names_its_own_record(void **state)
{
	struct shop *shop = *state;

	add_sale(shop, "HD1", 1000);
	add_sale(shop, "HD2", 1000);
	run(shop, 0);
	assert_int_equal(number_of(shop, "SELECT count(DISTINCT l.seq) FROM invoice i JOIN ledger l "
					 "ON l.seq = i.ledger_seq AND l.event = 'issued'"),
		2);
}

/* A person decides once: what is issued is not issued again by a second click. */
static void only_a_parked_sale_can_be_decided(void **state)
{
	struct shop *shop = *state;
	int64_t id = sell(shop, "HD1", 1000)->sale_id;
	struct slot *slot = add_sale(shop, "HD1", 1000);

	slot->wish = SLOT_ISSUE;
	slot->sale_id = id;
	run(shop, 1);
	assert_int_equal(slot->problem.code, PROBLEM_STATE_CONFLICT);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice"), 1);
}

/* law R-RND-6: an invoice whose sums do not close is our bug; it is told, never sealed. */
static void sums_that_do_not_close_are_never_sealed(void **state)
{
	struct shop *shop = *state;
	struct slot *slot = add_sale(shop, "HD1", 11000);

	slot->invoice.vat += 1;
	run(shop, 0);
	assert_int_equal(slot->problem.code, PROBLEM_STORE_DOWN);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice"), 0);
	assert_int_equal(sell(shop, "HD1", 11000)->number, 1);
}

/* law R-CODE-3: a store keeps the block of codes it has leased. */
static void another_issuer_prefix_is_refused(void **state)
{
	struct shop *shop = *state;
	struct issuer *issuer = NULL;

	sell(shop, "HD1", 1000);
	shop->config.seller.issuer_prefix = 2;
	assert_int_equal(issuer_new(&shop->settings, shop->store, &issuer, &shop->fault), FAULT_CONFIG);
	assert_null(issuer);
}

/* ---- signing ---- */

/* A key whose first signature takes longest, so that others end before it. */
static int sign_slowly(void *state, const uint8_t (*digests)[32], size_t n, uint8_t (*sigs)[KEY_SIGNATURE_MAX],
	size_t *lens, struct fault *fault)
{
	struct shop *shop = state;

	(void)digests, (void)fault;
	assert_int_equal(n, 1);
	usleep(atomic_fetch_add(&shop->begun, 1) == 0 ? 50000 : 1000);
	memset(sigs[0], 7, 256);
	lens[0] = 256;
	return KEY_OK;
}

/* The second signature begins when the first sale is answered, those behind it when the second one is: each is committed alone. */
static int sign_in_turn(void *state, const uint8_t (*digests)[32], size_t n, uint8_t (*sigs)[KEY_SIGNATURE_MAX],
	size_t *lens, struct fault *fault)
{
	struct shop *shop = state;
	int before = atomic_load(&shop->begun);

	while (atomic_load(&shop->told) < (before < 2 ? before : 2))
		usleep(1000);
	return sign_slowly(state, digests, n, sigs, lens, fault);
}

static const struct key_ops slow_key = {.name = "slow", .sign = sign_slowly, .is_parallel = 1};
static const struct key_ops slow_token = {.name = "token", .sign = sign_slowly, .is_parallel = 0};
static const struct key_ops turn_token = {.name = "token", .sign = sign_in_turn, .is_parallel = 0};

static void use_key(struct shop *shop, const struct key_ops *ops)
{
	shop->key = (struct key){.ops = ops, .state = shop, .standing = KEY_OPEN};
	bytes_init(&shop->key.certificate.der, 64);
	bytes_text(&shop->key.certificate.der, "certificate");
	strcpy(shop->key.certificate.subject, "CN=Quán Ví Dụ");
	shop->settings.key = &shop->key;
	shop->config.seller.sign_each_invoice = true;
	shop->config.signer_threads = 4;
}

static void add_twelve(struct shop *shop)
{
	char bill_no[16];

	for (int i = 1; i <= 12; i++) {
		snprintf(bill_no, sizeof(bill_no), "HD%02d", i);
		add_sale(shop, bill_no, 1000 * i);
	}
}

static void check_order_of(const struct key_ops *ops, struct shop *shop)
{
	use_key(shop, ops);
	add_twelve(shop);
	run(shop, 0);
	for (int i = 0; i < 12; i++) {
		assert_int_equal(shop->slots[i]->number, i + 1);
		assert_true(shop->slots[i]->is_signed);
		assert_non_null(memmem(shop->slots[i]->xml.data, shop->slots[i]->xml.len, "<SignatureValue>", 16));
	}
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice WHERE is_signed = 1"), 12);
	assert_int_equal(number_of(shop, "SELECT max(number) FROM invoice"), 12);
}

/* Whichever signature is ready first: what is committed is signed, and numbers are committed and answered in order. */
static void signatures_may_end_in_any_order(void **state)
{
	check_order_of(&slow_key, *state);
}

static void a_token_signs_one_after_the_other(void **state)
{
	check_order_of(&slow_token, *state);
}

/* Numbers behind a COMMIT that failed were given to slots that are still being signed: they are given again, without a gap. */
static void a_failed_commit_takes_back_what_is_in_flight(void **state)
{
	struct shop *shop = *state;
	int32_t issued = 0;

	use_key(shop, &turn_token);
	change(shop,
		"CREATE TRIGGER no_second BEFORE INSERT ON invoice WHEN "
		"(SELECT bill_no FROM sale ORDER BY id DESC LIMIT 1) = 'HD02' BEGIN SELECT RAISE(ABORT, 'no'); END");
	add_twelve(shop);
	run(shop, 0);
	for (int i = 0; i < 12; i++) {
		if (shop->slots[i]->problem.code == PROBLEM_NONE)
			assert_int_equal(shop->slots[i]->number, ++issued);
		else
			assert_int_equal(shop->slots[i]->problem.code, PROBLEM_STORE_DOWN);
	}
	assert_int_equal(shop->slots[1]->problem.code, PROBLEM_STORE_DOWN);
	assert_int_equal(issued, 11);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice WHERE is_signed = 1"), issued);
	assert_int_equal(number_of(shop, "SELECT max(number) FROM invoice"), issued);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM ledger WHERE event = 'issued'"), issued);
}

/* ---- paper: kept as it came, then what was read from it ---- */

static int64_t keep(struct shop *shop, const char *paper, const char *till_id)
{
	struct slot *slot = add_slot(shop, paper);

	slot->wish = SLOT_KEEP;
	slot->source = "tcp";
	slot->dialect = "escpos";
	slot->till_id = till_id;
	run(shop, shop->count - 1);
	assert_int_equal(slot->problem.code, PROBLEM_NONE);
	assert_true(slot->is_written && slot->frame_id > 0 && !slot->sale_id && !slot->has_invoice);
	return slot->frame_id;
}

static struct slot *sell_from(struct shop *shop, int64_t origin_id, const char *bill_no, int64_t amount)
{
	struct slot *slot = add_sale(shop, bill_no, amount);

	slot->origin_id = origin_id;
	run(shop, shop->count - 1);
	return slot;
}

static void paper_is_kept_before_it_is_read(void **state)
{
	struct shop *shop = *state;
	int64_t first = keep(shop, "paper", "T01"), second = keep(shop, "more paper", "");

	assert_int_equal(
		number_of(shop, "SELECT count(*) FROM frame WHERE state = 'kept' AND source = 'tcp' AND dialect = "
				"'escpos'"),
		2);
	assert_int_equal(number_of(shop, "SELECT n FROM tally WHERE name = 'frame.kept'"), 2);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM frame WHERE till_id = 'T01'"), 1);
	const struct slot *slot = sell_from(shop, first, "B1", 22000);
	assert_true(slot->has_invoice);
	assert_int_equal(
		number_of(shop, "SELECT o.origin_id FROM frame_origin o JOIN sale s ON s.frame_id = o.frame_id WHERE "
				"s.bill_no = 'B1'"),
		first);
	assert_int_equal(number_of(shop, "SELECT id FROM frame WHERE state = 'kept'"), second);
	assert_int_equal(number_of(shop, "SELECT n FROM tally WHERE name = 'frame.kept'"), 1);
	/* Two sales of one paper, which stays until the last; then the paper of a bill that is there already: nothing is left to be read. */
	struct slot *more = add_sale(shop, "B2", 22000);
	more->origin_id = second;
	more->has_more = true;
	run(shop, shop->count - 1);
	assert_true(more->has_invoice);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM frame WHERE state = 'kept'"), 1);
	assert_true(sell_from(shop, second, "B3", 22000)->has_invoice);
	slot = sell_from(shop, keep(shop, "paper again", "T01"), "B1", 22000);
	assert_true(slot->is_replay && slot->has_invoice);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM frame WHERE state = 'kept'"), 0);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice"), 3);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM frame_origin"), 3);
}

/* Two equal bowls within a minute, or one bill printed twice: nobody can tell, so it is neither issued again nor forgotten. */
static void what_is_printed_again_waits_for_a_person(void **state)
{
	struct shop *shop = *state;
	int64_t paper = keep(shop, "two bowls", "T01");
	struct slot *slots[3] = {add_sale(shop, "~0123", 1000), add_sale(shop, "~0123", 1000)};

	slots[0]->origin_id = slots[1]->origin_id = paper;
	run(shop, 1);
	slots[2] = sell_from(shop, keep(shop, "a third", "T01"), "~0123", 1000);
	assert_int_equal(slots[0]->problem.code, PROBLEM_NONE);
	for (int i = 1; i < 3; i++) {
		assert_int_equal(slots[i]->problem.code, PROBLEM_BILL_NUMBER);
		assert_int_equal(slots[i]->state, SALE_STATE_PARKED);
		assert_true(slots[i]->is_written && !slots[i]->is_replay && slots[i]->sale_id != slots[0]->sale_id);
	}
	assert_int_equal(
		number_of(
			shop, "SELECT count(*) FROM sale WHERE state = 'parked' AND bill_no IN ('~0123.2', '~0123.3')"),
		2);
	/* A number of the till's own tells a copy; a till that hears an answer may ask again. */
	assert_true(sell_from(shop, paper, "HD9", 1000)->has_invoice);
	assert_true(sell_from(shop, paper, "HD9", 1000)->is_replay);
	assert_true(sell_from(shop, 0, "~0123", 1000)->is_replay);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM sale"), 4);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice"), 2);
	/* The person found two bowls. */
	slots[0] = add_sale(shop, "~0123", 1000);
	slots[0]->wish = SLOT_ISSUE;
	slots[0]->sale_id = slots[1]->sale_id;
	run(shop, shop->count - 1);
	assert_int_equal(slots[0]->state, SALE_STATE_ISSUED);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice"), 3);
}

/* Half a bill, or what a stranger printed, waits for a person and leaves its number to the bill. */
static void what_stands_apart_takes_no_number(void **state)
{
	struct shop *shop = *state;
	int64_t paper = keep(shop, "half", "T01");
	struct slot *half = add_sale(shop, "B1", 22000);

	half->origin_id = paper;
	half->is_unattended = half->is_apart = true;
	problem_set(&half->problem, PROBLEM_PAPER_PARTIAL, "%s", "");
	run(shop, shop->count - 1);
	assert_int_equal(half->state, SALE_STATE_PARKED);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM sale WHERE bill_no = '~' || frame_id"), 1);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM frame WHERE state = 'kept'"), 0);
	assert_true(sell_from(shop, keep(shop, "whole", "T01"), "B1", 22000)->has_invoice);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM sale WHERE bill_no = 'B1' AND state = 'issued'"), 1);
}

static struct slot *park_half(struct shop *shop, const char *bill_no, int64_t amount)
{
	int64_t paper = keep(shop, "half", "T01");
	struct slot *half = add_sale(shop, bill_no, amount);

	half->origin_id = paper;
	half->is_unattended = half->is_apart = true;
	problem_set(&half->problem, PROBLEM_PAPER_PARTIAL, "%s", "");
	run(shop, shop->count - 1);
	assert_int_equal(half->state, SALE_STATE_PARKED);
	return half;
}

/* What a person wishes about @parked. */
static struct slot *decide(struct shop *shop, const struct slot *parked, enum slot_wish wish)
{
	struct slot *slot = add_sale(shop, parked->sale.bill_no, parked->sale.total);

	slot->wish = wish;
	slot->sale_id = parked->sale_id;
	run(shop, shop->count - 1);
	return slot;
}

/* Issued, it has the number that it bears, so that whatever else comes of the bill finds it; once, whatever came first. */
static void what_stood_apart_is_the_bill_of_its_number(void **state)
{
	struct shop *shop = *state;
	const struct slot *half = park_half(shop, "B1", 22000), *other = park_half(shop, "B1", 33000);

	assert_true(decide(shop, half, SLOT_ISSUE)->has_invoice);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM sale WHERE bill_no = 'B1' AND revision = 1"), 1);
	assert_true(sell_from(shop, keep(shop, "whole", "T01"), "B1", 22000)->is_replay);
	const struct slot *refused = decide(shop, other, SLOT_ISSUE);
	assert_int_equal(refused->problem.code, PROBLEM_BILL_TAKEN);
	assert_string_equal(refused->problem.extra, "invoice 1C26MAA/1 of sale 1");
	assert_int_equal(
		number_of(shop, "SELECT count(*) FROM sale WHERE state = 'parked' AND bill_no = '~' || frame_id"), 1);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice"), 1);
	/* What came before a bill is linked to it; what a person dismissed does not hold its number. */
	struct slot *slip = add_sale(shop, "B2", 1000);
	slip->sale.kind = SALE_KIND_PRE_BILL;
	problem_set(&slip->problem, PROBLEM_KIND_KEPT, "%s", "");
	run(shop, shop->count - 1);
	half = park_half(shop, "B2", 22000);
	struct slot *own = add_sale(shop, "B2", 22000);
	problem_set(&own->problem, PROBLEM_CATALOGUE_UNKNOWN, "%s", "");
	run(shop, shop->count - 1);
	refused = decide(shop, half, SLOT_ISSUE);
	assert_int_equal(refused->problem.code, PROBLEM_BILL_TAKEN);
	assert_non_null(strstr(refused->problem.extra, "parked"));
	assert_int_equal(decide(shop, own, SLOT_IGNORE)->state, SALE_STATE_IGNORED);
	assert_true(decide(shop, half, SLOT_ISSUE)->has_invoice);
	assert_int_equal(
		number_of(shop, "SELECT count(*) FROM sale WHERE bill_no = 'B2' AND state = 'issued' AND revision = 2"),
		1);
	assert_int_equal(
		number_of(shop,
			"SELECT count(*) FROM sale_link l JOIN sale s ON s.id = l.sale_id WHERE s.state = 'issued'"),
		1);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice"), 2);
}

static void paper_is_counted(void **state)
{
	struct shop *shop = *state;
	struct slot *slot = add_sale(shop, "B1", 22000);
	int64_t count = 0;

	slot->wish = SLOT_COUNT;
	slot->paper = PAPER_NOT_KEPT;
	slot->paper_n = 3;
	run(shop, 0);
	assert_true(slot->is_written && !slot->has_invoice);
	assert_int_equal(store_paper_get(shop->store, PAPER_NOT_KEPT, &count, &shop->fault), 0);
	assert_int_equal(count, 3);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM sale"), 0);
}

static void another_bill_of_the_same_number_waits_for_a_person(void **state)
{
	struct shop *shop = *state;

	assert_true(sell_from(shop, keep(shop, "paper", "T01"), "B1", 22000)->has_invoice);
	const struct slot *slot = sell_from(shop, keep(shop, "other paper", "T01"), "B1", 33000);
	assert_int_equal(slot->problem.code, PROBLEM_SALE_DUPLICATE);
	assert_int_equal(
		number_of(shop, "SELECT count(*) FROM sale WHERE state = 'parked' AND reason = 'sale.duplicate' AND "
				"bill_no = 'B1.2'"),
		1);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM frame WHERE state = 'decoded'"), 4);
	assert_int_equal(number_of(shop, "SELECT count(*) FROM invoice"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_till_is_answered_only_after_its_commit),
		TEST(numbers_and_codes_go_up_by_one),
		TEST(at_new_year_the_serial_changes_and_the_code_counter_goes_on),
		TEST(a_clock_that_went_back_issues_nothing),
		TEST(a_jump_ahead_issues_at_the_believed_time_and_says_so),
		TEST(an_unproven_new_year_parks_the_sale),
		TEST(the_same_bill_again_gets_the_same_invoice),
		TEST(what_is_printed_again_waits_for_a_person),
		TEST(another_content_under_a_bill_number_is_a_conflict),
		TEST(an_idempotency_key_stands_for_one_content),
		TEST(of_refused_frames_only_the_newest_are_kept),
		TEST(what_was_not_committed_is_told_and_leaves_no_gap),
		TEST(every_invoice_names_its_own_record),
		TEST(only_a_parked_sale_can_be_decided),
		TEST(sums_that_do_not_close_are_never_sealed),
		TEST(another_issuer_prefix_is_refused),
		TEST(signatures_may_end_in_any_order),
		TEST(a_token_signs_one_after_the_other),
		TEST(a_failed_commit_takes_back_what_is_in_flight),
		TEST(paper_is_kept_before_it_is_read),
		TEST(what_stands_apart_takes_no_number),
		TEST(what_stood_apart_is_the_bill_of_its_number),
		TEST(paper_is_counted),
		TEST(another_bill_of_the_same_number_waits_for_a_person),
	};

	return cmocka_run_group_tests_name("guard_issue", tests, NULL, NULL);
}
