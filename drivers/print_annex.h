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

/** print_lines() - each line of @annex as ASCII without accents and without control characters (a text never becomes a command), then @end. Thread: any. */
void print_lines(struct bytes *out, const struct print_annex *annex, const char *end);

#endif
