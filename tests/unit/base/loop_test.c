#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/epoll.h>
#include <time.h>

#include "base/loop.h"

struct bench {
	struct loop *loop;
	int calls;
	int stop_after;
	int result;
	uint32_t events;
	int drain_fd;	/* -1 = leave the byte where it is */
	int unwatch_fd; /* -1 = none */
};

static int on_event(void *context, uint32_t events, struct fault *fault)
{
	struct bench *bench = context;
	char byte;

	bench->events = events;
	bench->calls++;
	if (bench->drain_fd >= 0 && read(bench->drain_fd, &byte, 1) != 1)
		return FAULT(fault, FAULT_BUG, "called without an event");
	if (bench->unwatch_fd >= 0)
		loop_unwatch(bench->loop, bench->unwatch_fd);
	if (bench->result < 0)
		return FAULT(fault, bench->result, "as asked");
	if (bench->calls >= bench->stop_after)
		loop_stop(bench->loop);
	return 0;
}

static struct bench bench_of(struct loop *loop, int stop_after)
{
	return (struct bench){.loop = loop, .stop_after = stop_after, .drain_fd = -1, .unwatch_fd = -1};
}

static struct loop *new_loop(void)
{
	struct loop *loop = NULL;

	assert_int_equal(loop_new(&loop, NULL), 0);
	return loop;
}

static void a_ready_descriptor_is_called_until_stopped(void **state)
{
	CLEANUP(loop_freep) struct loop *loop = new_loop();
	struct bench bench = bench_of(loop, 3);
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	bench.drain_fd = ends[0];
	assert_int_equal(write(ends[1], "abc", 3), 3);
	assert_int_equal(loop_watch(loop, ends[0], EPOLLIN, on_event, &bench, NULL), 0);
	assert_int_equal(loop_run(loop, NULL), 0);
	assert_int_equal(bench.calls, 3);
	assert_int_equal(bench.events, EPOLLIN);
	/* may be run again, and the end of the other side is seen */
	close(ends[1]);
	bench.drain_fd = -1;
	assert_int_equal(loop_run(loop, NULL), 0);
	assert_int_equal(bench.events, EPOLLHUP);
	close(ends[0]);
}

static void a_failure_ends_the_loop(void **state)
{
	CLEANUP(loop_freep) struct loop *loop = new_loop();
	struct bench bench = bench_of(loop, 100);
	struct fault fault = {0};
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	bench.result = FAULT_STORE;
	assert_int_equal(loop_watch(loop, ends[1], EPOLLOUT, on_event, &bench, NULL), 0);
	assert_int_equal(loop_run(loop, &fault), FAULT_STORE);
	assert_int_equal(fault.code, FAULT_STORE);
	assert_int_equal(bench.calls, 1);
	close(ends[0]);
	close(ends[1]);
}

/* Both are ready in the same batch; whichever comes first forgets the other. */
static void a_forgotten_descriptor_is_not_called_any_more(void **state)
{
	CLEANUP(loop_freep) struct loop *loop = new_loop();
	struct bench first = bench_of(loop, 5);
	struct bench second = bench_of(loop, 5);
	int ends[2];
	int others[2];

	(void)state;
	assert_int_equal(pipe(ends) + pipe(others), 0);
	first.unwatch_fd = others[1];
	second.unwatch_fd = ends[1];
	assert_int_equal(loop_watch(loop, ends[1], EPOLLOUT, on_event, &first, NULL), 0);
	assert_int_equal(loop_watch(loop, others[1], EPOLLOUT, on_event, &second, NULL), 0);
	assert_int_equal(loop_run(loop, NULL), 0);
	assert_int_equal(first.calls + second.calls, 5);
	assert_true(first.calls == 0 || second.calls == 0);
	loop_unwatch(loop, 12345);
	close(ends[0]);
	close(ends[1]);
	close(others[0]);
	close(others[1]);
}

static void watching_again_replaces(void **state)
{
	CLEANUP(loop_freep) struct loop *loop = new_loop();
	struct bench first = bench_of(loop, 1);
	struct bench second = bench_of(loop, 1);
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(loop_watch(loop, ends[1], EPOLLIN, on_event, &first, NULL), 0);
	assert_int_equal(loop_watch(loop, ends[1], EPOLLOUT, on_event, &second, NULL), 0);
	assert_int_equal(loop_run(loop, NULL), 0);
	assert_int_equal(first.calls, 0);
	assert_int_equal(second.calls, 1);
	close(ends[0]);
	close(ends[1]);
}

static void a_number_used_again_after_closing_is_another_descriptor(void **state)
{
	CLEANUP(loop_freep) struct loop *loop = new_loop();
	struct bench first = bench_of(loop, 1);
	struct bench second = bench_of(loop, 1);
	int ends[2];
	int again[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(loop_watch(loop, ends[1], EPOLLOUT, on_event, &first, NULL), 0);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(pipe(again), 0);
	assert_int_equal(again[1], ends[1]);
	assert_int_equal(loop_watch(loop, again[1], EPOLLOUT, on_event, &second, NULL), 0);
	assert_int_equal(loop_run(loop, NULL), 0);
	assert_int_equal(second.calls, 1);
	close(again[0]);
	close(again[1]);
}

static void what_epoll_cannot_watch_is_a_failure(void **state)
{
	CLEANUP(loop_freep) struct loop *loop = new_loop();
	struct bench bench = bench_of(loop, 1);
	struct fault fault = {0};

	(void)state;
	assert_int_equal(loop_watch(loop, -1, EPOLLIN, on_event, &bench, &fault), FAULT_IO);
	assert_int_equal(fault.code, FAULT_IO);
}

static void a_timer_comes_again_and_again(void **state)
{
	CLEANUP(loop_freep) struct loop *loop = new_loop();
	struct bench bench = bench_of(loop, 4);
	struct timespec begin;
	struct timespec end;
	long long ms;

	(void)state;
	bench.events = 77;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(loop_every(loop, 20, on_event, &bench, NULL), 0);
	assert_int_equal(loop_run(loop, NULL), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	ms = (end.tv_sec - begin.tv_sec) * 1000LL + (end.tv_nsec - begin.tv_nsec) / 1000000;
	assert_int_equal(bench.calls, 4);
	assert_int_equal(bench.events, 0);
	/* four periods, with patience for a busy machine above and rounding below */
	assert_in_range(ms, 60, 5000);
}

static void stopping_before_running_is_remembered(void **state)
{
	CLEANUP(loop_freep) struct loop *loop = new_loop();

	(void)state;
	loop_stop(loop);
	assert_int_equal(loop_run(loop, NULL), 0);
	loop_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ready_descriptor_is_called_until_stopped),
		cmocka_unit_test(a_failure_ends_the_loop),
		cmocka_unit_test(a_forgotten_descriptor_is_not_called_any_more),
		cmocka_unit_test(watching_again_replaces),
		cmocka_unit_test(a_number_used_again_after_closing_is_another_descriptor),
		cmocka_unit_test(what_epoll_cannot_watch_is_a_failure),
		cmocka_unit_test(a_timer_comes_again_and_again),
		cmocka_unit_test(stopping_before_running_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
