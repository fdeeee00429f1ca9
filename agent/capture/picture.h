/* picture: what a receipt shows in dots, put together of the bands that a till printed. Pure. */
#ifndef HOADON_CAPTURE_PICTURE_H
#define HOADON_CAPTURE_PICTURE_H

#include "base/arena.h"
#include "base/bytes.h"
#include "capture/paper.h"

#define PICTURE_MAX ((size_t)2 << 20) /* bytes of one receipt: 3.6 m of paper of 80 mm; more is cut short and says so */

struct picture {
	struct bytes dots; /* whole rows, as in struct paper_picture */
	int width;
	int gap;	   /* empty rows before the next band */
	size_t strip;	   /* row of the strip that the next band of columns goes on with */
	int strip_x;	   /* where it goes on; -1: no strip is open */
	bool is_open;	   /* a line feed behind a band only moves to its end */
	bool is_cut_short; /* more rows than fit, or dots beyond the edge of the paper */
};

/** picture_begin() - an empty picture of @width dots; what @picture holds is used again. Thread: owner. */
void picture_begin(struct picture *picture, int width);

/** picture_keep() - a copy of it in @arena; false without memory. Thread: owner. */
bool picture_keep(const struct picture *picture, struct arena *arena, struct paper_picture *ret) MUST_CHECK;

/** picture_done() - free what it holds. Thread: owner. */
void picture_done(struct picture *picture);

/**
 * picture_band() - one more band, below what is there, or right of it where columns of one line go on
 * @event: PRINT_RASTER; bands that a printer stretches are taken as they were sent
 * @start: dots from the left edge of the paper; < 0: its middle (-1) or its right edge (-2)
 *
 * Thread: owner.
 */
void picture_band(struct picture *picture, const struct print_event *event, int start);

/** picture_feed() - the paper moves by @rows dots; empty paper in front of the first band and behind the last one is none. Thread: owner. */
void picture_feed(struct picture *picture, int rows);

/** picture_rows() - how many rows there are. */
size_t picture_rows(const struct picture *picture);

#endif
