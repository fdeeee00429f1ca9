#include "shop.h"

#include <zstd.h>

#include "store/packed.h"

#define LEN ((size_t)300000)

static char folder[] = "/tmp/packed_test_XXXXXX";

static int enter_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
	(void)state;
	return chdir("/") == 0 ? rmdir(folder) : -1;
}

static const struct sealed_key key = {.key = "any key of thirty-two bytes ok?"};

/* @frame, or when it is NULL @len bytes of @plain packed by ourselves. */
static void seal(const void *plain, const void *frame, size_t len)
{
	CLEANUP(file_part_done) struct file_part part = {0};
	CLEANUP(sealed_freep) struct sealed *sealed = NULL;
	CLEANUP(packed_freep) struct packed *packed = NULL;

	assert_int_equal(file_part_open("f", &part, NULL), 0);
	assert_int_equal(sealed_write_new(&key, "h", 1, &part, &sealed, NULL), 0);
	if (frame) {
		assert_int_equal(sealed_write(sealed, frame, len, NULL), 0);
		assert_int_equal(sealed_write_end(sealed, NULL), 0);
	} else {
		assert_int_equal(packed_write_new(sealed, &packed, NULL), 0);
		for (size_t at = 0; at < len; at += 7777)
			assert_int_equal(
				packed_write(packed, (const char *)plain + at, len - at < 7777 ? len - at : 7777, NULL),
				0);
		assert_int_equal(packed_write_end(packed, NULL), 0);
	}
	assert_int_equal(file_part_keep(&part, NULL), 0);
}

/* Exactly @len bytes into @out, in two reads. */
static int unseal(char *out, size_t len)
{
	CLEANUP(sealed_freep) struct sealed *sealed = NULL;
	CLEANUP(packed_freep) struct packed *packed = NULL;
	CLEANUP(closep) int fd = -1;
	int64_t size = 0;
	char head;
	int result;

	assert_int_equal(file_open_to_read("f", &fd, &size, NULL), 0);
	assert_int_equal(file_read_exactly(fd, &head, 1, "f", NULL), 0);
	assert_int_equal(sealed_read_new(&key, "h", 1, fd, size - 1, "f", &sealed, NULL), 0);
	assert_int_equal(packed_read_new(sealed, &packed, NULL), 0);
	result = packed_read(packed, out, len / 3, NULL);
	if (!result)
		result = packed_read(packed, out + len / 3, len - len / 3, NULL);
	if (!result)
		result = packed_read_end(packed, NULL);
	assert_int_equal(file_remove("f", NULL), 0);
	return result;
}

static void fill(char *out, size_t len, bool is_random)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (char)(i / 13 % 17);
	if (is_random)
		digest_random(out, len);
}

static void what_is_packed_is_unpacked(void **state)
{
	static const size_t lens[] = {0, 1, 1000, SEALED_CHUNK, LEN};
	static char plain[LEN], back[LEN];

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(lens); i++) {
		size_t len = lens[i / 2];

		fill(plain, LEN, i % 2);
		seal(plain, NULL, len);
		assert_int_equal(unseal(back, len), 0);
		if (len)
			assert_memory_equal(back, plain, len);
	}
}

static void more_or_less_than_expected_is_refused(void **state)
{
	static char plain[LEN], back[LEN + 1];

	(void)state;
	for (int is_random = 0; is_random < 2; is_random++) {
		fill(plain, LEN, is_random);
		seal(plain, NULL, LEN);
		assert_int_equal(unseal(back, LEN - 1), FAULT_FORMAT);
		seal(plain, NULL, LEN);
		assert_int_equal(unseal(back, LEN + 1), FAULT_FORMAT);
	}
}

static void what_is_not_one_whole_frame_is_refused(void **state)
{
	static char plain[LEN], back[LEN], frame[2 * LEN];
	size_t len;

	(void)state;
	fill(plain, LEN, true);
	len = ZSTD_compress(frame, sizeof(frame), plain, LEN, 3);
	assert_false(ZSTD_isError(len));
	seal(NULL, frame, len);
	assert_int_equal(unseal(back, LEN), 0);
	seal(NULL, frame, len - 1);
	assert_int_equal(unseal(back, LEN), FAULT_FORMAT);
	frame[len] = 0;
	seal(NULL, frame, len + 1);
	assert_int_equal(unseal(back, LEN), FAULT_FORMAT);
	len += ZSTD_compress(frame + len, sizeof(frame) - len, plain, 10, 3);
	seal(NULL, frame, len);
	assert_int_equal(unseal(back, LEN), FAULT_FORMAT);
	seal(NULL, plain, LEN);
	assert_int_equal(unseal(back, LEN), FAULT_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_packed_is_unpacked),
		cmocka_unit_test(more_or_less_than_expected_is_refused),
		cmocka_unit_test(what_is_not_one_whole_frame_is_refused),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
