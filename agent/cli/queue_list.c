#include <stdio.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "store/invoices.h"
#include "store/messages.h"

static void print_head(const struct cli *cli)
{
	print_cell(SAY(cli, "ID", "ID"), -6);
	print_cell(SAY(cli, "STATE", "TRẠNG THÁI"), 11);
	print_cell(SAY(cli, "INVOICES", "SỐ HĐ"), -8);
	print_cell(SAY(cli, "MADE AT", "GIỜ TẠO"), 19);
	print_cell(SAY(cli, "NEXT TRY", "LẦN TỚI"), 19);
	print_cell(SAY(cli, "TRIES", "LẦN GỬI"), -7);
	print_cell(SAY(cli, "MESSAGE ID", "MÃ THÔNG ĐIỆP"), 46);
	puts(SAY(cli, "LAST", "GẦN NHẤT"));
}

static bool is_open(const struct message_row *row)
{
	return row->state != MESSAGE_ANSWERED && row->state != MESSAGE_REFUSED;
}

static void print_row(const struct cli *cli, const void *item)
{
	const struct message_row *row = item;
	char made[CLOCK_TEXT_MAX], next[CLOCK_TEXT_MAX];
	time_text(row->made_at, made);
	time_text(is_open(row) ? row->next_try_at : 0, next);
	print_cell_int(row->id, 6);
	print_cell(state_text(cli, message_state_word((int)row->state)), 11);
	print_cell_int(row->count, 8);
	print_cell(made, 19);
	print_cell(next, 19);
	print_cell_int(row->attempts, 7);
	print_cell(row->message_id, 46);
	printf("%s\n", row->last_text ? row->last_text : "");
}

static void write_row(const void *item, struct bytes *out)
{
	const struct message_row *row = item;
	bytes_char(out, '{');
	json_id(out, "id", row->id);
	json_member(out, "message_id", row->message_id);
	json_member_int(out, "type", row->type);
	json_member(out, "state", message_state_word((int)row->state));
	json_member_int(out, "invoices", row->count);
	json_member_int(out, "bytes", row->bytes);
	json_time(out, "made_at", row->made_at);
	json_time(out, "sent_at", row->sent_at);
	json_time(out, "answered_at", row->answered_at);
	json_time(out, "next_try_at", is_open(row) ? row->next_try_at : 0);
	json_member_int(out, "attempts", row->attempts);
	json_member(out, "route", row->route && *row->route ? row->route : NULL);
	json_member(out, "last", row->last_text && *row->last_text ? row->last_text : NULL);
	bytes_char(out, '}');
}

static const struct list list = {.key = "messages",
	.size = sizeof(struct message_row),
	.print_head = print_head,
	.print_row = print_row,
	.write_row = write_row};

static int print_json(const struct message_row *rows, size_t count, int64_t waiting, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member_int(&out, "invoices_without_message", waiting);
	json_rows(&out, &list, rows, count);
	return json_print(&out, fault);
}

static void say_waiting(const struct cli *cli, size_t count, int64_t waiting)
{
	if (!count && !waiting)
		fputs(SAY(cli, "Nothing is under way.\n", "Không có gì đang gửi.\n"), stderr);
	if (waiting)
		fprintf(stderr,
			SAY(cli, "%lld invoices wait to be put into a message\n", "%lld hóa đơn đang chờ đóng gói\n"),
			(long long)waiting);
}

int queue_list_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct message_row *rows = NULL;
	struct invoice_counts counts = {0};
	size_t count = 0;
	int64_t limit;
	if (cli_limit(cli, &limit))
		return CLI_USAGE;
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = store_message_list(store, !cli_value(cli, "all"), limit, cli->arena, &rows, &count, fault);
	if (result == 0)
		result = store_invoice_count(store, &counts, fault);
	if (result)
		return result;
	if (cli->is_json)
		return print_json(rows, count, counts.waiting, fault);
	print_rows(cli, &list, rows, count);
	say_waiting(cli, count, counts.waiting);
	print_cut(cli, count, limit);
	return CLI_OK;
}
