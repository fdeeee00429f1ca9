/* What a printer language composes is what it reads: lines, code and the state of before, and no command out of any text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/hold.h"
#include "drivers/drivers.h"
#include "drivers/print_annex.h"
#include "wire/qr.h"

#define SIDE_MAX 160
#define HOSTILE                                                                                                        \
	"\x1b@\x1dV\x41\x03\x1b"                                                                                       \
	"d\x03\n\r\f\x07\x10\x14\x01\x7f\xc2\x9b"                                                                      \
	"Cà phê\xcc\x81 đá\xe2\x80\xae"

/* What came out, in words. */
struct told {
	struct bytes words;
	char qr[PRINT_QR_MAX + 1];
	int32_t align, font, width, height, country, kanji;
	int codes, cuts, feeds, strange;
	int lines;			   /* the paper came behind the last letter */
	uint8_t dots[SIDE_MAX * SIDE_MAX]; /* of pictures, one below the other: 1 is black */
	int rows, across;
};

static void draw(struct told *told, const struct print_event *event)
{
	int width = event->value[0], height = event->value[1];

	assert_true(width <= SIDE_MAX && told->rows + height <= SIDE_MAX);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			int at = event->is_columns ? x * height + y : y * width + x;

			told->dots[(told->rows + y) * SIDE_MAX + x] = event->bytes[at / 8] >> (7 - at % 8) & 1;
		}
	told->rows += height;
	told->across = width;
}

static void tell(void *context, const struct print_event *event)
{
	struct told *told = context;

	switch (event->kind) {
	case PRINT_TEXT:
		bytes_append(&told->words, event->bytes, event->len);
		told->lines = 0;
		break;
	case PRINT_LINE_FEED:
		bytes_char(&told->words, '|');
		told->lines++;
		break;
	case PRINT_ALIGN:
		told->align = event->value[0];
		break;
	case PRINT_FONT:
		told->font = event->value[0];
		break;
	case PRINT_SIZE:
		told->width = event->value[0] ? event->value[0] : told->width;
		told->height = event->value[1] ? event->value[1] : told->height;
		break;
	case PRINT_COUNTRY:
		told->country = event->value[0];
		break;
	case PRINT_KANJI:
		told->kanji = event->value[0];
		break;
	case PRINT_QR:
		snprintf(told->qr, sizeof(told->qr), "%.*s", (int)event->len, (const char *)event->bytes);
		break;
	case PRINT_QR_PRINT:
		told->codes++;
		break;
	case PRINT_CUT:
		told->cuts++;
		break;
	case PRINT_FEED:
		told->feeds++;
		told->lines += event->value[0];
		break;
	case PRINT_RASTER:
		draw(told, event);
		break;
	case PRINT_OTHER:
	case PRINT_RETURN:
		break;
	default: /* also a reset */
		told->strange++;
	}
}

static struct told print(
	const struct print_dialect_ops *dialect, const struct print_annex *annex, const struct print_state *state)
{
	BYTES_CLEANUP struct bytes out = {.max = 65536};
	void *stream = calloc(1, dialect->state_size);
	struct told told = {.align = state->align,
		.font = state->font,
		.width = state->width,
		.height = state->height,
		.country = state->country,
		.kanji = state->is_kanji};
	struct print_sink sink = {tell, &told};
	struct fault fault = {0};

	assert_non_null(stream);
	bytes_init(&told.words, 65536);
	assert_int_equal(dialect->compose(annex, state, &out, &fault), 0);
	assert_int_equal(dialect->feed(stream, out.data, out.len, &sink), 0);
	assert_int_equal(dialect->flush(stream, &sink), 0);
	free(stream);
	bytes_char(&told.words, '\0');
	assert_int_equal(told.strange, 0);
	assert_true(told.align == state->align && told.font == state->font && told.width == state->width &&
		    told.height == state->height && told.country == state->country && told.kanji == state->is_kanji);
	return told;
}

static const struct print_state begin = {.page = PRINT_PAGE_NONE, .width = 1, .height = 1};
static const struct print_state odd_without_kanji = {
	.page = 30, .country = 12, .align = 2, .font = 1, .width = 2, .height = 8};

#define WITH_CODES 2 /* the first of them have QR codes */

/* Every language, and what a till may have set in it. */
static const struct {
	const struct print_dialect_ops *dialect;
	struct print_state odd;
} languages[] = {
	{&dialect_escpos,
		{.page = 30, .country = 12, .align = 2, .font = 1, .width = 2, .height = 8, .is_kanji = true}},
	{&dialect_star, {.page = 30, .country = 12, .align = 2, .font = 1, .width = 2, .height = 8}},
	{&dialect_plain, {.page = PRINT_PAGE_NONE, .width = 1, .height = 1}},
	{&dialect_escp, {.page = 30, .country = 12, .font = 1, .width = 2, .height = 2}},
};

static void each_language_stands_here(void **context)
{
	(void)context;
	for (size_t i = 0; driver_print_dialects[i]; i++) {
		size_t at = 0;

		while (at < ARRAY_LEN(languages) && languages[at].dialect != driver_print_dialects[i])
			at++;
		assert_true(at < ARRAY_LEN(languages));
	}
}

static void what_is_composed_is_read(void **context)
{
	static const char *const lines[] = {"HÓA ĐƠN ĐIỆN TỬ", HOSTILE, "", "Số: 7"};

	(void)context;
	for (size_t i = 0; i < ARRAY_LEN(languages); i++)
		for (int end = PRINT_END_LINE; end <= PRINT_END_CUT; end++) {
			struct print_annex annex = {lines, ARRAY_LEN(lines), "QR 0123", 0, (enum print_end)end};
			struct told told = print(languages[i].dialect, &annex, &languages[i].odd);

			assert_non_null(strstr((char *)told.words.data, "|HOA DON DIEN TU|@V"));
			assert_non_null(strstr((char *)told.words.data, "dCa phe da?||So: 7|"));
			assert_string_equal(told.qr, i < WITH_CODES ? "QR 0123" : "");
			assert_int_equal(told.codes, i < WITH_CODES);
			assert_int_equal(told.cuts, end == PRINT_END_CUT);
			if (end == PRINT_END_FEED)
				assert_in_range(told.lines, PRINT_FEED_LINES + 1, PRINT_FEED_LINES + 2);
			else if (end == PRINT_END_LINE)
				assert_in_range(told.lines, 1, 2);
			bytes_done(&told.words);
		}
}

static void a_code_of_any_length_is_whole(void **context)
{
	char text[PRINT_QR_MAX + 1];

	(void)context;
	for (size_t i = 0; i < WITH_CODES; i++)
		for (size_t len = 1; len <= PRINT_QR_MAX; len += 111) {
			struct print_annex annex = {.qr = text};
			struct told told;

			memset(text, 'x', len);
			text[len] = '\0';
			told = print(languages[i].dialect, &annex, &begin);
			assert_string_equal(told.qr, text);
			bytes_done(&told.words);
		}
}

/* Dot by dot what the code is, in rows as in columns, of the widest that fits; and what is too wide leaves the lines alone. */
static void a_code_is_drawn(void **context)
{
	static const char *const lines[] = {"7"};
	static const int papers[][2] = {{576, 132}, {132, 132}, {131, 99}, {99, 99}, {98, 0}};

	(void)context;
	for (size_t i = 0; i < 2 * ARRAY_LEN(papers); i++) {
		int size = papers[i / 2][1];
		struct print_annex annex = {lines, 1, "hoadon print test", papers[i / 2][0], PRINT_END_LINE};
		struct told told = print(languages[i % WITH_CODES].dialect, &annex, &odd_without_kanji);
		BYTES_CLEANUP struct bytes rows = {.max = 65536};
		int side = 0;

		assert_int_equal(qr_raster(annex.qr, annex.qr_dots, &rows, &side, NULL), size ? 0 : FAULT_FORMAT);
		assert_int_equal(side, size);
		assert_string_equal((char *)told.words.data, "|7||");
		assert_true(told.codes == 0 && told.qr[0] == '\0' && told.cuts == 0);
		assert_int_equal(told.feeds, i % 2 ? (size + 23) / 24 : 0);
		assert_int_equal(told.rows, i % 2 ? (size + 23) / 24 * 24 : size);
		assert_int_equal(told.across, i % 2 ? size : (size + 7) / 8 * 8);
		for (int y = 0; y < told.rows; y++)
			for (int x = 0; x < told.across; x++)
				assert_int_equal(told.dots[y * SIDE_MAX + x],
					y < size && rows.data[y * ((size + 7) / 8) + x / 8] >> (7 - x % 8) & 1);
		bytes_done(&told.words);
	}
}

/* Nothing longer comes out of an invoice: its code has 117 letters at most, and its lines, but for the look-up line, 32. */
static void the_longest_annex_with_a_picture_waits_before_a_cut(void **context)
{
	static const size_t lengths[WITH_CODES] = {6103, 6164};
	char line[33], address[210], code[118];
	const char *const lines[] = {line, line, line, line, address};

	(void)context;
	memset(line, 'x', 32);
	memset(address, 'x', 209);
	memset(code, '1', 117);
	line[32] = address[209] = code[117] = '\0';
	for (size_t i = 0; i < WITH_CODES; i++) {
		BYTES_CLEANUP struct bytes out = {.max = HOLD_ANNEX_MAX};
		struct print_annex annex = {lines, ARRAY_LEN(lines), code, 576, PRINT_END_FEED};

		assert_int_equal(languages[i].dialect->compose(&annex, &odd_without_kanji, &out, NULL), 0);
		assert_int_equal(out.len, lengths[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_language_stands_here),
		cmocka_unit_test(what_is_composed_is_read),
		cmocka_unit_test(a_code_of_any_length_is_whole),
		cmocka_unit_test(a_code_is_drawn),
		cmocka_unit_test(the_longest_annex_with_a_picture_waits_before_a_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
