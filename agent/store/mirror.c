#include "store/mirror.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/file.h"
#include "base/log.h"
#include "store/keeper.h"
#include "store/segment.h"

#define LOG_STEP  ((size_t)4 << 20) /* bytes of the WAL in one batch */
#define BASE_STEP ((size_t)1 << 20)

/* The base being copied: the bytes of the file as they are, while pages change in it. All that changes is in the log too (MIRROR.md). */
struct base_copy {
	uint32_t number; /* 0 = none */
	int fd;
	int64_t done, size; /* bytes */
	struct digest *digest;
};

/* The end of what is on the medium. */
struct chain {
	uint32_t number;   /* segment being written; 0 = nothing is known that could be gone on from */
	bool is_looked_at; /* false: the medium failed since, or was never there */
	bool owes;	   /* the WAL holds committed frames that are not in here */
	uint32_t batches;  /* in it */
	struct wal_place place;
	uint8_t value[DIGEST_LEN];
	int fd;		 /* -1 = the segment has no file yet: it begins with its first batch */
	bool has_before; /* the segment goes on from the one before it */
	uint8_t before[DIGEST_LEN];
	uint32_t base; /* a whole base that the log reaches from; 0 = none */
	int64_t base_bytes, log_bytes;
};

struct mirror {
	const struct mirror_settings *settings;
	struct keeper *keeper;
	struct chain chain;
	struct base_copy copy;
	struct bytes batch, piece;
	pthread_mutex_t state_lock;
	struct mirror_state state; /* under state_lock */
};

/* ---- the medium ---- */

static int no_memory(struct fault *fault)
{
	return FAULT(fault, FAULT_MEMORY, "no memory for the mirror");
}

static void close_chain(struct chain *chain)
{
	if (chain->fd >= 0)
		close(chain->fd);
	*chain = (struct chain){.fd = -1};
}

static void stop_copy(struct mirror *mirror)
{
	if (mirror->copy.fd >= 0)
		close(mirror->copy.fd);
	digest_free(mirror->copy.digest);
	mirror->copy = (struct base_copy){.fd = -1};
}

static char *copy_path(const struct mirror *mirror)
{
	char *path;

	return asprintf(&path, "%s/base.part", mirror->settings->dir) < 0 ? NULL : path;
}

static int check_disk(const struct mirror *mirror, struct fault *fault)
{
	struct stat store, medium;

	if (stat(mirror->settings->dir, &medium) != 0)
		return FAULT(fault, FAULT_IO, "%s: %s; is the medium there and mounted?", mirror->settings->dir,
			strerror(errno));
	if (mirror->settings->may_share_disk || stat(mirror->settings->store_dir, &store) != 0 ||
		store.st_dev != medium.st_dev)
		return 0;
	return FAULT(
		fault, FAULT_CONFIG, "%s lies on the disk of the store; is the medium mounted?", mirror->settings->dir);
}

/* The tail of a base file: 0; 1 when it is none of this store's. */
static int read_base_tail(const struct mirror *mirror, uint32_t number, struct base_tail *ret, int64_t *ret_bytes)
{
	CLEANUP(freep) char *path = base_path(mirror->settings->dir, number);
	CLEANUP(closep) int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	uint8_t bytes[BASE_TAIL_LEN];
	struct stat info;

	if (fd < 0 || fstat(fd, &info) != 0 || info.st_size < BASE_TAIL_LEN ||
		pread(fd, bytes, sizeof(bytes), info.st_size - BASE_TAIL_LEN) != BASE_TAIL_LEN)
		return 1;
	*ret_bytes = info.st_size;
	return base_tail_read(bytes, ret) || strcmp(ret->store, keeper_store_id(mirror->keeper)) != 0;
}

/* The newest base from which every segment up to the last one is there. */
static void find_base(struct mirror *mirror, const struct segment_list *list)
{
	struct chain *chain = &mirror->chain;

	for (size_t i = 0; i < list->base_count; i++) {
		struct base_tail tail;
		int64_t bytes = 0, log_bytes = 0;
		uint32_t number = list->bases[i];
		bool is_there = read_base_tail(mirror, number, &tail, &bytes) == 0 && number <= chain->number &&
				(tail.last_number < chain->number ||
					(tail.last_number == chain->number && tail.last_batches <= chain->batches));

		for (; is_there && number <= chain->number; number++) {
			CLEANUP(freep) char *path = segment_path(mirror->settings->dir, number);
			struct stat info;

			is_there = path && stat(path, &info) == 0;
			log_bytes += is_there ? info.st_size : 0;
		}
		if (!is_there)
			continue;
		chain->base = list->bases[i];
		chain->base_bytes = bytes;
		chain->log_bytes = log_bytes;
		return;
	}
}

static int start_copy(struct mirror *mirror, struct fault *fault)
{
	CLEANUP(freep) char *path = copy_path(mirror);
	struct base_copy *copy = &mirror->copy;
	struct statvfs room;
	int64_t size = 0;
	int result;

	stop_copy(mirror);
	if (!path)
		return no_memory(fault);
	result = file_remove(path, fault);
	if (!result)
		result = keeper_file_size(mirror->keeper, &size, fault);
	if (!result && statvfs(mirror->settings->dir, &room) == 0 &&
		(uint64_t)room.f_bavail * room.f_frsize < (uint64_t)size)
		result = FAULT(fault, FAULT_IO, "%s has no room for a copy of the store, %lld MB; make room there",
			mirror->settings->dir, (long long)(size >> 20) + 1);
	if (!result)
		result = file_open_growing(path, &copy->fd, fault);
	copy->digest = digest_new();
	copy->number = mirror->chain.number;
	copy->size = size;
	if (!result && !copy->digest)
		result = no_memory(fault);
	return result;
}

/* A new chain begins with frame 1: whatever the database does not hold yet is in the WAL. */
static int start_chain(struct mirror *mirror, uint32_t last, const struct wal_head *head, struct fault *fault)
{
	struct chain *chain = &mirror->chain;

	close_chain(chain);
	chain->number = last + 1;
	chain->is_looked_at = true;
	chain->owes = head->frames > 0;
	memcpy(chain->place.salt, head->salt, WAL_SALT_LEN);
	return start_copy(mirror, fault);
}

/* What the last segment says, cut behind its last whole batch. 0; 1 when it is no segment; < 0. */
static int read_chain(struct mirror *mirror, uint32_t number, struct chain *ret, struct fault *fault)
{
	CLEANUP(freep) char *path = segment_path(mirror->settings->dir, number);
	CLEANUP(segment_done) struct segment segment = {.fd = -1};
	int result;

	if (!path)
		return no_memory(fault);
	result = segment_open(&segment, path, fault);
	if (result)
		return result;
	if (strcmp(segment.head.store, keeper_store_id(mirror->keeper)) != 0 || segment.head.number != number)
		return FAULT(fault, FAULT_CONFIG, "%s holds the mirror of another store; give this one an empty folder",
			mirror->settings->dir);
	while ((result = segment_next(&segment, fault)) == 0)
		;
	if (result < 0)
		return result;
	*ret = (struct chain){.number = number, .batches = segment.batches, .place = segment.place, .fd = -1};
	memcpy(ret->value, segment.chain, DIGEST_LEN);
	result = file_open_growing(path, &ret->fd, fault);
	if (!result && ftruncate(ret->fd, segment.end) != 0)
		result = FAULT(fault, FAULT_IO, "%s: %s", path, strerror(errno));
	if (result && ret->fd >= 0) {
		close(ret->fd);
		ret->fd = -1;
	}
	return result;
}

/* Where we were when the medium failed, while the WAL was held all the time: the end of the segment, or that of the one before it. */
static bool is_known(const struct chain *known, const struct chain *found)
{
	if (known->number == found->number)
		return memcmp(known->value, found->value, DIGEST_LEN) == 0;
	return known->has_before && !known->batches && known->number == found->number + 1 &&
	       memcmp(known->before, found->value, DIGEST_LEN) == 0;
}

/* The last segment with a whole head: what a crash left behind it is none. 0; 1 when there is none; < 0. */
static int find_chain(struct mirror *mirror, uint32_t last, struct chain *ret, struct fault *fault)
{
	int result = 1;

	for (uint32_t number = last; result == 1 && number > 0 && last - number < 2; number--)
		result = read_chain(mirror, number, ret, fault);
	return result;
}

/* A store that may be a copy knows less than the mirror of its original, which must not make room for it. */
static int spare(struct mirror *mirror, const struct segment_list *list, struct fault *fault)
{
	struct hold hold = {.kind = HOLD_NONE};
	int result = list->base_count ? keeper_hold_get(mirror->keeper, &hold, fault) : 0;

	if (result || hold.kind == HOLD_NONE)
		return result;
	return FAULT(fault, FAULT_CONFIG, "%s may know more than this store, which is a copy until `hoadon adopt`",
		mirror->settings->dir);
}

/* Look at the medium, at the start and after each failure: does its log go on into the WAL as it is? */
static int attach(struct mirror *mirror, const struct wal_head *head, struct fault *fault)
{
	CLEANUP(freep) uint32_t *bases = NULL;
	struct segment_list list;
	struct chain found = {.fd = -1};
	bool is_there;
	int result = check_disk(mirror, fault);

	stop_copy(mirror);
	if (!result)
		result = segment_list_read(mirror->settings->dir, &list, fault);
	if (result)
		return result;
	bases = list.bases;
	result = find_chain(mirror, list.last_log, &found, fault);
	if (result < 0)
		return result;
	is_there = keeper_is_at(mirror->keeper, head, &found.place);
	if (result || (!is_there && !is_known(&mirror->chain, &found))) {
		close_chain(&found);
		result = spare(mirror, &list, fault);
		return result ? result : start_chain(mirror, list.last_log, head, fault);
	}
	close_chain(&mirror->chain);
	mirror->chain = found;
	mirror->chain.is_looked_at = true;
	mirror->chain.owes = is_there && found.place.frame < head->frames;
	find_base(mirror, &list);
	return mirror->chain.base ? 0 : start_copy(mirror, fault);
}

static int begin_segment(struct mirror *mirror, const struct wal_head *head, struct fault *fault)
{
	struct chain *chain = &mirror->chain;
	CLEANUP(freep) char *path = segment_path(mirror->settings->dir, chain->number);
	struct segment_head segment = {.number = chain->number, .page_size = head->page_size};
	uint8_t bytes[SEGMENT_HEAD_LEN];
	int result;

	if (!path)
		return no_memory(fault);
	memcpy(segment.store, keeper_store_id(mirror->keeper), sizeof(segment.store));
	memcpy(segment.salt, chain->place.salt, WAL_SALT_LEN);
	if (chain->has_before)
		memcpy(segment.before, chain->before, DIGEST_LEN);
	segment_head_write(&segment, bytes, chain->value);
	/* What a crash in here left is no segment: nothing was shipped with it. */
	result = file_remove(path, fault);
	if (!result)
		result = file_open_growing(path, &chain->fd, fault);
	chain->log_bytes += SEGMENT_HEAD_LEN;
	return result ? result : file_grow(chain->fd, path, bytes, sizeof(bytes), fault);
}

/* The WAL was reset, which it only is when all of it was read: its next life is the next segment. */
static int next_segment(struct mirror *mirror, const struct wal_head *head, struct fault *fault)
{
	struct chain *chain = &mirror->chain;
	int64_t most = mirror->settings->log_max;

	if (chain->fd >= 0) {
		close(chain->fd);
		chain->fd = -1;
		chain->number++;
		chain->batches = 0;
		chain->has_before = true;
		memcpy(chain->before, chain->value, DIGEST_LEN);
	}
	chain->place = (struct wal_place){0};
	memcpy(chain->place.salt, head->salt, WAL_SALT_LEN);
	if (mirror->copy.number || chain->log_bytes < most || chain->log_bytes < chain->base_bytes)
		return 0;
	return start_copy(mirror, fault);
}

/* One batch to the medium; @place is where the log is when it is there. */
static int write_batch(
	struct mirror *mirror, const struct wal_head *head, const struct wal_place *place, struct fault *fault)
{
	struct chain *chain = &mirror->chain;
	CLEANUP(freep) char *path = segment_path(mirror->settings->dir, chain->number);
	uint8_t value[DIGEST_LEN];
	int result = path ? 0 : no_memory(fault);

	if (mirror->batch.len <= SEGMENT_BATCH_HEAD)
		return result;
	if (!result && chain->fd < 0)
		result = begin_segment(mirror, head, fault);
	if (result)
		return result;
	memcpy(value, chain->value, DIGEST_LEN);
	segment_batch_squeeze(&mirror->batch, head->page_size);
	segment_batch_end(
		&mirror->batch, chain->batches + 1, clock_now_ms(mirror->settings->clock), place->frame, value);
	result = bytes_check(&mirror->batch, "a batch of the mirror", fault);
	if (!result)
		result = file_grow(chain->fd, path, mirror->batch.data, mirror->batch.len, fault);
	if (result)
		return result;
	chain->log_bytes += (int64_t)mirror->batch.len;
	chain->batches++;
	chain->place = *place;
	memcpy(chain->value, value, DIGEST_LEN);
	return 0;
}

/* ---- the base ---- */

/* Synced piece by piece, so that no sync of the log ever waits for more than one. */
static int copy_piece(struct mirror *mirror, struct fault *fault)
{
	struct base_copy *copy = &mirror->copy;
	int64_t left = copy->size - copy->done, len = left < (int64_t)BASE_STEP ? left : (int64_t)BASE_STEP;
	CLEANUP(freep) char *path = copy_path(mirror);
	int result = path ? keeper_file_read(mirror->keeper, copy->done, (size_t)len, &mirror->piece, fault)
			  : no_memory(fault);

	if (!result)
		result = file_grow(copy->fd, path, mirror->piece.data, mirror->piece.len, fault);
	if (result)
		return result;
	digest_add(copy->digest, mirror->piece.data, mirror->piece.len);
	copy->done += len;
	return 0;
}

/* What only an older base needs. A file that cannot be removed now is one at the next base. */
static void remove_older(const struct mirror *mirror, uint32_t number)
{
	CLEANUP(freep) uint32_t *bases = NULL;
	struct segment_list list;

	if (segment_list_read(mirror->settings->dir, &list, NULL) < 0)
		return;
	bases = list.bases;
	for (size_t i = 0; i < list.base_count; i++) {
		CLEANUP(freep) char *path = base_path(mirror->settings->dir, list.bases[i]);

		if (path && list.bases[i] < number)
			(void)!file_remove(path, NULL);
	}
	for (uint32_t i = number - 1; i > 0; i--) {
		CLEANUP(freep) char *path = segment_path(mirror->settings->dir, i);

		if (!path || !file_exists(path) || file_remove(path, NULL) < 0)
			return;
	}
}

/* Called when the log holds all that was committed before the last piece was read: now, and not before, the base is one. */
static int end_copy(struct mirror *mirror, const struct wal_head *head, struct fault *fault)
{
	struct base_copy *copy = &mirror->copy;
	struct chain *chain = &mirror->chain;
	CLEANUP(freep) char *from = copy_path(mirror);
	CLEANUP(freep) char *to = base_path(mirror->settings->dir, copy->number);
	struct base_tail tail = {.number = copy->number,
		.page_size = head->page_size,
		.last_number = chain->number,
		.last_batches = chain->batches};
	uint8_t bytes[BASE_TAIL_LEN];
	int result;

	if (!from || !to)
		return no_memory(fault);
	memcpy(tail.store, keeper_store_id(mirror->keeper), sizeof(tail.store));
	digest_end(copy->digest, tail.digest);
	base_tail_write(&tail, bytes);
	result = file_grow(copy->fd, from, bytes, sizeof(bytes), fault);
	/* A base without any frame behind it needs a segment all the same, so that its log has a beginning. */
	if (!result && chain->fd < 0)
		result = begin_segment(mirror, head, fault);
	if (!result)
		result = file_move(from, to, fault);
	if (result)
		return result;
	chain->base = copy->number;
	chain->base_bytes = copy->size;
	chain->log_bytes = 0;
	stop_copy(mirror);
	remove_older(mirror, chain->base);
	log_event(LOG_LEVEL_INFO, "mirror-base", "number=%u bytes=%lld", chain->base, (long long)chain->base_bytes);
	return 0;
}

/* ---- one step ---- */

static bool is_log_there(const struct mirror *mirror)
{
	CLEANUP(freep) char *path = segment_path(mirror->settings->dir, mirror->chain.number);
	struct stat by_name, by_fd;

	if (mirror->chain.fd < 0)
		return file_exists(mirror->settings->dir);
	return path && stat(path, &by_name) == 0 && fstat(mirror->chain.fd, &by_fd) == 0 &&
	       by_name.st_dev == by_fd.st_dev && by_name.st_ino == by_fd.st_ino;
}

/* The committed frames behind the log, to the medium. 0 when the log has all of them, 1 when more waits, < 0. */
static int write_news(struct mirror *mirror, struct wal_head *ret_head, struct fault *fault)
{
	struct chain *chain = &mirror->chain;
	struct wal_place place = chain->place;
	struct keeper_news news;
	int result;

	segment_batch_begin(&mirror->batch);
	result =
		keeper_read(mirror->keeper, &place, LOG_STEP, mirror->settings->wal_turn, &mirror->batch, &news, fault);
	*ret_head = news.head;
	if (result == 1 && !chain->owes)
		result = next_segment(mirror, &news.head, fault);
	else if (result == 1)
		/* Reset under us: when this chain began there was no hold on it yet. */
		close_chain(chain);
	else if (!result)
		result = write_batch(mirror, &news.head, &place, fault);
	if (result < 0 && news.is_turned)
		close_chain(chain);
	if (result)
		return result;
	chain->owes = chain->place.frame < news.head.frames;
	return chain->owes;
}

/* 0 when all that was committed when it began is on the medium; 1 when more waits; < 0. */
static int ship(struct mirror *mirror, struct fault *fault)
{
	struct wal_head head;
	bool is_copied = mirror->copy.number && mirror->copy.done == mirror->copy.size, was_let_go = false;
	int result = keeper_head(mirror->keeper, &head, &was_let_go, fault);

	if (result)
		return result;
	if (was_let_go)
		close_chain(&mirror->chain);
	if (!mirror->chain.is_looked_at) {
		result = attach(mirror, &head, fault);
		return result ? result : 1;
	}
	if (!is_log_there(mirror))
		return FAULT(fault, FAULT_IO, "%s is not what was written there before; is the medium mounted?",
			mirror->settings->dir);
	result = write_news(mirror, &head, fault);
	if (!result && is_copied)
		result = end_copy(mirror, &head, fault);
	return result ? result : keeper_advance(mirror->keeper, fault);
}

static void note(struct mirror *mirror, int result, int64_t began, const struct fault *fault)
{
	struct mirror_state *state = &mirror->state;

	pthread_mutex_lock(&mirror->state_lock);
	state->is_there = result >= 0;
	state->is_whole = result >= 0 ? mirror->chain.base != 0 : state->is_whole;
	state->base_done = mirror->copy.done;
	state->base_size = mirror->copy.size;
	if (result == 0 && mirror->chain.base)
		state->safe_at = began;
	if (result >= 0)
		state->gone_at = 0;
	else if (!state->gone_at)
		state->gone_at = clock_now_ms(mirror->settings->clock);
	snprintf(state->reason, sizeof(state->reason), "%s", result < 0 && fault ? fault->text : "");
	pthread_mutex_unlock(&mirror->state_lock);
}

int mirror_step(struct mirror *mirror, struct fault *fault)
{
	int64_t began = clock_mono_ms(NULL);
	int result = ship(mirror, fault);
	bool is_safe = result == 0;

	if (result >= 0 && mirror->copy.number && mirror->copy.done < mirror->copy.size) {
		int copied = copy_piece(mirror, fault);

		result = copied ? copied : result;
	}
	if (result < 0) {
		/* The next step looks at the medium; what is known of its end stays, to be compared (is_known()). */
		stop_copy(mirror);
		mirror->chain.is_looked_at = false;
		if (mirror->chain.fd >= 0)
			close(mirror->chain.fd);
		mirror->chain.fd = -1;
	}
	note(mirror, result < 0 ? result : !is_safe, began, fault);
	if (result == 0 && mirror->copy.number)
		return 1;
	return result;
}

void mirror_guard(struct mirror *mirror, int64_t most)
{
	if (keeper_guard(mirror->keeper, most))
		log_event(LOG_LEVEL_WARNING, "mirror-too-far-behind", "wal_max=%lld", (long long)most);
}

void mirror_state_get(struct mirror *mirror, struct mirror_state *ret)
{
	pthread_mutex_lock(&mirror->state_lock);
	*ret = mirror->state;
	pthread_mutex_unlock(&mirror->state_lock);
}

int mirror_new(const struct mirror_settings *settings, struct mirror **ret, struct fault *fault)
{
	CLEANUP(mirror_freep) struct mirror *mirror = calloc(1, sizeof(*mirror));
	int result;

	if (!mirror)
		return no_memory(fault);
	mirror->settings = settings;
	mirror->chain.fd = mirror->copy.fd = -1;
	pthread_mutex_init(&mirror->state_lock, NULL);
	bytes_init(&mirror->batch, SEGMENT_BATCH_HEAD + SEGMENT_BATCH_MAX + DIGEST_LEN);
	bytes_init(&mirror->piece, BASE_STEP);
	result = keeper_new(settings->store_dir, settings->clock, settings->seller, &mirror->keeper, fault);
	if (result)
		return result;
	*ret = mirror;
	mirror = NULL;
	return 0;
}

void mirror_free(struct mirror *mirror)
{
	if (!mirror)
		return;
	stop_copy(mirror);
	close_chain(&mirror->chain);
	keeper_free(mirror->keeper);
	bytes_done(&mirror->batch);
	bytes_done(&mirror->piece);
	pthread_mutex_destroy(&mirror->state_lock);
	free(mirror);
}
