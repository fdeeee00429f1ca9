/* packed: a stream of bytes through zstd into a sealed file, and back. For agent/store only. */
#ifndef HOADON_STORE_PACKED_H
#define HOADON_STORE_PACKED_H

#include "base/sealed.h"

struct packed;

/** packed_write_new() - one zstd frame (RFC 8878) into @sealed, borrowed. packed_read_new() - back out of it. 0 or FAULT_MEMORY. */
int packed_write_new(struct sealed *sealed, struct packed **ret, struct fault *fault) MUST_CHECK;
int packed_read_new(struct sealed *sealed, struct packed **ret, struct fault *fault) MUST_CHECK;
/** packed_free() - NULL is allowed. */
void packed_free(struct packed *packed);
DEFINE_CLEANUP(struct packed *, packed_free)

/** packed_write() - @len bytes at the end. packed_write_end() - nothing follows; ends the sealed file too. 0 or < 0. */
int packed_write(struct packed *packed, const void *bytes, size_t len, struct fault *fault) MUST_CHECK;
int packed_write_end(struct packed *packed, struct fault *fault) MUST_CHECK;
/** packed_read() - exactly the next @len bytes. packed_read_end() - there are no more. 0; FAULT_FORMAT when not so; < 0. */
int packed_read(struct packed *packed, void *out, size_t len, struct fault *fault) MUST_CHECK;
int packed_read_end(struct packed *packed, struct fault *fault) MUST_CHECK;

#endif
