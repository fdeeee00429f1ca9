/* bytes: a growing buffer with a hard maximum and a sticky failure, so that writers need not check every step. */
#ifndef HOADON_BASE_BYTES_H
#define HOADON_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

struct bytes {
	uint8_t *data; /* always NUL-terminated behind len once anything was appended */
	size_t len;
	size_t room;
	size_t max;  /* hard maximum of len */
	bool failed; /* an append did not fit or found no memory; later appends do nothing */
};

/** bytes_init() - an empty buffer that never holds more than @max bytes. */
void bytes_init(struct bytes *bytes, size_t max);

/** bytes_done() - free what it holds; the buffer may be initialised again. */
void bytes_done(struct bytes *bytes);

/** bytes_clear() - length 0 and no failure; the room stays. */
void bytes_clear(struct bytes *bytes);

/** bytes_reserve() - room for @more bytes; false and failed when the maximum or memory is reached. */
bool bytes_reserve(struct bytes *bytes, size_t more);

/** bytes_append() - @len bytes at the end; sets failed when they do not fit. */
void bytes_append(struct bytes *bytes, const void *data, size_t len);

/** bytes_text() - the characters of NUL-terminated @text at the end. */
void bytes_text(struct bytes *bytes, const char *text);

/** bytes_char() - one byte at the end. */
void bytes_char(struct bytes *bytes, char c);

/** bytes_repeat() - @count times @c at the end. */
void bytes_repeat(struct bytes *bytes, char c, size_t count);

/** bytes_int() - @value in decimal. */
void bytes_int(struct bytes *bytes, int64_t value);

/** bytes_printf() - formatted text at the end. */
void bytes_printf(struct bytes *bytes, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** bytes_hex() - @len bytes as lower-case hex. */
void bytes_hex(struct bytes *bytes, const void *data, size_t len);

/** bytes_base64() - @len bytes as base64 (RFC 4648) without line breaks. */
void bytes_base64(struct bytes *bytes, const void *data, size_t len);

/** bytes_check() - 0, or FAULT_MEMORY with a sentence that names @what when an append failed. */
int bytes_check(const struct bytes *bytes, const char *what, struct fault *fault) MUST_CHECK;

#define BYTES_CLEANUP CLEANUP(bytes_done)

#endif
