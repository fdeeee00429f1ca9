/*
 * dialect_escpos: ESC/POS, as receipt printers of most makers and their clones read it. Two steps: how long a command is (a number or
 * a function in the tables), and what it says (an event and how its values are read).
 */
#include "drivers/drivers.h"

#include "drivers/print_stream.h"

enum {
	NUL = 0x00,
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
#define TAB_STOPS_MAX  32
#define COUNTER_FIELDS 5 /* of GS C ; */
#define COUNTER_DIGITS 5
#define QR	       49 /* kinds of symbols, GS ( k */
#define SYMBOL_DATA    80
#define SYMBOL_PRINT   81

struct command {
	uint8_t length; /* in all, 0: measure says it */
	size_t (*measure)(const uint8_t *c, size_t have);
	uint8_t least; /* with so many bytes it is whole where the stream ends; 0: it never is */
	enum print_event_kind kind;
	void (*read)(struct print_event *event); /* NULL: the event says it all */
};

static size_t word_at(const uint8_t *c)
{
	return c[0] + (size_t)256 * c[1];
}

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
	return have < 5 ? 5 : 5 + word_at(c + 3) * (c[2] == 32 || c[2] == 33 ? 3 : 1);
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

/* ESC D n1 .. NUL; a stop that does not increase is no stop any more but what follows. */
static size_t measure_tabs(const uint8_t *c, size_t have)
{
	for (size_t n = 2; n < 2 + TAB_STOPS_MAX; n++) {
		if (n >= have || c[n] == NUL)
			return n + 1;
		if (n > 2 && c[n] <= c[n - 1])
			return n;
	}
	return 2 + TAB_STOPS_MAX;
}

/* ESC ( f pL pH, also GS ( and FS (: whatever the function is */
static size_t measure_function(const uint8_t *c, size_t have)
{
	return have < 5 ? 5 : 5 + word_at(c + 3);
}

/* GS v 0 m xL xH yL yH, GS Q 0 m xL xH yL yH */
static size_t measure_raster(const uint8_t *c, size_t have)
{
	if (have < 3 || c[2] == '0')
		return have < 8 ? 8 : 8 + word_at(c + 4) * word_at(c + 6);
	return 2;
}

/* GS 8 L p1 p2 p3 p4 */
static size_t measure_large(const uint8_t *c, size_t have)
{
	if (have < 3 || c[2] == 'L')
		return have < 7 ? 7 : 7 + word_at(c + 3) + 65536 * word_at(c + 5);
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
	return c[9] == 'B' && c[10] == 'M' ? 9 + word_at(c + 11) + 65536 * word_at(c + 13) : 2;
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
		n += 4 + 8 * word_at(c + n) * word_at(c + n + 2);
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
	return have < 10 ? 10 : 10 + word_at(c + 8);
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
	event->value[0] = (int32_t)word_at(event->command + 2);
}

static void read_signed(struct print_event *event)
{
	event->value[0] = (int16_t)word_at(event->command + 2);
}

static void read_area(struct print_event *event)
{
	event->value[0] = (int32_t)word_at(event->command + 2);
	event->value[1] = (int32_t)word_at(event->command + 4);
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

static void read_tabs(struct print_event *event)
{
	event->bytes = event->command + 2;
	event->len = event->length - 2;
	if (event->len > 0 && event->bytes[event->len - 1] == NUL)
		event->len--;
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
	set_raster(event, 5, word_at(event->command + 3), event->command[2] >= 32 ? 24 : 8);
}

/* GS v 0: bytes side by side; GS Q 0: bytes one below the other */
static void read_raster(struct print_event *event)
{
	const uint8_t *c = event->command;

	if (event->length < 8)
		event->kind = PRINT_UNKNOWN;
	else if (c[1] == 'v')
		set_raster(event, 8, word_at(c + 4) * 8, word_at(c + 6));
	else
		set_raster(event, 8, word_at(c + 4), word_at(c + 6) * 8);
}

static void read_image(struct print_event *event)
{
	set_raster(event, 4, (size_t)8 * event->command[2], (size_t)8 * event->command[3]);
}

/* GS ( L and GS 8 L: function 112 and 113 store a picture, a head of 10 bytes in front of it. */
static void read_graphics(struct print_event *event)
{
	const uint8_t *c = event->command + (event->command[1] == '8' ? 7 : 5);
	size_t head = (size_t)(c - event->command) + 10;

	if (event->length < head)
		event->kind = event->length < 7 ? PRINT_UNKNOWN : PRINT_OTHER;
	else if (c[1] == 112 || c[1] == 113)
		set_raster(event, head, word_at(c + 6), word_at(c + 8));
	else
		event->kind = PRINT_OTHER;
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

#define PLAIN(n, what)                                                                                                 \
	{                                                                                                              \
		.length = (n), .kind = PRINT_##what                                                                    \
	}
#define VALUE(n, what, how)                                                                                            \
	{                                                                                                              \
		.length = (n), .kind = PRINT_##what, .read = read_##how                                                \
	}
#define LONG(size, what)                                                                                               \
	{                                                                                                              \
		.measure = measure_##size, .kind = PRINT_##what                                                        \
	}
#define LONGER(size, what, how)                                                                                        \
	{                                                                                                              \
		.measure = measure_##size, .kind = PRINT_##what, .read = read_##how                                    \
	}

static const struct command esc_commands[256] = {
	[FF] = VALUE(2, FORM_FEED, on),
	[' '] = VALUE(3, SPACING, byte),
	['!'] = VALUE(3, FONT, mode_font),
	['$'] = VALUE(4, ABSOLUTE, word),
	['%'] = PLAIN(3, OTHER),
	['&'] = LONG(letters, OTHER),
	['('] = LONG(function, OTHER),
	['*'] = LONGER(columns, RASTER, columns),
	['-'] = PLAIN(3, OTHER),
	['2'] = PLAIN(2, OTHER),
	['3'] = PLAIN(3, OTHER),
	['4'] = {.measure = measure_italic, .least = 2, .kind = PRINT_OTHER},
	['5'] = {.measure = measure_italic, .least = 2, .kind = PRINT_OTHER},
	['<'] = PLAIN(2, OTHER),
	['='] = VALUE(3, DEVICE, flag),
	['?'] = PLAIN(3, OTHER),
	['@'] = PLAIN(2, RESET),
	['B'] = PLAIN(4, OTHER),
	['C'] = PLAIN(3, OTHER),
	['D'] = {.measure = measure_tabs, .least = 2, .kind = PRINT_TABS, .read = read_tabs},
	['E'] = PLAIN(3, OTHER),
	['F'] = PLAIN(3, OTHER),
	['G'] = PLAIN(3, OTHER),
	['J'] = VALUE(3, FEED, dots),
	['K'] = PLAIN(3, FEED),
	['L'] = VALUE(2, PAGE_MODE, on),
	['M'] = VALUE(3, FONT, font),
	['R'] = VALUE(3, COUNTRY, byte),
	['S'] = PLAIN(2, PAGE_MODE),
	['T'] = PLAIN(3, OTHER),
	['U'] = PLAIN(3, OTHER),
	['V'] = PLAIN(3, OTHER),
	['W'] = VALUE(10, PAGE_AREA, area),
	['\\'] = VALUE(4, RELATIVE, signed),
	['a'] = VALUE(3, ALIGN, align),
	['c'] = LONGER(panel, OTHER, known),
	['d'] = VALUE(3, FEED, byte),
	['e'] = PLAIN(3, FEED),
	['f'] = PLAIN(4, OTHER),
	['i'] = PLAIN(2, CUT),
	['m'] = PLAIN(2, CUT),
	['p'] = {.measure = measure_drawer, .least = 3, .kind = PRINT_DRAWER},
	['q'] = PLAIN(2, OTHER),
	['r'] = PLAIN(3, OTHER),
	['t'] = VALUE(3, PAGE, byte),
	['u'] = PLAIN(3, STATUS),
	['v'] = PLAIN(2, STATUS),
	['{'] = PLAIN(3, OTHER),
};

static const struct command gs_commands[256] = {
	['!'] = VALUE(3, SIZE, size),
	['$'] = VALUE(4, PAGE_Y, word),
	['('] = LONGER(function, OTHER, function),
	['*'] = LONGER(image, RASTER, image),
	['/'] = PLAIN(3, OTHER),
	['8'] = LONGER(large, RASTER, graphics),
	[':'] = PLAIN(2, OTHER),
	['B'] = PLAIN(3, OTHER),
	['C'] = LONGER(counter, OTHER, known),
	['D'] = LONGER(bmp, OTHER, known),
	['E'] = PLAIN(3, OTHER),
	['H'] = PLAIN(3, OTHER),
	['I'] = PLAIN(3, STATUS),
	['L'] = VALUE(4, MARGIN, word),
	['P'] = PLAIN(4, OTHER),
	['Q'] = LONGER(raster, RASTER, raster),
	['T'] = PLAIN(3, OTHER),
	['V'] = LONG(cut, CUT),
	['W'] = VALUE(4, WIDTH, word),
	['\\'] = VALUE(4, PAGE_Y_MOVE, signed),
	['^'] = PLAIN(5, OTHER),
	['a'] = PLAIN(3, STATUS),
	['b'] = PLAIN(3, OTHER),
	['c'] = PLAIN(2, OTHER),
	['f'] = PLAIN(3, OTHER),
	['g'] = PLAIN(6, OTHER),
	['h'] = PLAIN(3, OTHER),
	['j'] = PLAIN(3, OTHER),
	['k'] = LONGER(barcode, BARCODE, barcode),
	['r'] = PLAIN(3, STATUS),
	['v'] = LONGER(raster, RASTER, raster),
	['w'] = PLAIN(3, OTHER),
	['z'] = PLAIN(5, OTHER),
	['|'] = PLAIN(3, OTHER),
};

static const struct command fs_commands[256] = {
	['!'] = PLAIN(3, OTHER),
	['&'] = VALUE(2, KANJI, on),
	['('] = LONGER(function, OTHER, encoding),
	['-'] = PLAIN(3, OTHER),
	['.'] = PLAIN(2, KANJI),
	['2'] = PLAIN(76, OTHER),
	['?'] = PLAIN(4, OTHER),
	['C'] = PLAIN(3, OTHER),
	['L'] = PLAIN(2, OTHER),
	['S'] = PLAIN(4, OTHER),
	['W'] = PLAIN(3, OTHER),
	['a'] = LONG(reading, OTHER),
	['b'] = PLAIN(2, OTHER),
	['c'] = PLAIN(2, OTHER),
	['g'] = LONGER(memory, OTHER, known),
	['p'] = PLAIN(4, OTHER),
	['q'] = LONG(logos, OTHER),
};

static const struct command dle_commands[256] = {
	[0x04] = LONG(status, STATUS),
	[0x05] = PLAIN(3, STATUS),
	[0x14] = LONGER(real_time, OTHER, real_time),
};

static const struct command us_commands[256] = {
	['$'] = PLAIN(4, DISPLAY),
	['C'] = PLAIN(3, DISPLAY),
	['X'] = PLAIN(3, DISPLAY),
};

static const struct command *const commands[256] = {
	[DLE] = dle_commands,
	[ESC] = esc_commands,
	[FS] = fs_commands,
	[GS] = gs_commands,
	[US] = us_commands,
};

/* Single bytes; what stands neither here nor in is_text nor begins a command is skipped. */
static const struct {
	bool is_known;
	enum print_event_kind kind;
} controls[256] = {
	[NUL] = {true, PRINT_OTHER},
	[HT] = {true, PRINT_TAB},
	[LF] = {true, PRINT_LINE_FEED},
	[FF] = {true, PRINT_FORM_FEED},
	[CR] = {true, PRINT_RETURN},
	[CAN] = {true, PRINT_CANCEL},
};

#define TEXT_8(from)                                                                                                   \
	[from] = true, [(from) + 1] = true, [(from) + 2] = true, [(from) + 3] = true, [(from) + 4] = true,             \
	[(from) + 5] = true, [(from) + 6] = true, [(from) + 7] = true
#define TEXT_32(from) TEXT_8(from), TEXT_8((from) + 8), TEXT_8((from) + 16), TEXT_8((from) + 24)

/* Below 0x20: letters of TCVN (01 02 04-06 11-17) and VISCII (02 05 06 14 19 1E). */
static const bool is_text[256] = {
	[0x01] = true,
	[0x02] = true,
	[0x04] = true,
	[0x05] = true,
	[0x06] = true,
	[0x11] = true,
	[0x12] = true,
	[0x13] = true,
	[0x14] = true,
	[0x15] = true,
	[0x16] = true,
	[0x17] = true,
	[0x19] = true,
	[0x1e] = true,
	TEXT_32(0x20),
	TEXT_32(0x40),
	TEXT_32(0x60),
	TEXT_32(0x80),
	TEXT_32(0xa0),
	TEXT_32(0xc0),
	TEXT_32(0xe0),
};

static const struct command *command_at(const uint8_t *at)
{
	const struct command *command = &commands[at[0]][at[1]];

	return command->length || command->measure ? command : NULL;
}

/* A prefix in front of what is no command: with that byte, unless it is a control itself. */
static size_t escpos_length(const uint8_t *at, size_t have, bool is_end)
{
	const struct command *command;
	size_t n;

	if (!commands[at[0]])
		return 1;
	if (have < 2)
		return 2;
	command = command_at(at);
	if (!command)
		return at[1] < SPACE ? 1 : 2;
	n = command->measure ? command->measure(at, have) : command->length;
	return n > have && is_end && command->least && have >= command->least ? have : n;
}

static void escpos_tell(struct print_event *event, const struct print_sink *sink)
{
	const uint8_t *at = event->command;
	const struct command *command;

	if (event->length == 1) {
		event->kind = controls[at[0]].is_known ? controls[at[0]].kind : PRINT_UNKNOWN;
		return;
	}
	command = command_at(at);
	event->kind = command ? command->kind : PRINT_UNKNOWN;
	if (command && command->read)
		command->read(event);
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

static const struct print_language escpos = {is_text, escpos_length, escpos_tell, escpos_resumes};

static int escpos_feed(void *state, const void *bytes, size_t len, const struct print_sink *sink)
{
	return print_stream_feed(state, &escpos, bytes, len, sink);
}

static int escpos_flush(void *state, const struct print_sink *sink)
{
	return print_stream_flush(state, &escpos, sink);
}

const struct print_dialect_ops dialect_escpos = {
	.name = "escpos",
	.summary = "ESC/POS: Epson, Bixolon, Citizen, Xprinter and most clones",
	.state_size = sizeof(struct print_stream),
	.feed = escpos_feed,
	.flush = escpos_flush,
};
