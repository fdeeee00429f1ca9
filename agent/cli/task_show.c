#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/law_text.h"
#include "cli/print.h"
#include "cli/row.h"
#include "cli/task_text.h"
#include "core/task.h"
#include "store/frames.h"

struct shown {
	struct task_row task;
	struct invoice_row *invoice; /* NULL = it is about none */
	bool has_sale, has_later;
	struct sale_row sale;
	struct invoice_row later; /* took the place of invoice */
	const char *meaning;	  /* of the code that the reason begins with; may be NULL */
};

/* The authority's text begins with its code; the law in force says in plain words what that means. */
static int explain(struct cli *cli, struct store *store, struct shown *ret, struct fault *fault)
{
	struct law_book book;
	int result = law_text_book(cli, store, &book, fault);
	if (result)
		return result;
	const struct law *law = law_on(&book, clock_day(clock_now_ms(&cli->clock)));
	const struct law_text *text = law_text(law, ret->task.text, strcspn(ret->task.text, ":"));
	ret->meaning = text ? SAY(cli, text->en, text->vi) : NULL;
	return 0;
}

static int load(struct cli *cli, struct store *store, int64_t id, struct shown *ret, struct fault *fault)
{
	int result = store_task_get(store, id, cli->arena, &ret->task, fault);
	if (result == STORE_NONE)
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli, "there is no task %lld; open tasks: hoadon task list",
				"không có việc %lld; các việc đang chờ: hoadon task list"),
			(long long)id);
	if (result == 0)
		result = explain(cli, store, ret, fault);
	if (result == 0)
		result = task_text_invoice(cli, store, &ret->task, &ret->invoice, fault);
	if (result || !ret->invoice)
		return result;
	result = store_sale_of_invoice(store, ret->invoice->id, cli->arena, &ret->sale, fault);
	if (result < 0)
		return result;
	ret->has_sale = result == 0;
	result = store_invoice_reissued_as(store, ret->invoice->id, cli->arena, &ret->later, fault);
	ret->has_later = result == 0;
	return result < 0 ? result : 0;
}

/* The sale in the words of the till, to be corrected in an editor. */
static int print_sale(struct cli *cli, struct store *store, const struct shown *shown, struct fault *fault)
{
	struct frame_row frame;
	if (!shown->has_sale)
		return cli_fail(cli, CLI_FAILURE, "%s",
			SAY(cli, "this task is about no sale", "việc này không về giao dịch nào"));
	int result = store_frame_get(store, shown->sale.frame_id, cli->arena, &frame, fault);
	if (result)
		return result < 0 ? result
				  : FAULT(fault, FAULT_FORMAT, "the sale has lost its frame; restore a backup");
	fwrite(frame.bytes, 1, frame.len, stdout);
	return CLI_OK;
}

static void print_next(const struct cli *cli, const struct shown *shown)
{
	long long id = (long long)shown->task.id;
	if (shown->task.closed_at)
		return;
	const struct task_kind *kind = task_kind_find(shown->task.kind);
	puts(SAY(cli, kind->next_en, kind->next_vi));
	if (!kind->is_reissued)
		return;
	printf(SAY(cli,
		       "  The bill was right (configuration corrected):  hoadon task reissue %lld\n"
		       "  The bill was wrong:  hoadon task show %lld --sale > bill.json; edit it; hoadon task reissue "
		       "%lld "
		       "bill.json\n",
		       "  Bill đúng (đã sửa cấu hình):  hoadon task reissue %lld\n"
		       "  Bill sai:  hoadon task show %lld --sale > bill.json; sửa tệp; hoadon task reissue %lld "
		       "bill.json\n"),
		id, id, id);
}

static void print_human(const struct cli *cli, const struct shown *shown)
{
	char made[CLOCK_TEXT_MAX], closed[CLOCK_TEXT_MAX], symbol[SERIAL_LEN + 2], name[48];
	time_text(shown->task.made_at, made);
	time_text(shown->task.closed_at, closed);
	task_text_print(cli, &shown->task, shown->invoice);
	print_field(SAY(cli, "Reason", "Lý do"), shown->task.text);
	print_field(SAY(cli, "Meaning", "Nghĩa là"), shown->meaning);
	print_field(SAY(cli, "Since", "Từ lúc"), made);
	if (shown->has_sale) {
		snprintf(name, sizeof(name), "%s %s", shown->sale.till_id, shown->sale.bill_no);
		print_field(SAY(cli, "Till and bill", "Máy và số bill"), name);
	}
	if (shown->task.closed_at)
		print_field(SAY(cli, "Settled at", "Xong lúc"), closed);
	if (shown->has_later) {
		symbol_make(shown->later.form, shown->later.serial, symbol);
		snprintf(name, sizeof(name), "%s/%d (%s)", symbol, (int)shown->later.number,
			state_text(cli, invoice_state_word((int)shown->later.state)));
		print_field(SAY(cli, "Issued again as", "Đã lập lại thành"), name);
	}
	print_next(cli, shown);
}

static int print_json(const struct cli *cli, const struct shown *shown, struct fault *fault)
{
	const struct task_kind *kind = task_kind_find(shown->task.kind);
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_key(&out, "task");
	task_text_write(&shown->task, shown->invoice, &out);
	json_member(&out, "meaning", shown->meaning);
	json_member(&out, "next", SAY(cli, kind->next_en, kind->next_vi));
	json_key(&out, "sale");
	if (shown->has_sale)
		row_write_sale(&shown->sale, &out);
	else
		bytes_text(&out, "null");
	json_key(&out, "reissued_as");
	if (shown->has_later)
		row_write_invoice(&shown->later, &out);
	else
		bytes_text(&out, "null");
	return json_print(&out, fault);
}

int task_show_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct shown shown = {0};
	int64_t id;
	if (cli_number(cli->words[0], &id))
		return cli_usage(
			cli, "ID is the number that `hoadon task list` shows", "ID là số mà `hoadon task list` hiện");
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = load(cli, store, id, &shown, fault);
	if (result)
		return result;
	if (cli_value(cli, "sale"))
		return print_sale(cli, store, &shown, fault);
	if (cli->is_json)
		return print_json(cli, &shown, fault);
	print_human(cli, &shown);
	return CLI_OK;
}
