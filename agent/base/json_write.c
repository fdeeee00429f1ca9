#include "base/json_write.h"

#include <string.h>

static void write_escape(struct bytes *out, unsigned char c)
{
	if (c == '"' || c == '\\') {
		bytes_char(out, '\\');
		bytes_char(out, (char)c);
	} else if (c == '\n') {
		bytes_text(out, "\\n");
	} else {
		bytes_printf(out, "\\u%04x", c);
	}
}

void json_string(struct bytes *out, const char *text)
{
	if (!text) {
		bytes_text(out, "null");
		return;
	}
	bytes_char(out, '"');
	const char *start = text;
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
			continue;
		bytes_append(out, start, (size_t)(text - start));
		write_escape(out, c);
		start = text + 1;
	}
	bytes_append(out, start, (size_t)(text - start));
	bytes_char(out, '"');
}

void json_key(struct bytes *out, const char *key)
{
	if (out->len && out->data[out->len - 1] != '{' && out->data[out->len - 1] != '[')
		bytes_char(out, ',');
	json_string(out, key);
	bytes_char(out, ':');
}

void json_member(struct bytes *out, const char *key, const char *text)
{
	json_key(out, key);
	json_string(out, text);
}

void json_member_int(struct bytes *out, const char *key, int64_t value)
{
	json_key(out, key);
	bytes_int(out, value);
}

void json_member_flag(struct bytes *out, const char *key, bool value)
{
	json_key(out, key);
	bytes_text(out, value ? "true" : "false");
}
