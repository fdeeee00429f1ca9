#include "wire/receipt.h"

#include <string.h>

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/symbols.h"

#define TITLE_VAT   "HÓA ĐƠN GIÁ TRỊ GIA TĂNG"
#define TITLE_SALES "HÓA ĐƠN BÁN HÀNG"
#define TITLE_MADE  "KHỞI TẠO TỪ MÁY TÍNH TIỀN"

void receipt_money(struct bytes *out, int64_t amount)
{
	char digits[24];
	uint64_t rest = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
	int n = 0;
	do {
		if (n % 4 == 3)
			digits[n++] = '.';
		digits[n++] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (amount < 0)
		bytes_char(out, '-');
	while (n)
		bytes_char(out, digits[--n]);
	bytes_text(out, " đ");
}

int receipt_text(const struct receipt *receipt, struct bytes *out, struct fault *fault)
{
	char symbol[SERIAL_LEN + 2], time[CLOCK_TEXT_MAX];
	symbol_make(receipt->form, receipt->serial, symbol);
	struct civil at = clock_local(receipt->issued_at);
	snprintf(time, sizeof(time), "%02d/%02d/%04d %02d:%02d:%02d", at.day, at.month, at.year, at.hour, at.minute,
		at.second);
	bytes_text(out, receipt->form == 1 ? TITLE_VAT "\n" TITLE_MADE "\n" : TITLE_SALES "\n" TITLE_MADE "\n");
	bytes_printf(out, "Ký hiệu: %s  Số: %d\nNgày lập: %s\n", symbol, receipt->number, time);
	if (*receipt->code)
		bytes_printf(out, "Mã CQT: %s\n", receipt->code);
	bytes_text(out, "Tổng thanh toán: ");
	receipt_money(out, receipt->total);
	bytes_printf(out, "\nSổ đối soát: %s\n", receipt->ledger_tail);
	if (receipt->lookup_url)
		bytes_printf(out, "Tra cứu: %s\n", receipt->lookup_url);
	return bytes_check(out, "the receipt block", fault);
}

static void escpos_qr(struct bytes *out, const char *text)
{
	size_t len = strlen(text) + 3;
	bytes_append(out, "\x1d(k\x04\x00\x31\x41\x32\x00", 9); /* model 2 */
	bytes_append(out, "\x1d(k\x03\x00\x31\x43\x04", 8);	/* 4 dots a module */
	bytes_append(out, "\x1d(k\x03\x00\x31\x45\x31", 8);	/* level M */
	bytes_append(out, "\x1d(k", 3);
	bytes_char(out, (char)(len & 0xff));
	bytes_char(out, (char)(len >> 8));
	bytes_append(out, "\x31\x50\x30", 3);
	bytes_text(out, text);
	bytes_append(out, "\x1d(k\x03\x00\x31\x51\x30", 8); /* print it */
}

int receipt_escpos(const struct receipt *receipt, struct bytes *out, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes text;
	bytes_init(&text, 4096);
	if (receipt_text(receipt, &text, fault) < 0)
		return FAULT_MEMORY;
	CLEANUP(arena_freep) struct arena *arena = arena_new(64 << 10);
	const char *plain = arena ? text_fold_ascii(arena, (const char *)text.data) : NULL;
	if (!plain)
		return FAULT(fault, FAULT_MEMORY, "no memory for the receipt block");
	bytes_append(out,
		"\x1b"
		"a\x01",
		3); /* centred */
	bytes_text(out, plain);
	escpos_qr(out, receipt->qr);
	bytes_append(out,
		"\n\x1b"
		"a\x00",
		4);
	return bytes_check(out, "the receipt block", fault);
}
