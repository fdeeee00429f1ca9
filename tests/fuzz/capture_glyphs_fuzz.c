/*
 * Any dots as a picture, and any text as the dictionary that reads it: no crash, no hang, each shape within the picture and each line UTF-8. The first
 * bytes are the dictionary up to a NUL, then one for the width, then dots.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "capture/glyphs.h"
#include "capture/glyphs_learn.h"

#define ROOM ((size_t)192 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_page(const struct page *page)
{
	for (size_t i = 0; i < page->line_count; i++)
		assert(text_is_utf8(page->lines[i].text, strlen(page->lines[i].text)));
}

/* What is learned of the picture itself, with the dictionary as its text, reads back. */
static void learn(struct arena *arena, const struct shape_line *lines, size_t count, const char *text)
{
	struct glyphs_lesson *lessons = ARENA_ARRAY(arena, struct glyphs_lesson, count + 1);
	struct fault fault = {0};
	struct glyphs glyphs;
	struct page page;

	assert(lessons);
	for (size_t i = 0; i < count; i++)
		lessons[i] = (struct glyphs_lesson){&lines[i], text_is_utf8(text, strlen(text)) ? text : "0"};
	if (count > 40 || glyphs_learn(arena, lessons, count, 1, &glyphs, &fault) != 0)
		return;
	if (glyphs_page(&glyphs, arena, lines, count, &page, &fault) == 0)
		check_page(&page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ROOM);
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	struct bytes text = {.data = (uint8_t *)data, .len = nul ? (size_t)(nul - data) : 0};
	size_t at = nul ? text.len + 1 : 0;
	struct paper_picture picture = {.width = at < size ? data[at] * 4 + 1 : 1};
	size_t stride = (size_t)(picture.width + 7) / 8;
	struct glyphs glyphs = {.count = 0};
	struct shape_line *lines;
	struct fault fault = {0};
	struct page page;
	size_t count;
	int drawn_to;

	assert(arena);
	at += at < size;
	picture.dots = data + at;
	picture.rows = (size - at) / stride;
	if (shapes_find(arena, &picture, &lines, &count, &drawn_to) != 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		assert(lines[i].count > 0);
		for (size_t j = 0; j < lines[i].count; j++) {
			const struct shape *shape = &lines[i].shapes[j];

			assert(shape->x >= 0 && shape->y >= 0 && shape->width > 0 && shape->height > 0);
			assert(shape->x + shape->width <= (int)stride * 8 &&
				shape->y + shape->height <= (int)picture.rows);
			assert(j == 0 || shape->x >= lines[i].shapes[j - 1].x);
		}
	}
	if (glyphs_read(arena, &text, &glyphs, &fault) == 0 &&
		glyphs_page(&glyphs, arena, lines, count, &page, &fault) == 0)
		check_page(&page);
	learn(arena, lines, count, arena_copy(arena, data, text.len < 60 ? text.len : 60));
	return 0;
}
