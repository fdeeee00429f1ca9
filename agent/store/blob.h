/*
 * blob: one codec byte in front of every stored blob (house 8.5): 0 raw, 1 zstd, 2 zstd + 4-byte dictionary id. The high bit says that what
 * follows is sealed with the store's key (schemas/store/SEAL.md).
 */
#ifndef HOADON_STORE_BLOB_H
#define HOADON_STORE_BLOB_H

#include "base/bytes.h"
#include "base/gcm.h"
#include "store/store.h"

#define BLOB_PLAIN_MAX ((size_t)64 << 20) /* unpacked; the largest frame is a bulk body */
/* A blob as stored is at most so much longer: the codec, and what sealing adds. */
#define BLOB_STORED_MAX (BLOB_PLAIN_MAX + 1 + GCM_NONCE_LEN + GCM_TAG_LEN)

/* Where a blob stands. What is sealed opens there alone. */
struct blob_at {
	const char
		*column; /* "table.column"; NULL = never sealed, as the ledger, which shall be read without any key */
	int64_t id;	 /* of its row */
};

#define BLOB_AT_LEDGER	      ((struct blob_at){NULL, 0})
#define BLOB_AT_FRAME(id)     ((struct blob_at){"frame.bytes", id})
#define BLOB_AT_INVOICE(id)   ((struct blob_at){"invoice_bytes.xml", id})
#define BLOB_AT_HEAD(id)      ((struct blob_at){"message_bytes.head", id})
#define BLOB_AT_SIGNATURE(id) ((struct blob_at){"message_bytes.signature", id})
#define BLOB_AT_VERDICT(id)   ((struct blob_at){"verdict.raw", id})

/** blob_encode() - @len bytes as stored at @at, appended to @out: the smallest of the codecs, sealed when the handle seals. 0 or < 0. */
int blob_encode(struct store *store, struct blob_at at, const void *bytes, size_t len, struct bytes *out,
	struct fault *fault) MUST_CHECK;
/**
 * blob_decode() - the plain bytes of what is stored at @at, appended to @out (its maximum caps a bomb)
 *
 * Return: 0; FAULT_CONFIG when it is sealed and the handle has no key; FAULT_FORMAT for an unknown codec or a broken blob, never raw bytes; < 0.
 */
int blob_decode(struct store *store, struct blob_at at, const void *blob, size_t len, struct bytes *out,
	struct fault *fault) MUST_CHECK;

#endif
