/* hold: which bytes of a print stream may go to the printer now. The cut that ends a receipt waits a while for its annex. Pure. */
#ifndef HOADON_CAPTURE_HOLD_H
#define HOADON_CAPTURE_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define HOLD_ANNEX_MAX	 24576 /* all of it drawn has 16 kB */
#define HOLD_CUTS_MAX	 16    /* that wait at a time; a further one is not held */
#define HOLD_PATIENCE_MS 100
#define HOLD_NEVER	 INT64_MAX

#define HOLD_LATE 1 /* condition of hold_cut() and hold_annex(): the cut is not held, or not any more */

struct hold;

/**
 * hold_new() - nothing held, nothing passed
 * @max:         most bytes of the till that wait (1 ..); beyond, the till is not read
 * @hold_ms:     how long a cut waits for its annex, from its arrival (0 ..)
 * @patience_ms: how long bytes wait for the reader's word on them, from their arrival (0 ..): a stuck reader stops no paper
 *
 * Return: to be freed with hold_free(); NULL without memory.
 * Thread: a hold belongs to one thread at a time. All times are milliseconds of one clock that never goes back.
 */
struct hold *hold_new(size_t max, int64_t hold_ms, int64_t patience_ms) MUST_CHECK;
/** hold_free() - NULL is allowed. */
void hold_free(struct hold *hold);
DEFINE_CLEANUP(struct hold *, hold_free)

/** hold_room() - how many bytes it takes now; 0: the till waits. */
size_t hold_room(const struct hold *hold);
/** hold_take() - @len bytes of the till, at most hold_room(), that came at @now_ms. 0, or FAULT_MEMORY and nothing was taken. */
int hold_take(struct hold *hold, const void *bytes, size_t len, int64_t now_ms) MUST_CHECK;

/** hold_seen() - before @offset of the stream there is no cut but those told by hold_cut(); UINT64_MAX: nobody will tell of any. */
void hold_seen(struct hold *hold, uint64_t offset);
/**
 * hold_cut() - the @length bytes at @offset cut a receipt: they wait for hold_annex()
 * @now_ms: for what became of the bytes meanwhile
 *
 * Cuts are told in the order of the stream and before hold_seen() passes them.
 *
 * Return: 0; HOLD_LATE when it or a part of it is or may be gone already, or too many wait.
 */
int hold_cut(struct hold *hold, uint64_t offset, uint32_t length, int64_t now_ms) MUST_CHECK;
/**
 * hold_annex() - what is to be printed before the cut at @offset
 * @annex: copied; NULL with @len 0: nothing, the cut may go
 * @len:   at most HOLD_ANNEX_MAX
 *
 * Return: 0; HOLD_LATE when the cut went without; FAULT_MEMORY, and it goes without.
 */
int hold_annex(struct hold *hold, uint64_t offset, const void *annex, size_t len, int64_t now_ms) MUST_CHECK;

/** hold_peek() - the bytes that go next into @ret (borrowed until the next call with this hold); how many, 0 = none now. */
size_t hold_peek(struct hold *hold, int64_t now_ms, const uint8_t **ret);
/** hold_went() - the first @len of what hold_peek() gave went to the printer. */
void hold_went(struct hold *hold, size_t len);
/** hold_is_begun() - whether a part of the annex that was taken for the cut at @offset went: it is on paper, or nobody knows. */
bool hold_is_begun(const struct hold *hold, uint64_t offset);
/** hold_next_ms() - when hold_peek() may give more without anything being told; HOLD_NEVER: not before. */
int64_t hold_next_ms(const struct hold *hold);
/** hold_waiting() - bytes of the till that have not gone. */
size_t hold_waiting(const struct hold *hold);

#endif
