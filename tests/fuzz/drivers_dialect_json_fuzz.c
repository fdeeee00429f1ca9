/*
 * Any bytes as a sale: no crash, one byte at a time equals all at once, and what is accepted is written as JSON that is read as
 * the same sale. Corpus: tests/data/hostile-api/base.json and the bodies that gen.py builds.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "core/rules.h"
#include "drivers/drivers.h"

#define BODY_MAX   ((size_t)262144)
#define ARENA_ROOM ((size_t)64 << 20)
#define NOW_MS	   INT64_C(1795327200000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_sale(
	const uint8_t *data, size_t size, size_t step, struct arena *arena, struct sale *ret, struct problem *problem)
{
	void *state = calloc(1, dialect_json.state_size);
	int fed = 0;
	int result;

	assert(state);
	for (size_t at = 0; at < size && fed == 0; at += step)
		fed = dialect_json.feed(state, data + at, size - at < step ? size - at : step, BODY_MAX * 4, problem);
	result = dialect_json.flush(state, arena, ret, problem);
	free(state);
	return result;
}

/* A sale that was read is read again from what we write of it. */
static void check_round_trip(const struct sale *sale, struct arena *arena)
{
	BYTES_CLEANUP struct bytes first;
	BYTES_CLEANUP struct bytes second;
	struct sale again = {.total = 0};
	struct problem problem = {0};

	bytes_init(&first, ARENA_ROOM);
	bytes_init(&second, ARENA_ROOM);
	sale_write(sale, &first);
	assert(!first.failed);
	assert(read_sale(first.data, first.len, first.len, arena, &again, &problem) == 0);
	sale_write(&again, &second);
	assert(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct till tills[] = {{.id = "T01"}};
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_ROOM);
	struct seller seller = {.form = 1, .generic_names = "tiền ăn", .tills = tills, .till_count = 1};
	struct sale sale = {.total = 0};
	struct problem whole = {0};
	struct problem parts = {0};
	int result;

	assert(arena);
	if (size > BODY_MAX)
		return 0;
	result = read_sale(data, size, size + 1, arena, &sale, &whole);
	assert(result == (int)whole.code);
	if (size < 4096)
		assert(read_sale(data, size, 1, arena, &sale, &parts) == result &&
			memcmp(&whole, &parts, sizeof(whole)) == 0);
	if (result != 0)
		return 0;
	check_round_trip(&sale, arena);
	for (seller.form = 1; seller.form <= 2; seller.form++)
		assert(rules_check(&sale, &seller, NOW_MS, &whole) >= 0);
	return 0;
}
