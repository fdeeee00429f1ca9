/* Format 5.1: the bytes of an invoice are those of the samples in canonical form, and follow the profile. */
#include "testing.h"
#include "bills.h"

#include "wire/invoice_xml.h"

static void write_bill(const struct bill *bill, struct bytes *out, struct invoice_spans *spans)
{
	struct fault fault = {0};

	bytes_init(out, 1u << 20);
	assert_int_equal(invoice_xml(&bill->invoice, out, spans, &fault), 0);
}

static void assert_in_sample(const struct bill *bill, const char *sample)
{
	BYTES_CLEANUP struct bytes out = {0};
	struct invoice_spans spans;
	int len;
	char *canonical = sample_canonical(sample, &len);

	write_bill(bill, &out, &spans);
	if (!strstr(canonical, (char *)out.data))
		fail_msg("not in %s:\n%s\n%s", sample, (char *)out.data, canonical);
	xmlFree(canonical);
}

static void a_vat_invoice_is_byte_for_byte_that_of_the_sample(void **state)
{
	struct bill bill;

	(void)state;
	bill_vat(&bill);
	assert_in_sample(&bill, "206-vat-inclusive-prices.xml");
}

static void a_sales_invoice_is_byte_for_byte_that_of_the_sample(void **state)
{
	struct bill bill;

	(void)state;
	bill_household(&bill);
	assert_in_sample(&bill, "206-household-three-sales.xml");
}

static void the_spans_say_where_data_and_seal_are(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};
	struct invoice_spans spans;
	struct bill bill;
	const char *text;

	(void)state;
	bill_vat(&bill);
	write_bill(&bill, &out, &spans);
	text = (const char *)out.data;
	assert_string_equal(spans.data_id, "_1C26MVD-1213");
	assert_memory_equal(text + spans.data_start, "<DLHDon Id=\"_1C26MVD-1213\">", 27);
	assert_memory_equal(text + spans.data_end - 9, "</DLHDon>", 9);
	assert_memory_equal(text + spans.seal_at - 13, "<DSCKS><NBan></NBan><NMua>", 26);
}

static void spans_count_from_the_start_of_the_buffer(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};
	struct invoice_spans first, second;
	struct fault fault = {0};
	struct bill bill;

	(void)state;
	bill_vat(&bill);
	write_bill(&bill, &out, &first);
	assert_int_equal(invoice_xml(&bill.invoice, &out, &second, &fault), 0);
	assert_int_equal(second.data_start - first.data_start, out.len / 2);
	assert_memory_equal(out.data + second.data_start, "<DLHDon ", 8);
}

static void an_invoice_without_code_has_no_mccqt(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};
	struct invoice_spans spans;
	struct bill bill;

	(void)state;
	bill_vat(&bill);
	bill.invoice.code[0] = '\0';
	write_bill(&bill, &out, &spans);
	/* Format 5 item 2: 216 has no MCCQT. */
	assert_null(strstr((char *)out.data, "MCCQT"));
	assert_non_null(strstr((char *)out.data, "</DLQRCode><DSCKS>"));
}

static void the_ledger_head_stands_in_ttkhac_of_the_signed_data(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};
	struct invoice_spans spans;
	struct bill bill;

	(void)state;
	bill_vat(&bill);
	snprintf(bill.invoice.ledger_head, sizeof(bill.invoice.ledger_head), "ABCDEFGHIJKLMNOP");
	write_bill(&bill, &out, &spans);
	/* Format 5.2. */
	assert_non_null(strstr((char *)out.data, "</NDHDon><TTKhac><TTin><TTruong>LedgerHead</TTruong><KDLieu>string</"
						 "KDLieu><DLieu>ABCDEFGHIJKLMNOP</DLieu>"
						 "</TTin></TTKhac></DLHDon>"));
}

static void profile_2_0_1_says_shop_and_passport_in_ttkhac(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};
	struct invoice_spans spans;
	struct bill bill;

	(void)state;
	bill_household(&bill);
	bill.invoice.profile = profile_find("2.0.1");
	bill.invoice.buyer.passport = "B1234567";
	bill.invoice.buyer.personal_id = "099085000001";
	write_bill(&bill, &out, &spans);
	/* Format 1.2: shop_code no (use TTKhac); buyer_ids CCCDan only. */
	assert_null(strstr((char *)out.data, "<MCHang>"));
	assert_null(strstr((char *)out.data, "<SHChieu>"));
	assert_non_null(strstr((char *)out.data, "<CCCDan>099085000001</CCCDan>"));
	assert_non_null(
		strstr((char *)out.data, "<TTruong>MCHang</TTruong><KDLieu>string</KDLieu><DLieu>CH02</DLieu>"));
	assert_non_null(
		strstr((char *)out.data, "<TTruong>SHChieu</TTruong><KDLieu>string</KDLieu><DLieu>B1234567</DLieu>"));
	assert_non_null(strstr((char *)out.data, "<PBan>2.0.1</PBan>"));
}

static void profile_2_1_1_names_the_business_place_too(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};
	struct invoice_spans spans;
	struct bill bill;

	(void)state;
	bill_household(&bill);
	bill.invoice.profile = profile_find("2.1.1");
	write_bill(&bill, &out, &spans);
	/* Format 1.2 and 5.1: MDDKDoanh, TDDKDoanh, DCDDKDoanh stand before MCHang, TCHang. */
	assert_non_null(strstr((char *)out.data, "<MDDKDoanh>CH02</MDDKDoanh><TDDKDoanh>Bếp Ví Dụ - cơ sở 2</TDDKDoanh>"
						 "<DCDDKDoanh>Số 4 Ngõ Ví Dụ</DCDDKDoanh><MCHang>CH02</MCHang>"));
}

static void the_bytes_say_their_version(void **state)
{
	static const char *const pbans[] = {"2.0.1", "2.1.0", "2.1.1"};
	struct invoice_spans spans;
	struct bill bill;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pbans); i++) {
		BYTES_CLEANUP struct bytes out = {0};

		bill_vat(&bill);
		bill.invoice.profile = profile_find(pbans[i]);
		write_bill(&bill, &out, &spans);
		assert_ptr_equal(invoice_xml_profile(out.data, out.len), profile_find(pbans[i]));
	}
	assert_null(invoice_xml_profile("<HDon><PBan>2.2.0</PBan>", 24));
	assert_null(invoice_xml_profile("<HDon><PBan>2.1.0", 17 - 1));
	assert_null(invoice_xml_profile("<HDon></HDon>", 13));
}

static void every_buyer_field_stands_in_the_order_of_the_table(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};
	struct invoice_spans spans;
	struct bill bill;

	(void)state;
	bill_vat(&bill);
	bill.invoice.is_anonymous = false;
	bill.invoice.buyer = (struct sale_buyer){.name = "n",
		.tax_code = "t",
		.personal_id = "c",
		.passport = "p",
		.budget_code = "b",
		.contact_name = "h",
		.address = "a",
		.phone = "s",
		.email = "e"};
	write_bill(&bill, &out, &spans);
	/* Format 5.1, NMua. */
	assert_non_null(
		strstr((char *)out.data, "<NMua><Ten>n</Ten><MST>t</MST><MDVQHNSach>b</MDVQHNSach><DChi>a</"
					 "DChi><SDThoai>s</SDThoai><CCCDan>c</CCCDan>"
					 "<SHChieu>p</SHChieu><DCTDTu>e</DCTDTu><HVTNMHang>h</HVTNMHang></NMua>"));
}

static void a_note_line_has_no_amounts(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};
	struct invoice_spans spans;
	struct bill bill;

	(void)state;
	bill_vat(&bill);
	bill.lines[2] = (struct invoice_line){.kind = LINE_NOTE, .index = 3, .name = "ít đá & <nhiều> sữa"};
	write_bill(&bill, &out, &spans);
	/* Format 2.3 rule 6. */
	assert_non_null(strstr((char *)out.data,
		"<HHDVu><TChat>4</TChat><STT>3</STT><THHDVu>ít đá &amp; &lt;nhiều&gt; sữa</THHDVu></HHDVu>"));
}

static void rates_stand_in_the_order_of_the_groups(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};
	struct invoice_spans spans;
	struct bill bill;

	(void)state;
	bill_vat(&bill);
	bill.invoice.groups[VAT_KCT] = (struct tax_group){true, 5, 0, 0};
	bill.invoice.groups[VAT_0] = (struct tax_group){true, 7, 0, 0};
	write_bill(&bill, &out, &spans);
	/* Samples "bills" rule 5: 0, 5, 8, 10, KCT, KKKNT. */
	assert_non_null(strstr((char *)out.data, "<THTTLTSuat><LTSuat><TSuat>0%</TSuat><ThTien>7</ThTien><TThue>0</"
						 "TThue></LTSuat><LTSuat><TSuat>8%</TSuat>"));
	assert_non_null(strstr((char *)out.data,
		"<LTSuat><TSuat>KCT</TSuat><ThTien>5</ThTien><TThue>0</TThue></LTSuat></THTTLTSuat>"));
}

static void a_buffer_that_is_too_small_is_a_failure_and_leaves_the_spans(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};
	struct invoice_spans spans = {.data_end = 77};
	struct fault fault = {0};
	struct bill bill;

	(void)state;
	bill_vat(&bill);
	bytes_init(&out, 500);
	assert_int_equal(invoice_xml(&bill.invoice, &out, &spans, &fault), FAULT_MEMORY);
	assert_int_equal(spans.data_end, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vat_invoice_is_byte_for_byte_that_of_the_sample),
		cmocka_unit_test(a_sales_invoice_is_byte_for_byte_that_of_the_sample),
		cmocka_unit_test(the_spans_say_where_data_and_seal_are),
		cmocka_unit_test(spans_count_from_the_start_of_the_buffer),
		cmocka_unit_test(an_invoice_without_code_has_no_mccqt),
		cmocka_unit_test(the_ledger_head_stands_in_ttkhac_of_the_signed_data),
		cmocka_unit_test(profile_2_0_1_says_shop_and_passport_in_ttkhac),
		cmocka_unit_test(profile_2_1_1_names_the_business_place_too),
		cmocka_unit_test(the_bytes_say_their_version),
		cmocka_unit_test(every_buyer_field_stands_in_the_order_of_the_table),
		cmocka_unit_test(a_note_line_has_no_amounts),
		cmocka_unit_test(rates_stand_in_the_order_of_the_groups),
		cmocka_unit_test(a_buffer_that_is_too_small_is_a_failure_and_leaves_the_spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
