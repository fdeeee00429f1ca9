/* The key of a sealed store, wrapped to the certificate of whoever signs. */
#include "issue/wrap.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "../store/shop.h"

#define STORE_KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define ANOTHER	  "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

struct signer {
	EVP_PKEY *pkey;
	X509 *certificate;
	struct key key;
};

static int unseal(void *state, const void *der, size_t len, struct bytes *out, struct fault *fault)
{
	const struct signer *signer = state;

	return envelope_open_as(signer->pkey, signer->certificate, der, len, out, fault) ? KEY_REFUSED : KEY_OK;
}

/* A token that takes no envelope, whatever its driver believed. */
static int refuse(void *state, const void *der, size_t len, struct bytes *out, struct fault *fault)
{
	(void)state, (void)der, (void)len, (void)out, (void)fault;
	return KEY_REFUSED;
}

static const struct key_ops opens = {.name = "file", .unseal = unseal};
static const struct key_ops only_signs = {.name = "token"};
static const struct key_ops refuses = {.name = "stick", .unseal = refuse};

static void make_signer(struct signer *signer, long serial)
{
	X509 *certificate = X509_new();
	unsigned char *der = NULL;
	int len;

	signer->pkey = EVP_RSA_gen(2048);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
	X509_set_version(certificate, X509_VERSION_3);
	ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20260101000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(certificate), "20290101000000Z");
	X509_set_pubkey(certificate, signer->pkey);
	assert_true(X509_sign(certificate, signer->pkey, EVP_sha256()) > 0);
	signer->certificate = certificate;
	signer->key = (struct key){.ops = &opens, .state = signer, .standing = KEY_OPEN};
	snprintf(signer->key.certificate.serial_hex, sizeof(signer->key.certificate.serial_hex), "%04lx", serial);
	len = i2d_X509(certificate, &der);
	bytes_init(&signer->key.certificate.der, 8192);
	bytes_append(&signer->key.certificate.der, der, (size_t)len);
	OPENSSL_free(der);
}

static void free_signer(struct signer *signer)
{
	EVP_PKEY_free(signer->pkey);
	X509_free(signer->certificate);
	bytes_done(&signer->key.certificate.der);
}

static const char *key_file(struct shop *shop, const char *text)
{
	char *path = arena_printf(shop->arena, "%s/store.key", shop->dir);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "%s\n", text);
	fclose(file);
	return path;
}

static void seal_store(struct shop *shop)
{
	must(shop, store_unlock(shop->store, key_file(shop, STORE_KEY), true, &shop->fault));
}

static void check_opens(struct shop *shop, const struct key *key)
{
	uint8_t there[GCM_KEY_LEN], own[GCM_KEY_LEN];

	must(shop, wrap_open(shop->store, key, there, &shop->fault));
	assert_int_equal(hex_parse(STORE_KEY, own, sizeof(own)), 0);
	assert_memory_equal(there, own, sizeof(own));
}

static void keep(struct shop *shop, const struct key *key)
{
	must(shop, wrap_keep(shop->store, key, key_file(shop, STORE_KEY), &shop->fault));
}

static void read_der(struct shop *shop, struct bytes *ret)
{
	bytes_init(ret, WRAP_DER_MAX);
	must(shop, store_wrapped_get(shop->store, ret, &shop->fault));
}

static void what_is_sealed_opens_with_the_signing_key(void **state)
{
	struct shop *shop = *state;
	struct signer signer;
	struct bytes first, second;
	uint8_t there[GCM_KEY_LEN];
	char serial[ENVELOPE_SERIAL_MAX];

	make_signer(&signer, 0x1a2b);
	/* nothing is sealed, so that nothing is lost */
	keep(shop, &signer.key);
	assert_int_equal(wrap_serial(shop->store, serial, &shop->fault), WRAP_NONE);
	assert_int_equal(wrap_open(shop->store, &signer.key, there, &shop->fault), WRAP_NONE);
	seal_store(shop);
	/* without the store's own key there is nothing to wrap */
	must(shop, wrap_keep(shop->store, &signer.key, NULL, &shop->fault));
	must(shop, wrap_keep(shop->store, &signer.key, key_file(shop, ANOTHER), &shop->fault));
	assert_int_equal(wrap_serial(shop->store, serial, &shop->fault), WRAP_NONE);
	keep(shop, &signer.key);
	must(shop, wrap_serial(shop->store, serial, &shop->fault));
	assert_string_equal(serial, "1a2b");
	check_opens(shop, &signer.key);
	read_der(shop, &first);
	assert_null(memmem(first.data, first.len, STORE_KEY, 16));
	keep(shop, &signer.key);
	read_der(shop, &second);
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.data, second.data, first.len);
	bytes_done(&first);
	bytes_done(&second);
	free_signer(&signer);
}

static void a_renewed_certificate_takes_over(void **state)
{
	struct shop *shop = *state;
	struct signer old, renewed;
	uint8_t there[GCM_KEY_LEN];

	make_signer(&old, 0x0101);
	make_signer(&renewed, 0x0202);
	seal_store(shop);
	keep(shop, &old.key);
	shop->fault = (struct fault){0};
	assert_int_equal(wrap_open(shop->store, &renewed.key, there, &shop->fault), WRAP_OTHER);
	assert_non_null(strstr(shop->fault.text, "wrapped to certificate 0101"));
	assert_non_null(strstr(shop->fault.text, "certificate 0202"));
	keep(shop, &renewed.key);
	check_opens(shop, &renewed.key);
	assert_int_equal(wrap_open(shop->store, &old.key, there, &shop->fault), WRAP_OTHER);
	free_signer(&old);
	free_signer(&renewed);
}

/* Whoever can write to the disk can wrap a key of his own. */
static void a_wrapped_key_of_another_store_is_not_taken(void **state)
{
	struct shop *shop = *state;
	struct signer signer;
	struct bytes der = {.max = WRAP_DER_MAX};
	uint8_t there[GCM_KEY_LEN];

	make_signer(&signer, 0x0303);
	seal_store(shop);
	must(shop, envelope_seal_to(&signer.key.certificate.der, ANOTHER "\n", sizeof(ANOTHER), &der, &shop->fault));
	must(shop, store_wrapped_put(shop->store, &der, &shop->fault));
	assert_int_equal(wrap_open(shop->store, &signer.key, there, &shop->fault), WRAP_OTHER);
	keep(shop, &signer.key);
	check_opens(shop, &signer.key);
	bytes_done(&der);
	free_signer(&signer);
}

static void a_key_that_opens_nothing_leaves_what_was_there(void **state)
{
	static const struct key_ops *const kinds[] = {&only_signs, &refuses};
	struct shop *shop = *state;
	struct signer signer, token;
	uint8_t there[GCM_KEY_LEN];

	make_signer(&signer, 0x0404);
	make_signer(&token, 0x0505);
	seal_store(shop);
	keep(shop, &signer.key);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		token.key.ops = kinds[i];
		shop->fault = (struct fault){0};
		assert_int_equal(
			wrap_keep(shop->store, &token.key, key_file(shop, STORE_KEY), &shop->fault), WRAP_CANNOT);
		assert_non_null(strstr(shop->fault.text, kinds[i]->name));
		assert_non_null(strstr(shop->fault.text, "keep a copy of [store] key_file"));
		assert_int_not_equal(wrap_open(shop->store, &token.key, there, &shop->fault), 0);
	}
	check_opens(shop, &signer.key);
	free_signer(&signer);
	free_signer(&token);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_sealed_opens_with_the_signing_key, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(a_renewed_certificate_takes_over, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(a_wrapped_key_of_another_store_is_not_taken, shop_setup, shop_teardown),
		cmocka_unit_test_setup_teardown(
			a_key_that_opens_nothing_leaves_what_was_there, shop_setup, shop_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
