#include "core/missing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fault.h"
#include "core/bill_number.h"

#define HOUR_MS	 INT64_C(3600000)
#define EARLY_MS (INT64_C(5) * 60000) /* a bill may be printed before its kitchen ticket */

static const struct kind {
	const char *word, *en, *vi;
	bool is_judged;
} kinds[] = {
#define X(name, word, is_judged, en, vi) {word, en, vi, is_judged},
	MISSING_KINDS(X)
#undef X
};

const char *missing_word(int kind)
{
	return kind >= 0 && kind < MISSING_KIND_COUNT ? kinds[kind].word : "?";
}

const char *missing_text(int kind, bool is_vi)
{
	if (kind < 0 || kind >= MISSING_KIND_COUNT)
		return "?";
	return is_vi ? kinds[kind].vi : kinds[kind].en;
}

bool missing_is_judged(int kind)
{
	return kind >= 0 && kind < MISSING_KIND_COUNT && kinds[kind].is_judged;
}

const char *missing_item(const struct missing *row, int32_t day, char out[MISSING_ITEM_LEN + 1])
{
	char text[600], hex[2 * DIGEST_LEN + 1];
	uint8_t digest[DIGEST_LEN];
	int len = snprintf(text, sizeof(text), "%d %s %.200s %.100s %.100s %lld %lld", (int)day,
		missing_word((int)row->kind), row->till_id, row->first ? row->first : "", row->last ? row->last : "",
		(long long)row->from, (long long)row->count);
	digest_sha256(text, (size_t)len, digest);
	hex_format(digest, sizeof(digest), hex);
	memcpy(out, hex, MISSING_ITEM_LEN);
	out[MISSING_ITEM_LEN] = '\0';
	return out;
}

static int64_t day_end(int32_t day)
{
	return clock_day_ms(clock_day_add(day, 1));
}

bool missing_is_over(int32_t day, int64_t now_ms)
{
	return now_ms >= day_end(day) + MISSING_OVER_MS;
}

/* Where a till prints to several ports, the hours that one of them has are the till's. */
int missing_set_tills(const struct config *config, struct arena *arena, struct missing_day *day)
{
	struct missing_till *tills = ARENA_ARRAY(arena, struct missing_till, config->port_count + 1);
	size_t count = 0;
	if (!tills)
		return FAULT_MEMORY;
	for (size_t i = 0; i < config->port_count; i++) {
		const struct config_port *port = &config->ports[i];
		size_t at = 0;
		while (at < count && strcmp(tills[at].till_id, port->till) != 0)
			at++;
		count += at == count;
		if (!tills[at].till_id || tills[at].open_from == tills[at].open_to)
			tills[at] = (struct missing_till){port->till, port->open_from, port->open_to};
	}
	day->tills = tills;
	day->till_count = count;
	return 0;
}

/* ---- what is found ---- */

struct finder {
	const struct missing_day *day;
	struct arena *arena;
	struct missing *found;
	size_t count, room;
	struct missing nowhere; /* taken where there is no memory */
	bool failed;		/* no memory */
};

static struct missing *add(struct finder *finder, enum missing_kind kind, const char *till_id)
{
	if (finder->count == finder->room) {
		size_t room = finder->room ? 2 * finder->room : 16;
		struct missing *found = ARENA_ARRAY(finder->arena, struct missing, room);
		if (!found) {
			finder->failed = true;
			return &finder->nowhere;
		}
		if (finder->count)
			memcpy(found, finder->found, finder->count * sizeof(*found));
		finder->found = found;
		finder->room = room;
	}
	struct missing *at = &finder->found[finder->count++];
	*at = (struct missing){.kind = kind, .till_id = till_id};
	return at;
}

/* ---- bill numbers ---- */

struct number {
	const struct missing_paper *paper;
	struct bill_number no;
};

struct run { /* numbers of one till in one series, by day and value */
	const struct number *at;
	size_t count;
	int64_t first, last; /* that are judged; last 0: none */
};

/* Whether @paper has a number that can be one of a series; a copy of a bill that never came is no bill. */
static bool read_number(const struct missing_paper *paper, struct number *ret)
{
	ret->paper = paper;
	return paper->kind != SALE_KIND_REPRINT && bill_number_read(paper->bill_no, &ret->no);
}

static int compare_series(const struct number *a, const struct number *b)
{
	return bill_number_compare_series(&a->no, &b->no);
}

static int compare_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static int compare_number(const void *left, const void *right)
{
	const struct number *a = left, *b = right;
	int result = compare_series(a, b);
	if (result == 0)
		result = strcmp(a->paper->till_id, b->paper->till_id);
	if (result == 0)
		result = (a->paper->day > b->paper->day) - (a->paper->day < b->paper->day);
	return result ? result : compare_value(&a->no.value, &b->no.value);
}

static bool is_bill(const struct number *number, int32_t day)
{
	return number->paper->kind == SALE_KIND_SALE && number->paper->day == day;
}

/* How many different numbers the bills of @day have, and the first and last of them. */
static int64_t count_bills(const struct run *run, int32_t day, int64_t *ret_first, int64_t *ret_last)
{
	int64_t count = 0;
	for (size_t i = 0; i < run->count; i++) {
		if (!is_bill(&run->at[i], day) || (count && run->at[i].no.value == *ret_last))
			continue;
		*ret_last = run->at[i].no.value;
		if (count++ == 0)
			*ret_first = *ret_last;
	}
	return count;
}

/* The last day before @day on which the till had bills of the series; 0. */
static int32_t day_before(const struct run *run, int32_t day)
{
	int32_t before = 0;
	for (size_t i = 0; i < run->count; i++) {
		const struct missing_paper *paper = run->at[i].paper;
		if (paper->kind == SALE_KIND_SALE && paper->day < day && paper->day > before)
			before = paper->day;
	}
	return before;
}

/* Two tills count together unless both have the same number. */
static bool share(const struct run *a, const struct run *b, int32_t day)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; is_bill(&a->at[i], day) && j < b->count; j++)
			if (is_bill(&b->at[j], day) && a->at[i].no.value == b->at[j].no.value)
				return false;
	return true;
}

struct series { /* the runs of one series, one for each till */
	struct run *runs;
	size_t count;
};

/* Numbers from first to last of @run that came on any paper, in order, each once; the day before counts where the numbers went on. */
static size_t list_seen(
	const struct finder *finder, const struct series *series, const struct run *run, bool goes_on, int64_t *seen)
{
	int32_t day = finder->day->day;
	size_t count = 0, kept = 0;
	for (size_t r = 0; r < series->count; r++) {
		const struct run *other = &series->runs[r];
		bool is_counted = other == run || share(run, other, day);
		for (size_t i = 0; is_counted && i < other->count; i++) {
			int64_t value = other->at[i].no.value;
			if ((goes_on || other->at[i].paper->day == day) && value >= run->first && value <= run->last)
				seen[count++] = value;
		}
	}
	qsort(seen, count, sizeof(*seen), compare_value);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || seen[kept - 1] != seen[i])
			seen[kept++] = seen[i];
	return kept;
}

/* Whether a till that shares the numbers of @run was told to miss @value already. */
static bool is_told(const struct finder *finder, const struct series *series, const struct run *run, int64_t value)
{
	for (const struct run *earlier = series->runs; earlier < run; earlier++)
		if (earlier->first <= value && value <= earlier->last && share(run, earlier, finder->day->day))
			return true;
	return false;
}

static char *name_number(struct finder *finder, const struct number *like, int64_t value)
{
	const struct bill_number *no = &like->no;
	bool is_padded = no->text[no->at] == '0';
	char *name = arena_printf(finder->arena, "%.*s%0*lld%s", (int)no->at, no->text, is_padded ? (int)no->len : 1,
		(long long)value, no->text + no->at + no->len);
	finder->failed = finder->failed || !name;
	return name;
}

static void add_gap(
	struct finder *finder, const struct series *series, const struct run *run, int64_t first, int64_t last)
{
	const struct number *like = &run->at[run->count - 1];
	if (is_told(finder, series, run, first))
		return;
	struct missing *gap = add(finder, MISSING_GAP, like->paper->till_id);
	gap->first = name_number(finder, like, first);
	gap->last = name_number(finder, like, last);
	gap->count = last - first + 1;
}

/* Bills of @run whose numbers could not be judged. */
static int64_t judge_run(struct finder *finder, const struct series *series, struct run *run, int64_t *seen)
{
	int32_t day = finder->day->day, before = day_before(run, day);
	int64_t first = 0, last = 0, first_before = 0, last_before = 0;
	int64_t count = count_bills(run, day, &first, &last);
	int64_t count_before = before ? count_bills(run, before, &first_before, &last_before) : 0;
	bool goes_on = before && first > last_before;
	if (count == 0)
		return 0;
	if (count == 1 && !before)
		return 1;
	run->first = goes_on ? last_before + 1 : before && first_before == 1 ? 1 : first;
	run->last = last;
	size_t seen_count = list_seen(finder, series, run, goes_on, seen);
	int64_t missing = last - run->first + 1 - (int64_t)seen_count;
	if (2 * missing > count + (goes_on ? count_before : 0)) {
		run->last = 0;
		return count;
	}
	for (int64_t at = run->first, i = 0; at <= last; at = seen[i++] + 1)
		if (seen[i] > at)
			add_gap(finder, series, run, at, seen[i] - 1);
	return 0;
}

static size_t run_end(const struct number *numbers, size_t from, size_t count, bool is_of_till)
{
	size_t end = from + 1;
	while (end < count && compare_series(&numbers[from], &numbers[end]) == 0 &&
		(!is_of_till || strcmp(numbers[from].paper->till_id, numbers[end].paper->till_id) == 0))
		end++;
	return end;
}

/* A bill that is alone on its day says nothing about others. */
static bool has_bills(const struct finder *finder, const char *till_id)
{
	int count = 0;
	for (size_t i = 0; i < finder->day->paper_count; i++) {
		const struct missing_paper *paper = &finder->day->papers[i];
		count += paper->kind == SALE_KIND_SALE && paper->day == finder->day->day &&
			 strcmp(paper->till_id, till_id) == 0;
	}
	return count > 1;
}

static void add_unjudged(struct finder *finder, enum missing_kind kind, const char *till_id, int64_t count)
{
	for (size_t i = 0; i < finder->count; i++)
		if (finder->found[i].kind == kind && strcmp(finder->found[i].till_id, till_id) == 0) {
			finder->found[i].count += count;
			return;
		}
	if (count)
		add(finder, kind, till_id)->count = count;
}

static void judge_series(
	struct finder *finder, const struct number *numbers, size_t count, struct run *runs, int64_t *seen)
{
	struct series series = {.runs = runs};
	for (size_t i = 0; i < count; i += runs[series.count++].count)
		runs[series.count] = (struct run){.at = &numbers[i], .count = run_end(numbers, i, count, true) - i};
	for (size_t i = 0; i < series.count; i++) {
		const char *till_id = runs[i].at->paper->till_id;
		int64_t unjudged = judge_run(finder, &series, &runs[i], seen);
		if (unjudged && has_bills(finder, till_id))
			add_unjudged(finder, MISSING_NUMBERS, till_id, unjudged);
	}
}

static void judge_numbers(struct finder *finder)
{
	size_t room = finder->day->paper_count, count = 0;
	struct number *numbers = ARENA_ARRAY(finder->arena, struct number, room + 1);
	struct run *runs = ARENA_ARRAY(finder->arena, struct run, room + 1);
	int64_t *seen = ARENA_ARRAY(finder->arena, int64_t, room + 1);
	finder->failed = finder->failed || !numbers || !runs || !seen;
	if (finder->failed)
		return;
	for (size_t i = 0; i < room; i++)
		count += read_number(&finder->day->papers[i], &numbers[count]);
	qsort(numbers, count, sizeof(*numbers), compare_number);
	for (size_t i = 0, end; i < count; i = end) {
		end = run_end(numbers, i, count, false);
		judge_series(finder, &numbers[i], end - i, runs, seen);
	}
}

/* ---- slips ---- */

static bool is_slip(const struct missing_paper *paper)
{
	return paper->kind == SALE_KIND_PRE_BILL || (paper->kind == SALE_KIND_NO_SALE && paper->ticket.is_kitchen);
}

static bool has_name(const struct missing_ticket *ticket, const char *name)
{
	for (size_t i = 0; i < ticket->name_count; i++)
		if (strcmp(ticket->names[i], name) == 0)
			return true;
	return false;
}

static bool has_names(const struct missing_ticket *bill, const struct missing_ticket *slip)
{
	size_t i = 0;
	while (i < slip->name_count && has_name(bill, slip->names[i]))
		i++;
	return slip->name_count && i == slip->name_count;
}

/* The number itself, or that of a part of the bill ("HD12/1"). */
static bool has_number(const char *bill_no, const char *slip_no)
{
	size_t len = strlen(slip_no);
	return slip_no[0] != SALE_MADE_NUMBER && strncmp(bill_no, slip_no, len) == 0 &&
	       (!bill_no[len] || strchr("/-.", bill_no[len]));
}

enum tie { TIE_NONE, TIE_AMOUNT, TIE_PROVEN };

/* What ties @paper to @slip: an amount alone may be anybody's, and proves nothing about other slips. */
static enum tie tie_of(const struct missing_paper *slip, const struct missing_paper *paper)
{
	bool is_end = paper->kind != SALE_KIND_PRE_BILL && paper->kind != SALE_KIND_NO_SALE;
	bool is_of_day = paper->day == slip->day || paper->at < day_end(slip->day) + MISSING_OVER_MS;
	if (!is_end || !is_of_day || paper->at < slip->at - EARLY_MS)
		return TIE_NONE;
	if (has_number(paper->bill_no, slip->bill_no))
		return TIE_PROVEN;
	if (slip->ticket.table && paper->ticket.table && strcmp(slip->ticket.table, paper->ticket.table) == 0)
		return TIE_PROVEN;
	if (slip->kind == SALE_KIND_NO_SALE)
		return has_names(&paper->ticket, &slip->ticket) ? TIE_PROVEN : TIE_NONE;
	return slip->total && slip->total == paper->total ? TIE_AMOUNT : TIE_NONE;
}

static enum tie find_tie(const struct finder *finder, const struct missing_paper *slip)
{
	enum tie best = TIE_NONE;
	for (size_t i = 0; best != TIE_PROVEN && i < finder->day->paper_count; i++) {
		enum tie tie = tie_of(slip, &finder->day->papers[i]);
		best = tie > best ? tie : best;
	}
	return best;
}

static void add_slip(struct finder *finder, const struct missing_paper *slip)
{
	bool is_kitchen = slip->kind == SALE_KIND_NO_SALE;
	struct missing *found = add(finder, is_kitchen ? MISSING_KITCHEN : MISSING_PRE_BILL, slip->till_id);
	found->first = slip->bill_no[0] != SALE_MADE_NUMBER ? slip->bill_no : slip->ticket.table;
	found->count = 1;
	found->from = found->to = slip->at;
	found->total = is_kitchen ? 0 : slip->total;
}

/* Pre-bills and kitchen tickets each: where none is proven to find its bill, none is judged. */
static void judge_slips(struct finder *finder, enum sale_kind kind)
{
	size_t open_count = 0;
	bool is_proven = false;
	const struct missing_paper **open =
		ARENA_ARRAY(finder->arena, const struct missing_paper *, finder->day->paper_count + 1);
	finder->failed = finder->failed || !open;
	for (size_t i = 0; open && i < finder->day->paper_count; i++) {
		const struct missing_paper *slip = &finder->day->papers[i];
		if (slip->day != finder->day->day || slip->kind != kind || !is_slip(slip))
			continue;
		enum tie tie = find_tie(finder, slip);
		is_proven = is_proven || tie == TIE_PROVEN;
		if (tie == TIE_NONE)
			open[open_count++] = slip;
	}
	for (size_t i = 0; i < open_count; i++)
		if (is_proven)
			add_slip(finder, open[i]);
		else
			add_unjudged(finder, MISSING_SLIPS, open[i]->till_id, 1);
}

/* ---- hours ---- */

/* Whether anything came from @from to before @to; @till_id NULL: of any till, and sold on the day itself, not entered later for another. */
static bool came_between(const struct missing_day *day, const char *till_id, int64_t from, int64_t to)
{
	for (size_t i = 0; i < day->paper_count; i++) {
		const struct missing_paper *paper = &day->papers[i];
		bool is_wanted = till_id ? strcmp(paper->till_id, till_id) == 0 : paper->day == day->day;
		if (is_wanted && paper->at >= from && paper->at < to)
			return true;
	}
	return false;
}

static bool was_down(const struct missing_day *day, int64_t from, int64_t to)
{
	for (size_t i = 0; i < day->down_count; i++) {
		const struct missing_down *down = &day->downs[i];
		int64_t a = down->from > from ? down->from : from, b = down->to < to ? down->to : to;
		if (b - a >= MISSING_DOWN_MS)
			return true;
	}
	return false;
}

static void judge_silence(struct finder *finder, const struct missing_till *till, int64_t begin)
{
	const struct missing_day *day = finder->day;
	struct missing *open = NULL;
	for (int hour = 0; hour < till->open_to - till->open_from; hour++) {
		int64_t from = begin + hour * HOUR_MS, to = from + HOUR_MS;
		if (to > day->now_ms || was_down(day, from, to) || came_between(day, till->till_id, from, to)) {
			open = NULL;
			continue;
		}
		if (!open) {
			open = add(finder, MISSING_SILENT, till->till_id);
			open->from = from;
		}
		open->to = to;
		open->count++;
	}
}

/* When the till worked: its opening hours, unless nothing at all came in them, as on a day off; else from its first paper to its last. */
static bool find_working(
	const struct missing_day *day, const struct missing_till *till, int64_t *ret_from, int64_t *ret_to)
{
	int64_t begin = clock_day_ms(day->day);
	*ret_from = begin + till->open_from * HOUR_MS;
	*ret_to = begin + till->open_to * HOUR_MS;
	if (till->open_from < till->open_to)
		return came_between(day, NULL, *ret_from, *ret_to);
	*ret_from = day_end(day->day);
	*ret_to = 0;
	for (size_t i = 0; i < day->paper_count; i++) {
		const struct missing_paper *paper = &day->papers[i];
		if (paper->at < begin || paper->at >= day_end(day->day) || strcmp(paper->till_id, till->till_id) != 0)
			continue;
		*ret_from = paper->at < *ret_from ? paper->at : *ret_from;
		*ret_to = paper->at > *ret_to ? paper->at : *ret_to;
	}
	return *ret_from < *ret_to;
}

static void judge_bypass(struct finder *finder, const struct missing_till *till, int64_t from, int64_t to)
{
	for (size_t i = 0; i < finder->day->down_count; i++) {
		const struct missing_down *down = &finder->day->downs[i];
		int64_t a = down->from > from ? down->from : from, b = down->to < to ? down->to : to;
		if (b - a < MISSING_DOWN_MS)
			continue;
		struct missing *found = add(finder, MISSING_BYPASS, till->till_id);
		found->from = a;
		found->to = b;
		found->count = (b - a) / 60000;
	}
}

static void judge_hours(struct finder *finder)
{
	const struct missing_day *day = finder->day;
	for (size_t i = 0; i < day->till_count; i++) {
		const struct missing_till *till = &day->tills[i];
		bool has_hours = till->open_from < till->open_to;
		int64_t from, to;
		if (!find_working(day, till, &from, &to))
			continue;
		judge_bypass(finder, till, from, to);
		if (has_hours)
			judge_silence(finder, till, from);
		else
			add(finder, MISSING_HOURS, till->till_id);
	}
}

/* ---- all ---- */

static int compare_missing(const void *left, const void *right)
{
	const struct missing *a = left, *b = right;
	int result = missing_is_judged((int)b->kind) - missing_is_judged((int)a->kind);
	if (result == 0)
		result = strcmp(a->till_id, b->till_id);
	if (result == 0)
		result = (a->kind > b->kind) - (a->kind < b->kind);
	if (result == 0)
		result = compare_value(&a->from, &b->from);
	return result ? result : strcmp(a->first ? a->first : "", b->first ? b->first : "");
}

/* Bills that bear no number at all. */
static void judge_nameless(struct finder *finder)
{
	for (size_t i = 0; i < finder->day->paper_count; i++) {
		const struct missing_paper *paper = &finder->day->papers[i];
		struct number number;
		if (paper->kind == SALE_KIND_SALE && paper->day == finder->day->day && !read_number(paper, &number))
			add_unjudged(finder, MISSING_NUMBERS, paper->till_id, 1);
	}
}

int missing_find(const struct missing_day *day, struct arena *arena, struct missing **ret, size_t *ret_count)
{
	struct finder finder = {.day = day, .arena = arena};
	judge_numbers(&finder);
	judge_nameless(&finder);
	if (missing_is_over(day->day, day->now_ms)) {
		judge_slips(&finder, SALE_KIND_PRE_BILL);
		judge_slips(&finder, SALE_KIND_NO_SALE);
	}
	judge_hours(&finder);
	if (finder.failed)
		return FAULT_MEMORY;
	if (finder.count)
		qsort(finder.found, finder.count, sizeof(*finder.found), compare_missing);
	*ret = finder.found;
	*ret_count = finder.count;
	return 0;
}
