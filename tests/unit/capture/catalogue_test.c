/* The shop's catalogue.csv: what is read, what is refused and how it is said, what a line of a receipt finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "capture/catalogue.h"

#define HEADER "code,name,unit,vat_rate,class\n"

static struct catalogue *read_text(const char *text)
{
	struct catalogue *catalogue = NULL;
	struct fault fault = {0};

	assert_int_equal(catalogue_read(text, strlen(text), &catalogue, &fault), 0);
	return catalogue;
}

static void assert_refused(const char *text, const char *sentence)
{
	struct catalogue *catalogue = NULL;
	struct fault fault = {0};

	assert_int_equal(catalogue_read(text, strlen(text), &catalogue, &fault), FAULT_CONFIG);
	assert_string_equal(fault.text, sentence);
	assert_true(catalogue == NULL);
}

static int find(
	const struct catalogue *catalogue, const char *code, const char *name, const struct catalogue_item **ret)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(4096);

	return catalogue_find(catalogue, arena, code, name, ret);
}

static void assert_item(
	const struct catalogue *catalogue, const char *code, const char *name, const char *expected, enum vat_rate rate)
{
	const struct catalogue_item *item = NULL;

	assert_int_equal(find(catalogue, code, name, &item), CATALOGUE_FOUND);
	assert_string_equal(item->name, expected);
	assert_int_equal(item->rate, rate);
}

static void items_are_found_by_code_and_by_name(void **state)
{
	CLEANUP(catalogue_freep)
	struct catalogue *catalogue = read_text(HEADER "8934563138165,Cà phê sữa đá,ly,8,reduced\n"
						       ",\"Gạo ST25, túi 5kg\",túi,5,essential5\n"
						       "BIA-01,Bia Sài Gòn,,10,\n"
						       "S,Sách giáo khoa,cuốn,KCT,\n");
	const struct catalogue_item *item = NULL;

	(void)state;
	assert_int_equal(catalogue_count(catalogue), 4);
	assert_item(catalogue, "BIA-01", "Bia", "Bia Sài Gòn", VAT_10);
	assert_item(catalogue, NULL, "Cà phê sữa đá", "Cà phê sữa đá", VAT_8);
	assert_item(catalogue, NULL, "CA PHE  SUA DA", "Cà phê sữa đá", VAT_8);
	assert_item(catalogue, NULL, "gao st25, tui 5KG", "Gạo ST25, túi 5kg", VAT_5);
	assert_item(catalogue, NULL, "Sách giáo khoa", "Sách giáo khoa", VAT_KCT);
	assert_int_equal(find(catalogue, NULL, "Trà", &item), CATALOGUE_UNKNOWN);
	/* A code of another item is no reason to believe the name. */
	assert_int_equal(find(catalogue, "BIA-02", "Bia Sài Gòn", &item), CATALOGUE_UNKNOWN);
	assert_int_equal(find(catalogue, NULL, "Bia Sài Gòn", &item), CATALOGUE_FOUND);
	assert_null(item->unit);
	assert_null(item->item_class);
	assert_string_equal(item->code, "BIA-01");
}

static void accents_that_are_not_printed_are_not_guessed(void **state)
{
	CLEANUP(catalogue_freep)
	struct catalogue *catalogue = read_text(HEADER ",Bò,kg,5,\n,Bơ,kg,8,\n,Đá,bao,8,\n,Da,bao,8,\n");
	const struct catalogue_item *item = NULL;

	(void)state;
	assert_item(catalogue, NULL, "Bò", "Bò", VAT_5);
	assert_item(catalogue, NULL, "Bơ", "Bơ", VAT_8);
	assert_int_equal(find(catalogue, NULL, "BO", &item), CATALOGUE_AMBIGUOUS);
	assert_null(item);
	/* Where both are taxed alike it does not matter which is meant. */
	assert_int_equal(find(catalogue, NULL, "DA", &item), CATALOGUE_FOUND);
	assert_int_equal(item->rate, VAT_8);
}

static void spreadsheets_may_write_it(void **state)
{
	CLEANUP(catalogue_freep)
	struct catalogue *catalogue = read_text("\xef\xbb\xbf"
						"code;name;unit;vat_rate;class\r\n\r\n1;\"Trà "
						"\"\"xịn\"\"\";ly;8;\r\n2;\"Hai\ndòng\";;10;\r\n3;Tra\xcc\x80;;0;");

	(void)state;
	assert_int_equal(catalogue_count(catalogue), 3);
	assert_item(catalogue, "1", "", "Trà \"xịn\"", VAT_8);
	assert_item(catalogue, NULL, "Hai dòng", "Hai dòng", VAT_10);
	assert_item(catalogue, NULL, "Trà", "Trà", VAT_0);
}

static void an_error_names_its_line_and_what_to_do(void **state)
{
	(void)state;
	assert_refused("", "catalogue line 1: fewer values than code,name,unit,vat_rate,class; add or remove a ,");
	assert_refused("ma,ten,dvt,thue,loai\n",
		"catalogue line 1: the first line is not code,name,unit,vat_rate,class; write it above the items");
	assert_refused(HEADER "1,A,,8\n",
		"catalogue line 2: fewer values than code,name,unit,vat_rate,class; add or remove a ,");
	assert_refused(HEADER "1,A,,8,,\n",
		"catalogue line 2: more values than code,name,unit,vat_rate,class; add or remove a ,");
	assert_refused(HEADER "1,A,,8,\n2,B,,7,\n",
		"catalogue line 3: vat_rate \"7\" is none of 0, 5, 8, 10, KCT, KKKNT; write one of them");
	assert_refused(HEADER "1,A,,,\n",
		"catalogue line 2: vat_rate \"\" is none of 0, 5, 8, 10, KCT, KKKNT; write one of them");
	assert_refused(HEADER "\n\n1,,,8,\n", "catalogue line 4: name is empty; write what the till prints");
	assert_refused(HEADER "1,\"A\nB\",,8,\n1,C,,8,\n",
		"catalogue line 4: code 1 stands in line 2 already; keep one of them");
	assert_refused(HEADER "1,A,,8,\n2,A,,10,\n",
		"catalogue line 3: name \"A\" stands in line 2 already; keep one of them, or make the names differ");
	assert_refused(HEADER "1,\"A,,8,\n",
		"catalogue line 2: a quote is opened and never closed; put a \" at the end of the value");
	assert_refused(HEADER "1,A\"B,,8,\n",
		"catalogue line 2: a quote stands inside name; put the whole value into quotes and double that one");
	assert_refused(HEADER "1,\"A\"B,,8,\n",
		"catalogue line 2: name goes on behind its closing quote; double quotes that belong to the value");
	assert_refused(HEADER "1,Tr\xe0,,8,\n", "catalogue line 2: name is not UTF-8; save the file as \"CSV UTF-8\"");
	assert_refused(HEADER "1,A\x1b@,,8,\n", "catalogue line 2: name holds a control character; type it anew");
	assert_refused(HEADER "123456789012345678901234567890123456789012345678901,A,,8,\n",
		"catalogue line 2: code is longer than 50 letters; shorten it");
}

static void fill(struct bytes *text, size_t rows)
{
	bytes_init(text, CATALOGUE_BYTES_MAX);
	bytes_text(text, HEADER);
	for (size_t i = 0; i < rows; i++)
		bytes_printf(text, "C%zu,Hàng %zu,cái,%d,\n", i, i, i % 2 ? 8 : 10);
	assert_false(text->failed);
}

static void it_has_a_maximum_and_finds_in_it(void **state)
{
	CLEANUP(catalogue_freep) struct catalogue *catalogue = NULL;
	struct catalogue *more = NULL;
	struct fault fault = {0};
	BYTES_CLEANUP struct bytes text;

	(void)state;
	fill(&text, CATALOGUE_ROWS_MAX);
	assert_int_equal(catalogue_read(text.data, text.len, &catalogue, NULL), 0);
	assert_int_equal(catalogue_count(catalogue), CATALOGUE_ROWS_MAX);
	for (size_t i = 0; i < CATALOGUE_ROWS_MAX; i += 97) {
		char code[20];
		char name[30];
		const struct catalogue_item *item = NULL;

		snprintf(code, sizeof(code), "C%zu", i);
		snprintf(name, sizeof(name), "HANG %zu", i);
		assert_int_equal(find(catalogue, code, name, &item), CATALOGUE_FOUND);
		assert_string_equal(item->code, code);
		assert_int_equal(find(catalogue, NULL, name, &item), CATALOGUE_FOUND);
		assert_string_equal(item->code, code);
		assert_int_equal(item->rate, i % 2 ? VAT_8 : VAT_10);
	}
	bytes_text(&text, "X,Thêm,,8,\n");
	assert_int_equal(catalogue_read(text.data, text.len, &more, &fault), FAULT_CONFIG);
	assert_string_equal(
		fault.text, "catalogue line 100002: more than 100000 items; remove those that are no longer sold");
	assert_int_equal(catalogue_read(text.data, CATALOGUE_BYTES_MAX + 1, &more, NULL), FAULT_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_found_by_code_and_by_name),
		cmocka_unit_test(accents_that_are_not_printed_are_not_guessed),
		cmocka_unit_test(spreadsheets_may_write_it),
		cmocka_unit_test(an_error_names_its_line_and_what_to_do),
		cmocka_unit_test(it_has_a_maximum_and_finds_in_it),
	};

	return cmocka_run_group_tests_name("capture/catalogue", tests, NULL, NULL);
}
