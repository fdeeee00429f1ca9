/* usb_open: a USB device by libusb, which looks for no devices itself: no thread, no netlink, no wait. For drivers/usb_*.c only. */
#ifndef HOADON_DRIVERS_USB_OPEN_H
#define HOADON_DRIVERS_USB_OPEN_H

#include "drivers/usb_device.h"

struct usb_handle {
	int fd; /* -1 = not open */
	struct libusb_context *context;
	struct libusb_device_handle *handle;
};

/** usb_open() - @device, not claimed. 0; FAULT_IO with the reason and what to do. Thread: a handle belongs to one thread. */
int usb_open(const struct usb_device *device, struct usb_handle *ret, struct fault *fault) MUST_CHECK;
/** usb_close() - what is open of it; nothing may be under way. */
void usb_close(struct usb_handle *usb);

#endif
