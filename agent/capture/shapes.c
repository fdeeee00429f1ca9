#include "capture/shapes.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

#define RUNS_MAX    ((size_t)400000)
#define PARTS_MAX   ((size_t)16384)
#define LINES_MAX   ((size_t)2000)
#define NEAR_LINES  8  /* that a letter may belong to: lines are made from top to bottom */
#define LETTER_MIN  6  /* dots of height of what may be a letter, and not a point */
#define MARK_MAX    12 /* two marks of one letter are not higher */
#define POINT_MAX   4  /* nor the points of a colon */
#define SMALL	    3  /* dots of a side of a point that has little else than corners */
#define BELOW	    2  /* dots that a mark above another line's letter may be nearer to that than to its own */
#define CLOSE	    3  /* dots between a mark and its letter, however small they are */
#define CLOSE_POINT 1  /* of a point */
#define RULE_MIN    64 /* dots of a stroke across the paper, which is */
#define RULE_HIGH   6  /* not higher */

/* Dots in a row, side by side. */
struct run {
	int row, from, to;     /* to: behind the last */
	uint32_t parent, part; /* of the run that it touches; number of the part */
};

struct box {
	int left, top, right, bottom; /* right and bottom: behind the last */
};

/* Connected dots. */
struct part {
	struct box box;
	int dots, widest; /* of a row, side by side */
	uint32_t group;	  /* the part that it belongs to; itself: it is a letter, of which the rest holds */
	size_t parts;	  /* of the letter */
	struct box body;  /* the highest part */
	struct box whole;
	int line; /* from 1; 0: none yet */
};

struct finder {
	struct run *runs;
	size_t run_count, run_room;
	struct part *parts;
	size_t part_count;
	struct box *lines; /* of their bodies */
	size_t line_count;
	int *heights; /* room for those of all parts */
	int mark;     /* what is not higher is no body of a letter */
};

size_t shape_bytes(int width, int height)
{
	return (size_t)(width + 7) / 8 * (size_t)height;
}

static int width_of(const struct box *box)
{
	return box->right - box->left;
}

static int height_of(const struct box *box)
{
	return box->bottom - box->top;
}

static void cover(struct box *box, const struct box *other)
{
	box->left = other->left < box->left ? other->left : box->left;
	box->top = other->top < box->top ? other->top : box->top;
	box->right = other->right > box->right ? other->right : box->right;
	box->bottom = other->bottom > box->bottom ? other->bottom : box->bottom;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

static int most(int a, int b)
{
	return a > b ? a : b;
}

static int shared(int from, int to, int other_from, int other_to)
{
	int low = from > other_from ? from : other_from;
	int high = to < other_to ? to : other_to;

	return high - low; /* < 0: so far apart */
}

/* ---- parts ---- */

static uint32_t root_of(struct run *runs, uint32_t i)
{
	while (runs[i].parent != i)
		i = runs[i].parent = runs[runs[i].parent].parent;
	return i;
}

static void join(struct run *runs, uint32_t one, uint32_t two)
{
	one = root_of(runs, one);
	two = root_of(runs, two);
	if (one < two)
		runs[two].parent = one;
	else
		runs[one].parent = two;
}

static bool is_black(const uint8_t *row, int x)
{
	return row[x / 8] >> (7 - x % 8) & 1;
}

/* The dots of one row; false: too many. */
static bool add_runs(struct finder *finder, const struct paper_picture *picture, int row)
{
	const uint8_t *dots = picture->dots + (size_t)row * ((size_t)(picture->width + 7) / 8);

	for (int x = 0; x < picture->width;) {
		int from;

		if (!dots[x / 8] && x % 8 == 0) {
			x += 8;
			continue;
		}
		if (!is_black(dots, x)) {
			x++;
			continue;
		}
		from = x;
		while (x < picture->width && is_black(dots, x))
			x++;
		if (finder->run_count == finder->run_room)
			return false;
		finder->runs[finder->run_count] = (struct run){row, from, x, (uint32_t)finder->run_count, 0};
		finder->run_count++;
	}
	return true;
}

/* Runs of neighbouring rows that touch; @above to @begin: those of the row above. */
static void join_rows(struct finder *finder, size_t above, size_t begin)
{
	struct run *runs = finder->runs;

	for (size_t i = above, j = begin; i < begin && j < finder->run_count;) {
		if (runs[i].to >= runs[j].from && runs[j].to >= runs[i].from)
			join(runs, (uint32_t)i, (uint32_t)j);
		if (runs[i].to < runs[j].to)
			i++;
		else
			j++;
	}
}

static bool find_runs(struct finder *finder, const struct paper_picture *picture)
{
	size_t above = 0;

	for (size_t row = 0; row < picture->rows; row++) {
		size_t begin = finder->run_count;

		if (!add_runs(finder, picture, (int)row))
			return false;
		join_rows(finder, above, begin);
		above = begin;
	}
	return true;
}

/* A root stands before its other runs: parts come from top to bottom. */
static bool find_parts(struct finder *finder)
{
	for (uint32_t i = 0; i < finder->run_count; i++) {
		struct run *run = &finder->runs[i];
		struct box box = {run->from, run->row, run->to, run->row + 1};
		uint32_t root = root_of(finder->runs, i);

		if (root == i && finder->part_count == PARTS_MAX)
			return false;
		if (root == i) {
			run->part = (uint32_t)finder->part_count++;
			finder->parts[run->part] = (struct part){.box = box, .group = run->part};
		}
		run->part = finder->runs[root].part;
		finder->parts[run->part].dots += run->to - run->from;
		finder->parts[run->part].widest = most(finder->parts[run->part].widest, run->to - run->from);
		cover(&finder->parts[run->part].box, &box);
	}
	return true;
}

/* What is no letter and may hold none. */
static bool is_stroke(const struct part *part)
{
	return width_of(&part->box) <= RULE_HIGH || height_of(&part->box) <= RULE_HIGH;
}

static bool is_letter(const struct part *part)
{
	int width = width_of(&part->box);
	int height = height_of(&part->box);

	return width <= SHAPES_SIDE_MAX && height <= SHAPES_SIDE_MAX && (width < RULE_MIN || height > RULE_HIGH);
}

/* ---- marks ---- */

/* What may be a part of a letter, or the letter. */
struct piece {
	const struct box *box;
	int dots, widest;
};

/* Its dots fill its box, but for the corners: a point or a stroke, and no mark that stands above a letter. */
static bool is_full(const struct piece *piece)
{
	return 4 * piece->dots >= 3 * width_of(piece->box) * height_of(piece->box);
}

/* A point that has little else than corners. */
static bool is_small(const struct piece *piece)
{
	return width_of(piece->box) <= SMALL && height_of(piece->box) <= width_of(piece->box) &&
	       piece->widest == width_of(piece->box);
}

static bool is_alike(int one, int two)
{
	return one - two <= 1 && two - one <= 1;
}

/* The points of a colon, and the strokes of an equals sign. */
static bool is_colon(const struct piece *one, const struct piece *two)
{
	const struct box *a = one->box;
	const struct box *b = two->box;

	return is_alike(a->left, b->left) && is_alike(a->right, b->right) && is_alike(height_of(a), height_of(b)) &&
	       most(height_of(a), height_of(b)) <= POINT_MAX &&
	       ((is_full(one) && is_full(two)) || (is_small(one) && is_small(two) && width_of(a) == width_of(b)));
}

/* How far apart parts of one letter may stand that are so high; 0: they are none. */
static int room_between(const struct piece *one, const struct piece *two)
{
	int low = least(height_of(one->box), height_of(two->box));
	int high = most(height_of(one->box), height_of(two->box));

	if (is_colon(one, two))
		return 4 * low;
	if (2 * low <= high) /* a mark */
		return most(CLOSE, high * 3 / 10);
	return high <= MARK_MAX ? most(CLOSE, low / 2) : 0; /* two marks of one letter */
}

/* The only mark below a letter is a point, and above a mark stands none: else these are of two lines. */
static bool is_of_two_lines(const struct piece *part, const struct piece *whole, int mark)
{
	if (part->box->top > whole->box->top)
		return part->box->bottom > whole->box->bottom &&
		       ((!is_full(part) && !is_small(part)) ||
			       (3 * height_of(part->box) > height_of(whole->box) && height_of(part->box) > POINT_MAX));
	return height_of(whole->box) <= mark && !is_colon(part, whole);
}

/* How far from @part what it may be a part of stands, < 0 around it; INT32_MAX: it is not of the same letter. Marks stand above rather than below. */
static int distance(const struct piece *part, const struct piece *whole, int mark)
{
	int gap = -shared(part->box->top, part->box->bottom, whole->box->top, whole->box->bottom);
	int both = shared(part->box->left, part->box->right, whole->box->left, whole->box->right);
	int narrow = least(width_of(part->box), width_of(whole->box));

	if (is_of_two_lines(part, whole, mark) || 2 * both < narrow ||
		(gap < 0 && 4 * both < 3 * narrow &&
			4 * height_of(part->box) <= height_of(whole->box))) /* a neighbour that leans over it */
		return INT32_MAX;
	return gap <= room_between(part, whole) ? gap + (part->box->top > whole->box->top ? BELOW : 0) : INT32_MAX;
}

static uint32_t group_of(struct part *parts, uint32_t i)
{
	while (parts[i].group != i)
		i = parts[i].group = parts[parts[i].group].group;
	return i;
}

/* The box of each letter, and of its highest part. */
static void measure(struct finder *finder)
{
	for (uint32_t i = 0; i < finder->part_count; i++)
		finder->parts[i].parts = 0;
	for (uint32_t i = 0; i < finder->part_count; i++) {
		struct part *group = &finder->parts[group_of(finder->parts, i)];

		if (group->parts++ == 0)
			group->whole = group->body = finder->parts[i].box;
		cover(&group->whole, &finder->parts[i].box);
		if (height_of(&finder->parts[i].box) > height_of(&group->body))
			group->body = finder->parts[i].box;
	}
}

/* Of a mark that is left over, from a letter with the marks that it has by then: a point is rather that of the line above. */
static int distance_again(const struct part *part, const struct part *whole, int mark_high)
{
	struct piece mark = {&part->whole, part->dots, part->widest};
	struct piece letter = {&whole->whole, whole->dots, whole->widest};
	bool is_point = part->dots == width_of(&part->whole) * height_of(&part->whole);
	int gap = 2 * height_of(&part->whole) <= height_of(&whole->body) && part->whole.bottom <= whole->whole.bottom
			  ? distance(&mark, &letter, mark_high)
			  : INT32_MAX;

	return gap <= (is_point ? CLOSE_POINT : CLOSE) ? gap : INT32_MAX;
}

/* How far part @i is from @j; INT32_MAX: not of it. First of parts as they are, then of what is left over. */
static int distance_of(const struct finder *finder, uint32_t i, uint32_t j, bool is_again)
{
	const struct part *part = &finder->parts[i];
	const struct part *whole = &finder->parts[j];
	struct piece small = {&part->box, part->dots, part->widest};
	struct piece large = {&whole->box, whole->dots, whole->widest};

	if (i == j || !is_letter(part) || !is_letter(whole) || (is_again && (part->group != i || whole->group != j)))
		return INT32_MAX;
	if (is_again)
		return distance_again(part, whole, finder->mark);
	return height_of(&whole->box) >= height_of(&part->box) ? distance(&small, &large, finder->mark) : INT32_MAX;
}

static int by_number(const void *one, const void *two)
{
	return *(const int *)one - *(const int *)two;
}

/* What so many percent of @heights are lower than; they are put in order. */
static int height_at(int *heights, size_t count, size_t percent)
{
	qsort(heights, count, sizeof(*heights), by_number);
	return heights[count * percent / 100];
}

/* Half of what nearly all letters are as high as: also those without a stroke upwards in the smallest size. */
static void find_mark(struct finder *finder)
{
	size_t count = 0;

	for (uint32_t i = 0; i < finder->part_count; i++)
		if (is_letter(&finder->parts[i]) && height_of(&finder->parts[i].box) >= LETTER_MIN)
			finder->heights[count++] = height_of(&finder->parts[i].box);
	finder->mark = count ? height_at(finder->heights, count, 10) / 2 : 0;
}

/* Each part goes with the one, as high or higher, that is nearest of those above, below or around it. */
static void join_marks(struct finder *finder, bool is_again)
{
	struct part *parts = finder->parts;
	uint32_t from = 0; /* whatever stands before it is too high up for a letter to reach */

	for (uint32_t i = 0; i < finder->part_count; i++) {
		uint32_t nearest = i;
		int least_gap = INT32_MAX;

		while (parts[from].box.top + 2 * SHAPES_SIDE_MAX < parts[i].box.top)
			from++;
		for (uint32_t j = from;
			j < finder->part_count && parts[j].box.top <= parts[i].box.bottom + SHAPES_SIDE_MAX; j++) {
			int gap = distance_of(finder, i, j, is_again);

			if (gap < least_gap) {
				least_gap = gap;
				nearest = j;
			}
		}
		if (least_gap < INT32_MAX)
			parts[group_of(parts, i)].group = group_of(parts, nearest);
	}
	for (uint32_t i = 0; i < finder->part_count; i++)
		parts[i].group = group_of(parts, i);
	measure(finder);
}

/* ---- lines ---- */

static bool is_group(const struct finder *finder, uint32_t i)
{
	return finder->parts[i].group == i && is_letter(&finder->parts[i]);
}

/* Two thirds of what three in four letters are not higher than: a comma is less. */
static int find_body(const struct finder *finder)
{
	size_t count = 0;

	for (uint32_t i = 0; i < finder->part_count; i++)
		if (is_group(finder, i) && height_of(&finder->parts[i].body) >= LETTER_MIN)
			finder->heights[count++] = height_of(&finder->parts[i].body);
	return count ? (height_at(finder->heights, count, 75) * 2 + 2) / 3 : LETTER_MIN;
}

/* The line among the last ones that shares most of @body; a new one where none shares half. */
static void put_body(struct finder *finder, struct part *part)
{
	size_t from = finder->line_count > NEAR_LINES ? finder->line_count - NEAR_LINES : 0;
	int best = 0;

	for (size_t n = from; n < finder->line_count; n++) {
		struct box *line = &finder->lines[n];
		int both = shared(line->top, line->bottom, part->body.top, part->body.bottom);

		if (2 * both >= least(height_of(line), height_of(&part->body)) && both > best) {
			best = both;
			part->line = (int)n + 1;
		}
	}
	if (part->line == 0 && finder->line_count < LINES_MAX) {
		finder->lines[finder->line_count++] = part->body;
		part->line = (int)finder->line_count;
	}
}

/* The line whose bodies @part stands within or next to; 0: none. */
static int line_near(const struct finder *finder, const struct part *part)
{
	int middle = part->whole.top + part->whole.bottom;
	int nearest = INT32_MAX;
	int found = 0;

	for (size_t n = 0; n < finder->line_count; n++) {
		const struct box *line = &finder->lines[n];
		int away = most(most(2 * line->top - middle, middle - 2 * line->bottom), 0);

		if (away <= height_of(line) && away < nearest) {
			nearest = away;
			found = (int)n + 1;
		}
	}
	return found;
}

/* Letters first; then what is lower, as points and strokes; then lines that have nothing else. */
static void find_lines(struct finder *finder)
{
	int body = find_body(finder);

	for (uint32_t i = 0; i < finder->part_count; i++)
		if (is_group(finder, i) && height_of(&finder->parts[i].body) >= body)
			put_body(finder, &finder->parts[i]);
	for (uint32_t i = 0; i < finder->part_count; i++)
		if (is_group(finder, i) && finder->parts[i].line == 0)
			finder->parts[i].line = line_near(finder, &finder->parts[i]);
	for (uint32_t i = 0; i < finder->part_count; i++)
		if (is_group(finder, i) && finder->parts[i].line == 0)
			put_body(finder, &finder->parts[i]);
}

/* ---- what is told ---- */

static int left_to_right(const void *one, const void *two)
{
	const struct shape *a = one;
	const struct shape *b = two;

	return a->x != b->x ? a->x - b->x : a->y - b->y;
}

static void draw(struct finder *finder, struct shape **shapes)
{
	for (size_t i = 0; i < finder->run_count; i++) {
		const struct run *run = &finder->runs[i];
		const struct shape *shape = shapes[group_of(finder->parts, run->part)];
		uint8_t *row;

		if (!shape)
			continue;
		row = (uint8_t *)shape->dots + shape_bytes(shape->width, run->row - shape->y);
		for (int x = run->from - shape->x; x < run->to - shape->x; x++)
			row[x / 8] |= (uint8_t)(0x80 >> x % 8);
	}
}

struct numbered {
	int line, top;
};

static int top_to_bottom(const void *one, const void *two)
{
	const struct numbered *a = one;
	const struct numbered *b = two;

	return a->top != b->top ? a->top - b->top : a->line - b->line;
}

/* In the order of their bodies on paper; shapes[] gets the place of each group. 0 or FAULT_MEMORY. */
static int tell(struct finder *finder, struct arena *arena, struct shape_line **ret, size_t *ret_count)
{
	size_t lines = finder->line_count;
	struct shape **shapes = ARENA_ARRAY(arena, struct shape *, finder->part_count + 1);
	struct shape_line *told = ARENA_ARRAY(arena, struct shape_line, lines + 1);
	struct numbered *order = ARENA_ARRAY(arena, struct numbered, lines + 1);
	size_t *places = ARENA_ARRAY(arena, size_t, lines + 1);
	size_t *counts = ARENA_ARRAY(arena, size_t, lines + 1);

	if (!shapes || !told || !order || !places || !counts)
		return FAULT_MEMORY;
	for (size_t n = 0; n < lines; n++)
		order[n] = (struct numbered){(int)n, finder->lines[n].top};
	qsort(order, lines, sizeof(*order), top_to_bottom);
	for (size_t n = 0; n < lines; n++)
		places[order[n].line] = n;
	for (uint32_t i = 0; i < finder->part_count; i++)
		if (is_group(finder, i) && finder->parts[i].line > 0)
			counts[places[finder->parts[i].line - 1]]++;
	for (size_t n = 0; n < lines; n++)
		if (!(told[n].shapes = ARENA_ARRAY(arena, struct shape, counts[n] + 1)))
			return FAULT_MEMORY;
	for (uint32_t i = 0; i < finder->part_count; i++) {
		const struct box *box = &finder->parts[i].whole;
		struct shape_line *line;
		struct shape *shape;

		if (!is_group(finder, i) || finder->parts[i].line == 0)
			continue;
		line = &told[places[finder->parts[i].line - 1]];
		shape = &line->shapes[line->count++];
		*shape = (struct shape){box->left, box->top, width_of(box), height_of(box), NULL};
		shape->dots = arena_alloc(arena, shape_bytes(shape->width, shape->height) + 1);
		if (!shape->dots)
			return FAULT_MEMORY;
		shapes[i] = shape;
	}
	draw(finder, shapes);
	for (size_t n = 0; n < lines; n++)
		qsort(told[n].shapes, told[n].count, sizeof(struct shape), left_to_right);
	*ret = told;
	*ret_count = lines;
	return 0;
}

/* A byte of dots has four runs at most. */
static size_t most_runs(const struct paper_picture *picture)
{
	size_t bytes = picture->rows * ((size_t)(picture->width + 7) / 8);
	size_t runs = 1;

	for (size_t i = 0; i < bytes && runs < RUNS_MAX; i++)
		runs += picture->dots[i] ? 4 : 0;
	return runs < RUNS_MAX ? runs : RUNS_MAX;
}

static int find_drawn(const struct finder *finder)
{
	int end = 0;

	for (size_t i = 0; i < finder->part_count; i++)
		if (!is_letter(&finder->parts[i]) && !is_stroke(&finder->parts[i]))
			end = most(end, finder->parts[i].box.bottom);
	return end;
}

int shapes_find(struct arena *arena, const struct paper_picture *picture, struct shape_line **ret, size_t *ret_count,
	int *ret_drawn_to)
{
	size_t room = most_runs(picture);
	struct finder finder = {.runs = ARENA_ARRAY(arena, struct run, room),
		.run_room = room,
		.parts = ARENA_ARRAY(arena, struct part, PARTS_MAX),
		.lines = ARENA_ARRAY(arena, struct box, LINES_MAX),
		.heights = ARENA_ARRAY(arena, int, PARTS_MAX)};

	if (!finder.runs || !finder.parts || !finder.lines || !finder.heights)
		return FAULT_MEMORY;
	if (!find_runs(&finder, picture) || !find_parts(&finder))
		return SHAPES_TOO_MANY;
	*ret_drawn_to = find_drawn(&finder);
	find_mark(&finder);
	join_marks(&finder, false);
	join_marks(&finder, true);
	find_lines(&finder);
	return tell(&finder, arena, ret, ret_count);
}
