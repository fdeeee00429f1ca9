#include "cli/learn_pictures.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "capture/glyphs_learn.h"
#include "cli/learn_tesseract.h"

#define PICTURE_ROWS 200 /* of dots, where no letter is printed: a bill and no logo */
#define TEXT_MAX     ((size_t)1 << 20)
#define TEXTS_MAX    ((size_t)400) /* lines of a bill */
#define SHOWN_MAX    12
#define DRAWN_MIN    8
#define AGREE	     2 /* samples where nobody looked at the text */

int learn_pictures_add(struct learn_pictures *pictures, const struct paper *paper, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(SHAPES_ROOM);
	struct learn_picture *bill = &pictures->bills[pictures->count];
	size_t bytes = paper->picture.rows * ((size_t)(paper->picture.width + 7) / 8);
	int result;

	if (paper->is_printed || paper->picture.rows <= PICTURE_ROWS || pictures->count == LEARN_BILLS_MAX)
		return 1;
	result =
		arena ? shapes_find(arena, &paper->picture, &bill->lines, &bill->count, &bill->drawn_to) : FAULT_MEMORY;
	if (result > 0 || (result == 0 && bill->count == 0))
		return 1;
	if (result == 0) {
		bill->texts = ARENA_ARRAY(arena, const char *, bill->count);
		bill->picture = paper->picture;
		bill->picture.dots = (const uint8_t *)arena_copy(arena, paper->picture.dots, bytes);
	}
	if (result < 0 || !bill->texts || !bill->picture.dots)
		return FAULT(fault, FAULT_MEMORY, "no memory for a picture");
	bill->arena = arena;
	arena = NULL;
	pictures->count++;
	return 0;
}

/* ---- what stands on them ---- */

/* One sign again and again: a stroke across the paper, which teaches nothing. */
static bool is_drawn(const char *text)
{
	size_t len = strlen(text);

	return len >= DRAWN_MIN && strspn(text, (const char[]){text[0], '\0'}) == len;
}

/* Lines of @text up to a form feed or its end, without empty ones and strokes. 0; > 0 said; < 0. */
static int read_lines(struct learn_picture *bill, char *text, struct fault *fault)
{
	const char **lines = ARENA_ARRAY(bill->arena, const char *, TEXTS_MAX);
	size_t count = 0;

	for (char *line = text; lines && line && count < TEXTS_MAX;) {
		char *end = strchr(line, '\n');

		if (end)
			*end++ = '\0';
		if (text_clean(bill->arena, line, strlen(line), 0, &lines[count]) == TEXT_OK && lines[count][0] &&
			!is_drawn(lines[count]))
			count++;
		line = end;
	}
	if (!lines)
		return FAULT(fault, FAULT_MEMORY, "no memory for the text of a picture");
	return glyphs_match(bill->arena, bill->lines, bill->count, lines, count, bill->texts, fault);
}

static int read_texts(struct learn_pictures *pictures, const char *path, struct fault *fault)
{
	BYTES_CLEANUP struct bytes text = {.max = TEXT_MAX};
	int result = file_read(path, &text, fault);
	char *next = (char *)text.data;

	for (size_t i = 0; result == 0 && i < pictures->count && next; i++) {
		char *end = strchr(next, '\f');

		if (end)
			*end++ = '\0';
		result = read_lines(&pictures->bills[i], next, fault);
		next = end;
	}
	return result;
}

static int write_texts(const struct learn_pictures *pictures, const char *path, struct fault *fault)
{
	BYTES_CLEANUP struct bytes out = {.max = TEXT_MAX};

	for (size_t i = 0; i < pictures->count; i++) {
		if (i > 0)
			bytes_char(&out, '\f');
		for (size_t j = 0; j < pictures->bills[i].count; j++)
			bytes_printf(&out, "%s\n", pictures->bills[i].texts[j] ? pictures->bills[i].texts[j] : "");
	}
	return out.failed ? bytes_check(&out, "the text of the pictures", fault)
			  : file_write(path, out.data, out.len, 0600, fault);
}

/* ---- the dictionary ---- */

static int learn(struct learn_pictures *pictures, int agree, struct arena *arena, struct fault *fault)
{
	struct glyphs_lesson *lessons;
	size_t count = 0;

	for (size_t i = 0; i < pictures->count; i++)
		count += pictures->bills[i].count;
	lessons = ARENA_ARRAY(arena, struct glyphs_lesson, count + 1);
	if (!lessons)
		return FAULT(fault, FAULT_MEMORY, "no memory to learn glyphs");
	count = 0;
	for (size_t i = 0; i < pictures->count; i++)
		for (size_t j = 0; j < pictures->bills[i].count; j++)
			lessons[count++] =
				(struct glyphs_lesson){&pictures->bills[i].lines[j], pictures->bills[i].texts[j]};
	return glyphs_learn(arena, lessons, count, agree, &pictures->glyphs, fault);
}

/* ---- what is drawn above the text ---- */

static bool is_blank(const uint8_t *row, size_t stride)
{
	while (stride > 0 && row[stride - 1] == 0)
		stride--;
	return stride == 0;
}

/* How many rows all bills begin with. */
static size_t common_rows(const struct learn_pictures *pictures)
{
	const struct paper_picture *first = &pictures->bills[0].picture;
	size_t stride = shape_bytes(first->width, 1);
	size_t rows = pictures->count > 1 ? first->rows : 0;

	for (size_t i = 1; i < pictures->count; i++) {
		const struct paper_picture *other = &pictures->bills[i].picture;
		size_t same = 0;

		while (same < rows && same < other->rows && other->width == first->width &&
			memcmp(first->dots + same * stride, other->dots + same * stride, stride) == 0)
			same++;
		rows = same;
	}
	return rows;
}

/* The row behind the last thing on the first @rows that nobody can read; 0: all can be read. */
static int unread_to(const struct learn_picture *bill, const struct page *page, size_t rows)
{
	int end = bill->drawn_to <= (int)rows ? bill->drawn_to : 0;

	for (size_t i = 0; i < bill->count; i++)
		for (size_t j = 0; strstr(page->lines[i].text, "\xEF\xBF\xBD") && j < bill->lines[i].count; j++) {
			const struct shape *shape = &bill->lines[i].shapes[j];

			if (shape->y + shape->height <= (int)rows && shape->y + shape->height > end)
				end = shape->y + shape->height;
		}
	return end;
}

/* A logo is the same on each bill, and says the same. What stands below it is read. */
static int learn_head(struct learn_pictures *pictures, struct fault *fault)
{
	struct learn_picture *first = &pictures->bills[0];
	size_t stride = shape_bytes(first->picture.width, 1);
	size_t common = common_rows(pictures);
	struct page page;
	int result = glyphs_page(&pictures->glyphs, first->arena, first->lines, first->count, &page, fault);
	size_t rows = result == 0 ? (size_t)unread_to(first, &page, common) : 0;

	while (rows > 0 && rows < common && !is_blank(first->picture.dots + rows * stride, stride))
		rows++;
	if (rows == 0 || rows == common)
		return result;
	pictures->glyphs.head = glyphs_head_of(&first->picture, rows);
	for (size_t i = 0; result == 0 && i < pictures->count; i++) {
		struct learn_picture *bill = &pictures->bills[i];

		bill->picture = glyphs_below_head(&pictures->glyphs, &bill->picture);
		result = shapes_find(bill->arena, &bill->picture, &bill->lines, &bill->count, &bill->drawn_to);
	}
	return result < 0 ? FAULT(fault, result, "no memory for a picture") : result;
}

static int write_glyphs(const struct learn_pictures *pictures, const char *path, struct fault *fault)
{
	BYTES_CLEANUP struct bytes out = {.max = GLYPHS_FILE_MAX};
	int result;

	glyphs_write(&pictures->glyphs, &out);
	result = bytes_check(&out, "the glyphs", fault);
	return result ? result : file_write(path, out.data, out.len, 0600, fault);
}

int learn_pictures_learn(
	struct learn_pictures *pictures, const struct cli *cli, struct arena *arena, struct fault *fault)
{
	const char *path = cli_value(cli, "glyphs");
	const char *text = cli_value(cli, "text");
	bool is_read = text && file_exists(text); /* by a person */
	int result = 0;

	if (!path)
		return cli_fail(cli, CLI_USAGE, "%s",
			SAY(cli, "these bills are pictures: say with --glyphs where their letters are written",
				"các phiếu này in dạng hình: dùng --glyphs để cho biết nơi ghi mẫu chữ"));
	if (file_exists(path))
		return cli_fail(cli, CLI_FAILURE, SAY(cli, "%s is there already", "%s đã có sẵn"), path);
	if (is_read)
		result = read_texts(pictures, text, fault);
	for (size_t i = 0; result == 0 && !is_read && i < pictures->count; i++)
		result = learn_tesseract(&pictures->bills[i], cli, fault);
	if (result == 0 && text && !is_read)
		result = write_texts(pictures, text, fault);
	if (result == 0)
		result = learn(pictures, is_read ? 1 : AGREE, arena, fault);
	if (result == 0)
		result = learn_head(pictures, fault);
	if (result == GLYPHS_TOO_LONG)
		return cli_fail(cli, CLI_FAILURE, "%s",
			SAY(cli, "there is more on these bills than can be learned at once: give fewer",
				"các phiếu này quá nhiều để học một lần: hãy cho ít hơn"));
	return result ? result : write_glyphs(pictures, path, fault);
}

/* ---- what could not be told ---- */

static void draw(const struct glyph *glyph, FILE *to)
{
	size_t stride = (size_t)(glyph->width + 7) / 8;

	for (int row = 0; row < glyph->height; row++) {
		fputs("      ", to);
		for (int x = 0; x < glyph->width; x++)
			fputc(glyph->dots[(size_t)row * stride + (size_t)x / 8] >> (7 - x % 8) & 1 ? '#' : '.', to);
		fputc('\n', to);
	}
}

void learn_pictures_say(const struct learn_pictures *pictures, const struct cli *cli, FILE *to)
{
	bool is_drawn_on = false;
	size_t unknown = 0;

	for (size_t i = 0; i < pictures->glyphs.count; i++)
		unknown += !pictures->glyphs.glyphs[i].letters[0];
	fprintf(to,
		SAY(cli, "  %zu shapes are known, %zu are not; a line with one that is not waits for a person\n",
			"  biết %zu mẫu chữ, chưa biết %zu; dòng có mẫu chưa biết sẽ chờ người xem\n"),
		pictures->glyphs.count - unknown, unknown);
	for (size_t i = 0; i < pictures->count; i++)
		is_drawn_on = is_drawn_on || pictures->bills[i].drawn_to > 0;
	if (pictures->glyphs.head.rows > 0)
		fprintf(to,
			SAY(cli,
				"  what all bills begin with, down to row %zu, is a drawing of this till and is not "
				"read\n",
				"  phần đầu giống nhau của các phiếu, đến hàng điểm %zu, là hình của quầy này và không "
				"được đọc\n"),
			pictures->glyphs.head.rows);
	if (is_drawn_on)
		fputs(SAY(cli,
			      "  something is drawn that is no letter (a logo, a frame, letters that are white on "
			      "black): such a bill waits for a person\n",
			      "  có hình vẽ không phải chữ (logo, khung, chữ trắng nền đen): phiếu có hình như vậy sẽ "
			      "chờ người xem\n"),
			to);
	if (unknown > 0)
		fputs(SAY(cli, "  correct the file of --text, and learn again with it:\n",
			      "  hãy sửa tệp của --text rồi học lại với tệp đó:\n"),
			to);
	for (size_t i = 0, shown = 0; i < pictures->glyphs.count && shown < SHOWN_MAX; i++) {
		const struct glyph *glyph = &pictures->glyphs.glyphs[i];

		if (glyph->letters[0])
			continue;
		shown++;
		fprintf(to, SAY(cli, "    seen %d times:\n", "    thấy %d lần:\n"), glyph->samples);
		draw(glyph, to);
	}
}

void learn_pictures_done(struct learn_pictures *pictures)
{
	for (size_t i = 0; i < pictures->count; i++)
		arena_free(pictures->bills[i].arena);
}
