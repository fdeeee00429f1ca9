/* receipts: the default profile, pages out of text, and what was read, for tests of the profile. */
#ifndef HOADON_TESTS_UNIT_CAPTURE_RECEIPTS_H
#define HOADON_TESTS_UNIT_CAPTURE_RECEIPTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "capture/profile.h"

#define ARENA_MAX  ((size_t)8 << 20)
#define LINES_ROOM 1200

static inline struct profile *default_profile(void)
{
	BYTES_CLEANUP struct bytes ini = {.max = PROFILE_FILE_MAX};
	BYTES_CLEANUP struct bytes problems = {.max = 4096};
	struct profile *profile = NULL;

	if (file_read(PROFILES_DIR "/default.ini", &ini, NULL) != 0 ||
		profile_new("default.ini", &ini, &profile, &problems, NULL) != 0)
		print_message("%s\n", problems.data ? (char *)problems.data : "default.ini cannot be read");
	assert_non_null(profile);
	return profile;
}

/* @text is cut up into lines. */
static inline void read_receipt(
	struct profile *profile, struct arena *arena, char *text, const char *qr, struct reading *ret)
{
	struct page_line *lines = ARENA_ARRAY(arena, struct page_line, LINES_ROOM);
	const char **codes = ARENA_NEW(arena, const char *);
	struct page page = {.lines = lines, .qr = codes, .qr_count = qr != NULL};
	struct fault fault = {0};

	assert_true(lines && codes);
	*codes = qr; /* the reading borrows it */
	for (char *line = text; line && *line && page.line_count < LINES_ROOM;) {
		char *end = strchr(line, '\n');

		lines[page.line_count++].text = line;
		if (end)
			*end++ = '\0';
		line = end;
	}
	assert_int_equal(profile_read(profile, &page, arena, ret, &fault), 0);
}

/* Without blanks between its tokens, and without the members that are no part of a reading. */
static inline void expected_reading(char *json)
{
	char *out = json;
	bool is_text = false;

	for (const char *in = json; *in; in++) {
		if (*in == '"' && (in == json || in[-1] != '\\'))
			is_text = !is_text;
		if (is_text || !strchr(" \n\r\t", *in))
			*out++ = *in;
	}
	*out = '\0';
	for (char *at = json; (at = strstr(at, ",\"action\":\""));) {
		char *end = strchr(at + strlen(",\"action\":\""), '"') + 1;

		memmove(at, end, strlen(end) + 1);
	}
}

#endif
