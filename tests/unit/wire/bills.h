/* bills: invoices of the message samples, given as data; each test program includes this once, after testing.h. */
#ifndef HOADON_TESTS_WIRE_BILLS_H
#define HOADON_TESTS_WIRE_BILLS_H

#include "base/clock.h"
#include "core/invoice.h"
#include "core/seller.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>

struct bill {
	struct seller seller;
	struct till till;
	struct invoice_line lines[4];
	struct invoice invoice;
};

static inline void bill_bind(struct bill *bill, const char *serial, int number, const char *code, int32_t day)
{
	struct invoice *invoice = &bill->invoice;

	invoice->seller = &bill->seller;
	invoice->lines = bill->lines;
	invoice->number = number;
	invoice->issue_day = day;
	invoice->profile = bill->seller.profile;
	snprintf(invoice->serial, sizeof(invoice->serial), "%s", serial);
	snprintf(invoice->code, sizeof(invoice->code), "%s", code);
}

/** bill_vat() - the invoice of 206-vat-inclusive-prices.xml. */
static inline void bill_vat(struct bill *bill)
{
	*bill = (struct bill){
		.seller = {.tax_code = "9900000016",
			.name = "Công ty TNHH Quán Ví Dụ",
			.address = "Số 1 Phố Ví Dụ, Phường Mẫu, Thành phố Hà Nội",
			.form = 1,
			.code_flag = 'C',
			.provider_tax_code = "9900000030",
			.profile = profile_find("2.1.0")},
		.lines = {{LINE_GOODS, 1, "PHO01", "Phở bò tái", "Tô", {2, 0}, {50926, 0}, 0, 101852, VAT_8},
			{LINE_GOODS, 2, "CF01", "Cà phê sữa đá", "Ly", {3, 0}, {INT64_C(26851851852), 6}, 6482, 74074,
				VAT_8},
			{LINE_GOODS, 3, "BIA01", "Bia lon 330 ml", "Lon", {5, 0}, {20000, 0}, 0, 100000, VAT_10}},
		.invoice = {.line_count = 3,
			.payment = "Chuyển khoản",
			.is_anonymous = true,
			.buyer = {.name = "Bán cho người tiêu dùng"},
			.groups = {[VAT_8] = {true, 175926, 14074, 0}, [VAT_10] = {true, 100000, 10000, 0}},
			.net = 275926,
			.vat = 24074,
			.total = 300000,
			.words = "Ba trăm nghìn đồng"},
	};
	bill_bind(bill, "C26MVD", 1213, "M1-26-VD7K2-30000001213", 20261121);
}

/** bill_household() - invoice 42 of 206-household-three-sales.xml. */
static inline void bill_household(struct bill *bill)
{
	*bill = (struct bill){
		.seller = {.tax_code = "099085000001",
			.name = "Hộ kinh doanh Bếp Ví Dụ",
			.address = "Số 2 Ngõ Ví Dụ, Phường Mẫu, Thành phố Hà Nội",
			.form = 2,
			.code_flag = 'C',
			.provider_tax_code = "9900000030",
			.profile = profile_find("2.1.0")},
		.till = {.id = "T2",
			.location_code = "CH02",
			.location_name = "Bếp Ví Dụ - cơ sở 2",
			.location_address = "Số 4 Ngõ Ví Dụ"},
		.lines = {{LINE_GOODS, 1, "BUN02", "Bún nem", "Suất", {10, 0}, {40000, 0}, 0, 400000, VAT_NONE},
			{LINE_GOODS, 2, "NUO01", "Nước khoáng 500 ml", "Chai", {10, 0}, {8000, 0}, 0, 80000, VAT_NONE}},
		.invoice = {.line_count = 2,
			.payment = "Tiền mặt",
			.buyer = {.name = "Công ty Cổ phần Khách Hàng Mẫu",
				.tax_code = "9900000048",
				.address = "Số 3 Đường Mẫu, Phường Mẫu, Thành phố Hà Nội"},
			.total = 480000,
			.words = "Bốn trăm tám mươi nghìn đồng"},
	};
	bill->invoice.till = &bill->till;
	bill_bind(bill, "C26MHK", 42, "M2-26-HK3M9-20000000042", 20261120);
}

/** sample_canonical() - the canonical form (by libxml2) of the message sample without blanks and comment, NUL-terminated; xmlFree(). */
static inline char *sample_canonical(const char *name, int *ret_len)
{
	BYTES_CLEANUP struct bytes text = {0};
	xmlDocPtr doc;
	xmlChar *out = NULL;
	char path[256];

	bytes_init(&text, 1u << 20);
	snprintf(path, sizeof(path), "messages/%s", name);
	read_data(path, &text);
	doc = xmlReadMemory((char *)text.data, (int)text.len, NULL, NULL, XML_PARSE_NOBLANKS | XML_PARSE_NONET);
	assert_non_null(doc);
	*ret_len = xmlC14NDocDumpMemory(doc, NULL, XML_C14N_1_0, NULL, 0, &out);
	assert_true(*ret_len > 0);
	xmlFreeDoc(doc);
	return (char *)out;
}

#endif
