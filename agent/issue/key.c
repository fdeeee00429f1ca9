#include "issue/key.h"

static const struct {
	const char *word, *sentence;
} standings[] = {
#define X(name, word, sentence) [KEY_##name] = {word, sentence},
	KEY_STANDINGS(X)
#undef X
};

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
