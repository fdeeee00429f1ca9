/* What may go to the printer and when: bytes of the till below 0x80, annexes above, so that both can be told apart on the paper. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "capture/hold.h"

#define ROOM 4096

static void take(struct hold *hold, const char *text, int64_t now_ms)
{
	assert_int_equal(hold_take(hold, text, strlen(text), now_ms), 0);
}

/* All that may go now, as text. */
static const char *paper(struct hold *hold, int64_t now_ms)
{
	static char out[ROOM];
	const uint8_t *bytes;
	size_t len, n;

	for (len = 0; (n = hold_peek(hold, now_ms, &bytes)); len += n) {
		memcpy(out + len, bytes, n);
		hold_went(hold, n);
	}
	out[len] = '\0';
	return out;
}

static void bytes_go_when_the_reader_told_of_them(void **state)
{
	CLEANUP(hold_freep) struct hold *hold = hold_new(ROOM, 1500, HOLD_PATIENCE_MS);

	(void)state;
	assert_string_equal(paper(hold, 0), "");
	assert_true(hold_next_ms(hold) == HOLD_NEVER);
	take(hold, "abcdef", 10);
	assert_string_equal(paper(hold, 10), "");
	assert_int_equal(hold_waiting(hold), 6);
	hold_seen(hold, 4);
	assert_string_equal(paper(hold, 11), "abcd");
	hold_seen(hold, 2); /* a mark never goes back */
	assert_string_equal(paper(hold, 12), "");
	assert_int_equal(hold_next_ms(hold), 110);
	hold_seen(hold, 6);
	assert_string_equal(paper(hold, 13), "ef");
	assert_true(hold_next_ms(hold) == HOLD_NEVER);
	assert_int_equal(hold_waiting(hold), 0);
	hold_seen(hold, UINT64_MAX); /* nobody reads any more */
	take(hold, "gh", 20);
	assert_string_equal(paper(hold, 20), "gh");
}

static void a_stuck_reader_stops_no_paper(void **state)
{
	CLEANUP(hold_freep) struct hold *hold = hold_new(ROOM, 1500, HOLD_PATIENCE_MS);

	(void)state;
	take(hold, "abc", 0);
	take(hold, "def", 50);
	assert_string_equal(paper(hold, 99), "");
	assert_int_equal(hold_next_ms(hold), 100);
	assert_string_equal(paper(hold, 100), "abc");
	assert_int_equal(hold_next_ms(hold), 150);
	/* A cut that is told of when it is gone, or when its bytes may go, is late. */
	assert_int_equal(hold_cut(hold, 2, 1, 101), HOLD_LATE);
	assert_int_equal(hold_cut(hold, 4, 1, 150), HOLD_LATE);
	assert_string_equal(paper(hold, 150), "def");
	assert_int_equal(hold_annex(hold, 4, "X", 1, 151), HOLD_LATE);
}

static void a_cut_waits_for_its_annex(void **state)
{
	CLEANUP(hold_freep) struct hold *hold = hold_new(ROOM, 1500, HOLD_PATIENCE_MS);

	(void)state;
	take(hold, "bill|next", 1000);
	assert_int_equal(hold_cut(hold, 4, 1, 1001), 0);
	hold_seen(hold, 9);
	assert_string_equal(paper(hold, 1001), "bill");
	assert_int_equal(hold_next_ms(hold), 2500);
	assert_string_equal(paper(hold, 2499), "");
	assert_int_equal(hold_annex(hold, 5, "Y", 1, 2499), HOLD_LATE); /* no such cut */
	assert_int_equal(hold_annex(hold, 4, "<code>", 6, 2499), 0);
	assert_int_equal(hold_annex(hold, 4, "<twice>", 7, 2499), HOLD_LATE);
	assert_false(hold_is_begun(hold, 4));
	assert_true(hold_next_ms(hold) == HOLD_NEVER);
	assert_string_equal(paper(hold, 9999), "<code>|next"); /* what was taken goes, however slow the printer was */
	assert_true(hold_is_begun(hold, 4));
	assert_int_equal(hold_annex(hold, 4, "<again>", 7, 9999), HOLD_LATE);
}

static void a_cut_goes_without_an_annex(void **state)
{
	CLEANUP(hold_freep) struct hold *hold = hold_new(ROOM, 1500, HOLD_PATIENCE_MS);

	(void)state;
	take(hold, "a|", 0);
	assert_int_equal(hold_cut(hold, 1, 1, 10), 0);
	hold_seen(hold, 2);
	assert_string_equal(paper(hold, 1499), "a");
	assert_string_equal(paper(hold, 1500), "|");
	assert_int_equal(hold_annex(hold, 1, "<late>", 6, 1500), HOLD_LATE);
	/* Nothing to print: the cut goes at once. */
	take(hold, "b|", 2000);
	assert_int_equal(hold_cut(hold, 3, 1, 2001), 0);
	hold_seen(hold, 4);
	assert_string_equal(paper(hold, 2001), "b");
	assert_int_equal(hold_annex(hold, 3, NULL, 0, 2002), 0);
	assert_string_equal(paper(hold, 2002), "|");
	/* Too long an annex is none. */
	static const char annex[HOLD_ANNEX_MAX + 1] = "x";
	take(hold, "|", 3000);
	assert_int_equal(hold_cut(hold, 4, 1, 3000), 0);
	assert_int_equal(hold_annex(hold, 4, annex, sizeof(annex), 3001), FAULT_MEMORY);
	hold_seen(hold, 5);
	assert_string_equal(paper(hold, 3001), "|");
}

static void receipts_behind_a_held_cut_wait_in_their_order(void **state)
{
	CLEANUP(hold_freep) struct hold *hold = hold_new(ROOM, 1500, HOLD_PATIENCE_MS);

	(void)state;
	take(hold, "a|b|c|", 0);
	assert_int_equal(hold_cut(hold, 1, 1, 5), 0);
	assert_int_equal(hold_cut(hold, 3, 1, 5), 0);
	assert_int_equal(hold_cut(hold, 3, 1, 5), HOLD_LATE); /* told twice */
	hold_seen(hold, 4);
	assert_int_equal(hold_annex(hold, 3, "2", 1, 20), 0);
	assert_string_equal(paper(hold, 20), "a");
	assert_int_equal(hold_annex(hold, 1, "1", 1, 30), 0);
	assert_string_equal(paper(hold, 30), "1|b2|");
	assert_int_equal(hold_next_ms(hold), 100);
	assert_string_equal(paper(hold, 100), "c|");
	/* The second expires by its own arrival, not by the first one's end. */
	take(hold, "d|", 200);
	assert_int_equal(hold_cut(hold, 7, 1, 299), 0);
	take(hold, "e|", 300);
	assert_int_equal(hold_cut(hold, 9, 1, 301), 0);
	hold_seen(hold, 10);
	assert_string_equal(paper(hold, 1699), "d");
	assert_string_equal(paper(hold, 1700), "|e");
	assert_int_equal(hold_next_ms(hold), 1800);
	assert_string_equal(paper(hold, 1800), "|");
}

static void what_makes_no_sense_is_held_by_nobody(void **state)
{
	CLEANUP(hold_freep) struct hold *hold = hold_new(ROOM, 1500, HOLD_PATIENCE_MS);

	(void)state;
	take(hold, "abcdefghijklmnopqrstuvwxyz", 0);
	assert_int_equal(hold_cut(hold, 26, 1, 1), HOLD_LATE);	       /* has not come */
	assert_int_equal(hold_cut(hold, 25, 2, 1), HOLD_LATE);	       /* not all of it */
	assert_int_equal(hold_cut(hold, 3, UINT32_MAX, 1), HOLD_LATE); /* nor of this */
	assert_int_equal(hold_cut(hold, UINT64_MAX, 1, 1), HOLD_LATE);
	for (uint64_t i = 0; i < HOLD_CUTS_MAX; i++)
		assert_int_equal(hold_cut(hold, 2 + i, 1, 1), 0);
	assert_int_equal(hold_cut(hold, 22, 1, 1), HOLD_LATE); /* too many wait: this one goes with what is around it */
	assert_int_equal(hold_cut(hold, 1, 1, 1), HOLD_LATE);  /* out of order */
	hold_seen(hold, 26);
	assert_int_equal(hold_cut(hold, 25, 1, 2), HOLD_LATE); /* passed already */
	assert_string_equal(paper(hold, 3), "ab");
	assert_string_equal(paper(hold, 1500), "cdefghijklmnopqrstuvwxyz");
}

static void a_full_hold_stops_the_till_and_drops_nothing(void **state)
{
	CLEANUP(hold_freep) struct hold *hold = hold_new(8, 1500, 100);

	(void)state;
	take(hold, "a|bcdefg", 0);
	assert_int_equal(hold_room(hold), 0);
	assert_int_equal(hold_cut(hold, 1, 1, 1), 0);
	hold_seen(hold, 8);
	assert_string_equal(paper(hold, 1), "a");
	assert_int_equal(hold_room(hold), 1);
	take(hold, "h", 2); /* the room before what waits is used */
	assert_int_equal(hold_room(hold), 0);
	hold_seen(hold, 9);
	assert_int_equal(hold_annex(hold, 1, "<>", 2, 3), 0); /* an annex needs no room of the till's */
	assert_string_equal(paper(hold, 3), "<>|bcdefgh");
	assert_int_equal(hold_room(hold), 8);
}

/* ---- any schedule ---- */

#define STREAM 600

struct play {
	uint64_t random;
	uint8_t sent[STREAM];
	int64_t sent_at[STREAM];
	size_t in, told, out; /* of the stream: come, told by the reader, on paper */
	uint64_t next_cut;    /* of the stream: first that the reader has not told */
	int64_t reader_free_at;
	struct {
		uint64_t offset;
		int64_t answer_at;
		size_t len; /* of the annex; 0: none */
		bool is_held, is_answered, is_taken;
		size_t printed;
	} cuts[STREAM];
	size_t cut_count;
	int64_t longest_ms;
};

static uint64_t rnd(struct play *play, uint64_t below)
{
	play->random ^= play->random << 13;
	play->random ^= play->random >> 7;
	play->random ^= play->random << 17;
	return play->random % below;
}

static void till(struct play *play, struct hold *hold, int64_t now)
{
	size_t len = rnd(play, 3) ? 0 : rnd(play, 40);
	uint8_t bytes[40];

	len = len > hold_room(hold) ? hold_room(hold) : len;
	len = len > STREAM - play->in ? STREAM - play->in : len;
	for (size_t i = 0; i < len; i++) {
		bytes[i] = rnd(play, 25) ? (uint8_t)('a' + rnd(play, 26)) : '|';
		play->sent[play->in + i] = bytes[i];
		play->sent_at[play->in + i] = now;
	}
	play->in += len;
	assert_int_equal(hold_take(hold, bytes, len, now), 0);
}

/* Reads at its own pace, sometimes not for long; each bar is a cut. */
static void reader(struct play *play, struct hold *hold, int64_t now)
{
	if (now < play->reader_free_at)
		return;
	play->reader_free_at = now + (int64_t)(rnd(play, 20) ? rnd(play, 8) : rnd(play, 60));
	size_t end = play->told + rnd(play, play->in - play->told + 1);
	for (; play->told < end; play->told++) {
		if (play->sent[play->told] != '|')
			continue;
		size_t i = play->cut_count++;
		play->cuts[i].offset = play->told;
		play->cuts[i].len = rnd(play, 3) ? 1 + rnd(play, 30) : 0;
		play->cuts[i].answer_at = now + (int64_t)(rnd(play, 4) ? rnd(play, 20) : rnd(play, 400));
		play->cuts[i].is_held = hold_cut(hold, play->told, 1, now) == 0;
	}
	hold_seen(hold, play->told);
}

static void issuer(struct play *play, struct hold *hold, int64_t now)
{
	for (size_t i = 0; i < play->cut_count; i++) {
		uint8_t annex[30];

		if (play->cuts[i].is_answered || now < play->cuts[i].answer_at)
			continue;
		memset(annex, 0x80 | (int)(i & 0x7f), sizeof(annex));
		int result = hold_annex(hold, play->cuts[i].offset, annex, play->cuts[i].len, now);
		play->cuts[i].is_answered = true;
		play->cuts[i].is_taken = result == 0;
		assert_true(result == 0 || result == HOLD_LATE);
		assert_true(play->cuts[i].is_held || result == HOLD_LATE);
	}
}

static void print(struct play *play, const uint8_t *bytes, size_t len, int64_t now)
{
	for (size_t n = 0; n < len; n++) {
		if (bytes[n] < 0x80) {
			assert_int_equal(bytes[n], play->sent[play->out]);
			int64_t waited = now - play->sent_at[play->out++];
			play->longest_ms = waited > play->longest_ms ? waited : play->longest_ms;
			continue;
		}
		size_t i = 0;
		while (i < play->cut_count && play->cuts[i].offset != play->out)
			i++;
		assert_true(i < play->cut_count && bytes[n] == (0x80 | (i & 0x7f)) && play->cuts[i].is_taken);
		play->cuts[i].printed++;
	}
}

static void printer(struct play *play, struct hold *hold, int64_t now, bool is_slow)
{
	const uint8_t *bytes;
	size_t len;

	while ((len = hold_peek(hold, now, &bytes))) {
		size_t took = is_slow ? rnd(play, len + 1) : len;
		print(play, bytes, took, now);
		hold_went(hold, took);
		if (is_slow)
			return;
	}
	assert_true(hold_next_ms(hold) > now);
}

/* Returns how long a byte waited at most. */
static int64_t play_one(uint64_t seed, size_t room, bool is_slow, size_t *ret_annexes)
{
	static struct play play;
	CLEANUP(hold_freep) struct hold *hold = hold_new(room, 150, 20);

	memset(&play, 0, sizeof(play));
	play.random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	int64_t asked_for = 0;
	for (int64_t now = 0; play.out < STREAM || hold_waiting(hold); now++) {
		bool is_told = rnd(&play, 2);
		assert_true(now < 200000);
		if (is_told) {
			till(&play, hold, now);
			reader(&play, hold, now);
			issuer(&play, hold, now);
		}
		/* Whoever asks when something was told and when it wanted to be asked misses nothing. */
		if (is_told || now >= asked_for || is_slow)
			printer(&play, hold, now, is_slow);
		asked_for = hold_next_ms(hold);
	}
	assert_int_equal(play.out, STREAM);
	for (size_t i = 0; i < play.cut_count; i++) {
		assert_int_equal(play.cuts[i].printed, play.cuts[i].is_taken ? play.cuts[i].len : 0);
		*ret_annexes += play.cuts[i].printed > 0;
	}
	return play.longest_ms;
}

static void the_paper_is_what_the_till_sent_but_for_the_annexes(void **state)
{
	size_t annexes = 0, slow = 0;
	int64_t longest = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 400; seed++) {
		int64_t waited = play_one(seed, seed % 3 ? 512 : 16, false, &annexes);
		longest = waited > longest ? waited : longest;
		assert_in_range(waited, 0, 150 + 20);
		play_one(seed, seed % 2 ? 512 : 16, true, &slow);
	}
	assert_in_range(longest, 100, 170);
	assert_true(annexes > 1500 && slow > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_go_when_the_reader_told_of_them),
		cmocka_unit_test(a_stuck_reader_stops_no_paper),
		cmocka_unit_test(a_cut_waits_for_its_annex),
		cmocka_unit_test(a_cut_goes_without_an_annex),
		cmocka_unit_test(receipts_behind_a_held_cut_wait_in_their_order),
		cmocka_unit_test(what_makes_no_sense_is_held_by_nobody),
		cmocka_unit_test(a_full_hold_stops_the_till_and_drops_nothing),
		cmocka_unit_test(the_paper_is_what_the_till_sent_but_for_the_annexes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
