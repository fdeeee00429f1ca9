/* setup: the settings of a shop, checked, tried, and put where hoadond reads them. */
#ifndef HOADON_CLI_SETUP_H
#define HOADON_CLI_SETUP_H

#include "cli/checkup.h"

#define SETUP_SITE	  "50-site.conf" /* of conf.d; ours alone */
#define SETUP_DROP_IN	  "/etc/systemd/system/hoadond.service.d"
#define SETUP_CONTENT_MAX ((size_t)1 << 20) /* of settings, and of what is wrong with them */

struct setup {
	struct cli *cli;      /* of the command: what holds now */
	struct cli then;      /* what would hold: its options and configuration are ours */
	const char *file;     /* where the settings come from, as people call it */
	struct bytes content; /* they themselves: sections and settings as in hoadon.conf */
	struct checkup at;    /* of @then */
	bool is_sealing;      /* systemd keeps secrets for the service */
	bool is_changed;      /* something was written */
	bool has_backup;      /* what stood in SETUP_SITE before stands beside it */
	int store_key_fd;     /* of the store's key when nobody names one, a file in memory; -1 = there is none */
	const char *
		store_key; /* where that key is from: "named", "kept" from before, "made", or "opened" with the signing key; NULL = there is none */
	const char *service; /* what became of the service: "restarted", "running", "failed"; NULL = no systemd */
};

/** setup_done() - free what @setup holds. */
void setup_done(struct setup *setup);

/**
 * setup_why_wrong() - why @value will not do
 * @beside: settings that it needs beside it, each well by itself; NULL = none
 * @line:   where it stands
 *
 * Return: the reason, in the arena of @setup->cli; NULL = it will do.
 */
const char *setup_why_wrong(const struct setup *setup, const struct option *option, const char *name, const char *value,
	const struct bytes *beside, int line);
/**
 * setup_check() - what the configuration would be with @setup->content in SETUP_SITE, and everything that is wrong with it
 * @is_offline: the line to the authority is not tried
 *
 * Return: 0, with findings; nothing that is FINDING_WRONG may be put. < 0.
 */
int setup_check(struct setup *setup, bool is_offline, struct fault *fault) MUST_CHECK;

/**
 * setup_seal_add() - unless they say otherwise, @setup->content seals the store: with the key that they name, that of before, or a new one
 *
 * The key of before stays named also when they say `seal = no`: what was sealed stays readable. Return: 0 or < 0.
 */
int setup_seal_add(struct setup *setup, struct fault *fault) MUST_CHECK;
/**
 * setup_seal_check() - find out whether that key is the one that @store is sealed with
 *
 * When it is not and nobody named it, the store's own key is opened out of @store with the signing key (issue/wrap), and put in its place.
 * Return: 0, with a finding when no key fits; < 0.
 */
int setup_seal_check(struct setup *setup, struct store *store, struct fault *fault) MUST_CHECK;

/**
 * setup_put() - write SETUP_SITE, and key, passwords and certificates below DIR/keys; what is the same already is left alone
 *
 * SETUP_SITE comes last and at once: whoever is killed leaves what held before. A file that is replaced stays, under its old name.
 * Return: 0 or < 0. Source: operations section 2 (systemd credentials).
 */
int setup_put(struct setup *setup, struct fault *fault) MUST_CHECK;
/** setup_is_place() - whether setup_put() names files below DIR/keys by the @len bytes of @name, when none lies there yet; but for the store's key, whose former ones never go. */
bool setup_is_place(const char *name, size_t len);
/**
 * setup_prune() - remove what setup_put() once put below DIR/keys and nothing names any more
 *
 * What the settings, those of before (SETUP_SITE.bak) or the unit name stays; of each kind of file also the one that held when the
 * last message was signed. What cannot be told stays.
 */
void setup_prune(const struct setup *setup);
/** setup_restart() - let a service that is older than SETUP_SITE be started again. 0, also when there is no systemd; < 0. */
int setup_restart(struct setup *setup, struct fault *fault) MUST_CHECK;

/**
 * setup_ask() - ask for the settings at the terminal, each until it will do; they are appended to @setup->content
 * @is_offline: set when the person goes on without a line
 *
 * Return: 0; CLI_FAILURE at the end of the input, after saying so; < 0.
 */
int setup_ask(struct setup *setup, bool *is_offline, struct fault *fault) MUST_CHECK;

/**
 * setup_write() - settings of @setup->then that come from @setup->file, as a file of conf.d
 * @without: a section that is left out; NULL = none
 * @value_of: what each setting shall say; NULL = it is left out
 *
 * Return: 0 or FAULT_MEMORY.
 */
int setup_write(const struct setup *setup, const char *without,
	const char *(*value_of)(void *context, const struct option_value *value), void *context, struct bytes *out,
	struct fault *fault) MUST_CHECK;

#endif
