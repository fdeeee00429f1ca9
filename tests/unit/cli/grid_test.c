/* Print streams on the virtual head: each variant of a layout puts the same words on the same lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>

#include "../dialects.h"
#include "capture/head.h"
#include "drivers/drivers.h"

#define TEXT_MAX ((size_t)1 << 20)

/* Words in ASCII letters, one space between them; a blank line is nothing; "[cut]" ends a receipt. */
struct words {
	struct bytes text;
	bool is_cp1258; /* a letter in front of a tone mark is half of one that is not ASCII */
	bool is_open;	/* a line with a word */
	bool is_spaced;
	size_t papers;
	size_t unread;
	int page_max;
};

static void word_byte(struct words *words, uint8_t byte)
{
	if (byte >= 0x80 || byte < ' ')
		return;
	if (byte == ' ') {
		words->is_spaced = true;
		return;
	}
	if (words->is_spaced && words->is_open)
		bytes_char(&words->text, ' ');
	bytes_char(&words->text, (char)byte);
	words->is_open = true;
	words->is_spaced = false;
}

static void word_line_end(struct words *words)
{
	if (words->is_open)
		bytes_char(&words->text, '\n');
	words->is_open = false;
	words->is_spaced = false;
}

static void word_receipt(void *context, struct arena *arena, const struct paper *paper)
{
	struct words *words = context;

	for (size_t i = 0; i < paper->line_count; i++) {
		for (size_t j = 0; j < paper->lines[i].run_count; j++) {
			const struct paper_run *run = &paper->lines[i].runs[j];

			words->is_spaced |= run->gap > 0;
			words->page_max = run->page > words->page_max ? run->page : words->page_max;
			for (size_t k = 0; k < run->len; k++)
				if (!words->is_cp1258 || k + 1 == run->len ||
					!memchr("\xcc\xd2\xde\xec\xf2", run->bytes[k + 1], 5))
					word_byte(words, run->bytes[k]);
		}
		word_line_end(words);
	}
	if (paper->has_cut)
		bytes_text(&words->text, "[cut]\n");
	words->papers++;
	words->unread += paper->unread + paper->is_cut_short;
	arena_free(arena);
}

static void print_stream(
	const struct print_dialect_ops *dialect, const struct bytes *stream, int dots, struct words *words)
{
	CLEANUP(head_freep) struct head *head = head_new(dots, word_receipt, words);
	struct print_sink sink = {head_event, head};
	void *state = calloc(1, dialect->state_size);

	assert_true(head && state);
	assert_int_equal(dialect->feed(state, stream->data, stream->len, &sink), 0);
	assert_int_equal(dialect->flush(state, &sink), 0);
	assert_int_equal(head_end(head), 0);
	free(state);
}

static void expect_words(const struct bytes *text, struct words *words)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] == '\n')
			word_line_end(words);
		else
			word_byte(words, text->data[i]);
}

static void check_variant(void *context, const struct layout_stream *stream)
{
	struct words expected = {.papers = 0};
	struct words got = {.is_cp1258 = strcmp(stream->variant, "cp1258.bin") == 0};
	bool is_narrow = strstr(stream->layout, "-32") != NULL;

	(void)context;
	bytes_init(&expected.text, TEXT_MAX);
	expect_words(stream->text, &expected);
	bytes_init(&got.text, TEXT_MAX);
	print_stream(&dialect_escpos, stream->bytes, is_narrow ? HEAD_DOTS_58MM : HEAD_DOTS_80MM, &got);
	assert_string_equal((char *)got.text.data, (char *)expected.text.data);
	assert_int_equal(got.unread, 0);
	if (strcmp(stream->variant, "tcvn-pages.bin") == 0)
		assert_int_equal(got.page_max, 31);
	if (strcmp(stream->variant, "utf8.bin") == 0)
		assert_int_equal(got.page_max, PRINT_PAGE_UTF8);
	bytes_done(&got.text);
	bytes_done(&expected.text);
}

static void each_variant_has_the_words_of_its_layout(void **state)
{
	(void)state;
	each_layout_stream(check_variant, NULL);
}

static void assert_capture(const char *name, const struct print_dialect_ops *dialect, const char *expected)
{
	BYTES_CLEANUP struct bytes stream;
	struct words got = {.papers = 0};

	read_dialect_file(DIALECTS "/captures", name, &stream);
	bytes_init(&got.text, TEXT_MAX);
	print_stream(dialect, &stream, HEAD_DOTS_80MM, &got);
	assert_string_equal((char *)got.text.data, expected);
	bytes_done(&got.text);
}

/* Columns that are placed by ESC $ and ESC \ without a space are words of their own. */
static void columns_without_spaces_are_words(void **state)
{
	(void)state;
	assert_capture("rl-escpos-42.bin", &dialect_escpos,
		"QU?N PH? H? N?I\n12 Nguy?n Hu?, Qu?n 1\nTn mn SL T.Ti?n\nPh? b ti ??c bi?t 2 130.000\nC ph s?a ? 1 "
		"29.000\n"
		"T?NG C?NG 159.000\n[cut]\n");
}

static void star_prints_on_the_same_head(void **state)
{
	(void)state;
	assert_capture("rl-star-42.bin", &dialect_star,
		"QU?N PH? H? N?I\n12 Nguy?n Hu?, Qu?n 1\nTn mn SL T.Ti?n\nPh? b ti ??c bi?t 2 130.000\nC ph s?a ? 1 "
		"29.000\n"
		"T?NG C?NG 159.000\n[cut]\n");
	assert_capture("rpe-starprnt-auto.bin", &dialect_star,
		"QUN PH? H N?I\nHa ?n bn hng\nPh? b ti 2 130.000\nT?NG C?NG 130.000\n[cut]\n");
}

/* The text of each layout, sent as it is, has the words of its layout too. */
static void plain_text_prints_its_lines(void **state)
{
	glob_t found;

	(void)state;
	assert_int_equal(glob(DIALECTS "/layouts/*/*.txt", 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, 9);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		BYTES_CLEANUP struct bytes text;
		struct words expected = {.papers = 0};
		struct words got = {.papers = 0};

		bytes_init(&text, TEXT_MAX);
		bytes_init(&expected.text, TEXT_MAX);
		bytes_init(&got.text, TEXT_MAX);
		assert_int_equal(file_read(found.gl_pathv[i], &text, NULL), 0);
		expect_words(&text, &expected);
		print_stream(&dialect_plain, &text, HEAD_DOTS_80MM, &got);
		assert_string_equal((char *)got.text.data, (char *)expected.text.data);
		assert_int_equal(got.unread, 0);
		bytes_done(&expected.text);
		bytes_done(&got.text);
	}
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_variant_has_the_words_of_its_layout),
		cmocka_unit_test(columns_without_spaces_are_words),
		cmocka_unit_test(star_prints_on_the_same_head),
		cmocka_unit_test(plain_text_prints_its_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
