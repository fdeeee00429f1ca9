/* timekeeper: which time is believed. Expected values follow law R-TIME-1, R-NUM-3, R-NY-6 and section 21 by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/rules.h"
#include "core/timekeeper.h"

#define NOON	 INT64_C(1795327200000) /* 2026-11-22T13:00:00+07:00 */
#define NEW_YEAR INT64_C(1798736400000) /* 2027-01-01T00:00:00+07:00 */
#define MINUTE	 INT64_C(60000)
#define HOUR	 (60 * MINUTE)
#define DAY	 (24 * HOUR)

static struct clock_reading reads(int64_t wall, int64_t mono)
{
	return (struct clock_reading){.wall_ms = wall, .mono_ms = mono, .trust = CLOCK_UNKNOWN};
}

static struct time_decision judge(struct timekeeper *keeper, int64_t wall, int64_t mono)
{
	struct clock_reading reading = reads(wall, mono);
	return timekeeper_judge(keeper, &reading);
}

static struct time_decision judge_ntp(struct timekeeper *keeper, int64_t wall, int64_t mono)
{
	struct clock_reading reading = {.wall_ms = wall, .mono_ms = mono, .trust = CLOCK_NTP};
	return timekeeper_judge(keeper, &reading);
}

static void hear(struct timekeeper *keeper, int64_t wall, int64_t mono, int64_t said, bool is_exact)
{
	struct clock_reading reading = reads(wall, mono);
	timekeeper_hear(keeper, &reading, said, is_exact);
}

static void assert_time(struct time_decision time, enum time_state state, int64_t now)
{
	assert_string_equal(time_state_word((int)time.state), time_state_word((int)state));
	assert_int_equal(time.now_ms, now);
}

/* NTP was there at noon, one second after the machine started, and is gone. */
static struct timekeeper proven_at_noon(void)
{
	struct timekeeper keeper = {.last_issued_at = NOON - MINUTE};
	assert_time(judge_ntp(&keeper, NOON, 1000), TIME_PROVEN, NOON);
	return keeper;
}

static void a_trusted_clock_is_believed_whatever_it_says(void **state)
{
	struct timekeeper keeper = proven_at_noon();
	(void)state;
	assert_time(judge_ntp(&keeper, NOON + DAY, 2000), TIME_PROVEN, NOON + DAY);
	assert_time(judge_ntp(&keeper, NOON - DAY, 3000), TIME_PROVEN, NOON - DAY);
	assert_time(judge(&keeper, NOON - DAY + MINUTE, 3000 + MINUTE), TIME_PROVEN, NOON - DAY + MINUTE);
}

static void a_jump_of_more_than_two_minutes_is_not_believed(void **state)
{
	struct timekeeper keeper = proven_at_noon();
	(void)state;
	assert_time(judge(&keeper, NOON + TIME_JUMP_MS + 500, 1500), TIME_PROVEN, NOON + TIME_JUMP_MS + 500);
	struct time_decision time = judge(&keeper, NOON + TIME_JUMP_MS + 501, 1500);
	assert_time(time, TIME_AHEAD, NOON + 500);
	assert_int_equal(time.ahead_ms, TIME_JUMP_MS + 1);
	/* The example of R-TIME-1: nearly a year ahead, and time goes on. */
	assert_time(judge(&keeper, NOON + 346 * DAY, 1000 + HOUR), TIME_AHEAD, NOON + HOUR);
	assert_time(judge(&keeper, NOON + 2 * HOUR, 1000 + 2 * HOUR), TIME_PROVEN, NOON + 2 * HOUR);
}

static void small_steps_do_not_add_up(void **state)
{
	struct timekeeper keeper = proven_at_noon();
	(void)state;
	for (int step = 1; step <= 10; step++) {
		struct time_decision time = judge(&keeper, NOON + step * MINUTE, 1000 + step);
		assert_true(time.now_ms <= NOON + step + TIME_JUMP_MS);
		assert_int_equal(time.state, step <= 2 ? TIME_PROVEN : TIME_AHEAD);
	}
}

static void a_trusted_source_ends_the_doubt(void **state)
{
	struct timekeeper keeper = proven_at_noon();
	(void)state;
	/* the clock was right: the machine slept, say */
	assert_time(judge(&keeper, NOON + DAY, 2000), TIME_AHEAD, NOON + 1000);
	hear(&keeper, NOON + DAY, 2000, NOON + DAY - 700, true);
	assert_time(judge(&keeper, NOON + DAY + 1000, 3000), TIME_PROVEN, NOON + DAY + 1000);
	/* the clock is wrong: the true time goes on */
	hear(&keeper, NOON + 9 * DAY, 4000, NOON + 2 * DAY, true);
	assert_time(judge(&keeper, NOON + 9 * DAY, 5000), TIME_AHEAD, NOON + 2 * DAY + 1000);
}

static void an_answer_signed_long_ago_says_nothing_about_now(void **state)
{
	struct timekeeper keeper = proven_at_noon();
	(void)state;
	hear(&keeper, NOON, 1000, NOON - HOUR, false);
	assert_time(judge(&keeper, NOON - HOUR, 1000), TIME_BEHIND, NOON);
	assert_time(judge(&keeper, NOON, 1000), TIME_PROVEN, NOON);
	/* but time is never earlier than a signature */
	hear(&keeper, NOON + HOUR, 2000, NOON + HOUR, false);
	assert_time(judge(&keeper, NOON + HOUR, 2000), TIME_PROVEN, NOON + HOUR);
}

static void a_clock_that_went_back_is_held_until_it_is_right(void **state)
{
	struct timekeeper keeper = proven_at_noon();
	(void)state;
	assert_time(judge(&keeper, NOON - DAY, 2000), TIME_BEHIND, NOON + 1000);
	assert_true(time_is_held(TIME_BEHIND) && !time_is_flagged(TIME_BEHIND));
	assert_time(judge(&keeper, NOON + 2000, 3000), TIME_PROVEN, NOON + 2000);
}

static void a_later_invoice_makes_its_suffix_wait(void **state)
{
	struct timekeeper keeper = proven_at_noon();
	(void)state;
	keeper.last_issued_at = NOON + TIME_BACK_MS;
	assert_int_equal(judge_ntp(&keeper, NOON, 2000).wait_until_ms, 0);
	keeper.last_issued_at++;
	assert_int_equal(judge_ntp(&keeper, NOON, 2000).wait_until_ms, NOON + TIME_BACK_MS + 1);
}

static void after_a_power_off_a_later_clock_is_taken_and_flagged(void **state)
{
	struct timekeeper keeper = proven_at_noon();
	(void)state;
	keeper.last_issued_at = NOON;
	assert_time(judge(&keeper, NOON + 9 * HOUR, 500), TIME_UNPROVEN, NOON + 9 * HOUR);
	assert_true(time_is_flagged(TIME_UNPROVEN) && !time_is_held(TIME_UNPROVEN));
	assert_time(judge(&keeper, NOON + DAY, 600), TIME_AHEAD, NOON + 9 * HOUR + 100);
	hear(&keeper, NOON + 9 * HOUR + 200, 700, NOON + 9 * HOUR, true);
	assert_time(judge(&keeper, NOON + 9 * HOUR + 300, 800), TIME_PROVEN, NOON + 9 * HOUR + 300);
}

static void after_a_power_off_an_earlier_clock_is_held(void **state)
{
	struct timekeeper keeper = proven_at_noon(), fresh = {0};
	(void)state;
	keeper.last_issued_at = NOON;
	assert_time(judge(&keeper, NOON - TIME_BACK_MS - 1, 500), TIME_BEHIND, NOON);
	assert_time(judge(&keeper, 0, 600), TIME_BEHIND, NOON);
	assert_time(judge(&keeper, NOON - TIME_BACK_MS, 700), TIME_UNPROVEN, NOON - TIME_BACK_MS);
	/* A dead battery in a new shop: nothing of ours is older than the decree. */
	assert_time(judge(&fresh, 0, 500), TIME_BEHIND, TIME_LAW_MS);
	assert_time(judge(&fresh, NOON, 600), TIME_UNPROVEN, NOON);
}

static void an_unproven_clock_that_a_person_turns_back_is_taken(void **state)
{
	struct timekeeper keeper = {.last_issued_at = NOON};
	(void)state;
	assert_time(judge(&keeper, NOON + DAY, 1000), TIME_UNPROVEN, NOON + DAY);
	assert_time(judge(&keeper, NOON + HOUR, 2000), TIME_UNPROVEN, NOON + HOUR);
}

static void an_unproven_new_year_waits_for_a_proof(void **state)
{
	struct timekeeper keeper = {.last_issued_at = NEW_YEAR - HOUR};
	(void)state;
	assert_time(judge(&keeper, NEW_YEAR - 1000, 1000), TIME_UNPROVEN, NEW_YEAR - 1000);
	assert_time(judge(&keeper, NEW_YEAR, 2000), TIME_NEW_YEAR, NEW_YEAR);
	assert_true(time_is_held(TIME_NEW_YEAR));
	hear(&keeper, NEW_YEAR + 1000, 3000, NEW_YEAR + 1000, true);
	assert_time(judge(&keeper, NEW_YEAR + 2000, 4000), TIME_PROVEN, NEW_YEAR + 2000);
	/* What was proven before midnight needs nobody at midnight (R-NY-1). */
	keeper = (struct timekeeper){.last_issued_at = NEW_YEAR - HOUR};
	judge_ntp(&keeper, NEW_YEAR - HOUR, 1000);
	assert_time(judge(&keeper, NEW_YEAR, 1000 + HOUR), TIME_PROVEN, NEW_YEAR);
}

static void the_words_are_read_back(void **state)
{
	(void)state;
	for (int i = 0; i < TIME_STATE_COUNT; i++)
		assert_int_equal(time_state_find(time_state_word(i)), i);
	assert_string_equal(time_state_word(-1), "?");
	assert_string_equal(time_state_word(TIME_STATE_COUNT), "?");
	assert_int_equal(time_state_find("later"), TIME_PROVEN);
}

/* ---- 1,000 random lives of a clock ---- */

struct life {
	uint64_t seed;
	int64_t truth, error, mono;
	bool has_ntp;
	struct timekeeper keeper;
	struct issue_place place;
	struct seller seller;
	bool was_flagged; /* the last invoice */
	int64_t sales, held;
};

static int64_t any(struct life *life, int64_t below)
{
	life->seed = life->seed * 6364136223846793005u + 1442695040888963407u;
	return (int64_t)((life->seed >> 24) % (uint64_t)below);
}

static struct time_decision look(struct life *life)
{
	struct clock_reading reading = reads(life->truth + life->error, life->mono);
	reading.trust = life->has_ntp ? CLOCK_NTP : CLOCK_UNKNOWN;
	life->keeper.last_issued_at = life->place.last_issued_at;
	return timekeeper_judge(&life->keeper, &reading);
}

static void pass(struct life *life, int64_t ms)
{
	life->truth += ms;
	life->mono += ms;
}

static void restart(struct life *life)
{
	static const int64_t errors[] = {0, 0, 0, 40 * MINUTE, 7 * HOUR, -7 * HOUR, -3 * DAY, 20 * DAY, -20000 * DAY};
	life->truth += any(life, 2) ? any(life, 10 * MINUTE) : any(life, 3 * DAY);
	life->mono = any(life, 20000);
	life->has_ntp = false;
	life->error = errors[any(life, 9)];
}

static void turn(struct life *life)
{
	static const int64_t errors[] = {0, 4000, -4000, 100000, -100000, 3 * MINUTE, -3 * MINUTE, HOUR, -HOUR, DAY,
		-DAY, 30 * DAY, -30 * DAY, 400 * DAY, -20000 * DAY};
	life->error = errors[any(life, 15)];
	life->has_ntp = false; /* settimeofday() ends the kernel's trust */
}

static void tell(struct life *life)
{
	struct clock_reading reading = reads(life->truth + life->error, life->mono);
	bool is_exact = any(life, 2);
	int64_t said = is_exact ? life->truth / 1000 * 1000 : life->truth - any(life, 3) * any(life, HOUR);
	timekeeper_hear(&life->keeper, &reading, said, is_exact);
}

/* One sale: 0 held, 1 issued; every promise is looked at. */
static int sell(struct life *life)
{
	struct time_decision time = look(life);
	char serial[SERIAL_LEN + 1];
	int32_t number;
	int64_t counter, issued_at;
	life->sales++;
	life->held++;
	if (time_is_held(time.state) || rules_place(&life->place, &life->seller, time.now_ms, serial, &number, &counter,
						&issued_at) != ISSUE_NOW)
		return 0;
	life->held--;
	bool is_running = strcmp(serial, life->place.serial) == 0;
	/* order */
	assert_true(issued_at >= life->place.last_issued_at || strcmp(serial + 3, life->place.serial + 3) != 0);
	assert_int_equal(number, is_running ? life->place.last_number + 1 : 1);
	assert_int_equal(clock_local(issued_at).year % 100, (serial[1] - '0') * 10 + serial[2] - '0');
	/* no unproven future: proven is at most the two minutes ahead of the truth that law R-TIME-1 grants */
	if (life->keeper.is_proven)
		assert_true(issued_at <= life->truth + TIME_JUMP_MS || issued_at == life->place.last_issued_at);
	else
		assert_true(time_is_flagged(time.state) &&
			    (!life->place.last_issued_at ||
				    clock_local(issued_at).year == clock_local(life->place.last_issued_at).year));
	if (issued_at != life->place.last_issued_at)
		life->was_flagged = !life->keeper.is_proven;
	memcpy(life->place.serial, serial, sizeof(serial));
	life->place.last_number = number;
	life->place.last_issued_at = issued_at;
	life->place.next_counter = counter + 1;
	return 1;
}

/* The time is right and known: two minutes later at most the shop sells, what was unproven costs it a new suffix at worst. */
static void end_well(struct life *life)
{
	life->error = 0;
	life->has_ntp = true;
	pass(life, TIME_JUMP_MS);
	if (sell(life))
		return;
	assert_true(life->was_flagged);
	strcpy(life->seller.suffix, "AB");
	assert_int_equal(sell(life), 1);
	assert_true(life->place.last_issued_at == life->truth);
}

static void a_thousand_random_lives_break_no_order_and_freeze_no_serial(void **state)
{
	int64_t sales = 0, held = 0;
	(void)state;
	for (uint64_t seed = 1; seed <= 1000; seed++) {
		struct life life = {.seed = seed * 0x9e3779b97f4a7c15u,
			.truth = NOON,
			.mono = 1000,
			.has_ntp = seed % 2,
			.place = {.next_counter = 1, .block_to = 99999999},
			.seller = {.code_flag = 'C', .suffix = "AA"}};
		for (int step = 0; step < 200; step++) {
			switch (any(&life, 12)) {
			case 0:
				turn(&life);
				break;
			case 1:
				restart(&life);
				break;
			case 2:
				tell(&life);
				break;
			case 3:
				life.error = 0, life.has_ntp = true;
				break;
			case 4:
				life.has_ntp = false;
				break;
			case 5:
				pass(&life, any(&life, 12 * HOUR));
				break;
			default:
				pass(&life, any(&life, MINUTE)), sell(&life);
				break;
			}
			look(&life); /* the issuer looks twice a second also when nothing is sold */
		}
		end_well(&life);
		sales += life.sales;
		held += life.held;
	}
	assert_true(sales > 90000 && sales - held > 40000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trusted_clock_is_believed_whatever_it_says),
		cmocka_unit_test(a_jump_of_more_than_two_minutes_is_not_believed),
		cmocka_unit_test(small_steps_do_not_add_up),
		cmocka_unit_test(a_trusted_source_ends_the_doubt),
		cmocka_unit_test(an_answer_signed_long_ago_says_nothing_about_now),
		cmocka_unit_test(a_clock_that_went_back_is_held_until_it_is_right),
		cmocka_unit_test(a_later_invoice_makes_its_suffix_wait),
		cmocka_unit_test(after_a_power_off_a_later_clock_is_taken_and_flagged),
		cmocka_unit_test(after_a_power_off_an_earlier_clock_is_held),
		cmocka_unit_test(an_unproven_clock_that_a_person_turns_back_is_taken),
		cmocka_unit_test(an_unproven_new_year_waits_for_a_proof),
		cmocka_unit_test(the_words_are_read_back),
		cmocka_unit_test(a_thousand_random_lives_break_no_order_and_freeze_no_serial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
