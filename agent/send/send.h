/* send: waiting invoices → signed messages → the authority → verdicts. Restart needs no code: it takes up the same rows. */
#ifndef HOADON_SEND_SEND_H
#define HOADON_SEND_SEND_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "core/config.h"
#include "send/authority.h"
#include "store/store.h"

/* Sales that follow each other faster than this share a message, instead of costing a signature and six commits each. */
#define SEND_QUIET_MS	200
#define SEND_ROUTES_MAX 8

/* Who signs messages: the key of issue/key.h, handed over as plain functions, since issue and send do not know each other. */
struct send_signer {
	/** sign - one SHA-256 digest; @sig has 512 bytes. 0; 1 = later (no key at hand); < 0. */
	int (*sign)(void *context, const uint8_t digest[32], uint8_t *sig, size_t *ret_len, struct fault *fault);
	void *context;
	const char *subject;
	const void *certificate; /* DER */
	size_t certificate_len;
};

struct send_route { /* one [authority NAME] */
	const char *name;
	const struct authority_ops *ops;
	struct authority_env env;
	const char *anchors_pem; /* whom a 204's signature must chain to */
	const char *
		unready; /* why it cannot be called at all, and nothing it said be proven; NULL = it can. The sender's thread changes it. */
};

struct sender_settings { /* borrowed for the sender's life */
	const struct config *config;
	const struct clock *clock;
	const struct send_signer *signer; /* NULL = no key: nothing is packed, what is packed goes on */
	const char *unsigned_text;	  /* why nothing is signed, when so: the evidence of an outage */
	const struct send_route *routes;  /* in the order of preference */
	size_t route_count;		  /* up to SEND_ROUTES_MAX */
};

struct sender;

/** sender_new() - with its own @store handle (owned by the caller, closed after sender_free()). 0 or < 0. Thread: the sender's. */
int sender_new(const struct sender_settings *settings, struct store *store, struct sender **ret,
	struct fault *fault) MUST_CHECK;
/** sender_free() - NULL is allowed. */
void sender_free(struct sender *sender);
DEFINE_CLEANUP(struct sender *, sender_free)

/**
 * sender_step() - one unit of work: pack what waits, or submit, or ask about one message, or conclude one answer
 * @ret_next_ms: when there will be work again by time alone (store_time_now()); INT64_MAX = only when something new waits
 *
 * First submissions go before questions, so that an unanswered message never holds back the next; those with the earliest legal
 * deadline first. Each state change is one transaction with its ledger record; "sent" is committed before the first byte leaves.
 * What a courier brought comes before all, and what one waits for before the line (send/courier).
 * The evening's alarms (law R-SEND-1) are looked at too, whenever it is called; @ret_next_ms does not know them.
 *
 * Return: 0 something was done, call again; 1 nothing to do before @ret_next_ms; < 0 the store failed (nothing was changed).
 */
int sender_step(struct sender *sender, int64_t *ret_next_ms, struct fault *fault) MUST_CHECK;

/* How the routes stand, the worst of them. */
enum routes_standing {
	ROUTES_OK,
	ROUTES_CLOSED,	   /* one failed, and is not called until its pause is over (send/route) */
	ROUTES_UNREADABLE, /* the password or certificates of one cannot be read */
};

/** routes_word() - "ok", "closed", "unreadable". */
const char *routes_word(enum routes_standing standing);
/** sender_routes() - how the routes stand now. Thread: the sender's. */
enum routes_standing sender_routes(const struct sender *sender);

/** sender_failed() - a step, or what its thread did with the store before it, failed with @fault: a disk that fails is an outage. Thread: the sender's. */
void sender_failed(struct sender *sender, const struct fault *fault);

#endif
