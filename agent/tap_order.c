#include "core/bill_number.h"
#include "store/sales.h"
#include "tap_parts.h"

#define NEWEST INT64_C(20000) /* sales of the shop among which the last ones of a till are looked for */
#define PAPERS INT64_C(200)   /* of the till */

static struct bill_before *list_papers(struct arena *arena, const struct sale_row *rows, size_t count)
{
	struct bill_before *papers = ARENA_ARRAY(arena, struct bill_before, count + 1);
	for (size_t i = 0; papers && i < count; i++)
		papers[i] = (struct bill_before){.bill_no = rows[i].bill_no,
			.kind = rows[i].kind,
			.day = rows[i].business_day,
			.is_issued = rows[i].state == SALE_STATE_ISSUED || rows[i].state == SALE_STATE_RECEIVED,
			.is_parked = rows[i].state == SALE_STATE_PARKED};
	return papers;
}

int order_check(struct tap_port *port, struct slot *slot, struct fault *fault)
{
	struct sale_row *rows = NULL;
	size_t count = 0;
	const char *last;
	int result = store_sale_of_till(
		port->tap->settings->store, slot->sale.till_id, NEWEST, PAPERS, slot->arena, &rows, &count, fault);
	const struct bill_before *papers = result == 0 ? list_papers(slot->arena, rows, count) : NULL;
	if (!papers)
		return result < 0 ? result : FAULT_MEMORY;
	if (bill_number_order(papers, count, slot->sale.bill_no, slot->sale.business_day, &last) == BILL_ORDER_FOLLOWS)
		return 0;
	problem_set(&slot->problem, PROBLEM_BILL_ORDER, "/bill_no");
	problem_add(&slot->problem, "%s, %s", last ? last : "-", slot->sale.bill_no);
	return 0;
}
