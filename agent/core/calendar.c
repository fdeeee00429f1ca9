#include "core/calendar.h"

#include <string.h>

#include "base/clock.h"

#define HEADER		"date,kind,status,name"
#define DAY_LEN		10 /* 2026-11-24 */
#define RETENTION_YEARS 10 /* behind the year of issue, law R-STO-3 */
/* Of the local day: 21:00 and 23:30 (law R-SEND-1). */
#define ALARM_MINUTE	  (21 * 60)
#define HARD_ALARM_MINUTE (23 * 60 + 30)

enum day_unit { SAME_DAY, CALENDAR_DAYS, WORKING_DAYS };

static const struct {
	const char *word;
	enum day_unit unit;
	int days;
} rules[] = {
	[DEADLINE_SEND_CODED] = {"SEND_MTT_CODED", SAME_DAY, 0},
	[DEADLINE_SEND_UNCODED] = {"SEND_MTT_UNCODED", WORKING_DAYS, 1},
	[DEADLINE_SIGN_LATER] = {"SIGN_AND_SEND_LATER", WORKING_DAYS, 1},
	[DEADLINE_NIGHT] = {"NIGHT_WITHOUT_SOFTWARE", WORKING_DAYS, 1},
	[DEADLINE_TAX_SYSTEM_BACK] = {"TAX_SYSTEM_BACK", WORKING_DAYS, 2},
	[DEADLINE_FORCE_MAJEURE_END] = {"FORCE_MAJEURE_END", WORKING_DAYS, 3},
	[DEADLINE_EXPLAIN] = {"EXPLAIN_TO_TAX_OFFICE", WORKING_DAYS, 3},
	[DEADLINE_HOUSEHOLD_FIX] = {"HOUSEHOLD_DATA_FIX", WORKING_DAYS, 10},
	[DEADLINE_SWITCH_TO_CODED] = {"SWITCH_TO_CODED", WORKING_DAYS, 10},
	[DEADLINE_REVIEW] = {"REVIEW_NOTICE_01TBRSDT", CALENDAR_DAYS, 2},
};

static const char *const tier_words[] = {
	[LATE_ON_TIME] = "on-time",
	[LATE_GREY] = "late-grey",
	[LATE_1_5] = "late-1-5",
	[LATE_6_10] = "late-6-10",
	[LATE_11] = "late-11+",
};

/* One field up to a comma; NULL when there is no comma left. */
static const char *next_field(const char **at, const char *end, size_t *ret_len)
{
	const char *start = *at;
	const char *comma = memchr(start, ',', (size_t)(end - start));

	if (!comma)
		return NULL;
	*ret_len = (size_t)(comma - start);
	*at = comma + 1;
	return start;
}

static bool is_word(const char *field, size_t len, const char *word)
{
	return field && strlen(word) == len && memcmp(field, word, len) == 0;
}

/* 1 a row to keep, 0 a row without effect, -1 wrong. */
static int parse_row(const char *line, const char *end, struct holiday *ret)
{
	size_t day_len = 0, kind_len = 0, status_len = 0;
	const char *day = next_field(&line, end, &day_len);
	const char *kind = day ? next_field(&line, end, &kind_len) : NULL;
	const char *status = kind ? next_field(&line, end, &status_len) : NULL;

	if (!status || clock_parse_day(day, day_len, &ret->day) != 0)
		return -1;
	if (!is_word(status, status_len, "law") && !is_word(status, status_len, "derived") &&
		!is_word(status, status_len, "assumption"))
		return -1;
	/* Announced, not confirmed: the day stays what it is, which is the earlier deadline (law R-SEND-4). */
	if (is_word(kind, kind_len, "open"))
		return 0;
	ret->is_work = is_word(kind, kind_len, "work");
	return ret->is_work || is_word(kind, kind_len, "off") ? 1 : -1;
}

long calendar_parse(const char *csv, size_t len, struct holiday *days, size_t room)
{
	const char *end = csv + len;
	bool is_header = true;
	size_t count = 0;

	for (const char *line = csv; line < end;) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const char *stop = newline ? newline : end;
		size_t line_len = (size_t)(stop - line);
		struct holiday holiday = {0};
		int kept = 0;

		if (line_len > 0 && line[line_len - 1] == '\r')
			line_len--;
		if (is_header && !is_word(line, line_len, HEADER))
			return -1;
		if (!is_header && line_len > 0)
			kept = parse_row(line, line + line_len, &holiday);
		if (kept < 0 || (kept > 0 && (count == room || (count > 0 && days[count - 1].day >= holiday.day))))
			return -1;
		if (kept > 0)
			days[count++] = holiday;
		is_header = false;
		line = newline ? newline + 1 : end;
	}
	return is_header ? -1 : (long)count;
}

static const struct holiday *find_day(const struct calendar *calendar, int32_t day)
{
	size_t low = 0;
	size_t high = calendar->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (calendar->days[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low < calendar->count && calendar->days[low].day == day ? &calendar->days[low] : NULL;
}

bool calendar_is_working_day(const struct calendar *calendar, int32_t day)
{
	const struct holiday *holiday = find_day(calendar, day);
	int weekday = clock_weekday(day);

	if (!holiday && calendar->base)
		return calendar_is_working_day(calendar->base, day);
	return holiday ? holiday->is_work : weekday != 0 && weekday != 6;
}

static int64_t last_second(int32_t day)
{
	return clock_day_ms(day) + INT64_C(86399) * 1000;
}

int64_t deadline_of(const struct calendar *calendar, enum deadline_rule rule, int64_t event_ms)
{
	int32_t day = clock_day(event_ms);

	for (int left = rules[rule].days; left > 0;) {
		day = clock_day_add(day, 1);
		if (rules[rule].unit == CALENDAR_DAYS || calendar_is_working_day(calendar, day))
			left--;
	}
	return last_second(day);
}

enum evening evening_of(int64_t now_ms, int64_t *ret_until)
{
	struct civil local = clock_local(now_ms);
	int minute = local.hour * 60 + local.minute;

	*ret_until = minute >= ALARM_MINUTE ? last_second(clock_day(now_ms)) : now_ms;
	if (minute >= HARD_ALARM_MINUTE)
		return EVENING_HARD_ALARM;
	return minute >= ALARM_MINUTE ? EVENING_ALARM : EVENING_NONE;
}

int64_t term_used_percent(int64_t from_ms, int64_t deadline_ms, int64_t now_ms)
{
	if (now_ms >= deadline_ms)
		return 100;
	return now_ms > from_ms ? (now_ms - from_ms) * 100 / (deadline_ms - from_ms) : 0;
}

int64_t retention_end(int64_t issued_ms)
{
	return clock_ms(
		(struct civil){.year = clock_local(issued_ms).year + RETENTION_YEARS + 1, .month = 1, .day = 1});
}

int deadline_rule_parse(const char *word, enum deadline_rule *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		if (strcmp(rules[i].word, word) == 0) {
			*ret = (enum deadline_rule)i;
			return 0;
		}
	}
	return 1;
}

enum late_tier late_tier(const struct calendar *calendar, int64_t deadline_ms, int64_t sent_ms, int *ret_days)
{
	int32_t last = clock_day(sent_ms);
	int days = 0;

	*ret_days = 0;
	/* The last second belongs to the term as a whole. */
	if (sent_ms < deadline_ms + 1000)
		return LATE_ON_TIME;
	for (int32_t day = clock_day(deadline_ms); day < last;) {
		day = clock_day_add(day, 1);
		days += calendar_is_working_day(calendar, day);
	}
	*ret_days = days;
	if (days == 0)
		return LATE_GREY;
	if (days <= 5)
		return LATE_1_5;
	return days <= 10 ? LATE_6_10 : LATE_11;
}

const char *late_tier_text(enum late_tier tier)
{
	return (size_t)tier < ARRAY_LEN(tier_words) ? tier_words[tier] : "?";
}
