/* What a printer language composes is what it reads: lines, code and the state of before, and no command out of any text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <iconv.h>

#include "base/text.h"
#include "capture/hold.h"
#include "drivers/drivers.h"
#include "drivers/print_annex.h"
#include "wire/qr.h"

#define SIDE_MAX 160
#define HOSTILE                                                                                                        \
	"\x1b@\x1dV\x41\x03\x1b"                                                                                       \
	"d\x03\n\r\f\x07\x10\x14\x01\x7f\xc2\x9b"                                                                      \
	"Cà phê\xcc\x81 đá\xe2\x80\xae"

static const char hostile[] = HOSTILE;

/* What came out, in words. */
struct told {
	struct bytes words;
	char qr[PRINT_QR_MAX + 1];
	int32_t align, font, width, height, country, kanji, page, utf8;
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

/* What a printer shows of @bytes, which another program reads by the page that holds. */
static void show(struct told *told, const uint8_t *bytes, size_t len)
{
	static const char *const pages[256] = {
		[27] = "CP1258", [30] = "TCVN5712-1", [31] = "TCVN5712-1", [51] = "VISCII", [52] = "CP1258"};
	const char *charset = told->utf8 ? "UTF-8" : told->page > 0 ? pages[told->page] : "ASCII";
	char text[4 * PRINT_TEXT_MAX], *from = (char *)(uintptr_t)bytes, *to = text;
	size_t room = sizeof(text) - 1;
	iconv_t converter;
	uint32_t point;

	for (size_t i = 0; i < len; i++)
		assert_true(bytes[i] >= 0x20 && bytes[i] != 0x7f);
	for (size_t i = 0; i < len; i++)
		assert_true(bytes[i] < 0x80 || !told->kanji);
	assert_non_null(charset);
	converter = iconv_open("UTF-8", charset);
	assert_true(converter != (iconv_t)-1);
	assert_true(iconv(converter, &from, &len, &to, &room) != (size_t)-1);
	assert_true(iconv(converter, NULL, NULL, &to, &room) != (size_t)-1);
	iconv_close(converter);
	*to = '\0';
	for (size_t n, at = 0; (n = text_next(text + at, &point)) > 0; at += n) {
		char out[4];

		bytes_append(&told->words, out,
			text_put(told->page == 31 && !told->utf8 && point >= 0x80 ? text_upper(point) : point, out));
	}
}

static void tell(void *context, const struct print_event *event)
{
	struct told *told = context;

	switch (event->kind) {
	case PRINT_TEXT:
		show(told, event->bytes, event->len);
		told->lines = 0;
		break;
	case PRINT_PAGE:
		told->utf8 = event->value[0] == PRINT_PAGE_UTF8;
		told->page = event->value[0] >= 0 && !told->utf8 ? event->value[0] : told->page;
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

/* @is_kanji: what holds in the printer, whether or not the till said so. */
static struct told print_in(const struct print_dialect_ops *dialect, const struct print_annex *annex,
	const struct print_state *state, bool is_kanji)
{
	BYTES_CLEANUP struct bytes out = {.max = 65536};
	void *stream = calloc(1, dialect->state_size);
	struct told told = {.align = state->align,
		.font = state->font,
		.width = state->width,
		.height = state->height,
		.country = state->country,
		.kanji = is_kanji,
		.page = state->page,
		.utf8 = state->is_utf8};
	bool is_paged = annex->letters.charset > CHARSET_UTF8;
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
	assert_int_equal(told.page, is_paged && state->page == PRINT_PAGE_NONE ? 0 : state->page);
	assert_int_equal(told.utf8, state->is_utf8);
	return told;
}

static struct told print(
	const struct print_dialect_ops *dialect, const struct print_annex *annex, const struct print_state *state)
{
	return print_in(dialect, annex, state, state->is_kanji);
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
	static const char *const lines[] = {"HÓA ĐƠN ĐIỆN TỬ", hostile, "", "Số: 7"};

	(void)context;
	for (size_t i = 0; i < ARRAY_LEN(languages); i++)
		for (int end = PRINT_END_LINE; end <= PRINT_END_CUT; end++) {
			struct print_annex annex = {.lines = lines,
				.line_count = ARRAY_LEN(lines),
				.qr = "QR 0123",
				.end = (enum print_end)end};
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

/* In the printer's own letters, whatever the till had set; a line that they lack a letter of has no marks at all. */
static void letters_have_their_marks(void **context)
{
	static const char *const lines[] = {
		"HÓA ĐƠN ĐIỆN TỬ", "Ký hiệu: 1C26MAA  Số: 7", "Quán Ẫm Ỵ – “Đê”, 5 ₫ 日", hostile, "Tra cứu"};
	static const struct {
		struct charset_use use;
		const char *title, *shop;
	} ways[] = {
		{{CHARSET_UTF8, CHARSET_PAGE_NONE, CHARSET_PAGE_NONE}, "HÓA ĐƠN ĐIỆN TỬ", "Quán Ẫm Ỵ - \"Đê\", 5 d ?"},
		{{CHARSET_CP1258, 52, CHARSET_PAGE_NONE}, "HÓA ĐƠN ĐIỆN TỬ", "Quán Ẫm Ỵ - \"Đê\", 5 d ?"},
		{{CHARSET_VISCII, 51, CHARSET_PAGE_NONE}, "HÓA ĐƠN ĐIỆN TỬ", "Quan Am Y - \"De\", 5 d ?"},
		{{CHARSET_TCVN, 30, 31}, "HÓA ĐƠN ĐIỆN TỬ", "Quán Ẫm Ỵ - \"Đê\", 5 d ?"},
		{{CHARSET_TCVN, 30, CHARSET_PAGE_NONE}, "HOA DON DIEN TU", "Quan Am Y - \"De\", 5 d ?"},
	};
	static const struct print_state utf8 = {.page = 27, .width = 1, .height = 1, .is_utf8 = true};

	(void)context;
	for (size_t i = 0; i < ARRAY_LEN(ways) * WITH_CODES * 4; i++) {
		size_t language = i % WITH_CODES;
		size_t way = i / WITH_CODES / 4;
		const struct print_state *const states[4] = {
			&begin, &odd_without_kanji, &utf8, &languages[language].odd};
		struct print_annex annex = {.lines = lines, .line_count = ARRAY_LEN(lines), .letters = ways[way].use};
		char expected[400];
		struct told told = print(languages[language].dialect, &annex, states[i / WITH_CODES % 4]);

		snprintf(expected, sizeof(expected), "|%s|Ký hiệu: 1C26MAA  Số: 7|%s|@VAdCà phê đá?|Tra cứu|",
			ways[way].title, ways[way].shop);
		assert_string_equal((char *)told.words.data, expected);
		bytes_done(&told.words);
	}
}

static void a_printer_that_began_with_pairs_of_letters(void **context)
{
	static const char *const lines[] = {"Số: 7"};
	struct print_annex annex = {.lines = lines, .line_count = 1, .letters = {CHARSET_TCVN, 30, 31}};
	struct told told = print_in(&dialect_escpos, &annex, &begin, true);

	(void)context;
	assert_string_equal((char *)told.words.data, "|Số: 7|");
	bytes_done(&told.words);
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
		struct print_annex annex = {
			.lines = lines, .line_count = 1, .qr = "hoadon print test", .qr_dots = papers[i / 2][0]};
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
	static const int papers[] = {0, 384, 576}; /* where the words are drawn, too */
	static const size_t lengths[ARRAY_LEN(papers)][WITH_CODES] = {{6103, 6164}, {16017, 16002}, {16001, 15988}};
	char line[33], address[210], code[118];
	const char *const lines[] = {line, line, line, line, address};

	(void)context;
	memset(line, 'x', 32);
	memset(address, 'x', 209);
	memset(code, '1', 117);
	line[32] = address[209] = code[117] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(papers) * WITH_CODES; i++) {
		BYTES_CLEANUP struct bytes out = {.max = HOLD_ANNEX_MAX};
		const struct print_dialect_ops *dialect = languages[i % WITH_CODES].dialect;
		struct print_annex annex = {.lines = lines,
			.line_count = ARRAY_LEN(lines),
			.line_dots = papers[i / WITH_CODES],
			.qr = code,
			.qr_dots = 576,
			.end = PRINT_END_FEED};

		assert_int_equal(dialect->compose(&annex, &odd_without_kanji, &out, NULL), 0);
		assert_int_equal(out.len, lengths[i / WITH_CODES][i % WITH_CODES]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_language_stands_here),
		cmocka_unit_test(what_is_composed_is_read),
		cmocka_unit_test(letters_have_their_marks),
		cmocka_unit_test(a_printer_that_began_with_pairs_of_letters),
		cmocka_unit_test(a_code_of_any_length_is_whole),
		cmocka_unit_test(a_code_is_drawn),
		cmocka_unit_test(the_longest_annex_with_a_picture_waits_before_a_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
