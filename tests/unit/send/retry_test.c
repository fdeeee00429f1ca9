/* Signing section 6: back-off with jitter, min(back-off, quarter of the time left), Retry-After. */
#include "../wire/testing.h"

#include "send/retry.h"

static struct retry plain(int64_t attempts)
{
	return (struct retry){.first_ms = 1000, .last_ms = 900000, .attempts = attempts, .retry_after_ms = -1};
}

/* 1 s → 15 min (signing section 6). */
static void the_back_off_doubles_up_to_the_last(void **state)
{
	static const struct {
		int64_t attempts, expected;
	} cases[] = {{1, 1000}, {2, 2000}, {3, 4000}, {10, 512000}, {11, 900000}, {1000000, 900000}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct retry retry = plain(cases[i].attempts);

		assert_int_equal(retry_backoff(&retry), cases[i].expected);
	}
}

static void a_question_waits_as_long_again_as_it_has_waited(void **state)
{
	struct retry retry = plain(1);

	(void)state;
	retry.elapsed_ms = 77000;
	assert_int_equal(retry_backoff(&retry), 77000);
	retry.elapsed_ms = 7700000;
	assert_int_equal(retry_backoff(&retry), 900000);
	/* A clock that was set back. */
	retry.elapsed_ms = -5000;
	assert_int_equal(retry_backoff(&retry), 1000);
}

static void a_quarter_of_the_time_left_is_the_most(void **state)
{
	struct retry retry = plain(9);

	(void)state;
	retry.left_ms = 40000;
	assert_int_equal(retry_backoff(&retry), 10000);
	retry.left_ms = 100;
	assert_int_equal(retry_backoff(&retry), RETRY_SHORTEST_MS);
	/* Late already: no reason to hurry. */
	retry.left_ms = -1;
	assert_int_equal(retry_backoff(&retry), 256000);
}

static void chance_spreads_over_the_whole_back_off(void **state)
{
	struct retry retry = plain(4);

	(void)state;
	assert_int_equal(retry_pause(&retry, 0), RETRY_SHORTEST_MS);
	assert_int_equal(retry_pause(&retry, 7800), 8000);
	assert_int_equal(retry_pause(&retry, 7801), RETRY_SHORTEST_MS);
	for (uint64_t random = 0; random < 100000; random += 37) {
		int64_t pause = retry_pause(&retry, random);

		assert_true(pause >= RETRY_SHORTEST_MS && pause <= 8000);
	}
	assert_true(retry_pause(&retry, UINT64_MAX) <= 8000);
}

static void retry_after_is_honoured_and_bounded(void **state)
{
	struct retry retry = plain(1);

	(void)state;
	retry.retry_after_ms = 30000;
	assert_int_equal(retry_pause(&retry, 5), 30000);
	retry.left_ms = 4000;
	assert_int_equal(retry_pause(&retry, 5), 30000);
	retry.retry_after_ms = INT64_MAX;
	assert_int_equal(retry_pause(&retry, 5), RETRY_AFTER_MAX_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_back_off_doubles_up_to_the_last),
		cmocka_unit_test(a_question_waits_as_long_again_as_it_has_waited),
		cmocka_unit_test(a_quarter_of_the_time_left_is_the_most),
		cmocka_unit_test(chance_spreads_over_the_whole_back_off),
		cmocka_unit_test(retry_after_is_honoured_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
