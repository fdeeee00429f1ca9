#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/bytes.h"

static void every_append_arrives(void **state)
{
	BYTES_CLEANUP struct bytes bytes;

	(void)state;
	bytes_init(&bytes, 1000);
	bytes_text(&bytes, "a");
	bytes_char(&bytes, 'b');
	bytes_append(&bytes, "\0c", 2);
	bytes_int(&bytes, -12);
	bytes_printf(&bytes, "%s=%d", "x", 3);
	bytes_hex(&bytes, "\x00\xFF\x1a", 3);
	assert_int_equal(bytes.len, 16);
	assert_memory_equal(bytes.data, "ab\0c-12x=300ff1a", 17);
	assert_int_equal(bytes_check(&bytes, "test", NULL), 0);
}

static void integers_have_their_extremes(void **state)
{
	BYTES_CLEANUP struct bytes bytes;

	(void)state;
	bytes_init(&bytes, 100);
	bytes_int(&bytes, INT64_MIN);
	bytes_char(&bytes, ' ');
	bytes_int(&bytes, INT64_MAX);
	bytes_char(&bytes, ' ');
	bytes_int(&bytes, 0);
	/* two's complement of 64 bits */
	assert_string_equal((char *)bytes.data, "-9223372036854775808 9223372036854775807 0");
}

/* RFC 4648 section 10. */
static void base64_agrees_with_the_rfc(void **state)
{
	static const char *const vectors[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
		{"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		BYTES_CLEANUP struct bytes bytes;

		bytes_init(&bytes, 8);
		bytes_base64(&bytes, vectors[i][0], strlen(vectors[i][0]));
		assert_string_equal((char *)bytes.data, vectors[i][1]);
	}
}

static void the_maximum_is_exact_and_failure_stays(void **state)
{
	BYTES_CLEANUP struct bytes bytes;
	struct fault fault = {0};

	(void)state;
	bytes_init(&bytes, 5);
	bytes_text(&bytes, "12345");
	assert_false(bytes.failed);
	bytes_char(&bytes, '6');
	assert_true(bytes.failed);
	bytes_text(&bytes, "");
	assert_true(bytes.failed);
	assert_string_equal((char *)bytes.data, "12345");
	assert_int_equal(bytes_check(&bytes, "the test", &fault), FAULT_MEMORY);
	assert_non_null(strstr(fault.text, "the test"));
	bytes_clear(&bytes);
	assert_false(bytes.failed);
	assert_string_equal((char *)bytes.data, "");
	bytes_text(&bytes, "abc");
	assert_string_equal((char *)bytes.data, "abc");
}

static void each_kind_of_append_respects_the_maximum(void **state)
{
	(void)state;
	for (int kind = 0; kind < 5; kind++) {
		BYTES_CLEANUP struct bytes bytes;

		bytes_init(&bytes, 3);
		if (kind == 0)
			bytes_int(&bytes, 1234);
		else if (kind == 1)
			bytes_printf(&bytes, "%d", 1234);
		else if (kind == 2)
			bytes_hex(&bytes, "ab", 2);
		else if (kind == 3)
			bytes_base64(&bytes, "a", 1);
		else
			assert_false(bytes_reserve(&bytes, SIZE_MAX));
		assert_true(bytes.failed);
		assert_int_equal(bytes.len, 0);
	}
}

static void a_large_text_grows_step_by_step(void **state)
{
	BYTES_CLEANUP struct bytes bytes;

	(void)state;
	bytes_init(&bytes, 100000);
	for (int i = 0; i < 100000; i++)
		bytes_char(&bytes, (char)('a' + i % 26));
	assert_false(bytes.failed);
	assert_int_equal(bytes.len, 100000);
	assert_true(bytes.room <= 100001);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(bytes.data[i], 'a' + i % 26);
	assert_int_equal(bytes.data[100000], 0);
}

static void appending_nothing_makes_an_empty_text(void **state)
{
	BYTES_CLEANUP struct bytes bytes;

	(void)state;
	bytes_init(&bytes, 0);
	bytes_append(&bytes, NULL, 0);
	assert_false(bytes.failed);
	assert_string_equal((char *)bytes.data, "");
	bytes_done(&bytes);
	bytes_init(&bytes, 1);
	bytes_char(&bytes, 'x');
	assert_string_equal((char *)bytes.data, "x");
}

static void an_unbounded_maximum_does_not_wrap(void **state)
{
	BYTES_CLEANUP struct bytes bytes;

	(void)state;
	bytes_init(&bytes, SIZE_MAX);
	bytes_text(&bytes, "x");
	assert_int_equal(bytes.len, 1);
	assert_false(bytes_reserve(&bytes, SIZE_MAX - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_append_arrives),
		cmocka_unit_test(integers_have_their_extremes),
		cmocka_unit_test(base64_agrees_with_the_rfc),
		cmocka_unit_test(the_maximum_is_exact_and_failure_stays),
		cmocka_unit_test(each_kind_of_append_respects_the_maximum),
		cmocka_unit_test(a_large_text_grows_step_by_step),
		cmocka_unit_test(appending_nothing_makes_an_empty_text),
		cmocka_unit_test(an_unbounded_maximum_does_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
