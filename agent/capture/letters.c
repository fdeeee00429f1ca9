#include "capture/letters.h"

#include <assert.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "capture/syllable.h"

#define UNREADABLE 0xFFFDu
#define SURE_MARGIN                                                                                                    \
	6 /* what a receipt must tell to be believed against the port: two words and a half, as a bad one counts twice */

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

	assert(syllable_lists_are_sorted());
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

static void count_word(struct candidate *candidate, enum syllable_word word)
{
	candidate->good += word != WORD_BAD;
	candidate->bad += word == WORD_BAD;
	candidate->known += word == WORD_KNOWN;
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
			count_word(candidate,
				syllable_judge(start, end, start > line && start[-1] >= '0' && start[-1] <= '9'));
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
