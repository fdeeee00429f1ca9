#include "drivers/print_annex.h"

#include <string.h>

#include "base/text.h"
#include "wire/qr.h"

#define PICTURE_MAX ((size_t)64 << 10)

static void print_line(struct bytes *out, const char *text)
{
	uint32_t point;

	for (size_t n; (n = text_next(text, &point)) > 0; text += n) {
		char letter = text_is_control(point) ? '\0' : text_ascii(point);

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

static void put_code(const struct print_commands *commands, const struct print_annex *annex, struct bytes *out)
{
	BYTES_CLEANUP struct bytes rows = {.max = PICTURE_MAX};
	int size = 0;

	if (!annex->qr_dots)
		commands->put_qr(out, annex->qr, strnlen(annex->qr, PRINT_QR_MAX));
	else if (qr_raster(annex->qr, annex->qr_dots, &rows, &size, NULL) == 0)
		commands->put_picture(out, rows.data, (size_t)size);
}

int print_compose(const struct print_commands *commands, const struct print_annex *annex,
	const struct print_state *state, struct bytes *out, struct fault *fault)
{
	const struct print_state own = {.align = 1, .width = 1, .height = 1};

	bytes_char(out, '\n'); /* alignment changes at the begin of a line alone */
	commands->put_state(out, state, &own);
	print_lines(out, annex, "\n");
	if (annex->qr) {
		put_code(commands, annex, out);
		bytes_char(out, '\n');
	}
	commands->put_state(out, &own, state);
	commands->put_end(out, annex->end);
	return bytes_check(out, "the annex", fault);
}
