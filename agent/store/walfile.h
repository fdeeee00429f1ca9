/*
 * walfile: SQLite's write-ahead log as bytes: which frames are committed, and their verified copy. Pure but for pread().
 * Source: SQLite "Database File Format" section 4 (the WAL) and "WAL-mode File Format" section 2.1 (the header of the WAL-index).
 */
#ifndef HOADON_STORE_WALFILE_H
#define HOADON_STORE_WALFILE_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/fault.h"

#define WAL_SALT_LEN	   8
#define WAL_HEAD_LEN	   32
#define WAL_FRAME_HEAD_LEN 24
#define WAL_INDEX_LEN	   96 /* two copies of the header */

/* What the WAL-index says is committed. A transaction is in here only after the writer's fsync. */
struct wal_head {
	uint32_t frames; /* committed; 0 = all is in the database */
	uint32_t page_size;
	uint8_t salt[WAL_SALT_LEN]; /* another one after each reset of the WAL */
	uint32_t sum[2];	    /* running checksum behind the last committed frame */
};

/* How far somebody has read. A new reader of a WAL starts with frame 0 and the salt of its head. */
struct wal_place {
	uint32_t frame; /* read so far */
	uint8_t salt[WAL_SALT_LEN];
	uint32_t sum[2]; /* behind that frame */
};

/** wal_head_read() - from the first WAL_INDEX_LEN bytes of the mapped WAL-index; 0, or 1 when it is being written just now (look again). */
int wal_head_read(const volatile void *index, struct wal_head *ret) MUST_CHECK;

/**
 * wal_read() - the committed frames behind @place
 * @fd:    the WAL file
 * @head:  as of now; somebody must keep the WAL from being reset until this returns
 * @place: advanced behind what was read
 * @most:  stop at the first end of a transaction behind this many bytes
 * @ret:   frames are appended as they lie in the file, each WAL_FRAME_HEAD_LEN bytes and a page; whole transactions only
 *
 * Return: 0; 1 when @place is of a WAL that was reset since; FAULT_FORMAT when the bytes are not what the head says; FAULT_IO; FAULT_MEMORY
 * when one transaction is larger than @ret may be. Thread: any.
 */
int wal_read(int fd, const struct wal_head *head, struct wal_place *place, size_t most, struct bytes *ret,
	struct fault *fault) MUST_CHECK;

/** wal_is_at() - whether the frame at @place still stands in the WAL of @head as it did when it was read. */
bool wal_is_at(int fd, const struct wal_head *head, const struct wal_place *place);

/** wal_frame_page() - page number, from 1, of the frame that begins at @frame. */
uint32_t wal_frame_page(const uint8_t *frame);
/** wal_frame_pages() - pages of the database after this frame when it ends a transaction, else 0. */
uint32_t wal_frame_pages(const uint8_t *frame);
/** wal_frame_schema() - user_version of the database when the frame that begins at @frame is of page 1, else 0. Source: SQLite "Database File Format" 1.3. */
uint32_t wal_frame_schema(const uint8_t *frame);
/** wal_frame_sum() - the running checksum that stands in @frame. */
void wal_frame_sum(const uint8_t *frame, uint32_t ret[2]);

#endif
