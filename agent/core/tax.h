/* tax: line amounts, discounts, VAT per rate, totals. Integers only. */
#ifndef HOADON_CORE_TAX_H
#define HOADON_CORE_TAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/decimal.h"
#include "core/vat.h"

struct tax_line {
	struct decimal qty, unit_price;
	int64_t discount;      /* đồng */
	bool has_discount_pct; /* then discount is computed from discount_pct (≤ 4 decimals) */
	struct decimal discount_pct;
	enum vat_rate rate; /* VAT_NONE on form 2 */
	bool is_reduced;    /* form 2: falls under the reduction (law R-VAT-5) */
};

struct tax_bill {
	int form;	      /* 1 or 2 */
	bool is_vat_included; /* form 1: prices with VAT; form 2: always true */
	const struct tax_line *lines;
	size_t line_count;
	int64_t bill_discount;
	bool has_bill_discount_pct;
	struct decimal bill_discount_pct;
	bool has_direct_rate; /* form 2 reduction */
	struct decimal direct_rate_pct;
	bool is_return; /* every sign is turned at the end */
};

enum tax_refusal {
	TAX_OK = 0,
	TAX_RATE_MISSING,
	TAX_RATE_UNKNOWN,
	TAX_DISCOUNT_TOO_LARGE,
	TAX_TOO_MANY_DECIMALS,
	TAX_NEGATIVE_INPUT,
	TAX_FORM2_HAS_RATE,
	TAX_FORM2_NET_PRICE,
	TAX_RANGE,
};

struct tax_group {
	bool is_present;
	int64_t net, vat;
	int off; /* VAT − round(net × rate): may be ±1 with prices that include VAT (law R-RND-5) */
};

struct tax_result {		 /* arrays have line_count elements and live in the arena */
	int64_t *line_amounts;	 /* round(qty × price) − discount */
	int64_t *line_discounts; /* own discount of each line, computed from the rate where given */
	int64_t *shares;	 /* of the bill discount */
	int64_t *line_nets;
	int64_t *line_vats;
	struct tax_group groups[VAT_COUNT];
	int64_t net, vat, total;
	int64_t reduction; /* form 2 */
};

/**
 * tax_compute() - everything of samples "bills", rules 1 to 8
 * @arena: holds the arrays of @ret
 *
 * Return: enum tax_refusal (nothing may be issued when not TAX_OK); FAULT_MEMORY.
 * Thread: owner of @arena. Source: format 2.3; law R-RND-1 … R-RND-6, R-VAT-5.
 */
int tax_compute(const struct tax_bill *bill, struct arena *arena, struct tax_result *ret) MUST_CHECK;

/** tax_refusal_text() - "RATE_MISSING", … */
const char *tax_refusal_text(int refusal);

/**
 * tax_spread() - @amount over @n @weights by largest remainder, ties to the earlier (law R-RND-3)
 * @shares: Σ = @amount, each <= its weight when @amount <= Σ @weights; all 0 when Σ @weights is 0
 */
void tax_spread(int64_t amount, const int64_t *weights, size_t n, int64_t *shares);

#endif
