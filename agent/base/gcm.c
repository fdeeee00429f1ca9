#include "base/gcm.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/crypto.h"

/* Twice, so that neither direction makes the other's key schedule anew. */
struct gcm {
	EVP_CIPHER_CTX *seal, *open;
};

int gcm_new(const uint8_t key[GCM_KEY_LEN], struct gcm **ret, struct fault *fault)
{
	CLEANUP(gcm_freep) struct gcm *gcm = calloc(1, sizeof(*gcm));

	if (!gcm || !(gcm->seal = EVP_CIPHER_CTX_new()) || !(gcm->open = EVP_CIPHER_CTX_new()))
		return FAULT(fault, FAULT_MEMORY, "no memory for a key");
	if (EVP_EncryptInit_ex2(gcm->seal, EVP_aes_256_gcm(), key, NULL, NULL) != 1 ||
		EVP_DecryptInit_ex2(gcm->open, EVP_aes_256_gcm(), key, NULL, NULL) != 1)
		return crypto_fault(fault, "AES-256-GCM is not there");
	*ret = gcm;
	gcm = NULL;
	return 0;
}

void gcm_free(struct gcm *gcm)
{
	if (!gcm)
		return;
	EVP_CIPHER_CTX_free(gcm->seal);
	EVP_CIPHER_CTX_free(gcm->open);
	free(gcm);
}

int gcm_seal(struct gcm *gcm, const uint8_t nonce[GCM_NONCE_LEN], const void *beside, size_t beside_len, uint8_t *bytes,
	size_t len, uint8_t ret_tag[GCM_TAG_LEN], struct fault *fault)
{
	EVP_CIPHER_CTX *ctx = gcm->seal;
	int done = 0;

	if (EVP_EncryptInit_ex2(ctx, NULL, NULL, nonce, NULL) != 1 ||
		EVP_EncryptUpdate(ctx, NULL, &done, beside, (int)beside_len) != 1 ||
		EVP_EncryptUpdate(ctx, bytes, &done, bytes, (int)len) != 1 ||
		EVP_EncryptFinal_ex(ctx, bytes + len, &done) != 1 ||
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_LEN, ret_tag) != 1)
		return crypto_fault(fault, "bytes cannot be sealed");
	return 0;
}

int gcm_open(struct gcm *gcm, const uint8_t nonce[GCM_NONCE_LEN], const void *beside, size_t beside_len, uint8_t *bytes,
	size_t len, const uint8_t tag[GCM_TAG_LEN])
{
	EVP_CIPHER_CTX *ctx = gcm->open;
	uint8_t expected[GCM_TAG_LEN];
	int done = 0;

	memcpy(expected, tag, sizeof(expected));
	if (EVP_DecryptInit_ex2(ctx, NULL, NULL, nonce, NULL) == 1 &&
		EVP_DecryptUpdate(ctx, NULL, &done, beside, (int)beside_len) == 1 &&
		EVP_DecryptUpdate(ctx, bytes, &done, bytes, (int)len) == 1 &&
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_LEN, expected) == 1 &&
		EVP_DecryptFinal_ex(ctx, bytes + len, &done) == 1)
		return 0;
	ERR_clear_error();
	memset(bytes, 0, len);
	return 1;
}
