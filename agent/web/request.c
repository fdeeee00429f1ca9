#include "web/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/digest.h"

#define TOKEN_PREFIX "Bearer "

static const char *header(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

static void refuse(struct request *request, enum problem_code code, const char *field)
{
	if (!request->problem.code)
		problem_set(&request->problem, code, "%s", field);
}

/* "localhost", "127.0.0.1" or "[::1]", with or without a port. Anything else may be a name that was bound to us from outside. */
static bool is_own_host(const char *host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t len = strlen(names[i]);
		if (!strncasecmp(host, names[i], len) && (!host[len] || host[len] == ':'))
			return true;
	}
	return false;
}

static bool is_cross_site(const struct request *request)
{
	const char *site = header(request, "Sec-Fetch-Site"), *origin = header(request, "Origin");
	if (site && strcasecmp(site, "same-origin") && strcasecmp(site, "none"))
		return true;
	if (!origin)
		return false;
	const char *host = strstr(origin, "://");
	return !host || !is_own_host(host + 3);
}

static void check_peer(struct request *request)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ucred peer;
	socklen_t len = sizeof(peer);
	strcpy(request->tills, "*");
	request->scopes = TOKEN_SALE | TOKEN_READ;
	if (info && !getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) &&
		(peer.uid == 0 || peer.uid == geteuid()))
		request->scopes |= TOKEN_ADMIN | TOKEN_BULK;
}

static bool find_cached(struct request *request, const uint8_t hash[32])
{
	struct web *web = request->web;
	for (size_t i = 0; i < web->cached; i++) {
		if (!digest_equal(web->cache[i].hash, hash, 32))
			continue;
		request->scopes = web->cache[i].scopes;
		memcpy(request->tills, web->cache[i].tills, sizeof(request->tills));
		return true;
	}
	return false;
}

static void remember(struct request *request, const uint8_t hash[32])
{
	struct web *web = request->web;
	if (web->cached == ARRAY_LEN(web->cache))
		web->cached = 0;
	struct token_cache *entry = &web->cache[web->cached++];
	memcpy(entry->hash, hash, 32);
	entry->scopes = request->scopes;
	memcpy(entry->tills, request->tills, sizeof(entry->tills));
}

static bool check_token(struct request *request)
{
	const char *given = header(request, "Authorization");
	uint8_t hash[32];
	struct token_row row;
	struct fault fault = {0};
	if (!given || strncasecmp(given, TOKEN_PREFIX, strlen(TOKEN_PREFIX)))
		return false;
	given += strlen(TOKEN_PREFIX);
	digest_sha256(given, strlen(given), hash);
	if (find_cached(request, hash))
		return true;
	CLEANUP(arena_freep) struct arena *arena = arena_new(64 << 10);
	if (!arena || store_token_find(request->web->settings->store, hash, arena, &row, &fault))
		return false;
	request->scopes = row.scopes;
	snprintf(request->tills, sizeof(request->tills), "%s", row.tills);
	remember(request, hash);
	return true;
}

bool request_may(const struct request *request, const char *till)
{
	if (!strcmp(request->tills, "*"))
		return true;
	size_t len = strlen(till);
	for (const char *at = request->tills; at && *at; at = strchr(at, ','), at += at != NULL)
		if (!strncmp(at, till, len) && (!at[len] || at[len] == ','))
			return true;
	return false;
}

static void check_body(struct request *request)
{
	const char *type = header(request, "Content-Type"), *encoding = header(request, "Content-Encoding");
	const char *length = header(request, "Content-Length");
	if (!type || strncasecmp(type, HEADER_JSON, strlen(HEADER_JSON)) || !strchr("; \t", type[strlen(HEADER_JSON)]))
		refuse(request, PROBLEM_CONTENT_TYPE, "");
	if (encoding && strcasecmp(encoding, "identity"))
		refuse(request, PROBLEM_CONTENT_ENCODING, "");
	if (length && strtoull(length, NULL, 10) > request->body_max)
		refuse(request, PROBLEM_BODY_SIZE, "");
}

void request_check(struct request *request)
{
	const struct config *config = request->web->settings->config;
	int scope = api_route(request->method, request->path);
	const char *host = header(request, "Host");
	if (!request->is_local && (!host || !is_own_host(host)))
		refuse(request, PROBLEM_HOST, "");
	if (strcmp(request->method, MHD_HTTP_METHOD_GET) && is_cross_site(request))
		refuse(request, PROBLEM_CROSS_SITE, "");
	/* Who asks cannot be told without the store. */
	if (scope > 0 && request->web->settings->refusal) {
		refuse(request, request->web->settings->refusal, "");
		scope = 0;
	}
	if (scope < 0)
		refuse(request, scope == -1 ? PROBLEM_NOT_FOUND : PROBLEM_METHOD, "");
	if (request->is_local)
		check_peer(request);
	else if (scope > 0 && !check_token(request))
		refuse(request, PROBLEM_AUTH, "");
	if (scope > 0 && !(request->scopes & scope))
		refuse(request, PROBLEM_AUTH_SCOPE, "");
	request->body_max = (size_t)(request->scopes & TOKEN_BULK ? config->bulk_body_max : config->body_max);
	if (!strcmp(request->method, MHD_HTTP_METHOD_POST))
		check_body(request);
}
