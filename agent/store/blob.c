#include "store/blob.h"

#include <string.h>

#include <zstd.h>

#include "base/digest.h"
#include "store/embedded.h"
#include "store/run.h"

#define CODEC_RAW	 0
#define CODEC_ZSTD	 1
#define CODEC_DICTIONARY 2
#define SEALED		 0x80 /* a bit beside the codec */
#define ID_LEN		 4
#define SEAL_LEN	 (GCM_NONCE_LEN + GCM_TAG_LEN)
#define COLUMN_MAX	 32
/* What is longer than the dictionary's window of use gains nothing from it. */
#define DICTIONARY_GAIN_MAX 131072
#define LEVEL		    3
/* Packing costs at least 5 us, and what is shorter than this hardly gains 40 bytes. */
#define PACK_MIN       160
#define DICTIONARY_MAX ((size_t)1 << 20)

DEFINE_CLEANUP(ZSTD_CDict *, ZSTD_freeCDict)

/* A dictionary of the store, ready to unpack. */
struct known_dictionary {
	struct known_dictionary *next;
	uint32_t id;
	ZSTD_DDict *dict;
};

struct blob_codec {
	ZSTD_CCtx *pack;
	ZSTD_DCtx *unpack;
	ZSTD_CDict *current; /* NULL until store_learn() */
	uint32_t current_id;
	struct known_dictionary *known;
	struct gcm *key; /* of the store; NULL = sealed blobs cannot be read */
	bool is_sealing;
	struct bytes scratch, opened;
};

static uint32_t get_id(const uint8_t *in)
{
	return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

static void put_id(uint32_t id, uint8_t *out)
{
	for (int i = 0; i < ID_LEN; i++)
		out[i] = (uint8_t)(id >> (8 * i));
}

/* The same text has the same id in every store. */
static uint32_t id_of_dictionary(const void *bytes, size_t len)
{
	uint8_t digest[DIGEST_LEN];

	digest_sha256(bytes, len, digest);
	return get_id(digest) | 1;
}

static bool set_up(struct blob_codec *codec)
{
	codec->pack = ZSTD_createCCtx();
	codec->unpack = ZSTD_createDCtx();
	/* The id stands in front of the frame (house 8.5), the digest beside it: neither is needed a second time inside. */
	return codec->pack && codec->unpack &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(codec->pack, ZSTD_c_compressionLevel, LEVEL)) &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(codec->pack, ZSTD_c_dictIDFlag, 0)) &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(codec->pack, ZSTD_c_checksumFlag, 0));
}

int blob_open(struct store *store, struct fault *fault)
{
	store->codec = calloc(1, sizeof(*store->codec));
	if (!store->codec || !set_up(store->codec))
		return FAULT(fault, FAULT_MEMORY, "no memory to pack blobs");
	bytes_init(&store->codec->scratch, BLOB_PLAIN_MAX);
	bytes_init(&store->codec->opened, BLOB_STORED_MAX);
	return 0;
}

void blob_close(struct store *store)
{
	struct blob_codec *codec = store->codec;

	if (!codec)
		return;
	while (codec->known) {
		struct known_dictionary *known = codec->known;

		codec->known = known->next;
		ZSTD_freeDDict(known->dict);
		free(known);
	}
	ZSTD_freeCDict(codec->current);
	ZSTD_freeDCtx(codec->unpack);
	ZSTD_freeCCtx(codec->pack);
	bytes_done(&codec->scratch);
	bytes_done(&codec->opened);
	gcm_free(codec->key);
	free(codec);
	store->codec = NULL;
}

static int broken(struct fault *fault, const char *why)
{
	return FAULT(fault, FAULT_FORMAT, "a stored blob is broken: %s; restore a backup", why);
}

/* 0 when dictionary @id is in the store, STORE_NONE, FAULT_FORMAT when it is not @words. */
static int find_kept(struct store *store, uint32_t id, const struct bytes *words, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_DICTIONARY_GET);
	const void *bytes;
	size_t len;
	int result;

	bind_int(&query, id);
	result = query_row(&query, fault);
	if (result)
		return result;
	bytes = column_blob(&query, &len);
	if (len != words->len || memcmp(bytes, words->data, len) != 0)
		return broken(fault, "its dictionary was changed");
	return 0;
}

static int add_kept(struct store *store, uint32_t id, const struct bytes *words, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_DICTIONARY_ADD);

	bind_int(&query, id);
	bind_blob(&query, words->data, words->len);
	return query_do(&query, fault);
}

/* Writes only when it must, so that opening a handle never waits for another one. */
static int keep(struct store *store, uint32_t id, const struct bytes *words, struct fault *fault)
{
	int result = find_kept(store, id, words, fault);

	if (result != STORE_NONE)
		return result;
	result = store_begin(store, fault);
	if (!result)
		result = add_kept(store, id, words, fault);
	return store_end(store, result, fault);
}

int store_learn(struct store *store, const void *text, size_t len, struct fault *fault)
{
	BYTES_CLEANUP struct bytes words;
	ZSTD_CDict *dict;
	uint32_t id;
	int result;

	bytes_init(&words, DICTIONARY_MAX);
	/* In front: what is nearer to the end is cheaper to point at, and the program's own words are pointed at more often. */
	bytes_append(&words, text, len);
	bytes_append(&words, embedded_dictionary, embedded_dictionary_len);
	result = bytes_check(&words, "what the store is to learn", fault);
	if (result)
		return result;
	id = id_of_dictionary(words.data, words.len);
	result = keep(store, id, &words, fault);
	if (result)
		return result;
	dict = ZSTD_createCDict(words.data, words.len, LEVEL);
	if (!dict)
		return FAULT(fault, FAULT_MEMORY, "no memory for a dictionary");
	ZSTD_freeCDict(store->codec->current);
	store->codec->current = dict;
	store->codec->current_id = id;
	return 0;
}

/* @len bytes behind a head of @head_len bytes, packed; 0, 1 when that is not smaller than raw. */
static int pack(struct blob_codec *codec, const ZSTD_CDict *dict, const uint8_t *head, size_t head_len,
	const void *bytes, size_t len, struct bytes *out)
{
	size_t room = ZSTD_compressBound(len);
	size_t packed;

	if (head_len + room > out->max - out->len || !bytes_reserve(out, head_len + room))
		return 1;
	if (ZSTD_isError(ZSTD_CCtx_refCDict(codec->pack, dict)))
		return 1;
	packed = ZSTD_compress2(codec->pack, out->data + out->len + head_len, room, bytes, len);
	if (ZSTD_isError(packed) || head_len + packed >= len + 1)
		return 1;
	memcpy(out->data + out->len, head, head_len);
	out->len += head_len + packed;
	out->data[out->len] = '\0';
	return 0;
}

static int pack_best(struct blob_codec *codec, const void *bytes, size_t len, struct bytes *out)
{
	uint8_t head[1 + ID_LEN] = {CODEC_ZSTD};

	if (len > DICTIONARY_GAIN_MAX || !codec->current)
		return pack(codec, NULL, head, 1, bytes, len, out);
	head[0] = CODEC_DICTIONARY;
	put_id(codec->current_id, head + 1);
	return pack(codec, codec->current, head, sizeof(head), bytes, len, out);
}

/* ---- sealing ---- */

int blob_unlock(struct store *store, const uint8_t key[GCM_KEY_LEN], bool is_sealing, struct fault *fault)
{
	struct gcm *gcm = NULL;
	int result = gcm_new(key, &gcm, fault);

	if (result)
		return result;
	gcm_free(store->codec->key);
	store->codec->key = gcm;
	store->codec->is_sealing = is_sealing;
	return 0;
}

/* What is bound to a sealed blob: how it is packed and where it stands, so that it opens in no other row or column. */
static size_t write_place(struct blob_at at, uint8_t codec, uint8_t out[1 + COLUMN_MAX + 8])
{
	size_t len = strlen(at.column);

	out[0] = codec;
	memcpy(out + 1, at.column, len);
	for (size_t i = 0; i < 8; i++)
		out[1 + len + i] = (uint8_t)((uint64_t)at.id >> (56 - 8 * i));
	return 1 + len + 8;
}

/*
 * The bytes of @out from @from on, sealed where they are. Nonces are random and not counted: a copy of the store would count on from the same.
 * By 2^32 blobs of one key two may be alike with a chance of 2^-32 (NIST SP 800-38D, 8.3): with 10,000 bills a day that takes 300 years.
 */
static int seal(struct blob_codec *codec, struct blob_at at, struct bytes *out, size_t from, struct fault *fault)
{
	uint8_t place[1 + COLUMN_MAX + 8];
	uint8_t nonce[GCM_NONCE_LEN];
	size_t len = out->len - from - 1;
	uint8_t *body;

	if (SEAL_LEN > out->max - out->len || !bytes_reserve(out, SEAL_LEN))
		return FAULT(fault, FAULT_MEMORY, "no memory to seal a blob");
	digest_random(nonce, sizeof(nonce));
	out->data[from] |= SEALED;
	body = out->data + from + 1 + GCM_NONCE_LEN;
	memmove(body, out->data + from + 1, len);
	memcpy(out->data + from + 1, nonce, sizeof(nonce));
	out->len += SEAL_LEN;
	out->data[out->len] = '\0';
	return gcm_seal(
		codec->key, nonce, place, write_place(at, out->data[from], place), body, len, body + len, fault);
}

/* The blob as it was before seal(), in codec->opened. */
static int unseal(struct blob_codec *codec, struct blob_at at, const uint8_t *blob, size_t len, struct fault *fault)
{
	uint8_t place[1 + COLUMN_MAX + 8];
	struct bytes *opened = &codec->opened;

	if (!at.column || len < 1 + SEAL_LEN)
		return broken(fault, at.column ? "it is cut" : "it is sealed where nothing is");
	if (!codec->key)
		return FAULT(fault, FAULT_CONFIG,
			"a stored blob is sealed, and the store's key is not at hand: see [store] key_file, then run "
			"the command again with sudo");
	bytes_clear(opened);
	bytes_char(opened, (char)(blob[0] & ~SEALED));
	bytes_append(opened, blob + 1 + GCM_NONCE_LEN, len - 1 - SEAL_LEN);
	if (bytes_check(opened, "a sealed blob", fault) < 0)
		return FAULT_MEMORY;
	if (gcm_open(codec->key, blob + 1, place, write_place(at, blob[0], place), opened->data + 1, opened->len - 1,
		    blob + len - GCM_TAG_LEN))
		return broken(fault, "it was changed, or stood in another row when it was sealed");
	return 0;
}

int blob_encode(
	struct store *store, struct blob_at at, const void *bytes, size_t len, struct bytes *out, struct fault *fault)
{
	size_t from = out->len;
	int result = 0;

	if (len > BLOB_PLAIN_MAX)
		return FAULT(fault, FAULT_MEMORY, "a blob of %zu bytes is larger than the store takes", len);
	if (len < PACK_MIN || pack_best(store->codec, bytes, len, out) != 0) {
		bytes_char(out, CODEC_RAW);
		bytes_append(out, bytes, len);
		result = bytes_check(out, "a blob", fault);
	}
	return !result && at.column && store->codec->is_sealing ? seal(store->codec, at, out, from, fault) : result;
}

static int load_dictionary(struct store *store, uint32_t id, const ZSTD_DDict **ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_DICTIONARY_GET);
	struct known_dictionary *known;
	const void *bytes;
	size_t len;
	int result;

	bind_int(&query, id);
	result = query_row(&query, fault);
	if (result == STORE_NONE)
		return broken(fault, "its dictionary is not in the store");
	if (result < 0)
		return result;
	bytes = column_blob(&query, &len);
	if (len == 0 || len > DICTIONARY_MAX || id_of_dictionary(bytes, len) != id)
		return broken(fault, "its dictionary was changed");
	known = calloc(1, sizeof(*known));
	if (known)
		known->dict = ZSTD_createDDict(bytes, len);
	if (!known || !known->dict) {
		free(known);
		return FAULT(fault, FAULT_MEMORY, "no memory for a dictionary");
	}
	known->id = id;
	known->next = store->codec->known;
	store->codec->known = known;
	*ret = known->dict;
	return 0;
}

static int find_dictionary(struct store *store, uint32_t id, const ZSTD_DDict **ret, struct fault *fault)
{
	for (const struct known_dictionary *known = store->codec->known; known; known = known->next)
		if (known->id == id) {
			*ret = known->dict;
			return 0;
		}
	return load_dictionary(store, id, ret, fault);
}

static int unpack(struct store *store, const ZSTD_DDict *dict, const void *frame, size_t len, struct bytes *out,
	struct fault *fault)
{
	unsigned long long plain = ZSTD_getFrameContentSize(frame, len);
	size_t got;

	if (plain == ZSTD_CONTENTSIZE_UNKNOWN || plain == ZSTD_CONTENTSIZE_ERROR)
		return broken(fault, "its length cannot be read");
	if (plain > out->max - out->len)
		return broken(fault, "it unpacks to more than allowed");
	if (ZSTD_findFrameCompressedSize(frame, len) != len)
		return broken(fault, "it is cut, or has bytes behind its end");
	if (!bytes_reserve(out, (size_t)plain))
		return bytes_check(out, "an unpacked blob", fault);
	got = ZSTD_decompress_usingDDict(store->codec->unpack, out->data + out->len, (size_t)plain, frame, len, dict);
	if (ZSTD_isError(got) || got != plain)
		return broken(fault, "it does not unpack");
	out->len += got;
	out->data[out->len] = '\0';
	return 0;
}

int blob_decode(
	struct store *store, struct blob_at at, const void *blob, size_t len, struct bytes *out, struct fault *fault)
{
	const uint8_t *in = blob;
	const ZSTD_DDict *dict = NULL;
	int result;

	if (len == 0)
		return broken(fault, "it is empty");
	if (in[0] & SEALED) {
		result = unseal(store->codec, at, in, len, fault);
		if (result)
			return result;
		in = store->codec->opened.data;
		len = store->codec->opened.len;
	}
	switch (in[0]) {
	case CODEC_RAW:
		if (len - 1 > out->max - out->len)
			return broken(fault, "it is longer than allowed");
		bytes_append(out, in + 1, len - 1);
		return bytes_check(out, "a blob", fault);
	case CODEC_ZSTD:
		return unpack(store, NULL, in + 1, len - 1, out, fault);
	case CODEC_DICTIONARY:
		if (len < 1 + ID_LEN)
			return broken(fault, "it is cut");
		result = find_dictionary(store, get_id(in + 1), &dict, fault);
		return result < 0 ? result : unpack(store, dict, in + 1 + ID_LEN, len - 1 - ID_LEN, out, fault);
	default:
		return broken(fault, "its codec is unknown to this version");
	}
}

int blob_copy(struct store *store, struct blob_at at, const void *blob, size_t len, struct arena *arena,
	const void **ret, size_t *ret_len, struct fault *fault)
{
	struct bytes *scratch = &store->codec->scratch;
	char *copy;
	int result;

	bytes_clear(scratch);
	result = blob_decode(store, at, blob, len, scratch, fault);
	if (result < 0)
		return result;
	copy = arena_copy(arena, scratch->len ? (const void *)scratch->data : "", scratch->len);
	if (!copy)
		return FAULT(fault, FAULT_MEMORY, "no memory for a blob of %zu bytes", scratch->len);
	*ret = copy;
	*ret_len = scratch->len;
	return 0;
}
