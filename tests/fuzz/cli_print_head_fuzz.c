/*
 * Any bytes printed on the virtual head, in every printer language and on paper of any width: no crash, and each receipt is whole in
 * itself: within its limits, its runs from left to right, its bytes there. Corpus: tests/dialects.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "capture/head.h"
#include "drivers/drivers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint64_t end;
	size_t bytes; /* of all runs: they are read, so that a sanitizer sees each */
};

static void check_receipt(void *context, struct arena *arena, const struct paper *paper)
{
	struct seen *seen = context;

	assert(paper->offset >= seen->end && paper->end >= paper->offset);
	seen->end = paper->end;
	for (size_t i = 0; i < paper->line_count; i++)
		for (size_t j = 0; j < paper->lines[i].run_count; j++) {
			const struct paper_run *run = &paper->lines[i].runs[j];

			assert(run->len > 0 && run->width >= 1 && run->width <= 8 && run->height >= 1 &&
				run->height <= 8);
			assert(j == 0 || run->column >= paper->lines[i].runs[j - 1].column);
			for (size_t k = 0; k < run->len; k++)
				seen->bytes += run->bytes[k] > 0;
		}
	for (size_t i = 0; i < paper->qr_count; i++)
		for (size_t k = 0; k < paper->qr[i].len; k++)
			seen->bytes += paper->qr[i].bytes[k] > 0;
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int widths[] = {1, 11, HEAD_DOTS_58MM, HEAD_DOTS_80MM, HEAD_DOTS_MAX};

	for (size_t i = 0; driver_print_dialects[i]; i++) {
		const struct print_dialect_ops *dialect = driver_print_dialects[i];
		struct seen seen = {.end = 0};
		CLEANUP(head_freep)
		struct head *head = head_new(widths[size ? data[size - 1] % 5 : 0], check_receipt, &seen);
		struct print_sink sink = {head_event, head};
		void *state = calloc(1, dialect->state_size);

		assert(head && state);
		assert(dialect->feed(state, data, size, &sink) == 0);
		assert(dialect->flush(state, &sink) == 0);
		assert(head_end(head) == 0);
		free(state);
	}
	return 0;
}
