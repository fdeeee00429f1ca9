/* The one-shot functions of OpenSSL 3 look the algorithm up on each call, which costs more than hashing a ledger record. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/digest.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

/* Not EVP, which takes memory again when it begins anew. */
struct digest {
	SHA256_CTX context;
};

/* A digest that is silently wrong would break the ledger for ever; stopping is the smaller harm. */
static void must(bool is_done)
{
	if (is_done)
		return;
	fputs("<2>a digest cannot be made; the program ends before something wrong is written\n", stderr);
	abort();
}

void digest_sha256(const void *bytes, size_t len, uint8_t out[DIGEST_LEN])
{
	SHA256_CTX context;

	must(SHA256_Init(&context) && SHA256_Update(&context, len > 0 ? bytes : "", len) &&
		SHA256_Final(out, &context));
}

struct digest *digest_new(void)
{
	struct digest *digest = malloc(sizeof(*digest));

	if (digest)
		must(SHA256_Init(&digest->context));
	return digest;
}

void digest_add(struct digest *digest, const void *bytes, size_t len)
{
	if (len > 0)
		must(SHA256_Update(&digest->context, bytes, len));
}

void digest_end(struct digest *digest, uint8_t out[DIGEST_LEN])
{
	must(SHA256_Final(out, &digest->context) && SHA256_Init(&digest->context));
}

void digest_free(struct digest *digest)
{
	free(digest);
}

/* SHA-256(key ⊕ pad ‖ bytes). */
static void hash_padded(
	const uint8_t key[SHA256_CBLOCK], uint8_t pad, const void *bytes, size_t len, uint8_t out[DIGEST_LEN])
{
	uint8_t block[SHA256_CBLOCK];
	SHA256_CTX context;

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = key[i] ^ pad;
	must(SHA256_Init(&context) && SHA256_Update(&context, block, sizeof(block)) &&
		SHA256_Update(&context, len > 0 ? bytes : "", len) && SHA256_Final(out, &context));
	OPENSSL_cleanse(block, sizeof(block));
	OPENSSL_cleanse(&context, sizeof(context));
}

/* RFC 2104, section 2. */
void digest_hmac(const void *key, size_t key_len, const void *bytes, size_t len, uint8_t out[DIGEST_LEN])
{
	uint8_t block[SHA256_CBLOCK] = {0};
	uint8_t inner[DIGEST_LEN];

	if (key_len > sizeof(block))
		digest_sha256(key, key_len, block);
	else if (key_len > 0)
		memcpy(block, key, key_len);
	hash_padded(block, 0x36, bytes, len, inner);
	hash_padded(block, 0x5c, inner, sizeof(inner), out);
	OPENSSL_cleanse(block, sizeof(block));
}

void digest_random(void *out, size_t len)
{
	uint8_t *next = out;

	while (len > 0) {
		ssize_t got = getrandom(next, len, 0);

		must(got > 0 || errno == EINTR);
		if (got > 0) {
			next += got;
			len -= (size_t)got;
		}
	}
}

bool digest_equal(const void *a, const void *b, size_t len)
{
	return len == 0 || CRYPTO_memcmp(a, b, len) == 0;
}

void hex_format(const void *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *in = bytes;

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[in[i] >> 4];
		*out++ = digits[in[i] & 15];
	}
	*out = '\0';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_parse(const char *text, void *out, size_t len)
{
	uint8_t *next = out;

	if (strnlen(text, len * 2 + 1) != len * 2)
		return 1;
	for (size_t i = 0; i < len * 2; i++)
		if (hex_value(text[i]) < 0)
			return 1;
	for (size_t i = 0; i < len; i++)
		*next++ = (uint8_t)(hex_value(text[2 * i]) << 4 | hex_value(text[2 * i + 1]));
	return 0;
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct base64_state {
	uint32_t bits; /* up to four sextets */
	int sextets;
	int pads;
};

/* The bytes of a full group; -1 when the bits that padding hides are not zero: two texts must not mean the same bytes. */
static int base64_group(struct base64_state *state, uint8_t out[3])
{
	int count = 3 - state->pads;

	out[0] = (uint8_t)(state->bits >> 16);
	out[1] = (uint8_t)(state->bits >> 8);
	out[2] = (uint8_t)state->bits;
	for (int i = count; i < 3; i++)
		if (out[i] != 0)
			return -1;
	state->bits = 0;
	state->sextets = 0;
	return count;
}

/* Takes one character; false when it may not stand here. */
static bool base64_take(struct base64_state *state, char c)
{
	int value = c == '=' ? 0 : base64_value(c);
	bool is_behind_end = state->sextets == 0 && state->pads > 0;

	if (value < 0 || is_behind_end || (c != '=' && state->pads > 0) || (c == '=' && state->sextets < 2))
		return false;
	state->pads += c == '=';
	state->bits = state->bits << 6 | (uint32_t)value;
	state->sextets++;
	return true;
}

long base64_parse(const char *text, size_t text_len, void *out, size_t room)
{
	struct base64_state state = {0};
	uint8_t *start = out;
	size_t len = 0;

	for (size_t i = 0; i < text_len; i++) {
		uint8_t group[3];
		int count;

		if (is_blank(text[i]))
			continue;
		if (!base64_take(&state, text[i]))
			return -1;
		if (state.sextets < 4)
			continue;
		count = base64_group(&state, group);
		if (count < 0 || (size_t)count > room - len)
			return -1;
		memcpy(start + len, group, (size_t)count);
		len += (size_t)count;
	}
	return state.sextets == 0 ? (long)len : -1;
}

void base32_format(const void *bytes, size_t len, char *out)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	const uint8_t *in = bytes;

	assert(len % 5 == 0);
	for (size_t i = 0; i < len; i += 5) {
		uint64_t five = 0;

		for (size_t k = 0; k < 5; k++)
			five = five << 8 | in[i + k];
		for (int shift = 35; shift >= 0; shift -= 5)
			*out++ = alphabet[five >> shift & 31];
	}
	*out = '\0';
}
