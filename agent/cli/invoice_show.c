#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/row.h"
#include "store/messages.h"
#include "wire/xml_read.h"

#define VALUE_MAX 2048 /* the longest value is a name of 500 characters (format 5.1) */

DEFINE_CLEANUP(xmlDocPtr, xmlFreeDoc)

enum value_kind { VALUE_TEXT, VALUE_MONEY, VALUE_DAY };

/* Where a value stands in the document, and what it is called. Source: format 5.1. */
struct field {
	const char *path, *key, *en, *vi;
	enum value_kind kind;
};
struct section {
	const char *key, *en, *vi;
	const char *path; /* from HDon down */
	struct field fields[12];
};

static const struct section sections[] = {
	{"head", NULL, NULL, "DLHDon/TTChung",
		{{"THDon", "title", "Title", "Tên hóa đơn", VALUE_TEXT},
			{"KHMSHDon", "form", "Form", "Mẫu số", VALUE_TEXT},
			{"KHHDon", "serial", "Serial", "Ký hiệu", VALUE_TEXT},
			{"SHDon", "number", "Number", "Số", VALUE_TEXT},
			{"NLap", "date", "Date", "Ngày lập", VALUE_DAY},
			{"HTTToan", "payment", "Payment", "Thanh toán", VALUE_TEXT}}},
	{"marks", NULL, NULL, "", {{"MCCQT", "code", "Tax code (MCCQT)", "Mã CQT", VALUE_TEXT}}},
	{"seller", "Seller", "Người bán", "DLHDon/NDHDon/NBan",
		{{"Ten", "name", "Name", "Tên", VALUE_TEXT}, {"MST", "tax_code", "Tax code", "Mã số thuế", VALUE_TEXT},
			{"DChi", "address", "Address", "Địa chỉ", VALUE_TEXT},
			{"MCHang", "shop_code", "Shop code", "Mã cửa hàng", VALUE_TEXT},
			{"TCHang", "shop_name", "Shop", "Cửa hàng", VALUE_TEXT},
			{"SDThoai", "phone", "Phone", "Điện thoại", VALUE_TEXT}}},
	{"buyer", "Buyer", "Người mua", "DLHDon/NDHDon/NMua",
		{{"Ten", "name", "Name", "Tên", VALUE_TEXT}, {"MST", "tax_code", "Tax code", "Mã số thuế", VALUE_TEXT},
			{"MDVQHNSach", "budget_code", "Budget code", "Mã ĐVQHNS", VALUE_TEXT},
			{"DChi", "address", "Address", "Địa chỉ", VALUE_TEXT},
			{"CCCDan", "personal_id", "Personal number", "Số định danh", VALUE_TEXT},
			{"SHChieu", "passport", "Passport", "Hộ chiếu", VALUE_TEXT},
			{"HVTNMHang", "contact_name", "Contact", "Người mua hàng", VALUE_TEXT},
			{"SDThoai", "phone", "Phone", "Điện thoại", VALUE_TEXT},
			{"DCTDTu", "email", "E-mail", "Thư điện tử", VALUE_TEXT}}},
	{"totals", "Totals", "Tổng cộng", "DLHDon/NDHDon/TToan",
		{{"TgTCThue", "net", "Net", "Tiền hàng", VALUE_MONEY},
			{"TgTThue", "vat", "VAT", "Tiền thuế", VALUE_MONEY},
			{"TgTTTBSo", "total", "Total", "Tổng thanh toán", VALUE_MONEY},
			{"TgTTTBChu", "words", "In words", "Bằng chữ", VALUE_TEXT}}},
};

/* Columns of HHDVu and LTSuat. */
static const struct field line_fields[] = {
	{"STT", "index", NULL, NULL, VALUE_TEXT},
	{"TChat", "kind", NULL, NULL, VALUE_TEXT},
	{"MHHDVu", "code", NULL, NULL, VALUE_TEXT},
	{"THHDVu", "name", NULL, NULL, VALUE_TEXT},
	{"DVTinh", "unit", NULL, NULL, VALUE_TEXT},
	{"SLuong", "qty", NULL, NULL, VALUE_MONEY},
	{"DGia", "unit_price", NULL, NULL, VALUE_MONEY},
	{"STCKhau", "discount", NULL, NULL, VALUE_MONEY},
	{"ThTien", "amount", NULL, NULL, VALUE_MONEY},
	{"TSuat", "vat_rate", NULL, NULL, VALUE_TEXT},
	{.path = NULL},
};
static const struct field rate_fields[] = {
	{"TSuat", "vat_rate", NULL, NULL, VALUE_TEXT},
	{"ThTien", "net", NULL, NULL, VALUE_MONEY},
	{"TThue", "vat", NULL, NULL, VALUE_MONEY},
	{.path = NULL},
};

struct shown {
	struct invoice_row row;
	bool has_message;
	struct message_row message;
	const char *reissues,
		*reissued_as; /* "1C26MAA/12": whose place it took, and what took its place; NULL = none */
	xmlNodePtr root;      /* HDon */
};

static const char *value_of(xmlNodePtr node, const char *path, char out[VALUE_MAX])
{
	return node && xml_value(xml_path(node, path), out, VALUE_MAX) ? out : "";
}

static void print_value(const struct cli *cli, xmlNodePtr node, const struct field *field)
{
	char value[VALUE_MAX], number[PRINT_NUMBER_MAX];
	int32_t day;
	if (!*value_of(node, field->path, value))
		return;
	if (field->kind == VALUE_DAY && clock_parse_day(value, strlen(value), &day) == 0)
		day_text(day, value);
	if (field->kind == VALUE_MONEY) {
		number_group(value, number);
		snprintf(value, sizeof(value), "%s đ", number);
	}
	print_field(SAY(cli, field->en, field->vi), value);
}

static void print_line(xmlNodePtr line)
{
	char index[VALUE_MAX], name[VALUE_MAX], text[VALUE_MAX], number[PRINT_NUMBER_MAX];
	printf("  %s. %s\n", value_of(line, "STT", index), value_of(line, "THHDVu", name));
	if (!*value_of(line, "ThTien", text))
		return;
	fputs("     ", stdout);
	if (*value_of(line, "SLuong", text)) {
		number_group(text, number);
		printf("%s %s × ", number, value_of(line, "DVTinh", name));
		number_group(value_of(line, "DGia", text), number);
		fputs(number, stdout);
	}
	if (*value_of(line, "STCKhau", text)) {
		number_group(text, number);
		printf(" − %s", number);
	}
	number_group(value_of(line, "ThTien", text), number);
	printf(" = %s đ  %s\n", number, value_of(line, "TSuat", name));
}

static void print_lines(const struct cli *cli, xmlNodePtr root)
{
	xmlNodePtr list = xml_path(root, "DLHDon/NDHDon/DSHHDVu");
	puts(SAY(cli, "Lines", "Hàng hóa, dịch vụ"));
	for (xmlNodePtr line = list ? xml_first(list, "HHDVu") : NULL; line; line = xml_next(line, "HHDVu"))
		print_line(line);
}

static void print_rates(const struct cli *cli, xmlNodePtr root)
{
	char text[VALUE_MAX], number[PRINT_NUMBER_MAX];
	xmlNodePtr list = xml_path(root, "DLHDon/NDHDon/TToan/THTTLTSuat");
	if (!list)
		return;
	fputs("  ", stdout);
	print_cell(SAY(cli, "VAT RATE", "THUẾ SUẤT"), 10);
	print_cell(SAY(cli, "NET", "TIỀN HÀNG"), -18);
	print_cell(SAY(cli, "VAT", "TIỀN THUẾ"), -15);
	for (xmlNodePtr rate = xml_first(list, "LTSuat"); rate; rate = xml_next(rate, "LTSuat")) {
		fputs("\n  ", stdout);
		print_cell(value_of(rate, "TSuat", text), 10);
		number_group(value_of(rate, "ThTien", text), number);
		print_cell(number, -18);
		number_group(value_of(rate, "TThue", text), number);
		print_cell(number, -15);
	}
	putchar('\n');
}

static void print_fate(const struct cli *cli, const struct shown *shown)
{
	char issued[CLOCK_TEXT_MAX];
	time_text(shown->row.issued_at, issued);
	puts(SAY(cli, "State", "Tình trạng"));
	print_field(SAY(cli, "State", "Trạng thái"), state_text(cli, invoice_state_word((int)shown->row.state)));
	print_field(SAY(cli, "Refusal", "Lý do từ chối"), shown->row.refusal);
	print_field(SAY(cli, "In the place of", "Thay chỗ hóa đơn"), shown->reissues);
	print_field(SAY(cli, "Issued again as", "Đã lập lại thành"), shown->reissued_as);
	print_field(SAY(cli, "Issued at", "Thời điểm lập"), issued);
	if (shown->has_message) {
		print_field(SAY(cli, "Message", "Thông điệp"), shown->message.message_id);
		print_field(SAY(cli, "Its state", "Tình trạng gửi"),
			state_text(cli, message_state_word((int)shown->message.state)));
	} else {
		print_field(SAY(cli, "Message", "Thông điệp"), SAY(cli, "waits to be sent", "đang chờ gửi"));
	}
}

static void print_section(const struct cli *cli, xmlNodePtr root, const struct section *section)
{
	xmlNodePtr node = *section->path ? xml_path(root, section->path) : root;
	if (section->en)
		puts(SAY(cli, section->en, section->vi));
	for (size_t i = 0; i < ARRAY_LEN(section->fields) && section->fields[i].path; i++)
		print_value(cli, node, &section->fields[i]);
}

static void print_human(const struct cli *cli, const struct shown *shown)
{
	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		if (strcmp(sections[i].key, "totals") == 0) {
			print_lines(cli, shown->root);
			print_section(cli, shown->root, &sections[i]);
			print_rates(cli, shown->root);
		} else {
			print_section(cli, shown->root, &sections[i]);
		}
	}
	print_fate(cli, shown);
}

static void write_fields(xmlNodePtr node, const struct field *fields, size_t count, struct bytes *out)
{
	char value[VALUE_MAX];
	bytes_char(out, '{');
	for (size_t i = 0; i < count && fields[i].path; i++)
		if (*value_of(node, fields[i].path, value))
			json_member(out, fields[i].key, value);
	bytes_char(out, '}');
}

static void write_list(xmlNodePtr list, const char *tag, const struct field *fields, size_t count, struct bytes *out)
{
	bytes_char(out, '[');
	for (xmlNodePtr item = list ? xml_first(list, tag) : NULL; item; item = xml_next(item, tag)) {
		json_item(out);
		write_fields(item, fields, count, out);
	}
	bytes_char(out, ']');
}

static int print_json(const struct shown *shown, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_key(&out, "invoice");
	row_write_invoice(&shown->row, &out);
	json_member(&out, "message_id", shown->has_message ? shown->message.message_id : NULL);
	json_member(&out, "message_state", shown->has_message ? message_state_word((int)shown->message.state) : NULL);
	json_member(&out, "reissues", shown->reissues);
	json_member(&out, "reissued_as", shown->reissued_as);
	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		json_key(&out, sections[i].key);
		write_fields(*sections[i].path ? xml_path(shown->root, sections[i].path) : shown->root,
			sections[i].fields, ARRAY_LEN(sections[i].fields), &out);
	}
	json_key(&out, "lines");
	write_list(xml_path(shown->root, "DLHDon/NDHDon/DSHHDVu"), "HHDVu", line_fields, ARRAY_LEN(line_fields), &out);
	json_key(&out, "rates");
	write_list(xml_path(shown->root, "DLHDon/NDHDon/TToan/THTTLTSuat"), "LTSuat", rate_fields,
		ARRAY_LEN(rate_fields), &out);
	return json_print(&out, fault);
}

static const char *name_of(struct cli *cli, const struct invoice_row *row)
{
	char symbol[SERIAL_LEN + 2];
	symbol_make(row->form, row->serial, symbol);
	return arena_printf(cli->arena, "%s/%d", symbol, (int)row->number);
}

static int load_kin(struct cli *cli, struct store *store, struct shown *ret, struct fault *fault)
{
	struct invoice_row kin;
	int result = store_invoice_reissues(store, ret->row.id, cli->arena, &kin, fault);
	if (result == 0)
		ret->reissues = name_of(cli, &kin);
	if (result < 0)
		return result;
	result = store_invoice_reissued_as(store, ret->row.id, cli->arena, &kin, fault);
	if (result == 0)
		ret->reissued_as = name_of(cli, &kin);
	return result < 0 ? result : 0;
}

static int load(struct cli *cli, struct store *store, struct shown *ret, struct fault *fault)
{
	int result = row_find_invoice(cli, store, cli->words[0], &ret->row, fault);
	if (result == 0)
		result = load_kin(cli, store, ret, fault);
	if (result || !ret->row.message_id)
		return result;
	result = store_message_get(store, ret->row.message_id, cli->arena, &ret->message, fault);
	ret->has_message = result == 0;
	return result < 0 ? result : 0;
}

int invoice_show_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	CLEANUP(xmlFreeDocp) xmlDocPtr doc = NULL;
	struct shown shown = {0};
	const char *rule = NULL;
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = load(cli, store, &shown, fault);
	if (result)
		return result;
	result = xml_read(shown.row.xml, shown.row.xml_len, &xml_limits_default, &doc, &rule);
	if (result > 0)
		return FAULT(fault, FAULT_FORMAT, "the stored bytes of invoice %lld cannot be read (%s)",
			(long long)shown.row.id, rule);
	if (result < 0)
		return FAULT(fault, FAULT_MEMORY, "no memory to read invoice %lld", (long long)shown.row.id);
	shown.root = xmlDocGetRootElement(doc);
	if (cli->is_json)
		return print_json(&shown, fault);
	print_human(cli, &shown);
	return CLI_OK;
}
