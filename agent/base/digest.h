/* digest: SHA-256, HMAC, random bytes, hex and base64 (OpenSSL). */
#ifndef HOADON_BASE_DIGEST_H
#define HOADON_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

#define DIGEST_LEN     32
#define DIGEST_HEX_LEN 64

/** digest_sha256() - SHA-256 (FIPS 180-4) of @len bytes. Cannot fail. Thread: any. */
void digest_sha256(const void *bytes, size_t len, uint8_t out[DIGEST_LEN]);

struct digest; /* a running SHA-256 */

/** digest_new() - start a running SHA-256; NULL without memory. */
struct digest *digest_new(void) MUST_CHECK;
/** digest_add() - take @len bytes in. */
void digest_add(struct digest *digest, const void *bytes, size_t len);
/** digest_end() - the value; the digest starts anew. */
void digest_end(struct digest *digest, uint8_t out[DIGEST_LEN]);
/** digest_free() - NULL is allowed. */
void digest_free(struct digest *digest);
DEFINE_CLEANUP(struct digest *, digest_free)

/** digest_hmac() - HMAC-SHA-256 (RFC 2104). Thread: any. */
void digest_hmac(const void *key, size_t key_len, const void *bytes, size_t len, uint8_t out[DIGEST_LEN]);

/** digest_random() - @len bytes from the operating system's generator; the process stops if there is none (a bug of the machine). */
void digest_random(void *out, size_t len);

/** digest_equal() - whether @len bytes are equal, in constant time. */
bool digest_equal(const void *a, const void *b, size_t len);

/** hex_format() - lower-case hex of @len bytes and a NUL; @out holds 2 × len + 1. */
void hex_format(const void *bytes, size_t len, char *out);
/** hex_parse() - exactly @len bytes from 2 × len hex digits; 0, or 1 when @text is not that. */
int hex_parse(const char *text, void *out, size_t len) MUST_CHECK;
/** base64_parse() - strict RFC 4648 (blanks and line breaks skipped) into @out of @room bytes; length, or -1. */
long base64_parse(const char *text, size_t text_len, void *out, size_t room) MUST_CHECK;
/** base32_format() - @len bytes (a multiple of 5) as RFC 4648 base32 and a NUL; @out holds len / 5 × 8 + 1. */
void base32_format(const void *bytes, size_t len, char *out);

#endif
