#include "drivers/print_stream.h"

#include <string.h>

#include "base/fault.h"

#define TAB_STOPS_MAX 32
#define COMMAND_ROOM  64 /* of the head of a command, beside what it declares */
#define PREFIX_LEN    2

void print_also(struct print_event *event, const struct print_sink *sink)
{
	sink->event(sink->context, event);
	*event = (struct print_event){.kind = PRINT_OTHER, .offset = event->offset, .command = event->command};
}

const struct print_command *print_command_find(const struct print_command *table, uint8_t byte)
{
	return table[byte].length || table[byte].measure ? &table[byte] : NULL;
}

size_t print_command_length(
	const struct print_command *table, size_t prefix, const uint8_t *at, size_t have, bool is_end)
{
	const struct print_command *command;
	size_t n;

	if (have < prefix)
		return prefix;
	command = print_command_find(table, at[prefix - 1]);
	if (!command)
		return at[prefix - 1] < 0x20 ? prefix - 1 : prefix;
	n = command->measure ? command->measure(at, have) : command->length;
	return n > have && is_end && command->least && have >= command->least ? have : n;
}

void print_command_tell(const struct print_command *command, struct print_event *event)
{
	event->kind = command ? command->kind : PRINT_UNKNOWN;
	if (command && command->read)
		command->read(event);
}

size_t print_measure_tabs(const uint8_t *c, size_t have)
{
	for (size_t n = 2; n < 2 + TAB_STOPS_MAX; n++) {
		if (n >= have || c[n] == '\0')
			return n + 1;
		if (n > 2 && c[n] <= c[n - 1])
			return n;
	}
	return 2 + TAB_STOPS_MAX;
}

void print_read_tabs(struct print_event *event)
{
	event->bytes = event->command + 2;
	event->len = event->length - 2;
	if (event->len > 0 && event->bytes[event->len - 1] == '\0')
		event->len--;
}

static bool is_letter(const struct print_language *language, uint8_t byte)
{
	return byte >= 0x20 || (language->low_letters >> byte & 1);
}

static size_t text_length(const struct print_language *language, const uint8_t *at, size_t have, bool is_end)
{
	size_t n = 0;

	while (n < have && n < PRINT_TEXT_MAX && is_letter(language, at[n]))
		n++;
	return n == have && n < PRINT_TEXT_MAX && !is_end ? n + 1 : n;
}

/* Garbage is left behind but for its last byte, which may begin what ends it. */
static size_t skip_garbage(
	struct print_stream *stream, const struct print_language *language, const uint8_t *at, size_t have, bool is_end)
{
	for (size_t i = 0; i + 1 < have; i++)
		if (language->resumes(at + i)) {
			stream->is_garbage = false;
			return i;
		}
	return is_end ? have : have - 1;
}

static void tell(const struct print_stream *stream, const struct print_language *language, const uint8_t *at, size_t n,
	enum print_event_kind kind, const struct print_sink *sink)
{
	struct print_event event = {.kind = kind, .offset = stream->offset, .length = n, .command = at};

	if (kind == PRINT_TEXT) {
		event.bytes = at;
		event.len = n;
	} else if (kind == PRINT_OTHER) {
		language->tell(&event, stream->mode, sink);
	}
	sink->event(sink->context, &event);
}

/* Tells what is complete of @have bytes; returns how many bytes that is. stream->need is what the rest waits for. */
static size_t tell_complete(struct print_stream *stream, const struct print_language *language, const uint8_t *at,
	size_t have, bool is_end, const struct print_sink *sink)
{
	size_t done = 0;

	while (done < have) {
		const uint8_t *next = at + done;
		size_t rest = have - done;
		bool is_text = stream->mode == 0 && is_letter(language, *next);
		enum print_event_kind kind = is_text ? PRINT_TEXT : PRINT_OTHER;
		size_t n;

		if (stream->is_garbage) {
			n = skip_garbage(stream, language, next, rest, is_end);
			done += n;
			stream->offset += n;
			if (!stream->is_garbage)
				continue;
			stream->need = PREFIX_LEN;
			break;
		}
		n = is_text ? text_length(language, next, rest, is_end)
			    : language->length(next, rest, is_end, stream->mode);
		if (n > PRINT_LENGTH_MAX) {
			kind = PRINT_GARBAGE;
			stream->is_garbage = true;
			n = PREFIX_LEN;
		} else if (n > rest && is_end) {
			kind = PRINT_INCOMPLETE;
			n = rest;
		} else if (n > rest) {
			stream->need = n;
			break;
		}
		tell(stream, language, next, n, kind, sink);
		if (kind == PRINT_OTHER && language->mode)
			stream->mode = language->mode(next, n, stream->mode);
		done += n;
		stream->offset += n;
	}
	return done;
}

static void drop(struct bytes *bytes, size_t n)
{
	memmove(bytes->data, bytes->data + n, bytes->len - n);
	bytes->len -= n;
}

int print_stream_feed(struct print_stream *stream, const struct print_language *language, const void *bytes, size_t len,
	const struct print_sink *sink)
{
	const uint8_t *at = bytes;

	stream->pending.max = PRINT_LENGTH_MAX + COMMAND_ROOM;
	while (len > 0 && !stream->is_lost) {
		size_t n = 0;

		if (stream->pending.len == 0)
			n = tell_complete(stream, language, at, len, false, sink);
		at += n;
		len -= n;
		if (len == 0)
			break;
		n = stream->need - stream->pending.len < len ? stream->need - stream->pending.len : len;
		bytes_append(&stream->pending, at, n);
		if (stream->pending.failed) {
			stream->is_lost = true;
			break;
		}
		at += n;
		len -= n;
		if (stream->pending.len >= stream->need)
			drop(&stream->pending, tell_complete(stream, language, stream->pending.data,
						       stream->pending.len, false, sink));
	}
	return stream->is_lost ? FAULT_MEMORY : 0;
}

/* Letters are no cut, nor is a command that has more bytes than one; of garbage the last byte may begin one. */
size_t print_stream_undecided(const struct print_stream *stream, const struct print_language *language)
{
	const struct bytes *pending = &stream->pending;

	if (pending->len == 0 || pending->len > PRINT_CUT_MAX)
		return 0;
	return !stream->is_garbage && stream->mode == 0 && is_letter(language, pending->data[0]) ? 0 : pending->len;
}

int print_stream_flush(
	struct print_stream *stream, const struct print_language *language, const struct print_sink *sink)
{
	bool is_lost = stream->is_lost;

	if (!is_lost)
		(void)tell_complete(stream, language, stream->pending.data, stream->pending.len, true, sink);
	bytes_done(&stream->pending);
	*stream = (struct print_stream){.need = 0};
	return is_lost ? FAULT_MEMORY : 0;
}
