/* Any bytes as a CSV file of bills, under three column maps: refused with a reason, or each bill is a sale whose sums close, or for a person. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "capture/bill.h"
#include "capture/letters.h"
#include "capture/sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const maps[] = {NULL,
	"[file]\ndecimal=comma\n[columns]\nbill=Số HĐ\ndate=Ngày\nname=Tên hàng\nqty=SL\nprice=Đơn giá\namount=Thành "
	"tiền\n"
	"total=Tổng cộng\nrate=Thuế suất\nkind=Loại\n[kinds]\nsale=Bán lẻ\nreturn=Trả hàng\n",
	"[file]\nheader=no\ndecimal=point\ndate=mdy\n[columns]\nbill=1\ndate=2\nname=3\nqty=4\nprice=5\namount="
	"6\ntotal=7\nrate=8\n"
	"discount=9\nbill_discount=10\nsurcharge=11\n"};

static struct sheet_map *read_map(size_t i)
{
	BYTES_CLEANUP struct bytes ini = {.max = SHEET_MAP_MAX};
	BYTES_CLEANUP struct bytes problems = {.max = SHEET_MAP_MAX};
	struct sheet_map *map = NULL;
	struct fault fault = {0};

	bytes_text(&ini, maps[i] ? maps[i] : "");
	assert(sheet_map_new("map", maps[i] ? &ini : NULL, &map, &problems, &fault) == 0);
	return map;
}

static void check(const struct sheet_sale *got)
{
	const struct sale *sale = &got->sale;
	int64_t sum = -sale->total;

	assert(sale->till_id && sale->bill_no && sale->bill_no[0] != '\0');
	if (got->problem.code != PROBLEM_NONE) {
		assert(problem_is_parked(got->problem.code) && sale->line_count == 0);
		return;
	}
	for (size_t i = 0; i < sale->line_count; i++) {
		const struct sale_line *line = &sale->lines[i];
		int64_t gross = 0;

		if (line->kind != LINE_GOODS)
			return; /* a void: nothing is taxed */
		assert(decimal_times(line->qty, line->unit_price, &gross) == DECIMAL_OK);
		assert(gross == line->amount + line->discount && line->rate != VAT_NONE);
		sum += line->amount;
	}
	for (size_t i = 0; i < sale->discount_count; i++)
		sum -= sale->discounts[i].amount;
	for (size_t i = 0; i < sale->surcharge_count; i++)
		sum += sale->surcharges[i].amount;
	assert(sum == 0 || sale->kind == SALE_KIND_VOID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct letters *letters; /* opening the converters takes longer than a run */
	const struct bill_till till = {.till_id = "T01", .is_vat_included = true, .has_rates = true};
	CLEANUP(arena_freep) struct arena *arena = arena_new(SHEET_ARENA_MAX);
	CLEANUP(sheet_map_freep) struct sheet_map *map = NULL;
	struct problem problem = {0};
	struct fault fault = {0};
	struct sheet_sale *sales;
	struct sheet sheet;
	size_t count;
	int result;

	if (size == 0 || !arena || (!letters && letters_new(&letters, &fault) != 0))
		return 0;
	map = read_map(data[0] % 3);
	result = sheet_csv(map, letters, arena, data + 1, size - 1, &sheet, &problem);
	if (result == 0)
		result = sheet_sales(&sheet, NULL, &till, arena, &sales, &count, &problem);
	assert(result == 0 || (result == PROBLEM_SHEET_UNREAD && problem.extra[0] != '\0'));
	for (size_t i = 0; result == 0 && i < count; i++)
		check(&sales[i]);
	return 0;
}
