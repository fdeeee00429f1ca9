/* usb_line: a line to a USB printer on a loop: what is written at one end of a pair of sockets goes to the printer, what it says comes back. */
#ifndef HOADON_DRIVERS_USB_LINE_H
#define HOADON_DRIVERS_USB_LINE_H

#include "capture/line.h"
#include "drivers/usb_device.h"

struct usb_line;

/**
 * usb_line_open() - reach the printer that @where names (usb_name_read())
 * @loop:   its owner's; the line hangs on it until usb_line_close()
 * @ret_fd: the other end, non-blocking, closed by usb_line_close(): write what is to be printed, read what the printer says, shutdown() for
 *          writing at the end of the job. It reads its end when the printer has all. When the printer is gone, writing fails (EPIPE) and
 *          reading ends; SIOCOUTQ tells 0 only when the printer took all that was written.
 *
 * A printer that somebody else holds is waited for, as long as it takes. A byte leaves the pair when the printer took it, so nothing is
 * repeated and nothing is lost, whatever happens between; a line that is gone never comes back: a new one finds the printer again.
 *
 * Return: 0; FAULT_IO: it is not there, or may not be opened.
 * Thread: the loop's, as all calls here.
 * Source: USB printer class 1.1; capture section 5.
 */
int usb_line_open(
	const char *where, struct loop *loop, struct usb_line **ret, int *ret_fd, struct fault *fault) MUST_CHECK;
/** usb_line_standing() - how the printer takes what is written; known some seconds after it stopped taking. */
enum printer_standing usb_line_standing(const struct usb_line *line);
/** usb_line_is_mute() - what the printer says is not heard. */
bool usb_line_is_mute(const struct usb_line *line);
/** usb_line_close() - stop what is under way, give the printer back to the kernel's driver; NULL is allowed. */
void usb_line_close(struct usb_line *line);
DEFINE_CLEANUP(struct usb_line *, usb_line_close)

#endif
