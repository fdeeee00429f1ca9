#include "cli/ledger_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define PATH_MAX_LEN 4096

static void file_closep(FILE **file)
{
	if (*file)
		fclose(*file);
}

static int digest_file(FILE *file, uint8_t out[DIGEST_LEN], struct fault *fault)
{
	CLEANUP(digest_freep) struct digest *digest = digest_new();
	char part[65536];
	if (!digest)
		return FAULT(fault, FAULT_MEMORY, "no memory for a digest");
	rewind(file);
	for (size_t n; (n = fread(part, 1, sizeof(part), file)) > 0;)
		digest_add(digest, part, n);
	if (ferror(file))
		return FAULT(fault, FAULT_IO, "the export cannot be read back: %s", strerror(errno));
	digest_end(digest, out);
	return 0;
}

static int write_export(struct store *store, FILE *file, const char *path, struct ledger_file *ret, struct fault *fault)
{
	int result = ledger_export(store, file, &ret->records, fault);
	if (result == 0)
		result = ledger_head_at(store, ret->records, &ret->head, fault);
	if (result < 0)
		return result;
	if (result == STORE_NONE)
		return FAULT(fault, FAULT_BUG, "the ledger has no record %lld", (long long)ret->records);
	if (fflush(file) != 0 || fsync(fileno(file)) != 0)
		return FAULT(fault, FAULT_IO, "%s cannot be written: %s; choose another place", path, strerror(errno));
	return digest_file(file, ret->digest, fault);
}

int ledger_file_write(struct store *store, const char *path, struct ledger_file *ret, struct fault *fault)
{
	char temporary[PATH_MAX_LEN];
	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
		return FAULT(fault, FAULT_IO, "the file name is too long");
	CLEANUP(closep) int fd = mkstemp(temporary);
	CLEANUP(file_closep) FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");
	if (!file)
		return FAULT(fault, FAULT_IO, "%s cannot be made: %s; choose another place", path, strerror(errno));
	fd = -1;
	int result = write_export(store, file, path, ret, fault);
	if (result == 0)
		result = file_move(temporary, path, fault);
	if (result)
		unlink(temporary);
	return result;
}
