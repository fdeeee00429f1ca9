#include "store/days.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "core/problem.h"
#include "store/frames.h"
#include "store/ledger.h"
#include "store/ledger_rows.h"
#include "store/sales.h"

#define META_ALIVE	"alive"
#define META_SETTLED	"missing.settled " /* and the name of the item: what was said of it */
#define KEY_MAX		64
#define REASON_MAX	((size_t)16 << 10)
#define NUMBER_MAX	32
#define FRAME_ARENA_MAX ((size_t)64 << 20)

/* ---- hoadond is there ---- */

int store_alive_put(struct store *store, struct fault *fault)
{
	BYTES_CLEANUP struct bytes text = {.max = NUMBER_MAX};
	int result = store_begin(store, fault);

	bytes_int(&text, clock_now_ms(store->clock));
	return result == 0 ? store_end(store, store_meta_put(store, META_ALIVE, text.data, text.len, fault), fault)
			   : result;
}

int store_alive_get(struct store *store, int64_t *ret, struct fault *fault)
{
	BYTES_CLEANUP struct bytes text = {.max = NUMBER_MAX};
	int result = store_meta_get(store, META_ALIVE, &text, fault);

	if (result < 0)
		return result;
	*ret = result == STORE_NONE ? 0 : strtoll((const char *)text.data, NULL, 10);
	return 0;
}

/* ---- when hoadond did not run ---- */

/* What is written before a start by the opening itself, or by a person's command, says nothing about hoadond. */
static bool is_of_hoadond(const char *event)
{
	static const enum ledger_event others[] = {LEDGER_UPGRADE, LEDGER_ADOPT, LEDGER_RESTORE, LEDGER_SERIAL_END};

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(event, ledger_event_word(others[i])) == 0)
			return false;
	return true;
}

static int64_t alive_at(const struct ledger_walk *walk)
{
	static const char key[] = "\"alive_at\":";
	const char *found =
		walk->has_payload ? memmem(walk->payload.data, walk->payload.len, key, sizeof(key) - 1) : NULL;

	return found ? strtoll(found + sizeof(key) - 1, NULL, 10) : 0; /* the payload ends with a brace */
}

struct downs {
	struct missing_down *at;
	size_t count, room;
	int64_t since; /* a stop, or the last that is known of a hoadond that died; 0: it runs */
	int64_t last;  /* record of hoadond */
};

static int add_down(struct downs *downs, int64_t to, struct arena *arena, struct fault *fault)
{
	if (downs->count == downs->room) {
		size_t room = downs->room ? 2 * downs->room : 8;
		struct missing_down *at = ARENA_ARRAY(arena, struct missing_down, room);

		if (!at)
			return FAULT(fault, FAULT_MEMORY, "no memory for the times without hoadond");
		if (downs->count)
			memcpy(at, downs->at, downs->count * sizeof(*at));
		downs->at = at;
		downs->room = room;
	}
	downs->at[downs->count++] = (struct missing_down){downs->since, to};
	return 0;
}

static int take_record(struct downs *downs, const struct ledger_walk *walk, struct arena *arena, struct fault *fault)
{
	const char *event = walk->record.event;
	int64_t wall = walk->record.wall_ms, alive = 0;
	int result = 0;

	if (strcmp(event, ledger_event_word(LEDGER_STOP)) == 0)
		downs->since = wall;
	if (strcmp(event, ledger_event_word(LEDGER_CRASH_FOUND)) == 0) {
		alive = alive_at(walk);
		downs->since = alive > downs->last ? alive : downs->last;
	}
	if (strcmp(event, ledger_event_word(LEDGER_START)) == 0) {
		if (downs->since && downs->since < wall)
			result = add_down(downs, wall, arena, fault);
		downs->since = 0;
	}
	if (is_of_hoadond(event))
		downs->last = wall;
	return result;
}

/* Records from the last one before @from_ms on: what was going on then is known from it. */
static int64_t first_record(struct store *store, int64_t from_ms, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_LEDGER_BEFORE);
	int result;

	bind_int(&query, from_ms);
	result = query_row(&query, fault);
	return result < 0 ? result : result == 0 ? column_int(&query) - 1 : 0;
}

static int read_downs(
	struct store *store, int64_t from_ms, struct arena *arena, struct missing_day *ret, struct fault *fault)
{
	CLEANUP(ledger_walk_end) struct ledger_walk walk;
	struct downs downs = {0};
	int64_t after = first_record(store, from_ms, fault);
	int result = after < 0 ? (int)after : 0;

	ledger_walk_start(&walk, store, after < 0 ? INT64_MAX : after);
	while (result == 0 && (result = ledger_walk_next(&walk, fault)) == 0)
		result = take_record(&downs, &walk, arena, fault);
	if (result < 0)
		return result;
	ret->downs = downs.at;
	ret->down_count = downs.count;
	return 0;
}

/* ---- what came ---- */

static void read_paper(struct query *query, struct arena *arena, void *row)
{
	struct missing_paper *ret = row;
	const char *kind;

	ret->till_id = column_text(query, arena);
	ret->bill_no = column_text(query, arena);
	kind = column_text(query, arena);
	ret->kind = SALE_KIND_NO_SALE;
	if (kind)
		(void)!sale_kind_parse(kind, &ret->kind);
	ret->day = (int32_t)column_int(query);
	ret->at = column_int(query);
	ret->total = column_int(query);
	ret->frame_id = column_int(query);
}

static bool has_slips(const struct missing_paper *papers, size_t count, int32_t day)
{
	for (size_t i = 0; i < count; i++)
		if (papers[i].day == day &&
			(papers[i].kind == SALE_KIND_PRE_BILL || papers[i].kind == SALE_KIND_NO_SALE))
			return true;
	return false;
}

/* A frame that is damaged ties nothing to anything; fsck names it. */
static int read_ticket(struct store *store, struct missing_paper *paper, store_ticket_fn *read, struct arena *arena,
	struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *own = arena_new(FRAME_ARENA_MAX);
	struct frame_row frame;
	struct fault broken = {0};
	int result = own ? store_frame_get(store, paper->frame_id, own, &frame, &broken) : FAULT_MEMORY;

	if (result == 0)
		result = read(frame.dialect, frame.bytes, frame.len, arena, &paper->ticket);
	if (result >= 0 || broken.code == FAULT_FORMAT)
		return 0;
	return FAULT(fault, broken.code ? broken.code : FAULT_MEMORY, "%s",
		broken.code ? broken.text : "no memory for the papers of a day");
}

static int read_tickets(struct store *store, int32_t day, store_ticket_fn *read, struct arena *arena,
	struct missing_paper *papers, size_t count, struct fault *fault)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < count; i++)
		if (papers[i].day >= day)
			result = read_ticket(store, &papers[i], read, arena, fault);
	return result;
}

static int read_day(struct store *store, int32_t day, store_ticket_fn *read, struct arena *arena,
	struct missing_day *ret, struct fault *fault)
{
	int32_t from = clock_day_add(day, -MISSING_DAYS_BEFORE);
	struct rows rows = {.arena = arena, .size = sizeof(struct missing_paper)};
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_SALE_PAPERS);
	int result;

	bind_int(&query, clock_day_ms(from));
	bind_int(&query, from);
	bind_int(&query, clock_day_add(day, 1));
	bind_text(&query, problem_kind(PROBLEM_PEER_UNKNOWN)->code);
	result = query_list(&query, read_paper, &rows, fault);
	if (result == 0 && has_slips(rows.data, rows.count, day))
		result = read_tickets(store, day, read, arena, rows.data, rows.count, fault);
	if (result == 0)
		result = read_downs(store, clock_day_ms(day), arena, ret, fault);
	ret->papers = rows.data;
	ret->paper_count = rows.count;
	return result;
}

/* ---- what a person said ---- */

static void settled_key(const struct missing *row, int32_t day, char key[KEY_MAX])
{
	char item[MISSING_ITEM_LEN + 1];

	snprintf(key, KEY_MAX, META_SETTLED "%s", missing_item(row, day, item));
}

static int find_settled(
	struct store *store, int32_t day, struct missing *found, size_t count, struct arena *arena, struct fault *fault)
{
	int result = 0;

	for (size_t i = 0; result >= 0 && i < count; i++) {
		BYTES_CLEANUP struct bytes text = {.max = REASON_MAX};
		char key[KEY_MAX];

		settled_key(&found[i], day, key);
		result = store_meta_get(store, key, &text, fault);
		if (result == 0)
			found[i].settled = arena_copy(arena, text.data, text.len);
		if (result == 0 && !found[i].settled)
			result = FAULT(fault, FAULT_MEMORY, "no memory for what was said of a day");
	}
	return result < 0 ? result : 0;
}

int store_day_settle(
	struct store *store, int32_t day, const struct missing *row, const char *reason, struct fault *fault)
{
	char key[KEY_MAX], item[MISSING_ITEM_LEN + 1];
	uint8_t digest[DIGEST_LEN];
	struct ledger_payload payload;
	int result;

	settled_key(row, day, key);
	result = store_meta_put(store, key, reason, strlen(reason), fault);
	if (result < 0)
		return result;
	digest_sha256(reason, strlen(reason), digest);
	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "count", row->count);
	ledger_payload_int(&payload, "day", day);
	ledger_payload_text(&payload, "item", missing_item(row, day, item));
	ledger_payload_text(&payload, "kind", missing_word((int)row->kind));
	ledger_payload_commit(store, &payload, "reason", digest);
	ledger_payload_text(&payload, "till", row->till_id);
	return ledger_append(store, LEDGER_MISSING_SETTLED, &payload, NULL, fault);
}

int store_day_judge(struct store *store, const struct config *config, store_ticket_fn *read, struct arena *arena,
	struct missing_day *day, struct missing **ret_found, size_t *ret_count, struct fault *fault)
{
	int result = read_day(store, day->day, read, arena, day, fault);

	if (result < 0)
		return result;
	if (missing_set_tills(config, arena, day) < 0 || missing_find(day, arena, ret_found, ret_count) < 0)
		return FAULT(fault, FAULT_MEMORY, "no memory for what is missing of a day");
	return find_settled(store, day->day, *ret_found, *ret_count, arena, fault);
}

/* ---- the record of a day ---- */

static int64_t sum(const struct missing *found, size_t count, const char *till_id, enum missing_kind kind)
{
	int64_t all = 0;

	for (size_t i = 0; i < count; i++)
		if (found[i].kind == kind && strcmp(found[i].till_id, till_id) == 0)
			all += found[i].count;
	return all;
}

static int record_till(struct store *store, int32_t day, const char *till_id, const struct missing *found, size_t count,
	struct fault *fault)
{
	struct ledger_payload payload;

	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "bypass_minutes", sum(found, count, till_id, MISSING_BYPASS));
	ledger_payload_int(&payload, "day", day);
	ledger_payload_int(&payload, "gaps", sum(found, count, till_id, MISSING_GAP));
	ledger_payload_int(&payload, "kitchen", sum(found, count, till_id, MISSING_KITCHEN));
	ledger_payload_int(&payload, "numbers_not_judged", sum(found, count, till_id, MISSING_NUMBERS));
	ledger_payload_int(&payload, "pre_bills", sum(found, count, till_id, MISSING_PRE_BILL));
	ledger_payload_int(&payload, "silent_hours", sum(found, count, till_id, MISSING_SILENT));
	ledger_payload_int(&payload, "slips_not_judged", sum(found, count, till_id, MISSING_SLIPS));
	ledger_payload_text(&payload, "till", till_id);
	return ledger_append(store, LEDGER_MISSING, &payload, NULL, fault);
}

/* Whether @i is the first paper of its till on the day. */
static bool is_first(const struct missing_day *day, size_t i)
{
	if (day->papers[i].day != day->day)
		return false;
	for (size_t j = 0; j < i; j++)
		if (day->papers[j].day == day->day && strcmp(day->papers[i].till_id, day->papers[j].till_id) == 0)
			return false;
	return true;
}

static bool came(const struct missing_day *day, const char *till_id)
{
	for (size_t i = 0; i < day->paper_count; i++)
		if (day->papers[i].day == day->day && strcmp(day->papers[i].till_id, till_id) == 0)
			return true;
	return false;
}

int store_day_record(struct store *store, const struct missing_day *day, const struct missing *found, size_t count,
	struct fault *fault)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < day->paper_count; i++)
		if (is_first(day, i))
			result = record_till(store, day->day, day->papers[i].till_id, found, count, fault);
	/* A port of which nothing came all day. */
	for (size_t i = 0; result == 0 && i < day->till_count; i++) {
		const char *till_id = day->tills[i].till_id;

		if (!came(day, till_id) && (sum(found, count, till_id, MISSING_SILENT) > 0 ||
						   sum(found, count, till_id, MISSING_BYPASS) > 0))
			result = record_till(store, day->day, till_id, found, count, fault);
	}
	return result;
}
