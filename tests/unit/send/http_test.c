/* Signing section 6: what the connection does and what it refuses to do. A server of our own answers over TLS and a Unix socket. */
#include "../wire/testing.h"
#include "../wire/pki.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "base/file.h"
#include "send/http.h"

#define PATH_TEXT_MAX 100

/* A server that reads one request of each connection it accepts and answers with @answer. */
struct server {
	char dir[64], ca_file[PATH_TEXT_MAX], socket_path[PATH_TEXT_MAX], url[128];
	EVP_PKEY *ca_key, *key;
	X509 *ca, *cert;
	SSL_CTX *tls; /* NULL = plain, over the Unix socket */
	int fd, port;
	pthread_t thread;
	const char *answer;
	size_t answer_len;
	bool is_silent; /* never answers */
	bool keeps_alive;
	int max_tls; /* 0 = any */
	atomic_int connections, requests;
	char request[8192];
	struct http_settings settings;
	struct http *http;
	struct http_response response;
	struct fault fault;
};

static void write_file(const char *path, X509 *cert)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, cert), 1);
	fclose(file);
}

static int read_some(SSL *ssl, int fd, char *out, int room)
{
	return ssl ? SSL_read(ssl, out, room) : (int)read(fd, out, (size_t)room);
}

static void write_all(SSL *ssl, int fd, const char *bytes, size_t len)
{
	while (len) {
		long n = ssl ? SSL_write(ssl, bytes, (int)(len > 65536 ? 65536 : len)) : write(fd, bytes, len);

		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

/* One request with its body; false when the connection ended. */
static bool read_request(struct server *server, SSL *ssl, int fd)
{
	size_t len = 0;
	char *end = NULL, *length;

	while (len < sizeof(server->request) - 1) {
		int n = read_some(ssl, fd, server->request + len, (int)(sizeof(server->request) - 1 - len));

		if (n <= 0)
			return false;
		len += (size_t)n;
		server->request[len] = 0;
		end = strstr(server->request, "\r\n\r\n");
		length = strcasestr(server->request, "Content-Length: ");
		if (end && len >= (size_t)(end + 4 - server->request) + (length ? strtoul(length + 16, NULL, 10) : 0))
			return true;
	}
	return true;
}

static void serve(struct server *server, int fd)
{
	SSL *ssl = NULL;

	atomic_fetch_add(&server->connections, 1);
	if (server->tls) {
		ssl = SSL_new(server->tls);
		SSL_set_fd(ssl, fd);
		if (server->max_tls)
			SSL_set_max_proto_version(ssl, server->max_tls);
		if (SSL_accept(ssl) != 1) {
			SSL_free(ssl);
			return;
		}
	}
	while (read_request(server, ssl, fd)) {
		atomic_fetch_add(&server->requests, 1);
		if (server->is_silent) {
			char c;

			(void)!read_some(ssl, fd, &c, 1);
			break;
		}
		write_all(ssl, fd, server->answer, server->answer_len);
		if (!server->keeps_alive)
			break;
	}
	if (ssl)
		SSL_shutdown(ssl);
	SSL_free(ssl);
}

static void *server_main(void *context)
{
	struct server *server = context;
	int fd;

	while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
		serve(server, fd);
		close(fd);
	}
	return NULL;
}

static void answer_with(struct server *server, const char *text)
{
	server->answer = text;
	server->answer_len = strlen(text);
}

static void listen_on_socket(struct server *server)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", server->socket_path);
	server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

static void listen_on_tls(struct server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);

	server->tls = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_security_level(server->tls, 0);
	SSL_CTX_set_min_proto_version(server->tls, TLS1_VERSION);
	assert_int_equal(SSL_CTX_use_certificate(server->tls, server->cert), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(server->tls, server->key), 1);
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
	snprintf(server->url, sizeof(server->url), "https://localhost:%d/messages", server->port);
}

static void start(struct server *server)
{
	assert_int_equal(listen(server->fd, 8), 0);
	assert_int_equal(pthread_create(&server->thread, NULL, server_main, server), 0);
}

static void make_certificates(struct server *server)
{
	server->ca_key = EVP_RSA_gen(2048);
	server->key = EVP_RSA_gen(2048);
	server->ca = pki_certify(server->ca_key, "CA", NULL, NULL, server->ca_key);
	server->cert = X509_new();
	X509_set_version(server->cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(server->cert), 7);
	X509_gmtime_adj(X509_getm_notBefore(server->cert), -86400);
	X509_gmtime_adj(X509_getm_notAfter(server->cert), 86400);
	X509_set_pubkey(server->cert, server->key);
	X509_set_issuer_name(server->cert, X509_get_subject_name(server->ca));
	pki_extend(server->cert, NID_subject_alt_name, "DNS:localhost");
	assert_true(X509_sign(server->cert, server->ca_key, EVP_sha256()) > 0);
}

/* Keys are made once: that is what takes time. */
static int make_keys(void **state)
{
	struct server *server = calloc(1, sizeof(*server));

	assert_non_null(server);
	make_certificates(server);
	*state = server;
	return 0;
}

static int free_keys(void **state)
{
	struct server *server = *state;

	X509_free(server->ca);
	X509_free(server->cert);
	EVP_PKEY_free(server->ca_key);
	EVP_PKEY_free(server->key);
	free(server);
	return 0;
}

static int set_up(void **state)
{
	const struct server *keys = *state;
	struct server *server = calloc(1, sizeof(*server));

	assert_non_null(server);
	server->ca = keys->ca;
	server->cert = keys->cert;
	server->key = keys->key;
	strcpy(server->dir, "/tmp/hoadon-http-XXXXXX");
	assert_non_null(mkdtemp(server->dir));
	snprintf(server->ca_file, sizeof(server->ca_file), "%s/ca.pem", server->dir);
	snprintf(server->socket_path, sizeof(server->socket_path), "%s/socket", server->dir);
	write_file(server->ca_file, server->ca);
	server->settings = (struct http_settings){
		.ca_file = server->ca_file, .connect_timeout_ms = 5000, .total_timeout_ms = 5000};
	assert_int_equal(http_new(&server->settings, &server->http, &server->fault), 0);
	answer_with(server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	*state = server;
	return 0;
}

static int tear_down(void **state)
{
	struct server *server = *state;
	char command[128];

	http_free(server->http);
	if (server->thread) {
		shutdown(server->fd, SHUT_RDWR);
		pthread_join(server->thread, NULL);
	}
	close(server->fd);
	bytes_done(&server->response.body);
	SSL_CTX_free(server->tls);
	snprintf(command, sizeof(command), "rm -rf %s", server->dir);
	assert_int_equal(system(command), 0);
	free(server);
	return 0;
}

static int get(struct server *server, const char *url)
{
	struct http_request request = {.method = "GET", .url = url, .user = "shop", .password = "secret"};

	bytes_done(&server->response.body);
	memset(&server->response, 0, sizeof(server->response));
	memset(&server->fault, 0, sizeof(server->fault));
	return http_call(server->http, &request, &server->response, &server->fault);
}

static void an_answer_over_tls_comes_with_status_body_and_headers(void **state)
{
	struct server *server = *state;

	answer_with(server, "HTTP/1.1 503 Later\r\nRetry-After: 7\r\nDate: Sun, 22 Nov 2026 06:00:00 GMT\r\n"
			    "x-message-state:  not_found \r\nX-Message-Ref: R-9\r\nContent-Length: 3\r\n\r\nabc");
	listen_on_tls(server);
	start(server);
	assert_int_equal(get(server, server->url), 0);
	assert_int_equal(server->response.status, 503);
	assert_int_equal(server->response.retry_after_ms, 7000);
	/* 2026-11-22T13:00:00+07:00 */
	assert_int_equal(server->response.date_ms, INT64_C(1795327200000));
	assert_string_equal(server->response.state, "not_found");
	assert_string_equal(server->response.ref, "R-9");
	assert_string_equal((char *)server->response.body.data, "abc");
}

/* RFC 9110 10.2.3: a date is as good as seconds, and is measured by the clock of who gave it. */
static void retry_after_may_be_a_date(void **state)
{
	struct server *server = *state;

	answer_with(server, "HTTP/1.1 429 Later\r\nRetry-After: Mon, 06 Nov 2034 06:01:30 GMT\r\n"
			    "Date: Mon, 06 Nov 2034 06:00:00 GMT\r\nContent-Length: 0\r\n\r\n");
	listen_on_tls(server);
	start(server);
	assert_int_equal(get(server, server->url), 0);
	assert_int_equal(server->response.retry_after_ms, 90000);
}

/* "shop:secret" in base64 (RFC 7617); no Expect, so that 2 MB do not wait for a second. */
static void a_post_carries_the_body_and_basic_credentials_and_no_expect(void **state)
{
	struct server *server = *state;
	struct http_request request = {.method = "POST",
		.url = server->url,
		.user = "shop",
		.password = "secret",
		.content_type = "application/xml",
		.body = "<TDiep/>",
		.len = 8};

	listen_on_tls(server);
	start(server);
	assert_int_equal(http_call(server->http, &request, &server->response, &server->fault), 0);
	assert_non_null(strstr(server->request, "POST /messages HTTP/1.1\r\n"));
	assert_non_null(strstr(server->request, "Authorization: Basic c2hvcDpzZWNyZXQ=\r\n"));
	assert_non_null(strstr(server->request, "Content-Type: application/xml\r\n"));
	assert_non_null(strstr(server->request, "Content-Length: 8\r\n"));
	assert_non_null(strstr(server->request, "\r\n\r\n<TDiep/>"));
	assert_null(strcasestr(server->request, "Expect:"));
}

static void the_connection_is_kept(void **state)
{
	struct server *server = *state;

	server->keeps_alive = true;
	listen_on_tls(server);
	start(server);
	for (int i = 0; i < 5; i++)
		assert_int_equal(get(server, server->url), 0);
	assert_int_equal(atomic_load(&server->connections), 1);
	assert_int_equal(atomic_load(&server->requests), 5);
}

/* Law R-SEND-5: a message whose answer is lost is asked about; nobody below us sends it again, also not on a kept connection that died. */
static void a_post_on_a_dead_kept_connection_is_never_sent_twice(void **state)
{
	struct server *server = *state;
	struct http_request request = {.method = "POST", .url = server->url, .body = "<TDiep/>", .len = 8};

	server->keeps_alive = true;
	listen_on_tls(server);
	start(server);
	assert_int_equal(get(server, server->url), 0);
	server->keeps_alive = false;
	answer_with(server, "");
	bytes_done(&server->response.body);
	memset(&server->response, 0, sizeof(server->response));
	assert_int_equal(http_call(server->http, &request, &server->response, &server->fault), 1);
	assert_int_equal(atomic_load(&server->requests), 2);
}

/* Certain knowledge that nothing left is what lets another route take a message (house 8.9). */
static void what_never_left_is_told_from_what_may_have_arrived(void **state)
{
	struct server *server = *state;
	struct http_request request = {
		.method = "POST", .url = "https://localhost:1/messages", .body = "<TDiep/>", .len = 8};

	assert_int_equal(http_call(server->http, &request, &server->response, &server->fault), 1);
	assert_true(server->response.is_unsent);
	listen_on_tls(server);
	answer_with(server, "");
	start(server);
	request.url = server->url;
	memset(&server->response, 0, sizeof(server->response));
	assert_int_equal(http_call(server->http, &request, &server->response, &server->fault), 1);
	assert_int_equal(atomic_load(&server->requests), 1);
	assert_false(server->response.is_unsent);
}

static void a_server_of_another_authority_is_not_talked_to(void **state)
{
	struct server *server = *state;
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *other = pki_certify(key, "CA", NULL, NULL, key);

	listen_on_tls(server);
	start(server);
	write_file(server->ca_file, other);
	assert_int_equal(get(server, server->url), 1);
	assert_int_equal(server->response.status, 0);
	assert_int_equal(atomic_load(&server->requests), 0);
	X509_free(other);
	EVP_PKEY_free(key);
}

static void a_server_with_another_name_is_not_talked_to(void **state)
{
	struct server *server = *state;
	char url[128];

	listen_on_tls(server);
	start(server);
	snprintf(url, sizeof(url), "https://127.0.0.1:%d/messages", server->port);
	assert_int_equal(get(server, url), 1);
	assert_int_equal(atomic_load(&server->requests), 0);
}

static void tls_below_1_2_is_refused(void **state)
{
	struct server *server = *state;

	server->max_tls = TLS1_1_VERSION;
	listen_on_tls(server);
	start(server);
	assert_int_equal(get(server, server->url), 1);
	assert_int_equal(atomic_load(&server->requests), 0);
}

/* https only: a word in the configuration cannot send invoices in the clear. */
static void plain_http_and_files_are_refused(void **state)
{
	struct server *server = *state;
	char url[256];

	listen_on_tls(server);
	start(server);
	snprintf(url, sizeof(url), "http://localhost:%d/messages", server->port);
	assert_int_not_equal(get(server, url), 0);
	snprintf(url, sizeof(url), "file://%s", server->ca_file);
	assert_int_not_equal(get(server, url), 0);
	assert_int_equal(atomic_load(&server->connections), 0);
}

static void redirects_are_not_followed(void **state)
{
	struct server *server = *state;
	char answer[256];

	listen_on_tls(server);
	snprintf(
		answer, sizeof(answer), "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", server->url);
	answer_with(server, answer);
	start(server);
	assert_int_equal(get(server, server->url), 0);
	assert_int_equal(server->response.status, 302);
	assert_int_equal(atomic_load(&server->requests), 1);
}

static void the_environment_gives_no_proxy(void **state)
{
	struct server *server = *state;

	listen_on_tls(server);
	start(server);
	setenv("https_proxy", "http://127.0.0.1:9", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:9", 1);
	assert_int_equal(get(server, server->url), 0);
	unsetenv("https_proxy");
	unsetenv("ALL_PROXY");
}

static void an_answer_that_breaks_off_is_none(void **state)
{
	struct server *server = *state;

	answer_with(server, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly the beginning");
	listen_on_tls(server);
	start(server);
	assert_int_equal(get(server, server->url), 1);
	assert_int_equal(server->response.status, 0);
	assert_int_equal(server->response.body.len, 0);
	assert_true(strlen(server->fault.text) > 0);
}

static void an_answer_larger_than_the_cap_is_none(void **state)
{
	struct server *server = *state;
	CLEANUP(freep) char *answer = malloc(HTTP_BODY_MAX + 200);
	int head = snprintf(answer, 200, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", HTTP_BODY_MAX + 1);

	memset(answer + head, 'x', HTTP_BODY_MAX + 1);
	server->answer = answer;
	server->answer_len = (size_t)head + HTTP_BODY_MAX + 1;
	listen_on_tls(server);
	start(server);
	assert_int_equal(get(server, server->url), 1);
	assert_int_equal(server->response.body.len, 0);
}

static void a_silent_server_is_given_up(void **state)
{
	struct server *server = *state;

	server->is_silent = true;
	server->settings.total_timeout_ms = 300;
	http_free(server->http);
	assert_int_equal(http_new(&server->settings, &server->http, &server->fault), 0);
	listen_on_tls(server);
	start(server);
	assert_int_equal(get(server, server->url), 1);
}

static void *interrupt_soon(void *context)
{
	usleep(200000);
	http_interrupt(context);
	return NULL;
}

static void a_call_under_way_can_be_interrupted(void **state)
{
	struct server *server = *state;
	pthread_t thread;

	server->is_silent = true;
	listen_on_tls(server);
	start(server);
	assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, server->http), 0);
	assert_int_equal(get(server, server->url), 1);
	pthread_join(thread, NULL);
	assert_int_equal(get(server, server->url), 1);
	assert_int_equal(atomic_load(&server->requests), 1);
}

static void the_local_interface_is_reached_over_its_socket(void **state)
{
	struct server *server = *state;

	answer_with(server, "HTTP/1.1 201 Created\r\nContent-Length: 8\r\n\r\n{\"a\": 1}");
	listen_on_socket(server);
	start(server);
	assert_int_equal(http_local_call(server->socket_path, "POST", "/api/v1/sales", "{}", 2, &server->response,
				 &server->fault),
		0);
	assert_int_equal(server->response.status, 201);
	assert_string_equal((char *)server->response.body.data, "{\"a\": 1}");
	assert_non_null(strstr(server->request, "POST /api/v1/sales HTTP/1.1\r\n"));
	assert_non_null(strstr(server->request, "Host: localhost\r\n"));
	assert_non_null(strstr(server->request, "Content-Type: application/json\r\n"));
}

static void a_missing_socket_is_no_answer(void **state)
{
	struct server *server = *state;

	server->fd = -1;
	assert_int_equal(
		http_local_call("/nonexistent/socket", "GET", "/", NULL, 0, &server->response, &server->fault), 1);
}

#define HTTP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HTTP_TEST(an_answer_over_tls_comes_with_status_body_and_headers),
		HTTP_TEST(retry_after_may_be_a_date),
		HTTP_TEST(what_never_left_is_told_from_what_may_have_arrived),
		HTTP_TEST(a_post_carries_the_body_and_basic_credentials_and_no_expect),
		HTTP_TEST(the_connection_is_kept),
		HTTP_TEST(a_post_on_a_dead_kept_connection_is_never_sent_twice),
		HTTP_TEST(a_server_of_another_authority_is_not_talked_to),
		HTTP_TEST(a_server_with_another_name_is_not_talked_to),
		HTTP_TEST(tls_below_1_2_is_refused),
		HTTP_TEST(plain_http_and_files_are_refused),
		HTTP_TEST(redirects_are_not_followed),
		HTTP_TEST(the_environment_gives_no_proxy),
		HTTP_TEST(an_answer_that_breaks_off_is_none),
		HTTP_TEST(an_answer_larger_than_the_cap_is_none),
		HTTP_TEST(a_silent_server_is_given_up),
		HTTP_TEST(a_call_under_way_can_be_interrupted),
		HTTP_TEST(the_local_interface_is_reached_over_its_socket),
		HTTP_TEST(a_missing_socket_is_no_answer),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
