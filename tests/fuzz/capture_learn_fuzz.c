/*
 * Any bytes as bills of one till, parted by form feeds, to learn from: what is proposed is a profile, and each bill that it reads as a sale
 * closes, counted another way.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "capture/learn.h"
#include "capture/letters.h"
#include "capture/profile.h"

#define LINES_ROOM 400

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The letters as of paper: a line feed ends a line. */
static int read_page(struct letters *letters, struct arena *arena, const uint8_t *at, size_t len, struct page *ret)
{
	const struct letters_port port = {.wanted = PAGE_ASCII};
	struct paper_line *lines = ARENA_ARRAY(arena, struct paper_line, LINES_ROOM);
	struct paper_run *runs = ARENA_ARRAY(arena, struct paper_run, LINES_ROOM);
	struct paper paper = {.lines = lines};
	const uint8_t *end = at + len;

	if (!lines || !runs)
		return FAULT_MEMORY;
	for (size_t i = 0; at < end && i < LINES_ROOM; i++) {
		const uint8_t *stop = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((stop ? stop : end) - at);

		runs[i] = (struct paper_run){.page = PRINT_PAGE_NONE, .width = 1, .height = 1, .bytes = at, .len = n};
		lines[i] = (struct paper_line){&runs[i], n > 0};
		paper.line_count++;
		at += n + (stop != NULL);
	}
	return letters_read(letters, arena, &paper, &port, ret, NULL);
}

static void check_sale(const struct reading *reading)
{
	int64_t rest = reading->total;

	for (size_t i = 0; i < reading->line_count; i++) {
		const struct reading_line *line = &reading->lines[i];
		int64_t product = line->amount + line->discount;

		assert(line->name && line->has_qty && line->amount >= 0);
		assert(!line->has_unit_price || decimal_times(line->qty, line->unit_price, &product) == DECIMAL_OK);
		assert(product == line->amount + line->discount);
		rest -= line->amount;
	}
	for (size_t i = 0; i < reading->discount_count; i++)
		rest += reading->discounts[i].amount;
	for (size_t i = 0; i < reading->surcharge_count; i++)
		rest -= reading->surcharges[i].amount;
	/* Taxes may be inside or on top. */
	for (size_t i = 0; i < reading->tax_count && rest != 0; i++)
		rest -= reading->taxes[i].amount;
	assert(reading->has_total && reading->line_count > 0 && (rest == 0 || reading->tax_count > 1));
}

static void learn(const struct bytes *base, struct arena *arena, const struct page *pages, size_t count)
{
	BYTES_CLEANUP struct bytes problems = {.max = 1 << 20};
	CLEANUP(profile_freep) struct profile *profile = NULL;
	struct lesson lesson = {0};
	int result = learn_profile(pages, count, base, arena, &lesson, NULL);

	assert(result == 0 || result == FAULT_MEMORY);
	if (result == 0) {
		assert(profile_new("learned", &lesson.ini, &profile, &problems, NULL) == 0);
		for (size_t i = 0; i < count; i++)
			if (lesson.readings[i].kind == READING_SALE && lesson.readings[i].review == REVIEW_NONE)
				check_sale(&lesson.readings[i]);
		for (size_t i = 0; i < LEARN_FIELD_COUNT; i++)
			assert(lesson.confidence[i] >= 0 && lesson.confidence[i] <= 100);
	}
	lesson_done(&lesson);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct letters *letters; /* opened once, as the words of the default profile are read once */
	static struct bytes base = {.max = PROFILE_FILE_MAX};
	CLEANUP(arena_freep) struct arena *arena = arena_new((size_t)64 << 20);
	struct page pages[LEARN_BILLS_MAX];
	size_t count = 0;

	if (!letters &&
		(letters_new(&letters, NULL) != 0 || file_read("drivers/profiles/default.ini", &base, NULL) < 0))
		abort();
	for (const uint8_t *end = data + size; arena && data < end && count < LEARN_BILLS_MAX;) {
		const uint8_t *stop = memchr(data, '\f', (size_t)(end - data));
		size_t len = (size_t)((stop ? stop : end) - data);

		if (read_page(letters, arena, data, len, &pages[count]) != 0)
			return 0;
		count++;
		data += len + (stop != NULL);
	}
	if (count > 0)
		learn(&base, arena, pages, count);
	return 0;
}
