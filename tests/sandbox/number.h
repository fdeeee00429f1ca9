/* number: decimals as on paper, for the sums of format 2.3; written apart from the product, and the same on every processor */
#ifndef SANDBOX_NUMBER_H
#define SANDBOX_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUMBER_PARTS 9	     /* digits by sixes: the product of two values of format 2.2 has 42 before the point */
#define NUMBER_BASE  1000000 /* of a part */

/** struct number - parts[0] are millionths, parts[1] units, parts[2] millions, …; {0} is 0 */
struct number {
	bool is_negative;
	uint32_t parts[NUMBER_PARTS];
};

/** number_parse() - read "-?digits[.digits]" of at most 21 digits, 6 decimals (format 2.2); false when it is not that */
bool number_parse(const char *text, struct number *ret);

/** number_of() - @millionths as a number, not negative */
struct number number_of(int64_t millionths);

/** number_whole() - the whole part of @n, the fraction cut off; 0 when it does not fit into 63 bits */
int64_t number_whole(struct number n);

/** number_show() - @n as text, with six decimals when it is not whole */
void number_show(struct number n, char *out, size_t size);

/** number_negated(), number_plus(), number_minus() - -@n, @a + @b, @a - @b */
struct number number_negated(struct number n);
struct number number_plus(struct number a, struct number b);
struct number number_minus(struct number a, struct number b);

/** number_hundredth() - @n / 100; what is less than a millionth is cut off */
struct number number_hundredth(struct number n);

/** number_times() - @a × @b rounded half away from zero to a whole number (format 2.3 rule 2); false when it is too long */
bool number_times(struct number a, struct number b, struct number *ret);

/** number_compare_sizes() - < 0, 0, > 0 as |@a| is less than, equal to or more than |@b| */
int number_compare_sizes(struct number a, struct number b);

/** number_is_whole() - without a fraction */
bool number_is_whole(struct number n);

#endif
