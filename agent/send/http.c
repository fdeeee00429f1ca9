#include "send/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/failpoint.h"

#define LOW_SPEED_BYTES	  100L
#define LOW_SPEED_SECONDS 30L
#define UNSENT_MAX	  16384	 /* bytes of a body that wait in the kernel: more would look as if they were sent */
#define RECORD_MAX	  16384L /* bytes of one record of TLS */
#define POLL_MS		  1000
#define URL_MAX		  2048
#define SOCKETS_MAX	  8
/* Of OpenSSL, as curl hands them on (X509_V_ERR_CERT_…). */
#define VERIFY_UNSPECIFIED   1
#define VERIFY_NOT_YET_VALID 9
#define VERIFY_HAS_EXPIRED   10

struct http {
	CURL *easy;
	CURLM *multi; /* keeps the connection between calls */
	struct http_settings settings;
	struct http_course course;
	struct timespec begun_at; /* the call under way */
	int64_t connected_ms;	  /* since then; -1 = not yet */
	int sockets[SOCKETS_MAX]; /* that libcurl holds open; it tells of a connection only once TLS stands too */
	size_t socket_count;
	atomic_bool is_interrupted;
};

/* What the callbacks of one call fill. */
struct receiving {
	CURL *easy;
	struct http_response *response;
	int64_t retry_at; /* Retry-After as a date, ms UTC; 0 = it was none */
};

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct receiving *receiving = context;
	struct bytes *body = &receiving->response->body;

	bytes_append(body, data, size * count);
	return body->failed ? 0 : size * count;
}

/* The value of header @name in @line, without the blanks around it. */
static bool read_header(const char *line, size_t len, const char *name, char *out, size_t room)
{
	size_t name_len = strlen(name);

	if (len <= name_len || strncasecmp(line, name, name_len) != 0 || line[name_len] != ':')
		return false;
	line += name_len + 1;
	len -= name_len + 1;
	while (len && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	while (len && strchr(" \t\r\n", line[len - 1]))
		len--;
	if (len >= room)
		return false;
	memcpy(out, line, len);
	out[len] = 0;
	return true;
}

/*
 * The body goes through a reader that cannot be rewound: libcurl by itself sends a request again when a kept-alive connection
 * dies before the answer, and a message whose outcome is unknown must not be resent blind (law R-SEND-5).
 */
struct sent_body {
	const char *at;
	size_t left;
};

static size_t on_read(char *out, size_t size, size_t count, void *context)
{
	struct sent_body *body = context;
	size_t n = size * count < body->left ? size * count : body->left;

	memcpy(out, body->at, n);
	body->at += n;
	body->left -= n;
	return n;
}

/* An HTTP date as ms UTC; 0 = it is none, a number of seconds for example. */
static int64_t read_date(const char *text)
{
	time_t seconds = strspn(text, "0123456789") == strlen(text) ? -1 : curl_getdate(text, NULL);

	return seconds > 0 ? (int64_t)seconds * 1000 : 0;
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
	struct receiving *receiving = context;
	struct http_response *response = receiving->response;
	char value[64];
	size_t len = size * count;

	if (read_header(data, len, "Date", value, sizeof(value)))
		response->date_ms = read_date(value);
	if (read_header(data, len, "Retry-After", value, sizeof(value)))
		receiving->retry_at = read_date(value);
	read_header(data, len, "X-Message-State", response->state, sizeof(response->state));
	read_header(data, len, "X-Message-Ref", response->ref, sizeof(response->ref));
	return len;
}

int http_new(const struct http_settings *settings, struct http **ret, struct fault *fault)
{
	struct http *http;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return FAULT(fault, FAULT_NETWORK, "libcurl does not start");
	http = calloc(1, sizeof(*http));
	if (!http)
		return FAULT(fault, FAULT_MEMORY, "no memory for a connection");
	http->settings = *settings;
	http->easy = curl_easy_init();
	http->multi = curl_multi_init();
	if (!http->easy || !http->multi) {
		http_free(http);
		return FAULT(fault, FAULT_MEMORY, "no memory for a connection");
	}
	*ret = http;
	return 0;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	curl_easy_cleanup(http->easy);
	curl_multi_cleanup(http->multi);
	free(http);
}

struct http_course http_course(const struct http *http)
{
	return http->course;
}

void http_interrupt(struct http *http)
{
	atomic_store(&http->is_interrupted, true);
	curl_multi_wakeup(http->multi);
}

static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http *http = context;
	const int unsent = UNSENT_MAX;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

	(void)purpose;
	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
	if (fd >= 0 && http->socket_count < SOCKETS_MAX)
		http->sockets[http->socket_count++] = fd;
	return fd;
}

/* Also of a connection that was kept from an earlier call. */
static int on_close(void *context, curl_socket_t fd)
{
	struct http *http = context;

	for (size_t i = 0; i < http->socket_count; i++)
		if (http->sockets[i] == fd)
			http->sockets[i] = http->sockets[--http->socket_count];
	return close(fd);
}

/* Nothing of the environment decides where a sale's invoice goes: no proxy, no .netrc, no system trust store. */
static CURLcode set_common(struct http *http, const char *url, const char *protocol)
{
	CURL *easy = http->easy;
	CURLcode code = CURLE_OK;

#define SET(option, value) code = code ? code : curl_easy_setopt(easy, (option), (value))
	curl_easy_reset(easy);
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, protocol);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_USERAGENT, "hoadon-agent/" HOADON_VERSION);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)http->settings.connect_timeout_ms);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
	SET(CURLOPT_OPENSOCKETDATA, http);
	SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
	SET(CURLOPT_CLOSESOCKETDATA, http);
	SET(CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED_BYTES);
	SET(CURLOPT_LOW_SPEED_TIME, LOW_SPEED_SECONDS);
	return code;
}

static CURLcode set_tls(struct http *http)
{
	const char *text = http->settings.ca_pem ? http->settings.ca_pem : "";
	struct curl_blob pem = {.data = (void *)text, .len = strlen(text), .flags = CURL_BLOB_COPY};
	CURL *easy = http->easy;
	CURLcode code = CURLE_OK;

	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_CAINFO, http->settings.ca_file);
	SET(CURLOPT_CAPATH, NULL);
	if (!http->settings.ca_file && http->settings.ca_pem)
		SET(CURLOPT_CAINFO_BLOB, &pem);
	return code;
}

/* A large body over a narrow line takes longer than the others, and arrives. */
static long longest_ms(const struct http_settings *settings, const struct http_request *request)
{
	int64_t speed = request->body ? settings->slowest_bytes_per_s : 0;
	int64_t by_size = speed ? (int64_t)request->len * 1000 / speed : 0;

	return (long)(by_size > settings->total_timeout_ms ? by_size : settings->total_timeout_ms);
}

static CURLcode set_request(
	struct http *http, const struct http_request *request, struct sent_body *body, struct curl_slist *headers)
{
	CURL *easy = http->easy;
	CURLcode code = CURLE_OK;

	SET(CURLOPT_HTTPHEADER, headers);
	if (request->user) {
		SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		SET(CURLOPT_USERNAME, request->user);
		SET(CURLOPT_PASSWORD, request->password ? request->password : "");
	}
	if (request->body) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->len);
		SET(CURLOPT_READFUNCTION, on_read);
		SET(CURLOPT_READDATA, body);
		SET(CURLOPT_UPLOAD_BUFFERSIZE, RECORD_MAX);
	}
	SET(CURLOPT_TIMEOUT_MS, longest_ms(&http->settings, request));
	SET(CURLOPT_CUSTOMREQUEST, request->method);
	return code;
}

static CURLcode set_receiving(CURL *easy, struct receiving *receiving)
{
	CURLcode code = CURLE_OK;

	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, receiving);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, receiving);
	return code;
}
#undef SET

/* A 2 MB body otherwise waits a second for servers that ignore `Expect:` (signing section 6). */
static struct curl_slist *make_headers(const struct http_request *request)
{
	char type[160];
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
	struct curl_slist *more;

	if (!headers)
		return NULL;
	snprintf(type, sizeof(type), "Content-Type: %s", request->content_type ? request->content_type : "");
	if (!request->content_type)
		type[sizeof("Content-Type:") - 1] = 0;
	more = curl_slist_append(headers, type);
	if (!more)
		curl_slist_free_all(headers);
	return more;
}

static void look_at_sockets(struct http *http)
{
	struct sockaddr_storage peer;
	struct timespec now;

	for (size_t i = 0; http->connected_ms < 0 && i < http->socket_count; i++) {
		socklen_t len = sizeof(peer);

		if (getpeername(http->sockets[i], (struct sockaddr *)&peer, &len) != 0)
			continue;
		clock_gettime(CLOCK_MONOTONIC, &now);
		http->connected_ms = (now.tv_sec - http->begun_at.tv_sec) * INT64_C(1000) +
				     (now.tv_nsec - http->begun_at.tv_nsec) / 1000000;
	}
}

/* A narrow line is no standstill. */
static void look_at_progress(struct http *http, curl_off_t *done)
{
	curl_off_t up = 0;
	curl_off_t down = 0;

	curl_easy_getinfo(http->easy, CURLINFO_SIZE_UPLOAD_T, &up);
	curl_easy_getinfo(http->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
	if (http->settings.pulse && up + down > *done)
		pulse_beat(http->settings.pulse);
	*done = up + down;
}

/* The result of the transfer that ran, CURLE_ABORTED_BY_CALLBACK when it was interrupted. */
static CURLcode run(struct http *http)
{
	int running = 1;
	int left;
	curl_off_t done = 0;
	CURLMsg *message;

	http->connected_ms = -1;
	clock_gettime(CLOCK_MONOTONIC, &http->begun_at);
	if (curl_multi_add_handle(http->multi, http->easy) != CURLM_OK)
		return CURLE_FAILED_INIT;
	while (running && !atomic_load(&http->is_interrupted)) {
		if (curl_multi_perform(http->multi, &running) != CURLM_OK)
			break;
		look_at_sockets(http);
		look_at_progress(http, &done);
		if (running && curl_multi_poll(http->multi, NULL, 0, POLL_MS, NULL) != CURLM_OK)
			break;
	}
	CURLcode code = CURLE_ABORTED_BY_CALLBACK;
	while ((message = curl_multi_info_read(http->multi, &left)))
		if (message->msg == CURLMSG_DONE)
			code = message->data.result;
	curl_multi_remove_handle(http->multi, http->easy);
	return code;
}

static int no_answer(struct http_response *ret, struct fault *fault, const char *why)
{
	ret->status = 0;
	bytes_clear(&ret->body);
	fault_set(fault, FAULT_NETWORK, "http_call", "no whole answer came: %s", why);
	return 1;
}

/* A date is measured against the server's own clock when it tells it: ours may be wrong. */
static int64_t retry_after_ms(const struct receiving *receiving)
{
	const struct http_response *response = receiving->response;
	curl_off_t seconds = 0;

	if (receiving->retry_at && response->date_ms)
		return receiving->retry_at > response->date_ms ? receiving->retry_at - response->date_ms : -1;
	curl_easy_getinfo(receiving->easy, CURLINFO_RETRY_AFTER, &seconds);
	return seconds > 0 ? (int64_t)seconds * 1000 : -1;
}

/* A UDP socket that is told a far address (RFC 5737) sends nothing, but the kernel says whether it has a way there. */
static bool has_way_out(void)
{
	const struct sockaddr_in far = {
		.sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(0xC0000201)};
	CLEANUP(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 || connect(fd, (const struct sockaddr *)&far, sizeof(far)) == 0;
}

/* ms from the beginning of the call; a request that left proves what came before it, also on a kept connection. */
static int64_t course_ms(CURL *easy, CURLINFO moment)
{
	curl_off_t us = 0;
	long sent = 0;

	curl_easy_getinfo(easy, moment, &us);
	curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
	return us > 0 || sent > 0 ? us / 1000 : -1;
}

static enum http_tls tls_of(CURL *easy, CURLcode code)
{
	long verified = 0;

	if (code == CURLE_SSL_CACERT_BADFILE)
		return HTTP_TLS_CA_FILE;
	if (code != CURLE_PEER_FAILED_VERIFICATION)
		return HTTP_TLS_OTHER;
	curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verified);
	switch (verified) {
	case VERIFY_UNSPECIFIED: /* the chain is good, libcurl itself compares the name */
		return HTTP_TLS_OTHER_NAME;
	case VERIFY_NOT_YET_VALID:
		return HTTP_TLS_EARLY;
	case VERIFY_HAS_EXPIRED:
		return HTTP_TLS_EXPIRED;
	default:
		return HTTP_TLS_STRANGER;
	}
}

static struct http_course course_of(const struct http *http, CURLcode code)
{
	CURL *easy = http->easy;

	return (struct http_course){
		.named_ms = course_ms(easy, CURLINFO_NAMELOOKUP_TIME_T),
		.connected_ms = http->connected_ms,
		.secured_ms = course_ms(easy, CURLINFO_APPCONNECT_TIME_T),
		.ended_ms = course_ms(easy, CURLINFO_TOTAL_TIME_T),
		.tls = tls_of(easy, code),
	};
}

/* A call that took too long stopped where the next step is missing. */
static enum reach reach_in_time(const struct http_course *course)
{
	if (course->named_ms < 0)
		return has_way_out() ? REACH_NO_NAME : REACH_NO_NETWORK;
	if (course->connected_ms < 0)
		return REACH_NO_CONNECTION;
	return course->secured_ms < 0 ? REACH_NO_TLS : REACH_SERVER;
}

static enum reach reach_of(CURL *easy, CURLcode code, const struct http_course *course)
{
	long error = 0;

	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		return reach_in_time(course);
	case CURLE_URL_MALFORMAT:
	case CURLE_COULDNT_RESOLVE_HOST:
		return has_way_out() ? REACH_NO_NAME : REACH_NO_NETWORK;
	case CURLE_COULDNT_CONNECT:
		curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
		return error == ENETUNREACH || error == ENETDOWN ? REACH_NO_NETWORK : REACH_NO_CONNECTION;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return REACH_NO_TLS;
	default:
		return REACH_SERVER;
	}
}

static int finish(const struct receiving *receiving, CURLcode code, const struct http_course *course,
	struct http_response *ret, struct fault *fault)
{
	long status = 0;

	if (code == CURLE_OUT_OF_MEMORY)
		return FAULT(fault, FAULT_MEMORY, "no memory for a request");
	if (code)
		ret->reach = reach_of(receiving->easy, code, course);
	if (code)
		return no_answer(ret, fault, ret->body.failed ? "it is larger than allowed" : curl_easy_strerror(code));
	if (FAILPOINT("http.call", "after"))
		return no_answer(ret, fault, "failpoint");
	curl_easy_getinfo(receiving->easy, CURLINFO_RESPONSE_CODE, &status);
	ret->status = (int)status;
	ret->retry_after_ms = retry_after_ms(receiving);
	return 0;
}

static int call(struct http *http, const struct http_request *request, const char *socket_path,
	struct http_response *ret, struct fault *fault)
{
	struct receiving receiving = {.easy = http->easy, .response = ret};
	struct sent_body body = {.at = request->body, .left = request->len};
	struct curl_slist *headers;
	CURLcode code;
	int result;

	if (!ret->body.max)
		bytes_init(&ret->body, HTTP_BODY_MAX);
	ret->retry_after_ms = -1;
	if (FAILPOINT("http.call", "before"))
		return no_answer(ret, fault, "failpoint");
	headers = make_headers(request);
	if (!headers)
		return FAULT(fault, FAULT_MEMORY, "no memory for a request");
	code = set_common(http, request->url, socket_path ? "http" : "https");
	if (!code)
		code = socket_path ? curl_easy_setopt(http->easy, CURLOPT_UNIX_SOCKET_PATH, socket_path)
				   : set_tls(http);
	if (!code)
		code = set_request(http, request, &body, headers);
	if (!code)
		code = set_receiving(http->easy, &receiving);
	if (code) {
		result = FAULT(fault, FAULT_CONFIG, "a request cannot be made: %s", curl_easy_strerror(code));
	} else {
		code = run(http);
		http->course = course_of(http, code);
		result = finish(&receiving, code, &http->course, ret, fault);
	}
	/* libcurl takes the body only once the connection stands. */
	ret->is_unsent = result == 1 && request->body && body.at == request->body;
	curl_slist_free_all(headers);
	return result;
}

int http_call(struct http *http, const struct http_request *request, struct http_response *ret, struct fault *fault)
{
	return call(http, request, NULL, ret, fault);
}

int http_local_call(const char *socket_path, const char *method, const char *path, const void *body, size_t len,
	struct http_response *ret, struct fault *fault)
{
	const struct http_settings settings = {
		.connect_timeout_ms = HTTP_LOCAL_TIMEOUT_MS, .total_timeout_ms = HTTP_LOCAL_TIMEOUT_MS};
	struct http *http = NULL;
	char url[URL_MAX];
	struct http_request request = {.method = method, .url = url, .body = body, .len = len};
	int result;

	request.content_type = body ? "application/json" : NULL;
	if (snprintf(url, sizeof(url), "http://localhost%s", path) >= (int)sizeof(url))
		return FAULT(fault, FAULT_CONFIG, "the path of a request is longer than %d bytes", URL_MAX);
	result = http_new(&settings, &http, fault);
	if (result || !http)
		return result;
	result = call(http, &request, socket_path, ret, fault);
	http_free(http);
	return result;
}
