#include "capture/profile_lines.h"

#include <string.h>

#include "base/text.h"
#include "capture/profile.h"

#define DRAWN_MIN 8 /* letters of a stroke that is drawn with one sign */

static bool is_next(const char *byte)
{
	return ((unsigned char)*byte & 0xC0) == 0x80;
}

/* What patterns need of the signs that have no ASCII of their own. */
static char sign(const char *letter)
{
	static const struct {
		const char *letter;
		char ascii;
	} signs[] = {{"\xC2\xA0", ' '}, {"×", 'x'}, {"₫", 'd'}, {"\xE2\x88\x92", '-'}, {"–", '-'}};

	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (strncmp(letter, signs[i].letter, strlen(signs[i].letter)) == 0)
			return signs[i].ascii;
	return 0;
}

/* Small letters and signs in place; false when letters and bytes do not go together. */
static bool match_up(const char *text, char *fold)
{
	for (; *text; fold++) {
		char ascii = (unsigned char)*text >= 0x80 ? sign(text) : 0;

		if (*fold == '\0')
			return false;
		if (ascii)
			*fold = ascii;
		else if (*fold >= 'A' && *fold <= 'Z')
			*fold = (char)(*fold - 'A' + 'a');
		for (text++; is_next(text); text++)
			;
	}
	return *fold == '\0';
}

static bool make_label(struct arena *arena, struct row *row)
{
	char *label = arena_copy(arena, row->fold + row->indent, row->len - row->indent);
	size_t n = 0;

	for (size_t i = 0; label && label[i]; i++)
		if (label[i] != ' ' || label[n - 1] != ' ') /* the first is no blank */
			label[n++] = label[i];
	if (label)
		label[n] = '\0';
	row->label = label;
	return label != NULL;
}

/* What could turn a line around or end it on paper, in a log or in a table is not read at all; nor where a letter was none (U+FFFD). */
static bool is_clean(struct arena *arena, const char *text)
{
	const char *clean;

	return !strpbrk(text, "\t\r\n") && !strstr(text, "\xEF\xBF\xBD") &&
	       text_clean(arena, text, strlen(text), 0, &clean) == TEXT_OK;
}

bool row_make(struct arena *arena, const char *text, struct row *ret)
{
	const char *folded = text_fold_ascii(arena, text);
	char *fold = folded ? arena_strdup(arena, folded) : NULL;

	if (!fold)
		return false;
	*ret = (struct row){.text = text, .fold = fold, .has_figure = strpbrk(fold, "0123456789") != NULL};
	ret->is_readable = is_clean(arena, text) && match_up(text, fold) && strlen(fold) <= PROFILE_COLUMN_MAX;
	ret->len = strlen(fold);
	while (ret->len > 0 && fold[ret->len - 1] == ' ')
		ret->len--;
	while (ret->indent < ret->len && fold[ret->indent] == ' ')
		ret->indent++;
	return make_label(arena, ret);
}

/* One sign again and again, which no ASCII has and each page shows as another ("─", "•", "ò"): no name is so. */
static bool is_drawn(const char *text)
{
	uint32_t first = 0, point;
	size_t count = 0;
	size_t step;

	text += strspn(text, " ");
	if (text_next(text, &first) == 0 || first < 0x80)
		return false;
	for (; (step = text_next(text, &point)) > 0 && point == first; text += step)
		count++;
	return count >= DRAWN_MIN && text[strspn(text, " ")] == '\0';
}

bool row_is_rule(const struct row *row)
{
	return row->label[strspn(row->label, "-=_*.~+# ")] == '\0' || is_drawn(row->text);
}

const char *row_slice(struct arena *arena, const struct row *row, size_t from, size_t to)
{
	const char *start = row->text;
	const char *end;

	while (from < to && row->fold[from] == ' ')
		from++;
	while (to > from && row->fold[to - 1] == ' ')
		to--;
	for (size_t i = 0; i < from && *start; i++)
		for (start++; is_next(start); start++)
			;
	end = start;
	for (size_t i = from; i < to && *end; i++)
		for (end++; is_next(end); end++)
			;
	return arena_copy(arena, start, (size_t)(end - start));
}
