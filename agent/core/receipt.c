#include "core/receipt.h"

#include <string.h>

#include "base/clock.h"
#include "core/symbols.h"

#define TITLE_VAT   "HÓA ĐƠN GIÁ TRỊ GIA TĂNG"
#define TITLE_SALES "HÓA ĐƠN BÁN HÀNG"
#define TITLE_MADE  "KHỞI TẠO TỪ MÁY TÍNH TIỀN"
#define TITLE_ANNEX "HÓA ĐƠN ĐIỆN TỬ"
#define MONEY_MAX   32

struct writer {
	struct receipt receipt;
	bool has_failed;
};

/* NULL: no memory. */
static void put(struct writer *writer, const char *line)
{
	writer->has_failed |= !line;
	if (line)
		writer->receipt.lines[writer->receipt.count++] = line;
}

/* "1.234.567 đ" */
static void write_money(int64_t amount, char out[MONEY_MAX])
{
	char digits[24];
	uint64_t rest = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
	size_t n = 0;
	size_t len = 0;

	do {
		if (n % 4 == 3)
			digits[n++] = '.';
		digits[n++] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (amount < 0)
		out[len++] = '-';
	while (n)
		out[len++] = digits[--n];
	memcpy(out + len, " đ", sizeof(" đ"));
}

static void put_symbol(struct writer *writer, const struct slot *slot, struct arena *arena)
{
	char symbol[SERIAL_LEN + 2];

	symbol_make(slot->form, slot->serial, symbol);
	put(writer, arena_printf(arena, "Ký hiệu: %s  Số: %d", symbol, slot->number));
}

static void put_time(struct writer *writer, const struct slot *slot, struct arena *arena)
{
	struct civil at = clock_local(slot->issued_at);

	put(writer, arena_printf(arena, "Ngày lập: %02d/%02d/%04d %02d:%02d:%02d", at.day, at.month, at.year, at.hour,
			    at.minute, at.second));
}

static void put_code(struct writer *writer, const struct slot *slot, struct arena *arena)
{
	if (slot->code[0] != '\0')
		put(writer, arena_printf(arena, "Mã CQT: %s", slot->code));
}

static void put_total(struct writer *writer, const struct slot *slot, struct arena *arena)
{
	char money[MONEY_MAX];

	write_money(slot->total, money);
	put(writer, arena_printf(arena, "Tổng thanh toán: %s", money));
}

static void put_proof(struct writer *writer, const struct slot *slot, const char *lookup_url, struct arena *arena)
{
	put(writer, arena_printf(arena, "Sổ đối soát: %s", slot->ledger_tail));
	if (lookup_url)
		put(writer, arena_printf(arena, "Tra cứu: %s", lookup_url));
}

static int finish(const struct writer *writer, struct receipt *ret)
{
	if (writer->has_failed)
		return FAULT_MEMORY;
	*ret = writer->receipt;
	return 0;
}

int receipt_whole(const struct slot *slot, const char *lookup_url, struct arena *arena, struct receipt *ret)
{
	struct writer writer = {.has_failed = false};

	put(&writer, slot->form == 1 ? TITLE_VAT : TITLE_SALES);
	put(&writer, TITLE_MADE);
	put_symbol(&writer, slot, arena);
	put_time(&writer, slot, arena);
	put_code(&writer, slot, arena);
	put_total(&writer, slot, arena);
	put_proof(&writer, slot, lookup_url, arena);
	return finish(&writer, ret);
}

int receipt_annex(const struct slot *slot, const char *lookup_url, struct arena *arena, struct receipt *ret)
{
	struct writer writer = {.has_failed = false};

	put(&writer, TITLE_ANNEX);
	put_symbol(&writer, slot, arena);
	put_code(&writer, slot, arena);
	put_proof(&writer, slot, lookup_url, arena);
	return finish(&writer, ret);
}

int receipt_slip(
	const struct slot *slot, const char *shop, const char *lookup_url, struct arena *arena, struct receipt *ret)
{
	struct writer writer = {.has_failed = false};
	const char *bill_no = slot->sale.bill_no;

	put(&writer, TITLE_ANNEX);
	if (shop)
		put(&writer, shop);
	if (bill_no && bill_no[0] != SALE_MADE_NUMBER)
		put(&writer, arena_printf(arena, "Cho phiếu số: %s", bill_no));
	put_symbol(&writer, slot, arena);
	put_time(&writer, slot, arena);
	put_code(&writer, slot, arena);
	put_total(&writer, slot, arena);
	put_proof(&writer, slot, lookup_url, arena);
	return finish(&writer, ret);
}
