/* issue: the step that turns sales into sealed, committed invoices; the only writer of sales and invoices. */
#ifndef HOADON_ISSUE_ISSUE_H
#define HOADON_ISSUE_ISSUE_H

#include "base/clock.h"
#include "base/ecsign.h"
#include "base/pulse.h"
#include "core/calendar.h"
#include "core/config.h"
#include "core/slot.h"
#include "issue/key.h"
#include "store/store.h"

struct issuer_settings { /* borrowed for the issuer's life */
	const struct config *config;
	const struct clock *clock;
	const struct calendar *calendar;
	const struct key *key; /* NULL, or not open yet: invoices are issued without their own signature */
	const struct ecsign_key *ledger_key;
	struct pulse *pulse; /* NULL = nobody watches */
	/** committed - called by the issuer's thread after each COMMIT that made @issued invoices; wakes the sender. */
	void (*committed)(void *context, size_t issued);
	void *context;
};

struct issuer;

/** issuer_new() - with its own @store handle (owned by the caller). 0 or < 0. */
int issuer_new(const struct issuer_settings *settings, struct store *store, struct issuer **ret,
	struct fault *fault) MUST_CHECK;
/** issuer_free() - after issuer_run() returned; NULL is allowed. */
void issuer_free(struct issuer *issuer);
DEFINE_CLEANUP(struct issuer *, issuer_free)

/** issuer_put() - hand over @slot; its done() is called once. 0; 1 when the queue is full or closed (the slot stays the caller's). Thread: any. */
int issuer_put(struct issuer *issuer, struct slot *slot) MUST_CHECK;

/**
 * issuer_run() - work until issuer_stop(): take what waits, number it, seal it, commit it, answer it
 *
 * Group commit without a linger timer: what waits is taken together, numbered in order and handed to the signers; what they are done
 * with is committed, in order, while they sign what came behind. A COMMIT that failed takes back the numbers behind it too, since
 * nothing of them exists.
 *
 * Thread: the issuer's own.
 */
void issuer_run(struct issuer *issuer);
/** issuer_stop() - finish what is in the queue, then return from issuer_run(). Thread: any. */
void issuer_stop(struct issuer *issuer);

#endif
