/* calendar: working days, deadlines, lateness. Holidays are data (schemas/rules/holidays.csv). */
#ifndef HOADON_CORE_CALENDAR_H
#define HOADON_CORE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct holiday {
	int32_t day;  /* YYYYMMDD */
	bool is_work; /* a Saturday that is worked; else a day off */
};

struct calendar {
	const struct holiday *days; /* ascending */
	size_t count;
	const struct calendar *base; /* asked about days that are not in @days; may be NULL */
};

enum deadline_rule {
	DEADLINE_SEND_CODED,	    /* SEND_MTT_CODED: same calendar day (law R-SEND-1) */
	DEADLINE_SEND_UNCODED,	    /* next working day (law R-SEND-2) */
	DEADLINE_SIGN_LATER,	    /* SIGN_AND_SEND_LATER: next working day (law R-SEND-3) */
	DEADLINE_NIGHT,		    /* NIGHT_WITHOUT_SOFTWARE: next working day (law R-ISS-6) */
	DEADLINE_TAX_SYSTEM_BACK,   /* 2 working days (law R-OUT-4) */
	DEADLINE_FORCE_MAJEURE_END, /* 3 working days (law R-OUT-5) */
	DEADLINE_EXPLAIN,	    /* EXPLAIN_TO_TAX_OFFICE: 3 working days (law R-REG-5) */
	DEADLINE_HOUSEHOLD_FIX,	    /* 10 working days */
	DEADLINE_SWITCH_TO_CODED,   /* 10 working days (law R-REG-6) */
	DEADLINE_REVIEW,	    /* REVIEW_NOTICE_01TBRSDT: 2 calendar days (law R-FIX-11) */
};

enum late_tier { LATE_ON_TIME, LATE_GREY, LATE_1_5, LATE_6_10, LATE_11 };

enum evening { EVENING_NONE, EVENING_ALARM, EVENING_HARD_ALARM };

/** calendar_parse() - holidays.csv (date,kind,status,name) into @days of @room rows; the count, or -1 when a line is wrong. "open" rows count as working days. */
long calendar_parse(const char *csv, size_t len, struct holiday *days, size_t room) MUST_CHECK;
/** calendar_is_working_day() - not Saturday, Sunday or a day off, or a Saturday that is worked. Source: law R-SEND-4. */
bool calendar_is_working_day(const struct calendar *calendar, int32_t day);
/** deadline_of() - last second (ms UTC, …:59.000) of the day that ends the term of @rule, counted from the local day of @event_ms, which does not count. */
int64_t deadline_of(const struct calendar *calendar, enum deadline_rule rule, int64_t event_ms);
/**
 * evening_of() - which alarm an invoice that is not sent raises at @now_ms: from 21:00 and from 23:30 local time
 * @ret_until: ms UTC: invoices with a deadline up to then count: those of today, and before the evening those that are late already
 *
 * Source: law R-SEND-1.
 */
enum evening evening_of(int64_t now_ms, int64_t *ret_until);
/** retention_end() - ms UTC from which on an invoice issued at @issued_ms may be destroyed: ten years after the local year of its issue. Source: law R-STO-3, R-STO-4. */
int64_t retention_end(int64_t issued_ms);

/** term_used_percent() - how much of the time from @from_ms to @deadline_ms went by at @now_ms: 0 .. 100, 100 = the deadline is there. */
int64_t term_used_percent(int64_t from_ms, int64_t deadline_ms, int64_t now_ms);
/** deadline_rule_parse() - the word of samples "deadlines" to the rule; 0, or 1 when unknown. */
int deadline_rule_parse(const char *word, enum deadline_rule *ret) MUST_CHECK;
/** late_tier() - how late @sent_ms is against @deadline_ms, with the working days late. Source: law R-SAN-3. */
enum late_tier late_tier(const struct calendar *calendar, int64_t deadline_ms, int64_t sent_ms, int *ret_days);
/** late_tier_text() - "on-time", "late-grey", "late-1-5", … */
const char *late_tier_text(enum late_tier tier);

#endif
