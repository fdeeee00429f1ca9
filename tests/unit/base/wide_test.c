#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>

#include "base/wide.h"

#define TWO_63 ((uint64_t)1 << 63)

static const int64_t edges[] = {0, 1, -1, 2, -2, 3, 10, 99, 100, INT64_C(0x7fffffff), INT64_C(0x80000000),
	INT64_C(0xffffffff), INT64_C(0x100000000), -INT64_C(0x100000000), INT64_C(0x7fffffff00000000),
	INT64_C(0x7fffffff80000000), 999999999999999, -999999999999999, 1000000000000000, INT64_MAX - 1, INT64_MAX,
	INT64_MIN + 1, INT64_MIN};

static void assert_is(struct wide value, int64_t high, uint64_t low)
{
	if (value.high != high || value.low != low)
		fail_msg("%" PRId64 ", %" PRIu64 " instead of %" PRId64 ", %" PRIu64, value.high, value.low, high, low);
	assert_true(value.high == high && value.low == low);
}

/* Multiplied by hand: (2^63 - 1)² = 2^126 - 2^64 + 1; 2^63 × (2^63 - 1) = 2^126 - 2^63; (2^32 + 1)² = 2^64 + 2^33 + 1. */
static void a_product_has_all_its_digits(void **state)
{
	(void)state;
	assert_is(wide_times(0, INT64_MIN), 0, 0);
	assert_is(wide_times(-1, 1), -1, UINT64_MAX);
	assert_is(wide_times(-1, -1), 0, 1);
	assert_is(wide_times(INT64_MAX, INT64_MAX), ((int64_t)1 << 62) - 1, 1);
	assert_is(wide_times(INT64_MIN, INT64_MIN), (int64_t)1 << 62, 0);
	assert_is(wide_times(INT64_MIN, INT64_MAX), -((int64_t)1 << 62), TWO_63);
	assert_is(wide_times(INT64_MIN, -1), 0, TWO_63);
	assert_is(wide_times(INT64_C(0x100000001), INT64_C(0x100000001)), 1, INT64_C(0x200000001));
	/* 999,999,999,999,999 × 1,000,000,000,000 = 10^27 - 10^12 = 54210108 × 2^64 + 11515844246265065472 */
	assert_is(wide_times(999999999999999, 1000000000000), 54210108, UINT64_C(11515844246265065472));
}

static void sums_carry_and_borrow(void **state)
{
	struct wide sum = {0};

	(void)state;
	assert_is(wide_of(INT64_MIN), -1, TWO_63);
	assert_is(wide_plus((struct wide){0, UINT64_MAX}, wide_of(1)), 1, 0);
	assert_is(wide_plus((struct wide){0, UINT64_MAX}, (struct wide){0, UINT64_MAX}), 1, UINT64_MAX - 1);
	assert_is(wide_minus((struct wide){1, 0}, wide_of(1)), 0, UINT64_MAX);
	assert_is(wide_minus(wide_of(0), wide_of(1)), -1, UINT64_MAX);
	assert_is(wide_plus((struct wide){INT64_MAX, UINT64_MAX}, wide_of(1)), INT64_MIN, 0);
	/* 10,000 amounts of 15 digits: more than 64 bits hold */
	for (int i = 0; i < 10000; i++)
		wide_add(&sum, 999999999999999);
	assert_is(sum, 0, UINT64_C(9999999999999990000));
	for (int i = 0; i < 20000; i++)
		wide_add(&sum, -999999999999999);
	assert_is(sum, -1, 0 - UINT64_C(9999999999999990000));
}

static void the_order_is_that_of_numbers(void **state)
{
	static const struct wide rising[] = {{INT64_MIN, 0}, {INT64_MIN, UINT64_MAX}, {-1, 0}, {-1, UINT64_MAX}, {0, 0},
		{0, 1}, {0, TWO_63}, {0, UINT64_MAX}, {1, 0}, {INT64_MAX, UINT64_MAX}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rising); i++)
		for (size_t j = 0; j < ARRAY_LEN(rising); j++)
			assert_int_equal(wide_compare(rising[i], rising[j]), (i > j) - (i < j));
}

static void what_does_not_fit_is_not_cut_off(void **state)
{
	static const struct wide outside[] = {
		{0, TWO_63}, {1, 0}, {-1, TWO_63 - 1}, {-2, UINT64_MAX}, {INT64_MIN, 0}, {1, 5}};
	int64_t value = 77;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(outside); i++)
		assert_false(wide_narrow(outside[i], &value));
	assert_true(value == 77);
	for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
		assert_true(wide_narrow(wide_of(edges[i]), &value));
		assert_true(value == edges[i]);
	}
}

/* Law R-RND-2: half away from zero. */
static void division_rounds_half_away_from_zero(void **state)
{
	static const int64_t cases[][3] = {{0, 3, 0}, {1, 2, 1}, {-1, 2, -1}, {1, 3, 0}, {2, 3, 1}, {-2, 3, -1},
		{3, 2, 2}, {-3, 2, -2}, {5, 2, 3}, {-5, 2, -3}, {7, 7, 1}, {49, 100, 0}, {50, 100, 1}, {-49, 100, 0},
		{-50, 100, -1}, {4, 8, 1}, {3, 8, 0}, {INT64_MAX, 1, INT64_MAX}, {INT64_MIN, 1, INT64_MIN},
		{INT64_MAX - 1, INT64_MAX, 1}, {INT64_MAX / 2, INT64_MAX, 0}, {INT64_MAX / 2 + 1, INT64_MAX, 1},
		{INT64_MIN, INT64_MAX, -1}, {INT64_MIN, 2, INT64_MIN / 2}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t rounded = 77;

		assert_true(wide_round(wide_of(cases[i][0]), cases[i][1], &rounded));
		if (rounded != cases[i][2])
			fail_msg("%" PRId64 " / %" PRId64 " gave %" PRId64, cases[i][0], cases[i][1], rounded);
	}
}

/* 2^63 is the first that does not fit, -2^63 the last that does. */
static void a_quotient_that_does_not_fit_is_said(void **state)
{
	const struct wide most = wide_times(INT64_MAX, 7), beyond = wide_times(INT64_MIN, -7),
			  least = wide_times(INT64_MIN, 7);
	int64_t quotient = 77, rest = 78;

	(void)state;
	assert_false(wide_divide(beyond, 7, &quotient, &rest));
	assert_false(wide_divide((struct wide){7, 0}, 7, &quotient, &rest));
	assert_false(wide_divide((struct wide){INT64_MIN, 0}, INT64_MAX, &quotient, &rest));
	assert_false(wide_round(wide_plus(most, wide_of(4)), 7, &quotient));
	assert_false(wide_round(wide_minus(least, wide_of(4)), 7, &quotient));
	assert_true(quotient == 77 && rest == 78);
	assert_true(wide_divide(wide_plus(most, wide_of(6)), 7, &quotient, &rest));
	assert_true(quotient == INT64_MAX && rest == 6);
	assert_true(wide_round(wide_plus(most, wide_of(3)), 7, &quotient));
	assert_true(quotient == INT64_MAX);
	assert_true(wide_divide(wide_minus(least, wide_of(6)), 7, &quotient, &rest));
	assert_true(quotient == INT64_MIN && rest == -6);
	assert_true(wide_round(wide_minus(least, wide_of(3)), 7, &quotient));
	assert_true(quotient == INT64_MIN);
	/* 10^27 - 10^12 by 10^12 + 1: 999,999,999,999,000 and 1,000 over 999,999,999,999,000 × (10^12 + 1) */
	assert_true(wide_divide(wide_times(999999999999999, 1000000000000), 1000000000001, &quotient, &rest));
	assert_true(quotient == 999999999998999 && rest == 1001);
}

#ifdef __SIZEOF_INT128__ /* where the compiler has such numbers they are another opinion */

static struct wide from(__int128 value)
{
	return (struct wide){.high = (int64_t)(value >> 64), .low = (uint64_t)value};
}

static __int128 back(struct wide value)
{
	return (__int128)((unsigned __int128)(uint64_t)value.high << 64 | value.low);
}

static __int128 wrapped_sum(__int128 a, __int128 b)
{
	return (__int128)((unsigned __int128)a + (unsigned __int128)b);
}

static void assert_division(__int128 n, int64_t d)
{
	__int128 whole = n / d, over = n % d, rounded = whole + (over < 0 ? -over * 2 >= d ? -1 : 0 : over * 2 >= d);
	int64_t quotient = 77, rest = 78;
	bool fits = wide_divide(from(n), d, &quotient, &rest);

	assert_true(fits == (whole == (int64_t)whole));
	assert_true(fits ? quotient == whole && rest == over : quotient == 77 && rest == 78);
	quotient = 77;
	fits = wide_round(from(n), d, &quotient);
	assert_true(fits == (rounded == (int64_t)rounded));
	assert_true(quotient == (fits ? rounded : 77));
}

static void assert_all(int64_t a, int64_t b, __int128 m, __int128 n)
{
	int64_t narrow = 77;
	bool fits = wide_narrow(from(n), &narrow);

	assert_true(back(wide_of(a)) == a);
	assert_true(back(wide_times(a, b)) == (__int128)a * b);
	assert_true(back(wide_plus(from(m), from(n))) == wrapped_sum(m, n));
	assert_true(back(wide_minus(from(m), from(n))) == wrapped_sum(m, (__int128)(0 - (unsigned __int128)n)));
	assert_int_equal(wide_compare(from(m), from(n)), (m > n) - (m < n));
	assert_true(fits == (n == (int64_t)n) && narrow == (fits ? n : 77));
	if (b > 0) {
		assert_division(a, b);
		assert_division(n, b);
		assert_division((__int128)a * b, b);
		assert_division((__int128)a * b + b / 2, b);
		assert_division((__int128)a * b - b / 2, b);
		assert_division((__int128)a * b + (b - 1), b);
	}
}

static int64_t next(uint64_t *seed)
{
	uint64_t high = *seed = *seed * 6364136223846793005U + 1442695040888963407U;
	uint64_t low = *seed = *seed * 6364136223846793005U + 1442695040888963407U;

	return (int64_t)((high & ~UINT64_C(0xffffffff)) | low >> 32);
}

/* Of each length: money is short, an error may be where a half begins or ends. */
static int64_t of_some_length(uint64_t *seed)
{
	unsigned int bits = (uint64_t)next(seed) % 64;

	return next(seed) >> bits;
}

static void the_compilers_own_numbers_say_the_same(void **state)
{
	uint64_t seed = 20261130;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edges); i++)
		for (size_t j = 0; j < ARRAY_LEN(edges); j++) {
			assert_all(edges[i], edges[j], (__int128)edges[i] * edges[j], edges[j]);
			assert_all(edges[i], edges[j], edges[i], (__int128)edges[j] * edges[i] + edges[j]);
		}
	for (int i = 0; i < 200000; i++) {
		int64_t a = of_some_length(&seed), b = of_some_length(&seed);
		__int128 m = back((struct wide){of_some_length(&seed), (uint64_t)next(&seed)});

		assert_all(a, b, m, back((struct wide){of_some_length(&seed), (uint64_t)next(&seed)}));
		assert_all(a, b, m, m);
	}
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_product_has_all_its_digits),
		cmocka_unit_test(sums_carry_and_borrow),
		cmocka_unit_test(the_order_is_that_of_numbers),
		cmocka_unit_test(what_does_not_fit_is_not_cut_off),
		cmocka_unit_test(division_rounds_half_away_from_zero),
		cmocka_unit_test(a_quotient_that_does_not_fit_is_said),
#ifdef __SIZEOF_INT128__
		cmocka_unit_test(the_compilers_own_numbers_say_the_same),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
