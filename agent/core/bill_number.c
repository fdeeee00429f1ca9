#include "core/bill_number.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 15

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The last digits of the first @end bytes. */
static bool read_before(const char *text, size_t end, struct bill_number *ret)
{
	if (text[0] == SALE_MADE_NUMBER)
		return false;
	while (end > 0 && !is_digit(text[end - 1]))
		end--;
	size_t at = end;
	while (at > 0 && is_digit(text[at - 1]))
		at--;
	if (at == end || end - at > DIGITS_MAX)
		return false;
	*ret = (struct bill_number){.text = text, .at = at, .len = end - at, .value = strtoll(text + at, NULL, 10)};
	return true;
}

bool bill_number_read(const char *text, struct bill_number *ret)
{
	return read_before(text, strlen(text), ret);
}

int bill_number_compare_series(const struct bill_number *a, const struct bill_number *b)
{
	size_t shorter = a->at < b->at ? a->at : b->at;
	int result = memcmp(a->text, b->text, shorter);
	if (result == 0)
		result = (a->at > b->at) - (a->at < b->at);
	return result ? result : strcmp(a->text + a->at + a->len, b->text + b->at + b->len);
}

/* ---- order ---- */

/* Of digits that stand as often behind @number the ones in front of them: "HD-57-26" has the series of "HD-58-26". */
static bool is_of_series(const struct bill_before *paper, const struct bill_number *number, struct bill_number *ret)
{
	size_t tail = strlen(number->text + number->at + number->len), len = strlen(paper->bill_no);
	return len >= tail && read_before(paper->bill_no, len - tail, ret) &&
	       bill_number_compare_series(ret, number) == 0;
}

/* Of a number that ends with the year of @day the digits in front of it. */
static bool read_before_year(const char *text, int32_t day, struct bill_number *ret)
{
	struct bill_number year;
	if (!bill_number_read(text, &year) || text[year.at + year.len] != '\0')
		return false;
	return ((year.len == 4 && year.value == day / 10000) || (year.len == 2 && year.value == day / 10000 % 100)) &&
	       read_before(text, year.at, ret);
}

/* Of @count papers the latest that is issued, of the series of @like; NULL: of any. @count: there is none. */
static size_t find_issued(const struct bill_before *before, size_t count, const struct bill_number *like)
{
	struct bill_number number;
	size_t i = 0;
	while (i < count && !(before[i].is_issued && before[i].kind == SALE_KIND_SALE &&
				    (!like || is_of_series(&before[i], like, &number))))
		i++;
	return i;
}

/* How many of the numbers between @last and @next came on @count papers, and how many papers may have had one that nobody could read. */
static int64_t count_between(
	const struct bill_before *before, size_t count, int64_t last, const struct bill_number *next)
{
	int64_t found = 0;
	for (size_t i = 0; i < count; i++) {
		struct bill_number number, other;
		bool is_known = is_of_series(&before[i], next, &number);
		size_t j = 0;
		if (!is_known)
			found += before[i].is_parked && !bill_number_read(before[i].bill_no, &other);
		if (!is_known || before[i].kind == SALE_KIND_REPRINT || number.value <= last ||
			number.value >= next->value)
			continue;
		while (j < i && !(before[j].kind != SALE_KIND_REPRINT && is_of_series(&before[j], next, &other) &&
					other.value == number.value))
			j++;
		found += j == i;
	}
	return found;
}

static bool goes_on(const struct bill_before *before, size_t count, int64_t last, const struct bill_number *next)
{
	return next->value > last && next->value - last - 1 <= count_between(before, count, last, next);
}

static bool is_issued(const struct bill_before *before, size_t count, const char *bill_no, int32_t day)
{
	for (size_t i = 0; i < count; i++)
		if (before[i].is_issued && before[i].day == day && strcmp(before[i].bill_no, bill_no) == 0)
			return true;
	return false;
}

static bool follows(const struct bill_before *before, size_t count, const struct bill_number *next, int32_t day)
{
	struct bill_number last;
	size_t any = find_issued(before, count, NULL), own = find_issued(before, count, next);
	if (own < count && is_of_series(&before[own], next, &last) && goes_on(before, own, last.value, next))
		return true;
	return day > before[any].day && goes_on(before, any, 0, next);
}

enum bill_order bill_number_order(
	const struct bill_before *before, size_t count, const char *bill_no, int32_t day, const char **ret_last)
{
	struct bill_number next;
	bool has_number = bill_number_read(bill_no, &next);
	size_t any = find_issued(before, count, NULL);
	size_t own = has_number ? find_issued(before, count, &next) : count;
	*ret_last = own < count ? before[own].bill_no : any < count ? before[any].bill_no : NULL;
	if (is_issued(before, count, bill_no, day))
		return BILL_ORDER_FOLLOWS;
	if (any == count)
		return BILL_ORDER_FIRST;
	if (has_number && follows(before, count, &next, day))
		return BILL_ORDER_FOLLOWS;
	return read_before_year(bill_no, day, &next) && follows(before, count, &next, day) ? BILL_ORDER_FOLLOWS
											   : BILL_ORDER_JUMPS;
}
