#include "core/config_parts.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/neighbour.h"
#include "core/serial.h"
#include "core/usb_name.h"

#define LETTER_DOTS 12	/* of normal width, across */
#define LOOPBACK    127 /* first number of what no other machine reaches */

/* As refuse(), of a setting that nobody made: the place is that of another one of the section. */
static int refuse_port(const struct maker *maker, const char *name, const char *key, const char *why)
{
	for (const struct option *row = config_table; row->section; row++) {
		const struct option_value *value =
			strcmp(row->section, "port") == 0 ? options_get(maker->set, "port", name, row->key) : NULL;

		if (value && !options_get(maker->set, "port", name, key))
			return FAULT(maker->fault, FAULT_CONFIG, "%s:%d: [port %s] %s: %s", value->file, value->line,
				name, key, why);
	}
	return refuse(maker, "port", name, key, why);
}

static bool read_ip(const char *text, size_t len, uint32_t *ret)
{
	char copy[INET_ADDRSTRLEN];
	struct in_addr address;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, &address) != 1)
		return false;
	*ret = ntohl(address.s_addr);
	return true;
}

#define SERIAL "serial:"
#define USB    "usb:"

static bool read_tcp(const struct maker *maker, const char *text, struct config_address *ret)
{
	const char *colon = strchr(text, ':');
	unsigned int port = 0;
	char end = 0;

	if (!colon || strspn(colon + 1, DIGITS) < 1 || sscanf(colon + 1, "%5u%c", &port, &end) != 1 || port < 1 ||
		port > UINT16_MAX || !read_ip(text, (size_t)(colon - text), &ret->ip))
		return false;
	ret->port = (uint16_t)port;
	ret->line = "tcp";
	ret->where = arena_printf(maker->arena, "%.*s:%u", (int)(colon - text), text, port);
	return true;
}

static int read_usb(const struct maker *maker, const char *name, const char *where, struct config_address *ret)
{
	struct usb_name usb;

	ret->line = "usb";
	ret->where = where;
	return usb_name_read(where, &usb) ? 0
					  : refuse_port(maker, name, "printer",
						    "must be like usb:04b8:0e15, usb:04b8:0e15:SERIAL or usb:port=1-2; "
						    "see: hoadon print list");
}

static const struct file_line { /* of tills alone: a file of the machine */
	const char *word, *line, *refusal;
} file_lines[] = {
	{"fifo:", "fifo", "must be like fifo:/var/spool/hoadon-agent/bar.prn"},
	{"gadget:", "gadget", "must be like gadget:/dev/g_printer0"},
};

static int read_file_line(const struct maker *maker, const char *name, const char *key, const struct file_line *file,
	struct config_address *ret)
{
	ret->line = file->line;
	ret->where = text_of(maker, "port", name, key) + strlen(file->word);
	if (strcmp(key, "listen") != 0)
		return refuse_port(maker, name, key, "a file that a till writes to is no printer");
	return ret->where[0] == '/' ? 0 : refuse_port(maker, name, key, file->refusal);
}

/* What is not set stays empty. */
static int read_address(const struct maker *maker, const char *name, const char *key, struct config_address *ret)
{
	const char *text = text_of(maker, "port", name, key);
	struct serial_line serial;

	if (!text)
		return 0;
	if (strncmp(text, SERIAL, strlen(SERIAL)) == 0) {
		ret->line = "serial";
		ret->where = text + strlen(SERIAL);
		if (!serial_read(ret->where, &serial))
			return refuse_port(maker, name, key, "must be like serial:/dev/ttyS0,9600,8N1,none");
		ret->is_framed = serial.is_framed;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(file_lines); i++)
		if (strncmp(text, file_lines[i].word, strlen(file_lines[i].word)) == 0)
			return read_file_line(maker, name, key, &file_lines[i], ret);
	if (strncmp(text, USB, strlen(USB)) == 0 && strcmp(key, "printer") == 0)
		return read_usb(maker, name, text + strlen(USB), ret);
	if (!read_tcp(maker, text, ret))
		return refuse_port(maker, name, key,
			"must be ADDRESS:PORT in numbers, like 192.168.1.10:9100, serial:/dev/ttyS0,9600,8N1,none, "
			"fifo:/var/spool/hoadon-agent/bar.prn or gadget:/dev/g_printer0");
	return ret->where ? 0 : FAULT(maker->fault, FAULT_MEMORY, "no memory for the address of port %s", name);
}

#define PEER_BREAKS ", "
#define MAC	    "mac:"

static bool read_peer(const char *text, size_t len, struct config_peer *ret)
{
	size_t skip = len > strlen(MAC) && strncmp(text, MAC, strlen(MAC)) == 0 ? strlen(MAC) : 0;

	return skip ? neighbour_read(text + skip, len - skip, &ret->mac) : read_ip(text, len, &ret->ip);
}

static int read_peers(const struct maker *maker, const char *name, struct config_port *port)
{
	const char *text = text_of(maker, "port", name, "peers");
	struct config_peer *peers = text ? ARENA_ARRAY(maker->arena, struct config_peer, strlen(text) / 2 + 1) : NULL;

	if (text && !peers)
		return FAULT(maker->fault, FAULT_MEMORY, "no memory for the peers of port %s", name);
	for (const char *at = text; at && *(at += strspn(at, PEER_BREAKS));) {
		size_t len = strcspn(at, PEER_BREAKS);

		if (!read_peer(at, len, &peers[port->peer_count++]))
			return refuse_port(maker, name, "peers",
				"must be addresses like 192.168.1.21, 192.168.1.22 or cards like "
				"mac:aa:bb:cc:dd:ee:ff");
		at += len;
	}
	port->peers = peers;
	return 0;
}

static int read_open_hours(const struct maker *maker, const char *name, struct config_port *port)
{
	const char *text = text_of(maker, "port", name, "open_hours");
	int used = 0;

	if (!text)
		return 0;
	if (strspn(text, DIGITS "-") != strlen(text) ||
		sscanf(text, "%2d-%2d%n", &port->open_from, &port->open_to, &used) != 2 || text[used] ||
		port->open_from < 0 || port->open_to > 24 || port->open_from >= port->open_to)
		return refuse_port(maker, name, "open_hours", "must be two hours of the day, like 8-22");
	return 0;
}

static int read_annex(const struct maker *maker, const char *name, struct config_port *port)
{
	const char *word = text_of(maker, "port", name, "annex");

	port->annex = port->printer.line ? CONFIG_ANNEX_CUT : CONFIG_ANNEX_NONE;
	if (word)
		port->annex = word[0] == 'c'   ? CONFIG_ANNEX_CUT
			      : word[0] == 's' ? CONFIG_ANNEX_SLIP
					       : CONFIG_ANNEX_NONE;
	return port->annex != CONFIG_ANNEX_NONE && !port->printer.line
		       ? refuse_port(maker, name, "annex", "needs a printer beside it")
		       : 0;
}

/* Of a word that the table of settings allows; a picture has no letters. */
static enum charset charset_of(const char *word)
{
	enum charset charset = CHARSET_ASCII;

	return charset_parse(word, &charset) == 0 ? charset : CHARSET_ASCII;
}

static int page_of(const struct maker *maker, const char *name, const char *key)
{
	return text_of(maker, "port", name, key) ? (int)options_int(maker->set, "port", name, key) : CHARSET_PAGE_NONE;
}

static bool has_commands(const struct config_port *port)
{
	return strcmp(port->dialect, "escpos") == 0 || strcmp(port->dialect, "star") == 0;
}

static int read_letters(const struct maker *maker, const char *name, struct config_port *port)
{
	struct charset_use use = {charset_of(text_of(maker, "port", name, "encoding")), page_of(maker, name, "page"),
		page_of(maker, name, "page_capitals")};
	bool is_drawn = text_of(maker, "port", name, "encoding")[0] == 'p';
	bool is_paged = use.charset != CHARSET_ASCII && use.charset != CHARSET_UTF8;

	port->letters = use;
	port->line_dots = is_drawn ? port->columns * LETTER_DOTS : 0;
	if ((is_drawn || use.charset != CHARSET_ASCII) && !has_commands(port))
		return refuse_port(maker, name, "encoding",
			"is for the dialects escpos and star: no other says which letters it prints, or prints "
			"pictures; take ascii");
	if (is_paged && use.page == CHARSET_PAGE_NONE)
		return refuse_port(maker, name, "encoding",
			"needs page beside it: the number of this code page, which the printer prints when it is "
			"switched on "
			"with FEED held down");
	if (!is_paged && use.page != CHARSET_PAGE_NONE)
		return refuse_port(maker, name, "page", "needs encoding = tcvn, cp1258 or viscii beside it");
	if (use.charset != CHARSET_TCVN && use.capitals != CHARSET_PAGE_NONE)
		return refuse_port(maker, name, "page_capitals", "needs encoding = tcvn beside it");
	return 0;
}

static int read_qr(const struct maker *maker, const char *name, struct config_port *port)
{
	if (text_of(maker, "port", name, "qr")[0] == 'c')
		return 0;
	port->qr_dots = port->columns * LETTER_DOTS;
	return has_commands(port) ? 0
				  : refuse_port(maker, name, "qr",
					    "picture is for the dialects escpos and star: no other prints a code");
}

/* A capture port makes invoices of what it is told: who may tell it must be known. */
static int check_port(const struct maker *maker, const struct config *config, const struct config_port *port)
{
	if (!port->till)
		return refuse_port(
			maker, port->name, "till", "must name the section [till NAME] of the till that prints");
	if (!seller_till(&config->seller, port->till))
		return refuse_port(maker, port->name, "till", "there is no section [till NAME] of this name");
	if (!port->listen.line)
		return refuse_port(
			maker, port->name, "listen", "must say where the till prints to, like 192.168.1.10:9100");
	if (port->printer.is_framed)
		return refuse_port(maker, port->name, "printer", "stx is for tills: no printer is sent blocks");
	if (port->is_joined && !port->listen.port)
		return refuse_port(
			maker, port->name, "joined", "is for tills of the network: no other line has connections");
	if (config_address_is_same(&port->printer, &port->listen))
		return refuse_port(
			maker, port->name, "printer", "must be the printer's address, not that of the port itself");
	if (port->peer_count == 0 && port->listen.port && port->listen.ip >> 24 != LOOPBACK)
		return refuse_port(maker, port->name, "peers",
			"must list the tills' addresses, for other machines reach this port (R-WHO-4)");
	if (config->seller.form == 1 && !port->catalogue)
		return refuse_port(
			maker, port->name, "catalogue", "must name catalogue.csv: a rate is never guessed (R-VAT-1)");
	for (size_t i = 0; &config->ports[i] < port; i++) {
		const struct config_address *other = &config->ports[i].listen;

		if (config_address_is_same(other, &port->listen) ||
			(other->port && other->port == port->listen.port && (!other->ip || !port->listen.ip)))
			return refuse_port(maker, port->name, "listen", "another [port] listens there already");
	}
	return 0;
}

static int make_port(const struct maker *maker, const char *name, const struct config *config, struct config_port *port)
{
	int result;

	*port = (struct config_port){.name = name,
		.till = text_of(maker, "port", name, "till"),
		.dialect = text_of(maker, "port", name, "dialect"),
		.columns = (int)options_int(maker->set, "port", name, "columns"),
		.profile = text_of(maker, "port", name, "profile"),
		.catalogue = text_of(maker, "port", name, "catalogue"),
		.glyphs = text_of(maker, "port", name, "glyphs"),
		.is_vat_included = options_int(maker->set, "port", name, "prices_include_vat") != 0,
		.forward_unknown = options_int(maker->set, "port", name, "forward_unknown") != 0,
		.hold_ms = options_int(maker->set, "port", name, "hold_ms"),
		.idle_ms = options_int(maker->set, "port", name, "idle_ms"),
		.is_joined = options_int(maker->set, "port", name, "joined") != 0};
	result = read_address(maker, name, "listen", &port->listen);
	if (result == 0)
		result = read_address(maker, name, "printer", &port->printer);
	if (result == 0)
		result = read_peers(maker, name, port);
	if (result == 0)
		result = read_open_hours(maker, name, port);
	if (result == 0)
		result = read_annex(maker, name, port);
	if (result == 0)
		result = read_letters(maker, name, port);
	if (result == 0)
		result = read_qr(maker, name, port);
	return result == 0 ? check_port(maker, config, port) : result;
}

int make_ports(const struct maker *maker, struct config *config)
{
	size_t count = count_names(maker->set, "port");
	struct config_port *ports = ARENA_ARRAY(maker->arena, struct config_port, count + 1);
	int result = 0;

	if (!ports)
		return FAULT(maker->fault, FAULT_MEMORY, "no memory for %zu ports", count);
	config->ports = ports;
	for (size_t i = 0; result == 0 && i < count; i++)
		result = make_port(maker, options_name(maker->set, "port", i), config, &ports[i]);
	config->port_count = count;
	return result;
}

const struct config_port *config_port(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->port_count; i++)
		if (strcmp(config->ports[i].name, name) == 0)
			return &config->ports[i];
	return NULL;
}

bool config_address_is_same(const struct config_address *one, const struct config_address *other)
{
	size_t len = one->line ? strcspn(one->where, ",") : 0;

	return one->line && other->line && strcmp(one->line, other->line) == 0 && len == strcspn(other->where, ",") &&
	       strncmp(one->where, other->where, len) == 0;
}

bool config_port_knows(const struct config_port *port, uint32_t ip, uint64_t mac)
{
	for (size_t i = 0; i < port->peer_count; i++)
		if (port->peers[i].mac ? port->peers[i].mac == mac : port->peers[i].ip == ip)
			return true;
	return port->peer_count == 0;
}
