/* gadget: the box is the USB printer of a till, by the kernel's printer function (drivers/usb/gadget/function/f_printer.c) at its device port. */
#include "drivers/drivers.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/usb/g_printer.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

/* While no till is plugged in, the kernel opens nothing (ENODEV); from then on the till sees a printer that is switched on. */
static int gadget_open(const char *where, int *ret_fd, struct fault *fault)
{
	int fd = open(where, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ENODEV)
		return FAULT(fault, FAULT_IO, "no till is plugged in at %s", where);
	if (fd < 0 && errno == ENOENT)
		return FAULT(fault, FAULT_IO,
			"%s is not there: systemctl enable --now hoadon-gadget makes it, at a USB device port", where);
	if (fd < 0)
		return FAULT(fault, FAULT_IO, "%s cannot be opened: %s", where, strerror(errno));
	*ret_fd = fd;
	return 0;
}

/* What the kernel took of the till is asked for by poll() as well: without it nothing comes after the cable was plugged in again. */
static int look(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	if (poll(&poll_fd, 1, 0) <= 0)
		return LINE_WAIT;
	return poll_fd.revents & (POLLERR | POLLHUP | POLLNVAL) ? LINE_GONE : 0;
}

static int gadget_accept(int fd, int *ret_fd, char peer[LINE_PEER_MAX], struct fault *fault)
{
	int result = look(fd);
	if (result)
		return result;
	int till = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (till < 0)
		return FAULT(fault, FAULT_IO, "a till cannot be let in: %s", strerror(errno));
	peer[0] = '\0';
	*ret_fd = till;
	return 0;
}

/* What the kernel answers to GET_PORT_STATUS. Source: USB printer class 1.1, 4.2.2. */
static unsigned long port_status(enum printer_standing standing)
{
	switch (standing) {
	case PRINTER_NO_PAPER:
		return PRINTER_PAPER_EMPTY | PRINTER_SELECTED;
	case PRINTER_ERROR:
		return PRINTER_SELECTED;
	case PRINTER_OFFLINE:
	case PRINTER_BUSY:
	case PRINTER_GONE:
		return PRINTER_NOT_ERROR;
	default:
		return PRINTER_SELECTED | PRINTER_NOT_ERROR;
	}
}

/* A till that asks before it prints would never print again to a printer that is only looked for when something is to be printed. */
static int gadget_attend(int fd, enum printer_standing standing)
{
	int result = look(fd);
	bool has_bytes = result == 0;
	if (result != LINE_GONE)
		(void)!ioctl(fd, GADGET_SET_PRINTER_STATUS,
			port_status(standing == PRINTER_GONE && !has_bytes ? PRINTER_TAKES : standing));
	return result;
}

static void gadget_close(int fd, bool is_broken)
{
	(void)is_broken;
	close(fd);
}

const struct line_source_ops source_gadget = {
	.name = "gadget",
	.summary = "a till at the box's own USB device port, as whose printer it stands there, gadget:/dev/g_printer0",
	.is_single = true,
	.open = gadget_open,
	.accept = gadget_accept,
	.close = gadget_close,
	.attend = gadget_attend,
};
