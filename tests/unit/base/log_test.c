#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"

/* What @write sends to stderr, as text. */
static void capture(void (*write_log)(void), char *out, size_t room)
{
	int saved = dup(STDERR_FILENO);
	int ends[2];
	ssize_t len;

	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	close(ends[1]);
	write_log();
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(saved);
	len = read(ends[0], out, room - 1);
	close(ends[0]);
	assert_true(len >= 0);
	out[len] = '\0';
}

static void log_two(void)
{
	log_event(LOG_LEVEL_WARNING, "late", "sale=%d till=%s", 12, "T01");
	log_event(LOG_LEVEL_DEBUG, "hidden", "x=1");
	log_event(LOG_LEVEL_INFO, "bare", "%s", "");
}

static void a_line_has_priority_event_and_values(void **state)
{
	char out[4096];

	(void)state;
	log_set_level(LOG_LEVEL_INFO);
	capture(log_two, out, sizeof(out));
	assert_string_equal(out, "<4>event=late sale=12 till=T01\n<6>event=bare \n");
}

static void log_nothing(void)
{
	log_event(LOG_LEVEL_INFO, "hidden", "x=1");
}

static void lines_above_the_level_are_dropped(void **state)
{
	char out[4096];

	(void)state;
	log_set_level(LOG_LEVEL_WARNING);
	capture(log_nothing, out, sizeof(out));
	assert_string_equal(out, "");
	log_set_level(LOG_LEVEL_DEBUG);
	capture(log_nothing, out, sizeof(out));
	assert_string_equal(out, "<6>event=hidden x=1\n");
}

static void log_breaks(void)
{
	log_event(LOG_LEVEL_ERROR, "x", "a=%s", "1\n<3>event=forged\r\x1b[31m");
}

static void a_value_cannot_begin_a_line(void **state)
{
	char out[4096];

	(void)state;
	capture(log_breaks, out, sizeof(out));
	assert_string_equal(out, "<3>event=x a=1 <3>event=forged  [31m\n");
}

static void log_long(void)
{
	log_event(LOG_LEVEL_ERROR, "x", "a=%05000d", 1);
}

static void a_long_line_is_cut(void **state)
{
	char out[8192];

	(void)state;
	capture(log_long, out, sizeof(out));
	assert_in_range(strlen(out), 1000, 2100);
	assert_int_equal(out[strlen(out) - 1], '\n');
}

static void log_one_fault(void)
{
	struct fault fault = {0};

	fault_set(&fault, FAULT_IO, "file_read", "\"a\" cannot be read");
	log_fault("stopped", &fault);
}

static void a_fault_is_one_line(void **state)
{
	char out[4096];

	(void)state;
	capture(log_one_fault, out, sizeof(out));
	assert_string_equal(out, "<3>event=stopped code=-3 where=file_read text=\"'a' cannot be read\"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_priority_event_and_values),
		cmocka_unit_test(lines_above_the_level_are_dropped),
		cmocka_unit_test(a_value_cannot_begin_a_line),
		cmocka_unit_test(a_long_line_is_cut),
		cmocka_unit_test(a_fault_is_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
