#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/look.h"
#include "cli/print.h"
#include "cli/row.h"
#include "cli/whole.h"

#define PAGE	   1000
#define PAGE_ARENA ((size_t)8 << 20)
#define XML_ARENA  ((size_t)4 << 20)
#define SAY_EVERY  1000

struct tally {
	int64_t count, kept; /* kept: the file was there already */
};

/* An export that was cut off goes on where it was: a file with these bytes is left as it is. */
static bool is_there(const char *path, const struct invoice_row *row)
{
	CLEANUP(bytes_done) struct bytes bytes;
	struct fault none = {0};
	struct stat st;
	bytes_init(&bytes, row->xml_len);
	return stat(path, &st) == 0 && st.st_size == (off_t)row->xml_len && file_read(path, &bytes, &none) == 0 &&
	       memcmp(bytes.data, row->xml, row->xml_len) == 0;
}

static int export_one(const char *dir, struct store *store, int64_t id, struct tally *tally, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(XML_ARENA);
	struct invoice_row row = {0};
	char symbol[SERIAL_LEN + 2];
	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for an invoice");
	int result = store_invoice_get(store, id, arena, &row, fault);
	if (result)
		return result;
	symbol_make(row.form, row.serial, symbol);
	const char *path = arena_printf(arena, "%s/%s-%08d.xml", dir, symbol, (int)row.number);
	if (!path)
		return FAULT(fault, FAULT_MEMORY, "no memory");
	tally->count++;
	if (is_there(path, &row)) {
		tally->kept++;
		return 0;
	}
	return file_write(path, row.xml, row.xml_len, 0600, fault);
}

static int export_all(const char *dir, struct store *store, struct tally *tally, struct fault *fault)
{
	bool is_tty = isatty(STDERR_FILENO) != 0;
	int64_t before = 0;
	size_t count = PAGE;
	while (count == PAGE) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(PAGE_ARENA);
		struct invoice_row *rows = NULL;
		if (!arena)
			return FAULT(fault, FAULT_MEMORY, "no memory for a page of invoices");
		int result = store_invoice_list(store, -1, before, PAGE, arena, &rows, &count, fault);
		for (size_t i = 0; i < count && result == 0; i++) {
			result = export_one(dir, store, rows[i].id, tally, fault);
			if (is_tty && tally->count % SAY_EVERY == 0)
				whole_progress(NULL, "invoice", tally->count);
		}
		if (result)
			return result;
		before = count ? rows[count - 1].id : before;
	}
	whole_clear();
	return 0;
}

int invoice_export_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	CLEANUP(bytes_done) struct bytes out;
	const char *dir = cli->words[0], *detail = arena_printf(cli->arena, "invoice export %s", dir);
	struct tally tally = {0};
	bytes_init(&out, PRINT_JSON_MAX);
	if (!detail)
		return FAULT(fault, FAULT_MEMORY, "no memory");
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = file_make_dir(dir, 0700, fault);
	if (result == 0)
		result = look_export(cli, detail, fault);
	if (result == 0)
		result = export_all(dir, store, &tally, fault);
	if (result)
		return result;
	if (!cli->is_json) {
		printf(SAY(cli, "%lld invoices are in %s; %lld of them were there already\n",
			       "%lld hóa đơn ở %s; %lld tệp đã có sẵn\n"),
			(long long)tally.count, dir, (long long)tally.kept);
		return CLI_OK;
	}
	json_begin(&out);
	json_member(&out, "folder", dir);
	json_member_int(&out, "invoices", tally.count);
	json_member_int(&out, "kept", tally.kept);
	return json_print(&out, fault);
}
