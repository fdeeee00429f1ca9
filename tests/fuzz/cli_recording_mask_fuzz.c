/*
 * Any bytes as a recording that is masked, in every printer language: refused, or the same events at the same places, in which letters alone
 * changed, each into one that stands for any.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cli/recording.h"
#include "cli/recording_mask.h"
#include "drivers/drivers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char stand_ins[] = "xXaA0\xC3\xA0\xE1\xBA\xA1";

/* All of an event but its letters. */
static void write_down(void *context, const struct print_event *event)
{
	bytes_printf(context, "%d %llu %zu %d %d %zu\n", (int)event->kind, (unsigned long long)event->offset,
		event->length, event->value[0], event->value[1], event->len);
	if (event->kind != PRINT_TEXT)
		bytes_hex(context, event->command, event->length);
}

static void tell(const struct print_dialect_ops *dialect, const struct bytes *stream, struct bytes *log)
{
	const struct print_sink sink = {write_down, log};

	assert(recording_tell(dialect, stream, &sink, NULL) == 0);
}

static void mask(const struct print_dialect_ops *dialect, const uint8_t *data, size_t size)
{
	BYTES_CLEANUP struct bytes stream = {.max = RECORDING_MAX};
	BYTES_CLEANUP struct bytes before = {.max = RECORDING_MAX};
	BYTES_CLEANUP struct bytes after = {.max = RECORDING_MAX};
	size_t lines = 0, changed = 0;
	struct fault fault = {0};
	int result;

	bytes_append(&stream, data, size);
	tell(dialect, &stream, &before);
	result = recording_mask(dialect, &stream, &lines, &fault);
	assert(result == 0 || (result < 0 && fault.text[0] != '\0'));
	if (result != 0)
		return;
	tell(dialect, &stream, &after);
	assert(stream.len == size && before.len == after.len && memcmp(before.data, after.data, before.len) == 0);
	for (size_t i = 0; i < size; i++) {
		bool is_changed = stream.data[i] != data[i];

		changed += is_changed;
		assert(!is_changed || strchr(stand_ins, stream.data[i]));
	}
	assert(changed == 0 || lines > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; size > 0 && driver_print_dialects[i]; i++)
		mask(driver_print_dialects[i], data, size);
	return 0;
}
