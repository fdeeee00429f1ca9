#include "drivers/print_reply.h"
#include "tap_parts.h"

/* A printer that is there, takes what is printed and talks answers by itself. */
static bool is_answered(const struct tap_till *till, enum printer_standing standing)
{
	const struct printer_ops *printer = till->port->printer;
	bool is_stopped = standing == PRINTER_NO_PAPER || standing == PRINTER_OFFLINE || standing == PRINTER_ERROR;
	return till->printer.fd >= 0 && !is_stopped && !(printer->is_mute && printer->is_mute(&till->printer));
}

void till_asked(struct tap_till *till, const uint8_t *command, size_t len)
{
	const struct tap_port *port = till->port;
	enum printer_standing standing = port->is_printer_away ? PRINTER_OFFLINE : PRINTER_TAKES;
	if (till->printer.fd >= 0)
		standing = port->printer->standing ? port->printer->standing(&till->printer) : PRINTER_TAKES;
	if (is_answered(till, standing) || till->replies.len + PRINT_REPLY_MAX > TAP_REPLIES_MAX)
		return;
	print_reply(port->config->dialect, command, len, standing, &till->replies);
	till_settle(till);
}
