/* timekeeper: which time is believed (house 8.8). Pure: what is known and one reading of the clocks in, a decision out. */
#ifndef HOADON_CORE_TIMEKEEPER_H
#define HOADON_CORE_TIMEKEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define TIME_JUMP_MS INT64_C(120000) /* law R-TIME-1: a larger jump ahead is not believed */
#define TIME_BACK_MS INT64_C(5000)   /* law R-NUM-3: a clock that far behind issues with the last time */
#define TIME_LAW_MS                                                                                                    \
	INT64_C(1782838800000) /* 2026-07-01T00:00:00+07:00, Decree 254/2026 begins: no invoice of ours is older */

/* X(NAME, "word"): the words stand in the store, the ledger, the API. */
#define TIME_STATES(X)                                                                                                 \
	X(PROVEN, "proven")	/* a trusted source vouches for it, now or since the machine started */                \
	X(UNPROVEN, "unproven") /* nobody did since then; the machine's clock is taken, the invoice flagged */         \
	X(AHEAD, "ahead")	/* the clock jumped ahead: the last believed time and the monotonic clock, flagged */  \
	X(BEHIND, "behind")	/* the clock is behind: held */                                                        \
	X(NEW_YEAR, "new-year") /* unproven, and another year than that of the last invoice: held */
enum time_state {
#define X(name, word) TIME_##name,
	TIME_STATES(X)
#undef X
		TIME_STATE_COUNT
};

struct timekeeper {
	bool has_base;		/* offset holds since the machine started */
	bool is_proven;		/* a trusted source said so */
	int64_t offset;		/* ms: the believed time is the monotonic clock and this */
	int64_t mono_ms;	/* last seen; a smaller one says that the machine started anew */
	int64_t last_issued_at; /* ms UTC, 0 = never */
};

struct time_decision {
	enum time_state state;
	int64_t now_ms;	  /* the believed time, UTC; also while held */
	int64_t ahead_ms; /* the machine's clock minus now_ms */
	int64_t wait_until_ms; /* the last invoice bears this later time: its suffix waits until then (law R-NUM-3); 0 = no */
};

/** time_state_word() / time_state_find() - "ahead" and back; "?" and TIME_PROVEN for what is none. Thread: any. */
const char *time_state_word(int state);
enum time_state time_state_find(const char *word);
/** time_is_held() - no number is taken in @state. time_is_flagged() - the invoice says that its time is not proven. */
bool time_is_held(enum time_state state);
bool time_is_flagged(enum time_state state);

/**
 * timekeeper_judge() - what time it is
 * @keeper: what was known before; what is known now
 *
 * A trusted reading is believed whatever it says. Otherwise the time is that of the machine's clock as long as it keeps within
 * TIME_JUMP_MS of the monotonic one; beyond that it is AHEAD or BEHIND of the believed time. After a power-off nothing is known but the
 * last invoice: a later clock is taken, unproven, and a new year wants a proof (law, section 21).
 *
 * Thread: any. Source: law R-TIME-1, R-NUM-3, R-NY-6; house 8.8.
 */
struct time_decision timekeeper_judge(struct timekeeper *keeper, const struct clock_reading *reading);

/**
 * timekeeper_hear() - a trusted source, or a person, says what time it is
 * @said_ms:  UTC
 * @is_exact: now (Date of a TLS answer, a person); false = not earlier than this (signing time of an answer that verified)
 *
 * What was said becomes the base from which the monotonic clock counts; the machine's clock is followed again when it is near.
 */
void timekeeper_hear(struct timekeeper *keeper, const struct clock_reading *reading, int64_t said_ms, bool is_exact);

/** timekeeper_is_same() - whether @a and @b believe the same, within a second. Thread: any. */
bool timekeeper_is_same(const struct timekeeper *a, const struct timekeeper *b);

#endif
