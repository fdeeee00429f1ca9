#include "store/walfile.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define MAGIC_LITTLE  0x377f0682U /* checksums over little-endian words; the lowest bit set: big-endian */
#define VERSION	      3007000U
#define SCHEMA_AT     60 /* user_version in page 1 */
#define INDEX_SUMMED  40 /* bytes of the WAL-index header in front of its checksum */
#define INDEX_LEN     48
#define FRAME_SUMMED  8 /* bytes of a frame's head that its checksum covers */
#define PAGE_SIZE_MIN 512U
#define PAGE_SIZE_MAX 65536U

static uint32_t big(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint32_t little(const uint8_t *bytes)
{
	return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

/* File format 4.2. @len is a multiple of 8. */
static void add_sum(uint32_t sum[2], const uint8_t *bytes, size_t len, bool is_big)
{
	for (size_t i = 0; i < len; i += 8) {
		sum[0] += (is_big ? big(bytes + i) : little(bytes + i)) + sum[1];
		sum[1] += (is_big ? big(bytes + i + 4) : little(bytes + i + 4)) + sum[0];
	}
}

/* The WAL-index belongs to one machine: numbers in its own order. */
static uint32_t own(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

static void copy_shared(uint8_t *to, const volatile uint8_t *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = from[i];
}

static bool is_whole(const uint8_t copy[INDEX_LEN])
{
	const uint16_t one = 1;
	uint32_t sum[2] = {0, 0};

	add_sum(sum, copy, INDEX_SUMMED, *(const uint8_t *)&one == 0);
	return own(copy) == VERSION && copy[12] == 1 && sum[0] == own(copy + 40) && sum[1] == own(copy + 44);
}

int wal_head_read(const volatile void *index, struct wal_head *ret)
{
	const volatile uint8_t *bytes = index;
	uint8_t first[INDEX_LEN], second[INDEX_LEN];
	uint16_t size;

	/* The writer fills the second copy first: equal copies were not being written in between. */
	copy_shared(first, bytes, INDEX_LEN);
	atomic_thread_fence(memory_order_seq_cst);
	copy_shared(second, bytes + INDEX_LEN, INDEX_LEN);
	if (memcmp(first, second, INDEX_LEN) != 0 || !is_whole(first))
		return 1;
	memcpy(&size, first + 14, sizeof(size));
	*ret = (struct wal_head){.frames = own(first + 16),
		.page_size = size == 1 ? PAGE_SIZE_MAX : size,
		.sum = {own(first + 24), own(first + 28)}};
	memcpy(ret->salt, first + 32, WAL_SALT_LEN);
	return 0;
}

static int read_at(int fd, void *out, size_t len, uint64_t offset, struct fault *fault)
{
	ssize_t got;

	do
		got = pread(fd, out, len, (off_t)offset);
	while (got < 0 && errno == EINTR);
	if (got == (ssize_t)len)
		return 0;
	return FAULT(fault, FAULT_IO, "the WAL cannot be read: %s", got < 0 ? strerror(errno) : "it ends too early");
}

static uint64_t offset_of(uint32_t frame, uint32_t page_size)
{
	return WAL_HEAD_LEN + (uint64_t)frame * (WAL_FRAME_HEAD_LEN + page_size);
}

static int is_broken(struct fault *fault)
{
	return FAULT(fault, FAULT_FORMAT, "the WAL is not what its index says; look at the disk with fsck");
}

/* The head of the file: byte order of the checksums, and where their chain begins. */
static int read_file_head(int fd, const struct wal_head *head, bool *ret_big, uint32_t sum[2], struct fault *fault)
{
	uint8_t bytes[WAL_HEAD_LEN];
	int result = read_at(fd, bytes, sizeof(bytes), 0, fault);

	if (result)
		return result;
	sum[0] = sum[1] = 0;
	*ret_big = big(bytes) & 1;
	add_sum(sum, bytes, WAL_FRAME_HEAD_LEN, *ret_big);
	if ((big(bytes) & ~1U) != MAGIC_LITTLE || big(bytes + 4) != VERSION || big(bytes + 8) != head->page_size ||
		head->page_size < PAGE_SIZE_MIN || memcmp(bytes + 16, head->salt, WAL_SALT_LEN) != 0 ||
		sum[0] != big(bytes + 24) || sum[1] != big(bytes + 28))
		return is_broken(fault);
	return 0;
}

/* One frame at the end of @ret. */
static int read_frame(int fd, const struct wal_head *head, bool is_big, struct wal_place *place, struct bytes *ret,
	struct fault *fault)
{
	size_t len = WAL_FRAME_HEAD_LEN + head->page_size;
	uint8_t *frame;
	uint32_t stored[2];
	int result;

	if (!bytes_reserve(ret, len))
		return FAULT(fault, FAULT_MEMORY, "a transaction of the WAL is larger than %zu bytes", ret->max);
	frame = ret->data + ret->len;
	result = read_at(fd, frame, len, offset_of(place->frame, head->page_size), fault);
	if (result)
		return result;
	add_sum(place->sum, frame, FRAME_SUMMED, is_big);
	add_sum(place->sum, frame + WAL_FRAME_HEAD_LEN, head->page_size, is_big);
	wal_frame_sum(frame, stored);
	if (memcmp(frame + 8, head->salt, WAL_SALT_LEN) != 0 || memcmp(stored, place->sum, sizeof(stored)) != 0)
		return is_broken(fault);
	ret->len += len;
	place->frame++;
	return 0;
}

int wal_read(int fd, const struct wal_head *head, struct wal_place *place, size_t most, struct bytes *ret,
	struct fault *fault)
{
	struct wal_place at = *place;
	size_t start = ret->len;
	bool is_big = false, is_end = true;
	uint32_t sum[2];
	int result;

	if (memcmp(at.salt, head->salt, WAL_SALT_LEN) != 0 || at.frame > head->frames)
		return 1;
	if (at.frame == head->frames)
		return 0;
	result = read_file_head(fd, head, &is_big, sum, fault);
	if (!at.frame)
		memcpy(at.sum, sum, sizeof(sum));
	while (!result && at.frame < head->frames && !(is_end && ret->len - start >= most)) {
		size_t frame = ret->len;

		result = read_frame(fd, head, is_big, &at, ret, fault);
		is_end = !result && wal_frame_pages(ret->data + frame) != 0;
	}
	if (!result && at.frame == head->frames && (!is_end || memcmp(at.sum, head->sum, sizeof(at.sum)) != 0))
		result = is_broken(fault);
	if (result)
		ret->len = start;
	else
		*place = at;
	return result;
}

bool wal_is_at(int fd, const struct wal_head *head, const struct wal_place *place)
{
	static const uint8_t no_salt[WAL_SALT_LEN];
	uint8_t frame[WAL_FRAME_HEAD_LEN];
	uint32_t sum[2];

	/* A WAL that was never written has no salt: that says nothing about what was before. */
	if (memcmp(place->salt, no_salt, WAL_SALT_LEN) == 0 || memcmp(place->salt, head->salt, WAL_SALT_LEN) != 0 ||
		place->frame > head->frames)
		return false;
	if (!place->frame)
		return true;
	if (read_at(fd, frame, sizeof(frame), offset_of(place->frame - 1, head->page_size), NULL) < 0)
		return false;
	wal_frame_sum(frame, sum);
	return memcmp(frame + 8, place->salt, WAL_SALT_LEN) == 0 && memcmp(sum, place->sum, sizeof(sum)) == 0;
}

uint32_t wal_frame_page(const uint8_t *frame)
{
	return big(frame);
}

uint32_t wal_frame_pages(const uint8_t *frame)
{
	return big(frame + 4);
}

uint32_t wal_frame_schema(const uint8_t *frame)
{
	return wal_frame_page(frame) == 1 ? big(frame + WAL_FRAME_HEAD_LEN + SCHEMA_AT) : 0;
}

void wal_frame_sum(const uint8_t *frame, uint32_t ret[2])
{
	ret[0] = big(frame + 16);
	ret[1] = big(frame + 20);
}
