/* glyphs: which letter each shape of one till's pictures is, and the text of a picture by it. A dictionary, learned from a few bills. Pure. */
#ifndef HOADON_CAPTURE_GLYPHS_H
#define HOADON_CAPTURE_GLYPHS_H

#include "base/bytes.h"
#include "base/digest.h"
#include "capture/page.h"
#include "capture/shapes.h"

#define GLYPHS_FILE_MAX	  ((size_t)4 << 20)
#define GLYPHS_ROOM	  ((size_t)16 << 20) /* bytes of an arena in which the largest has room */
#define GLYPHS_MAX	  ((size_t)8192)     /* of a dictionary */
#define GLYPHS_LETTER_MAX 24		     /* bytes of what one shape stands for: letters that touch are one shape */

/* Letters are UTF-8 NFC. */
struct glyph {
	int width, height;
	const uint8_t *dots; /* as those of a shape */
	int drop;	     /* dots below the line that letters stand on; < 0: it ends above it */
	int size;	     /* of the letters beside it: height of a capital */
	int left, right;     /* dots beside it that a neighbour in a word leaves free; they may be negative */
	int samples;	     /* how many bore it out */
	char letters[GLYPHS_LETTER_MAX + 1]; /* "": seen, and not told yet */
};

/* How far apart letters of one size stand. */
struct glyph_size {
	int size;
	int space; /* dots of a space, beside what the letters around it leave free */
};

/* What is drawn above the text of each picture: a logo. */
struct glyphs_head {
	int width;
	size_t rows;		    /* 0: there is none */
	uint8_t digest[DIGEST_LEN]; /* of their dots */
};

/* Glyphs are in order of shape, sizes in order. */
struct glyphs {
	struct glyphs_head head;
	struct glyph *glyphs;
	size_t count;
	struct glyph_size *sizes;
	size_t size_count;
};

enum glyphs_result { GLYPHS_OK = 0, GLYPHS_TOO_LONG = 1 };

/** glyphs_sort() - put them in the order that reading needs. Thread: owner. */
void glyphs_sort(struct glyphs *glyphs);

/** glyphs_find() - the first glyph of the shape of @shape in @ret; how many follow one another, 0 = none. Thread: any. */
size_t glyphs_find(const struct glyphs *glyphs, const struct shape *shape, const struct glyph **ret);

/**
 * glyphs_read() - the dictionary in @text
 * @arena: holds it
 * @text:  schemas/capture/GLYPHS.md; at most GLYPHS_FILE_MAX
 * @ret:   untouched unless 0
 *
 * Return: 0; FAULT_CONFIG with the line that is wrong; FAULT_MEMORY. Thread: owner of @arena.
 */
int glyphs_read(struct arena *arena, const struct bytes *text, struct glyphs *ret, struct fault *fault) MUST_CHECK;

/** glyphs_write() - @glyphs as the text that glyphs_read() reads; a maximum reached is sticky. Thread: any. */
void glyphs_write(const struct glyphs *glyphs, struct bytes *out);

/** glyphs_head_of() - the first @rows of @picture, which has them, as the head of a till. Thread: any. */
struct glyphs_head glyphs_head_of(const struct paper_picture *picture, size_t rows);

/** glyphs_below_head() - @picture without the head of its till, dot by dot; as it is where it has another, or none. Borrows its dots. Thread: any. */
struct paper_picture glyphs_below_head(const struct glyphs *glyphs, const struct paper_picture *picture);

/**
 * glyphs_page() - the text of a picture
 * @lines: of shapes_find()
 * @ret:   a line for each; what is not surely known is U+FFFD; untouched unless 0
 *
 * A shape is known when its dots are those of a glyph, at the same height of the line or, where none is, a dot above or below it, and of one letter
 * only; or, where letters touch, when glyphs of letters laid side by side have exactly its dots, in one way only. Nothing is guessed.
 *
 * Return: enum glyphs_result; FAULT_MEMORY. Thread: owner of @arena.
 */
int glyphs_page(const struct glyphs *glyphs, struct arena *arena, const struct shape_line *lines, size_t count,
	struct page *ret, struct fault *fault) MUST_CHECK;

/**
 * glyphs_read_paper() - the text of a paper that was printed in dots
 * @paper: as the print head made it; what the pictures of this till begin with is left out
 * @ret:   with the columns of @paper and no QR codes, and a line U+FFFD behind the others where something is drawn that is no letter; untouched unless 0
 *
 * Return: 0; GLYPHS_TOO_LONG also where a picture has more parts than a text; FAULT_MEMORY. Thread: owner of @arena.
 */
int glyphs_read_paper(const struct glyphs *glyphs, struct arena *arena, const struct paper *paper, struct page *ret,
	struct fault *fault) MUST_CHECK;

#endif
