/* From the bytes of a till to what its paper says: every variant of every layout gives the expected reading, to the last byte. */
#include "../capture/receipts.h"

#include <glob.h>

#include "capture/head.h"
#include "capture/letters.h"
#include "drivers/drivers.h"

#define LAYOUTS	   TEST_DATA "/../dialects/layouts"
#define STREAM_MAX ((size_t)1 << 20)

struct world {
	struct profile *profile;
	struct letters *letters;
	struct bytes got;
};

static void read_paper(void *context, struct arena *arena, const struct paper *paper)
{
	struct world *world = context;
	struct letters_port port = {.wanted = PAGE_ASCII};
	struct reading reading;
	struct page page;

	if (paper->line_count > 0) {
		assert_int_equal(letters_read(world->letters, arena, paper, &port, &page, NULL), LETTERS_OK);
		assert_int_equal(profile_read(world->profile, &page, arena, &reading, NULL), 0);
		bytes_text(&world->got, world->got.len ? "," : "\"receipts\":[");
		reading_write(&reading, &world->got);
	}
	arena_free(arena);
}

static void print_stream(struct world *world, const char *path)
{
	BYTES_CLEANUP struct bytes stream = {.max = STREAM_MAX};
	int dots = strstr(path, "-32/") ? HEAD_DOTS_58MM : HEAD_DOTS_80MM;
	CLEANUP(head_freep) struct head *head = head_new(dots, read_paper, world);
	struct print_sink sink = {head_event, head};
	CLEANUP(freep) void *dialect = calloc(1, dialect_escpos.state_size);

	assert_true(head && dialect);
	assert_int_equal(file_read(path, &stream, NULL), 0);
	assert_int_equal(dialect_escpos.feed(dialect, stream.data, stream.len, &sink), 0);
	assert_int_equal(dialect_escpos.flush(dialect, &sink), 0);
	assert_int_equal(head_end(head), 0);
	bytes_text(&world->got, "]}");
}

/* @path: LAYOUTS/NAME/VARIANT.bin */
static void check_stream(struct world *world, const char *path)
{
	BYTES_CLEANUP struct bytes expected = {.max = STREAM_MAX};
	const char *name = path + strlen(LAYOUTS "/");
	int len = (int)strcspn(name, "/");
	char json[500];
	char *receipts;

	snprintf(json, sizeof(json), LAYOUTS "/%.*s/%.*s.json", len, name, len, name);
	assert_int_equal(file_read(json, &expected, NULL), 0);
	expected_reading((char *)expected.data);
	receipts = strstr((char *)expected.data, "\"receipts\":[");
	assert_non_null(receipts);
	bytes_init(&world->got, STREAM_MAX);
	print_stream(world, path);
	if (strcmp((char *)world->got.data, receipts) != 0)
		print_message("%s\n", name);
	assert_string_equal((char *)world->got.data, receipts);
	bytes_done(&world->got);
}

static void every_variant_of_every_layout_is_read_to_the_last_byte(void **state)
{
	CLEANUP(profile_freep) struct profile *profile = default_profile();
	CLEANUP(letters_freep) struct letters *letters = NULL;
	struct world world = {.profile = profile};
	glob_t found;

	(void)state;
	assert_int_equal(letters_new(&letters, NULL), 0);
	world.letters = letters;
	assert_int_equal(glob(LAYOUTS "/*/*.bin", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_stream(&world, found.gl_pathv[i]);
	assert_int_equal(found.gl_pathc, 47);
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_variant_of_every_layout_is_read_to_the_last_byte)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
