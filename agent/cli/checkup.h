/* checkup: the checks of `hoadon doctor`, one thing each; what they mend is never a fiscal record. `hoadon config check` makes some of them. */
#ifndef HOADON_CLI_CHECKUP_H
#define HOADON_CLI_CHECKUP_H

#include "cli/findings.h"
#include "issue/key.h"
#include "store/status.h"

struct checkup {
	struct cli *cli;
	bool is_fixing; /* do what is safe, and say so */
	struct findings findings;
	const char *check, *title; /* of the check that runs */
	bool is_running;	   /* hoadond answers */
	char version[32];	   /* of hoadond that runs */
	struct store *store;	   /* read-only; NULL until check_database() opened it */
	struct status status;	   /* once store is there */
	struct key key; /* open once check_key_file() found it well; hoadond tells of its certificate alone */
};

/** checkup_done() - close and free what the checks opened. */
void checkup_done(struct checkup *at);

/** checkup_ok() - the check that runs found all well, or (FINDING_FIXED) has mended it. */
void checkup_ok(struct checkup *at, enum finding_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/** checkup_found() - the check that runs found something: @remedy is a sentence, @command is copied into a shell (NULL = none). Both borrowed. */
void checkup_found(struct checkup *at, enum finding_level level, const char *remedy, const char *command,
	const char *format, ...) __attribute__((format(printf, 5, 6)));
/** checkup_lines() - each line of @lines is a finding of its own. */
void checkup_lines(struct checkup *at, enum finding_level level, const char *remedy, const char *command,
	const struct bytes *lines);
/** checkup_command() - a command with paths and words made for a shell; "?" without memory. */
const char *checkup_command(struct checkup *at, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** checkup_quote() - @word as one word of a shell. */
const char *checkup_quote(struct checkup *at, const char *word);
/** checkup_now() - what time it is, ms UTC: as the store believes, else the machine's clock. */
int64_t checkup_now(const struct checkup *at);

/** check_config() - the configuration can be read. check_settings() - nothing is missing, and the files that it names are there. */
void check_config(struct checkup *at);
void check_settings(struct checkup *at);
/** check_permissions() - keys, passwords and the store are read by hoadond alone. Mends: mode, owner. */
void check_permissions(struct checkup *at);
/** check_key() - how the key stands: hoadond says so, and while it is stopped check_key_file() looks where that costs no password. */
void check_key(struct checkup *at);
/** check_key_file() - open the key once with its password, and keep it. check_certificate() - its dates and whose it is. */
void check_key_file(struct checkup *at);
void check_certificate(struct checkup *at);
/** checkup_before_sale() - settings, key, certificate and, @with_line, the line to the authority: what a sale needs. */
void checkup_before_sale(struct checkup *at, bool with_line);
/** check_service() - hoadond answers. check_version() - it is of the version of this program. */
void check_service(struct checkup *at);
void check_version(struct checkup *at);
/** check_clock() - who vouches for the time, and what the store believes of it. */
void check_clock(struct checkup *at);
/** check_disk() - room, and the reserve. Mends: takes the reserve while hoadond, which does so itself, is stopped. */
void check_disk(struct checkup *at);
/** check_seal() - the store is encrypted with a key that is at hand, and the signing key opens it, too. */
void check_seal(struct checkup *at);
/** check_mirror() - the second medium receives. Mends: its folder, when the medium is there. */
void check_mirror(struct checkup *at);
/** check_network() - each route, layer by layer; nothing is sent. check_authority() - whether verdicts come. */
void check_network(struct checkup *at);
void check_authority(struct checkup *at);
/** check_database() - open the store, never make one, and let SQLite look through it. check_ledger() - its end. check_hold() - whether it is a copy. */
void check_database(struct checkup *at);
void check_ledger(struct checkup *at);
void check_hold(struct checkup *at);
/** check_ports() - the ports that tills print to: what the machine says of each, and hoadond of all. */
void check_ports(struct checkup *at);
/** check_tills() - tills that went silent. check_law() - rates that end. check_work() - tasks, parked sales, unsent invoices. */
void check_tills(struct checkup *at);
void check_law(struct checkup *at);
void check_work(struct checkup *at);

#endif
