/* How a setting names a USB printer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/usb_name.h"

static void by_model_serial_or_place(void **state)
{
	struct usb_name name;

	(void)state;
	assert_true(usb_name_read("04B8:0e15", &name));
	assert_int_equal(name.vendor, 0x04b8);
	assert_int_equal(name.product, 0x0e15);
	assert_null(name.serial);
	assert_null(name.place);
	assert_true(usb_name_read("04b8:0e15:X4 CF:01", &name));
	assert_string_equal(name.serial, "X4 CF:01");
	assert_true(usb_name_read("port=12-1.4.2", &name));
	assert_string_equal(name.place, "12-1.4.2");
	assert_int_equal(name.vendor, 0);
}

static void what_names_none_is_refused(void **state)
{
	static const char *const bad[] = {"", "04b8", "04b8:", "4b8:0e15", "04b8:0e1", "04b8:0e15:", "04b8:0x15",
		"04b8:0e155", "port=", "port=1", "port=1-", "port=-1", "port=../1-1", "port=a-1", "port=1-1:1.0"};
	struct usb_name name;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(usb_name_read(bad[i], &name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_model_serial_or_place),
		cmocka_unit_test(what_names_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
