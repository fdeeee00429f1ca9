/* sending: the sender's thread: steps while there is work, sleeps until something waits or time has come. */
#ifndef HOADON_SENDING_H
#define HOADON_SENDING_H

#include <stdatomic.h>

#include "base/pulse.h"
#include "issue/key.h"
#include "send/send.h"

struct sending_settings { /* borrowed for its life */
	const struct config *config;
	const struct clock *clock;
	const struct key *key;	       /* NULL = none: nothing is packed, as it is until the key is open */
	struct disk *disk;	       /* shared by all handles */
	const struct bytes *recurring; /* what the store learns */
	struct pulse *pulse;
};

struct sending;

/** sending_start() - open the routes and a store handle, start the thread. A route whose password or certificates cannot be read waits for them. 0 or < 0. */
int sending_start(const struct sending_settings *settings, struct sending **ret, struct fault *fault) MUST_CHECK;
/** sending_wake() - @issued more invoices wait. Thread: any. */
void sending_wake(struct sending *sending, size_t issued);
/** sending_routes() - how the routes stand, an enum routes_standing; borrowed. Thread: any. */
const atomic_int *sending_routes(const struct sending *sending);
/** sending_stop() - end the thread, also in the middle of a call, and free; NULL is allowed. An interrupted call's outcome is unknown and asked for later. */
void sending_stop(struct sending *sending);
DEFINE_CLEANUP(struct sending *, sending_stop)

#endif
