/* The table of problems: frozen codes, sentences, and rule ids that exist in schemas/rules/law.csv. */
#include "cases.h"

#include "core/problem.h"

#define LAW_HEADER "rule,source,from,to,confidence,requirement,proof"

static bool is_in_law(const char *rule)
{
	struct cases cases = cases_open(SCHEMAS_DIR "/rules/law.csv", LAW_HEADER);
	bool is_found = false;

	while (!is_found && cases_next(&cases, 7))
		is_found = strcmp(cases.field[0], rule) == 0;
	cases_close(&cases);
	return is_found;
}

static void every_rule_id_stands_in_the_law_table(void **state)
{
	int cited = 0;

	(void)state;
	for (int code = PROBLEM_NONE + 1; code < PROBLEM_COUNT; code++) {
		const char *rule = problem_kind((enum problem_code)code)->rule;

		if (rule[0] == '\0')
			continue;
		if (!is_in_law(rule))
			fail_msg("%s", rule);
		cited++;
	}
	assert_true(cited > 20);
	assert_false(is_in_law("R-NONE-1"));
}

static void the_law_table_is_complete_and_says_how_each_rule_is_proved(void **state)
{
	struct cases cases = cases_open(SCHEMAS_DIR "/rules/law.csv", LAW_HEADER);
	int ran = 0;

	(void)state;
	for (; cases_next(&cases, 7); ran++) {
		assert_memory_equal(cases.field[0], "R-", 2);
		assert_int_equal(strlen(cases.field[2]), strlen("2026-07-01"));
		assert_true(cases.field[5][0] != '\0');
		/* Law, section 0: test or doc. */
		assert_true(strcmp(cases.field[6], "test") == 0 || strcmp(cases.field[6], "doc") == 0);
	}
	cases_close(&cases);
	/* Number of rules in the law chapter sections 1 to 17. */
	assert_int_equal(ran, 149);
}

static void every_problem_has_a_code_of_its_own_and_two_sentences(void **state)
{
	(void)state;
	for (int code = PROBLEM_NONE + 1; code < PROBLEM_COUNT; code++) {
		const struct problem_kind *kind = problem_kind((enum problem_code)code);

		assert_int_equal(problem_find(kind->code), code);
		assert_true(kind->status >= 200 && kind->status < 600);
		assert_int_equal(kind->detail[strlen(kind->detail) - 1], '.');
		assert_int_equal(kind->detail_vi[strlen(kind->detail_vi) - 1], '.');
	}
}

static void an_unknown_code_has_an_empty_row(void **state)
{
	(void)state;
	assert_int_equal(problem_find("no.such.code"), PROBLEM_NONE);
	assert_int_equal(problem_find(""), PROBLEM_NONE);
	assert_string_equal(problem_kind(PROBLEM_NONE)->code, "");
	assert_string_equal(problem_kind(PROBLEM_COUNT)->detail, "");
}

static void a_problem_names_its_field_and_what_was_found(void **state)
{
	struct problem problem = {0};

	(void)state;
	assert_int_equal(problem_set(&problem, PROBLEM_SUM_TOTAL, "/lines/%d/amount", 3), PROBLEM_SUM_TOTAL);
	assert_string_equal(problem.field, "/lines/3/amount");
	assert_string_equal(problem.extra, "");
	assert_int_equal(problem_add(&problem, "lines give %d, total says %d", 100002, 100001), PROBLEM_SUM_TOTAL);
	assert_string_equal(problem.extra, "lines give 100002, total says 100001");
	assert_int_equal(problem_set(&problem, PROBLEM_BUSY, "%s", ""), PROBLEM_BUSY);
	assert_string_equal(problem.extra, "");
}

static void long_fields_and_texts_are_cut_to_their_room(void **state)
{
	struct problem problem;

	(void)state;
	problem_set(&problem, PROBLEM_UNKNOWN_FIELD, "/%0500d", 1);
	assert_int_equal(strlen(problem.field), sizeof(problem.field) - 1);
	problem_add(&problem, "%0500d", 1);
	assert_int_equal(strlen(problem.extra), sizeof(problem.extra) - 1);
}

static void only_what_a_person_or_time_can_help_is_parked(void **state)
{
	/* Law, section 0, "Refused or parked"; a kind that is only kept is ignored (law R-TILL-1). */
	static const enum problem_code parked[] = {PROBLEM_KIND_LATER, PROBLEM_RATE_CLASS, PROBLEM_NAME_GENERIC,
		PROBLEM_NOT_REGISTERED, PROBLEM_CLOCK_BACK, PROBLEM_NUMBERS_USED_UP, PROBLEM_CODES_USED_UP,
		PROBLEM_STORE_COPY, PROBLEM_CLOCK_UNPROVEN, PROBLEM_CATALOGUE_UNKNOWN, PROBLEM_CATALOGUE_AMBIGUOUS,
		PROBLEM_CATALOGUE_RATE, PROBLEM_BILL_REVIEW, PROBLEM_BILL_NUMBER, PROBLEM_BILL_ORDER,
		PROBLEM_BILL_MIDNIGHT, PROBLEM_BILL_PRICE, PROBLEM_BILL_VAT, PROBLEM_PEER_UNKNOWN, PROBLEM_PAPER_UNREAD,
		PROBLEM_PAPER_PARTIAL};
	size_t found = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(parked); i++)
		assert_true(problem_is_parked(parked[i]));
	for (int code = PROBLEM_NONE; code < PROBLEM_COUNT; code++)
		found += problem_is_parked((enum problem_code)code);
	assert_int_equal(found, ARRAY_LEN(parked));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_id_stands_in_the_law_table),
		cmocka_unit_test(the_law_table_is_complete_and_says_how_each_rule_is_proved),
		cmocka_unit_test(every_problem_has_a_code_of_its_own_and_two_sentences),
		cmocka_unit_test(an_unknown_code_has_an_empty_row),
		cmocka_unit_test(a_problem_names_its_field_and_what_was_found),
		cmocka_unit_test(long_fields_and_texts_are_cut_to_their_room),
		cmocka_unit_test(only_what_a_person_or_time_can_help_is_parked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
