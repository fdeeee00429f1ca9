/* What hoadond and hoadon-reader say to each other: written, read in pieces of any size, and refused where it cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/link.h"

static const struct print_state state = {30, 15, 2, 1, 2, 8, true, true};
static const struct link_receipt receipt = {
	7, 99, "{\"bill_no\":\"Số 1\"}", 20, PROBLEM_BILL_REVIEW, "row 5: 12.000đ", true, true, true};

/* One of each that hoadon-reader says. */
static void put_all(struct bytes *out)
{
	bytes_init(out, 1 << 20);
	link_put(out, &(struct link_message){LINK_READY, 0, 0, 0, NULL, 0});
	link_put(out, &(struct link_message){LINK_WRONG, 0, 0, 0, "line 3", 6});
	link_put(out, &(struct link_message){LINK_SEEN, 0xfedcba98, UINT64_C(0x123456789abcdef0), 5, NULL, 0});
	link_put_cut(out, 4, 1000, 3, &state);
	link_put(out, &(struct link_message){LINK_ASKED, 4, 17, 0, "\x10\x04\x01", 3});
	link_put_receipt(out, 4, &receipt);
	link_put(out, &(struct link_message){LINK_ENDED, 4, 0, 0, NULL, 0});
	assert_false(out->failed);
}

static void check_all(struct link *link, size_t *step)
{
	struct link_message message;
	struct link_receipt said;
	struct print_state seen;

	while (link_next(link, LINK_READER, &message) == LINK_TAKEN) {
		const enum link_kind order[] = {
			LINK_READY, LINK_WRONG, LINK_SEEN, LINK_CUT, LINK_ASKED, LINK_RECEIPT, LINK_ENDED};

		assert_int_equal(message.kind, order[*step]);
		if (message.kind == LINK_WRONG)
			assert_memory_equal(message.bytes, "line 3", message.len);
		if (message.kind == LINK_SEEN)
			assert_true(message.stream == 0xfedcba98 && message.a == UINT64_C(0x123456789abcdef0) &&
				    message.b == 5);
		if (message.kind == LINK_CUT) {
			assert_int_equal(link_read_cut(&message, &seen), 0);
			assert_true(message.a == 1000 && message.b == 3 && seen.page == 30 && seen.country == 15 &&
				    seen.align == 2 && seen.font == 1 && seen.width == 2 && seen.height == 8 &&
				    seen.is_kanji && seen.is_utf8);
		}
		if (message.kind == LINK_ASKED)
			assert_memory_equal(message.bytes, "\x10\x04\x01", message.len);
		if (message.kind == LINK_RECEIPT) {
			assert_int_equal(link_read_receipt(&message, &said), 0);
			assert_string_equal(said.sale, receipt.sale);
			assert_string_equal(said.detail, receipt.detail);
			assert_true(said.from == 7 && said.to == 99 && said.sale_len == strlen(receipt.sale) &&
				    said.problem == PROBLEM_BILL_REVIEW && said.is_partial && said.is_picture &&
				    said.is_undated);
		}
		(*step)++;
	}
}

static void messages_come_in_pieces_of_any_size(void **unused)
{
	BYTES_CLEANUP struct bytes all;

	(void)unused;
	put_all(&all);
	for (size_t piece = 1; piece <= all.len; piece++) {
		struct link link = {.at = 0};
		size_t step = 0;

		for (size_t at = 0; at < all.len; at += piece) {
			size_t n = all.len - at < piece ? all.len - at : piece;

			assert_int_equal(link_add(&link, all.data + at, n), 0);
			check_all(&link, &step);
		}
		assert_int_equal(step, 7);
		link_done(&link);
	}
}

static int first_of(const uint8_t *bytes, size_t len, enum link_side from)
{
	struct link link = {.at = 0};
	struct link_message message;
	int result;

	assert_int_equal(link_add(&link, bytes, len), 0);
	result = link_next(&link, from, &message);
	link_done(&link);
	return result;
}

static void what_is_truncated_waits_and_what_cannot_be_is_wrong(void **unused)
{
	BYTES_CLEANUP struct bytes one = {.max = 1 << 20};
	uint8_t header[25] = {0};

	(void)unused;
	link_put(&one, &(struct link_message){LINK_FEED, 1, 2, 3, "abc", 3});
	for (size_t n = 0; n < one.len; n++)
		assert_int_equal(first_of(one.data, n, LINK_HOADOND), LINK_MORE);
	assert_int_equal(first_of(one.data, one.len, LINK_HOADOND), LINK_TAKEN);
	assert_int_equal(first_of(one.data, one.len, LINK_READER), LINK_WRONG_BYTES); /* not its to say */
	for (int kind = 0; kind < 256; kind++) {
		header[0] = (uint8_t)kind;
		assert_int_equal(first_of(header, 1, LINK_READER),
			kind >= LINK_READY && kind <= LINK_ENDED ? LINK_MORE : LINK_WRONG_BYTES);
	}
	header[0] = LINK_FEED;
	header[22] = 1; /* 65536 */
	assert_int_equal(first_of(header, sizeof(header), LINK_HOADOND), LINK_MORE);
	header[24] = 1;
	assert_int_equal(
		first_of(header, sizeof(header), LINK_HOADOND), LINK_WRONG_BYTES); /* before any byte of it came */
	header[0] = LINK_SEEN;
	header[22] = 0;
	assert_int_equal(first_of(header, sizeof(header), LINK_READER), LINK_WRONG_BYTES);
}

static int read_cut(const uint8_t bytes[11], size_t len)
{
	struct print_state seen;

	return link_read_cut(&(struct link_message){LINK_CUT, 1, 0, 1, bytes, len}, &seen);
}

static void no_printer_has_a_state_that_cannot_be(void **unused)
{
	const uint8_t good[11] = {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 1, 0, 0};
	const struct {
		int at;
		uint8_t value;
	} bad[] = {{0, 0xfe}, {0, 0}, {1, 0x7f}, {5, 3}, {6, 2}, {7, 0}, {7, 9}, {8, 0}, {8, 9}, {9, 2}, {10, 2}};

	(void)unused;
	assert_int_equal(read_cut(good, 11), 0);
	assert_int_equal(read_cut(good, 10), LINK_WRONG_BYTES);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t bytes[11];

		memcpy(bytes, good, sizeof(good));
		bytes[bad[i].at] = bad[i].value;
		assert_int_equal(read_cut(bytes, 11), LINK_WRONG_BYTES);
	}
}

static int read_receipt(const char *bytes, size_t len)
{
	struct link_receipt said;

	return link_read_receipt(&(struct link_message){LINK_RECEIPT, 1, 0, 9, bytes, len}, &said);
}
#define READ_RECEIPT(text) read_receipt(text, sizeof(text) - 1)

static void a_receipt_says_no_more_than_it_may(void **unused)
{
	(void)unused;
	assert_int_equal(READ_RECEIPT("\0\0\0{}\0"), 0);
	assert_int_equal(READ_RECEIPT("\1bill.review\0why\0{}\0"), 0);
	assert_int_equal(READ_RECEIPT("\7\0\0{}\0"), 0);
	assert_int_equal(READ_RECEIPT("\10\0\0{}\0"), LINK_WRONG_BYTES);    /* a bit that says nothing */
	assert_int_equal(READ_RECEIPT("\0\0\0\0"), LINK_WRONG_BYTES);	    /* no sale */
	assert_int_equal(READ_RECEIPT("\0\0\0{}"), LINK_WRONG_BYTES);	    /* truncated */
	assert_int_equal(READ_RECEIPT("\0\0{}\0"), LINK_WRONG_BYTES);	    /* a text too few */
	assert_int_equal(READ_RECEIPT("\0\0\0{}\0{}\0"), LINK_WRONG_BYTES); /* and too many */
	assert_int_equal(READ_RECEIPT("\0no.such\0\0{}\0"), LINK_WRONG_BYTES);
	assert_int_equal(
		READ_RECEIPT("\0sum.total\0\0{}\0"), LINK_WRONG_BYTES); /* parks nothing: the sale would be gone */
	assert_int_equal(READ_RECEIPT("\0bill.review\0\x1b[2J\0{}\0"), LINK_WRONG_BYTES);
	assert_int_equal(READ_RECEIPT("\0bill.review\0\xc2\x9b\0{}\0"), LINK_WRONG_BYTES);
	assert_int_equal(READ_RECEIPT("\0bill.review\0\xc3\0{}\0"), LINK_WRONG_BYTES);
	assert_int_equal(READ_RECEIPT("\0\0\0{\n}\0"), LINK_WRONG_BYTES);
	for (size_t n = 0; n < 5; n++)
		assert_int_equal(read_receipt("\0\0\0{}\0", n), LINK_WRONG_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_come_in_pieces_of_any_size),
		cmocka_unit_test(what_is_truncated_waits_and_what_cannot_be_is_wrong),
		cmocka_unit_test(no_printer_has_a_state_that_cannot_be),
		cmocka_unit_test(a_receipt_says_no_more_than_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
