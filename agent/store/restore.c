#include "store/restore.h"

#include <stdio.h>
#include <string.h>

#include "store/hold.h"
#include "store/packed.h"
#include "store/run.h"

#define KEY_FILE_MAX 16384
#define STEP_BYTES   ((int64_t)8 << 20)

struct restore {
	const char *path;
	int fd;
	int64_t left; /* bytes behind the head */
	struct bytes text;
	struct backup_head head;
	struct sealed *sealed; /* NULL until unlocked */
	struct packed *packed;
};

void restore_close(struct restore *restore)
{
	if (!restore)
		return;
	if (restore->fd >= 0)
		close(restore->fd);
	bytes_done(&restore->text);
	packed_free(restore->packed);
	sealed_free(restore->sealed);
	free(restore);
}

const struct backup_head *restore_head(const struct restore *restore)
{
	return &restore->head;
}

/* Up to the empty line; what comes behind it may be any bytes. */
static int read_head(struct restore *restore, struct fault *fault)
{
	int result = 0;

	while (!result &&
		(restore->text.len < 2 || memcmp(restore->text.data + restore->text.len - 2, "\n\n", 2) != 0)) {
		char c;

		if (restore->left == 0 || restore->text.len == restore->text.max)
			break;
		result = file_read_exactly(restore->fd, &c, 1, restore->path, fault);
		bytes_char(&restore->text, c);
		restore->left--;
	}
	return result ? result : backup_head_read(&restore->text, &restore->head, fault);
}

int restore_open(const char *path, struct restore **ret, struct fault *fault)
{
	CLEANUP(restore_closep) struct restore *restore = calloc(1, sizeof(*restore));
	int result;

	if (!restore)
		return FAULT(fault, FAULT_MEMORY, "no memory to open a backup");
	restore->path = path;
	restore->fd = -1;
	bytes_init(&restore->text, BACKUP_HEAD_MAX);
	result = file_open_to_read(path, &restore->fd, &restore->left, fault);
	if (!result)
		result = read_head(restore, fault);
	if (result)
		return result;
	*ret = restore;
	restore = NULL;
	return 0;
}

int restore_unlock(struct restore *restore, const char *passphrase, size_t len, struct fault *fault)
{
	struct sealed_key key;
	int result = sealed_key_derive(passphrase, len, restore->head.salt, &key, fault);

	if (!result && !digest_equal(key.check, restore->head.check, SEALED_CHECK_LEN))
		result = RESTORE_WRONG_KEY;
	if (!result)
		result = sealed_read_new(&key, restore->text.data, restore->text.len, restore->fd, restore->left,
			restore->path, &restore->sealed, fault);
	if (!result)
		result = packed_read_new(restore->sealed, &restore->packed, fault);
	explicit_bzero(&key, sizeof(key));
	return result;
}

static int read_len(struct packed *packed, int64_t *ret, struct fault *fault)
{
	uint8_t bytes[8];
	uint64_t len = 0;
	int result = packed_read(packed, bytes, sizeof(bytes), fault);

	for (int i = 0; !result && i < 8; i++)
		len = len << 8 | bytes[i];
	if (!result && len > INT64_MAX)
		return FAULT(fault, FAULT_FORMAT, "the backup holds a part of impossible length");
	*ret = (int64_t)len;
	return result;
}

static int unpack_key(struct restore *restore, const char *dir, struct fault *fault)
{
	uint8_t key[KEY_FILE_MAX];
	CLEANUP(freep) char *path = NULL;
	int64_t len = 0;
	int result = read_len(restore->packed, &len, fault);

	if (result || len == 0)
		return result;
	if (len > KEY_FILE_MAX)
		return FAULT(fault, FAULT_FORMAT, "the backup holds a ledger key of impossible length");
	if (asprintf(&path, "%s/ledger.key", dir) < 0)
		return FAULT(fault, FAULT_MEMORY, "no memory for a path");
	result = packed_read(restore->packed, key, (size_t)len, fault);
	if (!result)
		result = file_write(path, key, (size_t)len, 0600, fault);
	explicit_bzero(key, sizeof(key));
	return result;
}

static int unpack_database(
	struct restore *restore, struct file_part *part, const struct backup_watch *watch, struct fault *fault)
{
	char piece[SEALED_CHUNK];
	int64_t len = 0;
	int result = read_len(restore->packed, &len, fault);

	for (int64_t done = 0; !result && done < len;) {
		size_t some = len - done < SEALED_CHUNK ? (size_t)(len - done) : SEALED_CHUNK;

		result = packed_read(restore->packed, piece, some, fault);
		if (!result)
			result = file_part_write(part, piece, some, fault);
		done += (int64_t)some;
		if (watch->progress && done % STEP_BYTES == 0)
			watch->progress(watch->context, "read MB", done >> 20);
	}
	return result ? result : packed_read_end(restore->packed, fault);
}

int restore_unpack(struct restore *restore, const char *dir, const struct backup_watch *watch, struct fault *fault)
{
	CLEANUP(file_part_done) struct file_part part = {0};
	CLEANUP(freep) char *path = NULL;
	int result = unpack_key(restore, dir, fault);

	if (!result && asprintf(&path, "%s/current.db", dir) < 0)
		return FAULT(fault, FAULT_MEMORY, "no memory for a path");
	if (!result)
		result = file_part_open(path, &part, fault);
	if (!result)
		result = unpack_database(restore, &part, watch, fault);
	return result ? result : file_part_keep(&part, fault);
}

int restore_check(const struct restore *restore, struct store *store, struct fault *fault)
{
	const struct backup_head *head = &restore->head;
	struct ledger_head now;
	int result = ledger_head_get(store, &now, fault);

	/* A backup of an earlier program was brought up to date when it was opened. */
	if (!result && store->was_upgraded)
		result = ledger_head_at(store, now.seq - 1, &now, fault);
	if (result < 0)
		return result;
	if (strcmp(store->id, head->store) != 0 || strcmp(store->seller, head->seller) != 0 ||
		store->epoch != head->epoch)
		return FAULT(fault, FAULT_FORMAT, "the backup holds another store than its head says");
	if (now.seq != head->ledger.seq || !digest_equal(now.hash, head->ledger.hash, DIGEST_LEN))
		return FAULT(fault, FAULT_FORMAT, "the ledger ends at record %lld, the head of the backup says %lld",
			(long long)now.seq, (long long)head->ledger.seq);
	return 0;
}

static int record_restore(const struct backup_head *head, struct store *store, struct fault *fault)
{
	struct ledger_payload payload;

	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "made_at", head->made_at);
	ledger_payload_int(&payload, "records", head->ledger.seq);
	return ledger_append(store, LEDGER_RESTORE, &payload, NULL, fault);
}

int restore_mark(const struct restore *restore, struct store *store, struct fault *fault)
{
	char made_at[CLOCK_TEXT_MAX];
	int result = store_begin(store, fault);

	clock_format_local(restore->head.made_at, made_at);
	if (!result)
		result = record_restore(&restore->head, store, fault);
	if (!result)
		result = store_hold_put(store, HOLD_RESTORED, made_at, fault);
	return store_end(store, result, fault);
}
