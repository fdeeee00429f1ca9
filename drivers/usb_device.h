/* usb_device: which USB printers the machine sees. Out of sysfs: nothing is opened and nothing waits, but for usb_device_id(). */
#ifndef HOADON_DRIVERS_USB_DEVICE_H
#define HOADON_DRIVERS_USB_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

#define USB_PRINTERS_MAX  32
#define USB_TEXT_MAX	  64
#define USB_PLACE_MAX	  32
#define USB_DEVICE_ID_MAX 1024

/* What is unlike the standard, by maker and model: the table is in usb_device.c. */
enum usb_quirk {
	USB_VENDOR_CLASS = 1, /* prints through an interface of vendor class */
	USB_UNIDIR = 2,	      /* what it says is not read: it hangs, or says nonsense */
	USB_NO_REATTACH = 4,  /* the kernel's driver is not given back: it hangs */
	USB_SOFT_RESET = 8,   /* is reset before a job; any other printer loses what it has not printed yet */
	USB_DELAY_CLOSE = 16, /* loses the end of a job if the line is closed at once */
};

struct usb_device {
	uint16_t vendor, product;
	char serial[USB_TEXT_MAX], maker[USB_TEXT_MAX], model[USB_TEXT_MAX]; /* as it says; "" = it does not */
	char place[USB_PLACE_MAX]; /* bus and ports, like 1-2.3: the same as long as it hangs there */
	int bus, number;	   /* of /dev/bus/usb; another one each time that it is plugged in */
	int interface;
	char driver[USB_TEXT_MAX]; /* of the kernel that holds it; "" = none */
	unsigned quirks;	   /* of enum usb_quirk */
};

/** usb_quirks() - of @vendor and @product. Pure. Thread: any. */
unsigned usb_quirks(uint16_t vendor, uint16_t product);

/** usb_device_list() - the printers that are plugged in, by place, into @ret (room for USB_PRINTERS_MAX); how many. Thread: any. */
size_t usb_device_list(struct usb_device *ret);

/** usb_device_find() - the one printer that @where names (core/usb_name.h). 0; FAULT_IO: none is there, or several that nothing tells apart. Thread: any. */
int usb_device_find(const char *where, struct usb_device *ret, struct fault *fault) MUST_CHECK;

/**
 * usb_device_id() - what the printer says of itself (IEEE 1284), like "MFG:EPSON;MDL:TM-T20;"
 * @out: "" when it says nothing, or may not be asked
 *
 * Waits at most 1 s for the printer; asks also while the kernel's driver holds it. Thread: any, but no loop's.
 * Source: USB printer class 1.1, 4.2.1: two bytes of length, with themselves, high byte first; some send the low byte first.
 */
void usb_device_id(const struct usb_device *device, char out[USB_DEVICE_ID_MAX]);

#endif
