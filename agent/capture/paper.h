/* paper: one receipt as the head printed it, before anyone knows the encoding of its letters. */
#ifndef HOADON_CAPTURE_PAPER_H
#define HOADON_CAPTURE_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/print.h"

struct bytes_ref {
	const uint8_t *bytes;
	size_t len;
};

/* Letters in a row, of one page and one size. Runs of a line stand from left to right. */
struct paper_run {
	int page;	 /* as announced before it (ESC t): a hint, it may lie; PRINT_PAGE_UTF8; PRINT_PAGE_NONE */
	uint8_t country; /* national letters (ESC R), 0 = none replaced */
	uint8_t column;	 /* cell of the first letter: 12 dots each, from the left edge of the paper */
	uint8_t gap; /* blank cells of this run's own width between the run before (or the left edge) and this one; 0: one word goes on */
	uint8_t width, height; /* times as wide and high: 1 to 8 */
	bool is_kanji;	       /* pairs of high bytes would be one letter, if the printer has such letters */
	const uint8_t *bytes;
	size_t len; /* at least 1 */
};

struct paper_line {
	const struct paper_run *runs;
	size_t run_count; /* 0: an empty line */
};

/* What was printed in dots: rows from the top, (width + 7) / 8 bytes each, the high bit left, 1 is black. */
struct paper_picture {
	const uint8_t *dots;
	int width; /* dots across the paper */
	size_t rows;
};

/* One receipt: everything between two cuts, in the arena of this receipt. */
struct paper {
	const struct paper_line *lines;
	size_t line_count;
	const struct bytes_ref *qr; /* what the printed QR codes show */
	size_t qr_count;
	int columns;	    /* cells of 12 dots across the paper */
	size_t text_bytes;  /* bytes of text from 0x20 on */
	size_t raster_rows; /* rows of dots of pictures */
	struct paper_picture picture;
	size_t unread;	   /* commands that were unknown, malformed, garbage or incomplete */
	uint64_t offset;   /* of its first byte in the stream */
	uint64_t end;	   /* behind its last byte, the cut included */
	bool is_printed;   /* a line holds more than spaces */
	bool has_cut;	   /* false: ended by the end of the stream, or by a reset */
	bool has_drawer;   /* the drawer was kicked; without a line: opened without a sale */
	bool is_cut_short; /* more lines, QR codes, letters or dots than can be kept: never a sale */
};

#endif
