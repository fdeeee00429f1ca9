#include "clock.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ZONE_MS (7 * 3600 * 1000LL)
#define DAY_MS	(24 * 3600 * 1000LL)

int64_t clock_real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now_ms(const char *file)
{
	CLEANUP(text_done) struct text t = {0};

	if (!file || !*file)
		return clock_real_ms();
	if (file_read(file, 64, &t) != 0 || t.len < 2)
		return clock_real_ms();
	long long value = strtoll(t.data + 1, NULL, 10);
	switch (t.data[0]) {
	case '=':
		return value;
	case '+':
		return clock_real_ms() + value;
	case '-':
		return clock_real_ms() - value;
	default:
		return clock_real_ms();
	}
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

void clock_local_text(int64_t ms, char out[CLOCK_TEXT])
{
	time_t seconds = (time_t)floor_div(ms + ZONE_MS, 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
}

int clock_local_day(int64_t ms)
{
	return (int)floor_div(ms + ZONE_MS, DAY_MS);
}

bool clock_parse_date(const char *text, int *ret_day)
{
	static const char shape[] = "dddd-dd-dd";
	for (size_t i = 0; i < sizeof shape; i++) {
		if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
			return false;
	}
	struct tm tm = {.tm_year = atoi(text) - 1900, .tm_mon = atoi(text + 5) - 1, .tm_mday = atoi(text + 8)};
	struct tm asked = tm;
	time_t seconds = timegm(&tm);
	if (tm.tm_year != asked.tm_year || tm.tm_mon != asked.tm_mon || tm.tm_mday != asked.tm_mday)
		return false;
	*ret_day = (int)floor_div((int64_t)seconds, DAY_MS / 1000);
	return true;
}

bool clock_parse_time(const char *text, int64_t *ret_ms)
{
	char date[11];
	int day;

	if (!str_match(text, "^[0-9-]{10}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|\\+07:00)?$"))
		return false;
	str_copy(date, sizeof date, text);
	if (!clock_parse_date(date, &day))
		return false;
	int seconds = atoi(text + 11) * 3600 + atoi(text + 14) * 60 + atoi(text + 17);
	*ret_ms = day * DAY_MS + seconds * 1000LL - ZONE_MS;
	return true;
}

int clock_working_days(int from, int to)
{
	int count = 0;

	for (int day = from + 1; day <= to && count < 1000; day++)
		count += (day + 3) % 7 < 5; /* 1970-01-01 was a Thursday: Monday is 0 */
	return count;
}
