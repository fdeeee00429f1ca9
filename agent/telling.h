/* telling: the thread that tells whoever looks after the shop, or after many shops; a slow server holds back nothing else. */
#ifndef HOADON_TELLING_H
#define HOADON_TELLING_H

#include <stdatomic.h>

#include "base/clock.h"
#include "core/config.h"
#include "store/disk.h"

struct telling;

/** telling_start() - open a store handle and the configured channels, start the thread; without a channel it only minds parked sales. @config, @clock, @disk, @ports (see fleet_new()): borrowed for its life. 0 or < 0. */
int telling_start(const struct config *config, const struct clock *clock, struct disk *disk, const atomic_int *ports,
	struct telling **ret, struct fault *fault) MUST_CHECK;
/** telling_stop() - end the thread, also in the middle of a call, and free; NULL is allowed. What was not told is told at the next start. */
void telling_stop(struct telling *telling);
DEFINE_CLEANUP(struct telling *, telling_stop)

#endif
