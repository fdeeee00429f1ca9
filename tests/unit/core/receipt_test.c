/* What paper says of an invoice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/receipt.h"

#define ISSUED 1786514400000 /* 2026-08-12T13:00:00+07:00 */

static struct slot *issued(void)
{
	struct slot *slot = slot_new();

	assert_non_null(slot);
	slot->form = 1;
	slot->number = 12345678;
	slot->issued_at = ISSUED;
	slot->total = 1234567;
	slot->sale.bill_no = "HD/7";
	strcpy(slot->serial, "C26MAA");
	strcpy(slot->code, "M1-26-VD7K2-00100000007");
	strcpy(slot->ledger_tail, "0123456789abcdef");
	return slot;
}

/* Lines, each ended by "|". */
static void join(const struct receipt *receipt, char out[1000])
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < receipt->count; i++)
		len += (size_t)snprintf(out + len, 1000 - len, "%s|", receipt->lines[i]);
}

#define NUMBER "Ký hiệu: 1C26MAA  Số: 12345678|"
#define CODE   "Mã CQT: M1-26-VD7K2-00100000007|"
#define TIME   "Ngày lập: 12/08/2026 13:00:00|"
#define TOTAL  "Tổng thanh toán: 1.234.567 đ|"
#define PROOF  "Sổ đối soát: 0123456789abcdef|"

static void a_paper_of_its_own_an_annex_and_a_slip(void **context)
{
	struct slot *slot = issued();
	struct receipt receipt;
	char text[1000];

	(void)context;
	assert_int_equal(receipt_whole(slot, NULL, slot->arena, &receipt), 0);
	join(&receipt, text);
	assert_string_equal(text, "HÓA ĐƠN GIÁ TRỊ GIA TĂNG|KHỞI TẠO TỪ MÁY TÍNH TIỀN|" NUMBER TIME CODE TOTAL PROOF);
	assert_int_equal(receipt_annex(slot, "https://q.example", slot->arena, &receipt), 0);
	join(&receipt, text);
	assert_string_equal(text, "HÓA ĐƠN ĐIỆN TỬ|" NUMBER CODE PROOF "Tra cứu: https://q.example|");
	assert_int_equal(receipt_slip(slot, "Quán", "https://q.example", slot->arena, &receipt), 0);
	join(&receipt, text);
	assert_string_equal(text,
		"HÓA ĐƠN ĐIỆN TỬ|Quán|Cho phiếu số: HD/7|" NUMBER TIME CODE TOTAL PROOF "Tra cứu: https://q.example|");
	assert_int_equal(receipt.count, RECEIPT_LINES_MAX);
	slot_free(slot);
}

static void what_there_is_not_is_left_out(void **context)
{
	struct slot *slot = issued();
	struct receipt receipt;
	char text[1000];

	(void)context;
	slot->form = 2;
	slot->code[0] = '\0';
	slot->total = -5;
	slot->sale.bill_no = "~0123456789abcdef";
	assert_int_equal(receipt_whole(slot, NULL, slot->arena, &receipt), 0);
	join(&receipt, text);
	assert_non_null(strstr(text, "HÓA ĐƠN BÁN HÀNG|"));
	assert_non_null(strstr(text, "Tổng thanh toán: -5 đ|"));
	assert_null(strstr(text, "CQT"));
	assert_int_equal(receipt_slip(slot, NULL, NULL, slot->arena, &receipt), 0);
	join(&receipt, text);
	assert_null(strstr(text, "phiếu"));
	assert_int_equal(receipt.count, 5);
	slot_free(slot);
}

static void without_memory_there_is_no_half_receipt(void **context)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(16);
	struct slot *slot = issued();
	struct receipt receipt = {.count = 99};

	(void)context;
	assert_int_equal(receipt_slip(slot, "Quán", NULL, arena, &receipt), FAULT_MEMORY);
	assert_int_equal(receipt.count, 99);
	slot_free(slot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_paper_of_its_own_an_annex_and_a_slip),
		cmocka_unit_test(what_there_is_not_is_left_out),
		cmocka_unit_test(without_memory_there_is_no_half_receipt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
