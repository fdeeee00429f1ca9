/* R-TILL-1, R-TILL-14: what is missing of a day, and what is not judged. */
#include "cases.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "core/missing.h"

#define DAY	 20261122
#define PAPERS	 200
#define MINUTE	 INT64_C(60000)
#define HOUR	 (60 * MINUTE)
#define AT(h, m) (clock_day_ms(DAY) + (h)*HOUR + (m)*MINUTE)

struct played {
	struct missing_paper papers[PAPERS];
	char numbers[PAPERS][24];
	struct missing_day day;
	struct arena *arena;
	struct missing *found;
	size_t count;
};

static int set_up(void **state)
{
	static struct played played;
	memset(&played, 0, sizeof(played));
	played.day = (struct missing_day){.day = DAY, .now_ms = AT(36, 0), .papers = played.papers};
	played.arena = arena_new(1 << 20);
	*state = &played;
	return played.arena ? 0 : -1;
}

static int tear_down(void **state)
{
	struct played *played = *state;
	arena_free(played->arena);
	return 0;
}

static struct missing_paper *print(
	struct played *played, const char *till_id, enum sale_kind kind, const char *number, int64_t at)
{
	size_t i = played->day.paper_count++;
	snprintf(played->numbers[i], sizeof(played->numbers[i]), "%s", number);
	played->papers[i] = (struct missing_paper){.till_id = till_id,
		.bill_no = played->numbers[i],
		.kind = kind,
		.day = clock_day(at),
		.at = at,
		.total = 50000 + (int64_t)i};
	return &played->papers[i];
}

static void print_bills(
	struct played *played, const char *till_id, const char *prefix, int width, int from, int to, int64_t at)
{
	char number[24];
	for (int n = from; n <= to; n++) {
		snprintf(number, sizeof(number), "%s%0*d", prefix, width, n);
		print(played, till_id, SALE_KIND_SALE, number, at + n * 1000);
	}
}

/* "kind first-last count" of all that was found, in order. */
static const char *find(struct played *played, char out[512])
{
	size_t len = 0;
	assert_int_equal(missing_find(&played->day, played->arena, &played->found, &played->count), 0);
	out[0] = '\0';
	for (size_t i = 0; i < played->count; i++) {
		const struct missing *at = &played->found[i];
		len += (size_t)snprintf(out + len, 512 - len, "%s%s %s %s%s%s %" PRId64, i ? "; " : "", at->till_id,
			missing_word((int)at->kind), at->first ? at->first : "",
			at->last && strcmp(at->first, at->last) != 0 ? "-" : "",
			at->last && strcmp(at->first, at->last) != 0 ? at->last : "", at->count);
	}
	return out;
}

static void a_gap_is_named_until_it_is_filled(void **state)
{
	struct played *played = *state;
	char text[512];
	print_bills(played, "T01", "HD", 6, 501, 503, AT(9, 0));
	print_bills(played, "T01", "HD", 6, 505, 510, AT(9, 0));
	print_bills(played, "T01", "HD", 6, 513, 520, AT(9, 0));
	assert_string_equal(find(played, text), "T01 gap HD000504 1; T01 gap HD000511-HD000512 2");
	print(played, "T01", SALE_KIND_SALE, "HD000504", AT(23, 0));
	print(played, "T01", SALE_KIND_VOID, "HD000511", AT(23, 1));	/* any paper with the number was seen */
	print(played, "T01", SALE_KIND_REPRINT, "HD000512", AT(23, 2)); /* but a copy of what nobody saw */
	assert_string_equal(find(played, text), "T01 gap HD000512 1");
}

static void the_example_of_the_law(void **state)
{
	struct played *played = *state;
	char text[512];
	print(played, "T01", SALE_KIND_SALE, "1041", AT(9, 0));
	print(played, "T01", SALE_KIND_SALE, "1043", AT(9, 1));
	assert_string_equal(find(played, text), "T01 gap 1042 1");
}

static void numbers_go_on_from_the_day_before_or_begin_again(void **state)
{
	struct played *played = *state;
	char text[512];
	print_bills(played, "T01", "HD", 1, 90, 99, AT(-40, 0));
	print_bills(played, "T01", "HD", 1, 101, 110, AT(9, 0));
	print_bills(played, "T02", "", 4, 1, 30, AT(-40, 0)); /* begins with 1 each day */
	print_bills(played, "T02", "", 4, 3, 9, AT(9, 0));
	print_bills(played, "T03", "B", 1, 1001, 1030, AT(-16, 0)); /* begins with 1001, or with what it likes */
	print_bills(played, "T03", "B", 1, 1005, 1009, AT(9, 0));
	print_bills(played, "T04", "20261121-", 3, 1, 9, AT(-16, 0)); /* the day is a part of the number */
	print_bills(played, "T04", "20261122-", 3, 4, 9, AT(9, 0));
	assert_string_equal(find(played, text), "T01 gap HD100 1; T02 gap 0001-0002 2");
}

static void tills_that_share_their_numbers_fill_each_other(void **state)
{
	struct played *played = *state;
	char text[512];
	for (int n = 1; n <= 40; n++)
		if (n != 17)
			print_bills(played, n % 3 ? "T01" : "T02", "HD", 3, n, n, AT(9, 0));
	assert_string_equal(find(played, text), "T01 gap HD017 1");
}

static void tills_with_the_same_numbers_count_for_themselves(void **state)
{
	struct played *played = *state;
	char text[512];
	print_bills(played, "T01", "", 3, 1, 10, AT(9, 0));
	print_bills(played, "T01", "", 3, 12, 20, AT(9, 0));
	print_bills(played, "T02", "", 3, 1, 20, AT(9, 0));
	assert_string_equal(find(played, text), "T01 gap 011 1");
}

static void numbers_that_make_no_series_are_not_judged(void **state)
{
	struct played *played = *state;
	char text[512];
	print(played, "T01", SALE_KIND_SALE, "A10", AT(9, 0));
	print(played, "T01", SALE_KIND_SALE, "A90", AT(9, 1));
	print(played, "T01", SALE_KIND_SALE, "A5000", AT(9, 2));
	print(played, "T02", SALE_KIND_SALE, "0012/2026", AT(9, 0)); /* the year is last */
	print(played, "T02", SALE_KIND_SALE, "0015/2026", AT(9, 1));
	print(played, "T03", SALE_KIND_SALE, "~5f0c9e1d", AT(9, 0));
	print(played, "T03", SALE_KIND_SALE, "99999999999999999999", AT(9, 0));
	print(played, "T04", SALE_KIND_SALE, "HD7", AT(9, 0)); /* one alone */
	assert_string_equal(
		find(played, text), "T01 numbers-not-judged  3; T02 numbers-not-judged  2; T03 numbers-not-judged  2");
}

static void a_pre_bill_is_followed_by_number_table_or_amount(void **state)
{
	struct played *played = *state;
	char text[512];
	struct missing_paper *slip;
	print(played, "T01", SALE_KIND_PRE_BILL, "HD1", AT(19, 0)); /* number */
	print(played, "T01", SALE_KIND_SALE, "HD1", AT(19, 30));
	print(played, "T01", SALE_KIND_PRE_BILL, "HD2", AT(19, 0)); /* split */
	print(played, "T01", SALE_KIND_SALE, "HD2/1", AT(19, 30));
	slip = print(played, "T01", SALE_KIND_PRE_BILL, "HD000000",
		AT(20, 0)); /* table; paid behind midnight at another till */
	slip->ticket.table = "ban 5";
	print(played, "T02", SALE_KIND_SALE, "X5", AT(24, 30))->ticket.table = "ban 5";
	slip = print(played, "T01", SALE_KIND_PRE_BILL, "HD000000", AT(20, 1)); /* amount */
	slip->total = 777000;
	print(played, "T01", SALE_KIND_SALE, "HD3", AT(20, 30))->total = 777000;
	slip = print(played, "T01", SALE_KIND_PRE_BILL, "HD000000", AT(20, 5));
	slip->ticket.table = "ban 7";
	print(played, "T01", SALE_KIND_SALE, "HD4", AT(18, 0))->ticket.table = "ban 7"; /* guests before them */
	print(played, "T01", SALE_KIND_PRE_BILL, "HD14", AT(20, 6));
	print(played, "T01", SALE_KIND_SALE, "HD140", AT(20, 7)); /* another number */
	find(played, text);
	assert_non_null(strstr(text, "T01 pre-bill HD000000 1; T01 pre-bill HD14 1"));
	assert_int_equal(played->count, 3);  /* and the series with 140 in it */
	played->papers[11].bill_no = "HD14"; /* entered the next day for this one */
	played->papers[11].at = AT(40, 0);
	assert_null(strstr(find(played, text), "HD14"));
	played->day.now_ms = AT(29, 59); /* the night is not over */
	assert_null(strstr(find(played, text), "pre-bill"));
}

static void slips_that_nothing_ties_to_bills_are_not_judged(void **state)
{
	struct played *played = *state;
	char text[512];
	print(played, "T01", SALE_KIND_PRE_BILL, "~1", AT(19, 0))->total = 90000;
	print(played, "T01", SALE_KIND_PRE_BILL, "~2", AT(19, 5));
	print(played, "T01", SALE_KIND_SALE, "HD1", AT(19, 6))->total =
		90000; /* by amount: proves nothing about the other */
	assert_string_equal(find(played, text), "T01 slips-not-judged  1");
}

static void a_kitchen_ticket_is_followed_by_table_or_dishes(void **state)
{
	static const char *const pho[] = {"pho bo"}, *const both[] = {"pho bo", "nuoc dua"}, *const com[] = {"com ga"};
	struct played *played = *state;
	char text[512];
	struct missing_paper *paper;
	paper = print(played, "T02", SALE_KIND_NO_SALE, "~1", AT(19, 0));
	paper->ticket = (struct missing_ticket){.is_kitchen = true, .table = "ban 1", .names = com, .name_count = 1};
	paper = print(played, "T02", SALE_KIND_NO_SALE, "~2", AT(19, 3));
	paper->ticket = (struct missing_ticket){.is_kitchen = true, .names = pho, .name_count = 1};
	print(played, "T02", SALE_KIND_NO_SALE, "~3", AT(19, 4)); /* a drawer: no ticket */
	paper = print(played, "T01", SALE_KIND_SALE, "HD1", AT(18, 58));
	paper->ticket = (struct missing_ticket){.names = both, .name_count = 2};
	assert_string_equal(find(played, text), "T02 kitchen ban 1 1");
	paper->ticket.table = "ban 1";
	assert_string_equal(find(played, text), "");
	played->papers[1].ticket.names = both;
	played->papers[1].ticket.name_count = 2;
	paper->ticket.name_count = 1; /* a part of it is no bill of it */
	assert_string_equal(find(played, text), "T02 kitchen  1");
	paper->ticket.table = NULL; /* nothing shows any more that bills bear tables */
	assert_string_equal(find(played, text), "T02 slips-not-judged  2");
}

static void hours_without_paper_are_silent_where_the_shop_says_that_it_is_open(void **state)
{
	static const struct missing_till tills[] = {{"T01", 8, 12}, {"T02", 0, 0}};
	struct played *played = *state;
	char text[512];
	played->day.tills = tills;
	played->day.till_count = 2;
	assert_string_equal(find(played, text), "");
	print(played, "T01", SALE_KIND_SALE, "HD0", AT(0, 30)); /* a day off behind a long evening, */
	print(played, "T01", SALE_KIND_SALE, "HD9", AT(9, 30))->day =
		DAY - 1; /* on which somebody enters what was missing */
	assert_string_equal(find(played, text), "");
	played->day.paper_count = 0;
	print(played, "T01", SALE_KIND_SALE, "HD1", AT(8, 59));
	print(played, "T01", SALE_KIND_NO_SALE, "~1", AT(11, 0));
	assert_string_equal(find(played, text), "T01 silent  2");
	assert_int_equal(played->found[0].from, AT(9, 0));
	assert_int_equal(played->found[0].to, AT(11, 0));
	played->day.now_ms = AT(10, 59); /* this hour may still bring something */
	assert_string_equal(find(played, text), "T01 silent  1");
}

static void what_was_not_recorded_is_a_bypass(void **state)
{
	static const struct missing_till tills[] = {{"T01", 8, 12}, {"T02", 0, 0}};
	static struct missing_down downs[3];
	struct played *played = *state;
	char text[512];
	downs[0] = (struct missing_down){AT(-2, 0), AT(7, 59)}; /* by night */
	downs[1] = (struct missing_down){AT(9, 0), AT(9, 4)};	/* a start */
	downs[2] = (struct missing_down){AT(9, 30), AT(10, 15)};
	played->day.tills = tills;
	played->day.till_count = 2;
	played->day.downs = downs;
	played->day.down_count = 3;
	print_bills(played, "T01", "HD", 1, 8, 8, AT(8, 30));
	print_bills(played, "T01", "HD", 1, 9, 9, AT(11, 30));
	print_bills(played, "T02", "X", 1, 1, 1, AT(10, 0));
	print_bills(played, "T02", "X", 1, 2, 2, AT(10, 30));
	assert_string_equal(find(played, text), "T01 bypass  45; T02 bypass  14; T02 hours-not-judged  0");
	assert_int_equal(played->found[0].from, AT(9, 30));
	assert_int_equal(played->found[1].to, AT(10, 15));
}

static void every_kind_has_its_words(void **state)
{
	(void)state;
	for (int i = 0; i < MISSING_KIND_COUNT; i++) {
		assert_string_not_equal(missing_word(i), "?");
		assert_string_not_equal(missing_text(i, true), missing_text(i, false));
	}
	assert_string_equal(missing_word(MISSING_KIND_COUNT), "?");
	assert_string_equal(missing_text(-1, true), "?");
	assert_true(missing_is_judged(MISSING_BYPASS));
	assert_false(missing_is_judged(MISSING_NUMBERS));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_gap_is_named_until_it_is_filled),
		TEST(the_example_of_the_law),
		TEST(numbers_go_on_from_the_day_before_or_begin_again),
		TEST(tills_that_share_their_numbers_fill_each_other),
		TEST(tills_with_the_same_numbers_count_for_themselves),
		TEST(numbers_that_make_no_series_are_not_judged),
		TEST(a_pre_bill_is_followed_by_number_table_or_amount),
		TEST(slips_that_nothing_ties_to_bills_are_not_judged),
		TEST(a_kitchen_ticket_is_followed_by_table_or_dishes),
		TEST(hours_without_paper_are_silent_where_the_shop_says_that_it_is_open),
		TEST(what_was_not_recorded_is_a_bypass),
		cmocka_unit_test(every_kind_has_its_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
