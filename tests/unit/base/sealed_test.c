#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/digest.h"
#include "base/sealed.h"

#define HEAD	 "a head in the clear\n"
#define HEAD_LEN (sizeof(HEAD) - 1)
#define BIG	 ((size_t)200000)

static char folder[] = "/tmp/sealed_test_XXXXXX";

/* One key for all tests: it is made slowly on purpose. */
static struct sealed_key *key(void)
{
	static struct sealed_key made;

	return &made;
}

static int enter_folder(void **state)
{
	static const uint8_t salt[SEALED_SALT_LEN] = "0123456789abcde";

	(void)state;
	if (!mkdtemp(folder) || chdir(folder) != 0)
		return -1;
	return sealed_key_derive("five words or more here", 23, salt, key(), NULL);
}

static int leave_folder(void **state)
{
	(void)state;
	return chdir("/") == 0 ? rmdir(folder) : -1;
}

static void fill(uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(i * 7 + i / 251);
}

/* @plain of @len bytes as a file, written @step bytes at a time. */
static void seal(const char *path, const uint8_t *plain, size_t len, size_t step)
{
	CLEANUP(file_part_done) struct file_part part = {0};
	CLEANUP(sealed_freep) struct sealed *sealed = NULL;

	assert_int_equal(file_part_open(path, &part, NULL), 0);
	assert_int_equal(sealed_write_new(key(), HEAD, HEAD_LEN, &part, &sealed, NULL), 0);
	for (size_t at = 0; at < len; at += step)
		assert_int_equal(sealed_write(sealed, plain + at, len - at < step ? len - at : step, NULL), 0);
	assert_int_equal(sealed_write_end(sealed, NULL), 0);
	assert_int_equal(file_part_keep(&part, NULL), 0);
}

/* 0 when @path opens with @with to exactly @len bytes, 1 for another number; they are put into @out, which has room for all of any file. */
static int unseal(const char *path, const struct sealed_key *with, uint8_t *out, size_t len)
{
	CLEANUP(sealed_freep) struct sealed *sealed = NULL;
	CLEANUP(closep) int fd = -1;
	char head[HEAD_LEN], piece[5000];
	int64_t size = 0;
	int result;

	assert_int_equal(file_open_to_read(path, &fd, &size, NULL), 0);
	if (size < (int64_t)HEAD_LEN)
		return FAULT_FORMAT;
	assert_int_equal(file_read_exactly(fd, head, HEAD_LEN, path, NULL), 0);
	assert_int_equal(sealed_read_new(with, head, HEAD_LEN, fd, size - (int64_t)HEAD_LEN, path, &sealed, NULL), 0);
	for (size_t done = 0, some; (result = sealed_read(sealed, piece, sizeof(piece), &some, NULL)) == 0;
		done += some) {
		if (some == 0)
			return done == len ? 0 : 1;
		assert_true(done + some <= BIG);
		memcpy(out + done, piece, some);
	}
	return result;
}

static void put(const char *path, const void *bytes, size_t len)
{
	assert_int_equal(file_write(path, bytes, len, 0600, NULL), 0);
}

static void what_is_sealed_is_read(void **state)
{
	static const size_t lens[] = {1, 100, SEALED_CHUNK - 1, SEALED_CHUNK, SEALED_CHUNK + 1, 2 * SEALED_CHUNK, BIG};
	static uint8_t plain[BIG], back[BIG];

	(void)state;
	fill(plain, BIG);
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		size_t chunks = (lens[i] + SEALED_CHUNK - 1) / SEALED_CHUNK;
		BYTES_CLEANUP struct bytes file = {.max = 2 * BIG};

		seal("f", plain, lens[i], i % 2 ? 1000 : lens[i]);
		memset(back, 0, sizeof(back));
		assert_int_equal(unseal("f", key(), back, lens[i]), 0);
		assert_memory_equal(back, plain, lens[i]);
		assert_int_equal(file_read("f", &file, NULL), 0);
		assert_int_equal(file.len, HEAD_LEN + lens[i] + chunks * SEALED_TAG_LEN);
		assert_null(memmem(file.data, file.len, plain, lens[i] < 16 ? lens[i] + 15 : 16));
		assert_int_equal(file_remove("f", NULL), 0);
	}
}

/* schemas/store/BACKUP.md, section 3, read again with nothing but OpenSSL. */
static void the_page_of_the_format_is_right(void **state)
{
	BYTES_CLEANUP struct bytes file = {.max = 2 * BIG};
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	static uint8_t plain[BIG], back[BIG];
	uint8_t derived[48];
	size_t at = HEAD_LEN;
	size_t done = 0;
	int n;

	(void)state;
	assert_int_equal(EVP_PBE_scrypt("five words or more here", 23, (const uint8_t *)"0123456789abcde", 16, 32768, 8,
				 3, 0x4000000, derived, 48),
		1);
	assert_memory_equal(derived + 32, key()->check, 16);
	fill(plain, BIG);
	seal("f", plain, BIG, BIG);
	assert_int_equal(file_read("f", &file, NULL), 0);
	for (uint8_t i = 0; at < file.len; i++) {
		uint8_t nonce[12] = {[10] = i, [11] = file.len - at <= 65552};
		int len = nonce[11] ? (int)(file.len - at) - 16 : 65536;

		assert_int_equal(EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, derived, nonce), 1);
		assert_int_equal(EVP_DecryptUpdate(ctx, NULL, &n, (const uint8_t *)HEAD, HEAD_LEN), 1);
		assert_int_equal(EVP_DecryptUpdate(ctx, back + done, &n, file.data + at, len), 1);
		assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, file.data + at + len), 1);
		assert_int_equal(EVP_DecryptFinal_ex(ctx, back + done + len, &n), 1);
		at += (size_t)len + 16;
		done += (size_t)len;
	}
	EVP_CIPHER_CTX_free(ctx);
	assert_int_equal(done, BIG);
	assert_memory_equal(back, plain, BIG);
	assert_int_equal(file_remove("f", NULL), 0);
}

static void a_file_cut_at_any_byte_is_refused(void **state)
{
	BYTES_CLEANUP struct bytes file = {.max = 1000};
	uint8_t plain[300], back[300];

	(void)state;
	fill(plain, sizeof(plain));
	seal("f", plain, sizeof(plain), sizeof(plain));
	assert_int_equal(file_read("f", &file, NULL), 0);
	for (size_t len = 0; len < file.len; len++) {
		put("g", file.data, len);
		assert_int_equal(unseal("g", key(), back, sizeof(back)), FAULT_FORMAT);
	}
	assert_int_equal(unseal("f", key(), back, sizeof(back)), 0);
	bytes_char(&file, 0);
	put("g", file.data, file.len);
	assert_int_equal(unseal("g", key(), back, sizeof(back)), FAULT_FORMAT);
	assert_int_equal(file_remove("f", NULL) + file_remove("g", NULL), 0);
}

/* Where a chunk ends nothing in the chunks before says that more must come, but for the end mark. */
static void a_file_cut_between_chunks_is_refused(void **state)
{
	BYTES_CLEANUP struct bytes file = {.max = 2 * BIG};
	static uint8_t plain[BIG], back[BIG];

	(void)state;
	fill(plain, BIG);
	seal("f", plain, BIG, BIG);
	assert_int_equal(file_read("f", &file, NULL), 0);
	for (size_t chunks = 0; chunks < 4; chunks++) {
		put("g", file.data, HEAD_LEN + chunks * (SEALED_CHUNK + SEALED_TAG_LEN));
		assert_int_equal(unseal("g", key(), back, chunks ? chunks * SEALED_CHUNK : 1), FAULT_FORMAT);
	}
	assert_int_equal(file_remove("f", NULL) + file_remove("g", NULL), 0);
}

static void any_flipped_bit_is_refused(void **state)
{
	BYTES_CLEANUP struct bytes file = {.max = 1000};
	uint8_t plain[300], back[300];

	(void)state;
	fill(plain, sizeof(plain));
	seal("f", plain, sizeof(plain), sizeof(plain));
	assert_int_equal(file_read("f", &file, NULL), 0);
	for (size_t i = 0; i < file.len; i++) {
		file.data[i] ^= (uint8_t)(1 << i % 8);
		put("g", file.data, file.len);
		assert_int_equal(unseal("g", key(), back, sizeof(back)), FAULT_FORMAT);
		file.data[i] ^= (uint8_t)(1 << i % 8);
	}
	assert_int_equal(file_remove("f", NULL) + file_remove("g", NULL), 0);
}

static void chunks_keep_their_places(void **state)
{
	BYTES_CLEANUP struct bytes file = {.max = 2 * BIG};
	static uint8_t plain[BIG], back[BIG], kept[SEALED_CHUNK + SEALED_TAG_LEN];
	uint8_t *first;

	(void)state;
	seal("f", plain, BIG, BIG); /* equal chunks */
	assert_int_equal(file_read("f", &file, NULL), 0);
	first = file.data + HEAD_LEN;
	memcpy(kept, first, sizeof(kept));
	memcpy(first, first + sizeof(kept), sizeof(kept));
	memcpy(first + sizeof(kept), kept, sizeof(kept));
	put("g", file.data, file.len);
	assert_int_equal(unseal("g", key(), back, BIG), FAULT_FORMAT);
	assert_int_equal(file_remove("f", NULL) + file_remove("g", NULL), 0);
}

static void another_passphrase_or_salt_gives_another_key(void **state)
{
	static const struct {
		const char *passphrase, *salt;
	} others[] = {{"five words or more herf", "0123456789abcde"}, {"five words or more here", "1123456789abcde"}};
	uint8_t plain[300], back[300];

	(void)state;
	fill(plain, sizeof(plain));
	seal("f", plain, sizeof(plain), sizeof(plain));
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		struct sealed_key other;

		assert_int_equal(
			sealed_key_derive(others[i].passphrase, 23, (const uint8_t *)others[i].salt, &other, NULL), 0);
		assert_memory_not_equal(other.key, key()->key, sizeof(other.key));
		assert_memory_not_equal(other.check, key()->check, sizeof(other.check));
		assert_int_equal(unseal("f", &other, back, sizeof(back)), FAULT_FORMAT);
	}
	assert_int_equal(file_remove("f", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_is_read),
		cmocka_unit_test(the_page_of_the_format_is_right),
		cmocka_unit_test(a_file_cut_at_any_byte_is_refused),
		cmocka_unit_test(a_file_cut_between_chunks_is_refused),
		cmocka_unit_test(any_flipped_bit_is_refused),
		cmocka_unit_test(chunks_keep_their_places),
		cmocka_unit_test(another_passphrase_or_salt_gives_another_key),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
