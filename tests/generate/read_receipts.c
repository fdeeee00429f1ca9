/* read_receipts PROFILE < receipts, a form feed between two > readings: one JSON object a line, as capture/profile reads them. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "capture/profile.h"

#define INPUT_MAX ((size_t)64 << 20)
#define ARENA_MAX ((size_t)8 << 20)

/* @text is cut up into lines. */
static int read_one(struct profile *profile, char *text, struct bytes *out, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
	struct page_line *lines = arena ? ARENA_ARRAY(arena, struct page_line, PROFILE_LINES_MAX + 1) : NULL;
	struct page page = {.lines = lines};
	struct reading reading;
	int result;

	if (!lines)
		return FAULT(fault, FAULT_MEMORY, "no memory for a receipt");
	for (char *line = text; line && *line && page.line_count <= PROFILE_LINES_MAX;) {
		char *end = strchr(line, '\n');

		if (end)
			*end++ = '\0';
		lines[page.line_count++].text = line;
		line = end;
	}
	result = profile_read(profile, &page, arena, &reading, fault);
	if (result < 0)
		return result;
	reading_write(&reading, out);
	bytes_char(out, '\n');
	return bytes_check(out, "the readings", fault);
}

static int read_all(const char *file, char *receipts, struct bytes *out, struct fault *fault)
{
	BYTES_CLEANUP struct bytes ini = {.max = PROFILE_FILE_MAX};
	BYTES_CLEANUP struct bytes problems = {.max = 4096};
	CLEANUP(profile_freep) struct profile *profile = NULL;
	int result = file_read(file, &ini, fault);

	if (result >= 0)
		result = profile_new(file, &ini, &profile, &problems, fault);
	for (char *next = receipts; result >= 0 && next;) {
		char *end = strchr(next, '\f');

		if (end)
			*end++ = '\0';
		result = read_one(profile, next, out, fault);
		next = end;
	}
	return result;
}

int main(int argc, char **argv)
{
	BYTES_CLEANUP struct bytes out = {.max = INPUT_MAX};
	BYTES_CLEANUP struct bytes in = {.max = INPUT_MAX};
	struct fault fault = {0};
	char block[65536];
	size_t n;

	if (argc != 2) {
		fputs("usage: read_receipts PROFILE < receipts\n", stderr);
		return 2;
	}
	while ((n = fread(block, 1, sizeof(block), stdin)) > 0)
		bytes_append(&in, block, n);
	if (bytes_check(&in, "the receipts", &fault) < 0 || in.len == 0 ||
		read_all(argv[1], (char *)in.data, &out, &fault) < 0) {
		fprintf(stderr, "read_receipts: %s\n", fault.text);
		return 1;
	}
	fwrite(out.data, 1, out.len, stdout);
	return 0;
}
