#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* An address sanitizer sees nothing inside a chunk unless it is told: gaps between pieces make overruns visible to tests. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define ARENA_GAP 16
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ARENA_GAP				   0
#endif

#define ARENA_ALIGN	 _Alignof(max_align_t)
#define ARENA_CHUNK_MIN	 ((size_t)4096)
#define ARENA_CHUNK_MAX	 ((size_t)262144)
#define ARENA_PRINTF_TRY 256

struct chunk {
	struct chunk *next;
	size_t room;
	size_t used;
	_Alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct chunk *chunks; /* the newest first; only it has room to hand out */
	size_t max;
	size_t handed_out;
	size_t next_room;
};

struct arena *arena_new(size_t max)
{
	struct arena *arena = malloc(sizeof(*arena));

	if (arena)
		*arena = (struct arena){.max = max, .next_room = ARENA_CHUNK_MIN};
	return arena;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	while (arena->chunks) {
		struct chunk *chunk = arena->chunks;

		arena->chunks = chunk->next;
		ASAN_UNPOISON_MEMORY_REGION(chunk->data, chunk->room);
		free(chunk);
	}
	free(arena);
}

static bool add_chunk(struct arena *arena, size_t size)
{
	size_t room = arena->next_room > size + ARENA_GAP ? arena->next_room : size + ARENA_GAP;
	struct chunk *chunk = malloc(sizeof(*chunk) + room);

	if (!chunk)
		return false;
	chunk->next = arena->chunks;
	chunk->room = room;
	chunk->used = 0;
	ASAN_POISON_MEMORY_REGION(chunk->data, room);
	arena->chunks = chunk;
	if (arena->next_room < ARENA_CHUNK_MAX)
		arena->next_room *= 2;
	return true;
}

static size_t padding(const struct arena *arena, size_t align)
{
	return arena->chunks ? (align - arena->chunks->used % align) % align : 0;
}

static void *hand_out(struct arena *arena, size_t size, size_t align)
{
	size_t pad = padding(arena, align);
	unsigned char *out;

	/* The bound on size also keeps the sums below from wrapping round. */
	if (size > arena->max - arena->handed_out || size > SIZE_MAX / 2)
		return NULL;
	if (!arena->chunks || pad + size + ARENA_GAP > arena->chunks->room - arena->chunks->used) {
		if (!add_chunk(arena, size))
			return NULL;
		pad = 0;
	}
	out = arena->chunks->data + arena->chunks->used + pad;
	arena->chunks->used += pad + size + ARENA_GAP;
	arena->handed_out += size;
	ASAN_UNPOISON_MEMORY_REGION(out, size);
	return out;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	void *out = hand_out(arena, size, ARENA_ALIGN);

	if (out)
		memset(out, 0, size);
	return out;
}

char *arena_copy(struct arena *arena, const void *bytes, size_t len)
{
	char *out = len < SIZE_MAX ? hand_out(arena, len + 1, 1) : NULL;

	if (!out)
		return NULL;
	if (len > 0)
		memcpy(out, bytes, len);
	out[len] = '\0';
	return out;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	char first_try[ARENA_PRINTF_TRY];
	va_list args;
	char *out;
	int len;

	va_start(args, format);
	len = vsnprintf(first_try, sizeof(first_try), format, args);
	va_end(args);
	assert(len >= 0);
	if ((size_t)len < sizeof(first_try))
		return arena_copy(arena, first_try, (size_t)len);
	out = hand_out(arena, (size_t)len + 1, 1);
	if (!out)
		return NULL;
	va_start(args, format);
	vsnprintf(out, (size_t)len + 1, format, args);
	va_end(args);
	return out;
}
