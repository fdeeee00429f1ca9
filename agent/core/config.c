#include "core/config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/neighbour.h"
#include "core/rules.h"
#include "core/serial.h"
#include "core/taxcode.h"
#include "core/usb_name.h"

#define YEAR_NEVER	9999 /* no birth year lies behind it: the shape of the seller's tax code does not depend on today */
#define PREFIX_NOT_SET	(-1)
#define MISSING_AT_MOST 32
#define LETTER_DOTS	12 /* of normal width, across */

struct maker {
	const struct option_set *set;
	struct arena *arena;
	struct fault *fault;
};

/* NULL for what is empty. */
static const char *text_of(const struct maker *maker, const char *section, const char *name, const char *key)
{
	const char *text = options_text(maker->set, section, name, key);

	return text && text[0] != '\0' ? text : NULL;
}

/* Says where the wrong value stands. */
static int refuse(const struct maker *maker, const char *section, const char *name, const char *key, const char *why)
{
	const struct option_value *value = options_get(maker->set, section, name, key);

	return FAULT(maker->fault, FAULT_CONFIG, "%s:%d: [%s%s%s] %s: %s", value ? value->file : "built-in",
		value ? value->line : 0, section, name[0] != '\0' ? " " : "", name, key, why);
}

static int make_tax_code(const struct maker *maker, const char *key, const char **ret)
{
	const char *text = text_of(maker, "seller", "", key);
	char normalised[16];
	int kind;

	if (!text)
		return 0;
	if (taxcode_is_hard(taxcode_check(text, YEAR_NEVER, normalised, &kind)))
		return refuse(maker, "seller", "", key, "must have 10 digits, 10-3 digits or 12 digits (R-BUY-5)");
	*ret = arena_strdup(maker->arena, normalised);
	return *ret ? 0 : FAULT(maker->fault, FAULT_MEMORY, "no memory for the configuration");
}

static bool consists_of(const char *text, size_t shortest, size_t longest, const char *characters)
{
	size_t len = strlen(text);

	return len >= shortest && len <= longest && strspn(text, characters) == len;
}

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS	 "0123456789"

static int make_seller(const struct maker *maker, struct seller *seller)
{
	int result;

	seller->name = text_of(maker, "seller", "", "name");
	seller->address = text_of(maker, "seller", "", "address");
	seller->phone = text_of(maker, "seller", "", "phone");
	seller->email = text_of(maker, "seller", "", "email");
	seller->bank_account = text_of(maker, "seller", "", "bank_account");
	seller->bank_name = text_of(maker, "seller", "", "bank_name");
	seller->website = text_of(maker, "seller", "", "website");
	seller->sender = text_of(maker, "seller", "", "sender");
	seller->generic_names = text_of(maker, "seller", "", "generic_names");
	seller->profile = profile_find(options_text(maker->set, "seller", "", "profile"));
	seller->ledger_in_invoice = options_int(maker->set, "seller", "", "ledger_in_invoice") != 0;
	/* Format 3: MNGui has at most 14 characters and begins the 46 of MTDiep. */
	if (seller->sender && !consists_of(seller->sender, 1, 14, CAPITALS DIGITS))
		return refuse(maker, "seller", "", "sender", "must have up to 14 capital letters and digits");
	result = make_tax_code(maker, "tax_code", &seller->tax_code);
	return result == 0 ? make_tax_code(maker, "provider_tax_code", &seller->provider_tax_code) : result;
}

static int make_serial(const struct maker *maker, struct seller *seller)
{
	const char *form = text_of(maker, "serial", "", "form");
	const char *suffix = text_of(maker, "serial", "", "suffix");
	const char *key = text_of(maker, "serial", "", "key");

	/* Law R-SYM-2: digits in the suffix are read, never made. */
	if (suffix && !consists_of(suffix, 2, 2, CAPITALS))
		return refuse(maker, "serial", "", "suffix", "must be two capital letters (R-SYM-2)");
	if (key && !consists_of(key, 5, 5, CAPITALS DIGITS))
		return refuse(
			maker, "serial", "", "key", "must be the five capitals and digits of message 103 (R-CODE-2)");
	seller->form = form ? form[0] - '0' : 0;
	seller->code_flag = options_text(maker->set, "serial", "", "code_flag")[0];
	snprintf(seller->suffix, sizeof(seller->suffix), "%s", suffix ? suffix : "");
	snprintf(seller->key, sizeof(seller->key), "%s", key ? key : "");
	/* No default: two stores with the same prefix would make the same codes (law R-CODE-3). */
	seller->issuer_prefix = PREFIX_NOT_SET;
	if (options_get(maker->set, "serial", "", "issuer_prefix"))
		seller->issuer_prefix = (int)options_int(maker->set, "serial", "", "issuer_prefix");
	return 0;
}

static size_t count_names(const struct option_set *set, const char *section)
{
	size_t count = 0;

	while (options_name(set, section, count))
		count++;
	return count;
}

static int make_tills(const struct maker *maker, struct seller *seller)
{
	size_t count = count_names(maker->set, "till");
	struct till *tills = ARENA_ARRAY(maker->arena, struct till, count + 1);

	if (!tills)
		return FAULT(maker->fault, FAULT_MEMORY, "no memory for %zu tills", count);
	for (size_t i = 0; i < count; i++) {
		const char *id = options_name(maker->set, "till", i);

		tills[i] = (struct till){.id = id,
			.location_code = text_of(maker, "till", id, "location_code"),
			.location_name = text_of(maker, "till", id, "location_name"),
			.location_address = text_of(maker, "till", id, "location_address")};
	}
	seller->tills = tills;
	seller->till_count = count;
	return 0;
}

static int make_authorities(const struct maker *maker, struct config *config)
{
	size_t count = count_names(maker->set, "authority");
	struct config_authority *routes = ARENA_ARRAY(maker->arena, struct config_authority, count + 1);

	if (!routes)
		return FAULT(maker->fault, FAULT_MEMORY, "no memory for %zu authorities", count);
	for (size_t i = 0; i < count; i++) {
		const char *name = options_name(maker->set, "authority", i);

		routes[i] = (struct config_authority){.name = name,
			.driver = text_of(maker, "authority", name, "driver"),
			.url = text_of(maker, "authority", name, "url"),
			.ca_file = text_of(maker, "authority", name, "ca_file"),
			.user = text_of(maker, "authority", name, "user"),
			.password_file = text_of(maker, "authority", name, "password_file"),
			.anchors_file = text_of(maker, "authority", name, "anchors_file")};
		if (routes[i].url && strncmp(routes[i].url, "https://", 8) != 0)
			return refuse(maker, "authority", name, "url", "must begin with https://");
	}
	config->authorities = routes;
	config->authority_count = count;
	return 0;
}

/* ---- [port NAME] ---- */

#define LOOPBACK 127 /* first number of what no other machine reaches */

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

static int read_qr(const struct maker *maker, const char *name, struct config_port *port)
{
	if (text_of(maker, "port", name, "qr")[0] == 'c')
		return 0;
	port->qr_dots = port->columns * LETTER_DOTS;
	return strcmp(port->dialect, "escpos") == 0 || strcmp(port->dialect, "star") == 0
		       ? 0
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
		result = read_qr(maker, name, port);
	return result == 0 ? check_port(maker, config, port) : result;
}

static int make_ports(const struct maker *maker, struct config *config)
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

static int make_store(const struct maker *maker, struct config *config)
{
	config->store_dir = text_of(maker, "store", "", "dir");
	config->checkpoint_every_ms = options_int(maker->set, "store", "", "checkpoint_every_ms");
	config->reserve_bytes = options_int(maker->set, "store", "", "reserve_mb") << 20;
	config->seal_store = options_int(maker->set, "store", "", "seal") != 0;
	config->store_key_file = text_of(maker, "store", "", "key_file");
	/* Nobody may believe that data is encrypted that is not. */
	if (config->seal_store && !config->store_key_file)
		return refuse(maker, "store", "", "seal",
			"needs key_file; make one with: openssl rand -hex 32 > FILE, and keep a copy elsewhere");
	return 0;
}

static void make_mirror(const struct maker *maker, struct config *config)
{
	config->mirror_dir = text_of(maker, "mirror", "", "dir");
	config->mirror_may_share_disk = options_int(maker->set, "mirror", "", "same_disk") != 0;
	config->mirror_wal_max_mb = options_int(maker->set, "mirror", "", "wal_max_mb");
	config->mirror_log_max_mb = options_int(maker->set, "mirror", "", "log_max_mb");
}

static void make_key(const struct maker *maker, struct config *config)
{
	config->key_driver = text_of(maker, "key", "", "driver");
	config->key_file = text_of(maker, "key", "", "file");
	config->key_password_file = text_of(maker, "key", "", "password_file");
	config->signer_threads = options_int(maker->set, "key", "", "threads");
	config->seller.sign_each_invoice = options_int(maker->set, "key", "", "sign_each_invoice") != 0;
}

static void make_doors(const struct maker *maker, struct config *config)
{
	config->socket_path = text_of(maker, "api", "", "socket");
	config->port = options_int(maker->set, "api", "", "port");
	config->port_file = text_of(maker, "api", "", "port_file");
	config->body_max = options_int(maker->set, "api", "", "body_max");
	config->bulk_body_max = options_int(maker->set, "api", "", "bulk_body_max");
	config->refused_frames_max = options_int(maker->set, "api", "", "refused_frames_max");
	config->lang = text_of(maker, "api", "", "lang");
	config->spool_dir = text_of(maker, "spool", "", "dir");
	config->spool_map = text_of(maker, "spool", "", "map");
	config->spool_catalogue = text_of(maker, "spool", "", "catalogue");
	config->spool_till = text_of(maker, "spool", "", "till");
	config->spool_is_vat_included = options_int(maker->set, "spool", "", "prices_include_vat") != 0;
	config->courier_to = text_of(maker, "courier", "", "to");
	config->law_publisher = text_of(maker, "law", "", "publisher");
}

static void make_receipt(const struct maker *maker, struct config *config)
{
	bool is_south = strcmp(options_text(maker->set, "receipt", "", "words"), "south") == 0;

	config->seller.words_dialect = is_south ? WORDS_SOUTH : WORDS_NORTH;
	config->seller.words_even = options_int(maker->set, "receipt", "", "words_even") != 0;
	config->seller.words_dot = options_int(maker->set, "receipt", "", "words_dot") != 0;
	config->lookup_url = text_of(maker, "receipt", "", "lookup_url");
	config->printer_encoding = text_of(maker, "receipt", "", "encoding");
}

/* "23:55" to minutes of the day; -1 = it is none. */
static int64_t minute_of(const char *text)
{
	int hour = 0;
	int minute = 0;
	char end = 0;

	if (strspn(text, DIGITS) != 2 || text[2] != ':' || sscanf(text, "%2d:%2d%c", &hour, &minute, &end) != 2)
		return -1;
	return hour < 24 && minute < 60 && strspn(text + 3, DIGITS) == 2 ? hour * 60 + minute : -1;
}

static int make_send(const struct maker *maker, struct config *config)
{
	config->seller.max_message_bytes = (size_t)options_int(maker->set, "send", "", "max_bytes");
	config->max_invoices = options_int(maker->set, "send", "", "max_invoices");
	config->max_wait_ms = options_int(maker->set, "send", "", "max_wait_ms");
	config->connect_timeout_ms = options_int(maker->set, "send", "", "connect_timeout_ms");
	config->total_timeout_ms = options_int(maker->set, "send", "", "total_timeout_ms");
	config->retry_first_ms = options_int(maker->set, "send", "", "retry_first_ms");
	config->retry_last_ms = options_int(maker->set, "send", "", "retry_last_ms");
	config->query_pause_ms = options_int(maker->set, "send", "", "query_pause_ms");
	config->cannot_ask_pause_ms = options_int(maker->set, "send", "", "cannot_ask_pause_ms");
	config->cutoff_minute = minute_of(options_text(maker->set, "send", "", "cutoff"));
	return config->cutoff_minute < 0 ? refuse(maker, "send", "", "cutoff", "must be a time of day, like 23:55") : 0;
}

static int make_fleet(const struct maker *maker, struct config *config)
{
	config->fleet_folder = text_of(maker, "fleet", "", "folder");
	config->fleet_url = text_of(maker, "fleet", "", "url");
	config->fleet_ca_file = text_of(maker, "fleet", "", "ca_file");
	config->fleet_user = text_of(maker, "fleet", "", "user");
	config->fleet_password_file = text_of(maker, "fleet", "", "password_file");
	config->fleet_name = text_of(maker, "fleet", "", "name");
	return config->fleet_url && strncmp(config->fleet_url, "https://", 8) != 0
		       ? refuse(maker, "fleet", "", "url", "must begin with https://")
		       : 0;
}

static int make_alarm(const struct maker *maker, struct config *config)
{
	config->late_percent = options_int(maker->set, "alarm", "", "late_percent");
	config->parked_after_ms = options_int(maker->set, "alarm", "", "parked_after_ms");
	config->stuck_ms = options_int(maker->set, "alarm", "", "stuck_ms");
	config->webhook_url = text_of(maker, "alarm", "", "webhook_url");
	config->mail_url = text_of(maker, "alarm", "", "mail_url");
	config->mail_from = text_of(maker, "alarm", "", "mail_from");
	config->mail_to = text_of(maker, "alarm", "", "mail_to");
	config->mail_user = text_of(maker, "alarm", "", "mail_user");
	config->mail_password_file = text_of(maker, "alarm", "", "mail_password_file");
	config->alarm_ca_file = text_of(maker, "alarm", "", "ca_file");
	if (config->webhook_url && strncmp(config->webhook_url, "https://", 8) != 0)
		return refuse(maker, "alarm", "", "webhook_url", "must begin with https://");
	if (config->mail_url && strncmp(config->mail_url, "smtp://", 7) != 0 &&
		strncmp(config->mail_url, "smtps://", 8) != 0)
		return refuse(maker, "alarm", "", "mail_url", "must begin with smtps:// or smtp://");
	if (config->mail_url && (!config->mail_from || !config->mail_to))
		return refuse(maker, "alarm", "", "mail_url", "needs mail_from and mail_to beside it");
	return 0;
}

int config_make(const struct option_set *set, struct arena *arena, struct config *ret, struct fault *fault)
{
	struct maker maker = {.set = set, .arena = arena, .fault = fault};
	struct config config = {.key_driver = NULL};
	int result = make_seller(&maker, &config.seller);

	if (result == 0)
		result = make_serial(&maker, &config.seller);
	if (result == 0)
		result = make_tills(&maker, &config.seller);
	if (result == 0)
		result = make_authorities(&maker, &config);
	if (result == 0)
		result = make_ports(&maker, &config);
	if (result == 0)
		result = make_store(&maker, &config);
	if (result == 0)
		result = make_alarm(&maker, &config);
	if (result == 0)
		result = make_fleet(&maker, &config);
	if (result == 0)
		result = make_send(&maker, &config);
	if (result != 0)
		return result;
	make_mirror(&maker, &config);
	make_key(&maker, &config);
	make_doors(&maker, &config);
	make_receipt(&maker, &config);
	*ret = config;
	return 0;
}

struct missing {
	struct bytes *out;
	int count;
};

static void tell(struct missing *missing, const char *setting, const char *why, const char *rule)
{
	bytes_printf(missing->out, "%s: %s (%s)\n", setting, why, rule);
	missing->count++;
}

static const char *why_missing(const char *setting)
{
	static const struct {
		const char *setting, *why;
	} reasons[] = {
		{"seller.provider_tax_code", "the format demands the tax code of the solution provider"},
		{"serial.form", "1 = VAT invoice, 2 = sales invoice"},
		{"serial.suffix", "two letters that no other store of the seller uses"},
		{"serial.key", "the five characters of message 103, without which no invoice may be issued"},
		{"serial.issuer_prefix", "0 to 999, another one for each store of the seller"},
		{"till", "no sale is taken from a till that has no section [till NAME]"},
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (strcmp(reasons[i].setting, setting) == 0)
			return reasons[i].why;
	return "stands on every invoice";
}

static void tell_seller(struct missing *missing, const struct seller *seller)
{
	const char *setting;
	const char *rule;

	for (int i = 0; i < MISSING_AT_MOST && rules_seller_missing(seller, i, &setting, &rule) != 0; i++)
		tell(missing, setting, why_missing(setting), rule);
}

static void tell_route(struct missing *missing, const struct config_authority *route)
{
	char setting[200];

	if (!route->url) {
		snprintf(setting, sizeof(setting), "authority %s.url", route->name);
		tell(missing, setting, "the address of the T-VAN", "R-WHO-6");
	}
	if (!route->ca_file) {
		snprintf(setting, sizeof(setting), "authority %s.ca_file", route->name);
		tell(missing, setting, "whom the server's certificate must chain to", "R-STO-5");
	}
	if (!route->anchors_file) {
		snprintf(setting, sizeof(setting), "authority %s.anchors_file", route->name);
		tell(missing, setting, "only a verified message 204 decides", "R-SEND-5");
	}
}

int config_missing(const struct config *config, struct bytes *out)
{
	struct missing missing = {.out = out};

	tell_seller(&missing, &config->seller);
	if (!config->seller.sender)
		tell(&missing, "seller.sender", "the sender that the T-VAN assigned (MNGui)", "R-WHO-6");
	if (!config->key_file)
		tell(&missing, "key.file", "the seller signs every message", "R-SIG-1");
	if (config->key_file && !config->key_password_file)
		tell(&missing, "key.password_file", "the password of the key", "R-SIG-4");
	if (config->authority_count == 0)
		tell(&missing, "authority", "no section [authority NAME] says where messages go", "R-SEND-1");
	for (size_t i = 0; i < config->authority_count; i++)
		tell_route(&missing, &config->authorities[i]);
	return missing.count;
}
