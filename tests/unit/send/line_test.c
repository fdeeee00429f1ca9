/* The way to the authority, layer by layer: where it ends, how long each layer took, and whose fault it is. */
#include "../wire/testing.h"
#include "../wire/bills.h"
#include "../wire/pki.h"
#include "tls_server.h"

#include <dlfcn.h>
#include <netdb.h>
#include <poll.h>

#include "send/line.h"

#define SHORT_MS  300
#define LONG_MS	  60000 /* what it takes on a machine that stalls; the kernel itself gives up after two minutes */
#define NOW_MS	  INT64_C(1795327200000) /* 2026-11-22T13:00:00+07:00 */
#define NOT_FOUND "HTTP/1.1 404 No\r\nX-Message-State: not_found\r\nContent-Length: 0\r\n\r\n"
#define CROWD_MAX 16

static atomic_int name_delay_ms;

/* Instead of the C library's, also for libcurl: a name server that does not answer. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	usleep((useconds_t)(atomic_load(&name_delay_ms) * 1000));
	return real(node, service, hints, ret);
}

/* As a driver maps them: the id in the path, the state in a header. */
static int query(const struct authority_env *env, const char *message_id, const char *ref, struct authority_answer *ret,
	struct fault *fault)
{
	struct http_response response = {.retry_after_ms = -1};
	struct fault why = {0};
	char url[256];
	struct http_request request = {.method = "GET", .url = url, .user = env->user, .password = env->password};
	int result;

	(void)ref;
	(void)fault;
	snprintf(url, sizeof(url), "%s/%s", env->url, message_id);
	result = env->call(env->http, &request, &response, &why);
	bytes_done(&ret->raw);
	ret->raw = response.body;
	ret->http_status = response.status;
	ret->reach = response.reach;
	ret->date_ms = response.date_ms;
	snprintf(ret->text, sizeof(ret->text), "%.*s", 100, why.text);
	if (result)
		return QUERY_UNKNOWN;
	return response.status == 200			  ? QUERY_VERDICT
	       : response.status == 202			  ? QUERY_PENDING
	       : strcmp(response.state, "not_found") == 0 ? QUERY_NOT_FOUND
							  : QUERY_UNKNOWN;
}

static const struct authority_ops ops = {.name = "test", .query = query};

static struct line_report try_with(struct server *server, const char *message_id, int64_t sent_at, const char *anchors)
{
	char file[128], text[64];
	struct line_report report;
	struct clock clock = {.test_file = file};
	struct line_settings settings = {.ops = &ops,
		.http = server->settings,
		.url = server->url,
		.user = "shop",
		.password = "secret",
		.clock = &clock,
		.message_id = message_id,
		.sent_at = sent_at,
		.anchors_pem = anchors};

	snprintf(file, sizeof(file), "%s/clock", server->dir);
	snprintf(text, sizeof(text), "=%lld\n", (long long)NOW_MS);
	assert_int_equal(file_write(file, text, strlen(text), 0600, &server->fault), 0);
	memset(&report, 0x5a, sizeof(report));
	assert_int_equal(line_try(&settings, &report, &server->fault), 0);
	return report;
}

static struct line_report try(struct server *server)
{
	return try_with(server, NULL, 0, NULL);
}

/* All layers before @layer stand, it is broken, those behind were not tried. */
static void assert_ends_at(const struct line_report *report, enum line_layer layer, enum line_finding finding)
{
	assert_int_equal(report->finding, finding);
	assert_int_equal(line_finding_row(finding)->layer, layer);
	for (int i = 0; i < LINE_LAYER_COUNT; i++)
		assert_int_equal(report->steps[i].state, i < (int)layer	   ? LINE_WELL
							 : i == (int)layer ? LINE_BROKEN
									   : LINE_UNTRIED);
}

static void give_up_soon(struct server *server)
{
	server->settings.connect_timeout_ms = server->settings.total_timeout_ms = SHORT_MS;
}

static void a_line_that_works_is_well_up_to_the_provider(void **state)
{
	struct server *server = *state;
	struct line_report report;

	answer_with(server, "HTTP/1.1 404 No\r\nX-Message-State: not_found\r\nDate: Sun, 22 Nov 2026 05:59:00 GMT\r\n"
			    "Content-Length: 0\r\n\r\n");
	listen_on_tls(server);
	start(server);
	report = try(server);
	assert_int_equal(report.finding, LINE_FINE);
	for (int i = 0; i < LINE_AUTHORITY; i++)
		assert_int_equal(report.steps[i].state, LINE_WELL);
	assert_int_equal(report.steps[LINE_AUTHORITY].state, LINE_UNTRIED);
	assert_int_equal(report.status, 404);
	assert_true(report.has_date);
	assert_int_equal(report.ahead_ms, 60000);
	assert_non_null(strstr(server->request, "Authorization: Basic c2hvcDpzZWNyZXQ=\r\n"));
}

static void a_name_that_nobody_knows(void **state)
{
	struct server *server = *state;
	struct line_report report;

	server->fd = -1;
	strcpy(server->url, "https://tvan.invalid:8443/messages");
	report = try(server);
	/* A build room without any network has no way out either. */
	assert_ends_at(&report, LINE_NAME, report.finding == LINE_NO_NETWORK ? LINE_NO_NETWORK : LINE_NO_NAME);
	assert_true(line_finding_row(report.finding)->cause == OUTAGE_DNS ||
		    line_finding_row(report.finding)->cause == OUTAGE_NETWORK);
}

static void a_name_server_that_does_not_answer_is_told_by_time(void **state)
{
	struct server *server = *state;
	struct line_report report;

	listen_on_tls(server);
	start(server);
	give_up_soon(server);
	strcpy(server->url, "https://tvan.invalid:8443/messages"); /* libcurl knows localhost by itself */
	atomic_store(&name_delay_ms, 3 * SHORT_MS);
	report = try(server);
	atomic_store(&name_delay_ms, 0);
	assert_ends_at(&report, LINE_NAME, report.finding == LINE_NO_NETWORK ? LINE_NO_NETWORK : LINE_NO_NAME);
	assert_in_range(report.steps[LINE_NAME].ms, SHORT_MS - 50, LONG_MS);
	assert_int_equal(atomic_load(&server->connections), 0);
}

static void a_port_that_nobody_listens_at(void **state)
{
	struct server *server = *state;
	struct line_report report;

	server->fd = -1;
	strcpy(server->url, "https://localhost:1/messages");
	report = try(server);
	assert_ends_at(&report, LINE_CONNECTION, LINE_NO_CONNECTION);
	assert_int_equal(line_finding_row(report.finding)->cause, OUTAGE_TVAN);
}

/* The queue of the server is full and nobody accepts: what comes then is dropped, as by a firewall. */
static void a_connection_that_nobody_takes_is_told_by_time(void **state)
{
	struct server *server = *state;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int crowd[CROWD_MAX], count = 0;
	struct pollfd waits = {.events = POLLOUT};
	struct line_report report;

	listen_on_tls(server);
	assert_int_equal(listen(server->fd, 0), 0);
	address.sin_port = htons((uint16_t)server->port);
	do {
		waits.fd = crowd[count++] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)!connect(waits.fd, (struct sockaddr *)&address, sizeof(address));
	} while (poll(&waits, 1, 200) == 1 && count < CROWD_MAX);
	assert_true(count < CROWD_MAX);
	give_up_soon(server);
	/* The name may have two addresses, and the other one refuses: this one alone is asked. */
	snprintf(server->url, sizeof(server->url), "https://127.0.0.1:%d/messages", server->port);
	report = try(server);
	for (int i = 0; i < count; i++)
		close(crowd[i]);
	assert_ends_at(&report, LINE_CONNECTION, LINE_NO_CONNECTION);
	assert_in_range(report.steps[LINE_CONNECTION].ms, SHORT_MS - 50, LONG_MS);
}

static void a_server_that_never_begins_tls_is_told_by_time(void **state)
{
	struct server *server = *state;
	struct line_report report;

	listen_on_tls(server);
	assert_int_equal(listen(server->fd, 8), 0);
	give_up_soon(server);
	report = try(server);
	assert_ends_at(&report, LINE_TLS, LINE_NO_TLS);
	assert_in_range(report.steps[LINE_TLS].ms, SHORT_MS - 50, LONG_MS);
	assert_int_equal(line_finding_row(report.finding)->cause, OUTAGE_TLS);
}

static void a_server_of_another_authority_is_a_stranger(void **state)
{
	struct server *server = *state;
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *other = pki_certify(key, "ANOTHER CA", NULL, NULL, key);
	struct line_report report;

	listen_on_tls(server);
	start(server);
	write_file(server->ca_file, other);
	report = try(server);
	X509_free(other);
	EVP_PKEY_free(key);
	assert_ends_at(&report, LINE_TLS, LINE_CERT_STRANGER);
}

static void a_certificate_of_another_name(void **state)
{
	struct server *server = *state;
	struct line_report report;

	listen_on_tls(server);
	start(server);
	snprintf(server->url, sizeof(server->url), "https://127.0.0.1:%d/messages", server->port);
	report = try(server);
	assert_ends_at(&report, LINE_TLS, LINE_CERT_OTHER_NAME);
}

/* @from, @to: days from now that the server's certificate is valid. */
static struct line_report try_dated(struct server *server, long from, long to)
{
	X509 *whole = server->cert;
	struct line_report report;

	server->cert = X509_dup(whole);
	X509_gmtime_adj(X509_getm_notBefore(server->cert), from * 86400);
	X509_gmtime_adj(X509_getm_notAfter(server->cert), to * 86400);
	assert_true(X509_sign(server->cert, server->ca_key, EVP_sha256()) > 0);
	listen_on_tls(server);
	start(server);
	report = try(server);
	X509_free(server->cert);
	server->cert = whole;
	return report;
}

static void a_certificate_of_tomorrow_is_our_clock(void **state)
{
	struct line_report report = try_dated(*state, 1, 2);

	assert_ends_at(&report, LINE_TLS, LINE_CERT_EARLY);
	assert_int_equal(line_finding_row(report.finding)->cause, OUTAGE_NONE);
}

static void a_certificate_of_yesterday(void **state)
{
	struct line_report report = try_dated(*state, -2, -1);

	assert_ends_at(&report, LINE_TLS, LINE_CERT_EXPIRED);
	assert_int_equal(line_finding_row(report.finding)->cause, OUTAGE_TLS);
}

static void a_ca_file_that_is_none(void **state)
{
	struct server *server = *state;
	struct line_report report;

	listen_on_tls(server);
	start(server);
	assert_int_equal(file_write(server->ca_file, "none", 4, 0600, &server->fault), 0);
	report = try(server);
	assert_ends_at(&report, LINE_TLS, LINE_NO_CA_FILE);
	assert_int_equal(file_remove(server->ca_file, &server->fault), 0);
	report = try(server);
	assert_ends_at(&report, LINE_TLS, LINE_NO_CA_FILE);
}

static void a_provider_that_says_nothing(void **state)
{
	struct server *server = *state;
	struct line_report report;

	server->is_silent = true;
	give_up_soon(server);
	listen_on_tls(server);
	start(server);
	report = try(server);
	assert_ends_at(&report, LINE_TVAN, LINE_SILENT);
	assert_int_equal(report.status, 0);
	assert_false(report.has_date);
}

static void what_a_provider_answers_says_whose_fault_it_is(void **state)
{
	static const struct {
		const char *status;
		enum line_finding finding;
		enum outage_cause cause;
	} answers[] = {
		{"401 Who", LINE_REFUSES, OUTAGE_NONE},
		{"403 No", LINE_REFUSES, OUTAGE_NONE},
		{"404 Where", LINE_NOT_THERE, OUTAGE_NONE},
		{"302 There", LINE_NOT_THERE, OUTAGE_NONE},
		{"429 Later", LINE_BUSY, OUTAGE_TVAN},
		{"503 Later", LINE_BUSY, OUTAGE_TVAN},
		{"500 Oh", LINE_TVAN_BROKEN, OUTAGE_TVAN},
	};
	struct server *server = *state;
	char text[128];

	answer_with(server, NOT_FOUND);
	listen_on_tls(server);
	start(server);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct line_report report;

		snprintf(text, sizeof(text), "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", answers[i].status);
		answer_with(server, text);
		report = try(server);
		assert_ends_at(&report, LINE_TVAN, answers[i].finding);
		assert_int_equal(line_finding_row(report.finding)->cause, answers[i].cause);
	}
}

static void serve_body(struct server *server, const char *status, const char *body, struct bytes *out)
{
	bytes_clear(out);
	bytes_printf(out, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body), body);
	answer_with(server, (const char *)out->data);
}

static void the_authority_is_well_when_it_signed_and_late_after_a_quarter_hour(void **state)
{
	struct server *server = *state;
	BYTES_CLEANUP struct bytes signed_notice = {0}, out = {0};
	struct pki pki;
	int len;
	char *notice = sample_canonical("204-ltbao2-accepted.xml", &len);
	const char *anchors;
	struct line_report report;

	bytes_init(&signed_notice, 1u << 20);
	bytes_init(&out, 1u << 20);
	pki_init(&pki, "CỤC THUẾ (MÔ PHỎNG)", NULL);
	pki_seal_notice(&pki, notice, &signed_notice);
	anchors = (const char *)pki.anchors.data;
	listen_on_tls(server);
	start(server);

	serve_body(server, "200 OK", (const char *)signed_notice.data, &out);
	report = try_with(server, "V1", NOW_MS - 1000, anchors);
	assert_int_equal(report.finding, LINE_FINE);
	assert_int_equal(report.steps[LINE_AUTHORITY].state, LINE_WELL);
	assert_non_null(strstr(server->request, "GET /messages/V1 "));

	serve_body(server, "200 OK", notice, &out);
	report = try_with(server, "V1", NOW_MS - 1000, anchors);
	assert_ends_at(&report, LINE_AUTHORITY, LINE_NOT_SIGNED);

	serve_body(server, "200 OK",
		"<TDiep><TTChung><MLTDiep>999</MLTDiep><MTDiep>T1</MTDiep></TTChung><DLieu><TBao/></DLieu></TDiep>",
		&out);
	report = try_with(server, "V1", NOW_MS - 1000, anchors);
	assert_int_equal(report.finding, LINE_FINE);
	assert_int_equal(report.steps[LINE_AUTHORITY].state, LINE_UNTRIED);

	serve_body(server, "202 Soon", "", &out);
	report = try_with(server, "V1", NOW_MS - INT64_C(899999), anchors);
	assert_int_equal(report.finding, LINE_FINE);
	report = try_with(server, "V1", NOW_MS - INT64_C(900000), anchors);
	assert_ends_at(&report, LINE_AUTHORITY, LINE_NO_VERDICT);
	assert_int_equal(line_finding_row(report.finding)->cause, OUTAGE_AUTHORITY);
	xmlFree(notice);
	pki_done(&pki);
}

static void each_finding_has_words_in_both_languages(void **state)
{
	(void)state;
	for (int i = LINE_FINE; i < LINE_FINDING_COUNT; i++) {
		const struct line_finding_row *row = line_finding_row((enum line_finding)i);

		assert_non_null(row->word);
		assert_true((i == LINE_FINE) == (row->word[0] == '\0'));
		assert_true(strlen(row->en) > 10 && strlen(row->vi) > 10);
		for (int k = LINE_FINE + 1; k < i; k++)
			assert_string_not_equal(row->word, line_finding_row((enum line_finding)k)->word);
	}
	for (int i = 0; i < LINE_LAYER_COUNT; i++) {
		assert_true(strlen(line_layer_word((enum line_layer)i)) > 0);
		assert_string_not_equal(
			line_layer_text((enum line_layer)i, true), line_layer_text((enum line_layer)i, false));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVER_TEST(a_line_that_works_is_well_up_to_the_provider),
		SERVER_TEST(a_name_that_nobody_knows),
		SERVER_TEST(a_name_server_that_does_not_answer_is_told_by_time),
		SERVER_TEST(a_port_that_nobody_listens_at),
		SERVER_TEST(a_connection_that_nobody_takes_is_told_by_time),
		SERVER_TEST(a_server_that_never_begins_tls_is_told_by_time),
		SERVER_TEST(a_server_of_another_authority_is_a_stranger),
		SERVER_TEST(a_certificate_of_another_name),
		SERVER_TEST(a_certificate_of_tomorrow_is_our_clock),
		SERVER_TEST(a_certificate_of_yesterday),
		SERVER_TEST(a_ca_file_that_is_none),
		SERVER_TEST(a_provider_that_says_nothing),
		SERVER_TEST(what_a_provider_answers_says_whose_fault_it_is),
		SERVER_TEST(the_authority_is_well_when_it_signed_and_late_after_a_quarter_hour),
		cmocka_unit_test(each_finding_has_words_in_both_languages),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
