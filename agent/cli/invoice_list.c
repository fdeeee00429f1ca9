#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/row.h"

static void print_head(const struct cli *cli)
{
	print_cell(SAY(cli, "ID", "ID"), -7);
	print_cell(SAY(cli, "SYMBOL", "KÝ HIỆU"), 8);
	print_cell(SAY(cli, "NUMBER", "SỐ"), -8);
	print_cell(SAY(cli, "ISSUED AT", "GIỜ LẬP"), 19);
	print_cell(SAY(cli, "TOTAL", "TỔNG TIỀN"), -15);
	print_cell(SAY(cli, "STATE", "TRẠNG THÁI"), 14);
	puts(SAY(cli, "CODE", "MÃ CQT"));
}

static void print_row(const struct cli *cli, const struct invoice_row *row)
{
	char symbol[SERIAL_LEN + 2], time[CLOCK_TEXT_MAX], total[PRINT_NUMBER_MAX];
	symbol_make(row->form, row->serial, symbol);
	time_text(row->issued_at, time);
	money_text(row->total, total);
	print_cell_int(row->id, 7);
	print_cell(symbol, 8);
	print_cell_int(row->number, 8);
	print_cell(time, 19);
	print_cell(total, -15);
	print_cell(state_text(cli, invoice_state_word((int)row->state)), 14);
	printf("%s\n", row->code);
}

static int print_rows_json(const struct invoice_row *rows, size_t count, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_key(&out, "invoices");
	bytes_char(&out, '[');
	for (size_t i = 0; i < count; i++) {
		json_item(&out);
		row_write_invoice(&rows[i], &out);
	}
	bytes_char(&out, ']');
	return json_print(&out, fault);
}

static int find_state(const char *word)
{
	for (int state = 0; state < INVOICE_STATE_COUNT; state++)
		if (strcmp(invoice_state_word(state), word) == 0)
			return state;
	return -1;
}

int invoice_list_run(struct cli *cli, struct fault *fault)
{
	const char *wish = cli_value(cli, "state");
	int state = wish ? find_state(wish) : -1;
	int64_t limit;
	if (wish && state < 0)
		return cli_usage(
			cli, "--state is issued, accepted or refused", "--state là issued, accepted hoặc refused");
	if (cli_limit(cli, &limit))
		return CLI_USAGE;
	CLEANUP(store_closep) struct store *store = NULL;
	struct invoice_row *rows = NULL;
	size_t count = 0;
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = store_invoice_list(store, state, 0, limit, cli->arena, &rows, &count, fault);
	if (result)
		return result;
	if (cli->is_json)
		return print_rows_json(rows, count, fault);
	if (count)
		print_head(cli);
	else
		fputs(SAY(cli, "No invoices.\n", "Không có hóa đơn nào.\n"), stderr);
	for (size_t i = 0; i < count; i++)
		print_row(cli, &rows[i]);
	print_cut(cli, count, limit);
	return CLI_OK;
}
