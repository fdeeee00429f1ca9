/* testing: what the unit tests of wire share; each program includes it once. */
#ifndef HOADON_TESTS_WIRE_TESTING_H
#define HOADON_TESTS_WIRE_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"

/** read_data() - file @name of the test data appended to @out, NUL-terminated. */
static inline void read_data(const char *name, struct bytes *out)
{
	char path[512];
	FILE *file;
	char part[4096];
	size_t got;

	snprintf(path, sizeof(path), "%s/%s", TEST_DATA, name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("cannot open %s", path);
	while ((got = fread(part, 1, sizeof(part), file)) > 0)
		bytes_append(out, part, got);
	fclose(file);
	bytes_append(out, "", 0);
	assert_false(out->failed);
}

/** replace_first() - @text with its first @what replaced by @with, appended to @out; @what must occur. */
__attribute__((noinline, unused)) static void replace_first(
	const char *text, const char *what, const char *with, struct bytes *out)
{
	const char *at = strstr(text, what);

	assert_non_null(at);
	bytes_append(out, text, (size_t)(at - text));
	bytes_text(out, with);
	bytes_text(out, at + strlen(what));
}

#endif
