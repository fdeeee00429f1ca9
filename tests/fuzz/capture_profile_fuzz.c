/* Any bytes as a profile (before the first NUL, else the default one) and as a receipt: no hang, and a sale whose sums close by another way. */
#include "capture/profile.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define LINES_ROOM 400

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct profile *profile_of(const void *ini, size_t len)
{
	BYTES_CLEANUP struct bytes file = {.max = 2 * PROFILE_FILE_MAX};
	BYTES_CLEANUP struct bytes problems = {.max = 1 << 20};
	struct profile *profile = NULL;
	int result;

	if (ini)
		bytes_append(&file, ini, len);
	else if (file_read("drivers/profiles/default.ini", &file, NULL) < 0)
		abort();
	result = profile_new("p.ini", &file, &profile, &problems, NULL);
	if ((result == 0) != (profile != NULL) || (result == FAULT_CONFIG && problems.len == 0) || (result < 0 && !ini))
		abort();
	return profile;
}

/* What a sale must be, counted without the reader's own sums. */
static void check_sale(const struct reading *reading)
{
	int64_t rest = reading->total;

	for (size_t i = 0; i < reading->line_count; i++) {
		const struct reading_line *line = &reading->lines[i];
		int64_t product;

		rest -= line->amount;
		if (line->amount < 0 || !line->name || !line->has_qty)
			abort();
		if (line->has_unit_price && (decimal_times(line->qty, line->unit_price, &product) != DECIMAL_OK ||
						    product != line->amount + line->discount))
			abort();
	}
	for (size_t i = 0; i < reading->discount_count; i++)
		rest += reading->discounts[i].amount;
	for (size_t i = 0; i < reading->surcharge_count; i++)
		rest -= reading->surcharges[i].amount;
	/* Taxes may be inside or on top. */
	for (size_t i = 0; i < reading->tax_count && rest != 0; i++)
		rest -= reading->taxes[i].amount;
	if (!reading->has_total || !reading->title || reading->line_count == 0 || (rest != 0 && reading->tax_count < 2))
		abort();
}

static void read_receipt(struct profile *profile, const void *bytes, size_t len)
{
	static struct page_line lines[LINES_ROOM];
	CLEANUP(arena_freep) struct arena *arena = arena_new((size_t)16 << 20);
	BYTES_CLEANUP struct bytes out = {.max = (size_t)16 << 20};
	char *text = arena_copy(arena, bytes, len);
	struct page page = {.lines = lines};
	struct reading reading;

	while (text && *text && page.line_count < LINES_ROOM) {
		lines[page.line_count++].text = strsep(&text, "\n");
	}
	if (profile_read(profile, &page, arena, &reading, NULL) < 0)
		return;
	if (reading.review == REVIEW_NONE && reading.kind == READING_SALE)
		check_sale(&reading);
	reading_write(&reading, &out);
	if (out.failed)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct profile *standard; /* compiled once */
	const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
	CLEANUP(profile_freep) struct profile *own = NULL;

	if (!nul) {
		if (!standard)
			standard = profile_of(NULL, 0);
		read_receipt(standard, data, size);
		return 0;
	}
	own = profile_of(data, (size_t)(nul - data));
	if (own)
		read_receipt(own, nul + 1, size - (size_t)(nul - data) - 1);
	return 0;
}
