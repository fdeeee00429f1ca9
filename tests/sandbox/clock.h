/* clock: the test clock, local time (UTC+7) and calendar days */
#ifndef SANDBOX_CLOCK_H
#define SANDBOX_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_TEXT 20 /* "2026-11-21T15:00:00" and the NUL */

/** clock_real_ms() - the real clock, Unix milliseconds; used for answer delays, never for business dates */
int64_t clock_real_ms(void);

/**
 * clock_now_ms() - the time of the simulator, Unix milliseconds
 * @file: test clock, read again on every call: "=MS" frozen, "+MS" or "-MS" added to the real clock; "" for none
 */
int64_t clock_now_ms(const char *file);

/** clock_local_text() - @ms as local dateTime YYYY-MM-DDThh:mm:ss in GMT+7 without zone (format 2.2) */
void clock_local_text(int64_t ms, char out[CLOCK_TEXT]);

/** clock_local_day() - the local calendar day of @ms, counted from 1970-01-01 */
int clock_local_day(int64_t ms);

/** clock_parse_time() - read a local dateTime; a suffix Z or +07:00 is accepted and ignored (format 2.2); false if bad */
bool clock_parse_time(const char *text, int64_t *ret_ms);

/** clock_parse_date() - read YYYY-MM-DD into days from 1970-01-01; false when the day does not exist */
bool clock_parse_date(const char *text, int *ret_day);

/** clock_working_days() - Mondays to Fridays after day @from up to and including day @to; public holidays count as work */
int clock_working_days(int from, int to);

#endif
