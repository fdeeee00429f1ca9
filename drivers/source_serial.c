/* serial: a till prints to a serial line as to a printer with a serial plug. The line itself says who it is. */
#include "drivers/drivers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "drivers/serial.h"

static int serial_line_open(const char *where, int *ret_fd, struct fault *fault)
{
	return serial_open(where, true, ret_fd, fault);
}

/* Nobody dials: who says something is there. */
static int serial_accept(int fd, int *ret_fd, char peer[LINE_PEER_MAX], struct fault *fault)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	if (poll(&poll_fd, 1, 0) <= 0)
		return LINE_WAIT;
	if (poll_fd.revents & (POLLERR | POLLHUP | POLLNVAL))
		return LINE_GONE;
	int till = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (till < 0)
		return FAULT(fault, FAULT_IO, "a till cannot be let in: %s", strerror(errno));
	peer[0] = '\0';
	*ret_fd = till;
	return 0;
}

static void serial_line_close(int fd, bool is_broken)
{
	(void)is_broken;
	serial_close(fd);
}

const struct line_source_ops source_serial = {
	.name = "serial",
	.summary = "a till at a serial line, serial:/dev/ttyS0,9600,8N1,none",
	.is_single = true,
	.open = serial_line_open,
	.accept = serial_accept,
	.close = serial_line_close,
};
