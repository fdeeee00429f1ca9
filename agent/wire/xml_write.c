#include "wire/xml_write.h"

#include <string.h>

/* What a byte is to the escape loops. */
enum { IN_TEXT = 1, IN_ATTR = 2, NEVER = 4 };

#define BOTH (IN_TEXT | IN_ATTR)

/*
 * Bytes at which a run that is copied as it is ends. The control characters are those XML 1.0 has no way to write; 0xEF may
 * begin U+FFFE or U+FFFF, which it forbids too.
 */
static const uint8_t stops[256] = {
	[0x00] = BOTH,
	[0x01] = NEVER,
	[0x02] = NEVER,
	[0x03] = NEVER,
	[0x04] = NEVER,
	[0x05] = NEVER,
	[0x06] = NEVER,
	[0x07] = NEVER,
	[0x08] = NEVER,
	['\t'] = IN_ATTR,
	['\n'] = IN_ATTR,
	[0x0B] = NEVER,
	[0x0C] = NEVER,
	['\r'] = BOTH,
	[0x0E] = NEVER,
	[0x0F] = NEVER,
	[0x10] = NEVER,
	[0x11] = NEVER,
	[0x12] = NEVER,
	[0x13] = NEVER,
	[0x14] = NEVER,
	[0x15] = NEVER,
	[0x16] = NEVER,
	[0x17] = NEVER,
	[0x18] = NEVER,
	[0x19] = NEVER,
	[0x1A] = NEVER,
	[0x1B] = NEVER,
	[0x1C] = NEVER,
	[0x1D] = NEVER,
	[0x1E] = NEVER,
	[0x1F] = NEVER,
	['"'] = IN_ATTR,
	['&'] = BOTH,
	['<'] = BOTH,
	['>'] = IN_TEXT,
	[0xEF] = NEVER,
};

/* Canonical XML 1.0, section 2.3: what stands for a character that may not stand itself; NULL = it may. */
static const char *escape_of(uint8_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\t':
		return "&#x9;";
	case '\n':
		return "&#xA;";
	case '\r':
		return "&#xD;";
	default:
		return NULL;
	}
}

static bool is_noncharacter(const uint8_t *p)
{
	return p[0] == 0xEF && p[1] == 0xBF && (p[2] == 0xBE || p[2] == 0xBF);
}

static void write_escaped(struct bytes *out, const char *text, uint8_t where)
{
	const uint8_t *run = (const uint8_t *)text;
	const uint8_t *p = run;
	const char *escape;

	for (;;) {
		while (!(stops[*p] & (where | NEVER)))
			p++;
		if (*p == 0xEF && !is_noncharacter(p)) {
			p++;
			continue;
		}
		bytes_append(out, run, (size_t)(p - run));
		if (*p == '\0')
			return;
		escape = escape_of(*p);
		if (!escape) {
			/* The door refuses such text; if it got past, nothing may be sealed that no reader can open. */
			out->failed = true;
			return;
		}
		bytes_text(out, escape);
		run = ++p;
	}
}

/* Room for @more bytes where they go, or NULL. Most elements fit into what the last one left, and cost no call. */
static inline uint8_t *room_for(struct bytes *out, size_t more)
{
	if (out->failed || out->room - out->len <= more) {
		if (!bytes_reserve(out, more))
			return NULL;
	}
	return out->data + out->len;
}

/* Nearly all tags and values are short, and two overlapping moves cost less than a call. */
static inline uint8_t *put_bytes(uint8_t *at, const char *from, size_t len)
{
	if (len > 16)
		return mempcpy(at, from, len);
	if (len >= 8) {
		memcpy(at, from, 8);
		memcpy(at + len - 8, from + len - 8, 8);
	} else if (len >= 4) {
		memcpy(at, from, 4);
		memcpy(at + len - 4, from + len - 4, 4);
	} else {
		for (size_t i = 0; i < len; i++)
			at[i] = (uint8_t)from[i];
	}
	return at + len;
}

static uint8_t *put_open(uint8_t *at, const char *tag, size_t len)
{
	*at++ = '<';
	at = put_bytes(at, tag, len);
	*at++ = '>';
	return at;
}

static uint8_t *put_close(uint8_t *at, const char *tag, size_t len)
{
	*at++ = '<';
	*at++ = '/';
	at = put_bytes(at, tag, len);
	*at++ = '>';
	return at;
}

/* `<tag>text</tag>` in one piece; @text needs no escape. */
static void put_element(struct bytes *out, const char *tag, size_t tag_len, const char *text, size_t len)
{
	size_t whole = 2 * tag_len + 5 + len;
	uint8_t *at = room_for(out, whole);

	if (!at)
		return;
	at = put_open(at, tag, tag_len);
	at = put_bytes(at, text, len);
	at = put_close(at, tag, tag_len);
	*at = '\0';
	out->len += whole;
}

void xml_open_n(struct bytes *out, const char *tag, size_t len)
{
	uint8_t *at = room_for(out, len + 2);

	if (!at)
		return;
	*put_open(at, tag, len) = '\0';
	out->len += len + 2;
}

void xml_open_attr(struct bytes *out, const char *tag, const char *name, const char *value)
{
	bytes_char(out, '<');
	bytes_text(out, tag);
	bytes_char(out, ' ');
	bytes_text(out, name);
	bytes_append(out, "=\"", 2);
	xml_attr_text(out, value);
	bytes_append(out, "\">", 2);
}

void xml_close_n(struct bytes *out, const char *tag, size_t len)
{
	uint8_t *at = room_for(out, len + 3);

	if (!at)
		return;
	*put_close(at, tag, len) = '\0';
	out->len += len + 3;
}

void xml_text(struct bytes *out, const char *text)
{
	write_escaped(out, text, IN_TEXT);
}

void xml_attr_text(struct bytes *out, const char *value)
{
	write_escaped(out, value, IN_ATTR);
}

/* The length of @text when it can be copied as it is, else SIZE_MAX. */
static size_t plain_len(const char *text)
{
	const uint8_t *p = (const uint8_t *)text;

	while (!(stops[*p] & (IN_TEXT | NEVER)))
		p++;
	return *p == '\0' ? (size_t)(p - (const uint8_t *)text) : SIZE_MAX;
}

void xml_element_n(struct bytes *out, const char *tag, size_t tag_len, const char *text)
{
	size_t len;

	if (!text || text[0] == '\0')
		return;
	len = plain_len(text);
	if (len != SIZE_MAX) {
		put_element(out, tag, tag_len, text, len);
		return;
	}
	xml_open_n(out, tag, tag_len);
	xml_text(out, text);
	xml_close_n(out, tag, tag_len);
}

void xml_element_int_n(struct bytes *out, const char *tag, size_t tag_len, int64_t value)
{
	char digits[DECIMAL_TEXT_MAX];
	size_t len = int_format(value, digits);

	put_element(out, tag, tag_len, digits, len);
}

void xml_element_decimal_n(struct bytes *out, const char *tag, size_t tag_len, struct decimal value)
{
	char text[DECIMAL_TEXT_MAX];
	size_t len = decimal_format(value, text);

	put_element(out, tag, tag_len, text, len);
}
