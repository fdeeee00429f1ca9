/* ecsign: ECDSA P-256 with SHA-256, the ledger's checkpoints. Verifiable by the WebCrypto of every browser. */
#ifndef HOADON_BASE_ECSIGN_H
#define HOADON_BASE_ECSIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

#define ECSIGN_LEN	64 /* r ‖ s, as WebCrypto takes it */
#define ECSIGN_SPKI_LEN 91 /* SubjectPublicKeyInfo of an uncompressed P-256 point */

struct ecsign_key;

/**
 * ecsign_load_or_make() - the private key in PEM file @path; made (0600, synced) when the file does not exist
 * @ret: the key, freed with ecsign_free(); untouched on failure
 * Return: 0 or < 0. Thread: a key may sign from one thread at a time.
 */
int ecsign_load_or_make(const char *path, struct ecsign_key **ret, struct fault *fault) MUST_CHECK;
/** ecsign_free() - NULL is allowed. */
void ecsign_free(struct ecsign_key *key);
DEFINE_CLEANUP(struct ecsign_key *, ecsign_free)
/** ecsign_public() - DER SubjectPublicKeyInfo of @key. */
int ecsign_public(const struct ecsign_key *key, uint8_t out[ECSIGN_SPKI_LEN], struct fault *fault) MUST_CHECK;
/** ecsign_sign() - r ‖ s over SHA-256 of @len bytes. */
int ecsign_sign(const struct ecsign_key *key, const void *bytes, size_t len, uint8_t out[ECSIGN_LEN],
	struct fault *fault) MUST_CHECK;
/** ecsign_is_key() - whether @spki is the one spelling of a point on P-256 that ecsign_public() writes. Thread: any. */
bool ecsign_is_key(const uint8_t spki[ECSIGN_SPKI_LEN]) MUST_CHECK;
/** ecsign_verify() - 0 = the signature is @spki's over @bytes, 1 = it is not, < 0 = the key cannot be read. Thread: any. */
int ecsign_verify(const uint8_t *spki, size_t spki_len, const void *bytes, size_t len, const uint8_t sig[ECSIGN_LEN],
	struct fault *fault) MUST_CHECK;
/**
 * ecsign_verify_pem() - as ecsign_verify(), with the key and the signature as the openssl program writes them
 * @pem: SubjectPublicKeyInfo of a P-256 key in PEM
 * @sig: DER
 * Return: 0 = it is the key's signature over @bytes, 1 = it is not, < 0 = the key cannot be read. Thread: any.
 */
int ecsign_verify_pem(const void *pem, size_t pem_len, const void *bytes, size_t len, const void *sig, size_t sig_len,
	struct fault *fault) MUST_CHECK;

#endif
