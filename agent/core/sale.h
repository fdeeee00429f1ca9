/* sale: what the till said, normalised. Not an invoice. Schema: schemas/api/sale.schema.json. */
#ifndef HOADON_CORE_SALE_H
#define HOADON_CORE_SALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/decimal.h"
#include "core/vat.h"

/* Longest texts in code points: where the invoice has the field, the length of format 5.1. */
#define SALE_NAME_MAX	 500
#define SALE_NOTE_MAX	 255
#define SALE_LABEL_MAX	 100
#define SALE_BILL_MAX	 50
#define SALE_ADDRESS_MAX 400
#define SALE_PHONE_MAX	 20
#define SALE_WORD_MAX	 50

#define SALE_MONEY_DIGITS 15 /* law R-WORD-1 */
#define SALE_MONEY_MAX	  INT64_C(999999999999999)
#define SALE_QTY_DIGITS	  9
#define SALE_QTY_MAX	  INT64_C(999999999)

#define SALE_MADE_NUMBER                                                                                               \
	'~' /* begins a bill number that was made of what the paper says, for it bears none (capture/bill) */

/* X(NAME, "text") */
#define SALE_KINDS(X)                                                                                                  \
	X(SALE, "sale")                                                                                                \
	X(RETURN, "return")                                                                                            \
	X(VOID, "void")                                                                                                \
	X(DEPOSIT, "deposit")                                                                                          \
	X(PRE_BILL, "pre-bill")                                                                                        \
	X(REPRINT, "reprint")                                                                                          \
	X(NO_SALE, "no-sale")
enum sale_kind {
#define X(name, text) SALE_KIND_##name,
	SALE_KINDS(X)
#undef X
		SALE_KIND_COUNT
};

/* Kind of line (TChat, tính chất): 1 goods or service, 2 promotion, 3 trade discount, 4 note. Source: format 2.7. */
enum line_kind { LINE_GOODS = 1, LINE_PROMOTION = 2, LINE_DISCOUNT = 3, LINE_NOTE = 4 };

#define PAYMENT_METHODS(X)                                                                                             \
	X(CASH, "cash")                                                                                                \
	X(TRANSFER, "transfer")                                                                                        \
	X(CARD, "card")                                                                                                \
	X(WALLET, "wallet")                                                                                            \
	X(VOUCHER, "voucher")                                                                                          \
	X(CREDIT, "credit")                                                                                            \
	X(UNKNOWN, "unknown")
enum payment_method {
#define X(name, text) PAYMENT_##name,
	PAYMENT_METHODS(X)
#undef X
		PAYMENT_COUNT
};

struct sale_line {
	enum line_kind kind;
	const char *code; /* may be NULL, like every text marked so */
	const char *name;
	const char *unit;	   /* may be NULL */
	struct decimal qty;	   /* goods and promotion only */
	struct decimal unit_price; /* đồng, up to 6 decimals */
	int64_t discount;	   /* đồng, >= 0, of this line */
	int64_t amount;		   /* đồng, after the discount */
	enum vat_rate rate;	   /* VAT_NONE on form 2 and on notes */
	const char *item_class;	   /* may be NULL */
};

struct sale_amount { /* a discount or surcharge of the whole bill */
	const char *label;
	int64_t amount;	    /* đồng, > 0 */
	enum vat_rate rate; /* surcharges only; VAT_NONE = not given */
};

struct sale_payment {
	enum payment_method method;
	int64_t amount;	       /* đồng */
	const char *reference; /* may be NULL */
};

struct sale_buyer { /* each may be NULL */
	const char *name, *tax_code, *personal_id, *passport, *budget_code, *contact_name, *address, *phone, *email;
};

struct sale_reference { /* either the bill or the invoice */
	const char *till_id, *bill_no;
	int32_t business_day; /* YYYYMMDD, 0 = not given */
	const char *invoice;
};

struct sale {
	const char *till_id;
	const char *bill_no;  /* the till's own number */
	const char *bill_uid; /* may be NULL */
	enum sale_kind kind;
	int64_t sold_at;			    /* ms UTC */
	int32_t business_day;			    /* YYYYMMDD; the local day of sold_at unless the till gave one */
	const char *location, *cashier, *order_ref; /* may be NULL */
	bool is_vat_included;			    /* prices_include_vat */
	struct sale_line *lines;
	size_t line_count;
	struct sale_amount *discounts;
	size_t discount_count;
	struct sale_amount *surcharges;
	size_t surcharge_count;
	int64_t tip;
	struct sale_payment *payments;
	size_t payment_count;
	bool has_buyer;
	struct sale_buyer buyer;
	bool has_reference;
	struct sale_reference refers_to;
	const char *reason, *note; /* may be NULL */
	int64_t total;		   /* what is to be paid, always */
	const char *ext;	   /* JSON text of ext, members sorted; may be NULL */
};

/** sale_kind_text() / sale_kind_parse() - the word of the schema; parse gives 0, or 1 when unknown. */
const char *sale_kind_text(enum sale_kind kind);
int sale_kind_parse(const char *text, enum sale_kind *ret) MUST_CHECK;
/** sale_occupies() - whether (till, bill number, day) belongs to one sale of @kind; pre-bills, reprints and no-sales may come again. */
bool sale_occupies(enum sale_kind kind);
/** payment_text() / payment_parse() - the word of the schema; parse gives 0, or 1 when unknown. */
const char *payment_text(enum payment_method method);
int payment_parse(const char *text, enum payment_method *ret) MUST_CHECK;
/** line_kind_text() / line_kind_parse() - the word of the schema; parse gives 0, or 1 when unknown. */
const char *line_kind_text(enum line_kind kind);
int line_kind_parse(const char *text, enum line_kind *ret) MUST_CHECK;

/**
 * sale_write() - the sale as normalised JSON: schema names in alphabetical order, no blanks, absent = left out, defaults written out
 *
 * Two bodies are "the same" exactly when these bytes are equal (house 8.10). The reader of this JSON is dialect_json.
 */
void sale_write(const struct sale *sale, struct bytes *out);

/** sale_digest() - SHA-256 of sale_write(). 0, or FAULT_MEMORY. */
int sale_digest(const struct sale *sale, uint8_t out[32], struct fault *fault) MUST_CHECK;

#endif
