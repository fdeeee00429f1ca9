/* csv: values between separators, in quotes where they hold one (RFC 4180). Bytes: the encoding is another's affair. Pure. */
#ifndef HOADON_CAPTURE_CSV_H
#define HOADON_CAPTURE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

struct csv { /* where the reader stands */
	const char *at, *end;
	size_t line; /* of the file, from 1 */
	char separator;
};

enum csv_result {
	CSV_OK = 0,
	CSV_OPEN = 1,	/* a quote is opened and never closed */
	CSV_INSIDE = 2, /* a quote stands inside a value that is not in quotes */
	CSV_BEHIND = 3, /* the value goes on behind its closing quote */
};

/** csv_value() - the next value of the line, without its quotes, into @out, which is emptied first; stands behind it. Return: enum csv_result. Thread: any. */
int csv_value(struct csv *csv, struct bytes *out) MUST_CHECK;

/** csv_is_line_end() - whether the last value of the line was read: nothing follows, or LF, or CR LF. */
bool csv_is_line_end(const struct csv *csv);

/** csv_skip_line_ends() - past the end of a line, and of empty ones behind it. */
void csv_skip_line_ends(struct csv *csv);

#endif
