/* arena: the memory of one sale; everything in it goes at once. */
#ifndef HOADON_BASE_ARENA_H
#define HOADON_BASE_ARENA_H

#include <stddef.h>

#include "base/cleanup.h"

struct arena;

/**
 * arena_new() - an empty arena
 * @max: bytes it may hand out in all; a request beyond it fails like malloc
 *
 * Return: the arena, to be freed with arena_free(); NULL without memory.
 * Thread: an arena belongs to one thread at a time.
 */
struct arena *arena_new(size_t max) MUST_CHECK;

/** arena_free() - free @arena and all it handed out; NULL is allowed. Thread: owner. */
void arena_free(struct arena *arena);
DEFINE_CLEANUP(struct arena *, arena_free)

/** arena_alloc() - @size zeroed bytes, aligned for any type; NULL when the maximum or memory is reached. Thread: owner. */
void *arena_alloc(struct arena *arena, size_t size) MUST_CHECK;

/** arena_copy() - a copy of @len bytes with a NUL behind them; NULL as arena_alloc(). Thread: owner. */
char *arena_copy(struct arena *arena, const void *bytes, size_t len) MUST_CHECK;

/** arena_strdup() - a copy of @text; NULL stays NULL. Thread: owner. */
char *arena_strdup(struct arena *arena, const char *text);

/** arena_printf() - formatted text; NULL as arena_alloc(). Thread: owner. */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3))) MUST_CHECK;

#define ARENA_NEW(arena, type)	    ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, n) ((type *)arena_alloc((arena), sizeof(type) * (n)))

#endif
