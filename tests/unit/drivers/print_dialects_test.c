/* Printer languages: recorded streams give the expected counts, in whatever pieces they come; malformed commands by the rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../dialects.h"
#include "drivers/drivers.h"

#define STREAM_MAX  ((size_t)16 << 20)
#define PATH_ROOM   512
#define ROW_ROOM    1024
#define PAGES_MAX   64
#define CHUNK_SEEDS 20

/* What a row of expected-tokens.csv says behind the file's name and dialect, in its order. */
struct counts {
	size_t bytes, text_bytes, line_feeds, cuts, raster_rows, drawer_kicks, page_switches;
	bool pages[PAGES_MAX];
	int page;
	char qr[128];
	size_t incomplete, unknown;
	uint64_t end; /* of the last event */
	bool has_hole;
};

static void count(void *context, const struct print_event *event)
{
	struct counts *counts = context;

	counts->has_hole |= event->length > 0 && event->offset != counts->end;
	counts->end = event->offset + (event->length ? event->length : counts->end - event->offset);
	for (size_t i = 0; event->kind == PRINT_TEXT && i < event->len; i++)
		counts->text_bytes += event->bytes[i] >= 0x20;
	counts->line_feeds += event->kind == PRINT_LINE_FEED;
	counts->cuts += event->kind == PRINT_CUT;
	counts->raster_rows += event->kind == PRINT_RASTER ? (size_t)event->value[1] : 0;
	counts->drawer_kicks += event->kind == PRINT_DRAWER;
	counts->incomplete += event->kind == PRINT_INCOMPLETE;
	counts->unknown += event->kind == PRINT_UNKNOWN || event->kind == PRINT_GARBAGE;
	if (event->kind == PRINT_PAGE && event->value[0] != counts->page) {
		counts->page_switches++;
		counts->page = event->value[0];
		if (counts->page >= 0 && counts->page < PAGES_MAX)
			counts->pages[counts->page] = true;
	}
	if (event->kind == PRINT_QR)
		snprintf(counts->qr, sizeof(counts->qr), "%.*s", (int)event->len, (const char *)event->bytes);
}

/* Every member of every event, as text. */
static void write_down(void *context, const struct print_event *event)
{
	struct bytes *log = context;

	if (event->kind == PRINT_CUT)
		assert_in_range(event->length, 1, PRINT_CUT_MAX);
	bytes_printf(log, "%d %llu %zu %d %d ", (int)event->kind, (unsigned long long)event->offset, event->length,
		event->value[0], event->value[1]);
	bytes_hex(log, event->bytes, event->len);
	bytes_char(log, ' ');
	bytes_hex(log, event->command, event->length);
	bytes_char(log, '\n');
}

/* Feeds pieces of @step bytes; 0: of random sizes that follow from @seed. */
static void run(const struct print_dialect_ops *dialect, const uint8_t *bytes, size_t len, size_t step, unsigned seed,
	const struct print_sink *sink)
{
	void *state = calloc(1, dialect->state_size);

	assert_true(state != NULL);
	for (size_t at = 0; at < len;) {
		size_t n = step;

		if (step == 0) {
			seed = seed * 1103515245u + 12345u;
			n = 1 + (seed >> 16) % 97;
		}
		n = n < len - at ? n : len - at;
		/* A copy of its own, so that a byte read behind it is seen. */
		uint8_t *piece = malloc(n);

		assert_true(piece != NULL);
		memcpy(piece, bytes + at, n);
		assert_int_equal(dialect->feed(state, piece, n, sink), 0);
		free(piece);
		at += n;
	}
	assert_int_equal(dialect->flush(state, sink), 0);
	assert_int_equal(dialect->flush(state, sink), 0); /* nothing is told twice */
	free(state);
}

static void log_of(const struct print_dialect_ops *dialect, const uint8_t *bytes, size_t len, size_t step,
	unsigned seed, struct bytes *ret)
{
	struct print_sink sink = {write_down, ret};

	bytes_init(ret, (size_t)64 << 20);
	run(dialect, bytes, len, step, seed, &sink);
	bytes_char(ret, '\0');
	assert_false(ret->failed);
}

static void assert_same_in_pieces(const struct print_dialect_ops *dialect, const uint8_t *bytes, size_t len)
{
	BYTES_CLEANUP struct bytes whole;
	BYTES_CLEANUP struct bytes single;

	log_of(dialect, bytes, len, len ? len : 1, 0, &whole);
	log_of(dialect, bytes, len, 1, 0, &single);
	assert_string_equal((char *)whole.data, (char *)single.data);
	for (unsigned seed = 1; seed <= CHUNK_SEEDS; seed++) {
		BYTES_CLEANUP struct bytes pieces;

		log_of(dialect, bytes, len, 0, seed, &pieces);
		assert_string_equal((char *)whole.data, (char *)pieces.data);
	}
}

static struct counts counts_of(const struct print_dialect_ops *dialect, const uint8_t *bytes, size_t len)
{
	struct counts counts = {.bytes = len, .page = PRINT_PAGE_NONE};
	struct print_sink sink = {count, &counts};

	run(dialect, bytes, len, len ? len : 1, 0, &sink);
	assert_false(counts.has_hole);
	assert_int_equal(counts.end, len);
	return counts;
}

static void row_of(const char *name, const char *dialect, const struct counts *counts, char row[ROW_ROOM])
{
	char pages[4 * PAGES_MAX] = "";
	size_t len = 0;

	for (int page = 0; page < PAGES_MAX; page++)
		if (counts->pages[page])
			len += (size_t)snprintf(pages + len, sizeof(pages) - len, "%s%d", len ? " " : "", page);
	snprintf(row, ROW_ROOM, "%s,%s,%zu,%zu,%zu,%zu,%zu,%zu,%zu,%s,%s,%s", name, dialect, counts->bytes,
		counts->text_bytes, counts->line_feeds, counts->cuts, counts->raster_rows, counts->drawer_kicks,
		counts->page_switches, pages, counts->qr, counts->incomplete ? "incomplete" : "");
}

/* Each row of expected-tokens.csv in @folder; returns how many there were. */
static int check_folder(const char *folder)
{
	char path[PATH_ROOM];
	char row[ROW_ROOM];
	int rows = 0;
	FILE *csv;

	snprintf(path, sizeof(path), "%s/expected-tokens.csv", folder);
	csv = fopen(path, "r");
	if (!csv)
		return 0;
	assert_true(fgets(row, sizeof(row), csv) != NULL); /* the names of the columns */
	while (fgets(row, sizeof(row), csv)) {
		BYTES_CLEANUP struct bytes stream;
		char name[64];
		char word[16];
		char got[ROW_ROOM];
		const struct print_dialect_ops *dialect;
		struct counts counts;

		row[strcspn(row, "\n")] = '\0';
		assert_int_equal(sscanf(row, "%63[^,],%15[^,],", name, word), 2);
		dialect = driver_print_dialect(word);
		assert_true(dialect != NULL);
		read_dialect_file(folder, name, &stream);
		counts = counts_of(dialect, stream.data, stream.len);
		row_of(name, word, &counts, got);
		assert_string_equal(got, row);
		assert_int_equal(counts.unknown, 0);
		assert_same_in_pieces(dialect, stream.data, stream.len);
		rows++;
	}
	fclose(csv);
	return rows;
}

static void each_capture_gives_the_expected_counts(void **state)
{
	(void)state;
	assert_true(check_folder(DIALECTS "/captures") >= 12);
}

/* Streams of other projects, which are read where they lie and never copied. */
static void each_stream_of_other_projects_gives_the_expected_counts(void **state)
{
	const char *folder = getenv("HOADON_THIRD_PARTY");
	char path[PATH_ROOM];
	int rows;

	(void)state;
	snprintf(path, sizeof(path), "%s/escpos",
		folder ? folder
		       : TEST_DATA "/../../.."
				   "/shared"
				   "/third-party");
	rows = check_folder(path);
	if (rows == 0) {
		print_message("no streams of other projects: HOADON_THIRD_PARTY names no folder of them\n");
		skip();
	}
	assert_int_equal(rows, 9);
}

/* How often @text stands in the file; 0 when it is not there. */
static size_t occurrences(const struct bytes *file, const char *text)
{
	size_t n = 0;

	for (const char *at = strstr((const char *)file->data, text); at; at = strstr(at + 1, text))
		n++;
	return n;
}

static void check_layout(void *context, const struct layout_stream *stream)
{
	struct counts counts = counts_of(&dialect_escpos, stream->bytes->data, stream->bytes->len);
	size_t cuts = occurrences(stream->text, "[cut]\n");
	size_t lost = 0;

	(void)context;
	assert_int_equal(counts.cuts, cuts);
	/*
	 * A line of the text is a line feed, a cut has two in front of it, a QR code one behind it. In the mislabelled variant a kick
	 * without its arguments takes those two for them, as a printer does.
	 */
	if (strcmp(stream->variant, "mislabelled.bin") == 0)
		lost = 2 * counts.drawer_kicks;
	assert_int_equal(counts.line_feeds + lost, occurrences(stream->text, "\n") + cuts + (counts.qr[0] ? 1 : 0));
	assert_int_equal(counts.unknown + counts.incomplete + counts.raster_rows, 0);
	assert_same_in_pieces(&dialect_escpos, stream->bytes->data, stream->bytes->len);
}

static void each_layout_gives_its_lines_and_cuts(void **state)
{
	(void)state;
	each_layout_stream(check_layout, NULL);
}

/* ---- the rules for single commands: what an ESC/POS stream is told as ---- */

static void name_event(void *context, const struct print_event *event)
{
	static const char *const words[] = {
#define WORD(kind, word, meaning) word,
		PRINT_EVENTS(WORD)
#undef WORD
	};
	struct bytes *log = context;

	bytes_printf(log, "%s%s:%zu", log->len ? " " : "", words[event->kind], event->length);
	if (event->value[0] || event->value[1])
		bytes_printf(log, "(%d,%d)", event->value[0], event->value[1]);
	if (event->kind != PRINT_RASTER && event->kind != PRINT_TABS && event->len > 0)
		bytes_printf(log, "'%.*s'", (int)event->len, (const char *)event->bytes);
}

static void assert_told(const struct print_dialect_ops *dialect, const void *stream, size_t len, const char *expected)
{
	BYTES_CLEANUP struct bytes log;
	struct print_sink sink = {name_event, &log};

	bytes_init(&log, STREAM_MAX);
	run(dialect, stream, len, len, 0, &sink);
	assert_string_equal(log.data ? (char *)log.data : "", expected);
	assert_same_in_pieces(dialect, stream, len);
}

#define TOLD(stream, expected) assert_told(&dialect_escpos, stream, sizeof(stream) - 1, expected)

static void values_are_read(void **state)
{
	(void)state;
	TOLD("\033!\x31X", "font:3(1,0) size:0(2,2) text:1'X'");
	TOLD("\035!\x21\033a2\033a\x01", "size:3(3,2) align:3(2,0) align:3(1,0)");
	TOLD("\033$\x2c\x01\033\\\xfe\xff", "absolute:4(300,0) relative:4(-2,0)");
	TOLD("\035L\x18\0\035W\x40\x02", "margin:4(24,0) width:4(576,0)");
	TOLD("\033t\x1e\034(C\x02\0\x30\x32\034(C\x02\0\x30\x31", "page:3(30,0) page:7(65001,0) page:7(-1,0)");
	TOLD("\033d\x03\033J\x10\033R\x0f\034&\034.", "feed:3(3,0) feed:3(0,16) country:3(15,0) kanji:2(1,0) kanji:2");
	TOLD("\033L\033W\0\0\x10\0\0\x02\0\x03\035$\x40\0\f\033S",
		"page-mode:2(1,0) page-area:10(0,16) page-y:4(64,0) form-feed:1 page-mode:2");
	TOLD("\033=\x02shown\033=\x01", "device:3 text:5'shown' device:3(1,0)");
	TOLD("\020\004\x01\035r1\035a\xff\035I1\020\024\x01\0\x05", "status:3 status:3 status:3 status:3 drawer:5");
	TOLD("\035v0\0\x01\0\x02\0\x1b\x40", "raster:10(8,2)");
	TOLD("\0338L\a\b\036", "unknown:2 text:1'L' other:1 unknown:1 text:1'\036'");
}

static void payload_is_data(void **state)
{
	(void)state;
	/* A cut, a reset and a drawer kick inside a picture, a QR code and a bar code. */
	TOLD("\035v0\0\x02\0\x02\0\035V\0\033", "raster:12(16,2)");
	TOLD("\035(k\x08\0\x31\x50\x30\033@\033i!\n", "qr:13'\033@\033i!' line-feed:1");
	TOLD("\035kI\x04\033p\0\x1b"
	     "A",
		"barcode:8'\033p' text:1'A'");
}

static void malformed_commands_end_by_rule(void **state)
{
	(void)state;
	TOLD("\033p\0\033@", "drawer:3 reset:2");
	TOLD("\033p\0\035V\0", "drawer:3 cut:3");
	TOLD("\033p\0", "drawer:3");
	TOLD("\033p\0\x19\xfa", "drawer:5");
	TOLD("\033D\x08\x10\x18\0A", "tabs:6 text:1'A'");
	TOLD("\033D\x10\nA", "tabs:3 line-feed:1 text:1'A'");
	TOLD("\033\n\033\033@", "unknown:1 line-feed:1 unknown:1 reset:2");
	TOLD("\033~A", "unknown:2 text:1'A'");
	TOLD("\035v0\0\x40\0", "incomplete:6");
	TOLD("\035V\x42\x05\035V\x31\033i\033m", "cut:4 cut:3 cut:2 cut:2");
	TOLD("\0334A\0335\x01"
	     "B",
		"other:2 text:1'A' other:3 text:1'B'");
}

/* A bar code without its NUL takes 255 bytes and no more; ESC D 32 stops. */
static void a_search_for_an_end_is_bounded(void **state)
{
	uint8_t stream[3 + 400] = "\035k\x04";
	uint8_t tabs[2 + 60] = "\033D";

	(void)state;
	memset(stream + 3, '1', 400);
	assert_int_equal(counts_of(&dialect_escpos, stream, sizeof(stream)).text_bytes, 400 - 255);
	assert_same_in_pieces(&dialect_escpos, stream, sizeof(stream));
	for (size_t i = 0; i < 60; i++)
		tabs[2 + i] = (uint8_t)(0x40 + i);
	assert_int_equal(counts_of(&dialect_escpos, tabs, sizeof(tabs)).text_bytes, 60 - 32);
	assert_same_in_pieces(&dialect_escpos, tabs, sizeof(tabs));
}

/* Below the cap a declared length is believed; above it nothing is told until the next reset or cut. */
static void a_declared_length_is_capped(void **state)
{
	static const uint8_t most[] = "\0358L\xf9\xff\x7f\0"; /* with its 7 bytes 8 MiB */
	uint8_t *stream = calloc(1, PRINT_LENGTH_MAX + 1);

	(void)state;
	TOLD("A\035v0\0\xff\xff\xff\xff TONG 1\n\033@B", "text:1'A' garbage:2 reset:2 text:1'B'");
	TOLD("\035v0\0\xff\xff\xff\xff TONG 1\n\033iB", "garbage:2 cut:2 text:1'B'");
	TOLD("\035v0\0\xff\xff\xff\xff TONG 1\n\035V\0B", "garbage:2 cut:3 text:1'B'");
	TOLD("\035v0\0\xff\xff\xff\xff TONG 1\n\033", "garbage:2");
	assert_true(stream != NULL);
	memcpy(stream, most, sizeof(most) - 1);
	stream[PRINT_LENGTH_MAX] = 'A';
	assert_int_equal(counts_of(&dialect_escpos, stream, PRINT_LENGTH_MAX + 1).text_bytes, 1);
	free(stream);
	TOLD("\0358L\xfa\xff\x7f\0", "garbage:2");
}

static void long_text_comes_in_pieces(void **state)
{
	uint8_t stream[2 * PRINT_TEXT_MAX + 10];

	(void)state;
	memset(stream, 'a', sizeof(stream));
	assert_int_equal(counts_of(&dialect_escpos, stream, sizeof(stream)).text_bytes, sizeof(stream));
	assert_same_in_pieces(&dialect_escpos, stream, sizeof(stream));
}

#define STAR(stream, expected) assert_told(&dialect_star, stream, sizeof(stream) - 1, expected)

static void star_is_another_language(void **state)
{
	(void)state;
	STAR("\033@\033\035t\x01\033\035a1\033i\x01\x01"
	     "A\n\033d3",
		"reset:2 page:4(1,0) align:4(1,0) size:4(2,2) text:1'A' line-feed:1 cut:3");
	STAR("\033W1\033h\0\0334A\033E\033F", "size:3(2,0) size:3(0,1) other:2 text:1'A' other:2 other:2");
	STAR("\033\035A\x44\x01\033\035R\xfe\xff\033l\x02\033a\x03",
		"absolute:5(324,0) relative:5(-2,0) margin:3(24,0) feed:3(3,0)");
	STAR("\033\035yS0\x02\033\035yD1\0\x03\0k=1\033\035yP", "other:6 qr:11'k=1' qr-print:4");
	STAR("\033b\x04\x01\x01\x40\x31\x32\036\033\036F\x01\a\034", "barcode:9'12' font:4(1,0) drawer:1 drawer:1");
	STAR("\033\035S\x01\x02\0\x02\0\0\033d\0\033", "raster:13(16,2)");
	STAR("\033k\x01\0\033d0\033@56789012345678901234", "raster:28(8,24) text:1'4'");
	STAR("\033\035Q\033\036\n\033~A", "unknown:3 unknown:2 line-feed:1 unknown:2 text:1'A'");
	STAR("\033X\xff\xff\033d0", "incomplete:7");
	/* UTF-8 and pages again; other functions of the same kind have no meaning. */
	STAR("\033\035)U\x02\0"
	     "0\x01\033\035)U\x02\0"
	     "00\033\035)U\x02\0@\0\033\035)I\x01\0xA",
		"page:8(65001,0) page:8(-1,0) other:8 other:7 text:1'A'");
	STAR("\033\035)U\x02\0"
	     "0",
		"incomplete:7");
}

/* Rows of a picture are single letters there, and a receipt may follow in the same stream. */
static void star_raster_mode_is_no_text(void **state)
{
	(void)state;
	STAR("\033*rA\033*rP0\0b\x02\0AB"
	     "k\x01\0C\033*rBb\n",
		"other:4 other:6 raster:5(16,1) raster:4(8,0) other:4 text:1'b' line-feed:1");
	STAR("\033*rAb\x01\0A\033@b", "other:4 raster:4(8,1) reset:2 text:1'b'");
}

static void plain_text_has_no_commands(void **state)
{
	static const char stream[] = "HOA DON\r\n\tA\033E1\n\f";

	(void)state;
	assert_told(&dialect_plain, stream, sizeof(stream) - 1,
		"text:7'HOA DON' return:1 line-feed:1 tab:1 text:1'A' unknown:1 text:2'E1' line-feed:1 cut:1");
}

#define ESCP(stream, expected) assert_told(&dialect_escp, stream, sizeof(stream) - 1, expected)

/* What is unlike ESC/POS: commands without arguments there, letters behind them, and the form feed that ends a receipt. */
static void dot_matrix_commands_have_their_own_lengths(void **state)
{
	(void)state;
	ESCP("\033@\033EHOA DON\033F\r\n", "reset:2 other:2 text:7'HOA DON' other:2 return:1 line-feed:1");
	ESCP("\033MA\033P\033gB\022\017C\033!\045",
		"font:2(1,0) text:1'A' font:2 font:2(1,0) text:1'B' font:1 font:1(1,0) text:1'C' "
		"font:3(1,0) size:0(2,0)");
	ESCP("\033W\0011\033W0\033w1\033a1", "size:3(2,0) text:1'1' size:3(1,0) size:3(0,2) align:3(1,0)");
	ESCP("\033$\036\0\033\\\xf4\xff\033l\005\033J\030",
		"absolute:4(60,0) relative:4(-12,0) margin:3(60,0) feed:3(0,24)");
	ESCP("\033C\0\013\033C\041\033D\010\020\0\033B\002\0X", "other:4 other:3 tabs:5 other:4 text:1'X'");
	ESCP("\033*\047\002\0\f\033@\f\f\fA", "raster:11(2,24) text:1'A'");
	ESCP("\033K\002\0\f\fA\033^\0\001\0\f\fB", "raster:6(2,8) text:1'A' raster:7(1,16) text:1'B'");
	ESCP("\033(t\003\0\001\001\0\033t\001\033R\0\033x\001A", "other:8 other:3 country:3 other:3 text:1'A'");
	ESCP("A\f\033\031R\033\0311\033j\001", "text:1'A' cut:1 cut:3 other:3 unknown:3");
	ESCP("\033\n\033~A\001\033*\001", "unknown:1 line-feed:1 unknown:2 text:1'A' unknown:1 incomplete:3");
}

static size_t undecided(const struct print_dialect_ops *dialect, const void *bytes, size_t len)
{
	BYTES_CLEANUP struct bytes log = {.max = STREAM_MAX};
	const struct print_sink sink = {write_down, &log};
	void *state = calloc(1, dialect->state_size);
	size_t result;

	assert_true(state != NULL);
	assert_int_equal(dialect->feed(state, bytes, len, &sink), 0);
	result = dialect->undecided(state);
	assert_int_equal(dialect->flush(state, &sink), 0);
	free(state);
	return result;
}
#define UNDECIDED(dialect, text) undecided(&(dialect), text, sizeof(text) - 1)

/* What waits is what may become a cut, and nothing else: a printer that is held for letters or a picture is a slow one. */
static void only_what_may_cut_is_undecided(void **state)
{
	(void)state;
	assert_int_equal(UNDECIDED(dialect_escpos, "abc"), 0);
	assert_int_equal(UNDECIDED(dialect_escpos, "abc\x1d"), 1);
	assert_int_equal(UNDECIDED(dialect_escpos, "abc\x1dV"), 2);
	assert_int_equal(UNDECIDED(dialect_escpos, "abc\x1dV\x42"), 3);
	assert_int_equal(UNDECIDED(dialect_escpos, "abc\x1dV\x42\x03"), 0);
	assert_int_equal(UNDECIDED(dialect_escpos, "\x1dv0\x00"), 4);
	assert_int_equal(UNDECIDED(dialect_escpos, "\x1dv0\x00\x30"), 0);
	assert_int_equal(UNDECIDED(dialect_escpos, "\x1d"
						   "8L\xff\xff\xff\xff garbage"),
		1);
	/* 7 and 9 bytes more than these are 0 in 32 bits, and so are 8 × 32768 × 16384 */
	assert_int_equal(UNDECIDED(dialect_escpos, "\x1d"
						   "8L\xf9\xff\xff\xff garbage"),
		1);
	assert_int_equal(UNDECIDED(dialect_escpos, "\x1d"
						   "D0001100BM\xf7\xff\xff\xff garbage"),
		1);
	assert_int_equal(UNDECIDED(dialect_escpos, "\x1cq\x01\x00\x80\x00\x40 garbage"), 1);
	assert_int_equal(UNDECIDED(dialect_star, "\x1b"
						 "d"),
		2);
	assert_int_equal(UNDECIDED(dialect_star, "\x1b"
						 "d\x02"),
		0);
	assert_int_equal(UNDECIDED(dialect_plain, "abc\f"), 0);
	assert_int_equal(UNDECIDED(dialect_escp, "abc\033"), 1);
	assert_int_equal(UNDECIDED(dialect_escp, "abc\f"), 0);
}

/* Whatever the bytes are, in whatever pieces: the same events, and no byte is lost. */
static void any_bytes_give_the_same_in_pieces(void **state)
{
	static const uint8_t often[] = {0x1b, 0x1d, 0x1c, 0x10, 0x00, 0x01, '(', '*', 'k', 'L', 'D', 'p', '@', 'V', 'A',
		0x0a, 'r', 'b', 'y', 'S'};
	uint8_t stream[600];
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 60; round++) {
		for (size_t i = 0; i < sizeof(stream); i++) {
			seed = seed * 1103515245u + 12345u;
			stream[i] = (seed >> 24) % 4 ? often[(seed >> 16) % sizeof(often)] : (uint8_t)(seed >> 16);
		}
		for (size_t i = 0; driver_print_dialects[i]; i++)
			assert_same_in_pieces(driver_print_dialects[i], stream, sizeof(stream));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_capture_gives_the_expected_counts),
		cmocka_unit_test(each_stream_of_other_projects_gives_the_expected_counts),
		cmocka_unit_test(each_layout_gives_its_lines_and_cuts),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(payload_is_data),
		cmocka_unit_test(malformed_commands_end_by_rule),
		cmocka_unit_test(a_search_for_an_end_is_bounded),
		cmocka_unit_test(a_declared_length_is_capped),
		cmocka_unit_test(long_text_comes_in_pieces),
		cmocka_unit_test(star_is_another_language),
		cmocka_unit_test(star_raster_mode_is_no_text),
		cmocka_unit_test(plain_text_has_no_commands),
		cmocka_unit_test(dot_matrix_commands_have_their_own_lengths),
		cmocka_unit_test(only_what_may_cut_is_undecided),
		cmocka_unit_test(any_bytes_give_the_same_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
