/*
 * segment: the files of a mirror. log-NNNNNN holds the committed frames of one life of the WAL, base-NNNNNN.db the database as it was
 * while log-NNNNNN and those behind it were written: both together are the store. Format: schemas/store/MIRROR.md. For agent/store only.
 */
#ifndef HOADON_STORE_SEGMENT_H
#define HOADON_STORE_SEGMENT_H

#include "base/bytes.h"
#include "base/digest.h"
#include "base/fault.h"
#include "store/walfile.h"

#define SEGMENT_HEAD_LEN   92
#define SEGMENT_BATCH_HEAD 24
#define SEGMENT_BATCH_MAX  ((size_t)80 << 20) /* one transaction of the largest bulk body */
#define BASE_TAIL_LEN	   88

struct segment_head {
	uint32_t number; /* from 1 */
	uint32_t page_size;
	char store[33];		    /* id, 32 hex */
	uint8_t salt[WAL_SALT_LEN]; /* of the WAL it was read from */
	uint8_t before[DIGEST_LEN]; /* chain at the end of segment number − 1; zeros: nothing before it belongs to it */
};

/** segment_head_write() - the bytes a segment begins with; @ret_chain is the chain behind them. */
void segment_head_write(const struct segment_head *head, uint8_t out[SEGMENT_HEAD_LEN], uint8_t ret_chain[DIGEST_LEN]);
/** segment_batch_begin() - @out becomes an empty batch, to which frames are appended. */
void segment_batch_begin(struct bytes *out);
/** segment_batch_squeeze() - of each page only the last frame: a batch is applied as a whole or not at all. Without memory nothing happens. */
void segment_batch_squeeze(struct bytes *batch, size_t page_size);
/** segment_batch_end() - batch @number (from 1 in a segment), seen at @at_ms and reaching to @frame of the WAL, is complete: head and digest are filled in, @chain moves on. */
void segment_batch_end(struct bytes *batch, uint32_t number, int64_t at_ms, uint32_t frame, uint8_t chain[DIGEST_LEN]);

/* A segment that is being read. */
struct segment {
	int fd;
	struct segment_head head;
	uint8_t chain[DIGEST_LEN]; /* behind what was read */
	int64_t end;		   /* bytes read; what lies behind it at the end was torn */
	uint32_t batches;
	struct wal_place place; /* behind the last frame */
	int64_t at_ms;		/* of the last batch; 0 = none */
	struct bytes batch;	/* the last one */
};
/** segment_open() - read the head of @path: 0; 1 when there is no such file or not a whole head; < 0. Ended by segment_done(), always. */
int segment_open(struct segment *segment, const char *path, struct fault *fault) MUST_CHECK;
/** segment_next() - the next batch: 0; 1 behind the last whole one; < 0. */
int segment_next(struct segment *segment, struct fault *fault) MUST_CHECK;
/** segment_frames() - frames of the batch just read; @ret_count of them, each WAL_FRAME_HEAD_LEN bytes and a page. */
const uint8_t *segment_frames(const struct segment *segment, size_t *ret_count);
/** segment_done() - close and free. */
void segment_done(struct segment *segment);

/* The end of a base: how far the log must reach for the base to be whole, and the digest of all in front. */
struct base_tail {
	uint32_t number; /* the segment that its log begins with */
	uint32_t page_size;
	char store[33];
	uint32_t last_number, last_batches; /* the log must hold that many batches of that segment */
	uint8_t digest[DIGEST_LEN];
};
/** base_tail_write() - the last bytes of a base. */
void base_tail_write(const struct base_tail *tail, uint8_t out[BASE_TAIL_LEN]);
/** base_tail_read() - 0, or 1 when @bytes are no such end. */
int base_tail_read(const uint8_t bytes[BASE_TAIL_LEN], struct base_tail *ret) MUST_CHECK;

/* What lies in a mirror's folder. */
struct segment_list {
	uint32_t last_log; /* highest number; 0 = none */
	uint32_t *bases;   /* highest first; freed with free() */
	size_t base_count;
};
/** segment_list_read() - the files in @dir. 0 or < 0. */
int segment_list_read(const char *dir, struct segment_list *ret, struct fault *fault) MUST_CHECK;
/** segment_path() / base_path() - name of a file in @dir, freed by the caller; NULL without memory. */
char *segment_path(const char *dir, uint32_t number) MUST_CHECK;
char *base_path(const char *dir, uint32_t number) MUST_CHECK;

#endif
