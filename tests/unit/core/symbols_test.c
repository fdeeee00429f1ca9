/* R-SYM-1, R-SYM-2, R-CODE-1, R-CODE-3, R-NY-2: vectors mccqt; format 2.5, 2.6, 3. */
#include "cases.h"

#include "core/symbols.h"

static void every_code_vector_is_judged_with_its_reason(void **state)
{
	struct cases cases = cases_open(TEST_DATA "/vectors/mccqt.csv", "id,code,form,year,key,valid,reason,note");
	int ran = 0;

	(void)state;
	for (; cases_next(&cases, 8); ran++) {
		int year = atoi(cases.field[3]);
		int result = code_check(cases.field[1], atoi(cases.field[2]), year, cases.field[4]);

		if (strcmp(code_reason(result), cases.field[6]) != 0)
			fail_msg("%s: %s", cases.field[0], code_reason(result));
		assert_int_equal(result == CODE_OK, atoi(cases.field[5]));
		assert_int_equal(code_check(cases.field[1], atoi(cases.field[2]), 2000 + year, cases.field[4]), result);
	}
	cases_close(&cases);
	assert_int_equal(ran, 30);
}

static void the_code_of_the_official_example_is_made(void **state)
{
	char code[CODE_LEN + 1];

	(void)state;
	/* QĐ 1271/QĐ-CT, quoted in format 2.6. */
	assert_int_equal(code_make(2, 2025, "A1B2C", 1234567, code), 0);
	assert_string_equal(code, "M2-25-A1B2C-00001234567");
	assert_int_equal(code_make(1, 26, "QZ7XW", CODE_COUNTER_LAST, code), 0);
	assert_string_equal(code, "M1-26-QZ7XW-99999999999");
}

static void a_code_part_out_of_range_makes_nothing(void **state)
{
	static const char short_key[6] = "QZ7X";
	char code[CODE_LEN + 1] = "untouched";

	(void)state;
	assert_int_equal(code_make(0, 2026, "QZ7XW", 1, code), 1);
	assert_int_equal(code_make(3, 2026, "QZ7XW", 1, code), 1); /* law R-SYM-1: a till makes 1 and 2 */
	assert_int_equal(code_make(1, 1999, "QZ7XW", 1, code), 1);
	assert_int_equal(code_make(1, 2100, "QZ7XW", 1, code), 1);
	assert_int_equal(code_make(1, 2026, short_key, 1, code), 1);
	assert_int_equal(code_make(1, 2026, "qz7xw", 1, code), 1);
	assert_int_equal(code_make(1, 2026, "QZ7XW", 0, code), 1);
	assert_int_equal(code_make(1, 2026, "QZ7XW", CODE_COUNTER_LAST + 1, code), 1);
	assert_string_equal(code, "untouched");
}

static void a_made_code_passes_its_own_check(void **state)
{
	char code[CODE_LEN + 1];

	(void)state;
	for (int64_t counter = 1; counter <= CODE_COUNTER_LAST; counter = counter * 7 + 3) {
		assert_int_equal(code_make(1, 2026, "VD7K2", counter, code), 0);
		assert_int_equal(code_check(code, 1, 2026, "VD7K2"), CODE_OK);
	}
}

static void a_serial_is_made_of_flag_year_and_suffix(void **state)
{
	char serial[SERIAL_LEN + 1];
	char symbol[SERIAL_LEN + 2];

	(void)state;
	/* Format 2.5. */
	assert_int_equal(serial_make('C', 2026, "AA", serial), 0);
	assert_string_equal(serial, "C26MAA");
	symbol_make(1, serial, symbol);
	assert_string_equal(symbol, "1C26MAA");
	assert_int_equal(serial_make('K', 2030, "YY", serial), 0);
	assert_string_equal(serial, "K30MYY");
	assert_int_equal(serial_make('C', 7, "AB", serial), 0);
	assert_string_equal(serial, "C07MAB");
}

static void a_serial_of_wrong_parts_is_not_made(void **state)
{
	static const char short_suffix[3] = "A";
	char serial[SERIAL_LEN + 1];

	(void)state;
	assert_int_equal(serial_make('X', 2026, "AA", serial), 1);
	assert_int_equal(serial_make('C', 1926, "AA", serial), 1);
	assert_int_equal(serial_make('C', 2026, "A1", serial), 1); /* law R-SYM-2: digits are read, never made */
	assert_int_equal(serial_make('C', 2026, "aa", serial), 1);
	assert_int_equal(serial_make('C', 2026, short_suffix, serial), 1);
}

static void serials_of_others_are_read_with_digits_and_every_type_letter(void **state)
{
	static const char *const good[] = {"C26MAA", "K26MYY", "C26TA1", "C21T00", "K26XAB"};
	static const char *const bad[] = {"", "C26MA", "C26MAAA", "X26MAA", "C2XMAA", "C26AAA", "C26Maa", "c26MAA"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(serial_is_valid(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(serial_is_valid(bad[i]));
}

static void a_message_id_is_the_sender_and_a_random_uuid_v4(void **state)
{
	char id[MESSAGE_ID_MAX + 1], other[MESSAGE_ID_MAX + 1];
	const char *hex;

	(void)state;
	assert_int_equal(message_id_make("V0107001729", id), 0);
	assert_int_equal(message_id_make("V0107001729", other), 0);
	assert_int_equal(strlen(id), 11 + 32);
	assert_memory_equal(id, "V0107001729", 11);
	assert_string_not_equal(id, other);
	hex = message_id_hex(id);
	assert_ptr_equal(hex, id + 11);
	assert_int_equal(strspn(hex, "0123456789ABCDEF"), 32);
	assert_int_equal(hex[12], '4');		  /* RFC 9562: version */
	assert_non_null(strchr("89AB", hex[16])); /* variant */
}

static void a_sender_of_14_fits_and_of_15_does_not(void **state)
{
	char id[MESSAGE_ID_MAX + 1];

	(void)state;
	assert_int_equal(message_id_make("12345678901234", id), 0);
	assert_int_equal(strlen(id), MESSAGE_ID_MAX);
	assert_int_equal(message_id_make("123456789012345", id), 1);
	assert_int_equal(message_id_make("", id), 1);
}

static void a_short_message_id_has_no_hex_part(void **state)
{
	(void)state;
	assert_null(message_id_hex("V0107"));
	assert_string_equal(message_id_hex("0123456789ABCDEF0123456789ABCDEF"), "0123456789ABCDEF0123456789ABCDEF");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_vector_is_judged_with_its_reason),
		cmocka_unit_test(the_code_of_the_official_example_is_made),
		cmocka_unit_test(a_code_part_out_of_range_makes_nothing),
		cmocka_unit_test(a_made_code_passes_its_own_check),
		cmocka_unit_test(a_serial_is_made_of_flag_year_and_suffix),
		cmocka_unit_test(a_serial_of_wrong_parts_is_not_made),
		cmocka_unit_test(serials_of_others_are_read_with_digits_and_every_type_letter),
		cmocka_unit_test(a_message_id_is_the_sender_and_a_random_uuid_v4),
		cmocka_unit_test(a_sender_of_14_fits_and_of_15_does_not),
		cmocka_unit_test(a_short_message_id_has_no_hex_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
