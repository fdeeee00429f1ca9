/* dialects: the recorded streams of tests/dialects, for the tests of whatever reads them. After cmocka.h. */
#ifndef HOADON_TESTS_UNIT_DIALECTS_H
#define HOADON_TESTS_UNIT_DIALECTS_H

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/file.h"

#define DIALECTS	    TEST_DATA "/../dialects"
#define DIALECTS_FILE_MAX   ((size_t)16 << 20)
#define DIALECTS_PATH_ROOM  1024
#define DIALECTS_LAYOUT_MAX 256

struct layout_stream {
	const char *layout;	  /* "S02-noodle-32" */
	const char *variant;	  /* "tcvn3.bin" */
	const struct bytes *text; /* how the paper looks */
	const struct bytes *bytes;
};

static inline void read_dialect_file(const char *folder, const char *name, struct bytes *ret)
{
	char path[2 * DIALECTS_PATH_ROOM];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	bytes_init(ret, DIALECTS_FILE_MAX);
	assert_int_equal(file_read(path, ret, NULL), 0);
}

static inline int each_variant(
	const char *layout, void (*check)(void *context, const struct layout_stream *stream), void *context)
{
	BYTES_CLEANUP struct bytes text;
	char folder[DIALECTS_PATH_ROOM];
	char name[DIALECTS_LAYOUT_MAX + 8];
	DIR *variants;
	int streams = 0;

	snprintf(folder, sizeof(folder), DIALECTS "/layouts/%s", layout);
	snprintf(name, sizeof(name), "%s.txt", layout);
	read_dialect_file(folder, name, &text);
	variants = opendir(folder);
	assert_non_null(variants);
	for (struct dirent *variant = readdir(variants); variant; variant = readdir(variants)) {
		BYTES_CLEANUP struct bytes bytes = {.max = 0};

		if (!strstr(variant->d_name, ".bin"))
			continue;
		read_dialect_file(folder, variant->d_name, &bytes);
		check(context, &(struct layout_stream){
				       .layout = layout, .variant = variant->d_name, .text = &text, .bytes = &bytes});
		streams++;
	}
	closedir(variants);
	return streams;
}

/* Calls @check for every variant of every layout, all 47. */
static inline void each_layout_stream(void (*check)(void *context, const struct layout_stream *stream), void *context)
{
	DIR *layouts = opendir(DIALECTS "/layouts");
	int streams = 0;

	assert_non_null(layouts);
	for (struct dirent *layout = readdir(layouts); layout; layout = readdir(layouts))
		if (layout->d_name[0] != '.')
			streams += each_variant(layout->d_name, check, context);
	closedir(layouts);
	assert_int_equal(streams, 47);
}

#endif
