#include "capture/glyphs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define HEAD	      "hoadon-glyphs 1"
#define UNKNOWN	      "\xEF\xBF\xBD"
#define SIZES_MAX     64
#define BASELINES_MAX 64
#define SPACES_MAX    100
#define PAGE_TEXT_MAX ((size_t)1 << 20)
#define DRAWN	      "--------"
#define DRAWN_MIN     30 /* dots */
#define NUMBERS	      7
#define SLIP	      1 /* dots that columns of one line may stand above one another */
#define TOUCHING_MAX  4 /* letters that are one shape */
#define OVERLAP_MAX   2 /* dots that two of them may share from left to right */

/* ---- order ---- */

static int compare_dots(int width, int height, const uint8_t *dots, const struct glyph *glyph)
{
	if (width != glyph->width)
		return width - glyph->width;
	if (height != glyph->height)
		return height - glyph->height;
	return memcmp(dots, glyph->dots, shape_bytes(width, height));
}

static int compare(const void *one, const void *two)
{
	const struct glyph *a = one;
	const struct glyph *b = two;
	int order = compare_dots(a->width, a->height, a->dots, b);

	if (order == 0)
		order = a->drop - b->drop;
	return order ? order : strcmp(a->letters, b->letters);
}

static int compare_size(const void *one, const void *two)
{
	return ((const struct glyph_size *)one)->size - ((const struct glyph_size *)two)->size;
}

void glyphs_sort(struct glyphs *glyphs)
{
	if (glyphs->count > 1)
		qsort(glyphs->glyphs, glyphs->count, sizeof(*glyphs->glyphs), compare);
	if (glyphs->size_count > 1)
		qsort(glyphs->sizes, glyphs->size_count, sizeof(*glyphs->sizes), compare_size);
}

size_t glyphs_find(const struct glyphs *glyphs, const struct shape *shape, const struct glyph **ret)
{
	size_t low = 0, high = glyphs->count;
	size_t count = 0;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare_dots(shape->width, shape->height, shape->dots, &glyphs->glyphs[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + count < glyphs->count &&
		compare_dots(shape->width, shape->height, shape->dots, &glyphs->glyphs[low + count]) == 0)
		count++;
	*ret = glyphs->glyphs + low;
	return count;
}

static const struct glyph_size *size_of(const struct glyphs *glyphs, int size)
{
	for (size_t i = 0; i < glyphs->size_count; i++)
		if (glyphs->sizes[i].size == size)
			return &glyphs->sizes[i];
	return NULL;
}

/* ---- the file ---- */

/* The next @count numbers of @line; what is behind them, NULL: they are not there or beyond @max. */
static const char *read_numbers(const char *line, int count, int max, int *ret)
{
	for (int i = 0; i < count; i++) {
		char *end;
		long value = strtol(line, &end, 10);

		if (end == line || *end != ' ' || value < -max || value > max)
			return NULL;
		ret[i] = (int)value;
		line = end + 1;
	}
	return line;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(struct arena *arena, const char *hex, struct glyph *glyph)
{
	size_t len = shape_bytes(glyph->width, glyph->height);
	uint8_t *dots = arena_alloc(arena, len);

	for (size_t i = 0; dots && i < len; i++) {
		int high = hex_digit(hex[2 * i]);
		int low = high < 0 ? -1 : hex_digit(hex[2 * i + 1]);

		if (low < 0)
			return false;
		dots[i] = (uint8_t)(high << 4 | low);
	}
	glyph->dots = dots;
	return dots != NULL;
}

/* glyph WIDTH HEIGHT DROP SIZE SAMPLES DOTS [LETTERS] */
static bool read_glyph(struct arena *arena, const char *line, struct glyphs *glyphs)
{
	struct glyph *glyph = &glyphs->glyphs[glyphs->count];
	int numbers[NUMBERS];
	const char *letters;
	size_t hex;

	line = read_numbers(line, NUMBERS, 1000000, numbers);
	if (!line || glyphs->count == GLYPHS_MAX || numbers[0] < 1 || numbers[0] > SHAPES_SIDE_MAX || numbers[1] < 1 ||
		numbers[1] > 2 * SHAPES_SIDE_MAX || abs(numbers[2]) > 2 * SHAPES_SIDE_MAX ||
		!size_of(glyphs, numbers[3]))
		return false;
	*glyph = (struct glyph){.width = numbers[0],
		.height = numbers[1],
		.drop = numbers[2],
		.size = numbers[3],
		.samples = numbers[4],
		.left = numbers[5],
		.right = numbers[6]};
	hex = 2 * shape_bytes(glyph->width, glyph->height);
	if (strlen(line) < hex || !read_hex(arena, line, glyph))
		return false;
	letters = line[hex] ? line + hex + 1 : "";
	if ((line[hex] && line[hex] != ' ') || strlen(letters) > GLYPHS_LETTER_MAX || strchr(letters, ' ') ||
		strstr(letters, UNKNOWN) || !text_is_utf8(letters, strlen(letters)))
		return false;
	strcpy(glyph->letters, letters); /* NOLINT: its length was looked at */
	glyphs->count++;
	return true;
}

/* size SIZE SPACE */
static bool read_size(const char *line, struct glyphs *glyphs)
{
	char padded[64];
	int numbers[2];

	if (strlen(line) + 2 > sizeof(padded) || glyphs->size_count == SIZES_MAX)
		return false;
	snprintf(padded, sizeof(padded), "%s ", line);
	if (!read_numbers(padded, 2, 2 * SHAPES_SIDE_MAX, numbers) || numbers[0] < 1 || numbers[1] < 1 ||
		size_of(glyphs, numbers[0]))
		return false;
	glyphs->sizes[glyphs->size_count++] = (struct glyph_size){numbers[0], numbers[1]};
	return true;
}

/* head WIDTH ROWS DIGEST */
static bool read_head(const char *line, struct glyphs *glyphs)
{
	int numbers[2];

	line = read_numbers(line, 2, 1000000, numbers);
	if (!line || glyphs->head.rows || numbers[0] < 1 || numbers[1] < 1 || strlen(line) != DIGEST_HEX_LEN)
		return false;
	glyphs->head.width = numbers[0];
	glyphs->head.rows = (size_t)numbers[1];
	return hex_parse(line, glyphs->head.digest, DIGEST_LEN) == 0;
}

static bool read_line(struct arena *arena, const char *line, size_t number, struct glyphs *glyphs)
{
	if (number == 1)
		return strcmp(line, HEAD) == 0;
	if (line[0] == '#' || line[0] == '\0')
		return true;
	if (strncmp(line, "head ", 5) == 0)
		return read_head(line + 5, glyphs);
	if (strncmp(line, "size ", 5) == 0)
		return read_size(line + 5, glyphs);
	return strncmp(line, "glyph ", 6) == 0 && read_glyph(arena, line + 6, glyphs);
}

int glyphs_read(struct arena *arena, const struct bytes *text, struct glyphs *ret, struct fault *fault)
{
	struct glyphs glyphs = {.glyphs = ARENA_ARRAY(arena, struct glyph, GLYPHS_MAX + 1),
		.sizes = ARENA_ARRAY(arena, struct glyph_size, SIZES_MAX)};
	char *line = arena_copy(arena, text->data ? (const char *)text->data : "", text->len);
	size_t number = 0;

	if (!glyphs.glyphs || !glyphs.sizes || !line)
		return FAULT(fault, FAULT_MEMORY, "no memory for the glyphs of a till");
	while (number == 0 || *line) {
		size_t len = strcspn(line, "\n");
		bool is_last = line[len] == '\0';

		line[len] = '\0';
		if (!read_line(arena, line, ++number, &glyphs))
			return FAULT(fault, FAULT_CONFIG,
				"glyphs, line %zu is not one of a dictionary that this version reads; learn it anew: "
				"hoadon "
				"capture learn",
				number);
		line += is_last ? len : len + 1;
	}
	glyphs_sort(&glyphs);
	*ret = glyphs;
	return 0;
}

void glyphs_write(const struct glyphs *glyphs, struct bytes *out)
{
	bytes_text(out, HEAD "\n");
	if (glyphs->head.rows) {
		bytes_printf(out, "head %d %zu ", glyphs->head.width, glyphs->head.rows);
		bytes_hex(out, glyphs->head.digest, DIGEST_LEN);
		bytes_text(out, "\n");
	}
	for (size_t i = 0; i < glyphs->size_count; i++)
		bytes_printf(out, "size %d %d\n", glyphs->sizes[i].size, glyphs->sizes[i].space);
	for (size_t i = 0; i < glyphs->count; i++) {
		const struct glyph *glyph = &glyphs->glyphs[i];

		bytes_printf(out, "glyph %d %d %d %d %d %d %d ", glyph->width, glyph->height, glyph->drop, glyph->size,
			glyph->samples, glyph->left, glyph->right);
		bytes_hex(out, glyph->dots, shape_bytes(glyph->width, glyph->height));
		bytes_printf(out, "%s%s\n", glyph->letters[0] ? " " : "", glyph->letters);
	}
}

/* ---- where a line stands ---- */

struct votes {
	int baseline[BASELINES_MAX];
	size_t count[BASELINES_MAX];
	size_t used;
};

static void vote(struct votes *votes, int baseline)
{
	size_t i = 0;

	while (i < votes->used && votes->baseline[i] != baseline)
		i++;
	if (i == BASELINES_MAX)
		return;
	if (i == votes->used)
		votes->baseline[votes->used++] = baseline;
	votes->count[i]++;
}

/* The one letter among @count glyphs of the same dots that stand at most @slip dots from @drop; two letters look so: NULL, and *ret_is_none false. */
static const struct glyph *find_at(const struct glyph *glyphs, size_t count, int drop, int slip, bool *ret_is_none)
{
	const struct glyph *found = NULL;

	*ret_is_none = true;
	for (size_t i = 0; i < count; i++) {
		if (abs(glyphs[i].drop - drop) > slip || !glyphs[i].letters[0])
			continue;
		if (found && strcmp(found->letters, glyphs[i].letters) != 0)
			return NULL;
		*ret_is_none = false;
		found = &glyphs[i];
	}
	return found;
}

/* The one glyph that @shape is on this line, or, where none is, a dot above or below it; NULL: none, or two letters look so. */
static const struct glyph *read_shape(const struct glyphs *glyphs, const struct shape *shape, int baseline)
{
	const struct glyph *glyph, *found;
	size_t count = glyphs_find(glyphs, shape, &glyph);
	int drop = shape->y + shape->height - baseline;
	bool is_none;

	found = find_at(glyph, count, drop, 0, &is_none);
	return found || !is_none ? found : find_at(glyph, count, drop, SLIP, &is_none);
}

/* Whether the same letters stand on both lines. */
static bool reads_same(const struct glyphs *glyphs, const struct shape_line *line, int one, int two)
{
	for (size_t i = 0; i < line->count; i++) {
		const struct glyph *a = read_shape(glyphs, &line->shapes[i], one);
		const struct glyph *b = read_shape(glyphs, &line->shapes[i], two);

		if (!a || !b || strcmp(a->letters, b->letters) != 0)
			return false;
	}
	return true;
}

/* The one line that most shapes stand on; false: there is none, or two on which other letters stand. */
static bool find_baseline(const struct glyphs *glyphs, const struct shape_line *line, int *ret)
{
	struct votes votes = {.used = 0};
	size_t most = 0;
	bool is_one = false;

	for (size_t i = 0; i < line->count; i++) {
		const struct shape *shape = &line->shapes[i];
		const struct glyph *glyph;
		size_t count = glyphs_find(glyphs, shape, &glyph);

		for (size_t j = 0; j < count; j++)
			if (j == 0 || glyph[j].drop != glyph[j - 1].drop)
				vote(&votes, shape->y + shape->height - glyph[j].drop);
	}
	for (size_t i = 0; i < votes.used; i++) {
		if (votes.count[i] == most)
			is_one = is_one && reads_same(glyphs, line, *ret, votes.baseline[i]);
		if (votes.count[i] > most) {
			most = votes.count[i];
			*ret = votes.baseline[i];
			is_one = true;
		}
	}
	return is_one;
}

/* ---- letters that touch ---- */

/* A shape that is no glyph, while glyphs are laid over it. */
struct joined {
	const struct glyphs *glyphs;
	const struct shape *shape;
	int baseline;
	uint8_t covered[SHAPES_SIDE_MAX * 2 * SHAPES_SIDE_MAX]; /* how many glyphs lie over each dot, row by row */
	const struct glyph *parts[TOUCHING_MAX];
	size_t count;
	const struct glyph *found[2];	     /* the first and the last of the way that was found */
	char letters[GLYPHS_LETTER_MAX + 1]; /* of it */
	size_t ways;
};

static bool is_black(const uint8_t *dots, int width, int x, int y)
{
	return dots[(size_t)y * ((size_t)(width + 7) / 8) + (size_t)x / 8] >> (7 - x % 8) & 1;
}

/* Signs and figures never touch, and no figure is made of two parts. */
static bool is_letter(const struct glyph *glyph)
{
	char first = glyph->letters[0];

	return (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z') || (unsigned char)first >= 0xC3;
}

/* Lays @glyph over it (@by 1) or takes it away (-1). */
static void lay(struct joined *joined, const struct glyph *glyph, int left, int top, int by)
{
	for (int y = 0; y < glyph->height; y++)
		for (int x = 0; x < glyph->width; x++)
			if (is_black(glyph->dots, glyph->width, x, y))
				joined->covered[(top + y) * joined->shape->width + left + x] += (uint8_t)by;
}

/* Whether all dots of @glyph are dots of the shape there. */
static bool lies_within(const struct joined *joined, const struct glyph *glyph, int left, int top)
{
	const struct shape *shape = joined->shape;

	if (left < 0 || top < 0 || left + glyph->width > shape->width || top + glyph->height > shape->height)
		return false;
	for (int y = 0; y < glyph->height; y++)
		for (int x = 0; x < glyph->width; x++)
			if (is_black(glyph->dots, glyph->width, x, y) &&
				!is_black(shape->dots, shape->width, left + x, top + y))
				return false;
	return true;
}

/* The first dot from the left that no glyph lies over; false: there is none. */
static bool find_bare(const struct joined *joined, int *ret_x, int *ret_y)
{
	const struct shape *shape = joined->shape;

	for (int x = 0; x < shape->width; x++)
		for (int y = 0; y < shape->height; y++)
			if (is_black(shape->dots, shape->width, x, y) && !joined->covered[y * shape->width + x]) {
				*ret_x = x;
				*ret_y = y;
				return true;
			}
	return false;
}

static void note_way(struct joined *joined)
{
	char letters[GLYPHS_LETTER_MAX + 1] = "";
	size_t len = 0;

	for (size_t i = 0; i < joined->count; i++) {
		size_t more = strlen(joined->parts[i]->letters);

		if (len + more > GLYPHS_LETTER_MAX)
			return;
		memcpy(letters + len, joined->parts[i]->letters, more + 1);
		len += more;
	}
	if (joined->ways == 0 || strcmp(letters, joined->letters) != 0)
		joined->ways++;
	memcpy(joined->letters, letters, sizeof(letters));
	joined->found[0] = joined->parts[0];
	joined->found[1] = joined->parts[joined->count - 1];
}

/* All ways to lay glyphs over the shape so that each dot of it is one of a glyph, and none is over. */
static void find_ways(struct joined *joined)
{
	int x, y;

	if (!find_bare(joined, &x, &y)) {
		note_way(joined);
		return;
	}
	for (size_t i = 0; i < joined->glyphs->count && joined->count < TOUCHING_MAX && joined->ways < 2; i++) {
		const struct glyph *glyph = &joined->glyphs->glyphs[i];
		int top = joined->baseline + glyph->drop - glyph->height - joined->shape->y;

		for (int left = x - OVERLAP_MAX; left <= x && is_letter(glyph); left++) {
			if (!lies_within(joined, glyph, left, top) || y < top || y >= top + glyph->height ||
				x - left >= glyph->width || !is_black(glyph->dots, glyph->width, x - left, y - top))
				continue;
			lay(joined, glyph, left, top, 1);
			joined->parts[joined->count++] = glyph;
			find_ways(joined);
			joined->count--;
			lay(joined, glyph, left, top, -1);
		}
	}
}

/* The letters that a shape is together; false: it is not made of glyphs, or in more than one way. */
static bool read_joined(const struct glyphs *glyphs, const struct shape *shape, int baseline, struct joined *ret)
{
	const struct glyph *glyph;

	if (shape->height > 2 * SHAPES_SIDE_MAX || shape->width > SHAPES_SIDE_MAX || glyphs_find(glyphs, shape, &glyph))
		return false;
	ret->glyphs = glyphs;
	ret->shape = shape;
	ret->baseline = baseline;
	find_ways(ret);
	return ret->ways == 1;
}

/* ---- a line ---- */

/* Half of a space is one; three quarters more are another, since sides are whole dots and words must not fall apart into columns. */
static int spaces_in(const struct glyph_size *size, int gap)
{
	int spaces = 2 * gap < size->space ? 0 : (4 * gap + size->space) / (4 * size->space);

	if (2 * gap >= size->space && spaces == 0)
		spaces = 1;
	return spaces < SPACES_MAX ? spaces : SPACES_MAX;
}

/* Of most letters that are known; of those that are as many the first; NULL: none is. */
static const struct glyph_size *line_size(const struct glyphs *glyphs, const struct shape_line *line, int baseline)
{
	size_t counts[SIZES_MAX] = {0};
	size_t best = 0;

	for (size_t i = 0; i < line->count; i++) {
		const struct glyph *glyph = read_shape(glyphs, &line->shapes[i], baseline);

		if (glyph)
			counts[size_of(glyphs, glyph->size) - glyphs->sizes]++;
	}
	for (size_t i = 0; i < glyphs->size_count; i++)
		best = counts[i] > counts[best] ? i : best;
	return glyphs->size_count && counts[best] ? &glyphs->sizes[best] : NULL;
}

/* Nothing as high as half a letter: a stroke that is drawn across the paper, which says nothing. */
static bool is_drawn(const struct glyphs *glyphs, const struct shape_line *line)
{
	int width = 0;

	for (size_t i = 0; i < line->count; i++) {
		width += line->shapes[i].width;
		if (glyphs->size_count == 0 || 2 * line->shapes[i].height > glyphs->sizes[0].size)
			return false;
	}
	return width >= DRAWN_MIN;
}

static void write_line(const struct glyphs *glyphs, const struct shape_line *line, int left, struct bytes *out)
{
	int baseline = 0;
	bool is_found = find_baseline(glyphs, line, &baseline);
	const struct glyph_size *size = is_found ? line_size(glyphs, line, baseline) : NULL;
	int end = left;

	if (!size && is_drawn(glyphs, line)) {
		bytes_text(out, DRAWN);
		return;
	}
	if (!size) {
		bytes_text(out, UNKNOWN);
		return;
	}
	for (size_t i = 0; i < line->count; i++) {
		const struct shape *shape = &line->shapes[i];
		const struct glyph *glyph = read_shape(glyphs, shape, baseline);
		struct joined joined = {.ways = 0};
		bool is_joined = !glyph && read_joined(glyphs, shape, baseline, &joined);
		const struct glyph *first = is_joined ? joined.found[0] : glyph;
		const struct glyph *last = is_joined ? joined.found[1] : glyph;

		for (int n = spaces_in(size, shape->x - end - (first ? first->left : 0)); n > 0; n--)
			bytes_char(out, ' ');
		bytes_text(out, glyph ? glyph->letters : is_joined ? joined.letters : UNKNOWN);
		end = shape->x + shape->width + (last ? last->right : 0);
	}
}

int glyphs_page(const struct glyphs *glyphs, struct arena *arena, const struct shape_line *lines, size_t count,
	struct page *ret, struct fault *fault)
{
	BYTES_CLEANUP struct bytes text = {.max = PAGE_TEXT_MAX};
	struct page_line *told = ARENA_ARRAY(arena, struct page_line, count + 1);
	int left = count ? lines[0].shapes[0].x : 0;

	if (!told)
		return FAULT(fault, FAULT_MEMORY, "no memory for the text of a picture");
	for (size_t i = 0; i < count; i++)
		left = lines[i].shapes[0].x < left ? lines[i].shapes[0].x : left;
	for (size_t i = 0; i < count; i++) {
		bytes_clear(&text);
		write_line(glyphs, &lines[i], left, &text);
		if (text.failed)
			return GLYPHS_TOO_LONG;
		told[i].text = arena_copy(arena, text.data, text.len);
		if (!told[i].text)
			return FAULT(fault, FAULT_MEMORY, "no memory for the text of a picture");
	}
	*ret = (struct page){.encoding = PAGE_UTF8, .lines = told, .line_count = count};
	return 0;
}

struct glyphs_head glyphs_head_of(const struct paper_picture *picture, size_t rows)
{
	struct glyphs_head head = {.width = picture->width, .rows = rows};

	digest_sha256(picture->dots, shape_bytes(picture->width, 1) * rows, head.digest);
	return head;
}

struct paper_picture glyphs_below_head(const struct glyphs *glyphs, const struct paper_picture *picture)
{
	const struct glyphs_head *head = &glyphs->head;
	struct paper_picture below = *picture;

	if (head->rows == 0 || head->width != picture->width || head->rows > picture->rows ||
		memcmp(glyphs_head_of(picture, head->rows).digest, head->digest, DIGEST_LEN) != 0)
		return below;
	below.dots += shape_bytes(picture->width, 1) * head->rows;
	below.rows -= head->rows;
	return below;
}

/* A line that nobody can read: what is drawn may say what the paper is. */
static bool add_unknown(struct arena *arena, struct page *page)
{
	struct page_line *lines = ARENA_ARRAY(arena, struct page_line, page->line_count + 1);

	if (!lines)
		return false;
	if (page->line_count > 0)
		memcpy(lines, page->lines, page->line_count * sizeof(*lines));
	lines[page->line_count++].text = UNKNOWN;
	page->lines = lines;
	return true;
}

int glyphs_read_paper(const struct glyphs *glyphs, struct arena *arena, const struct paper *paper, struct page *ret,
	struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *room = arena_new(SHAPES_ROOM);
	struct shape_line *lines;
	struct paper_picture picture = glyphs_below_head(glyphs, &paper->picture);
	size_t count;
	int drawn_to;
	int result = room ? shapes_find(room, &picture, &lines, &count, &drawn_to) : FAULT_MEMORY;

	if (result < 0)
		return FAULT(fault, result, "no memory for a picture");
	if (result > 0)
		return GLYPHS_TOO_LONG;
	result = glyphs_page(glyphs, arena, lines, count, ret, fault);
	if (result)
		return result;
	ret->columns = paper->columns;
	return drawn_to == 0 || add_unknown(arena, ret) ? 0 : FAULT(fault, FAULT_MEMORY, "no memory for a picture");
}
