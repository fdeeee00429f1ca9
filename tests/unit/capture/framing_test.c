/* STX length data ETX LRC, with what goes wrong on a wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/framing.h"

#define ROOM	 40000
#define ACK_TEXT "\x06"
#define NAK_TEXT "\x15"

struct line {
	struct framing framing;
	struct bytes data, answers;
};

static int set_up(void **state)
{
	struct line *line = calloc(1, sizeof(*line));

	bytes_init(&line->data, ROOM);
	bytes_init(&line->answers, ROOM);
	*state = line;
	return 0;
}

static int tear_down(void **state)
{
	struct line *line = *state;

	bytes_done(&line->data);
	bytes_done(&line->answers);
	free(line);
	return 0;
}

static size_t pack(uint8_t *out, const void *data, size_t len)
{
	uint8_t lrc = 0;

	out[0] = 0x02;
	out[1] = (uint8_t)(len / 1000 << 4 | len / 100 % 10);
	out[2] = (uint8_t)(len / 10 % 10 << 4 | len % 10);
	memcpy(out + 3, data, len);
	out[3 + len] = 0x03;
	for (size_t i = 1; i < len + 4; i++)
		lrc ^= out[i];
	out[len + 4] = lrc;
	return len + 5;
}

static void feed(struct line *line, const void *bytes, size_t len)
{
	framing_feed(&line->framing, bytes, len, &line->data, &line->answers);
}

static void check(struct line *line, const char *data, const char *answers)
{
	assert_int_equal(line->data.len, strlen(data));
	assert_memory_equal(line->data.data, data, strlen(data));
	assert_int_equal(line->answers.len, strlen(answers));
	assert_memory_equal(line->answers.data, answers, strlen(answers));
}

static void right_blocks_are_unpacked(void **state)
{
	struct line *line = *state;
	uint8_t block[FRAMING_DATA_MAX + 5], long_data[FRAMING_DATA_MAX];
	size_t len = pack(block, "a\x02\x03\x04\x05z", 6);

	feed(line, "\x05", 1);
	for (size_t i = 0; i < len; i++)
		feed(line, block + i, 1);
	check(line, "a\x02\x03\x04\x05z", ACK_TEXT ACK_TEXT);
	len = pack(block, "", 0);
	feed(line, block, len);
	feed(line, "\x04", 1);
	check(line, "a\x02\x03\x04\x05z", ACK_TEXT ACK_TEXT ACK_TEXT);
	assert_false(framing_ends_torn(&line->framing));
	memset(long_data, 3, sizeof(long_data));
	feed(line, block, pack(block, long_data, sizeof(long_data)));
	assert_int_equal(line->data.len, 6 + sizeof(long_data));
	assert_false(framing_ends_torn(&line->framing) || framing_is_open(&line->framing));
}

static void a_block_that_changed_on_the_wire_is_asked_for_again(void **state)
{
	struct line *line = *state;
	uint8_t block[32];
	size_t len = pack(block, "29.000", 6);

	block[4] ^= 1;
	feed(line, block, len);
	check(line, "", NAK_TEXT);
	assert_true(framing_ends_torn(&line->framing));
	block[4] ^= 1;
	feed(line, block, len);
	check(line, "29.000", NAK_TEXT ACK_TEXT);
	assert_false(framing_ends_torn(&line->framing));
}

static void a_block_that_is_given_up_is_missed(void **state)
{
	struct line *line = *state;
	uint8_t block[32];
	size_t len = pack(block, "29.000", 6);

	block[len - 1] ^= 1;
	for (int i = 0; i < FRAMING_TRIES; i++)
		feed(line, block, len);
	check(line, "", NAK_TEXT NAK_TEXT NAK_TEXT);
	feed(line, block, pack(block, "next", 4));
	check(line, "next", NAK_TEXT NAK_TEXT NAK_TEXT ACK_TEXT);
	assert_true(line->framing.is_torn && framing_ends_torn(&line->framing));
}

static void an_end_behind_a_refused_block_is_one_too_early(void **state)
{
	struct line *line = *state;
	uint8_t block[32];
	size_t len = pack(block, "29.000", 6);

	block[len - 1] ^= 1;
	feed(line, block, len);
	assert_false(line->framing.is_torn);
	feed(line, "\x04", 1);
	assert_true(line->framing.is_torn);
}

static void what_is_no_block_is_over_when_the_till_is_silent(void **state)
{
	static const char *const junk[] = {"x\x05\x02",
		"\x02\x1a\x01"
		"abc",
		"\x02\x01\xf0"
		"abc",
		"\x02\x01"
		"9ab",
		"\x02\x00\x03"
		"abcd\x05",
		"\x02"};
	static const size_t lens[] = {3, 6, 6, 5, 8, 1};
	struct line *line = *state;
	uint8_t block[32];

	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		line->framing = (struct framing){0};
		bytes_clear(&line->data);
		bytes_clear(&line->answers);
		feed(line, junk[i], lens[i]);
		check(line, "", "");
		assert_true(framing_is_open(&line->framing) && framing_ends_torn(&line->framing));
		framing_silent(&line->framing, &line->answers);
		framing_silent(&line->framing, &line->answers);
		check(line, "", NAK_TEXT);
		feed(line, block, pack(block, "again", 5));
		check(line, "again", NAK_TEXT ACK_TEXT);
		assert_false(framing_ends_torn(&line->framing));
	}
}

#define FRAMING_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRAMING_TEST(right_blocks_are_unpacked),
		FRAMING_TEST(a_block_that_changed_on_the_wire_is_asked_for_again),
		FRAMING_TEST(a_block_that_is_given_up_is_missed),
		FRAMING_TEST(an_end_behind_a_refused_block_is_one_too_early),
		FRAMING_TEST(what_is_no_block_is_over_when_the_till_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
