#include <stdio.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/task_text.h"

struct item {
	struct task_row task;
	struct invoice_row *invoice; /* NULL = it is about none */
};

static void print_head(const struct cli *cli)
{
	fputs(SAY(cli, "Look and decide: hoadon task show ID\n", "Xem và quyết định: hoadon task show ID\n"), stderr);
}

static void print_row(const struct cli *cli, const void *row)
{
	const struct item *item = row;
	char since[CLOCK_TEXT_MAX];
	time_text(item->task.made_at, since);
	task_text_print(cli, &item->task, item->invoice);
	printf(SAY(cli, "      since %s; %s\n", "      từ %s; %s\n"), since, item->task.text);
}

static void write_row(const void *row, struct bytes *out)
{
	const struct item *item = row;
	task_text_write(&item->task, item->invoice, out);
}

/* Every task beside its invoice. 0 or < 0. */
static int join(struct cli *cli, struct store *store, const struct task_row *tasks, size_t count, struct item **ret,
	struct fault *fault)
{
	struct item *items = ARENA_ARRAY(cli->arena, struct item, count + 1);
	int result = items ? 0 : FAULT(fault, FAULT_MEMORY, "no memory for a list of tasks");
	for (size_t i = 0; result == 0 && i < count; i++) {
		items[i].task = tasks[i];
		result = task_text_invoice(cli, store, &tasks[i], &items[i].invoice, fault);
	}
	if (result == 0)
		*ret = items;
	return result;
}

int task_list_run(struct cli *cli, struct fault *fault)
{
	static const struct list list = {"tasks", sizeof(struct item), print_head, print_row, write_row,
		"There is nothing to do.\n", "Không có việc nào chờ.\n"};
	CLEANUP(store_closep) struct store *store = NULL;
	struct task_row *tasks = NULL;
	struct item *items = NULL;
	size_t count = 0;
	int64_t limit;
	if (cli_limit(cli, &limit))
		return CLI_USAGE;
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = store_task_list(store, limit, cli->arena, &tasks, &count, fault);
	if (result == 0)
		result = join(cli, store, tasks, count, &items, fault);
	return result ? result : print_list(cli, &list, items, count, limit, fault);
}
