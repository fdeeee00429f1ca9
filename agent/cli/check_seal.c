/* check_seal: whether the store is encrypted, and its key stands in two places; the prototype is in checkup.h. */
#include <string.h>

#include "cli/checkup.h"
#include "cli/credential.h"
#include "issue/wrap.h"

static const char *copy_command(struct checkup *at)
{
	const char *file = at->cli->config.store_key_file, *name = credential_name(file);
	if (!file || !name)
		return file ? checkup_command(at, "sudo cp %s /media/usb/store.key", checkup_quote(at, file)) : NULL;
	return checkup_command(at, "sudo systemd-creds decrypt --name=%s %s/keys/%s /media/usb/store.key", name,
		at->cli->config_dir, name);
}

/* Only hoadond wraps, when it opens the signing key. */
static void find_not_wrapped(struct checkup *at, const char *why)
{
	const struct cli *cli = at->cli;
	checkup_found(at, FINDING_WARNING,
		SAY(cli, "Restart hoadond with the signing key, which wraps it; until then keep a copy elsewhere",
			"Khởi động lại hoadond cùng chữ ký số để tự bọc khóa; trước đó hãy giữ một bản khóa ở nơi "
			"khác"),
		copy_command(at),
		SAY(cli, "the store's key would be lost with this disk: %s", "hỏng ổ đĩa này là mất khóa của kho: %s"),
		why);
}

static void check_wrapped(struct checkup *at)
{
	const struct cli *cli = at->cli;
	const char *own = at->key.certificate.serial_hex;
	char serial[ENVELOPE_SERIAL_MAX];
	uint8_t key[GCM_KEY_LEN];
	struct fault fault = {0};
	int result = wrap_serial(at->store, serial, &fault);
	if (result == 0 && key_is_open(&at->key))
		result = wrap_open(at->store, &at->key, key, &fault);
	explicit_bzero(key, sizeof(key));
	if (result == 0 && *own && strcmp(serial, own) != 0)
		FAULT(&fault, FAULT_CONFIG, "it is wrapped to certificate %s, not to %s", serial, own);
	else if (result == WRAP_NONE)
		FAULT(&fault, FAULT_CONFIG, "it is not wrapped to the signing certificate");
	if (fault.code)
		find_not_wrapped(at, fault.text);
	else
		checkup_ok(at, FINDING_OK,
			SAY(cli, "encrypted, the key is at hand; the signing key (certificate %s) opens it, too",
				"đã mã hóa, có khóa; chữ ký số (chứng thư %s) cũng mở được"),
			serial);
}

void check_seal(struct checkup *at)
{
	const struct cli *cli = at->cli;
	const struct config *config = &cli->config;
	struct fault fault = {0};
	bool is_sealed = store_seal_check(at->store, NULL, NULL) != STORE_NONE;
	int result = store_unlock(at->store, credential_path(cli, config->store_key_file), config->seal_store, &fault);
	if (result)
		checkup_found(at, FINDING_WRONG,
			SAY(cli, "Put the key there; or let the signing key open it, where it was wrapped to that",
				"Đặt khóa vào đó; hoặc để chữ ký số mở khóa, nếu khóa đã được bọc theo chữ ký số"),
			"sudo hoadon setup", "%s", fault.text);
	else if (is_sealed)
		check_wrapped(at);
	else
		checkup_ok(at, FINDING_OK, "%s",
			SAY(cli, "NOT encrypted; hoadon setup switches it on", "KHÔNG mã hóa; hoadon setup sẽ bật"));
}
