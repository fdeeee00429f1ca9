#include "store/tally.h"

#include <stdio.h>
#include <string.h>

#include "store/run.h"

#define NAME_MAX_LEN 32

/* "sale.parked": the key of the row. */
static void name_of(int place, char out[NAME_MAX_LEN])
{
	if (place >= TALLY_MESSAGE)
		snprintf(out, NAME_MAX_LEN, "message.%s", message_state_word(place - TALLY_MESSAGE));
	else if (place >= TALLY_INVOICE)
		snprintf(out, NAME_MAX_LEN, "invoice.%s", invoice_state_word(place - TALLY_INVOICE));
	else if (place >= TALLY_SALE)
		snprintf(out, NAME_MAX_LEN, "sale.%s", sale_state_word(place - TALLY_SALE));
	else
		snprintf(out, NAME_MAX_LEN, "frame.%s", frame_state_word(place - TALLY_FRAME));
}

void tally_add(struct store *store, int place, int sign, struct tally amount)
{
	struct tally *pending = &store->pending[place];

	pending->n += sign * amount.n;
	pending->net += sign * amount.net;
	pending->vat += sign * amount.vat;
	pending->total += sign * amount.total;
	store->has_pending = true;
}

int tally_get(struct store *store, int place, struct tally *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TALLY_GET);
	const struct tally *pending = &store->pending[place];
	char name[NAME_MAX_LEN];
	int result;

	name_of(place, name);
	bind_text(&query, name);
	result = query_row(&query, fault);
	if (result)
		return result < 0 ? result : FAULT(fault, FAULT_FORMAT, "the store does not count %s", name);
	ret->n = column_int(&query) + pending->n;
	ret->net = column_int(&query) + pending->net;
	ret->vat = column_int(&query) + pending->vat;
	ret->total = column_int(&query) + pending->total;
	return 0;
}

static int flush_place(struct store *store, int place, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_TALLY_ADD);
	const struct tally *pending = &store->pending[place];
	char name[NAME_MAX_LEN];
	int result;

	name_of(place, name);
	bind_int(&query, pending->n);
	bind_int(&query, pending->net);
	bind_int(&query, pending->vat);
	bind_int(&query, pending->total);
	bind_text(&query, name);
	result = query_change(&query, fault);
	return result > 0 ? FAULT(fault, FAULT_FORMAT, "the store does not count %s", name) : result;
}

int tally_flush(struct store *store, struct fault *fault)
{
	static const struct tally none;
	int result = 0;

	for (int place = 0; !result && store->has_pending && place < TALLY_COUNT; place++)
		if (memcmp(&store->pending[place], &none, sizeof(none)) != 0)
			result = flush_place(store, place, fault);
	tally_forget(store);
	return result;
}

void tally_forget(struct store *store)
{
	if (!store->has_pending)
		return;
	memset(store->pending, 0, sizeof(store->pending));
	store->has_pending = false;
}
