/* profile_lines: the lines of a receipt as the patterns see them; of profile_read.c alone. */
#ifndef HOADON_CAPTURE_PROFILE_LINES_H
#define HOADON_CAPTURE_PROFILE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/cleanup.h"

/*
 * A line twice: as it was read, and folded, so that one letter of the text is one byte of the fold: small, without tones,
 * đ → d, × → x, the minus signs of Unicode → "-", ₫ → d, anything else that is not ASCII → "?".
 */
struct row {
	const char *text;
	const char *fold;
	size_t indent, len; /* letters of fold: first that is not blank, behind the last that is not */
	const char *label;  /* fold from indent to len with single blanks */
	bool has_figure;
	bool is_readable; /* false: too long, controls, or marks that belong to no letter */
};

/** row_make() - @text (UTF-8) as a row in @arena; false without memory. */
bool row_make(struct arena *arena, const char *text, struct row *ret) MUST_CHECK;

/** row_is_rule() - nothing, or only strokes and blanks ("-----", "* * *"), or one sign without an ASCII again and again. */
bool row_is_rule(const struct row *row);

/** row_slice() - letters @from .. @to of the text, without blanks around them, in @arena; NULL without memory. */
const char *row_slice(struct arena *arena, const struct row *row, size_t from, size_t to) MUST_CHECK;

#endif
