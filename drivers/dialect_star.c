/*
 * dialect_star: Star line mode and StarPRNT. The same bytes mean other things than in ESC/POS (ESC d cuts, ESC 4 has no argument), so
 * the language is a property of the port. Raster mode (ESC * r A) has commands of single letters until ESC * r B.
 */
#include "drivers/drivers.h"

#include <string.h>

#include "drivers/print_annex.h"
#include "drivers/print_stream.h"

enum {
	NUL = 0x00,
	ACK = 0x06,
	BEL = 0x07,
	HT = 0x09,
	LF = 0x0a,
	FF = 0x0c,
	CR = 0x0d,
	SUB = 0x1a,
	EM = 0x19,
	CAN = 0x18,
	ESC = 0x1b,
	FS = 0x1c,
	GS = 0x1d,
	RS = 0x1e,
	SPACE = 0x20
};

#define BARCODE_MAX 255 /* a bar code without its RS ends here */
#define RASTER_MAX  255 /* a setting of raster mode without its NUL */
#define LETTER_DOTS 12

enum { MODE_LINE, MODE_RASTER };

/* ---- lengths ---- */

/* ESC b n1 n2 n3 n4 d .. RS */
static size_t measure_barcode(const uint8_t *c, size_t have)
{
	size_t n = 6;

	while (n < have && n < 6 + BARCODE_MAX && c[n] != RS)
		n++;
	return have < 6 ? 6 : n < 6 + BARCODE_MAX ? n + 1 : n;
}

/* ESC k n1 n2: n1 times 24 bytes; ESC K n1 n2: n1 bytes; ESC X n1 n2: n1 times 3 bytes */
static size_t measure_band(const uint8_t *c, size_t have)
{
	size_t each = c[1] == 'k' ? 24 : c[1] == 'X' ? 3 : 1;

	return have < 4 ? 4 : 4 + each * print_word(c + 2);
}

/* ESC * r A, B, C; any other setting of raster mode up to NUL */
static size_t measure_raster_mode(const uint8_t *c, size_t have)
{
	size_t n = 4;

	if (have < 4)
		return 4;
	if (c[2] != 'r')
		return 2;
	if (c[3] == 'A' || c[3] == 'B' || c[3] == 'C')
		return 4;
	while (n < have && n < 4 + RASTER_MAX && c[n] != NUL)
		n++;
	return n < 4 + RASTER_MAX ? n + 1 : n;
}

/* ESC GS S m xL xH yL yH n */
static size_t measure_raster(const uint8_t *c, size_t have)
{
	return have < 9 ? 9 : 9 + print_word(c + 4) * print_word(c + 6);
}

/* ESC GS ) f pL pH: whatever the function is */
static size_t measure_function(const uint8_t *c, size_t have)
{
	return have < 6 ? 6 : 6 + print_word(c + 4);
}

/* ESC GS y S fn n, ESC GS y D 1 m nL nH d .., ESC GS y P, ESC GS y I */
static size_t measure_qr(const uint8_t *c, size_t have)
{
	if (have < 5)
		return c[have - 1] == 'P' || c[have - 1] == 'I' ? 4 : 5;
	if (c[3] == 'S')
		return 6;
	if (c[3] == 'D')
		return have < 8 ? 8 : 8 + print_word(c + 6);
	return 4;
}

/* ---- values ---- */

static void read_byte(struct print_event *event)
{
	event->value[0] = event->command[2];
}

static void read_dots(struct print_event *event)
{
	event->value[1] = event->command[2];
}

/* Numbers from 0 or from the digit 0 */
static int digit(uint8_t byte)
{
	return byte >= '0' ? byte - '0' : byte;
}

static void read_digit(struct print_event *event)
{
	event->value[0] = digit(event->command[2]);
}

static void read_third(struct print_event *event)
{
	event->value[0] = digit(event->command[3]);
}

static void read_page(struct print_event *event)
{
	event->value[0] = event->command[3];
}

/* ESC GS ) U, function 48: 1 makes the printer read UTF-8, 0 pages again. */
static void read_encoding(struct print_event *event)
{
	const uint8_t *c = event->command;

	if (c[3] != 'U' || event->length != 8 || c[6] != 48)
		return;
	event->kind = PRINT_PAGE;
	event->value[0] = digit(c[7]) == 1 ? PRINT_PAGE_UTF8 : PRINT_PAGE_NONE;
}

static void read_word(struct print_event *event)
{
	event->value[0] = (int32_t)print_word(event->command + 3);
}

static void read_signed(struct print_event *event)
{
	event->value[0] = (int16_t)print_word(event->command + 3);
}

/* ESC l: in letters */
static void read_margin(struct print_event *event)
{
	event->value[0] = event->command[2] * LETTER_DOTS;
}

/* ESC W n, ESC h n, ESC i height width: how much more than once */
static void read_wide(struct print_event *event)
{
	event->value[0] = digit(event->command[2]) % 8 + 1;
}

static void read_high(struct print_event *event)
{
	event->value[1] = digit(event->command[2]) % 8 + 1;
}

static void read_size(struct print_event *event)
{
	event->value[0] = digit(event->command[3]) % 8 + 1;
	event->value[1] = digit(event->command[2]) % 8 + 1;
}

static void read_band(struct print_event *event)
{
	const uint8_t *c = event->command;

	event->value[0] = (int32_t)print_word(c + 2) * (c[1] == 'k' ? 8 : 1);
	event->value[1] = c[1] == 'K' ? 8 : 24;
	event->is_columns = c[1] != 'k';
	event->bytes = c + 4;
	event->len = event->length - 4;
}

static void read_raster(struct print_event *event)
{
	event->value[0] = (int32_t)print_word(event->command + 4) * 8;
	event->value[1] = (int32_t)print_word(event->command + 6);
	event->bytes = event->command + 9;
	event->len = event->length - 9;
}

static void read_barcode(struct print_event *event)
{
	event->bytes = event->command + 6;
	event->len = event->length - 6;
	if (event->len > 0 && event->bytes[event->len - 1] == RS)
		event->len--;
	else
		event->kind = PRINT_UNKNOWN;
}

static void read_qr(struct print_event *event)
{
	const uint8_t *c = event->command;

	if (c[3] == 'P')
		event->kind = PRINT_QR_PRINT;
	else if (c[3] != 'D')
		return;
	else
		event->kind = PRINT_QR;
	event->bytes = event->kind == PRINT_QR ? c + 8 : NULL;
	event->len = event->kind == PRINT_QR ? event->length - 8 : 0;
}

static void read_known(struct print_event *event)
{
	if (event->length == 2)
		event->kind = PRINT_UNKNOWN;
}

/* ---- the tables ---- */

static const struct print_command esc_commands[256] = {
	[ACK] = PRINT_PLAIN(3, STATUS),
	[BEL] = PRINT_PLAIN(4, OTHER),
	[FF] = PRINT_PLAIN(3, FORM_FEED),
	[' '] = PRINT_VALUE(3, SPACING, digit),
	['*'] = PRINT_LONG_VALUE(raster_mode, OTHER, known),
	['-'] = PRINT_PLAIN(3, OTHER),
	['0'] = PRINT_PLAIN(2, OTHER),
	['4'] = PRINT_PLAIN(2, OTHER),
	['5'] = PRINT_PLAIN(2, OTHER),
	['@'] = PRINT_PLAIN(2, RESET),
	['D'] = {.measure = print_measure_tabs, .kind = PRINT_TABS, .read = print_read_tabs},
	['E'] = PRINT_PLAIN(2, OTHER),
	['F'] = PRINT_PLAIN(2, OTHER),
	['J'] = PRINT_VALUE(3, FEED, dots),
	['K'] = PRINT_LONG_VALUE(band, RASTER, band),
	['Q'] = PRINT_PLAIN(3, OTHER),
	['R'] = PRINT_VALUE(3, COUNTRY, digit),
	['W'] = PRINT_VALUE(3, SIZE, wide),
	['X'] = PRINT_LONG_VALUE(band, RASTER, band),
	['_'] = PRINT_PLAIN(3, OTHER),
	['a'] = PRINT_VALUE(3, FEED, byte),
	['b'] = PRINT_LONG_VALUE(barcode, BARCODE, barcode),
	['d'] = PRINT_PLAIN(3, CUT),
	['h'] = PRINT_VALUE(3, SIZE, high),
	['i'] = PRINT_VALUE(4, SIZE, size),
	['k'] = PRINT_LONG_VALUE(band, RASTER, band),
	['l'] = PRINT_VALUE(3, MARGIN, margin),
	['s'] = PRINT_PLAIN(4, OTHER),
	['z'] = PRINT_PLAIN(3, OTHER),
};

static const struct print_command esc_gs_commands[256] = {
	[0x03] = PRINT_PLAIN(6, OTHER),
	[')'] = PRINT_LONG_VALUE(function, OTHER, encoding),
	['A'] = PRINT_VALUE(5, ABSOLUTE, word),
	['L'] = PRINT_PLAIN(4, OTHER),
	['P'] = PRINT_PLAIN(5, OTHER),
	['R'] = PRINT_VALUE(5, RELATIVE, signed),
	['S'] = PRINT_LONG_VALUE(raster, RASTER, raster),
	['a'] = PRINT_VALUE(4, ALIGN, third),
	['t'] = PRINT_VALUE(4, PAGE, page),
	['y'] = PRINT_LONG_VALUE(qr, OTHER, qr),
};

static const struct print_command esc_rs_commands[256] = {
	['F'] = PRINT_VALUE(4, FONT, third),
	['a'] = PRINT_PLAIN(4, STATUS),
};

/* Single bytes; what neither stands here nor is a letter nor begins a command is skipped. */
static const struct {
	bool is_known;
	enum print_event_kind kind;
} controls[SPACE] = {
	[NUL] = {true, PRINT_OTHER},
	[BEL] = {true, PRINT_DRAWER},
	[HT] = {true, PRINT_TAB},
	[LF] = {true, PRINT_LINE_FEED},
	[0x0b] = {true, PRINT_OTHER},
	[FF] = {true, PRINT_FORM_FEED},
	[CR] = {true, PRINT_RETURN},
	[0x0e] = {true, PRINT_OTHER}, /* double width, upside down and their ends */
	[0x0f] = {true, PRINT_OTHER},
	[0x12] = {true, PRINT_OTHER},
	[0x14] = {true, PRINT_OTHER},
	[CAN] = {true, PRINT_CANCEL},
	[0x04] = {true, PRINT_OTHER},
	[0x05] = {true, PRINT_STATUS},
	[EM] = {true, PRINT_DRAWER},
	[SUB] = {true, PRINT_DRAWER},
	[FS] = {true, PRINT_DRAWER},
};

/* ESC GS and ESC RS have a table of their own for the third byte. */
static const struct print_command *table_of(const uint8_t *at, size_t *ret_prefix)
{
	*ret_prefix = at[1] == GS || at[1] == RS ? 3 : 2;
	return at[1] == GS ? esc_gs_commands : at[1] == RS ? esc_rs_commands : esc_commands;
}

/* b nL nH d .., k nL nH d ..: a row of dots, with and without a step of the paper; anything else is one byte. */
static size_t raster_length(const uint8_t *at, size_t have)
{
	if (at[0] != 'b' && at[0] != 'k')
		return 1;
	return have < 3 ? 3 : 3 + print_word(at + 1);
}

static size_t star_length(const uint8_t *at, size_t have, bool is_end, int mode)
{
	const struct print_command *table;
	size_t prefix;

	if (at[0] != ESC)
		return mode == MODE_RASTER ? raster_length(at, have) : 1;
	if (have < 2)
		return 2;
	table = table_of(at, &prefix);
	return print_command_length(table, prefix, at, have, is_end);
}

static void star_tell(struct print_event *event, int mode, const struct print_sink *sink)
{
	const uint8_t *at = event->command;
	const struct print_command *table;
	size_t prefix;

	(void)sink;
	if (mode == MODE_RASTER && at[0] != ESC && event->length >= 3) {
		*event = (struct print_event){.kind = PRINT_RASTER,
			.offset = event->offset,
			.length = event->length,
			.value = {(int32_t)(event->length - 3) * 8, at[0] == 'b'},
			.bytes = at + 3,
			.len = event->length - 3,
			.command = at};
	} else if (event->length == 1) {
		event->kind = at[0] < SPACE && controls[at[0]].is_known ? controls[at[0]].kind : PRINT_UNKNOWN;
	} else {
		table = table_of(at, &prefix);
		print_command_tell(event->length < prefix ? NULL : print_command_find(table, at[prefix - 1]), event);
	}
}

static int star_mode(const uint8_t *at, size_t len, int mode)
{
	if (len == 2 && at[0] == ESC && at[1] == '@')
		return MODE_LINE;
	if (len == 4 && at[0] == ESC && at[1] == '*' && (at[3] == 'A' || at[3] == 'B'))
		return at[3] == 'A' ? MODE_RASTER : MODE_LINE;
	return mode;
}

/* ESC @, ESC d */
static bool star_resumes(const uint8_t *at)
{
	return at[0] == ESC && (at[1] == '@' || at[1] == 'd');
}

static const struct print_language star = {0, star_length, star_tell, star_resumes, star_mode};

PRINT_STREAM_CALLS(star)

/* ---- an annex ---- */

#define FEED_CUT  3 /* ESC d: feeds as far as the knife and leaves a corner uncut */
#define BAND_DOTS 24
#define FEED_BAND 12 /* ESC J: quarters of a millimetre, of which 24 dots are 3 */

static void put_state(struct bytes *out, const struct print_state *from, const struct print_state *to)
{
	if (from->align != to->align)
		PRINT_PUT(out, ESC, GS, 'a', to->align);
	if (from->font != to->font)
		PRINT_PUT(out, ESC, RS, 'F', to->font);
	if (from->width != to->width || from->height != to->height)
		PRINT_PUT(out, ESC, 'i', (uint8_t)(to->height - 1), (uint8_t)(to->width - 1));
	if (from->country != to->country)
		PRINT_PUT(out, ESC, 'R', to->country);
}

/* ESC GS t */
static void put_page(struct bytes *out, int page)
{
	PRINT_PUT(out, ESC, GS, 't', (uint8_t)page);
}

/* ESC GS ) U, function 48 */
static void put_utf8(struct bytes *out, bool is_on)
{
	PRINT_PUT(out, ESC, GS, ')', 'U', 2, 0, 48, is_on);
}

/* ESC GS y S 0, S 1, S 2, D 1 and P */
static void put_qr(struct bytes *out, const char *text, size_t len)
{
	PRINT_PUT(out, ESC, GS, 'y', 'S', '0', 2);		    /* model 2 */
	PRINT_PUT(out, ESC, GS, 'y', 'S', '1', 1);		    /* level M */
	PRINT_PUT(out, ESC, GS, 'y', 'S', '2', PRINT_QR_DOTS(len)); /* dots of a module */
	PRINT_PUT(out, ESC, GS, 'y', 'D', '1', 0, len & 0xff, len >> 8);
	bytes_append(out, text, len);
	PRINT_PUT(out, ESC, GS, 'y', 'P');
}

/* Dots 8 @part .. 8 @part + 7 of column @x, the upper one in the highest bit. */
static uint8_t column_byte(const uint8_t *rows, size_t width, size_t height, size_t x, size_t part)
{
	unsigned int byte = 0;

	for (size_t y = 8 * part; y < 8 * part + 8; y++)
		byte = byte << 1 | (y < height && (rows[y * ((width + 7) / 8) + x / 8] & 0x80 >> x % 8));
	return (uint8_t)byte;
}

/* ESC X, then ESC J, since what the till had set between its lines holds again. */
static void put_picture(struct bytes *out, const uint8_t *rows, size_t width, size_t height)
{
	for (size_t part = 0; 8 * part < height; part += BAND_DOTS / 8) {
		PRINT_PUT(out, ESC, 'X', width & 0xff, width >> 8);
		for (size_t x = 0; x < width; x++)
			for (size_t third = part; third < part + BAND_DOTS / 8; third++)
				PRINT_PUT(out, column_byte(rows, width, height, x, third));
		PRINT_PUT(out, ESC, 'J', FEED_BAND);
	}
}

static void put_end(struct bytes *out, enum print_end end)
{
	if (end == PRINT_END_FEED)
		PRINT_PUT(out, ESC, 'a', PRINT_FEED_LINES);
	else if (end == PRINT_END_CUT)
		PRINT_PUT(out, ESC, 'd', FEED_CUT);
}

static int star_compose(
	const struct print_annex *annex, const struct print_state *state, struct bytes *out, struct fault *fault)
{
	static const struct print_commands annexed = {put_state, put_page, put_utf8, put_qr, put_picture, put_end};

	return print_compose(&annexed, annex, state, out, fault);
}

const struct print_dialect_ops dialect_star = {
	.name = "star",
	.summary = "Star line mode and StarPRNT",
	.state_size = sizeof(struct print_stream),
	.feed = star_feed,
	.compose = star_compose,
	.undecided = star_undecided,
	.flush = star_flush,
};
