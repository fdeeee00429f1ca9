/* serial: a printer at a serial line. It has no end of its own and no way to say that it has all: what left the line is taken for printed. */
#include "drivers/drivers.h"

#include <termios.h>

#include "drivers/serial.h"

static int serial_line_open(const char *where, struct loop *loop, struct printer_line *ret, struct fault *fault)
{
	int fd = -1;
	int result = serial_open(where, false, &fd, fault);
	(void)loop;
	if (result < 0)
		return result;
	tcflush(fd, TCIFLUSH); /* what it said to nobody is for no till */
	*ret = (struct printer_line){.fd = fd};
	return 0;
}

static void serial_line_close(struct printer_line *line)
{
	serial_close(line->fd);
}

static int serial_status(int fd, struct fault *fault)
{
	(void)fd;
	(void)fault;
	return 0;
}

const struct printer_ops printer_serial = {
	.name = "serial",
	.summary = "a printer at a serial line, serial:/dev/ttyUSB0,9600,8N1,none",
	.is_single = true,
	.open = serial_line_open,
	.status = serial_status,
	.has_all = serial_has_all,
	.close = serial_line_close,
};
