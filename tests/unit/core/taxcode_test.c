/* R-BUY-5, R-BUY-6: vectors tax-code. */
#include "cases.h"

#include "core/taxcode.h"

#define YEAR_OF_CHECKING 2026 /* README of the vectors */

static void every_vector_has_its_kind_form_and_reason(void **state)
{
	struct cases cases =
		cases_open(TEST_DATA "/vectors/tax-code.csv", "id,input,kind,normalised,valid,reason,override_allowed");
	char normalised[16];
	int ran = 0;
	int kind;

	(void)state;
	for (; cases_next(&cases, 7); ran++) {
		int result = taxcode_check(cases.field[1], YEAR_OF_CHECKING, normalised, &kind);
		const char *reason = taxcode_reason(result);

		if (result == TAXCODE_OK && kind == 12)
			reason = "OK_NO_CHECK_DIGIT";
		if (strcmp(reason, cases.field[5]) != 0)
			fail_msg("%s: %s", cases.field[0], reason);
		assert_string_equal(normalised, cases.field[3]);
		assert_int_equal(kind, atoi(cases.field[2]));
		assert_int_equal(result == TAXCODE_OK, atoi(cases.field[4]));
		/* What a person may not override is hard; what is valid needs no override. */
		assert_int_equal(result != TAXCODE_OK && !taxcode_is_hard(result), atoi(cases.field[6]));
	}
	cases_close(&cases);
	assert_int_equal(ran, 80);
}

static void blanks_of_all_three_kinds_are_trimmed_at_both_ends(void **state)
{
	char normalised[16];
	int kind;

	(void)state;
	/* README of the vectors: spaces, tabs, no-break spaces. 9843395735 is tc001. */
	assert_int_equal(taxcode_check(" \t\xc2\xa0"
				       "9843395735\xc2\xa0 \t",
				 2026, normalised, &kind),
		TAXCODE_OK);
	assert_string_equal(normalised, "9843395735");
	assert_int_equal(taxcode_check("\xc2\xa0", 2026, normalised, &kind), TAXCODE_EMPTY);
	assert_int_equal(taxcode_check("98433 95735", 2026, normalised, &kind), TAXCODE_BAD_CHAR);
	assert_int_equal(taxcode_check("9843395735\xc2", 2026, normalised, &kind), TAXCODE_BAD_CHAR);
}

static void the_root_of_a_branch_is_checked_like_a_root(void **state)
{
	char normalised[16];
	int kind;

	(void)state;
	assert_int_equal(taxcode_check("0000000000-001", 2026, normalised, &kind), TAXCODE_ALL_ZERO);
	assert_int_equal(taxcode_check("9959771883-001", 2026, normalised, &kind), TAXCODE_OK); /* tc045 */
	assert_int_equal(taxcode_check("9959771884-001", 2026, normalised, &kind), TAXCODE_BAD_CHECK);
}

static void birth_in_the_year_of_checking_is_no_future(void **state)
{
	char normalised[16];
	int kind;

	(void)state;
	/* Fourth digit 2: born 2000 + 26. */
	assert_int_equal(taxcode_check("005226910813", 2026, normalised, &kind), TAXCODE_OK);
	assert_int_equal(taxcode_check("005226910813", 2025, normalised, &kind), TAXCODE_ID_BIRTH_FUTURE);
}

static void a_very_long_text_is_refused_without_being_kept(void **state)
{
	char normalised[16];
	char text[401];
	int kind;

	(void)state;
	memset(text, '1', 400);
	text[400] = '\0';
	assert_int_equal(taxcode_check(text, 2026, normalised, &kind), TAXCODE_BAD_LENGTH);
	assert_string_equal(normalised, "");
	assert_int_equal(kind, 0);
}

static void the_plain_form_has_no_hyphen(void **state)
{
	char plain[16];

	(void)state;
	/* Format 2.2: MNGui, MNNhan and the QR code. */
	taxcode_plain("9959771883-001", plain);
	assert_string_equal(plain, "9959771883001");
	taxcode_plain("9843395735", plain);
	assert_string_equal(plain, "9843395735");
}

static void an_unknown_result_is_hard_and_has_no_word(void **state)
{
	(void)state;
	assert_true(taxcode_is_hard(-1));
	assert_true(taxcode_is_hard(99));
	assert_string_equal(taxcode_reason(99), "?");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_has_its_kind_form_and_reason),
		cmocka_unit_test(blanks_of_all_three_kinds_are_trimmed_at_both_ends),
		cmocka_unit_test(the_root_of_a_branch_is_checked_like_a_root),
		cmocka_unit_test(birth_in_the_year_of_checking_is_no_future),
		cmocka_unit_test(a_very_long_text_is_refused_without_being_kept),
		cmocka_unit_test(the_plain_form_has_no_hyphen),
		cmocka_unit_test(an_unknown_result_is_hard_and_has_no_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
