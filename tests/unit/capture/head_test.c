/* The virtual print head: where letters stand, how lines and receipts end. Events are given by hand; streams: unit/cli/grid_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "capture/head.h"

#define LOG_MAX ((size_t)1 << 20)

struct lab {
	struct head *head;
	struct bytes log; /* every receipt as text */
	uint64_t offset;
	size_t receipts;
	struct paper last; /* its pointers are gone */
};

/* `column+gap'letters'` for each run, lines ended by `|`, receipts by `#`. */
static void write_receipt(void *context, struct arena *arena, const struct paper *paper)
{
	struct lab *lab = context;

	for (size_t i = 0; i < paper->line_count; i++) {
		for (size_t j = 0; j < paper->lines[i].run_count; j++) {
			const struct paper_run *run = &paper->lines[i].runs[j];

			bytes_printf(&lab->log, "%d+%d'%.*s'", run->column, run->gap, (int)run->len,
				(const char *)run->bytes);
		}
		bytes_char(&lab->log, '|');
	}
	for (size_t i = 0; i < paper->qr_count; i++)
		bytes_printf(&lab->log, "qr'%.*s'", (int)paper->qr[i].len, (const char *)paper->qr[i].bytes);
	bytes_char(&lab->log, '#');
	lab->receipts++;
	lab->last = *paper;
	arena_free(arena);
}

static int set_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	*state = lab;
	if (!lab)
		return -1;
	bytes_init(&lab->log, LOG_MAX);
	lab->head = head_new(HEAD_DOTS_80MM, write_receipt, lab);
	return lab->head ? 0 : -1;
}

static int tear_down(void **state)
{
	struct lab *lab = *state;

	head_free(lab->head);
	bytes_done(&lab->log);
	free(lab);
	return 0;
}

static void tell(struct lab *lab, enum print_event_kind kind, int first, int second)
{
	struct print_event event = {.kind = kind, .offset = lab->offset, .length = 3, .value = {first, second}};

	lab->offset += event.length;
	head_event(lab->head, &event);
}

static void tell_bytes(struct lab *lab, enum print_event_kind kind, const char *bytes)
{
	struct print_event event = {.kind = kind,
		.offset = lab->offset,
		.length = strlen(bytes),
		.bytes = (const uint8_t *)bytes,
		.len = strlen(bytes)};

	lab->offset += event.length;
	head_event(lab->head, &event);
}

static void text(struct lab *lab, const char *letters)
{
	tell_bytes(lab, PRINT_TEXT, letters);
}

static void line(struct lab *lab, const char *letters)
{
	text(lab, letters);
	tell(lab, PRINT_LINE_FEED, 0, 0);
}

static void assert_printed(struct lab *lab, const char *expected)
{
	assert_int_equal(head_end(lab->head), 0);
	assert_string_equal(lab->log.data ? (char *)lab->log.data : "", expected);
	bytes_clear(&lab->log);
}

static void letters_stand_where_the_head_was(void **state)
{
	struct lab *lab = *state;

	text(lab, "Pho bo");
	tell(lab, PRINT_ABSOLUTE, 324, 0);
	text(lab, "2");
	tell(lab, PRINT_RELATIVE, 24, 0);
	line(lab, "130.000");
	assert_printed(lab, "0+0'Pho bo'27+21'2'30+2'130.000'|#");
	/* Placed from right to left: the line still reads from left to right. */
	tell(lab, PRINT_ABSOLUTE, 240, 0);
	text(lab, "9.000");
	tell(lab, PRINT_ABSOLUTE, 0, 0);
	line(lab, "Tra");
	assert_printed(lab, "0+0'Tra'20+17'9.000'|#");
	/* Outside the paper is nowhere. */
	text(lab, "A");
	tell(lab, PRINT_ABSOLUTE, 600, 0);
	tell(lab, PRINT_RELATIVE, -50, 0);
	line(lab, "B");
	assert_printed(lab, "0+0'AB'|#");
}

static void a_line_is_aligned_as_a_whole(void **state)
{
	struct lab *lab = *state;

	tell(lab, PRINT_ALIGN, 1, 0);
	text(lab, "HOA DON");
	tell(lab, PRINT_ALIGN, 0, 0); /* too late for this line */
	tell(lab, PRINT_LINE_FEED, 0, 0);
	tell(lab, PRINT_ALIGN, 2, 0);
	line(lab, "90.000");
	tell(lab, PRINT_ALIGN, 0, 0);
	tell(lab, PRINT_MARGIN, 24, 0);
	line(lab, "A");
	assert_printed(lab, "20+21'HOA DON'|42+42'90.000'|2+2'A'|#");
}

static void wide_letters_and_narrow_fonts_take_their_room(void **state)
{
	struct lab *lab = *state;

	tell(lab, PRINT_SIZE, 2, 1);
	text(lab, "AB");
	tell(lab, PRINT_SIZE, 1, 0);
	line(lab, "C");
	tell(lab, PRINT_FONT, 1, 0);
	text(lab, "12345678");
	tell(lab, PRINT_RELATIVE, 9, 0);
	line(lab, "9");
	assert_printed(lab, "0+0'AB'4+0'C'|0+0'12345678'6+1'9'|#");
}

static void tabs_go_to_the_next_stop(void **state)
{
	struct lab *lab = *state;

	text(lab, "A");
	tell(lab, PRINT_TAB, 0, 0);
	line(lab, "B");
	tell_bytes(lab, PRINT_TABS, "\x05\x14");
	text(lab, "A");
	tell(lab, PRINT_TAB, 0, 0);
	text(lab, "B");
	tell(lab, PRINT_TAB, 0, 0);
	text(lab, "C");
	tell(lab, PRINT_TAB, 0, 0); /* no stop left */
	line(lab, "D");
	assert_printed(lab, "0+0'A'8+7'B'|0+0'A'5+4'B'20+14'CD'|#");
}

static void a_full_line_goes_on_below(void **state)
{
	struct lab *lab = *state;

	line(lab, "123456789012345678901234567890123456789012345678");
	line(lab, "123456789012345678901234567890123456789012345678X");
	tell(lab, PRINT_WIDTH, 120, 0);
	line(lab, "1234567890X");
	assert_printed(lab, "0+0'123456789012345678901234567890123456789012345678'|"
			    "0+0'123456789012345678901234567890123456789012345678'|0+0'X'|0+0'1234567890'|0+0'X'|#");
}

/* A letter of several bytes and a mark over the letter before take one cell together. */
static void letters_are_counted_not_bytes(void **state)
{
	struct lab *lab = *state;

	tell(lab, PRINT_WIDTH, 48, 0);
	tell(lab, PRINT_PAGE, PRINT_PAGE_UTF8, 0);
	line(lab, "Ph\xe1\xbb\x9f!");
	line(lab, "\xef\xbb\xbf\xc4\x90\xc3\xa0\x61\xcc\x80o"); /* mark, Đ à a+grave o */
	tell(lab, PRINT_PAGE, PRINT_PAGE_NONE, 0);
	tell(lab, PRINT_PAGE, 52, 0);
	line(lab, "Ho\xec\x61\xf2i");
	tell(lab, PRINT_PAGE, 30, 0);
	line(lab, "Ho\xec\x61\xf2i");
	assert_printed(lab, "0+0'Ph\xe1\xbb\x9f!'|0+0'\xef\xbb\xbf\xc4\x90\xc3\xa0\x61\xcc\x80o'|0+0'Ho\xec\x61\xf2i'|"
			    "0+0'Ho\xec\x61'|0+0'\xf2i'|#");
}

static void a_page_is_read_from_top_to_bottom(void **state)
{
	struct lab *lab = *state;

	tell(lab, PRINT_PAGE_MODE, 1, 0);
	tell(lab, PRINT_PAGE_Y, 200, 0);
	text(lab, "TONG");
	tell(lab, PRINT_PAGE_Y, 100, 0);
	tell(lab, PRINT_ABSOLUTE, 240, 0);
	text(lab, "2");
	tell(lab, PRINT_ABSOLUTE, 0, 0);
	tell(lab, PRINT_PAGE_Y, 105, 0); /* five dots lower: the same line */
	text(lab, "Pho");
	tell(lab, PRINT_LINE_FEED, 0, 0);
	text(lab, "Tra");
	tell(lab, PRINT_FORM_FEED, 0, 0);
	line(lab, "after");
	assert_printed(lab, "0+0'Pho'20+17'2'|0+0'Tra'|0+0'TONG'|0+0'after'|#");
	/* Forgotten before it was printed. */
	tell(lab, PRINT_PAGE_MODE, 1, 0);
	text(lab, "X");
	tell(lab, PRINT_CANCEL, 0, 0);
	text(lab, "Y");
	tell(lab, PRINT_PAGE_MODE, 0, 0);
	line(lab, "Z");
	assert_printed(lab, "0+0'Z'|#");
}

static void a_receipt_ends_with_a_cut_or_a_reset_after_a_line(void **state)
{
	struct lab *lab = *state;

	tell(lab, PRINT_RESET, 0, 0);
	tell(lab, PRINT_PAGE, 30, 0);
	line(lab, "one");
	tell(lab, PRINT_CUT, 0, 0);
	assert_int_equal(lab->last.offset, 0);
	assert_int_equal(lab->last.end, lab->offset);
	assert_true(lab->last.has_cut);
	line(lab, "two");
	tell(lab, PRINT_RESET, 0, 0);
	assert_int_equal(lab->receipts, 2);
	assert_false(lab->last.has_cut);
	assert_int_equal(lab->last.end, lab->offset - 3);
	text(lab, "lost in the buffer");
	tell(lab, PRINT_RESET, 0, 0);
	text(lab, "three");
	assert_printed(lab, "0+0'one'|#0+0'two'|#0+0'three'|#");
	line(lab, "   ");
	tell(lab, PRINT_CUT, 0, 0);
	tell(lab, PRINT_CUT, 0, 0);
	assert_printed(lab, "");
}

static void what_commands_have_set_is_told(void **state)
{
	struct lab *lab = *state;
	struct print_state set;

	head_state(lab->head, &set);
	assert_true(set.page == PRINT_PAGE_NONE && set.country == 0 && set.align == 0 && set.font == 0 &&
		    set.width == 1 && set.height == 1 && !set.is_kanji);
	tell(lab, PRINT_PAGE, 30, 0);
	tell(lab, PRINT_COUNTRY, 15, 0);
	tell(lab, PRINT_ALIGN, 2, 0);
	tell(lab, PRINT_FONT, 1, 0);
	tell(lab, PRINT_SIZE, 2, 3);
	tell(lab, PRINT_KANJI, 1, 0);
	head_state(lab->head, &set);
	assert_true(set.page == 30 && set.country == 15 && set.align == 2 && set.font == 1 && set.width == 2 &&
		    set.height == 3 && set.is_kanji);
	tell(lab, PRINT_PAGE, PRINT_PAGE_UTF8, 0);
	head_state(lab->head, &set);
	assert_true(set.page == 30 && set.is_utf8);
	tell(lab, PRINT_PAGE, PRINT_PAGE_NONE, 0); /* pages again */
	head_state(lab->head, &set);
	assert_true(set.page == 30 && !set.is_utf8);
}

static void what_is_for_the_display_is_not_printed(void **state)
{
	struct lab *lab = *state;

	tell(lab, PRINT_DEVICE, 0, 0);
	line(lab, "TONG 90.000");
	tell(lab, PRINT_DEVICE, 1, 0);
	line(lab, "A");
	assert_printed(lab, "0+0'A'|#");
}

static void codes_pictures_and_the_drawer_are_kept(void **state)
{
	struct lab *lab = *state;

	tell_bytes(lab, PRINT_QR, "never printed");
	tell_bytes(lab, PRINT_QR, "k=1");
	tell(lab, PRINT_QR_PRINT, 0, 0);
	tell(lab, PRINT_RASTER, 384, 24);
	tell(lab, PRINT_RASTER, 384, 8);
	tell(lab, PRINT_UNKNOWN, 0, 0);
	assert_printed(lab, "qr'k=1'#");
	assert_int_equal(lab->last.raster_rows, 32);
	assert_int_equal(lab->last.picture.rows, 32);
	assert_int_equal(lab->last.picture.width, HEAD_DOTS_80MM);
	assert_int_equal(lab->last.unread, 1);
	assert_false(lab->last.has_drawer);
	tell(lab, PRINT_DRAWER, 0, 0);
	assert_printed(lab, "#");
	assert_true(lab->last.has_drawer);
	assert_int_equal(lab->last.line_count, 0);
}

/* A total over a total: both are there, and a person is asked. */
static void what_is_printed_over_is_not_read(void **state)
{
	struct lab *lab = *state;

	text(lab, "90.000");
	tell(lab, PRINT_ABSOLUTE, 0, 0);
	line(lab, "10.000");
	assert_printed(lab, "0+0'90.000'0+0'10.000'|#");
	assert_int_equal(lab->last.unread, 1);
}

static void more_than_can_be_kept_is_said(void **state)
{
	struct lab *lab = *state;

	for (int i = 0; i < 5000; i++)
		line(lab, "x");
	assert_int_equal(head_end(lab->head), 0);
	assert_true(lab->last.is_cut_short);
	assert_in_range(lab->last.line_count, 4000, 4999);
	tell(lab, PRINT_PAGE_MODE, 1, 0);
	for (int i = 0; i < 100000; i++) {
		tell(lab, PRINT_PAGE_Y_MOVE, 32767, 0);
		text(lab, "y");
	}
	tell(lab, PRINT_FORM_FEED, 0, 0);
	assert_int_equal(head_end(lab->head), 0);
	assert_true(lab->last.is_cut_short);
	line(lab, "fits");
	assert_int_equal(head_end(lab->head), 0);
	assert_false(lab->last.is_cut_short);
}

int main(void)
{
#define WITH_HEAD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_HEAD(letters_stand_where_the_head_was),
		WITH_HEAD(what_commands_have_set_is_told),
		WITH_HEAD(a_line_is_aligned_as_a_whole),
		WITH_HEAD(wide_letters_and_narrow_fonts_take_their_room),
		WITH_HEAD(tabs_go_to_the_next_stop),
		WITH_HEAD(a_full_line_goes_on_below),
		WITH_HEAD(letters_are_counted_not_bytes),
		WITH_HEAD(a_page_is_read_from_top_to_bottom),
		WITH_HEAD(a_receipt_ends_with_a_cut_or_a_reset_after_a_line),
		WITH_HEAD(what_is_for_the_display_is_not_printed),
		WITH_HEAD(codes_pictures_and_the_drawer_are_kept),
		WITH_HEAD(what_is_printed_over_is_not_read),
		WITH_HEAD(more_than_can_be_kept_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
