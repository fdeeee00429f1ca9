/* serial: a serial line, as both its ends open it. For drivers only. */
#ifndef HOADON_DRIVERS_SERIAL_H
#define HOADON_DRIVERS_SERIAL_H

#include <stdbool.h>

#include "base/fault.h"

/**
 * serial_open() - the device of @where (serial_read()), raw: every byte comes and goes as it is, nothing is echoed, no break and no lost carrier is a signal
 * @is_till: a till is at the other end: with XON/XOFF it is told to wait, and its own bytes are looked at by nobody; else a printer, which may tell us
 *
 * A byte whose parity is wrong reads as NUL, which prints nothing: a sum that does not close is never a sale.
 *
 * Return: 0 and @ret_fd, which does not block; FAULT_CONFIG or FAULT_IO with a sentence. Thread: any.
 */
int serial_open(const char *where, bool is_till, int *ret_fd, struct fault *fault) MUST_CHECK;
/** serial_has_all() - whether all that was written left by the line @fd; false when the line is gone. */
bool serial_has_all(int fd);
/** serial_close() - what @fd has not sent is forgotten: to wait for it would hold up everything. */
void serial_close(int fd);

#endif
