#include "base/bytes.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"

#define BYTES_ROOM_MIN ((size_t)256)

void bytes_init(struct bytes *bytes, size_t max)
{
	*bytes = (struct bytes){.max = max};
}

void bytes_done(struct bytes *bytes)
{
	free(bytes->data);
	bytes->data = NULL;
	bytes->len = 0;
	bytes->room = 0;
}

void bytes_clear(struct bytes *bytes)
{
	bytes->len = 0;
	bytes->failed = false;
	if (bytes->data)
		bytes->data[0] = '\0';
}

static size_t next_room(const struct bytes *bytes, size_t need)
{
	size_t room = bytes->room ? bytes->room : BYTES_ROOM_MIN;

	while (room < need && room <= SIZE_MAX / 2)
		room *= 2;
	if (room > bytes->max && bytes->max < SIZE_MAX)
		room = bytes->max + 1;
	return room > need ? room : need;
}

bool bytes_reserve(struct bytes *bytes, size_t more)
{
	uint8_t *data;
	size_t room;

	if (bytes->failed)
		return false;
	if (more > bytes->max - bytes->len || more >= SIZE_MAX - bytes->len) {
		bytes->failed = true;
		return false;
	}
	if (bytes->data && bytes->len + more < bytes->room)
		return true;
	room = next_room(bytes, bytes->len + more + 1);
	data = realloc(bytes->data, room);
	if (!data) {
		bytes->failed = true;
		return false;
	}
	bytes->data = data;
	bytes->room = room;
	bytes->data[bytes->len] = '\0';
	return true;
}

void bytes_append(struct bytes *bytes, const void *data, size_t len)
{
	if (!bytes_reserve(bytes, len))
		return;
	if (len > 0)
		memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
	bytes->data[bytes->len] = '\0';
}

void bytes_text(struct bytes *bytes, const char *text)
{
	bytes_append(bytes, text, strlen(text));
}

void bytes_char(struct bytes *bytes, char c)
{
	bytes_append(bytes, &c, 1);
}

void bytes_repeat(struct bytes *bytes, char c, size_t count)
{
	if (!bytes_reserve(bytes, count))
		return;
	memset(bytes->data + bytes->len, c, count);
	bytes->len += count;
	bytes->data[bytes->len] = '\0';
}

void bytes_int(struct bytes *bytes, int64_t value)
{
	char digits[DECIMAL_TEXT_MAX];
	size_t len = int_format(value, digits);

	bytes_append(bytes, digits, len);
}

void bytes_printf(struct bytes *bytes, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(len >= 0);
	if (!bytes_reserve(bytes, (size_t)len))
		return;
	va_start(args, format);
	vsnprintf((char *)bytes->data + bytes->len, (size_t)len + 1, format, args);
	va_end(args);
	bytes->len += (size_t)len;
}

void bytes_hex(struct bytes *bytes, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *in = data;
	uint8_t *out;

	if (!bytes_reserve(bytes, len <= SIZE_MAX / 2 ? len * 2 : SIZE_MAX))
		return;
	out = bytes->data + bytes->len;
	for (size_t i = 0; i < len; i++) {
		*out++ = (uint8_t)digits[in[i] >> 4];
		*out++ = (uint8_t)digits[in[i] & 15];
	}
	*out = '\0';
	bytes->len += len * 2;
}

void bytes_base64(struct bytes *bytes, const void *data, size_t len)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t out_len = len <= SIZE_MAX / 2 ? (len + 2) / 3 * 4 : SIZE_MAX;
	const uint8_t *in = data;
	uint8_t *out;

	if (!bytes_reserve(bytes, out_len))
		return;
	out = bytes->data + bytes->len;
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t three = (uint32_t)in[i] << 16;

		if (left > 1)
			three |= (uint32_t)in[i + 1] << 8;
		if (left > 2)
			three |= in[i + 2];
		*out++ = (uint8_t)alphabet[three >> 18];
		*out++ = (uint8_t)alphabet[three >> 12 & 63];
		*out++ = left > 1 ? (uint8_t)alphabet[three >> 6 & 63] : '=';
		*out++ = left > 2 ? (uint8_t)alphabet[three & 63] : '=';
	}
	*out = '\0';
	bytes->len += out_len;
}

int bytes_check(const struct bytes *bytes, const char *what, struct fault *fault)
{
	if (!bytes->failed)
		return 0;
	return FAULT(fault, FAULT_MEMORY, "%s does not fit into %zu bytes or there is no memory", what, bytes->max);
}
