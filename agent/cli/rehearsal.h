/* rehearsal: what would be issued at another time, tried out on a copy of the store by the real issuer. */
#ifndef HOADON_CLI_REHEARSAL_H
#define HOADON_CLI_REHEARSAL_H

#include "capture/driver.h"
#include "cli/cli.h"
#include "core/slot.h"

#define REHEARSAL_BILLS_MAX 4

struct rehearsal { /* a copy in a folder of its own, with a clock of its own */
	char dir[64];
	struct clock clock;
	char clock_file[80];
	struct slot *bills[REHEARSAL_BILLS_MAX];
	size_t count;
};

/** rehearsal_begin() - copy the store that @cli names, and let the copy's clock stand at @now_ms. 0; CLI_PERMISSION after saying so; < 0. */
int rehearsal_begin(struct cli *cli, int64_t now_ms, struct rehearsal *ret, struct fault *fault) MUST_CHECK;
/** rehearsal_add() - a bill of one line of 110,000 đồng at @rate that the first till sold at @sold_at; @now_ms as in _begin(). 0 or < 0. */
int rehearsal_add(struct cli *cli, struct rehearsal *rehearsal, int64_t sold_at, enum vat_rate rate, int64_t now_ms,
	struct fault *fault) MUST_CHECK;
/** rehearsal_run() - issue what was added; the answers stand in the bills. 0 or < 0. */
int rehearsal_run(struct cli *cli, struct rehearsal *rehearsal, struct fault *fault) MUST_CHECK;
/** rehearsal_done() - nothing is left of the copy. */
void rehearsal_done(struct rehearsal *rehearsal);

#endif
