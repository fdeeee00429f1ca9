/* setup_put: settings, key and passwords to where hoadond reads them; prototypes in setup.h. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/credential.h"
#include "cli/program.h"
#include "cli/setup.h"

#define FILE_MAX   ((size_t)1 << 20)
#define PLACED_MAX 100
#define USER	   "hoadon-agent" /* whom the package runs the service as */
#define UNIT	   "hoadond.service"
#define SEALER	   "systemd-creds"

/* Files that settings name. Whoever installs brings them on a stick, which leaves again. */
static const struct place {
	const char *section, *key, *name; /* below DIR/keys, behind "NAME-" of a named section */
	bool is_secret;
} places[] = {
	{"key", "file", "seller.p12", true},
	{"key", "password_file", "seller.pass", true},
	{"store", "key_file", "store.key", true},
	{"authority", "ca_file", "ca.pem", false},
	{"authority", "anchors_file", "anchors.pem", false},
	{"authority", "password_file", "password", true},
	{"alarm", "mail_password_file", "mail.pass", true},
	{"alarm", "ca_file", "alarm-ca.pem", false},
	{"law", "publisher", "law.pem", false},
	{"courier", "to", "courier.pem", false},
};

bool setup_is_place(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		size_t own = strlen(places[i].name);
		bool is_at_end = own <= len && !strncmp(name + len - own, places[i].name, own);
		/* What was sealed with a former key of the store opens with nothing else. */
		if (is_at_end && (own == len || name[len - own - 1] == '-'))
			return strcmp(places[i].section, "store") != 0;
	}
	return false;
}

struct putting {
	struct setup *setup;
	const char *keys; /* DIR/keys */
	struct placed {
		const struct option_value *value;
		const char *path; /* what the setting will say */
	} placed[PLACED_MAX];
	size_t count;
	struct bytes credentials; /* lines of the drop-in */
};

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static bool is_equal(const struct bytes *a, const struct bytes *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

static const char *join(const struct putting *putting, const char *folder, const char *name, struct fault *fault)
{
	const char *path = arena_printf(putting->setup->cli->arena, "%s/%s", folder, name);
	if (!path)
		FAULT(fault, FAULT_MEMORY, "no memory for the settings");
	return path;
}

/* Whether these settings are those of the package's service, and systemd runs it. */
static bool has_service(const struct setup *setup)
{
	char booted[4200];
	snprintf(booted, sizeof(booted), "%s/run/systemd/system", setup->cli->root);
	return (!strcmp(setup->cli->config_dir, CLI_CONFIG_DIR) || *setup->cli->root) && file_exists(booted);
}

static bool may_seal(const struct setup *setup)
{
	static const char *const args[] = {SEALER, "--version", NULL};
	return has_service(setup) && program_run(args, NULL, NULL, NULL) == 0;
}

/* ---- one file ---- */

static int seal(const char *name, const struct bytes *content, const char *path, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes sealed;
	char option[300];
	snprintf(option, sizeof(option), "--name=%s", name);
	const char *args[] = {SEALER, "encrypt", option, "-", "-", NULL};
	bytes_init(&sealed, FILE_MAX * 2);
	int result = program_run(args, content, &sealed, fault);
	if (result)
		return result < 0 ? result
				  : FAULT(fault, FAULT_CRYPTO,
					    SEALER " does not encrypt (exit %d); see: " SEALER " setup", result);
	return file_write(path, sealed.data, sealed.len, 0600, fault);
}

static int write_plain(const struct bytes *content, const char *path, bool is_secret, struct fault *fault)
{
	const struct passwd *user = geteuid() == 0 && is_secret ? getpwnam(USER) : NULL;
	int result = file_write(path, content->data, content->len, is_secret ? 0600 : 0644, fault);
	if (result == 0 && user && chown(path, user->pw_uid, user->pw_gid))
		return FAULT(fault, FAULT_IO, "%s cannot be given to " USER ": %s", path, strerror(errno));
	return result;
}

static bool is_ours(const struct putting *putting, const char *path)
{
	size_t len = strlen(putting->keys);
	return credential_name(path) || (begins(path, putting->keys) && path[len] == '/');
}

/* Whether the setting names a file of ours already, with the same content. */
static bool is_the_same(const struct putting *putting, const struct option_value *value, const struct bytes *content,
	const char **ret_path)
{
	const struct cli *now = putting->setup->cli;
	const struct option_value *old =
		now->options ? options_get(now->options, value->option->section, value->name, value->option->key)
			     : NULL;
	CLEANUP(bytes_done) struct bytes there;
	bytes_init(&there, FILE_MAX);
	if (!old || !is_ours(putting, old->value) || credential_read(now, old->value, &there))
		return false;
	*ret_path = old->value;
	return is_equal(&there, content);
}

/* A name that was never used, so that what holds now stays whole until SETUP_SITE changes. */
static const char *new_name(
	const struct putting *putting, const struct place *place, const char *of, struct fault *fault)
{
	struct arena *arena = putting->setup->cli->arena;
	char *name = arena_printf(arena, *of ? "%s-%s" : "%s%s", of, place->name);
	for (char *c = name; c && *c; c++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_", *c))
			*c = '_';
	const char *path = name ? join(putting, putting->keys, name, fault) : NULL, *free_name = name;
	for (int i = 2; path && free_name && file_exists(path); i++) {
		free_name = arena_printf(arena, "%s.%d", name, i);
		path = free_name ? join(putting, putting->keys, free_name, fault) : NULL;
	}
	if (!path)
		FAULT(fault, FAULT_MEMORY, "no memory for the settings");
	return path ? free_name : NULL;
}

static int put_new(struct putting *putting, const struct place *place, const struct option_value *value,
	const struct bytes *content, const char **ret_path, struct fault *fault)
{
	bool is_sealing = putting->setup->is_sealing && place->is_secret;
	const char *name = new_name(putting, place, value->name, fault);
	const char *path = name ? join(putting, putting->keys, name, fault) : NULL;
	if (!path)
		return FAULT_MEMORY;
	int result = file_make_dir(putting->keys, 0755, fault);
	if (result == 0)
		result = is_sealing ? seal(name, content, path, fault)
				    : write_plain(content, path, place->is_secret, fault);
	if (result)
		return result;
	putting->setup->is_changed = true;
	*ret_path = is_sealing ? arena_printf(putting->setup->cli->arena, CREDENTIAL_FOLDER "%s", name) : path;
	return *ret_path ? 0 : FAULT(fault, FAULT_MEMORY, "no memory for the settings");
}

static int put_file(
	struct putting *putting, const struct place *place, const struct option_value *value, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes content;
	const char *path = value->value;
	int result = 0;
	bytes_init(&content, FILE_MAX);
	bool is_lasting = !place->is_secret && (begins(path, "/etc/") || begins(path, "/usr/"));
	if (!is_ours(putting, path) && !is_lasting) {
		result = file_read(path, &content, fault);
		if (result == 0 && !is_the_same(putting, value, &content, &path))
			result = put_new(putting, place, value, &content, &path, fault);
	}
	if (result == 0 && credential_name(path))
		bytes_printf(&putting->credentials, "LoadCredentialEncrypted=%s:%s/%s\n", credential_name(path),
			putting->keys, credential_name(path));
	if (result == 0 && putting->count == PLACED_MAX)
		return FAULT(fault, FAULT_CONFIG, "more than %d files are named", PLACED_MAX);
	if (result == 0)
		putting->placed[putting->count++] = (struct placed){value, path};
	return result;
}

static int put_files(struct putting *putting, struct fault *fault)
{
	const struct setup *setup = putting->setup;
	int result = 0;
	for (size_t p = 0; p < ARRAY_LEN(places); p++) {
		const struct place *place = &places[p];
		bool is_named = strcmp(place->section, "authority") == 0;
		const char *name = is_named ? options_name(setup->then.options, place->section, 0) : "";
		for (size_t i = 1; name && result == 0;
			name = is_named ? options_name(setup->then.options, place->section, i++) : NULL) {
			const struct option_value *value =
				options_get(setup->then.options, place->section, name, place->key);
			if (value && !strcmp(value->file, setup->file))
				result = put_file(putting, place, value, fault);
		}
	}
	return result;
}

/* ---- the settings ---- */

static const char *path_of(void *context, const struct option_value *value)
{
	const struct putting *putting = context;
	for (size_t i = 0; i < putting->count; i++)
		if (putting->placed[i].value == value)
			return putting->placed[i].path;
	return value->value;
}

/* Nothing when the same stands there. @backup: where what stood there is kept; NULL = nowhere. */
static int put_text(
	struct setup *setup, const char *path, const struct bytes *text, const char *backup, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes old;
	bool is_there = file_exists(path);
	bytes_init(&old, FILE_MAX);
	int result = is_there ? file_read(path, &old, fault) : 0;
	if (result < 0 || (is_there && is_equal(&old, text)))
		return result;
	if (is_there && backup)
		result = file_write(backup, old.data, old.len, 0600, fault);
	setup->has_backup |= is_there && backup;
	setup->is_changed = true;
	return result ? result : file_write(path, text->data, text->len, 0644, fault);
}

/* While either settings may hold, the secrets of both are loaded. */
static int put_drop_in(struct putting *putting, bool is_keeping_old, struct fault *fault)
{
	struct setup *setup = putting->setup;
	CLEANUP(bytes_done) struct bytes text, old;
	const char *folder = arena_printf(setup->cli->arena, "%s" SETUP_DROP_IN, setup->cli->root);
	const char *path = folder ? join(putting, folder, "50-setup.conf", fault) : NULL;
	bytes_init(&text, FILE_MAX);
	bytes_init(&old, FILE_MAX);
	if (!path || !putting->credentials.len)
		return path ? 0 : FAULT(fault, FAULT_MEMORY, "no memory for the settings");
	bytes_printf(&text, "[Service]\n%s", (const char *)putting->credentials.data);
	int result = file_make_dir(folder, 0755, fault);
	if (result == 0 && is_keeping_old && file_exists(path))
		result = file_read(path, &old, fault);
	if (result == 0 && !is_equal(&old, &text))
		bytes_append(&text, old.data, old.len);
	if (result == 0)
		result = bytes_check(&text, "the unit's credentials", fault);
	return result ? result : put_text(setup, path, &text, NULL, fault);
}

static int put_site(struct putting *putting, struct fault *fault)
{
	struct setup *setup = putting->setup;
	CLEANUP(bytes_done) struct bytes text;
	const char *parts = join(putting, setup->cli->config_dir, "conf.d", fault);
	const char *path = parts ? join(putting, parts, SETUP_SITE, fault) : NULL;
	const char *backup = parts ? join(putting, parts, SETUP_SITE ".bak", fault) : NULL;
	bytes_init(&text, FILE_MAX);
	if (!path || !backup)
		return FAULT_MEMORY;
	int result = setup_write(setup, NULL, path_of, putting, &text, fault);
	if (result == 0)
		result = file_make_dir(parts, 0755, fault);
	return result ? result : put_text(setup, path, &text, backup, fault);
}

int setup_put(struct setup *setup, struct fault *fault)
{
	struct putting putting = {.setup = setup};
	setup->is_sealing = may_seal(setup);
	bytes_init(&putting.credentials, FILE_MAX);
	putting.keys = join(&putting, setup->cli->config_dir, "keys", fault);
	int result = putting.keys ? put_files(&putting, fault) : FAULT_MEMORY;
	if (result == 0)
		result = put_drop_in(&putting, true, fault);
	if (result == 0)
		result = put_site(&putting, fault);
	if (result == 0)
		result = put_drop_in(&putting, false, fault);
	bytes_done(&putting.credentials);
	return result;
}

/* ---- the service ---- */

static int ask_systemd(const char *const argv[], struct bytes *out, struct fault *fault)
{
	int result = program_run(argv, NULL, out, fault);
	return result <= 0 ? result : 1;
}

int setup_restart(struct setup *setup, struct fault *fault)
{
	static const char *const ask[] = {
		"systemctl", "show", "--timestamp=unix", "--property=ActiveEnterTimestamp", "--value", UNIT, NULL};
	static const char *const reload[] = {"systemctl", "daemon-reload", NULL};
	static const char *const restart[] = {"systemctl", "restart", UNIT, NULL};
	CLEANUP(bytes_done) struct bytes since = {.max = 64};
	char path[4200];
	if (!has_service(setup))
		return 0;
	snprintf(path, sizeof(path), "%s/conf.d/" SETUP_SITE, setup->cli->config_dir);
	int result = ask_systemd(ask, &since, fault);
	/* "@1795327200"; nothing of a service that does not run */
	long long started = result == 0 && since.len > 1 ? atoll((const char *)since.data + 1) : 0;
	setup->service = "running";
	if (result < 0 || (result == 0 && started > file_changed_at(path) / 1000000000))
		return result;
	setup->service = "restarted";
	result = ask_systemd(reload, NULL, fault);
	if (result == 0)
		result = ask_systemd(restart, NULL, fault);
	if (result > 0)
		setup->service = "failed";
	return result < 0 ? result : 0;
}
