/* reader: hoadond's end of hoadon-reader, the process of one port that reads what its tills print and has neither store, key, network nor files. */
#ifndef HOADON_READER_H
#define HOADON_READER_H

#include "base/bytes.h"
#include "base/loop.h"
#include "capture/link.h"

struct reader;

/* Borrowed until reader_free(); what is in the buffers is given to each new process. */
struct reader_settings {
	const char *program; /* NULL: hoadon-reader beside the running program, else the installed one */
	const char *port;    /* its name, for the log */
	const char *dialect; /* printer language: row of drivers/print_dialects.c */
	const char *till_id;
	int columns;		       /* letters of normal width across the paper */
	bool is_vat_included;	       /* the prices on its bills hold the tax */
	bool has_rates;		       /* form 1 */
	const struct bytes *profile;   /* INI */
	const struct bytes *catalogue; /* CSV; NULL where has_rates is false */
	const struct bytes *glyphs;    /* schemas/capture/GLYPHS.md; NULL: pictures are not read */
	int64_t stuck_ms;	       /* nothing told for so long while something is owed: it is killed; 0 = 5 s */
};

/* All within the loop; @context is the receiver's. They may call reader_begin(), reader_feed() and reader_end(). */
struct reader_events {
	void *context;
	/** seen - all before @offset holds no cut but those that were told: it may be printed. One for each reader_feed(). */
	void (*seen)(void *context, uint32_t stream, uint64_t offset);
	/** cut - this one ends a receipt with printed lines, not before what was seen; @state is what holds there. */
	void (*cut)(void *context, uint32_t stream, uint64_t offset, uint64_t length, const struct print_state *state);
	/** asked - the till asks how the printer stands, by @command of @len bytes, and waits for an answer. Borrowed for the call. */
	void (*asked)(void *context, uint32_t stream, const uint8_t *command, size_t len);
	/** receipt - what it says; follows its cut. Borrowed for the call. */
	void (*receipt)(void *context, uint32_t stream, const struct link_receipt *receipt);
	/** ended - nothing more will be told of @stream, or of a receipt before an idle while: the answer to reader_end(). */
	void (*ended)(void *context, uint32_t stream);
	/** gone - the process died or was stuck: its streams are forgotten, and what was not told will not be. */
	void (*gone)(void *context);
};

enum reader_result { READER_AWAY = 1, READER_FULL = 2 };

/**
 * reader_new() - start the process of a port; when it ends it is started again, after a pause that doubles up to a minute
 * @loop: is not run any more when the reader is freed
 *
 * Return: 0 with @ret to be freed with reader_free(), also where the process cannot be started now; < 0.
 * Thread: the loop's, as all calls here.
 */
int reader_new(const struct reader_settings *settings, const struct reader_events *events, struct loop *loop,
	struct reader **ret, struct fault *fault) MUST_CHECK;

/** reader_free() - kill the process and wait for its end; NULL is allowed. */
void reader_free(struct reader *reader);
DEFINE_CLEANUP(struct reader *, reader_free)

/** reader_is_ready() - whether its process runs and took the settings; what is begun before waits for that. */
bool reader_is_ready(const struct reader *reader) MUST_CHECK;

/** reader_begin() - a new @stream (a number that was never used before). 0; READER_AWAY: no process now; READER_FULL: LINK_STREAMS_MAX are open. */
int reader_begin(struct reader *reader, uint32_t stream) MUST_CHECK;

/** reader_feed() - the next @len bytes of @stream, which came at @received_at (ms UTC). Never blocks. 0; READER_AWAY: the stream is forgotten. */
int reader_feed(struct reader *reader, uint32_t stream, int64_t received_at, const void *bytes, size_t len) MUST_CHECK;

/** reader_end() - @stream is over, or with LINK_IDLE the receipt in it. 0; READER_AWAY: the stream is forgotten, or nothing was fed: no answer comes. */
int reader_end(struct reader *reader, uint32_t stream, int64_t received_at, enum link_end why) MUST_CHECK;

#endif
