/* http: the HTTPS server of schemas/authority/tvan-http.md and the /control endpoint, on libmicrohttpd */
#ifndef SANDBOX_HTTP_H
#define SANDBOX_HTTP_H

#include "sandbox.h"

struct http;

/**
 * http_start() - listen with DIR/tls.crt.pem
 * @listen:   numeric IPv4 or IPv6 address
 * @port:     0 = any free port
 * @ret_port: the port used
 * Return: 0 or -1 (logged).
 */
int http_start(struct sandbox *sb, const char *listen, unsigned port, struct http **ret, unsigned *ret_port);

/** http_stop() - close all connections and free; set sandbox.stop first */
void http_stop(struct http *h);

#endif
