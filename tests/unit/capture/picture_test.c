/* Bands of dots become one picture: rows and columns, beside and below one another, within the paper. Streams: tests/flow/capture.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "capture/picture.h"

static void band(
	struct picture *picture, int width, int rows, const char *bytes, size_t len, bool is_columns, int start)
{
	struct print_event event = {.kind = PRINT_RASTER,
		.value = {width, rows},
		.bytes = (const uint8_t *)bytes,
		.len = len,
		.is_columns = is_columns};

	picture_band(picture, &event, start);
}
#define ROWS(width, rows, bytes, start)	   band(&picture, width, rows, bytes, sizeof(bytes) - 1, false, start)
#define COLUMNS(width, rows, bytes, start) band(&picture, width, rows, bytes, sizeof(bytes) - 1, true, start)

/* Each row with # and ., ended by |. */
static const char *drawn(const struct picture *picture)
{
	static char text[4096];
	size_t n = 0;

	for (size_t row = 0; row < picture_rows(picture); row++) {
		const uint8_t *at = picture->dots.data + row * ((size_t)(picture->width + 7) / 8);

		for (int x = 0; x < picture->width; x++)
			text[n++] = at[x / 8] >> (7 - x % 8) & 1 ? '#' : '.';
		text[n++] = '|';
	}
	text[n] = '\0';
	return text;
}

static void rows_stand_below_one_another(void **state)
{
	struct picture picture = {.dots = {.data = NULL}};

	(void)state;
	picture_begin(&picture, 10);
	ROWS(8, 2, "\x81\x42", 0);
	ROWS(8, 1, "\xc0", 1);
	assert_string_equal(drawn(&picture), "#......#..|.#....#...|.##.......|");
	picture_feed(&picture, 30); /* to the end of the band */
	picture_feed(&picture, 2);
	ROWS(8, 1, "\x01", 0);
	picture_feed(&picture, 1);
	picture_feed(&picture, 99); /* behind the last band */
	assert_string_equal(drawn(&picture), "#......#..|.#....#...|.##.......|..........|..........|.......#..|");
	assert_false(picture.is_cut_short);
	picture_begin(&picture, 8);
	picture_feed(&picture, 5);
	assert_int_equal(picture_rows(&picture), 0);
	ROWS(8, 1, "\x18", 0);
	assert_string_equal(drawn(&picture), "...##...|");
	picture_done(&picture);
}

static void columns_of_one_line_stand_side_by_side(void **state)
{
	struct picture picture = {.dots = {.data = NULL}};

	(void)state;
	picture_begin(&picture, 6);
	COLUMNS(2, 8, "\x80\x01", 0);
	COLUMNS(1, 8, "\xf0", 0);
	assert_string_equal(drawn(&picture), "#.#...|..#...|..#...|..#...|......|......|......|.#....|");
	picture_feed(&picture, 30);
	COLUMNS(1, 8, "\x01", 0);
	assert_int_equal(picture_rows(&picture), 16);
	picture_begin(&picture, 3);
	COLUMNS(1, 24, "\x80\x01\x80", 1);
	assert_int_equal(picture_rows(&picture), 24);
	assert_true(picture.dots.data[0] == 0x40 && picture.dots.data[15] == 0x40 && picture.dots.data[16] == 0x40);
	picture_done(&picture);
}

static void a_band_is_put_in_its_place(void **state)
{
	struct picture picture = {.dots = {.data = NULL}};

	(void)state;
	picture_begin(&picture, 12);
	ROWS(8, 1, "\x81", -1);
	ROWS(8, 1, "\x81", -2);
	assert_string_equal(drawn(&picture), "..#......#..|....#......#|");
	assert_false(picture.is_cut_short);
	picture_done(&picture);
}

/* A till that prints beyond the paper, or more than is kept, is no bill that was read whole. */
static void what_is_not_on_the_paper_is_said(void **state)
{
	struct picture picture = {.dots = {.data = NULL}};

	(void)state;
	picture_begin(&picture, 4);
	ROWS(8, 1, "\xf0", 0);
	assert_false(picture.is_cut_short);
	ROWS(8, 1, "\x08", 0);
	assert_true(picture.is_cut_short);
	picture_begin(&picture, 8);
	assert_false(picture.is_cut_short);
	ROWS(8, (int)PICTURE_MAX, "\x80", 0);
	assert_false(picture.is_cut_short);
	ROWS(8, 1, "\x80", 0);
	assert_true(picture.is_cut_short);
	assert_int_equal(picture_rows(&picture), PICTURE_MAX);
	picture_done(&picture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_stand_below_one_another),
		cmocka_unit_test(columns_of_one_line_stand_side_by_side),
		cmocka_unit_test(a_band_is_put_in_its_place),
		cmocka_unit_test(what_is_not_on_the_paper_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
