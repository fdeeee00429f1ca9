#include "mirroring.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "store/disk.h"
#include "store/invoices.h"

#define NAP_MS	     250  /* what is acknowledged is on the medium within 2 s; this leaves most of them to a slow one */
#define PAUSE_MAX_MS 8000 /* while the medium is gone */
#define STOP_S	     5
#define TASK_MS	     10000 /* a medium gone for longer is a person's business */
#define MEGABYTE     ((int64_t)1 << 20)
#define WAL_TURN     (16 * MEGABYTE)

#define TASK_GONE "mirror-gone"

struct mirroring {
	struct mirror_settings settings;
	struct mirror *mirror;
	int64_t wal_max;      /* bytes of the WAL that are kept for a medium that is away */
	int64_t wal_max_full; /* on a full disk, where a longer one would eat the reserve */
	pthread_t thread;
	atomic_bool is_ending;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool has_task, may_have_task; /* main's; the last run may have left one */
};

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void nap(struct mirroring *mirroring, int64_t ms)
{
	struct timespec end = clock_wait_end(ms);
	pthread_mutex_lock(&mirroring->lock);
	while (!atomic_load(&mirroring->is_ending))
		if (pthread_cond_timedwait(&mirroring->woken, &mirroring->lock, &end))
			break;
	pthread_mutex_unlock(&mirroring->lock);
}

/* Said once when it goes and once when it comes back. */
static void say(bool was_gone, int result, const struct fault *fault)
{
	if (result < 0 && !was_gone)
		log_fault("mirror-gone", fault);
	if (result >= 0 && was_gone)
		log_event(LOG_LEVEL_INFO, "mirror-back", "result=%d", result);
}

static void *mirror_main(void *context)
{
	struct mirroring *mirroring = context;
	bool is_gone = false;
	int64_t pause = NAP_MS;
	pthread_setname_np(pthread_self(), "mirror");
	for (;;) {
		/* The step that begins behind the last COMMIT is the last one, unless more waits. */
		bool is_last = atomic_load(&mirroring->is_ending);
		struct fault fault = {0};
		int result = mirror_step(mirroring->mirror, &fault);
		say(is_gone, result, &fault);
		is_gone = result < 0;
		if (is_last && result <= 0)
			return NULL;
		pause = !is_gone ? NAP_MS : pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
		if (result != 1)
			nap(mirroring, pause);
	}
}

static void free_all(struct mirroring *mirroring)
{
	mirror_free(mirroring->mirror);
	pthread_cond_destroy(&mirroring->woken);
	pthread_mutex_destroy(&mirroring->lock);
	free(mirroring);
}

int mirroring_start(const struct config *config, const struct clock *clock, struct mirroring **ret, struct fault *fault)
{
	struct mirroring *mirroring = calloc(1, sizeof(*mirroring));
	pthread_condattr_t attr;
	if (!mirroring)
		return FAULT(fault, FAULT_MEMORY, "no memory for the mirror");
	mirroring->wal_max = config->mirror_wal_max_mb * MEGABYTE;
	mirroring->wal_max_full = smaller(mirroring->wal_max, disk_wal_max(config->reserve_bytes));
	mirroring->settings = (struct mirror_settings){.store_dir = config->store_dir,
		.dir = config->mirror_dir,
		.may_share_disk = config->mirror_may_share_disk,
		.wal_turn = smaller(mirroring->wal_max_full / 2, WAL_TURN),
		.log_max = config->mirror_log_max_mb * MEGABYTE,
		.clock = clock,
		.seller = config->seller.tax_code};
	mirroring->may_have_task = true;
	pthread_mutex_init(&mirroring->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&mirroring->woken, &attr);
	pthread_condattr_destroy(&attr);
	int result = mirror_new(&mirroring->settings, &mirroring->mirror, fault);
	if (result == 0 && pthread_create(&mirroring->thread, NULL, mirror_main, mirroring))
		result = FAULT(fault, FAULT_MEMORY, "the mirror's thread does not start");
	if (result < 0) {
		free_all(mirroring);
		return result;
	}
	*ret = mirroring;
	return 0;
}

static int change_task(struct store *store, const struct mirror_state *state, int64_t now, struct fault *fault)
{
	const struct task_row task = {.kind = TASK_GONE, .text = state->reason, .made_at = now};
	int result = store_begin(store, fault);
	if (result)
		return result;
	result = state->gone_at ? store_task_add(store, &task, fault)
				: store_task_close_kind(store, TASK_GONE, now, fault);
	return store_end(store, result, fault);
}

void mirroring_look(struct mirroring *mirroring, struct store *store)
{
	struct mirror_state state;
	struct fault fault = {0};
	int64_t now = clock_now_ms(mirroring->settings.clock);
	bool is_full = store_disk_state(store) == DISK_FULL;
	mirror_guard(mirroring->mirror, is_full ? mirroring->wal_max_full : mirroring->wal_max);
	mirror_state_get(mirroring->mirror, &state);
	bool is_due = state.gone_at && now - state.gone_at >= TASK_MS;
	bool is_over = state.is_there && mirroring->may_have_task;
	if (!(is_due && !mirroring->has_task) && !is_over)
		return;
	if (change_task(store, &state, now, &fault) < 0)
		log_fault("mirror-task", &fault);
	else
		mirroring->has_task = mirroring->may_have_task = is_due;
}

void mirroring_state(void *context, struct mirror_state *ret)
{
	struct mirroring *mirroring = context;
	mirror_state_get(mirroring->mirror, ret);
}

void mirroring_stop(struct mirroring *mirroring)
{
	if (!mirroring)
		return;
	struct timespec end;
	pthread_mutex_lock(&mirroring->lock);
	atomic_store(&mirroring->is_ending, true);
	pthread_cond_signal(&mirroring->woken);
	pthread_mutex_unlock(&mirroring->lock);
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += STOP_S;
	if (pthread_timedjoin_np(mirroring->thread, NULL, &end)) {
		/* It is in the kernel and cannot be stopped; the process ends, and what it uses must stay until then. */
		log_event(LOG_LEVEL_WARNING, "mirror-hangs", "seconds=%d", STOP_S);
		return;
	}
	free_all(mirroring);
}
