#include "cli/store_key.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/credential.h"
#include "cli/print.h"
#include "drivers/drivers.h"
#include "issue/wrap.h"

#define PASSWORD_MAX 4096
#define TEXT_MAX     256
#define FILE_DRIVER  "pkcs12"

/* 0; 1 without a key that opens, and why in @fault; < 0. */
static int open_signer(struct cli *cli, struct key *ret, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes password = {.max = PASSWORD_MAX};
	const struct config *config = cli->is_configured ? &cli->config : NULL;
	const char *file = cli_value(cli, "key"), *password_file = cli_value(cli, "key-password");
	const char *driver = file || !config ? FILE_DRIVER : config->key_driver;
	if (!file && config) {
		file = credential_path(cli, config->key_file);
		password_file = credential_path(cli, config->key_password_file);
	}
	ret->ops = driver ? driver_key(driver) : NULL;
	if (!file || !ret->ops || !ret->ops->opens_at_will) {
		FAULT(fault, FAULT_CONFIG,
			"the store is sealed and its key is not here; give the signing key that the shop had then, "
			"with "
			"--key FILE --key-password FILE, or put the store's key into [store] key_file");
		return 1;
	}
	int result = password_file ? file_read_secret(password_file, &password, fault) : 0;
	if (result == 0)
		result = key_open(ret, file, password.len ? (const char *)password.data : NULL, fault);
	if (password.data)
		explicit_bzero(password.data, password.len);
	return result == FAULT_MEMORY ? result : result != 0;
}

/* 0; 1 and why in @fault; < 0. */
static int open_wrapped(struct cli *cli, struct store *store, struct store_key *ret, struct fault *fault)
{
	struct key signer = {.ops = NULL};
	int result = open_signer(cli, &signer, &ret->why);
	if (result)
		return result < 0 ? FAULT(fault, result, "%s", ret->why.text) : result;
	result = wrap_open(store, &signer, ret->key, &ret->why);
	key_close(&signer);
	if (result == 0)
		result = store_unlock_with(store, ret->key, fault);
	else if (result < 0)
		return FAULT(fault, result, "%s", ret->why.text);
	return result;
}

int store_key_unlock(struct cli *cli, struct store *store, struct store_key *ret, struct fault *fault)
{
	const char *key_file = cli->is_configured ? credential_path(cli, cli->config.store_key_file) : NULL;
	int result = store_seal_check(store, NULL, fault);
	if (result == STORE_NONE || result < 0)
		return result < 0 ? result : 0;
	result = store_unlock(store, key_file, false, &ret->why);
	ret->standing = "here";
	if (result != STORE_LOCKED)
		return result < 0 ? FAULT(fault, result, "%s", ret->why.text) : result;
	ret->why = (struct fault){0};
	result = open_wrapped(cli, store, ret, fault);
	ret->standing = result == 0 ? "opened" : "missing";
	return result > 0 ? STORE_LOCKED : result;
}

void store_key_put(const struct cli *cli, const char *dir, struct store_key *key)
{
	CLEANUP(bytes_done) struct bytes text = {.max = TEXT_MAX};
	const char *path = cli->is_configured ? cli->config.store_key_file : NULL;
	struct stat owner;
	if (!key->standing || strcmp(key->standing, "opened") != 0 || !path || credential_name(path) ||
		file_exists(path))
		return;
	seal_key_write(key->key, &text);
	if (bytes_check(&text, "the store's key", NULL) == 0 && stat(dir, &owner) == 0 &&
		file_write(path, text.data, text.len, 0600, NULL) == 0 &&
		(geteuid() != 0 || chown(path, owner.st_uid, owner.st_gid) == 0))
		key->put_at = path;
	if (text.data)
		explicit_bzero(text.data, text.len);
}

void store_key_print(const struct cli *cli, const struct store_key *key)
{
	if (!key->standing || !strcmp(key->standing, "here"))
		return;
	if (key->put_at)
		printf(SAY(cli, "The signing key opened the store's key, which lies in %s now.\n",
			       "Chữ ký số đã mở khóa của kho, nay đặt ở %s.\n"),
			key->put_at);
	else if (!strcmp(key->standing, "opened"))
		puts(SAY(cli,
			"The signing key opens the store's key. Next: sudo hoadon setup, which puts it where hoadond "
			"reads "
			"it.",
			"Chữ ký số mở được khóa của kho. Tiếp theo: sudo hoadon setup để đặt khóa vào nơi hoadond "
			"đọc."));
	else
		printf(SAY(cli,
			       "The store is encrypted, and no key here opens it: %s. Next: sudo hoadon setup with the "
			       "signing key that the shop had.\n",
			       "Kho dữ liệu đã mã hóa mà ở đây không có khóa nào mở được: %s. Tiếp theo: sudo hoadon "
			       "setup "
			       "với chữ ký số mà cửa hàng đã dùng.\n"),
			key->why.text);
}

void store_key_json(const struct store_key *key, struct bytes *out)
{
	json_member(out, "store_key", key->standing);
	json_member(out, "store_key_file", key->put_at);
}
