#include "wire/invoice_xml.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "wire/qr.h"
#include "wire/xml_write.h"

/* THDon by form (format 5.1). */
static const char *title_of(int form)
{
	return form == 2 ? "Hóa đơn bán hàng khởi tạo từ máy tính tiền"
			 : "Hóa đơn giá trị gia tăng khởi tạo từ máy tính tiền";
}

/* One TTin of a TTKhac (format 5.2). */
static void write_extra(struct bytes *out, const char *field, const char *value)
{
	if (!value || value[0] == '\0')
		return;
	xml_open(out, "TTin");
	xml_element(out, "TTruong", field);
	xml_element(out, "KDLieu", "string");
	xml_element(out, "DLieu", value);
	xml_close(out, "TTin");
}

static bool has_text(const char *text)
{
	return text && text[0] != '\0';
}

static void write_common(const struct invoice *invoice, struct bytes *out)
{
	const struct seller *seller = invoice->seller;
	char form[2] = {(char)('0' + seller->form), '\0'};
	char day[CLOCK_TEXT_MAX];

	clock_format_day(invoice->issue_day, day);
	xml_open(out, "TTChung");
	xml_element(out, "PBan", invoice->profile->pban);
	xml_element(out, "THDon", title_of(seller->form));
	xml_element(out, "KHMSHDon", form);
	xml_element(out, "KHHDon", invoice->serial);
	xml_element_int(out, "SHDon", invoice->number);
	xml_element(out, "NLap", day);
	if (seller->form == 2)
		xml_element_int(out, "HDDCKPTQuan", 0);
	xml_element(out, "DVTTe", "VND");
	xml_element(out, "HTTToan", invoice->payment);
	xml_element(out, "MSTTCGP", seller->provider_tax_code);
	xml_close(out, "TTChung");
}

/* Where the sale was made (law R-WHO-3), by what the profile has a place for (format 1.2). */
static void write_place(const struct invoice *invoice, struct bytes *out)
{
	const struct profile *profile = invoice->profile;
	const struct till *till = invoice->till;

	if (!till)
		return;
	if (profile->has_business_place) {
		xml_element(out, "MDDKDoanh", till->location_code);
		xml_element(out, "TDDKDoanh", till->location_name);
		xml_element(out, "DCDDKDoanh", till->location_address);
	}
	if (profile->has_shop_code) {
		xml_element(out, "MCHang", till->location_code);
		xml_element(out, "TCHang", till->location_name);
	}
}

/* Profile 2.0.1 has no MCHang: it says the shop in TTKhac (format 1.2, row shop_code). */
static void write_seller_extra(const struct invoice *invoice, struct bytes *out)
{
	const struct till *till = invoice->till;

	if (!till || invoice->profile->has_shop_code)
		return;
	if (!has_text(till->location_code) && !has_text(till->location_name))
		return;
	xml_open(out, "TTKhac");
	write_extra(out, "MCHang", till->location_code);
	write_extra(out, "TCHang", till->location_name);
	xml_close(out, "TTKhac");
}

static void write_seller(const struct invoice *invoice, struct bytes *out)
{
	const struct seller *seller = invoice->seller;

	xml_open(out, "NBan");
	xml_element(out, "Ten", seller->name);
	xml_element(out, "MST", seller->tax_code);
	xml_element(out, "DChi", seller->address);
	write_place(invoice, out);
	xml_element(out, "SDThoai", seller->phone);
	xml_element(out, "DCTDTu", seller->email);
	xml_element(out, "STKNHang", seller->bank_account);
	xml_element(out, "TNHang", seller->bank_name);
	xml_element(out, "Website", seller->website);
	write_seller_extra(invoice, out);
	xml_close(out, "NBan");
}

/* Profile 2.0.1 knows only CCCDan; what the buyer gave is not dropped but said in TTKhac (format 1.2, row buyer_ids). */
static void write_buyer_extra(const struct sale_buyer *buyer, struct bytes *out)
{
	if (!has_text(buyer->budget_code) && !has_text(buyer->passport))
		return;
	xml_open(out, "TTKhac");
	write_extra(out, "MDVQHNSach", buyer->budget_code);
	write_extra(out, "SHChieu", buyer->passport);
	xml_close(out, "TTKhac");
}

static void write_buyer(const struct invoice *invoice, struct bytes *out)
{
	const struct sale_buyer *buyer = &invoice->buyer;
	bool has_ids = invoice->profile->has_buyer_ids;

	xml_open(out, "NMua");
	xml_element(out, "Ten", buyer->name);
	xml_element(out, "MST", buyer->tax_code);
	if (has_ids)
		xml_element(out, "MDVQHNSach", buyer->budget_code);
	xml_element(out, "DChi", buyer->address);
	xml_element(out, "SDThoai", buyer->phone);
	xml_element(out, "CCCDan", buyer->personal_id);
	if (has_ids)
		xml_element(out, "SHChieu", buyer->passport);
	xml_element(out, "DCTDTu", buyer->email);
	xml_element(out, "HVTNMHang", buyer->contact_name);
	if (!has_ids)
		write_buyer_extra(buyer, out);
	xml_close(out, "NMua");
}

static void write_line(const struct invoice_line *line, struct bytes *out)
{
	bool has_quantity = line->kind == LINE_GOODS || line->kind == LINE_PROMOTION || !decimal_is_zero(line->qty);

	xml_open(out, "HHDVu");
	xml_element_int(out, "TChat", line->kind);
	xml_element_int(out, "STT", line->index);
	xml_element(out, "MHHDVu", line->code);
	xml_element(out, "THHDVu", line->name);
	if (line->kind != LINE_NOTE) { /* a note has no amounts (format 2.3 rule 6) */
		xml_element(out, "DVTinh", line->unit);
		if (has_quantity) {
			xml_element_decimal(out, "SLuong", line->qty);
			xml_element_decimal(out, "DGia", line->unit_price);
		}
		if (line->discount != 0)
			xml_element_int(out, "STCKhau", line->discount);
		xml_element_int(out, "ThTien", line->amount);
		xml_element(out, "TSuat", vat_tag(line->rate));
	}
	xml_close(out, "HHDVu");
}

static void write_lines(const struct invoice *invoice, struct bytes *out)
{
	xml_open(out, "DSHHDVu");
	for (size_t i = 0; i < invoice->line_count; i++)
		write_line(&invoice->lines[i], out);
	xml_close(out, "DSHHDVu");
}

static void write_rates(const struct invoice *invoice, struct bytes *out)
{
	xml_open(out, "THTTLTSuat");
	for (int rate = VAT_0; rate < VAT_COUNT; rate++) {
		const struct tax_group *group = &invoice->groups[rate];

		if (!group->is_present)
			continue;
		xml_open(out, "LTSuat");
		xml_element(out, "TSuat", vat_tag((enum vat_rate)rate));
		xml_element_int(out, "ThTien", group->net);
		xml_element_int(out, "TThue", group->vat);
		xml_close(out, "LTSuat");
	}
	xml_close(out, "THTTLTSuat");
}

static void write_totals(const struct invoice *invoice, struct bytes *out)
{
	xml_open(out, "TToan");
	if (invoice->seller->form != 2) {
		write_rates(invoice, out);
		xml_element_int(out, "TgTCThue", invoice->net);
		xml_element_int(out, "TgTThue", invoice->vat);
	}
	xml_element_int(out, "TgTTTBSo", invoice->total);
	xml_element(out, "TgTTTBChu", invoice->words);
	xml_close(out, "TToan");
}

static void write_data(const struct invoice *invoice, const char *id, struct bytes *out)
{
	xml_open_attr(out, "DLHDon", "Id", id);
	write_common(invoice, out);
	xml_open(out, "NDHDon");
	write_seller(invoice, out);
	write_buyer(invoice, out);
	write_lines(invoice, out);
	write_totals(invoice, out);
	xml_close(out, "NDHDon");
	if (invoice->ledger_head[0] != '\0') {
		xml_open(out, "TTKhac");
		write_extra(out, "LedgerHead", invoice->ledger_head);
		xml_close(out, "TTKhac");
	}
	xml_close(out, "DLHDon");
}

/* _1C26MAA-1206 */
static void make_data_id(const char *symbol, int32_t number, char *out)
{
	*out++ = '_';
	out = stpcpy(out, symbol);
	*out++ = '-';
	int_format(number, out);
}

int invoice_xml(const struct invoice *invoice, struct bytes *out, struct invoice_spans *ret_spans, struct fault *fault)
{
	struct invoice_spans spans = {0};
	char symbol[SERIAL_LEN + 2];
	char qr[QR_TEXT_MAX];
	int err;

	symbol_make(invoice->seller->form, invoice->serial, symbol);
	make_data_id(symbol, invoice->number, spans.data_id);
	xml_open(out, "HDon");
	spans.data_start = out->len;
	write_data(invoice, spans.data_id, out);
	spans.data_end = out->len;
	if (qr_text(invoice, qr) == 0)
		xml_element(out, "DLQRCode",
			qr); /* optional (format 8): an invoice is not held for a code that does not fit */
	xml_element(out, "MCCQT", invoice->code);
	bytes_text(out, "<DSCKS><NBan>");
	spans.seal_at = out->len;
	bytes_text(out, "</NBan><NMua></NMua></DSCKS></HDon>");
	err = bytes_check(out, "an invoice", fault);
	if (err)
		return err;
	*ret_spans = spans;
	return 0;
}

const struct profile *invoice_xml_profile(const void *xml, size_t len)
{
	static const char open[] = "<PBan>";
	const char *from = memmem(xml, len, open, sizeof(open) - 1);
	char pban[8] = "";

	if (!from)
		return NULL;
	from += sizeof(open) - 1;
	for (size_t i = 0; i + 1 < sizeof(pban) && from + i < (const char *)xml + len && from[i] != '<'; i++)
		pban[i] = from[i];
	return profile_find(pban);
}
