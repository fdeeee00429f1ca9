/* ledger_file: the whole ledger in a file for hoadon-verify (schemas/ledger/FORMAT.md). */
#ifndef HOADON_CLI_LEDGER_FILE_H
#define HOADON_CLI_LEDGER_FILE_H

#include "base/digest.h"
#include "store/ledger.h"

struct ledger_file {
	int64_t records;
	struct ledger_head head;    /* behind the last of them */
	uint8_t digest[DIGEST_LEN]; /* SHA-256 of the file */
};

/** ledger_file_write() - the ledger of @store to @path, whole or not at all: a temporary name, renamed once it is on the disk. 0 or < 0. */
int ledger_file_write(struct store *store, const char *path, struct ledger_file *ret, struct fault *fault) MUST_CHECK;

#endif
