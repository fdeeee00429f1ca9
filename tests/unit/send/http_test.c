/* Signing section 6: what the connection does and what it refuses to do. A server of our own answers over TLS and a Unix socket. */
#include "../wire/testing.h"
#include "../wire/pki.h"
#include "tls_server.h"

#include <sys/un.h>

static void listen_on_socket(struct server *server)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", server->socket_path);
	server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, sizeof(address)), 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVER_TEST(an_answer_over_tls_comes_with_status_body_and_headers),
		SERVER_TEST(retry_after_may_be_a_date),
		SERVER_TEST(what_never_left_is_told_from_what_may_have_arrived),
		SERVER_TEST(a_post_carries_the_body_and_basic_credentials_and_no_expect),
		SERVER_TEST(the_connection_is_kept),
		SERVER_TEST(a_post_on_a_dead_kept_connection_is_never_sent_twice),
		SERVER_TEST(a_server_of_another_authority_is_not_talked_to),
		SERVER_TEST(a_server_with_another_name_is_not_talked_to),
		SERVER_TEST(tls_below_1_2_is_refused),
		SERVER_TEST(plain_http_and_files_are_refused),
		SERVER_TEST(redirects_are_not_followed),
		SERVER_TEST(the_environment_gives_no_proxy),
		SERVER_TEST(an_answer_that_breaks_off_is_none),
		SERVER_TEST(an_answer_larger_than_the_cap_is_none),
		SERVER_TEST(a_silent_server_is_given_up),
		SERVER_TEST(a_call_under_way_can_be_interrupted),
		SERVER_TEST(the_local_interface_is_reached_over_its_socket),
		SERVER_TEST(a_missing_socket_is_no_answer),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
