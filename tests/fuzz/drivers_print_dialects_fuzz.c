/*
 * Any bytes as a print stream, in every printer language: no crash, the same events whole and in pieces, and every byte belongs to
 * one event but for what garbage hides. Corpus: tests/dialects.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/drivers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct told {
	uint64_t digest; /* FNV-1a over every member of every event */
	uint64_t end;
	size_t count;
	bool is_garbage;
};

static void mix(struct told *told, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		told->digest = (told->digest ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
}

static void note(void *context, const struct print_event *event)
{
	struct told *told = context;

	assert(event->kind < PRINT_KINDS);
	assert(event->len <= PRINT_LENGTH_MAX && event->length <= PRINT_LENGTH_MAX);
	if (event->length > 0) {
		assert(told->is_garbage ? event->offset >= told->end : event->offset == told->end);
		told->end = event->offset + event->length;
		told->is_garbage = event->kind == PRINT_GARBAGE;
	}
	mix(told, &event->kind, sizeof(event->kind));
	mix(told, &event->offset, sizeof(event->offset));
	mix(told, &event->length, sizeof(event->length));
	mix(told, event->value, sizeof(event->value));
	mix(told, event->bytes, event->len);
	mix(told, event->command, event->length);
	told->count++;
}

static struct told tell(const struct print_dialect_ops *dialect, const uint8_t *data, size_t size, size_t step)
{
	struct told told = {.digest = UINT64_C(0xcbf29ce484222325)};
	struct print_sink sink = {note, &told};
	void *state = calloc(1, dialect->state_size);

	assert(state);
	for (size_t at = 0; at < size; at += step)
		assert(dialect->feed(state, data + at, size - at < step ? size - at : step, &sink) == 0);
	assert(dialect->flush(state, &sink) == 0);
	assert(told.is_garbage || told.end == size);
	free(state);
	return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t step = size ? 2 + data[size - 1] % 61 : 1;

	for (size_t i = 0; driver_print_dialects[i]; i++) {
		struct told whole = tell(driver_print_dialects[i], data, size, size + 1);
		struct told pieces = tell(driver_print_dialects[i], data, size, size < 4096 ? 1 : step);
		struct told more = tell(driver_print_dialects[i], data, size, step);

		assert(whole.digest == pieces.digest && whole.count == pieces.count);
		assert(whole.digest == more.digest && whole.count == more.count);
	}
	return 0;
}
