#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>
#include <string.h>

#include "base/arena.h"

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	unsigned char *pieces[200];

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		pieces[i] = arena_alloc(arena, i + 1);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
		for (size_t k = 0; k <= i; k++)
			assert_int_equal(pieces[i][k], 0);
		memset(pieces[i], (int)i + 1, i + 1);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t k = 0; k <= i; k++)
			assert_int_equal(pieces[i][k], i + 1);
}

static void the_maximum_is_exact(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(100);

	(void)state;
	assert_non_null(arena_alloc(arena, 60));
	assert_null(arena_alloc(arena, 41));
	assert_non_null(arena_alloc(arena, 40));
	assert_null(arena_alloc(arena, 1));
	assert_null(arena_copy(arena, "", 0));
}

static void absurd_sizes_fail_like_malloc(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(SIZE_MAX);

	(void)state;
	assert_null(arena_alloc(arena, SIZE_MAX));
	assert_null(arena_alloc(arena, SIZE_MAX - 8));
	assert_null(arena_copy(arena, "x", SIZE_MAX));
	assert_non_null(arena_alloc(arena, 3 << 20));
	assert_non_null(arena_alloc(arena, 8));
}

static void copies_end_with_nul(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1000);
	char *copy = arena_copy(arena, "ab\0cd", 5);

	(void)state;
	assert_memory_equal(copy, "ab\0cd", 6);
	assert_string_equal(arena_copy(arena, NULL, 0), "");
	assert_string_equal(arena_strdup(arena, "hoá đơn"), "hoá đơn");
	assert_null(arena_strdup(arena, NULL));
}

static void formatted_text_may_be_short_or_long(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(2000);
	char *longer = arena_printf(arena, "%0300d|", 7);

	(void)state;
	assert_string_equal(arena_printf(arena, "%s-%d", "K26MTT", 12), "K26MTT-12");
	assert_int_equal(strlen(longer), 301);
	assert_string_equal(longer + 298, "07|");
	assert_null(arena_printf(arena, "%01999d", 1));
}

static void no_arena_is_nothing_to_free(void **state)
{
	(void)state;
	arena_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(the_maximum_is_exact),
		cmocka_unit_test(absurd_sizes_fail_like_malloc),
		cmocka_unit_test(copies_end_with_nul),
		cmocka_unit_test(formatted_text_may_be_short_or_long),
		cmocka_unit_test(no_arena_is_nothing_to_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
