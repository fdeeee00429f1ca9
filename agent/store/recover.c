#include "store/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "store/hold.h"
#include "store/invoices.h"
#include "store/ledger.h"
#include "store/run.h"
#include "store/segment.h"

#define COPY_STEP ((size_t)1 << 20)

struct rebuild {
	const char *mirror_dir;
	char *dir;  /* where the store grows; renamed at the end */
	char *path; /* DIR/current.db */
	int fd;
	struct base_tail tail;
	uint32_t pages;		  /* after the last transaction; 0 = as the base says */
	uint32_t number, batches; /* how far the log reached */
	int64_t at_ms;
	int64_t newer; /* schema */
};

static int no_memory(struct fault *fault)
{
	return FAULT(fault, FAULT_MEMORY, "no memory to recover a store");
}

static int io_fault(struct fault *fault, const char *path)
{
	return FAULT(fault, FAULT_IO, "%s: %s", path, strerror(errno));
}

static int write_at(
	const struct rebuild *rebuild, const uint8_t *bytes, size_t len, int64_t offset, struct fault *fault)
{
	while (len > 0) {
		ssize_t done = pwrite(rebuild->fd, bytes, len, offset);

		if (done < 0 && errno != EINTR)
			return io_fault(fault, rebuild->path);
		if (done > 0) {
			bytes += done;
			len -= (size_t)done;
			offset += done;
		}
	}
	return 0;
}

/* ---- the base ---- */

static int read_tail(int fd, struct base_tail *ret, int64_t *ret_size)
{
	uint8_t bytes[BASE_TAIL_LEN];
	struct stat info;

	if (fstat(fd, &info) != 0 || info.st_size < BASE_TAIL_LEN ||
		pread(fd, bytes, sizeof(bytes), info.st_size - BASE_TAIL_LEN) != BASE_TAIL_LEN)
		return 1;
	*ret_size = info.st_size - BASE_TAIL_LEN;
	return base_tail_read(bytes, ret);
}

/* 0; 1 when the bytes are not those that were written; < 0. */
static int copy_bytes(struct rebuild *rebuild, int fd, int64_t size, struct fault *fault)
{
	CLEANUP(digest_freep) struct digest *digest = digest_new();
	CLEANUP(freep) uint8_t *piece = malloc(COPY_STEP);
	uint8_t value[DIGEST_LEN];

	if (!digest || !piece)
		return no_memory(fault);
	for (int64_t at = 0; at < size;) {
		size_t want = size - at < (int64_t)COPY_STEP ? (size_t)(size - at) : COPY_STEP;
		ssize_t got = pread(fd, piece, want, at);

		if (got <= 0)
			return 1;
		digest_add(digest, piece, (size_t)got);
		if (write_at(rebuild, piece, (size_t)got, at, fault) < 0)
			return FAULT_IO;
		at += got;
	}
	digest_end(digest, value);
	return memcmp(value, rebuild->tail.digest, DIGEST_LEN) != 0;
}

static int copy_base(struct rebuild *rebuild, uint32_t number, struct fault *fault)
{
	CLEANUP(freep) char *path = base_path(rebuild->mirror_dir, number);
	CLEANUP(closep) int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	int64_t size = 0;

	if (fd < 0)
		return path ? 1 : no_memory(fault);
	if (read_tail(fd, &rebuild->tail, &size) || rebuild->tail.number != number)
		return 1;
	if (ftruncate(rebuild->fd, 0) != 0)
		return io_fault(fault, rebuild->path);
	return copy_bytes(rebuild, fd, size, fault);
}

/* ---- the log ---- */

/* The schema that @segment's batch brings the store to; 0 = it leaves it as it is. */
static int64_t schema_of(const struct segment *segment)
{
	size_t count, page = segment->head.page_size;
	const uint8_t *frame = segment_frames(segment, &count);
	int64_t schema = 0;

	for (; count > 0; count--, frame += WAL_FRAME_HEAD_LEN + page)
		if (wal_frame_schema(frame))
			schema = wal_frame_schema(frame);
	return schema;
}

static int apply_batch(struct rebuild *rebuild, const struct segment *segment, struct fault *fault)
{
	size_t count, page = segment->head.page_size;
	const uint8_t *frame = segment_frames(segment, &count);

	for (; count > 0; count--, frame += WAL_FRAME_HEAD_LEN + page) {
		int64_t offset = ((int64_t)wal_frame_page(frame) - 1) * (int64_t)page;

		if (write_at(rebuild, frame + WAL_FRAME_HEAD_LEN, page, offset, fault) < 0)
			return FAULT_IO;
		if (wal_frame_pages(frame))
			rebuild->pages = wal_frame_pages(frame);
	}
	rebuild->at_ms = segment->at_ms;
	return 0;
}

/* All whole batches of one segment. 0; 1 when it does not go on from @chain, which is then where the log ends; < 0. */
static int apply_segment(struct rebuild *rebuild, uint32_t number, uint8_t chain[DIGEST_LEN], struct fault *fault)
{
	CLEANUP(freep) char *path = segment_path(rebuild->mirror_dir, number);
	CLEANUP(segment_done) struct segment segment = {.fd = -1};
	const struct segment_head *head = &segment.head;
	int result = path ? segment_open(&segment, path, fault) : no_memory(fault);

	if (result)
		return result;
	/* What stood before the first one is in the base. */
	if (head->number != number || strcmp(head->store, rebuild->tail.store) != 0 ||
		(number != rebuild->tail.number && memcmp(head->before, chain, DIGEST_LEN) != 0))
		return 1;
	rebuild->number = number;
	rebuild->batches = 0;
	while ((result = segment_next(&segment, fault)) == 0) {
		int64_t schema = schema_of(&segment);

		if (schema > run_newest_schema()) {
			rebuild->newer = schema;
			return 1;
		}
		if (apply_batch(rebuild, &segment, fault) < 0)
			return FAULT_IO;
		rebuild->batches = segment.batches;
	}
	memcpy(chain, segment.chain, DIGEST_LEN);
	return result < 0 ? result : 0;
}

static int apply_log(struct rebuild *rebuild, struct fault *fault)
{
	const struct base_tail *tail = &rebuild->tail;
	uint8_t chain[DIGEST_LEN] = {0};
	int result = 0;

	rebuild->pages = rebuild->number = rebuild->batches = 0;
	rebuild->at_ms = rebuild->newer = 0;
	for (uint32_t number = tail->number; !result; number++)
		result = apply_segment(rebuild, number, chain, fault);
	if (result < 0)
		return result;
	if (rebuild->pages && ftruncate(rebuild->fd, (off_t)rebuild->pages * tail->page_size) != 0)
		return io_fault(fault, rebuild->path);
	/* The base was copied while pages changed: without that much log it is none. */
	return rebuild->number < tail->last_number ||
	       (rebuild->number == tail->last_number && rebuild->batches < tail->last_batches);
}

static int rebuild_file(struct rebuild *rebuild, struct fault *fault)
{
	CLEANUP(freep) uint32_t *bases = NULL;
	struct segment_list list;
	int result = segment_list_read(rebuild->mirror_dir, &list, fault);

	if (result)
		return result;
	bases = list.bases;
	result = 1;
	for (size_t i = 0; result == 1 && i < list.base_count; i++) {
		result = copy_base(rebuild, list.bases[i], fault);
		if (!result)
			result = apply_log(rebuild, fault);
	}
	if (result == 1)
		return FAULT(fault, FAULT_FORMAT, "%s holds no whole copy of a store; nothing was recovered",
			rebuild->mirror_dir);
	if (!result && fsync(rebuild->fd) != 0)
		return io_fault(fault, rebuild->path);
	return result;
}

/* ---- what it is now ---- */

/* SQLite's own look at every page and index; no row is no finding. */
static int check_pages(struct store *store, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_FSCK_FILE);
	const char *text;
	size_t len;
	int result = query_row(&query, fault);

	if (result)
		return result == STORE_NONE ? 0 : result;
	(void)column_int(&query);
	text = column_blob(&query, &len);
	return FAULT(fault, FAULT_FORMAT, "the recovered pages are broken: %.*s", len < 200 ? (int)len : 200, text);
}

static int check(struct store *store, struct recovery *ret, struct fault *fault)
{
	struct ledger_finding finding = {.seq = 0};
	struct ledger_summary summary = {.records = 0};
	int result = check_pages(store, fault);

	if (!result)
		result = ledger_check(store, &finding, &summary, NULL, fault);
	if (result == 1)
		return FAULT(fault, FAULT_FORMAT, "the recovered ledger is broken at record %lld: %s",
			(long long)finding.seq, finding.text);
	if (result)
		return result;
	ret->records = summary.records;
	snprintf(ret->tail, sizeof(ret->tail), "%s", summary.tail);
	return 0;
}

static int describe(struct store *store, struct recovery *ret, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct invoice_row *rows = NULL;
	struct invoice_counts counts;
	size_t count = 0;
	int result = arena ? store_invoice_count(store, &counts, fault) : no_memory(fault);

	if (!result)
		result = store_invoice_list(store, -1, 0, 1, arena, &rows, &count, fault);
	if (result)
		return result;
	snprintf(ret->store, sizeof(ret->store), "%s", store_id(store));
	snprintf(ret->seller, sizeof(ret->seller), "%s", store_seller(store));
	ret->epoch = store_epoch(store);
	ret->invoices = counts.issued + counts.accepted + counts.refused;
	if (!count)
		return 0;
	ret->form = rows[0].form;
	ret->number = rows[0].number;
	ret->issued_at = rows[0].issued_at;
	snprintf(ret->serial, sizeof(ret->serial), "%s", rows[0].serial);
	snprintf(ret->code, sizeof(ret->code), "%s", rows[0].code);
	return 0;
}

static int append_record(struct store *store, const struct recovery *recovery, struct fault *fault)
{
	struct ledger_payload payload;

	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "after_seq", recovery->records);
	ledger_payload_int(&payload, "form", recovery->form);
	ledger_payload_int(&payload, "number", recovery->number);
	ledger_payload_text(&payload, "serial", recovery->serial);
	ledger_payload_int(&payload, "shipped_at", recovery->shipped_at);
	return ledger_append(store, LEDGER_RESTORE, &payload, NULL, fault);
}

static int mark(struct store *store, const struct recovery *recovery, struct fault *fault)
{
	char detail[HOLD_DETAIL_MAX];
	int result = store_begin(store, fault);

	snprintf(detail, sizeof(detail),
		"recovered from a mirror; numbers after %d of serial %s may have been given out", (int)recovery->number,
		recovery->form ? recovery->serial : "-");
	if (result)
		return result;
	result = append_record(store, recovery, fault);
	if (!result)
		result = store_hold_put(store, HOLD_RESTORED, detail, fault);
	return store_end(store, result, fault);
}

/* The last handle to close moves the WAL into the database: one file is left. */
static int check_and_mark(
	const struct rebuild *rebuild, const struct clock *clock, struct recovery *ret, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	int result = store_open(rebuild->dir, STORE_WRITE, clock, NULL, &store, fault);

	ret->shipped_at = rebuild->at_ms;
	ret->newer = rebuild->newer;
	if (!result)
		result = check(store, ret, fault);
	if (!result)
		result = describe(store, ret, fault);
	return result ? result : mark(store, ret, fault);
}

static void remove_file(const char *dir, const char *name)
{
	CLEANUP(freep) char *path = NULL;

	if (asprintf(&path, "%s/%s", dir, name) >= 0)
		unlink(path);
}

static void rebuild_done(struct rebuild *rebuild)
{
	static const char *const names[] = {"current.db", "current.db-wal", "current.db-shm", "current.lock"};

	if (rebuild->fd >= 0)
		close(rebuild->fd);
	for (size_t i = 0; rebuild->dir && i < ARRAY_LEN(names); i++)
		remove_file(rebuild->dir, names[i]);
	if (rebuild->dir)
		rmdir(rebuild->dir);
	free(rebuild->dir);
	free(rebuild->path);
}

static int begin(struct rebuild *rebuild, const char *store_dir, struct fault *fault)
{
	int result;

	if (asprintf(&rebuild->dir, "%s/recovering", store_dir) < 0) {
		rebuild->dir = NULL;
		return no_memory(fault);
	}
	if (asprintf(&rebuild->path, "%s/current.db", rebuild->dir) < 0) {
		rebuild->path = NULL;
		return no_memory(fault);
	}
	result = file_make_dir(rebuild->dir, 0700, fault);
	if (result)
		return result;
	rebuild->fd = open(rebuild->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	return rebuild->fd < 0 ? io_fault(fault, rebuild->path) : 0;
}

int recover_run(const char *mirror_dir, const char *store_dir, const struct clock *clock, struct recovery *ret,
	struct fault *fault)
{
	CLEANUP(rebuild_done) struct rebuild rebuild = {.mirror_dir = mirror_dir, .fd = -1};
	CLEANUP(freep) char *to = NULL;
	struct recovery recovery = {0};
	int result;

	if (asprintf(&to, "%s/current.db", store_dir) < 0) {
		to = NULL;
		return no_memory(fault);
	}
	if (file_exists(to))
		return FAULT(fault, FAULT_CONFIG, "%s is there already; recover into an empty folder", to);
	result = begin(&rebuild, store_dir, fault);
	if (!result)
		result = rebuild_file(&rebuild, fault);
	if (!result)
		result = check_and_mark(&rebuild, clock, &recovery, fault);
	if (!result)
		result = file_give(store_dir, fault);
	if (!result)
		result = file_give(rebuild.dir, fault);
	if (!result)
		result = file_move(rebuild.path, to, fault);
	if (!result)
		*ret = recovery;
	return result;
}
