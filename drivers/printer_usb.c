/* usb: a printer at a USB socket. Its line is a pair of sockets whose other end usb_line.c keeps. */
#include "drivers/drivers.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "drivers/usb_line.h"

static int usb_printer_open(const char *where, struct loop *loop, struct printer_line *ret, struct fault *fault)
{
	struct usb_line *line = NULL;
	int fd = -1;
	int result = usb_line_open(where, loop, &line, &fd, fault);
	if (result == 0)
		*ret = (struct printer_line){.fd = fd, .own = line};
	return result;
}

static int usb_status(int fd, struct fault *fault)
{
	(void)fd;
	(void)fault;
	return 0;
}

static void usb_end(int fd)
{
	shutdown(fd, SHUT_WR);
}

static bool usb_has_all(int fd)
{
	int waiting = 0;
	return ioctl(fd, SIOCOUTQ, &waiting) == 0 && waiting == 0;
}

static void usb_printer_close(struct printer_line *line)
{
	usb_line_close(line->own);
}

static enum printer_standing usb_standing(const struct printer_line *line)
{
	return usb_line_standing(line->own);
}

static bool usb_is_mute(const struct printer_line *line)
{
	return usb_line_is_mute(line->own);
}

const struct printer_ops printer_usb = {
	.name = "usb",
	.summary = "a printer at a USB socket, usb:VID:PID[:SERIAL] or usb:port=PLACE: hoadon print list",
	.is_single = true,
	.open = usb_printer_open,
	.status = usb_status,
	.end = usb_end,
	.has_all = usb_has_all,
	.close = usb_printer_close,
	.standing = usb_standing,
	.is_mute = usb_is_mute,
};
