/* dayend: once a day, what is missing of the day before is recorded in the ledger, and a task is open while anything of the last week is missing. */
#ifndef HOADON_DAYEND_H
#define HOADON_DAYEND_H

#include "base/clock.h"
#include "core/config.h"
#include "store/store.h"

struct dayend {
	const struct config *config; /* borrowed, as is clock */
	const struct clock *clock;
	int32_t day;		   /* the last that was judged; 0 = not looked at yet */
	int64_t look_at, alive_at; /* monotonic ms: not before */
	bool has_failed;	   /* the last look */
};

/** dayend_init() - @config and @clock are borrowed. */
void dayend_init(struct dayend *dayend, const struct config *config, const struct clock *clock);
/** dayend_step() - judge a day that is over and was not judged, see what was filled meanwhile, and note that hoadond is alive. 0 or < 0. Thread: owner of @store. */
int dayend_step(struct dayend *dayend, struct store *store, struct fault *fault) MUST_CHECK;

#endif
