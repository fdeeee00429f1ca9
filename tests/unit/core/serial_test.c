/* What "/dev/ttyS0,9600,8N1,none" says of a serial line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/serial.h"

static void what_is_left_out_is_what_most_printers_are_set_to(void **state)
{
	struct serial_line line;

	(void)state;
	assert_true(serial_read("/dev/ttyS0", &line));
	assert_string_equal(line.device, "/dev/ttyS0");
	assert_true(line.speed == B9600 && line.data_bits == 8 && line.parity == 'N' && line.stop_bits == 1);
	assert_int_equal(line.flow, SERIAL_FLOW_NONE);
	assert_true(serial_read("/dev/ttyUSB0,115200", &line));
	assert_true(line.speed == B115200);
	assert_true(serial_read("/dev/ttyUSB0,1200,7E2,xonxoff", &line));
	assert_true(line.speed == B1200 && line.data_bits == 7 && line.parity == 'E' && line.stop_bits == 2);
	assert_int_equal(line.flow, SERIAL_FLOW_XONXOFF);
	assert_true(serial_read("/dev/serial/by-id/usb-1a86_USB2.0-Ser_-if00-port0,19200,8O1,rtscts", &line));
	assert_true(line.parity == 'O' && line.flow == SERIAL_FLOW_RTSCTS && !line.is_framed);
	assert_true(serial_read("/dev/ttyS0,9600,8N1,none,stx", &line) && line.is_framed);
}

static void what_says_something_else_is_refused(void **state)
{
	static const char *const wrong[] = {"", "ttyS0", ",9600", "/dev/ttyS0,", "/dev/ttyS0,9601", "/dev/ttyS0,9600,",
		"/dev/ttyS0,9600,8N", "/dev/ttyS0,9600,8N11", "/dev/ttyS0,9600,9N1", "/dev/ttyS0,9600,8M1",
		"/dev/ttyS0,9600,8N3", "/dev/ttyS0,9600,8N1,", "/dev/ttyS0,9600,8N1,dtr", "/dev/ttyS0,9600,8N1,none,",
		"/dev/ttyS0,9600,8N1,stx", "/dev/ttyS0,9600,8N1,none,stx,", "/dev/ttyS0,8N1", "/dev/ttyS0, 9600"};
	struct serial_line line = {.data_bits = 5};
	char text[SERIAL_DEVICE_MAX + 100];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (serial_read(wrong[i], &line))
			fail_msg("\"%s\" was read", wrong[i]);
	memset(text, 'x', sizeof(text));
	text[0] = '/';
	for (size_t len = SERIAL_DEVICE_MAX - 1; len < sizeof(text); len++) {
		text[len] = '\0';
		assert_int_equal(serial_read(text, &line), len < SERIAL_DEVICE_MAX);
		text[len] = 'x';
		line.data_bits = 5;
	}
	assert_int_equal(line.data_bits, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_out_is_what_most_printers_are_set_to),
		cmocka_unit_test(what_says_something_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
