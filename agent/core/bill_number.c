#include "core/bill_number.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 15

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool bill_number_read(const char *text, struct bill_number *ret)
{
	size_t end = strlen(text);
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

int bill_number_compare_series(const struct bill_number *a, const struct bill_number *b)
{
	size_t shorter = a->at < b->at ? a->at : b->at;
	int result = memcmp(a->text, b->text, shorter);
	if (result == 0)
		result = (a->at > b->at) - (a->at < b->at);
	return result ? result : strcmp(a->text + a->at + a->len, b->text + b->at + b->len);
}

/* ---- order ---- */

static bool is_of_series(const struct bill_before *paper, const struct bill_number *number, struct bill_number *ret)
{
	return bill_number_read(paper->bill_no, ret) && bill_number_compare_series(ret, number) == 0;
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

enum bill_order bill_number_order(
	const struct bill_before *before, size_t count, const char *bill_no, int32_t day, const char **ret_last)
{
	struct bill_number next, last;
	bool has_number = bill_number_read(bill_no, &next);
	size_t any = find_issued(before, count, NULL);
	size_t own = has_number ? find_issued(before, count, &next) : count;
	*ret_last = own < count ? before[own].bill_no : any < count ? before[any].bill_no : NULL;
	if (is_issued(before, count, bill_no, day))
		return BILL_ORDER_FOLLOWS;
	if (any == count)
		return BILL_ORDER_FIRST;
	if (has_number && own < count && is_of_series(&before[own], &next, &last) &&
		goes_on(before, own, last.value, &next))
		return BILL_ORDER_FOLLOWS;
	return has_number && day > before[any].day && goes_on(before, any, 0, &next) ? BILL_ORDER_FOLLOWS
										     : BILL_ORDER_JUMPS;
}
