/* Lines of bytes over TCP, on the loopback alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "drivers/drivers.h"

static int port_of(int fd)
{
	struct sockaddr_in address;
	socklen_t len = sizeof(address);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	return ntohs(address.sin_port);
}

static void wait_for(int fd, short events)
{
	struct pollfd poll_fd = {.fd = fd, .events = events};

	assert_int_equal(poll(&poll_fd, 1, 120000), 1);
}

static int reach(int port)
{
	struct fault fault = {0};
	struct printer_line line = {.fd = -1};
	char where[64];

	snprintf(where, sizeof(where), "127.0.0.1:%d", port);
	assert_int_equal(printer_tcp.open(where, NULL, &line, &fault), 0);
	wait_for(line.fd, POLLOUT);
	return line.fd;
}

static int let_in(int door)
{
	struct fault fault = {0};
	char peer[LINE_PEER_MAX] = "";
	int fd = -1;

	wait_for(door, POLLIN);
	assert_int_equal(source_tcp.accept(door, &fd, peer, &fault), 0);
	assert_string_equal(peer, "127.0.0.1");
	return fd;
}

static void bytes_go_both_ways(void **state)
{
	struct fault fault = {0};
	char bytes[8] = "", peer[LINE_PEER_MAX];
	int door = -1, none = -1;

	(void)state;
	assert_int_equal(source_tcp.open("127.0.0.1:0", &door, &fault), 0);
	assert_int_equal(source_tcp.accept(door, &none, peer, &fault), LINE_WAIT);
	int printer = reach(port_of(door)), till = let_in(door);
	assert_int_equal(printer_tcp.status(printer, &fault), 0);
	assert_int_equal(read(till, bytes, 8), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(write(printer, "paper", 5), 5);
	wait_for(till, POLLIN);
	assert_int_equal(read(till, bytes, 8), 5);
	assert_memory_equal(bytes, "paper", 5);
	assert_int_equal(write(till, "ok", 2), 2);
	printer_tcp.end(printer);
	wait_for(till, POLLIN);
	assert_int_equal(read(till, bytes, 8), 0); /* the end, while the other way stays open */
	wait_for(printer, POLLIN);
	assert_int_equal(read(printer, bytes, 8), 2);
	source_tcp.close(till, false);
	wait_for(printer, POLLIN);
	assert_int_equal(read(printer, bytes, 8), 0);
	close(printer);
	close(door);
}

static void a_till_notices_that_not_everything_was_printed(void **state)
{
	struct fault fault = {0};
	char bytes[8];
	int door = -1;

	(void)state;
	assert_int_equal(source_tcp.open("127.0.0.1:0", &door, &fault), 0);
	int printer = reach(port_of(door)), till = let_in(door);
	source_tcp.close(till, true);
	wait_for(printer, POLLIN);
	assert_int_equal(read(printer, bytes, 8), -1);
	assert_int_equal(errno, ECONNRESET);
	close(printer);
	close(door);
}

static int option_of(int fd, int level, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, level, option, &value, &len), 0);
	return value;
}

/* After a minute and three probes of ten seconds: a receipt must not stay open for ever. */
static void a_till_that_is_switched_off_is_noticed(void **state)
{
	struct fault fault = {0};
	int door = -1;

	(void)state;
	assert_int_equal(source_tcp.open("127.0.0.1:0", &door, &fault), 0);
	int printer = reach(port_of(door)), till = let_in(door);
	assert_int_equal(option_of(till, SOL_SOCKET, SO_KEEPALIVE), 1);
	assert_int_equal(option_of(till, IPPROTO_TCP, TCP_KEEPIDLE), 60);
	assert_int_equal(option_of(till, IPPROTO_TCP, TCP_KEEPINTVL), 10);
	assert_int_equal(option_of(till, IPPROTO_TCP, TCP_KEEPCNT), 3);
	assert_int_equal(option_of(till, IPPROTO_TCP, TCP_NODELAY), 1);
	close(till);
	close(printer);
	close(door);
}

static void a_printer_that_is_away_is_said(void **state)
{
	struct fault fault = {0};
	int door = -1, fd = -1;
	char where[64];

	(void)state;
	assert_int_equal(source_tcp.open("127.0.0.1:0", &door, &fault), 0);
	snprintf(where, sizeof(where), "127.0.0.1:%d", port_of(door));
	assert_true(source_tcp.open(where, &fd, &fault) < 0); /* the port is taken */
	assert_non_null(strstr(fault.text, where));
	close(door);
	fault = (struct fault){0};
	struct printer_line printer = {.fd = -1};
	if (printer_tcp.open(where, NULL, &printer, &fault) == 0) {
		wait_for(printer.fd, POLLOUT);
		assert_true(printer_tcp.status(printer.fd, &fault) < 0);
		printer_tcp.close(&printer);
	}
	assert_non_null(strstr(fault.text, strerror(ECONNREFUSED)));
}

static void addresses(void **state)
{
	static const char *const wrong[] = {"", ":", "9100", ":9100", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
		"printer:9100", "::1:9100", "[::1]", "[::1:9100", "[]:9100", "127.0.0.256:9100", "127.0.0.1:9100 "};
	struct fault fault = {0};
	struct printer_line printer = {.fd = -1};
	int fd = -1;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		fault = (struct fault){0};
		assert_int_equal(source_tcp.open(wrong[i], &fd, &fault), FAULT_CONFIG);
		assert_int_equal(printer_tcp.open(wrong[i], NULL, &printer, &fault), FAULT_CONFIG);
		assert_non_null(strstr(fault.text, "ADDRESS:PORT"));
	}
	assert_int_equal(fd, -1);
	assert_int_equal(printer.fd, -1);
	fault = (struct fault){0};
	if (source_tcp.open("[::1]:0", &fd, &fault) == 0)
		close(fd);
	else
		assert_true(fault.code != FAULT_CONFIG); /* no IPv6 here */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_go_both_ways),
		cmocka_unit_test(a_till_notices_that_not_everything_was_printed),
		cmocka_unit_test(a_till_that_is_switched_off_is_noticed),
		cmocka_unit_test(a_printer_that_is_away_is_said),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
