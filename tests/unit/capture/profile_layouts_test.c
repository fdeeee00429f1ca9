/* The nine layouts that stand beside the dialects are read with the default profile, to the last byte of the expected reading. */
#include <dirent.h>

#include "receipts.h"

#define LAYOUTS TEST_DATA "/../dialects/layouts"

static const char *qr_of(const char *name)
{
	return strncmp(name, "S04", 3) == 0 ? "https://tra-cuu.example.vn/?k=ABC123" : NULL;
}

static void read_file(struct bytes *out, const char *name, const char *ext)
{
	char path[500];

	snprintf(path, sizeof(path), LAYOUTS "/%s/%s.%s", name, name, ext);
	assert_int_equal(file_read(path, out, NULL), 0);
}

static void check_case(struct profile *profile, const char *name)
{
	BYTES_CLEANUP struct bytes text = {.max = 1 << 16};
	BYTES_CLEANUP struct bytes expected = {.max = 1 << 16};
	BYTES_CLEANUP struct bytes got = {.max = 1 << 16};
	char *receipts;

	read_file(&text, name, "txt");
	read_file(&expected, name, "json");
	expected_reading((char *)expected.data);
	receipts = strstr((char *)expected.data, "\"receipts\":[");
	assert_non_null(receipts);
	for (char *receipt = (char *)text.data, *cut; (cut = strstr(receipt, "[cut]\n")); receipt = cut + 6) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
		struct reading reading;

		*cut = '\0';
		read_receipt(profile, arena, receipt, qr_of(name), &reading);
		bytes_text(&got, got.len ? "," : "\"receipts\":[");
		reading_write(&reading, &got);
	}
	bytes_text(&got, "]}");
	assert_string_equal((char *)got.data, receipts);
}

static void every_layout_is_read_to_the_last_byte(void **state)
{
	CLEANUP(profile_freep) struct profile *profile = default_profile();
	CLEANUP(closedirp) DIR *dir = opendir(LAYOUTS);
	size_t n = 0;

	(void)state;
	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));)
		if (entry->d_name[0] == 'S') {
			check_case(profile, entry->d_name);
			n++;
		}
	assert_int_equal(n, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_layout_is_read_to_the_last_byte)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
