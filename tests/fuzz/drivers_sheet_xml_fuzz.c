/* Any bytes as an XML file of bills: refused with a reason, or rows whose values are all there, clean, and belong to a bill. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "drivers/drivers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(SHEET_ARENA_MAX);
	struct problem problem = {0};
	struct sheet sheet;
	int result;

	if (!arena)
		return 0;
	result = sheet_xml(data, size, arena, &sheet, &problem);
	assert(result == 0 || (result == PROBLEM_SHEET_UNREAD && problem.extra[0] != '\0'));
	for (size_t i = 0; result == 0 && i < sheet.row_count; i++) {
		assert(sheet.rows[i].sale > 0);
		for (size_t field = 0; field < SHEET_FIELD_COUNT; field++) {
			const char *value = sheet.rows[i].values[field];
			uint32_t point;

			assert(text_is_utf8(value, strlen(value)));
			for (size_t step; (step = text_next(value, &point)) > 0; value += step)
				assert(!text_is_control(point));
		}
	}
	return 0;
}
