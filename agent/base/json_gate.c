#include "base/json_gate.h"

#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>

#define JSON_KEYS_ON_STACK 128
#define JSON_NO_BYTE	   (-1)

/*
 * A 256 KiB text of nothing but digits and commas has 131,072 values; a sale of 9,999 lines has about as many and comes
 * with limits of its own.
 */
const struct json_limits json_limits_default = {.bytes = 262144, .depth = 32, .members = 131072, .string = 65536};

/* One key of one object, in a table shared by all objects of the text. */
struct key_slot {
	uint64_t hash;
	size_t at;	 /* first byte behind the opening quote */
	uint32_t object; /* 1 .. ; 0 = free */
};

struct gate {
	const uint8_t *text;
	size_t len;
	size_t at;
	const struct json_limits *limits;
	size_t members;
	size_t depth;
	uint32_t *objects; /* by depth: the number of an object, 0 for an array */
	uint32_t object_count;
	struct key_slot *keys; /* open addressing, at most half full */
	size_t key_room;       /* a power of two */
	size_t key_count;
	uint64_t seed[2];
	struct key_slot first_keys[JSON_KEYS_ON_STACK];
};

static int peek(const struct gate *gate)
{
	return gate->at < gate->len ? gate->text[gate->at] : JSON_NO_BYTE;
}

static void skip_blanks(struct gate *gate)
{
	int c = peek(gate);

	while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
		gate->at++;
		c = peek(gate);
	}
}

static int hex_value(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits of \uXXXX; -1 when they are not there. */
static int32_t hex_unit(const uint8_t *at, size_t left)
{
	int32_t unit = 0;

	if (left < 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		int digit = hex_value(at[i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* Bytes of one well-formed character that is not ASCII, 0 when there is none (RFC 3629 section 4). */
static size_t character_len(const uint8_t *at, size_t left)
{
	uint8_t low = 0x80;
	uint8_t high = 0xBF;
	size_t len = at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : 2;

	if (at[0] < 0xC2 || at[0] > 0xF4 || len > left)
		return 0;
	if (at[0] == 0xE0)
		low = 0xA0;
	else if (at[0] == 0xED)
		high = 0x9F;
	else if (at[0] == 0xF0)
		low = 0x90;
	else if (at[0] == 0xF4)
		high = 0x8F;
	if (at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((at[i] & 0xC0) != 0x80)
			return 0;
	return len;
}

/* What stands here is not JSON; bytes of another encoding are told apart, since their remedy is another one. */
static int unexpected(const struct gate *gate)
{
	if (gate->at < gate->len && gate->text[gate->at] >= 0x80 &&
		character_len(gate->text + gate->at, gate->len - gate->at) == 0)
		return JSON_ENCODING;
	return JSON_SYNTAX;
}

/* Behind "\u". A high surrogate must be followed by an escaped low one (RFC 8259 section 8.2). */
static int pass_unit(struct gate *gate)
{
	size_t start = gate->at;
	int32_t unit = hex_unit(gate->text + start, gate->len - start);
	int32_t low;

	if (unit < 0)
		return JSON_SYNTAX;
	if (unit == 0)
		return JSON_CONTROL;
	if (unit >= 0xDC00 && unit <= 0xDFFF)
		return JSON_ENCODING;
	gate->at = start + 4;
	if (unit < 0xD800 || unit > 0xDBFF)
		return JSON_OK;
	if (gate->len - gate->at < 6 || gate->text[gate->at] != '\\' || gate->text[gate->at + 1] != 'u')
		return JSON_ENCODING;
	low = hex_unit(gate->text + gate->at + 2, 4);
	if (low < 0xDC00 || low > 0xDFFF)
		return low < 0 ? JSON_SYNTAX : JSON_ENCODING;
	gate->at += 6;
	return JSON_OK;
}

/* Behind a backslash. */
static int pass_escape(struct gate *gate)
{
	int c = peek(gate);

	if (c == 'u') {
		gate->at++;
		return pass_unit(gate);
	}
	if (c <= 0 || !strchr("\"\\/bfnrt", c))
		return unexpected(gate);
	gate->at++;
	return JSON_OK;
}

static bool is_plain(int c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* One character of a string that is neither plain nor the closing quote. */
static int pass_special(struct gate *gate)
{
	size_t len;

	if (peek(gate) == '\\') {
		gate->at++;
		return pass_escape(gate);
	}
	if (peek(gate) < 0x80)
		return JSON_SYNTAX;
	len = character_len(gate->text + gate->at, gate->len - gate->at);
	gate->at += len;
	return len > 0 ? JSON_OK : JSON_ENCODING;
}

/* At an opening quote; behind the closing one when it is done. */
static int pass_string(struct gate *gate)
{
	size_t start = ++gate->at;
	int c;

	for (c = peek(gate); c != '"'; c = peek(gate)) {
		int result = JSON_OK;

		if (is_plain(c))
			gate->at++;
		else
			result = pass_special(gate);
		if (result != JSON_OK)
			return result;
		if (gate->at - start > gate->limits->string)
			return JSON_SIZE;
	}
	gate->at++;
	return JSON_OK;
}

static size_t pass_digits(struct gate *gate)
{
	size_t start = gate->at;

	while (peek(gate) >= '0' && peek(gate) <= '9')
		gate->at++;
	return gate->at - start;
}

static bool pass_char(struct gate *gate, int c)
{
	if (peek(gate) != c)
		return false;
	gate->at++;
	return true;
}

/* RFC 8259 section 6. */
static int pass_number(struct gate *gate)
{
	pass_char(gate, '-');
	if (!pass_char(gate, '0') && pass_digits(gate) == 0)
		return unexpected(gate);
	if (pass_char(gate, '.') && pass_digits(gate) == 0)
		return unexpected(gate);
	if (pass_char(gate, 'e') || pass_char(gate, 'E')) {
		if (!pass_char(gate, '+'))
			pass_char(gate, '-');
		if (pass_digits(gate) == 0)
			return unexpected(gate);
	}
	return JSON_OK;
}

static int pass_word(struct gate *gate, const char *word)
{
	for (; *word; word++)
		if (!pass_char(gate, *word))
			return unexpected(gate);
	return JSON_OK;
}

/* A key of the checked text, read as the UTF-8 bytes it means: "t\u006ftal" and "total" are one key. */
struct cursor {
	const uint8_t *at;
	uint8_t pending[4];
	size_t pending_at, pending_len;
};

static void queue_point(struct cursor *cursor, uint32_t point)
{
	uint8_t *out = cursor->pending;
	size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

	for (size_t i = len - 1; i > 0; i--) {
		out[i] = (uint8_t)(0x80 | (point & 0x3F));
		point >>= 6;
	}
	out[0] = (uint8_t)(lead[len] | point);
	cursor->pending_at = 0;
	cursor->pending_len = len;
}

/* Behind a backslash of text that pass_escape() has accepted. */
static void queue_escape(struct cursor *cursor)
{
	static const char names[] = "bfnrt";
	static const char meanings[] = "\b\f\n\r\t";
	uint8_t name = *cursor->at++;
	const char *found = strchr(names, name);
	int32_t unit;

	if (name != 'u') {
		queue_point(cursor, found ? (uint8_t)meanings[found - names] : name);
		return;
	}
	unit = hex_unit(cursor->at, 4);
	cursor->at += 4;
	if (unit >= 0xD800 && unit <= 0xDBFF) {
		unit = 0x10000 + ((unit - 0xD800) << 10) + (hex_unit(cursor->at + 2, 4) - 0xDC00);
		cursor->at += 6;
	}
	queue_point(cursor, (uint32_t)unit);
}

/* The next byte, JSON_NO_BYTE at the end. */
static int cursor_next(struct cursor *cursor)
{
	if (cursor->pending_at < cursor->pending_len)
		return cursor->pending[cursor->pending_at++];
	if (*cursor->at == '"')
		return JSON_NO_BYTE;
	if (*cursor->at != '\\')
		return *cursor->at++;
	cursor->at++;
	queue_escape(cursor);
	return cursor->pending[cursor->pending_at++];
}

static bool same_key(const struct gate *gate, size_t a, size_t b)
{
	struct cursor left = {.at = gate->text + a};
	struct cursor right = {.at = gate->text + b};
	int c;

	do {
		c = cursor_next(&left);
		if (c != cursor_next(&right))
			return false;
	} while (c != JSON_NO_BYTE);
	return true;
}

static uint64_t rotate(uint64_t value, int bits)
{
	return value << bits | value >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

/*
 * SipHash-1-3 (Aumasson and Bernstein) under a seed that a sender cannot know: keys chosen to collide would turn the
 * table into a list and 256 KiB of them into seconds.
 */
static uint64_t key_hash(const struct gate *gate, size_t start, uint32_t object)
{
	uint64_t v[4] = {gate->seed[0] ^ 0x736f6d6570736575u, gate->seed[1] ^ 0x646f72616e646f6du,
		gate->seed[0] ^ 0x6c7967656e657261u, gate->seed[1] ^ 0x7465646279746573u};
	struct cursor cursor = {.at = gate->text + start};
	uint64_t word = 0;
	uint64_t len = 0;
	int c;

	sip_word(v, object);
	for (c = cursor_next(&cursor); c != JSON_NO_BYTE; c = cursor_next(&cursor)) {
		word |= (uint64_t)(uint8_t)c << (len % 8 * 8);
		if (++len % 8 == 0) {
			sip_word(v, word);
			word = 0;
		}
	}
	sip_word(v, word | len << 56);
	v[2] ^= 0xFF;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The slot of an equal key of the same object, or the free one where it belongs. */
static struct key_slot *find_slot(const struct gate *gate, const struct key_slot *key)
{
	size_t i = key->hash & (gate->key_room - 1);

	for (;; i = (i + 1) & (gate->key_room - 1)) {
		struct key_slot *slot = &gate->keys[i];

		if (slot->object == 0)
			return slot;
		if (slot->hash == key->hash && slot->object == key->object && same_key(gate, slot->at, key->at))
			return slot;
	}
}

/* Bounded by limits->members, which counts every key. */
static bool grow_keys(struct gate *gate)
{
	struct key_slot *old = gate->keys;
	size_t old_room = gate->key_room;
	struct key_slot *keys = calloc(old_room * 2, sizeof(*keys));

	if (!keys)
		return false;
	gate->keys = keys;
	gate->key_room = old_room * 2;
	for (size_t i = 0; i < old_room; i++) {
		size_t k = old[i].hash & (gate->key_room - 1);

		if (old[i].object == 0)
			continue;
		while (keys[k].object != 0)
			k = (k + 1) & (gate->key_room - 1);
		keys[k] = old[i];
	}
	if (old != gate->first_keys)
		free(old);
	return true;
}

static int remember_key(struct gate *gate, size_t start)
{
	struct key_slot key = {.at = start, .object = gate->objects[gate->depth - 1]};
	struct key_slot *slot;

	if ((gate->key_count + 1) * 2 > gate->key_room && !grow_keys(gate))
		return JSON_MEMORY;
	key.hash = key_hash(gate, start, key.object);
	slot = find_slot(gate, &key);
	if (slot->object != 0) {
		gate->at = start - 1;
		return JSON_DUPLICATE_KEY;
	}
	*slot = key;
	gate->key_count++;
	return JSON_OK;
}

static int count_member(struct gate *gate)
{
	return gate->members++ < gate->limits->members ? JSON_OK : JSON_SIZE;
}

/* A key and its colon. */
static int pass_key(struct gate *gate)
{
	size_t start = gate->at + 1;
	int result = count_member(gate);

	if (result != JSON_OK)
		return result;
	if (peek(gate) != '"')
		return unexpected(gate);
	result = pass_string(gate);
	if (result == JSON_OK)
		result = remember_key(gate, start);
	if (result != JSON_OK)
		return result;
	skip_blanks(gate);
	if (!pass_char(gate, ':'))
		return unexpected(gate);
	skip_blanks(gate);
	return JSON_OK;
}

static bool is_closing(const struct gate *gate, int c)
{
	return c == (gate->objects[gate->depth - 1] != 0 ? '}' : ']');
}

/* At "{" or "["; afterwards at the first value inside, or with *ret_is_empty at the closing bracket. */
static int open_container(struct gate *gate, bool is_object, bool *ret_is_empty)
{
	if (gate->depth >= gate->limits->depth)
		return JSON_DEPTH;
	gate->objects[gate->depth++] = is_object ? ++gate->object_count : 0;
	gate->at++;
	skip_blanks(gate);
	*ret_is_empty = is_closing(gate, peek(gate));
	return is_object && !*ret_is_empty ? pass_key(gate) : JSON_OK;
}

static int pass_scalar(struct gate *gate)
{
	switch (peek(gate)) {
	case '"':
		return pass_string(gate);
	case 't':
		return pass_word(gate, "true");
	case 'f':
		return pass_word(gate, "false");
	case 'n':
		return pass_word(gate, "null");
	default:
		return pass_number(gate);
	}
}

/*
 * Behind a value: closes what ends here. Stops at the next value, or with *ret_is_done when the outermost value is
 * complete.
 */
static int pass_separators(struct gate *gate, bool *ret_is_done)
{
	for (;;) {
		skip_blanks(gate);
		*ret_is_done = gate->depth == 0;
		if (gate->depth == 0)
			return JSON_OK;
		if (is_closing(gate, peek(gate))) {
			gate->depth--;
			gate->at++;
			continue;
		}
		if (!pass_char(gate, ','))
			return unexpected(gate);
		skip_blanks(gate);
		return gate->objects[gate->depth - 1] != 0 ? pass_key(gate) : JSON_OK;
	}
}

static int pass_text(struct gate *gate)
{
	bool is_done = false;

	skip_blanks(gate);
	while (!is_done) {
		int c = peek(gate);
		bool is_container = c == '{' || c == '[';
		bool is_complete = true;
		int result = count_member(gate);

		if (result != JSON_OK)
			return result;
		result = is_container ? open_container(gate, c == '{', &is_complete) : pass_scalar(gate);
		if (result == JSON_OK && is_complete)
			result = pass_separators(gate, &is_done);
		if (result != JSON_OK)
			return result;
	}
	return gate->at == gate->len ? JSON_OK : unexpected(gate);
}

/* ASCII in two bytes has a NUL beside the first character; with its byte order mark it fails as UTF-8 anyway. */
static bool is_utf16(const char *text, size_t len)
{
	return len >= 2 && (text[0] == '\0') != (text[1] == '\0');
}

static int walk(struct gate *gate)
{
	size_t depth = gate->limits->depth < gate->len ? gate->limits->depth : gate->len;
	CLEANUP(freep) uint32_t *objects = calloc(depth + 1, sizeof(*objects));
	/* The kernel's random bytes for this process; no system call on the hot path (getauxval(3)). */
	const void *random = (const void *)getauxval(AT_RANDOM);
	int result;

	if (!objects)
		return JSON_MEMORY;
	if (random)
		memcpy(gate->seed, random, sizeof(gate->seed));
	gate->objects = objects;
	gate->keys = gate->first_keys;
	gate->key_room = JSON_KEYS_ON_STACK;
	result = pass_text(gate);
	if (gate->keys != gate->first_keys)
		free(gate->keys);
	return result;
}

int json_gate(const char *text, size_t len, const struct json_limits *limits, size_t *ret_start, size_t *ret_offset)
{
	struct gate gate = {.text = (const uint8_t *)text, .len = len, .limits = limits};
	size_t start = len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	int result;

	gate.at = start;
	if (len > limits->bytes)
		result = JSON_SIZE;
	else if (is_utf16(text, len))
		result = JSON_ENCODING;
	else
		result = walk(&gate);
	if (result == JSON_OK && ret_start)
		*ret_start = start;
	if (result != JSON_OK && ret_offset)
		*ret_offset = gate.at;
	return result;
}
