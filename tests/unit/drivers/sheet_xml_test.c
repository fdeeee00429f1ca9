/* Files of bills as XML: the words that stand for a row, and that nothing else is let in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/drivers.h"

#define SALE                                                                                                           \
	"<sale><bill>HD1</bill><date>2026-11-22T09:15:00</date><total>65000</total>"                                   \
	"<line><name>Cà phê</name><qty>2</qty><price>25000</price><amount>50000</amount><rate>8</rate></line>"       \
	"<line><name>Bánh &amp; trà</name><qty>1</qty><amount>15000</amount></line></sale>"

static int read_text(struct arena *arena, const char *xml, struct sheet *ret, struct problem *problem)
{
	return sheet_xml(xml, strlen(xml), arena, ret, problem);
}

static void a_line_is_a_row_that_knows_its_bill(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(SHEET_ARENA_MAX);
	struct problem problem = {0};
	struct sheet sheet = {0};

	(void)state;
	assert_int_equal(read_text(arena,
				 "\xef\xbb\xbf<?xml version=\"1.0\"?>\n<sales>\n" SALE "\n" SALE
				 "\n<sale><bill>3</bill></sale></sales>",
				 &sheet, &problem),
		0);
	assert_int_equal(sheet.row_count, 5);
	assert_string_equal(sheet.rows[0].values[SHEET_BILL], "HD1");
	assert_string_equal(sheet.rows[1].values[SHEET_TOTAL], "65000");
	assert_string_equal(sheet.rows[1].values[SHEET_NAME], "Bánh & trà");
	assert_string_equal(sheet.rows[1].values[SHEET_PRICE], "");
	assert_int_equal(sheet.rows[1].sale, 1);
	assert_int_equal(sheet.rows[2].sale, 2);
	assert_int_equal(sheet.rows[2].line, 4);
	assert_string_equal(sheet.rows[4].values[SHEET_BILL], "3");
	assert_int_equal(sheet.decimal, '.');
}

static void nothing_else_is_let_in(void **state)
{
	static const struct {
		const char *xml, *why;
	} wrong[] = {
		{"<sales><sale><bill>1</bill>", "xml.wellformed"},
		{"<!DOCTYPE s [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><sales><sale><bill>&a;</bill></sale></sales>",
			"xml.doctype"},
		{"<!DOCTYPE s [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><sales>&b;</sales>", "xml.doctype"},
		{"<sales><!-- --></sales>", "xml.comment"},
		{"<bills/>", "line 1: bills: is not the element sales"},
		{"<sales xmlns=\"urn:x\"/>", "line 1: sales: is not the element sales"},
		{"<sales>\n<sale><bill>1</bill><bill>2</bill></sale></sales>", "line 2: bill: stands there twice"},
		{"<sales><sale><bill><b/></bill></sale></sales>", "line 1: bill: holds elements where a value belongs"},
		{"<sales><sale><bill>1</bill><name>x</name></sale></sales>",
			"line 1: name: is no element that may stand here"},
		{"<sales><sale><bill>1</bill><line><bill>2</bill></line></sale></sales>",
			"line 1: bill: is no element that may stand here"},
		{"<sales><sale>5<bill>1</bill></sale></sales>", "line 1: sale: has text between its elements"},
		{"<sales><sale><bill x=\"2\">1</bill></sale></sales>",
			"line 1: bill: is no element that may stand here"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(SHEET_ARENA_MAX);
		struct problem problem = {0};
		struct sheet sheet = {0};

		assert_int_equal(read_text(arena, wrong[i].xml, &sheet, &problem), PROBLEM_SHEET_UNREAD);
		assert_string_equal(problem.extra, wrong[i].why);
		assert_int_equal(sheet.row_count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_a_row_that_knows_its_bill),
		cmocka_unit_test(nothing_else_is_let_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
