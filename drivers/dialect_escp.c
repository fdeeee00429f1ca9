/*
 * dialect_escp: ESC/P and ESC/P 2, as dot-matrix printers read it (Epson LX and LQ, and what emulates them). The same bytes mean other things than
 * in ESC/POS: ESC E is bold without an argument, ESC M elite, and nothing cuts. A form feed ends the sheet, and with it the receipt.
 * Source: Epson ESC/P Reference Manual (recalled; no till was recorded yet).
 */
#include "drivers/drivers.h"

#include "drivers/print_annex.h"
#include "drivers/print_stream.h"

enum {
	NUL = 0x00,
	BEL = 0x07,
	BS = 0x08,
	HT = 0x09,
	LF = 0x0a,
	VT = 0x0b,
	FF = 0x0c,
	CR = 0x0d,
	SO = 0x0e,
	SI = 0x0f,
	CAN = 0x18,
	EM = 0x19,
	ESC = 0x1b,
	SPACE = 0x20
};

#define LETTER_DOTS   12   /* of the head for a letter of 10 to the inch */
#define SIXTIETH_DOTS 2	   /* ESC $ counts in 1/60 inch; ESC \ in 1/120, which is a dot of the head */
#define WIDE	      0x20 /* bits of ESC ! */
#define CONDENSED     0x04
#define ELITE	      0x01

/* ---- lengths: n <= have is the whole command, more asks for n bytes ---- */

/* ESC b m n1 .. NUL */
static size_t measure_channel(const uint8_t *c, size_t have)
{
	return have < 3 ? 3 : print_measure_tabs(c + 1, have - 1) + 1;
}

/* ESC C n lines, ESC C NUL n inches */
static size_t measure_page(const uint8_t *c, size_t have)
{
	return have < 3 || c[2] != NUL ? 3 : 4;
}

/* ESC ( f nL nH: whatever the function is */
static size_t measure_function(const uint8_t *c, size_t have)
{
	return have < 5 ? 5 : 5 + print_word(c + 3);
}

/* Bytes of a column of ESC * m: 8, 24 or 48 pins. */
static size_t column_bytes(uint8_t mode)
{
	return mode >= 64 ? 6 : mode >= 32 ? 3 : 1;
}

/* ESC * m nL nH */
static size_t measure_columns(const uint8_t *c, size_t have)
{
	return have < 5 ? 5 : 5 + print_word(c + 3) * column_bytes(c[2]);
}

/* ESC K, L, Y, Z nL nH */
static size_t measure_bits(const uint8_t *c, size_t have)
{
	return have < 4 ? 4 : 4 + print_word(c + 2);
}

/* ESC ^ m nL nH: two bytes a column, 9 pins */
static size_t measure_pins(const uint8_t *c, size_t have)
{
	return have < 5 ? 5 : 5 + 2 * print_word(c + 3);
}

/* ESC & NUL n m [a0 a1 a2 d1 .. d(3 × a1)] for each letter from n to m, 24 pins */
static size_t measure_letters(const uint8_t *c, size_t have)
{
	size_t n = 5;

	if (have < n)
		return n;
	for (int letter = c[3]; letter <= c[4]; letter++) {
		if (have < n + 3)
			return n + 3;
		n += 3 + (size_t)3 * c[n + 1];
	}
	return n;
}

/* ---- values ---- */

static void read_dots(struct print_event *event)
{
	event->value[1] = event->command[2];
}

static void read_digit(struct print_event *event)
{
	event->value[0] = event->command[2] % '0';
}

static void read_space(struct print_event *event)
{
	event->value[0] = event->command[2];
}

static void read_align(struct print_event *event)
{
	event->value[0] = event->command[2] % '0' % 3; /* 3: both edges, which is the left one */
}

static void read_narrow(struct print_event *event)
{
	event->value[0] = 1;
}

static void read_wide(struct print_event *event)
{
	event->value[0] = (event->command[2] & 1) + 1;
}

static void read_high(struct print_event *event)
{
	event->value[1] = (event->command[2] & 1) + 1;
}

/* ESC ! sets the font and, as another event, the width. */
static void read_mode_font(struct print_event *event)
{
	event->value[0] = (event->command[2] & (ELITE | CONDENSED)) != 0;
}

static void read_mode_size(struct print_event *event)
{
	event->kind = PRINT_SIZE;
	event->value[0] = event->command[2] & WIDE ? 2 : 1;
}

static void read_word(struct print_event *event)
{
	event->value[0] = (int32_t)print_word(event->command + 2) * SIXTIETH_DOTS;
}

static void read_signed(struct print_event *event)
{
	event->value[0] = (int16_t)print_word(event->command + 2);
}

static void read_margin(struct print_event *event)
{
	event->value[0] = event->command[2] * LETTER_DOTS;
}

static void set_raster(struct print_event *event, size_t head, size_t width, size_t rows)
{
	event->value[0] = (int32_t)width;
	event->value[1] = (int32_t)rows;
	event->bytes = event->command + head;
	event->len = event->length - head;
	event->is_columns = true;
}

static void read_columns(struct print_event *event)
{
	set_raster(event, 5, print_word(event->command + 3), 8 * column_bytes(event->command[2]));
}

static void read_bits(struct print_event *event)
{
	set_raster(event, 4, print_word(event->command + 2), 8);
}

static void read_pins(struct print_event *event)
{
	set_raster(event, 5, print_word(event->command + 3), 16);
}

/* ESC EM R ejects the sheet. */
static void read_feeder(struct print_event *event)
{
	if (event->command[2] == 'R')
		event->kind = PRINT_CUT;
}

/* ESC ( ^ prints control codes as letters: what they are hangs on the printer. Pictures are said to be there. */
static void read_function(struct print_event *event)
{
	if (event->command[2] == '^')
		event->kind = PRINT_UNKNOWN;
}

/* ---- the tables ---- */

static const struct print_command esc_commands[256] = {
	[SO] = PRINT_PLAIN(2, OTHER),
	[SI] = PRINT_VALUE(2, FONT, narrow),
	[EM] = PRINT_VALUE(3, OTHER, feeder),
	[' '] = PRINT_VALUE(3, SPACING, space),
	['!'] = PRINT_VALUE(3, FONT, mode_font),
	['#'] = PRINT_PLAIN(2, OTHER),
	['$'] = PRINT_VALUE(4, ABSOLUTE, word),
	['%'] = PRINT_PLAIN(3, OTHER),
	['&'] = PRINT_LONG(letters, OTHER),
	['('] = PRINT_LONG_VALUE(function, OTHER, function),
	['*'] = PRINT_LONG_VALUE(columns, RASTER, columns),
	['+'] = PRINT_PLAIN(3, OTHER),
	['-'] = PRINT_PLAIN(3, OTHER),
	['/'] = PRINT_PLAIN(3, OTHER),
	['0'] = PRINT_PLAIN(2, OTHER),
	['1'] = PRINT_PLAIN(2, OTHER),
	['2'] = PRINT_PLAIN(2, OTHER),
	['3'] = PRINT_PLAIN(3, OTHER),
	['4'] = PRINT_PLAIN(2, OTHER),
	['5'] = PRINT_PLAIN(2, OTHER),
	['6'] = PRINT_PLAIN(2, OTHER),
	['7'] = PRINT_PLAIN(2, OTHER),
	['8'] = PRINT_PLAIN(2, OTHER),
	['9'] = PRINT_PLAIN(2, OTHER),
	[':'] = PRINT_PLAIN(5, OTHER),
	['<'] = PRINT_PLAIN(2, OTHER),
	['='] = PRINT_PLAIN(2, OTHER),
	['>'] = PRINT_PLAIN(2, OTHER),
	['?'] = PRINT_PLAIN(4, OTHER),
	['@'] = PRINT_PLAIN(2, RESET),
	['A'] = PRINT_PLAIN(3, OTHER),
	['B'] = {.measure = print_measure_tabs, .kind = PRINT_OTHER},
	['C'] = PRINT_LONG(page, OTHER),
	['D'] = {.measure = print_measure_tabs, .least = 2, .kind = PRINT_TABS, .read = print_read_tabs},
	['E'] = PRINT_PLAIN(2, OTHER),
	['F'] = PRINT_PLAIN(2, OTHER),
	['G'] = PRINT_PLAIN(2, OTHER),
	['H'] = PRINT_PLAIN(2, OTHER),
	['I'] = PRINT_PLAIN(3, OTHER),
	['J'] = PRINT_VALUE(3, FEED, dots),
	['K'] = PRINT_LONG_VALUE(bits, RASTER, bits),
	['L'] = PRINT_LONG_VALUE(bits, RASTER, bits),
	['M'] = PRINT_VALUE(2, FONT, narrow),
	['N'] = PRINT_PLAIN(3, OTHER),
	['O'] = PRINT_PLAIN(2, OTHER),
	['P'] = PRINT_PLAIN(2, FONT),
	['Q'] = PRINT_PLAIN(3, OTHER),
	['R'] = PRINT_VALUE(3, COUNTRY, digit),
	['S'] = PRINT_PLAIN(3, OTHER),
	['T'] = PRINT_PLAIN(2, OTHER),
	['U'] = PRINT_PLAIN(3, OTHER),
	['W'] = PRINT_VALUE(3, SIZE, wide),
	['X'] = PRINT_PLAIN(5, OTHER),
	['Y'] = PRINT_LONG_VALUE(bits, RASTER, bits),
	['Z'] = PRINT_LONG_VALUE(bits, RASTER, bits),
	['\\'] = PRINT_VALUE(4, RELATIVE, signed),
	['^'] = PRINT_LONG_VALUE(pins, RASTER, pins),
	['a'] = PRINT_VALUE(3, ALIGN, align),
	['b'] = PRINT_LONG(channel, OTHER),
	['c'] = PRINT_PLAIN(4, OTHER),
	['g'] = PRINT_VALUE(2, FONT, narrow),
	['i'] = PRINT_PLAIN(3, OTHER),
	['j'] = PRINT_PLAIN(3, UNKNOWN), /* back up the paper: what is printed there lies over other letters */
	['k'] = PRINT_PLAIN(3, OTHER),
	['l'] = PRINT_VALUE(3, MARGIN, margin),
	['p'] = PRINT_PLAIN(3, OTHER),
	['q'] = PRINT_PLAIN(3, OTHER),
	['r'] = PRINT_PLAIN(3, OTHER),
	['s'] = PRINT_PLAIN(3, OTHER),
	['t'] = PRINT_PLAIN(3, OTHER), /* tables of this printer's own, none that has Vietnamese letters */
	['w'] = PRINT_VALUE(3, SIZE, high),
	['x'] = PRINT_PLAIN(3, OTHER),
};

/* Single bytes; what neither stands here nor is a letter nor begins a command is skipped. */
static const struct {
	bool is_known;
	enum print_event_kind kind;
	int32_t value;
} controls[SPACE] = {
	[NUL] = {true, PRINT_OTHER, 0},
	[BEL] = {true, PRINT_OTHER, 0},
	[HT] = {true, PRINT_TAB, 0},
	[LF] = {true, PRINT_LINE_FEED, 0},
	[VT] = {true, PRINT_LINE_FEED, 0}, /* without vertical tab stops */
	[FF] = {true, PRINT_CUT, 0},
	[CR] = {true, PRINT_RETURN, 0},
	[SO] = {true, PRINT_OTHER, 0}, /* wide to the end of the line */
	[SI] = {true, PRINT_FONT, 1},
	[0x11] = {true, PRINT_OTHER, 0},
	[0x12] = {true, PRINT_FONT, 0},
	[0x13] = {true, PRINT_OTHER, 0},
	[0x14] = {true, PRINT_OTHER, 0},
};

static size_t escp_length(const uint8_t *at, size_t have, bool is_end, int mode)
{
	(void)mode;
	return at[0] == ESC ? print_command_length(esc_commands, 2, at, have, is_end) : 1;
}

static void escp_tell(struct print_event *event, int mode, const struct print_sink *sink)
{
	const uint8_t *at = event->command;
	const struct print_command *command;

	(void)mode;
	if (event->length == 1) {
		bool is_known = at[0] < SPACE && controls[at[0]].is_known;

		event->kind = is_known ? controls[at[0]].kind : PRINT_UNKNOWN;
		event->value[0] = is_known ? controls[at[0]].value : 0;
		return;
	}
	command = print_command_find(esc_commands, at[1]);
	print_command_tell(command, event);
	if (command == &esc_commands['!']) {
		print_also(event, sink);
		read_mode_size(event);
	}
}

/* ESC @, FF */
static bool escp_resumes(const uint8_t *at)
{
	return at[0] == FF || (at[0] == ESC && at[1] == '@');
}

/* No byte below 0x20 is a letter: those of TCVN and VISCII are commands here. */
static const struct print_language escp = {0, escp_length, escp_tell, escp_resumes, NULL};

PRINT_STREAM_CALLS(escp)

/* ---- an annex: no QR codes; ESC a is not known to each of them, and letters of plain size stand at the left edge ---- */

static void put_state(struct bytes *out, const struct print_state *from, const struct print_state *to)
{
	if (from->font != to->font)
		PRINT_PUT(out, ESC, to->font ? 'M' : 'P');
	if (from->width != to->width)
		PRINT_PUT(out, ESC, 'W', to->width > 1);
	if (from->height != to->height)
		PRINT_PUT(out, ESC, 'w', to->height > 1);
	if (from->country != to->country)
		PRINT_PUT(out, ESC, 'R', to->country);
}

static int escp_compose(
	const struct print_annex *annex, const struct print_state *state, struct bytes *out, struct fault *fault)
{
	const struct print_state own = {.width = 1, .height = 1};

	bytes_text(out, "\r\n");
	put_state(out, state, &own);
	print_lines(out, annex, "\r\n");
	put_state(out, &own, state);
	for (int i = 0; annex->end == PRINT_END_FEED && i < PRINT_FEED_LINES; i++)
		bytes_text(out, "\r\n");
	if (annex->end == PRINT_END_CUT)
		bytes_char(out, FF);
	return bytes_check(out, "the annex", fault);
}

const struct print_dialect_ops dialect_escp = {
	.name = "escp",
	.summary = "ESC/P: dot-matrix printers, Epson LX and LQ and what emulates them; a form feed ends a receipt",
	.state_size = sizeof(struct print_stream),
	.feed = escp_feed,
	.compose = escp_compose,
	.undecided = escp_undecided,
	.flush = escp_flush,
};
