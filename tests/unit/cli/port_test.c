/* What hoadon-reader says of a receipt is a sale that dialect_json reads back to the last byte: of every layout, and of streams that were twisted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../dialects.h"
#include "capture/driver.h"
#include "capture/port.h"
#include "drivers/drivers.h"

#define NOON	  INT64_C(1795327200000)
#define OUT_MAX	  ((size_t)4 << 20)
#define ARENA_MAX ((size_t)16 << 20)

struct world {
	struct port *port;
	struct link said;
	struct bytes csv;
	uint64_t fed;
	int receipts, unread;
	bool has_rates;
	const char *own; /* of its profile; NULL = nothing */
	char last[1000]; /* sale */
};

static void check_sale(struct world *world, const struct link_receipt *receipt)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
	CLEANUP(freep) void *state = calloc(1, dialect_json.state_size);
	BYTES_CLEANUP struct bytes again = {.max = OUT_MAX};
	struct problem problem = {.code = PROBLEM_NONE};
	struct sale sale;

	assert_true(arena && state);
	assert_int_equal(dialect_json.feed(state, receipt->sale, receipt->sale_len, OUT_MAX, &problem), 0);
	if (dialect_json.flush(state, arena, &sale, &problem) != 0)
		print_message("%s %s: %s\n", problem_kind(problem.code)->code, problem.field, receipt->sale);
	assert_int_equal(problem.code, PROBLEM_NONE);
	sale_write(&sale, &again);
	assert_string_equal((char *)again.data, receipt->sale);
	assert_string_equal(sale.till_id, "QUAY1");
	assert_true(sale.line_count > 0 || receipt->problem != PROBLEM_NONE || sale.kind == SALE_KIND_NO_SALE);
	snprintf(world->last, sizeof(world->last), "%s", receipt->sale);
	world->receipts++;
	world->unread += receipt->problem != PROBLEM_NONE;
}

static void on_said(void *context, struct bytes *out)
{
	struct world *world = context;
	struct link_message message;
	struct link_receipt receipt;

	assert_int_equal(link_add(&world->said, out->data, out->len), 0);
	bytes_clear(out);
	while (link_next(&world->said, LINK_READER, &message) == LINK_TAKEN) {
		assert_int_not_equal(message.kind, LINK_WRONG);
		if (message.kind != LINK_RECEIPT)
			continue;
		assert_int_equal(link_read_receipt(&message, &receipt), 0);
		check_sale(world, &receipt);
	}
}

static void want(struct world *world, enum link_kind kind, uint64_t a, uint64_t b, const void *bytes, size_t len)
{
	assert_int_equal(
		port_take(world->port, &(struct link_message){kind, kind >= LINK_FEED, a, b, bytes, len}, NULL), 0);
}

static void open_port(struct world *world)
{
	BYTES_CLEANUP struct bytes ini;

	read_dialect_file(PROFILES_DIR, "default.ini", &ini);
	bytes_text(&ini, world->own ? world->own : "");
	world->port = port_new(driver_print_dialects, on_said, world);
	assert_non_null(world->port);
	want(world, LINK_DIALECT, 576, 0, "escpos", 6);
	want(world, LINK_TILL, LINK_VAT_INCLUDED | (world->has_rates ? LINK_HAS_RATES : 0), 0, "QUAY1", 5);
	want(world, LINK_PROFILE, 0, 0, ini.data, ini.len);
	want(world, LINK_CATALOGUE, 0, 0, world->csv.data, world->csv.len);
	want(world, LINK_START, 0, 0, NULL, 0);
}

static void close_port(struct world *world)
{
	port_free(world->port);
	link_done(&world->said);
	bytes_done(&world->csv);
}

static void print(struct world *world, const struct bytes *stream, enum link_end why)
{
	size_t n;

	for (size_t at = 0; at < stream->len; at += n) {
		n = stream->len - at < LINK_FEED_MAX ? stream->len - at : LINK_FEED_MAX;
		want(world, LINK_FEED, NOON, at, stream->data + at, n);
	}
	want(world, LINK_END, NOON, why, NULL, 0);
}

/* What its words cannot tell: in VISCII "Mì", in TCVN "Mỡ". */
static void the_profile_says_the_encoding(void **state)
{
	static const char paper[] =
		"HOA DON BAN HANG\nSo HD: H1\nNgay: 22/11/2026 12:30\nM\xec\n   1 x 30.000                     30.000\n"
		"Tong cong                         30.000\n\x1dV";
	static const struct {
		const char *own, *name;
		int unread;
	} cases[] = {{NULL, NULL, 1}, {"[profile]\nencoding = auto\n", NULL, 1},
		{"[profile]\nencoding = viscii\n", "\"Mì\"", 0}, {"[profile]\nencoding = tcvn\n", "\"Mỡ\"", 0}};
	const struct bytes stream = {.data = (uint8_t *)paper, .len = sizeof(paper)}; /* its NUL belongs to the cut */

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct world world = {.own = cases[i].own};

		open_port(&world);
		print(&world, &stream, LINK_CLOSED);
		assert_int_equal(world.receipts, 1);
		assert_int_equal(world.unread, cases[i].unread);
		if (cases[i].name)
			assert_non_null(strstr(world.last, cases[i].name));
		close_port(&world);
	}
}

static void print_layout(void *context, const struct layout_stream *stream)
{
	print(context, stream->bytes, LINK_CLOSED);
}

static void the_sale_of_every_layout_is_read_back(void **state)
{
	struct world world = {.has_rates = false};

	(void)state;
	open_port(&world);
	each_layout_stream(print_layout, &world);
	assert_true(world.receipts >= 50 && world.unread < world.receipts / 4);
	close_port(&world);
}

/* The shop sells nothing but noodles: of all else the rate is not known. */
static void so_is_what_has_no_lines(void **state)
{
	struct world world = {.has_rates = true};

	(void)state;
	bytes_init(&world.csv, 1 << 10);
	bytes_text(&world.csv, "code,name,unit,vat_rate,class\n,Bún mắm đặc biệt,,8,\n,Tra da,,8,\n");
	open_port(&world);
	each_layout_stream(print_layout, &world);
	assert_true(world.receipts >= 50 && world.unread > world.receipts / 4);
	close_port(&world);
}

/* The same numbers each time. */
static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Letters, digits, marks and commands put where others were. */
static void twist(void *context, const struct layout_stream *stream)
{
	static const char *const pieces[] = {"-", "9999999999999999", "0", "(", ".", ",", "x", "\n", "\xe2\x80\xae",
		"\xc2\x9b", "\xff", "\"", "\\", "\x1b!\x30", "\x1b\x01", "\t", "A", "1.500", "  ", "tong cong",
		"giam gia", "\x1dV\x00\n"};
	struct world *world = context;
	uint32_t seed = (uint32_t)stream->bytes->len;

	for (int round = 0; round < 40; round++) {
		BYTES_CLEANUP struct bytes twisted = {.max = 1 << 20};
		uint32_t from = 0;

		for (int i = 0; i < 6; i++) {
			uint32_t to = from + next(&seed) % (uint32_t)(stream->bytes->len - from + 1) / 3;

			bytes_append(&twisted, stream->bytes->data + from, to - from);
			bytes_text(&twisted, pieces[next(&seed) % ARRAY_LEN(pieces)]);
			from = to + next(&seed) % 3;
			from = from < stream->bytes->len ? from : (uint32_t)stream->bytes->len;
		}
		bytes_append(&twisted, stream->bytes->data + from, stream->bytes->len - from);
		print(world, &twisted, round % 3 ? LINK_CLOSED : LINK_BROKEN);
	}
}

static void whatever_stands_on_a_paper_can_be_read_back(void **state)
{
	struct world world = {.has_rates = false};

	(void)state;
	open_port(&world);
	each_layout_stream(twist, &world);
	assert_true(world.receipts > 1500 && world.unread > 500 && world.unread < world.receipts);
	close_port(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sale_of_every_layout_is_read_back),
		cmocka_unit_test(so_is_what_has_no_lines),
		cmocka_unit_test(the_profile_says_the_encoding),
		cmocka_unit_test(whatever_stands_on_a_paper_can_be_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
