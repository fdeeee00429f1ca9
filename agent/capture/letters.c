#include "capture/letters.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"

#define UNREADABLE   0xFFFDu
#define SYLLABLE_MAX 32 /* bytes of a syllable in UTF-8 without its tone: nghiêng has 8 */
#define SURE_MARGIN                                                                                                    \
	6 /* what a receipt must tell to be believed against the port: two words and a half, as a bad one counts twice */

/* What a syllable is made of, without tones (Vietnamese orthography); in the order of their bytes. */

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

static const struct {
	const char *word, *charset;
} encodings[] = {
#define X(name, word, charset) {word, charset},
	PAGE_ENCODINGS(X)
#undef X
};

static const struct {
	int page;
	enum page_encoding encoding;
	bool is_upper;
} pages[] = {
	{0, PAGE_CP437, false},
	{2, PAGE_CP850, false},
	{16, PAGE_CP1252, false},
	{18, PAGE_CP852, false},
	{19, PAGE_CP850, false}, /* 858: 850 with a euro */
	{27, PAGE_CP1258, false},
	{30, PAGE_TCVN, false},
	{31, PAGE_TCVN, true},
	{32, PAGE_CP1258, false},
	{35, PAGE_CP1258, false},
	{41, PAGE_CP1258, false},
	{49, PAGE_TCVN, false},
	{50, PAGE_TCVN, true},
	{51, PAGE_VISCII, false},
	{52, PAGE_CP1258, false},
	{94, PAGE_CP1258, false},
};

/* The receipt in one encoding (NFC), each line ended by a line feed, and what its words say for it. */
struct candidate {
	struct bytes text;
	bool is_possible;
	size_t good, bad, known;
};

/* A byte as it reads, in UTF-8 without NUL. */
struct sign {
	char text[3];
	uint8_t len; /* 0: it prints nothing */
};

struct letters {
	struct sign signs[2][PAGE_ENCODING_COUNT][256]; /* second: with capitals for what is not ASCII */
	struct candidate candidates[PAGE_ENCODING_COUNT];
};

/* ---- words ---- */

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

/* ---- bytes to letters ---- */

static bool is_dropped(uint32_t point)
{
	return text_is_control(point) || point == 0xFEFF || point == 0xFFFE || point == 0xFFFF ||
	       (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

/* The rules of letters_read() for one letter; with @is_upper what is not ASCII becomes a capital. Bytes in @ret. */
static size_t put_cleaned(uint32_t point, bool is_upper, char ret[4])
{
	if (is_dropped(point))
		return 0;
	if (point == 0xA0)
		point = ' ';
	if (point == 0xD0)
		point = 0x110;
	if (is_upper && point >= 0x80)
		point = text_upper(point);
	return text_put(point, ret);
}

/* The converters of TCVN and CP1258 keep a letter back until they know that no tone follows: each byte is flushed. */
static uint32_t point_of(iconv_t converter, uint8_t byte)
{
	char *from = (char *)&byte;
	char letter[8] = "";
	char *to = letter;
	size_t len = 1;
	size_t room = sizeof(letter) - 1;
	uint32_t point;

	if (iconv(converter, &from, &len, &to, &room) != 0 || iconv(converter, NULL, NULL, &to, &room) != 0 ||
		text_next(letter, &point) == 0)
		return UNREADABLE;
	return point;
}

static int read_signs(struct letters *letters, enum page_encoding encoding, struct fault *fault)
{
	iconv_t converter = iconv_open("UTF-8", encodings[encoding].charset);

	if (converter == (iconv_t)-1)
		return FAULT(fault, FAULT_CONFIG,
			"this system cannot read receipts in %s: install the package of the C library's "
			"character sets (Debian: libc6)",
			encodings[encoding].charset);
	for (int byte = 1; byte < 256; byte++) { /* a NUL prints nothing */
		uint32_t point = point_of(converter, (uint8_t)byte);

		for (int is_upper = 0; is_upper < 2; is_upper++) {
			char letter[4] = "";
			struct sign *sign = &letters->signs[is_upper][encoding][byte];

			sign->len = (uint8_t)put_cleaned(point, is_upper, letter);
			memcpy(sign->text, letter, sizeof(sign->text)); /* no byte is beyond U+FFFF */
		}
	}
	iconv_close(converter);
	return 0;
}

void letters_free(struct letters *letters)
{
	if (!letters)
		return;
	for (size_t i = 0; i < PAGE_ENCODING_COUNT; i++)
		bytes_done(&letters->candidates[i].text);
	free(letters);
}

int letters_new(struct letters **ret, struct fault *fault)
{
	CLEANUP(letters_freep) struct letters *letters = calloc(1, sizeof(*letters));

	assert(is_in_order(initials, ARRAY_LEN(initials)) && is_in_order(rhymes, ARRAY_LEN(rhymes)) &&
		is_in_order(known_words, ARRAY_LEN(known_words)));
	for (size_t i = 0; letters && i < PAGE_ENCODING_COUNT; i++) {
		int result = encodings[i].charset ? read_signs(letters, (enum page_encoding)i, fault) : 0;

		if (result != 0)
			return result;
		bytes_init(&letters->candidates[i].text, LETTERS_TEXT_MAX);
	}
	if (!letters)
		return FAULT(fault, FAULT_MEMORY, "no memory for the encodings of receipts");
	*ret = letters;
	letters = NULL;
	return 0;
}

const char *page_encoding_word(enum page_encoding encoding)
{
	return encodings[encoding].word;
}

int page_encoding_parse(const char *word, enum page_encoding *ret)
{
	for (size_t i = 0; i < PAGE_ENCODING_COUNT; i++)
		if (strcmp(encodings[i].word, word) == 0) {
			*ret = (enum page_encoding)i;
			return 0;
		}
	return 1;
}

bool page_of_printer(int page, enum page_encoding *ret, bool *ret_is_upper)
{
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		if (pages[i].page == page) {
			*ret = pages[i].encoding;
			*ret_is_upper = pages[i].is_upper;
			return true;
		}
	return false;
}

/* ---- runs ---- */

static bool is_ascii(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] >= 0x80)
			return false;
	return true;
}

/* Nothing that any encoding here reads otherwise: TCVN and VISCII have letters below 0x20 too. */
static bool is_plain(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] < 0x20 || bytes[i] >= 0x7F)
			return false;
	return true;
}

/* Which encoding a run has when the receipt has @encoding; false: none can be told. */
static bool encoding_of_run(
	enum page_encoding encoding, const struct paper_run *run, enum page_encoding *ret, bool *ret_is_upper)
{
	*ret = encoding;
	*ret_is_upper = false;
	if (encoding == PAGE_UTF8)
		return text_is_utf8(run->bytes, run->len);
	if (encoding == PAGE_ASCII)
		return is_ascii(run->bytes, run->len);
	if (encoding != PAGE_PAGES || page_of_printer(run->page, ret, ret_is_upper))
		return true;
	*ret = PAGE_ASCII;
	return is_ascii(run->bytes, run->len);
}

static void append_signs(struct bytes *out, const struct sign signs[256], const struct paper_run *run)
{
	uint8_t *to;

	if (!bytes_reserve(out, sizeof(signs->text) * run->len))
		return;
	to = out->data + out->len;
	for (size_t i = 0; i < run->len; i++) {
		const struct sign *sign = &signs[run->bytes[i]];

		memcpy(to, sign->text, sizeof(sign->text));
		to += sign->len;
	}
	*to = '\0';
	out->len = (size_t)(to - out->data);
}

/* In place: what is cleaned is never longer. */
static void append_utf8(struct bytes *out, const struct paper_run *run)
{
	size_t start = out->len;
	const char *at;
	char *to;

	bytes_append(out, run->bytes, run->len);
	if (out->failed)
		return;
	at = to = (char *)out->data + start;
	while (at < (char *)out->data + out->len) {
		uint32_t point;
		size_t step = text_next(at, &point);

		to += put_cleaned(point, false, to);
		at += step > 0 ? step : 1; /* a NUL */
	}
	*to = '\0';
	out->len = (size_t)(to - (char *)out->data);
}

static void append_run(
	const struct letters *letters, struct bytes *out, enum page_encoding receipt, const struct paper_run *run)
{
	enum page_encoding encoding;
	bool is_upper;

	if (!encoding_of_run(receipt, run, &encoding, &is_upper))
		encoding = PAGE_CP1252;
	if (encoding == PAGE_UTF8)
		append_utf8(out, run);
	else
		append_signs(out, letters->signs[is_upper][encoding], run);
}

/* Whether something in it may be another letter in another encoding. */
static bool append_line(
	const struct letters *letters, struct bytes *out, enum page_encoding receipt, const struct paper_line *line)
{
	bool is_marked = false;

	for (size_t i = 0; i < line->run_count; i++) {
		const struct paper_run *run = &line->runs[i];

		bytes_repeat(out, ' ', run->gap);
		if (is_plain(run->bytes, run->len)) {
			bytes_append(out, run->bytes, run->len);
			continue;
		}
		append_run(letters, out, receipt, run);
		is_marked = true;
	}
	return is_marked;
}

/* ---- what the words say ---- */

/* Letters without marks that part words where they are no letters: dashes, quotes, dots, lines and blocks of tables. */
static bool is_apart(uint32_t point)
{
	if (point < 0x80)
		return (point | 0x20) < 'a' || (point | 0x20) > 'z';
	return (point >= 0x2010 && point <= 0x2027) || (point >= 0x2500 && point <= 0x259F) || point == 0x20AB;
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
		char initial[4];

		memcpy(initial, word->plain, len);
		initial[len] = '\0';
		if (len > 0 && !has_word(initials, ARRAY_LEN(initials), initial))
			continue;
		if (has_word(rhymes, ARRAY_LEN(rhymes), word->plain + len) && bears_tone(word->plain + len, word->tone))
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

/* The word of @start to @end, in which something is no ASCII; @is_amount: a digit stands before it. */
static void judge_word(struct candidate *candidate, const char *start, const char *end, bool is_amount)
{
	struct word word = {0};
	bool is_good = true;

	while (start < end && is_good) {
		struct text_letter letter;
		uint32_t point;

		start += text_next(start, &point);
		letter = text_letter(point);
		is_good = add_to_word(&word, &letter);
	}
	if (is_good && is_amount && word.letters == 1)
		is_good = word.strokes == 1;
	else if (is_good)
		is_good = is_capitalised(&word) && (is_short_form(&word) || is_syllable(&word));
	candidate->good += is_good;
	candidate->bad += !is_good;
	candidate->known += is_good && has_word(known_words, ARRAY_LEN(known_words), word.toned);
}

/* Words of ASCII say nothing. */
static void judge_line(struct candidate *candidate, const char *line)
{
	const char *end = line;
	size_t step;

	do {
		const char *start = end;
		bool is_marked = false;
		uint32_t point;

		while ((step = text_next(end, &point)) > 0 && !is_apart(point)) {
			is_marked |= point >= 0x80;
			end += step;
		}
		if (is_marked)
			judge_word(candidate, start, end, start > line && start[-1] >= '0' && start[-1] <= '9');
		end += step;
	} while (step > 0);
}

/* A till that changes between pages for its letters means them: TCVN-3 in two pages reads as well in one, but for its capitals. */
static bool changes_pages(const struct paper *paper)
{
	int page = PRINT_PAGE_NONE;

	for (size_t i = 0; i < paper->line_count; i++)
		for (size_t j = 0; j < paper->lines[i].run_count; j++) {
			const struct paper_run *run = &paper->lines[i].runs[j];

			if (is_ascii(run->bytes, run->len))
				continue;
			if (page != PRINT_PAGE_NONE && run->page != page)
				return true;
			page = run->page;
		}
	return false;
}

static int score(const struct candidate *candidate)
{
	return (int)candidate->good - 2 * (int)candidate->bad;
}

/* ---- the receipt ---- */

static bool compose(struct arena *arena, struct bytes *text, size_t start)
{
	const char *line = (const char *)text->data + start;
	const char *composed = text_compose(arena, line, text->len - start);

	if (composed && composed != line) {
		text->len = start;
		bytes_text(text, composed);
	}
	return composed != NULL;
}

static int read_as(struct letters *letters, struct arena *arena, const struct paper *paper, enum page_encoding encoding,
	struct fault *fault)
{
	struct candidate *candidate = &letters->candidates[encoding];
	struct bytes *text = &candidate->text;

	candidate->good = candidate->bad = candidate->known = 0;
	bytes_clear(text);
	for (size_t i = 0; i < paper->line_count; i++) {
		size_t start = text->len;

		if (append_line(letters, text, encoding, &paper->lines[i]) && !text->failed) {
			if (!compose(arena, text, start))
				return FAULT(fault, FAULT_MEMORY, "no memory for the text of a receipt");
			judge_line(candidate, (const char *)text->data + start);
		}
		bytes_char(text, '\n');
	}
	candidate->known += encoding == PAGE_PAGES && changes_pages(paper);
	return text->failed ? LETTERS_TOO_LONG : LETTERS_OK;
}

static bool reads_the_same(const struct candidate *one, const struct candidate *two)
{
	return strcmp((const char *)one->text.data, (const char *)two->text.data) == 0;
}

/* More than 0: @one is better; evidence first, then words that receipts use. */
static int compare(const struct candidate *one, const struct candidate *two)
{
	int difference = score(one) - score(two);

	return difference != 0 ? difference : (int)one->known - (int)two->known;
}

static enum page_encoding best_of(const struct candidate *candidates)
{
	size_t best = PAGE_ENCODING_COUNT;

	for (size_t i = 0; i < PAGE_ENCODING_COUNT; i++)
		if (candidates[i].is_possible &&
			(best == PAGE_ENCODING_COUNT || compare(&candidates[i], &candidates[best]) > 0))
			best = i;
	return (enum page_encoding)best; /* 8-bit sets are always possible */
}

/* The port's word in a tie; and where it is against the evidence, or others are as good, nothing is sure. */
static void decide(struct letters *letters, enum page_encoding before, struct page *page)
{
	const struct candidate *all = letters->candidates;
	enum page_encoding best = best_of(all);
	int margin = score(&all[best]);
	bool is_next = false;

	if (before != PAGE_ASCII && all[before].is_possible && compare(&all[before], &all[best]) == 0)
		best = before;
	page->is_unsure = score(&all[best]) < 0;
	for (size_t i = 0; i < PAGE_ENCODING_COUNT; i++) {
		int distance = score(&all[best]) - score(&all[i]);

		if (i == best || !all[i].is_possible || reads_the_same(&all[i], &all[best]))
			continue;
		if (!is_next || distance < margin)
			margin = distance;
		is_next = true;
		if (compare(&all[best], &all[i]) == 0 && best != before)
			page->is_unsure = true;
	}
	if (before != PAGE_ASCII && best != before && best != PAGE_ASCII && !reads_the_same(&all[before], &all[best]) &&
		margin < SURE_MARGIN)
		page->is_unsure = true;
	page->encoding = best;
	page->margin = margin;
}

static bool is_plain_paper(const struct paper *paper)
{
	for (size_t i = 0; i < paper->line_count; i++)
		for (size_t j = 0; j < paper->lines[i].run_count; j++)
			if (!is_plain(paper->lines[i].runs[j].bytes, paper->lines[i].runs[j].len))
				return false;
	return true;
}

static bool is_possible(const struct paper *paper, enum page_encoding receipt)
{
	enum page_encoding encoding;
	bool is_upper;

	for (size_t i = 0; i < paper->line_count; i++)
		for (size_t j = 0; j < paper->lines[i].run_count; j++) {
			const struct paper_run *run = &paper->lines[i].runs[j];

			if (!encoding_of_run(receipt, run, &encoding, &is_upper))
				return false;
		}
	return true;
}

/* Every encoding is tried only where evidence is needed. */
static int choose(struct letters *letters, struct arena *arena, const struct paper *paper,
	const struct letters_port *port, struct page *page, struct fault *fault)
{
	const enum page_encoding wanted = port->wanted;
	const enum page_encoding first = is_plain_paper(paper) ? PAGE_ASCII : PAGE_UTF8;
	struct candidate *all = letters->candidates;
	const struct candidate *utf8 = &all[PAGE_UTF8];
	int result;

	for (size_t i = 0; i < PAGE_ENCODING_COUNT; i++)
		all[i].is_possible = is_possible(paper, (enum page_encoding)i);
	if (wanted != PAGE_ASCII) {
		result = read_as(letters, arena, paper, wanted, fault);
		page->encoding = wanted;
		page->is_unsure = result == 0 &&
				  (!all[wanted].is_possible || strstr((char *)all[wanted].text.data, "\xef\xbf\xbd"));
		return result;
	}
	page->encoding = first;
	if (all[first].is_possible) {
		result = read_as(letters, arena, paper, first, fault);
		if (result != 0 || first == PAGE_ASCII)
			return result;
		if (score(utf8) >= 0 && !is_ascii(utf8->text.data, utf8->text.len)) {
			page->margin = score(utf8);
			return 0;
		}
	}
	for (size_t i = 0; i < PAGE_ENCODING_COUNT; i++) {
		if (!all[i].is_possible && i != port->before)
			continue;
		result = read_as(letters, arena, paper, (enum page_encoding)i, fault);
		if (result != 0)
			return result;
	}
	decide(letters, port->before, page);
	return 0;
}

const char *page_key(struct arena *arena, const char *text)
{
	char *key = arena_alloc(arena, strlen(text) + 1);
	size_t len = 0;
	uint32_t point;
	size_t step;

	if (!key)
		return NULL;
	for (; (step = text_next(text, &point)) > 0; text += step) {
		struct text_letter letter = text_letter(point);
		char c = letter.base != 0 ? letter.base : point == 0x20AB ? 'd' : point < 0x80 ? (char)point : '?';

		if (c != ' ' || (len > 0 && key[len - 1] != ' '))
			key[len++] = c;
	}
	while (len > 0 && key[len - 1] == ' ')
		key[--len] = '\0';
	return key;
}

static int write_lines(struct arena *arena, const char *text, size_t count, struct page *page, struct fault *fault)
{
	struct page_line *lines = ARENA_ARRAY(arena, struct page_line, count + 1);

	for (size_t i = 0; lines && i < count; i++) {
		size_t len = strcspn(text, "\n");

		while (len > 0 && text[len - 1] == ' ')
			len--;
		lines[i].text = arena_copy(arena, text, len);
		if (!lines[i].text)
			lines = NULL;
		text += strcspn(text, "\n") + 1;
	}
	page->lines = lines;
	page->line_count = count;
	return lines ? 0 : FAULT(fault, FAULT_MEMORY, "no memory for the lines of a receipt");
}

static int write_codes(struct arena *arena, const struct paper *paper, struct page *page, struct fault *fault)
{
	const char **qr = ARENA_ARRAY(arena, const char *, paper->qr_count + 1);

	if (!qr)
		return FAULT(fault, FAULT_MEMORY, "no memory for the codes of a receipt");
	for (size_t i = 0; i < paper->qr_count; i++) {
		int result =
			text_clean(arena, (const char *)paper->qr[i].bytes, paper->qr[i].len, 0, &qr[page->qr_count]);

		if (result == TEXT_MEMORY)
			return FAULT(fault, FAULT_MEMORY, "no memory for the codes of a receipt");
		page->qr_count += result == TEXT_OK;
	}
	page->qr = qr;
	return 0;
}

int letters_read(struct letters *letters, struct arena *arena, const struct paper *paper,
	const struct letters_port *port, struct page *ret, struct fault *fault)
{
	struct page page = {.columns = paper->columns};
	int result = choose(letters, arena, paper, port, &page, fault);

	if (result == 0)
		result = write_lines(arena, (const char *)letters->candidates[page.encoding].text.data,
			paper->line_count, &page, fault);
	if (result == 0)
		result = write_codes(arena, paper, &page, fault);
	if (result == 0)
		*ret = page;
	return result;
}
