/* print: the contract of printer languages (bytes of a print stream → events). See drivers/README.md. */
#ifndef HOADON_CAPTURE_PRINT_H
#define HOADON_CAPTURE_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/charset.h"
#include "base/cleanup.h"

#define PRINT_PAGE_NONE	 (-1)
#define PRINT_PAGE_UTF8	 65001 /* a printer that was told to read UTF-8: no page of a printer has this number */
#define PRINT_QR_MAX	 1000
#define PRINT_TEXT_MAX	 1024		   /* longer text comes as several events */
#define PRINT_LENGTH_MAX ((size_t)8 << 20) /* a command that declares more is garbage up to the next reset or cut */
#define PRINT_CUT_MAX	 4		   /* bytes of the longest command that cuts */

/*
 * What a stream says, whatever its language. X(KIND, word, what value[0], value[1] and bytes are).
 * Coordinates are dots, or motion units that the stream did not change.
 */
#define PRINT_EVENTS(X)                                                                                                \
	X(TEXT, "text", "bytes: letters in an encoding that nobody knows yet, some below 0x20")                        \
	X(LINE_FEED, "line-feed", "the end of a line")                                                                 \
	X(FEED, "feed", "prints the line; value[0] lines or value[1] dots of paper")                                   \
	X(RETURN, "return", "carriage return")                                                                         \
	X(TAB, "tab", "to the next tab stop")                                                                          \
	X(FORM_FEED, "form-feed", "page mode: print and leave it")                                                     \
	X(CANCEL, "cancel", "page mode: forget what was not printed")                                                  \
	X(RESET, "reset", "everything as at power on; behind letters the end of a receipt")                            \
	X(PAGE, "page", "code page value[0], by the printer's own number; capture/letters.c knows Epson's")            \
	X(COUNTRY, "country", "national letters value[0] for # $ @ [ \\ ] ^ { | } ~")                                  \
	X(KANJI, "kanji", "value[0] 1: pairs of high bytes are one letter")                                            \
	X(FONT, "font", "value[0] 0: A, 12 dots wide; 1: B, 9 dots")                                                   \
	X(SIZE, "size", "value[0] times as wide, value[1] times as high; 0: as before")                                \
	X(ALIGN, "align", "value[0] 0 left, 1 centre, 2 right")                                                        \
	X(SPACING, "spacing", "value[0] dots right of each letter")                                                    \
	X(MARGIN, "margin", "left margin value[0]")                                                                    \
	X(WIDTH, "width", "printed area value[0] wide")                                                                \
	X(TABS, "tabs", "bytes: columns of the tab stops; none: no stops")                                             \
	X(ABSOLUTE, "absolute", "to value[0] from the margin")                                                         \
	X(RELATIVE, "relative", "by value[0], which may be negative")                                                  \
	X(PAGE_MODE, "page-mode", "value[0] 1: lines may come in any order, 0: line by line")                          \
	X(PAGE_AREA, "page-area", "value[0], value[1]: upper left corner in page mode")                                \
	X(PAGE_Y, "page-y", "to line value[0] of the page")                                                            \
	X(PAGE_Y_MOVE, "page-y-move", "by value[0] down the page")                                                     \
	X(DEVICE, "device", "value[0] 0: what follows is not for the printer")                                         \
	X(RASTER, "raster", "bytes: bits of a picture, value[0] dots wide if known, value[1] rows")                    \
	X(QR, "qr", "bytes: what the next QR print shows")                                                             \
	X(QR_PRINT, "qr-print", "the QR code is printed")                                                              \
	X(BARCODE, "barcode", "bytes: what a bar code shows")                                                          \
	X(CUT, "cut", "the paper is cut: the end of a receipt")                                                        \
	X(DRAWER, "drawer", "the drawer is kicked")                                                                    \
	X(STATUS, "status", "the till asks the printer and waits for an answer")                                       \
	X(DISPLAY, "display", "for the customer display")                                                              \
	X(OTHER, "other", "known, and of no meaning for what the paper says")                                          \
	X(UNKNOWN, "unknown", "not a command, or a malformed one: skipped")                                            \
	X(GARBAGE, "garbage", "declares more than PRINT_LENGTH_MAX: nothing is told until the next reset or cut")      \
	X(INCOMPLETE, "incomplete", "the stream ended inside this command")

enum print_event_kind {
#define PRINT_KIND(kind, word, meaning) PRINT_##kind,
	PRINT_EVENTS(PRINT_KIND)
#undef PRINT_KIND
		PRINT_KINDS
};

struct print_event {
	enum print_event_kind kind;
	uint64_t offset;      /* of the command or text in the stream */
	size_t length;	      /* of the command or text; 0: another event of the same command */
	int32_t value[2];     /* see PRINT_EVENTS; 0 when it says nothing of them */
	const uint8_t *bytes; /* see PRINT_EVENTS; borrowed for the call */
	size_t len;	      /* of bytes */
	bool is_columns; /* RASTER: bytes from the top to the bottom, one column after the other; else rows from left to right */
	const uint8_t
		*command; /* all @length bytes, also for another event of the same command; borrowed for the call */
};

/* What holds behind a receipt. */
struct print_state {
	int32_t page;	       /* as announced, 0 to 255; PRINT_PAGE_NONE */
	uint8_t country;       /* national letters, 0 = none replaced */
	uint8_t align;	       /* 0 left, 1 centre, 2 right */
	uint8_t font;	       /* 0: A, 1: B */
	uint8_t width, height; /* times as wide and high: 1 to 8 */
	bool is_kanji;
	bool is_utf8; /* it was told to read UTF-8; the page holds again when it is told to read pages */
};

/* What is to be printed behind what a till printed: lines in the middle of the paper, then the code. */
struct print_annex {
	const char *const *lines;   /* UTF-8 from anywhere: letters alone come out of it */
	struct charset_use letters; /* of the lines; a language without pages prints ASCII */
	int line_dots; /* > 0: the lines are drawn, on paper so many dots wide; a language without pictures prints ASCII */
	size_t line_count;
	const char
		*qr; /* ASCII, at most PRINT_QR_MAX letters; NULL = none. A language without QR codes leaves it out. */
	int qr_dots; /* > 0: it is drawn, on paper so many dots wide; where that is too narrow it is left out */
	enum print_end {
		PRINT_END_LINE, /* the next line is printed behind it */
		PRINT_END_FEED, /* a cut follows: the paper comes as far as the knife */
		PRINT_END_CUT,	/* it is a paper of its own, which is cut */
	} end;
};

struct print_sink {
	void (*event)(void *context, const struct print_event *event);
	void *context;
};

/*
 * A printer language turns a print stream into events. Pure, and it never fails on bytes: what it does not know is skipped by rule
 * and told as such. Feeding one byte at a time gives the same events as feeding all at once. Every byte belongs to one event, except
 * those that garbage hides. Which language a port speaks is a setting of the port: bytes can only hint at it.
 */
struct print_dialect_ops {
	const char *name;    /* row of drivers/print_dialects.c */
	const char *summary; /* one line for `hoadon help drivers` */
	size_t state_size;   /* @state is zeroed before the first call */
	/** feed - take bytes in and tell @sink what they complete. 0, or FAULT_MEMORY: the stream cannot be told any further. */
	int (*feed)(void *state, const void *bytes, size_t len, const struct print_sink *sink) MUST_CHECK;
	/**
	 * compose - @annex in this language, appended to @out, for a printer in which @state holds; it holds again behind it. Commands come from
	 * the driver's own constants alone, and none resets the printer. 0 or FAULT_MEMORY. Source: capture section 2, "Annex before the cut".
	 */
	int (*compose)(const struct print_annex *annex, const struct print_state *state, struct bytes *out,
		struct fault *fault) MUST_CHECK;
	/** undecided - how many of the last bytes fed may yet turn out to be a cut, or a part of one: at most PRINT_CUT_MAX. */
	size_t (*undecided)(const void *state);
	/** flush - the stream has ended: tell what is left, free what @state holds and zero it. 0, or FAULT_MEMORY as feed said. */
	int (*flush)(void *state, const struct print_sink *sink) MUST_CHECK;
};

#endif
