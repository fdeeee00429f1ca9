/* Print streams as text: every variant of a layout, whatever its encoding and its announced page, reads as the layout. */
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
#include "capture/head.h"
#include "capture/letters.h"
#include "drivers/drivers.h"

#define TEXT_MAX ((size_t)1 << 20)
#define RULER	 "──────────────────────────────────────────\n"

struct lab {
	struct letters *letters;
	struct bytes text; /* of every page; words with one space between them */
	enum page_encoding encoding;
	int margin_min;
	size_t unsure;
};

/* One space between words, no blank lines. */
static void add_words(struct bytes *out, const char *line)
{
	bool is_open = false;

	while (*line != '\0') {
		size_t len = strcspn(line, " ");

		if (len > 0 && is_open)
			bytes_char(out, ' ');
		bytes_append(out, line, len);
		is_open |= len > 0;
		line += len + strspn(line + len, " ");
	}
	if (is_open)
		bytes_char(out, '\n');
}

static void read_receipt(void *context, struct arena *arena, const struct paper *paper)
{
	struct lab *lab = context;
	struct letters_port port = {.wanted = PAGE_ASCII, .before = PAGE_ASCII};
	struct page page;

	assert_int_equal(letters_read(lab->letters, arena, paper, &port, &page, NULL), 0);
	for (size_t i = 0; i < page.line_count; i++)
		add_words(&lab->text, page.lines[i].text);
	if (paper->has_cut)
		bytes_text(&lab->text, "[cut]\n");
	lab->encoding = page.encoding;
	lab->unsure += page.is_unsure;
	if (page.margin < lab->margin_min && page.encoding != PAGE_ASCII)
		lab->margin_min = page.margin;
	arena_free(arena);
}

static void print_stream(struct lab *lab, const struct bytes *stream, int dots)
{
	CLEANUP(head_freep) struct head *head = head_new(dots, read_receipt, lab);
	struct print_sink sink = {head_event, head};
	void *state = calloc(1, dialect_escpos.state_size);

	assert_true(head && state);
	bytes_clear(&lab->text);
	assert_int_equal(dialect_escpos.feed(state, stream->data, stream->len, &sink), 0);
	assert_int_equal(dialect_escpos.flush(state, &sink), 0);
	assert_int_equal(head_end(head), 0);
	free(state);
}

/* What an encoding lacks a till prints otherwise. */
static void replace(struct bytes *text, const char *from, const char *to)
{
	for (char *at = strstr((char *)text->data, from); at; at = strstr(at, from)) {
		memmove(at + strlen(to), at + strlen(from), strlen(at + strlen(from)) + 1);
		memcpy(at, to, strlen(to));
	}
}

static void check_variant(void *context, const struct layout_stream *stream)
{
	static const struct {
		const char *variant;
		enum page_encoding encoding;
	} meant[] = {{"tcvn3.bin", PAGE_TCVN}, {"cp1258.bin", PAGE_CP1258}, {"viscii.bin", PAGE_VISCII},
		{"utf8.bin", PAGE_UTF8}, {"utf8-bom.bin", PAGE_UTF8}, {"tcvn-pages.bin", PAGE_PAGES},
		{"mislabelled.bin", PAGE_TCVN}};
	BYTES_CLEANUP struct bytes text;
	BYTES_CLEANUP struct bytes expected;
	struct lab *lab = context;

	bytes_init(&text, TEXT_MAX);
	bytes_append(&text, stream->text->data, stream->text->len);
	if (!strstr(stream->variant, "utf8") && !strstr(stream->variant, "1258"))
		replace(&text, "₫", "đ");
	if (!strstr(stream->variant, "utf8"))
		replace(&text, "—", "-");
	bytes_init(&expected, TEXT_MAX);
	for (char *line = strtok((char *)text.data, "\n"); line; line = strtok(NULL, "\n"))
		add_words(&expected, line);
	print_stream(lab, stream->bytes, strstr(stream->layout, "-32") ? HEAD_DOTS_58MM : HEAD_DOTS_80MM);
	assert_string_equal((char *)lab->text.data, (char *)expected.data);
	for (size_t i = 0; i < ARRAY_LEN(meant); i++)
		if (strcmp(meant[i].variant, stream->variant) == 0)
			assert_int_equal(lab->encoding, meant[i].encoding);
}

static void each_variant_reads_as_its_layout(void **state)
{
	struct lab *lab = *state;

	each_layout_stream(check_variant, lab);
	print_message("page: margin min %d\n", lab->margin_min);
	assert_int_equal(lab->unsure, 0);
	assert_true(lab->margin_min > 0);
}

static void check_capture(struct lab *lab, const char *name, enum page_encoding encoding, const char *text)
{
	BYTES_CLEANUP struct bytes stream;

	read_dialect_file(DIALECTS "/captures", name, &stream);
	print_stream(lab, &stream, HEAD_DOTS_80MM);
	assert_true(strstr((char *)lab->text.data, text) != NULL);
	assert_int_equal(lab->encoding, encoding);
	assert_int_equal(lab->unsure, 0);
}

/* An encoder that takes the first page that has a letter, ones that lack capitals, and ones whose announced page lies. The last writes Á as CP1258 does, and the rest as TCVN. */
static void what_real_encoders_write_is_read(void **state)
{
	struct lab *lab = *state;

	check_capture(lab, "rpe-epson-auto.bin", PAGE_PAGES,
		"QUÁN PHỞ HÀ NỘI\nHóa đơn bán hàng\n" RULER "Phở bò tái 2 130.000\nTỔNG CỘNG 130.000\n[cut]\n");
	check_capture(lab, "rpe-epson-tcvn3.bin", PAGE_PAGES,
		"QU?N PH? H? N?I\nHóa đơn bán hàng\n" RULER "Phở bò tái 2 130.000\nT?NG C?NG 130.000\n[cut]\n");
	check_capture(lab, "rpe-bixolon-viscii.bin", PAGE_PAGES,
		"QUÁN PHỞ HÀ NỘI\nHóa đơn bán hàng\n" RULER "Phở bò tái 2 130.000\nTỔNG CỘNG 130.000\n[cut]\n");
	check_capture(lab, "ntp-tcvn-48.bin", PAGE_TCVN,
		"QUÁN PHỞ HÀ NỘI\n12 Nguyễn Huệ, Quận 1, TP.HCM\nĐT: 028 3822 0000\nHÓA ĐƠN THANH TOÁN\nSố HĐ: "
		"HD000123\n");
	check_capture(lab, "ntp-cp1258-48.bin", PAGE_TCVN,
		"12 Nguyễn Huệ, Quận 1, TP.HCM\nĐT: 028 3822 0000\nHÓA ĐƠN THANH TOÁN\nSố HĐ: "
		"HD000123\n");
}

static int set_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	*state = lab;
	if (!lab || letters_new(&lab->letters, NULL) != 0)
		return -1;
	bytes_init(&lab->text, TEXT_MAX);
	lab->margin_min = 1000;
	return 0;
}

static int tear_down(void **state)
{
	struct lab *lab = *state;

	letters_free(lab->letters);
	bytes_done(&lab->text);
	free(lab);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_variant_reads_as_its_layout, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_real_encoders_write_is_read, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("cli/page", tests, NULL, NULL);
}
