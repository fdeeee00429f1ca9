#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

/* 2026-11-22T13:00:00+07:00; `date -d 2026-11-22T06:00:00Z +%s` = 1795327200 */
#define NOON_MS INT64_C(1795327200000)

static char test_file[] = "/tmp/clock_test_XXXXXX";

static void set_file(const char *content)
{
	FILE *file = fopen(test_file, "w");

	assert_non_null(file);
	fputs(content, file);
	fclose(file);
}

static int make_file(void **state)
{
	int fd = mkstemp(test_file);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(test_file);
}

static bool is_near(int64_t a, int64_t b)
{
	return a - b < 5000 && b - a < 5000;
}

static int64_t boottime_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void without_a_file_the_system_tells_the_time(void **state)
{
	const struct clock clock = {0};

	(void)state;
	assert_true(is_near(clock_now_ms(&clock), (int64_t)time(NULL) * 1000));
	assert_true(is_near(clock_mono_ms(&clock), boottime_ms()));
	assert_int_not_equal(clock_trust(&clock), CLOCK_TEST);
	assert_true(is_near(clock_now_ms(NULL), (int64_t)time(NULL) * 1000));
}

static void a_frozen_clock_stands(void **state)
{
	const struct clock clock = {.test_file = test_file};

	(void)state;
	set_file("=1795327200000\n");
	assert_true(clock_now_ms(&clock) == NOON_MS);
	assert_true(clock_mono_ms(&clock) == NOON_MS);
	assert_int_equal(clock_trust(&clock), CLOCK_TEST);
	set_file("=1795327201000");
	assert_true(clock_now_ms(&clock) == NOON_MS + 1000);
}

static void an_offset_moves_both_clocks(void **state)
{
	const struct clock clock = {.test_file = test_file};

	(void)state;
	set_file("+3600000");
	assert_true(is_near(clock_now_ms(&clock), (int64_t)time(NULL) * 1000 + 3600000));
	assert_true(is_near(clock_mono_ms(&clock), boottime_ms() + 3600000));
	set_file("-3600000\n");
	assert_true(is_near(clock_now_ms(&clock), (int64_t)time(NULL) * 1000 - 3600000));
	assert_true(is_near(clock_mono_ms(&clock), boottime_ms() - 3600000));
}

static void a_second_setting_is_for_the_monotonic_clock(void **state)
{
	const struct clock clock = {.test_file = test_file};

	(void)state;
	set_file("=1795327200000 =5000\n");
	assert_true(clock_now_ms(&clock) == NOON_MS);
	assert_true(clock_mono_ms(&clock) == 5000);
	set_file("+600000 +0");
	assert_true(is_near(clock_now_ms(&clock), (int64_t)time(NULL) * 1000 + 600000));
	assert_true(is_near(clock_mono_ms(&clock), boottime_ms()));
}

static void a_question_mark_is_a_clock_nobody_vouches_for(void **state)
{
	const struct clock clock = {.test_file = test_file};
	struct clock_reading reading;

	(void)state;
	set_file("=1795327200000 =5000 ?\n");
	reading = clock_read(&clock);
	assert_true(reading.wall_ms == NOON_MS);
	assert_true(reading.mono_ms == 5000);
	assert_int_equal(reading.trust, CLOCK_UNKNOWN);
	set_file("=1795327200000?");
	reading = clock_read(&clock);
	assert_true(reading.mono_ms == NOON_MS);
	assert_int_equal(reading.trust, CLOCK_UNKNOWN);
	set_file("=1795327200000");
	assert_int_equal(clock_read(&clock).trust, CLOCK_TEST);
}

static void bad_content_is_the_system_clock(void **state)
{
	static const char *const contents[] = {"", "=", "+", "1795327200000", "=x", "=1 2", "=1x", "=1 =", "= 1",
		"=99999999999999999999", "+9223372036854775807", "=-1", "=1 =2 =3", "?", "=1 ? =2", "=1 ??", "=1 x"};
	const struct clock clock = {.test_file = test_file};
	const struct clock missing = {.test_file = "/nonexistent/clock"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
		set_file(contents[i]);
		if (!is_near(clock_now_ms(&clock), (int64_t)time(NULL) * 1000) || clock_trust(&clock) == CLOCK_TEST)
			fail_msg("\"%s\" was taken", contents[i]);
	}
	assert_true(is_near(clock_now_ms(&missing), (int64_t)time(NULL) * 1000));
}

static void the_boot_id_is_a_uuid(void **state)
{
	char id[40];

	(void)state;
	clock_boot_id(id);
	assert_int_equal(strlen(id), 36);
	assert_int_equal(id[8], '-');
	assert_int_equal(id[23], '-');
}

static void civil_time_is_seven_hours_ahead(void **state)
{
	struct civil c = clock_local(NOON_MS + 123);

	(void)state;
	assert_int_equal(c.year, 2026);
	assert_int_equal(c.month, 11);
	assert_int_equal(c.day, 22);
	assert_int_equal(c.hour, 13);
	assert_int_equal(c.minute, 0);
	assert_int_equal(c.second, 0);
	assert_int_equal(c.ms, 123);
	/* 2025-12-31T17:00:00Z is the first moment of 2026 in Vietnam */
	assert_int_equal(clock_day(INT64_C(1767200400000)), 20260101);
	assert_int_equal(clock_day(INT64_C(1767200399999)), 20251231);
	assert_int_equal(clock_day(0), 19700101);
	assert_int_equal(clock_day(-CLOCK_LOCAL_OFFSET_MS - 1), 19691231);
}

/* Against the C library, whose timegm() is another implementation: each 37 hours from 1900 to 2199. */
static void civil_time_agrees_with_the_c_library(void **state)
{
	(void)state;
	for (int64_t s = INT64_C(-2208988800); s < INT64_C(7258118400); s += 37 * 3600 + 61) {
		time_t local = (time_t)(s + 7 * 3600);
		struct tm tm;
		struct civil c = clock_local(s * 1000 + 7);
		int32_t day;

		gmtime_r(&local, &tm);
		assert_true(c.year == tm.tm_year + 1900 && c.month == tm.tm_mon + 1 && c.day == tm.tm_mday);
		assert_true(c.hour == tm.tm_hour && c.minute == tm.tm_min && c.second == tm.tm_sec && c.ms == 7);
		assert_true(clock_ms(c) == s * 1000 + 7);
		day = clock_day(s * 1000);
		assert_int_equal(clock_weekday(day), tm.tm_wday);
		assert_int_equal(clock_day_add(day, 1), clock_day(s * 1000 + 86400000));
		assert_int_equal(clock_day_add(day, -366), clock_day(s * 1000 - INT64_C(366) * 86400000));
		assert_int_equal(clock_day(clock_day_ms(day)), day);
		assert_int_equal(clock_day(clock_day_ms(day) - 1), clock_day_add(day, -1));
	}
}

static void days_exist_or_not(void **state)
{
	static const int32_t good[] = {19700101, 20240229, 20000229, 20260228, 20261231, 29991231};
	static const int32_t bad[] = {0, -20260101, 20260229, 21000229, 20261301, 20260001, 20260100, 20260431,
		20260132, 19691231, 30000101, 99999999};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(clock_day_is_valid(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(clock_day_is_valid(bad[i]));
}

static void times_are_written_local(void **state)
{
	char out[CLOCK_TEXT_MAX];

	(void)state;
	clock_format_local(NOON_MS, out);
	assert_string_equal(out, "2026-11-22T13:00:00+07:00");
	clock_format_plain(NOON_MS + 999, out);
	assert_string_equal(out, "2026-11-22T13:00:00");
	clock_format_day(20260105, out);
	assert_string_equal(out, "2026-01-05");
}

struct time_case {
	const char *text;
	int64_t ms; /* -1 = refused */
};

/* A… are cases of the hostile corpus for the sale interface, group date. */
static void rfc3339_times_are_read(void **state)
{
	static const struct time_case cases[] = {
		{"2026-11-22T13:00:00+07:00", NOON_MS},
		{"2026-11-22T06:00:00Z", NOON_MS},
		{"2026-11-22T06:00:00-00:00", NOON_MS},
		{"2026-11-22T01:00:00-05:00", NOON_MS},
		{"2026-11-22T11:45:00+05:45", NOON_MS},
		{"2026-11-22T13:00:00.5+07:00", NOON_MS + 500},
		{"2026-11-22T13:00:00.123999999+07:00", NOON_MS + 123},
		{"2026-11-22T12:35:00", -1},	   /* A072 */
		{"2026-02-29T10:00:00+07:00", -1}, /* A073 */
		{"2026-13-01T10:00:00+07:00", -1}, /* A074 */
		{"2026-11-31T10:00:00+07:00", -1}, /* A075 */
		{"2026-11-22 12:35", -1},	   /* A076 */
		{"22/11/2026 12:35", -1},	   /* A077 */
		{"2026-11-22T24:00:00+07:00", -1}, /* A078 */
		{"2026-11-22T12:60:00+07:00", -1}, /* A079 */
		{"2026-11-22T12:35:00+25:00", -1}, /* A080 */
		{"1763791200", -1},		   /* A081 */
		{"", -1},			   /* A082 */
		{"2026-11-22T12:35:60Z", -1},
		{"2026-11-22T12:35:00.Z", -1},
		{"2026-11-22T12:35Z", -1},
		{"2026-11-22T12:35:00z", -1},
		{"2026-11-22t12:35:00Z", -1},
		{"2026-11-22 12:35:00Z", -1},
		{"2026-11-22T12:35:00+0700", -1},
		{"2026-11-22T12:35:00+07", -1},
		{"2026-11-22T12:35:00+07:60", -1},
		{"2026-11-22T12:35:00Z ", -1},
		{" 2026-11-22T12:35:00Z", -1},
		{"2026-11-22T12:35:00ZZ", -1},
		{"2026-00-22T12:35:00Z", -1},
		{"2026-11-00T12:35:00Z", -1},
		{"+026-11-22T12:35:00Z", -1},
	};
	int64_t ms = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int result;

		ms = 42;
		result = clock_parse(cases[i].text, strlen(cases[i].text), &ms);
		if (result != (cases[i].ms < 0) || ms != (cases[i].ms < 0 ? 42 : cases[i].ms))
			fail_msg("\"%s\" gave %d", cases[i].text, result);
	}
	/* A085: a time, far out of range: that is for the caller to say */
	assert_int_equal(clock_parse("0001-01-01T00:00:00+07:00", 25, &ms), 0);
	assert_true(clock_local(ms).year == 1);
}

static void plain_times_are_local_whatever_the_suffix(void **state)
{
	static const struct time_case cases[] = {
		{"2026-11-22T13:00:00", NOON_MS},
		{"2026-11-22T13:00:00Z", NOON_MS},
		{"2026-11-22T13:00:00+07:00", NOON_MS},
		{"2026-11-22T13:00:00+08:00", -1},
		{"2026-11-22T13:00:00.5", -1},
		{"2026-11-22T13:00", -1},
		{"2026-11-22", -1},
		{"2026-11-31T13:00:00", -1},
		{"2026-11-22T13:00:00ZZ", -1},
		{"", -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t ms = 42;
		int result = clock_parse_plain(cases[i].text, strlen(cases[i].text), &ms);

		if (result != (cases[i].ms < 0) || ms != (cases[i].ms < 0 ? 42 : cases[i].ms))
			fail_msg("\"%s\" gave %d", cases[i].text, result);
	}
}

static void days_are_read(void **state)
{
	static const char *const bad[] = {"", "2026-11-2", "2026-11-222", "20261122", "2026-02-29", "1969-12-31",
		"3000-01-01", "2026/11/22", "0000-01-01"};
	int32_t day = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(clock_parse_day(bad[i], strlen(bad[i]), &day), 1);
	assert_int_equal(day, 7);
	assert_int_equal(clock_parse_day("2026-11-22", 10, &day), 0);
	assert_int_equal(day, 20261122);
}

static void a_wait_ends_when_it_is_over(void **state)
{
	(void)state;
	for (int64_t ms = 0; ms < 5000; ms += 999) {
		struct timespec before, end;

		clock_gettime(CLOCK_MONOTONIC, &before);
		end = clock_wait_end(ms);
		int64_t waits = (end.tv_sec - before.tv_sec) * INT64_C(1000000000) + end.tv_nsec - before.tv_nsec;
		assert_in_range(end.tv_nsec, 0, 999999999);
		assert_in_range(waits, (uint64_t)ms * 1000000, (uint64_t)(ms + 10000) * 1000000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_file_the_system_tells_the_time),
		cmocka_unit_test(a_frozen_clock_stands),
		cmocka_unit_test(an_offset_moves_both_clocks),
		cmocka_unit_test(a_second_setting_is_for_the_monotonic_clock),
		cmocka_unit_test(a_question_mark_is_a_clock_nobody_vouches_for),
		cmocka_unit_test(bad_content_is_the_system_clock),
		cmocka_unit_test(the_boot_id_is_a_uuid),
		cmocka_unit_test(civil_time_is_seven_hours_ahead),
		cmocka_unit_test(civil_time_agrees_with_the_c_library),
		cmocka_unit_test(days_exist_or_not),
		cmocka_unit_test(times_are_written_local),
		cmocka_unit_test(rfc3339_times_are_read),
		cmocka_unit_test(plain_times_are_local_whatever_the_suffix),
		cmocka_unit_test(days_are_read),
		cmocka_unit_test(a_wait_ends_when_it_is_over),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
