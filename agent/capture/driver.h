/* driver: the contracts of sources (bytes in) and dialects (bytes → reading). See drivers/README.md. */
#ifndef HOADON_CAPTURE_DRIVER_H
#define HOADON_CAPTURE_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"
#include "core/problem.h"
#include "core/sale.h"

/*
 * A dialect turns the bytes of a frame into a sale. Pure: same bytes, same result; no I/O, no clock, no globals.
 * Feeding one byte at a time equals feeding all at once.
 */
struct dialect_ops {
	const char *name;    /* row of drivers/drivers.c */
	const char *summary; /* one line for `hoadon help drivers` */
	/** feed - take bytes in; 0, or > 0 a problem (too large), < 0 FAULT_MEMORY. @state is zeroed before the first call. */
	int (*feed)(void *state, const void *bytes, size_t len, size_t max, struct problem *problem);
	/** flush - all bytes are there: read them. 0 = a sale in @ret (texts in @arena); > 0 the problem; < 0 FAULT_MEMORY. Frees what @state holds. */
	int (*flush)(void *state, struct arena *arena, struct sale *ret, struct problem *problem);
	size_t state_size;
};

/*
 * A source moves bytes in. It never parses and never blocks; it hangs on the main loop by its descriptor.
 */
struct source_item {	  /* one complete frame */
	const char *name; /* file name, peer: for people */
	const void *bytes;
	size_t len;
	int64_t changed_at; /* when it was written last, ms UTC by the machine's clock */
};
enum source_fate {
	SOURCE_TAKEN,	/* committed: issued, parked or ignored */
	SOURCE_REFUSED, /* wrong in itself: moved aside */
	SOURCE_LATER, /* not whole yet, or the store could not take it: stays where it is, given again behind the next SOURCE_NONE */
};
enum source_next {
	SOURCE_NONE = 1, /* nothing now */
	SOURCE_LEFT = 2, /* name cannot be read and stays where it is, bytes say why; told once each. Ask again. */
};
struct source_ops {
	const char *name;
	const char *summary;
	/** open - start; @ret_fd is readable when next() has something. 0 or < 0. */
	int (*open)(const char *where, void **ret_state, int *ret_fd, struct fault *fault);
	/** next - the next frame: 0 = @ret is set (borrowed until the next call), else enum source_next, < 0 failure. */
	int (*next)(void *state, struct source_item *ret, struct fault *fault);
	/** done - what became of the frame last given: @answer (JSON text) is kept beside it. 0 or < 0. */
	int (*done)(void *state, enum source_fate fate, const char *answer, struct fault *fault);
	void (*close)(void *state);
	/** left - frames that lie at @where untouched since @before_ms (UTC, the machine's own clock); -1 = one cannot look. Needs no open(). */
	int64_t (*left)(const char *where, int64_t before_ms);
};

#endif
