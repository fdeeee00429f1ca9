#include "send/alarm.h"

#include <stdio.h>

#include "base/log.h"
#include "core/calendar.h"
#include "store/invoices.h"

#define LOOK_EVERY_MS 60000

static const struct {
	const char *kind, *since;
} alarms[] = {
	[EVENING_ALARM] = {"unsent-evening", "21:00"},
	[EVENING_HARD_ALARM] = {"unsent-night", "23:30"},
};

static int raise_alarm(struct sender *sender, enum evening evening, int64_t count, int64_t now, struct fault *fault)
{
	char text[300];
	const struct task_row task = {.kind = alarms[evening].kind, .text = text, .made_at = now};
	int result = store_begin(sender->store, fault);

	if (result)
		return result;
	snprintf(text, sizeof(text),
		"it is past %s and %lld invoices that are due today are not sent (R-SEND-1): look at the line, the "
		"route and "
		"the key",
		alarms[evening].since, (long long)count);
	log_event(LOG_LEVEL_WARNING, "unsent", "since=%s count=%lld", alarms[evening].since, (long long)count);
	return sender_end(sender, store_task_add(sender->store, &task, fault), fault);
}

static int close_alarms(struct sender *sender, int64_t now, struct fault *fault)
{
	int result = store_begin(sender->store, fault);

	if (result)
		return result;
	for (size_t i = EVENING_ALARM; !result && i < ARRAY_LEN(alarms); i++)
		result = store_task_close_kind(sender->store, alarms[i].kind, now, fault);
	return sender_end(sender, result, fault);
}

/* After a restart nothing is known of what was raised: a task is not opened twice, and closing none does nothing. */
static int follow(struct sender *sender, enum evening evening, int64_t count, int64_t now, struct fault *fault)
{
	int32_t day = clock_day(now);
	int result = 0;

	if (count == 0 && sender->alarm != EVENING_NONE)
		result = close_alarms(sender, now, fault);
	else if (count > 0 && evening != EVENING_NONE && (sender->alarm_day != day || sender->alarm < (int)evening))
		result = raise_alarm(sender, evening, count, now, fault);
	else
		return 0;
	if (result)
		return result;
	sender->alarm_day = day;
	sender->alarm = count ? (int)evening : EVENING_NONE;
	return 0;
}

int alarm_look(struct sender *sender, int64_t now, struct fault *fault)
{
	int64_t count = 0;
	int64_t until;
	enum evening evening;
	int result;

	if (now < sender->alarm_again_at && sender->alarm_again_at - now <= LOOK_EVERY_MS)
		return 0;
	evening = evening_of(now, &until);
	result = store_invoice_unsent(sender->store, until, now - STATUS_UNSENT_MS, &count, fault);
	if (!result)
		result = follow(sender, evening, count, now, fault);
	if (!result)
		sender->alarm_again_at = now + LOOK_EVERY_MS;
	return result;
}
