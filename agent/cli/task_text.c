#include "cli/task_text.h"

#include <stdio.h>
#include <string.h>

#include "cli/print.h"
#include "cli/row.h"

/* Kinds of tasks as agent/send writes them. The last row is for any other. */
static const struct kind {
	const char *kind;
	bool is_reissued;
	const char *en, *vi;
	const char *next_en, *next_vi;
} kinds[] = {
	{"refused-invoice", true, "The tax authority refused invoice", "Cơ quan thuế từ chối hóa đơn",
		"Correct what was wrong (the bill, or the configuration), then issue it again.",
		"Sửa chỗ sai (bill hoặc cấu hình), rồi lập lại hóa đơn."},
	{"duplicate-unproven", true, "The authority says that it already holds the number of invoice",
		"Cơ quan thuế báo đã có số của hóa đơn",
		"Look it up at the authority's portal. It is another invoice: issue yours again. It is yours: do NOT "
		"issue "
		"it again, ask your provider.",
		"Tra cứu trên cổng cơ quan thuế. Nếu là hóa đơn khác: lập lại hóa đơn của bạn. Nếu đúng là của bạn: "
		"KHÔNG "
		"lập lại, hãy hỏi nhà cung cấp."},
	{"seller-refused", false, "The authority refuses the seller, the key or the route; sending pauses",
		"Cơ quan thuế từ chối người bán, chữ ký số hoặc đường truyền; tạm dừng gửi",
		"Check registration, certificate and contract; no invoice is lost, all wait with their numbers.",
		"Kiểm tra đăng ký, chứng thư số và hợp đồng; không mất hóa đơn nào, tất cả chờ với số đã cấp."},
	{"route-refused", false, "The provider refuses a message", "Nhà cung cấp từ chối một thông điệp",
		"Check user, password and contract of the route.",
		"Kiểm tra tài khoản, mật khẩu và hợp đồng truyền nhận."},
	{"answer-unclear", false, "An answer cannot be believed or understood",
		"Có trả lời không tin được hoặc không hiểu được", "Ask your provider about the message.",
		"Hỏi nhà cung cấp về thông điệp này."},
	{"message-damaged", false, "The stored bytes of a message are damaged",
		"Dữ liệu đã lưu của một thông điệp bị hỏng", "Make a copy of the store, then restore a backup.",
		"Sao chép kho dữ liệu, rồi khôi phục bản sao lưu."},
	{"invoice-damaged", false, "The stored bytes are damaged of invoice", "Dữ liệu đã lưu bị hỏng của hóa đơn",
		"Make a copy of the store, then restore a backup.", "Sao chép kho dữ liệu, rồi khôi phục bản sao lưu."},
	{NULL, false, "Something needs a person", "Có việc cần người xử lý", "Ask who looks after the agent.",
		"Hỏi người phụ trách phần mềm."},
};

static const struct kind *find(const char *kind)
{
	const struct kind *at = kinds;
	while (at->kind && strcmp(at->kind, kind) != 0)
		at++;
	return at;
}

void task_text_print(const struct cli *cli, const struct task_row *task, const struct invoice_row *invoice)
{
	const struct kind *kind = find(task->kind);
	char symbol[SERIAL_LEN + 2] = "", name[32] = "";
	if (invoice) {
		symbol_make(invoice->form, invoice->serial, symbol);
		snprintf(name, sizeof(name), " %s/%d", symbol, (int)invoice->number);
	}
	printf(SAY(cli, "  Task %lld: %s%s\n", "  Việc %lld: %s%s\n"), (long long)task->id,
		SAY(cli, kind->en, kind->vi), name);
}

const char *task_text_next(const struct cli *cli, const char *kind)
{
	return SAY(cli, find(kind)->next_en, find(kind)->next_vi);
}

bool task_text_is_reissued(const char *kind)
{
	return find(kind)->is_reissued;
}

void task_text_write(const struct task_row *task, const struct invoice_row *invoice, struct bytes *out)
{
	bytes_char(out, '{');
	json_id(out, "id", task->id);
	json_member(out, "kind", task->kind);
	json_member_flag(out, "is_open", task->closed_at == 0);
	json_member_flag(out, "can_reissue", task->closed_at == 0 && find(task->kind)->is_reissued);
	json_time(out, "made_at", task->made_at);
	json_time(out, "closed_at", task->closed_at);
	json_member(out, "text", task->text);
	json_key(out, "invoice");
	if (invoice)
		row_write_invoice(invoice, out);
	else
		bytes_text(out, "null");
	bytes_char(out, '}');
}

int task_text_invoice(struct cli *cli, struct store *store, const struct task_row *task, struct invoice_row **ret,
	struct fault *fault)
{
	struct invoice_row *row = ARENA_ARRAY(cli->arena, struct invoice_row, 1);
	*ret = NULL;
	if (!row)
		return FAULT(fault, FAULT_MEMORY, "no memory for an invoice");
	int result = task->invoice_id ? store_invoice_get(store, task->invoice_id, cli->arena, row, fault) : STORE_NONE;
	if (result == 0)
		*ret = row;
	/* The task says already that the bytes are damaged; it must still be possible to look at it. */
	return result < 0 && result != FAULT_FORMAT ? result : 0;
}
