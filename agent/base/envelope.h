/*
 * envelope: bytes that only the holder of one key can read, and nobody else can change: CMS AuthEnvelopedData with AES-256-GCM, which
 * `openssl cms -decrypt` opens too. A tag at the end vouches for all, so they are held whole; a large file is base/sealed.
 *
 * Source: RFC 5652 (CMS), RFC 5083 (AuthEnvelopedData), RFC 5084 (AES-GCM in CMS).
 */
#ifndef HOADON_BASE_ENVELOPE_H
#define HOADON_BASE_ENVELOPE_H

#include <openssl/types.h>

#include "base/bytes.h"

#define ENVELOPE_KEY_LEN    32
#define ENVELOPE_ID_MAX	    32
#define ENVELOPE_PEM_MAX    65536
#define ENVELOPE_SERIAL_MAX 64

/**
 * envelope_make_key() - PEM file @path with a new P-256 key and a certificate of it, 0600; one that exists is left as it is
 * @name: common name in the certificate, for people
 * Return: 0 or < 0. Thread: any.
 */
int envelope_make_key(const char *path, const char *name, struct fault *fault) MUST_CHECK;
/** envelope_certificate() - the first certificate in @pem, in PEM again and without anything else of it, appended to @ret. 0; FAULT_CRYPTO when there is none. Thread: any. */
int envelope_certificate(const struct bytes *pem, struct bytes *ret, struct fault *fault) MUST_CHECK;

/** envelope_seal_to() - @len bytes for the holder of the key of @certificate (DER, or the first one in PEM); the DER is appended to @out. 0 or < 0. Thread: any. */
int envelope_seal_to(const struct bytes *certificate, const void *bytes, size_t len, struct bytes *out,
	struct fault *fault) MUST_CHECK;
/**
 * envelope_open_with() - what envelope_seal_to() sealed
 * @pem: the private key and its certificate, as envelope_make_key() wrote them
 * @out: appended to when 0; no byte that is not vouched for
 * Return: 0; 1 when it was sealed to another key, or changed; < 0 when @pem is no such file, or without memory. Thread: any.
 */
int envelope_open_with(
	const struct bytes *pem, const void *der, size_t len, struct bytes *out, struct fault *fault) MUST_CHECK;
/** envelope_open_as() - what envelope_seal_to() sealed to RSA key @pkey of @certificate (both borrowed); as envelope_open_with(). Thread: any, also many with one key. */
int envelope_open_as(EVP_PKEY *pkey, X509 *certificate, const void *der, size_t len, struct bytes *out,
	struct fault *fault) MUST_CHECK;
/** envelope_serial() - serial number, lower-case hex, of the certificate that @der was sealed to. 0; 1 when it is no envelope to one holder of an RSA key. Thread: any. */
int envelope_serial(const void *der, size_t len, char ret[ENVELOPE_SERIAL_MAX]) MUST_CHECK;

/** envelope_seal_under() - @len bytes under secret @key, which the envelope names by @id in the clear (up to ENVELOPE_ID_MAX). 0 or < 0. Thread: any. */
int envelope_seal_under(const uint8_t key[ENVELOPE_KEY_LEN], const char *id, const void *bytes, size_t len,
	struct bytes *out, struct fault *fault) MUST_CHECK;
/** envelope_id() - the id of the secret that @der was sealed under. 0; 1 when it is none of envelope_seal_under(). Thread: any. */
int envelope_id(const void *der, size_t len, char ret[ENVELOPE_ID_MAX + 1]) MUST_CHECK;
/** envelope_open_under() - what envelope_seal_under() sealed; as envelope_open_with(). 0; 1 = another key or id, or changed; < 0. Thread: any. */
int envelope_open_under(const uint8_t key[ENVELOPE_KEY_LEN], const char *id, const void *der, size_t len,
	struct bytes *out, struct fault *fault) MUST_CHECK;

#endif
