#include <stdio.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/row.h"
#include "store/sales.h"

static void print_head(const struct cli *cli)
{
	print_cell(SAY(cli, "ID", "ID"), -7);
	print_cell(SAY(cli, "TILL", "MÁY"), 8);
	print_cell(SAY(cli, "BILL", "SỐ BILL"), 16);
	print_cell(SAY(cli, "SOLD AT", "GIỜ BÁN"), 19);
	print_cell(SAY(cli, "TOTAL", "TỔNG TIỀN"), -15);
	print_cell(SAY(cli, "STATE", "TRẠNG THÁI"), 12);
	puts(SAY(cli, "REASON", "LÝ DO"));
}

static void print_row(const struct cli *cli, const void *item)
{
	const struct sale_row *row = item;
	char time[CLOCK_TEXT_MAX], total[PRINT_NUMBER_MAX];
	time_text(row->sold_at, time);
	money_text(row->total, total);
	print_cell_int(row->id, 7);
	print_cell(row->till_id, 8);
	print_cell(row->bill_no, 16);
	print_cell(time, 19);
	print_cell(total, -15);
	print_cell(state_text(cli, sale_state_word((int)row->state)), 12);
	printf("%s\n", row->reason ? row->reason : "");
}

static void write_row(const void *row, struct bytes *out)
{
	row_write_sale(row, out);
}

int sale_list_run(struct cli *cli, struct fault *fault)
{
	static const struct list list = {"sales", sizeof(struct sale_row), print_head, print_row, write_row,
		"No sales.\n", "Không có giao dịch nào.\n"};
	const char *wish = cli_value(cli, "state");
	int state = wish ? state_find(sale_state_word, SALE_STATE_COUNT, wish) : -1;
	int64_t limit;
	if (wish && state < 0)
		return cli_usage(cli, "--state is received, issued, parked or ignored",
			"--state là received, issued, parked hoặc ignored");
	if (cli_limit(cli, &limit))
		return CLI_USAGE;
	CLEANUP(store_closep) struct store *store = NULL;
	struct sale_row *rows = NULL;
	size_t count = 0;
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = store_sale_list(store, state, 0, limit, cli->arena, &rows, &count, fault);
	return result ? result : print_list(cli, &list, rows, count, limit, fault);
}
