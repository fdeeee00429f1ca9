/* print_stream: cuts a print stream into letters and commands, for any printer language that can say how long a command is. */
#ifndef HOADON_DRIVERS_PRINT_STREAM_H
#define HOADON_DRIVERS_PRINT_STREAM_H

#include "base/bytes.h"
#include "capture/print.h"

/* Bytes below 0x20 that are letters of TCVN (01 02 04-06 11-17) and VISCII (02 05 06 14 19 1E) */
#define PRINT_LOW_LETTERS 0x42fe0076u

struct print_language {
	uint32_t
		low_letters; /* bit n: byte n below 0x20 is a letter; from 0x20 on all are, in mode 0; in other modes none is */
	/**
	 * length - of the command at @at, of which @have >= 1 bytes are there: n <= @have is all of it, n > @have asks for n bytes before it
	 * can tell more. @is_end: no further byte will come. The answer hangs on the bytes of the command alone, never on how many follow.
	 */
	size_t (*length)(const uint8_t *at, size_t have, bool is_end, int mode);
	/** tell - read the command event->command of event->length bytes: set its kind, values and bytes. More events: print_also(). */
	void (*tell)(struct print_event *event, int mode, const struct print_sink *sink);
	/** resumes - whether the two bytes at @at begin a reset or a cut: garbage ends there. */
	bool (*resumes)(const uint8_t *at);
	/** mode - the mode behind the command at @at of @len bytes, which was read in @mode; NULL: there is but mode 0, in which a stream begins. */
	int (*mode)(const uint8_t *at, size_t len, int mode);
};

/* A row of a language's tables of commands: how long one is, and what it says. */
struct print_command {
	uint8_t length; /* in all, 0: measure says it */
	size_t (*measure)(const uint8_t *c, size_t have);
	uint8_t least; /* with so many bytes it is whole where the stream ends; 0: it never is */
	enum print_event_kind kind;
	void (*read)(struct print_event *event); /* NULL: the event says it all */
};

#define PRINT_PLAIN(n, what)                                                                                           \
	{                                                                                                              \
		.length = (n), .kind = PRINT_##what                                                                    \
	}
#define PRINT_VALUE(n, what, how)                                                                                      \
	{                                                                                                              \
		.length = (n), .kind = PRINT_##what, .read = read_##how                                                \
	}
#define PRINT_LONG(size, what)                                                                                         \
	{                                                                                                              \
		.measure = measure_##size, .kind = PRINT_##what                                                        \
	}
#define PRINT_LONG_VALUE(size, what, how)                                                                              \
	{                                                                                                              \
		.measure = measure_##size, .kind = PRINT_##what, .read = read_##how                                    \
	}

/** print_word() - the two bytes at @c, the low one first. Thread: any. */
static inline size_t print_word(const uint8_t *c)
{
	return c[0] + (size_t)256 * c[1];
}

/** print_long() - the four bytes at @c, the low one first. Thread: any. */
static inline uint64_t print_long(const uint8_t *c)
{
	return print_word(c) | (uint64_t)print_word(c + 2) << 16;
}

/** print_length() - @head and @data bytes; what is more than PRINT_LENGTH_MAX stays more, also where a size_t has 32 bits. Thread: any. */
static inline size_t print_length(size_t head, uint64_t data)
{
	return data > PRINT_LENGTH_MAX ? PRINT_LENGTH_MAX + 1 : head + (size_t)data;
}

struct print_stream {
	struct bytes pending; /* the command or text that is not complete */
	size_t need;	      /* bytes of it before it is worth a look */
	uint64_t offset;      /* in the stream, of the first byte that was not told */
	int mode;
	bool is_garbage;
	bool is_lost; /* without memory bytes were lost */
};

/** print_stream_feed() - feed of struct print_dialect_ops for @language; @stream is zeroed before the first call. Thread: owner. */
int print_stream_feed(struct print_stream *stream, const struct print_language *language, const void *bytes, size_t len,
	const struct print_sink *sink) MUST_CHECK;

/** print_stream_undecided() - undecided of struct print_dialect_ops for @language. Thread: owner. */
size_t print_stream_undecided(const struct print_stream *stream, const struct print_language *language) MUST_CHECK;

/** print_stream_flush() - flush of struct print_dialect_ops for @language. Thread: owner. */
int print_stream_flush(
	struct print_stream *stream, const struct print_language *language, const struct print_sink *sink) MUST_CHECK;

/* NAME_feed, NAME_undecided and NAME_flush of struct print_dialect_ops, for `static const struct print_language NAME`. */
#define PRINT_STREAM_CALLS(name)                                                                                       \
	static int name##_feed(void *state, const void *bytes, size_t len, const struct print_sink *sink)              \
	{                                                                                                              \
		return print_stream_feed(state, &(name), bytes, len, sink);                                            \
	}                                                                                                              \
	static size_t name##_undecided(const void *state)                                                              \
	{                                                                                                              \
		return print_stream_undecided(state, &(name));                                                         \
	}                                                                                                              \
	static int name##_flush(void *state, const struct print_sink *sink)                                            \
	{                                                                                                              \
		return print_stream_flush(state, &(name), sink);                                                       \
	}

/** print_command_find() - the row of @table (256 rows) for @byte; NULL: that is no command. Thread: any. */
const struct print_command *print_command_find(const struct print_command *table, uint8_t byte);

/**
 * print_command_length() - length of struct print_language for a command whose @prefix bytes (2 ..) end with the one that @table has a row for
 *
 * What is no command is its prefix, without the last byte where that is a control, so that a line feed or the next command is never lost.
 * Thread: any.
 */
size_t print_command_length(
	const struct print_command *table, size_t prefix, const uint8_t *at, size_t have, bool is_end);

/** print_command_tell() - tell of struct print_language for @command, NULL: one that is unknown. Thread: any. */
void print_command_tell(const struct print_command *command, struct print_event *event);

/** print_measure_tabs() - measure of struct print_command for tab stops behind a prefix of two bytes, n1 .. NUL; one that does not increase is no stop any more
 * but what follows. Thread: any. */
size_t print_measure_tabs(const uint8_t *c, size_t have);

/** print_read_tabs() - read of struct print_command for what print_measure_tabs() measured. Thread: any. */
void print_read_tabs(struct print_event *event);

/** print_also() - tell @event now; afterwards it is another event of the same command, to be set anew. Thread: owner. */
void print_also(struct print_event *event, const struct print_sink *sink);

#endif
