/* life: what the ledger says about the program itself: start, stop, a crash found, another configuration. */
#ifndef HOADON_LIFE_H
#define HOADON_LIFE_H

#include "base/options.h"
#include "core/config.h"
#include "store/hold.h"
#include "store/store.h"

/** life_start() - check the ledger's tail, then record start (and crash-found, config-change when so) in one transaction; on another machine than @machine was before the store is held. 0; FAULT_FORMAT when the tail is broken; < 0. */
int life_start(struct store *store, const struct option_set *options, const struct machine *machine,
	struct fault *fault) MUST_CHECK;
/** life_stop() - record an orderly end. 0 or < 0. */
int life_stop(struct store *store, struct fault *fault) MUST_CHECK;

#endif
