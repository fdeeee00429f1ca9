/* signers: threads that put the seller's own signature on invoices (sign_each_invoice), one per core for file keys, one per token. */
#ifndef HOADON_ISSUE_SIGNERS_H
#define HOADON_ISSUE_SIGNERS_H

#include "core/slot.h"
#include "issue/key.h"

struct signers;

/**
 * signers_new() - start the threads
 * @key:     borrowed
 * @threads: 0 = one per core; always one when the key is not parallel
 * @ring:    called by any of the threads when signers_ready() should be asked again; must not call back
 *
 * Return: NULL without memory.
 */
struct signers *signers_new(const struct key *key, int threads, void (*ring)(void *context), void *context) MUST_CHECK;
/** signers_free() - finish what is waiting, then end the threads. NULL is allowed. */
void signers_free(struct signers *signers);
DEFINE_CLEANUP(struct signers *, signers_free)

/**
 * signers_put() - sign the XML of @slot, whose seal_at is not 0
 *
 * Until signers_ready() counts it, the slot is the signers'. One that could not be signed has is_signed false and goes on without
 * (law R-CON-1).
 */
void signers_put(struct signers *signers, struct slot *slot, int64_t signed_at);
/**
 * signers_ready() - how many of the first of @n @slots are done, when they are worth a COMMIT
 *
 * A quarter of what is in flight is: so the threads have work during the COMMIT, and few COMMITs serve many tills. A key that is not
 * parallel takes longer than any COMMIT, so one is enough. Otherwise 0, and ring() comes when it may be worth it.
 */
size_t signers_ready(struct signers *signers, struct slot *const *slots, size_t n) MUST_CHECK;
/** signers_wait() - until all of @n @slots are done. */
void signers_wait(struct signers *signers, struct slot *const *slots, size_t n);

#endif
