/* Files of bills: which rows are one sale, what closes, what goes to a person, in which encoding and with which numbers and days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "capture/bill.h"
#include "capture/letters.h"
#include "capture/sheet.h"

#define PLAIN "bill,date,name,qty,price,amount,total,rate\n"

struct lab {
	struct arena *arena;
	struct letters *letters;
	struct sheet_map *map;
	struct catalogue *catalogue;
	struct bill_till till;
	struct sheet sheet;
	struct sheet_sale *sales;
	size_t count;
	struct problem problem;
};

static void open_lab(struct lab *lab, const char *map)
{
	BYTES_CLEANUP struct bytes ini = {.max = SHEET_MAP_MAX};
	BYTES_CLEANUP struct bytes problems = {.max = SHEET_MAP_MAX};
	struct fault fault = {0};

	*lab = (struct lab){.arena = arena_new(SHEET_ARENA_MAX),
		.till = {.till_id = "T01", .is_vat_included = true, .has_rates = true, .received_at = 1795327200000}};
	assert_int_equal(letters_new(&lab->letters, &fault), 0);
	bytes_text(&ini, map ? map : "");
	assert_int_equal(sheet_map_new("sales.map", map ? &ini : NULL, &lab->map, &problems, &fault), 0);
}

static void close_lab(struct lab *lab)
{
	arena_free(lab->arena);
	letters_free(lab->letters);
	sheet_map_free(lab->map);
	catalogue_free(lab->catalogue);
}

static int read_bytes(struct lab *lab, const char *bytes, size_t len)
{
	int result = sheet_csv(lab->map, lab->letters, lab->arena, bytes, len, &lab->sheet, &lab->problem);

	return result ? result
		      : sheet_sales(&lab->sheet, lab->catalogue, &lab->till, lab->arena, &lab->sales, &lab->count,
				&lab->problem);
}

static void read_text(struct lab *lab, const char *csv, size_t count)
{
	assert_int_equal(read_bytes(lab, csv, strlen(csv)), 0);
	assert_int_equal(lab->count, count);
}

static void assert_refused(const char *csv, const char *why)
{
	struct lab lab;

	open_lab(&lab, NULL);
	assert_int_equal(read_bytes(&lab, csv, strlen(csv)), PROBLEM_SHEET_UNREAD);
	assert_string_equal(lab.problem.extra, why);
	close_lab(&lab);
}

/* The one bill of @csv goes to a person. */
static void assert_parked(const char *map, const char *csv, enum problem_code code, const char *why)
{
	struct lab lab;

	open_lab(&lab, map);
	read_text(&lab, csv, 1);
	assert_int_equal(lab.sales[0].problem.code, code);
	assert_string_equal(lab.sales[0].problem.extra, why);
	assert_int_equal(lab.sales[0].sale.line_count, 0);
	close_lab(&lab);
}

static void assert_sale(const struct sheet_sale *got, const char *bill_no, int64_t total, size_t lines)
{
	assert_int_equal(got->problem.code, PROBLEM_NONE);
	assert_string_equal(got->sale.bill_no, bill_no);
	assert_int_equal(got->sale.total, total);
	assert_int_equal(got->sale.line_count, lines);
}

static void rows_of_one_number_are_one_sale(void **state)
{
	struct lab lab;

	(void)state;
	open_lab(&lab, NULL);
	read_text(&lab,
		PLAIN "HD1,2026-11-22 09:15:30,Cà phê sữa đá,2,25000,50000,65000,8%\n"
		      "HD2,22/11/2026,Trà đá,1,5000,5000,5000,8\r\n"
		      ",,,,,,,\n"
		      "HD1,,\"Bánh mì, \"\"trứng\"\"\",1,15000,15000,65000,8\n"
		      "HD2,23/11/2026,Trà đá,2,5000,10000,10000,8",
		3);
	assert_sale(&lab.sales[0], "HD1", 65000, 2);
	assert_string_equal(lab.sales[0].sale.lines[1].name, "Bánh mì, \"trứng\"");
	assert_int_equal(lab.sales[0].sale.lines[0].rate, VAT_8);
	assert_int_equal(lab.sales[0].sale.business_day, 20261122);
	assert_int_equal(lab.sales[0].sale.sold_at,
		clock_ms((struct civil){.year = 2026, .month = 11, .day = 22, .hour = 9, .minute = 15, .second = 30}));
	assert_sale(&lab.sales[1], "HD2", 5000, 1);
	assert_sale(&lab.sales[2], "HD2", 10000, 1);
	assert_int_equal(lab.sales[2].sale.business_day, 20261123);
	assert_string_equal(lab.sales[2].sale.till_id, "T01");
	close_lab(&lab);
}

static void a_map_names_columns_words_and_marks(void **state)
{
	static const char map[] =
		"[file]\ndelimiter=semicolon\ndecimal=comma\ndate=mdy\nskip=2\n[columns]\nbill=Số HĐ\n"
		"date=Ngày\ntime=Giờ\nname=Tên hàng\nqty=SL\nprice=Đơn giá\namount=Thành tiền\n"
		"total=Tổng cộng\nrate=VAT\nkind=Loại\ntill=Quầy\nbill_discount=Giảm\nrefers_to=Của\n"
		"[kinds]\nsale=Bán lẻ|Bán sỉ\nreturn=Trả hàng\nvoid=Hủy\n";
	struct lab lab;

	(void)state;
	open_lab(&lab, map);
	read_text(&lab,
		"Báo cáo bán hàng;;\n\nQUẦY;SỐ HĐ;LOẠI;CỦA;NGÀY;GIỜ;TÊN HÀNG;SL;ĐƠN GIÁ;THÀNH TIỀN;TỔNG "
		"CỘNG;GIẢM;VAT;amount\n"
		"Q2;77;bán sỉ;;11/22/2026 00:00:00;14:05;Gạo;1,5;20.000,00;30.000;28.000;2.000;5;x\n"
		"Q2;78;trả hàng;77;11/22/2026;15:00;Gạo;1;20.000;20.000;20.000;0;5;x\n",
		2);
	assert_sale(&lab.sales[0], "77", 28000, 1);
	assert_string_equal(lab.sales[0].sale.till_id, "Q2");
	assert_int_equal(lab.sales[0].sale.lines[0].qty.units, 15);
	assert_int_equal(lab.sales[0].sale.discounts[0].amount, 2000);
	assert_int_equal(lab.sales[0].sale.sold_at,
		clock_ms((struct civil){.year = 2026, .month = 11, .day = 22, .hour = 14, .minute = 5}));
	assert_sale(&lab.sales[1], "78", 20000, 1);
	assert_int_equal(lab.sales[1].sale.kind, SALE_KIND_RETURN);
	assert_string_equal(lab.sales[1].sale.refers_to.bill_no, "77");
	close_lab(&lab);
}

static void columns_without_names_have_numbers(void **state)
{
	struct lab lab;

	(void)state;
	open_lab(&lab, "[file]\nheader=no\ndelimiter=tab\n[columns]\nbill=2\ndate=1\nname=3\nqty=4\namount=5\ntotal="
		       "6\nrate=7\n");
	read_text(&lab, "2026-11-22\tA1\tBún bò\t2\t90.000\t90.000\t8\n", 1);
	assert_sale(&lab.sales[0], "A1", 90000, 1);
	assert_int_equal(lab.sales[0].sale.lines[0].unit_price.units, 45000);
	close_lab(&lab);
}

/* The same file in the encodings that shops have. */
static void the_words_of_a_file_say_its_encoding(void **state)
{
	static const struct {
		const char *bytes;
		enum page_encoding encoding;
	} names[] = {{"C\xb5 ph\xaa s\xf7"
		      "a \xae\xb8",
			     PAGE_TCVN},
		{"C\xe0 ph\xea s\xfd\xde"
		 "a \xf0\xe1",
			PAGE_CP1258},
		{"\xef\xbb\xbf", PAGE_UTF8}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct lab lab;
		char csv[500];
		bool is_utf8 = names[i].encoding == PAGE_UTF8;

		open_lab(&lab, NULL);
		snprintf(csv, sizeof(csv), "%s" PLAIN "HD1,2026-11-22,%s,1,25000,25000,25000,8\n",
			is_utf8 ? names[i].bytes : "", is_utf8 ? "Ca\xcc\x80 phê sữa đá" : names[i].bytes);
		if (names[i].encoding == PAGE_CP1258) /* ữ: ư and a tone behind it */
			snprintf(csv, sizeof(csv),
				PLAIN "HD1,2026-11-22,C\xe0 ph\xea s\xfd\xde"
				      "a \xf0\xe1,1,25000,25000,25000,8\n");
		read_text(&lab, csv, 1);
		assert_sale(&lab.sales[0], "HD1", 25000, 1);
		assert_string_equal(lab.sales[0].sale.lines[0].name, "Cà phê sữa đá");
		close_lab(&lab);
	}
}

static void what_does_not_add_up_goes_to_a_person(void **state)
{
	(void)state;
	assert_parked(NULL, PLAIN "HD1,2026-11-22,Phở,2,45000,80000,80000,8\n", PROBLEM_BILL_REVIEW, "amount 2");
	assert_parked(NULL, PLAIN "HD1,2026-11-22,Phở,2,45000,90000,80000,8\n", PROBLEM_BILL_REVIEW,
		"sum.total: lines give 90000, total says 80000");
	assert_parked(NULL, PLAIN "HD1,2026-11-22,Phở,2,45000,90000,,8\n", PROBLEM_BILL_REVIEW, "no-total 2");
	assert_parked(NULL, PLAIN "HD1,2026-11-22,Phở,2,45000\n", PROBLEM_BILL_REVIEW, "row 2");
	assert_parked(NULL, PLAIN "HD1,2026-11-22,Phở,hai,45000,90000,90000,8\n", PROBLEM_BILL_REVIEW, "number 2");
	assert_parked(NULL, PLAIN "HD1,2026-11-22,Phở,2,45000,90000,90000,7\n", PROBLEM_BILL_REVIEW, "row 2");
	assert_parked(NULL, PLAIN "HD1,2026-11-22,Phở,-2,45000,-90000,-90000,8\n", PROBLEM_BILL_REVIEW, "negative 2");
	assert_parked(NULL, PLAIN "HD1,31/02/2026,Phở,2,45000,90000,90000,8\n", PROBLEM_BILL_REVIEW, "date.format");
	assert_parked(NULL, PLAIN "HD1,hôm qua,Phở,2,45000,90000,90000,8\n", PROBLEM_BILL_REVIEW, "time 2");
	assert_parked(NULL, PLAIN "HD1,2026-11-22 25:00,Phở,2,45000,90000,90000,8\n", PROBLEM_BILL_REVIEW, "time 2");
	assert_parked(NULL, PLAIN "HD1,2026-11-22,Phở,2,45000,90000,90000,8\nHD1,2026-11-22,Trà,1,1000,1000,91000,8\n",
		PROBLEM_BILL_REVIEW, "totals 3");
	assert_parked("[file]\ndecimal=point\n[columns]\nbill=bill\ndate=date\nname=name\nqty=qty\nprice=price\namount="
		      "amount\n"
		      "total=total\nrate=rate\n",
		PLAIN "HD1,2026-11-22,Phở,2,45.000,90.000,90.000,8\n", PROBLEM_BILL_REVIEW, "number 2");
	assert_parked("[file]\ndecimal=point\n[columns]\nbill=bill\ndate=date\nname=name\nqty=qty\nprice=price\namount="
		      "amount\n"
		      "total=total\nrate=rate\n",
		PLAIN "HD1,2026-11-22,Phở,2,45000.00,80000.00,80000.00,8\n", PROBLEM_BILL_REVIEW, "amount 2");
}

static void a_rate_is_never_guessed(void **state)
{
	static const char catalogue[] = "code,name,unit,vat_rate,class\n,Phở bò,tô,8,reduced\n";
	struct fault fault = {0};
	struct lab lab;

	(void)state;
	assert_parked(NULL, PLAIN "HD1,2026-11-22,Phở,2,45000,90000,90000,\n", PROBLEM_CATALOGUE_UNKNOWN, "Phở");
	open_lab(&lab, NULL);
	assert_int_equal(catalogue_read(catalogue, strlen(catalogue), &lab.catalogue, &fault), 0);
	read_text(&lab,
		PLAIN "1,2026-11-22,Phở bò,2,45000,90000,90000,\n"
		      "2,2026-11-22,Phở bò,2,45000,90000,90000,10\n"
		      "3,2026-11-22,Bia,1,20000,20000,20000,10\n",
		3);
	assert_sale(&lab.sales[0], "1", 90000, 1);
	assert_int_equal(lab.sales[0].sale.lines[0].rate, VAT_8);
	assert_string_equal(lab.sales[0].sale.lines[0].unit, "tô");
	assert_int_equal(lab.sales[1].problem.code, PROBLEM_CATALOGUE_RATE);
	assert_sale(&lab.sales[2], "3", 20000, 1);
	assert_int_equal(lab.sales[2].sale.lines[0].rate, VAT_10);
	close_lab(&lab);
}

static void what_is_no_list_of_bills_is_refused_as_a_whole(void **state)
{
	(void)state;
	assert_refused("", "line 1: there is no column bill; see [spool] map");
	assert_refused("bill;date\n", "line 1: there is no column total; see [spool] map");
	assert_refused(PLAIN ",2026-11-22,Phở,1,1,1,1,8\n", "line 2: there is no bill number");
	assert_refused(PLAIN "1,2026-11-22,\"Phở,1,1,1,1,8\n", "line 2: a quote is opened and never closed");
	assert_refused(PLAIN "1,2026-11-22,24\" TV,1,1,1,1,8\n",
		"line 2: a quote stands inside a value that is not in quotes");
	assert_refused("bill,bill,date,name,qty,price,amount,total\n", "line 1: two columns have the same name");
}

static void a_wrong_map_says_its_line(void **state)
{
	static const struct {
		const char *ini, *why;
	} wrong[] = {{"[columns]\nbill=Số\n", "sales.map:1: [columns] date is missing"},
		{"[file]\nencoding=utf8\n", "sales.map:2: encoding: is none of auto, utf-8, tcvn, cp1258, viscii, "
					    "cp437, cp850, cp852, cp1252"},
		{"[file]\nheader=no\n[columns]\nbill=Số\n",
			"sales.map:4: bill: without a header a column is its number, 1 to 200"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		BYTES_CLEANUP struct bytes ini = {.max = SHEET_MAP_MAX};
		BYTES_CLEANUP struct bytes problems = {.max = SHEET_MAP_MAX};
		struct sheet_map *map = NULL;
		struct fault fault = {0};

		bytes_text(&ini, wrong[i].ini);
		assert_int_equal(sheet_map_new("sales.map", &ini, &map, &problems, &fault), FAULT_CONFIG);
		assert_string_equal(fault.text, wrong[i].why);
		assert_true(map == NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_one_number_are_one_sale),
		cmocka_unit_test(a_map_names_columns_words_and_marks),
		cmocka_unit_test(columns_without_names_have_numbers),
		cmocka_unit_test(the_words_of_a_file_say_its_encoding),
		cmocka_unit_test(what_does_not_add_up_goes_to_a_person),
		cmocka_unit_test(a_rate_is_never_guessed),
		cmocka_unit_test(what_is_no_list_of_bills_is_refused_as_a_whole),
		cmocka_unit_test(a_wrong_map_says_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
