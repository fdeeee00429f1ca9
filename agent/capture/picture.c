#include "capture/picture.h"

#include <string.h>

#define GAP_MAX 240 /* more empty rows say no more */

static size_t stride_of(const struct picture *picture)
{
	return (size_t)(picture->width + 7) / 8;
}

size_t picture_rows(const struct picture *picture)
{
	return picture->width > 0 ? picture->dots.len / stride_of(picture) : 0;
}

void picture_begin(struct picture *picture, int width)
{
	bytes_clear(&picture->dots);
	picture->dots.max = PICTURE_MAX;
	picture->width = width;
	picture->gap = 0;
	picture->strip_x = -1;
	picture->is_open = picture->is_cut_short = false;
}

bool picture_keep(const struct picture *picture, struct arena *arena, struct paper_picture *ret)
{
	const char *dots =
		arena_copy(arena, picture->dots.data ? (const char *)picture->dots.data : "", picture->dots.len);

	*ret = (struct paper_picture){
		.dots = (const uint8_t *)dots, .width = picture->width, .rows = picture_rows(picture)};
	return dots != NULL;
}

void picture_done(struct picture *picture)
{
	bytes_done(&picture->dots);
}

/* @rows empty rows at the end; false: they do not fit. */
static bool add_rows(struct picture *picture, size_t rows)
{
	size_t len = rows * stride_of(picture);

	if (len > PICTURE_MAX || !bytes_reserve(&picture->dots, len)) {
		picture->dots.failed = false;
		picture->is_cut_short = true;
		return false;
	}
	if (len > 0)
		memset(picture->dots.data + picture->dots.len, 0, len);
	picture->dots.len += len;
	return true;
}

static void set_dot(struct picture *picture, size_t row, int x)
{
	if (x >= picture->width)
		picture->is_cut_short = true;
	else
		picture->dots.data[row * stride_of(picture) + (size_t)x / 8] |= (uint8_t)(0x80 >> x % 8);
}

/* Bytes from left to right, row by row. */
static void draw_rows(struct picture *picture, const struct print_event *event, size_t top, int start)
{
	size_t stride = ((size_t)event->value[0] + 7) / 8;

	for (size_t i = 0; i < event->len && i / stride < (size_t)event->value[1]; i++) {
		int x = start + (int)(i % stride) * 8;
		uint8_t *at = picture->dots.data + (top + i / stride) * stride_of(picture) + (size_t)x / 8;

		if (event->bytes[i] && x % 8 == 0 && x + 8 <= picture->width)
			*at |= event->bytes[i];
		else
			for (int bit = 0; event->bytes[i] >> bit; bit++)
				if (event->bytes[i] >> bit & 1)
					set_dot(picture, top + i / stride, x + 7 - bit);
	}
}

/* Bytes from the top to the bottom, column by column. */
static void draw_columns(struct picture *picture, const struct print_event *event, size_t top, int start)
{
	size_t each = (size_t)event->value[1] / 8;

	for (size_t i = 0; i < event->len && i / each < (size_t)event->value[0]; i++)
		for (int bit = 0; event->bytes[i] >> bit; bit++)
			if (event->bytes[i] >> bit & 1)
				set_dot(picture, top + i % each * 8 + 7 - (size_t)bit, start + (int)(i / each));
}

static int start_of(const struct picture *picture, const struct print_event *event, int start)
{
	int rest = picture->width - event->value[0];

	if (start >= 0)
		return start;
	return rest <= 0 ? 0 : start == -1 ? rest / 2 : rest;
}

void picture_band(struct picture *picture, const struct print_event *event, int start)
{
	bool goes_on;

	if (event->value[0] <= 0 || event->value[1] <= 0 || (event->is_columns && event->value[1] < 8))
		return;
	goes_on = event->is_columns && picture->strip_x >= 0 &&
		  picture_rows(picture) - picture->strip == (size_t)event->value[1];
	if (!goes_on) {
		if (!add_rows(picture, picture_rows(picture) > 0 ? (size_t)picture->gap : 0))
			return;
		picture->gap = 0;
		picture->strip = picture_rows(picture);
		picture->strip_x = start_of(picture, event, start);
		if (!add_rows(picture, (size_t)event->value[1]))
			return;
	}
	if (event->is_columns)
		draw_columns(picture, event, picture->strip, picture->strip_x);
	else
		draw_rows(picture, event, picture->strip, picture->strip_x);
	picture->strip_x = event->is_columns ? picture->strip_x + event->value[0] : -1;
	picture->is_open = true;
}

void picture_feed(struct picture *picture, int rows)
{
	picture->strip_x = -1;
	if (!picture->is_open && rows > 0)
		picture->gap = picture->gap + rows < GAP_MAX ? picture->gap + rows : GAP_MAX;
	picture->is_open = false;
}
