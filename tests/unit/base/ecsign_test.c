#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/ecsign.h"
#include "base/file.h"

static char folder[] = "/tmp/ecsign_test_XXXXXX";
static char path[sizeof(folder) + 16];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/key.pem", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void a_key_is_made_once_and_closed_to_others(void **state)
{
	CLEANUP(ecsign_freep) struct ecsign_key *made = NULL;
	CLEANUP(ecsign_freep) struct ecsign_key *loaded = NULL;
	uint8_t first[ECSIGN_SPKI_LEN];
	uint8_t second[ECSIGN_SPKI_LEN];
	struct stat status;

	(void)state;
	unlink(path);
	assert_int_equal(ecsign_load_or_make(path, &made, NULL), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(ecsign_load_or_make(path, &loaded, NULL), 0);
	assert_int_equal(ecsign_public(made, first, NULL), 0);
	assert_int_equal(ecsign_public(loaded, second, NULL), 0);
	assert_memory_equal(first, second, sizeof(first));
	/* RFC 5480: SEQUENCE of 89 bytes, id-ecPublicKey, prime256v1, BIT STRING, uncompressed point */
	assert_memory_equal(first, "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", 13);
	assert_int_equal(first[26], 4);
}

static void what_is_signed_verifies_and_nothing_else(void **state)
{
	CLEANUP(ecsign_freep) struct ecsign_key *key = NULL;
	uint8_t spki[ECSIGN_SPKI_LEN];
	uint8_t sig[ECSIGN_LEN];

	(void)state;
	assert_int_equal(ecsign_load_or_make(path, &key, NULL), 0);
	assert_int_equal(ecsign_public(key, spki, NULL), 0);
	for (int i = 0; i < 50; i++) {
		char text[20];
		size_t len = (size_t)snprintf(text, sizeof(text), "checkpoint %d", i);

		assert_int_equal(ecsign_sign(key, text, len, sig, NULL), 0);
		assert_int_equal(ecsign_verify(spki, sizeof(spki), text, len, sig, NULL), 0);
		assert_int_equal(ecsign_verify(spki, sizeof(spki), text, len - 1, sig, NULL), 1);
		sig[i] ^= 1;
		assert_int_equal(ecsign_verify(spki, sizeof(spki), text, len, sig, NULL), 1);
	}
	assert_int_equal(ecsign_sign(key, NULL, 0, sig, NULL), 0);
	assert_int_equal(ecsign_verify(spki, sizeof(spki), "", 0, sig, NULL), 0);
	memset(sig, 0, sizeof(sig));
	assert_int_equal(ecsign_verify(spki, sizeof(spki), "", 0, sig, NULL), 1);
	memset(sig, 0xFF, sizeof(sig));
	assert_int_equal(ecsign_verify(spki, sizeof(spki), "", 0, sig, NULL), 1);
}

/* RFC 6979 appendix A.2.5: key of P-256, message "sample" with SHA-256. */
static void a_foreign_signature_verifies(void **state)
{
	static const char spki_hex[] = "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
				       "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
				       "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
	static const char sig_hex[] = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
				      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
	uint8_t spki[ECSIGN_SPKI_LEN];
	uint8_t sig[ECSIGN_LEN];

	(void)state;
	assert_int_equal(hex_parse(spki_hex, spki, sizeof(spki)), 0);
	assert_int_equal(hex_parse(sig_hex, sig, sizeof(sig)), 0);
	assert_int_equal(ecsign_verify(spki, sizeof(spki), "sample", 6, sig, NULL), 0);
	assert_int_equal(ecsign_verify(spki, sizeof(spki), "Sample", 6, sig, NULL), 1);
}

static void a_key_that_cannot_be_read_is_a_failure(void **state)
{
	CLEANUP(ecsign_freep) struct ecsign_key *key = NULL;
	uint8_t spki[ECSIGN_SPKI_LEN + 1] = {0};
	uint8_t sig[ECSIGN_LEN] = {0};

	(void)state;
	assert_int_equal(ecsign_load_or_make(path, &key, NULL), 0);
	assert_int_equal(ecsign_public(key, spki, NULL), 0);
	assert_true(ecsign_verify(spki, sizeof(spki), "", 0, sig, NULL) < 0);
	assert_true(ecsign_verify(spki, 20, "", 0, sig, NULL) < 0);
	assert_true(ecsign_verify(spki, 0, "", 0, sig, NULL) < 0);
	/* a point that is not on the curve */
	spki[40] ^= 1;
	assert_true(ecsign_verify(spki, ECSIGN_SPKI_LEN, "", 0, sig, NULL) < 0);
}

static void a_spoilt_file_is_refused_and_kept(void **state)
{
	static const char *const contents[] = {"", "not a key\n",
		/* openssl genpkey -algorithm ed25519 */
		"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEgxLwEY1Ujho9e1eoQHXXzGxKzIKmb0kRQ5LdPBZJk7\n"
		"-----END PRIVATE KEY-----\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
		BYTES_CLEANUP struct bytes after = {.max = 1000};
		struct ecsign_key *key = NULL;
		struct fault fault = {0};

		assert_int_equal(file_write(path, contents[i], strlen(contents[i]), 0600, NULL), 0);
		assert_int_equal(ecsign_load_or_make(path, &key, &fault), FAULT_CRYPTO);
		assert_null(key);
		assert_true(strlen(fault.text) > 0);
		assert_int_equal(file_read(path, &after, NULL), 0);
		assert_string_equal((char *)after.data, contents[i]);
	}
	unlink(path);
}

static void a_folder_that_is_missing_is_a_failure(void **state)
{
	struct ecsign_key *key = NULL;

	(void)state;
	assert_int_equal(ecsign_load_or_make("/nonexistent/key.pem", &key, NULL), FAULT_IO);
	assert_null(key);
	ecsign_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_made_once_and_closed_to_others),
		cmocka_unit_test(what_is_signed_verifies_and_nothing_else),
		cmocka_unit_test(a_foreign_signature_verifies),
		cmocka_unit_test(a_key_that_cannot_be_read_is_a_failure),
		cmocka_unit_test(a_spoilt_file_is_refused_and_kept),
		cmocka_unit_test(a_folder_that_is_missing_is_a_failure),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
