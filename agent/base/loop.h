/* loop: one epoll loop; sources, web and timers hang on it. */
#ifndef HOADON_BASE_LOOP_H
#define HOADON_BASE_LOOP_H

#include <stdint.h>

#include "base/fault.h"

struct loop;
/* Called with the ready events (EPOLLIN …). A failure (< 0) ends the loop. */
typedef int loop_fn(void *context, uint32_t events, struct fault *fault);

/** loop_new() - an empty loop; 0 or < 0. Thread: a loop belongs to the thread that runs it. */
int loop_new(struct loop **ret, struct fault *fault) MUST_CHECK;
/** loop_free() - NULL is allowed; the watched descriptors stay open. */
void loop_free(struct loop *loop);
DEFINE_CLEANUP(struct loop *, loop_free)
/**
 * loop_watch() - call @fn with @context when @fd has @events; a second call for @fd replaces the first, the same again costs nothing.
 * loop_unwatch() comes before close(). 0 or < 0.
 */
int loop_watch(struct loop *loop, int fd, uint32_t events, loop_fn *fn, void *context, struct fault *fault) MUST_CHECK;
/** loop_unwatch() - forget @fd. */
void loop_unwatch(struct loop *loop, int fd);
/** loop_every() - call @fn (events 0) each @period_ms from now on. 0 or < 0. */
int loop_every(struct loop *loop, int64_t period_ms, loop_fn *fn, void *context, struct fault *fault) MUST_CHECK;
/** loop_run() - until loop_stop() or a failure. 0 or < 0. */
int loop_run(struct loop *loop, struct fault *fault) MUST_CHECK;
/** loop_stop() - loop_run() returns after the current call. Thread: the loop's own. */
void loop_stop(struct loop *loop);

#endif
