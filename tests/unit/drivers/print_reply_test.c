/* What the box answers to a till that asks how its printer stands is what a printer would, and print_inquiry understands it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/drivers.h"
#include "drivers/print_inquiry.h"
#include "drivers/print_reply.h"

#define BYTES(text) text, sizeof(text) - 1

static void each_question_has_its_answer(void **state)
{
	static const struct {
		const char *dialect, *command;
		size_t len;
		enum printer_standing standing;
		const char *answer;
		size_t answer_len;
	} cases[] = {
		{"escpos", BYTES("\x10\x04\x01"), PRINTER_TAKES, BYTES("\x12")},
		{"escpos", BYTES("\x10\x04\x04"), PRINTER_TAKES, BYTES("\x12")},
		{"escpos", BYTES("\x10\x04\x01"), PRINTER_NO_PAPER, BYTES("\x1a")},
		{"escpos", BYTES("\x10\x04\x02"), PRINTER_NO_PAPER, BYTES("\x32")},
		{"escpos", BYTES("\x10\x04\x04"), PRINTER_NO_PAPER, BYTES("\x72")},
		{"escpos", BYTES("\x10\x04\x02"), PRINTER_OFFLINE, BYTES("\x16")},
		{"escpos", BYTES("\x10\x04\x03"), PRINTER_ERROR, BYTES("\x32")},
		{"escpos", BYTES("\x10\x04\x05"), PRINTER_TAKES, BYTES("")},
		{"escpos", BYTES("\x10\x04\x07\x01"), PRINTER_TAKES, BYTES("")},
		{"escpos", BYTES("\x1dr\x01"), PRINTER_TAKES, BYTES("\0")},
		{"escpos", BYTES("\x1dr1"), PRINTER_NO_PAPER, BYTES("\x0c")},
		{"escpos", BYTES("\x1dr2"), PRINTER_NO_PAPER, BYTES("\0")},
		{"escpos", BYTES("\x1bv"), PRINTER_NO_PAPER, BYTES("\x0c")},
		{"escpos", BYTES("\x1bu\0"), PRINTER_TAKES, BYTES("\0")},
		{"escpos", BYTES("\x1dI\x02"), PRINTER_TAKES, BYTES("\x02")},
		{"escpos", BYTES("\x1dI\x42"), PRINTER_TAKES, BYTES("_hoadon-agent\0")},
		{"escpos", BYTES("\x1d\x61\xff"), PRINTER_TAKES, BYTES("\x14\0\0\x0f")},
		{"escpos", BYTES("\x1d\x61\x04"), PRINTER_NO_PAPER, BYTES("\x1c\0\x0c\x0f")},
		{"escpos", BYTES("\x1d\x61\0"), PRINTER_TAKES, BYTES("")},
		{"star", BYTES("\x1b\x06\x01"), PRINTER_TAKES, BYTES("\x23\x86\0\0\0\0\0\0\0")},
		{"star", BYTES("\x1b\x06\x01"), PRINTER_NO_PAPER, BYTES("\x23\x86\x08\0\0\x08\0\0\0")},
		{"star", BYTES("\x1b\x1e\x61\x01"), PRINTER_OFFLINE, BYTES("\x23\x86\x28\0\0\0\0\0\0")},
		{"star", BYTES("\x1b\x1e\x61\0"), PRINTER_TAKES, BYTES("")},
		{"star", BYTES("\x10\x04\x01"), PRINTER_TAKES, BYTES("")},
		{"plain", BYTES("\x10\x04\x01"), PRINTER_TAKES, BYTES("")},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		BYTES_CLEANUP struct bytes out = {.max = PRINT_REPLY_MAX};

		print_reply(cases[i].dialect, (const uint8_t *)cases[i].command, cases[i].len, cases[i].standing, &out);
		assert_false(out.failed);
		assert_int_equal(out.len, cases[i].answer_len);
		if (out.len > 0)
			assert_memory_equal(out.data, cases[i].answer, out.len);
	}
}

static void whoever_asks_understands_it(void **state)
{
	static const enum print_condition said[PRINTER_STANDING_COUNT] = {[PRINTER_NO_PAPER] = PRINT_IS_NO_PAPER,
		[PRINTER_OFFLINE] = PRINT_IS_COVER,
		[PRINTER_ERROR] = PRINT_IS_FAULTY};
	const struct print_inquiry *inquiry = print_inquiry("escpos");

	(void)state;
	for (int standing = 0; standing < PRINTER_STANDING_COUNT; standing++) {
		BYTES_CLEANUP struct bytes out = {.max = 64};
		bool is_well = standing != PRINTER_NO_PAPER && standing != PRINTER_OFFLINE && standing != PRINTER_ERROR;

		for (size_t at = 0; at < inquiry->ask_len; at += 3)
			print_reply("escpos", inquiry->ask + at, 3, (enum printer_standing)standing, &out);
		assert_int_equal(out.len, inquiry->answer_len);
		for (int condition = 0; condition < PRINT_CONDITION_COUNT; condition++)
			assert_int_equal(inquiry->says(out.data, out.len, (enum print_condition)condition),
				!is_well && (condition == PRINT_IS_OFFLINE || condition == (int)said[standing]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_question_has_its_answer),
		cmocka_unit_test(whoever_asks_understands_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
