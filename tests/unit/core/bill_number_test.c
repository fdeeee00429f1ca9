/* Whether the number of a bill that was read of a picture may be the next one of its till. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/bill_number.h"

#define TODAY 20261122

/* Papers of a till as they came, oldest first; what one looks like is a word in front of its number. */
struct history {
	struct bill_before papers[16];
	size_t count;
};

static struct history history_of(const char *const *papers)
{
	struct history history = {.count = 0};
	size_t count = 0;

	while (papers[count])
		count++;
	for (size_t i = count; i-- > 0;) {
		const char *paper = papers[i];

		history.papers[history.count++] = (struct bill_before){.bill_no = strchr(paper, ' ') + 1,
			.kind = paper[0] == 'c'	  ? SALE_KIND_REPRINT
				: paper[0] == 'k' ? SALE_KIND_NO_SALE
						  : SALE_KIND_SALE,
			.day = TODAY - (paper[0] == 'y'),
			.is_issued = paper[0] == 'i' || paper[0] == 'y',
			.is_parked = paper[0] == 'p'};
	}
	return history;
}

static enum bill_order order(const char *const *papers, const char *bill_no)
{
	struct history history = history_of(papers);
	const char *last;

	return bill_number_order(history.papers, history.count, bill_no, TODAY, &last);
}

static void a_number_that_was_read_follows_or_a_person_decides(void **unused)
{
	static const struct {
		const char *papers[8], *bill_no;
		enum bill_order order;
	} cases[] = {
		{{NULL}, "HD1", BILL_ORDER_FIRST},
		{{"parked HD1", NULL}, "HD2", BILL_ORDER_FIRST},
		{{"issued HD57", NULL}, "HD58", BILL_ORDER_FOLLOWS},
		{{"issued HD57", NULL}, "HD59", BILL_ORDER_JUMPS},
		{{"issued HD57", NULL}, "HD56", BILL_ORDER_JUMPS},
		{{"issued HD57", NULL}, "HB58", BILL_ORDER_JUMPS},
		{{"issued HD57", NULL}, "HD", BILL_ORDER_JUMPS},
		{{"issued HD57", NULL}, "~58", BILL_ORDER_JUMPS},
		{{"issued HD57", NULL}, "HD9999999999999999", BILL_ORDER_JUMPS},
		{{"issued 0099", NULL}, "0100", BILL_ORDER_FOLLOWS},
		{{"issued 58-26", NULL}, "58-27", BILL_ORDER_FOLLOWS},
		{{"issued MH-57-26", NULL}, "MH-58-26", BILL_ORDER_FOLLOWS},
		{{"issued MH-57-2026", NULL}, "MH-58-2026", BILL_ORDER_FOLLOWS},
		{{"issued MH-57-26", NULL}, "MH-59-26", BILL_ORDER_JUMPS},
		{{"issued MH-57-26", "parked MH-58-26", NULL}, "MH-59-26", BILL_ORDER_FOLLOWS},
		{{"issued MH-57-25", NULL}, "MH-58-25", BILL_ORDER_JUMPS},
		{{"issued T1-25", NULL}, "T1-26", BILL_ORDER_FOLLOWS},
		{{"yesterday MH-57-26", NULL}, "MH-1-26", BILL_ORDER_FOLLOWS},
		/* the same bill again, or another of its number: no second sale */
		{{"issued HD57", "issued HD58", NULL}, "HD57", BILL_ORDER_FOLLOWS},
		{{"issued HD57", "parked HD60", NULL}, "HD60", BILL_ORDER_JUMPS},
		/* what came between fills, but for copies, and each number once */
		{{"issued HD57", "parked HD58", NULL}, "HD59", BILL_ORDER_FOLLOWS},
		{{"issued HD57", "kitchen HD58", NULL}, "HD59", BILL_ORDER_FOLLOWS},
		{{"issued HD57", "copy HD58", NULL}, "HD59", BILL_ORDER_JUMPS},
		{{"issued HD57", "parked HD58", "parked HD58", NULL}, "HD60", BILL_ORDER_JUMPS},
		{{"parked HD58", "issued HD57", NULL}, "HD59", BILL_ORDER_JUMPS},
		{{"issued HD57", "parked ~a1", NULL}, "HD59", BILL_ORDER_FOLLOWS},
		{{"issued HD57", "parked ~a1", NULL}, "HD60", BILL_ORDER_JUMPS},
		{{"issued HD57", "kitchen ~a1", NULL}, "HD59", BILL_ORDER_JUMPS},
		/* a figure that is always read as another: 49, then 60 and 61 for 50 and 51 */
		{{"issued HD49", "parked HD60", NULL}, "HD61", BILL_ORDER_JUMPS},
		{{"issued HD49", "parked HD60", "parked HD61", "parked HD62", NULL}, "HD63", BILL_ORDER_JUMPS},
		/* a person issued it: on from there */
		{{"issued HD49", "issued HD60", "parked HD61", NULL}, "HD62", BILL_ORDER_FOLLOWS},
		/* a new day */
		{{"yesterday HD57", NULL}, "HD1", BILL_ORDER_FOLLOWS},
		{{"yesterday HD57", NULL}, "HD58", BILL_ORDER_FOLLOWS},
		{{"yesterday 1121-57", NULL}, "1122-1", BILL_ORDER_FOLLOWS},
		{{"yesterday 1121-57", NULL}, "1122-2", BILL_ORDER_JUMPS},
		{{"yesterday 1121-57", "parked 1122-1", NULL}, "1122-2", BILL_ORDER_FOLLOWS},
		{{"yesterday HD57", "issued HD1", NULL}, "HD1", BILL_ORDER_FOLLOWS},
		{{"issued HD57", NULL}, "HD1", BILL_ORDER_JUMPS},
		{{"yesterday HD57", "issued HD1", NULL}, "HD57", BILL_ORDER_JUMPS},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (order(cases[i].papers, cases[i].bill_no) != cases[i].order)
			fail_msg("case %zu: %s", i, cases[i].bill_no);
}

static void the_number_it_was_measured_by_is_told(void **unused)
{
	static const char *const papers[] = {"issued A1", "issued B7", "parked B9", NULL};
	struct history history = history_of(papers);
	const char *last;

	(void)unused;
	assert_int_equal(bill_number_order(history.papers, history.count, "A3", TODAY, &last), BILL_ORDER_JUMPS);
	assert_string_equal(last, "A1");
	assert_int_equal(bill_number_order(history.papers, history.count, "C1", TODAY, &last), BILL_ORDER_JUMPS);
	assert_string_equal(last, "B7");
	assert_int_equal(bill_number_order(history.papers, 1, "B10", TODAY, &last), BILL_ORDER_FIRST);
	assert_null(last);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_that_was_read_follows_or_a_person_decides),
		cmocka_unit_test(the_number_it_was_measured_by_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
