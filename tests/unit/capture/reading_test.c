/* A reading as JSON, and its words in the schema that others read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "capture/reading.h"

static void everything_that_a_paper_may_say(void **state)
{
	const char *notes[] = {"topping", "ít \"đá\""};
	const char *qr[] = {"https://a.example/?k=1"};
	struct reading_line lines[] = {
		{.name = "Trà",
			.unit = "ly",
			.qty = {75, 2},
			.unit_price = {.units = 32000},
			.amount = 20000,
			.discount = 4000,
			.has_qty = true,
			.has_unit_price = true,
			.has_amount = true,
			.notes = notes,
			.note_count = 2},
		{.name = "Đá\n]="},
	};
	struct reading_amount discount = {"CK", 1000};
	struct reading_amount surcharge = {"Phí", 500};
	struct reading_tax tax = {"VAT 8%", {.units = 8}, true, 1560};
	struct reading_payment payment = {METHOD_CASH, "Tiền mặt", 30000};
	struct reading reading = {.kind = READING_SALE,
		.review = REVIEW_TOTAL,
		.review_line = 9,
		.title = "HÓA ĐƠN",
		.bill_no = "A1",
		.table = "Bàn 5",
		.buyer = "B",
		.refers_to = "A0",
		.copy = "customer",
		.sold_at = {true, 2026, 11, 2, 3, 4, 5},
		.lines = lines,
		.line_count = 2,
		.discounts = &discount,
		.discount_count = 1,
		.surcharges = &surcharge,
		.surcharge_count = 1,
		.taxes = &tax,
		.tax_count = 1,
		.payments = &payment,
		.payment_count = 1,
		.qr = qr,
		.qr_count = 1,
		.subtotal = 20000,
		.total = 21060,
		.change = 8940,
		.has_subtotal = true,
		.has_total = true,
		.has_change = true,
		.is_vat_included = true};
	BYTES_CLEANUP struct bytes out = {.max = 4096};

	(void)state;
	reading_write(&reading, &out);
	assert_false(out.failed);
	assert_string_equal((char *)out.data,
		"{\"kind\":\"sale\",\"title\":\"HÓA "
		"ĐƠN\",\"bill_no\":\"A1\",\"sold_at\":\"2026-11-02T03:04:05\",\"lines\":["
		"{\"name\":\"Trà\",\"qty\":\"0.75\",\"unit\":\"ly\",\"unit_price\":\"32000\",\"amount\":\"20000\","
		"\"notes\":[\"topping\",\"ít \\\"đá\\\"\"],\"discount\":\"4000\"},"
		"{\"name\":\"Đá\\n]=\",\"qty\":null,\"unit\":null,\"unit_price\":null,\"amount\":null}],\"subtotal\":"
		"\"20000\","
		"\"discounts\":[{\"label\":\"CK\",\"amount\":\"1000\",\"scope\":\"bill\"}],"
		"\"surcharges\":[{\"label\":\"Phí\",\"amount\":\"500\"}],"
		"\"taxes\":[{\"label\":\"VAT 8%\",\"rate\":\"8\",\"amount\":\"1560\"}],\"total\":\"21060\","
		"\"payments\":[{\"method\":\"cash\",\"label\":\"Tiền mặt\",\"amount\":\"30000\"}],\"change\":\"8940\","
		"\"copy\":\"customer\",\"table\":\"Bàn "
		"5\",\"buyer\":\"B\",\"refers_to\":\"A0\",\"qr\":[\"https://a.example/?k=1\"],"
		"\"prices_include_vat\":true,\"review\":{\"reason\":\"total\",\"line\":9,\"text\":"
		"\"Tiền hàng − giảm giá + phụ thu + thuế khác với tổng cộng; hãy so với phiếu giấy.\"}}");
}

static void what_is_not_printed_is_null(void **state)
{
	struct reading reading = {.kind = READING_OTHER};
	BYTES_CLEANUP struct bytes out = {.max = 4096};

	(void)state;
	reading_write(&reading, &out);
	assert_string_equal((char *)out.data,
		"{\"kind\":\"other\",\"title\":null,\"bill_no\":null,\"sold_at\":null,\"lines\":[],\"subtotal\":null,"
		"\"discounts\":[],"
		"\"surcharges\":[],\"taxes\":[],\"total\":null,\"payments\":[],\"change\":null}");
}

static void a_maximum_is_sticky(void **state)
{
	struct reading reading = {.kind = READING_OTHER};
	BYTES_CLEANUP struct bytes out = {.max = 20};

	(void)state;
	reading_write(&reading, &out);
	assert_true(out.failed);
}

static void expect_word(const struct bytes *schema, const char *word)
{
	char quoted[40];

	snprintf(quoted, sizeof(quoted), "\"%s\"", word);
	assert_non_null(strstr((const char *)schema->data, quoted));
}

static void the_schema_knows_every_word(void **state)
{
	BYTES_CLEANUP struct bytes schema = {.max = 1 << 20};

	(void)state;
	assert_int_equal(file_read(SCHEMAS_DIR "/capture/reading.schema.json", &schema, NULL), 0);
	for (int i = 0; i < READING_KIND_COUNT; i++)
		expect_word(&schema, reading_kind_word(i));
	for (int i = 0; i < READING_METHOD_COUNT; i++)
		expect_word(&schema, reading_method_word(i));
	for (int i = REVIEW_NONE + 1; i < READING_REVIEW_COUNT; i++) {
		expect_word(&schema, reading_review_word(i));
		assert_true(strlen(reading_review_text(i)) > 20);
	}
	assert_string_equal(reading_kind_word(READING_KIND_COUNT), "?");
	assert_string_equal(reading_method_word(-1), "?");
	assert_string_equal(reading_review_word(READING_REVIEW_COUNT), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_that_a_paper_may_say),
		cmocka_unit_test(what_is_not_printed_is_null),
		cmocka_unit_test(a_maximum_is_sticky),
		cmocka_unit_test(the_schema_knows_every_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
