#include "store/seal.h"

#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "store/run.h"

#define META_SEAL    "seal" /* CHECK_LEN bytes that tell the key from others, and tell nothing else about it */
#define META_WRAPPED "seal_wrapped"
#define CHECK_LEN    16
#define CHECK_DOMAIN "hoadon-store-key"
#define FILE_MAX     4096

void seal_key_write(const uint8_t key[GCM_KEY_LEN], struct bytes *out)
{
	bytes_hex(out, key, GCM_KEY_LEN);
	bytes_char(out, '\n');
}

int seal_key_parse(const struct bytes *text, uint8_t ret[GCM_KEY_LEN])
{
	char digits[2 * GCM_KEY_LEN + 1] = "";
	size_t len = text->len;
	int result;

	while (len > 0 && (text->data[len - 1] == '\n' || text->data[len - 1] == '\r'))
		len--;
	if (len == sizeof(digits) - 1)
		memcpy(digits, text->data, len);
	result = hex_parse(digits, ret, GCM_KEY_LEN);
	explicit_bzero(digits, sizeof(digits));
	return result;
}

int seal_key_read(const char *path, uint8_t ret[GCM_KEY_LEN], struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes text;
	struct fault why = {0};
	bool is_good = false;

	bytes_init(&text, FILE_MAX);
	if (!path)
		FAULT(fault, FAULT_CONFIG, "[store] key_file is not set");
	else if (file_read(path, &text, &why) < 0)
		FAULT(fault, FAULT_CONFIG, "[store] key_file cannot be read: %s", why.text);
	else if (seal_key_parse(&text, ret))
		FAULT(fault, FAULT_CONFIG, "[store] key_file: %s holds no 64 hex digits", path);
	else
		is_good = true;
	if (text.data)
		explicit_bzero(text.data, text.len);
	return !is_good;
}

static void check_of(const uint8_t key[GCM_KEY_LEN], uint8_t ret[CHECK_LEN])
{
	uint8_t mac[DIGEST_LEN];

	digest_hmac(key, GCM_KEY_LEN, CHECK_DOMAIN, strlen(CHECK_DOMAIN), mac);
	memcpy(ret, mac, CHECK_LEN);
}

int store_seal_check(struct store *store, const uint8_t *key, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes kept;
	uint8_t check[CHECK_LEN];
	int result;

	bytes_init(&kept, FILE_MAX);
	result = store_meta_get(store, META_SEAL, &kept, fault);
	if (result || !key)
		return result ? result : STORE_LOCKED;
	check_of(key, check);
	if (kept.len == CHECK_LEN && digest_equal(kept.data, check, CHECK_LEN))
		return 0;
	FAULT(fault, FAULT_CONFIG,
		"the key in [store] key_file is not the one that %s is sealed with; put that one there", store->path);
	return STORE_LOCKED;
}

/* Between the key's file and this no blob was sealed; behind it none is sealed with another key. */
static int note(struct store *store, const uint8_t key[GCM_KEY_LEN], struct fault *fault)
{
	uint8_t check[CHECK_LEN];
	int result = store_begin(store, fault);

	if (result)
		return result;
	/* Another handle of ours may have been faster. */
	result = store_seal_check(store, key, fault);
	check_of(key, check);
	if (result == STORE_NONE)
		result = store_meta_put(store, META_SEAL, check, sizeof(check), fault);
	return store_end(store, result, fault);
}

int store_unlock(struct store *store, const char *key_file, bool is_sealing, struct fault *fault)
{
	uint8_t key[GCM_KEY_LEN];
	struct fault why = {0};
	bool has_key = seal_key_read(key_file, key, &why) == 0;
	bool may_seal = is_sealing && store->mode == STORE_WRITE;
	int result = store_seal_check(store, has_key ? key : NULL, fault);

	if (result == STORE_NONE)
		result = !is_sealing ? 0 : !has_key ? STORE_LOCKED : may_seal ? note(store, key, fault) : 0;
	if (result == STORE_LOCKED && !has_key)
		FAULT(fault, FAULT_CONFIG, "%s", why.text);
	if (!result && has_key)
		result = blob_unlock(store, key, may_seal, fault);
	explicit_bzero(key, sizeof(key));
	return result;
}

int store_unlock_with(struct store *store, const uint8_t key[GCM_KEY_LEN], struct fault *fault)
{
	return blob_unlock(store, key, false, fault);
}

int store_wrapped_get(struct store *store, struct bytes *ret, struct fault *fault)
{
	return store_meta_get(store, META_WRAPPED, ret, fault);
}

int store_wrapped_put(struct store *store, const struct bytes *der, struct fault *fault)
{
	int result = store_begin(store, fault);

	if (!result)
		result = store_meta_put(store, META_WRAPPED, der->data, der->len, fault);
	return store_end(store, result, fault);
}
