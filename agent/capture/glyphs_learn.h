/* glyphs_learn: a dictionary of glyphs from pictures whose text somebody or something has read. Pure. */
#ifndef HOADON_CAPTURE_GLYPHS_LEARN_H
#define HOADON_CAPTURE_GLYPHS_LEARN_H

#include "capture/glyphs.h"

#define GLYPHS_LINES_MAX ((size_t)4000) /* of all pictures together */

/* One line and what is said to stand there. */
struct glyphs_lesson {
	const struct shape_line *shapes;
	const char *text; /* UTF-8 NFC; it may be wrong, too long or too short */
};

/**
 * glyphs_learn() - which letter each shape is
 * @arena:   holds the dictionary; the lessons must live as long
 * @lessons: at most GLYPHS_LINES_MAX
 * @agree:   how many samples must agree (1 ..): 1 where a person read the text
 * @ret:     the dictionary; a shape that was seen and could not be told has no letters. Untouched unless 0.
 *
 * Where a line has as many shapes as letters they go together one by one. Other lines are laid beside what is known by then, and what stands
 * alone between known letters is told, also several letters that touch; of several shapes that are not known and letters that touch it is told which
 * are which where the widths of known letters leave one way only. A letter is taken when @agree samples say so and less than one in
 * five says otherwise, always of the same dots at the same height above the line.
 *
 * Return: 0; GLYPHS_TOO_LONG with more lines or glyphs than a dictionary has; FAULT_MEMORY. Thread: owner of @arena.
 */
int glyphs_learn(struct arena *arena, const struct glyphs_lesson *lessons, size_t count, int agree, struct glyphs *ret,
	struct fault *fault) MUST_CHECK;

/**
 * glyphs_match() - which line of @text each line of a picture is
 * @texts: lines without the empty ones
 * @ret:   for each of @count lines the text, NULL: none; @ret has room for them
 *
 * Lines go together in their order, so that as few letters as possible are over.
 *
 * Return: 0; GLYPHS_TOO_LONG; FAULT_MEMORY. Thread: owner of @arena.
 */
int glyphs_match(struct arena *arena, const struct shape_line *lines, size_t count, const char *const *texts,
	size_t text_count, const char **ret, struct fault *fault) MUST_CHECK;

#endif
