#include "cli/recording_mask.h"

#include <stdlib.h>
#include <string.h>

#include "capture/head.h"
#include "capture/letters.h"
#include "cli/recording.h"

#define LINES_MAX 4000 /* of a receipt */
#define SPANS_MAX 32   /* pieces of text in a line */
#define PERSONS                                                                                                        \
	"khach|khach hang|kh|ten khach|nguoi nhan|nguoi mua|thu ngan|nhan vien|nv|phuc "                               \
	"vu|cashier|server|staff|customer|"                                                                            \
	"name|ten|dt|sdt|dien thoai|tel|phone|hotline|zalo|dia chi|dc|address|giao den|ghi chu|note|so the|ma the|"    \
	"thanh vien|stk|so tk|email"
#define MONEY "dua|tra|thanh toan|tien|can|phai|du|no"

/* The text of one printed line: places in the stream. */
struct print_line {
	size_t at[SPANS_MAX], len[SPANS_MAX];
	size_t count;
	bool is_too_long;
};

struct masking {
	struct bytes *stream;
	struct letters *letters;
	struct head *head;
	struct print_line *lines; /* since the last receipt */
	size_t count;
	size_t masked;
	int result;
	struct fault *fault;
};

/* ---- Lines as they come ---- */

static uint8_t *byte_at(const struct masking *masking, const struct print_line *line, size_t i)
{
	for (size_t k = 0; k < line->count; i -= line->len[k++])
		if (i < line->len[k])
			return &masking->stream->data[line->at[k] + i];
	return NULL;
}

static bool is_blank(const struct masking *masking, const struct print_line *line)
{
	const uint8_t *byte;

	for (size_t i = 0; (byte = byte_at(masking, line, i)); i++)
		if (*byte != ' ')
			return false;
	return true;
}

static void end_line(struct masking *masking)
{
	struct print_line *line = &masking->lines[masking->count];

	if (line->is_too_long || masking->count + 1 == LINES_MAX)
		masking->result =
			FAULT(masking->fault, FAULT_FORMAT, "a receipt has lines of too many pieces to be masked");
	else if (!is_blank(masking, line))
		masking->count++;
	masking->lines[masking->count] = (struct print_line){0};
}

static void on_event(void *context, const struct print_event *event)
{
	struct masking *masking = context;
	struct print_line *line = &masking->lines[masking->count];

	switch (event->kind) {
	case PRINT_TEXT:
		line->is_too_long |= line->count == SPANS_MAX;
		if (line->is_too_long || event->length == 0)
			break;
		line->at[line->count] = event->offset;
		line->len[line->count++] = event->length;
		break;
	case PRINT_LINE_FEED:
	case PRINT_FEED:
	case PRINT_FORM_FEED:
	case PRINT_CUT:
	case PRINT_RESET:
		end_line(masking);
		break;
	default:
		break;
	}
	head_event(masking->head, event);
}

/* ---- What of them is a person ---- */

static bool has_word(const char *text, size_t len, const char *words)
{
	while (*words) {
		size_t n = strcspn(words, "|");

		for (size_t i = 0; i + n <= len; i++) {
			bool is_begin = i == 0 || text[i - 1] < 'a' || text[i - 1] > 'z';
			bool is_end = i + n == len || text[i + n] < 'a' || text[i + n] > 'z';

			if (is_begin && is_end && strncmp(text + i, words, n) == 0)
				return true;
		}
		words += n + (words[n] == '|');
	}
	return false;
}

/* The sign behind which a person stands: ':' or the mark of a wish; 0: nobody does. @key: the line, small and without tones. */
static char sign_of(const char *key)
{
	const char *colon = strchr(key, ':');

	key += strspn(key, " ");
	if (*key && strchr("+*>~", *key) && !strpbrk(key, "0123456789="))
		return *key;
	if (colon && has_word(key, (size_t)(colon - key), PERSONS) && !has_word(key, (size_t)(colon - key), MONEY))
		return ':';
	return 0;
}

/* A tone of CP1258: a byte of its own, without a width, behind its vowel. */
static bool is_tone(uint8_t byte, enum page_encoding encoding)
{
	return encoding == PAGE_CP1258 && memchr("\xCC\xD2\xDE\xEC\xF2", byte, 5) != NULL;
}

static uint8_t masked_byte(uint8_t byte, bool is_before_tone)
{
	if (byte >= '0' && byte <= '9')
		return '0';
	if (byte >= 'a' && byte <= 'z')
		return is_before_tone ? 'a' : 'x';
	if ((byte >= 'A' && byte <= 'Z') || byte < ' ')
		return is_before_tone ? 'A' : 'X';
	return byte >= 0x80 ? 'a' : byte;
}

/* How many bytes the letter at @byte has, which becomes one of the same bytes and width. */
static size_t mask_letter(uint8_t *byte, size_t left, enum page_encoding encoding)
{
	if (*byte < 0x80 || encoding != PAGE_UTF8) {
		if (!is_tone(*byte, encoding))
			*byte = masked_byte(*byte, left > 1 && is_tone(byte[1], encoding));
		return 1;
	}
	if ((*byte & 0xC0) == 0x80) {
		*byte = 'x';
		return 1;
	}
	if (*byte >= 0xF0)
		return 4; /* a picture */
	if (*byte >= 0xE0 && left >= 3) {
		memcpy(byte, "\xE1\xBA\xA1", 3);
		return 3;
	}
	if (left >= 2)
		memcpy(byte, "\xC3\xA0", 2);
	return 2;
}

static void mask_line(struct masking *masking, const struct print_line *line, char sign, enum page_encoding encoding)
{
	bool is_person = false;

	for (size_t k = 0; k < line->count; k++) {
		for (size_t i = 0; i < line->len[k];) {
			uint8_t *byte = &masking->stream->data[line->at[k] + i];

			if (is_person)
				i += mask_letter(byte, line->len[k] - i, encoding);
			else
				is_person = masking->stream->data[line->at[k] + i++] == (uint8_t)sign;
		}
	}
	masking->masked++;
}

/* Whether @paper's line is what @line holds: then their numbers are the same. */
static bool is_same(const struct masking *masking, const struct print_line *line, const struct paper_line *paper)
{
	const uint8_t *byte;
	size_t at = 0;

	for (size_t r = 0; r < paper->run_count; r++) {
		for (size_t i = 0; i < paper->runs[r].len; i++) {
			if (paper->runs[r].bytes[i] == ' ')
				continue;
			while ((byte = byte_at(masking, line, at)) && *byte == ' ')
				at++;
			if (!byte || *byte != paper->runs[r].bytes[i])
				return false;
			at++;
		}
	}
	return true;
}

static bool has_text(const struct paper_line *line)
{
	for (size_t r = 0; r < line->run_count; r++)
		for (size_t i = 0; i < line->runs[r].len; i++)
			if (line->runs[r].bytes[i] != ' ')
				return true;
	return false;
}

static int mask_paper(struct masking *masking, struct arena *arena, const struct paper *paper)
{
	struct letters_port port = {0};
	struct page page;
	size_t at = 0;
	int result = letters_read(masking->letters, arena, paper, &port, &page, masking->fault);

	if (result != 0 || page.is_unsure)
		return result < 0 ? result
				  : FAULT(masking->fault, FAULT_FORMAT,
					    "the letters of a receipt are not known for sure, so it cannot be masked");
	for (size_t i = 0; i < paper->line_count; i++) {
		const char *key;
		char sign;

		if (!has_text(&paper->lines[i]))
			continue;
		if (at == masking->count || !is_same(masking, &masking->lines[at], &paper->lines[i]))
			return FAULT(masking->fault, FAULT_FORMAT,
				"line %zu of a receipt is printed in pieces that cannot be masked", i + 1);
		key = page_key(arena, page.lines[i].text);
		if (!key)
			return FAULT(masking->fault, FAULT_MEMORY, "no memory for a receipt");
		sign = sign_of(key);
		if (sign)
			mask_line(masking, &masking->lines[at], sign, page.encoding);
		at++;
	}
	return at == masking->count ? 0
				    : FAULT(masking->fault, FAULT_FORMAT,
					      "a receipt prints more than its lines, so it cannot be masked");
}

static void on_receipt(void *context, struct arena *arena, const struct paper *paper)
{
	struct masking *masking = context;

	if (masking->result == 0 && masking->count > 0)
		masking->result = mask_paper(masking, arena, paper);
	masking->count = 0;
	masking->lines[0] = (struct print_line){0};
	arena_free(arena);
}

int recording_mask(
	const struct print_dialect_ops *dialect, struct bytes *stream, size_t *ret_lines, struct fault *fault)
{
	CLEANUP(freep) struct print_line *lines = calloc(LINES_MAX, sizeof(*lines));
	CLEANUP(letters_freep) struct letters *letters = NULL;
	struct masking masking = {.stream = stream, .lines = lines, .fault = fault};
	BYTES_CLEANUP struct bytes before = {.max = RECORDING_MAX};
	CLEANUP(head_freep) struct head *head = head_new(HEAD_DOTS_MAX, on_receipt, &masking);
	struct print_sink sink = {on_event, &masking};
	int result = letters_new(&letters, fault);

	masking.head = head;
	masking.letters = letters;
	/* Read from a copy: what is masked is text that was told already. */
	bytes_append(&before, stream->data, stream->len);
	if (result == 0 && (!lines || !head || before.failed))
		result = FAULT(fault, FAULT_MEMORY, "no memory for the recording");
	if (result == 0)
		result = recording_tell(dialect, &before, &sink, fault);
	if (result == 0)
		end_line(&masking);
	if (result == 0 && head_end(head))
		result = FAULT(fault, FAULT_MEMORY, "no memory for a receipt");
	if (result == 0)
		result = masking.result;
	if (result == 0)
		*ret_lines = masking.masked;
	return result;
}
