/* shapes: the letters that a picture of a receipt seems to hold: connected dots with their marks, line by line. Nobody knows yet which they are. Pure. */
#ifndef HOADON_CAPTURE_SHAPES_H
#define HOADON_CAPTURE_SHAPES_H

#include "base/arena.h"
#include "base/cleanup.h"
#include "capture/paper.h"

#define SHAPES_ROOM	((size_t)48 << 20) /* bytes of an arena in which the largest picture that is cut up has room */
#define SHAPES_SIDE_MAX 96 /* dots of a side of a shape; what is larger is a figure, or a rule, and no letter */

enum shapes_result { SHAPES_OK = 0, SHAPES_TOO_MANY = 1 };

/* One letter, or several that touch. */
struct shape {
	int x, y; /* of its upper left corner in the picture */
	int width, height;
	const uint8_t *dots; /* rows of (width + 7) / 8 bytes, as those of a picture; of this letter alone */
};

struct shape_line {
	struct shape *shapes; /* from left to right */
	size_t count;	      /* at least 1 */
};

/**
 * shapes_find() - cut up @picture
 * @arena: holds the lines; the picture is not needed afterwards
 * @ret:   lines from top to bottom; untouched unless 0
 * @ret_drawn_to: row behind the last part that is no letter, being larger, and no stroke: a logo, a frame, letters that are white on black; 0: none
 *
 * Dots that touch, also by a corner, are one part. A part that is much smaller than another, close above or below it, is a mark of it: Vietnamese
 * has two above a letter and one below, a point; what else stands between two lines is of the other one. Parts that stand over one another are one too. Letters whose bodies share half their height are on a line.
 *
 * Return: enum shapes_result, SHAPES_TOO_MANY where there are more parts than any text has; FAULT_MEMORY.
 * Thread: owner of @arena.
 */
int shapes_find(struct arena *arena, const struct paper_picture *picture, struct shape_line **ret, size_t *ret_count,
	int *ret_drawn_to) MUST_CHECK;

/** shape_bytes() - how many bytes of dots a shape of @width and @height has. */
size_t shape_bytes(int width, int height);

#endif
