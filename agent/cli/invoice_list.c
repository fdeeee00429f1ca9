#include <stdio.h>

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

static void print_row(const struct cli *cli, const void *item)
{
	const struct invoice_row *row = item;
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

static void write_row(const void *row, struct bytes *out)
{
	row_write_invoice(row, out);
}

int invoice_list_run(struct cli *cli, struct fault *fault)
{
	static const struct list list = {"invoices", sizeof(struct invoice_row), print_head, print_row, write_row,
		"No invoices.\n", "Không có hóa đơn nào.\n"};
	const char *wish = cli_value(cli, "state");
	int state = wish ? state_find(invoice_state_word, INVOICE_STATE_COUNT, wish) : -1;
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
	return result ? result : print_list(cli, &list, rows, count, limit, fault);
}
