#include <stdio.h>
#include <string.h>

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

static void print_row(const struct cli *cli, const struct sale_row *row)
{
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

static int print_rows_json(const struct sale_row *rows, size_t count, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_key(&out, "sales");
	bytes_char(&out, '[');
	for (size_t i = 0; i < count; i++) {
		json_item(&out);
		row_write_sale(&rows[i], &out);
	}
	bytes_char(&out, ']');
	return json_print(&out, fault);
}

static int find_state(const char *word)
{
	for (int state = 0; state < SALE_STATE_COUNT; state++)
		if (strcmp(sale_state_word(state), word) == 0)
			return state;
	return -1;
}

int sale_list_run(struct cli *cli, struct fault *fault)
{
	const char *wish = cli_value(cli, "state");
	int state = wish ? find_state(wish) : -1;
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
	if (result)
		return result;
	if (cli->is_json)
		return print_rows_json(rows, count, fault);
	if (count)
		print_head(cli);
	else
		fputs(SAY(cli, "No sales.\n", "Không có giao dịch nào.\n"), stderr);
	for (size_t i = 0; i < count; i++)
		print_row(cli, &rows[i]);
	print_cut(cli, count, limit);
	return CLI_OK;
}
