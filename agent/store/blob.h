/* blob: one codec byte in front of every stored blob (house 8.5): 0 raw, 1 zstd, 2 zstd + 4-byte dictionary id; the high bit (sealed) is reserved. */
#ifndef HOADON_STORE_BLOB_H
#define HOADON_STORE_BLOB_H

#include "base/bytes.h"
#include "store/store.h"

/** blob_encode() - @len bytes as stored, appended to @out; the smallest of the codecs. 0 or < 0. */
int blob_encode(struct store *store, const void *bytes, size_t len, struct bytes *out, struct fault *fault) MUST_CHECK;
/** blob_decode() - the plain bytes appended to @out (its maximum caps a bomb). FAULT_FORMAT for an unknown codec or a broken blob, never raw bytes. */
int blob_decode(struct store *store, const void *blob, size_t len, struct bytes *out, struct fault *fault) MUST_CHECK;

#endif
