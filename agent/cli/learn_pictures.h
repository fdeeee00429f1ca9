/* learn_pictures: bills that were printed as pictures, and the dictionary of glyphs that they teach (hoadon capture learn --glyphs). */
#ifndef HOADON_CLI_LEARN_PICTURES_H
#define HOADON_CLI_LEARN_PICTURES_H

#include <stdio.h>

#include "capture/glyphs.h"
#include "capture/learn.h"
#include "cli/cli.h"

/* One bill; all of it lies in its arena. */
struct learn_picture {
	struct arena *arena;
	struct paper_picture picture;
	struct shape_line *lines;
	size_t count;
	int drawn_to;	    /* as shapes_find() says */
	const char **texts; /* what stands on each line, as far as somebody said so */
};

struct learn_pictures {
	struct learn_picture bills[LEARN_BILLS_MAX];
	size_t count;
	struct glyphs glyphs;
};

/** learn_pictures_add() - keep the picture of @paper. 0; 1 it holds no text, or there are too many; < 0. */
int learn_pictures_add(struct learn_pictures *pictures, const struct paper *paper, struct fault *fault) MUST_CHECK;

/**
 * learn_pictures_learn() - the dictionary of all bills, written to the file of --glyphs
 * @arena: holds the dictionary
 *
 * What stands on the bills a person says in the file of --text, a form feed between two bills; then one sample of a letter is enough.
 * Where there is no such file tesseract reads them (learn_tesseract.h), two samples must agree, and its text is written there to be corrected.
 *
 * Return: 0; > 0 an exit status after saying so; < 0.
 */
int learn_pictures_learn(
	struct learn_pictures *pictures, const struct cli *cli, struct arena *arena, struct fault *fault) MUST_CHECK;

/** learn_pictures_say() - on @to, which shapes could not be told, drawn. */
void learn_pictures_say(const struct learn_pictures *pictures, const struct cli *cli, FILE *to);

/** learn_pictures_done() - free what is kept; harmless on zeros. */
void learn_pictures_done(struct learn_pictures *pictures);

#endif
