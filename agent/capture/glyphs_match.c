#include "capture/glyphs_learn.h"

#include <limits.h>
#include <stdlib.h>

#define MATCH_MAX ((size_t)400) /* lines of one picture */
#define COST_LINE 8		/* in letters, of one that has no other */

static int letter_count(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += *text != ' ' && ((unsigned char)*text & 0xC0) != 0x80;
	return count;
}

static int over(const struct shape_line *line, const char *text)
{
	return abs(letter_count(text) - (int)line->count);
}

int glyphs_match(struct arena *arena, const struct shape_line *lines, size_t count, const char *const *texts,
	size_t text_count, const char **ret, struct fault *fault)
{
	size_t width = text_count + 1;
	int *costs;

	if (count > MATCH_MAX || text_count > MATCH_MAX)
		return GLYPHS_TOO_LONG;
	costs = ARENA_ARRAY(arena, int, (count + 1) * width);
	if (!costs)
		return FAULT(fault, FAULT_MEMORY, "no memory to learn glyphs");
	/* costs[i][j]: of the lines from i and the texts from j on */
	for (size_t i = count + 1; i-- > 0;)
		for (size_t j = width; j-- > 0;) {
			int best = i == count && j == text_count ? 0 : INT_MAX;

			if (i < count)
				best = costs[(i + 1) * width + j] + COST_LINE;
			if (j < text_count && costs[i * width + j + 1] + COST_LINE < best)
				best = costs[i * width + j + 1] + COST_LINE;
			if (i < count && j < text_count &&
				costs[(i + 1) * width + j + 1] + over(&lines[i], texts[j]) < best)
				best = costs[(i + 1) * width + j + 1] + over(&lines[i], texts[j]);
			costs[i * width + j] = best;
		}
	for (size_t i = 0, j = 0; i < count;) {
		ret[i] = NULL;
		if (j < text_count &&
			costs[i * width + j] == costs[(i + 1) * width + j + 1] + over(&lines[i], texts[j]))
			ret[i++] = texts[j++];
		else if (costs[i * width + j] == costs[(i + 1) * width + j] + COST_LINE)
			i++;
		else
			j++;
	}
	return 0;
}
