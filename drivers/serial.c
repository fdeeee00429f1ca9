#include "drivers/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include "core/serial.h"

static void make_raw(struct termios *settings, const struct serial_line *line, bool is_till)
{
	cfmakeraw(settings);
	settings->c_iflag &= ~(tcflag_t)(IXOFF | IXANY | INPCK);
	settings->c_iflag |= IGNBRK | (line->parity == 'N' ? 0 : INPCK);
	settings->c_cflag &= ~(tcflag_t)(CSIZE | PARENB | PARODD | CSTOPB | CRTSCTS);
	settings->c_cflag |= CLOCAL | CREAD | (line->data_bits == 7 ? CS7 : CS8);
	if (line->parity != 'N')
		settings->c_cflag |= PARENB | (line->parity == 'O' ? PARODD : 0);
	if (line->stop_bits == 2)
		settings->c_cflag |= CSTOPB;
	if (line->flow == SERIAL_FLOW_RTSCTS)
		settings->c_cflag |= CRTSCTS;
	if (line->flow == SERIAL_FLOW_XONXOFF)
		settings->c_iflag |= is_till ? IXOFF : IXON;
	/* A till sees that nobody listens any more; a printer is not reset each time. */
	settings->c_cflag = is_till ? settings->c_cflag | HUPCL : settings->c_cflag & ~(tcflag_t)HUPCL;
	settings->c_cc[VMIN] = 1; /* that nothing came is not an end */
	settings->c_cc[VTIME] = 0;
	cfsetspeed(settings, line->speed);
}

int serial_open(const char *where, bool is_till, int *ret_fd, struct fault *fault)
{
	struct serial_line line;
	struct termios settings;
	if (!serial_read(where, &line))
		return FAULT(fault, FAULT_CONFIG,
			"\"%s\" is not DEVICE,BAUD,BITS,FLOW, for example /dev/ttyS0,9600,8N1,none", where);
	CLEANUP(closep) int fd = open(line.device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || tcgetattr(fd, &settings) < 0)
		return FAULT(fault, FAULT_IO, "serial line %s cannot be opened: %s", line.device, strerror(errno));
	make_raw(&settings, &line, is_till);
	if (tcsetattr(fd, TCSANOW, &settings) < 0)
		return FAULT(fault, FAULT_IO, "serial line %s cannot be set: %s", line.device, strerror(errno));
	*ret_fd = fd;
	fd = -1;
	return 0;
}

bool serial_has_all(int fd)
{
	int waiting = 0;
	return ioctl(fd, TIOCOUTQ, &waiting) == 0 && waiting == 0;
}

void serial_close(int fd)
{
	tcflush(fd, TCOFLUSH);
	close(fd);
}
