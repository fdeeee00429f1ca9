#include "core/words.h"

#include <assert.h>
#include <string.h>

#define WORDS_LIMIT   INT64_C(1000000000000000) /* law R-WORD-1 */
#define GROUP_COUNT   5				/* groups of three digits below the limit */
#define GROUP_BILLION 3				/* the group that "tỷ" closes */

struct speech {
	enum words_dialect dialect;
	char *out;
	size_t len;
};

static const char *const digit_words[] = {"không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"};

static void say(struct speech *speech, const char *word)
{
	size_t len = strlen(word);

	assert(speech->len + 1 + len < WORDS_MAX);
	if (speech->len > 0)
		speech->out[speech->len++] = ' ';
	memcpy(speech->out + speech->len, word, len + 1);
	speech->len += len;
}

static void say_units(struct speech *speech, int tens, int units)
{
	if (units == 0)
		return;
	if (units == 1 && tens >= 2)
		say(speech, "mốt");
	else if (units == 4 && tens >= 2)
		say(speech, "tư");
	else if (units == 5 && tens >= 1)
		say(speech, "lăm");
	else
		say(speech, digit_words[units]);
}

/* @is_inner: something was said before, so that empty hundreds are said too. */
static void say_group(struct speech *speech, int group, bool is_inner)
{
	int hundreds = group / 100;
	int tens = group / 10 % 10;
	int units = group % 10;

	if (hundreds > 0 || is_inner) {
		say(speech, digit_words[hundreds]);
		say(speech, "trăm");
		if (tens == 0 && units > 0)
			say(speech, speech->dialect == WORDS_SOUTH ? "lẻ" : "linh");
	}
	if (tens == 1) {
		say(speech, "mười");
	} else if (tens > 1) {
		say(speech, digit_words[tens]);
		say(speech, "mươi");
	}
	say_units(speech, tens, units);
}

static void say_number(struct speech *speech, int64_t number)
{
	const char *thousand = speech->dialect == WORDS_SOUTH ? "ngàn" : "nghìn";
	const char *const names[GROUP_COUNT] = {NULL, thousand, "triệu", NULL, thousand};
	int64_t weight = INT64_C(1000000000000);
	bool is_inner = false;

	if (number == 0)
		say(speech, digit_words[0]);
	for (int i = GROUP_COUNT - 1; i >= 0; i--, weight /= 1000) {
		int group = (int)(number / weight % 1000);

		if (group > 0) {
			say_group(speech, group, is_inner);
			if (names[i])
				say(speech, names[i]);
			is_inner = true;
		}
		/* Above tỷ the words start again, so tỷ is said whenever anything stands above it (format 2.4). */
		if (i == GROUP_BILLION && is_inner)
			say(speech, "tỷ");
	}
}

int words_of_amount(int64_t amount, enum words_dialect dialect, bool is_even, bool is_dot, char out[WORDS_MAX])
{
	struct speech speech = {.dialect = dialect, .out = out};

	if (amount >= WORDS_LIMIT || amount <= -WORDS_LIMIT)
		return 1;
	if (amount < 0)
		say(&speech, "Âm");
	say_number(&speech, amount < 0 ? -amount : amount);
	say(&speech, "đồng");
	if (is_even)
		say(&speech, "chẵn");
	if (is_dot) {
		out[speech.len++] = '.';
		out[speech.len] = '\0';
	}
	/* Every number word begins with an ASCII letter. */
	if (amount >= 0)
		out[0] = (char)(out[0] - 'a' + 'A');
	return 0;
}
