/* R-SEND-8: which refusals are about seller, key or route, so that halving cannot help. */
#include "cases.h"

#include "core/verdict.h"

static void refusals_of_seller_key_and_route_are_about_us(void **state)
{
	/* Format 12.3, rows of signature, certificate, seller, kind, transmitter and sender. */
	static const char *const about_us[] = {
		"-2", "S004", "S102", "S201", "S202", "S203", "S204", "S205", "S301", "S302", "S303", "S304"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(about_us); i++)
		assert_true(verdict_is_about_us(about_us[i]));
}

static void refusals_of_content_and_unknown_codes_are_not(void **state)
{
	/* Format 12.4: "any other or unknown reason" is halved. */
	static const char *const content[] = {
		"", "-1", "20609", "20001", "S105", "S106", "S107", "S401", "S407", "99999", "s201", "S20", "S2011"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(content); i++)
		assert_false(verdict_is_about_us(content[i]));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_of_seller_key_and_route_are_about_us),
		cmocka_unit_test(refusals_of_content_and_unknown_codes_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
