#include "http.h"
#include "clock.h"
#include "receive.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BODY_MAX (4u * 1024 * 1024)
#define BASE	 "/tvan/v1"

struct http {
	struct sandbox *sb;
	struct MHD_Daemon *daemon;
	struct text key, certificate;
};

/* One request while its body arrives. */
struct call {
	struct text body;
	bool too_big;
};

/* A body that trickles. */
struct trickle {
	struct sandbox *sb;
	struct text body;
	long bytes_per_s;
};

static ssize_t trickle_read(void *cls, uint64_t at, char *out, size_t max)
{
	struct trickle *t = cls;
	size_t left = t->body.len - (size_t)at, part = (size_t)(t->bytes_per_s / 10 + 1);

	if (left == 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	sandbox_sleep(t->sb, (int64_t)part * 1000 / (t->bytes_per_s > 0 ? t->bytes_per_s : 1));
	if (t->sb->stop)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	part = part < left ? part : left;
	part = part < max ? part : max;
	memcpy(out, t->body.data + at, part);
	return (ssize_t)part;
}

static void trickle_free(void *cls)
{
	struct trickle *t = cls;

	text_done(&t->body);
	free(t);
}

static struct MHD_Response *slow_response(struct sandbox *sb, const struct reply *r)
{
	struct trickle *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->sb = sb;
	t->bytes_per_s = r->bytes_per_s;
	text_add(&t->body, r->body.data ? r->body.data : "", r->body.len);
	return MHD_create_response_from_callback(r->body.len, 4096, trickle_read, t, trickle_free);
}

static enum MHD_Result send_reply(struct sandbox *sb, struct MHD_Connection *connection, const struct reply *r)
{
	char seconds[16];

	if (r->status == 0)
		return MHD_NO; /* close without an answer */
	struct MHD_Response *response =
		r->bytes_per_s > 0 ? slow_response(sb, r)
				   : MHD_create_response_from_buffer(r->body.len, r->body.data, MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(
		response, "Content-Type", r->is_xml ? "application/xml; charset=utf-8" : "text/plain; charset=utf-8");
	if (r->message_state)
		MHD_add_response_header(response, "X-Message-State", r->message_state);
	if (r->message_ref[0])
		MHD_add_response_header(response, "X-Message-Ref", r->message_ref);
	str_printf(seconds, sizeof seconds, "%d", r->retry_after_s);
	if (r->retry_after_s > 0)
		MHD_add_response_header(response, "Retry-After", seconds);
	/* Its own clock, which a test drives; microhttpd would say the machine's. */
	time_t now = (time_t)(clock_now_ms(sb->clock_file) / 1000);
	struct tm tm;
	char date[64];
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
	MHD_add_response_header(response, "Date", date);
	if (r->status == 401)
		MHD_add_response_header(response, "WWW-Authenticate", "Basic realm=\"tvan\"");
	enum MHD_Result rc = MHD_queue_response(connection, (unsigned)r->status, response);
	MHD_destroy_response(response);
	return rc;
}

static bool same(const char *a, const char *b)
{
	return strlen(a) == strlen(b) && CRYPTO_memcmp(a, b, strlen(a)) == 0;
}

static bool authorised(const struct sandbox *sb, struct MHD_Connection *connection)
{
	char *password = NULL, *user = MHD_basic_auth_get_username_password(connection, &password);
	bool ok = user && password && same(user, sb->user) && same(password, sb->password);

	if (user)
		MHD_free(user);
	if (password)
		MHD_free(password);
	return ok;
}

static void plain(struct reply *r, int status, const char *sentence)
{
	r->status = status;
	text_addf(&r->body, "%s\n", sentence);
}

static void control(struct sandbox *sb, const char *method, const struct call *call, struct reply *r)
{
	struct reason why;

	if (strcmp(method, "POST") == 0 && settings_script(&sb->settings, call->body.data, &why) != 0) {
		plain(r, 400, why.text);
		return;
	}
	if (strcmp(method, "POST") != 0 && strcmp(method, "GET") != 0) {
		plain(r, 405, "GET or POST");
		return;
	}
	r->status = 200;
	settings_json(&sb->settings, &r->body);
}

static bool is_xml_type(struct MHD_Connection *connection)
{
	const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type");
	size_t len = type ? strcspn(type, "; ") : 0;

	return type && ((len == 15 && strncasecmp(type, "application/xml", len) == 0) ||
			       (len == 8 && strncasecmp(type, "text/xml", len) == 0));
}

static void route(struct sandbox *sb, struct MHD_Connection *connection, const char *url, const char *method,
	const struct call *call, struct reply *r)
{
	static const char messages[] = BASE "/messages";
	size_t prefix = sizeof messages - 1;

	if (!authorised(sb, connection)) {
		plain(r, 401, "user and password");
	} else if (strcmp(url, "/control") == 0 || strcmp(url, BASE "/control") == 0) {
		control(sb, method, call, r);
	} else if (strcmp(url, messages) == 0) {
		if (strcmp(method, "POST") != 0)
			plain(r, 405, "POST");
		else if (call->too_big)
			plain(r, 413, "body over 4 MiB");
		else if (!is_xml_type(connection))
			plain(r, 415, "Content-Type: application/xml");
		else
			receive_submit(sb, call->body.data, call->body.len, r);
	} else if (strncmp(url, messages, prefix) == 0 && url[prefix] == '/' && url[prefix + 1]) {
		if (strcmp(method, "GET") != 0)
			plain(r, 405, "GET");
		else
			receive_query(sb, url + prefix + 1, r);
	} else {
		plain(r, 404, "no such path");
	}
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
	const char *version, const char *data, size_t *size, void **state)
{
	struct http *h = cls;
	struct call *call = *state;
	char at[CLOCK_TEXT];

	(void)version;
	if (!call) {
		*state = calloc(1, sizeof *call);
		return *state ? MHD_YES : MHD_NO;
	}
	if (*size > 0) {
		call->too_big |= call->body.len + *size > BODY_MAX;
		if (!call->too_big)
			text_add(&call->body, data, *size);
		*size = 0;
		return MHD_YES;
	}
	text_add(&call->body, "", 0);
	struct reply reply = {0};
	route(h->sb, connection, url, method, call, &reply);
	clock_local_text(clock_now_ms(h->sb->clock_file), at);
	books_request(h->sb->books, at, method, url, reply.fault, reply.status);
	enum MHD_Result rc = send_reply(h->sb, connection, &reply);
	text_done(&reply.body);
	return rc;
}

static void on_completed(
	void *cls, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why)
{
	struct call *call = *state;

	(void)cls;
	(void)connection;
	(void)why;
	if (!call)
		return;
	text_done(&call->body);
	free(call);
	*state = NULL;
}

static int load_tls(struct http *h)
{
	char path[2048];

	str_printf(path, sizeof path, "%s/tls.key.pem", h->sb->dir);
	if (file_read(path, 65536, &h->key) == 0) {
		str_printf(path, sizeof path, "%s/tls.crt.pem", h->sb->dir);
		if (file_read(path, 65536, &h->certificate) == 0)
			return 0;
	}
	log_event("http-failed what=read path=%s error=%d", path, errno);
	return -1;
}

static bool read_address(const char *listen, unsigned port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)ret;

	*ret = (struct sockaddr_storage){0};
	if (inet_pton(AF_INET, listen, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return true;
	}
	if (inet_pton(AF_INET6, listen, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		return true;
	}
	return false;
}

int http_start(struct sandbox *sb, const char *listen, unsigned port, struct http **ret, unsigned *ret_port)
{
	struct http *h = calloc(1, sizeof *h);
	struct sockaddr_storage address;

	if (!h)
		return -1;
	h->sb = sb;
	if (!read_address(listen, port, &address) || load_tls(h) != 0) {
		log_event("http-failed what=address listen=%s", listen);
		http_stop(h);
		return -1;
	}
	unsigned flags = MHD_USE_TLS | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
			 MHD_USE_SUPPRESS_DATE_NO_CLOCK;
	if (address.ss_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	h->daemon = MHD_start_daemon(flags, (uint16_t)port, NULL, NULL, on_request, h, MHD_OPTION_SOCK_ADDR, &address,
		MHD_OPTION_HTTPS_MEM_KEY, h->key.data, MHD_OPTION_HTTPS_MEM_CERT, h->certificate.data,
		MHD_OPTION_HTTPS_PRIORITIES, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", MHD_OPTION_NOTIFY_COMPLETED,
		on_completed, NULL, MHD_OPTION_CONNECTION_TIMEOUT, 120u, MHD_OPTION_END);
	const union MHD_DaemonInfo *info = h->daemon ? MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
	if (!info) {
		log_event("http-failed what=listen listen=%s port=%u error=%d", listen, port, errno);
		http_stop(h);
		return -1;
	}
	*ret_port = info->port;
	*ret = h;
	return 0;
}

void http_stop(struct http *h)
{
	if (!h)
		return;
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	text_done(&h->key);
	text_done(&h->certificate);
	free(h);
}
