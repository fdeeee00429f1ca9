#include "issue/wrap.h"

#include <string.h>

#define TEXT_MAX 256

/* 0; KEY_REFUSED, KEY_LATER; < 0. */
static int unwrap(const struct key *key, const struct bytes *der, uint8_t ret[GCM_KEY_LEN], struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes text;
	bytes_init(&text, TEXT_MAX);
	int result = key->ops->unseal(key->state, der->data, der->len, &text, fault);
	if (result == 0 && seal_key_parse(&text, ret))
		result = KEY_REFUSED;
	if (text.data)
		explicit_bzero(text.data, text.len);
	return result;
}

static int say_cannot(const struct key *key, struct fault *fault)
{
	FAULT(fault, FAULT_CONFIG,
		"a key of kind %s only signs, the store's key cannot be wrapped to it; keep a copy of [store] key_file "
		"elsewhere",
		key->ops->name);
	return WRAP_CANNOT;
}

static int say_other(const struct key *key, const struct bytes *der, struct fault *fault)
{
	char serial[ENVELOPE_SERIAL_MAX];
	bool is_named = envelope_serial(der->data, der->len, serial) == 0;
	FAULT(fault, FAULT_CONFIG,
		"the store's key is wrapped to certificate %s and does not open with that of certificate %s; use the "
		"signing key that the shop had then, or put the store's key into [store] key_file",
		is_named ? serial : "?", key->certificate.serial_hex);
	return WRAP_OTHER;
}

int wrap_open(struct store *store, const struct key *key, uint8_t ret[GCM_KEY_LEN], struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes der;
	bytes_init(&der, WRAP_DER_MAX);
	int result = store_wrapped_get(store, &der, fault);
	if (result == STORE_NONE) {
		FAULT(fault, FAULT_CONFIG, "the store has no wrapped copy of its key");
		return WRAP_NONE;
	}
	if (result == 0 && !key->ops->unseal)
		return say_cannot(key, fault);
	if (result == 0)
		result = unwrap(key, &der, ret, fault);
	if (result == 0)
		result = store_seal_check(store, ret, NULL);
	return result > 0 ? say_other(key, &der, fault) : result;
}

static int wrap_again(struct store *store, const struct key *key, const uint8_t own[GCM_KEY_LEN], struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes text, der;
	uint8_t back[GCM_KEY_LEN];
	bytes_init(&text, TEXT_MAX);
	bytes_init(&der, WRAP_DER_MAX);
	seal_key_write(own, &text);
	int result = envelope_seal_to(&key->certificate.der, text.data, text.len, &der, fault);
	if (text.data)
		explicit_bzero(text.data, text.len);
	if (result == 0)
		result = unwrap(key, &der, back, fault);
	if (result == 0 && memcmp(back, own, GCM_KEY_LEN) != 0)
		result = KEY_REFUSED;
	explicit_bzero(back, sizeof(back));
	if (result > 0)
		return say_cannot(key, fault);
	return result ? result : store_wrapped_put(store, &der, fault);
}

int wrap_keep(struct store *store, const struct key *key, const char *key_file, struct fault *fault)
{
	struct fault why = {0};
	uint8_t own[GCM_KEY_LEN], there[GCM_KEY_LEN];
	int result = seal_key_read(key_file, own, NULL) ? STORE_LOCKED : store_seal_check(store, own, &why);
	if (result > 0)
		return 0;
	if (result == 0)
		result = wrap_open(store, key, there, &why);
	if (result == WRAP_NONE || result == WRAP_OTHER)
		result = wrap_again(store, key, own, fault);
	else if (result)
		FAULT(fault, why.code, "%s", why.text);
	explicit_bzero(there, sizeof(there));
	explicit_bzero(own, sizeof(own));
	return result;
}

int wrap_serial(struct store *store, char ret[ENVELOPE_SERIAL_MAX], struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes der;
	bytes_init(&der, WRAP_DER_MAX);
	int result = store_wrapped_get(store, &der, fault);
	return result < 0 ? result : result || envelope_serial(der.data, der.len, ret) ? WRAP_NONE : 0;
}
