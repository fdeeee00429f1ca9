#include "drivers/print_annex.h"

#include <string.h>

#include "base/text.h"
#include "drivers/print_font.h"
#include "wire/qr.h"

#define PICTURE_MAX ((size_t)64 << 10)

/* The bytes of @point, and the page that has it; 0: the printer lacks it. */
static size_t encode(const struct charset_use *use, uint32_t point, uint8_t letter[CHARSET_LETTER_MAX], int *ret_page)
{
	size_t n = charset_put(use->charset, point, letter);

	*ret_page = use->page;
	if (n > 0 || use->charset != CHARSET_TCVN || use->capitals == CHARSET_PAGE_NONE)
		return n;
	*ret_page = use->capitals;
	return charset_put(CHARSET_TCVN_CAPITALS, point, letter);
}

/* Half of its marks make another word of a line. */
static bool has_all_marks(const struct charset_use *use, const char *text)
{
	uint8_t letter[CHARSET_LETTER_MAX];
	uint32_t point;
	int page;

	for (size_t n; (n = text_next(text, &point)) > 0; text += n)
		if (point >= 0x80 && text_letter(point).plain != 0 && encode(use, point, letter, &page) == 0)
			return false;
	return true;
}

/* Without accents and without control characters: a text never becomes a command. */
static void print_plain(struct bytes *out, const char *text)
{
	uint32_t point;

	for (size_t n; (n = text_next(text, &point)) > 0; text += n) {
		char letter = text_is_control(point) ? '\0' : text_ascii(point);

		if (letter != '\0')
			bytes_char(out, letter);
	}
}

static void print_marked(
	const struct print_commands *commands, const struct charset_use *use, const char *text, struct bytes *out)
{
	int holds = use->page;
	uint8_t letter[CHARSET_LETTER_MAX];
	uint32_t point;

	for (size_t n; (n = text_next(text, &point)) > 0; text += n) {
		int page;
		size_t len = encode(use, point, letter, &page);
		char plain = len > 0 || text_is_control(point) ? '\0' : text_ascii(point);

		if (len > 0 && point >= 0x80 && page != holds) {
			commands->put_page(out, page);
			holds = page;
		}
		bytes_append(out, letter, len);
		if (plain != '\0')
			bytes_char(out, plain);
	}
	if (holds != use->page)
		commands->put_page(out, use->page);
}

void print_lines(struct bytes *out, const struct print_annex *annex, const char *end)
{
	for (size_t i = 0; i < annex->line_count; i++) {
		print_plain(out, annex->lines[i]);
		bytes_text(out, end);
	}
}

static void draw_line(const struct print_commands *commands, const char *text, int dots, struct bytes *out)
{
	size_t fit = (size_t)dots / PRINT_FONT_WIDTH;
	size_t columns = fit < 1 ? 1 : fit < PRINT_FONT_COLUMNS_MAX ? fit : PRINT_FONT_COLUMNS_MAX;
	BYTES_CLEANUP struct bytes rows = {.max = PICTURE_MAX};
	size_t width;

	while (*text) {
		bytes_clear(&rows);
		text = print_font_draw(text, columns, &rows, &width);
		out->failed |= rows.failed;
		if (width > 0 && !rows.failed)
			commands->put_picture(out, rows.data, width, PRINT_FONT_ROWS);
	}
}

static void print_letters(const struct print_commands *commands, const struct print_annex *annex, struct bytes *out)
{
	for (size_t i = 0; i < annex->line_count; i++) {
		if (annex->line_dots > 0) {
			draw_line(commands, annex->lines[i], annex->line_dots, out);
			continue;
		}
		if (annex->letters.charset != CHARSET_ASCII && has_all_marks(&annex->letters, annex->lines[i]))
			print_marked(commands, &annex->letters, annex->lines[i], out);
		else
			print_plain(out, annex->lines[i]);
		bytes_char(out, '\n');
	}
}

/* While a printer reads UTF-8 it hears of no page. */
static void begin_letters(const struct print_commands *commands, const struct charset_use *use,
	const struct print_state *state, struct bytes *out)
{
	bool is_utf8 = use->charset == CHARSET_UTF8;

	if (use->charset == CHARSET_ASCII)
		return;
	if (is_utf8 || state->is_utf8)
		commands->put_utf8(out, is_utf8);
	if (!is_utf8)
		commands->put_page(out, use->page);
}

static void end_letters(const struct print_commands *commands, const struct charset_use *use,
	const struct print_state *state, struct bytes *out)
{
	bool is_utf8 = use->charset == CHARSET_UTF8;

	if (use->charset == CHARSET_ASCII)
		return;
	if (!is_utf8)
		commands->put_page(out, state->page == PRINT_PAGE_NONE ? 0 : state->page);
	if (is_utf8 != state->is_utf8)
		commands->put_utf8(out, state->is_utf8);
}

static void put_code(const struct print_commands *commands, const struct print_annex *annex, struct bytes *out)
{
	BYTES_CLEANUP struct bytes rows = {.max = PICTURE_MAX};
	int size = 0;

	if (!annex->qr_dots)
		commands->put_qr(out, annex->qr, strnlen(annex->qr, PRINT_QR_MAX));
	else if (qr_raster(annex->qr, annex->qr_dots, &rows, &size, NULL) == 0)
		commands->put_picture(out, rows.data, (size_t)size, (size_t)size);
}

int print_compose(const struct print_commands *commands, const struct print_annex *annex,
	const struct print_state *state, struct bytes *out, struct fault *fault)
{
	const struct print_state own = {.align = 1, .width = 1, .height = 1};
	struct print_state before = *state;

	before.is_kanji |= annex->letters.charset != CHARSET_ASCII; /* some printers begin so */
	bytes_char(out, '\n');					    /* alignment changes at the begin of a line alone */
	commands->put_state(out, &before, &own);
	begin_letters(commands, &annex->letters, state, out);
	print_letters(commands, annex, out);
	end_letters(commands, &annex->letters, state, out);
	if (annex->qr) {
		put_code(commands, annex, out);
		bytes_char(out, '\n');
	}
	commands->put_state(out, &own, state);
	commands->put_end(out, annex->end);
	return bytes_check(out, "the annex", fault);
}
