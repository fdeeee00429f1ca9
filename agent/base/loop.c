#include "base/loop.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#define LOOP_BATCH 16

struct watch {
	struct watch *next;
	int fd;
	uint32_t events;
	bool is_timer;
	bool is_dead; /* forgotten while its events may still be in the current batch */
	loop_fn *fn;
	void *context;
};

struct loop {
	int epoll_fd;
	bool is_stopped;
	bool has_dead;
	struct watch *watches;
};

int loop_new(struct loop **ret, struct fault *fault)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return FAULT(fault, FAULT_MEMORY, "no memory for the event loop");
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0) {
		free(loop);
		return FAULT(fault, FAULT_IO, "epoll_create1: %s", strerror(errno));
	}
	*ret = loop;
	return 0;
}

static void watch_free(struct watch *watch)
{
	if (watch->is_timer)
		close(watch->fd);
	free(watch);
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	while (loop->watches) {
		struct watch *watch = loop->watches;

		loop->watches = watch->next;
		watch_free(watch);
	}
	close(loop->epoll_fd);
	free(loop);
}

static struct watch *find(const struct loop *loop, int fd)
{
	struct watch *watch = loop->watches;

	while (watch && (watch->fd != fd || watch->is_dead || watch->is_timer))
		watch = watch->next;
	return watch;
}

static int add(struct loop *loop, const struct watch *wanted, struct fault *fault)
{
	CLEANUP(freep) struct watch *watch = malloc(sizeof(*watch));
	struct epoll_event event = {.events = wanted->events, .data.ptr = watch};

	if (!watch)
		return FAULT(fault, FAULT_MEMORY, "no memory to watch a descriptor");
	*watch = *wanted;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) < 0)
		return FAULT(fault, FAULT_IO, "descriptor %d cannot be watched: %s", watch->fd, strerror(errno));
	watch->next = loop->watches;
	loop->watches = watch;
	watch = NULL;
	return 0;
}

int loop_watch(struct loop *loop, int fd, uint32_t events, loop_fn *fn, void *context, struct fault *fault)
{
	struct watch *known = find(loop, fd);
	struct epoll_event event = {.events = events, .data.ptr = known};
	struct watch wanted = {.fd = fd, .events = events, .fn = fn, .context = context};

	if (known && known->events == events && known->fn == fn && known->context == context)
		return 0;
	if (known && epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, fd, &event) == 0) {
		known->events = events;
		known->fn = fn;
		known->context = context;
		return 0;
	}
	/* Closed without loop_unwatch() and opened again under the same number: the kernel has forgotten it already. */
	if (known)
		loop_unwatch(loop, fd);
	return add(loop, &wanted, fault);
}

void loop_unwatch(struct loop *loop, int fd)
{
	struct watch *watch = find(loop, fd);

	if (!watch)
		return;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	watch->is_dead = true;
	loop->has_dead = true;
}

int loop_every(struct loop *loop, int64_t period_ms, loop_fn *fn, void *context, struct fault *fault)
{
	struct timespec period = {.tv_sec = period_ms / 1000, .tv_nsec = period_ms % 1000 * 1000000};
	struct itimerspec timer = {.it_interval = period, .it_value = period};
	CLEANUP(closep) int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	struct watch wanted = {.fd = fd, .events = EPOLLIN, .is_timer = true, .fn = fn, .context = context};
	int result;

	assert(period_ms > 0);
	if (fd < 0 || timerfd_settime(fd, 0, &timer, NULL) < 0)
		return FAULT(fault, FAULT_IO, "timer of %lld ms: %s", (long long)period_ms, strerror(errno));
	result = add(loop, &wanted, fault);
	if (result == 0)
		fd = -1;
	return result;
}

static void reap(struct loop *loop)
{
	struct watch **link = &loop->watches;

	loop->has_dead = false;
	while (*link) {
		struct watch *watch = *link;

		if (watch->is_dead) {
			*link = watch->next;
			watch_free(watch);
		} else {
			link = &watch->next;
		}
	}
}

static int dispatch(struct watch *watch, uint32_t events, struct fault *fault)
{
	uint64_t expirations;

	if (watch->is_dead)
		return 0;
	if (watch->is_timer) {
		/* Missed periods are one call: a machine that slept must not catch up on a thousand ticks. */
		if (read(watch->fd, &expirations, sizeof(expirations)) != (ssize_t)sizeof(expirations))
			return 0;
		events = 0;
	}
	return watch->fn(watch->context, events, fault);
}

int loop_run(struct loop *loop, struct fault *fault)
{
	int result = 0;

	while (result >= 0 && !loop->is_stopped) {
		struct epoll_event events[LOOP_BATCH];
		int count;

		if (loop->has_dead)
			reap(loop);
		count = epoll_wait(loop->epoll_fd, events, LOOP_BATCH, -1);
		if (count < 0 && errno != EINTR)
			return FAULT(fault, FAULT_IO, "epoll_wait: %s", strerror(errno));
		for (int i = 0; i < count && result >= 0 && !loop->is_stopped; i++)
			result = dispatch(events[i].data.ptr, events[i].events, fault);
	}
	loop->is_stopped = false;
	return result < 0 ? result : 0;
}

void loop_stop(struct loop *loop)
{
	loop->is_stopped = true;
}
