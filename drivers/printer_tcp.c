/* tcp: a network printer at ADDRESS:PORT (raw printing, 9100). */
#include "drivers/drivers.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "drivers/tcp.h"

#define SEND_MAX (32 << 10) /* bytes that are on the way to a printer: what waits behind can still be kept from it */

static int tcp_open(const char *where, struct loop *loop, struct printer_line *ret, struct fault *fault)
{
	(void)loop;
	struct addrinfo *address = NULL;
	const int on = 1, send_max = SEND_MAX;
	int result = tcp_address(where, &address, fault);
	if (result < 0)
		return result;
	CLEANUP(closep) int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool is_begun = fd >= 0 && (connect(fd, address->ai_addr, address->ai_addrlen) == 0 || errno == EINPROGRESS);
	freeaddrinfo(address);
	if (!is_begun)
		return FAULT(fault, FAULT_IO, "printer %s cannot be reached: %s", where, strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_max, sizeof(send_max));
	*ret = (struct printer_line){.fd = fd};
	fd = -1;
	return 0;
}

static int tcp_status(int fd, struct fault *fault)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
	int error = 0;
	socklen_t len = sizeof(error);
	if (poll(&poll_fd, 1, 0) == 0)
		return LINE_WAIT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	return error ? FAULT(fault, FAULT_IO, "the printer cannot be reached: %s", strerror(error)) : 0;
}

static void tcp_end(int fd)
{
	shutdown(fd, SHUT_WR);
}

/* What the other end has not acknowledged stays counted also when the connection was reset. */
static bool tcp_has_all(int fd)
{
	int waiting = 0;
	return ioctl(fd, SIOCOUTQ, &waiting) == 0 && waiting == 0;
}

static void tcp_close(struct printer_line *line)
{
	close(line->fd);
}

const struct printer_ops printer_tcp = {
	.name = "tcp",
	.summary = "a network printer at ADDRESS:PORT (raw printing, 9100)",
	.open = tcp_open,
	.status = tcp_status,
	.end = tcp_end,
	.has_all = tcp_has_all,
	.close = tcp_close,
};
