/* read_pictures PROFILE GLYPHS < print stream > readings of its pictures: one JSON object a line, as hoadon-reader reads them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "capture/glyphs.h"
#include "capture/head.h"
#include "capture/profile.h"
#include "drivers/drivers.h"

#define INPUT_MAX ((size_t)1 << 30)
#define ROOM	  ((size_t)64 << 20)

struct reading_of_all {
	struct profile *profile;
	struct glyphs glyphs;
	struct bytes out;
	struct fault fault;
	int result;
	int is_text; /* the text of each is wanted instead */
};

static void read_one(void *context, struct arena *arena, const struct paper *paper)
{
	struct reading_of_all *all = context;
	struct page page;
	struct reading reading;
	int result = glyphs_read_paper(&all->glyphs, arena, paper, &page, &all->fault);

	if (result == 0)
		result = profile_read(all->profile, &page, arena, &reading, &all->fault);
	for (size_t i = 0; result == 0 && all->is_text && i < page.line_count; i++)
		bytes_printf(&all->out, "%s\n", page.lines[i].text);
	if (result == 0 && !all->is_text)
		reading_write(&reading, &all->out);
	if (result > 0)
		bytes_text(&all->out, "{}");
	bytes_text(&all->out, all->is_text ? "\f" : "\n");
	all->result = result < 0 ? result : all->result;
	arena_free(arena);
}

static int read_stream(struct reading_of_all *all, const struct bytes *in)
{
	const struct print_dialect_ops *dialect = driver_print_dialect("escpos");
	CLEANUP(head_freep) struct head *head = head_new(HEAD_DOTS_80MM, read_one, all);
	struct print_sink sink = {head_event, head};
	void *state = calloc(1, dialect->state_size);
	int result = head && state ? dialect->feed(state, in->data, in->len, &sink) : FAULT_MEMORY;

	if (result == 0)
		result = dialect->flush(state, &sink);
	if (result == 0)
		result = head_end(head);
	free(state);
	return result ? result : all->result;
}

int main(int argc, char **argv)
{
	BYTES_CLEANUP struct bytes in = {.max = INPUT_MAX};
	BYTES_CLEANUP struct bytes ini = {.max = PROFILE_FILE_MAX};
	BYTES_CLEANUP struct bytes text = {.max = GLYPHS_FILE_MAX};
	BYTES_CLEANUP struct bytes problems = {.max = 4096};
	CLEANUP(arena_freep) struct arena *arena = arena_new(ROOM);
	struct reading_of_all all = {.out = {.max = INPUT_MAX}, .is_text = argc == 4};
	static char block[65536];
	size_t n;
	int result;

	if (argc < 3 || !arena) {
		fputs("usage: read_pictures PROFILE GLYPHS [text] < print stream\n", stderr);
		return 2;
	}
	while ((n = fread(block, 1, sizeof(block), stdin)) > 0)
		bytes_append(&in, block, n);
	result = file_read(argv[1], &ini, &all.fault);
	if (result == 0)
		result = file_read(argv[2], &text, &all.fault);
	if (result == 0)
		result = glyphs_read(arena, &text, &all.glyphs, &all.fault);
	if (result == 0)
		result = profile_new(argv[1], &ini, &all.profile, &problems, &all.fault);
	if (result == 0)
		result = read_stream(&all, &in);
	if (result)
		fprintf(stderr, "read_pictures: %s\n", all.fault.text);
	fwrite(all.out.data, 1, all.out.len, stdout);
	profile_free(all.profile);
	bytes_done(&all.out);
	return result ? 1 : 0;
}
