#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/look.h"
#include "cli/print.h"
#include "store/ledger.h"

#define PATH_MAX_LEN 4096

struct exported {
	int64_t records;
	struct ledger_head head;
	uint8_t digest[DIGEST_LEN];
};

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

static int write_export(struct store *store, FILE *file, const char *path, struct exported *ret, struct fault *fault)
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

/* A whole export or none: a temporary name, renamed once it is on the disk. */
static int export_to(struct store *store, const char *path, struct exported *ret, struct fault *fault)
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

static int print_export(const struct cli *cli, const struct exported *exported, struct fault *fault)
{
	char hex[DIGEST_HEX_LEN + 1];
	hex_format(exported->digest, DIGEST_LEN, hex);
	if (!cli->is_json) {
		printf(SAY(cli, "%lld records written to %s\n", "Đã ghi %lld bản ghi ra %s\n"),
			(long long)exported->records, cli->words[0]);
		print_field(SAY(cli, "Ledger tail", "Đuôi sổ"), exported->head.tail);
		print_field("SHA-256", hex);
		return 0;
	}
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member(&out, "file", cli->words[0]);
	json_member_int(&out, "records", exported->records);
	json_member(&out, "tail", exported->head.tail);
	json_member(&out, "sha256", hex);
	return json_print(&out, fault);
}

int audit_export_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct exported exported = {0};
	const char *detail = arena_printf(cli->arena, "audit export %s", cli->words[0]);
	if (!detail)
		return FAULT(fault, FAULT_MEMORY, "no memory");
	int result = cli_open_store(cli, &store, fault);
	if (result)
		return result;
	/* Recorded first, so that no export leaves without a trace and the file holds its own record. */
	result = look_export(cli, detail, fault);
	if (result == 0)
		result = export_to(store, cli->words[0], &exported, fault);
	return result ? result : print_export(cli, &exported, fault);
}
