#include "capture/syllable.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define SYLLABLE_MAX 32 /* bytes of a syllable in UTF-8 without its tone: nghiêng has 8 */

/* What a syllable is made of, without tones; in the order of their bytes. */
static const char *const initials[] = {"b", "c", "ch", "d", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh",
	"nh", "p", "ph", "qu", "r", "s", "t", "th", "tr", "v", "x", "đ"};

static const char *const rhymes[] = {"a", "ac", "ach", "ai", "am", "an", "ang", "anh", "ao", "ap", "at", "au", "ay",
	"e", "ec", "em", "en", "eng", "eo", "ep", "et", "i", "ia", "ich", "im", "in", "inh", "ip", "it", "iu", "iêc",
	"iêm", "iên", "iêng", "iêp", "iêt", "iêu", "o", "oa", "oac", "oach", "oai", "oam", "oan", "oang", "oanh", "oao",
	"oap", "oat", "oay", "oc", "oe", "oen", "oeo", "oet", "oi", "om", "on", "ong", "ooc", "oong", "op", "ot", "oăc",
	"oăm", "oăn", "oăng", "oăt", "u", "ua", "uc", "ui", "um", "un", "ung", "up", "ut", "uy", "uya", "uych", "uynh",
	"uyp", "uyt", "uyu", "uyên", "uyêt", "uân", "uâng", "uât", "uây", "uê", "uêch", "uênh", "uôc", "uôi", "uôm",
	"uôn", "uông", "uôt", "uơ", "y", "ya", "ych", "ynh", "yp", "yt", "yu", "yêm", "yên", "yêng", "yêt", "yêu", "âc",
	"âm", "ân", "âng", "âp", "ât", "âu", "ây", "ê", "êch", "êm", "ên", "êng", "ênh", "êp", "êt", "êu", "ô", "ôc",
	"ôi", "ôm", "ôn", "ông", "ôp", "ôt", "ăc", "ăm", "ăn", "ăng", "ăp", "ăt", "ơ", "ơi", "ơm", "ơn", "ơp", "ơt",
	"ư", "ưa", "ưc", "ưi", "ưm", "ưng", "ưt", "ưu", "ươc", "ươi", "ươm", "ươn", "ương", "ươp", "ươt", "ươu"};

static const char *const known_words[] = {"biến", "bàn", "bán", "bò", "bún", "bếp", "chiết", "chuyển", "chế", "chỉ",
	"cà", "cơm", "cảm", "cộng", "cửa", "giá", "giảm", "giờ", "gà", "gặp", "hoá", "hàng", "hóa", "hđ", "hẹn",
	"khoản", "khách", "khấu", "kỳ", "lượng", "lại", "lẻ", "mã", "món", "mặt", "mục", "ngày", "nhân", "nước",
	"phiếu", "phê", "phường", "phẩm", "phố", "phở", "phục", "quý", "quầy", "quận", "sđt", "sản", "số", "sữa",
	"thoại", "thuế", "thành", "thẻ", "thừa", "tiền", "toán", "trà", "trả", "tên", "tính", "tạm", "tỉnh", "tổng",
	"viên", "vụ", "đ", "đc", "điện", "đt", "đvt", "đá", "đơn", "đưa", "đường", "địa", "ơn"};

static int compare_words(const void *one, const void *two)
{
	return strcmp(one, *(const char *const *)two);
}

static bool has_word(const char *const *words, size_t count, const char *word)
{
	return bsearch(word, words, count, sizeof(*words), compare_words) != NULL;
}

static bool is_in_order(const char *const *words, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (strcmp(words[i - 1], words[i]) >= 0)
			return false;
	return true;
}

bool syllable_lists_are_sorted(void)
{
	return is_in_order(initials, ARRAY_LEN(initials)) && is_in_order(rhymes, ARRAY_LEN(rhymes)) &&
	       is_in_order(known_words, ARRAY_LEN(known_words));
}

struct word {
	char plain[SYLLABLE_MAX + 4]; /* small, without tones */
	char toned[SYLLABLE_MAX + 4]; /* small, with tones: known_words */
	size_t plain_len, toned_len;  /* bytes of both */
	size_t letters, capitals, tones, marked, strokes;
	bool is_capital_first;
	char tone;
};

static uint32_t small(const struct text_letter *letter)
{
	/* Capitals of Vietnamese and Latin-1: 0x20 below, or beside. */
	if (!letter->is_upper)
		return letter->point;
	return letter->point < 0x100 ? letter->point + 0x20 : letter->point == 0x1AF ? 0x1B0 : letter->point | 1;
}

/* false: no Vietnamese word has this letter, or is so long. */
static bool add_to_word(struct word *word, const struct text_letter *letter)
{
	if (word->plain_len >= SYLLABLE_MAX || word->toned_len >= SYLLABLE_MAX || letter->plain == 0)
		return false;
	word->plain_len += text_put(letter->plain, word->plain + word->plain_len);
	word->toned_len += text_put(small(letter), word->toned + word->toned_len);
	word->is_capital_first |= letter->is_upper && word->letters == 0;
	word->letters++;
	word->capitals += letter->is_upper;
	word->marked += letter->point >= 0x80;
	word->strokes += letter->plain == 0x111;
	if (letter->tone != 0) {
		word->tones++;
		word->tone = letter->tone;
	}
	return true;
}

/* Stopped rhymes bear only two tones. */
static bool bears_tone(const char *rhyme, char tone)
{
	size_t len = strlen(rhyme);
	bool is_stopped = rhyme[len - 1] == 'c' || rhyme[len - 1] == 'p' || rhyme[len - 1] == 't' ||
			  (len > 1 && rhyme[len - 2] == 'c' && rhyme[len - 1] == 'h');

	return !is_stopped || tone == '\'' || tone == '.';
}

static bool is_syllable(const struct word *word)
{
	if (word->tones > 1)
		return false;
	for (size_t len = 0; len <= 3 && len < strlen(word->plain); len++) {
		const char *rhyme = word->plain + len;
		char initial[4];

		if (strchr("bcdghklmnpqrstvx", *rhyme)) /* none begins so: not worth a search */
			continue;
		memcpy(initial, word->plain, len);
		initial[len] = '\0';
		if (len > 0 && !has_word(initials, ARRAY_LEN(initials), initial))
			continue;
		if (has_word(rhymes, ARRAY_LEN(rhymes), rhyme) && bears_tone(rhyme, word->tone))
			return true;
	}
	return false;
}

/* HĐ, ĐVT: capitals or small letters without a vowel and with a đ. */
static bool is_short_form(const struct word *word)
{
	return word->strokes > 0 && word->marked == word->strokes && word->letters <= 4 &&
	       !strpbrk(word->plain, "aeiouy");
}

static bool is_capitalised(const struct word *word)
{
	return word->capitals == 0 || word->capitals == word->letters ||
	       (word->capitals == 1 && word->is_capital_first);
}

enum syllable_word syllable_judge(const char *start, const char *end, bool is_amount)
{
	struct word word = {0};
	bool is_good;

	while (start < end) {
		struct text_letter letter;
		uint32_t point;

		start += text_next(start, &point);
		letter = text_letter(point);
		if (!add_to_word(&word, &letter))
			return WORD_BAD;
	}
	is_good = is_amount && word.letters == 1
			  ? word.strokes == 1
			  : is_capitalised(&word) && (is_short_form(&word) || is_syllable(&word));
	if (!is_good)
		return WORD_BAD;
	return has_word(known_words, ARRAY_LEN(known_words), word.toned) ? WORD_KNOWN : WORD_GOOD;
}
