/* gcm: bytes that only the holder of one key can read, and nobody else can change: AES-256-GCM, in place (OpenSSL). Files, which are made of it, are base/sealed. */
#ifndef HOADON_BASE_GCM_H
#define HOADON_BASE_GCM_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/fault.h"

#define GCM_KEY_LEN   32
#define GCM_NONCE_LEN 12
#define GCM_TAG_LEN   16

struct gcm;

/** gcm_new() - a context for @key, which is copied. Return: 0, to be freed with gcm_free(); FAULT_MEMORY, FAULT_CRYPTO. Thread: the context belongs to one. */
int gcm_new(const uint8_t key[GCM_KEY_LEN], struct gcm **ret, struct fault *fault) MUST_CHECK;
/**
 * gcm_seal() - @len bytes at @bytes become as many that nobody can read
 * @nonce:  never twice with one key
 * @beside: not sealed, but bound: who opens must give the same
 *
 * Return: 0; FAULT_CRYPTO. Source: NIST SP 800-38D (GCM).
 */
int gcm_seal(struct gcm *gcm, const uint8_t nonce[GCM_NONCE_LEN], const void *beside, size_t beside_len, uint8_t *bytes,
	size_t len, uint8_t ret_tag[GCM_TAG_LEN], struct fault *fault) MUST_CHECK;
/** gcm_open() - what gcm_seal() made, plain again at @bytes. 0; 1 when key, nonce, @beside, bytes or tag are others: then @bytes are zeros. */
int gcm_open(struct gcm *gcm, const uint8_t nonce[GCM_NONCE_LEN], const void *beside, size_t beside_len, uint8_t *bytes,
	size_t len, const uint8_t tag[GCM_TAG_LEN]) MUST_CHECK;
/** gcm_free() - NULL is allowed; the key is wiped. */
void gcm_free(struct gcm *gcm);
DEFINE_CLEANUP(struct gcm *, gcm_free)

#endif
