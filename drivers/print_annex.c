#include "drivers/print_annex.h"

#include <string.h>

#include "base/text.h"

static bool is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

static void print_line(struct bytes *out, const char *text)
{
	uint32_t point;

	for (size_t n; (n = text_next(text, &point)) > 0; text += n) {
		char letter = is_control(point) ? '\0' : text_ascii(point);

		if (letter != '\0')
			bytes_char(out, letter);
	}
}

void print_lines(struct bytes *out, const struct print_annex *annex, const char *end)
{
	for (size_t i = 0; i < annex->line_count; i++) {
		print_line(out, annex->lines[i]);
		bytes_text(out, end);
	}
}
