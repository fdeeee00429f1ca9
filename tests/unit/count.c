/*
 * Counts the assertions that really ran. The linker sends cmocka's checks through here (--wrap), so a test that asserts nothing
 * shows as 0. Printed at exit as `assertions=N`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static unsigned long count;

__attribute__((destructor)) static void print_count(void)
{
	printf("assertions=%lu\n", count);
}

#define WRAP(name, params, args)                                                                                       \
	void __real_##name params;                                                                                     \
	void __wrap_##name params;                                                                                     \
	void __wrap_##name params                                                                                      \
	{                                                                                                              \
		count++;                                                                                               \
		__real_##name args;                                                                                    \
	}

WRAP(_assert_true, (const LargestIntegralType r, const char *const e, const char *const f, const int l), (r, e, f, l))
WRAP(_assert_int_equal, (const LargestIntegralType a, const LargestIntegralType b, const char *const f, const int l),
	(a, b, f, l))
WRAP(_assert_int_not_equal,
	(const LargestIntegralType a, const LargestIntegralType b, const char *const f, const int l), (a, b, f, l))
WRAP(_assert_string_equal, (const char *const a, const char *const b, const char *const f, const int l), (a, b, f, l))
WRAP(_assert_string_not_equal, (const char *const a, const char *const b, const char *f, const int l), (a, b, f, l))
WRAP(_assert_memory_equal, (const void *const a, const void *const b, const size_t s, const char *const f, const int l),
	(a, b, s, f, l))
WRAP(_assert_memory_not_equal,
	(const void *const a, const void *const b, const size_t s, const char *const f, const int l), (a, b, s, f, l))
WRAP(_assert_in_range,
	(const LargestIntegralType v, const LargestIntegralType a, const LargestIntegralType b, const char *const f,
		const int l),
	(v, a, b, f, l))
