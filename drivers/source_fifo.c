/* fifo: a till that writes to a file. Writers follow one another; where the last one closed the file, what it printed is over. */
#include "drivers/drivers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#define MODE 0660 /* the group's to write to */
#define PIPE_MAX                                                                                                       \
	(1 << 20) /* bytes that a writer gets rid of while the printer is slow or away; what the kernel allows everybody */

/* Who may write is the folder's and the file's to say: one that is there stays as it is. */
static int fifo_open(const char *where, int *ret_fd, struct fault *fault)
{
	struct stat info;
	bool is_made = mkfifo(where, MODE) == 0;
	if ((is_made && chmod(where, MODE) < 0) || (!is_made && errno != EEXIST)) /* whatever the umask is */
		return FAULT(fault, FAULT_IO, "%s cannot be made: %s", where, strerror(errno));
	CLEANUP(closep) int fd = open(where, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &info) < 0)
		return FAULT(fault, FAULT_IO, "%s cannot be read: %s", where, strerror(errno));
	if (!S_ISFIFO(info.st_mode))
		return FAULT(fault, FAULT_CONFIG, "%s is there and is no FIFO: remove it, or name another", where);
	fcntl(fd, F_SETPIPE_SZ, PIPE_MAX);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int fifo_accept(int fd, int *ret_fd, char peer[LINE_PEER_MAX], struct fault *fault)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	if (poll(&poll_fd, 1, 0) <= 0)
		return LINE_WAIT;
	int till = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (till < 0)
		return FAULT(fault, FAULT_IO, "a till cannot be let in: %s", strerror(errno));
	peer[0] = '\0';
	*ret_fd = till;
	return 0;
}

static void fifo_close(int fd, bool is_broken)
{
	(void)is_broken;
	close(fd);
}

const struct line_source_ops source_fifo = {
	.name = "fifo",
	.summary = "a till that writes to a file, fifo:/var/spool/hoadon-agent/bar.prn",
	.is_single = true,
	.has_end = true,
	.open = fifo_open,
	.accept = fifo_accept,
	.close = fifo_close,
};
