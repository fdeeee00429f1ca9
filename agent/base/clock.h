/* clock: passed in, never read behind the caller's back. UTC inside; the local date (UTC+7) decides year, day and rate. */
#ifndef HOADON_BASE_CLOCK_H
#define HOADON_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/cleanup.h"

#define CLOCK_LOCAL_OFFSET_MS INT64_C(25200000) /* UTC+7, no summer time */
#define CLOCK_TEXT_MAX	      32

enum clock_trust {
	CLOCK_UNKNOWN = 0, /* nobody vouches for the time */
	CLOCK_NTP = 1,	   /* the kernel says the clock is synchronised (adjtimex) */
	CLOCK_TEST = 2,	   /* a test drives it */
};

struct clock {
	/*
	 * NULL = the system's clock; else a file with `=<unix ms>` (frozen) or `+<ms>` / `-<ms>` (offset), for both clocks;
	 * a second one behind a blank is for the monotonic clock alone, so that a test can make the wall clock jump; a `?` at the
	 * end says that nobody vouches for the time.
	 */
	const char *test_file;
};

struct civil {
	int year, month, day; /* 2026, 1..12, 1..31 */
	int hour, minute, second, ms;
};

/** clock_now_ms() - milliseconds since 1970-01-01T00:00:00Z. Thread: any. */
int64_t clock_now_ms(const struct clock *clock);

/** clock_mono_ms() - milliseconds since the machine started (CLOCK_BOOTTIME); moves with a test clock's offset. Thread: any. */
int64_t clock_mono_ms(const struct clock *clock);

struct clock_reading {	 /* both clocks at one instant */
	int64_t wall_ms; /* UTC */
	int64_t mono_ms; /* since the machine started, sleep included */
	int trust;	 /* enum clock_trust */
};

/** clock_read() - all that the machine says about time. Thread: any. */
struct clock_reading clock_read(const struct clock *clock);

/** clock_wait_end() - the end of a wait of @ms (0 ..) on CLOCK_MONOTONIC, for the timed calls of pthread and semaphores. Thread: any. */
struct timespec clock_wait_end(int64_t ms);

/** clock_trust() - who vouches for the time now; enum clock_trust. Thread: any. */
int clock_trust(const struct clock *clock);

/** clock_boot_id() - the kernel's boot id (36 characters and NUL) into @out. Thread: any. */
void clock_boot_id(char out[40]);

/** clock_local() - the civil time in UTC+7 of @ms. */
struct civil clock_local(int64_t ms);

/** clock_ms() - milliseconds UTC of a civil time in UTC+7. */
int64_t clock_ms(struct civil local);

/** clock_day() - the local calendar day of @ms as YYYYMMDD, for example 20261122. */
int32_t clock_day(int64_t ms);

/** clock_day_ms() - milliseconds UTC at which the local day @day (YYYYMMDD) begins. */
int64_t clock_day_ms(int32_t day);

/** clock_day_add() - the day @n days after @day (YYYYMMDD). */
int32_t clock_day_add(int32_t day, int n);

/** clock_weekday() - 0 = Sunday .. 6 = Saturday of @day (YYYYMMDD). */
int clock_weekday(int32_t day);

/** clock_day_is_valid() - whether YYYYMMDD @day exists in the calendar and its year is 1970 .. 2999. */
bool clock_day_is_valid(int32_t day);

/** clock_format_local() - "2026-11-22T13:00:00+07:00" into @out. */
void clock_format_local(int64_t ms, char out[CLOCK_TEXT_MAX]);

/** clock_format_plain() - "2026-11-22T13:00:00", local without zone, as the authority's dateTime (format 2.2). */
void clock_format_plain(int64_t ms, char out[CLOCK_TEXT_MAX]);

/** clock_format_day() - "2026-11-22" of YYYYMMDD @day. */
void clock_format_day(int32_t day, char out[CLOCK_TEXT_MAX]);

/** clock_parse() - RFC 3339 with an offset ("Z" or ±hh:mm), seconds 0..59, optional fraction; 0, or 1 when it is not that. */
int clock_parse(const char *text, size_t len, int64_t *ret_ms) MUST_CHECK;

/** clock_parse_plain() - "2026-11-22T13:00:00" (a suffix Z or +07:00 is ignored) as local time; 0 or 1. */
int clock_parse_plain(const char *text, size_t len, int64_t *ret_ms) MUST_CHECK;

/** clock_parse_day() - "2026-11-22" to YYYYMMDD; 0, or 1 when there is no such day. */
int clock_parse_day(const char *text, size_t len, int32_t *ret_day) MUST_CHECK;

#endif
