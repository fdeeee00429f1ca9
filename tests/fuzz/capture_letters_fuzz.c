/*
 * Any bytes as the letters of a receipt: no crash, the same page each time, text in UTF-8 without control characters, keys in ASCII.
 * The first byte says what is known of the port, a NUL begins a run on the page that the byte behind it names. Corpus: tests/dialects.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "capture/letters.h"

#define RUNS_MAX ((size_t)512)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sheet {
	struct paper_line lines[RUNS_MAX];
	struct paper_run runs[RUNS_MAX];
	struct bytes_ref code;
	struct paper paper;
};

/* Every run has a letter, every line a run or none. */
static void write_sheet(struct sheet *sheet, const uint8_t *data, size_t size)
{
	int page = PRINT_PAGE_NONE;
	size_t runs = 0;

	sheet->paper = (struct paper){.lines = sheet->lines, .qr = &sheet->code, .qr_count = 1, .columns = 48};
	sheet->code = (struct bytes_ref){data, size};
	for (size_t i = 0; i < size && runs < RUNS_MAX && sheet->paper.line_count < RUNS_MAX;) {
		struct paper_line *line = &sheet->lines[sheet->paper.line_count++];

		*line = (struct paper_line){.runs = &sheet->runs[runs]};
		while (i < size && data[i] != '\n' && runs < RUNS_MAX) {
			size_t start;

			if (data[i] == 0 && i + 1 < size) {
				page = data[i + 1];
				i += 2;
			}
			for (start = i; i < size && data[i] != '\n' && (i == start || data[i] != 0); i++)
				;
			if (i == start)
				break;
			sheet->runs[runs++] = (struct paper_run){.page = page,
				.gap = data[start] % 3,
				.width = 1,
				.height = 1,
				.bytes = data + start,
				.len = i - start};
			line->run_count++;
		}
		i++;
	}
}

static void check_line(struct arena *arena, const struct page_line *line)
{
	const char *key = page_key(arena, line->text);

	assert(key);
	uint32_t point;
	size_t step;

	assert(text_is_utf8(line->text, strlen(line->text)));
	for (const char *at = line->text; (step = text_next(at, &point)) > 0; at += step)
		assert(point >= 0x20 && (point < 0x7F || point > 0x9F));
	for (const char *at = key; *at != '\0'; at++)
		assert(*at >= 0x20 && (uint8_t)*at < 0x7F && (at[0] != ' ' || at[1] != ' '));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct letters *letters;
	CLEANUP(arena_freep) struct arena *arena = arena_new((size_t)64 << 20);
	static struct sheet sheet;
	struct letters_port port = {.wanted = PAGE_ASCII, .before = PAGE_ASCII};
	struct page pages[2] = {0};

	if (size == 0 || !arena)
		return 0;
	port.before = (enum page_encoding)(data[0] % PAGE_ENCODING_COUNT);
	if (data[0] >= 0x80)
		port.wanted = port.before;
	write_sheet(&sheet, data + 1, size - 1);
	if (!letters && letters_new(&letters, NULL) != 0)
		abort();
	for (int i = 0; i < 2; i++)
		if (letters_read(letters, arena, &sheet.paper, &port, &pages[i], NULL) != LETTERS_OK)
			return 0;
	assert(pages[0].line_count == sheet.paper.line_count && pages[0].encoding == pages[1].encoding);
	for (size_t i = 0; i < pages[0].line_count; i++) {
		check_line(arena, &pages[0].lines[i]);
		assert(strcmp(pages[0].lines[i].text, pages[1].lines[i].text) == 0);
	}
	return 0;
}
