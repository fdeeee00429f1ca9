/* Format 8: the look-up string, its checksum (vectors crc16, qr) and the picture. */
#include "../core/cases.h"
#include "testing.h"
#include "bills.h"

#include "base/digest.h"
#include "wire/qr.h"

static void every_checksum_vector_is_met(void **state)
{
	struct cases cases = cases_open(TEST_DATA "/vectors/crc16.csv", "id,hex,text,crc");
	char found[5];
	int ran = 0;

	(void)state;
	for (; cases_next(&cases, 4); ran++) {
		uint8_t bytes[1024];
		size_t len = strlen(cases.field[1]) / 2;

		assert_true(len <= sizeof(bytes));
		assert_int_equal(hex_parse(cases.field[1], bytes, len), 0);
		snprintf(found, sizeof(found), "%04X", qr_crc16(bytes, len));
		assert_string_equal(found, cases.field[3]);
	}
	cases_close(&cases);
	/* Number of rows: README of the vectors. */
	assert_int_equal(ran, 8);
}

static void every_string_vector_has_its_reason(void **state)
{
	struct cases cases = cases_open(TEST_DATA "/vectors/qr.csv", "id,qr,valid,reason,note");
	bool is_crc_only;
	int ran = 0;

	(void)state;
	for (; cases_next(&cases, 5); ran++) {
		const char *reason = qr_check(cases.field[1], &is_crc_only);

		if (strcmp(reason, cases.field[3]) != 0)
			fail_msg("%s gives %s, not %s", cases.field[0], reason, cases.field[3]);
		assert_int_equal(strcmp(reason, "OK") == 0 || is_crc_only, cases.field[2][0] == '1');
		assert_int_equal(is_crc_only, strcmp(cases.field[3], "CRC_ONLY") == 0);
	}
	cases_close(&cases);
	assert_int_equal(ran, 20);
}

static void our_string_is_that_of_the_samples(void **state)
{
	struct bill bill;
	char text[QR_TEXT_MAX];
	bool is_crc_only;

	(void)state;
	bill_vat(&bill);
	assert_int_equal(qr_text(&bill.invoice, text), 0);
	/* DLQRCode of 206-vat-inclusive-prices.xml. */
	assert_string_equal(
		text, "00020199730010A00000077501109900000016020110306C26MVD04041213050820261121060630000063048F81");
	assert_string_equal(qr_check(text, &is_crc_only), "OK");
	bill_household(&bill);
	assert_int_equal(qr_text(&bill.invoice, text), 0);
	/* DLQRCode of invoice 42 in 206-household-three-sales.xml. */
	assert_string_equal(
		text, "00020199730010A0000007750112099085000001020120306C26MHK04024205082026112006064800006304C869");
}

static void the_longest_values_fit_and_a_branch_loses_its_hyphen(void **state)
{
	struct bill bill;
	char text[QR_TEXT_MAX];
	bool is_crc_only;

	(void)state;
	bill_vat(&bill);
	bill.seller.tax_code = "9900000016-001";
	bill.invoice.number = NUMBER_LAST;
	bill.invoice.total = INT64_C(-999999999999999);
	assert_int_equal(qr_text(&bill.invoice, text), 0);
	assert_string_equal(qr_check(text, &is_crc_only), "OK");
	assert_non_null(strstr(text, "01139900000016001"));
	assert_non_null(strstr(text, "0616-999999999999999"));
}

static void a_string_of_513_bytes_is_too_long(void **state)
{
	char text[600];
	bool is_crc_only;

	(void)state;
	memset(text, '1', sizeof(text));
	memcpy(text, "000201", 6);
	text[513] = '\0';
	assert_string_equal(qr_check(text, &is_crc_only), "TOO_LONG");
}

static void the_picture_is_a_square_with_a_quiet_zone(void **state)
{
	BYTES_CLEANUP struct bytes pbm = {0};
	struct fault fault = {0};
	int width, height, skip;

	(void)state;
	bytes_init(&pbm, 1u << 20);
	assert_int_equal(qr_print_pbm("00020163041D3D", 2, &pbm, &fault), 0);
	assert_int_equal(sscanf((char *)pbm.data, "P4\n%d %d\n%n", &width, &height, &skip), 2);
	assert_int_equal(width, height);
	/* Version 1 has 21 modules (ISO/IEC 18004), and 4 of white on each side; the string needs version 1 or 2. */
	assert_true(width == (21 + 8) * 2 || width == (25 + 8) * 2);
	assert_int_equal(pbm.len, (size_t)skip + (size_t)height * (size_t)((width + 7) / 8));
	for (int i = 0; i < 8 * ((width + 7) / 8); i++)
		assert_int_equal(pbm.data[skip + i], 0);
	assert_true(pbm.data[skip + 8 * ((width + 7) / 8) + 1] != 0);
	assert_int_equal(qr_print_pbm("x", 0, &pbm, &fault), FAULT_BUG);
}

static void the_raster_is_as_wide_as_the_paper_allows(void **state)
{
	/* Version 2, 25 modules: the upper edge of two finder patterns, 7 modules each, 11 apart. */
	static const uint8_t four[] = {0, 0, 0xff, 0xff, 0xff, 0xf0}, three[] = {0, 0x0f, 0xff, 0xff};
	static const struct {
		int paper, size, dots;
	} cases[] = {{576, 132, 4}, {384, 132, 4}, {132, 132, 4}, {131, 99, 3}, {99, 99, 3}, {98, 0, 0}, {0, 0, 0}};
	char text[3000];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		BYTES_CLEANUP struct bytes rows = {.max = 65536};
		struct fault fault = {0};
		int size = 0;
		size_t across = (size_t)(cases[i].size + 7) / 8, top = (size_t)cases[i].dots * 4;

		assert_int_equal(qr_raster("hoadon print test", cases[i].paper, &rows, &size, &fault),
			cases[i].size ? 0 : FAULT_FORMAT);
		assert_int_equal(size, cases[i].size);
		assert_int_equal(rows.len, across * (size_t)cases[i].size);
		for (size_t n = 0; n < across * top; n++)
			assert_int_equal(rows.data[n], 0);
		if (cases[i].dots == 4)
			assert_memory_equal(rows.data + across * top, four, sizeof(four));
		if (cases[i].dots == 3)
			assert_memory_equal(rows.data + across * top, three, sizeof(three));
	}
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	BYTES_CLEANUP struct bytes rows = {.max = 65536};
	int size = 0;
	assert_int_equal(qr_raster(text, 100000, &rows, &size, NULL), FAULT_FORMAT);
	text[500] = '\0';
	rows.max = 1000;
	assert_int_equal(qr_raster(text, 576, &rows, &size, NULL), FAULT_MEMORY);
}

static void the_text_picture_has_half_as_many_lines_as_columns(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};
	struct fault fault = {0};
	int lines = 0;

	(void)state;
	bytes_init(&out, 1u << 20);
	assert_int_equal(qr_print_text("00020163041D3D", &out, &fault), 0);
	for (size_t i = 0; i < out.len; i++)
		lines += out.data[i] == '\n';
	assert_true(lines == 15 || lines == 17);
	assert_memory_equal(out.data, "████", 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_checksum_vector_is_met),
		cmocka_unit_test(every_string_vector_has_its_reason),
		cmocka_unit_test(our_string_is_that_of_the_samples),
		cmocka_unit_test(the_longest_values_fit_and_a_branch_loses_its_hyphen),
		cmocka_unit_test(a_string_of_513_bytes_is_too_long),
		cmocka_unit_test(the_picture_is_a_square_with_a_quiet_zone),
		cmocka_unit_test(the_raster_is_as_wide_as_the_paper_allows),
		cmocka_unit_test(the_text_picture_has_half_as_many_lines_as_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
