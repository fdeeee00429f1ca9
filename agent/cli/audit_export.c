#include <stdio.h>

#include "cli/commands.h"
#include "cli/ledger_file.h"
#include "cli/look.h"
#include "cli/print.h"

static int print_export(const struct cli *cli, const struct ledger_file *exported, struct fault *fault)
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
	struct ledger_file exported = {0};
	const char *detail = arena_printf(cli->arena, "audit export %s", cli->words[0]);
	if (!detail)
		return FAULT(fault, FAULT_MEMORY, "no memory");
	int result = cli_open_store(cli, &store, fault);
	if (result)
		return result;
	/* Recorded first, so that no export leaves without a trace and the file holds its own record. */
	result = look_export(cli, detail, fault);
	if (result == 0)
		result = ledger_file_write(store, cli->words[0], &exported, fault);
	return result ? result : print_export(cli, &exported, fault);
}
