#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json_gate.h"

struct gate_case {
	const char *text;
	int result;
};

/* RFC 8259; tests/fuzz/json_differential.py compares 40,000 more with another parser. */
static const struct gate_case gate_cases[] = {
	{"{}", JSON_OK},
	{"[]", JSON_OK},
	{" [ ] ", JSON_OK},
	{"0", JSON_OK},
	{"\"a\"", JSON_OK},
	{"null", JSON_OK},
	{"{\"a\":1,\"b\":[true,false,null,{}],\"c\":{\"a\":-0.5e+7}}", JSON_OK},
	{"[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"]", JSON_OK},
	{"[{\"a\":1},{\"a\":2}]", JSON_OK},
	{"{\"a\":{\"a\":{\"a\":1}}}", JSON_OK},
	{"{\"a\":{},\"b\":{},\"c\":0}", JSON_OK},
	{"\"\x7F\"", JSON_OK},
	{"", JSON_SYNTAX},
	{" ", JSON_SYNTAX},
	{"{", JSON_SYNTAX},
	{"[1,]", JSON_SYNTAX},
	{"[,1]", JSON_SYNTAX},
	{"[1 2]", JSON_SYNTAX},
	{"{\"a\":}", JSON_SYNTAX},
	{"{\"a\"}", JSON_SYNTAX},
	{"{\"a\":1,}", JSON_SYNTAX},
	{"{,}", JSON_SYNTAX},
	{"{a:1}", JSON_SYNTAX},
	{"{1:1}", JSON_SYNTAX},
	{"{\"a\" 1}", JSON_SYNTAX},
	{"[}", JSON_SYNTAX},
	{"{]", JSON_SYNTAX},
	{"[1}", JSON_SYNTAX},
	{"{\"a\":1]", JSON_SYNTAX},
	{"1 1", JSON_SYNTAX},
	{"{}{}", JSON_SYNTAX},
	{"]", JSON_SYNTAX},
	{"nul", JSON_SYNTAX},
	{"nullx", JSON_SYNTAX},
	{"True", JSON_SYNTAX},
	{"01", JSON_SYNTAX},
	{"-", JSON_SYNTAX},
	{"1.", JSON_SYNTAX},
	{".1", JSON_SYNTAX},
	{"1e", JSON_SYNTAX},
	{"1e+", JSON_SYNTAX},
	{"+1", JSON_SYNTAX},
	{"0x1", JSON_SYNTAX},
	{"-NaN", JSON_SYNTAX},
	{"\"", JSON_SYNTAX},
	{"\"\\\"", JSON_SYNTAX},
	{"\"\\x\"", JSON_SYNTAX},
	{"\"\\u12\"", JSON_SYNTAX},
	{"\"\\u12g4\"", JSON_SYNTAX},
	{"\"\t\"", JSON_SYNTAX},
	{"\"\n\"", JSON_SYNTAX},
	{"\xC2\xA0 1", JSON_SYNTAX},
	{"\xEF\xBB\xBF\xEF\xBB\xBF 1", JSON_SYNTAX},
	{"\"\xFF\"", JSON_ENCODING},
	{"\"\xC3\"", JSON_ENCODING},
	{"\"\xC0\x80\"", JSON_ENCODING},
	{"\"\xED\xA0\x80\"", JSON_ENCODING},
	{"\"\xF4\x90\x80\x80\"", JSON_ENCODING},
	{"\"\xF0\x80\x80\x80\"", JSON_ENCODING},
	{"[\xFF]", JSON_ENCODING},
	{"\"\\ud800\"", JSON_ENCODING},
	{"\"\\udc00\"", JSON_ENCODING},
	{"\"\\ud800\\u0041\"", JSON_ENCODING},
	{"\"\\ud800\\ud800\"", JSON_ENCODING},
	{"{\"\\ud800\":1}", JSON_ENCODING},
	{"\"\\ud83e\\uddcb\"", JSON_OK},
	{"\"\\u0000\"", JSON_CONTROL},
	{"{\"a\\u0000\":1}", JSON_CONTROL},
	{"\"\\u0001\"", JSON_OK},
	{"{\"a\":1,\"a\":1}", JSON_DUPLICATE_KEY},
	{"{\"a\":1,\"\\u0061\":1}", JSON_DUPLICATE_KEY},
	{"{\"\":1,\"\":1}", JSON_DUPLICATE_KEY},
	{"{\"é\":1,\"\\u00E9\":1}", JSON_DUPLICATE_KEY},
	{"{\"🧋\":1,\"\\ud83e\\uddcb\":1}", JSON_DUPLICATE_KEY},
	{"{\"/\":1,\"\\/\":1}", JSON_DUPLICATE_KEY},
	{"{\"\\n\":1,\"\\u000A\":1}", JSON_DUPLICATE_KEY},
	{"{\"a\":{\"b\":1},\"c\":[{\"d\":1}],\"a\":1}", JSON_DUPLICATE_KEY},
	/* equal to the eye, not the same code points */
	{"{\"é\":1,\"e\u0301\":1}", JSON_OK},
	{"{\"a\":1,\"A\":1,\"aa\":1,\"\":1}", JSON_OK},
};

static int gate(const char *text, size_t len)
{
	return json_gate(text, len, &json_limits_default, NULL, NULL);
}

static void texts_are_json_to_the_letter(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(gate_cases); i++) {
		int result = gate(gate_cases[i].text, strlen(gate_cases[i].text));

		if (result != gate_cases[i].result)
			fail_msg("%s gave %d", gate_cases[i].text, result);
	}
}

/* One line "id,result,base64"; 1 when it is a comment. */
static int run_corpus_line(char *line)
{
	char *result = strchr(line, ',');
	char *body = result ? strchr(result + 1, ',') : NULL;
	static char text[100000];
	long len;

	if (line[0] == '#')
		return 1;
	assert_non_null(body);
	len = base64_parse(body + 1, strlen(body + 1), text, sizeof(text));
	assert_true(len >= 0);
	if (gate(text, (size_t)len) != result[1] - '0')
		fail_msg("%.4s gave %d", line, gate(text, (size_t)len));
	return 0;
}

static void the_hostile_corpus_is_judged_as_it_says(void **state)
{
	BYTES_CLEANUP struct bytes content = {.max = 1 << 20};
	char *rest = NULL;
	int ran = 0;

	(void)state;
	assert_int_equal(file_read(TEST_DATA "/base/json_gate_cases.csv", &content, NULL), 0);
	for (char *line = strtok_r((char *)content.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		ran += run_corpus_line(line) == 0;
	/* 28 + 10 cases, A016 apart */
	assert_int_equal(ran, 37);
}

static void nesting_is_32_and_no_more(void **state)
{
	static char text[200000];

	(void)state;
	memset(text, '[', 100000);
	memset(text + 100000, ']', 100000);
	assert_int_equal(gate(text + 100000 - 32, 64), JSON_OK);
	assert_int_equal(gate(text + 100000 - 33, 66), JSON_DEPTH);
	/* A016: no stack overflow */
	assert_int_equal(gate(text, sizeof(text)), JSON_DEPTH);
	assert_int_equal(gate("1", 1), JSON_OK);
	assert_int_equal(json_gate("[1]", 3, &(struct json_limits){10, 0, 10, 10}, NULL, NULL), JSON_DEPTH);
	assert_int_equal(json_gate("1", 1, &(struct json_limits){10, SIZE_MAX, 10, 10}, NULL, NULL), JSON_OK);
}

static void caps_are_exact(void **state)
{
	const struct json_limits limits = {.bytes = 20, .depth = 3, .members = 5, .string = 4};
	static const struct gate_case cases[] = {
		{"[1,2,3,4]", JSON_OK}, /* 5 values with the array */
		{"[1,2,3,4,5]", JSON_SIZE},
		{"{\"a\":1,\"b\":2}", JSON_OK}, /* 3 values, 2 keys */
		{"{\"a\":1,\"b\":[2]}", JSON_SIZE},
		{"\"1234\"", JSON_OK},
		{"\"12345\"", JSON_SIZE},
		{"{\"12345\":1}", JSON_SIZE},
		{"1                   ", JSON_OK},
		{"1                    ", JSON_SIZE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(json_gate(cases[i].text, strlen(cases[i].text), &limits, NULL, NULL), cases[i].result);
}

static void utf16_is_another_encoding(void **state)
{
	(void)state;
	assert_int_equal(gate("\xFF\xFE{\0}\0", 6), JSON_ENCODING);
	assert_int_equal(gate("\xFE\xFF\0{\0}", 6), JSON_ENCODING);
	assert_int_equal(gate("{\0}\0", 4), JSON_ENCODING);
	assert_int_equal(gate("\0{\0}", 4), JSON_ENCODING);
	assert_int_equal(gate("{}\0", 3), JSON_SYNTAX);
	/* A038: raw NUL in a string */
	assert_int_equal(gate("\"a\0b\"", 5), JSON_SYNTAX);
}

static void places_are_reported(void **state)
{
	size_t start = 99;
	size_t offset = 99;

	(void)state;
	assert_int_equal(json_gate("\xEF\xBB\xBF{}", 5, &json_limits_default, &start, &offset), JSON_OK);
	assert_int_equal(start, 3);
	assert_int_equal(offset, 99);
	assert_int_equal(json_gate("{}", 2, &json_limits_default, &start, &offset), JSON_OK);
	assert_int_equal(start, 0);
	assert_int_equal(json_gate("{\"a\":1,\"a\":2}", 13, &json_limits_default, NULL, &offset), JSON_DUPLICATE_KEY);
	assert_int_equal(offset, 7);
	assert_int_equal(json_gate("[1,x]", 5, &json_limits_default, NULL, &offset), JSON_SYNTAX);
	assert_int_equal(offset, 3);
}

/* 16,000 keys in one object: a search from the start for each would need 128 million comparisons. */
static void many_keys_take_linear_time(void **state)
{
	BYTES_CLEANUP struct bytes text = {.max = 262144};
	clock_t begin;

	(void)state;
	bytes_char(&text, '{');
	for (int i = 0; i < 16000; i++)
		bytes_printf(&text, "\"k%06d\":0,", i);
	bytes_text(&text, "\"last\":0}");
	begin = clock();
	assert_int_equal(gate((char *)text.data, text.len), JSON_OK);
	/* generous: under sanitizers it is about 30 ms */
	assert_true(clock() - begin < CLOCKS_PER_SEC);
	text.len -= strlen("\"last\":0}");
	bytes_text(&text, "\"k00\\u0030123\":0}");
	assert_int_equal(gate((char *)text.data, text.len), JSON_DUPLICATE_KEY);
}

/* Objects side by side share one table; their equal keys must not meet. */
static void many_objects_keep_their_keys_apart(void **state)
{
	BYTES_CLEANUP struct bytes text = {.max = 262144};

	(void)state;
	bytes_char(&text, '[');
	for (int i = 0; i < 5000; i++)
		bytes_text(&text, "{\"name\":\"x\",\"amount\":\"1\"},");
	bytes_text(&text, "{\"name\":0,\"nam\\u0065\":0}]");
	assert_int_equal(gate((char *)text.data, text.len), JSON_DUPLICATE_KEY);
	text.len -= strlen(",\"nam\\u0065\":0}]");
	bytes_text(&text, "}]");
	assert_int_equal(gate((char *)text.data, text.len), JSON_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_json_to_the_letter),
		cmocka_unit_test(the_hostile_corpus_is_judged_as_it_says),
		cmocka_unit_test(nesting_is_32_and_no_more),
		cmocka_unit_test(caps_are_exact),
		cmocka_unit_test(utf16_is_another_encoding),
		cmocka_unit_test(places_are_reported),
		cmocka_unit_test(many_keys_take_linear_time),
		cmocka_unit_test(many_objects_keep_their_keys_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
