#include <stdio.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/task_text.h"

static int print_rows(
	struct cli *cli, struct store *store, const struct task_row *rows, size_t count, struct fault *fault)
{
	for (size_t i = 0; i < count; i++) {
		struct invoice_row *invoice;
		char since[CLOCK_TEXT_MAX];
		int result = task_text_invoice(cli, store, &rows[i], &invoice, fault);
		if (result < 0)
			return result;
		time_text(rows[i].made_at, since);
		task_text_print(cli, &rows[i], invoice);
		printf(SAY(cli, "      since %s; %s\n", "      từ %s; %s\n"), since, rows[i].text);
	}
	if (count)
		fputs(SAY(cli, "Look and decide: hoadon task show ID\n", "Xem và quyết định: hoadon task show ID\n"),
			stderr);
	else
		fputs(SAY(cli, "There is nothing to do.\n", "Không có việc nào chờ.\n"), stderr);
	return 0;
}

static int print_json(
	struct cli *cli, struct store *store, const struct task_row *rows, size_t count, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_key(&out, "tasks");
	bytes_char(&out, '[');
	for (size_t i = 0; i < count; i++) {
		struct invoice_row *invoice;
		int result = task_text_invoice(cli, store, &rows[i], &invoice, fault);
		if (result < 0)
			return result;
		json_item(&out);
		task_text_write(&rows[i], invoice, &out);
	}
	bytes_char(&out, ']');
	return json_print(&out, fault);
}

int task_list_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct task_row *rows = NULL;
	size_t count = 0;
	int64_t limit;
	if (cli_limit(cli, &limit))
		return CLI_USAGE;
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = store_task_list(store, limit, cli->arena, &rows, &count, fault);
	if (result)
		return result;
	if (cli->is_json)
		return print_json(cli, store, rows, count, fault);
	result = print_rows(cli, store, rows, count, fault);
	print_cut(cli, count, limit);
	return result < 0 ? result : CLI_OK;
}
