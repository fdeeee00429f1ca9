/* seal: the store's key, under which what shops and buyers said is sealed at rest (schemas/store/SEAL.md). */
#ifndef HOADON_STORE_SEAL_H
#define HOADON_STORE_SEAL_H

#include "base/gcm.h"
#include "store/store.h"

/** seal_key_read() - the key in file @path: 64 hex digits, and line ends. Return: 0; 1 when there is none that can be read, with a sentence in @fault. Thread: any. */
int seal_key_read(const char *path, uint8_t ret[GCM_KEY_LEN], struct fault *fault) MUST_CHECK;

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

#endif
