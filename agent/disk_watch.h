/* disk_watch: main's look at the disk once a second: the reserve, main's own handle, the log and the ledger. */
#ifndef HOADON_DISK_WATCH_H
#define HOADON_DISK_WATCH_H

#include "store/disk.h"

struct disk_watch {
	struct disk *disk; /* borrowed */
	const struct clock *clock;
	struct store *store; /* main's own handle, borrowed */
	int failures;	     /* told so far, as the next */
	enum disk_state told, recorded;
};

/** disk_watch_start() - the task of a full disk that an earlier run left open is settled; who finds the disk full opens another. 0 or < 0. Thread: main. */
int disk_watch_start(struct disk_watch *watch, struct fault *fault) MUST_CHECK;
/** disk_watch_tick() - a timer of the loop; @context is a struct disk_watch. What fails is logged. Return: 0. Thread: main. */
int disk_watch_tick(void *context, uint32_t events, struct fault *fault);

#endif
