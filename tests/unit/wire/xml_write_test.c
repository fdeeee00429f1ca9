/* Canonical XML 1.0, section 2.3: what the writer escapes, and what it refuses to write. */
#include "testing.h"

#include "wire/xml_write.h"

static const char *text_of(struct bytes *out)
{
	return out->data ? (const char *)out->data : "";
}

static void text_escapes_markup_and_carriage_return_only(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};

	(void)state;
	bytes_init(&out, 1000);
	xml_text(&out, "a & b < c > d \"e\" 'f'\t\n\r]]>");
	/* Canonical XML 1.0, 2.3: text nodes. */
	assert_string_equal(text_of(&out), "a &amp; b &lt; c &gt; d \"e\" 'f'\t\n&#xD;]]&gt;");
}

static void attributes_escape_quotes_and_blanks_but_not_greater_than(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};

	(void)state;
	bytes_init(&out, 1000);
	xml_attr_text(&out, "a & b < c > d \"e\" 'f'\t\n\r");
	/* Canonical XML 1.0, 2.3: attribute nodes. */
	assert_string_equal(text_of(&out), "a &amp; b &lt; c > d &quot;e&quot; 'f'&#x9;&#xA;&#xD;");
}

static void an_element_without_value_is_left_out(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};

	(void)state;
	bytes_init(&out, 1000);
	xml_element(&out, "Fax", NULL);
	xml_element(&out, "Fax", "");
	/* Format 2.1: optional element without value: leave it out. */
	assert_int_equal(out.len, 0);
	xml_element(&out, "Ten", "x");
	assert_string_equal(text_of(&out), "<Ten>x</Ten>");
}

static void numbers_have_no_trailing_zeros(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};

	(void)state;
	bytes_init(&out, 1000);
	xml_element_int(&out, "A", INT64_C(-999999999999999));
	xml_element_decimal(&out, "B", (struct decimal){735000, 6});
	xml_element_decimal(&out, "B", (struct decimal){-15, 1});
	/* Format 2.2. */
	assert_string_equal(text_of(&out), "<A>-999999999999999</A><B>0.735</B><B>-1.5</B>");
}

static void an_element_is_always_closed_by_a_tag(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};

	(void)state;
	bytes_init(&out, 1000);
	xml_open_attr(&out, "DLieu", "Id", "_1\"2");
	xml_close(&out, "DLieu");
	assert_string_equal(text_of(&out), "<DLieu Id=\"_1&quot;2\"></DLieu>");
}

static void characters_that_xml_forbids_fail_the_buffer(void **state)
{
	static const char *const forbidden[] = {"a\x01", "a\x08", "a\x0B", "a\x1F", "\xEF\xBF\xBE", "x\xEF\xBF\xBF"};
	static const char *const allowed[] = {
		"\xEF\xBF\xBD", "\xEE\x80\x80", "\xEF\xBB\xBF", "😀", "é", "\x7F", "\xEF\xBD\xA0"};

	(void)state;
	/* XML 1.0, production 2 (Char): U+FFFD, private use, U+FEFF and U+007F are characters; U+FFFE and U+FFFF are not. */
	for (size_t i = 0; i < ARRAY_LEN(forbidden); i++) {
		BYTES_CLEANUP struct bytes out = {0};

		bytes_init(&out, 1000);
		xml_text(&out, forbidden[i]);
		assert_true(out.failed);
	}
	for (size_t i = 0; i < ARRAY_LEN(allowed); i++) {
		BYTES_CLEANUP struct bytes out = {0};

		bytes_init(&out, 1000);
		xml_text(&out, allowed[i]);
		assert_false(out.failed);
		assert_string_equal(text_of(&out), allowed[i]);
	}
}

static void a_full_buffer_is_said_once_at_the_end(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};
	struct fault fault = {0};

	(void)state;
	bytes_init(&out, 10);
	xml_element(&out, "Ten", "too long for ten bytes");
	xml_open(&out, "A");
	assert_true(out.failed);
	assert_int_equal(bytes_check(&out, "x", &fault), FAULT_MEMORY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_escapes_markup_and_carriage_return_only),
		cmocka_unit_test(attributes_escape_quotes_and_blanks_but_not_greater_than),
		cmocka_unit_test(an_element_without_value_is_left_out),
		cmocka_unit_test(numbers_have_no_trailing_zeros),
		cmocka_unit_test(an_element_is_always_closed_by_a_tag),
		cmocka_unit_test(characters_that_xml_forbids_fail_the_buffer),
		cmocka_unit_test(a_full_buffer_is_said_once_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
