/* tls_server: a server of our own that answers over TLS or a Unix socket; each test program includes this once, after testing.h and pki.h. */
#ifndef HOADON_TESTS_SEND_TLS_SERVER_H
#define HOADON_TESTS_SEND_TLS_SERVER_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <netinet/in.h>
#include <sys/socket.h>
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
	server->ca_key = keys->ca_key;
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

#define SERVER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
