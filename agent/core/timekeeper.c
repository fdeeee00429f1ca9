#include "core/timekeeper.h"

#include <string.h>

#define SAME_MS 1000 /* clocks that NTP slews do not part by more between two looks */

static const char *const words[] = {
#define X(name, word) [TIME_##name] = word,
	TIME_STATES(X)
#undef X
};

const char *time_state_word(int state)
{
	return state >= 0 && state < TIME_STATE_COUNT ? words[state] : "?";
}

enum time_state time_state_find(const char *word)
{
	for (int i = 0; i < TIME_STATE_COUNT; i++)
		if (strcmp(words[i], word) == 0)
			return (enum time_state)i;
	return TIME_PROVEN;
}

bool time_is_held(enum time_state state)
{
	return state == TIME_BEHIND || state == TIME_NEW_YEAR;
}

bool time_is_flagged(enum time_state state)
{
	return state == TIME_UNPROVEN || state == TIME_AHEAD;
}

static bool is_near(int64_t a, int64_t b)
{
	return a - b <= TIME_JUMP_MS && b - a <= TIME_JUMP_MS;
}

static void believe(struct timekeeper *keeper, int64_t now_ms, bool is_proven)
{
	keeper->has_base = true;
	keeper->is_proven = is_proven;
	keeper->offset = now_ms - keeper->mono_ms;
}

static int64_t believed(const struct timekeeper *keeper)
{
	return keeper->offset + keeper->mono_ms;
}

/* What was known ends with the power. */
static void see(struct timekeeper *keeper, const struct clock_reading *reading)
{
	if (reading->mono_ms < keeper->mono_ms)
		keeper->has_base = keeper->is_proven = false;
	keeper->mono_ms = reading->mono_ms;
}

static int64_t earliest(const struct timekeeper *keeper)
{
	return keeper->last_issued_at > TIME_LAW_MS ? keeper->last_issued_at : TIME_LAW_MS;
}

/* The state of @wall_ms against what is known; takes it as the base when nothing is. */
static enum time_state compare(struct timekeeper *keeper, int64_t wall_ms)
{
	/* What nobody vouched for is no reason against a clock that a person turned back. */
	if (keeper->has_base && !keeper->is_proven && wall_ms < believed(keeper) - TIME_JUMP_MS)
		keeper->has_base = false;
	if (!keeper->has_base && wall_ms < earliest(keeper) - TIME_BACK_MS)
		return TIME_BEHIND;
	if (!keeper->has_base)
		believe(keeper, wall_ms, false);
	if (wall_ms < believed(keeper) - TIME_JUMP_MS)
		return TIME_BEHIND;
	if (wall_ms > believed(keeper) + TIME_JUMP_MS)
		return TIME_AHEAD;
	return keeper->is_proven ? TIME_PROVEN : TIME_UNPROVEN;
}

static bool is_another_year(const struct timekeeper *keeper, int64_t now_ms)
{
	return keeper->last_issued_at && clock_local(now_ms).year != clock_local(keeper->last_issued_at).year;
}

struct time_decision timekeeper_judge(struct timekeeper *keeper, const struct clock_reading *reading)
{
	struct time_decision decision = {.state = TIME_PROVEN, .now_ms = reading->wall_ms};

	see(keeper, reading);
	if (reading->trust != CLOCK_UNKNOWN)
		believe(keeper, reading->wall_ms, true);
	else
		decision.state = compare(keeper, reading->wall_ms);
	if (decision.state == TIME_AHEAD || decision.state == TIME_BEHIND)
		decision.now_ms = keeper->has_base ? believed(keeper) : earliest(keeper);
	if (!keeper->is_proven && decision.state != TIME_BEHIND && is_another_year(keeper, decision.now_ms))
		decision.state = TIME_NEW_YEAR;
	decision.ahead_ms = reading->wall_ms - decision.now_ms;
	if (keeper->last_issued_at - decision.now_ms > TIME_BACK_MS)
		decision.wait_until_ms = keeper->last_issued_at;
	return decision;
}

void timekeeper_hear(struct timekeeper *keeper, const struct clock_reading *reading, int64_t said_ms, bool is_exact)
{
	see(keeper, reading);
	int64_t now = keeper->has_base ? believed(keeper) : reading->wall_ms;
	if (keeper->is_proven && is_near(now, said_ms))
		return;
	/* An answer that was signed long ago says nothing about now. */
	if (is_exact || said_ms > now || is_near(now, said_ms))
		believe(keeper, said_ms, true);
}

bool timekeeper_is_same(const struct timekeeper *a, const struct timekeeper *b)
{
	int64_t apart = a->offset - b->offset;

	return a->has_base == b->has_base && a->is_proven == b->is_proven && apart <= SAME_MS && apart >= -SAME_MS;
}
