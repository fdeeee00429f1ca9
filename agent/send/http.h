/* http: one request after the other over one kept-alive TLS connection (libcurl). */
#ifndef HOADON_SEND_HTTP_H
#define HOADON_SEND_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/fault.h"
#include "base/pulse.h"
#include "send/authority.h"

#define HTTP_BODY_MAX	      ((size_t)4 << 20)
#define HTTP_LOCAL_TIMEOUT_MS 60000

struct http_settings {	     /* borrowed for the life of the connection */
	const char *ca_file; /* PEM: the only authorities believed; the system's are not */
	const char *ca_pem;  /* the same as text, when ca_file is NULL */
	int64_t connect_timeout_ms;
	int64_t total_timeout_ms;
	int64_t slowest_bytes_per_s; /* what a body needs at this speed is waited for, if it is longer; 0 = never */
	struct pulse *pulse;	     /* beaten as bytes come and go; NULL = none */
};

enum http_tls { /* why no secure connection came about */
	HTTP_TLS_OTHER,
	HTTP_TLS_EARLY,	     /* the server's certificate is not valid yet, by this machine's clock */
	HTTP_TLS_EXPIRED,    /* it is no longer valid, by this machine's clock */
	HTTP_TLS_STRANGER,   /* it does not chain to ca_file */
	HTTP_TLS_OTHER_NAME, /* it belongs to another server */
	HTTP_TLS_CA_FILE,    /* ca_file cannot be read */
};

struct http_course { /* of one call: ms from its beginning until …; -1 = it did not come so far. A kept connection stands at once */
	int64_t named_ms, connected_ms, secured_ms, ended_ms;
	enum http_tls tls; /* when it was REACH_NO_TLS */
};

/** http_new() - a connection that is opened by the first call. 0 or < 0. Thread: the first one of a process before other threads use curl. */
int http_new(const struct http_settings *settings, struct http **ret, struct fault *fault) MUST_CHECK;
/** http_free() - NULL is allowed. */
void http_free(struct http *http);
DEFINE_CLEANUP(struct http *, http_free)

/**
 * http_call() - one HTTPS request; the function for authority_env.call
 * @ret: zeroed by the caller, who frees body with bytes_done() also after a failure; an initialised body keeps its maximum
 *
 * https only, TLS 1.2 or later, no redirects, no proxy, nothing from the environment, at most HTTP_BODY_MAX bytes of answer.
 * Return: 0 an answer came whole; 1 none did, or not all of it (sentence in @fault; @ret->is_unsent when nothing of a body left);
 * < 0 failure about us. Thread: one at a time. Source: signing section 6.
 */
int http_call(struct http *http, const struct http_request *request, struct http_response *ret,
	struct fault *fault) MUST_CHECK;
/** http_course() - how the last http_call() went. Thread: the caller's. */
struct http_course http_course(const struct http *http);
/** http_interrupt() - end the call under way and every later one without an answer. Thread: any. */
void http_interrupt(struct http *http);

/**
 * http_local_call() - one request to our own daemon over its Unix socket
 * @path: "/api/v1/status"
 * @body: JSON; NULL = none
 * @ret:  as http_call(); its timeout is HTTP_LOCAL_TIMEOUT_MS
 * Return: as http_call(). Thread: any.
 */
int http_local_call(const char *socket_path, const char *method, const char *path, const void *body, size_t len,
	struct http_response *ret, struct fault *fault) MUST_CHECK;

#endif
