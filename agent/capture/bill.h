/* bill: a reading, the shop's catalogue and the till's settings become a sale, or a problem that a person decides. Pure. */
#ifndef HOADON_CAPTURE_BILL_H
#define HOADON_CAPTURE_BILL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "capture/catalogue.h"
#include "capture/reading.h"
#include "core/problem.h"
#include "core/sale.h"

/* What a paper does not say. */
struct bill_till {
	const char *till_id;
	bool is_vat_included; /* the prices on its bills hold the tax */
	bool has_rates;	      /* form 1: each line has a rate; form 2 has none, and needs no catalogue */
	int64_t received_at;  /* ms UTC: the time of the sale where the paper prints none */
};

/**
 * bill_sale() - @reading as a sale
 * @arena:     holds what is made for the sale; the reading must live as long
 * @catalogue: NULL where @till has no rates
 * @ret:       the sale; untouched unless 0
 * @problem:   set when > 0
 *
 * Kinds: sale, pre-bill, reprint, return and void stay what they are; kitchen slips and anything else are no-sale. Only sales and returns need lines that are
 * taxed and sums that close: Σ lines - discounts + surcharges, and the printed taxes where prices do not hold them, is the total. A rate
 * comes from the catalogue alone. A unit price that is not printed is amount / quantity where that is exact, and ext names the lines ("derived_prices").
 *
 * The bill number tells sales from each other. A paper without one gets "~" and a digest of its time and everything on it, so that a bill
 * that is printed again is the same, and two equal bowls a minute apart are two; whoever sees such a number again asks a person, for within
 * the minute nobody can tell. A sale with neither number nor time of day is a problem.
 *
 * Return: 0; > 0 enum problem_code; FAULT_MEMORY. Thread: owner of @arena.
 * Source: law R-TILL-1, R-TILL-2, R-VAT-1, R-RND-6.
 */
int bill_sale(struct arena *arena, const struct reading *reading, const struct catalogue *catalogue,
	const struct bill_till *till, struct sale *ret, struct problem *problem) MUST_CHECK;

/**
 * bill_unread() - what is known of a receipt that no sale could be made of: a sale without lines, for a person
 * @reading: what could be read of it; borrowed as in bill_sale()
 * @problem: why; becomes PROBLEM_BILL_REVIEW with the reason in words where it is none that parks a sale
 * @ret:     till, number, time and total as far as they are known, the reason of a review in ext ("review"); untouched unless 0
 *
 * Return: 0; FAULT_MEMORY. Thread: owner of @arena.
 */
int bill_unread(struct arena *arena, const struct reading *reading, const struct bill_till *till,
	struct problem *problem, struct sale *ret) MUST_CHECK;

#endif
