/* wrap: the store's key in the store itself, wrapped to the certificate of whoever signs, so that it is never lost with a disk (schemas/store/SEAL.md). */
#ifndef HOADON_ISSUE_WRAP_H
#define HOADON_ISSUE_WRAP_H

#include "base/envelope.h"
#include "issue/key.h"
#include "store/seal.h"

#define WRAP_DER_MAX 8192

enum wrap_result {
	WRAP_OK = 0,
	WRAP_NONE = 1,	/* no key was wrapped yet */
	WRAP_OTHER = 2, /* it was wrapped to another certificate, or changed */
	WRAP_CANNOT = 3 /* this kind of key only signs */
};

/** wrap_open() - the store's key, out of @store with open @key; it is the one that @store is sealed with. 0; enum wrap_result with a sentence in @fault; < 0. Thread: owner of @store. */
int wrap_open(struct store *store, const struct key *key, uint8_t ret[GCM_KEY_LEN], struct fault *fault) MUST_CHECK;

/**
 * wrap_keep() - see to it that open @key can open the store's key out of @store
 * @key_file: of the store's key; NULL = there is none
 *
 * What opens is left as it is; else the key is wrapped anew, and takes the place of what was there only when it was opened again. Without anything
 * sealed, or without its key, nothing is done.
 *
 * Return: 0; WRAP_CANNOT with a sentence; < 0. Thread: owner of @store; not inside a transaction.
 */
int wrap_keep(struct store *store, const struct key *key, const char *key_file, struct fault *fault) MUST_CHECK;

/** wrap_serial() - serial number (lower-case hex) of the certificate that the store's key is wrapped to. 0; WRAP_NONE; < 0. Thread: owner of @store. */
int wrap_serial(struct store *store, char ret[ENVELOPE_SERIAL_MAX], struct fault *fault) MUST_CHECK;

#endif
