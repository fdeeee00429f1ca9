#include "capture/glyphs_learn.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS_MAX 200 /* of a line that is learned from */
#define TOGETHER    3	/* letters that touch */
#define UNTOLD_MAX  6	/* shapes side by side of which several are such letters */
#define WIDER	    2	/* dots between two drawings of one letter */
#define ROUNDS	    4
#define VOTES_MAX   ((size_t)200000)
#define SIZES_MAX   64
#define HEIGHT_MAX  (2 * SHAPES_SIDE_MAX)
#define SIDE_ROUNDS 8
#define PART	    100 /* of a dot, in which sides are measured */
#define NO_SIDE	    INT_MIN
#define AGAINST	    5 /* one in so many may say otherwise */

/* Letters that stand flat on the line: round ones and those with a tail end below it. */
#define FLAT  "1247AEFHIKLMNPRTXZfhiklmnrxz"
#define TALL  "0123456789ABDEFGHIKLMNPRTXZ"
#define LESS  "bdfhklt" /* where there are none of those */
#define COSTS (LETTERS_MAX + 1)

enum { COST_UNKNOWN = 2, COST_TOGETHER = 3, COST_SKIP = 4, COST_OTHER = 6 };
enum move { MOVE_NONE, MOVE_SHAPE, MOVE_LETTER, MOVE_BOTH, MOVE_TWO, MOVE_THREE };

/* Letters of a text without its spaces. */
struct letters {
	const char *at[LETTERS_MAX];
	size_t len[LETTERS_MAX];
	bool is_apart[LETTERS_MAX]; /* one space in front of it */
	bool is_far[LETTERS_MAX];   /* more */
	size_t count;
};

/* Some shapes and letters that go together, from the last to the first. */
struct pair {
	const struct shape *shape; /* NULL: letters without one */
	size_t index;		   /* of the shape */
	size_t letter, count;	   /* letters from there on */
	enum { PAIR_SAME, PAIR_UNKNOWN, PAIR_OTHER, PAIR_LONE } standing;
};

/* Dots between two glyphs of a line, by their place in the dictionary. */
struct gap {
	size_t left, right;
	int dots, size;
	bool is_space; /* one stands there */
};

struct learner {
	const struct glyphs_lesson *lessons;
	size_t lesson_count;
	struct glyphs known; /* by now, at any height above the line */
	struct glyphs laid;  /* by now, where they stand */
	struct glyph *votes;
	size_t room; /* of votes and gaps */
	size_t vote_count;
	struct letters letters;
	int (*costs)[COSTS];
	uint8_t (*moves)[COSTS];
	struct pair pairs[2 * LETTERS_MAX + 1]; /* of one line, from the first to the last */
	size_t pair_count;
	struct gap *gaps;
	size_t gap_count;
	int *sums, *counts;
};

static bool read_letters(const char *text, struct letters *ret)
{
	size_t spaces = 0;

	ret->count = 0;
	while (*text) {
		size_t n = ret->count;

		if (*text == ' ') {
			spaces++;
			text++;
			continue;
		}
		if (n == LETTERS_MAX)
			return false;
		ret->at[n] = text;
		ret->is_apart[n] = spaces == 1;
		ret->is_far[n] = spaces > 1;
		for (text++; ((unsigned char)*text & 0xC0) == 0x80; text++)
			;
		ret->len[n] = (size_t)(text - ret->at[n]);
		ret->count++;
		spaces = 0;
	}
	return ret->count > 0;
}

/* ---- how a line goes together ---- */

/* What is known of @shape against @count letters from @letter on. */
static int standing_of(const struct learner *learner, const struct shape *shape, size_t letter, size_t count)
{
	const struct letters *letters = &learner->letters;
	size_t len = (size_t)(letters->at[letter + count - 1] - letters->at[letter]) + letters->len[letter + count - 1];
	const struct glyph *glyph;

	if (glyphs_find(&learner->known, shape, &glyph) == 0)
		return PAIR_UNKNOWN;
	return strlen(glyph->letters) == len && memcmp(glyph->letters, letters->at[letter], len) == 0 ? PAIR_SAME
												      : PAIR_OTHER;
}

static bool is_one_word(const struct letters *letters, size_t letter, size_t count)
{
	for (size_t i = letter + 1; i < letter + count; i++)
		if (letters->is_apart[i] || letters->is_far[i])
			return false;
	return true;
}

static void offer(struct learner *learner, size_t i, size_t j, int cost, enum move move)
{
	if (cost < learner->costs[i][j]) {
		learner->costs[i][j] = cost;
		learner->moves[i][j] = (uint8_t)move;
	}
}

/* All ways to come from shape @i and letter @j further. */
static void go_on(struct learner *learner, const struct shape_line *line, size_t i, size_t j)
{
	static const int costs[] = {
		[PAIR_SAME] = 0, [PAIR_UNKNOWN] = COST_UNKNOWN, [PAIR_OTHER] = COST_OTHER, [PAIR_LONE] = COST_OTHER};
	int cost = learner->costs[i][j];

	if (i < line->count)
		offer(learner, i + 1, j, cost + COST_SKIP, MOVE_SHAPE);
	if (j < learner->letters.count)
		offer(learner, i, j + 1, cost + COST_SKIP, MOVE_LETTER);
	for (size_t n = 1; i < line->count && n <= TOGETHER && j + n <= learner->letters.count; n++) {
		int standing = standing_of(learner, &line->shapes[i], j, n);

		if (is_one_word(&learner->letters, j, n) && (n == 1 || standing != PAIR_OTHER))
			offer(learner, i + 1, j + n, cost + costs[standing] + (n > 1 && standing ? COST_TOGETHER : 0),
				(enum move)(MOVE_BOTH + n - 1));
	}
}

static void lay_beside(struct learner *learner, const struct shape_line *line)
{
	size_t i = line->count;
	size_t j = learner->letters.count;
	size_t count = 0;

	for (size_t row = 0; row <= i; row++)
		for (size_t column = 0; column <= j; column++)
			learner->costs[row][column] = INT_MAX;
	learner->costs[0][0] = 0;
	for (size_t row = 0; row <= i; row++)
		for (size_t column = 0; column <= j; column++)
			go_on(learner, line, row, column);
	while (i > 0 || j > 0) {
		enum move move = learner->moves[i][j];
		struct pair *pair = &learner->pairs[count++];

		*pair = (struct pair){.standing = PAIR_LONE};
		if (move != MOVE_LETTER)
			pair->shape = &line->shapes[pair->index = --i];
		if (move != MOVE_SHAPE)
			j -= pair->count = move == MOVE_LETTER ? 1 : (size_t)(move - MOVE_BOTH + 1);
		pair->letter = j;
		if (pair->shape && pair->count)
			pair->standing = standing_of(learner, pair->shape, j, pair->count);
	}
	for (size_t n = 0; n < count / 2; n++) {
		struct pair swap = learner->pairs[n];

		learner->pairs[n] = learner->pairs[count - 1 - n];
		learner->pairs[count - 1 - n] = swap;
	}
	learner->pair_count = count;
}

static void pair_up(struct learner *learner, const struct shape_line *line)
{
	learner->pair_count = line->count;
	for (size_t i = 0; i < line->count; i++)
		learner->pairs[i] = (struct pair){&line->shapes[i], i, i, 1,
			standing_of(learner, &line->shapes[i], i, 1) == PAIR_SAME ? PAIR_SAME : PAIR_UNKNOWN};
}

/* Whether @lesson can be read at all, and if so its pairs. */
static bool read_lesson(struct learner *learner, const struct glyphs_lesson *lesson, int round)
{
	const struct shape_line *line = lesson->shapes;

	if (!lesson->text || line->count > LETTERS_MAX || !read_letters(lesson->text, &learner->letters))
		return false;
	if (line->count == learner->letters.count)
		pair_up(learner, line);
	else if (round > 0)
		lay_beside(learner, line);
	else
		return false;
	return true;
}

/* ---- votes ---- */

static void add_vote(struct learner *learner, const struct pair *pair, int drop, int size)
{
	const struct letters *letters = &learner->letters;
	size_t last = pair->letter + pair->count - 1;
	size_t len = (size_t)(letters->at[last] - letters->at[pair->letter]) + letters->len[last];
	struct glyph *glyph = &learner->votes[learner->vote_count];

	if (learner->vote_count == learner->room || len > GLYPHS_LETTER_MAX || pair->shape->height > HEIGHT_MAX)
		return;
	*glyph = (struct glyph){.width = pair->shape->width,
		.height = pair->shape->height,
		.dots = pair->shape->dots,
		.drop = drop,
		.size = size,
		.samples = 1};
	memcpy(glyph->letters, letters->at[pair->letter], len);
	learner->vote_count++;
}

/* Votes of one shape at one height, @count of them, in order of letters: the letters most are for, if enough are and few against. */
static bool decide(const struct glyph *votes, size_t count, int agree, struct glyph *ret)
{
	size_t best = 0, from = 0;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(votes[i].letters, votes[from].letters) != 0)
			from = i;
		if (i - from + 1 > best) {
			best = i - from + 1;
			*ret = votes[i];
		}
	}
	ret->samples = (int)best;
	return best >= (size_t)agree && AGAINST * (count - best) < count;
}

static bool is_same(const struct glyph *a, const struct glyph *b)
{
	return a->width == b->width && a->height == b->height && a->drop == b->drop &&
	       memcmp(a->dots, b->dots, shape_bytes(a->width, a->height)) == 0;
}

/* The dictionary of all votes; with @keeps also shapes that could not be told. Returns false when it holds no more. */
static bool count_votes(struct learner *learner, int agree, bool keeps, struct glyphs *ret)
{
	struct glyphs votes = {.glyphs = learner->votes, .count = learner->vote_count};

	glyphs_sort(&votes);
	ret->count = 0;
	for (size_t from = 0, to; from < votes.count; from = to) {
		struct glyph glyph;
		bool is_decided;

		for (to = from + 1; to < votes.count && is_same(&votes.glyphs[from], &votes.glyphs[to]); to++)
			;
		is_decided = decide(votes.glyphs + from, to - from, agree, &glyph);
		if (!is_decided)
			glyph.letters[0] = '\0';
		if (!is_decided && !keeps)
			continue;
		if (ret->count == GLYPHS_MAX)
			return false;
		ret->glyphs[ret->count++] = glyph;
	}
	return true;
}

/* ---- height ---- */

static bool is_among(const struct learner *learner, const struct pair *pair, const char *set)
{
	const char *letter = learner->letters.at[pair->letter];

	return pair->standing == PAIR_SAME && pair->count == 1 && learner->letters.len[pair->letter] == 1 &&
	       strchr(set, *letter);
}

/* Where the line is that letters stand on: where most of the flat ones end; false: there is none. */
static bool find_line(const struct learner *learner, int *ret)
{
	size_t most = 0;

	for (size_t i = 0; i < learner->pair_count; i++) {
		const struct pair *pair = &learner->pairs[i];
		size_t count = 0;

		if (!is_among(learner, pair, FLAT))
			continue;
		for (size_t j = 0; j < learner->pair_count; j++)
			count += is_among(learner, &learner->pairs[j], FLAT) &&
				 learner->pairs[j].shape->y + learner->pairs[j].shape->height ==
					 pair->shape->y + pair->shape->height;
		if (count > most) {
			most = count;
			*ret = pair->shape->y + pair->shape->height;
		}
	}
	return most > 0;
}

/* Height of the highest letter of @set; 0: there is none. */
static int height_of(const struct learner *learner, const char *set, int line)
{
	int size = 0;

	for (size_t i = 0; i < learner->pair_count; i++)
		if (is_among(learner, &learner->pairs[i], set) && line - learner->pairs[i].shape->y > size)
			size = line - learner->pairs[i].shape->y;
	return size;
}

static int size_of_line(const struct learner *learner, int line)
{
	int size = height_of(learner, TALL, line);

	return size > 0 ? size : height_of(learner, LESS, line);
}

/* Of a line without flat letters: where the first glyph that stands at one height only says that it is, and its size. */
static bool find_laid(const struct learner *learner, int *ret_line, int *ret_size)
{
	for (size_t i = 0; i < learner->pair_count; i++) {
		const struct pair *pair = &learner->pairs[i];
		const struct glyph *glyph;

		if (pair->standing != PAIR_SAME || glyphs_find(&learner->laid, pair->shape, &glyph) != 1 ||
			!glyph->letters[0])
			continue;
		*ret_line = pair->shape->y + pair->shape->height - glyph->drop;
		*ret_size = glyph->size;
		return true;
	}
	return false;
}

static void lay_down(struct learner *learner)
{
	learner->vote_count = 0;
	for (size_t i = 0; i < learner->lesson_count; i++) {
		int line, size = 0;

		if (!read_lesson(learner, &learner->lessons[i], ROUNDS))
			continue;
		if (find_line(learner, &line))
			size = size_of_line(learner, line);
		else if (!find_laid(learner, &line, &size))
			continue;
		if (size < 1 || size > HEIGHT_MAX)
			continue;
		for (size_t j = 0; j < learner->pair_count; j++) {
			const struct pair *pair = &learner->pairs[j];

			if (pair->standing == PAIR_SAME ||
				(pair->standing == PAIR_UNKNOWN && learner->pair_count == learner->letters.count))
				add_vote(learner, pair, pair->shape->y + pair->shape->height - line, size);
		}
	}
}

/* ---- letters between known ones ---- */

/* How shapes side by side that are not known may have the letters there. */
struct ways {
	const struct learner *learner;
	size_t from, to; /* pairs */
	size_t end;	 /* of the letters */
	int size;
	size_t counts[UNTOLD_MAX], found[UNTOLD_MAX]; /* letters of each shape; of the first way */
	size_t count;
};

/* Whether @shape may be @count letters from @letter on, by how wide those are of this size that are known. */
static bool is_wide_enough(const struct ways *ways, const struct shape *shape, size_t letter, size_t count)
{
	const struct letters *letters = &ways->learner->letters;
	const struct glyphs *laid = &ways->learner->laid;
	int least = 0, most = 0;

	for (size_t i = letter; i < letter + count; i++) {
		int narrow = SHAPES_SIDE_MAX, wide = 0;

		for (size_t j = 0; j < laid->count; j++) {
			const struct glyph *glyph = &laid->glyphs[j];

			if (glyph->size != ways->size || strlen(glyph->letters) != letters->len[i] ||
				memcmp(glyph->letters, letters->at[i], letters->len[i]) != 0)
				continue;
			narrow = glyph->width < narrow ? glyph->width : narrow;
			wide = glyph->width > wide ? glyph->width : wide;
		}
		least += wide ? narrow - WIDER : 1;
		most += wide ? wide + WIDER : SHAPES_SIDE_MAX;
	}
	return shape->width >= least && shape->width <= most;
}

static void find_ways(struct ways *ways, size_t pair, size_t letter)
{
	const struct learner *learner = ways->learner;

	if (pair == ways->to && letter == ways->end && ways->count++ == 0)
		memcpy(ways->found, ways->counts, sizeof(ways->found));
	if (pair == ways->to)
		return;
	for (size_t n = 1; n <= TOGETHER && letter + n <= ways->end && ways->count < 2; n++)
		if (is_one_word(&learner->letters, letter, n) &&
			is_wide_enough(ways, learner->pairs[pair].shape, letter, n)) {
			ways->counts[pair - ways->from] = n;
			find_ways(ways, pair + 1, letter + n);
		}
}

/* Pairs from @from to @to, some of several letters: as they go together in one way only; false: there is none, or another. */
static bool settle(struct learner *learner, size_t from, size_t to, int size)
{
	const struct pair *last = &learner->pairs[to - 1];
	struct ways ways = {learner, from, to, last->letter + last->count, size, {0}, {0}, 0};
	size_t letter = learner->pairs[from].letter;

	if (to - from > UNTOLD_MAX || size == 0)
		return false;
	find_ways(&ways, from, letter);
	for (size_t i = from; i < to && ways.count == 1; i++) {
		learner->pairs[i].letter = letter;
		letter += learner->pairs[i].count = ways.found[i - from];
	}
	return ways.count == 1;
}

/* Pairs from @from to @to stand between what is known, on a line of letters of @size, 0: nobody knows: whether they can be told. */
static bool is_told(struct learner *learner, size_t from, size_t to, int size)
{
	bool is_together = false;

	for (size_t i = from; i < to; i++) {
		if (learner->pairs[i].standing != PAIR_UNKNOWN)
			return false;
		is_together |= learner->pairs[i].count > 1;
	}
	return !is_together || to - from == 1 || settle(learner, from, to, size);
}

static void vote_line(struct learner *learner)
{
	int line;
	int size = find_line(learner, &line) ? size_of_line(learner, line) : 0;

	for (size_t from = 0, to; from < learner->pair_count; from = to) {
		for (to = from; to < learner->pair_count && learner->pairs[to].standing != PAIR_SAME; to++)
			;
		if (to > from && is_told(learner, from, to, size))
			for (size_t i = from; i < to; i++)
				add_vote(learner, &learner->pairs[i], 0, 0);
		if (to < learner->pair_count)
			add_vote(learner, &learner->pairs[to++], 0, 0);
	}
}

static bool learn_round(struct learner *learner, int round)
{
	learner->vote_count = 0;
	for (size_t i = 0; i < learner->lesson_count; i++)
		if (read_lesson(learner, &learner->lessons[i], round))
			vote_line(learner);
	return count_votes(learner, 1, false, &learner->known);
}

/* ---- room ---- */

/* Where the glyph of @pair stands in @glyphs; their count: nowhere. */
static size_t place_of(const struct glyphs *glyphs, const struct pair *pair, int line)
{
	const struct glyph *glyph;
	size_t count = pair->standing == PAIR_SAME ? glyphs_find(glyphs, pair->shape, &glyph) : 0;

	for (size_t i = 0; i < count; i++)
		if (glyph[i].drop == pair->shape->y + pair->shape->height - line && glyph[i].letters[0])
			return (size_t)(glyph + i - glyphs->glyphs);
	return glyphs->count;
}

/* All gaps but those of several spaces. */
static void measure_gaps(struct learner *learner, const struct glyphs *glyphs, int line)
{
	for (size_t i = 1; i < learner->pair_count && learner->gap_count < learner->room; i++) {
		const struct pair *before = &learner->pairs[i - 1];
		const struct pair *pair = &learner->pairs[i];
		size_t left = place_of(glyphs, before, line);
		size_t right = place_of(glyphs, pair, line);

		if (left == glyphs->count || right == glyphs->count || learner->letters.is_far[pair->letter])
			continue;
		learner->gaps[learner->gap_count++] = (struct gap){.left = left,
			.right = right,
			.dots = pair->shape->x - before->shape->x - before->shape->width,
			.size = glyphs->glyphs[right].size,
			.is_space = learner->letters.is_apart[pair->letter]};
	}
}

static int *side_of(struct glyphs *glyphs, const struct gap *gap, bool is_left)
{
	return is_left ? &glyphs->glyphs[gap->right].left : &glyphs->glyphs[gap->left].right;
}

static int space_of(const struct glyphs *glyphs, int size)
{
	for (size_t i = 0; i < glyphs->size_count; i++)
		if (glyphs->sizes[i].size == size)
			return glyphs->sizes[i].space;
	return 0;
}

/* What each glyph leaves free on one side, in the middle of all its gaps; of those with spaces only where it has no other. */
static void tell_side(const struct learner *learner, struct glyphs *glyphs, bool is_left, bool has_spaces)
{
	int *sums = learner->sums;
	int *counts = learner->counts;

	memset(sums, 0, glyphs->count * sizeof(*sums));
	memset(counts, 0, glyphs->count * sizeof(*counts));
	for (size_t i = 0; i < learner->gap_count; i++) {
		const struct gap *gap = &learner->gaps[i];
		size_t place = is_left ? gap->right : gap->left;
		int other = *side_of(glyphs, gap, !is_left);

		if (gap->is_space != has_spaces || (has_spaces && *side_of(glyphs, gap, is_left) != NO_SIDE))
			continue;
		sums[place] += PART * (gap->dots - (has_spaces ? space_of(glyphs, gap->size) : 0)) -
			       (other == NO_SIDE ? PART : other);
		counts[place]++;
	}
	for (size_t i = 0; i < glyphs->count; i++) {
		int *side = is_left ? &glyphs->glyphs[i].left : &glyphs->glyphs[i].right;

		if (counts[i] || !has_spaces)
			*side = counts[i] ? sums[i] / counts[i] : NO_SIDE;
	}
}

/* Sides in parts of a dot become dots; what was never seen beside another leaves one dot free. */
static void round_sides(struct glyphs *glyphs)
{
	for (size_t i = 0; i < glyphs->count; i++) {
		struct glyph *glyph = &glyphs->glyphs[i];

		glyph->left = glyph->left == NO_SIDE ? 1 : glyph->left / PART;
		glyph->right = glyph->right == NO_SIDE ? 1 : (glyph->right + PART / 2) / PART;
	}
}

static int by_number(const void *one, const void *two)
{
	return *(const int *)one - *(const int *)two;
}

/* The lower quarter of the gaps with a space, since wide ones may be columns; a size without one has spaces of half its height. */
static void tell_space(const struct learner *learner, struct glyphs *glyphs, struct glyph_size *size)
{
	size_t count = 0;

	for (size_t i = 0; i < learner->gap_count; i++) {
		const struct gap *gap = &learner->gaps[i];
		int left = *side_of(glyphs, gap, true);
		int right = *side_of(glyphs, gap, false);

		if (gap->is_space && gap->size == size->size && left != NO_SIDE && right != NO_SIDE)
			learner->sums[count++] = (PART * gap->dots - left - right + PART / 2) / PART;
	}
	qsort(learner->sums, count, sizeof(*learner->sums), by_number);
	size->space = count && learner->sums[count / 4] > 0 ? learner->sums[count / 4] : (size->size + 1) / 2;
}

static bool list_sizes(struct arena *arena, struct glyphs *ret)
{
	ret->sizes = ARENA_ARRAY(arena, struct glyph_size, SIZES_MAX + 1);
	for (size_t i = 0; ret->sizes && i < ret->count && ret->size_count < SIZES_MAX; i++) {
		size_t n = 0;

		while (n < ret->size_count && ret->sizes[n].size != ret->glyphs[i].size)
			n++;
		if (n == ret->size_count)
			ret->sizes[ret->size_count++].size = ret->glyphs[i].size;
	}
	return ret->sizes != NULL;
}

/* A size beyond those that are told has none of its own: its glyphs are left out. */
static void drop_sizeless(struct glyphs *glyphs)
{
	size_t kept = 0;

	for (size_t i = 0; i < glyphs->count; i++)
		for (size_t j = 0; j < glyphs->size_count; j++)
			if (glyphs->sizes[j].size == glyphs->glyphs[i].size) {
				glyphs->glyphs[kept++] = glyphs->glyphs[i];
				break;
			}
	glyphs->count = kept;
}

/* How far apart the glyphs stand, in all lessons. */
static int space_out(struct learner *learner, struct arena *arena, struct glyphs *glyphs)
{
	learner->sums = ARENA_ARRAY(arena, int, learner->room);
	learner->counts = ARENA_ARRAY(arena, int, learner->room);
	learner->gaps = ARENA_ARRAY(arena, struct gap, learner->room);
	if (!learner->sums || !learner->counts || !learner->gaps || !list_sizes(arena, glyphs))
		return FAULT_MEMORY;
	drop_sizeless(glyphs);
	for (size_t i = 0; i < learner->lesson_count; i++) {
		int line;

		if (read_lesson(learner, &learner->lessons[i], ROUNDS) && find_line(learner, &line))
			measure_gaps(learner, glyphs, line);
	}
	for (int round = 0; round < 2 * SIDE_ROUNDS; round++)
		tell_side(learner, glyphs, round % 2, false);
	for (size_t i = 0; i < glyphs->size_count; i++)
		tell_space(learner, glyphs, &glyphs->sizes[i]);
	tell_side(learner, glyphs, true, true);
	tell_side(learner, glyphs, false, true);
	round_sides(glyphs);
	return 0;
}

/* How many shapes there are, and one more; at most VOTES_MAX. */
static size_t shape_count(const struct glyphs_lesson *lessons, size_t count)
{
	size_t shapes = 1;

	for (size_t i = 0; i < count && shapes < VOTES_MAX; i++)
		shapes += lessons[i].shapes->count;
	return shapes < VOTES_MAX ? shapes : VOTES_MAX;
}

int glyphs_learn(struct arena *arena, const struct glyphs_lesson *lessons, size_t count, int agree, struct glyphs *ret,
	struct fault *fault)
{
	struct learner *learner = ARENA_NEW(arena, struct learner);
	struct glyphs glyphs = {.glyphs = ARENA_ARRAY(arena, struct glyph, GLYPHS_MAX)};
	bool has_room = true;

	if (count > GLYPHS_LINES_MAX)
		return GLYPHS_TOO_LONG;
	if (learner) {
		learner->lessons = lessons;
		learner->lesson_count = count;
		learner->room = shape_count(lessons, count);
		learner->known.glyphs = ARENA_ARRAY(arena, struct glyph, GLYPHS_MAX);
		learner->laid.glyphs = ARENA_ARRAY(arena, struct glyph, GLYPHS_MAX);
		learner->votes = ARENA_ARRAY(arena, struct glyph, learner->room);
		learner->costs = arena_alloc(arena, sizeof(int[COSTS][COSTS]));
		learner->moves = arena_alloc(arena, sizeof(uint8_t[COSTS][COSTS]));
	}
	if (!learner || !glyphs.glyphs || !learner->known.glyphs || !learner->laid.glyphs || !learner->votes ||
		!learner->costs || !learner->moves)
		return FAULT(fault, FAULT_MEMORY, "no memory to learn glyphs");
	/* what is known by then says how wide letters are, and so which of them touch */
	for (int pass = 0; pass < 2; pass++) {
		for (int round = pass * ROUNDS; has_room && round < (1 + pass) * ROUNDS; round++)
			has_room = learn_round(learner, round);
		lay_down(learner);
		has_room = has_room && count_votes(learner, 1, false, &learner->laid);
	}
	lay_down(learner);
	if (!has_room || !count_votes(learner, agree, true, &glyphs))
		return GLYPHS_TOO_LONG;
	glyphs_sort(&glyphs);
	if (space_out(learner, arena, &glyphs) < 0)
		return FAULT(fault, FAULT_MEMORY, "no memory to learn glyphs");
	glyphs_sort(&glyphs);
	*ret = glyphs;
	return 0;
}
