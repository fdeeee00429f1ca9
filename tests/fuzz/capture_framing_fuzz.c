/*
 * Any bytes at a serial line whose till sends blocks: whole and in pieces the same comes out, what comes out stands in what went in, packed again it comes
 * out as it was, and no till is left without a word for ever. The first byte: the pieces.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "capture/framing.h"

#define OUT_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(struct framing *framing, const uint8_t *bytes, size_t size, size_t step, struct bytes *data,
	struct bytes *answers)
{
	for (size_t at = 0; at < size; at += step)
		framing_feed(framing, bytes + at, size - at < step ? size - at : step, data, answers);
	framing_silent(framing, answers);
	assert(!framing_is_open(framing));
	framing_feed(framing, (const uint8_t *)"\x05", 1, data, answers);
	assert(answers->len > 0 && answers->data[answers->len - 1] == 0x06 && answers->len <= size + 2);
}

static void pack(const uint8_t *data, size_t len, struct bytes *out)
{
	uint8_t head[] = {0x02, (uint8_t)(len / 1000 << 4 | len / 100 % 10), (uint8_t)(len / 10 % 10 << 4 | len % 10)};
	uint8_t tail[] = {0x03, (uint8_t)(head[1] ^ head[2] ^ 0x03)};

	for (size_t i = 0; i < len; i++)
		tail[1] ^= data[i];
	bytes_append(out, head, sizeof(head));
	bytes_append(out, data, len);
	bytes_append(out, tail, sizeof(tail));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct framing whole = {0}, pieces = {0}, again = {0};
	BYTES_CLEANUP struct bytes one = {.max = OUT_MAX}, other = {.max = OUT_MAX}, answers = {.max = OUT_MAX},
				   words = {.max = OUT_MAX}, packed = {.max = OUT_MAX};

	if (size == 0)
		return 0;
	take(&whole, data + 1, size - 1, size, &one, &answers);
	take(&pieces, data + 1, size - 1, data[0] % 7 + 1, &other, &words);
	assert(one.len == other.len && (one.len == 0 || memcmp(one.data, other.data, one.len) == 0));
	assert(answers.len == words.len && memcmp(answers.data, words.data, words.len) == 0);
	assert(one.len < size);
	for (size_t at = 0; at < one.len; at += FRAMING_DATA_MAX)
		pack(one.data + at, one.len - at < FRAMING_DATA_MAX ? one.len - at : FRAMING_DATA_MAX, &packed);
	bytes_clear(&other);
	framing_feed(&again, packed.data, packed.len, &other, &words);
	assert(other.len == one.len && (one.len == 0 || memcmp(one.data, other.data, one.len) == 0));
	assert(!framing_ends_torn(&again));
	return 0;
}
