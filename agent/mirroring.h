/* mirroring: the mirror's thread: a step a few times a second; says when the second medium is gone and when it is back. */
#ifndef HOADON_MIRRORING_H
#define HOADON_MIRRORING_H

#include "core/config.h"
#include "store/mirror.h"

struct mirroring;

/** mirroring_start() - hold the WAL from now on, start the thread. A medium that is not there is no failure. 0 or < 0. Thread: main, before the issuer's. */
int mirroring_start(
	const struct config *config, const struct clock *clock, struct mirroring **ret, struct fault *fault) MUST_CHECK;
/** mirroring_look() - once a second, with main's own @store: bound the WAL, open or close the task of a medium that is gone. Thread: main. */
void mirroring_look(struct mirroring *mirroring, struct store *store);
/** mirroring_state() - for web_settings.mirror_state. Thread: any. */
void mirroring_state(void *context, struct mirror_state *ret);
/** mirroring_stop() - ship the rest, end the thread and free; NULL is allowed. A medium that hangs is waited for 5 s and then left behind. After the last COMMIT. */
void mirroring_stop(struct mirroring *mirroring);

#endif
