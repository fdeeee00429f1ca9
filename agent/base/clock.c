#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "base/decimal.h"

#define MS_PER_SECOND INT64_C(1000)
#define MS_PER_MINUTE INT64_C(60000)
#define MS_PER_HOUR   INT64_C(3600000)
#define MS_PER_DAY    INT64_C(86400000)

enum setting_kind { SETTING_NONE, SETTING_FROZEN, SETTING_OFFSET };

/* What a test file asks of one clock. */
struct setting {
	enum setting_kind kind;
	int64_t ms;
};

struct settings {
	struct setting wall, mono;
	bool is_doubted; /* nobody vouches for it */
};

/* Length of the beginning of a small file in @out, with a NUL behind it; -1 when it cannot be read. */
static ssize_t read_small(const char *path, char *out, size_t room)
{
	CLEANUP(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t len;

	if (fd < 0)
		return -1;
	do
		len = read(fd, out, room - 1);
	while (len < 0 && errno == EINTR);
	if (len >= 0)
		out[len] = '\0';
	return len;
}

/* One of `=ms`, `+ms`, `-ms`; returns what stands behind it, NULL when it is none of them. */
static const char *read_setting(const char *text, struct setting *ret)
{
	const char *digit = text + 1;
	int64_t ms = 0;

	if ((*text != '=' && *text != '+' && *text != '-') || *digit < '0' || *digit > '9')
		return NULL;
	for (; *digit >= '0' && *digit <= '9'; digit++)
		if (__builtin_mul_overflow(ms, 10, &ms) || __builtin_add_overflow(ms, *digit - '0', &ms))
			return NULL;
	/* An offset beyond a few thousand years could overflow the sum with the system's clock. */
	if (ms > INT64_MAX / 4)
		return NULL;
	ret->kind = *text == '=' ? SETTING_FROZEN : SETTING_OFFSET;
	ret->ms = *text == '-' ? -ms : ms;
	return digit;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t\r\n");
}

/* Bad content is no setting at all: a half-written file must not turn the clock to another year. */
static struct settings read_settings(const struct clock *clock)
{
	const struct settings none = {0};
	struct settings settings = none;
	const char *rest;
	char text[80];

	if (!clock || !clock->test_file || read_small(clock->test_file, text, sizeof(text)) <= 0)
		return none;
	rest = read_setting(skip_blanks(text), &settings.wall);
	if (!rest)
		return none;
	settings.mono = settings.wall;
	rest = skip_blanks(rest);
	if (*rest != '\0' && *rest != '?') {
		rest = read_setting(rest, &settings.mono);
		if (!rest)
			return none;
		rest = skip_blanks(rest);
	}
	settings.is_doubted = *rest == '?';
	return *skip_blanks(rest + settings.is_doubted) == '\0' ? settings : none;
}

static int64_t system_ms(clockid_t id)
{
	struct timespec now = {0};

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / 1000000;
}

static int64_t apply(struct setting setting, clockid_t id)
{
	if (setting.kind == SETTING_FROZEN)
		return setting.ms;
	return system_ms(id) + setting.ms;
}

int64_t clock_now_ms(const struct clock *clock)
{
	return apply(read_settings(clock).wall, CLOCK_REALTIME);
}

int64_t clock_mono_ms(const struct clock *clock)
{
	return apply(read_settings(clock).mono, CLOCK_BOOTTIME);
}

static int trust(struct settings settings)
{
	struct timex state = {0};
	int result;

	if (settings.wall.kind != SETTING_NONE)
		return settings.is_doubted ? CLOCK_UNKNOWN : CLOCK_TEST;
	result = adjtimex(&state);
	return result < 0 || result == TIME_ERROR || (state.status & STA_UNSYNC) ? CLOCK_UNKNOWN : CLOCK_NTP;
}

int clock_trust(const struct clock *clock)
{
	return trust(read_settings(clock));
}

struct clock_reading clock_read(const struct clock *clock)
{
	struct settings settings = read_settings(clock);

	return (struct clock_reading){
		.wall_ms = apply(settings.wall, CLOCK_REALTIME),
		.mono_ms = apply(settings.mono, CLOCK_BOOTTIME),
		.trust = trust(settings),
	};
}

void clock_boot_id(char out[40])
{
	if (read_small("/proc/sys/kernel/random/boot_id", out, 40) < 36)
		strcpy(out, "00000000-0000-0000-0000-000000000000");
	out[36] = '\0';
}

static int64_t floor_div(int64_t n, int64_t d)
{
	return n / d - (n % d < 0);
}

/* Days since 1970-01-01 of a day in the proleptic Gregorian calendar; years begin in March, so that leap days come last. */
static int64_t days_from_civil(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = floor_div(y, 400);
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static struct civil civil_from_days(int64_t days)
{
	int64_t shifted = days + 719468;
	int64_t era = floor_div(shifted, 146097);
	int64_t day_of_era = shifted - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153;

	return (struct civil){
		.year = (int)(year_of_era + era * 400 + (month >= 10)),
		.month = (int)(month < 10 ? month + 3 : month - 9),
		.day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
	};
}

struct timespec clock_wait_end(int64_t ms)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += (long)(ms % 1000) * 1000000;
	end.tv_sec += ms / 1000 + end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	return end;
}

struct civil clock_local(int64_t ms)
{
	int64_t local = ms + CLOCK_LOCAL_OFFSET_MS;
	int64_t days = floor_div(local, MS_PER_DAY);
	int64_t rest = local - days * MS_PER_DAY;
	struct civil civil = civil_from_days(days);

	civil.hour = (int)(rest / MS_PER_HOUR);
	civil.minute = (int)(rest % MS_PER_HOUR / MS_PER_MINUTE);
	civil.second = (int)(rest % MS_PER_MINUTE / MS_PER_SECOND);
	civil.ms = (int)(rest % MS_PER_SECOND);
	return civil;
}

int64_t clock_ms(struct civil local)
{
	return days_from_civil(local.year, local.month, local.day) * MS_PER_DAY + local.hour * MS_PER_HOUR +
	       local.minute * MS_PER_MINUTE + local.second * MS_PER_SECOND + local.ms - CLOCK_LOCAL_OFFSET_MS;
}

int64_t clock_day_ms(int32_t day)
{
	return clock_ms((struct civil){.year = day / 10000, .month = day / 100 % 100, .day = day % 100});
}

static int32_t day_number(struct civil civil)
{
	return civil.year * 10000 + civil.month * 100 + civil.day;
}

static int64_t days_of(int32_t day)
{
	return days_from_civil(day / 10000, day / 100 % 100, day % 100);
}

int32_t clock_day(int64_t ms)
{
	return day_number(clock_local(ms));
}

int32_t clock_day_add(int32_t day, int n)
{
	return day_number(civil_from_days(days_of(day) + n));
}

int clock_weekday(int32_t day)
{
	/* 1970-01-01 was a Thursday. */
	int64_t days = days_of(day) + 4;

	return (int)(days - floor_div(days, 7) * 7);
}

static bool is_day(int year, int month, int day)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (month < 1 || month > 12 || day < 1)
		return false;
	return day <= lengths[month - 1] + (month == 2 && is_leap);
}

bool clock_day_is_valid(int32_t day)
{
	return day >= 19700101 && day <= 29991231 && is_day(day / 10000, day / 100 % 100, day % 100);
}

/* Date, T, time of day; returns what is behind them. */
static char *format_civil(int64_t ms, char *out)
{
	struct civil c = clock_local(ms);
	const struct {
		int value, width;
		char after;
	} parts[] = {{c.year, 4, '-'}, {c.month, 2, '-'}, {c.day, 2, 'T'}, {c.hour, 2, ':'}, {c.minute, 2, ':'},
		{c.second, 2, '\0'}};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		out = int_format_fixed((unsigned int)parts[i].value, parts[i].width, out);
		*out++ = parts[i].after;
	}
	return out - 1;
}

void clock_format_local(int64_t ms, char out[CLOCK_TEXT_MAX])
{
	static const char zone[] = "+07:00";

	memcpy(format_civil(ms, out), zone, sizeof(zone));
}

void clock_format_plain(int64_t ms, char out[CLOCK_TEXT_MAX])
{
	format_civil(ms, out);
}

void clock_format_day(int32_t day, char out[CLOCK_TEXT_MAX])
{
	out = int_format_fixed((unsigned int)day / 10000, 4, out);
	*out++ = '-';
	out = int_format_fixed((unsigned int)day / 100, 2, out);
	*out++ = '-';
	*int_format_fixed((unsigned int)day, 2, out) = '\0';
}

/* Text that is eaten from the left; a step that does not match leaves is_wrong set for the end to see. */
struct scan {
	const char *at, *end;
	bool is_wrong;
};

static bool scan_char(struct scan *scan, char wanted)
{
	if (scan->is_wrong || scan->at == scan->end || *scan->at != wanted)
		return false;
	scan->at++;
	return true;
}

static void scan_must(struct scan *scan, char wanted)
{
	scan->is_wrong = !scan_char(scan, wanted);
}

static int scan_digits(struct scan *scan, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		if (scan->is_wrong || scan->at == scan->end || *scan->at < '0' || *scan->at > '9') {
			scan->is_wrong = true;
			return 0;
		}
		value = value * 10 + (*scan->at++ - '0');
	}
	return value;
}

static void scan_day(struct scan *scan, struct civil *civil)
{
	civil->year = scan_digits(scan, 4);
	scan_must(scan, '-');
	civil->month = scan_digits(scan, 2);
	scan_must(scan, '-');
	civil->day = scan_digits(scan, 2);
	if (!is_day(civil->year, civil->month, civil->day))
		scan->is_wrong = true;
}

static void scan_time(struct scan *scan, struct civil *civil)
{
	scan_must(scan, 'T');
	civil->hour = scan_digits(scan, 2);
	scan_must(scan, ':');
	civil->minute = scan_digits(scan, 2);
	scan_must(scan, ':');
	civil->second = scan_digits(scan, 2);
	if (civil->hour > 23 || civil->minute > 59 || civil->second > 59)
		scan->is_wrong = true;
}

/* RFC 3339 section 5.6 lets a fraction be of any length; we keep milliseconds and cut the rest. */
static void scan_fraction(struct scan *scan, struct civil *civil)
{
	int unit = 100;

	if (!scan_char(scan, '.'))
		return;
	civil->ms = scan_digits(scan, 1) * unit;
	while (!scan->is_wrong && scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9') {
		unit /= 10;
		civil->ms += (*scan->at++ - '0') * unit;
	}
}

static int64_t scan_offset_ms(struct scan *scan)
{
	int sign = 1;
	int hours;
	int minutes;

	if (scan_char(scan, 'Z'))
		return 0;
	if (scan_char(scan, '-'))
		sign = -1;
	else
		scan_must(scan, '+');
	hours = scan_digits(scan, 2);
	scan_must(scan, ':');
	minutes = scan_digits(scan, 2);
	if (hours > 23 || minutes > 59)
		scan->is_wrong = true;
	return sign * (hours * MS_PER_HOUR + minutes * MS_PER_MINUTE);
}

static bool scan_is_done(const struct scan *scan)
{
	return !scan->is_wrong && scan->at == scan->end;
}

int clock_parse(const char *text, size_t len, int64_t *ret_ms)
{
	struct scan scan = {.at = text, .end = text + len};
	struct civil civil = {0};
	int64_t offset;

	scan_day(&scan, &civil);
	scan_time(&scan, &civil);
	scan_fraction(&scan, &civil);
	offset = scan_offset_ms(&scan);
	if (!scan_is_done(&scan))
		return 1;
	*ret_ms = clock_ms(civil) + CLOCK_LOCAL_OFFSET_MS - offset;
	return 0;
}

int clock_parse_plain(const char *text, size_t len, int64_t *ret_ms)
{
	struct scan scan = {.at = text, .end = text + len};
	struct civil civil = {0};

	scan_day(&scan, &civil);
	scan_time(&scan, &civil);
	if (!scan.is_wrong && (size_t)(scan.end - scan.at) == 6 && memcmp(scan.at, "+07:00", 6) == 0)
		scan.at = scan.end;
	else
		scan_char(&scan, 'Z');
	if (!scan_is_done(&scan))
		return 1;
	*ret_ms = clock_ms(civil);
	return 0;
}

int clock_parse_day(const char *text, size_t len, int32_t *ret_day)
{
	struct scan scan = {.at = text, .end = text + len};
	struct civil civil = {0};

	scan_day(&scan, &civil);
	if (!scan_is_done(&scan) || !clock_day_is_valid(day_number(civil)))
		return 1;
	*ret_day = day_number(civil);
	return 0;
}
