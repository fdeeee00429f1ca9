/* Signing section 3 rules 1 and 2: the door of foreign XML, and reading by name. */
#include "testing.h"

#include "wire/xml_read.h"

DEFINE_CLEANUP(xmlDocPtr, xmlFreeDoc)

static const char *rule_of(const char *text, size_t len)
{
	CLEANUP(xmlFreeDocp) xmlDocPtr doc = NULL;
	const char *rule = "?";
	int err = xml_read(text, len, &xml_limits_default, &doc, &rule);

	assert_true(err == 0 || err == 1);
	assert_int_equal(err == 0, doc != NULL);
	return err == 0 ? "good" : rule;
}

static void every_door_has_its_rule(void **state)
{
	static const struct {
		const char *xml, *rule;
	} cases[] = {
		{"<a>b</a>", "good"},
		{"\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>\n<a/>\n", "good"},
		{"<a>&#65;&amp;&lt;</a>", "good"},
		{"", "xml.wellformed"},
		{"<a>", "xml.wellformed"},
		{"<a></a><b></b>", "xml.wellformed"},
		{"<a>&x;</a>", "xml.wellformed"},
		{"<!DOCTYPE a><a/>", "xml.doctype"},
		{"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "xml.doctype"},
		{"<a><!-- --></a>", "xml.comment"},
		{"<!-- --><a/>", "xml.comment"},
		{"<a/><!-- -->", "xml.comment"},
		{"<?x y?><a/>", "xml.pi"},
		{"<a><![CDATA[x]]></a>", "xml.cdata"},
		{"<a>\x01</a>", "xml.char"},
		{"<a>&#1;</a>", "xml.char"},
		{"<a>&#xFFFF;</a>", "xml.char"},
		{"<a>\xC0\x80</a>", "xml.encoding"},
		{"<?xml version='1.0' encoding='windows-1258'?><a/>", "xml.encoding"},
		{"<p:a/>", "xml.namespace"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *rule = rule_of(cases[i].xml, strlen(cases[i].xml));

		if (strcmp(rule, cases[i].rule) != 0)
			fail_msg("%s gives %s, not %s", cases[i].xml, rule, cases[i].rule);
		assert_string_equal(rule, cases[i].rule);
	}
	assert_string_equal(rule_of("<a>\0</a>", 8), "xml.char");
	assert_string_equal(rule_of("\xFF\xFE<\0a\0/\0>\0", 10), "xml.encoding");
}

static void write_attributes(struct bytes *out, int count)
{
	bytes_text(out, "<a");
	for (int i = 0; i < count; i++)
		bytes_printf(out, " b%d=\"\"", i);
	bytes_text(out, "/>");
}

static void write_depth(struct bytes *out, int depth)
{
	for (int i = 0; i < depth; i++)
		bytes_text(out, "<a>");
	for (int i = 0; i < depth; i++)
		bytes_text(out, "</a>");
}

static void write_text(struct bytes *out, int length, bool is_attribute)
{
	bytes_text(out, is_attribute ? "<a b=\"" : "<a>");
	for (int i = 0; i < length; i++)
		bytes_char(out, 'x');
	bytes_text(out, is_attribute ? "\"/>" : "</a>");
}

static const char *finish(struct bytes *out)
{
	const char *rule = rule_of((const char *)out->data, out->len);

	bytes_clear(out);
	return rule;
}

static void each_cap_lets_its_last_value_pass_and_not_the_next(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};

	(void)state;
	bytes_init(&out, 1u << 20);
	/* INDEX of the hostile corpus: depth 64, text and attribute value 64 KiB, 64 attributes. */
	write_depth(&out, 64);
	assert_string_equal(finish(&out), "good");
	write_depth(&out, 65);
	assert_string_equal(finish(&out), "xml.depth");
	write_attributes(&out, 64);
	assert_string_equal(finish(&out), "good");
	write_attributes(&out, 65);
	assert_string_equal(finish(&out), "xml.attrs");
	for (int is_attribute = 0; is_attribute < 2; is_attribute++) {
		write_text(&out, 65536, is_attribute);
		assert_string_equal(finish(&out), "good");
		write_text(&out, 65537, is_attribute);
		assert_string_equal(finish(&out), "xml.text");
	}
}

static void a_document_over_its_size_is_not_parsed(void **state)
{
	struct xml_limits limits = xml_limits_default;
	xmlDocPtr doc = NULL;
	const char *rule;

	(void)state;
	limits.bytes = 3;
	assert_int_equal(xml_read("<a/>", 4, &limits, &doc, &rule), 1);
	assert_string_equal(rule, "xml.size");
	assert_null(doc);
}

static void a_million_small_elements_are_too_many(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};

	(void)state;
	bytes_init(&out, 8u << 20);
	bytes_text(&out, "<a>");
	for (int i = 0; i < 1000000; i++)
		bytes_text(&out, "<b/>");
	bytes_text(&out, "</a>");
	assert_string_equal(finish(&out), "xml.size");
}

static void elements_are_found_by_name_and_only_when_alone(void **state)
{
	static const char xml[] = "<a><b><c> 1 \n</c></b><d/><d>2</d><e><f/>x</e></a>";
	CLEANUP(xmlFreeDocp) xmlDocPtr doc = NULL;
	const char *rule;
	xmlNodePtr root;
	char text[8];

	(void)state;
	assert_int_equal(xml_read(xml, strlen(xml), &xml_limits_default, &doc, &rule), 0);
	root = xmlDocGetRootElement(doc);
	assert_non_null(xml_path(root, "b/c"));
	assert_null(xml_path(root, "b/x"));
	assert_null(xml_path(root, "d"));
	assert_null(xml_child(root, "d"));
	assert_null(xml_child(NULL, "d"));
	assert_ptr_equal(xml_path(root, ""), root);
	assert_true(xml_value(xml_path(root, "b/c"), text, sizeof(text)));
	assert_string_equal(text, "1");
	assert_true(xml_value(xml_first(root, "d"), text, sizeof(text)));
	assert_string_equal(text, "");
	assert_true(xml_value(xml_next(xml_first(root, "d"), "d"), text, sizeof(text)));
	assert_string_equal(text, "2");
	assert_false(xml_value(xml_child(root, "e"), text, sizeof(text)));
	assert_false(xml_value(NULL, text, sizeof(text)));
}

static void a_cut_value_ends_between_two_characters(void **state)
{
	static const char xml[] = "<a>đồng</a>";
	CLEANUP(xmlFreeDocp) xmlDocPtr doc = NULL;
	const char *rule;
	char text[5];

	(void)state;
	assert_int_equal(xml_read(xml, strlen(xml), &xml_limits_default, &doc, &rule), 0);
	assert_true(xml_value(xmlDocGetRootElement(doc), text, sizeof(text)));
	assert_string_equal(text, "đ"); /* "ồ" has three bytes and would need five */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_door_has_its_rule),
		cmocka_unit_test(each_cap_lets_its_last_value_pass_and_not_the_next),
		cmocka_unit_test(a_document_over_its_size_is_not_parsed),
		cmocka_unit_test(a_million_small_elements_are_too_many),
		cmocka_unit_test(elements_are_found_by_name_and_only_when_alone),
		cmocka_unit_test(a_cut_value_ends_between_two_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
