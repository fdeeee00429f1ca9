/* folder: a source on the main loop: one frame after the other goes to the issuer, and its fate back to the source. */
#ifndef HOADON_FOLDER_H
#define HOADON_FOLDER_H

#include "base/loop.h"
#include "capture/driver.h"
#include "core/config.h"
#include "issue/issue.h"

struct folder_settings { /* borrowed for the folder's life */
	const struct source_ops *source;
	const struct dialect_ops *dialect;
	const char *where;
	const struct config *config;
	const struct answer_paper *paper;
	struct store *store; /* main's own handle: what time it is */
	struct issuer *issuer;
};

struct folder;

/** folder_new() - open the source and hang it on @loop. 0 or < 0. Thread: the loop's. */
int folder_new(
	const struct folder_settings *settings, struct loop *loop, struct folder **ret, struct fault *fault) MUST_CHECK;
/** folder_drain() - settle what the issuer has finished; takes nothing new. After issuer_run() returned. */
void folder_drain(struct folder *folder);
/** folder_free() - NULL is allowed. */
void folder_free(struct folder *folder);
DEFINE_CLEANUP(struct folder *, folder_free)

#endif
