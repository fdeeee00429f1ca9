/* print_font: letters in dots, for printers that have no Vietnamese. Made of a font of Debian's by print_font.py. Pure. */
#ifndef HOADON_DRIVERS_PRINT_FONT_H
#define HOADON_DRIVERS_PRINT_FONT_H

#include <stddef.h>

#include "base/bytes.h"

#define PRINT_FONT_WIDTH 10 /* dots of a letter, all of them */
#define PRINT_FONT_ROWS	 24 /* of a line of letters: 20, and white below them */

/**
 * print_font_draw() - letters as rows of dots, as many as fit
 * @text:    UTF-8; a sign that is neither ASCII nor a letter of Vietnamese is drawn as text_ascii() has it, control characters are left out
 * @columns: most letters side by side, 1 to PRINT_FONT_COLUMNS_MAX; a longer line breaks at a space if there is one
 * @rows:    gets PRINT_FONT_ROWS rows of (width + 7) / 8 bytes, the left dot in the highest bit, 1 is black; failed without room
 * @ret_width: dots across; 0: there was no letter, and @rows got none
 *
 * Return: what of @text is left for further lines; "" when nothing is. Thread: any.
 */
const char *print_font_draw(const char *text, size_t columns, struct bytes *rows, size_t *ret_width) MUST_CHECK;

#define PRINT_FONT_COLUMNS_MAX 320

#endif
