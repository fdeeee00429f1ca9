#include "issue/key.h"

#include <string.h>

static const struct {
	const char *word, *sentence;
} standings[] = {
#define X(name, word, sentence) [KEY_##name] = {word, sentence},
	KEY_STANDINGS(X)
#undef X
};

int key_open(struct key *key, const char *file, const char *password, struct fault *fault)
{
	int result = key->ops->open(file, password, &key->state, fault);
	if (result)
		return result;
	result = key->ops->certificate(key->state, &key->certificate, fault);
	if (result)
		key_close(key);
	return result;
}

void key_close(struct key *key)
{
	bytes_done(&key->certificate.der);
	key->ops->close(key->state);
}

int key_sign_one(void *context, const uint8_t digest[32], uint8_t *sig, size_t *ret_len, struct fault *fault)
{
	const struct key *key = context;
	uint8_t digests[1][32], sigs[1][KEY_SIGNATURE_MAX];
	memcpy(digests[0], digest, 32);
	int result = key->ops->sign(key->state, (const uint8_t(*)[32])digests, 1, sigs, ret_len, fault);
	if (result == 0)
		memcpy(sig, sigs[0], *ret_len);
	return result;
}

bool key_is_open(const struct key *key)
{
	return key && atomic_load(&key->standing) == KEY_OPEN;
}

const char *key_word(const struct key *key)
{
	return key ? standings[atomic_load(&key->standing)].word : "none";
}

const char *key_sentence(const struct key *key)
{
	return key ? standings[atomic_load(&key->standing)].sentence : "no key is configured";
}
