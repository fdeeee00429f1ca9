/* Pictures become shapes, shapes letters, and nothing is guessed. Real fonts: tests/flow/raster.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "capture/glyphs.h"
#include "capture/glyphs_learn.h"

#define WIDTH	   240
#define ROOM	   ((size_t)128 << 20)
#define A64	   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FFFD	   "\xEF\xBF\xBD"
#define LETTER_ROW 14

/* A font of our own: rows from the highest capital's mark down to a descender; row 10 is the last above the line. */
static const struct {
	const char *letter;
	const char *rows[LETTER_ROW];
} font[] = {
	{"T", {"", "", "", "", "#####", "..#..", "..#..", "..#..", "..#..", "..#..", "..#.."}},
	{"i", {"", "", "", "", "#", "", "#", "#", "#", "#", "#"}},
	{"e", {"", "", "", "", "", "", ".##", "#.#", "###", "#..", ".##"}},
	{"ề", {"", "#..", ".#.", "", ".#.", "", ".##", "#.#", "###", "#..", ".##"}},
	{"n", {"", "", "", "", "", "", "##.", "#.#", "#.#", "#.#", "#.#"}},
	{"p", {"", "", "", "", "", "", "##.", "#.#", "##.", "#..", "#..", "#..", "#.."}},
	{"ạ", {"", "", "", "", "", "", ".##", "#.#", "#.#", "###", "#.#", "", ".#."}},
	{"1", {"", "", "", "", ".#", "##", ".#", ".#", ".#", ".#", ".#"}},
	{"0", {"", "", "", "", "###", "#.#", "#.#", "#.#", "#.#", "#.#", "###"}},
	{".", {"", "", "", "", "", "", "", "", "", "", "#"}},
	{",", {"", "", "", "", "", "", "", "", "", "#", "#", "#"}},
	{"'", {"", "", "", "", "#", "#", "#"}},
	{":", {"", "", "", "", "", "", "#", "", "", "", "#"}},
	{"%", {"", "", "", "", "#...#", "...#.", "..#..", "..#..", ".#...", "#....", "#...#"}},
	{"-", {"", "", "", "", "", "", "", "", "####"}},
};

struct lab {
	struct arena *arena;
	uint8_t dots[30 * 400];
	struct paper_picture picture;
};

static int set_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	*state = lab;
	if (!lab || !(lab->arena = arena_new(ROOM)))
		return -1;
	lab->picture = (struct paper_picture){lab->dots, WIDTH, 400};
	return 0;
}

static int tear_down(void **state)
{
	struct lab *lab = *state;

	arena_free(lab->arena);
	free(lab);
	return 0;
}

static void dot(struct lab *lab, int x, int y)
{
	lab->dots[(size_t)y * (WIDTH / 8) + (size_t)x / 8] |= (uint8_t)(0x80 >> x % 8);
}

/* Draws @letter; returns its width. */
static int draw_letter(struct lab *lab, const char *letter, int x, int top)
{
	int width = 0;

	for (size_t i = 0; i < ARRAY_LEN(font); i++) {
		if (strncmp(letter, font[i].letter, strlen(font[i].letter)) != 0)
			continue;
		for (int row = 0; row < LETTER_ROW && font[i].rows[row]; row++)
			for (int column = 0; font[i].rows[row][column]; column++) {
				width = column + 1 > width ? column + 1 : width;
				if (font[i].rows[row][column] == '#')
					dot(lab, x + column, top + row);
			}
		return width;
	}
	fail_msg("no letter %s", letter);
	return 0;
}

/* One line of text; letters stand @apart dots from one another, 0: they touch. */
static void draw(struct lab *lab, const char *text, int top, int apart)
{
	int x = 2;

	while (*text) {
		const char *next = text + 1;

		while (((unsigned char)*next & 0xC0) == 0x80)
			next++;
		x += *text == ' ' ? 5 : draw_letter(lab, text, x, top) + apart;
		text = next;
	}
}

static void clear(struct lab *lab)
{
	memset(lab->dots, 0, sizeof(lab->dots));
}

static size_t find(struct lab *lab, struct shape_line **ret)
{
	size_t count = 0;
	int drawn_to;

	assert_int_equal(shapes_find(lab->arena, &lab->picture, ret, &count, &drawn_to), 0);
	return count;
}

/* Learns the @count @texts, each twice, as a person reads them. */
static void learn(struct lab *lab, const char *const *texts, size_t count, int agree, struct glyphs *ret)
{
	struct glyphs_lesson *lessons = ARENA_ARRAY(lab->arena, struct glyphs_lesson, 2 * count);
	struct fault fault = {0};
	struct shape_line *lines;

	clear(lab);
	for (size_t i = 0; i < 2 * count; i++)
		draw(lab, texts[i % count], (int)i * 18, 1);
	assert_int_equal(find(lab, &lines), 2 * count);
	for (size_t i = 0; i < 2 * count; i++)
		lessons[i] = (struct glyphs_lesson){&lines[i], texts[i % count]};
	assert_int_equal(glyphs_learn(lab->arena, lessons, 2 * count, agree, ret, &fault), 0);
}

static const char *read_text(struct lab *lab, const struct glyphs *glyphs, const char *text, int apart)
{
	struct fault fault = {0};
	struct shape_line *lines;
	struct page page;

	clear(lab);
	draw(lab, text, 5, apart);
	assert_int_equal(find(lab, &lines), 1);
	assert_int_equal(glyphs_page(glyphs, lab->arena, lines, 1, &page, &fault), 0);
	return page.lines[0].text;
}

static const char *const lessons[] = {"Tiền 1.001", "Tien nạp: 10", "Tin 1,0 Ti'n", "Tiền 10% pi", "Tie1 0.1-1"};

static void marks_belong_to_their_letters(void **state)
{
	struct lab *lab = *state;
	struct shape_line *lines;

	draw(lab, "iềạ:%n", 5, 2);
	draw(lab, "ppp", 23, 2); /* its line is close to the next */
	draw(lab, "ềềề", 38, 2);
	assert_int_equal(find(lab, &lines), 3);
	assert_int_equal(lines[0].count, 6);
	assert_int_equal(lines[1].count, 3);
	assert_int_equal(lines[2].count, 3);
	assert_int_equal(lines[0].shapes[1].height, 10);
	assert_int_equal(lines[0].shapes[2].height, 7);
	assert_int_equal(lines[1].shapes[0].height, 7);
	assert_int_equal(lines[2].shapes[0].height, 10);
}

/* Letters of lines that are so close that a mark is nearer to what stands above or below it than to its own letter. */
static void marks_are_not_those_of_another_line(void **state)
{
	struct lab *lab = *state;
	struct shape_line *lines;

	draw_letter(lab, ".", 2, 0);
	draw_letter(lab, "p", 12, 0);
	draw_letter(lab, "ề", 2, 13);
	draw_letter(lab, "ề", 12, 13);
	assert_int_equal(find(lab, &lines), 2);
	assert_true(lines[0].count == 2 && lines[1].count == 2);
	assert_true(lines[0].shapes[0].height == 1 && lines[0].shapes[1].height == 7);
	assert_true(lines[1].shapes[0].height == 10 && lines[1].shapes[1].height == 10);
	clear(lab);
	draw_letter(lab, ".", 2, 0);
	draw_letter(lab, "T", 20, 0);
	draw_letter(lab, "ề", 2, 12); /* two dots below the point */
	assert_int_equal(find(lab, &lines), 2);
	assert_int_equal(lines[1].shapes[0].height, 10);
}

/* @letter, each dot of it @times as wide and high. */
static void draw_large(struct lab *lab, const char *letter, int x, int top, int times)
{
	struct lab small = {.arena = NULL};

	draw_letter(&small, letter, 0, 0);
	for (int row = 0; row < LETTER_ROW * times; row++)
		for (int column = 0; column < 8 * times; column++)
			if (small.dots[row / times * (WIDTH / 8)] >> (7 - column / times) & 1)
				dot(lab, x + column, top + row);
}

/* Letters close below much larger ones are a line of their own. */
static void a_title_takes_no_letters_of_the_line_below(void **state)
{
	struct lab *lab = *state;
	struct shape_line *lines;

	draw_large(lab, "T", 2, 0, 2);
	draw_large(lab, "ạ", 22, 0, 2);
	draw(lab, "100", 22, 1);
	draw(lab, "100.100.100.100", 60, 1);
	assert_int_equal(find(lab, &lines), 3);
	assert_true(lines[0].count == 2 && lines[1].count == 3);
	assert_int_equal(lines[0].shapes[1].height, 2 * 7);
}

/* What is a mark of large letters is as high as a letter of a small line. */
static void small_letters_keep_their_marks_among_large_ones(void **state)
{
	struct lab *lab = *state;
	struct shape_line *lines;

	for (int i = 0; i < 4; i++)
		draw_large(lab, "T", 2 + 30 * i, 0, 4);
	draw_large(lab, "ề", 2, 60, 2);
	assert_int_equal(find(lab, &lines), 2);
	assert_true(lines[0].count == 4 && lines[1].count == 1);
	assert_int_equal(lines[1].shapes[0].height, 2 * 10);
}

static int drawn_to(struct lab *lab)
{
	struct shape_line *lines;
	size_t count;
	int end;

	assert_int_equal(shapes_find(lab->arena, &lab->picture, &lines, &count, &end), 0);
	return end;
}

/* White letters on black, a frame and a logo may say what the paper is; a stroke says nothing. */
static void what_is_drawn_and_no_letter_is_told(void **state)
{
	struct lab *lab = *state;
	struct glyphs none = {.count = 0};
	struct paper paper = {.columns = 20};
	struct fault fault = {0};
	struct page page;

	draw(lab, "Tiền", 0, 1);
	for (int x = 0; x < 200; x++)
		for (int row = 0; row < 6; row++)
			dot(lab, x, 20 + row);
	for (int row = 0; row < 200; row++)
		dot(lab, 220, row);
	assert_int_equal(drawn_to(lab), 0);
	for (int x = 0; x < 97; x++)
		for (int row = 0; row < 20; row++)
			if (x < 10 || x > 20 || row < 5 || row > 15)
				dot(lab, x, 40 + row);
	assert_int_equal(drawn_to(lab), 60);
	paper.picture = lab->picture;
	assert_int_equal(glyphs_read_paper(&none, lab->arena, &paper, &page, &fault), 0);
	assert_string_equal(page.lines[page.line_count - 1].text, FFFD);
	none.head = glyphs_head_of(&lab->picture, 60); /* known as what this till's pictures begin with */
	assert_int_equal(glyphs_read_paper(&none, lab->arena, &paper, &page, &fault), 0);
	assert_int_equal(page.line_count, 0); /* but for a long stroke */
	dot(lab, 150, 50);
	assert_int_equal(glyphs_read_paper(&none, lab->arena, &paper, &page, &fault), 0);
	assert_string_equal(page.lines[page.line_count - 1].text, FFFD);
}

static void what_was_learned_is_read(void **state)
{
	struct lab *lab = *state;
	struct glyphs glyphs;

	learn(lab, lessons, ARRAY_LEN(lessons), 2, &glyphs);
	assert_string_equal(read_text(lab, &glyphs, "Tiền nạp: 1.000", 1), "Tiền nạp: 1.000");
	assert_string_equal(read_text(lab, &glyphs, "Tin  10%   1,1", 1), "Tin  10%   1,1");
	/* the same dots at another height are another sign, and none that was learned */
	assert_string_equal(read_text(lab, &glyphs, "T'n", 1), "T'n");
	assert_string_equal(read_text(lab, &glyphs, "T,n", 1), "T,n");
}

static void what_is_not_known_is_not_guessed(void **state)
{
	struct lab *lab = *state;
	struct glyphs glyphs;
	struct shape_line *lines;
	struct fault fault = {0};
	struct page page;

	learn(lab, lessons, 4, 2, &glyphs); /* without the stroke */
	assert_string_equal(read_text(lab, &glyphs, "Ti-1", 1), "Ti" FFFD "1");
	clear(lab);
	draw(lab, "T100", 5, 1);
	dot(lab, 8, 5 + 7); /* a dot more in the middle of what was a 1 */
	assert_int_equal(find(lab, &lines), 1);
	assert_int_equal(glyphs_page(&glyphs, lab->arena, lines, 1, &page, &fault), 0);
	assert_true(strstr(page.lines[0].text, FFFD) || lines[0].count != 4);
	assert_string_equal(read_text(lab, &glyphs, "-", 1), FFFD);
	assert_string_equal(read_text(lab, &glyphs, "---------", 2), "--------"); /* drawn across the paper */
}

static void letters_that_touch_are_told_where_there_is_one_way(void **state)
{
	struct lab *lab = *state;
	struct glyphs glyphs;

	learn(lab, lessons, ARRAY_LEN(lessons), 2, &glyphs);
	assert_string_equal(read_text(lab, &glyphs, "en", 0), FFFD); /* nothing else says where the line is */
	assert_string_equal(read_text(lab, &glyphs, "T npn", 0), "T npn");
	assert_string_equal(read_text(lab, &glyphs, "T 00", 0), "T " FFFD); /* figures never are */
}

/* "Tin p" and a 1 that stands @lower than them. */
static const char *read_lower(struct lab *lab, const struct glyphs *glyphs, int lower)
{
	struct fault fault = {0};
	struct shape_line *lines;
	struct page page;

	clear(lab);
	draw(lab, "Tin p", 5, 1);
	draw_letter(lab, "1", 27, 5 + lower);
	assert_int_equal(find(lab, &lines), 1);
	assert_int_equal(glyphs_page(glyphs, lab->arena, lines, 1, &page, &fault), 0);
	return page.lines[0].text;
}

static void columns_of_a_line_may_stand_a_dot_apart(void **state)
{
	struct lab *lab = *state;
	struct glyphs glyphs;
	struct glyph other;

	learn(lab, lessons, ARRAY_LEN(lessons), 2, &glyphs);
	for (int lower = -1; lower <= 2; lower++)
		assert_string_equal(read_lower(lab, &glyphs, lower), lower < 2 ? "Tin p 1" : "Tin p " FFFD);
	/* where another letter looks so and is as near, nobody knows which it is */
	for (size_t i = 0; i < glyphs.count; i++)
		if (strcmp(glyphs.glyphs[i].letters, "1") == 0)
			other = glyphs.glyphs[i];
	other.drop += 2;
	strcpy(other.letters, "l");
	glyphs.glyphs[glyphs.count++] = other;
	glyphs_sort(&glyphs);
	assert_string_equal(read_lower(lab, &glyphs, 0), "Tin p 1");
	assert_string_equal(read_lower(lab, &glyphs, 1), "Tin p " FFFD);
	assert_string_equal(read_lower(lab, &glyphs, 2), "Tin p l");
}

/* What is learned of two lessons and of "T", "ạ", @touching and "i" side by side, which are @text. */
static void learn_touching(struct lab *lab, const char *const *touching, const char *text, struct glyphs *ret)
{
	const char *const texts[] = {"Tiền 1.001", "Tin 1,0 Ti'n", text};
	struct glyphs_lesson all[ARRAY_LEN(texts)];
	struct fault fault = {0};
	struct shape_line *lines;
	int x = 14;

	clear(lab);
	draw(lab, texts[0], 0, 1);
	draw(lab, texts[1], 18, 1);
	draw(lab, "Tạ", 36, 1);
	for (size_t i = 0; touching[i]; i++)
		x += draw_letter(lab, touching[i], x, 36);
	draw_letter(lab, "i", x + 1, 36);
	assert_int_equal(find(lab, &lines), ARRAY_LEN(texts));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		all[i] = (struct glyphs_lesson){&lines[i], texts[i]};
	assert_int_equal(glyphs_learn(lab->arena, all, ARRAY_LEN(texts), 1, ret, &fault), 0);
}

static bool knows(const struct glyphs *glyphs, const char *letters)
{
	for (size_t i = 0; i < glyphs->count; i++)
		if (strcmp(glyphs->glyphs[i].letters, letters) == 0)
			return true;
	return false;
}

/* Of a letter that is not known and others that touch, the width of those that are known says which they are. */
static void letters_that_touch_are_learned_where_their_widths_say_which(void **state)
{
	struct lab *lab = *state;
	struct glyphs glyphs;

	learn_touching(lab, (const char *const[]){"n", "0", NULL}, "Tạn0i", &glyphs);
	assert_true(knows(&glyphs, "ạ") && knows(&glyphs, "n0") && !knows(&glyphs, "ạn"));
	learn_touching(lab, (const char *const[]){"n", "p", NULL}, "Tạnpi", &glyphs);
	assert_false(knows(&glyphs, "ạ") || knows(&glyphs, "np") || knows(&glyphs, "ạn") || knows(&glyphs, "p"));
}

/* A reader that is wrong now and then teaches nothing wrong: its letters do not agree. */
static void samples_must_agree(void **state)
{
	static const char *const twisted[] = {
		"Tiền 1.001", "Tlen nạp: 10", "Tin 1,0 Ti'n", "Tiền 18% pi", "Tie1 0.1-1"};
	struct lab *lab = *state;
	struct glyphs_lesson wrong[5];
	struct glyphs glyphs;
	struct fault fault = {0};
	struct shape_line *lines;

	for (size_t i = 0; i < 5; i++)
		draw(lab, lessons[i], (int)i * 18, 1);
	assert_int_equal(find(lab, &lines), 5);
	for (size_t i = 0; i < 5; i++)
		wrong[i] = (struct glyphs_lesson){&lines[i], twisted[i]};
	assert_int_equal(glyphs_learn(lab->arena, wrong, 5, 2, &glyphs, &fault), 0);
	for (size_t i = 0; i < glyphs.count; i++)
		assert_true(strcmp(glyphs.glyphs[i].letters, "l") != 0 && strcmp(glyphs.glyphs[i].letters, "8") != 0);
	/* one sample is not enough, unless a person said so */
	assert_string_equal(read_text(lab, &glyphs, "T-T", 1), "T" FFFD "T");
	assert_int_equal(glyphs_learn(lab->arena, wrong, 5, 1, &glyphs, &fault), 0);
}

static void the_file_reads_back(void **state)
{
	struct lab *lab = *state;
	BYTES_CLEANUP struct bytes out = {.max = GLYPHS_FILE_MAX};
	BYTES_CLEANUP struct bytes again = {.max = GLYPHS_FILE_MAX};
	struct glyphs glyphs, read;
	struct fault fault = {0};
	static const char *const wrong[] = {"", "hoadon-glyphs 2\n", "hoadon-glyphs 1\nsize 0 1\n",
		"hoadon-glyphs 1\nsize 7 5\nsize 7 5\n", "hoadon-glyphs 1\nglyph 1 1 0 7 1 1 1 80 T\n",
		"hoadon-glyphs 1\nsize 7 5\nglyph 1 1 0 7 1 1 1 8g T\n",
		"hoadon-glyphs 1\nsize 7 5\nglyph 0 1 0 7 1 1 1 80 T\n",
		"hoadon-glyphs 1\nsize 7 5\nglyph 1 1 0 7 1 1 1 80 T n\n",
		"hoadon-glyphs 1\nsize 7 5\nglyph 1 1 0 7 1 1 1 80 \xff\n",
		"hoadon-glyphs 1\nsize 7 5\nglyph 97 1 0 7 1 1 1 80 T\n", "hoadon-glyphs 1\nelse\n",
		"hoadon-glyphs 1\nhead 576 0 " A64 "\n", "hoadon-glyphs 1\nhead 576 9 " A64 "a\n",
		"hoadon-glyphs 1\nhead 576 9 " A64 "\nhead 576 9 " A64 "\n"};

	learn(lab, lessons, ARRAY_LEN(lessons), 2, &glyphs);
	glyphs.head = glyphs_head_of(&lab->picture, 9);
	glyphs_write(&glyphs, &out);
	assert_int_equal(glyphs_read(lab->arena, &out, &read, &fault), 0);
	glyphs_write(&read, &again);
	assert_string_equal((const char *)out.data, (const char *)again.data);
	assert_string_equal(read_text(lab, &read, "Tiền nạp: 1.000", 1), "Tiền nạp: 1.000");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		BYTES_CLEANUP struct bytes text = {.max = 1000};

		bytes_text(&text, wrong[i]);
		assert_int_equal(glyphs_read(lab->arena, &text, &read, &fault), FAULT_CONFIG);
	}
}

static void lines_and_texts_go_together_in_order(void **state)
{
	static const char *const texts[] = {"Tiền", "Tin", "not there at all", "Tiền 100"};
	struct lab *lab = *state;
	struct shape_line *lines;
	struct fault fault = {0};
	const char *found[4];

	draw(lab, "Tiền", 0, 1);
	draw(lab, "---------------", 18, 2);
	draw(lab, "Tin", 36, 1);
	draw(lab, "Tiền 100", 54, 1);
	assert_int_equal(find(lab, &lines), 4);
	assert_int_equal(glyphs_match(lab->arena, lines, 4, texts, 4, found, &fault), 0);
	assert_string_equal(found[0], "Tiền");
	assert_string_equal(found[3], "Tiền 100");
}

int main(void)
{
#define WITH_LAB(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_LAB(marks_belong_to_their_letters),
		WITH_LAB(marks_are_not_those_of_another_line),
		WITH_LAB(a_title_takes_no_letters_of_the_line_below),
		WITH_LAB(small_letters_keep_their_marks_among_large_ones),
		WITH_LAB(what_is_drawn_and_no_letter_is_told),
		WITH_LAB(what_was_learned_is_read),
		WITH_LAB(what_is_not_known_is_not_guessed),
		WITH_LAB(letters_that_touch_are_told_where_there_is_one_way),
		WITH_LAB(columns_of_a_line_may_stand_a_dot_apart),
		WITH_LAB(letters_that_touch_are_learned_where_their_widths_say_which),
		WITH_LAB(samples_must_agree),
		WITH_LAB(the_file_reads_back),
		WITH_LAB(lines_and_texts_go_together_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
