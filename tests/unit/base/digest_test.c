#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/digest.h"

static void assert_hex(const uint8_t *bytes, size_t len, const char *hex)
{
	char text[2 * 64 + 1];

	hex_format(bytes, len, text);
	assert_string_equal(text, hex);
}

/* FIPS 180-4 examples: "abc", the empty message, the 448-bit message. */
static void sha256_agrees_with_the_standard(void **state)
{
	static const char *const vectors[][2] = {
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};
	uint8_t value[DIGEST_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		digest_sha256(vectors[i][0], strlen(vectors[i][0]), value);
		assert_hex(value, DIGEST_LEN, vectors[i][1]);
	}
	digest_sha256(NULL, 0, value);
	assert_hex(value, DIGEST_LEN, vectors[1][1]);
}

static void a_running_digest_is_the_same_and_starts_anew(void **state)
{
	CLEANUP(digest_freep) struct digest *digest = digest_new();
	uint8_t value[DIGEST_LEN];

	(void)state;
	for (int round = 0; round < 2; round++) {
		digest_add(digest, "a", 1);
		digest_add(digest, NULL, 0);
		digest_add(digest, "bc", 2);
		digest_end(digest, value);
		assert_hex(value, DIGEST_LEN, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	}
	digest_end(digest, value);
	assert_hex(value, DIGEST_LEN, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_free(NULL);
}

/* RFC 4231 test cases 1, 2 and 6 (a key longer than a block). */
static void hmac_agrees_with_the_rfc(void **state)
{
	static const char long_text[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	uint8_t key[131];
	uint8_t value[DIGEST_LEN];

	(void)state;
	memset(key, 0x0b, 20);
	digest_hmac(key, 20, "Hi There", 8, value);
	assert_hex(value, DIGEST_LEN, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	digest_hmac("Jefe", 4, "what do ya want for nothing?", 28, value);
	assert_hex(value, DIGEST_LEN, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	digest_hmac(key, sizeof(key), long_text, strlen(long_text), value);
	assert_hex(value, DIGEST_LEN, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	/* The empty key and message, computed with Python's hmac module. */
	digest_hmac(NULL, 0, NULL, 0, value);
	assert_hex(value, DIGEST_LEN, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void random_bytes_differ(void **state)
{
	uint8_t a[600] = {0};
	uint8_t b[600] = {0};

	(void)state;
	digest_random(a, sizeof(a));
	digest_random(b, sizeof(b));
	assert_false(digest_equal(a, b, sizeof(a)));
	/* the far end is filled too: 16 zero bytes happen once in 2^128 */
	assert_false(digest_equal(a + 584, (uint8_t[16]){0}, 16));
	digest_random(NULL, 0);
}

static void equality_sees_every_byte(void **state)
{
	(void)state;
	assert_true(digest_equal("abc", "abc", 3));
	assert_false(digest_equal("abc", "abd", 3));
	assert_false(digest_equal("abc", "bbc", 3));
	assert_true(digest_equal("abc", "abd", 2));
	assert_true(digest_equal(NULL, NULL, 0));
}

static void hex_is_exact(void **state)
{
	uint8_t out[3] = {9, 9, 9};

	(void)state;
	assert_int_equal(hex_parse("00fFa1", out, 3), 0);
	assert_memory_equal(out, "\x00\xFF\xA1", 3);
	assert_int_equal(hex_parse("00ff", out, 3), 1);
	assert_int_equal(hex_parse("00ffa100", out, 3), 1);
	assert_int_equal(hex_parse("00ffg1", out, 3), 1);
	assert_int_equal(hex_parse(" 0ff11", out, 3), 1);
	assert_int_equal(hex_parse("", out, 3), 1);
	assert_int_equal(hex_parse("", out, 0), 0);
	assert_memory_equal(out, "\x00\xFF\xA1", 3);
}

struct base64_case {
	const char *text;
	long len;
	const char *bytes;
};

/* RFC 4648 section 10 and, for what must be refused, sections 3.2, 3.3 and 3.5. */
static void base64_is_strict(void **state)
{
	static const struct base64_case cases[] = {{"", 0, ""}, {"Zg==", 1, "f"}, {"Zm8=", 2, "fo"}, {"Zm9v", 3, "foo"},
		{"Zm9vYg==", 4, "foob"}, {" Zm9v\r\n\tYmFy \n", 6, "foobar"}, {"Z g = =", 1, "f"},
		{"+/+/", 3, "\xFB\xFF\xBF"}, {"Zg", -1, ""}, {"Zg=", -1, ""}, {"Z", -1, ""}, {"Z===", -1, ""},
		{"====", -1, ""}, {"=", -1, ""}, {"Zh==", -1, ""}, {"Zm9=", -1, ""}, {"Zg==Zg==", -1, ""},
		{"Zg==Z", -1, ""}, {"Zg=v", -1, ""}, {"Zm9v=", -1, ""}, {"Zm-_", -1, ""}, {"Zm9\xC3", -1, ""}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char out[16];
		long len = base64_parse(cases[i].text, strlen(cases[i].text), out, sizeof(out));

		if (len != cases[i].len)
			fail_msg("\"%s\" gave %ld", cases[i].text, len);
		if (len > 0)
			assert_memory_equal(out, cases[i].bytes, (size_t)len);
	}
}

static void base64_keeps_within_its_room(void **state)
{
	char out[4] = "....";

	(void)state;
	assert_int_equal(base64_parse("Zm9v", 4, out, 2), -1);
	assert_int_equal(base64_parse("Zm9v", 4, out, 3), 3);
	assert_int_equal(out[3], '.');
	assert_int_equal(base64_parse("Zm8=", 4, out, 2), 2);
	assert_int_equal(base64_parse("Zm9v\0", 5, out, 4), -1);
}

/* RFC 4648 section 10: "fooba" = MZXW6YTB. */
static void base32_agrees_with_the_rfc(void **state)
{
	char out[17];

	(void)state;
	base32_format("fooba", 5, out);
	assert_string_equal(out, "MZXW6YTB");
	base32_format("\xFF\xFF\xFF\xFF\xFF\0\0\0\0\0", 10, out);
	assert_string_equal(out, "77777777AAAAAAAA");
	base32_format("", 0, out);
	assert_string_equal(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_agrees_with_the_standard),
		cmocka_unit_test(a_running_digest_is_the_same_and_starts_anew),
		cmocka_unit_test(hmac_agrees_with_the_rfc),
		cmocka_unit_test(random_bytes_differ),
		cmocka_unit_test(equality_sees_every_byte),
		cmocka_unit_test(hex_is_exact),
		cmocka_unit_test(base64_is_strict),
		cmocka_unit_test(base64_keeps_within_its_room),
		cmocka_unit_test(base32_agrees_with_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
