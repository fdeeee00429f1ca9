/* Any bytes as an answer: no crash, every text is there, and nothing unsigned is called signed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_reason(const struct verdict_reason *reason)
{
	if (!reason->text || !text_is_utf8(reason->text, strlen(reason->text)))
		abort();
	if (reason->has_invoice && (reason->form < 1 || reason->number < 1 || reason->number > NUMBER_LAST ||
					   strlen(reason->serial) != SERIAL_LEN))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct verify_settings settings = {.now_ms = INT64_C(1795317072000)};
	CLEANUP(arena_freep) struct arena *arena = arena_new((size_t)16 << 20);
	struct verdict verdict;
	struct fault fault = {0};
	const char *rule = NULL;
	int result;

	if (!arena)
		return 0;
	result = answer_read(data, size, &settings, arena, &verdict, &rule, &fault);
	if (result == 1 && !rule)
		abort();
	if (result != 0)
		return 0;
	if (verdict.is_signed) /* there are no anchors */
		abort();
	for (size_t i = 0; i < verdict.reason_count; i++)
		check_reason(&verdict.reasons[i]);
	return 0;
}
