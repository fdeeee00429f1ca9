/* R-OUT-3 to R-OUT-5, R-OUT-7: which outage starts a term, from when, and what a person may note. */
#include "cases.h"

#include "base/clock.h"
#include "core/law.h"
#include "core/outage.h"

static const struct holiday new_year[] = {{20270101, false}};
static const struct calendar calendar = {.days = new_year, .count = ARRAY_LEN(new_year)};
static const struct law_book book = {.calendar = &calendar};

static int64_t at(int year, int month, int day, int hour)
{
	return clock_ms((struct civil){.year = year, .month = month, .day = day, .hour = hour});
}

static void ends_on(int64_t deadline, int32_t day)
{
	assert_int_equal(clock_day(deadline), day);
	assert_int_equal(clock_day(deadline + 1000), clock_day_add(day, 1));
}

/* Law R-OUT-4, example. */
static void what_the_authority_could_not_take_counts_from_its_announcement_alone(void **state)
{
	(void)state;
	ends_on(outage_deadline(OUTAGE_AUTHORITY, true, &book, at(2026, 12, 31, 15)), 20270105);
	assert_int_equal(outage_deadline(OUTAGE_AUTHORITY, false, &book, at(2026, 12, 31, 15)), 0);
}

/* Law R-OUT-5, example: Sunday, three working days. */
static void what_the_seller_did_not_cause_counts_from_its_end(void **state)
{
	static const enum outage_cause causes[] = {OUTAGE_NETWORK, OUTAGE_DNS, OUTAGE_TLS, OUTAGE_TVAN};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
		ends_on(outage_deadline(causes[i], false, &book, at(2026, 12, 6, 9)), 20261209);
		assert_int_equal(outage_deadline(causes[i], true, &book, at(2026, 12, 6, 9)), 0);
	}
}

static void what_is_our_own_fault_starts_no_term(void **state)
{
	(void)state;
	for (int is_announced = 0; is_announced < 2; is_announced++) {
		assert_int_equal(outage_deadline(OUTAGE_KEY, is_announced, &book, at(2026, 12, 6, 9)), 0);
		assert_int_equal(outage_deadline(OUTAGE_DISK, is_announced, &book, at(2026, 12, 6, 9)), 0);
		assert_int_equal(outage_deadline(OUTAGE_NONE, is_announced, &book, at(2026, 12, 6, 9)), 0);
	}
	assert_int_equal(outage_deadline(OUTAGE_TVAN, false, NULL, at(2026, 12, 6, 9)), 0);
}

static void every_kind_of_note_is_found_by_its_word(void **state)
{
	(void)state;
	for (int said = SAID_NOTHING + 1; said < OUTAGE_SAID_COUNT; said++) {
		const struct outage_said_kind *kind = outage_said_kind(said);

		assert_int_equal(outage_said_find(kind->word), said);
		assert_true(kind->en[0] && kind->vi[0]);
		assert_int_equal(kind->is_official, said == SAID_ANNOUNCEMENT || said == SAID_BACK);
	}
	assert_int_equal(outage_said_find(""), SAID_NOTHING);
	assert_int_equal(outage_said_find("rumour"), SAID_NOTHING);
	assert_string_equal(outage_said_kind(-1)->word, "");
	assert_string_equal(outage_said_kind(OUTAGE_SAID_COUNT)->word, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_authority_could_not_take_counts_from_its_announcement_alone),
		cmocka_unit_test(what_the_seller_did_not_cause_counts_from_its_end),
		cmocka_unit_test(what_is_our_own_fault_starts_no_term),
		cmocka_unit_test(every_kind_of_note_is_found_by_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
