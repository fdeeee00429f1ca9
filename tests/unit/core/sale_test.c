/* sale_write and sale_digest: house 8.10; names of schemas/api/sale.schema.json. */
#include "cases.h"

#include "base/digest.h"
#include "core/sale.h"

static void assert_written(const struct sale *sale, const char *expected)
{
	struct bytes out;

	bytes_init(&out, 65536);
	sale_write(sale, &out);
	assert_false(out.failed);
	assert_string_equal((const char *)out.data, expected);
	bytes_done(&out);
}

static struct sale smallest_sale(struct sale_line *line)
{
	*line = (struct sale_line){.kind = LINE_GOODS,
		.name = "x",
		.qty = {.units = 1},
		.unit_price = {.units = 5000},
		.amount = 5000,
		.rate = VAT_8};
	return (struct sale){.till_id = "T01",
		.bill_no = "1",
		.kind = SALE_KIND_SALE,
		.sold_at = INT64_C(1795325700000), /* 2026-11-22T12:35:00+07:00 */
		.business_day = 20261122,
		.is_vat_included = true,
		.lines = line,
		.line_count = 1,
		.total = 5000};
}

static void what_is_absent_is_left_out_and_defaults_are_written(void **state)
{
	struct sale_line line;
	struct sale sale = smallest_sale(&line);

	(void)state;
	assert_written(&sale,
		"{\"bill_no\":\"1\",\"business_day\":\"2026-11-22\",\"kind\":\"sale\",\"lines\":[{\"amount\":\"5000\","
		"\"kind\":\"goods\",\"name\":\"x\",\"qty\":\"1\",\"unit_price\":\"5000\",\"vat_rate\":\"8\"}],"
		"\"prices_include_vat\":true,\"sold_at\":\"2026-11-22T12:35:00+07:00\",\"till_id\":\"T01\",\"total\":"
		"\"5000\"}");
}

static void every_name_of_the_schema_is_written_in_order(void **state)
{
	struct sale_line lines[] = {
		{.kind = LINE_PROMOTION,
			.code = "C",
			.name = "a\"b\\c",
			.unit = "ly",
			.qty = {.units = 25, .scale = 1},
			.unit_price = {.units = 10001, .scale = 1},
			.discount = 1,
			.amount = 2499,
			.rate = VAT_KCT,
			.item_class = "exempt"},
		{.kind = LINE_DISCOUNT, .name = "d", .amount = 9, .rate = VAT_10},
		{.kind = LINE_NOTE, .name = "n"},
	};
	struct sale_amount discounts[] = {{.label = "l", .amount = 1}, {.label = "m", .amount = 2}};
	struct sale_amount surcharges[] = {{.label = "s", .amount = 3, .rate = VAT_5}};
	struct sale_payment payments[] = {{.method = PAYMENT_CARD, .amount = 4, .reference = "r"}};
	struct sale sale = {.till_id = "T",
		.bill_no = "B",
		.bill_uid = "U",
		.kind = SALE_KIND_RETURN,
		.sold_at = INT64_C(1795325700007),
		.business_day = 20261121,
		.location = "L",
		.cashier = "K",
		.order_ref = "O",
		.lines = lines,
		.line_count = ARRAY_LEN(lines),
		.discounts = discounts,
		.discount_count = ARRAY_LEN(discounts),
		.surcharges = surcharges,
		.surcharge_count = 1,
		.tip = 5,
		.payments = payments,
		.payment_count = 1,
		.has_buyer = true,
		.buyer = {"n", "t", "i", "p", "b", "c", "a", "h", "e"},
		.has_reference = true,
		.refers_to = {.till_id = "T", .bill_no = "A", .business_day = 20261120, .invoice = "I"},
		.reason = "R",
		.note = "N",
		.total = 6,
		.ext = "{\"z\":1}"};

	(void)state;
	/* By hand: names in alphabetical order at every level. */
	assert_written(&sale,
		"{\"bill_no\":\"B\",\"bill_uid\":\"U\",\"business_day\":\"2026-11-21\","
		"\"buyer\":{\"address\":\"a\",\"budget_code\":\"b\",\"contact_name\":\"c\",\"email\":\"e\",\"name\":"
		"\"n\","
		"\"passport\":\"p\",\"personal_id\":\"i\",\"phone\":\"h\",\"tax_code\":\"t\"},\"cashier\":\"K\","
		"\"discounts\":[{\"amount\":\"1\",\"label\":\"l\"},{\"amount\":\"2\",\"label\":\"m\"}],\"ext\":{\"z\":"
		"1},"
		"\"kind\":\"return\",\"lines\":[{\"amount\":\"2499\",\"class\":\"exempt\",\"code\":\"C\",\"discount\":"
		"\"1\","
		"\"kind\":\"promotion\",\"name\":\"a\\\"b\\\\c\",\"qty\":\"2.5\",\"unit\":\"ly\",\"unit_price\":\"1000."
		"1\","
		"\"vat_rate\":\"KCT\"},{\"amount\":\"9\",\"kind\":\"discount\",\"name\":\"d\",\"vat_rate\":\"10\"},"
		"{\"kind\":\"note\",\"name\":\"n\"}],\"location\":\"L\",\"note\":\"N\",\"order_ref\":\"O\","
		"\"payments\":[{\"amount\":\"4\",\"method\":\"card\",\"reference\":\"r\"}],\"prices_include_vat\":"
		"false,"
		"\"reason\":\"R\",\"refers_to\":{\"bill_no\":\"A\",\"business_day\":\"2026-11-20\",\"invoice\":\"I\","
		"\"till_id\":\"T\"},\"sold_at\":\"2026-11-22T12:35:00.007+07:00\","
		"\"surcharges\":[{\"amount\":\"3\",\"label\":\"s\",\"vat_rate\":\"5\"}],\"till_id\":\"T\",\"tip\":"
		"\"5\",\"total\":\"6\"}");
}

static void the_digest_is_that_of_the_written_bytes(void **state)
{
	struct sale_line line;
	struct sale sale = smallest_sale(&line);
	/* sha256sum of the line in what_is_absent_is_left_out_and_defaults_are_written. */
	static const char expected[] = "ea7ecec6c2669ee09c20e60efe210b8a3483717632bf136294147bdacb07ecb4";
	uint8_t digest[DIGEST_LEN];
	char hex[DIGEST_HEX_LEN + 1];

	(void)state;
	assert_int_equal(sale_digest(&sale, digest, NULL), 0);
	hex_format(digest, sizeof(digest), hex);
	assert_string_equal(hex, expected);
	line.amount = 5001;
	assert_int_equal(sale_digest(&sale, digest, NULL), 0);
	hex_format(digest, sizeof(digest), hex);
	assert_string_not_equal(hex, expected);
}

static void words_are_read_and_written_back(void **state)
{
	enum sale_kind kind;
	enum payment_method method;
	enum line_kind line;

	(void)state;
	for (int i = 0; i < SALE_KIND_COUNT; i++) {
		assert_int_equal(sale_kind_parse(sale_kind_text((enum sale_kind)i), &kind), 0);
		assert_int_equal(kind, i);
	}
	for (int i = 0; i < PAYMENT_COUNT; i++) {
		assert_int_equal(payment_parse(payment_text((enum payment_method)i), &method), 0);
		assert_int_equal(method, i);
	}
	for (int i = LINE_GOODS; i <= LINE_NOTE; i++) {
		assert_int_equal(line_kind_parse(line_kind_text((enum line_kind)i), &line), 0);
		assert_int_equal(line, i);
	}
	assert_int_equal(sale_kind_parse("prebill", &kind), 1);
	assert_int_equal(payment_parse("Cash", &method), 1);
	assert_int_equal(line_kind_parse("", &line), 1);
	assert_string_equal(sale_kind_text(SALE_KIND_COUNT), "?");
	assert_string_equal(payment_text(PAYMENT_COUNT), "?");
	assert_string_equal(line_kind_text((enum line_kind)0), "?");
}

static void only_what_moves_goods_or_money_occupies_its_bill_number(void **state)
{
	(void)state;
	assert_true(sale_occupies(SALE_KIND_SALE));
	assert_true(sale_occupies(SALE_KIND_RETURN));
	assert_true(sale_occupies(SALE_KIND_VOID));
	assert_true(sale_occupies(SALE_KIND_DEPOSIT));
	assert_false(sale_occupies(SALE_KIND_PRE_BILL));
	assert_false(sale_occupies(SALE_KIND_REPRINT));
	assert_false(sale_occupies(SALE_KIND_NO_SALE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_absent_is_left_out_and_defaults_are_written),
		cmocka_unit_test(every_name_of_the_schema_is_written_in_order),
		cmocka_unit_test(the_digest_is_that_of_the_written_bytes),
		cmocka_unit_test(words_are_read_and_written_back),
		cmocka_unit_test(only_what_moves_goods_or_money_occupies_its_bill_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
