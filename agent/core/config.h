/* config: the one table of settings, and the plain structure made of it. Reading files is base/options. */
#ifndef HOADON_CORE_CONFIG_H
#define HOADON_CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/charset.h"
#include "base/options.h"
#include "core/seller.h"

/* Every setting with type, range, default and help (vi, en); ended by section NULL. */
extern const struct option config_table[];

struct config_authority { /* [authority NAME] */
	const char *name;
	const char *driver; /* row of drivers/drivers.c */
	const char *url, *ca_file, *user, *password_file;
	const char *anchors_file; /* PEM: whom the authority's signature must chain to */
};

enum config_annex {
	CONFIG_ANNEX_NONE,
	CONFIG_ANNEX_CUT,  /* on the receipt before its cut; too late, or no cut: on a slip */
	CONFIG_ANNEX_SLIP, /* on a slip of its own */
};

struct config_address {	   /* of a till or a printer */
	const char *line;  /* row of drivers/drivers.c: "tcp", "serial", "fifo", "gadget", "usb"; NULL = not set */
	const char *where; /* as that driver takes it: "192.168.1.10:9100", "/dev/ttyS0,9600,8N1,none" */
	uint32_t ip;	   /* of tcp: IPv4, in the machine's byte order, as the port is; else 0 */
	uint16_t port;
	bool is_framed; /* of serial: the till sends blocks (capture/framing) */
};

#define CONFIG_PROFILE "/usr/share/hoadon-agent/profiles/default.ini" /* that reads paper where no other is named */

struct config_peer {
	uint32_t ip;  /* as config_address.ip */
	uint64_t mac; /* its card (core/neighbour), whatever address that has; 0 = known by its address */
};

struct config_port { /* [port NAME]: a till prints to it */
	const char *name;
	const char *till;		       /* a section [till NAME] */
	struct config_address listen, printer; /* printer not set: nothing is printed */
	const char *dialect;		       /* printer language */
	int columns;			       /* letters of normal width across the paper */
	const char *profile;		       /* file: how the paper is read */
	const char *catalogue;		       /* file: the rates of items; may be NULL with form 2 */
	const char *glyphs;		       /* file: the letters of its pictures; NULL: those wait for a person */
	bool is_vat_included;		       /* the prices on the paper hold the tax */
	const struct config_peer *peers;       /* none: nobody else reaches the port */
	size_t peer_count;
	bool forward_unknown; /* what other addresses send is printed */
	enum config_annex annex;
	struct charset_use letters; /* of number and code on paper */
	int line_dots; /* their lines are drawn, on paper so many dots wide; 0: the printer has the letters */
	int qr_dots;   /* the QR code is drawn, on paper so many dots wide; 0: the printer draws it */
	int64_t hold_ms, idle_ms;
	bool is_joined;		/* one receipt comes by several connections */
	int open_from, open_to; /* hours of the day in which each full one has a receipt; equal: nobody said so */
};

struct config { /* texts are borrowed from the option set */
	struct seller seller;
	const char *key_driver, *key_file, *key_password_file;
	const struct config_authority *authorities;
	size_t authority_count;
	const struct config_port *ports;
	size_t port_count;
	const char *store_dir;
	bool seal_store;	    /* [store] seal */
	const char *store_key_file; /* may be NULL */
	const char *mirror_dir;	    /* may be NULL */
	bool mirror_may_share_disk;
	int64_t mirror_wal_max_mb, mirror_log_max_mb;
	int64_t reserve_bytes; /* [store] reserve_mb */
	const char *socket_path;
	int64_t port;	       /* 0 = no TCP door, -1 = any free port */
	const char *port_file; /* where the port is written when it was chosen; may be NULL */
	int64_t body_max, bulk_body_max;
	const char *spool_dir;				      /* may be NULL */
	const char *spool_map, *spool_catalogue, *spool_till; /* of CSV and XML; may be NULL */
	bool spool_is_vat_included;			      /* the prices in CSV and XML hold the tax */
	int64_t max_invoices, max_wait_ms, connect_timeout_ms, total_timeout_ms, slowest_bytes_per_s, retry_first_ms,
		retry_last_ms, query_pause_ms, cannot_ask_pause_ms;
	int64_t parked_after_ms, stuck_ms, late_percent;
	const char *webhook_url, *mail_url, *mail_from, *mail_to, *mail_user, *mail_password_file; /* may be NULL */
	const char *alarm_ca_file;
	const char *fleet_folder, *fleet_url, *fleet_ca_file, *fleet_user, *fleet_password_file,
		*fleet_name;   /* may be NULL, but for ca_file */
	int64_t cutoff_minute; /* of the local day: all is sent before it */
	int64_t refused_frames_max;
	int64_t checkpoint_every_ms;
	int64_t signer_threads;	      /* 0 = one per core */
	const char *lookup_url;	      /* may be NULL */
	enum charset receipt_charset; /* of print.escpos: ASCII or UTF8 */
	const char *lang;
	const char
		*courier_to; /* PEM file: certificate of the machine that delivers for `hoadon courier`; may be NULL */
	const char *law_publisher; /* PEM file of the public key that signs packs of law; may be NULL */
};

/**
 * config_make() - the structure of what was read
 * @set:   borrowed by the result
 * @arena: holds arrays and the seller
 * Return: 0; FAULT_CONFIG with the first wrong value; FAULT_MEMORY.
 */
int config_make(const struct option_set *set, struct arena *arena, struct config *ret, struct fault *fault) MUST_CHECK;

/** config_port() - the section [port @name]; NULL when there is none. */
const struct config_port *config_port(const struct config *config, const char *name);

/** config_address_is_same() - whether both are set and name one address or one device, however it is set. */
bool config_address_is_same(const struct config_address *one, const struct config_address *other);

/** config_port_knows() - whether bills from address @ip (as in struct config_address) or card @mac (0: not known) may become invoices (law R-WHO-4). */
bool config_port_knows(const struct config_port *port, uint32_t ip, uint64_t mac);

/** config_missing() - everything missing before a sale can be issued and sent, one "section.key: why (rule)\n" each; the number of lines. */
int config_missing(const struct config *config, struct bytes *out);

#endif
