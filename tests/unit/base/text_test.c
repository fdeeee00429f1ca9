#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <utf8proc.h>

#include "base/text.h"

struct clean_case {
	const char *in;
	size_t len; /* 0 = up to the NUL */
	int result;
	const char *out;
};

/* A… are cases of the hostile corpus for the sale interface; the others follow the enum in text.h. */
static const struct clean_case clean_cases[] = {
	{"Ca\xCC\x80 phe\xCC\x82 su\xCC\x9B\xCC\x83"
	 "a \xC4\x91"
	 "a\xCC\x81",
		0, TEXT_OK, "Cà phê sữa đá"},	  /* A086 */
	{"Hoà", 0, TEXT_OK, "Hoà"},		  /* A087 */
	{"Trà \u202E000.01", 0, TEXT_BIDI, NULL}, /* A088 */
	{"a\u2066b\u2069", 0, TEXT_BIDI, NULL},	  /* A089 */
	{"a\x1B[31mred", 0, TEXT_CONTROL, NULL},  /* A090 */
	{"a\xC2\x85"
	 "b",
		0, TEXT_CONTROL, NULL},	     /* A091 */
	{"  a\tb\nc ", 0, TEXT_OK, "a b c"}, /* A092 */
	{"a\uFEFFb", 0, TEXT_CONTROL, NULL}, /* A093 */
	{"   ", 0, TEXT_OK, ""},	     /* A094: empty, which the caller calls required */
	{"Z\xCC\xB5\xCC\xB6"
	 "a",
		0, TEXT_OK,
		"Z\xCC\xB5\xCC\xB6"
		"a"}, /* A110 */
	{"", 0, TEXT_OK, ""},
	{"a\0b", 3, TEXT_CONTROL, NULL},
	{"a\x7F", 0, TEXT_CONTROL, NULL},
	{"a\xC2\x80", 0, TEXT_CONTROL, NULL},
	{"a\xC2\x9F", 0, TEXT_CONTROL, NULL},
	{"a\xEF\xBF\xBE", 0, TEXT_CONTROL, NULL},
	{"a\xEF\xBF\xBF", 0, TEXT_CONTROL, NULL},
	{"\xEF\xBF\xBD", 0, TEXT_OK, "\xEF\xBF\xBD"},
	{"\u202A", 0, TEXT_BIDI, NULL},
	{"\u2029", 0, TEXT_OK, "\u2029"},
	{"\u202F", 0, TEXT_OK, "\u202F"},
	{"\u2065", 0, TEXT_OK, "\u2065"},
	{"\u206A", 0, TEXT_OK, "\u206A"},
	{"a\r\n\t\r\nb", 0, TEXT_OK, "a b"},
	{"a \n b", 0, TEXT_OK, "a   b"},
	{"a\rb", 0, TEXT_CONTROL, NULL},
	{"\r a\r", 0, TEXT_OK, "a"},
	{"\xC2\xA0 a\xC2\xA0"
	 "b\t\xC2\xA0",
		0, TEXT_OK,
		"a\xC2\xA0"
		"b"},
	{"\xA0", 0, TEXT_ENCODING, NULL},
	{"\xE2\x82", 0, TEXT_ENCODING, NULL},
	{"\xC3", 0, TEXT_ENCODING, NULL},
	{"\xC0\x80", 0, TEXT_ENCODING, NULL},
	{"\xE0\x80\xAF", 0, TEXT_ENCODING, NULL},
	{"\xED\xA0\x80", 0, TEXT_ENCODING, NULL},
	{"\xF4\x90\x80\x80", 0, TEXT_ENCODING, NULL},
	{"\xF8\x88\x80\x80\x80", 0, TEXT_ENCODING, NULL},
	/* encoding before anything else; of control and direction the first */
	{"a\x1B\xFF", 0, TEXT_ENCODING, NULL},
	{"\x1B\u202E", 0, TEXT_CONTROL, NULL},
	{"\u202E\x1B", 0, TEXT_BIDI, NULL},
	/* Unicode Annex 15: ordering of marks, singletons, Hangul */
	{"a\u0301\u0323", 0, TEXT_OK, "\u1EA1\u0301"},
	{"\u212B", 0, TEXT_OK, "\u00C5"},
	{"\u1112\u1161\u11AB", 0, TEXT_OK, "\uD55C"},
	{"<&\"'=", 0, TEXT_OK, "<&\"'="},
	{"Trà 🧋 5₫", 0, TEXT_OK, "Trà 🧋 5₫"},
};

static void values_are_cleaned_by_named_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(clean_cases); i++) {
		const struct clean_case *c = &clean_cases[i];
		CLEANUP(arena_freep) struct arena *arena = arena_new(1000);
		const char *out = "untouched";
		int result = text_clean(arena, c->in, c->len ? c->len : strlen(c->in), 0, &out);

		if (result != c->result)
			fail_msg("case %zu (%s) gave %d", i, c->in, result);
		assert_string_equal(out, result == TEXT_OK ? c->out : "untouched");
	}
}

static void length_counts_code_points_after_cleaning(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(10000);
	const char *out;

	(void)state;
	/* e + two marks is one code point in NFC (U+1EBF) */
	assert_int_equal(text_clean(arena, "e\u0302\u0301e\u0302\u0301", 10, 2, &out), TEXT_OK);
	assert_int_equal(text_clean(arena, " ếế\n", 8, 2, &out), TEXT_OK);
	assert_int_equal(text_clean(arena, "ếếế", 9, 2, &out), TEXT_LENGTH);
	assert_int_equal(text_clean(arena, "abc", 3, 2, &out), TEXT_LENGTH);
	assert_int_equal(text_clean(arena, "a\r\nb", 4, 3, &out), TEXT_OK);
	/* U+0958 is excluded from composition: it becomes longer */
	assert_int_equal(text_clean(arena, "\u0958", 3, 1, &out), TEXT_LENGTH);
}

static void a_full_arena_is_reported(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(3);
	const char *out;

	(void)state;
	assert_int_equal(text_clean(arena, "abc", 3, 0, &out), TEXT_MEMORY);
	assert_null(text_fold_ascii(arena, "abc"));
	assert_null(text_mask(arena, "abcd"));
}

static bool is_refused(uint32_t point)
{
	return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0xFEFF || point == 0xFFFE ||
	       point == 0xFFFF || (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) ||
	       (point >= 0xD800 && point <= 0xDFFF);
}

/* The short way for characters that need no normalisation must give what utf8proc gives, for every code point. */
static void the_short_way_agrees_with_utf8proc(void **state)
{
	static const char *const bases[] = {"a", "\u00EA", "\uAC00", "\u09C7"};
	size_t compared = 0;

	(void)state;
	for (uint32_t point = 0x20; point <= 0x10FFFF; point++) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(100);
		uint8_t in[16];
		CLEANUP(freep) utf8proc_uint8_t *expected = NULL;
		const char *base = bases[point % ARRAY_LEN(bases)];
		size_t len = strlen(base);
		const char *out = NULL;

		if (is_refused(point))
			continue;
		memcpy(in, base, len);
		len += (size_t)utf8proc_encode_char((utf8proc_int32_t)point, in + len);
		in[len++] = 'z';
		assert_true(utf8proc_map(in, (utf8proc_ssize_t)len, &expected, UTF8PROC_STABLE | UTF8PROC_COMPOSE) > 0);
		assert_int_equal(text_clean(arena, (const char *)in, len, 0, &out), TEXT_OK);
		if (strcmp(out, (const char *)expected) != 0)
			fail_msg("U+%04X", point);
		compared++;
	}
	/* 0x110000 code points less 32 + 33 controls, 9 for direction, 3 others, 2,048 surrogates */
	assert_int_equal(compared, 0x110000 - 32 - 33 - 9 - 3 - 2048);
}

static void utf8_is_recognised_at_every_position(void **state)
{
	char text[40];

	(void)state;
	assert_true(text_is_utf8("", 0));
	for (size_t at = 0; at < 30; at++) {
		memset(text, 'a', sizeof(text));
		memcpy(text + at, "ế", 3);
		assert_true(text_is_utf8(text, sizeof(text)));
		assert_false(text_is_utf8(text, at + 2));
		text[at + 1] = (char)0xFF;
		assert_false(text_is_utf8(text, sizeof(text)));
	}
}

static void points_are_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(text_points(""), 0);
	assert_int_equal(text_points("abc"), 3);
	assert_int_equal(text_points("Cà phê 🧋"), 8);
}

static void vietnamese_loses_its_accents(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(10000);

	(void)state;
	assert_string_equal(text_fold_ascii(arena, "Cà phê sữa đá, ĐẶC BIỆT"), "Ca phe sua da, DAC BIET");
	assert_string_equal(text_fold_ascii(arena, "ăâêôơư ẮẤẾỐỚỨ ạậệộợự ỳỵỷỹ"), "aaeoou AAEOOU aaeoou yyyy");
	assert_string_equal(text_fold_ascii(arena, "e\u0302\u0301"), "e");
	assert_string_equal(text_fold_ascii(arena, "5₫ 🧋 ß"), "5d ? ?");
	assert_string_equal(text_fold_ascii(arena, "“Quán” – ‘Bờ’ —"), "\"Quan\" - 'Bo' -");
	assert_string_equal(text_fold_ascii(arena, "a\xFF"), "a?");
	assert_string_equal(text_fold_ascii(arena, ""), "");
}

/* R-PRI-2 */
static void all_but_the_last_three_are_masked(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(10000);

	(void)state;
	assert_string_equal(text_mask(arena, "0912345678"), "*******678");
	assert_string_equal(text_mask(arena, "Nguyễn"), "***yễn");
	assert_string_equal(text_mask(arena, "Đại"), "Đại");
	assert_string_equal(text_mask(arena, ""), "");
}

static void letters_are_taken_apart(void **state)
{
	static const struct {
		uint32_t point, plain;
		char base, tone;
		bool is_upper;
	} letters[] = {{'q', 'q', 'q', 0, false}, {'Q', 'q', 'q', 0, true}, {0x110, 0x111, 'd', 0, true},
		{0x1EA4, 0xE2, 'a', '\'', true}, {0x1EB7, 0x103, 'a', '.', false}, {0x1EDF, 0x1A1, 'o', '?', false},
		{0x1EEE, 0x1B0, 'u', '~', true}, {0xE0, 'a', 'a', '`', false}, {0xE7, 0, 'c', 0, false},
		{0xF6, 0, 'o', 0, false}, {0xF0, 0, 0, 0, false}};
	uint32_t point = 0;
	char bytes[4];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
		struct text_letter letter = text_letter(letters[i].point);

		assert_true(letter.is_letter);
		assert_int_equal(letter.plain, letters[i].plain);
		assert_int_equal(letter.base, letters[i].base);
		assert_int_equal(letter.tone, letters[i].tone);
		assert_int_equal(letter.is_upper, letters[i].is_upper);
	}
	assert_false(text_letter('7').is_letter);
	assert_false(text_letter(0x20AB).is_letter);
	assert_int_equal(text_upper(0x1EA5), 0x1EA4);
	assert_int_equal(text_upper(0x111), 0x110);
	assert_int_equal(text_upper(0x20AB), 0x20AB);
	assert_int_equal(text_next("ấ", &point), 3);
	assert_int_equal(point, 0x1EA5);
	assert_int_equal(text_next("", &point), 0);
	assert_int_equal(text_next("\xe1\xba", &point), 0);
	assert_int_equal(text_put(0x1EA5, bytes), 3);
	assert_memory_equal(bytes, "ấ", 3);
}

static void a_text_is_composed_where_it_must(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(16);
	const char *text = "Cà phê";

	(void)state;
	assert_true(text_compose(arena, text, strlen(text)) == text);
	assert_string_equal(text_compose(arena, "Ca\xcc\x80", 4), "Cà");
	assert_null(text_compose(arena, "a\xcc\x80 0123456789abcdef", 20));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_cleaned_by_named_rules),
		cmocka_unit_test(length_counts_code_points_after_cleaning),
		cmocka_unit_test(a_full_arena_is_reported),
		cmocka_unit_test(the_short_way_agrees_with_utf8proc),
		cmocka_unit_test(utf8_is_recognised_at_every_position),
		cmocka_unit_test(points_are_not_bytes),
		cmocka_unit_test(vietnamese_loses_its_accents),
		cmocka_unit_test(all_but_the_last_three_are_masked),
		cmocka_unit_test(letters_are_taken_apart),
		cmocka_unit_test(a_text_is_composed_where_it_must),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
