/*
 * gadget: a preloaded library that makes a pseudo terminal answer as the kernel's printer function does, as far as a program that reads it can tell.
 * GADGET_DEVICE is its name, GADGET a file of bytes that the test and the program share:
 *   [0]  no till is plugged in: open() fails and poll() says so, but nobody is woken up
 *   [1]  port status that the till would be told
 * tests/flow/gadget.py builds and drives it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/g_printer.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { IS_AWAY, STATUS, BYTES };

static volatile unsigned char *shared; /* NULL before the constructor ran, or without GADGET */

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void attach(void)
{
	const char *path = getenv("GADGET");
	int fd = path ? NEXT(open)(path, O_RDWR | O_CLOEXEC) : -1;
	void *map = fd >= 0 ? mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;

	if (fd >= 0)
		close(fd);
	if (map != MAP_FAILED)
		shared = map;
}

static int is_device(int fd)
{
	char link[64], path[64];
	ssize_t len;

	if (!shared || fd < 0)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	path[len > 0 ? len : 0] = 0;
	return strcmp(path, getenv("GADGET_DEVICE")) == 0;
}

#define OPEN(name)                                                                                                     \
	int name(const char *path, int flags, ...)                                                                     \
	{                                                                                                              \
		va_list list;                                                                                          \
		va_start(list, flags);                                                                                 \
		mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;                                \
		va_end(list);                                                                                          \
		if (shared && shared[IS_AWAY] && strcmp(path, getenv("GADGET_DEVICE")) == 0) {                         \
			errno = ENODEV;                                                                                \
			return -1;                                                                                     \
		}                                                                                                      \
		return NEXT(name)(path, flags, mode);                                                                  \
	}
OPEN(open)
OPEN(open64)

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	if (count == 1 && is_device(fds->fd) && shared[IS_AWAY]) {
		fds->revents = POLLERR | POLLHUP;
		return 1;
	}
	return NEXT(poll)(fds, count, timeout);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list list;
	va_start(list, request);
	void *arg = va_arg(list, void *);
	va_end(list);
	if (request != GADGET_SET_PRINTER_STATUS || !is_device(fd))
		return NEXT(ioctl)(fd, request, arg);
	shared[STATUS] = (unsigned char)(unsigned long)arg;
	return 0;
}
