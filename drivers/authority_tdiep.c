/* authority_tdiep: one TDiep over HTTPS, as schemas/authority/tvan-http.md says. It maps calls and knows no retry. */
#include <stdio.h>
#include <string.h>

#include "drivers/drivers.h"

#define URL_MAX 1024

/* 4xx that say nothing about what was stored: request timeout, too early, too many requests. */
static bool is_unknown_status(int status)
{
	return status < 400 || status >= 500 || status == 408 || status == 425 || status == 429;
}

static int make_url(const struct authority_env *env, const char *tail, char url[URL_MAX], struct fault *fault)
{
	size_t len = strlen(env->url);

	while (len && env->url[len - 1] == '/')
		len--;
	if (snprintf(url, URL_MAX, "%.*s/messages%s%s", (int)len, env->url, *tail ? "/" : "", tail) >= URL_MAX)
		return FAULT(fault, FAULT_CONFIG, "the URL of the route is longer than %d bytes", URL_MAX);
	return 0;
}

/* An answer on its way from the connection to @ret; the raw bytes change their owner. */
static void take_answer(struct http_response *response, struct authority_answer *ret)
{
	bytes_done(&ret->raw);
	ret->raw = response->body;
	memset(&response->body, 0, sizeof(response->body));
	ret->http_status = response->status;
	ret->retry_after_ms = response->retry_after_ms;
	ret->date_ms = response->date_ms;
	memcpy(ret->ref, response->ref, sizeof(ret->ref));
	snprintf(ret->text, sizeof(ret->text), "HTTP %d%s%s", response->status, response->state[0] ? " " : "",
		response->state);
}

/* 0 = an answer came and its status and state are in @ret and @state; 1 = none came; < 0. */
static int call(const struct authority_env *env, struct http_request *request, struct authority_answer *ret,
	char state[32], bool *ret_is_unsent, struct fault *fault)
{
	struct http_response response = {.retry_after_ms = -1};
	struct fault why = {0};
	int result;

	request->user = env->user;
	request->password = env->password;
	result = env->call(env->http, request, &response, &why);
	*ret_is_unsent = response.is_unsent;
	if (result == 0) {
		memcpy(state, response.state, sizeof(response.state));
		take_answer(&response, ret);
	} else {
		ret->http_status = 0;
		ret->retry_after_ms = -1;
		ret->reach = response.reach;
		snprintf(ret->text, sizeof(ret->text), "%.*s", (int)sizeof(ret->text) - 1, why.text);
		if (result < 0)
			fault_set(fault, why.code, why.where, "%s", why.text);
	}
	bytes_done(&response.body);
	return result;
}

static int submit(const struct authority_env *env, const char *message_id, const void *bytes, size_t len,
	struct authority_answer *ret, struct fault *fault)
{
	char url[URL_MAX];
	char state[32] = "";
	bool is_unsent = false;
	struct http_request request = {
		.method = "POST", .url = url, .content_type = "application/xml", .body = bytes, .len = len};
	int result = make_url(env, "", url, fault);

	(void)message_id; /* it is inside the bytes */
	if (!result)
		result = call(env, &request, ret, state, &is_unsent, fault);
	if (result)
		return result < 0 ? result : is_unsent ? SUBMIT_UNSENT : SUBMIT_UNKNOWN;
	if (ret->http_status == 200 && ret->raw.len > 0)
		return SUBMIT_TAKEN;
	return is_unknown_status(ret->http_status) ? SUBMIT_UNKNOWN : SUBMIT_REFUSED;
}

/* A path holds the id as it is: an id that would need escaping was not made by us (format 3, MTDiep). */
static int check_id(const char *message_id, struct fault *fault)
{
	static const char allowed[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-";

	if (!*message_id || message_id[strspn(message_id, allowed)])
		return FAULT(fault, FAULT_BUG, "%s is not a message id", message_id);
	return 0;
}

static int query(const struct authority_env *env, const char *message_id, const char *ref, struct authority_answer *ret,
	struct fault *fault)
{
	char url[URL_MAX];
	char state[32] = "";
	bool is_unsent;
	struct http_request request = {.method = "GET", .url = url};
	int result = check_id(message_id, fault);

	(void)ref; /* this transport asks by MTDiep alone */
	if (!result)
		result = make_url(env, message_id, url, fault);
	if (!result)
		result = call(env, &request, ret, state, &is_unsent, fault);
	if (result)
		return result < 0 ? result : QUERY_UNKNOWN;
	if (ret->http_status == 200 && ret->raw.len > 0)
		return QUERY_VERDICT;
	if (ret->http_status == 202)
		return QUERY_PENDING;
	if (ret->http_status == 404 && strcmp(state, "not_found") == 0)
		return QUERY_NOT_FOUND;
	if (ret->http_status == 501 && strcmp(state, "cannot_ask") == 0)
		return QUERY_CANNOT_ASK;
	return QUERY_UNKNOWN;
}

const struct authority_ops authority_tdiep = {
	.name = "tdiep",
	.summary = "one TDiep over HTTPS",
	.capabilities = {.takes_envelope = true, .max_bytes = 2097152, .max_invoices = 1000},
	.submit = submit,
	.query = query,
};
