/* whole: everything that fsck and restore look at: the store, and each message rebuilt. */
#ifndef HOADON_CLI_WHOLE_H
#define HOADON_CLI_WHOLE_H

#include "cli/cli.h"
#include "store/fsck.h"

/** whole_check() - fsck_store() and every message rebuilt to its digest; findings go to @watch. 0; < 0 when the store cannot be read further. */
int whole_check(struct store *store, struct fsck_watch *watch, struct fault *fault) MUST_CHECK;
/** whole_progress() - a line on stderr that is written over: fsck_watch.progress of a terminal. */
void whole_progress(void *context, const char *what, int64_t done);
/** whole_clear() - end that line. */
void whole_clear(void);

#endif
