/* request: one HTTP request on its way through the doors. Inside web/ only. */
#ifndef HOADON_WEB_REQUEST_H
#define HOADON_WEB_REQUEST_H

#include <pthread.h>

#include <microhttpd.h>

#include "store/sales.h"
#include "store/tokens.h"
#include "web/web.h"

#define HEADER_JSON    "application/json"
#define HEADER_PROBLEM "application/problem+json"
#define HEADER_METRICS "text/plain; version=0.0.4; charset=utf-8"

struct web {
	const struct web_settings *settings;
	struct loop *loop;
	struct MHD_Daemon *local, *tcp;
	int event_fd; /* the issuer finished slots */
	int owed;     /* answers that peers wait for: one a new connection, one a request on an older one */
	bool is_closing;
	pthread_mutex_t lock;
	struct slot *finished; /* newest first; guarded by lock */
	struct token_cache {
		uint8_t hash[32];
		int scopes;
		char tills[256];
	} cache[16]; /* tokens seen; forgotten whenever one is made or revoked */
	size_t cached;
};

struct request {
	struct web *web;
	struct MHD_Connection *connection;
	const char *method, *path;
	bool is_local;		/* came by the unix socket */
	int scopes;		/* bits of enum token_scope */
	char tills[256];	/* "T01,T02" or "*" */
	struct problem problem; /* decided before the body came */
	size_t body_max;
	struct bytes body;
	size_t discarded;  /* bytes of a body that nobody will read */
	struct slot *slot; /* NULL until handed to the issuer */
	bool is_waiting;   /* suspended */
	/* the answer */
	int status;
	const char *type;
	struct bytes answer;
	bool is_replay;
};

/** request_check() - everything that is decided by the head of a request: method, host, origin, who, content type, length. Fills problem. */
void request_check(struct request *request);
/** request_may() - whether @till is among the request's tills. */
bool request_may(const struct request *request, const char *till);

/** web_read_kept() - read the frame of stored sale @row again into @slot, whose wish is set, with today's configuration. 0, STORE_NONE or < 0. */
int web_read_kept(const struct web_settings *settings, const struct sale_row *row, struct slot *slot,
	struct fault *fault) MUST_CHECK;
/**
 * web_load_reissue() - request->slot wishes to settle task @task_id by a new invoice (law R-FIX-14)
 *
 * With a body, that is the sale as a person corrected it; without, what the till said is computed again with today's configuration.
 *
 * Return: 0; > 0 after api_refuse(); < 0.
 */
int web_load_reissue(struct request *request, int64_t task_id, struct fault *fault) MUST_CHECK;

/** web_import_law() - the body is a pack of law, ?signature= the publisher's signature in hex: answer, and use it from now on. 0 or < 0. Source: law R-NY-5. */
int web_import_law(struct request *request, struct fault *fault) MUST_CHECK;

/** web_wish_export() - all that is to be sent leaves with the next courier; answer the id of the wish. 0 or < 0. */
int web_wish_export(struct request *request, struct fault *fault) MUST_CHECK;
/** web_take_answer() - the body is an answer of the authority about ?message=MTDiep that a courier brought; the sender reads it. 0 or < 0. */
int web_take_answer(struct request *request, struct fault *fault) MUST_CHECK;

/**
 * web_note_outage() - @rest of the path is ID/notes: keep what a person noted on an outage; answer the deadline, when there is one
 *
 * The body has the members kind (words, ticket, announcement, back), text and said_on (2026-11-22).
 * Return: 0 or < 0. Source: law R-OUT-1 to R-OUT-4.
 */
int web_note_outage(struct request *request, const char *rest, struct fault *fault) MUST_CHECK;

/**
 * web_settle_missing() - @rest of the path is a day: a person says why an item of `hoadon sale missing` is missing; answer its name
 * Return: 0, also after api_refuse(); < 0. Thread: the loop's.
 */
int web_settle_missing(struct request *request, const char *rest, struct fault *fault) MUST_CHECK;

/**
 * web_write_metrics() - counts of the store and of each port as Prometheus reads them, for GET /metrics
 *
 * What lives in the store is counted over its life, and is what `hoadon status` says; what is said of a port since hoadond started.
 *
 * Return: 0 or < 0. Thread: the loop's. Source: Prometheus, exposition formats, text format 0.0.4.
 */
int web_write_metrics(const struct web_settings *settings, struct bytes *out, struct fault *fault) MUST_CHECK;

/** api_route() - the scope that @method @path needs: 0 = open to all, -1 = no such path, -2 = no such method there. */
int api_route(const char *method, const char *path);
/** api_call() - answer @request, or hand it to the issuer and set is_waiting. 0 or < 0. */
int api_call(struct request *request, struct fault *fault) MUST_CHECK;
/** api_finish() - write the answer of the slot that the issuer finished. 0 or < 0. */
int api_finish(struct request *request, struct fault *fault) MUST_CHECK;
/** api_refuse() - answer with @code. */
void api_refuse(struct request *request, enum problem_code code);
/** web_open_tcp() - open the TCP door when a valid token exists, close it when none does. 0 or < 0. */
int web_open_tcp(struct web *web, struct fault *fault) MUST_CHECK;

#endif
