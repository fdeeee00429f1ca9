#include "core/usb_name.h"

#include <stdio.h>
#include <string.h>

#define PLACE	 "port="
#define DIGITS	 "0123456789"
#define HEX	 DIGITS "abcdefABCDEF"
#define HEX_LEN	 4 /* letters of maker and of model */
#define NAME_LEN (2 * HEX_LEN + 1)

static bool read_place(const char *text, struct usb_name *ret)
{
	const char *dash = strchr(text, '-');

	if (!dash || dash == text || !dash[1] || strspn(text, DIGITS) != (size_t)(dash - text) ||
		strspn(dash + 1, DIGITS ".") != strlen(dash + 1))
		return false;
	*ret = (struct usb_name){.place = text};
	return true;
}

bool usb_name_read(const char *text, struct usb_name *ret)
{
	unsigned vendor, product;

	if (strncmp(text, PLACE, strlen(PLACE)) == 0)
		return read_place(text + strlen(PLACE), ret);
	if (strspn(text, HEX) != HEX_LEN || text[HEX_LEN] != ':' || strspn(text + HEX_LEN + 1, HEX) != HEX_LEN)
		return false;
	if (text[NAME_LEN] && (text[NAME_LEN] != ':' || !text[NAME_LEN + 1]))
		return false;
	if (sscanf(text, "%4x:%4x", &vendor, &product) != 2)
		return false;
	*ret = (struct usb_name){.vendor = (uint16_t)vendor,
		.product = (uint16_t)product,
		.serial = text[NAME_LEN] ? text + NAME_LEN + 1 : NULL};
	return true;
}
