#include "base/pulse.h"

#include "base/clock.h"

static int64_t machine_ms(void)
{
	const struct clock machine = {0};
	return clock_mono_ms(&machine);
}

void pulse_beat(struct pulse *pulse)
{
	atomic_store_explicit(&pulse->at, machine_ms(), memory_order_relaxed);
}

bool pulse_is_late(struct pulse *pulse, int64_t limit_ms)
{
	int64_t at = atomic_load_explicit(&pulse->at, memory_order_relaxed);
	return at && machine_ms() - at > limit_ms;
}
