/*
 * dialect_escpos: ESC/POS, as receipt printers of most makers and their clones read it. Two steps: how long a command is (a number or
 * a function in the tables), and what it says (an event and how its values are read).
 */
#include "drivers/drivers.h"

#include <string.h>

#include "drivers/print_annex.h"
#include "drivers/print_stream.h"

enum {
	NUL = 0x00,
	BEL = 0x07,
	HT = 0x09,
	LF = 0x0a,
	FF = 0x0c,
	CR = 0x0d,
	DLE = 0x10,
	CAN = 0x18,
	ESC = 0x1b,
	FS = 0x1c,
	GS = 0x1d,
	US = 0x1f,
	SPACE = 0x20
};

#define BARCODE_MAX    255 /* a bar code without its NUL ends here */
#define COUNTER_FIELDS 5   /* of GS C ; */
#define COUNTER_DIGITS 5
#define QR	       49 /* kinds of symbols, GS ( k */
#define SYMBOL_DATA    80
#define SYMBOL_PRINT   81

/* ---- lengths: n <= have is the whole command, more asks for n bytes  ---- */

/* ESC p m t1 t2; tills send ESC p m and go on. */
static size_t measure_drawer(const uint8_t *c, size_t have)
{
	if (have < 4)
		return 4;
	return c[3] == ESC || c[3] == GS ? 3 : 5;
}

/* ESC 4, ESC 5: italic of clones, with or without an argument. */
static size_t measure_italic(const uint8_t *c, size_t have)
{
	if (have < 3)
		return 3;
	return c[2] <= 1 ? 3 : 2;
}

/* ESC c n m */
static size_t measure_panel(const uint8_t *c, size_t have)
{
	if (have < 3)
		return 3;
	return c[2] == '0' || c[2] == '1' || c[2] == '3' || c[2] == '4' || c[2] == '5' ? 4 : 2;
}

/* ESC * m nL nH */
static size_t measure_columns(const uint8_t *c, size_t have)
{
	return have < 5 ? 5 : 5 + print_word(c + 3) * (c[2] == 32 || c[2] == 33 ? 3 : 1);
}

/* ESC & y c1 c2 [x d1 .. d(y*x)] for each letter from c1 to c2 */
static size_t measure_letters(const uint8_t *c, size_t have)
{
	size_t n = 5;

	if (have < n)
		return n;
	for (int letter = c[3]; letter <= c[4]; letter++) {
		if (have <= n)
			return n + 1;
		n += 1 + (size_t)c[2] * c[n];
	}
	return n;
}

/* ESC ( f pL pH, also GS ( and FS (: whatever the function is */
static size_t measure_function(const uint8_t *c, size_t have)
{
	return have < 5 ? 5 : 5 + print_word(c + 3);
}

/* GS v 0 m xL xH yL yH, GS Q 0 m xL xH yL yH */
static size_t measure_raster(const uint8_t *c, size_t have)
{
	if (have < 3 || c[2] == '0')
		return have < 8 ? 8 : 8 + print_word(c + 4) * print_word(c + 6);
	return 2;
}

/* GS 8 L p1 p2 p3 p4 */
static size_t measure_large(const uint8_t *c, size_t have)
{
	if (have < 3 || c[2] == 'L')
		return have < 7 ? 7 : print_length(7, print_long(c + 3));
	return 2;
}

/* GS k m: to NUL, or with its length */
static size_t measure_barcode(const uint8_t *c, size_t have)
{
	size_t n = 3;

	if (have < 4)
		return 4;
	if (c[2] >= 65 && c[2] <= 79)
		return (size_t)4 + c[3];
	if (c[2] > 6)
		return 2;
	while (n < have && n < 3 + BARCODE_MAX && c[n] != NUL)
		n++;
	return n < 3 + BARCODE_MAX ? n + 1 : n;
}

/* GS V m [n] */
static size_t measure_cut(const uint8_t *c, size_t have)
{
	if (have < 3)
		return 3;
	return c[2] == 0 || c[2] == 1 || c[2] == '0' || c[2] == '1' ? 3 : 4;
}

/* GS * x y */
static size_t measure_image(const uint8_t *c, size_t have)
{
	return have < 4 ? 4 : 4 + (size_t)8 * c[2] * c[3];
}

/* GS D m fn a kc1 kc2 b c and a BMP file, which says its size */
static size_t measure_bmp(const uint8_t *c, size_t have)
{
	if (have < 15)
		return 15;
	return c[9] == 'B' && c[10] == 'M' ? print_length(9, print_long(c + 11)) : 2;
}

/* GS C 0, 1, 2, and GS C ; with five decimal fields, each ended by a semicolon */
static size_t measure_counter(const uint8_t *c, size_t have)
{
	size_t n = 3;

	if (have < n)
		return n;
	if (c[2] != ';')
		return c[2] == '0' || c[2] == '2' ? 5 : c[2] == '1' ? 9 : 2;
	for (int field = 0; field < COUNTER_FIELDS; field++) {
		for (int digits = 0; digits < COUNTER_DIGITS && n < have && c[n] >= '0' && c[n] <= '9'; digits++)
			n++;
		if (n == have)
			return n + 1;
		if (c[n] != ';')
			return n;
		n++;
	}
	return n;
}

/* FS q n [xL xH yL yH d1 ..] for each logo */
static size_t measure_logos(const uint8_t *c, size_t have)
{
	size_t n = 3;

	if (have < n)
		return n;
	for (int logo = 0; logo < c[2] && n <= PRINT_LENGTH_MAX; logo++) {
		if (have < n + 4)
			return n + 4;
		n += print_length(4, (uint64_t)8 * print_word(c + n) * print_word(c + n + 2));
	}
	return n;
}

/* FS g 1 m a1 a2 a3 a4 nL nH d1 .., FS g 2 m a1 a2 a3 a4 nL nH */
static size_t measure_memory(const uint8_t *c, size_t have)
{
	if (have < 3)
		return 3;
	if (c[2] != '1')
		return c[2] == '2' ? 10 : 2;
	return have < 10 ? 10 : 10 + print_word(c + 8);
}

/* FS a 0 n, else FS a n */
static size_t measure_reading(const uint8_t *c, size_t have)
{
	return have < 3 || (c[2] != 0 && c[2] != '0') ? 3 : 4;
}

/* DLE EOT n [a], DLE DC4 fn .. */
static size_t measure_status(const uint8_t *c, size_t have)
{
	return have < 3 || (c[2] != 7 && c[2] != 8 && c[2] != 18) ? 3 : 4;
}

static size_t measure_real_time(const uint8_t *c, size_t have)
{
	static const uint8_t lengths[] = {[1] = 5, [2] = 5, [3] = 8, [7] = 4, [8] = 10};

	if (have < 3)
		return 3;
	return c[2] < sizeof(lengths) && lengths[c[2]] ? lengths[c[2]] : 2;
}

/* ---- values: event->command has event->length bytes ---- */

static void read_byte(struct print_event *event)
{
	event->value[0] = event->command[2];
}

static void read_flag(struct print_event *event)
{
	event->value[0] = event->command[2] & 1;
}

static void read_on(struct print_event *event)
{
	event->value[0] = 1;
}

static void read_word(struct print_event *event)
{
	event->value[0] = (int32_t)print_word(event->command + 2);
}

static void read_signed(struct print_event *event)
{
	event->value[0] = (int16_t)print_word(event->command + 2);
}

static void read_area(struct print_event *event)
{
	event->value[0] = (int32_t)print_word(event->command + 2);
	event->value[1] = (int32_t)print_word(event->command + 4);
}

static void read_dots(struct print_event *event)
{
	event->value[1] = event->command[2];
}

/* ESC a: 0 to 2 or the digits */
static void read_align(struct print_event *event)
{
	event->value[0] = (event->command[2] & 3) % 3;
}

/* ESC M: A, or one of the narrow ones */
static void read_font(struct print_event *event)
{
	event->value[0] = event->command[2] % '0' > 0;
}

/* GS ! */
static void read_size(struct print_event *event)
{
	event->value[0] = (event->command[2] >> 4 & 7) + 1;
	event->value[1] = (event->command[2] & 7) + 1;
}

/* ESC ! sets the font and, as another event, the size. */
static void read_mode_font(struct print_event *event)
{
	event->value[0] = event->command[2] & 1;
}

static void read_mode_size(struct print_event *event)
{
	event->kind = PRINT_SIZE;
	event->value[0] = event->command[2] & 0x20 ? 2 : 1;
	event->value[1] = event->command[2] & 0x10 ? 2 : 1;
}

static void set_raster(struct print_event *event, size_t head, size_t width, size_t rows)
{
	event->value[0] = (int32_t)width;
	event->value[1] = (int32_t)rows;
	event->bytes = event->command + head;
	event->len = event->length - head;
}

static void read_columns(struct print_event *event)
{
	set_raster(event, 5, print_word(event->command + 3), event->command[2] >= 32 ? 24 : 8);
	event->is_columns = true;
}

/* GS v 0: bytes side by side; GS Q 0: bytes one below the other */
static void read_raster(struct print_event *event)
{
	const uint8_t *c = event->command;

	if (event->length < 8)
		event->kind = PRINT_UNKNOWN;
	else if (c[1] == 'v')
		set_raster(event, 8, print_word(c + 4) * 8, print_word(c + 6));
	else
		set_raster(event, 8, print_word(c + 4), print_word(c + 6) * 8);
	event->is_columns = c[1] == 'Q';
}

static void read_image(struct print_event *event)
{
	set_raster(event, 4, (size_t)8 * event->command[2], (size_t)8 * event->command[3]);
	event->is_columns = true;
}

/* GS ( L and GS 8 L: function 112 and 113 store a picture, a head of 10 bytes in front of it. */
static void read_graphics(struct print_event *event)
{
	const uint8_t *c = event->command + (event->command[1] == '8' ? 7 : 5);
	size_t head = (size_t)(c - event->command) + 10;

	if (event->length < head)
		event->kind = event->length < 7 ? PRINT_UNKNOWN : PRINT_OTHER;
	else if (c[1] == 112 || c[1] == 113)
		set_raster(event, head, print_word(c + 6), print_word(c + 8));
	else
		event->kind = PRINT_OTHER;
	event->is_columns = event->kind == PRINT_RASTER && c[1] == 113;
}

/* GS ( f */
static void read_function(struct print_event *event)
{
	const uint8_t *c = event->command;

	if (c[2] == 'L') {
		event->kind = PRINT_RASTER;
		read_graphics(event);
	} else if (c[2] == 'k' && event->length >= 7 && c[6] == SYMBOL_PRINT) {
		event->kind = c[5] == QR ? PRINT_QR_PRINT : PRINT_OTHER;
	} else if (c[2] == 'k' && event->length >= 8 && c[6] == SYMBOL_DATA) {
		event->kind = c[5] == QR ? PRINT_QR : PRINT_BARCODE;
		event->bytes = c + 8;
		event->len = event->length - 8;
	}
}

/* FS ( C, function 48: '2' makes the printer read UTF-8, '1' pages again. */
static void read_encoding(struct print_event *event)
{
	const uint8_t *c = event->command;

	if (c[2] != 'C' || event->length != 7 || c[5] != 48)
		return;
	event->kind = PRINT_PAGE;
	event->value[0] = c[6] % '0' == 2 ? PRINT_PAGE_UTF8 : PRINT_PAGE_NONE;
}

static void read_barcode(struct print_event *event)
{
	const uint8_t *c = event->command;
	bool is_counted = event->length >= 4 && c[2] >= 65;
	size_t head = is_counted ? 4 : 3;

	if (event->length < head) {
		event->kind = PRINT_UNKNOWN;
		return;
	}
	event->bytes = c + head;
	event->len = event->length - head;
	if (!is_counted && c[event->length - 1] == NUL)
		event->len--;
	else if (!is_counted)
		event->kind = PRINT_UNKNOWN;
}

/* Where the function is none of those that are known, only the two bytes were taken. */
static void read_known(struct print_event *event)
{
	if (event->length == 2)
		event->kind = PRINT_UNKNOWN;
}

/* DLE DC4 1 kicks the drawer. */
static void read_real_time(struct print_event *event)
{
	if (event->length == 5 && event->command[2] == 1)
		event->kind = PRINT_DRAWER;
	read_known(event);
}

/* ---- the tables ---- */

static const struct print_command esc_commands[256] = {
	[FF] = PRINT_VALUE(2, FORM_FEED, on),
	[' '] = PRINT_VALUE(3, SPACING, byte),
	['!'] = PRINT_VALUE(3, FONT, mode_font),
	['$'] = PRINT_VALUE(4, ABSOLUTE, word),
	['%'] = PRINT_PLAIN(3, OTHER),
	['&'] = PRINT_LONG(letters, OTHER),
	['('] = PRINT_LONG(function, OTHER),
	['*'] = PRINT_LONG_VALUE(columns, RASTER, columns),
	['-'] = PRINT_PLAIN(3, OTHER),
	['2'] = PRINT_PLAIN(2, OTHER),
	['3'] = PRINT_PLAIN(3, OTHER),
	['4'] = {.measure = measure_italic, .least = 2, .kind = PRINT_OTHER},
	['5'] = {.measure = measure_italic, .least = 2, .kind = PRINT_OTHER},
	['<'] = PRINT_PLAIN(2, OTHER),
	['='] = PRINT_VALUE(3, DEVICE, flag),
	['?'] = PRINT_PLAIN(3, OTHER),
	['@'] = PRINT_PLAIN(2, RESET),
	['B'] = PRINT_PLAIN(4, OTHER),
	['C'] = PRINT_PLAIN(3, OTHER),
	['D'] = {.measure = print_measure_tabs, .least = 2, .kind = PRINT_TABS, .read = print_read_tabs},
	['E'] = PRINT_PLAIN(3, OTHER),
	['F'] = PRINT_PLAIN(3, OTHER),
	['G'] = PRINT_PLAIN(3, OTHER),
	['J'] = PRINT_VALUE(3, FEED, dots),
	['K'] = PRINT_PLAIN(3, FEED),
	['L'] = PRINT_VALUE(2, PAGE_MODE, on),
	['M'] = PRINT_VALUE(3, FONT, font),
	['R'] = PRINT_VALUE(3, COUNTRY, byte),
	['S'] = PRINT_PLAIN(2, PAGE_MODE),
	['T'] = PRINT_PLAIN(3, OTHER),
	['U'] = PRINT_PLAIN(3, OTHER),
	['V'] = PRINT_PLAIN(3, OTHER),
	['W'] = PRINT_VALUE(10, PAGE_AREA, area),
	['\\'] = PRINT_VALUE(4, RELATIVE, signed),
	['a'] = PRINT_VALUE(3, ALIGN, align),
	['c'] = PRINT_LONG_VALUE(panel, OTHER, known),
	['d'] = PRINT_VALUE(3, FEED, byte),
	['e'] = PRINT_PLAIN(3, FEED),
	['f'] = PRINT_PLAIN(4, OTHER),
	['i'] = PRINT_PLAIN(2, CUT),
	['m'] = PRINT_PLAIN(2, CUT),
	['p'] = {.measure = measure_drawer, .least = 3, .kind = PRINT_DRAWER},
	['q'] = PRINT_PLAIN(2, OTHER),
	['r'] = PRINT_PLAIN(3, OTHER),
	['t'] = PRINT_VALUE(3, PAGE, byte),
	['u'] = PRINT_PLAIN(3, STATUS),
	['v'] = PRINT_PLAIN(2, STATUS),
	['{'] = PRINT_PLAIN(3, OTHER),
};

static const struct print_command gs_commands[256] = {
	['!'] = PRINT_VALUE(3, SIZE, size),
	['$'] = PRINT_VALUE(4, PAGE_Y, word),
	['('] = PRINT_LONG_VALUE(function, OTHER, function),
	['*'] = PRINT_LONG_VALUE(image, RASTER, image),
	['/'] = PRINT_PLAIN(3, OTHER),
	['8'] = PRINT_LONG_VALUE(large, RASTER, graphics),
	[':'] = PRINT_PLAIN(2, OTHER),
	['B'] = PRINT_PLAIN(3, OTHER),
	['C'] = PRINT_LONG_VALUE(counter, OTHER, known),
	['D'] = PRINT_LONG_VALUE(bmp, OTHER, known),
	['E'] = PRINT_PLAIN(3, OTHER),
	['H'] = PRINT_PLAIN(3, OTHER),
	['I'] = PRINT_PLAIN(3, STATUS),
	['L'] = PRINT_VALUE(4, MARGIN, word),
	['P'] = PRINT_PLAIN(4, OTHER),
	['Q'] = PRINT_LONG_VALUE(raster, RASTER, raster),
	['T'] = PRINT_PLAIN(3, OTHER),
	['V'] = PRINT_LONG(cut, CUT),
	['W'] = PRINT_VALUE(4, WIDTH, word),
	['\\'] = PRINT_VALUE(4, PAGE_Y_MOVE, signed),
	['^'] = PRINT_PLAIN(5, OTHER),
	['a'] = PRINT_PLAIN(3, STATUS),
	['b'] = PRINT_PLAIN(3, OTHER),
	['c'] = PRINT_PLAIN(2, OTHER),
	['f'] = PRINT_PLAIN(3, OTHER),
	['g'] = PRINT_PLAIN(6, OTHER),
	['h'] = PRINT_PLAIN(3, OTHER),
	['j'] = PRINT_PLAIN(3, OTHER),
	['k'] = PRINT_LONG_VALUE(barcode, BARCODE, barcode),
	['r'] = PRINT_PLAIN(3, STATUS),
	['v'] = PRINT_LONG_VALUE(raster, RASTER, raster),
	['w'] = PRINT_PLAIN(3, OTHER),
	['z'] = PRINT_PLAIN(5, OTHER),
	['|'] = PRINT_PLAIN(3, OTHER),
};

static const struct print_command fs_commands[256] = {
	['!'] = PRINT_PLAIN(3, OTHER),
	['&'] = PRINT_VALUE(2, KANJI, on),
	['('] = PRINT_LONG_VALUE(function, OTHER, encoding),
	['-'] = PRINT_PLAIN(3, OTHER),
	['.'] = PRINT_PLAIN(2, KANJI),
	['2'] = PRINT_PLAIN(76, OTHER),
	['?'] = PRINT_PLAIN(4, OTHER),
	['C'] = PRINT_PLAIN(3, OTHER),
	['L'] = PRINT_PLAIN(2, OTHER),
	['S'] = PRINT_PLAIN(4, OTHER),
	['W'] = PRINT_PLAIN(3, OTHER),
	['a'] = PRINT_LONG(reading, OTHER),
	['b'] = PRINT_PLAIN(2, OTHER),
	['c'] = PRINT_PLAIN(2, OTHER),
	['g'] = PRINT_LONG_VALUE(memory, OTHER, known),
	['p'] = PRINT_PLAIN(4, OTHER),
	['q'] = PRINT_LONG(logos, OTHER),
};

static const struct print_command dle_commands[256] = {
	[0x04] = PRINT_LONG(status, STATUS),
	[0x05] = PRINT_PLAIN(3, STATUS),
	[0x14] = PRINT_LONG_VALUE(real_time, OTHER, real_time),
};

static const struct print_command us_commands[256] = {
	['$'] = PRINT_PLAIN(4, DISPLAY),
	['C'] = PRINT_PLAIN(3, DISPLAY),
	['X'] = PRINT_PLAIN(3, DISPLAY),
};

static const struct print_command *const commands[256] = {
	[DLE] = dle_commands,
	[ESC] = esc_commands,
	[FS] = fs_commands,
	[GS] = gs_commands,
	[US] = us_commands,
};

/* Single bytes; what neither stands here nor is a letter nor begins a command is skipped. */
static const struct {
	bool is_known;
	enum print_event_kind kind;
} controls[256] = {
	[NUL] = {true, PRINT_OTHER},
	[BEL] = {true, PRINT_OTHER}, /* clones beep */
	[HT] = {true, PRINT_TAB},
	[LF] = {true, PRINT_LINE_FEED},
	[FF] = {true, PRINT_FORM_FEED},
	[CR] = {true, PRINT_RETURN},
	[CAN] = {true, PRINT_CANCEL},
};

static size_t escpos_length(const uint8_t *at, size_t have, bool is_end, int mode)
{
	(void)mode;
	return commands[at[0]] ? print_command_length(commands[at[0]], 2, at, have, is_end) : 1;
}

static void escpos_tell(struct print_event *event, int mode, const struct print_sink *sink)
{
	const uint8_t *at = event->command;
	const struct print_command *command;

	(void)mode;
	if (event->length == 1) {
		event->kind = controls[at[0]].is_known ? controls[at[0]].kind : PRINT_UNKNOWN;
		return;
	}
	command = print_command_find(commands[at[0]], at[1]);
	print_command_tell(command, event);
	if (command == &esc_commands['!']) {
		print_also(event, sink);
		read_mode_size(event);
	}
}

/* ESC @, ESC i, ESC m, GS V */
static bool escpos_resumes(const uint8_t *at)
{
	return at[0] == ESC ? at[1] == '@' || at[1] == 'i' || at[1] == 'm' : at[0] == GS && at[1] == 'V';
}

static const struct print_language escpos = {PRINT_LOW_LETTERS, escpos_length, escpos_tell, escpos_resumes, NULL};

PRINT_STREAM_CALLS(escpos)

/* ---- an annex ---- */

static uint8_t size_byte(const struct print_state *state)
{
	return (uint8_t)((state->width - 1) << 4 | (state->height - 1));
}

static void put_state(struct bytes *out, const struct print_state *from, const struct print_state *to)
{
	if (from->align != to->align)
		PRINT_PUT(out, ESC, 'a', to->align);
	if (from->font != to->font)
		PRINT_PUT(out, ESC, 'M', to->font);
	if (size_byte(from) != size_byte(to))
		PRINT_PUT(out, GS, '!', size_byte(to));
	if (from->country != to->country)
		PRINT_PUT(out, ESC, 'R', to->country);
	if (from->is_kanji != to->is_kanji)
		PRINT_PUT(out, FS, to->is_kanji ? '&' : '.');
}

/* ESC t */
static void put_page(struct bytes *out, int page)
{
	PRINT_PUT(out, ESC, 't', (uint8_t)page);
}

/* FS ( C, function 48 */
static void put_utf8(struct bytes *out, bool is_on)
{
	PRINT_PUT(out, FS, '(', 'C', 2, 0, 48, is_on ? '2' : '1');
}

/* GS ( k, functions 65, 67, 69, 80 and 81 */
static void put_qr(struct bytes *out, const char *text, size_t len)
{
	PRINT_PUT(out, GS, '(', 'k', 4, 0, QR, 65, 50, 0);		/* model 2 */
	PRINT_PUT(out, GS, '(', 'k', 3, 0, QR, 67, PRINT_QR_DOTS(len)); /* dots of a module */
	PRINT_PUT(out, GS, '(', 'k', 3, 0, QR, 69, 49);			/* level M */
	PRINT_PUT(out, GS, '(', 'k', (len + 3) & 0xff, (len + 3) >> 8, QR, SYMBOL_DATA, 48);
	bytes_append(out, text, len);
	PRINT_PUT(out, GS, '(', 'k', 3, 0, QR, SYMBOL_PRINT, 48);
}

/* GS v 0 */
static void put_picture(struct bytes *out, const uint8_t *rows, size_t width, size_t height)
{
	size_t across = (width + 7) / 8;

	PRINT_PUT(out, GS, 'v', '0', 0, across & 0xff, across >> 8, height & 0xff, height >> 8);
	bytes_append(out, rows, across * height);
}

static void put_end(struct bytes *out, enum print_end end)
{
	if (end == PRINT_END_FEED)
		PRINT_PUT(out, ESC, 'd', PRINT_FEED_LINES);
	else if (end == PRINT_END_CUT)
		PRINT_PUT(out, GS, 'V', 66, 0); /* feeds as far as the knife */
}

static int escpos_compose(
	const struct print_annex *annex, const struct print_state *state, struct bytes *out, struct fault *fault)
{
	static const struct print_commands annexed = {put_state, put_page, put_utf8, put_qr, put_picture, put_end};

	return print_compose(&annexed, annex, state, out, fault);
}

const struct print_dialect_ops dialect_escpos = {
	.name = "escpos",
	.summary = "ESC/POS: Epson, Bixolon, Citizen, Xprinter and most clones",
	.state_size = sizeof(struct print_stream),
	.feed = escpos_feed,
	.compose = escpos_compose,
	.undecided = escpos_undecided,
	.flush = escpos_flush,
};
