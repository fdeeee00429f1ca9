#include "cli/png.h"

#include <string.h>

#define CRC_POLYNOMIAL 0xedb88320u
#define ADLER_MODULUS  65521
#define BLOCK_MAX      65535 /* bytes of a stored block */

static void put_number(struct bytes *out, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		bytes_char(out, (char)(value >> shift & 0xff));
}

static uint32_t crc_of(const uint8_t *bytes, size_t len)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < len; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? CRC_POLYNOMIAL : 0);
	}
	return ~crc;
}

static void put_chunk(struct bytes *out, const char type[5], const struct bytes *body)
{
	size_t from = out->len + 4;

	put_number(out, (uint32_t)body->len);
	bytes_text(out, type);
	bytes_append(out, body->data, body->len);
	out->failed |= body->failed;
	if (!out->failed)
		put_number(out, crc_of(out->data + from, out->len - from));
}

/* Rows with the filter of each in front of them; of a PNG 1 is white. */
static void put_rows(const struct paper_picture *picture, struct bytes *out)
{
	size_t stride = (size_t)(picture->width + 7) / 8;

	for (size_t row = 0; row < picture->rows; row++) {
		bytes_char(out, 0);
		for (size_t i = 0; i < stride; i++)
			bytes_char(out, (char)~picture->dots[row * stride + i]);
	}
}

static void put_stored(const struct bytes *rows, struct bytes *out)
{
	uint32_t low = 1, high = 0;

	bytes_append(out, "\x78\x01", 2);
	for (size_t at = 0; at < rows->len; at += BLOCK_MAX) {
		size_t n = rows->len - at < BLOCK_MAX ? rows->len - at : BLOCK_MAX;
		const char head[] = {(char)(at + n == rows->len), (char)(n & 0xff), (char)(n >> 8), (char)(~n & 0xff),
			(char)(~n >> 8 & 0xff)};

		bytes_append(out, head, sizeof(head));
		bytes_append(out, rows->data + at, n);
	}
	for (size_t i = 0; i < rows->len; i++) {
		low = (low + rows->data[i]) % ADLER_MODULUS;
		high = (high + low) % ADLER_MODULUS;
	}
	put_number(out, high << 16 | low);
}

void png_write(const struct paper_picture *picture, struct bytes *out)
{
	BYTES_CLEANUP struct bytes head = {.max = 13};
	BYTES_CLEANUP struct bytes rows = {.max = out->max};
	BYTES_CLEANUP struct bytes data = {.max = out->max};
	const struct bytes none = {.data = NULL};

	bytes_append(out, "\x89PNG\r\n\x1a\n", 8);
	put_number(&head, (uint32_t)picture->width);
	put_number(&head, (uint32_t)picture->rows);
	bytes_append(&head, "\x01\0\0\0\0", 5); /* one bit, grey, deflate, filters, not interlaced */
	put_chunk(out, "IHDR", &head);
	put_rows(picture, &rows);
	data.failed |= rows.failed;
	put_stored(&rows, &data);
	put_chunk(out, "IDAT", &data);
	put_chunk(out, "IEND", &none);
}
