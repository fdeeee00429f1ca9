#include "cli/credential.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/program.h"

#define SECRET_MAX ((size_t)1 << 20)

const char *credential_name(const char *path)
{
	size_t len = strlen(CREDENTIAL_FOLDER);
	return path && strncmp(path, CREDENTIAL_FOLDER, len) == 0 ? path + len : NULL;
}

int credential_read(const struct cli *cli, const char *path, struct bytes *ret)
{
	const char *name = credential_name(path);
	char sealed[4200], option[300];
	if (!name)
		return file_read(path, ret, NULL) ? 1 : 0;
	snprintf(sealed, sizeof(sealed), "%s/keys/%s", cli->config_dir, name);
	snprintf(option, sizeof(option), "--name=%s", name);
	const char *args[] = {"systemd-creds", "decrypt", option, sealed, "-", NULL};
	return !file_exists(sealed) || program_run(args, NULL, ret, NULL) ? 1 : 0;
}

const char *credential_path(const struct cli *cli, const char *path)
{
	CLEANUP(bytes_done) struct bytes secret = {.max = SECRET_MAX};
	if (!credential_name(path) || file_exists(path) || credential_read(cli, path, &secret))
		return path;
	int fd = memfd_create("credential", MFD_CLOEXEC);
	bool is_kept = fd >= 0 && write(fd, secret.data, secret.len) == (ssize_t)secret.len;
	explicit_bzero(secret.data, secret.len);
	const char *kept = is_kept ? arena_printf(cli->arena, "/proc/self/fd/%d", fd) : NULL;
	return kept ? kept : path;
}
