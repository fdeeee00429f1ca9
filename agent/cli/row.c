#include "cli/row.h"

#include <stdio.h>
#include <string.h>

#include "cli/print.h"

void row_write_sale(const struct sale_row *row, struct bytes *out)
{
	char day[CLOCK_TEXT_MAX];
	clock_format_day(row->business_day, day);
	bytes_char(out, '{');
	json_id(out, "id", row->id);
	json_member(out, "till_id", row->till_id);
	json_member(out, "bill_no", row->bill_no);
	json_member(out, "business_day", day);
	json_member(out, "kind", sale_kind_text(row->kind));
	json_member(out, "state", sale_state_word((int)row->state));
	json_time(out, "sold_at", row->sold_at);
	json_time(out, "received_at", row->received_at);
	json_id(out, "total", row->total);
	json_member(out, "reason", row->reason && *row->reason ? row->reason : NULL);
	json_member(out, "detail", row->detail && *row->detail ? row->detail : NULL);
	bytes_char(out, '}');
}

void row_write_invoice(const struct invoice_row *row, struct bytes *out)
{
	char symbol[SERIAL_LEN + 2];
	symbol_make(row->form, row->serial, symbol);
	bytes_char(out, '{');
	json_id(out, "id", row->id);
	json_member(out, "symbol", symbol);
	json_id(out, "form", row->form);
	json_member(out, "serial", row->serial);
	json_id(out, "number", row->number);
	json_member(out, "code", *row->code ? row->code : NULL);
	json_member(out, "state", invoice_state_word((int)row->state));
	json_time(out, "issued_at", row->issued_at);
	json_time(out, "sold_at", row->sold_at);
	json_time(out, "deadline", row->deadline);
	json_id(out, "net", row->net);
	json_id(out, "vat", row->vat);
	json_id(out, "total", row->total);
	json_member_flag(out, "in_message", row->message_id != 0);
	json_member(out, "refusal", row->refusal && *row->refusal ? row->refusal : NULL);
	bytes_char(out, '}');
}

/* "1C26MAA/12" → form, serial, number. 0 or 1. */
static int read_symbol(const char *text, int *form, char serial[SERIAL_LEN + 1], int64_t *number)
{
	if (strlen(text) < SERIAL_LEN + 3 || text[SERIAL_LEN + 1] != '/' || text[0] < '1' || text[0] > '9')
		return 1;
	*form = text[0] - '0';
	memcpy(serial, text + 1, SERIAL_LEN);
	serial[SERIAL_LEN] = 0;
	return !serial_is_valid(serial) || cli_number(text + SERIAL_LEN + 2, number) || *number > NUMBER_LAST;
}

int row_find_invoice(
	struct cli *cli, struct store *store, const char *text, struct invoice_row *ret, struct fault *fault)
{
	char serial[SERIAL_LEN + 1];
	int64_t number;
	int form, result;
	if (cli_number(text, &number) == 0)
		result = store_invoice_get(store, number, cli->arena, ret, fault);
	else if (read_symbol(text, &form, serial, &number) == 0)
		result = store_invoice_by_number(store, form, serial, (int32_t)number, cli->arena, ret, fault);
	else if (strchr(text, '/'))
		return cli_usage(cli, "an invoice is named by ID, SYMBOL/NUMBER or CODE, for example 1C26MAA/12",
			"hóa đơn được gọi bằng ID, KÝ HIỆU/SỐ hoặc MÃ CQT, ví dụ 1C26MAA/12");
	else
		result = store_invoice_by_code(store, text, cli->arena, ret, fault);
	if (result == STORE_NONE)
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli, "there is no invoice %s; all invoices: hoadon invoice list",
				"không có hóa đơn %s; xem mọi hóa đơn: hoadon invoice list"),
			text);
	return result;
}
