#include "base/sealed.h"

#include <assert.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/gcm.h"

static_assert(SEALED_TAG_LEN == GCM_TAG_LEN, "chunks are sealed by base/gcm");

#define SCRYPT_N	32768
#define SCRYPT_R	8
#define SCRYPT_P	3
#define SCRYPT_ROOM_MAX ((uint64_t)64 << 20)

/*
 * Why not CMS: its AuthEnvelopedData has one tag at the end, so that a reader holds the whole file or works with bytes that nothing
 * vouches for yet. Chunks with their place and an end mark in the nonce (STREAM: Hoang, Reyhanitabar, Rogaway and Vizár, 2015) are read in
 * constant memory, and the first byte that is not ours ends the reading.
 */
struct sealed {
	struct gcm *gcm;
	struct bytes head;
	uint64_t index; /* of the next chunk */
	uint8_t plain[SEALED_CHUNK];
	size_t len, at; /* bytes in plain, and of them given to the reader */
	uint8_t chunk[SEALED_CHUNK + SEALED_TAG_LEN];
	struct file_part *out; /* writer */
	int fd;		       /* reader */
	int64_t left;	       /* bytes of the file that were not read */
	const char *path;
};

int sealed_key_derive(const void *passphrase, size_t len, const uint8_t salt[SEALED_SALT_LEN], struct sealed_key *ret,
	struct fault *fault)
{
	uint8_t derived[sizeof(ret->key) + sizeof(ret->check)];
	int is_done = EVP_PBE_scrypt(passphrase, len, salt, SEALED_SALT_LEN, SCRYPT_N, SCRYPT_R, SCRYPT_P,
		SCRYPT_ROOM_MAX, derived, sizeof(derived));

	if (is_done != 1) {
		ERR_clear_error();
		return FAULT(fault, FAULT_CRYPTO, "no key comes out of the passphrase; are 32 MiB of memory free?");
	}
	memcpy(ret->key, derived, sizeof(ret->key));
	memcpy(ret->check, derived + sizeof(ret->key), sizeof(ret->check));
	explicit_bzero(derived, sizeof(derived));
	return 0;
}

static int make(
	const struct sealed_key *key, const void *head, size_t head_len, struct sealed **ret, struct fault *fault)
{
	CLEANUP(sealed_freep) struct sealed *sealed = calloc(1, sizeof(*sealed));
	int result =
		sealed ? gcm_new(key->key, &sealed->gcm, fault) : FAULT(fault, FAULT_MEMORY, "no memory for a chunk");

	if (result)
		return result;
	bytes_init(&sealed->head, head_len);
	bytes_append(&sealed->head, head, head_len);
	if (bytes_check(&sealed->head, "the head of a sealed file", fault) < 0)
		return FAULT_MEMORY;
	*ret = sealed;
	sealed = NULL;
	return 0;
}

void sealed_free(struct sealed *sealed)
{
	if (!sealed)
		return;
	gcm_free(sealed->gcm);
	bytes_done(&sealed->head);
	explicit_bzero(sealed, sizeof(*sealed));
	free(sealed);
}

/* Chunk @sealed->index begins: its place and whether it is the last are its nonce. */
static void begin_chunk(struct sealed *sealed, bool is_last, uint8_t nonce[GCM_NONCE_LEN])
{
	memset(nonce, 0, GCM_NONCE_LEN);
	for (int i = 0; i < 8; i++)
		nonce[GCM_NONCE_LEN - 2 - i] = (uint8_t)(sealed->index >> (8 * i));
	nonce[GCM_NONCE_LEN - 1] = is_last;
	sealed->index++;
}

/* ---- writing ---- */

int sealed_write_new(const struct sealed_key *key, const void *head, size_t head_len, struct file_part *out,
	struct sealed **ret, struct fault *fault)
{
	CLEANUP(sealed_freep) struct sealed *sealed = NULL;
	int result = make(key, head, head_len, &sealed, fault);

	if (result == 0)
		result = file_part_write(out, head, head_len, fault);
	if (result < 0)
		return result;
	sealed->out = out;
	*ret = sealed;
	sealed = NULL;
	return 0;
}

static int write_chunk(struct sealed *sealed, bool is_last, struct fault *fault)
{
	uint8_t nonce[GCM_NONCE_LEN];
	size_t len = sealed->len;
	int result;

	begin_chunk(sealed, is_last, nonce);
	memcpy(sealed->chunk, sealed->plain, len);
	result = gcm_seal(sealed->gcm, nonce, sealed->head.data, sealed->head.len, sealed->chunk, len,
		sealed->chunk + len, fault);
	if (result)
		return result;
	sealed->len = 0;
	return file_part_write(sealed->out, sealed->chunk, len + SEALED_TAG_LEN, fault);
}

/* A full chunk waits for the next byte: only then it is known not to be the last. */
int sealed_write(struct sealed *sealed, const void *bytes, size_t len, struct fault *fault)
{
	const uint8_t *next = bytes;

	while (len > 0) {
		size_t room = SEALED_CHUNK - sealed->len;
		size_t some = len < room ? len : room;

		if (room == 0) {
			int result = write_chunk(sealed, false, fault);

			if (result < 0)
				return result;
			continue;
		}
		memcpy(sealed->plain + sealed->len, next, some);
		sealed->len += some;
		next += some;
		len -= some;
	}
	return 0;
}

int sealed_write_end(struct sealed *sealed, struct fault *fault)
{
	return write_chunk(sealed, true, fault);
}

/* ---- reading ---- */

int sealed_read_new(const struct sealed_key *key, const void *head, size_t head_len, int fd, int64_t left,
	const char *path, struct sealed **ret, struct fault *fault)
{
	struct sealed *sealed = NULL;
	int result = make(key, head, head_len, &sealed, fault);

	if (result < 0)
		return result;
	sealed->fd = fd;
	sealed->left = left;
	sealed->path = path;
	*ret = sealed;
	return 0;
}

static int read_chunk(struct sealed *sealed, struct fault *fault)
{
	bool is_last = sealed->left <= SEALED_CHUNK + SEALED_TAG_LEN;
	int size = is_last ? (int)sealed->left : SEALED_CHUNK + SEALED_TAG_LEN;
	int len = size - SEALED_TAG_LEN;
	uint8_t nonce[GCM_NONCE_LEN];
	int result;

	if (len < 0)
		return FAULT(fault, FAULT_FORMAT, "%s is cut off", sealed->path);
	result = file_read_exactly(sealed->fd, sealed->chunk, (size_t)size, sealed->path, fault);
	if (result < 0)
		return result;
	sealed->left -= size;
	sealed->len = sealed->at = 0;
	begin_chunk(sealed, is_last, nonce);
	memcpy(sealed->plain, sealed->chunk, (size_t)len);
	if (gcm_open(sealed->gcm, nonce, sealed->head.data, sealed->head.len, sealed->plain, (size_t)len,
		    sealed->chunk + len))
		return FAULT(fault, FAULT_FORMAT, "%s was changed or cut off: chunk %llu is not as it was written",
			sealed->path, (unsigned long long)sealed->index);
	sealed->len = (size_t)len;
	return 0;
}

int sealed_read(struct sealed *sealed, void *out, size_t room, size_t *ret_len, struct fault *fault)
{
	bool is_end = sealed->index > 0 && sealed->left == 0;
	int result = sealed->at == sealed->len && !is_end ? read_chunk(sealed, fault) : 0;

	if (result < 0)
		return result;
	*ret_len = sealed->len - sealed->at < room ? sealed->len - sealed->at : room;
	memcpy(out, sealed->plain + sealed->at, *ret_len);
	sealed->at += *ret_len;
	return 0;
}
