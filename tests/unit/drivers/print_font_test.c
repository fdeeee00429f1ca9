/* Letters in dots: what they look like, and where a line breaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "drivers/print_font.h"

/* The first 20 of @rows, @width dots wide, as one text, each ended by "|". */
static void look(const struct bytes *rows, size_t width, char *out)
{
	for (size_t y = 0; y < 20; y++) {
		for (size_t x = 0; x < width; x++)
			*out++ = rows->data[y * ((width + 7) / 8) + x / 8] & 0x80 >> x % 8 ? '#' : '.';
		*out++ = '|';
	}
	*out = '\0';
}

static void a_letter_is_seen_with_its_marks(void **state)
{
	static const char expected[] = "..........|..........|..........|..........|....##....|...####...|..##..##..|"
				       "..........|...####...|..##..##..|.##....##.|.########.|.##.......|.##.......|"
				       "..##...##.|...#####..|..........|....##....|....##....|..........|";
	BYTES_CLEANUP struct bytes rows = {.max = 4096};
	char seen[400];
	size_t width;

	(void)state;
	assert_string_equal(print_font_draw("ệ", 32, &rows, &width), "");
	assert_int_equal(width, 10);
	assert_int_equal(rows.len, 2 * PRINT_FONT_ROWS);
	look(&rows, width, seen);
	assert_string_equal(seen, expected);
	for (size_t i = 40; i < rows.len; i++)
		assert_int_equal(rows.data[i], 0);
}

/* What has no letter is that without its accents, as everywhere; what is none at all takes no place. */
static void what_cannot_be_drawn_is_as_text_has_it(void **state)
{
	static const char *const pairs[][2] = {
		{"– “5 ₫” 日", "- \"5 d\" ?"}, {"\x1b@a\u0301\x7f\n", "@a"}, {"Số: 7", "Số: 7"}, {"ñ", "n"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		BYTES_CLEANUP struct bytes one = {.max = 4096}, other = {.max = 4096};
		size_t width, same;

		assert_string_equal(print_font_draw(pairs[i][0], 32, &one, &width), "");
		assert_string_equal(print_font_draw(pairs[i][1], 32, &other, &same), "");
		assert_int_equal(width, same);
		assert_int_equal(one.len, other.len);
		assert_memory_equal(one.data, other.data, one.len);
	}
}

static void a_long_line_breaks_at_a_space_if_there_is_one(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		const char *rest;
		size_t width;
	} rows[] = {
		{"Ngày lập 7", 10, "", 100},
		{"Ngày lập 7", 9, "7", 80},
		{"Ngày lập 7", 8, "7", 80},
		{"Ngày lập 7", 7, "lập 7", 40},
		{"Ngày lập 7", 3, "y lập 7", 30},
		{"Ngày   lập", 4, "lập", 40},
		{"a ", 1, "", 10},
		{" ab", 1, "ab", 10},
		{"", 5, "", 0},
		{"\x1b\n", 5, "", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		BYTES_CLEANUP struct bytes dots = {.max = 4096};
		size_t width;

		assert_string_equal(print_font_draw(rows[i].text, rows[i].columns, &dots, &width), rows[i].rest);
		assert_int_equal(width, rows[i].width);
		assert_int_equal(dots.len, (width + 7) / 8 * PRINT_FONT_ROWS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_is_seen_with_its_marks),
		cmocka_unit_test(what_cannot_be_drawn_is_as_text_has_it),
		cmocka_unit_test(a_long_line_breaks_at_a_space_if_there_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
