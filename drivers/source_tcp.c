/* tcp: tills print to a TCP port (raw printing, 9100) as to a network printer; the box listens at one address. */
#include "drivers/drivers.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "drivers/tcp.h"

#define BACKLOG	    8
#define PROBE_AFTER 60 /* seconds of silence until a till that was switched off is noticed, after two more probes */
#define PROBE_EVERY 10
#define PROBE_COUNT 3

/* A till that is switched off says nothing; its receipt must not stay open for ever. Each connection has it from its door (socket(7), tcp(7)). */
static void probe(int fd)
{
	static const int on = 1, after = PROBE_AFTER, every = PROBE_EVERY, count = PROBE_COUNT;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &after, sizeof(after));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof(every));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static int tcp_open(const char *where, int *ret_fd, struct fault *fault)
{
	struct addrinfo *address = NULL;
	const int on = 1;
	int result = tcp_address(where, &address, fault);
	if (result < 0)
		return result;
	CLEANUP(closep) int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	probe(fd);
	bool is_open = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		       bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
	freeaddrinfo(address);
	if (!is_open)
		return FAULT(fault, FAULT_IO, "tills cannot print to %s: %s", where, strerror(errno));
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int tcp_accept(int fd, int *ret_fd, char peer[LINE_PEER_MAX], struct fault *fault)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	int till = accept4(fd, (struct sockaddr *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (till < 0 && (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR || errno == EPROTO))
		return LINE_WAIT;
	if (till < 0)
		return FAULT(fault, FAULT_IO, "a till cannot be let in: %s", strerror(errno));
	if (getnameinfo((struct sockaddr *)&address, len, peer, LINE_PEER_MAX, NULL, 0, NI_NUMERICHOST))
		strcpy(peer, "?");
	/* An IPv4 till at an IPv6 address of ours is known by its own address. */
	if (strncmp(peer, "::ffff:", 7) == 0 && strchr(peer, '.'))
		memmove(peer, peer + 7, strlen(peer + 7) + 1);
	*ret_fd = till;
	return 0;
}

/* A reset tells a till that the printer failed; an ordinary end would tell it that all was printed. */
static void tcp_close(int fd, bool is_broken)
{
	static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	if (is_broken)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

const struct line_source_ops source_tcp = {
	.name = "tcp",
	.summary = "tills print to a TCP port (raw printing, 9100) as to a network printer",
	.has_end = true,
	.can_tell = true,
	.open = tcp_open,
	.accept = tcp_accept,
	.close = tcp_close,
};
