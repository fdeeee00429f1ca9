#include "store/backup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "store/packed.h"
#include "store/run.h"

#define FORMAT_WORD  "hoadon-backup"
#define PAGE_LEN     4096
#define STEP_PAGES   2048
#define STEP_BYTES   ((size_t)STEP_PAGES * PAGE_LEN)
#define ROOM_LEFT    ((int64_t)64 << 20) /* for the tills, while the copy lies beside their store */
#define KEY_FILE_MAX 16384

/* ---- head ---- */

void backup_head_write(const struct backup_head *head, struct bytes *out)
{
	bytes_printf(out, FORMAT_WORD " 1\nstore %s\nseller %s\nepoch %lld\nrecords %lld\nhead ", head->store,
		head->seller, (long long)head->epoch, (long long)head->ledger.seq);
	bytes_hex(out, head->ledger.hash, DIGEST_LEN);
	bytes_printf(out, "\nmade %lld\nsalt ", (long long)head->made_at);
	bytes_hex(out, head->salt, SEALED_SALT_LEN);
	bytes_text(out, "\ncheck ");
	bytes_hex(out, head->check, SEALED_CHECK_LEN);
	bytes_text(out, "\n\n");
}

int backup_head_read(const struct bytes *text, struct backup_head *ret, struct fault *fault)
{
	BYTES_CLEANUP struct bytes again = {.max = BACKUP_HEAD_MAX};
	struct backup_head head = {0};
	char hash[DIGEST_HEX_LEN + 1] = "";
	char salt[2 * SEALED_SALT_LEN + 1] = "";
	char check[2 * SEALED_CHECK_LEN + 1] = "";
	long long epoch = 0;
	long long seq = 0;
	long long made = 0;
	const char *from = text->data ? (const char *)text->data : "";
	int version = 0;

	if (sscanf(from, FORMAT_WORD " %5d\n", &version) != 1)
		return FAULT(fault, FAULT_FORMAT, "it is not a backup of hoadon");
	if (version > 1)
		return FAULT(fault, FAULT_CONFIG, "the backup was made by a newer program; install that one");
	if (sscanf(from,
		    "%*s %*d\nstore %32s\nseller %31s\nepoch %18lld\nrecords %18lld\nhead %64s\nmade %18lld\nsalt "
		    "%32s\ncheck "
		    "%32s\n",
		    head.store, head.seller, &epoch, &seq, hash, &made, salt, check) != 8 ||
		hex_parse(hash, head.ledger.hash, DIGEST_LEN) || hex_parse(salt, head.salt, SEALED_SALT_LEN) ||
		hex_parse(check, head.check, SEALED_CHECK_LEN))
		return FAULT(fault, FAULT_FORMAT, "its head cannot be read");
	head.epoch = epoch;
	head.ledger.seq = seq;
	head.made_at = made;
	ledger_tail(head.ledger.hash, head.ledger.tail);
	/* One spelling only: what sscanf overlooks differs here. */
	backup_head_write(&head, &again);
	if (again.failed || again.len != text->len || memcmp(again.data, from, again.len) != 0)
		return FAULT(fault, FAULT_FORMAT, "its head was changed");
	*ret = head;
	return 0;
}

static int fill_head(struct store *store, struct backup_head *head, struct fault *fault)
{
	snprintf(head->store, sizeof(head->store), "%s", store->id);
	snprintf(head->seller, sizeof(head->seller), "%s", store->seller);
	head->epoch = store->epoch;
	head->made_at = clock_now_ms(store->clock);
	digest_random(head->salt, sizeof(head->salt));
	return ledger_head_get(store, &head->ledger, fault);
}

/* ---- the snapshot ---- */

struct copy { /* of the database, in a file without a name */
	int fd;
	int64_t len;
};

static void copy_done(struct copy *copy)
{
	if (copy->fd >= 0)
		close(copy->fd);
}

static void tell(const struct backup_watch *watch, const char *what, int64_t bytes)
{
	if (watch->progress)
		watch->progress(watch->context, what, bytes >> 20);
}

/* Tills write to the same disk. */
static int check_room(const struct copy *copy, int64_t needed, struct fault *fault)
{
	struct statvfs disk;

	if (fstatvfs(copy->fd, &disk) == 0 && (int64_t)(disk.f_bavail * disk.f_frsize) < needed + ROOM_LEFT)
		return FAULT(fault, FAULT_IO,
			"a backup needs %lld MB free on the disk of the store for a while; make room there",
			(long long)((needed + ROOM_LEFT) >> 20));
	return 0;
}

static int copy_steps(sqlite3_backup *backup, struct copy *copy, const struct backup_watch *watch, struct fault *fault)
{
	int rc = sqlite3_backup_step(backup, 0);
	int result = check_room(copy, (int64_t)sqlite3_backup_pagecount(backup) * PAGE_LEN, fault);

	while (!result && rc == SQLITE_OK) {
		rc = sqlite3_backup_step(backup, STEP_PAGES);
		copy->len = (int64_t)(sqlite3_backup_pagecount(backup) - sqlite3_backup_remaining(backup)) * PAGE_LEN;
		tell(watch, "copy MB", copy->len);
	}
	if (!result && rc != SQLITE_DONE)
		return FAULT(fault, FAULT_IO, "the store cannot be copied: %s; check its disk", sqlite3_errstr(rc));
	return result;
}

static int copy_pages(
	struct store *store, sqlite3 *to, struct copy *copy, const struct backup_watch *watch, struct fault *fault)
{
	sqlite3_backup *backup;
	int result;
	int rc = sqlite3_exec(to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;", NULL, NULL, NULL);

	backup = rc == SQLITE_OK ? sqlite3_backup_init(to, "main", store->db, "main") : NULL;
	if (!backup)
		return FAULT(fault, FAULT_STORE, "the store cannot be copied: %s", sqlite3_errmsg(to));
	result = copy_steps(backup, copy, watch, fault);
	rc = sqlite3_backup_finish(backup);
	if (!result && rc != SQLITE_OK)
		return FAULT(fault, FAULT_IO, "the store cannot be copied: %s; check its disk", sqlite3_errstr(rc));
	return result;
}

/* Its name is gone before the first page is written: a kill leaves nothing that somebody could read. */
static int copy_database(struct store *store, struct copy *copy, const struct backup_watch *watch, struct fault *fault)
{
	CLEANUP(freep) char *path = NULL;
	sqlite3 *to = NULL;
	int result;
	int rc;

	if (asprintf(&path, "%s.XXXXXX", store->path) < 0)
		return FAULT(fault, FAULT_MEMORY, "no memory for a path");
	copy->fd = mkostemp(path, O_CLOEXEC);
	if (copy->fd < 0)
		return FAULT(fault, FAULT_IO, "%s: %m; may this user write there?", path);
	rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	unlink(path);
	result = rc == SQLITE_OK ? copy_pages(store, to, copy, watch, fault)
				 : FAULT(fault, FAULT_IO, "%s cannot be opened: %s", path, sqlite3_errstr(rc));
	rc = sqlite3_close(to);
	return result || rc == SQLITE_OK ? result : FAULT(fault, FAULT_BUG, "the copy of the store is still in use");
}

/* Head and pages out of one read transaction. */
static int take_snapshot(struct store *store, struct backup_head *head, struct copy *copy,
	const struct backup_watch *watch, struct fault *fault)
{
	int result = store_begin_read(store, fault);

	if (!result)
		result = fill_head(store, head, fault);
	if (!result)
		result = copy_database(store, copy, watch, fault);
	store_rollback(store);
	return result;
}

/* ---- the file ---- */

/* Each part: 8 bytes of its length, big-endian, then its bytes. */
static int write_len(struct packed *packed, uint64_t len, struct fault *fault)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(len >> (56 - 8 * i));
	return packed_write(packed, bytes, sizeof(bytes), fault);
}

static int write_key(struct store *store, struct packed *packed, struct fault *fault)
{
	BYTES_CLEANUP struct bytes key = {.max = KEY_FILE_MAX};
	CLEANUP(freep) char *path = NULL;
	int result = 0;

	if (asprintf(&path, "%.*sledger.key", (int)(strrchr(store->path, '/') - store->path) + 1, store->path) < 0)
		return FAULT(fault, FAULT_MEMORY, "no memory for a path");
	/* hoadond makes it at its first start: a store that was only adopted may lack it. */
	if (file_exists(path))
		result = file_read(path, &key, fault);
	if (!result)
		result = write_len(packed, key.len, fault);
	if (!result)
		result = packed_write(packed, key.data, key.len, fault);
	if (key.data)
		explicit_bzero(key.data, key.len);
	return result;
}

static int write_database(
	struct packed *packed, const struct copy *copy, const struct backup_watch *watch, struct fault *fault)
{
	char piece[SEALED_CHUNK];
	int result = write_len(packed, (uint64_t)copy->len, fault);

	if (!result && lseek(copy->fd, 0, SEEK_SET) != 0)
		return FAULT(fault, FAULT_IO, "the copy of the store cannot be read");
	for (int64_t done = 0; !result && done < copy->len;) {
		size_t some = copy->len - done < SEALED_CHUNK ? (size_t)(copy->len - done) : SEALED_CHUNK;

		result = file_read_exactly(copy->fd, piece, some, "the copy of the store", fault);
		if (!result)
			result = packed_write(packed, piece, some, fault);
		done += (int64_t)some;
		if (done % (int64_t)STEP_BYTES == 0)
			tell(watch, "write MB", done);
	}
	return result;
}

static int write_sealed(struct store *store, const struct backup_head *head, const struct sealed_key *key,
	const struct copy *copy, struct file_part *part, const struct backup_watch *watch, struct fault *fault)
{
	BYTES_CLEANUP struct bytes text = {.max = BACKUP_HEAD_MAX};
	CLEANUP(sealed_freep) struct sealed *sealed = NULL;
	CLEANUP(packed_freep) struct packed *packed = NULL;
	int result;

	backup_head_write(head, &text);
	result = bytes_check(&text, "the head of a backup", fault);
	if (!result)
		result = sealed_write_new(key, text.data, text.len, part, &sealed, fault);
	if (!result)
		result = packed_write_new(sealed, &packed, fault);
	if (!result)
		result = write_key(store, packed, fault);
	if (!result)
		result = write_database(packed, copy, watch, fault);
	if (!result)
		result = packed_write_end(packed, fault);
	return result ? result : file_part_keep(part, fault);
}

int backup_write(struct store *store, const char *path, const char *passphrase, size_t len,
	const struct backup_watch *watch, struct backup_head *ret, struct fault *fault)
{
	CLEANUP(file_part_done) struct file_part part = {0};
	CLEANUP(copy_done) struct copy copy = {.fd = -1};
	struct backup_head head = {0};
	struct sealed_key key = {0};
	int result;

	if (file_exists(path))
		return FAULT(fault, FAULT_IO, "%s exists; choose another name", path);
	/* First of all: a place that cannot be written to is told before the long work. */
	result = file_part_open(path, &part, fault);
	if (!result)
		result = take_snapshot(store, &head, &copy, watch, fault);
	if (!result)
		result = sealed_key_derive(passphrase, len, head.salt, &key, fault);
	memcpy(head.check, key.check, sizeof(head.check));
	if (!result)
		result = write_sealed(store, &head, &key, &copy, &part, watch, fault);
	explicit_bzero(&key, sizeof(key));
	if (!result)
		*ret = head;
	return result;
}
