/* key_pkcs12: a key in a PKCS#12 file; the first choice of a shop whose certificate came as a .p12 or .pfx (signing section 4). */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/envelope.h"
#include "base/file.h"
#include "drivers/drivers.h"
#include "issue/key.h"
#include "wire/certificate.h"

#define FILE_MAX	((size_t)1 << 20)
#define RSA_BITS_MIN	2048
#define SENTENCE_DEMAND "ask the certificate authority for a PKCS#12 file with RSA of at least 2048 bits"

DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)
DEFINE_CLEANUP(EVP_PKEY_CTX *, EVP_PKEY_CTX_free)
DEFINE_CLEANUP(X509 *, X509_free)
DEFINE_CLEANUP(PKCS12 *, PKCS12_free)
DEFINE_CLEANUP(OSSL_LIB_CTX *, OSSL_LIB_CTX_free)
DEFINE_CLEANUP(OSSL_PROVIDER *, OSSL_PROVIDER_unload)

struct state {
	EVP_PKEY *key;
	X509 *cert;
};

/* The file as it was read, with the password that opens it. */
struct source {
	const struct bytes *file;
	const char *where;
	const char *password;
};

static PKCS12 *decode(const struct source *source, OSSL_LIB_CTX *library)
{
	const unsigned char *p = source->file->data;
	PKCS12 *p12 = PKCS12_init_ex(NID_pkcs7_data, library, NULL);

	if (p12 && !d2i_PKCS12(&p12, &p, (long)source->file->len))
		p12 = NULL; /* d2i freed it */
	return p12;
}

static int check_password(const struct source *source, struct fault *fault)
{
	CLEANUP(PKCS12_freep) PKCS12 *p12 = source->file->len > 0 ? decode(source, NULL) : NULL;
	const char *password = source->password;

	if (!p12) {
		FAULT(fault, FAULT_CONFIG, "%s is not a PKCS#12 file (.p12, .pfx)", source->where);
		return KEY_REFUSED;
	}
	if (!PKCS12_mac_present(p12) || PKCS12_verify_mac(p12, password, -1) == 1)
		return KEY_OK;
	/* An empty password is written in two ways; both are the person's "no password". */
	if ((!password || password[0] == '\0') && PKCS12_verify_mac(p12, password ? NULL : "", -1) == 1)
		return KEY_OK;
	FAULT(fault, FAULT_CONFIG, "wrong password for %s: put the right one into [key] password_file", source->where);
	return KEY_WRONG_PASSWORD;
}

static bool unpack(const struct source *source, OSSL_LIB_CTX *library, struct state *ret)
{
	CLEANUP(PKCS12_freep) PKCS12 *p12 = decode(source, library);

	return p12 && PKCS12_parse(p12, source->password, &ret->key, &ret->cert, NULL) == 1 && ret->key && ret->cert;
}

static void forget(struct state *state)
{
	EVP_PKEY_free(state->key);
	X509_free(state->cert);
	*state = (struct state){0};
}

/* The same key in the ordinary library context, so that the private one can go. */
static bool move_key(struct state *state)
{
	unsigned char *der = NULL;
	int len = i2d_PrivateKey(state->key, &der);
	const unsigned char *p = der;
	EVP_PKEY *key = len > 0 ? d2i_AutoPrivateKey(NULL, &p, len) : NULL;

	OPENSSL_clear_free(der, len > 0 ? (size_t)len : 0);
	if (!key)
		return false;
	EVP_PKEY_free(state->key);
	state->key = key;
	return true;
}

static bool move_cert(struct state *state)
{
	unsigned char *der = NULL;
	int len = i2d_X509(state->cert, &der);
	const unsigned char *p = der;
	X509 *cert = len > 0 ? d2i_X509(NULL, &p, len) : NULL;

	OPENSSL_free(der);
	if (!cert)
		return false;
	X509_free(state->cert);
	state->cert = cert;
	return true;
}

/* RC2-40 and 3DES files, as many authorities still hand out: the legacy provider is loaded for this import only. */
static bool unpack_legacy(const struct source *source, struct state *ret)
{
	CLEANUP(OSSL_LIB_CTX_freep) OSSL_LIB_CTX *library = OSSL_LIB_CTX_new();
	CLEANUP(OSSL_PROVIDER_unloadp) OSSL_PROVIDER *legacy = NULL;
	CLEANUP(OSSL_PROVIDER_unloadp) OSSL_PROVIDER *ordinary = NULL;

	if (!library)
		return false;
	legacy = OSSL_PROVIDER_load(library, "legacy");
	ordinary = OSSL_PROVIDER_load(library, "default");
	if (legacy && ordinary && unpack(source, library, ret) && move_key(ret) && move_cert(ret))
		return true;
	forget(ret);
	return false;
}

static int check_key(const struct source *source, const struct state *state, struct fault *fault)
{
	if (EVP_PKEY_is_a(state->key, "RSA") && EVP_PKEY_get_bits(state->key) >= RSA_BITS_MIN &&
		EVP_PKEY_get_size(state->key) <= KEY_SIGNATURE_MAX &&
		X509_check_private_key(state->cert, state->key) == 1)
		return KEY_OK;
	FAULT(fault, FAULT_CONFIG,
		"the key in %s is not RSA of 2048 to 4096 bits with its own certificate: " SENTENCE_DEMAND,
		source->where);
	return KEY_REFUSED;
}

static int load(const struct source *source, struct state *ret, struct fault *fault)
{
	int err = check_password(source, fault);

	if (err)
		return err;
	if (!unpack(source, NULL, ret)) {
		forget(ret);
		if (!unpack_legacy(source, ret)) {
			FAULT(fault, FAULT_CONFIG,
				"the password of %s is right, but it holds no key with certificate in an encryption "
				"OpenSSL "
				"knows; export it again with AES (openssl pkcs12 -export)",
				source->where);
			return KEY_REFUSED;
		}
	}
	return check_key(source, ret, fault);
}

static int pkcs12_open(const char *where, const char *password, void **ret_state, struct fault *fault)
{
	BYTES_CLEANUP struct bytes file = {0};
	struct source source = {.file = &file, .where = where, .password = password};
	struct state loaded = {0};
	struct state *state;
	int err;

	bytes_init(&file, FILE_MAX);
	err = file_read(where, &file, fault);
	if (err)
		return err;
	err = load(&source, &loaded, fault);
	ERR_clear_error();
	OPENSSL_cleanse(file.data, file.len);
	state = err ? NULL : malloc(sizeof(*state));
	if (!state) {
		forget(&loaded);
		return err ? err : FAULT(fault, FAULT_MEMORY, "no memory for the key in %s", where);
	}
	*state = loaded;
	*ret_state = state;
	return KEY_OK;
}

static int pkcs12_certificate(void *opaque, struct key_certificate *ret, struct fault *fault)
{
	const struct state *state = opaque;
	struct certificate_facts facts;
	unsigned char *der = NULL;
	int len = i2d_X509(state->cert, &der);

	if (len <= 0)
		return FAULT(fault, FAULT_CRYPTO, "the certificate cannot be written as DER");
	certificate_read(state->cert, &facts);
	bytes_init(&ret->der, FILE_MAX);
	bytes_append(&ret->der, der, (size_t)len);
	OPENSSL_free(der);
	memcpy(ret->subject, facts.subject, sizeof(ret->subject));
	memcpy(ret->tax_code, facts.tax_code, sizeof(ret->tax_code));
	memcpy(ret->serial_hex, facts.serial_hex, sizeof(ret->serial_hex));
	ret->not_before = facts.not_before;
	ret->not_after = facts.not_after;
	return bytes_check(&ret->der, "a certificate", fault);
}

/* A context for each call: the key is only read, so threads may sign at the same time. */
static int pkcs12_sign(void *opaque, const uint8_t (*digests)[32], size_t n, uint8_t (*sigs)[KEY_SIGNATURE_MAX],
	size_t *lens, struct fault *fault)
{
	const struct state *state = opaque;
	CLEANUP(EVP_PKEY_CTX_freep) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, state->key, NULL);

	if (!ctx || EVP_PKEY_sign_init(ctx) != 1 || EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1 ||
		EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) != 1) {
		ERR_clear_error();
		return FAULT(fault, FAULT_CRYPTO, "OpenSSL refuses to sign with this key");
	}
	for (size_t i = 0; i < n; i++) {
		lens[i] = KEY_SIGNATURE_MAX;
		if (EVP_PKEY_sign(ctx, sigs[i], &lens[i], digests[i], 32) != 1) {
			ERR_clear_error();
			return FAULT(fault, FAULT_CRYPTO, "OpenSSL could not sign digest %zu of %zu", i + 1, n);
		}
	}
	return KEY_OK;
}

static int pkcs12_unseal(void *opaque, const void *der, size_t len, struct bytes *out, struct fault *fault)
{
	const struct state *state = opaque;
	int result = envelope_open_as(state->key, state->cert, der, len, out, fault);

	return result > 0 ? KEY_REFUSED : result;
}

static void pkcs12_close(void *opaque)
{
	struct state *state = opaque;

	if (!state)
		return;
	forget(state);
	free(state);
}

const struct key_ops key_pkcs12 = {
	.name = "pkcs12",
	.summary = "a PKCS#12 file (.p12, .pfx) on disk",
	.open = pkcs12_open,
	.certificate = pkcs12_certificate,
	.sign = pkcs12_sign,
	.unseal = pkcs12_unseal,
	.close = pkcs12_close,
	.is_parallel = 1,
	.opens_at_will = 1,
};
