/* dialect_json: a sale as JSON (schemas/api/sale.schema.json), read strictly: nothing is guessed and nothing is dropped. */
#include "drivers/drivers.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/json_gate.h"
#include "base/text.h"
#include "core/taxcode.h"
#include "drivers/json_ext.h"
#include "drivers/json_pointer.h"

#define NUMBER_LEN_MAX	 63 /* of cJSON */
#define DEPTH_MAX	 32
#define MEMBER_BYTES_MIN 5 /* `"a":1` is the shortest member: more members than this do not fit into a body */
#define YEAR_NEVER                                                                                                     \
	9999 /* no birth year lies behind it: whether a number is plausible today is rules_check's question */

DEFINE_CLEANUP(cJSON *, cJSON_Delete)

enum member_type { MEMBER_TEXT, MEMBER_FLAG, MEMBER_ARRAY, MEMBER_OBJECT };

struct member {
	const char *name;
	enum member_type type;
};

/* X(object, name, type): the names of schema v1; these and no others. */
#define SALE_MEMBERS(X)                                                                                                \
	X(SALE, bill_no, TEXT)                                                                                         \
	X(SALE, bill_uid, TEXT)                                                                                        \
	X(SALE, business_day, TEXT)                                                                                    \
	X(SALE, buyer, OBJECT)                                                                                         \
	X(SALE, cashier, TEXT)                                                                                         \
	X(SALE, discounts, ARRAY)                                                                                      \
	X(SALE, ext, OBJECT)                                                                                           \
	X(SALE, kind, TEXT)                                                                                            \
	X(SALE, lines, ARRAY)                                                                                          \
	X(SALE, location, TEXT)                                                                                        \
	X(SALE, note, TEXT)                                                                                            \
	X(SALE, order_ref, TEXT)                                                                                       \
	X(SALE, payments, ARRAY)                                                                                       \
	X(SALE, prices_include_vat, FLAG)                                                                              \
	X(SALE, reason, TEXT)                                                                                          \
	X(SALE, refers_to, OBJECT)                                                                                     \
	X(SALE, sold_at, TEXT)                                                                                         \
	X(SALE, surcharges, ARRAY)                                                                                     \
	X(SALE, till_id, TEXT)                                                                                         \
	X(SALE, tip, TEXT)                                                                                             \
	X(SALE, total, TEXT)
#define LINE_MEMBERS(X)                                                                                                \
	X(LINE, amount, TEXT)                                                                                          \
	X(LINE, class, TEXT)                                                                                           \
	X(LINE, code, TEXT)                                                                                            \
	X(LINE, discount, TEXT)                                                                                        \
	X(LINE, kind, TEXT)                                                                                            \
	X(LINE, name, TEXT)                                                                                            \
	X(LINE, qty, TEXT)                                                                                             \
	X(LINE, unit, TEXT)                                                                                            \
	X(LINE, unit_price, TEXT)                                                                                      \
	X(LINE, vat_rate, TEXT)
/* The rate comes last: a discount of the bill has none, it is spread over the rates (law R-RND-3). */
#define AMOUNT_MEMBERS(X)                                                                                              \
	X(AMOUNT, amount, TEXT)                                                                                        \
	X(AMOUNT, label, TEXT)                                                                                         \
	X(AMOUNT, vat_rate, TEXT)
#define PAYMENT_MEMBERS(X)                                                                                             \
	X(PAYMENT, amount, TEXT)                                                                                       \
	X(PAYMENT, method, TEXT)                                                                                       \
	X(PAYMENT, reference, TEXT)
#define BUYER_MEMBERS(X)                                                                                               \
	X(BUYER, address, TEXT)                                                                                        \
	X(BUYER, budget_code, TEXT)                                                                                    \
	X(BUYER, contact_name, TEXT)                                                                                   \
	X(BUYER, email, TEXT)                                                                                          \
	X(BUYER, name, TEXT)                                                                                           \
	X(BUYER, passport, TEXT)                                                                                       \
	X(BUYER, personal_id, TEXT)                                                                                    \
	X(BUYER, phone, TEXT)                                                                                          \
	X(BUYER, tax_code, TEXT)
#define REFERENCE_MEMBERS(X)                                                                                           \
	X(REFERENCE, bill_no, TEXT)                                                                                    \
	X(REFERENCE, business_day, TEXT)                                                                               \
	X(REFERENCE, invoice, TEXT)                                                                                    \
	X(REFERENCE, till_id, TEXT)

#define ENUM_ROW(object, name, type)  IN_##object##_##name,
#define TABLE_ROW(object, name, type) {#name, MEMBER_##type},
enum { SALE_MEMBERS(ENUM_ROW) IN_SALE_COUNT };
enum { LINE_MEMBERS(ENUM_ROW) IN_LINE_COUNT };
enum { AMOUNT_MEMBERS(ENUM_ROW) IN_AMOUNT_COUNT };
enum { PAYMENT_MEMBERS(ENUM_ROW) IN_PAYMENT_COUNT };
enum { BUYER_MEMBERS(ENUM_ROW) IN_BUYER_COUNT };
enum { REFERENCE_MEMBERS(ENUM_ROW) IN_REFERENCE_COUNT };
static const struct member sale_members[] = {SALE_MEMBERS(TABLE_ROW)};
static const struct member line_members[] = {LINE_MEMBERS(TABLE_ROW)};
static const struct member amount_members[] = {AMOUNT_MEMBERS(TABLE_ROW)};
static const struct member payment_members[] = {PAYMENT_MEMBERS(TABLE_ROW)};
static const struct member buyer_members[] = {BUYER_MEMBERS(TABLE_ROW)};
static const struct member reference_members[] = {REFERENCE_MEMBERS(TABLE_ROW)};
#undef ENUM_ROW
#undef TABLE_ROW

struct json_state {
	struct bytes text;
	size_t max;
	bool is_too_large;
};

struct reader {
	struct arena *arena;
	struct problem *problem;
	const char *object; /* where we read: "lines", "buyer"; NULL = the sale itself */
	long index;	    /* element of an array, -1 = no array */
};

/* @key NULL = the object or element itself. */
static int refuse(const struct reader *reader, enum problem_code code, const char *key)
{
	struct json_pointer pointer = {.len = 0};

	if (reader->object)
		json_pointer_key(&pointer, reader->object, strlen(reader->object));
	if (reader->index >= 0)
		json_pointer_index(&pointer, (size_t)reader->index);
	if (key)
		json_pointer_key(&pointer, key, strlen(key));
	return problem_set(reader->problem, code, "%s", json_pointer_text(&pointer));
}

static int check_type(const struct reader *reader, const cJSON *item, const struct member *member)
{
	switch (member->type) {
	case MEMBER_TEXT:
		if (cJSON_IsString(item))
			return 0;
		/* A number would go through binary fractions in most tills (law R-RND-1): it gets a sentence of its own. */
		return refuse(reader, cJSON_IsNumber(item) ? PROBLEM_NUMBER_TYPE : PROBLEM_TYPE, member->name);
	case MEMBER_FLAG:
		return cJSON_IsBool(item) ? 0 : refuse(reader, PROBLEM_TYPE, member->name);
	case MEMBER_ARRAY:
		return cJSON_IsArray(item) ? 0 : refuse(reader, PROBLEM_TYPE, member->name);
	case MEMBER_OBJECT:
		return cJSON_IsObject(item) ? 0 : refuse(reader, PROBLEM_TYPE, member->name);
	}
	return refuse(reader, PROBLEM_TYPE, member->name);
}

static size_t find_member(const char *name, const struct member *members, size_t count)
{
	size_t i = 0;

	while (i < count && strcmp(members[i].name, name) != 0)
		i++;
	return i;
}

/* @found: one slot for each row of @members; null and missing are both NULL. */
static int find_members(const struct reader *reader, const cJSON *object, const struct member *members, size_t count,
	const cJSON **found)
{
	if (!cJSON_IsObject(object))
		return refuse(reader, PROBLEM_TYPE, NULL);
	for (const cJSON *item = object->child; item; item = item->next) {
		size_t row = find_member(item->string, members, count);

		if (row == count)
			return refuse(reader, PROBLEM_UNKNOWN_FIELD, item->string);
		if (cJSON_IsNull(item))
			continue;
		int result = check_type(reader, item, &members[row]);
		if (result != 0)
			return result;
		found[row] = item;
	}
	return 0;
}

static bool is_given(const cJSON *item)
{
	return item && item->valuestring[0] != '\0';
}

static int get_text(
	const struct reader *reader, const cJSON *item, const char *key, size_t max_points, const char **ret)
{
	const char *text = NULL;

	if (!is_given(item))
		return 0;
	switch (text_clean(reader->arena, item->valuestring, strlen(item->valuestring), max_points, &text)) {
	case TEXT_OK:
		if (text[0] != '\0')
			*ret = text;
		return 0;
	case TEXT_CONTROL:
		return refuse(reader, PROBLEM_TEXT_CONTROL, key);
	case TEXT_BIDI:
		return refuse(reader, PROBLEM_TEXT_BIDI, key);
	case TEXT_LENGTH:
		return refuse(reader, PROBLEM_TEXT_LENGTH, key);
	case TEXT_ENCODING:
		return refuse(reader, PROBLEM_JSON_ENCODING, key);
	default:
		return FAULT_MEMORY;
	}
}

static int need_text(
	const struct reader *reader, const cJSON *item, const char *key, size_t max_points, const char **ret)
{
	const char *text = NULL;
	int result = get_text(reader, item, key, max_points, &text);

	if (result == 0 && !text)
		return refuse(reader, PROBLEM_REQUIRED, key);
	*ret = text;
	return result;
}

/* Money and prices: what is no number of this shape is a question of form, what has too many digits one of range. */
static int parse_amount(
	const struct reader *reader, const char *text, const char *key, int max_scale, struct decimal *ret)
{
	const char *point = strchr(text, '.');
	struct decimal value;
	int result = decimal_parse(text, strlen(text), SALE_MONEY_DIGITS, max_scale, &value);

	if (result == DECIMAL_RANGE && !(point && strlen(point + 1) > (size_t)max_scale))
		return refuse(reader, PROBLEM_MONEY_RANGE, key);
	if (result != DECIMAL_OK || (text[0] == '-' && decimal_is_zero(value)))
		return refuse(reader, PROBLEM_MONEY_FORMAT, key);
	/* Also the amounts of a return are positive (law R-FIX-4). */
	if (value.units < 0)
		return refuse(reader, PROBLEM_MONEY_SIGN, key);
	*ret = value;
	return 0;
}

static int need_money(const struct reader *reader, const cJSON *item, const char *key, int64_t *ret)
{
	struct decimal value = {0};
	int result;

	if (!item)
		return refuse(reader, PROBLEM_REQUIRED, key);
	result = parse_amount(reader, item->valuestring, key, 0, &value);
	*ret = value.units;
	return result;
}

static int get_money(const struct reader *reader, const cJSON *item, const char *key, int64_t *ret)
{
	return is_given(item) ? need_money(reader, item, key, ret) : 0;
}

static int need_price(const struct reader *reader, const cJSON *item, struct decimal *ret)
{
	if (!item)
		return refuse(reader, PROBLEM_REQUIRED, "unit_price");
	return parse_amount(reader, item->valuestring, "unit_price", DECIMAL_SCALE_MAX, ret);
}

static int need_qty(const struct reader *reader, const cJSON *item, struct decimal *ret)
{
	if (!item)
		return refuse(reader, PROBLEM_REQUIRED, "qty");
	if (item->valuestring[0] == '-' || decimal_parse(item->valuestring, strlen(item->valuestring), SALE_QTY_DIGITS,
						   DECIMAL_SCALE_MAX, ret) != DECIMAL_OK)
		return refuse(reader, PROBLEM_QTY_FORMAT, "qty");
	return decimal_is_zero(*ret) ? refuse(reader, PROBLEM_QTY_RANGE, "qty") : 0;
}

static int get_rate(const struct reader *reader, const cJSON *item, enum vat_rate *ret)
{
	if (is_given(item) && vat_parse(item->valuestring, ret) != 0)
		return refuse(reader, PROBLEM_ENUM, "vat_rate");
	return 0;
}

static int get_day(const struct reader *reader, const cJSON *item, int32_t *ret)
{
	if (is_given(item) && clock_parse_day(item->valuestring, strlen(item->valuestring), ret) != 0)
		return refuse(reader, PROBLEM_DATE_FORMAT, "business_day");
	return 0;
}

static int need_digits(
	const struct reader *reader, const char *text, size_t count, enum problem_code code, const char *key)
{
	if (text && (strlen(text) != count || strspn(text, "0123456789") != count))
		return refuse(reader, code, key);
	return 0;
}

/* Allocate one T for each element of an array; 0 elements stay NULL. */
static int make_array(const struct reader *reader, const cJSON *array, size_t size, void **ret, size_t *ret_count)
{
	size_t count = array ? (size_t)cJSON_GetArraySize(array) : 0;

	*ret = count > 0 ? arena_alloc(reader->arena, size * count) : NULL;
	if (count > 0 && !*ret)
		return FAULT_MEMORY;
	*ret_count = count;
	return 0;
}

/* The first result that is not 0; every step is evaluated only when all before it were 0. */
#define FIRST(result, step)                                                                                            \
	do {                                                                                                           \
		if ((result) == 0)                                                                                     \
			(result) = (step);                                                                             \
	} while (0)

/* A note line has a name only, a discount line no quantity: a value there means something that we would drop. */
static int refuse_surplus(const struct reader *reader, const cJSON *const *found, enum line_kind kind)
{
	static const int of_goods_only[] = {IN_LINE_discount, IN_LINE_qty, IN_LINE_unit, IN_LINE_unit_price};
	static const int of_no_note[] = {IN_LINE_amount, IN_LINE_class, IN_LINE_code, IN_LINE_vat_rate};

	for (size_t i = 0; i < ARRAY_LEN(of_goods_only); i++)
		if (is_given(found[of_goods_only[i]]))
			return refuse(reader, PROBLEM_UNKNOWN_FIELD, line_members[of_goods_only[i]].name);
	for (size_t i = 0; kind == LINE_NOTE && i < ARRAY_LEN(of_no_note); i++)
		if (is_given(found[of_no_note[i]]))
			return refuse(reader, PROBLEM_UNKNOWN_FIELD, line_members[of_no_note[i]].name);
	return 0;
}

static int read_line(const struct reader *reader, const cJSON *item, struct sale_line *line)
{
	const cJSON *found[IN_LINE_COUNT] = {NULL};
	bool has_price;
	int result = find_members(reader, item, line_members, IN_LINE_COUNT, found);

	if (result != 0)
		return result;
	line->kind = LINE_GOODS;
	if (is_given(found[IN_LINE_kind]) && line_kind_parse(found[IN_LINE_kind]->valuestring, &line->kind) != 0)
		return refuse(reader, PROBLEM_ENUM, "kind");
	has_price = line->kind == LINE_GOODS || line->kind == LINE_PROMOTION;
	FIRST(result, need_text(reader, found[IN_LINE_name], "name", SALE_NAME_MAX, &line->name));
	if (!has_price)
		FIRST(result, refuse_surplus(reader, found, line->kind));
	FIRST(result, get_text(reader, found[IN_LINE_code], "code", SALE_WORD_MAX, &line->code));
	FIRST(result, get_text(reader, found[IN_LINE_unit], "unit", SALE_WORD_MAX, &line->unit));
	FIRST(result, get_text(reader, found[IN_LINE_class], "class", SALE_WORD_MAX, &line->item_class));
	if (has_price) {
		FIRST(result, need_qty(reader, found[IN_LINE_qty], &line->qty));
		FIRST(result, need_price(reader, found[IN_LINE_unit_price], &line->unit_price));
		FIRST(result, get_money(reader, found[IN_LINE_discount], "discount", &line->discount));
	}
	if (line->kind != LINE_NOTE)
		FIRST(result, need_money(reader, found[IN_LINE_amount], "amount", &line->amount));
	FIRST(result, get_rate(reader, found[IN_LINE_vat_rate], &line->rate));
	return result;
}

static int read_lines(struct reader reader, const cJSON *lines, struct sale *sale)
{
	void *array = NULL;
	int result = make_array(&reader, lines, sizeof(struct sale_line), &array, &sale->line_count);

	sale->lines = array;
	reader.object = "lines";
	reader.index = 0;
	for (const cJSON *item = lines ? lines->child : NULL; item && result == 0; item = item->next) {
		result = read_line(&reader, item, &sale->lines[reader.index]);
		reader.index++;
	}
	return result;
}

static int read_amount(const struct reader *reader, const cJSON *item, size_t members, struct sale_amount *amount)
{
	const cJSON *found[IN_AMOUNT_COUNT] = {NULL};
	int result = find_members(reader, item, amount_members, members, found);

	FIRST(result, need_text(reader, found[IN_AMOUNT_label], "label", SALE_LABEL_MAX, &amount->label));
	FIRST(result, need_money(reader, found[IN_AMOUNT_amount], "amount", &amount->amount));
	FIRST(result, get_rate(reader, found[IN_AMOUNT_vat_rate], &amount->rate));
	return result;
}

/* An entry of 0 đồng says nothing; tills print it as an empty row of their form. */
static int read_amounts(struct reader reader, const cJSON *list, const char *key, size_t members,
	struct sale_amount **ret, size_t *ret_count)
{
	void *array = NULL;
	size_t room = 0;
	size_t count = 0;
	int result = make_array(&reader, list, sizeof(struct sale_amount), &array, &room);

	*ret = array;
	reader.object = key;
	reader.index = 0;
	for (const cJSON *item = list ? list->child : NULL; item && result == 0; item = item->next) {
		(*ret)[count] = (struct sale_amount){.rate = VAT_NONE};
		result = read_amount(&reader, item, members, &(*ret)[count]);
		if (result == 0 && (*ret)[count].amount > 0)
			count++;
		reader.index++;
	}
	*ret_count = count;
	return result;
}

static int read_payment(const struct reader *reader, const cJSON *item, struct sale_payment *payment)
{
	const cJSON *found[IN_PAYMENT_COUNT] = {NULL};
	int result = find_members(reader, item, payment_members, IN_PAYMENT_COUNT, found);

	if (result != 0)
		return result;
	if (!is_given(found[IN_PAYMENT_method]))
		return refuse(reader, PROBLEM_REQUIRED, "method");
	if (payment_parse(found[IN_PAYMENT_method]->valuestring, &payment->method) != 0)
		return refuse(reader, PROBLEM_ENUM, "method");
	FIRST(result, need_money(reader, found[IN_PAYMENT_amount], "amount", &payment->amount));
	FIRST(result, get_text(reader, found[IN_PAYMENT_reference], "reference", SALE_LABEL_MAX, &payment->reference));
	return result;
}

static int read_payments(struct reader reader, const cJSON *list, struct sale *sale)
{
	void *array = NULL;
	int result = make_array(&reader, list, sizeof(struct sale_payment), &array, &sale->payment_count);

	sale->payments = array;
	reader.object = "payments";
	reader.index = 0;
	for (const cJSON *item = list ? list->child : NULL; item && result == 0; item = item->next) {
		result = read_payment(&reader, item, &sale->payments[reader.index]);
		reader.index++;
	}
	return result;
}

/* One spelling of a tax code inside (format 2.2); a text without such a shape stays for rules_check to refuse. */
static int normalise_tax_code(const struct reader *reader, const char **code)
{
	char normalised[16];
	int kind;

	if (!*code || taxcode_is_hard(taxcode_check(*code, YEAR_NEVER, normalised, &kind)))
		return 0;
	*code = arena_strdup(reader->arena, normalised);
	return *code ? 0 : FAULT_MEMORY;
}

static bool has_any(const struct sale_buyer *buyer)
{
	return buyer->name || buyer->tax_code || buyer->personal_id || buyer->passport || buyer->budget_code ||
	       buyer->contact_name || buyer->address || buyer->phone || buyer->email;
}

static int read_buyer(struct reader reader, const cJSON *item, struct sale *sale)
{
	const cJSON *found[IN_BUYER_COUNT] = {NULL};
	struct sale_buyer *b = &sale->buyer;
	int result;

	if (!item)
		return 0;
	reader.object = "buyer";
	result = find_members(&reader, item, buyer_members, IN_BUYER_COUNT, found);
	FIRST(result, get_text(&reader, found[IN_BUYER_name], "name", SALE_ADDRESS_MAX, &b->name));
	FIRST(result, get_text(&reader, found[IN_BUYER_tax_code], "tax_code", SALE_WORD_MAX, &b->tax_code));
	FIRST(result, normalise_tax_code(&reader, &b->tax_code));
	FIRST(result, get_text(&reader, found[IN_BUYER_personal_id], "personal_id", SALE_WORD_MAX, &b->personal_id));
	FIRST(result, need_digits(&reader, b->personal_id, 12, PROBLEM_PERSONAL_ID, "personal_id"));
	FIRST(result, get_text(&reader, found[IN_BUYER_passport], "passport", SALE_PHONE_MAX, &b->passport));
	FIRST(result, get_text(&reader, found[IN_BUYER_budget_code], "budget_code", SALE_WORD_MAX, &b->budget_code));
	FIRST(result, need_digits(&reader, b->budget_code, 7, PROBLEM_BUDGET_CODE, "budget_code"));
	FIRST(result,
		get_text(&reader, found[IN_BUYER_contact_name], "contact_name", SALE_LABEL_MAX, &b->contact_name));
	FIRST(result, get_text(&reader, found[IN_BUYER_address], "address", SALE_ADDRESS_MAX, &b->address));
	FIRST(result, get_text(&reader, found[IN_BUYER_phone], "phone", SALE_PHONE_MAX, &b->phone));
	FIRST(result, get_text(&reader, found[IN_BUYER_email], "email", SALE_WORD_MAX, &b->email));
	sale->has_buyer = has_any(b);
	return result;
}

static int read_reference(struct reader reader, const cJSON *item, struct sale *sale)
{
	const cJSON *found[IN_REFERENCE_COUNT] = {NULL};
	struct sale_reference *to = &sale->refers_to;
	int result;

	if (!item)
		return 0;
	reader.object = "refers_to";
	result = find_members(&reader, item, reference_members, IN_REFERENCE_COUNT, found);
	FIRST(result, get_text(&reader, found[IN_REFERENCE_till_id], "till_id", SALE_WORD_MAX, &to->till_id));
	FIRST(result, get_text(&reader, found[IN_REFERENCE_bill_no], "bill_no", SALE_BILL_MAX, &to->bill_no));
	FIRST(result, get_day(&reader, found[IN_REFERENCE_business_day], &to->business_day));
	FIRST(result, get_text(&reader, found[IN_REFERENCE_invoice], "invoice", SALE_WORD_MAX, &to->invoice));
	sale->has_reference = to->till_id || to->bill_no || to->business_day != 0 || to->invoice;
	if (result != 0 || !sale->has_reference || to->invoice)
		return result;
	if (!to->bill_no)
		return refuse(&reader, PROBLEM_REQUIRED, "bill_no");
	return to->till_id ? 0 : refuse(&reader, PROBLEM_REQUIRED, "till_id");
}

static int read_times(const struct reader *reader, const cJSON *const *found, struct sale *sale)
{
	const cJSON *sold_at = found[IN_SALE_sold_at];

	if (!sold_at)
		return refuse(reader, PROBLEM_REQUIRED, "sold_at");
	if (clock_parse(sold_at->valuestring, strlen(sold_at->valuestring), &sale->sold_at) != 0)
		return refuse(reader, PROBLEM_DATE_FORMAT, "sold_at");
	sale->business_day = clock_day(sale->sold_at);
	/* Before 1970 and after 2999 we keep no days. */
	if (!clock_day_is_valid(sale->business_day))
		return refuse(reader, PROBLEM_DATE_RANGE, "sold_at");
	return get_day(reader, found[IN_SALE_business_day], &sale->business_day);
}

static int read_kind(const struct reader *reader, const cJSON *kind, struct sale *sale)
{
	if (!is_given(kind))
		return refuse(reader, PROBLEM_REQUIRED, "kind");
	return sale_kind_parse(kind->valuestring, &sale->kind) == 0 ? 0 : refuse(reader, PROBLEM_ENUM, "kind");
}

static int read_head(const struct reader *reader, const cJSON *const *found, struct sale *sale)
{
	const cJSON *flag = found[IN_SALE_prices_include_vat];
	int result = 0;

	FIRST(result, need_text(reader, found[IN_SALE_till_id], "till_id", SALE_WORD_MAX, &sale->till_id));
	FIRST(result, need_text(reader, found[IN_SALE_bill_no], "bill_no", SALE_BILL_MAX, &sale->bill_no));
	FIRST(result, get_text(reader, found[IN_SALE_bill_uid], "bill_uid", SALE_LABEL_MAX, &sale->bill_uid));
	FIRST(result, read_kind(reader, found[IN_SALE_kind], sale));
	FIRST(result, read_times(reader, found, sale));
	FIRST(result, get_text(reader, found[IN_SALE_location], "location", SALE_LABEL_MAX, &sale->location));
	FIRST(result, get_text(reader, found[IN_SALE_cashier], "cashier", SALE_LABEL_MAX, &sale->cashier));
	FIRST(result, get_text(reader, found[IN_SALE_order_ref], "order_ref", SALE_LABEL_MAX, &sale->order_ref));
	FIRST(result, get_text(reader, found[IN_SALE_reason], "reason", SALE_NOTE_MAX, &sale->reason));
	FIRST(result, get_text(reader, found[IN_SALE_note], "note", SALE_NOTE_MAX, &sale->note));
	FIRST(result, need_money(reader, found[IN_SALE_total], "total", &sale->total));
	FIRST(result, get_money(reader, found[IN_SALE_tip], "tip", &sale->tip));
	sale->is_vat_included = !flag || cJSON_IsTrue(flag);
	return result;
}

/* By now every number of the body stands in ext: anywhere else it was refused. */
static int read_ext(const struct reader *reader, cJSON *ext, const char *text, size_t len, struct sale *sale)
{
	return ext && ext->child ? json_ext_text(reader->arena, ext, text, len, &sale->ext) : 0;
}

static int read_sale(const struct reader *reader, cJSON *body, const char *text, size_t len, struct sale *sale)
{
	const cJSON *found[IN_SALE_COUNT] = {NULL};
	int result = find_members(reader, body, sale_members, IN_SALE_COUNT, found);

	FIRST(result, read_head(reader, found, sale));
	FIRST(result, read_lines(*reader, found[IN_SALE_lines], sale));
	FIRST(result, read_amounts(*reader, found[IN_SALE_discounts], "discounts", IN_AMOUNT_vat_rate, &sale->discounts,
			      &sale->discount_count));
	FIRST(result, read_amounts(*reader, found[IN_SALE_surcharges], "surcharges", IN_AMOUNT_COUNT, &sale->surcharges,
			      &sale->surcharge_count));
	FIRST(result, read_payments(*reader, found[IN_SALE_payments], sale));
	FIRST(result, read_buyer(*reader, found[IN_SALE_buyer], sale));
	FIRST(result, read_reference(*reader, found[IN_SALE_refers_to], sale));
	FIRST(result, read_ext(reader, cJSON_GetObjectItemCaseSensitive(body, "ext"), text, len, sale));
	return result;
}

/* Nobody but the offset of the fault tells where it was: the text is walked a second time, only for the answer. */
static int tell_gate(int result, const char *text, size_t len, size_t offset, struct problem *problem)
{
	struct json_pointer pointer = {.len = 0};

	json_pointer_at(text, len, offset, &pointer);
	switch (result) {
	case JSON_SYNTAX:
		problem_set(problem, PROBLEM_JSON_SYNTAX, "%s", "");
		return problem_add(problem, "byte %zu", offset);
	case JSON_ENCODING:
		return problem_set(problem, PROBLEM_JSON_ENCODING, "%s", json_pointer_text(&pointer));
	case JSON_DUPLICATE_KEY:
		return problem_set(problem, PROBLEM_JSON_DUPLICATE_KEY, "%s", json_pointer_text(&pointer));
	case JSON_DEPTH:
		return problem_set(problem, PROBLEM_JSON_DEPTH, "%s", "");
	case JSON_SIZE:
		return problem_set(problem, PROBLEM_BODY_SIZE, "%s", "");
	case JSON_CONTROL:
		return problem_set(problem, PROBLEM_TEXT_CONTROL, "%s", json_pointer_text(&pointer));
	default:
		return FAULT_MEMORY;
	}
}

/* Of the number that @at lies in, as cJSON stops at its beginning or behind what it took. */
static size_t number_len(const char *text, const char *at)
{
	static const char number[] = "+-.0123456789eE";
	const char *start = at;

	while (start > text && strchr(number, start[-1]))
		start--;
	return (size_t)(at - start) + strspn(at, number);
}

static int read_text(const char *text, size_t len, struct arena *arena, struct sale *ret, struct problem *problem)
{
	struct reader reader = {.arena = arena, .problem = problem, .index = -1};
	const char *stop = NULL;
	struct sale sale = {.kind = SALE_KIND_SALE};
	CLEANUP(cJSON_Deletep) cJSON *body = cJSON_ParseWithLengthOpts(text, len, &stop, false);
	int result;

	if (!body) {
		/* What the gate passed and some versions of cJSON do not: a number of more than 63 characters. */
		if (!stop || stop >= text + len || number_len(text, stop) <= NUMBER_LEN_MAX)
			return FAULT_MEMORY;
		problem_set(problem, PROBLEM_JSON_SYNTAX, "%s", "");
		return problem_add(problem, "byte %zu: a number of more than %d characters", (size_t)(stop - text),
			NUMBER_LEN_MAX);
	}
	result = read_sale(&reader, body, text, len, &sale);
	if (result == 0)
		*ret = sale;
	return result;
}

static int json_feed(void *state, const void *bytes, size_t len, size_t max, struct problem *problem)
{
	struct json_state *json = state;

	json->max = max;
	json->text.max = max;
	if (json->is_too_large || len > max - json->text.len) {
		json->is_too_large = true;
		bytes_done(&json->text);
		return problem_set(problem, PROBLEM_BODY_SIZE, "%s", "");
	}
	bytes_append(&json->text, bytes, len);
	return json->text.failed ? FAULT_MEMORY : 0;
}

static int json_flush(void *state, struct arena *arena, struct sale *ret, struct problem *problem)
{
	struct json_state *json = state;
	struct json_limits limits = {.bytes = json->max,
		.depth = DEPTH_MAX,
		.members = json->max / MEMBER_BYTES_MIN + 1,
		.string = json->max};
	const char *text = json->text.data ? (const char *)json->text.data : "";
	size_t len = json->text.len;
	size_t start = 0;
	size_t offset = 0;
	int result;

	if (json->is_too_large) {
		result = problem_set(problem, PROBLEM_BODY_SIZE, "%s", "");
	} else {
		result = json_gate(text, len, &limits, &start, &offset);
		result = result == JSON_OK ? read_text(text + start, len - start, arena, ret, problem)
					   : tell_gate(result, text, len, offset, problem);
	}
	bytes_done(&json->text);
	return result;
}

const struct dialect_ops dialect_json = {
	.name = "json",
	.summary = "one sale as JSON, schemas/api/sale.schema.json",
	.feed = json_feed,
	.flush = json_flush,
	.state_size = sizeof(struct json_state),
};
