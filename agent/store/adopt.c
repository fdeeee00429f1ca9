#include "store/adopt.h"

#include <stdio.h>
#include <string.h>

#include "core/symbols.h"
#include "store/invoices.h"
#include "store/ledger.h"
#include "store/messages.h"
#include "store/run.h"

#define META_SUFFIXES "suffixes" /* "AA:1 AB:2 ": each with the epoch that used it */
#define SUFFIXES_MAX  65536
#define SUFFIX_LEN    2
#define OPEN_MAX      100000

/* ---- suffixes ---- */

/* The epoch that used @suffix first; 0 = none. */
static int64_t epoch_of_suffix(const struct bytes *list, const char *suffix)
{
	for (const char *at = list->data ? (const char *)list->data : ""; *at; at++) {
		if (memcmp(at, suffix, SUFFIX_LEN) == 0)
			return strtoll(at + SUFFIX_LEN + 1, NULL, 10);
		at += strcspn(at, " ");
		if (!*at)
			break;
	}
	return 0;
}

int store_suffix_take(struct store *store, const char *suffix, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes list = {.max = SUFFIXES_MAX};
	int result = store_meta_get(store, META_SUFFIXES, &list, fault);
	int64_t epoch;

	if (result < 0)
		return result;
	epoch = epoch_of_suffix(&list, suffix);
	if (epoch > 0)
		return epoch == store->epoch ? 0 : STORE_CONFLICT;
	bytes_printf(&list, "%.2s:%lld ", suffix, (long long)store->epoch);
	result = bytes_check(&list, "the list of suffixes", fault);
	return result ? result : store_meta_put(store, META_SUFFIXES, list.data, list.len, fault);
}

/* ---- the old epoch ---- */

static void read_end(struct query *query, struct arena *arena, void *row)
{
	struct adopted_serial *end = row;

	end->form = (int)column_int(query);
	end->serial = column_text(query, arena);
	end->last_number = (int32_t)column_int(query);
}

static int list_ends(struct store *store, struct arena *arena, struct adopted *adopted, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_PLACE_EACH);
	struct rows rows = {.arena = arena, .size = sizeof(struct adopted_serial)};
	int result = query_list(&query, read_end, &rows, fault);

	if (result < 0)
		return result;
	adopted->ends = rows.data;
	adopted->end_count = rows.count;
	return 0;
}

/* The numbers behind the end may exist elsewhere; whoever reads the ledger is told where this store's knowledge stops. */
static int record_end(struct store *store, const struct adopted_serial *end, int64_t next_counter, struct fault *fault)
{
	struct ledger_payload payload;

	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "form", end->form);
	ledger_payload_int(&payload, "last_number", end->last_number);
	ledger_payload_int(&payload, "next_counter", next_counter);
	ledger_payload_text(&payload, "serial", end->serial);
	return ledger_append(store, LEDGER_SERIAL_END, &payload, NULL, fault);
}

static int end_serials(struct store *store, const struct adopted *adopted, struct fault *fault)
{
	struct issue_place place = {0};
	int result = 0;

	for (size_t i = 0; !result && i < adopted->end_count; i++) {
		const struct adopted_serial *end = &adopted->ends[i];

		result = store_place_get(store, end->form, &place, fault);
		if (!result)
			result = record_end(store, end, place.next_counter, fault);
		if (!result && strlen(end->serial) == SERIAL_LEN)
			result = store_suffix_take(store, end->serial + SERIAL_LEN - SUFFIX_LEN, fault);
		/* A suffix that already ended in an earlier epoch needs no second entry. */
		if (result == STORE_CONFLICT)
			result = 0;
	}
	return result;
}

/* ---- the new epoch ---- */

static int begin_epoch(struct store *store, const char *reason, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_EPOCH_ADD);
	struct ledger_head head;
	int result = ledger_head_get(store, &head, fault);

	if (result)
		return result;
	bind_int(&query, store->epoch + 1);
	bind_int(&query, head.seq + 1);
	bind_int(&query, clock_now_ms(store->clock));
	bind_text(&query, reason);
	result = query_do(&query, fault);
	store->epoch += result == 0;
	return result;
}

static int record_adoption(
	struct store *store, const struct adoption *adoption, const struct hold *hold, struct fault *fault)
{
	struct ledger_payload payload;

	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "prefix", adoption->issuer_prefix);
	ledger_payload_text(&payload, "reason", adoption->reason);
	ledger_payload_text(&payload, "suffix", adoption->suffix);
	ledger_payload_text(&payload, "why", hold_word(hold->kind));
	return ledger_append(store, LEDGER_ADOPT, &payload, NULL, fault);
}

static int lease(struct store *store, int issuer_prefix, struct adopted *adopted, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_BLOCK_GET);
	int result;

	if (issuer_prefix < 0)
		return 0;
	result = store_block_lease(store, issuer_prefix, fault);
	if (result)
		return result > 0 ? ADOPT_PREFIX_USED : result;
	bind_int(&query, store->epoch);
	result = query_row(&query, fault);
	adopted->first_counter = result == 0 ? column_int(&query) : 0;
	return result;
}

/* As if we had died between the COMMIT of "sent" and the first byte: the sender asks before it sends. */
static int doubt_made(struct store *store, struct arena *arena, int64_t *ret_asked, struct fault *fault)
{
	struct message_row *rows = NULL;
	size_t count = 0;
	int result = store_message_list(store, true, OPEN_MAX, arena, &rows, &count, fault);

	for (size_t i = 0; !result && i < count; i++) {
		enum message_state from = rows[i].state;

		if (from != MESSAGE_MADE && !rows[i].is_absent)
			continue;
		rows[i].state = MESSAGE_SENT;
		rows[i].was_unknown = true;
		rows[i].is_absent = false;
		rows[i].sent_at = clock_now_ms(store->clock);
		rows[i].next_try_at = rows[i].made_at;
		rows[i].last_text = "adopted: may have been sent by the original";
		result = store_message_move(store, &rows[i], from, fault);
		*ret_asked += 1;
	}
	return result;
}

static int adopt(struct store *store, const struct adoption *adoption, struct arena *arena, struct adopted *ret,
	struct fault *fault)
{
	struct hold hold;
	int result = store_hold_get(store, &hold, fault);

	if (!result)
		result = list_ends(store, arena, ret, fault);
	if (!result)
		result = end_serials(store, ret, fault);
	if (!result)
		result = begin_epoch(store, adoption->reason, fault);
	if (!result)
		result = record_adoption(store, adoption, &hold, fault);
	if (!result) {
		result = store_suffix_take(store, adoption->suffix, fault);
		result = result > 0 ? ADOPT_SUFFIX_USED : result;
	}
	if (!result)
		result = lease(store, adoption->issuer_prefix, ret, fault);
	if (!result)
		result = store_machine_bind(store, &adoption->machine, fault);
	if (!result)
		result = store_hold_end(store, fault);
	if (!result)
		result = doubt_made(store, arena, &ret->asked, fault);
	ret->epoch = store->epoch;
	return result;
}

int store_adopt(struct store *store, const struct adoption *adoption, struct arena *arena, struct adopted *ret,
	struct fault *fault)
{
	struct adopted adopted = {0};
	int64_t epoch = store->epoch;
	int result = store_begin(store, fault);

	if (!result)
		result = adopt(store, adoption, arena, &adopted, fault);
	if (!result)
		result = store_commit(store, fault);
	if (result) {
		store_rollback(store);
		store->epoch = epoch;
		return result;
	}
	*ret = adopted;
	return 0;
}
