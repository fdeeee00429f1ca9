/* R-SEND-1 … R-SEND-4, R-OUT-4, R-OUT-5, R-REG-5, R-REG-6, R-FIX-11, R-SAN-3: vectors deadlines and late-tiers. */
#include "cases.h"

#include "base/clock.h"
#include "core/calendar.h"

#define HEADER "date,kind,status,name\n"

struct table {
	struct holiday days[100];
	struct calendar calendar;
};

static char *read_file(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 20000);

	assert_non_null(file);
	assert_non_null(text);
	*ret_len = fread(text, 1, 19999, file);
	assert_true(*ret_len > 0 && *ret_len < 19999);
	fclose(file);
	return text;
}

static int load_shipped_table(void **state)
{
	struct table *table = calloc(1, sizeof(*table));
	size_t len;
	char *text = read_file(SCHEMAS_DIR "/rules/holidays.csv", &len);
	long count;

	assert_non_null(table);
	count = calendar_parse(text, len, table->days, ARRAY_LEN(table->days));
	free(text);
	assert_true(count > 0);
	table->calendar = (struct calendar){.days = table->days, .count = (size_t)count};
	*state = table;
	return 0;
}

static int free_table(void **state)
{
	free(*state);
	return 0;
}

static const struct calendar *shipped(void **state)
{
	return &((struct table *)*state)->calendar;
}

static int64_t time_of(const char *text)
{
	int64_t ms;

	assert_int_equal(clock_parse(text, strlen(text), &ms), 0);
	return ms;
}

static void the_shipped_table_is_that_of_the_vectors(void **state)
{
	size_t shipped_len, vector_len;
	char *ours = read_file(SCHEMAS_DIR "/rules/holidays.csv", &shipped_len);
	char *vector = read_file(TEST_DATA "/vectors/holidays.csv", &vector_len);

	assert_string_equal(ours, vector);
	free(ours);
	free(vector);
	/* 32 rows (README of the vectors), of which two are open and so without effect. */
	assert_int_equal(shipped(state)->count, 30);
}

static void every_deadline_vector_ends_at_its_last_second(void **state)
{
	struct cases cases = cases_open(TEST_DATA "/vectors/deadlines.csv", "id,event,rule,deadline,note");
	int ran = 0;

	for (; cases_next(&cases, 5); ran++) {
		enum deadline_rule rule;
		char text[CLOCK_TEXT_MAX];

		assert_int_equal(deadline_rule_parse(cases.field[2], &rule), 0);
		clock_format_local(deadline_of(shipped(state), rule, time_of(cases.field[1])), text);
		if (strcmp(text, cases.field[3]) != 0)
			fail_msg("%s: %s", cases.field[0], text);
	}
	cases_close(&cases);
	assert_int_equal(ran, 40);
}

static void every_late_vector_falls_into_its_tier(void **state)
{
	struct cases cases =
		cases_open(TEST_DATA "/vectors/late-tiers.csv", "id,deadline,sent,working_days_late,tier,note");
	int ran = 0;

	for (; cases_next(&cases, 6); ran++) {
		int late;
		enum late_tier tier =
			late_tier(shipped(state), time_of(cases.field[1]), time_of(cases.field[2]), &late);

		if (strcmp(late_tier_text(tier), cases.field[4]) != 0)
			fail_msg("%s: %s", cases.field[0], late_tier_text(tier));
		assert_int_equal(late, atoi(cases.field[3]));
	}
	cases_close(&cases);
	assert_int_equal(ran, 12);
}

static void the_last_second_is_in_time_to_its_last_millisecond(void **state)
{
	int64_t deadline = time_of("2026-11-16T23:59:59+07:00");
	int late;

	assert_int_equal(late_tier(shipped(state), deadline, deadline + 999, &late), LATE_ON_TIME);
	assert_int_equal(late_tier(shipped(state), deadline, deadline + 1000, &late), LATE_1_5);
}

static void weekends_holidays_and_worked_saturdays_are_told_apart(void **state)
{
	assert_true(calendar_is_working_day(shipped(state), 20261123));	 /* Monday */
	assert_false(calendar_is_working_day(shipped(state), 20261121)); /* Saturday */
	assert_false(calendar_is_working_day(shipped(state), 20261122)); /* Sunday */
	assert_false(calendar_is_working_day(shipped(state), 20260902)); /* Quốc khánh, a Wednesday */
	assert_true(calendar_is_working_day(shipped(state), 20260822));	 /* Saturday worked for 31 August */
	assert_true(calendar_is_working_day(shipped(state), 20261124));	 /* announced only (R-SEND-4) */
}

static void without_a_table_only_weekends_are_off(void **state)
{
	struct calendar none = {0};

	(void)state;
	/* Law R-SEND-4, R-NY-7: an unknown day is a working day, which gives the earlier deadline. */
	assert_true(calendar_is_working_day(&none, 20270101));
	assert_false(calendar_is_working_day(&none, 20270102));
}

static void assert_refused(const char *csv)
{
	struct holiday room[2];

	if (calendar_parse(csv, strlen(csv), room, ARRAY_LEN(room)) != -1)
		fail_msg("taken: %s", csv);
}

static void a_wrong_table_is_refused_as_a_whole(void **state)
{
	(void)state;
	assert_refused("");
	assert_refused("date,kind\n");
	assert_refused("2026-01-01,off,law,x\n");
	assert_refused(HEADER "2026-02-30,off,law,x\n");
	assert_refused(HEADER "2026-01-01,of,law,x\n");
	assert_refused(HEADER "2026-01-01,off,rumour,x\n");
	assert_refused(HEADER "2026-01-01,off,law\n");
	assert_refused(HEADER "2026-01-02,off,law,x\n2026-01-01,off,law,x\n");
	assert_refused(HEADER "2026-01-01,off,law,x\n2026-01-01,off,law,x\n");
	assert_refused(HEADER "2026-01-01,off,law,x\n2026-01-02,off,law,x\n2026-01-05,off,law,x\n");
}

static void line_ends_of_windows_and_an_open_row_are_taken(void **state)
{
	static const char csv[] =
		"date,kind,status,name\r\n2026-11-24,open,assumption,\"a, b\"\r\n2026-12-31,off,law,x";
	struct holiday room[1];

	(void)state;
	assert_int_equal(calendar_parse(csv, strlen(csv), room, ARRAY_LEN(room)), 1);
	assert_int_equal(room[0].day, 20261231);
	assert_false(room[0].is_work);
}

/* By hand: issued at 13:00:00 and due at 23:59:59, of which 40 % is 4 h 23 min 59.6 s. */
static void the_used_part_of_a_term_is_whole_percents(void **state)
{
	const int64_t from = INT64_C(1795327200000), due = from + INT64_C(39599000);

	(void)state;
	assert_int_equal(term_used_percent(from, due, from - 1), 0);
	assert_int_equal(term_used_percent(from, due, from), 0);
	assert_int_equal(term_used_percent(from, due, from + 15839599), 39);
	assert_int_equal(term_used_percent(from, due, from + 15839600), 40);
	assert_int_equal(term_used_percent(from, due, due - 1), 99);
	assert_int_equal(term_used_percent(from, due, due), 100);
	assert_int_equal(term_used_percent(due + 500, due, due + 600), 100); /* in the last second of a day */
}

static void an_unknown_rule_word_is_told(void **state)
{
	enum deadline_rule rule;

	(void)state;
	assert_int_equal(deadline_rule_parse("TOMORROW", &rule), 1);
}

static int32_t destroyable_from(struct civil issued)
{
	int64_t end = retention_end(clock_ms(issued));

	assert_int_equal(clock_day(end - 1) / 10000, clock_day(end) / 10000 - 1);
	return clock_day(end);
}

/* law R-STO-3, R-STO-4; the local year counts, and all of it */
static void invoices_are_kept_to_the_end_of_the_tenth_year(void **state)
{
	(void)state;
	assert_int_equal(destroyable_from((struct civil){.year = 2026, .month = 7, .day = 1}), 20370101);
	assert_int_equal(
		destroyable_from((struct civil){.year = 2026, .month = 12, .day = 31, .hour = 23, .minute = 59}),
		20370101);
	assert_int_equal(destroyable_from((struct civil){.year = 2027, .month = 1, .day = 1}), 20380101);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_table_is_that_of_the_vectors),
		cmocka_unit_test(every_deadline_vector_ends_at_its_last_second),
		cmocka_unit_test(every_late_vector_falls_into_its_tier),
		cmocka_unit_test(the_last_second_is_in_time_to_its_last_millisecond),
		cmocka_unit_test(weekends_holidays_and_worked_saturdays_are_told_apart),
		cmocka_unit_test(without_a_table_only_weekends_are_off),
		cmocka_unit_test(a_wrong_table_is_refused_as_a_whole),
		cmocka_unit_test(line_ends_of_windows_and_an_open_row_are_taken),
		cmocka_unit_test(the_used_part_of_a_term_is_whole_percents),
		cmocka_unit_test(an_unknown_rule_word_is_told),
		cmocka_unit_test(invoices_are_kept_to_the_end_of_the_tenth_year),
	};

	return cmocka_run_group_tests(tests, load_shipped_table, free_table);
}
