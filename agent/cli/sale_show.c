#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/row.h"
#include "core/problem.h"
#include "drivers/drivers.h"
#include "store/frames.h"

struct shown {
	struct sale_row sale;
	bool has_invoice;
	struct invoice_row invoice;
	struct frame_row frame;
	struct frame_row paper; /* that the sale was read from; id 0: the till sent the sale itself */
};

static int find_sale(struct cli *cli, struct store *store, struct sale_row *ret, struct fault *fault)
{
	int64_t id;
	int result;
	if (cli->word_count == 2)
		result = store_sale_by_number(store, cli->words[0], cli->words[1], cli->arena, ret, fault);
	else if (cli_number(cli->words[0], &id) == 0)
		result = store_sale_get(store, id, cli->arena, ret, fault);
	else
		return cli_usage(cli, "give the sale's ID, or till and bill number",
			"hãy cho ID của giao dịch, hoặc máy và số bill");
	if (result == STORE_NONE)
		return cli_fail(cli, CLI_FAILURE, "%s",
			SAY(cli, "there is no such sale; all sales: hoadon sale list",
				"không có giao dịch này; xem mọi giao dịch: hoadon sale list"));
	return result;
}

static int load_paper(struct cli *cli, struct store *store, struct shown *ret, struct fault *fault)
{
	int64_t id;
	int result = store_frame_origin(store, ret->sale.frame_id, &id, fault);
	if (result)
		return result == STORE_NONE ? 0 : result;
	result = store_frame_get(store, id, cli->arena, &ret->paper, fault);
	return result == STORE_NONE ? 0 : result;
}

static int load(struct cli *cli, struct store *store, struct shown *ret, struct fault *fault)
{
	int result = find_sale(cli, store, &ret->sale, fault);
	if (result == 0)
		result = store_frame_get(store, ret->sale.frame_id, cli->arena, &ret->frame, fault);
	if (result == STORE_NONE)
		return FAULT(fault, FAULT_STORE, "sale %lld has no frame; check the store: hoadon audit verify",
			(long long)ret->sale.id);
	if (result == 0)
		result = load_paper(cli, store, ret, fault);
	if (result)
		return result;
	result = store_invoice_of_sale(store, ret->sale.id, cli->arena, &ret->invoice, fault);
	ret->has_invoice = result == 0;
	return result < 0 ? result : 0;
}

/* Whether the till's bytes may go to a terminal: text without controls that could command it. */
static bool is_printable(const struct frame_row *frame)
{
	const uint8_t *at = frame->bytes;
	for (size_t i = 0; i < frame->len; i++) {
		bool is_space = at[i] == '\n' || at[i] == '\r' || at[i] == '\t';
		bool is_c1 = i && at[i - 1] == 0xC2 && at[i] < 0xA0;
		if ((at[i] < 0x20 && !is_space) || at[i] == 0x7F || is_c1)
			return false;
	}
	return text_is_utf8(frame->bytes, frame->len);
}

/* The sale as its dialect reads it; 1 when the frame cannot be read (any more). */
static int read_frame(const struct cli *cli, const struct frame_row *frame, struct sale *ret)
{
	const struct dialect_ops *const *dialect = driver_dialects;
	struct problem problem = {0};
	while (*dialect && strcmp((*dialect)->name, frame->dialect) != 0)
		dialect++;
	void *state = *dialect ? arena_alloc(cli->arena, (*dialect)->state_size) : NULL;
	if (!state)
		return 1;
	int fed = (*dialect)->feed(state, frame->bytes, frame->len, frame->len, &problem);
	int read = (*dialect)->flush(state, cli->arena, ret, &problem);
	return fed || read;
}

static void print_line(const struct sale_line *line, size_t number)
{
	char qty[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX], shown[PRINT_NUMBER_MAX];
	printf("  %zu. %s\n", number, line->name);
	if (line->kind == LINE_NOTE)
		return;
	fputs("     ", stdout);
	if (line->kind != LINE_DISCOUNT) {
		decimal_format(line->qty, qty);
		decimal_format(line->unit_price, price);
		number_group(qty, shown);
		printf("%s %s × ", shown, line->unit ? line->unit : "");
		number_group(price, shown);
		printf("%s = ", shown);
	}
	money_text(line->amount, shown);
	printf("%s đ  %s\n", shown, vat_tag(line->rate));
}

static void print_frame(const struct cli *cli, const struct frame_row *frame)
{
	struct sale sale = {0};
	printf(SAY(cli, "What the till sent (%s, %s):\n", "Máy tính tiền đã gửi (%s, %s):\n"), frame->source,
		frame->dialect);
	if (read_frame(cli, frame, &sale) == 0)
		for (size_t i = 0; i < sale.line_count; i++)
			print_line(&sale.lines[i], i + 1);
	else if (is_printable(frame))
		printf("%.*s\n", (int)frame->len, (const char *)frame->bytes);
	else
		printf(SAY(cli, "  %zu bytes that are not text\n", "  %zu byte không phải văn bản\n"), frame->len);
}

static void print_paper(const struct cli *cli, const struct frame_row *paper)
{
	char received[CLOCK_TEXT_MAX];
	time_text(paper->received_at, received);
	printf(SAY(cli, "Read from paper that till %s printed %s (frame %lld, %s, %zu bytes)\n",
		       "Đọc từ phiếu máy %s in lúc %s (frame %lld, %s, %zu byte)\n"),
		*paper->till_id ? paper->till_id : "?", received, (long long)paper->id, paper->dialect, paper->len);
}

static void print_sale(const struct cli *cli, const struct sale_row *sale)
{
	char sold[CLOCK_TEXT_MAX], received[CLOCK_TEXT_MAX], money[PRINT_NUMBER_MAX], total[PRINT_NUMBER_MAX + 8];
	time_text(sale->sold_at, sold);
	time_text(sale->received_at, received);
	money_text(sale->total, money);
	snprintf(total, sizeof(total), "%s đ", money);
	printf(SAY(cli, "Sale %lld: %s\n", "Giao dịch %lld: %s\n"), (long long)sale->id,
		state_text(cli, sale_state_word((int)sale->state)));
	print_field(SAY(cli, "Till", "Máy tính tiền"), sale->till_id);
	print_field(SAY(cli, "Bill", "Số bill"), sale->bill_no);
	print_field(SAY(cli, "Kind", "Loại"), sale_kind_text(sale->kind));
	print_field(SAY(cli, "Sold at", "Giờ bán"), sold);
	print_field(SAY(cli, "Received at", "Giờ nhận"), received);
	print_field(SAY(cli, "Total", "Tổng tiền"), total);
	if (sale->reason && *sale->reason) {
		enum problem_code code = problem_find(sale->reason);
		print_field(SAY(cli, "Reason", "Lý do"), problem_text(cli, sale->reason));
		print_field(SAY(cli, "Rule", "Quy định"), problem_kind(code)->rule);
	}
	print_field(SAY(cli, "Detail", "Chi tiết"), sale->detail);
}

static void print_invoice(const struct cli *cli, const struct invoice_row *invoice)
{
	char symbol[SERIAL_LEN + 2];
	symbol_make(invoice->form, invoice->serial, symbol);
	printf(SAY(cli, "Invoice %s/%d: %s\n", "Hóa đơn %s/%d: %s\n"), symbol, (int)invoice->number,
		state_text(cli, invoice_state_word((int)invoice->state)));
	print_field(SAY(cli, "Tax code (MCCQT)", "Mã CQT"), invoice->code);
	print_field(SAY(cli, "Refusal", "Lý do từ chối"), invoice->refusal);
	printf(SAY(cli, "  More: hoadon invoice show %s/%d\n", "  Xem: hoadon invoice show %s/%d\n"), symbol,
		(int)invoice->number);
}

static void write_paper(const struct frame_row *paper, struct bytes *out)
{
	bytes_char(out, '{');
	json_id(out, "frame", paper->id);
	json_member(out, "till_id", paper->till_id);
	json_member(out, "dialect", paper->dialect);
	json_time(out, "received_at", paper->received_at);
	json_member_int(out, "bytes", (int64_t)paper->len);
	bytes_char(out, '}');
}

static int print_json(const struct shown *shown, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_key(&out, "sale");
	row_write_sale(&shown->sale, &out);
	json_key(&out, "invoice");
	if (shown->has_invoice)
		row_write_invoice(&shown->invoice, &out);
	else
		bytes_text(&out, "null");
	json_key(&out, "frame");
	bytes_char(&out, '{');
	json_member(&out, "source", shown->frame.source);
	json_member(&out, "dialect", shown->frame.dialect);
	json_key(&out, "sha256");
	bytes_char(&out, '"');
	bytes_hex(&out, shown->frame.digest, sizeof(shown->frame.digest));
	bytes_char(&out, '"');
	json_key(&out, "bytes");
	bytes_char(&out, '"');
	bytes_base64(&out, shown->frame.bytes, shown->frame.len);
	bytes_text(&out, "\"}");
	json_key(&out, "paper");
	if (shown->paper.id)
		write_paper(&shown->paper, &out);
	else
		bytes_text(&out, "null");
	return json_print(&out, fault);
}

int sale_show_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct shown shown = {0};
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = load(cli, store, &shown, fault);
	if (result)
		return result;
	if (cli->is_json)
		return print_json(&shown, fault);
	print_sale(cli, &shown.sale);
	if (shown.has_invoice)
		print_invoice(cli, &shown.invoice);
	if (shown.paper.id)
		print_paper(cli, &shown.paper);
	print_frame(cli, &shown.frame);
	if (shown.sale.state == SALE_STATE_PARKED)
		fprintf(stderr,
			SAY(cli, "Issue: hoadon sale issue %lld; ignore: hoadon sale ignore %lld --reason \"…\"\n",
				"Lập hóa đơn: hoadon sale issue %lld; bỏ qua: hoadon sale ignore %lld --reason "
				"\"…\"\n"),
			(long long)shown.sale.id, (long long)shown.sale.id);
	return CLI_OK;
}
