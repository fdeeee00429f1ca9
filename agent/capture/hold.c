#include "capture/hold.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define GRAINS 16 /* of the patience: bytes that came within one of them are of one age, the greatest */

struct arrival {
	uint64_t end; /* of the stream when they had come */
	int64_t at_ms;
};

struct cut {
	uint64_t offset;
	int64_t until_ms;
	bool is_answered;
	struct bytes annex;
	size_t gone; /* of the annex */
};

struct hold {
	int64_t hold_ms, patience_ms;
	struct bytes bytes; /* from @at on they wait */
	size_t at;
	uint64_t out, in;		     /* of the stream: gone, come */
	uint64_t seen;			     /* told up to here */
	uint64_t ripe;			     /* here the reader's time is over */
	struct arrival arrivals[GRAINS + 2]; /* of what is not ripe, oldest first */
	size_t arrival_count;
	struct cut cuts[HOLD_CUTS_MAX]; /* that wait, in the order of the stream */
	size_t cut_count;
};

struct hold *hold_new(size_t max, int64_t hold_ms, int64_t patience_ms)
{
	assert(max > 0 && hold_ms >= 0 && patience_ms >= 0);
	struct hold *hold = calloc(1, sizeof(*hold));
	if (!hold)
		return NULL;
	hold->hold_ms = hold_ms;
	hold->patience_ms = patience_ms;
	bytes_init(&hold->bytes, max);
	for (size_t i = 0; i < HOLD_CUTS_MAX; i++)
		bytes_init(&hold->cuts[i].annex, HOLD_ANNEX_MAX);
	return hold;
}

void hold_free(struct hold *hold)
{
	if (!hold)
		return;
	for (size_t i = 0; i < HOLD_CUTS_MAX; i++)
		bytes_done(&hold->cuts[i].annex);
	bytes_done(&hold->bytes);
	free(hold);
}

size_t hold_waiting(const struct hold *hold)
{
	return hold->bytes.len - hold->at;
}

size_t hold_room(const struct hold *hold)
{
	return hold->bytes.max - hold_waiting(hold);
}

/* What waits begins the buffer again, so that room is what hold_room() says. */
static void close_up(struct hold *hold)
{
	if (hold->at == 0)
		return;
	memmove(hold->bytes.data, hold->bytes.data + hold->at, hold_waiting(hold));
	hold->bytes.len -= hold->at;
	hold->at = 0;
}

static void note_arrival(struct hold *hold, int64_t now_ms)
{
	struct arrival *last = hold->arrival_count ? &hold->arrivals[hold->arrival_count - 1] : NULL;
	if (last && now_ms - last->at_ms <= hold->patience_ms / GRAINS) {
		last->end = hold->in;
		return;
	}
	assert(hold->arrival_count < ARRAY_LEN(hold->arrivals));
	hold->arrivals[hold->arrival_count++] = (struct arrival){.end = hold->in, .at_ms = now_ms};
}

static void drop_arrivals(struct hold *hold, size_t count)
{
	hold->arrival_count -= count;
	memmove(hold->arrivals, hold->arrivals + count, hold->arrival_count * sizeof(hold->arrivals[0]));
}

static void ripen(struct hold *hold, int64_t now_ms)
{
	size_t count = 0;
	while (count < hold->arrival_count && now_ms - hold->arrivals[count].at_ms >= hold->patience_ms)
		hold->ripe = hold->arrivals[count++].end;
	drop_arrivals(hold, count);
}

int hold_take(struct hold *hold, const void *bytes, size_t len, int64_t now_ms)
{
	assert(len <= hold_room(hold));
	ripen(hold, now_ms);
	if (len > hold->bytes.max - hold->bytes.len)
		close_up(hold);
	bytes_append(&hold->bytes, bytes, len);
	if (hold->bytes.failed) {
		hold->bytes.failed = false;
		return FAULT_MEMORY;
	}
	hold->in += len;
	note_arrival(hold, now_ms);
	return 0;
}

void hold_seen(struct hold *hold, uint64_t offset)
{
	if (offset > hold->seen)
		hold->seen = offset;
}

static struct cut *find_cut(struct hold *hold, uint64_t offset)
{
	for (size_t i = 0; i < hold->cut_count; i++)
		if (hold->cuts[i].offset == offset)
			return &hold->cuts[i];
	return NULL;
}

/* The first cut goes, with what waited behind it; its annex keeps the room of its bytes for another. */
static void pop_cut(struct hold *hold)
{
	struct cut first = hold->cuts[0];
	bytes_clear(&first.annex);
	hold->cut_count--;
	memmove(hold->cuts, hold->cuts + 1, hold->cut_count * sizeof(first));
	hold->cuts[hold->cut_count] = (struct cut){.annex = first.annex};
}

/* What was answered goes out whole, however slow the printer is. */
static void expire(struct hold *hold, int64_t now_ms)
{
	ripen(hold, now_ms);
	while (hold->cut_count && !hold->cuts[0].is_answered && now_ms >= hold->cuts[0].until_ms)
		pop_cut(hold);
}

static int64_t arrived_ms(const struct hold *hold, uint64_t offset)
{
	size_t i = 0;
	while (hold->arrivals[i].end <= offset)
		i++;
	return hold->arrivals[i].at_ms;
}

int hold_cut(struct hold *hold, uint64_t offset, uint32_t length, int64_t now_ms)
{
	expire(hold, now_ms);
	uint64_t passed = hold->out > hold->ripe ? hold->out : hold->ripe;
	bool is_in_order =
		offset >= hold->seen && (!hold->cut_count || offset > hold->cuts[hold->cut_count - 1].offset);
	if (offset < passed || !is_in_order || offset >= hold->in || length > hold->in - offset ||
		hold->cut_count == HOLD_CUTS_MAX)
		return HOLD_LATE;
	struct cut *cut = &hold->cuts[hold->cut_count++];
	cut->offset = offset;
	cut->until_ms = arrived_ms(hold, offset) + hold->hold_ms;
	return 0;
}

int hold_annex(struct hold *hold, uint64_t offset, const void *annex, size_t len, int64_t now_ms)
{
	expire(hold, now_ms);
	struct cut *cut = find_cut(hold, offset);
	if (!cut || cut->is_answered)
		return HOLD_LATE;
	cut->is_answered = true;
	bytes_append(&cut->annex, annex, len);
	if (!cut->annex.failed)
		return 0;
	bytes_clear(&cut->annex);
	return FAULT_MEMORY;
}

/* The reader's word, or the end of the patience, whichever leads further. */
static uint64_t told_up_to(const struct hold *hold)
{
	uint64_t told = hold->seen > hold->ripe ? hold->seen : hold->ripe;
	return told < hold->in ? told : hold->in;
}

size_t hold_peek(struct hold *hold, int64_t now_ms, const uint8_t **ret)
{
	expire(hold, now_ms);
	while (hold->cut_count && hold->cuts[0].offset == hold->out && hold->cuts[0].is_answered) {
		const struct cut *cut = &hold->cuts[0];
		*ret = cut->annex.data + cut->gone;
		if (cut->gone < cut->annex.len)
			return cut->annex.len - cut->gone;
		pop_cut(hold);
	}
	uint64_t end = told_up_to(hold);
	if (hold->cut_count && hold->cuts[0].offset < end)
		end = hold->cuts[0].offset;
	*ret = hold->bytes.data + hold->at;
	return end > hold->out ? (size_t)(end - hold->out) : 0;
}

void hold_went(struct hold *hold, size_t len)
{
	struct cut *cut = hold->cut_count && hold->cuts[0].is_answered ? &hold->cuts[0] : NULL;
	if (cut && cut->offset == hold->out) {
		cut->gone += len;
		return;
	}
	hold->out += len;
	hold->at += len;
	if (hold->at < hold->bytes.len)
		return;
	bytes_clear(&hold->bytes);
	hold->at = 0;
}

bool hold_is_begun(const struct hold *hold, uint64_t offset)
{
	const struct cut *cut = &hold->cuts[0];
	return !hold->cut_count || cut->offset > offset || (cut->offset == offset && cut->gone > 0);
}

int64_t hold_next_ms(const struct hold *hold)
{
	const struct cut *cut = hold->cut_count ? &hold->cuts[0] : NULL;
	uint64_t told = told_up_to(hold);
	int64_t next = cut && !cut->is_answered ? cut->until_ms : HOLD_NEVER;
	if (told == hold->in || (cut && told >= cut->offset))
		return next;
	int64_t ripe_ms = hold->arrivals[0].at_ms + hold->patience_ms;
	return ripe_ms < next ? ripe_ms : next;
}
