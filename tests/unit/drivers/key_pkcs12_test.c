/* Signing section 4: files of today and of yesterday open; a wrong password and an unusable file are told apart. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/digest.h"
#include "base/envelope.h"
#include "issue/key.h"

extern const struct key_ops key_pkcs12;

#define SIGNATURES 16
#define THREADS	   4

struct fixture {
	char dir[64];
};

static void run(const struct fixture *f, const char *command)
{
	char line[1024];

	snprintf(line, sizeof(line), "cd '%s' && { %s; } >log 2>&1", f->dir, command);
	if (system(line) != 0)
		fail_msg("failed: %s", command);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/key_pkcs12_XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	run(f, "openssl req -x509 -newkey rsa:2048 -nodes -utf8 -subj '/C=VN/CN=Quán Ví Dụ/UID=MST:9900000016'"
	       " -set_serial 0x0A1B2C -days 1000 -keyout key.pem -out cert.pem");
	run(f, "openssl pkcs12 -export -inkey key.pem -in cert.pem -passout pass:mật -out modern.p12");
	run(f, "openssl pkcs12 -export -legacy -inkey key.pem -in cert.pem -passout pass:mật -out legacy.p12");
	run(f, "openssl pkcs12 -export -inkey key.pem -in cert.pem -passout pass: -out empty.p12");
	run(f, "openssl req -x509 -newkey rsa:1024 -nodes -subj /CN=weak -keyout weak.pem -out weakcert.pem && "
	       "openssl pkcs12 -export -inkey weak.pem -in weakcert.pem -passout pass:x -out weak.p12");
	run(f, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ec -keyout ec.pem -out "
	       "eccert.pem && "
	       "openssl pkcs12 -export -inkey ec.pem -in eccert.pem -passout pass:x -out ec.p12");
	run(f, "openssl pkcs12 -export -nokeys -in cert.pem -passout pass:x -out nokey.p12");
	run(f, "echo nothing >text.p12; : >zero.p12");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char line[128];

	snprintf(line, sizeof(line), "rm -rf '%s'", f->dir);
	assert_int_equal(system(line), 0);
	free(f);
	return 0;
}

static int open_file(const struct fixture *f, const char *name, const char *password, void **ret, struct fault *fault)
{
	char path[128];

	*fault = (struct fault){0};
	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	return key_pkcs12.open(path, password, ret, fault);
}

static void *open_good(const struct fixture *f, const char *name, const char *password)
{
	struct fault fault;
	void *key = NULL;

	if (open_file(f, name, password, &key, &fault) != KEY_OK)
		fail_msg("%s: %s", name, fault.text);
	return key;
}

/* By OpenSSL's own digest-and-verify over the text, not by the path the driver uses. */
static int is_right(void *key, const char *text, const uint8_t *signature, size_t len)
{
	struct key_certificate facts = {0};
	struct fault fault = {0};
	const unsigned char *p;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	X509 *cert;
	int result;

	assert_int_equal(key_pkcs12.certificate(key, &facts, &fault), 0);
	p = facts.der.data;
	cert = d2i_X509(NULL, &p, (long)facts.der.len);
	assert_non_null(cert);
	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, X509_get0_pubkey(cert)), 1);
	result = EVP_DigestVerify(ctx, signature, len, (const unsigned char *)text, strlen(text));
	EVP_MD_CTX_free(ctx);
	X509_free(cert);
	bytes_done(&facts.der);
	return result == 1;
}

static void assert_signs(void *key)
{
	static const char *const texts[] = {"một", "hai"};
	uint8_t digests[2][32];
	uint8_t signatures[2][KEY_SIGNATURE_MAX];
	size_t lens[2];
	struct fault fault = {0};

	for (int i = 0; i < 2; i++)
		digest_sha256(texts[i], strlen(texts[i]), digests[i]);
	assert_int_equal(key_pkcs12.sign(key, (const uint8_t(*)[32])digests, 2, signatures, lens, &fault), KEY_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(lens[i], 256);
		assert_true(is_right(key, texts[i], signatures[i], lens[i]));
		assert_false(is_right(key, texts[1 - i], signatures[i], lens[i]));
	}
}

static void a_modern_file_signs(void **state)
{
	void *key = open_good(*state, "modern.p12", "mật");

	assert_signs(key);
	key_pkcs12.close(key);
}

static void a_file_of_the_old_encryption_signs_too(void **state)
{
	void *key = open_good(*state, "legacy.p12", "mật");

	assert_signs(key);
	key_pkcs12.close(key);
}

static void no_password_and_an_empty_one_are_the_same(void **state)
{
	key_pkcs12.close(open_good(*state, "empty.p12", NULL));
	key_pkcs12.close(open_good(*state, "empty.p12", ""));
}

static void a_wrong_password_is_said_so_for_both_kinds_of_file(void **state)
{
	static const char *const names[] = {"modern.p12", "legacy.p12"};
	static const char *const passwords[] = {"sai", "", NULL};
	struct fault fault;
	void *key = &fault;

	for (size_t n = 0; n < ARRAY_LEN(names); n++)
		for (size_t i = 0; i < ARRAY_LEN(passwords); i++) {
			assert_int_equal(open_file(*state, names[n], passwords[i], &key, &fault), KEY_WRONG_PASSWORD);
			assert_non_null(strstr(fault.text, "wrong password"));
			assert_ptr_equal(key, &fault);
		}
}

static void an_unusable_file_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *name, *reason;
	} cases[] = {
		{"weak.p12", "RSA of 2048"},
		{"ec.p12", "RSA of 2048"},
		{"nokey.p12", "no key"},
		{"text.p12", "not a PKCS#12 file"},
		{"zero.p12", "not a PKCS#12 file"},
	};
	struct fault fault;
	void *key = NULL;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(open_file(*state, cases[i].name, "x", &key, &fault), KEY_REFUSED);
		if (!strstr(fault.text, cases[i].reason))
			fail_msg("%s: %s", cases[i].name, fault.text);
		assert_null(key);
	}
}

static void a_missing_file_is_our_failure(void **state)
{
	struct fault fault;
	void *key = NULL;

	assert_int_equal(open_file(*state, "nothing.p12", "x", &key, &fault), FAULT_IO);
}

static void the_certificate_gives_subject_tax_code_and_serial(void **state)
{
	struct key_certificate facts = {0};
	struct fault fault = {0};
	void *key = open_good(*state, "modern.p12", "mật");

	assert_int_equal(key_pkcs12.certificate(key, &facts, &fault), 0);
	assert_string_equal(facts.subject, "UID=MST:9900000016,CN=Quán Ví Dụ,C=VN");
	assert_string_equal(facts.tax_code, "9900000016");
	assert_string_equal(facts.serial_hex, "0a1b2c");
	assert_true(facts.not_after > facts.not_before && facts.not_before > 0);
	bytes_done(&facts.der);
	key_pkcs12.close(key);
}

static void *sign_many(void *key)
{
	uint8_t digests[SIGNATURES][32];
	uint8_t(*signatures)[KEY_SIGNATURE_MAX] = calloc(SIGNATURES, sizeof(*signatures));
	size_t lens[SIGNATURES];
	struct fault fault = {0};
	long bad = 0;

	for (int i = 0; i < SIGNATURES; i++)
		digest_sha256("x", 1, digests[i]);
	if (!signatures ||
		key_pkcs12.sign(key, (const uint8_t(*)[32])digests, SIGNATURES, signatures, lens, &fault) != KEY_OK)
		bad = 1;
	for (int i = 0; i < SIGNATURES && !bad; i++)
		bad += memcmp(signatures[i], signatures[0], lens[0]) != 0; /* PKCS#1 v1.5 is deterministic */
	free(signatures);
	return (void *)bad;
}

static void several_threads_sign_at_once(void **state)
{
	void *key = open_good(*state, "modern.p12", "mật");
	pthread_t threads[THREADS];

	assert_true(key_pkcs12.is_parallel);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_many, key), 0);
	for (int i = 0; i < THREADS; i++) {
		void *bad = NULL;

		assert_int_equal(pthread_join(threads[i], &bad), 0);
		assert_null(bad);
	}
	key_pkcs12.close(key);
}

/* Beside what it signs it opens what was sealed to its certificate, under either encryption of the file, and nothing else. */
static void what_was_sealed_to_its_certificate_is_opened(void **state)
{
	static const char secret[] = "0123456789";
	static const char *const files[] = {"modern.p12", "legacy.p12"};
	const struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct key_certificate certificate = {0};
		struct bytes der = {.max = 8192}, plain = {.max = 100};
		char path[128], serial[ENVELOPE_SERIAL_MAX];
		struct fault fault = {0};
		void *key = NULL;

		snprintf(path, sizeof(path), "%s/%s", f->dir, files[i]);
		assert_int_equal(key_pkcs12.open(path, "mật", &key, &fault), KEY_OK);
		assert_int_equal(key_pkcs12.certificate(key, &certificate, &fault), 0);
		assert_int_equal(envelope_seal_to(&certificate.der, secret, sizeof(secret), &der, &fault), 0);
		assert_null(memmem(der.data, der.len, secret, sizeof(secret) - 1));
		assert_int_equal(envelope_serial(der.data, der.len, serial), 0);
		assert_string_equal(serial, certificate.serial_hex);
		assert_string_equal(serial, "0a1b2c");
		assert_int_equal(key_pkcs12.unseal(key, der.data, der.len, &plain, &fault), KEY_OK);
		assert_int_equal(plain.len, sizeof(secret));
		assert_string_equal((char *)plain.data, secret);
		bytes_clear(&plain);
		der.data[der.len - 1] ^= 1;
		assert_int_equal(key_pkcs12.unseal(key, der.data, der.len, &plain, &fault), KEY_REFUSED);
		assert_int_equal(plain.len, 0);
		assert_int_equal(key_pkcs12.unseal(key, der.data, der.len / 2, &plain, &fault), KEY_REFUSED);
		assert_int_equal(envelope_serial(der.data, der.len / 2, serial), 1);
		bytes_done(&der);
		bytes_done(&plain);
		bytes_done(&certificate.der);
		key_pkcs12.close(key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_modern_file_signs),
		cmocka_unit_test(a_file_of_the_old_encryption_signs_too),
		cmocka_unit_test(no_password_and_an_empty_one_are_the_same),
		cmocka_unit_test(a_wrong_password_is_said_so_for_both_kinds_of_file),
		cmocka_unit_test(an_unusable_file_is_refused_with_its_reason),
		cmocka_unit_test(a_missing_file_is_our_failure),
		cmocka_unit_test(the_certificate_gives_subject_tax_code_and_serial),
		cmocka_unit_test(several_threads_sign_at_once),
		cmocka_unit_test(what_was_sealed_to_its_certificate_is_opened),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
