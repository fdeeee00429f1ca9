/* Receipts that do not add up, say two things or are no sale: not one is read as a sale that it is not. */
#include "receipts.h"

static void outcome(const struct reading *reading, char out[80])
{
	if (reading->review != REVIEW_NONE)
		snprintf(out, 80, "review %s", reading_review_word((int)reading->review));
	else if (reading->kind == READING_SALE)
		snprintf(out, 80, "sale %lld", (long long)reading->total);
	else
		snprintf(out, 80, "%s", reading_kind_word((int)reading->kind));
}

/* @receipt: "NAME | OUTCOME\nlines"; whether what was read is what was expected. */
static bool check_receipt(struct profile *profile, char *receipt)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
	char *lines = strchr(receipt, '\n');
	char *expected = strstr(receipt, " | ");
	struct reading reading;
	char got[80];

	assert_true(lines && expected && expected < lines);
	*lines++ = '\0';
	read_receipt(profile, arena, lines, NULL, &reading);
	outcome(&reading, got);
	if (strcmp(got, expected + 3) != 0)
		print_message("%s: %s at line %zu\n", receipt, got, reading.review_line);
	return strcmp(got, expected + 3) == 0;
}

static void no_twisted_receipt_is_read_wrongly(void **state)
{
	CLEANUP(profile_freep) struct profile *profile = default_profile();
	BYTES_CLEANUP struct bytes file = {.max = 1 << 20};
	size_t wrong = 0;
	size_t n = 0;

	(void)state;
	assert_int_equal(file_read(TEST_DATA "/receipts/twisted.txt", &file, NULL), 0);
	for (char *at = strstr((char *)file.data, "\n== "); at; n++) {
		char *receipt = at + strlen("\n== ");

		at = strstr(receipt, "\n== ");
		if (at)
			*at = '\0';
		wrong += !check_receipt(profile, receipt);
	}
	assert_int_equal(wrong, 0);
	assert_true(n >= 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(no_twisted_receipt_is_read_wrongly)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
