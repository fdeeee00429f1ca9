/* signers: threads that put the seller's own signature on invoices (sign_each_invoice), one per core for file keys, one per token. */
#ifndef HOADON_ISSUE_SIGNERS_H
#define HOADON_ISSUE_SIGNERS_H

#include "core/slot.h"
#include "issue/key.h"

struct signers;
struct signing; /* the invoices of one batch being signed */

/** signers_new() - @threads threads (0 = one per core; always one when the key is not parallel); NULL without memory. @key is borrowed. */
struct signers *signers_new(const struct key *key, int threads) MUST_CHECK;
/** signers_free() - end the threads; nothing may be waiting. NULL is allowed. */
void signers_free(struct signers *signers);
DEFINE_CLEANUP(struct signers *, signers_free)

/** signing_start() - sign the XML of each of @n @slots whose seal_at is not 0; they are the signers' until signing_wait(). NULL without memory: nothing is signed. */
struct signing *signing_start(
	struct signers *signers, struct slot *const *slots, size_t n, int64_t signed_at) MUST_CHECK;
/** signing_wait() - until all are done; frees @signing (NULL is allowed). A slot that could not be signed has is_signed false and goes on without (law R-CON-1). */
void signing_wait(struct signing *signing);

#endif
