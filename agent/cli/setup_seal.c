/* setup_seal: the key that a shop's store is sealed with, when nobody names one; prototypes in setup.h. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "cli/credential.h"
#include "cli/setup.h"
#include "issue/wrap.h"

#define TEXT_MAX 4096

static void wipe(struct bytes *text)
{
	if (text->data)
		explicit_bzero(text->data, text->len);
	bytes_done(text);
}

/* As a password that is asked for: it comes to no disk but where setup_put() puts it. */
static int keep_key(struct setup *setup, const uint8_t key[GCM_KEY_LEN], const char *origin, struct fault *fault)
{
	CLEANUP(wipe) struct bytes text = {.max = TEXT_MAX};
	if (setup->store_key_fd < 0)
		setup->store_key_fd = memfd_create("store.key", MFD_CLOEXEC);
	seal_key_write(key, &text);
	setup->store_key = origin;
	if (bytes_check(&text, "the store's key", fault) == 0 && setup->store_key_fd >= 0 &&
		pwrite(setup->store_key_fd, text.data, text.len, 0) == (ssize_t)text.len)
		return 0;
	return FAULT(fault, FAULT_MEMORY, "no memory for the store's key");
}

/* What lies at @path, also where systemd alone reads it. 0; 1. */
static int read_key(const struct setup *setup, const char *path, uint8_t ret[GCM_KEY_LEN])
{
	CLEANUP(wipe) struct bytes text = {.max = TEXT_MAX};
	return !path || credential_read(setup->cli, path, &text) || seal_key_parse(&text, ret);
}

int setup_seal_add(struct setup *setup, struct fault *fault)
{
	const struct option_set *options = setup->then.options, *now = setup->cli->options;
	bool says_seal = options_get(options, "store", "", "seal");
	bool is_off = says_seal && !options_int(options, "store", "", "seal");
	const char *former = now ? options_text(now, "store", "", "key_file") : NULL;
	uint8_t key[GCM_KEY_LEN];
	int result = 0;
	if (options_get(options, "store", "", "key_file")) {
		setup->store_key = "named";
	} else if (read_key(setup, former, key) == 0) {
		result = keep_key(setup, key, "kept", fault);
	} else if (!is_off) {
		digest_random(key, sizeof(key));
		result = keep_key(setup, key, "made", fault);
	}
	explicit_bzero(key, sizeof(key));
	if (setup->store_key_fd >= 0)
		bytes_printf(&setup->content, "\n[store]\nkey_file = /proc/self/fd/%d\n", setup->store_key_fd);
	if (!says_seal)
		bytes_text(&setup->content, "\n[store]\nseal = yes\n");
	return result ? result : bytes_check(&setup->content, "the settings", fault);
}

/* Why the store of before cannot be read with these settings, one English or Vietnamese sentence. */
static const char *why_locked(const struct setup *setup, const struct fault *why)
{
	const struct cli *cli = setup->cli;
	if (!setup->store_key)
		return SAY(cli,
			"the store is encrypted: leave seal = no out, then its key is opened with the signing key; or "
			"name "
			"its key under [store] key_file",
			"kho dữ liệu đã mã hóa: hãy bỏ dòng seal = no để mở khóa của kho bằng chữ ký số; hoặc ghi tệp "
			"khóa "
			"vào [store] key_file");
	if (!why->code)
		return SAY(cli,
			"the store is encrypted, and neither its key is here nor a signing key that opens it: give the "
			"key "
			"that the shop signed with, or name the store's key under [store] key_file",
			"kho dữ liệu đã mã hóa mà không có khóa của kho, cũng không có chữ ký số mở được khóa đó: hãy "
			"đưa "
			"chữ ký số mà cửa hàng đã dùng, hoặc ghi tệp khóa của kho vào [store] key_file");
	return why->text;
}

int setup_seal_check(struct setup *setup, struct store *store, struct fault *fault)
{
	struct fault why = {0};
	uint8_t key[GCM_KEY_LEN];
	bool has_key = read_key(setup, setup->then.config.store_key_file, key) == 0;
	int result = store_seal_check(store, has_key ? key : NULL, &why);
	if (result == STORE_LOCKED && setup->store_key_fd >= 0) {
		why = (struct fault){0};
		result = key_is_open(&setup->at.key) ? wrap_open(store, &setup->at.key, key, &why) : WRAP_CANNOT;
		if (result == 0)
			result = keep_key(setup, key, "opened", fault);
	} else if (result == STORE_NONE) {
		result = 0;
	}
	explicit_bzero(key, sizeof(key));
	if (result > 0)
		checkup_found(&setup->at, FINDING_WRONG, "", NULL, "%s", why_locked(setup, &why));
	return result < 0 ? result : 0;
}
