/* print_stream: cuts a print stream into letters and commands, for any printer language that can say how long a command is. */
#ifndef HOADON_DRIVERS_PRINT_STREAM_H
#define HOADON_DRIVERS_PRINT_STREAM_H

#include "base/bytes.h"
#include "capture/print.h"

struct print_language {
	const bool *is_text; /* of 256 bytes: which are letters */
	/**
	 * length - of the command at @at, of which @have >= 1 bytes are there: n <= @have is all of it, n > @have asks for n bytes before it
	 * can tell more. @is_end: no further byte will come. The answer hangs on the bytes of the command alone, never on how many follow.
	 */
	size_t (*length)(const uint8_t *at, size_t have, bool is_end);
	/** tell - read the command event->command of event->length bytes: set its kind, values and bytes. More events: print_also(). */
	void (*tell)(struct print_event *event, const struct print_sink *sink);
	/** resumes - whether the two bytes at @at begin a reset or a cut: garbage ends there. */
	bool (*resumes)(const uint8_t *at);
};

struct print_stream {
	struct bytes pending; /* the command or text that is not complete */
	size_t need;	      /* bytes of it before it is worth a look */
	uint64_t offset;      /* in the stream, of the first byte that was not told */
	bool is_garbage;
	bool is_lost; /* without memory bytes were lost */
};

/** print_stream_feed() - feed of struct print_dialect_ops for @language; @stream is zeroed before the first call. Thread: owner. */
int print_stream_feed(struct print_stream *stream, const struct print_language *language, const void *bytes, size_t len,
	const struct print_sink *sink) MUST_CHECK;

/** print_stream_flush() - flush of struct print_dialect_ops for @language. Thread: owner. */
int print_stream_flush(
	struct print_stream *stream, const struct print_language *language, const struct print_sink *sink) MUST_CHECK;

/** print_also() - tell @event now; afterwards it is another event of the same command, to be set anew. Thread: owner. */
void print_also(struct print_event *event, const struct print_sink *sink);

#endif
