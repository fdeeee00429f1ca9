/* backup: one sealed file that holds a whole store as it was at one moment (schemas/store/BACKUP.md). */
#ifndef HOADON_STORE_BACKUP_H
#define HOADON_STORE_BACKUP_H

#include "base/sealed.h"
#include "store/ledger.h"

#define BACKUP_HEAD_MAX 1024

/* What stands in the clear at the beginning of the file. */
struct backup_head {
	char store[33];	 /* id */
	char seller[32]; /* tax code */
	int64_t epoch;
	struct ledger_head ledger;
	int64_t made_at; /* unix ms */
	uint8_t salt[SEALED_SALT_LEN];
	uint8_t check[SEALED_CHECK_LEN]; /* of the key; tells a wrong passphrase */
};

struct backup_watch {
	/** progress - each 8 MiB of @what ("copy MB", "write MB"); may be NULL */
	void (*progress)(void *context, const char *what, int64_t done);
	void *context;
};

/** backup_head_write() - the lines of @head appended to @out. */
void backup_head_write(const struct backup_head *head, struct bytes *out);
/** backup_head_read() - @text is exactly what backup_head_write() writes. 0; FAULT_FORMAT; FAULT_CONFIG for a newer format. */
int backup_head_read(const struct bytes *text, struct backup_head *ret, struct fault *fault) MUST_CHECK;

/**
 * backup_write() - the store of @store, with its ledger key, into new file @path
 * @store:      any mode; no transaction
 * @passphrase: @len bytes
 * @ret:        what was written; untouched on failure
 *
 * Reads one snapshot, so that tills and sender go on; only the WAL is not emptied meanwhile. The pages stand for a while in a file without a
 * name in the store's folder, never beside @path in the clear; it is refused when that would fill the disk of the tills.
 *
 * Return: 0; FAULT_IO when @path exists, or a disk is full or fails: nothing is left then; < 0. Thread: owner of @store.
 */
int backup_write(struct store *store, const char *path, const char *passphrase, size_t len,
	const struct backup_watch *watch, struct backup_head *ret, struct fault *fault) MUST_CHECK;

#endif
