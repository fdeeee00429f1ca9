#include "drivers/usb_device.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "core/usb_name.h"
#include "drivers/usb_open.h"

#define SYSFS	      "/sys/bus/usb/devices"
#define CLASS_PRINTER 0x07
#define CLASS_VENDOR  0xff
#define ANY	      0
#define ASK_MS	      1000
#define PATH_TEXT     400

/* Known from others who print to them; a row is added when a printer needs it (drivers/README.md). */
static const struct quirk_row {
	uint16_t vendor, product; /* product ANY: all of this maker */
	unsigned quirks;
} quirk_rows[] = {
	{0x04b8, 0x0202, USB_VENDOR_CLASS},				 /* Epson TM receipt printers */
	{0x0519, ANY, USB_UNIDIR},					 /* Star */
	{0x0519, 0x0001, USB_DELAY_CLOSE},				 /* Star TSP */
	{0x067b, 0x2305, USB_NO_REATTACH | USB_SOFT_RESET | USB_UNIDIR}, /* Prolific: parallel port by USB */
	{0x1a86, 0x7584, USB_NO_REATTACH},				 /* QinHeng: parallel port by USB */
};

unsigned usb_quirks(uint16_t vendor, uint16_t product)
{
	unsigned quirks = 0;

	for (size_t i = 0; i < ARRAY_LEN(quirk_rows); i++)
		if (quirk_rows[i].vendor == vendor &&
			(quirk_rows[i].product == ANY || quirk_rows[i].product == product))
			quirks |= quirk_rows[i].quirks;
	return quirks;
}

/* ---- sysfs ---- */

/* The first line of a file without its end; "" when it is not there. */
static void read_text(const char *folder, const char *name, char *out, size_t max)
{
	char path[PATH_TEXT];
	ssize_t len = 0;

	snprintf(path, sizeof(path), SYSFS "/%s/%s", folder, name);
	CLEANUP(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		len = read(fd, out, max - 1);
	out[len > 0 ? len : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	for (char *at = out; *at; at++) /* what a device says of itself commands no terminal */
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
}

static unsigned read_number(const char *folder, const char *name, int base)
{
	char text[USB_TEXT_MAX];

	read_text(folder, name, text, sizeof(text));
	return (unsigned)strtoul(text, NULL, base);
}

static void read_driver(const char *folder, char out[USB_TEXT_MAX])
{
	char path[PATH_TEXT], target[PATH_TEXT];

	snprintf(path, sizeof(path), SYSFS "/%s/driver", folder);
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	const char *name = strrchr(target, '/');
	snprintf(out, USB_TEXT_MAX, "%.60s", name ? name + 1 : "");
}

/* @interface is a folder like 1-2.3:1.0 of the device 1-2.3. Whether it prints. */
static bool read_interface(const char *interface, struct usb_device *ret)
{
	const char *colon = strchr(interface, ':');
	char device[USB_PLACE_MAX];

	if (!colon || (size_t)(colon - interface) >= sizeof(device))
		return false;
	snprintf(device, sizeof(device), "%.*s", (int)(colon - interface), interface);
	unsigned class = read_number(interface, "bInterfaceClass", 16);
	*ret = (struct usb_device){
		.vendor = (uint16_t)read_number(device, "idVendor", 16),
		.product = (uint16_t)read_number(device, "idProduct", 16),
		.interface = (int)read_number(interface, "bInterfaceNumber", 16),
		.bus = (int)read_number(device, "busnum", 10),
		.number = (int)read_number(device, "devnum", 10),
	};
	ret->quirks = usb_quirks(ret->vendor, ret->product);
	if (class != CLASS_PRINTER && (class != CLASS_VENDOR || !(ret->quirks & USB_VENDOR_CLASS)))
		return false;
	memcpy(ret->place, device, sizeof(device));
	read_text(device, "serial", ret->serial, sizeof(ret->serial));
	read_text(device, "manufacturer", ret->maker, sizeof(ret->maker));
	read_text(device, "product", ret->model, sizeof(ret->model));
	read_driver(interface, ret->driver);
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct usb_device *one = a, *other = b;
	int order = strverscmp(one->place, other->place);

	return order ? order : one->interface - other->interface;
}

/* A device with several interfaces that print is one printer: its first. */
size_t usb_device_list(struct usb_device *ret)
{
	size_t count = 0, kept = 0;
	DIR *folder = opendir(SYSFS);
	const struct dirent *entry;

	while (folder && count < USB_PRINTERS_MAX && (entry = readdir(folder)))
		count += read_interface(entry->d_name, &ret[count]);
	if (folder)
		closedir(folder);
	qsort(ret, count, sizeof(*ret), by_place);
	for (size_t i = 0; i < count; i++)
		if (!kept || strcmp(ret[kept - 1].place, ret[i].place) != 0)
			ret[kept++] = ret[i];
	return kept;
}

/* ---- which one ---- */

static bool is_wanted(const struct usb_device *device, const struct usb_name *wanted)
{
	if (wanted->place)
		return strcmp(device->place, wanted->place) == 0;
	return device->vendor == wanted->vendor && device->product == wanted->product &&
	       (!wanted->serial || strcmp(device->serial, wanted->serial) == 0);
}

int usb_device_find(const char *where, struct usb_device *ret, struct fault *fault)
{
	struct usb_device devices[USB_PRINTERS_MAX];
	const struct usb_device *found = NULL;
	struct usb_name wanted;

	if (!usb_name_read(where, &wanted))
		return FAULT(fault, FAULT_CONFIG, "usb:%s names no USB printer; see: hoadon print list", where);
	size_t count = usb_device_list(devices);
	for (size_t i = 0; i < count; i++) {
		if (!is_wanted(&devices[i], &wanted))
			continue;
		if (found)
			return FAULT(fault, FAULT_IO,
				"two printers are usb:%s, at %s and %s, and nothing tells them apart: name the place, "
				"printer = "
				"usb:port=%s",
				where, found->place, devices[i].place, found->place);
		found = &devices[i];
	}
	if (!found)
		return FAULT(fault, FAULT_IO,
			"no printer usb:%s is plugged in or switched on; those that are: hoadon print list", where);
	*ret = *found;
	return 0;
}

/* ---- its own words ---- */

void usb_device_id(const struct usb_device *device, char out[USB_DEVICE_ID_MAX])
{
	CLEANUP(usb_close) struct usb_handle usb = {.fd = -1};
	unsigned char answer[USB_DEVICE_ID_MAX] = {0};

	*out = '\0';
	if (usb_open(device, &usb, NULL) < 0)
		return;
	int len = libusb_control_transfer(
		usb.handle, 0xa1, 0, 0, (uint16_t)(device->interface << 8), answer, sizeof(answer) - 1, ASK_MS);
	if (len < 2)
		return;
	size_t said = (size_t)answer[0] << 8 | answer[1];
	if (said < 2 || said > (size_t)len)
		said = (size_t)answer[1] << 8 | answer[0];
	if (said < 2 || said > (size_t)len)
		said = (size_t)len;
	for (size_t i = 2; i < said && answer[i]; i++)
		*out++ = answer[i] >= ' ' && answer[i] < 0x7f ? (char)answer[i] : '?';
	*out = '\0';
}
