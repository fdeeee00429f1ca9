/* authority: the contract of a route to the tax authority (a T-VAN). It maps calls; retry policy is send/retry, never a driver's. */
#ifndef HOADON_SEND_AUTHORITY_H
#define HOADON_SEND_AUTHORITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/fault.h"

#define AUTHORITY_REF_MAX 128

struct http; /* send/http: one kept-alive TLS connection */

struct http_request {
	const char *method, *url, *user, *password, *content_type; /* the last may be NULL */
	const void *body;
	size_t len;
};
/* How far a call came that brought no answer. */
enum reach {
	REACH_SERVER,	     /* it stood in connection with the server, or an answer came */
	REACH_NO_CONNECTION, /* the server's address does not take the connection */
	REACH_NO_TLS,	     /* a connection, but no secure one with whom it should be */
	REACH_NO_NAME,	     /* the server's name is not found, though there is a way out */
	REACH_NO_NETWORK,    /* this machine has no way out */
};

struct http_response {
	int status; /* 0 = no answer came */
	struct bytes body;
	int64_t retry_after_ms;	     /* -1 = not given */
	int64_t date_ms;	     /* of the Date header, 0 = none */
	bool is_unsent;		     /* no byte of the body left: it cannot have arrived */
	enum reach reach;	     /* when no answer came */
	char state[32];		     /* X-Message-State */
	char ref[AUTHORITY_REF_MAX]; /* X-Message-Ref */
};

struct authority_env { /* given to a driver; it keeps nothing else */
	/** call - one HTTPS request. 0 = @ret holds an answer; 1 = no (whole) answer, text in @fault; < 0 failure about us. @ret is zeroed by the caller, who frees its body. */
	int (*call)(
		struct http *http, const struct http_request *request, struct http_response *ret, struct fault *fault);
	struct http *http;
	const char *url, *user, *password;
};

enum submit_result { SUBMIT_TAKEN = 0, SUBMIT_REFUSED = 1, SUBMIT_UNKNOWN = 2, SUBMIT_UNSENT = 3 };
enum query_result {
	QUERY_VERDICT = 0,
	QUERY_PENDING = 1,
	QUERY_NOT_FOUND = 2,
	QUERY_CANNOT_ASK = 3,
	QUERY_UNKNOWN = 4
};

struct authority_answer {
	struct bytes raw;	     /* a TDiep of the authority, or empty */
	char ref[AUTHORITY_REF_MAX]; /* the route's own id of the message, "" = none */
	int http_status;
	int64_t retry_after_ms; /* -1 = not given */
	int64_t date_ms;
	enum reach reach; /* when no answer came */
	char text[200];	  /* for people: what happened */
};

struct authority_capabilities {
	bool takes_envelope, takes_number, takes_code, signs, is_sequential_per_serial;
	size_t max_bytes, max_invoices;
};

struct authority_ops {
	const char *name;
	const char *summary;
	struct authority_capabilities capabilities;
	/**
	 * submit - hand over one signed message. Any timeout, 5xx, 429 or broken body is SUBMIT_UNKNOWN. SUBMIT_REFUSED (nothing was
	 * stored) and SUBMIT_UNSENT (no byte of it left) are certain. @ret->raw initialised by the caller. enum submit_result, or < 0.
	 */
	int (*submit)(const struct authority_env *env, const char *message_id, const void *bytes, size_t len,
		struct authority_answer *ret, struct fault *fault);
	/** query - what became of @message_id; never changes anything. enum query_result, or < 0. */
	int (*query)(const struct authority_env *env, const char *message_id, const char *ref,
		struct authority_answer *ret, struct fault *fault);
};

#endif
