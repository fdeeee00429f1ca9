#include "capture/intake.h"

#include "core/rules.h"

static int read_sale(struct slot *slot, const struct dialect_ops *dialect, size_t max)
{
	void *state = ARENA_ARRAY(slot->arena, char, dialect->state_size);
	if (!state)
		return FAULT_MEMORY;
	int result = dialect->feed(state, slot->frame, slot->frame_len, max, &slot->problem);
	struct problem late = {0};
	int end = dialect->flush(state, slot->arena, &slot->sale, result ? &late : &slot->problem);
	return result ? result : end;
}

/* What a person may decide (law R-VAT-4, R-CON-4); the rest stays wrong whoever says so. */
static bool person_may_allow(enum problem_code code)
{
	return code == PROBLEM_RATE_CLASS || code == PROBLEM_NAME_GENERIC;
}

static int compute(struct slot *slot, const struct seller *seller)
{
	const char *setting, *rule;
	int result = rules_check(&slot->sale, seller, slot->received_at, &slot->problem);
	if (result > 0 && slot->wish != SLOT_SALE && person_may_allow(slot->problem.code)) {
		slot->problem = (struct problem){0};
		result = 0;
	}
	/* A dead clock of ours does not make the sale wrong: it is kept until the time is right. */
	if (result == PROBLEM_DATE_RANGE && time_is_held(slot->time_state))
		return problem_set(&slot->problem, PROBLEM_CLOCK_BACK, "/sold_at");
	if (result)
		return result;
	if (rules_seller_missing(seller, 0, &setting, &rule)) {
		problem_set(&slot->problem, PROBLEM_NOT_REGISTERED, "%s", "");
		return problem_add(&slot->problem, "%s (%s)", setting, rule);
	}
	return invoice_from_sale(&slot->sale, seller, slot->arena, &slot->invoice, &slot->problem);
}

int intake_read(struct slot *slot, const struct dialect_ops *dialect, const struct seller *seller, size_t max,
	struct fault *fault)
{
	slot->dialect = dialect->name;
	int result = read_sale(slot, dialect, max);
	if (result < 0)
		return FAULT(fault, result, "no memory to read a frame of %zu bytes", slot->frame_len);
	if (result > 0)
		return 0;
	slot->has_sale = true;
	if (sale_digest(&slot->sale, slot->digest, fault) < 0)
		return FAULT_MEMORY;
	result = compute(slot, seller);
	if (result < 0)
		return FAULT(fault, result, "no memory to compute a bill of %zu lines", slot->sale.line_count);
	return 0;
}
