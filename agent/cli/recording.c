#include "cli/recording.h"

#include <stdlib.h>

#include "capture/head.h"
#include "drivers/drivers.h"

#define COLUMNS_MAX 255

int recording_tell(const struct print_dialect_ops *dialect, const struct bytes *stream, const struct print_sink *sink,
	struct fault *fault)
{
	CLEANUP(freep) void *state = calloc(1, dialect->state_size);
	int result = state ? dialect->feed(state, stream->data, stream->len, sink) : FAULT_MEMORY;

	if (state && dialect->flush(state, sink) && result == 0)
		result = FAULT_MEMORY;
	return result ? FAULT(fault, FAULT_MEMORY, "no memory for the print stream") : 0;
}

static void count_unread(void *context, const struct print_event *event)
{
	size_t *count = context;

	*count += event->kind == PRINT_UNKNOWN || event->kind == PRINT_GARBAGE || event->kind == PRINT_INCOMPLETE;
}

int recording_dialect(
	const struct cli *cli, const struct bytes *stream, const struct print_dialect_ops **ret, struct fault *fault)
{
	const char *name = cli_value(cli, "dialect");
	size_t least = SIZE_MAX;

	if (name) {
		*ret = driver_print_dialect(name);
		return *ret ? 0
			    : cli_usage(cli, "there is no such printer language: hoadon help drivers",
				      "không có ngôn ngữ máy in này: hoadon help drivers");
	}
	for (size_t i = 0; driver_print_dialects[i]; i++) {
		size_t count = 0;
		struct print_sink sink = {count_unread, &count};
		int result = recording_tell(driver_print_dialects[i], stream, &sink, fault);

		if (result)
			return result;
		if (count < least)
			*ret = driver_print_dialects[i];
		least = count < least ? count : least;
	}
	return 0;
}

int recording_columns(const struct cli *cli, int64_t *ret)
{
	const char *text = cli_value(cli, "columns");

	*ret = HEAD_DOTS_80MM / HEAD_LETTER_DOTS;
	if (text && (cli_number(text, ret) || *ret > COLUMNS_MAX))
		return cli_usage(cli, "--columns is a number from 1 to 255", "--columns là số từ 1 đến 255");
	return 0;
}

int recording_encoding(const struct cli *cli, enum page_encoding *ret)
{
	const char *word = cli_value(cli, "encoding");

	if (word && page_encoding_parse(word, ret))
		return cli_usage(cli, "--encoding is utf-8, tcvn, cp1258, viscii, pages …",
			"--encoding là utf-8, tcvn, cp1258, viscii, pages …");
	return 0;
}
