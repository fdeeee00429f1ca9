/* How a route stands, and what it may carry (house 8.9; format 14.1). */
#include "../wire/testing.h"

#include "send/route.h"

#define NOW INT64_C(1795327200000)

static const struct retry plain = {.first_ms = 2000, .last_ms = 900000};

static void note(struct route_health *health, enum route_cause cause, int64_t now)
{
	const struct authority_answer answer = {.retry_after_ms = -1, .text = "why"};

	route_note(health, cause, &answer, plain, now, UINT64_MAX / 3);
}

static void silence_closes_a_route_only_the_third_time_in_a_row(void **state)
{
	struct route_health health = {0};

	(void)state;
	note(&health, ROUTE_SILENT, NOW);
	note(&health, ROUTE_SILENT, NOW + 1);
	assert_false(route_is_closed(&health, NOW + 1));
	assert_int_equal(health.failing_since, NOW);
	note(&health, ROUTE_HEALTHY, NOW + 2);
	assert_int_equal(health.failing_since, 0);
	for (int i = 3; i < 6; i++)
		note(&health, ROUTE_SILENT, NOW + i);
	assert_true(route_is_closed(&health, NOW + 5));
	assert_int_equal(health.failing_since, NOW + 3);
	assert_string_equal(health.text, "why");
}

/* Half-open: the call after the pause either opens the route or closes it again. */
static void one_call_after_the_pause_decides(void **state)
{
	struct route_health health = {0};
	int64_t open_at;

	(void)state;
	for (int i = 0; i < 3; i++)
		note(&health, ROUTE_BROKEN, NOW);
	open_at = NOW + health.closed_ms;
	assert_true(route_is_closed(&health, open_at - 1));
	assert_false(route_is_closed(&health, open_at));
	note(&health, ROUTE_BROKEN, open_at);
	assert_true(route_is_closed(&health, open_at));
	open_at += health.closed_ms;
	note(&health, ROUTE_HEALTHY, open_at);
	assert_false(route_is_closed(&health, open_at));
	note(&health, ROUTE_BROKEN, open_at);
	assert_false(route_is_closed(&health, open_at));
}

static void what_cannot_be_about_a_message_closes_at_once(void **state)
{
	static const enum route_cause causes[] = {ROUTE_UNREACHABLE, ROUTE_REFUSES};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
		struct route_health health = {0};

		note(&health, causes[i], NOW);
		assert_true(route_is_closed(&health, NOW));
	}
}

static void retry_after_closes_a_route_for_that_time(void **state)
{
	struct route_health health = {0};
	const struct authority_answer answer = {.http_status = 503, .retry_after_ms = 1800000};

	(void)state;
	route_note(&health, ROUTE_BUSY, &answer, plain, NOW, 0);
	assert_true(route_is_closed(&health, NOW + 1799999));
	assert_false(route_is_closed(&health, NOW + 1800000));
	assert_int_equal(health.status, 503);
}

/* A line that is back is seen within a minute; a wrong password is not tried each minute; nothing passes a quarter of the time left. */
static void pauses_have_a_most(void **state)
{
	const struct authority_answer answer = {.retry_after_ms = -1};

	(void)state;
	for (int cause = ROUTE_UNREACHABLE; cause <= ROUTE_REFUSES; cause++) {
		struct route_health health = {0};
		int64_t longest = 0;

		for (uint64_t i = 0; i < 3000; i++) {
			route_note(&health, (enum route_cause)cause, &answer, plain, NOW, i * 7919);
			longest = health.closed_ms > longest ? health.closed_ms : longest;
		}
		if (cause == ROUTE_REFUSES)
			assert_true(longest > 600000 && longest <= 900000);
		else
			assert_true(longest > 50000 && longest <= ROUTE_PAUSE_MAX_MS);
	}
	for (uint64_t i = 0; i < 3000; i++) {
		struct route_health health = {.failures = 20};
		struct retry retry = plain;

		retry.left_ms = 40000;
		route_note(&health, ROUTE_REFUSES, &answer, retry, NOW, i * 7919);
		assert_true(health.closed_ms <= 10000);
	}
}

static void a_clock_that_was_set_back_opens_a_route(void **state)
{
	struct route_health health = {0};

	(void)state;
	note(&health, ROUTE_UNREACHABLE, NOW);
	assert_false(route_is_closed(&health, NOW - 3600000));
}

/* House 8.9: failing over is allowed only between routes that keep every byte. */
static void a_route_that_changes_a_byte_is_none(void **state)
{
	static const struct {
		struct authority_capabilities can;
		bool keeps;
	} cases[] = {
		{{.takes_envelope = true}, true},
		{{.takes_envelope = false, .takes_number = true, .takes_code = true}, false},
		{{.takes_envelope = true, .signs = true}, false},
		{{.takes_envelope = true, .max_bytes = 1000, .max_invoices = 10}, true},
		{{.takes_envelope = true, .max_bytes = 999}, false},
		{{.takes_envelope = true, .max_invoices = 9}, false},
	};
	const struct message_row row = {.bytes = 1000, .count = 10};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct authority_ops ops = {.capabilities = cases[i].can};
		const struct send_route route = {.ops = &ops};

		assert_int_equal(route_keeps_bytes(&route, &row), cases[i].keeps);
	}
}

static void the_cause_is_read_from_what_came(void **state)
{
	static const struct {
		int result, status;
		enum route_cause submit;
	} cases[] = {
		{SUBMIT_TAKEN, 200, ROUTE_HEALTHY},
		{SUBMIT_UNSENT, 0, ROUTE_UNREACHABLE},
		{SUBMIT_UNKNOWN, 0, ROUTE_SILENT},
		{SUBMIT_UNKNOWN, 429, ROUTE_BUSY},
		{SUBMIT_UNKNOWN, 503, ROUTE_BUSY},
		{SUBMIT_UNKNOWN, 500, ROUTE_BROKEN},
		{SUBMIT_UNKNOWN, 200, ROUTE_BROKEN},
		{SUBMIT_REFUSED, 401, ROUTE_REFUSES},
		{SUBMIT_REFUSED, 404, ROUTE_REFUSES},
		/* About the message: the route is well. */
		{SUBMIT_REFUSED, 400, ROUTE_HEALTHY},
		{SUBMIT_REFUSED, 413, ROUTE_HEALTHY},
	};
	const struct authority_answer refused = {.http_status = 403}, none = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct authority_answer answer = {.http_status = cases[i].status};

		assert_int_equal(route_submit_cause(cases[i].result, &answer), cases[i].submit);
	}
	assert_int_equal(route_query_cause(QUERY_NOT_FOUND, &none), ROUTE_HEALTHY);
	assert_int_equal(route_query_cause(QUERY_CANNOT_ASK, &none), ROUTE_HEALTHY);
	assert_int_equal(route_query_cause(QUERY_UNKNOWN, &none), ROUTE_SILENT);
	assert_int_equal(route_query_cause(QUERY_UNKNOWN, &refused), ROUTE_REFUSES);
	assert_string_equal(route_cause_word(ROUTE_UNREACHABLE), "unreachable");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_closes_a_route_only_the_third_time_in_a_row),
		cmocka_unit_test(one_call_after_the_pause_decides),
		cmocka_unit_test(what_cannot_be_about_a_message_closes_at_once),
		cmocka_unit_test(retry_after_closes_a_route_for_that_time),
		cmocka_unit_test(pauses_have_a_most),
		cmocka_unit_test(a_clock_that_was_set_back_opens_a_route),
		cmocka_unit_test(a_route_that_changes_a_byte_is_none),
		cmocka_unit_test(the_cause_is_read_from_what_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
