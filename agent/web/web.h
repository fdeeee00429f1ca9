/* web: the local HTTP doors (unix socket with peer uid; loopback TCP with bearer tokens) and what hangs behind them. */
#ifndef HOADON_WEB_WEB_H
#define HOADON_WEB_WEB_H

#include <stdatomic.h>

#include "base/clock.h"
#include "base/loop.h"
#include "capture/driver.h"
#include "core/config.h"
#include "core/law.h"
#include "core/ports.h"
#include "issue/issue.h"
#include "store/disk.h"
#include "store/mirror.h"

struct web_settings { /* borrowed for the web's life */
	const struct config *config;
	const struct clock *clock;
	enum problem_code
		refusal; /* all hear so, and there is no store, issuer or law: STORE_NEWER, STORE_LOCKED, SETUP_MISSING; NONE = we work */
	struct issuer *issuer;
	const struct disk *disk;  /* whose state is told; may be NULL */
	const struct key *key;	  /* the same; NULL = none is configured */
	const atomic_int *routes; /* enum routes_standing; NULL = nobody sends */
	const char *const *stuck; /* who makes no progress: "issuer", "sender"; borrowed, points to NULL = nobody */
	const atomic_int *ports;  /* enum ports_standing; NULL = none */
	const struct ports_row *port_rows;	   /* one of each port of config; a port without a name is not open */
	struct store *store;			   /* main's own handle: reads, tokens, officers' looks */
	const struct dialect_ops *const *dialects; /* ended by NULL; a parked frame names its own */
	const struct dialect_ops *json;		   /* what the API speaks */
	const struct answer_paper *paper;
	void (*mirror_state)(void *context, struct mirror_state *ret); /* NULL = no mirror; called with mirror */
	void *mirror;
	struct law_book *law;	 /* the law that sales are judged by */
	struct arena *law_arena; /* holds its packs; the loop's thread alone */
	/* listening sockets handed over by systemd, -1 = make our own */
	int inherited_local, inherited_tcp;
};

struct web;

/** web_new() - open the doors and hang them on @loop. 0 or < 0. Thread: the loop's. */
int web_new(const struct web_settings *settings, struct loop *loop, struct web **ret, struct fault *fault) MUST_CHECK;
/**
 * web_quiesce() - take no new connections, and answer those that were taken
 *
 * A till that is in the middle of a request is heard to its end; who says nothing is waited for at most a second. While the issuer runs. What waits
 * at a socket that systemd handed over is left to the next process.
 */
void web_quiesce(struct web *web);
/** web_drain() - answer what the issuer has finished since; after issuer_run() returned. */
void web_drain(struct web *web);
/** web_free() - close the doors; NULL is allowed. After web_quiesce(), the issuer's end and web_drain(). */
void web_free(struct web *web);
DEFINE_CLEANUP(struct web *, web_free)

/** web_load_parked() - a slot that wishes to issue parked sale @sale_id, read again from its frame; 0, STORE_NONE, or < 0. */
int web_load_parked(
	const struct web_settings *settings, int64_t sale_id, struct slot **ret, struct fault *fault) MUST_CHECK;

#endif
