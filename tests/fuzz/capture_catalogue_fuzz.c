/* Any bytes as a catalogue.csv: refused with a sentence, or every item of it is found again by its code and by its name. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "capture/catalogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(catalogue_freep) struct catalogue *catalogue = NULL;
	CLEANUP(arena_freep) struct arena *arena = arena_new((size_t)64 << 20);
	const struct catalogue_item *item = NULL;
	struct fault fault = {0};

	if (!arena)
		return 0;
	if (catalogue_read(data, size, &catalogue, &fault) != 0) {
		assert(fault.text[0] != '\0' && !catalogue);
		return 0;
	}
	if (catalogue_count(catalogue) == 0 ||
		catalogue_find(catalogue, arena, NULL, "Cà phê sữa đá", &item) != CATALOGUE_FOUND)
		return 0;
	assert(item->rate > VAT_NONE && item->rate < VAT_COUNT && item->name[0] != '\0');
	if (item->code) {
		const struct catalogue_item *by_code = NULL;

		assert(catalogue_find(catalogue, arena, item->code, "", &by_code) == CATALOGUE_FOUND &&
			by_code == item);
	}
	return 0;
}
