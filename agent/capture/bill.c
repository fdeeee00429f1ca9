#include "capture/bill.h"

#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/text.h"
#include "capture/letters.h"
#include "capture/ticket.h"

#define READING_MAX    ((size_t)4 << 20)
#define DIGEST_LETTERS 32 /* of a number made from what the paper says: 128 bits */

static const enum sale_kind kinds[READING_KIND_COUNT] = {
	[READING_SALE] = SALE_KIND_SALE,
	[READING_PRE_BILL] = SALE_KIND_PRE_BILL,
	[READING_REPRINT] = SALE_KIND_REPRINT,
	[READING_KITCHEN] = SALE_KIND_NO_SALE,
	[READING_VOID] = SALE_KIND_VOID,
	[READING_RETURN] = SALE_KIND_RETURN,
	[READING_OTHER] = SALE_KIND_NO_SALE,
};

static const enum payment_method methods[READING_METHOD_COUNT] = {
	[METHOD_CASH] = PAYMENT_CASH,
	[METHOD_TRANSFER] = PAYMENT_TRANSFER,
	[METHOD_CARD] = PAYMENT_CARD,
	[METHOD_VOUCHER] = PAYMENT_VOUCHER,
	[METHOD_UNKNOWN] = PAYMENT_UNKNOWN,
};

/* What "customer" says when nobody is named. */
static const char *const nobody[] = {"khach le", "khach hang le", "khach vang lai", "khach hang"};

struct bill {
	struct arena *arena;
	const struct reading *reading;
	const struct catalogue *catalogue;
	const struct bill_till *till;
	struct problem *problem;
	struct sale sale;
	struct bytes derived; /* numbers of lines, from 1 */
};

/* Whether it may become an invoice, by itself or by a person. */
static bool is_taxed(const struct bill *bill)
{
	return bill->sale.kind == SALE_KIND_SALE || bill->sale.kind == SALE_KIND_RETURN;
}

static int set_time(struct bill *bill)
{
	const struct reading_time *time = &bill->reading->sold_at;
	int32_t day = time->year * 10000 + time->month * 100 + time->day;

	bill->sale.sold_at = bill->till->received_at;
	if (time->has_date) {
		if (!clock_day_is_valid(day))
			return problem_set(bill->problem, PROBLEM_DATE_FORMAT, "/sold_at");
		bill->sale.sold_at = clock_ms((struct civil){.year = time->year,
			.month = time->month,
			.day = time->day,
			.hour = time->hour,
			.minute = time->minute,
			.second = time->second});
	}
	bill->sale.business_day = clock_day(bill->sale.sold_at);
	return 0;
}

static bool has_time(const struct reading_time *time)
{
	return time->has_date && (time->hour != 0 || time->minute != 0 || time->second != 0);
}

/* The number of a paper that has none: the same paper, the same number. */
static int derive_number(struct bill *bill)
{
	char digest[2 * DIGEST_LEN + 1];
	uint8_t bytes[DIGEST_LEN];
	struct bytes text;
	bool failed;

	bytes_init(&text, READING_MAX);
	if (!has_time(&bill->reading->sold_at))
		bytes_printf(&text, "%" PRId64 " ", bill->till->received_at);
	reading_write(bill->reading, &text);
	digest_sha256(text.data, text.len, bytes);
	failed = text.failed;
	bytes_done(&text);
	if (failed)
		return FAULT_MEMORY;
	hex_format(bytes, sizeof(bytes), digest);
	bill->sale.bill_no = arena_printf(bill->arena, "%c%.*s", SALE_MADE_NUMBER, DIGEST_LETTERS, digest);
	return bill->sale.bill_no ? 0 : FAULT_MEMORY;
}

/* qty × price = amount + discount to the đồng, or there is no such price. */
static bool is_exact_price(struct decimal qty, int64_t amount, struct decimal *ret)
{
	int64_t scale = 1;
	struct decimal price;

	for (int i = 0; i < qty.scale; i++)
		scale *= 10;
	if (qty.units <= 0 ||
		decimal_ratio(wide_times(amount, scale), qty.units, DECIMAL_SCALE_MAX, &price) != DECIMAL_OK)
		return false;
	for (int i = 0; i < price.scale; i++)
		scale *= 10;
	if (wide_compare(wide_times(price.units, qty.units), wide_times(amount, scale)) != 0)
		return false;
	*ret = price;
	return true;
}

static int set_price(struct bill *bill, size_t i)
{
	const struct reading_line *line = &bill->reading->lines[i];
	struct sale_line *to = &bill->sale.lines[i];

	if (line->has_unit_price) {
		to->unit_price = line->unit_price;
		return 0;
	}
	if (!is_exact_price(line->qty, line->amount + line->discount, &to->unit_price)) {
		problem_set(bill->problem, PROBLEM_BILL_PRICE, "/lines/%zu/unit_price", i);
		return problem_add(bill->problem, "%.100s", line->name);
	}
	bytes_printf(&bill->derived, "%s%zu", bill->derived.len > 0 ? "," : "", i + 1);
	return 0;
}

static int refuse_item(struct bill *bill, size_t i, enum problem_code code)
{
	problem_set(bill->problem, code, "/lines/%zu/name", i);
	return problem_add(bill->problem, "%.100s", bill->reading->lines[i].name);
}

/* The catalogue's; or what the line itself says, where no catalogue says otherwise. */
static int set_rate(struct bill *bill, size_t i)
{
	const struct reading_line *line = &bill->reading->lines[i];
	struct sale_line *to = &bill->sale.lines[i];
	const struct catalogue_item *item = NULL;
	int result = bill->catalogue ? catalogue_find(bill->catalogue, bill->arena, line->code, line->name, &item)
				     : CATALOGUE_UNKNOWN;

	if (result < 0)
		return result;
	to->rate = line->rate;
	if (result == CATALOGUE_UNKNOWN && line->rate != VAT_NONE)
		return 0;
	if (result != CATALOGUE_FOUND)
		return refuse_item(
			bill, i, result == CATALOGUE_UNKNOWN ? PROBLEM_CATALOGUE_UNKNOWN : PROBLEM_CATALOGUE_AMBIGUOUS);
	if (line->rate != VAT_NONE && line->rate != item->rate)
		return refuse_item(bill, i, PROBLEM_CATALOGUE_RATE);
	to->rate = item->rate;
	to->item_class = item->item_class;
	to->code = item->code;
	to->unit = line->unit ? line->unit : item->unit;
	return 0;
}

/* A kitchen slip has no amounts, a bill before it is paid may have no prices: such a line is but a name. */
static void set_note(struct sale_line *to, const struct reading_line *line)
{
	bool has_price = line->has_unit_price;

	if (!line->has_qty || !line->has_amount || line->qty.units <= 0)
		has_price = false;
	else if (!has_price)
		has_price = is_exact_price(line->qty, line->amount + line->discount, &to->unit_price);
	else
		to->unit_price = line->unit_price;
	if (!has_price)
		*to = (struct sale_line){.kind = LINE_NOTE, .name = line->name};
}

static int set_line(struct bill *bill, size_t i)
{
	const struct reading_line *line = &bill->reading->lines[i];
	int result;

	bill->sale.lines[i] = (struct sale_line){.kind = LINE_GOODS,
		.code = line->code,
		.name = line->name,
		.unit = line->unit,
		.qty = line->qty,
		.discount = line->discount,
		.amount = line->amount};
	if (!line->name)
		return problem_set(bill->problem, PROBLEM_REQUIRED, "/lines/%zu/name", i);
	if (!is_taxed(bill)) {
		set_note(&bill->sale.lines[i], line);
		return 0;
	}
	if (!line->has_qty)
		return problem_set(bill->problem, PROBLEM_REQUIRED, "/lines/%zu/qty", i);
	if (!line->has_amount)
		return problem_set(bill->problem, PROBLEM_REQUIRED, "/lines/%zu/amount", i);
	if (line->amount < 0 || line->discount < 0)
		return problem_set(bill->problem, PROBLEM_MONEY_SIGN, "/lines/%zu/amount", i);
	result = set_price(bill, i);
	return result == 0 && bill->till->has_rates ? set_rate(bill, i) : result;
}

static int set_lines(struct bill *bill)
{
	int result = 0;

	bill->sale.line_count = bill->reading->line_count;
	bill->sale.lines = ARENA_ARRAY(bill->arena, struct sale_line, bill->sale.line_count + 1);
	if (!bill->sale.lines)
		return FAULT_MEMORY;
	for (size_t i = 0; result == 0 && i < bill->sale.line_count; i++)
		result = set_line(bill, i);
	if (result == 0 && bill->derived.len > 0) {
		bill->sale.ext =
			arena_printf(bill->arena, "{\"derived_prices\":[%s]}", (const char *)bill->derived.data);
		result = bill->sale.ext && !bill->derived.failed ? 0 : FAULT_MEMORY;
	}
	if (bill->reading->kind == READING_KITCHEN)
		bill->sale.ext = TICKET_KITCHEN;
	return result;
}

static int copy_amounts(
	struct bill *bill, const struct reading_amount *from, size_t count, struct sale_amount **ret, size_t *ret_count)
{
	struct sale_amount *amounts = ARENA_ARRAY(bill->arena, struct sale_amount, count + 1);

	if (!amounts)
		return FAULT_MEMORY;
	for (size_t i = 0; i < count; i++)
		if (from[i].amount != 0) /* "voucher 0" takes nothing off */
			amounts[(*ret_count)++] =
				(struct sale_amount){.label = from[i].label, .amount = from[i].amount};
	*ret = amounts;
	return 0;
}

static int set_amounts(struct bill *bill)
{
	const struct reading *reading = bill->reading;
	struct sale *sale = &bill->sale;

	if (copy_amounts(bill, reading->discounts, reading->discount_count, &sale->discounts, &sale->discount_count) !=
			0 ||
		copy_amounts(bill, reading->surcharges, reading->surcharge_count, &sale->surcharges,
			&sale->surcharge_count) != 0)
		return FAULT_MEMORY;
	sale->payments = ARENA_ARRAY(bill->arena, struct sale_payment, reading->payment_count + 1);
	if (!sale->payments)
		return FAULT_MEMORY;
	for (size_t i = 0; i < reading->payment_count; i++)
		if (reading->payments[i].amount != 0)
			sale->payments[sale->payment_count++] = (struct sale_payment){
				.method = methods[reading->payments[i].method], .amount = reading->payments[i].amount};
	sale->total = reading->total;
	return 0;
}

/* Whether tax is in the prices is the till's setting; a paper that says otherwise is not believed, nor the setting. */
static int check_total(struct bill *bill)
{
	const struct reading *reading = bill->reading;
	struct wide sum = {0};

	if (!is_taxed(bill))
		return 0;
	if (!reading->has_total)
		return problem_set(bill->problem, PROBLEM_REQUIRED, "/total");
	if (reading->is_vat_included && !bill->till->is_vat_included)
		return problem_set(bill->problem, PROBLEM_BILL_VAT, "/prices_include_vat");
	for (size_t i = 0; i < bill->sale.line_count; i++)
		wide_add(&sum, bill->sale.lines[i].amount);
	for (size_t i = 0; i < bill->sale.discount_count; i++)
		wide_add(&sum, -bill->sale.discounts[i].amount);
	for (size_t i = 0; i < bill->sale.surcharge_count; i++)
		wide_add(&sum, bill->sale.surcharges[i].amount);
	for (size_t i = 0; i < reading->tax_count && !bill->till->is_vat_included; i++)
		wide_add(&sum, reading->taxes[i].amount);
	if (wide_compare(sum, wide_of(reading->total)) == 0)
		return 0;
	problem_set(bill->problem, PROBLEM_SUM_TOTAL, "/total");
	return problem_add_sum(bill->problem, "lines", sum, reading->total);
}

static int set_persons(struct bill *bill)
{
	const struct reading *reading = bill->reading;
	const char *key = reading->buyer ? page_key(bill->arena, reading->buyer) : NULL;

	bill->sale.order_ref = reading->table;
	if (reading->refers_to && (bill->sale.kind == SALE_KIND_RETURN || bill->sale.kind == SALE_KIND_VOID)) {
		bill->sale.has_reference = true;
		bill->sale.refers_to =
			(struct sale_reference){.till_id = bill->till->till_id, .bill_no = reading->refers_to};
	}
	if (!reading->buyer)
		return 0;
	if (!key)
		return FAULT_MEMORY;
	for (size_t i = 0; i < ARRAY_LEN(nobody); i++)
		if (strcmp(nobody[i], key) == 0)
			return 0;
	bill->sale.has_buyer = true;
	bill->sale.buyer.name = reading->buyer;
	return 0;
}

/* ---- what a sale can hold ---- */

static int check_text(struct bill *bill, const char *text, size_t max_points, const char *field)
{
	return text && text_points(text) > max_points ? problem_set(bill->problem, PROBLEM_TEXT_LENGTH, "%s", field)
						      : 0;
}

static int check_money(struct bill *bill, int64_t amount, const char *field)
{
	if (amount >= 0 && amount <= SALE_MONEY_MAX)
		return 0;
	return problem_set(bill->problem, amount < 0 ? PROBLEM_MONEY_SIGN : PROBLEM_MONEY_RANGE, "%s", field);
}

static bool is_up_to(struct decimal value, int64_t max)
{
	int64_t scale = 1;

	for (int i = 0; i < value.scale; i++)
		scale *= 10;
	return value.units >= 0 && value.units / scale <= max;
}

static int check_line(struct bill *bill, const struct sale_line *line)
{
	int result = check_text(bill, line->name, SALE_NAME_MAX, "/lines");

	if (result == 0)
		result = check_text(bill, line->unit, SALE_WORD_MAX, "/lines");
	if (result == 0)
		result = check_text(bill, line->code, SALE_WORD_MAX, "/lines");
	if (result == 0)
		result = check_money(bill, line->amount, "/lines");
	if (result == 0 && line->kind == LINE_GOODS &&
		(!is_up_to(line->qty, SALE_QTY_MAX) || !is_up_to(line->unit_price, SALE_MONEY_MAX)))
		result = problem_set(bill->problem, PROBLEM_QTY_RANGE, "/lines");
	return result;
}

static int check_amounts(struct bill *bill, const struct sale_amount *amounts, size_t count, const char *field)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < count; i++) {
		result = check_text(bill, amounts[i].label, SALE_LABEL_MAX, field);
		if (result == 0)
			result = check_money(bill, amounts[i].amount, field);
	}
	return result;
}

/* Whoever reads the sale again refuses it otherwise, and nobody would hear of the receipt. */
static int check_room(struct bill *bill)
{
	const struct sale *sale = &bill->sale;
	int result = check_money(bill, sale->total, "/total");

	for (size_t i = 0; result == 0 && i < sale->line_count; i++)
		result = check_line(bill, &sale->lines[i]);
	if (result == 0)
		result = check_amounts(bill, sale->discounts, sale->discount_count, "/discounts");
	if (result == 0)
		result = check_amounts(bill, sale->surcharges, sale->surcharge_count, "/surcharges");
	for (size_t i = 0; result == 0 && i < sale->payment_count; i++)
		result = check_money(bill, sale->payments[i].amount, "/payments");
	if (result == 0)
		result = check_text(bill, sale->buyer.name, SALE_ADDRESS_MAX, "/buyer");
	if (result == 0)
		result = check_text(bill, sale->order_ref, SALE_LABEL_MAX, "/order_ref");
	return result ? result : check_text(bill, sale->refers_to.bill_no, SALE_BILL_MAX, "/refers_to");
}

static int write_sale(struct bill *bill)
{
	static int (*const steps[])(struct bill * bill) = {
		set_time, set_lines, set_amounts, check_total, set_persons, check_room};
	const struct reading *reading = bill->reading;
	int result = 0;

	bill->sale.till_id = bill->till->till_id;
	bill->sale.kind = kinds[reading->kind];
	bill->sale.is_vat_included = bill->till->is_vat_included;
	if (reading->review != REVIEW_NONE) {
		problem_set(bill->problem, PROBLEM_BILL_REVIEW, "%s", "");
		return problem_add(
			bill->problem, "%s %zu", reading_review_word((int)reading->review), reading->review_line);
	}
	for (size_t i = 0; result == 0 && i < ARRAY_LEN(steps); i++)
		result = steps[i](bill);
	if (result != 0)
		return result;
	bill->sale.bill_no = reading->bill_no;
	if (bill->sale.bill_no)
		return check_text(bill, bill->sale.bill_no, SALE_BILL_MAX, "/bill_no");
	if (is_taxed(bill) && !has_time(&reading->sold_at))
		return problem_set(bill->problem, PROBLEM_BILL_NUMBER, "/bill_no");
	return derive_number(bill);
}

int bill_sale(struct arena *arena, const struct reading *reading, const struct catalogue *catalogue,
	const struct bill_till *till, struct sale *ret, struct problem *problem)
{
	struct bill bill = {
		.arena = arena, .reading = reading, .catalogue = catalogue, .till = till, .problem = problem};
	int result;

	bytes_init(&bill.derived, READING_MAX);
	result = write_sale(&bill);
	bytes_done(&bill.derived);
	if (result == 0)
		*ret = bill.sale;
	return result;
}

/* What stands in the way of reading on: its place, and what was found. */
static int write_review(struct bill *bill)
{
	const struct reading *reading = bill->reading;
	struct problem why = *bill->problem;

	if (!problem_is_parked(why.code)) {
		problem_set(bill->problem, PROBLEM_BILL_REVIEW, "%s", why.field);
		problem_add(bill->problem, "%s%s%s", problem_kind(why.code)->code, why.extra[0] ? ": " : "", why.extra);
	}
	if (reading->review == REVIEW_NONE)
		return 0;
	bill->sale.ext = arena_printf(bill->arena, "{\"review\":{\"line\":%zu,\"word\":\"%s\"}}", reading->review_line,
		reading_review_word((int)reading->review));
	return bill->sale.ext ? 0 : FAULT_MEMORY;
}

int bill_unread(struct arena *arena, const struct reading *reading, const struct bill_till *till,
	struct problem *problem, struct sale *ret)
{
	struct bill bill = {.arena = arena, .reading = reading, .till = till, .problem = problem};
	struct problem unheard = {0};
	int result = write_review(&bill);

	bill.problem = &unheard;
	bill.sale.till_id = till->till_id;
	bill.sale.kind = kinds[reading->kind];
	if (check_text(&bill, reading->table, SALE_LABEL_MAX, "/order_ref") == 0)
		bill.sale.order_ref = reading->table;
	bill.sale.is_vat_included = till->is_vat_included;
	bill.sale.total = reading->has_total && check_money(&bill, reading->total, "/total") == 0 ? reading->total : 0;
	if (set_time(&bill) != 0)
		bill.sale.business_day = clock_day(bill.sale.sold_at);
	bill.sale.bill_no = reading->bill_no;
	if (!bill.sale.bill_no || check_text(&bill, bill.sale.bill_no, SALE_BILL_MAX, "/bill_no") != 0)
		result = result ? result : derive_number(&bill);
	if (result == 0)
		*ret = bill.sale;
	return result;
}
