#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "drivers/usb_device.h"

#define NAME_MAX_TEXT 120

struct printer {
	struct usb_device device;
	char id[USB_DEVICE_ID_MAX];  /* as it says; "" = it does not, or may not be asked */
	char setting[NAME_MAX_TEXT]; /* that names it alone */
	const char *port;	     /* [port NAME] that prints to it; NULL = none */
};

/* By its serial where it has one of its own, by its model where it is the only one, else by its place. */
static void name_it(struct printer *printer)
{
	const struct usb_device *device = &printer->device;
	struct usb_device found;
	char where[NAME_MAX_TEXT];

	snprintf(where, sizeof(where), "%04x:%04x:%s", device->vendor, device->product, device->serial);
	if (!*device->serial || usb_device_find(where, &found, NULL) < 0)
		snprintf(where, sizeof(where), "%04x:%04x", device->vendor, device->product);
	if (usb_device_find(where, &found, NULL) < 0)
		snprintf(where, sizeof(where), "port=%s", device->place);
	snprintf(printer->setting, sizeof(printer->setting), "usb:%.110s", where);
}

static const char *port_of(const struct cli *cli, const struct usb_device *device)
{
	for (size_t i = 0; cli->is_configured && i < cli->config.port_count; i++) {
		const struct config_address *to = &cli->config.ports[i].printer;
		struct usb_device found;

		if (to->line && strcmp(to->line, "usb") == 0 && usb_device_find(to->where, &found, NULL) == 0 &&
			strcmp(found.place, device->place) == 0)
			return cli->config.ports[i].name;
	}
	return NULL;
}

static void print_head(const struct cli *cli)
{
	print_cell(SAY(cli, "printer =", "printer ="), 28);
	print_cell(SAY(cli, "PLACE", "Ổ CẮM"), 10);
	print_cell(SAY(cli, "PORT", "CỔNG"), 10);
	puts(SAY(cli, "PRINTER", "MÁY IN"));
}

static void print_row(const struct cli *cli, const void *row)
{
	const struct printer *printer = row;

	(void)cli;
	print_cell(printer->setting, 28);
	print_cell(printer->device.place, 10);
	print_cell(printer->port ? printer->port : "-", 10);
	printf("%s %s%s%s\n", printer->device.maker, printer->device.model, *printer->id ? ", " : "", printer->id);
}

static void write_row(const void *row, struct bytes *out)
{
	const struct printer *printer = row;
	const struct usb_device *device = &printer->device;
	char number[8];

	bytes_char(out, '{');
	json_member(out, "printer", printer->setting);
	json_member(out, "place", device->place);
	if (printer->port)
		json_member(out, "port", printer->port);
	snprintf(number, sizeof(number), "%04x", device->vendor);
	json_member(out, "vendor", number);
	snprintf(number, sizeof(number), "%04x", device->product);
	json_member(out, "product", number);
	json_member(out, "serial", device->serial);
	json_member(out, "maker", device->maker);
	json_member(out, "model", device->model);
	json_member(out, "device_id", printer->id);
	json_member(out, "kernel_driver", device->driver);
	bytes_char(out, '}');
}

int print_list_run(struct cli *cli, struct fault *fault)
{
	static const struct list list = {"printers", sizeof(struct printer), print_head, print_row, write_row,
		"no USB printer is plugged in and switched on; one at a network or a serial line is not listed",
		"không có máy in USB nào đang cắm và bật; máy in mạng hoặc cổng nối tiếp không liệt kê ở đây"};
	struct usb_device devices[USB_PRINTERS_MAX];
	size_t count = usb_device_list(devices);
	struct printer *printers = ARENA_ARRAY(cli->arena, struct printer, count + 1);

	if (!printers)
		return FAULT(fault, FAULT_MEMORY, "no memory for the printers");
	for (size_t i = 0; i < count; i++) {
		printers[i].device = devices[i];
		usb_device_id(&devices[i], printers[i].id);
		name_it(&printers[i]);
		printers[i].port = port_of(cli, &devices[i]);
	}
	return print_list(cli, &list, printers, count, count + 1, fault);
}
