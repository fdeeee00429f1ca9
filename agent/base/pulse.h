/* pulse: whether a thread still gets on with its work; what the watchdog of systemd is fed by. */
#ifndef HOADON_BASE_PULSE_H
#define HOADON_BASE_PULSE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct pulse { /* zeroed = never beaten */
	_Atomic int64_t at;
};

/** pulse_beat() - the thread made progress, or has nothing to do. The machine's monotonic clock, never a test's: a stuck thread is stuck in real time. Thread: any. */
void pulse_beat(struct pulse *pulse);
/** pulse_is_late() - whether the last beat is older than @limit_ms; false before the first. Thread: any. */
bool pulse_is_late(struct pulse *pulse, int64_t limit_ms);

#endif
