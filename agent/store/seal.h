/* seal: the store's key, under which what shops and buyers said is sealed at rest (schemas/store/SEAL.md). */
#ifndef HOADON_STORE_SEAL_H
#define HOADON_STORE_SEAL_H

#include "base/gcm.h"
#include "store/store.h"

/** seal_key_write() - @key as its file has it, 64 hex digits and a line end, appended to @out. */
void seal_key_write(const uint8_t key[GCM_KEY_LEN], struct bytes *out);
/** seal_key_parse() - @text is 64 hex digits, and line ends. 0; 1. */
int seal_key_parse(const struct bytes *text, uint8_t ret[GCM_KEY_LEN]) MUST_CHECK;
/** seal_key_read() - the key in file @path: 64 hex digits, and line ends. Return: 0; 1 when there is none that can be read, with a sentence in @fault. Thread: any. */
int seal_key_read(const char *path, uint8_t ret[GCM_KEY_LEN], struct fault *fault) MUST_CHECK;

/** store_seal_check() - whether @key, NULL = none, is the one that @store is sealed with. 0; STORE_NONE when nothing is sealed yet; STORE_LOCKED; < 0. Thread: owner of @store. */
int store_seal_check(struct store *store, const uint8_t *key, struct fault *fault) MUST_CHECK;

/**
 * store_unlock() - let @store read what is sealed, and with @is_sealing seal what it writes from now on
 * @key_file: file of the store's key; NULL = there is none
 *
 * The first handle that seals notes in the store which key that is; from then on no other key is taken. What was written before stays as it is.
 * Not inside a transaction; one is made only that first time.
 *
 * Return: 0, also without a key when nothing needs one; STORE_LOCKED, with a sentence in @fault, when the store is sealed with a key that is not
 * at hand, or shall seal and has none: sealed blobs are then refused, all else can be read; < 0.
 * Thread: owner of @store.
 */
int store_unlock(struct store *store, const char *key_file, bool is_sealing, struct fault *fault) MUST_CHECK;
/** store_unlock_with() - let @store read what is sealed with @key, which store_seal_check() knows. 0 or < 0. Thread: owner of @store. */
int store_unlock_with(struct store *store, const uint8_t key[GCM_KEY_LEN], struct fault *fault) MUST_CHECK;
/** store_wrapped_get() - the store's key as it was wrapped to the certificate of whoever signs (issue/wrap), DER, appended to @ret. 0; STORE_NONE; < 0. */
int store_wrapped_get(struct store *store, struct bytes *ret, struct fault *fault) MUST_CHECK;
/** store_wrapped_put() - in the place of the one before, in a transaction of its own. 0 or < 0. */
int store_wrapped_put(struct store *store, const struct bytes *der, struct fault *fault) MUST_CHECK;

#endif
