#include "drivers/usb_open.h"

#include <errno.h>
#include <fcntl.h>
#include <libusb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int usb_open(const struct usb_device *device, struct usb_handle *ret, struct fault *fault)
{
	char path[64];
	int result;

	snprintf(path, sizeof(path), "/dev/bus/usb/%03d/%03d", device->bus, device->number);
	*ret = (struct usb_handle){.fd = open(path, O_RDWR | O_CLOEXEC)};
	if (ret->fd < 0)
		return FAULT(fault, FAULT_IO, "the USB printer at %s cannot be opened: %s%s", device->place,
			strerror(errno),
			errno == EACCES ? "; it belongs to root and the service alone: unplug it and plug it in again"
					: "");
	libusb_set_option(NULL, LIBUSB_OPTION_NO_DEVICE_DISCOVERY);
	result = libusb_init(&ret->context);
	if (result == 0)
		result = libusb_wrap_sys_device(ret->context, ret->fd, &ret->handle);
	if (result == 0)
		return 0;
	usb_close(ret);
	return FAULT(
		fault, FAULT_IO, "the USB printer at %s cannot be opened: %s", device->place, libusb_strerror(result));
}

void usb_close(struct usb_handle *usb)
{
	if (usb->handle)
		libusb_close(usb->handle);
	if (usb->context)
		libusb_exit(usb->context);
	if (usb->fd >= 0)
		close(usb->fd);
	*usb = (struct usb_handle){.fd = -1};
}
