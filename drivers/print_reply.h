/* print_reply: what a printer answers to a till that asks it, in its language, where the printer itself cannot. */
#ifndef HOADON_DRIVERS_PRINT_REPLY_H
#define HOADON_DRIVERS_PRINT_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "capture/line.h"

#define PRINT_REPLY_MAX 16 /* bytes */

/**
 * print_reply() - what a printer of @dialect that stands so, @standing, answers to the @len bytes of @command (PRINT_STATUS), appended to @out
 *
 * Nothing where the language, or this command, has no answer. Thread: any. Source: capture section 2, "Status replies"; bits of what is not well:
 * Epson's ESC/POS reference (DLE EOT, GS r, GS a), Star's line mode (ASB), from memory.
 */
void print_reply(
	const char *dialect, const uint8_t *command, size_t len, enum printer_standing standing, struct bytes *out);

#endif
