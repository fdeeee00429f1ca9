/*
 * Any text behind a receipt, in every charset and drawn: as many lines as went in, of letters alone, no command but the agent's own, and
 * the printer's letters are those of before. The first bytes choose language, charset and what the till had set; each line of the rest is one.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/drivers.h"

#define LINES_MAX 9

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct told {
	size_t line_feeds, cuts, codes, letters;
	int32_t page;
	bool is_utf8, is_kanji;
};

static void note(void *context, const struct print_event *event)
{
	struct told *told = context;

	switch (event->kind) {
	case PRINT_TEXT:
		for (size_t i = 0; i < event->len; i++)
			assert(event->bytes[i] >= 0x20 && event->bytes[i] != 0x7f);
		told->letters += event->len;
		break;
	case PRINT_LINE_FEED:
		told->line_feeds++;
		break;
	case PRINT_PAGE:
		told->is_utf8 = event->value[0] == PRINT_PAGE_UTF8;
		told->page = event->value[0] >= 0 && !told->is_utf8 ? event->value[0] : told->page;
		break;
	case PRINT_KANJI:
		told->is_kanji = event->value[0] != 0;
		break;
	case PRINT_CUT:
		told->cuts++;
		break;
	case PRINT_QR:
		told->codes++;
		break;
	default:
		assert(event->kind == PRINT_ALIGN || event->kind == PRINT_OTHER || event->kind == PRINT_QR_PRINT ||
			event->kind == PRINT_RASTER || event->kind == PRINT_FEED);
	}
}

static size_t split(char *text, const char *lines[LINES_MAX])
{
	size_t count = 0;

	for (char *rest = text, *line; count < LINES_MAX && (line = strsep(&rest, "\n")) != NULL;)
		lines[count++] = line;
	return count;
}

static void check(
	const struct print_dialect_ops *dialect, const struct print_annex *annex, const struct print_state *state)
{
	struct told told = {.page = state->page, .is_utf8 = state->is_utf8, .is_kanji = state->is_kanji};
	struct print_sink sink = {note, &told};
	BYTES_CLEANUP struct bytes out = {.max = 1 << 20};
	void *stream = calloc(1, dialect->state_size);
	bool is_paged = annex->letters.charset > CHARSET_UTF8;

	assert(stream && dialect->compose(annex, state, &out, NULL) == 0);
	assert(dialect->feed(stream, out.data, out.len, &sink) == 0 && dialect->flush(stream, &sink) == 0);
	assert(told.line_feeds == (annex->line_dots ? 0 : annex->line_count) + 2 && told.cuts == 1 && told.codes == 1);
	assert(!annex->line_dots || told.letters == 0);
	assert(told.page == (is_paged && state->page == PRINT_PAGE_NONE ? 0 : state->page));
	assert(told.is_utf8 == state->is_utf8 && told.is_kanji == state->is_kanji);
	free(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct print_dialect_ops *dialect = size > 0 && data[0] & 1 ? &dialect_star : &dialect_escpos;
	const char *lines[LINES_MAX];
	struct print_annex annex = {.lines = lines, .qr = "QR", .end = PRINT_END_CUT};
	struct print_state state = {.page = PRINT_PAGE_NONE, .width = 1, .height = 1};
	char *text;

	if (size < 3)
		return 0;
	annex.letters = (struct charset_use){(enum charset)(data[1] % CHARSET_TCVN_CAPITALS), data[2],
		data[0] & 2 ? (data[2] ^ data[1]) : CHARSET_PAGE_NONE};
	if (data[0] & 32) {
		annex.letters.charset = CHARSET_ASCII;
		annex.line_dots = 1 + data[2] * 12;
	}
	state.page = data[0] & 4 ? data[1] : PRINT_PAGE_NONE;
	state.is_utf8 = (data[0] & 8) != 0;
	state.is_kanji = dialect == &dialect_escpos && data[0] & 16;
	text = strndup((const char *)data + 3, size - 3);
	assert(text);
	annex.line_count = split(text, lines);
	check(dialect, &annex, &state);
	free(text);
	return 0;
}
