/* places: the running serial of each form and the leased block of the code counter; prototypes in invoices.h. */
#include <string.h>

#include "store/invoices.h"
#include "store/run.h"

/* The default block of an issuer: a 3-digit prefix and 8 digits (law R-CODE-3). */
#define BLOCK_SIZE	  INT64_C(100000000)
#define ISSUER_PREFIX_MAX 999

struct block {
	int64_t first, last, next; /* next 0: no block is leased in this epoch */
};

static int get_block(struct store *store, struct block *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_BLOCK_GET);
	int result;

	*ret = (struct block){0};
	bind_int(&query, store->epoch);
	result = query_row(&query, fault);
	if (result)
		return result < 0 ? result : 0;
	ret->first = column_int(&query);
	ret->last = column_int(&query);
	ret->next = column_int(&query);
	return 0;
}

static int get_serial(struct store *store, int form, struct issue_place *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_PLACE_GET);
	const void *serial;
	size_t len;
	int result;

	bind_int(&query, form);
	result = query_row(&query, fault);
	if (result)
		return result < 0 ? result : 0;
	serial = column_blob(&query, &len);
	if (len > SERIAL_LEN)
		return FAULT(fault, FAULT_FORMAT, "the running serial of form %d is broken; restore a backup", form);
	memcpy(ret->serial, serial, len);
	ret->last_number = (int32_t)column_int(&query);
	ret->last_issued_at = column_int(&query);
	return 0;
}

int store_place_get(struct store *store, int form, struct issue_place *ret, struct fault *fault)
{
	struct issue_place place = {0};
	struct block block;
	int result = get_serial(store, form, &place, fault);

	if (!result)
		result = get_block(store, &block, fault);
	if (result)
		return result;
	place.next_counter = block.next;
	place.block_to = block.last;
	*ret = place;
	return 0;
}

static int put_serial(struct store *store, int form, const struct issue_place *place, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_PLACE_PUT);

	bind_int(&query, form);
	bind_text(&query, place->serial);
	bind_int(&query, place->last_number);
	bind_int(&query, place->last_issued_at);
	/* A lower number or an earlier time than the stored one changes nothing (law R-NUM-1, R-NUM-3): a conflict. */
	return query_change(&query, fault);
}

static int put_counter(struct store *store, int64_t expected, int64_t next, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_BLOCK_PUT);

	bind_int(&query, next);
	bind_int(&query, store->epoch);
	bind_int(&query, expected);
	return query_change(&query, fault);
}

int store_place_put(
	struct store *store, int form, const struct issue_place *place, int64_t expected_counter, struct fault *fault)
{
	struct block block;
	int result = get_block(store, &block, fault);

	if (result)
		return result;
	if (block.next != expected_counter)
		return STORE_CONFLICT;
	/* next = last + 1 says that the block is used up. */
	if (place->next_counter < expected_counter || place->next_counter > block.last + 1)
		return FAULT(fault, FAULT_BUG, "code counter %lld lies outside what is leased after %lld",
			(long long)place->next_counter, (long long)expected_counter);
	result = put_serial(store, form, place, fault);
	if (!result && place->next_counter != expected_counter)
		result = put_counter(store, expected_counter, place->next_counter, fault);
	return result;
}

int store_block_lease(struct store *store, int issuer_prefix, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_BLOCK_ADD);
	int64_t first = issuer_prefix * BLOCK_SIZE + 1;
	struct block block;
	int result;

	if (issuer_prefix < 0 || issuer_prefix > ISSUER_PREFIX_MAX)
		return FAULT(fault, FAULT_CONFIG, "issuer prefix %d is not 0 .. %d (law R-CODE-3)", issuer_prefix,
			ISSUER_PREFIX_MAX);
	result = get_block(store, &block, fault);
	if (result)
		return result;
	if (block.next != 0)
		return block.first == first ? 0 : STORE_CONFLICT;
	bind_int(&query, first);
	bind_int(&query, first + BLOCK_SIZE - 2);
	bind_int(&query, first);
	bind_int(&query, store->epoch);
	/* An earlier epoch's block is never leased again (law R-CODE-5): its first counter is taken. */
	return query_run(&query, fault);
}
