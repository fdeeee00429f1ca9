/* compose_annex LANGUAGE END STATE LETTERS QR LINE … > the bytes of an annex. STATE: align,font,width,height,country,kanji,page,utf8, how wide the
 * paper is where the code is drawn, and the lines, else 0; LETTERS: charset,page,capitals; QR may be empty. */
#include <stdio.h>
#include <stdlib.h>

#include "drivers/drivers.h"

#define OUT_MAX 65536

int main(int argc, char **argv)
{
	BYTES_CLEANUP struct bytes out = {.max = OUT_MAX};
	const struct print_dialect_ops *dialect = argc > 5 ? driver_print_dialect(argv[1]) : NULL;
	struct fault fault = {0};
	struct charset_use letters;
	char charset[16];
	int n[10];

	if (!dialect ||
		sscanf(argv[3], "%d,%d,%d,%d,%d,%d,%d,%d,%d,%d", n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7,
			n + 8, n + 9) != 10 ||
		sscanf(argv[4], "%15[a-z0-9],%d,%d", charset, &letters.page, &letters.capitals) != 3 ||
		charset_parse(charset, &letters.charset) != 0)
		return 64;
	const struct print_annex annex = {.lines = (const char *const *)argv + 6,
		.line_count = (size_t)argc - 6,
		.letters = letters,
		.line_dots = n[9],
		.qr = *argv[5] ? argv[5] : NULL,
		.qr_dots = n[8],
		.end = (enum print_end)atoi(argv[2])};
	const struct print_state state = {.page = n[6],
		.is_utf8 = n[7] != 0,
		.align = (uint8_t)n[0],
		.font = (uint8_t)n[1],
		.width = (uint8_t)n[2],
		.height = (uint8_t)n[3],
		.country = (uint8_t)n[4],
		.is_kanji = n[5] != 0};
	if (dialect->compose(&annex, &state, &out, &fault) < 0) {
		fprintf(stderr, "%s\n", fault.text);
		return 70;
	}
	return fwrite(out.data, 1, out.len, stdout) == out.len ? 0 : 74;
}
