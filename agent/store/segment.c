#include "store/segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char log_magic[8] = "HOADLOG1", base_magic[8] = "HOADBAS1";

static void put32(uint8_t *out, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t get32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

void segment_head_write(const struct segment_head *head, uint8_t out[SEGMENT_HEAD_LEN], uint8_t ret_chain[DIGEST_LEN])
{
	memcpy(out, log_magic, 8);
	put32(out + 8, head->number);
	put32(out + 12, head->page_size);
	memcpy(out + 16, head->store, 32);
	memcpy(out + 48, head->salt, WAL_SALT_LEN);
	memcpy(out + 56, head->before, DIGEST_LEN);
	put32(out + 88, 0);
	digest_sha256(out, SEGMENT_HEAD_LEN, ret_chain);
}

void segment_batch_begin(struct bytes *out)
{
	static const uint8_t empty[SEGMENT_BATCH_HEAD];

	bytes_clear(out);
	bytes_append(out, empty, sizeof(empty));
}

/* SHA-256(chain ‖ batch). Without memory for a digest the chain is not moved, and the next reader stops there. */
static void move_chain(uint8_t chain[DIGEST_LEN], const void *batch, size_t len)
{
	CLEANUP(digest_freep) struct digest *digest = digest_new();

	if (!digest)
		return;
	digest_add(digest, chain, DIGEST_LEN);
	digest_add(digest, batch, len);
	digest_end(digest, chain);
}

void segment_batch_squeeze(struct bytes *batch, size_t page_size)
{
	size_t len = WAL_FRAME_HEAD_LEN + page_size, count = (batch->len - SEGMENT_BATCH_HEAD) / len;
	CLEANUP(freep) uint32_t *pages = malloc((count + 1) * sizeof(*pages));
	uint8_t *frame = batch->data + SEGMENT_BATCH_HEAD, *to = frame;

	if (!pages)
		return;
	for (size_t i = 0; i < count; i++)
		pages[i] = wal_frame_page(frame + i * len);
	for (size_t i = 0; i < count; i++, frame += len) {
		size_t later = i + 1;

		while (later < count && pages[later] != pages[i])
			later++;
		if (later < count)
			continue;
		memmove(to, frame, len);
		to += len;
	}
	batch->len = (size_t)(to - batch->data);
}

void segment_batch_end(struct bytes *batch, uint32_t number, int64_t at_ms, uint32_t frame, uint8_t chain[DIGEST_LEN])
{
	put32(batch->data, (uint32_t)(batch->len - SEGMENT_BATCH_HEAD));
	put32(batch->data + 4, number);
	put32(batch->data + 8, (uint32_t)((uint64_t)at_ms >> 32));
	put32(batch->data + 12, (uint32_t)at_ms);
	put32(batch->data + 16, frame);
	move_chain(chain, batch->data, batch->len);
	bytes_append(batch, chain, DIGEST_LEN);
}

/* 0; 1 when less is left; < 0. */
static int read_exactly(int fd, void *out, size_t len, int64_t offset, struct fault *fault)
{
	size_t done = 0;

	while (done < len) {
		ssize_t got = pread(fd, (char *)out + done, len - done, (off_t)offset + (off_t)done);

		if (got == 0)
			return 1;
		if (got < 0 && errno != EINTR)
			return FAULT(fault, FAULT_IO, "the mirror cannot be read: %s", strerror(errno));
		if (got > 0)
			done += (size_t)got;
	}
	return 0;
}

int segment_open(struct segment *segment, const char *path, struct fault *fault)
{
	uint8_t bytes[SEGMENT_HEAD_LEN];
	struct segment_head *head = &segment->head;
	int result;

	*segment = (struct segment){.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
	bytes_init(&segment->batch, SEGMENT_BATCH_HEAD + SEGMENT_BATCH_MAX + DIGEST_LEN);
	if (segment->fd < 0)
		return errno == ENOENT ? 1 : FAULT(fault, FAULT_IO, "%s: %s", path, strerror(errno));
	result = read_exactly(segment->fd, bytes, sizeof(bytes), 0, fault);
	if (result)
		return result;
	head->number = get32(bytes + 8);
	head->page_size = get32(bytes + 12);
	memcpy(head->store, bytes + 16, 32);
	memcpy(head->salt, bytes + 48, WAL_SALT_LEN);
	memcpy(head->before, bytes + 56, DIGEST_LEN);
	memcpy(segment->place.salt, head->salt, WAL_SALT_LEN);
	digest_sha256(bytes, sizeof(bytes), segment->chain);
	segment->end = SEGMENT_HEAD_LEN;
	if (head->page_size < 512 || head->page_size > 65536)
		return 1;
	return memcmp(bytes, log_magic, sizeof(log_magic)) != 0;
}

/* 0; 1 when what lies there is not a batch that follows @segment->chain. */
static int check_batch(struct segment *segment, uint32_t len)
{
	struct bytes *batch = &segment->batch;
	uint8_t chain[DIGEST_LEN];

	memcpy(chain, segment->chain, DIGEST_LEN);
	move_chain(chain, batch->data, SEGMENT_BATCH_HEAD + len);
	if (memcmp(chain, batch->data + SEGMENT_BATCH_HEAD + len, DIGEST_LEN) != 0)
		return 1;
	memcpy(segment->chain, chain, DIGEST_LEN);
	return 0;
}

int segment_next(struct segment *segment, struct fault *fault)
{
	size_t frame = WAL_FRAME_HEAD_LEN + segment->head.page_size;
	struct bytes *batch = &segment->batch;
	uint8_t head[SEGMENT_BATCH_HEAD];
	uint32_t len;
	int result = read_exactly(segment->fd, head, sizeof(head), segment->end, fault);

	if (result)
		return result;
	len = get32(head);
	if (len == 0 || len % frame != 0 || len > SEGMENT_BATCH_MAX || get32(head + 4) != segment->batches + 1)
		return 1;
	bytes_clear(batch);
	if (!bytes_reserve(batch, SEGMENT_BATCH_HEAD + len + DIGEST_LEN))
		return FAULT(fault, FAULT_MEMORY, "no memory for %u bytes of the mirror", len);
	batch->len = SEGMENT_BATCH_HEAD + len + DIGEST_LEN;
	result = read_exactly(segment->fd, batch->data, batch->len, segment->end, fault);
	if (!result)
		result = check_batch(segment, len);
	if (result)
		return result;
	segment->end += (int64_t)batch->len;
	segment->batches++;
	segment->at_ms = (int64_t)((uint64_t)get32(head + 8) << 32 | get32(head + 12));
	segment->place.frame = get32(head + 16);
	wal_frame_sum(batch->data + SEGMENT_BATCH_HEAD + len - frame, segment->place.sum);
	return 0;
}

const uint8_t *segment_frames(const struct segment *segment, size_t *ret_count)
{
	*ret_count =
		(segment->batch.len - SEGMENT_BATCH_HEAD - DIGEST_LEN) / (WAL_FRAME_HEAD_LEN + segment->head.page_size);
	return segment->batch.data + SEGMENT_BATCH_HEAD;
}

void segment_done(struct segment *segment)
{
	if (segment->fd >= 0)
		close(segment->fd);
	segment->fd = -1;
	bytes_done(&segment->batch);
}

void base_tail_write(const struct base_tail *tail, uint8_t out[BASE_TAIL_LEN])
{
	memcpy(out, base_magic, 8);
	put32(out + 8, tail->number);
	put32(out + 12, tail->page_size);
	memcpy(out + 16, tail->store, 32);
	put32(out + 48, tail->last_number);
	put32(out + 52, tail->last_batches);
	memcpy(out + 56, tail->digest, DIGEST_LEN);
}

int base_tail_read(const uint8_t bytes[BASE_TAIL_LEN], struct base_tail *ret)
{
	*ret = (struct base_tail){.number = get32(bytes + 8),
		.page_size = get32(bytes + 12),
		.last_number = get32(bytes + 48),
		.last_batches = get32(bytes + 52)};
	memcpy(ret->store, bytes + 16, 32);
	memcpy(ret->digest, bytes + 56, DIGEST_LEN);
	return memcmp(bytes, base_magic, sizeof(base_magic)) != 0;
}

static int higher_first(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? 1 : left > right ? -1 : 0;
}

static bool note_name(struct segment_list *list, const char *name)
{
	uint32_t number = 0, *bases;
	int len = 0;

	if (sscanf(name, "log-%6u%n", &number, &len) == 1 && !name[len]) {
		list->last_log = number > list->last_log ? number : list->last_log;
		return true;
	}
	len = 0;
	if (sscanf(name, "base-%6u.db%n", &number, &len) != 1 || !len || name[len])
		return true;
	bases = realloc(list->bases, (list->base_count + 1) * sizeof(*bases));
	if (!bases)
		return false;
	bases[list->base_count++] = number;
	list->bases = bases;
	return true;
}

int segment_list_read(const char *dir, struct segment_list *ret, struct fault *fault)
{
	CLEANUP(closedirp) DIR *folder = opendir(dir);
	struct segment_list list = {0};
	const struct dirent *entry;

	if (!folder)
		return FAULT(fault, FAULT_IO, "%s: %s; is the medium there and mounted?", dir, strerror(errno));
	while ((entry = readdir(folder)))
		if (!note_name(&list, entry->d_name)) {
			free(list.bases);
			return FAULT(fault, FAULT_MEMORY, "no memory for the files of %s", dir);
		}
	if (list.base_count)
		qsort(list.bases, list.base_count, sizeof(*list.bases), higher_first);
	*ret = list;
	return 0;
}

char *segment_path(const char *dir, uint32_t number)
{
	char *path;

	return asprintf(&path, "%s/log-%06u", dir, number) < 0 ? NULL : path;
}

char *base_path(const char *dir, uint32_t number)
{
	char *path;

	return asprintf(&path, "%s/base-%06u.db", dir, number) < 0 ? NULL : path;
}
