#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/fault.h"
#include "base/text.h"

static void the_first_fault_wins(void **state)
{
	struct fault fault = {0};

	(void)state;
	assert_int_equal(fault_set(&fault, FAULT_IO, "first", "disk %d", 7), FAULT_IO);
	assert_int_equal(fault_set(&fault, FAULT_BUG, "second", "effect"), FAULT_BUG);
	assert_int_equal(fault.code, FAULT_IO);
	assert_string_equal(fault.where, "first");
	assert_string_equal(fault.text, "disk 7");
}

static void a_missing_fault_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(fault_set(NULL, FAULT_STORE, "x", "y"), FAULT_STORE);
}

static void the_macro_names_the_function(void **state)
{
	struct fault fault = {0};

	(void)state;
	assert_int_equal(FAULT(&fault, FAULT_BUSY, "taken"), FAULT_BUSY);
	assert_string_equal(fault.where, __func__);
}

/* "ế" has three bytes (U+1EBF): whatever precedes it, the cut must not go through it. */
static void a_long_sentence_is_cut_between_characters(void **state)
{
	char accents[151 * 3 + 1] = "";

	(void)state;
	for (int i = 0; i < 151; i++)
		strcat(accents, "ế");
	for (int shift = 0; shift < 3; shift++) {
		struct fault fault = {0};

		fault_set(&fault, FAULT_IO, "x", "%.*s%s", shift, "ab", accents);
		assert_true(text_is_utf8(fault.text, strlen(fault.text)));
		assert_in_range(strlen(fault.text), sizeof(fault.text) - 4, sizeof(fault.text) - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_fault_wins),
		cmocka_unit_test(a_missing_fault_is_allowed),
		cmocka_unit_test(the_macro_names_the_function),
		cmocka_unit_test(a_long_sentence_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
