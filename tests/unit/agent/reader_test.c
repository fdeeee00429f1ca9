/* hoadond's end of hoadon-reader: the real process, one that lies, one that is silent. This program is the lying one too, under its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "reader.h"

#define NOON	 INT64_C(1795327200000)
#define STUCK_MS 300

static const char bill[] = "\x1b@\x10\x04\x01HOA DON\nSo HD: 7\nNgay: 22/11/2026 12:35\nPho bo   2 x 65.000 = 130.000\n"
			   "Tong cong   130.000\n\n\x1dV\x00";
#define CUT_AT	 (sizeof(bill) - 4)
#define BILL_LEN (sizeof(bill) - 1)

/* ---- the process that lies: what it does stands in the name of the till ---- */

static void say(struct bytes *out)
{
	while (out->len > 0 && write(0, out->data, out->len) == (ssize_t)out->len)
		bytes_clear(out);
}

static void tell(struct bytes *out, enum link_kind kind, uint32_t stream, uint64_t a)
{
	link_put(out, &(struct link_message){kind, stream, a, 0, NULL, 0});
}

/* After the first bytes of stream 1 came. */
static void lie(const char *what, uint64_t fed, struct bytes *out)
{
	static const struct print_state state = {.page = PRINT_PAGE_NONE, .width = 1, .height = 1};
	struct link_receipt receipt = {0, fed, "{}", 2, PROBLEM_NONE, "", false, false, false};

	if (strcmp(what, "beyond") == 0)
		tell(out, LINK_SEEN, 1, fed + 1);
	else if (strcmp(what, "stranger") == 0)
		tell(out, LINK_SEEN, 2, 0);
	else if (strcmp(what, "twice") == 0)
		tell(out, LINK_SEEN, 1, fed), tell(out, LINK_SEEN, 1, fed);
	else if (strcmp(what, "ready") == 0)
		tell(out, LINK_READY, 0, 0);
	else if (strcmp(what, "unasked") == 0)
		tell(out, LINK_ENDED, 1, 0);
	else if (strcmp(what, "long-cut") == 0)
		link_put_cut(out, 1, fed - 1, 2, &state);
	else if (strcmp(what, "old-cut") == 0)
		link_put_cut(out, 1, fed - 1, 1, &state), link_put_cut(out, 1, fed - 2, 1, &state);
	else if (strcmp(what, "seen-cut") == 0)
		tell(out, LINK_SEEN, 1, fed), link_put_cut(out, 1, fed - 1, 1, &state);
	else if (strcmp(what, "asked-nothing") == 0)
		tell(out, LINK_ASKED, 1, fed);
	else if (strcmp(what, "asked-beyond") == 0)
		link_put(out, &(struct link_message){LINK_ASKED, 1, fed + 1, 0, "\x10\x04\x01", 3});
	else if (strcmp(what, "old-receipt") == 0)
		link_put_receipt(out, 1, &receipt), link_put_receipt(out, 1, &receipt);
	else if (strcmp(what, "far-receipt") == 0)
		receipt.to = fed + 1, link_put_receipt(out, 1, &receipt);
	else if (strcmp(what, "noise") == 0)
		bytes_text(out, "\xff\xff\xff");
	else if (strcmp(what, "exit") == 0)
		_exit(3);
	say(out);
}

static int fake_reader(void)
{
	struct bytes out = {.max = 1 << 20};
	struct link link = {.at = 0};
	struct link_message message;
	char what[32] = "";
	char bytes[4096];
	ssize_t n;

	while ((n = read(0, bytes, sizeof(bytes))) > 0 && link_add(&link, bytes, (size_t)n) == 0) {
		while (link_next(&link, LINK_HOADOND, &message) == LINK_TAKEN) {
			if (message.kind == LINK_TILL)
				memcpy(what, message.bytes, message.len < 31 ? message.len : 31);
			if (message.kind == LINK_START && strcmp(what, "early") == 0)
				tell(&out, LINK_SEEN, 1, 0);
			else if (message.kind == LINK_START)
				tell(&out, LINK_READY, 0, 0);
			say(&out);
			if (message.kind == LINK_START && strcmp(what, "deaf") == 0)
				pause();
			if (message.kind == LINK_FEED)
				lie(what, message.b + message.len, &out);
		}
	}
	return 0;
}

/* ---- hoadond ---- */

struct lab {
	struct loop *loop;
	struct reader *reader;
	struct reader_settings settings;
	struct bytes profile;
	char path[4096];
	int seen, cuts, asked, receipts, ended, gone, ticks;
	uint64_t seen_at, cut_at, from, to;
	char sale[2000];
	int wanted_gone, wanted_ended; /* the loop ends with these */
	bool wants_to_begin;	       /* and with a stream that began */
};

static void look(struct lab *lab)
{
	if ((lab->wanted_gone && lab->gone >= lab->wanted_gone) ||
		(lab->wanted_ended && lab->ended >= lab->wanted_ended))
		loop_stop(lab->loop);
}

static void on_seen(void *context, uint32_t stream, uint64_t offset)
{
	struct lab *lab = context;

	assert_int_equal(stream, 1);
	lab->seen++;
	lab->seen_at = offset;
}

static void on_cut(void *context, uint32_t stream, uint64_t offset, uint64_t length, const struct print_state *state)
{
	struct lab *lab = context;

	assert_int_equal(stream, 1);
	assert_true(length > 0 && state->width >= 1);
	lab->cuts++;
	lab->cut_at = offset;
}

static void on_asked(void *context, uint32_t stream, const uint8_t *command, size_t len)
{
	struct lab *lab = context;

	assert_int_equal(stream, 1);
	assert_int_equal(len, 3);
	assert_memory_equal(command, "\x10\x04\x01", len);
	lab->asked++;
}

static void on_receipt(void *context, uint32_t stream, const struct link_receipt *receipt)
{
	struct lab *lab = context;

	assert_int_equal(stream, 1);
	lab->receipts++;
	lab->from = receipt->from;
	lab->to = receipt->to;
	snprintf(lab->sale, sizeof(lab->sale), "%s", receipt->sale);
}

static void on_ended(void *context, uint32_t stream)
{
	struct lab *lab = context;

	assert_int_equal(stream, 1);
	lab->ended++;
	look(lab);
}

static void on_gone(void *context)
{
	struct lab *lab = context;

	lab->gone++;
	assert_int_equal(reader_feed(lab->reader, 1, NOON, "x", 1), READER_AWAY);
	look(lab);
}

/* Nothing here waits for a time; this is the limit of a machine that is busy. */
static int on_tick(void *context, uint32_t events, struct fault *fault)
{
	struct lab *lab = context;

	(void)events;
	(void)fault;
	assert_true(lab->ticks++ < 450);
	if (lab->wants_to_begin && reader_begin(lab->reader, 1) == 0) {
		lab->wants_to_begin = false;
		loop_stop(lab->loop);
	}
	return 0;
}

static int set_up(void **ret)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	ssize_t len = lab ? readlink("/proc/self/exe", lab->path, sizeof(lab->path) - 1) : -1;

	*ret = lab;
	if (len < 0)
		return -1;
	bytes_init(&lab->profile, PROFILE_FILE_MAX);
	lab->settings = (struct reader_settings){.program = lab->path,
		.port = "QUAY",
		.dialect = "escpos",
		.till_id = "QUAY1",
		.columns = 48,
		.is_vat_included = true,
		.profile = &lab->profile,
		.stuck_ms = STUCK_MS};
	return file_read(PROFILES_DIR "/default.ini", &lab->profile, NULL) == 0 && loop_new(&lab->loop, NULL) == 0
		       ? loop_every(lab->loop, 100, on_tick, lab, NULL)
		       : -1;
}

static int tear_down(void **state)
{
	struct lab *lab = *state;

	reader_free(lab->reader);
	loop_free(lab->loop);
	bytes_done(&lab->profile);
	free(lab);
	return 0;
}

static void start(struct lab *lab)
{
	const struct reader_events events = {lab, on_seen, on_cut, on_asked, on_receipt, on_ended, on_gone};

	assert_int_equal(reader_new(&lab->settings, &events, lab->loop, &lab->reader, NULL), 0);
}

static void print(struct lab *lab, size_t step)
{
	assert_int_equal(reader_begin(lab->reader, 1), 0);
	for (size_t at = 0; at < BILL_LEN; at += step)
		assert_int_equal(
			reader_feed(lab->reader, 1, NOON, bill + at, BILL_LEN - at < step ? BILL_LEN - at : step), 0);
	assert_int_equal(reader_end(lab->reader, 1, NOON, LINK_CLOSED), 0);
	assert_int_equal(reader_feed(lab->reader, 1, NOON, "x", 1), READER_AWAY);
	lab->wanted_ended = lab->ended + 1;
	assert_int_equal(loop_run(lab->loop, NULL), 0);
}

static void the_real_one_tells_what_is_printed(void **state)
{
	struct lab *lab = *state;

	lab->settings.program = READER_PATH;
	lab->settings.stuck_ms = 0;
	start(lab);
	assert_int_equal(reader_begin(lab->reader, 5), 0);
	assert_int_equal(reader_end(lab->reader, 5, NOON, LINK_CLOSED), READER_AWAY); /* nothing came */
	print(lab, BILL_LEN);
	assert_int_equal(lab->seen, 1);
	print(lab, 1); /* the number is free again */
	assert_int_equal(lab->seen, 1 + BILL_LEN);
	assert_int_equal(lab->cuts, 2);
	assert_int_equal(lab->asked, 2);
	assert_int_equal(lab->receipts, 2);
	assert_int_equal(lab->gone, 0);
	assert_int_equal(lab->cut_at, CUT_AT);
	assert_int_equal(lab->seen_at, BILL_LEN);
	assert_int_equal(lab->from, 0);
	assert_int_equal(lab->to, BILL_LEN);
	assert_non_null(strstr(lab->sale, "\"bill_no\":\"7\""));
	assert_non_null(strstr(lab->sale, "\"total\":\"130000\""));
}

static void whoever_says_what_cannot_be_is_ended(void **state)
{
	static const char *const lies[] = {"beyond", "stranger", "twice", "ready", "unasked", "long-cut", "old-cut",
		"seen-cut", "asked-nothing", "asked-beyond", "old-receipt", "far-receipt", "noise", "exit", "early"};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct lab *own;

		assert_int_equal(set_up((void **)&own), 0);
		own->settings.till_id = lies[i];
		own->settings.stuck_ms = 600000;
		own->wanted_gone = 1;
		start(own);
		assert_int_equal(reader_begin(own->reader, 1), 0);
		assert_int_equal(reader_feed(own->reader, 1, NOON, bill, BILL_LEN), 0);
		assert_int_equal(loop_run(own->loop, NULL), 0);
		assert_int_equal(own->gone, 1);
		tear_down((void **)&own);
	}
}

/* Runs until another process takes a stream. */
static void wait_for_another(struct lab *lab)
{
	lab->wants_to_begin = true;
	assert_int_equal(loop_run(lab->loop, NULL), 0);
	assert_false(lab->wants_to_begin);
}

static void whoever_owes_an_answer_too_long_is_ended_and_another_is_started(void **state)
{
	struct lab *lab = *state;

	lab->settings.till_id = "silent";
	start(lab);
	for (int i = 1; i <= 2; i++) {
		wait_for_another(lab);
		assert_int_equal(reader_feed(lab->reader, 1, NOON, bill, BILL_LEN), 0);
		lab->wanted_gone = i;
		assert_int_equal(loop_run(lab->loop, NULL), 0);
		assert_int_equal(reader_begin(lab->reader, 1), READER_AWAY);
	}
	assert_int_equal(lab->seen, 0);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Half a second, a second, two seconds: the fourth dies after the sum. */
static void each_pause_is_twice_the_last(void **state)
{
	struct lab *lab = *state;
	int64_t begun = now_ms();

	lab->settings.till_id = "early";
	lab->wanted_gone = 4;
	start(lab);
	assert_int_equal(loop_run(lab->loop, NULL), 0);
	assert_true(now_ms() - begun >= 3500);
}

static void whoever_takes_nothing_blocks_nobody(void **state)
{
	static const char bytes[60000];
	struct lab *lab = *state;
	int result = 0;
	int fed = 0;

	lab->settings.till_id = "deaf";
	lab->settings.stuck_ms = 600000;
	lab->wanted_gone = 1;
	start(lab);
	assert_int_equal(reader_begin(lab->reader, 1), 0);
	for (; result == 0 && fed < 1000; fed++)
		result = reader_feed(lab->reader, 1, NOON, bytes, sizeof(bytes));
	assert_int_equal(result, READER_AWAY);
	assert_true(fed > 200); /* 16 MiB wait for it */
	assert_int_equal(lab->gone, 0);
	assert_int_equal(loop_run(lab->loop, NULL), 0);
	assert_int_equal(lab->gone, 1);
}

static void streams_have_an_end_to_their_number(void **state)
{
	struct lab *lab = *state;

	lab->settings.program = "/no/such/program";
	start(lab);
	assert_int_equal(reader_begin(lab->reader, 1), READER_AWAY);
	reader_free(lab->reader);
	lab->settings.program = lab->path;
	start(lab);
	for (uint32_t i = 0; i < LINK_STREAMS_MAX; i++)
		assert_int_equal(reader_begin(lab->reader, 10 + i), 0);
	assert_int_equal(reader_begin(lab->reader, 1), READER_FULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_real_one_tells_what_is_printed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(whoever_says_what_cannot_be_is_ended, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			whoever_owes_an_answer_too_long_is_ended_and_another_is_started, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_pause_is_twice_the_last, set_up, tear_down),
		cmocka_unit_test_setup_teardown(whoever_takes_nothing_blocks_nobody, set_up, tear_down),
		cmocka_unit_test_setup_teardown(streams_have_an_end_to_their_number, set_up, tear_down),
	};

	if (argc > 0 && strcmp(argv[0], "hoadon-reader") == 0)
		return fake_reader();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
