/* The kernel's printer function, with a pseudo terminal in the place of its device: what only that device answers is answered here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/g_printer.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "drivers/drivers.h"

static struct {
	int open_error;	      /* 0: opens what is there */
	unsigned long status; /* that a till is told; 0 = none yet */
} kernel;

int __real_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode);
int __real_ioctl(int fd, unsigned long request, unsigned long arg);
int __wrap_ioctl(int fd, unsigned long request, unsigned long arg);

int __wrap_open(const char *path, int flags, mode_t mode)
{
	errno = kernel.open_error;
	return kernel.open_error ? -1 : __real_open(path, flags, mode);
}

int __wrap_ioctl(int fd, unsigned long request, unsigned long arg)
{
	if (request != GADGET_SET_PRINTER_STATUS)
		return __real_ioctl(fd, request, arg);
	kernel.status = arg;
	return 0;
}

static int far_end(char where[64])
{
	struct termios raw;
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	kernel.status = 0;
	kernel.open_error = 0;
	assert_true(fd >= 0 && grantpt(fd) == 0 && unlockpt(fd) == 0);
	assert_int_equal(tcgetattr(fd, &raw), 0);
	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(fd, TCSANOW, &raw), 0);
	assert_int_equal(ptsname_r(fd, where, 64), 0);
	return fd;
}

static void wait_for(int fd, short events)
{
	struct pollfd poll_fd = {.fd = fd, .events = events};

	assert_int_equal(poll(&poll_fd, 1, 20000), 1);
}

static void a_till_is_let_in_when_it_says_something(void **state)
{
	struct fault fault = {0};
	char where[64], peer[LINE_PEER_MAX] = "?", bytes[8];
	int door = -1, till = -1, far = far_end(where);

	(void)state;
	assert_true(source_gadget.is_single && !source_gadget.has_end && !source_gadget.can_tell);
	assert_int_equal(source_gadget.open(where, &door, &fault), 0);
	assert_int_equal(source_gadget.accept(door, &till, peer, &fault), LINE_WAIT);
	assert_int_equal(write(far, "paper", 5), 5);
	wait_for(door, POLLIN);
	assert_int_equal(source_gadget.accept(door, &till, peer, &fault), 0);
	assert_string_equal(peer, ""); /* the cable itself says who it is */
	assert_int_equal(read(till, bytes, sizeof(bytes)), 5);
	assert_int_equal(read(till, bytes, sizeof(bytes)), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(write(till, "\x12", 1), 1);
	wait_for(far, POLLIN);
	assert_int_equal(read(far, bytes, sizeof(bytes)), 1);
	source_gadget.close(till, true);
	assert_int_equal(source_gadget.accept(door, &till, peer, &fault), LINE_WAIT);
	close(far);
	wait_for(door, POLLIN);
	assert_int_equal(source_gadget.accept(door, &till, peer, &fault), LINE_GONE);
	assert_int_equal(source_gadget.attend(door, PRINTER_TAKES), LINE_GONE);
	source_gadget.close(door, false);
}

static void a_till_that_asks_hears_how_the_printer_stands(void **state)
{
	static const unsigned long said[PRINTER_STANDING_COUNT] = {
		[PRINTER_TAKES] = 0x18,
		[PRINTER_WAITS] = 0x18, /* nobody knows why */
		[PRINTER_NO_PAPER] = 0x30,
		[PRINTER_OFFLINE] = 0x08,
		[PRINTER_ERROR] = 0x10,
		[PRINTER_BUSY] = 0x08,
		[PRINTER_GONE] = 0x08,
	};
	struct fault fault = {0};
	char where[64];
	int door = -1, far = far_end(where);

	(void)state;
	assert_int_equal(source_gadget.open(where, &door, &fault), 0);
	assert_int_equal(source_gadget.attend(door, PRINTER_GONE), LINE_WAIT);
	assert_int_equal(
		kernel.status, 0x18); /* or a till that asks first would never have anybody look for the printer */
	assert_int_equal(write(far, "paper", 5), 5);
	wait_for(door, POLLIN);
	for (int i = 0; i < PRINTER_STANDING_COUNT; i++) {
		assert_int_equal(source_gadget.attend(door, (enum printer_standing)i), 0);
		assert_int_equal(kernel.status, said[i]);
	}
	source_gadget.close(door, false);
	close(far);
}

static void why_it_cannot_be_opened_is_said(void **state)
{
	struct fault fault = {0};
	int door = -1;

	(void)state;
	kernel.open_error = ENODEV;
	assert_int_equal(source_gadget.open("/dev/g_printer0", &door, &fault), FAULT_IO);
	assert_string_equal(fault.text, "no till is plugged in at /dev/g_printer0");
	fault = (struct fault){0};
	kernel.open_error = EBUSY;
	assert_int_equal(source_gadget.open("/dev/g_printer0", &door, &fault), FAULT_IO);
	assert_non_null(strstr(fault.text, strerror(EBUSY)));
	fault = (struct fault){0};
	kernel.open_error = 0;
	assert_int_equal(source_gadget.open("/dev/no-such-printer", &door, &fault), FAULT_IO);
	assert_non_null(strstr(fault.text, "systemctl enable --now hoadon-gadget"));
	assert_int_equal(door, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_till_is_let_in_when_it_says_something),
		cmocka_unit_test(a_till_that_asks_hears_how_the_printer_stands),
		cmocka_unit_test(why_it_cannot_be_opened_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
