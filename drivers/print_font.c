#include "drivers/print_font.h"

#include <stdlib.h>

#include "base/text.h"

#define LETTER_ROWS 20

static const struct letter {
	uint32_t point;
	uint16_t rows[LETTER_ROWS]; /* from the top, the left dot in bit PRINT_FONT_WIDTH - 1 */
} letters[] = {
#include "print_font_letters.h"
};

static int compare(const void *point, const void *letter)
{
	uint32_t one = *(const uint32_t *)point;
	uint32_t other = ((const struct letter *)letter)->point;

	return one < other ? -1 : one > other;
}

static const struct letter *find(uint32_t point)
{
	const struct letter *letter = bsearch(&point, letters, ARRAY_LEN(letters), sizeof(*letters), compare);
	uint32_t plain;

	if (letter || text_is_control(point))
		return letter;
	plain = (uint8_t)text_ascii(point);
	return bsearch(&plain, letters, ARRAY_LEN(letters), sizeof(*letters), compare);
}

static void put_row(const struct letter *const *line, size_t count, size_t y, struct bytes *rows)
{
	uint32_t dots = 0;
	int waiting = 0;

	for (size_t i = 0; i < count; i++) {
		dots = dots << PRINT_FONT_WIDTH | (y < LETTER_ROWS ? line[i]->rows[y] : 0);
		for (waiting += PRINT_FONT_WIDTH; waiting >= 8; waiting -= 8)
			bytes_char(rows, (char)(uint8_t)(dots >> (waiting - 8)));
	}
	if (waiting > 0)
		bytes_char(rows, (char)(uint8_t)(dots << (8 - waiting)));
}

const char *print_font_draw(const char *text, size_t columns, struct bytes *rows, size_t *ret_width)
{
	const struct letter *line[PRINT_FONT_COLUMNS_MAX];
	const char *rest = NULL; /* behind the last space */
	size_t count = 0, whole = 0;
	uint32_t point;
	size_t n;

	while ((n = text_next(text, &point)) > 0 && (count < columns || point == ' ')) {
		const struct letter *letter = find(point);

		text += n;
		if (point == ' ') {
			rest = text;
			whole = count;
		}
		if (letter && count < columns)
			line[count++] = letter;
	}
	if (n > 0 && whole > 0) {
		text = rest;
		count = whole;
	}
	for (size_t y = 0; count > 0 && y < PRINT_FONT_ROWS; y++)
		put_row(line, count, y, rows);
	*ret_width = count * PRINT_FONT_WIDTH;
	return n > 0 ? text : "";
}
