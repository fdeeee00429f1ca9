#include "web/web.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/file.h"
#include "base/log.h"
#include "web/request.h"

#define DISCARD_MAX	(64u << 20) /* a refused body is read to its end up to here, so that the peer sees the answer */
#define ANSWER_MAX	(1u << 20)
#define CONNECTIONS_MAX 512
#define IDLE_SECONDS	60
#define RUNS_MAX	256
#define LAST_WAIT_MS	1000 /* for who was let in and says nothing, before the doors close */
#define LAST_LOOK_MS	20

struct peer { /* of a connection */
	bool has_asked;
};

static enum MHD_Result send_answer(struct request *request)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(request->answer.len, request->answer.data, MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, request->type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (request->web->is_closing)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (request->is_replay)
		MHD_add_response_header(response, "Idempotent-Replayed", "true");
	if (request->status == 401)
		MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
	if (request->status == 503)
		MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
	enum MHD_Result result = MHD_queue_response(request->connection, (unsigned)request->status, response);
	MHD_destroy_response(response);
	return result;
}

static struct peer *peer_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info ? info->socket_context : NULL;
}

static void on_connection(
	void *context, struct MHD_Connection *connection, void **state, enum MHD_ConnectionNotificationCode code)
{
	(void)connection;
	struct web *web = context;
	struct peer *peer = *state;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*state = peer = calloc(1, sizeof(*peer));
		web->owed += peer != NULL;
	} else if (peer) {
		web->owed -= !peer->has_asked;
		free(peer);
	}
}

static struct request *request_new(
	struct web *web, struct MHD_Connection *connection, const char *path, const char *method)
{
	struct request *request = calloc(1, sizeof(*request));
	if (!request)
		return NULL;
	request->web = web;
	request->connection = connection;
	request->path = path;
	request->method = method;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_DAEMON);
	request->is_local = info && info->daemon == web->local;
	struct peer *peer = peer_of(connection);
	web->owed += !peer || peer->has_asked;
	if (peer)
		peer->has_asked = true;
	request_check(request);
	bytes_init(&request->body, request->body_max);
	bytes_init(&request->answer, ANSWER_MAX);
	return request;
}

static enum MHD_Result take_body(struct request *request, const char *data, size_t *len)
{
	if (!request->problem.code) {
		bytes_append(&request->body, data, *len);
		/* Who hears of a body that is too large does not send it again. */
		if (request->body.failed)
			problem_set(&request->problem,
				*len > request->body.max - request->body.len ? PROBLEM_BODY_SIZE : PROBLEM_BUSY, "%s",
				"");
	} else {
		request->discarded += *len;
		if (request->discarded > DISCARD_MAX)
			return MHD_NO;
	}
	*len = 0;
	return MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path,
	const char *method, const char *version, const char *data, size_t *len, void **state)
{
	(void)version;
	struct request *request = *state;
	struct fault fault = {0};
	if (!request) {
		*state = request_new(context, connection, path, method);
		return *state ? MHD_YES : MHD_NO;
	}
	request->path = path;
	if (*len)
		return take_body(request, data, len);
	int result = 0;
	if (request->is_waiting) {
		request->is_waiting = false;
		result = api_finish(request, &fault);
	} else if (request->problem.code) {
		api_refuse(request, request->problem.code);
	} else {
		result = api_call(request, &fault);
	}
	if (result < 0) {
		log_fault("request-failed", &fault);
		request->problem = (struct problem){0};
		problem_set(&request->problem, PROBLEM_STORE_DOWN, "%s", "");
		api_refuse(request, PROBLEM_STORE_DOWN);
	}
	if (!request->is_waiting)
		return send_answer(request);
	return MHD_YES;
}

static void on_completed(
	void *context, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
	(void)context;
	(void)connection;
	(void)code;
	struct request *request = *state;
	if (!request)
		return;
	request->web->owed--;
	slot_free(request->slot);
	bytes_done(&request->body);
	bytes_done(&request->answer);
	free(request);
	*state = NULL;
}

/* MHD works edge-triggered: it wants to be run again at once while it says so. Bounded, so that one fast peer starves nobody. */
static void run_daemon(struct web *web, struct MHD_Daemon *daemon)
{
	MHD_UNSIGNED_LONG_LONG wait_ms = 1;
	if (!daemon)
		return;
	for (int i = 0; i < RUNS_MAX; i++) {
		MHD_run(daemon);
		if (MHD_get_timeout(daemon, &wait_ms) != MHD_YES || wait_ms)
			return;
	}
	uint64_t again = 1;
	(void)!write(web->event_fd, &again, sizeof(again));
}

static int on_daemon(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	struct web *web = context;
	run_daemon(web, web->local);
	run_daemon(web, web->tcp);
	return 0;
}

void web_drain(struct web *web)
{
	uint64_t count;
	(void)!read(web->event_fd, &count, sizeof(count));
	pthread_mutex_lock(&web->lock);
	struct slot *list = web->finished;
	web->finished = NULL;
	pthread_mutex_unlock(&web->lock);
	for (struct slot *next; list; list = next) {
		next = list->next;
		struct request *request = list->owner;
		MHD_resume_connection(request->connection);
	}
	run_daemon(web, web->local);
	run_daemon(web, web->tcp);
}

static int on_finished(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	web_drain(context);
	return 0;
}

/* Timeouts of idle connections are MHD's; it only needs to be asked now and then. */
static int on_tick(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	struct web *web = context;
	run_daemon(web, web->local);
	run_daemon(web, web->tcp);
	(void)fault;
	return 0;
}

static int start_daemon(struct web *web, int fd, struct MHD_Daemon **ret, struct fault *fault)
{
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
	struct MHD_Daemon *daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, web, MHD_OPTION_LISTEN_SOCKET,
		fd, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, web,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(64 << 10), MHD_OPTION_END);
	if (!daemon)
		return FAULT(fault, FAULT_NETWORK, "the HTTP server does not start");
	*ret = daemon;
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
	return loop_watch(web->loop, info->epoll_fd, EPOLLIN, on_daemon, web, fault);
}

static int listen_local(const struct web_settings *settings, int *ret, struct fault *fault)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = settings->config->socket_path;
	if (settings->inherited_local >= 0) {
		*ret = settings->inherited_local;
		return 0;
	}
	if (strlen(path) >= sizeof(address.sun_path))
		return FAULT(fault, FAULT_CONFIG, "api.socket = %s is longer than %zu bytes", path,
			sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path) + 1);
	CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || chmod(path, 0660) || listen(fd, 128))
		return FAULT(
			fault, FAULT_NETWORK, "%s cannot be opened: %s; does its folder exist?", path, strerror(errno));
	*ret = fd;
	fd = -1;
	return 0;
}

static int listen_tcp(const struct web_settings *settings, int *ret, struct fault *fault)
{
	const struct config *config = settings->config;
	int64_t port = config->port > 0 ? config->port : 0;
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int one = 1;
	if (settings->inherited_tcp >= 0) {
		*ret = settings->inherited_tcp;
		return 0;
	}
	CLEANUP(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
		bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 128) ||
		getsockname(fd, (struct sockaddr *)&address, &len))
		return FAULT(fault, FAULT_NETWORK,
			"port %d of this machine cannot be opened: %s; choose another api.port", (int)port,
			strerror(errno));
	if (config->port_file) {
		char text[16];
		int n = snprintf(text, sizeof(text), "%d\n", ntohs(address.sin_port));
		if (file_write(config->port_file, text, (size_t)n, 0644, fault) < 0)
			return fault && fault->code ? fault->code : FAULT_IO;
	}
	*ret = fd;
	fd = -1;
	return 0;
}

int web_open_tcp(struct web *web, struct fault *fault)
{
	bool is_inherited = web->settings->inherited_tcp >= 0;
	int64_t tokens = 1; /* whoever has one is to hear why nothing is taken */
	int fd = -1;
	web->cached = 0;
	if (!web->settings->config->port && !is_inherited)
		return 0;
	if (!web->settings->refusal && store_token_count(web->settings->store, &tokens, fault) < 0)
		return FAULT_STORE;
	if ((!tokens && !is_inherited) || web->tcp)
		return 0; /* a door that was open stays: without a valid token it answers 401 */
	if (listen_tcp(web->settings, &fd, fault) < 0)
		return FAULT_NETWORK;
	return start_daemon(web, fd, &web->tcp, fault);
}

int web_new(const struct web_settings *settings, struct loop *loop, struct web **ret, struct fault *fault)
{
	CLEANUP(web_freep) struct web *web = calloc(1, sizeof(*web));
	int fd = -1;
	if (!web)
		return FAULT(fault, FAULT_MEMORY, "no memory for the doors");
	web->settings = settings;
	web->loop = loop;
	web->event_fd = -1;
	pthread_mutex_init(&web->lock, NULL);
	web->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (web->event_fd < 0 || loop_watch(loop, web->event_fd, EPOLLIN, on_finished, web, fault) < 0)
		return FAULT(fault, FAULT_IO, "no event descriptor: %s", strerror(errno));
	if (listen_local(settings, &fd, fault) < 0 || start_daemon(web, fd, &web->local, fault) < 0)
		return FAULT_NETWORK;
	if (web_open_tcp(web, fault) < 0 || loop_every(loop, 1000, on_tick, web, fault) < 0)
		return FAULT_NETWORK;
	*ret = web;
	web = NULL;
	return 0;
}

static void quiesce(struct MHD_Daemon *daemon)
{
	int fd = daemon ? MHD_quiesce_daemon(daemon) : -1;
	if (fd >= 0)
		close(fd);
}

static int epoll_of(struct MHD_Daemon *daemon)
{
	const union MHD_DaemonInfo *info = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	return info ? info->epoll_fd : -1;
}

static void answer_last(struct web *web)
{
	struct pollfd wakers[] = {
		{web->event_fd, POLLIN, 0}, {epoll_of(web->local), POLLIN, 0}, {epoll_of(web->tcp), POLLIN, 0}};
	int64_t until = clock_mono_ms(NULL) + LAST_WAIT_MS;
	web->is_closing = true;
	while (web->owed > 0 && clock_mono_ms(NULL) < until) {
		poll(wakers, ARRAY_LEN(wakers), LAST_LOOK_MS);
		web_drain(web);
	}
}

void web_quiesce(struct web *web)
{
	quiesce(web->local);
	quiesce(web->tcp);
	if (web->settings->inherited_local < 0)
		unlink(web->settings->config->socket_path);
	if (web->settings->config->port_file)
		unlink(web->settings->config->port_file);
	answer_last(web);
}

void web_free(struct web *web)
{
	if (!web)
		return;
	if (web->tcp)
		MHD_stop_daemon(web->tcp);
	if (web->local)
		MHD_stop_daemon(web->local);
	if (web->event_fd >= 0)
		close(web->event_fd);
	pthread_mutex_destroy(&web->lock);
	free(web);
}
