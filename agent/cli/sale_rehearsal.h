/* sale_rehearsal: one sale with the configuration as it is, on a store that is thrown away: issued, signed, and perhaps sent to a sandbox. */
#ifndef HOADON_CLI_SALE_REHEARSAL_H
#define HOADON_CLI_SALE_REHEARSAL_H

#include "cli/rehearsal.h"

struct sale_rehearsal {
	struct rehearsal rehearsal; /* its first bill is the sale */
	bool is_signed, is_sent;    /* a message was made; it was given to a sandbox */
	struct rehearsal_sent sent;
	const char *why; /* no message came about; NULL = it did, or there is no invoice */
};

/**
 * sale_rehearse() - issue one bill of the first till and sign it
 * @key: an open one; NULL = nothing is signed, or a sandbox's own signs
 * @is_sending: send it to a hoadon-sandbox of our own, with a key that it made; a configured route is never given anything
 *
 * Return: 0 with what came about; < 0. Either way sale_rehearsal_done() ends it.
 */
int sale_rehearse(struct cli *cli, const struct key *key, bool is_sending, struct sale_rehearsal *ret,
	struct fault *fault) MUST_CHECK;
/** sale_rehearsal_done() - nothing is left of it. */
void sale_rehearsal_done(struct sale_rehearsal *sale);
/** sale_rehearsal_is_good() - issued and, where there was a key, signed, and where it was sent accepted. */
bool sale_rehearsal_is_good(const struct sale_rehearsal *sale);
/** sale_rehearsal_print() - symbol, number, code, total, QR text, message, verdict on stdout. */
void sale_rehearsal_print(const struct cli *cli, const struct sale_rehearsal *sale);
/** sale_rehearsal_write() - the same as members of an object. */
void sale_rehearsal_write(const struct sale_rehearsal *sale, struct bytes *out);

#endif
