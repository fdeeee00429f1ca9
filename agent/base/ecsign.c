#include "base/ecsign.h"

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/crypto.h"
#include "base/file.h"

#define ECSIGN_DER_MAX 80 /* SEQUENCE of two INTEGERs of at most 33 bytes: 72; some spare */
#define ECSIGN_PEM_MAX 16384

struct ecsign_key {
	EVP_PKEY *pkey;
};

DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)
DEFINE_CLEANUP(EVP_MD_CTX *, EVP_MD_CTX_free)
DEFINE_CLEANUP(ECDSA_SIG *, ECDSA_SIG_free)
DEFINE_CLEANUP(BIO *, BIO_free_all)

static bool is_p256(const EVP_PKEY *pkey)
{
	char group[64] = "";

	return EVP_PKEY_is_a(pkey, "EC") && EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) == 1 &&
	       strcmp(group, SN_X9_62_prime256v1) == 0;
}

static int key_of(EVP_PKEY *pkey, struct ecsign_key **ret, struct fault *fault)
{
	struct ecsign_key *key = malloc(sizeof(*key));

	if (!key || EVP_PKEY_up_ref(pkey) != 1) {
		free(key);
		return FAULT(fault, FAULT_MEMORY, "no memory for the checkpoint key");
	}
	key->pkey = pkey;
	*ret = key;
	return 0;
}

static void wipe(struct bytes *pem)
{
	if (pem->data)
		OPENSSL_cleanse(pem->data, pem->room);
	bytes_done(pem);
}

static int load(const char *path, struct ecsign_key **ret, struct fault *fault)
{
	CLEANUP(wipe) struct bytes pem = {.max = ECSIGN_PEM_MAX};
	CLEANUP(EVP_PKEY_freep) EVP_PKEY *pkey = NULL;
	CLEANUP(BIO_free_allp) BIO *bio = NULL;
	int result;

	/* A buffer that moves while it grows would leave pieces of the key behind. */
	if (!bytes_reserve(&pem, ECSIGN_PEM_MAX))
		return bytes_check(&pem, path, fault);
	result = file_read(path, &pem, fault);
	if (result < 0)
		return result;
	bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, crypto_no_passphrase, NULL) : NULL;
	if (!pkey)
		return crypto_fault(fault, "the checkpoint key cannot be read, restore its file from a backup");
	if (!is_p256(pkey))
		return FAULT(fault, FAULT_CRYPTO, "%s holds a key that is not EC P-256", path);
	return key_of(pkey, ret, fault);
}

static int make(const char *path, struct ecsign_key **ret, struct fault *fault)
{
	CLEANUP(EVP_PKEY_freep) EVP_PKEY *pkey = EVP_EC_gen("P-256");
	CLEANUP(BIO_free_allp) BIO *bio = BIO_new(BIO_s_secmem());
	char *pem = NULL;
	long len;
	int result;

	if (!pkey || !bio || PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) != 1)
		return crypto_fault(fault, "the checkpoint key cannot be made");
	len = BIO_get_mem_data(bio, &pem);
	if (len <= 0)
		return crypto_fault(fault, "the checkpoint key cannot be written");
	result = file_write(path, pem, (size_t)len, 0600, fault);
	if (result < 0)
		return result;
	return key_of(pkey, ret, fault);
}

int ecsign_load_or_make(const char *path, struct ecsign_key **ret, struct fault *fault)
{
	return file_exists(path) ? load(path, ret, fault) : make(path, ret, fault);
}

void ecsign_free(struct ecsign_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

int ecsign_public(const struct ecsign_key *key, uint8_t out[ECSIGN_SPKI_LEN], struct fault *fault)
{
	uint8_t *end = out;
	int len = i2d_PUBKEY(key->pkey, NULL);

	if (len < 0)
		return crypto_fault(fault, "the public checkpoint key cannot be written");
	if (len != ECSIGN_SPKI_LEN)
		return FAULT(
			fault, FAULT_CRYPTO, "the public checkpoint key has %d bytes, not %d", len, ECSIGN_SPKI_LEN);
	i2d_PUBKEY(key->pkey, &end);
	return 0;
}

static int raw_of_der(const uint8_t *der, size_t len, uint8_t out[ECSIGN_LEN], struct fault *fault)
{
	CLEANUP(ECDSA_SIG_freep) ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);

	if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32) != 32 ||
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32) != 32)
		return crypto_fault(fault, "the checkpoint signature has an unknown form");
	return 0;
}

int ecsign_sign(
	const struct ecsign_key *key, const void *bytes, size_t len, uint8_t out[ECSIGN_LEN], struct fault *fault)
{
	CLEANUP(EVP_MD_CTX_freep) EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t der[ECSIGN_DER_MAX];
	size_t der_len = sizeof(der);

	if (!context || EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->pkey) != 1 ||
		EVP_DigestSign(context, der, &der_len, len > 0 ? bytes : "", len) != 1)
		return crypto_fault(fault, "the checkpoint cannot be signed");
	return raw_of_der(der, der_len, out, fault);
}

/* DER of r ‖ s into @out; its length, or -1 without memory. */
static int der_of_raw(const uint8_t raw[ECSIGN_LEN], uint8_t out[ECSIGN_DER_MAX])
{
	CLEANUP(ECDSA_SIG_freep) ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, 32, NULL);
	BIGNUM *s = BN_bin2bn(raw + 32, 32, NULL);

	if (!sig || !r || !s || ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		return -1;
	}
	return i2d_ECDSA_SIG(sig, &out);
}

static EVP_PKEY *read_public(const uint8_t *spki, size_t spki_len)
{
	const uint8_t *end = spki;
	EVP_PKEY *pkey = spki_len <= LONG_MAX ? d2i_PUBKEY(NULL, &end, (long)spki_len) : NULL;

	if (pkey && end == spki + spki_len && is_p256(pkey))
		return pkey;
	EVP_PKEY_free(pkey);
	return NULL;
}

bool ecsign_is_key(const uint8_t spki[ECSIGN_SPKI_LEN])
{
	/* SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING } up to the 04 of an uncompressed point (RFC 5480). */
	static const uint8_t head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
		0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
	CLEANUP(EVP_PKEY_freep) EVP_PKEY *pkey = NULL;

	if (memcmp(spki, head, sizeof(head)) != 0)
		return false;
	pkey = read_public(spki, ECSIGN_SPKI_LEN);
	ERR_clear_error();
	return pkey != NULL;
}

int ecsign_verify(const uint8_t *spki, size_t spki_len, const void *bytes, size_t len, const uint8_t sig[ECSIGN_LEN],
	struct fault *fault)
{
	CLEANUP(EVP_PKEY_freep) EVP_PKEY *pkey = read_public(spki, spki_len);
	CLEANUP(EVP_MD_CTX_freep) EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t der[ECSIGN_DER_MAX];
	int der_len;
	int result;

	if (!pkey)
		return crypto_fault(fault, "the public checkpoint key is not an EC P-256 SubjectPublicKeyInfo");
	der_len = der_of_raw(sig, der);
	if (der_len < 0 || !context || EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, pkey) != 1)
		return crypto_fault(fault, "the checkpoint signature cannot be verified");
	result = EVP_DigestVerify(context, der, (size_t)der_len, len > 0 ? bytes : "", len);
	/* OpenSSL says < 0 for r or s out of range, which is a wrong signature to us. */
	ERR_clear_error();
	return result == 1 ? 0 : 1;
}

int ecsign_verify_pem(const void *pem, size_t pem_len, const void *bytes, size_t len, const void *sig, size_t sig_len,
	struct fault *fault)
{
	CLEANUP(BIO_free_allp) BIO *bio = pem_len <= ECSIGN_PEM_MAX ? BIO_new_mem_buf(pem, (int)pem_len) : NULL;
	CLEANUP(EVP_PKEY_freep)
	EVP_PKEY *pkey = bio ? PEM_read_bio_PUBKEY(bio, NULL, crypto_no_passphrase, NULL) : NULL;
	CLEANUP(EVP_MD_CTX_freep) EVP_MD_CTX *context = EVP_MD_CTX_new();
	int result;

	ERR_clear_error();
	if (!pkey || !is_p256(pkey))
		return FAULT(fault, FAULT_CRYPTO, "not the public key (EC P-256) in PEM");
	if (!context || EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, pkey) != 1)
		return crypto_fault(fault, "the signature cannot be verified");
	result = sig_len > 0 ? EVP_DigestVerify(context, sig, sig_len, len > 0 ? bytes : "", len) : 0;
	ERR_clear_error();
	return result == 1 ? 0 : 1;
}
