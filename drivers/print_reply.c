#include "drivers/print_reply.h"

#include <string.h>

#include "base/cleanup.h"

#define DLE	 0x10
#define ESC	 0x1b
#define GS	 0x1d
#define RS	 0x1e
#define EOT	 0x04
#define ACK	 0x06
#define FIXED	 0x12		 /* of an answer to DLE EOT */
#define KIND	 0x02		 /* it has a knife */
#define NO_PAPER 0x0c		 /* GS r, ESC v */
#define IDENTITY "_hoadon-agent" /* with its NUL, PRINT_REPLY_MAX at most */

/* Bits over those of a printer that is well, the answers to DLE EOT 1 to 4. */
static const uint8_t eot_bits[4][PRINTER_STANDING_COUNT] = {
	{[PRINTER_NO_PAPER] = 0x08, [PRINTER_OFFLINE] = 0x08, [PRINTER_ERROR] = 0x08},
	{[PRINTER_NO_PAPER] = 0x20, [PRINTER_OFFLINE] = 0x04, [PRINTER_ERROR] = 0x40},
	{[PRINTER_ERROR] = 0x20},
	{[PRINTER_NO_PAPER] = 0x60},
};

/* GS a: printer, error, paper. */
static void escpos_status_back(enum printer_standing standing, struct bytes *out)
{
	static const uint8_t bits[3][PRINTER_STANDING_COUNT] = {
		{[PRINTER_NO_PAPER] = 0x08, [PRINTER_OFFLINE] = 0x28, [PRINTER_ERROR] = 0x08},
		{[PRINTER_ERROR] = 0x20},
		{[PRINTER_NO_PAPER] = NO_PAPER},
	};
	const uint8_t answer[] = {0x14 | bits[0][standing], bits[1][standing], bits[2][standing], 0x0f};

	bytes_append(out, answer, sizeof(answer));
}

static void escpos_identity(uint8_t n, struct bytes *out)
{
	if (n == 1 || n == '1' || n == 3 || n == '3')
		bytes_char(out, 1);
	else if (n == 2 || n == '2')
		bytes_char(out, KIND);
	else
		bytes_append(out, IDENTITY, sizeof(IDENTITY));
}

static void escpos_reply(const uint8_t *c, size_t len, enum printer_standing standing, struct bytes *out)
{
	char paper = standing == PRINTER_NO_PAPER ? NO_PAPER : 0;

	if (len == 3 && c[0] == DLE && c[1] == EOT && c[2] >= 1 && c[2] <= ARRAY_LEN(eot_bits))
		bytes_char(out, (char)(FIXED | eot_bits[c[2] - 1][standing]));
	else if (len == 3 && c[0] == GS && c[1] == 'r') /* 1: paper, 2: drawer */
		bytes_char(out, (char)(c[2] == 1 || c[2] == '1' ? paper : 0));
	else if (len == 2 && c[0] == ESC && c[1] == 'v')
		bytes_char(out, paper);
	else if (len == 3 && c[0] == ESC && c[1] == 'u')
		bytes_char(out, 0);
	else if (len == 3 && c[0] == GS && c[1] == 'I')
		escpos_identity(c[2], out);
	else if (len == 3 && c[0] == GS && c[1] == 'a' && c[2])
		escpos_status_back(standing, out);
}

/* The status of nine bytes: two of its head, then printer, errors, and in the sixth paper. */
static void star_reply(const uint8_t *c, size_t len, enum printer_standing standing, struct bytes *out)
{
	static const uint8_t bits[3][PRINTER_STANDING_COUNT] = {
		{[PRINTER_NO_PAPER] = 0x08, [PRINTER_OFFLINE] = 0x28, [PRINTER_ERROR] = 0x08},
		{[PRINTER_ERROR] = 0x20},
		{[PRINTER_NO_PAPER] = 0x08},
	};
	const uint8_t answer[] = {0x23, 0x86, bits[0][standing], bits[1][standing], 0, bits[2][standing], 0, 0, 0};
	bool is_asked = len == 3 && c[0] == ESC && c[1] == ACK && c[2] == 1;
	bool is_begun = len == 4 && c[0] == ESC && c[1] == RS && c[2] == 'a' && c[3];

	if (is_asked || is_begun)
		bytes_append(out, answer, sizeof(answer));
}

static const struct {
	const char *dialect;
	void (*reply)(const uint8_t *command, size_t len, enum printer_standing standing, struct bytes *out);
} replies[] = {
	{"escpos", escpos_reply},
	{"star", star_reply},
};

void print_reply(
	const char *dialect, const uint8_t *command, size_t len, enum printer_standing standing, struct bytes *out)
{
	for (size_t i = 0; i < ARRAY_LEN(replies); i++)
		if (strcmp(replies[i].dialect, dialect) == 0)
			replies[i].reply(command, len, standing, out);
}
