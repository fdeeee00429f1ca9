/* usb_name: what "04b8:0e15:X4CF001" or "port=1-2.3" says of a USB printer. Pure. */
#ifndef HOADON_CORE_USB_NAME_H
#define HOADON_CORE_USB_NAME_H

#include <stdbool.h>
#include <stdint.h>

struct usb_name {
	uint16_t vendor, product; /* of the maker and model; 0 with @place */
	const char *serial;	  /* NULL = any */
	const char *place;	  /* bus and ports; NULL = wherever it is plugged in */
};

/**
 * usb_name_read() - what @text says: VID:PID[:SERIAL], four hexadecimal digits each, or port=PLACE
 * @text: PLACE is bus and ports as the kernel names them, like 1-2.3
 * @ret:  set on true only; borrows of @text
 *
 * Return: whether it says that. Thread: any.
 */
bool usb_name_read(const char *text, struct usb_name *ret);

#endif
