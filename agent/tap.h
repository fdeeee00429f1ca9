/* tap: tills print to our ports; their bytes go on to the printers, and every paid bill becomes an invoice whose code comes out on the paper. */
#ifndef HOADON_TAP_H
#define HOADON_TAP_H

#include <stdatomic.h>

#include "base/loop.h"
#include "capture/driver.h"
#include "core/config.h"
#include "core/ports.h"
#include "issue/issue.h"

struct tap_settings { /* borrowed for the tap's life */
	const struct config *config;
	struct store *store; /* main's own handle */
	struct issuer *issuer;
	const struct dialect_ops *dialect; /* that reads sale_write() */
	atomic_int *standing;		   /* enum ports_standing, kept true to a second */
	struct ports_row *rows;		   /* of each port of config, filled here */
};

struct tap;

/**
 * tap_new() - open every [port NAME] and hang it on @loop
 *
 * A port that cannot be opened is tried again, and told by the log: the others work. Frames that were kept and never read are read now.
 *
 * Return: 0; < 0. Thread: the loop's, as all calls here.
 */
int tap_new(const struct tap_settings *settings, struct loop *loop, struct tap **ret, struct fault *fault) MUST_CHECK;
/**
 * tap_quiesce() - let no till in any more, and see what is under way onto the paper, for at most 3 s
 *
 * Runs the loop. While the issuer runs, so that receipts that came to their end get their codes.
 */
void tap_quiesce(struct tap *tap);
/** tap_drain() - take what the issuer has finished since; after issuer_run() returned. */
void tap_drain(struct tap *tap);
/** tap_free() - close what is open; NULL is allowed. What was kept and not read is read at the next start. */
void tap_free(struct tap *tap);
DEFINE_CLEANUP(struct tap *, tap_free)

#endif
