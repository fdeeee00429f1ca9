#include "fields.h"
#include "clock.h"
#include "number.h"
#include "xml.h"

#include <stdlib.h>
#include <string.h>

enum type {
	T_TEXT,
	T_DIGITS,  /* integer without sign */
	T_DEC21_6, /* decimal of at most 21 digits, 6 decimals */
	T_DEC7_2,
	T_DEC6_4,
	T_DATE,
	T_FLAG,
	T_TAX_CODE,
	T_PERSONAL_ID, /* 12 digits */
	T_BLOCK,       /* has elements of its own */
	T_REPEATED,    /* a block that may occur many times */
};

/* need: M mandatory, - optional, x should be absent (a warning, format 12.2) */
struct field {
	const char *tag;     /* XML tag */
	const char *english; /* our name for it */
	unsigned max;
	enum type type;
	char need1, need2; /* form 1; form 2 and all others */
};

struct block {
	const char *path; /* below HDon; the last step may repeat */
	const struct field *fields;
	size_t count;
};

/* format 5.1, DLHDon/TTChung */
static const struct field head[] = {
	{"PBan", "version of the invoice format", 6, T_TEXT, 'M', 'M'},
	{"THDon", "name of the invoice", 100, T_TEXT, 'M', 'M'},
	{"KHMSHDon", "form", 1, T_DIGITS, 'M', 'M'},
	{"KHHDon", "serial", 6, T_TEXT, 'M', 'M'},
	{"SHDon", "number", 8, T_DIGITS, 'M', 'M'},
	{"MHSo", "file number", 20, T_TEXT, '-', '-'},
	{"NLap", "invoice date", 10, T_DATE, 'M', 'M'},
	{"HDCTTChinh", "finance lease", 1, T_FLAG, '-', 'x'},
	{"HDDCKPTQuan", "non-tariff zone", 1, T_FLAG, 'x', 'M'},
	{"SBKe", "list number", 50, T_TEXT, '-', '-'},
	{"NBKe", "list date", 10, T_DATE, '-', '-'},
	{"DVTTe", "currency", 3, T_TEXT, 'M', 'M'},
	{"TGia", "exchange rate", 0, T_DEC7_2, '-', '-'},
	{"HTTToan", "payment", 50, T_TEXT, 'M', 'M'},
	{"MSTTCGP", "tax code of the solution provider", 14, T_TAX_CODE, 'M', 'M'},
	{"MSTDVNUNLHDon", "delegated issuer, tax code", 14, T_TAX_CODE, '-', '-'},
	{"TDVNUNLHDon", "delegated issuer, name", 400, T_TEXT, '-', '-'},
	{"DCDVNUNLHDon", "delegated issuer, address", 400, T_TEXT, '-', '-'},
	{"TTHDLQuan", "related invoice", 0, T_BLOCK, '-', '-'},
	{"TTKhac", "other data", 0, T_BLOCK, '-', '-'},
};

/* format 5.3 */
static const struct field related[] = {
	{"TCHDon", "1 replaces, 2 adjusts", 1, T_DIGITS, 'M', 'M'},
	{"LHDCLQuan", "kind of the old invoice", 1, T_DIGITS, 'M', 'M'},
	{"KHMSHDCLQuan", "old form", 11, T_TEXT, '-', '-'},
	{"KHHDCLQuan", "old serial", 8, T_TEXT, '-', '-'},
	{"SHDCLQuan", "old number", 8, T_DIGITS, '-', '-'},
	{"NLHDCLQuan", "old date", 10, T_DATE, '-', '-'},
	{"MSTCLQuan", "old tax code", 14, T_TAX_CODE, '-', '-'},
	{"LDDCTThe", "reason", 2, T_DIGITS, '-', '-'},
	{"GChu", "note", 255, T_TEXT, '-', '-'},
	{"SBKCLQuan", "list number", 50, T_TEXT, '-', '-'},
	{"NBKCLQuan", "list date", 10, T_DATE, '-', '-'},
};

static const struct field seller[] = {
	{"Ten", "registered name", 400, T_TEXT, 'M', 'M'},
	{"MST", "tax code", 14, T_TAX_CODE, 'M', 'M'},
	{"DChi", "address", 400, T_TEXT, 'M', 'M'},
	{"MDDKDoanh", "business place, code", 50, T_TEXT, '-', '-'},
	{"TDDKDoanh", "business place, name", 400, T_TEXT, '-', '-'},
	{"DCDDKDoanh", "business place, address", 400, T_TEXT, '-', '-'},
	{"MCHang", "shop code", 50, T_TEXT, '-', '-'},
	{"TCHang", "shop name", 400, T_TEXT, '-', '-'},
	{"SDThoai", "phone", 20, T_TEXT, '-', '-'},
	{"DCTDTu", "e-mail", 50, T_TEXT, '-', '-'},
	{"STKNHang", "bank account", 30, T_TEXT, '-', '-'},
	{"TNHang", "bank", 400, T_TEXT, '-', '-'},
	{"Fax", "fax", 20, T_TEXT, '-', '-'},
	{"Website", "web site", 100, T_TEXT, '-', '-'},
	{"TTKhac", "other data", 0, T_BLOCK, '-', '-'},
};

/* format 5.1 and 5.4 */
static const struct field buyer[] = {
	{"Ten", "name", 400, T_TEXT, '-', '-'},
	{"MST", "tax code", 14, T_TAX_CODE, '-', '-'},
	{"MDVQHNSach", "budget unit", 7, T_TEXT, '-', '-'},
	{"DChi", "address", 400, T_TEXT, '-', '-'},
	{"MTinh", "province code", 50, T_TEXT, '-', '-'},
	{"TTinh", "province", 400, T_TEXT, '-', '-'},
	{"MXa", "commune code", 50, T_TEXT, '-', '-'},
	{"TXa", "commune", 400, T_TEXT, '-', '-'},
	{"MKHang", "customer code", 50, T_TEXT, '-', '-'},
	{"SDThoai", "phone", 20, T_TEXT, '-', '-'},
	{"CCCDan", "personal ID", 12, T_PERSONAL_ID, '-', '-'},
	{"SHChieu", "passport", 20, T_TEXT, '-', '-'},
	{"DCTDTu", "e-mail", 50, T_TEXT, '-', '-'},
	{"HVTNMHang", "person buying", 100, T_TEXT, '-', '-'},
	{"STKNHang", "bank account", 30, T_TEXT, '-', '-'},
	{"TNHang", "bank", 400, T_TEXT, '-', '-'},
	{"TTKhac", "other data", 0, T_BLOCK, '-', '-'},
};

static const struct field line[] = {
	{"TChat", "kind of line", 1, T_DIGITS, 'M', 'M'},
	{"STT", "line number", 4, T_DIGITS, '-', '-'},
	{"MHHDVu", "item code", 50, T_TEXT, '-', '-'},
	{"THHDVu", "item name", 500, T_TEXT, 'M', 'M'},
	{"DVTinh", "unit", 50, T_TEXT, '-', '-'},
	{"SLuong", "quantity", 0, T_DEC21_6, '-', '-'},
	{"DGia", "unit price", 0, T_DEC21_6, '-', '-'},
	{"TLCKhau", "discount percent", 0, T_DEC6_4, '-', '-'},
	{"STCKhau", "discount", 0, T_DEC21_6, '-', '-'},
	{"ThTien", "amount", 0, T_DEC21_6, '-', '-'}, /* mandatory but for TChat 4: check_line() */
	{"TSuat", "VAT rate", 11, T_TEXT, '-', 'x'},
	{"TTHHDTrung", "special goods", 0, T_BLOCK, '-', '-'},
	{"TTKhac", "other data", 0, T_BLOCK, '-', '-'},
};

static const struct field rate[] = {
	{"TSuat", "VAT rate", 11, T_TEXT, 'M', 'M'},
	{"ThTien", "net of the rate", 0, T_DEC21_6, 'M', 'M'},
	{"TThue", "VAT of the rate", 0, T_DEC21_6, '-', '-'},
};

static const struct field totals[] = {
	{"THTTLTSuat", "sums by rate", 0, T_BLOCK, '-', 'x'},
	{"TgTCThue", "net total", 0, T_DEC21_6, 'M', 'x'},
	{"TGTKCThue", "reduction without VAT", 0, T_DEC21_6, '-', '-'},
	{"TgTThue", "VAT total", 0, T_DEC21_6, 'M', 'x'},
	{"DSLPhi", "fees", 0, T_BLOCK, '-', '-'},
	{"TTCKTMai", "trade discount total", 0, T_DEC21_6, '-', '-'},
	{"TGTKhac", "other reduction", 0, T_DEC21_6, '-', '-'},
	{"TgTTTBSo", "amount to pay", 0, T_DEC21_6, 'M', 'M'},
	{"TgTTTBChu", "amount in words", 255, T_TEXT, 'M', 'M'},
	{"TTKhac", "other data", 0, T_BLOCK, '-', '-'},
};

static const struct field fee[] = {
	{"TLPhi", "fee name", 100, T_TEXT, 'M', 'M'},
	{"TPhi", "fee amount", 0, T_DEC21_6, 'M', 'M'},
};

static const struct field content[] = {
	{"NBan", "seller", 0, T_BLOCK, 'M', 'M'},
	{"NMua", "buyer", 0, T_BLOCK, 'M', 'M'},
	{"DSHHDVu", "lines", 0, T_BLOCK, '-', '-'}, /* may be missing in an adjustment: check_frame() */
	{"TToan", "totals", 0, T_BLOCK, '-', '-'},
};

static const struct field data[] = {
	{"TTChung", "head", 0, T_BLOCK, 'M', 'M'},
	{"NDHDon", "content", 0, T_BLOCK, 'M', 'M'},
	{"TTKhac", "other data", 0, T_BLOCK, '-', '-'},
};

static const struct field frame[] = {
	{"DLHDon", "invoice data", 0, T_BLOCK, 'M', 'M'},
	{"DLQRCode", "QR string", 512, T_TEXT, '-', '-'},
	{"MCCQT", "tax-authority code", 34, T_TEXT, '-', '-'},
	{"DSCKS", "signatures", 0, T_BLOCK, '-', '-'},
};

static const struct field list_of_lines[] = {{"HHDVu", "line", 0, T_REPEATED, 'M', 'M'}};
static const struct field list_of_rates[] = {{"LTSuat", "rate", 0, T_REPEATED, '-', '-'}};
static const struct field list_of_fees[] = {{"LPhi", "fee", 0, T_REPEATED, '-', '-'}};

#define ROWS(t) t, sizeof t / sizeof t[0]

static const struct block blocks[] = {
	{"", ROWS(frame)},
	{"DLHDon", ROWS(data)},
	{"DLHDon/TTChung", ROWS(head)},
	{"DLHDon/TTChung/TTHDLQuan", ROWS(related)},
	{"DLHDon/NDHDon", ROWS(content)},
	{"DLHDon/NDHDon/NBan", ROWS(seller)},
	{"DLHDon/NDHDon/NMua", ROWS(buyer)},
	{"DLHDon/NDHDon/DSHHDVu", ROWS(list_of_lines)},
	{"DLHDon/NDHDon/DSHHDVu/HHDVu", ROWS(line)},
	{"DLHDon/NDHDon/TToan", ROWS(totals)},
	{"DLHDon/NDHDon/TToan/THTTLTSuat", ROWS(list_of_rates)},
	{"DLHDon/NDHDon/TToan/THTTLTSuat/LTSuat", ROWS(rate)},
	{"DLHDon/NDHDon/TToan/DSLPhi", ROWS(list_of_fees)},
	{"DLHDon/NDHDon/TToan/DSLPhi/LPhi", ROWS(fee)},
};

struct pass {
	int form;
	bool strict;
	struct notes *notes;
	struct reason *why;
};

static int refuse(const struct pass *p, const xmlNode *node, const char *tag, const char *what)
{
	char path[256];

	xml_where(node, path, sizeof path);
	return reason_set(p->why, "S401", "%s: %s%s%s", what, path, tag ? "/" : "", tag ? tag : "");
}

/* A tolerance of format 12.2: a warning, or S401 when strict. */
static int tolerate(const struct pass *p, const xmlNode *node, const char *tag, const char *what, const char *note)
{
	char path[256];

	if (p->strict)
		return refuse(p, node, tag, what);
	xml_where(node, path, sizeof path);
	notes_add(p->notes, "%s: %s%s%s", note, path, tag ? "/" : "", tag ? tag : "");
	return 0;
}

static bool decimal_fits(const char *value, unsigned digits, unsigned decimals)
{
	struct number ignored;
	const char *dot = strchr(value, '.');
	size_t all = strlen(value) - (*value == '-') - (dot != NULL);

	return number_parse(value, &ignored) && all <= digits && (!dot || strlen(dot + 1) <= decimals);
}

static bool type_fits(const struct field *f, const char *value)
{
	int day;

	switch (f->type) {
	case T_TEXT:
		return utf8_length(value) <= f->max;
	case T_DIGITS:
		return str_digits(value, f->max);
	case T_DEC21_6:
		return decimal_fits(value, 21, 6);
	case T_DEC7_2:
		return decimal_fits(value, 7, 2);
	case T_DEC6_4:
		return decimal_fits(value, 6, 4);
	case T_DATE:
		return clock_parse_date(value, &day);
	case T_FLAG:
		return str_match(value, "^[01]$");
	case T_TAX_CODE:
		return str_match(value, "^([0-9]{10}(-[0-9]{3})?|[0-9]{12})$");
	case T_PERSONAL_ID:
		return str_match(value, "^[0-9]{12}$");
	case T_BLOCK:
	case T_REPEATED:
		break;
	}
	return true;
}

static int check_value(const struct pass *p, const xmlNode *parent, const struct field *f)
{
	const xmlNode *node = xml_child(parent, f->tag);
	char need = p->form == 1 ? f->need1 : f->need2;
	char value[XML_VALUE];

	if (f->type != T_REPEATED && node && xml_next(node))
		return refuse(p, node, NULL, "Chỉ tiêu lặp lại");
	bool is_block = f->type == T_BLOCK || f->type == T_REPEATED;
	bool filled = is_block ? node != NULL : xml_value(node, value);
	if (!filled && need == 'M')
		return refuse(p, parent, f->tag, "Thiếu chỉ tiêu bắt buộc");
	if (filled && need == 'x')
		return tolerate(p, node, NULL, "Chỉ tiêu không dùng cho mẫu số này", "not for this form");
	if (node && !filled)
		return tolerate(p, node, NULL, "Chỉ tiêu rỗng", "empty element");
	if (!filled || is_block)
		return 0;
	if (!type_fits(f, value))
		return refuse(p, node, NULL, "Sai kiểu hoặc quá độ dài");
	if (f->type == T_DEC21_6 && strchr(value, '.') && value[strlen(value) - 1] == '0')
		return tolerate(p, node, NULL, "Số thập phân có số 0 ở cuối", "trailing zeros");
	return 0;
}

static int check_unknown(const struct pass *p, const xmlNode *parent, const struct block *b)
{
	for (const xmlNode *n = parent->children; n; n = n->next) {
		bool known = n->type != XML_ELEMENT_NODE;
		for (size_t i = 0; i < b->count && !known; i++)
			known = xml_is(n, b->fields[i].tag);
		if (!known && tolerate(p, n, NULL, "Chỉ tiêu không có trong định dạng", "unknown element") != 0)
			return 1;
	}
	return 0;
}

/* ThTien is mandatory on every line but a note; TSuat on goods of form 1 (format 5.1). */
static int check_line(const struct pass *p, const xmlNode *node)
{
	char kind[8], value[XML_VALUE];

	xml_copy(node, "TChat", kind, sizeof kind);
	if (!str_match(kind, "^[1-5]$"))
		return refuse(p, node, "TChat", "Sai giá trị");
	if (kind[0] != '4' && !xml_get(node, "ThTien", value))
		return refuse(p, node, "ThTien", "Thiếu chỉ tiêu bắt buộc");
	if (p->form == 1 && (kind[0] == '1' || kind[0] == '5') && !xml_get(node, "TSuat", value))
		return refuse(p, node, "TSuat", "Thiếu chỉ tiêu bắt buộc");
	return 0;
}

static int check_block(const struct pass *p, const xmlNode *node, const struct block *b)
{
	for (size_t i = 0; i < b->count; i++) {
		if (check_value(p, node, &b->fields[i]) != 0)
			return 1;
	}
	if (b->fields == line && check_line(p, node) != 0)
		return 1;
	return check_unknown(p, node, b);
}

/* Lines and totals may be missing only in an adjustment; DSHHDVu, TTKhac and the buyer have rules of their own. */
static int check_frame(const struct pass *p, const xmlNode *invoice)
{
	const xmlNode *inner = xml_path(invoice, "DLHDon/NDHDon"), *buys = xml_child(inner, "NMua");
	char kind[8], value[XML_VALUE];

	bool adjusts = xml_copy(xml_path(invoice, "DLHDon/TTChung/TTHDLQuan"), "TCHDon", kind, sizeof kind) &&
		       strcmp(kind, "2") == 0;
	if (!adjusts && !xml_child(inner, "DSHHDVu"))
		return refuse(p, inner, "DSHHDVu", "Thiếu chỉ tiêu bắt buộc");
	if (!adjusts && !xml_child(inner, "TToan"))
		return refuse(p, inner, "TToan", "Thiếu chỉ tiêu bắt buộc");
	if (!xml_get(buys, "Ten", value) &&
		!xml_get(buys, "HVTNMHang", value) && /* format 5.4: never leave NMua empty */
		tolerate(p, buys, "Ten", "Thiếu tên người mua", "buyer without a name") != 0)
		return 1;
	const xmlNode *words = xml_path(inner, "TToan/TgTTTBChu");
	size_t len = xml_value(words, value) ? strlen(value) : 0; /* format 2.4: a warning only */
	while (len > 0 && value[len - 1] == '.')
		value[--len] = '\0';
	if (words && (len < strlen("đồng") || strcmp(value + len - strlen("đồng"), "đồng") != 0))
		notes_add(p->notes, "amount in words does not end with đồng");
	return 0;
}

int fields_check(const xmlNode *invoice, int form, bool strict, struct notes *notes, struct reason *why)
{
	struct pass p = {.form = form, .strict = strict, .notes = notes, .why = why};

	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
		const struct block *b = &blocks[i];
		const xmlNode *node = b->path[0] ? xml_path(invoice, b->path) : invoice;
		bool repeats = b->fields == line || b->fields == rate || b->fields == fee;
		for (; node; node = repeats ? xml_next(node) : NULL) {
			if (check_block(&p, node, b) != 0)
				return 1;
		}
	}
	return check_frame(&p, invoice);
}
