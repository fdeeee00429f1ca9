/*
 * sealed: a file that only who knows the passphrase can read or make. A head in the clear, then chunks of AES-256-GCM, of which none can
 * be changed, moved, dropped or added (schemas/store/BACKUP.md).
 */
#ifndef HOADON_BASE_SEALED_H
#define HOADON_BASE_SEALED_H

#include <stddef.h>
#include <stdint.h>

#include "base/file.h"

#define SEALED_SALT_LEN	 16
#define SEALED_CHECK_LEN 16
#define SEALED_CHUNK	 65536 /* plain bytes of each chunk but the last */
#define SEALED_TAG_LEN	 16

struct sealed_key {
	uint8_t key[32];
	uint8_t check[SEALED_CHECK_LEN]; /* stands in the head: tells a wrong passphrase from a damaged file */
};

/**
 * sealed_key_derive() - the key that @passphrase and @salt give: scrypt, N = 32768, r = 8, p = 3, 32 MiB for half a second
 * @salt: random, of its own for each file, since the nonces count from 0
 *
 * Return: 0; FAULT_MEMORY, FAULT_CRYPTO. Thread: any.
 * Source: RFC 7914 (scrypt).
 */
int sealed_key_derive(const void *passphrase, size_t len, const uint8_t salt[SEALED_SALT_LEN], struct sealed_key *ret,
	struct fault *fault) MUST_CHECK;

struct sealed;

/**
 * sealed_write_new() - write @head to @out and begin the first chunk
 * @key:  copied
 * @head: in the clear, bound to every chunk
 * @out:  borrowed; kept by the caller after sealed_write_end()
 *
 * Return: 0 or < 0. Thread: one at a time. Source: NIST SP 800-38D (GCM).
 */
int sealed_write_new(const struct sealed_key *key, const void *head, size_t head_len, struct file_part *out,
	struct sealed **ret, struct fault *fault) MUST_CHECK;
/** sealed_write() - @len plain bytes at the end. 0 or < 0. */
int sealed_write(struct sealed *sealed, const void *bytes, size_t len, struct fault *fault) MUST_CHECK;
/** sealed_write_end() - the last chunk; nothing may follow. 0 or < 0. */
int sealed_write_end(struct sealed *sealed, struct fault *fault) MUST_CHECK;

/**
 * sealed_read_new() - read the chunks behind @head
 * @fd:   borrowed, stands behind the head
 * @left: bytes of the file from there to its end
 * @path: borrowed, for sentences
 *
 * Return: 0 or FAULT_MEMORY. Thread: one at a time.
 */
int sealed_read_new(const struct sealed_key *key, const void *head, size_t head_len, int fd, int64_t left,
	const char *path, struct sealed **ret, struct fault *fault) MUST_CHECK;
/** sealed_read() - up to @room plain bytes, each proven before it is given; @ret_len 0 = the end, and it is the one that was written. 0; FAULT_FORMAT when the file was changed or cut; < 0. */
int sealed_read(struct sealed *sealed, void *out, size_t room, size_t *ret_len, struct fault *fault) MUST_CHECK;

/** sealed_free() - NULL is allowed; keys are wiped. */
void sealed_free(struct sealed *sealed);
DEFINE_CLEANUP(struct sealed *, sealed_free)

#endif
