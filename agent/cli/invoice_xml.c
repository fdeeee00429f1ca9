#include <stdio.h>

#include "cli/commands.h"
#include "cli/look.h"
#include "cli/print.h"
#include "cli/row.h"

static int print_json(const struct invoice_row *row, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_key(&out, "invoice");
	row_write_invoice(row, &out);
	json_key(&out, "sha256");
	bytes_char(&out, '"');
	bytes_hex(&out, row->digest, sizeof(row->digest));
	bytes_text(&out, "\",\"xml\":\"");
	bytes_base64(&out, row->xml, row->xml_len);
	bytes_char(&out, '"');
	return json_print(&out, fault);
}

int invoice_xml_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct invoice_row row = {0};
	char what[64], symbol[SERIAL_LEN + 2];
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = row_find_invoice(cli, store, cli->words[0], &row, fault);
	if (result)
		return result;
	symbol_make(row.form, row.serial, symbol);
	snprintf(what, sizeof(what), "invoice xml %s/%d", symbol, (int)row.number);
	/* Reading works with hoadond down; then nobody can record the look, and the user is told. */
	if (!daemon_is_running(cli))
		fputs(SAY(cli, "hoadond is not running: this look is not recorded in the ledger\n",
			      "hoadond không chạy: lần xem này không được ghi vào sổ đối soát\n"),
			stderr);
	else if ((result = look_record(cli, "look", what, fault)) != 0)
		return result;
	if (cli->is_json)
		return print_json(&row, fault);
	fwrite(row.xml, 1, row.xml_len, stdout);
	return CLI_OK;
}
