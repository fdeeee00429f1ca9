/* Serial lines, with a pseudo terminal in the place of the wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <termios.h>

#include "drivers/drivers.h"

static int far_end(char where[64], const char *settings)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char name[40];

	assert_true(fd >= 0 && grantpt(fd) == 0 && unlockpt(fd) == 0);
	assert_int_equal(ptsname_r(fd, name, sizeof(name)), 0);
	snprintf(where, 64, "%s%s", name, settings);
	return fd;
}

static void wait_for(int fd, short events)
{
	struct pollfd poll_fd = {.fd = fd, .events = events};

	assert_int_equal(poll(&poll_fd, 1, 120000), 1);
}

static void a_till_is_let_in_when_it_says_something(void **state)
{
	static const char said[] = "\x03\x04\x11\x13\x1a\r\n\x7f\xff\x00paper";
	struct fault fault = {0};
	char where[64], peer[LINE_PEER_MAX] = "?", bytes[32];
	int door = -1, till = -1, far = far_end(where, "");

	(void)state;
	assert_true(source_serial.is_single && !source_serial.has_end && !source_serial.can_tell);
	assert_int_equal(source_serial.open(where, &door, &fault), 0);
	assert_int_equal(source_serial.accept(door, &till, peer, &fault), LINE_WAIT);
	assert_int_equal(write(far, said, sizeof(said)), sizeof(said));
	wait_for(door, POLLIN);
	assert_int_equal(source_serial.accept(door, &till, peer, &fault), 0);
	assert_string_equal(peer, ""); /* the line itself says who it is */
	assert_int_equal(read(till, bytes, sizeof(bytes)), sizeof(said));
	assert_memory_equal(bytes, said, sizeof(said));
	assert_int_equal(read(till, bytes, sizeof(bytes)), -1);
	assert_int_equal(errno, EAGAIN); /* that nothing came is not an end */
	assert_int_equal(write(till, "\n\x12", 2), 2);
	wait_for(far, POLLIN);
	assert_int_equal(read(far, bytes, sizeof(bytes)), 2); /* neither an echo nor a line end of ours */
	source_serial.close(till, true);
	assert_int_equal(source_serial.accept(door, &till, peer, &fault), LINE_WAIT);
	close(far);
	wait_for(door, POLLIN);
	assert_int_equal(source_serial.accept(door, &till, peer, &fault), LINE_GONE);
	source_serial.close(door, false);
}

static void a_line_is_set_as_it_is_asked_for(void **state)
{
	struct fault fault = {0};
	struct printer_line printer = {.fd = -1};
	struct termios now;
	char where[64];
	int fd = -1, far = far_end(where, ",38400,8N2,xonxoff");

	(void)state;
	assert_int_equal(printer_serial.open(where, NULL, &printer, &fault), 0);
	assert_int_equal(tcgetattr(printer.fd, &now), 0);
	assert_int_equal(cfgetospeed(&now), B38400);
	assert_true((now.c_cflag & CSTOPB) && (now.c_cflag & CLOCAL) && !(now.c_cflag & (CRTSCTS | HUPCL)));
	assert_true((now.c_iflag & IXON) && !(now.c_iflag & IXOFF)); /* the printer says when to wait */
	assert_true((now.c_iflag & IGNBRK) && !(now.c_lflag & (ISIG | ICANON | ECHO)) && !(now.c_oflag & OPOST));
	printer_serial.close(&printer);
	assert_int_equal(source_serial.open(where, &fd, &fault), 0);
	assert_int_equal(tcgetattr(fd, &now), 0);
	assert_true((now.c_iflag & IXOFF) && !(now.c_iflag & IXON)); /* its bytes are all its own */
	assert_true(now.c_cflag & HUPCL);
	source_serial.close(fd, false);
	*strchr(where, ',') = '\0';
	strcat(where, ",9600,8N1,rtscts");
	assert_int_equal(source_serial.open(where, &fd, &fault), 0);
	assert_int_equal(tcgetattr(fd, &now), 0);
	assert_true((now.c_cflag & CRTSCTS) && !(now.c_iflag & (IXON | IXOFF)));
	source_serial.close(fd, false);
	close(far);
}

static void a_printer_has_what_left_the_line(void **state)
{
	struct fault fault = {0};
	struct printer_line printer = {.fd = -1};
	char where[64], bytes[8];
	int far = far_end(where, "");

	(void)state;
	assert_true(printer_serial.is_single && !printer_serial.end);
	assert_int_equal(printer_serial.open(where, NULL, &printer, &fault), 0);
	int fd = printer.fd;
	assert_int_equal(printer_serial.status(fd, &fault), 0);
	assert_int_equal(write(fd, "paper", 5), 5);
	wait_for(far, POLLIN);
	assert_int_equal(read(far, bytes, sizeof(bytes)), 5);
	assert_true(printer_serial.has_all(fd));
	close(far);
	wait_for(fd, POLLIN);
	assert_false(printer_serial.has_all(fd)); /* nobody knows */
	printer_serial.close(&printer);
}

static void what_is_no_serial_line_is_said(void **state)
{
	struct fault fault = {0};
	struct printer_line printer = {.fd = -1};
	int fd = -1;

	(void)state;
	assert_int_equal(source_serial.open("/dev/ttyS0,x", &fd, &fault), FAULT_CONFIG);
	assert_non_null(strstr(fault.text, "for example /dev/ttyS0,9600"));
	fault = (struct fault){0};
	assert_int_equal(printer_serial.open("/dev/null", NULL, &printer, &fault), FAULT_IO);
	assert_non_null(strstr(fault.text, "/dev/null"));
	fault = (struct fault){0};
	assert_int_equal(printer_serial.open("/dev/no-such-line", NULL, &printer, &fault), FAULT_IO);
	assert_non_null(strstr(fault.text, strerror(ENOENT)));
	assert_int_equal(printer.fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_till_is_let_in_when_it_says_something),
		cmocka_unit_test(a_line_is_set_as_it_is_asked_for),
		cmocka_unit_test(a_printer_has_what_left_the_line),
		cmocka_unit_test(what_is_no_serial_line_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
