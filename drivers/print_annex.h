/* print_annex: what every printer language does alike with the lines of an annex. */
#ifndef HOADON_DRIVERS_PRINT_ANNEX_H
#define HOADON_DRIVERS_PRINT_ANNEX_H

#include "base/bytes.h"
#include "capture/print.h"

/* A command of constants and numbers, appended. */
#define PRINT_PUT(out, ...) bytes_append(out, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* Dots of a module of a QR code with @len letters: paper of 58 mm has 384 across. */
#define PRINT_QR_DOTS(len) ((len) < 300 ? 5 : 4)

#define PRINT_FEED_LINES 5 /* from the head to the cutter of most printers */

/* The commands of a language of which an annex is made. */
struct print_commands {
	/** put_state - what differs between @from and @to, but for the code page. */
	void (*put_state)(struct bytes *out, const struct print_state *from, const struct print_state *to);
	/** put_page - letters by code page @page, 0 to 255. */
	void (*put_page)(struct bytes *out, int page);
	/** put_utf8 - letters as UTF-8, or by the code page again. */
	void (*put_utf8)(struct bytes *out, bool is_on);
	/** put_qr - a QR code of the @len letters of @text, at most PRINT_QR_MAX. */
	void (*put_qr)(struct bytes *out, const char *text, size_t len);
	/** put_picture - @height @rows of (@width + 7) / 8 bytes, the left dot in the highest bit, 1 is black. */
	void (*put_picture)(struct bytes *out, const uint8_t *rows, size_t width, size_t height);
	/** put_end - the paper as far as @end says. */
	void (*put_end)(struct bytes *out, enum print_end end);
};

/**
 * print_compose() - compose of struct print_dialect_ops, centred and of plain size, by @commands of the language
 *
 * Where the letters of @annex have marks, a line has all of its marks or, when the printer lacks a letter of it, none. The code page is set
 * whatever @state says, since a printer may have been switched off meanwhile; behind the annex it is that of @state, 0 where no till announced one.
 * Pairs of high bytes (Chinese letters) that no till announced stay off behind it, until the printer is reset.
 *
 * Return: 0 or FAULT_MEMORY. Thread: any.
 */
int print_compose(const struct print_commands *commands, const struct print_annex *annex,
	const struct print_state *state, struct bytes *out, struct fault *fault) MUST_CHECK;

/** print_lines() - each line of @annex as ASCII without accents and without control characters (a text never becomes a command), then @end. Thread: any. */
void print_lines(struct bytes *out, const struct print_annex *annex, const char *end);

#endif
