/* check_config: what stands in the configuration and the files that it names; prototypes in checkup.h. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "capture/catalogue.h"
#include "capture/glyphs.h"
#include "capture/profile.h"
#include "capture/sheet.h"
#include "cli/checkup.h"
#include "drivers/drivers.h"

#define LINES_MAX (1u << 20)
/* What systemd gives a service: its owner and mode are systemd's. */
#define CREDENTIALS "/run/credentials/"

void check_config(struct checkup *at)
{
	const struct cli *cli = at->cli;
	const char *remedy =
		SAY(cli, "Correct it in the file named, then look again", "Sửa trong tệp được nêu, rồi kiểm tra lại");
	char path[4200];
	snprintf(path, sizeof(path), "%s/hoadon.conf", cli->config_dir);
	if (access(path, R_OK) != 0 && errno == EACCES)
		checkup_found(at, FINDING_WRONG, SAY(cli, "Look as root", "Chạy với sudo"), "sudo hoadon doctor",
			SAY(cli, "%s may not be read by this user", "người dùng này không được đọc %s"), path);
	else if (cli->is_configured && !cli->config.seller.tax_code)
		checkup_found(at, FINDING_WRONG, SAY(cli, "Set it up", "Cài đặt"), "sudo hoadon setup", "%s",
			SAY(cli, "not set up yet", "chưa cài đặt"));
	else if (cli->is_configured)
		checkup_ok(at, FINDING_OK, "%s", cli->config_dir);
	else if (cli->problems.len)
		checkup_lines(at, FINDING_WRONG, remedy, "hoadon config check", &cli->problems);
	else
		checkup_found(at, FINDING_WRONG, remedy, "hoadon config check", "%s", cli->config_fault.text);
}

/* ---- settings ---- */

static void miss(struct checkup *at, const char *setting, const char *why)
{
	checkup_found(at, FINDING_WRONG,
		SAY(at->cli, "Set it in conf.d/50-site.conf, then restart hoadond",
			"Đặt trong conf.d/50-site.conf, rồi khởi động lại hoadond"),
		"hoadon config check && systemctl restart hoadond", "%s: %s", setting, why);
}

static void look_at_file(struct checkup *at, const char *setting, const char *path)
{
	struct stat info;
	char why[4200];
	if (!path || !*path)
		return;
	bool is_there = stat(path, &info) == 0 && access(path, R_OK) == 0;
	if (is_there && S_ISREG(info.st_mode))
		return;
	snprintf(why, sizeof(why), "%s: %s", path,
		is_there ? SAY(at->cli, "is not a file", "không phải là tệp") : strerror(errno));
	miss(at, setting, why);
}

static void look_at_route(struct checkup *at, const struct config_authority *route)
{
	const struct {
		const char *key, *path;
	} files[] = {
		{"ca_file", route->ca_file},
		{"anchors_file", route->anchors_file},
		{"password_file", route->password_file},
	};
	char setting[200], why[200];
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(setting, sizeof(setting), "authority %s.%s", route->name, files[i].key);
		look_at_file(at, setting, files[i].path);
	}
	if (route->driver && driver_authority(route->driver))
		return;
	snprintf(setting, sizeof(setting), "authority %s.driver", route->name);
	snprintf(why, sizeof(why),
		SAY(at->cli, "there is no driver %s; see: hoadon help drivers",
			"không có trình điều khiển %s; xem: hoadon help drivers"),
		route->driver ? route->driver : "");
	miss(at, setting, why);
}

static int try_profile(const char *path, struct fault *fault)
{
	CLEANUP(profile_freep) struct profile *profile = NULL;
	CLEANUP(bytes_done) struct bytes file, problems;
	bytes_init(&file, PROFILE_FILE_MAX);
	bytes_init(&problems, LINES_MAX);
	int result = file_read(path, &file, fault);
	return result == 0 ? profile_new(path, &file, &profile, &problems, fault) : result;
}

static int try_map(const char *path, struct fault *fault)
{
	CLEANUP(sheet_map_freep) struct sheet_map *map = NULL;
	CLEANUP(bytes_done) struct bytes file, problems;
	bytes_init(&file, SHEET_MAP_MAX);
	bytes_init(&problems, LINES_MAX);
	int result = file_read(path, &file, fault);
	return result == 0 ? sheet_map_new(path, &file, &map, &problems, fault) : result;
}

static int try_catalogue(const char *path, struct fault *fault)
{
	CLEANUP(catalogue_freep) struct catalogue *catalogue = NULL;
	CLEANUP(bytes_done) struct bytes file;
	bytes_init(&file, CATALOGUE_BYTES_MAX);
	int result = file_read(path, &file, fault);
	return result == 0 ? catalogue_read(file.data, file.len, &catalogue, fault) : result;
}

static int try_glyphs(const char *path, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(GLYPHS_ROOM);
	CLEANUP(bytes_done) struct bytes file;
	struct glyphs glyphs;
	bytes_init(&file, GLYPHS_FILE_MAX);
	int result = arena ? file_read(path, &file, fault) : FAULT(fault, FAULT_MEMORY, "no memory for %s", path);
	return result == 0 ? glyphs_read(arena, &file, &glyphs, fault) : result;
}

/* A file is read as hoadond will read it: one wrong line, and nothing of what comes by @section is understood. */
static void try_file(struct checkup *at, const char *section, const char *key, const char *path,
	int (*try)(const char *path, struct fault *fault))
{
	char setting[200];
	struct fault fault = {0};
	snprintf(setting, sizeof(setting), "%s.%s", section, key);
	if (path && try(path, &fault) < 0)
		miss(at, setting,
			strstr(fault.text, path) ? fault.text : checkup_command(at, "%s: %s", path, fault.text));
}

static void look_at_port(struct checkup *at, const struct config_port *port)
{
	char section[160];
	snprintf(section, sizeof(section), "port %s", port->name);
	try_file(at, section, "profile", port->profile, try_profile);
	try_file(at, section, "catalogue", port->catalogue, try_catalogue);
	try_file(at, section, "glyphs", port->glyphs, try_glyphs);
}

void check_settings(struct checkup *at)
{
	const struct config *config = &at->cli->config;
	CLEANUP(bytes_done) struct bytes missing;
	size_t before = at->findings.count;
	bytes_init(&missing, LINES_MAX);
	config_missing(config, &missing);
	checkup_lines(at, FINDING_WRONG,
		SAY(at->cli, "Set it in conf.d/50-site.conf, then restart hoadond",
			"Đặt trong conf.d/50-site.conf, rồi khởi động lại hoadond"),
		"hoadon config check && systemctl restart hoadond", &missing);
	look_at_file(at, "key.file", config->key_file);
	look_at_file(at, "key.password_file", config->key_password_file);
	for (size_t i = 0; i < config->authority_count; i++)
		look_at_route(at, &config->authorities[i]);
	for (size_t i = 0; i < config->port_count; i++)
		look_at_port(at, &config->ports[i]);
	try_file(at, "spool", "map", config->spool_map, try_map);
	try_file(at, "spool", "catalogue", config->spool_catalogue, try_catalogue);
	look_at_file(at, "alarm.mail_password_file", config->mail_password_file);
	look_at_file(at, "fleet.password_file", config->fleet_password_file);
	if (at->findings.count == before)
		checkup_ok(at, FINDING_OK, "%s", SAY(at->cli, "complete", "đầy đủ"));
}

/* ---- permissions ---- */

struct owner { /* of the store's folder: who hoadond is */
	bool is_known;
	uid_t uid;
	gid_t gid;
	char name[64];
};

static void find_owner(const struct checkup *at, struct owner *ret)
{
	struct stat info;
	*ret = (struct owner){.is_known = stat(at->cli->config.store_dir, &info) == 0, .name = "hoadond"};
	if (!ret->is_known)
		return;
	const struct passwd *user = getpwuid(info.st_uid);
	ret->uid = info.st_uid;
	ret->gid = info.st_gid;
	if (user)
		snprintf(ret->name, sizeof(ret->name), "%s", user->pw_name);
	else
		snprintf(ret->name, sizeof(ret->name), "%u", (unsigned int)info.st_uid);
}

/* By the descriptor, and never through a link: whoever may write in the folder must not choose what root changes. */
static bool mend(const struct checkup *at, const char *path, const struct owner *owner, mode_t mode)
{
	struct stat info;
	CLEANUP(closep) int fd = at->is_fixing ? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
	if (fd < 0 || fstat(fd, &info) != 0 || (S_ISREG(info.st_mode) && info.st_nlink != 1))
		return false;
	if (owner->is_known && info.st_uid != owner->uid && fchown(fd, owner->uid, owner->gid) != 0)
		return false;
	return fchmod(fd, mode) == 0;
}

/* One file may hold several passwords. */
static bool is_told(const struct checkup *at, const char *path)
{
	size_t len = strlen(path);
	for (size_t i = 0; i < at->findings.count; i++) {
		const struct finding *row = &at->findings.rows[i];
		if (row->check == at->check && strncmp(row->text, path, len) == 0 && strchr(" :", row->text[len]))
			return true;
	}
	return false;
}

/* @denied: bits that must not be set; @mode: what --fix sets. */
static void look_at_mode(struct checkup *at, const char *path, const struct owner *owner, mode_t denied, mode_t mode)
{
	struct stat info;
	if (!path || strncmp(path, CREDENTIALS, strlen(CREDENTIALS)) == 0 || stat(path, &info) != 0)
		return;
	bool is_other = owner->is_known && info.st_uid != owner->uid;
	if ((!is_other && !(info.st_mode & denied)) || is_told(at, path))
		return;
	if (mend(at, path, owner, mode)) {
		checkup_ok(at, FINDING_FIXED, "%s: %04o %s", path, (unsigned int)mode, owner->name);
		return;
	}
	const char *quoted = checkup_quote(at, path);
	const char *command = is_other ? checkup_command(at, "chown %s: %s && chmod %04o %s", owner->name, quoted,
						 (unsigned int)mode, quoted)
				       : checkup_command(at, "chmod %04o %s", (unsigned int)mode, quoted);
	checkup_found(at, FINDING_WRONG,
		SAY(at->cli, "Let hoadond alone have it (as root)", "Chỉ để hoadond dùng (chạy với sudo)"), command,
		is_other ? SAY(at->cli, "%s (mode %04o) does not belong to %s", "%s (quyền %04o) không thuộc về %s")
			 : SAY(at->cli, "%s (mode %04o) can be read by others than %s",
				   "%s (quyền %04o): ngoài %s còn người khác đọc được"),
		path, (unsigned int)info.st_mode & 07777, owner->name);
}

static void look_at_store_files(struct checkup *at, const struct owner *owner)
{
	static const char *const names[] = {
		"current.db", "current.db-wal", "current.db-shm", "current.lock", "reserve", "ledger.key"};
	char path[4200];
	look_at_mode(at, at->cli->config.store_dir, owner, S_IRWXO, 0700);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", at->cli->config.store_dir, names[i]);
		look_at_mode(at, path, owner, S_IRWXO, 0600);
	}
}

void check_permissions(struct checkup *at)
{
	const struct config *config = &at->cli->config;
	struct owner owner;
	const char *const secrets[] = {
		config->key_file, config->key_password_file, config->mail_password_file, config->fleet_password_file};
	find_owner(at, &owner);
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
		look_at_mode(at, secrets[i], &owner, S_IRWXG | S_IRWXO, 0600);
	for (size_t i = 0; i < config->authority_count; i++)
		look_at_mode(at, config->authorities[i].password_file, &owner, S_IRWXG | S_IRWXO, 0600);
	look_at_store_files(at, &owner);
	if (findings_worst(&at->findings, at->check) == FINDING_OK)
		checkup_ok(at, FINDING_OK, "%s",
			SAY(at->cli, "keys, passwords and the store are hoadond's alone",
				"khóa, mật khẩu và kho dữ liệu chỉ hoadond dùng được"));
}
