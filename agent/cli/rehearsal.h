/* rehearsal: what would be issued, tried out by the real issuer on a copy of the store, or on a new one that is thrown away. */
#ifndef HOADON_CLI_REHEARSAL_H
#define HOADON_CLI_REHEARSAL_H

#include "capture/driver.h"
#include "cli/cli.h"
#include "core/slot.h"
#include "issue/key.h"
#include "send/send.h"
#include "store/messages.h"

#define REHEARSAL_BILLS_MAX 4

struct rehearsal { /* in a folder of its own */
	char dir[64];
	struct clock clock;
	char clock_file[80]; /* of a copy, whose time stands still */
	struct slot *bills[REHEARSAL_BILLS_MAX];
	size_t count;
};

struct rehearsal_sent {
	struct message_row message;
	enum invoice_state state; /* of the first bill's invoice */
};

/** rehearsal_begin() - copy the store that @cli names, and let the copy's clock stand at @now_ms. 0; CLI_PERMISSION after saying so; < 0. */
int rehearsal_begin(struct cli *cli, int64_t now_ms, struct rehearsal *ret, struct fault *fault) MUST_CHECK;
/** rehearsal_new() - an empty store at the time of @cli. 0 or < 0. */
int rehearsal_new(const struct cli *cli, struct rehearsal *ret, struct fault *fault) MUST_CHECK;
/** rehearsal_add() - a bill of one line of 110,000 đồng at @rate that the first till sold at @sold_at; @now_ms as in _begin(). 0 or < 0. */
int rehearsal_add(struct cli *cli, struct rehearsal *rehearsal, int64_t sold_at, enum vat_rate rate, int64_t now_ms,
	struct fault *fault) MUST_CHECK;
/** rehearsal_run() - issue what was added; the answers stand in the bills. @signer: an open key for signatures of their own, NULL = none. 0 or < 0. */
int rehearsal_run(
	struct cli *cli, struct rehearsal *rehearsal, const struct key *signer, struct fault *fault) MUST_CHECK;
/**
 * rehearsal_send() - pack what was issued, sign it with @key, and send it over @route until its verdict is there, or @wait_ms is over
 * @route: NULL = it is only packed and signed, nothing leaves
 * @ret:   as it stands then, in the arena of @cli
 *
 * Return: 0; 1 no message came about, as the key did not sign; < 0.
 */
int rehearsal_send(struct cli *cli, struct rehearsal *rehearsal, const struct key *key, const struct send_route *route,
	int64_t wait_ms, struct rehearsal_sent *ret, struct fault *fault) MUST_CHECK;
/** rehearsal_done() - nothing is left of the copy. */
void rehearsal_done(struct rehearsal *rehearsal);

#endif
