/* compose_annex LANGUAGE END STATE QR LINE … > the bytes of an annex. STATE: align,font,width,height,country,kanji and how wide the paper is where
 * the code is drawn, else 0; QR may be empty. */
#include <stdio.h>
#include <stdlib.h>

#include "drivers/drivers.h"

#define OUT_MAX 65536

int main(int argc, char **argv)
{
	BYTES_CLEANUP struct bytes out = {.max = OUT_MAX};
	const struct print_dialect_ops *dialect = argc > 4 ? driver_print_dialect(argv[1]) : NULL;
	struct fault fault = {0};
	unsigned int n[7];

	if (!dialect || sscanf(argv[3], "%u,%u,%u,%u,%u,%u,%u", n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6) != 7)
		return 64;
	const struct print_annex annex = {.lines = (const char *const *)argv + 5,
		.line_count = (size_t)argc - 5,
		.qr = *argv[4] ? argv[4] : NULL,
		.qr_dots = (int)n[6],
		.end = (enum print_end)atoi(argv[2])};
	const struct print_state state = {.page = PRINT_PAGE_NONE,
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
