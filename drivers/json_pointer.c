#include "drivers/json_pointer.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define KEY_SHOWN_MAX 64
#define LEVEL_MAX     32

/* One open array or object. */
struct level {
	bool is_object;
	bool is_at_value; /* behind the colon of an object */
	size_t index;
	const char *key; /* raw, between its quotes; NULL before the first */
	size_t key_len;
};

struct walk {
	struct level levels[LEVEL_MAX];
	size_t depth;
};

static void put(struct json_pointer *pointer, const char *text, size_t len)
{
	for (size_t i = 0; i < len && pointer->len + 1 < sizeof(pointer->text); i++)
		pointer->text[pointer->len++] = text[i];
	pointer->text[pointer->len] = '\0';
}

void json_pointer_key(struct json_pointer *pointer, const char *key, size_t len)
{
	put(pointer, "/", 1);
	for (size_t i = 0; i < len && i < KEY_SHOWN_MAX; i++) {
		if (key[i] == '~' || key[i] == '/')
			put(pointer, key[i] == '~' ? "~0" : "~1", 2);
		else
			put(pointer, key + i, 1);
	}
}

void json_pointer_index(struct json_pointer *pointer, size_t index)
{
	char digits[24];

	put(pointer, digits, (size_t)snprintf(digits, sizeof(digits), "/%zu", index));
}

/* A cut may have gone through a character. */
const char *json_pointer_text(struct json_pointer *pointer)
{
	for (int i = 0; i < 4 && pointer->len > 0; i++) {
		if (text_is_utf8(pointer->text, pointer->len))
			return pointer->text;
		pointer->text[--pointer->len] = '\0';
	}
	return "";
}

/* The letter that \uXXXX at @at stands for, 0 when it is none of ASCII: names of the schema are. */
static char ascii_of_unit(const char *at, size_t left)
{
	char digits[5] = "";
	unsigned int unit = 0;

	if (left < 4 || strspn(memcpy(digits, at, 4), "0123456789abcdefABCDEF") != 4)
		return '\0';
	sscanf(digits, "%4x", &unit);
	return unit < 0x80 ? (char)unit : '\0';
}

static void put_raw_key(struct json_pointer *pointer, const char *key, size_t len)
{
	char plain[KEY_SHOWN_MAX];
	size_t count = 0;

	for (size_t i = 0; i < len && count < sizeof(plain); i++) {
		char unit = key[i] == '\\' && i + 1 < len && key[i + 1] == 'u' ? ascii_of_unit(key + i + 2, len - i - 2)
									       : '\0';

		plain[count++] = unit != '\0' ? unit : key[i];
		i += unit != '\0' ? 5 : 0;
	}
	json_pointer_key(pointer, plain, count);
}

/* The byte behind the string whose opening quote is at @start; @len when it does not end. */
static size_t string_end(const char *text, size_t len, size_t start)
{
	for (size_t i = start + 1; i < len; i++) {
		if (text[i] == '"')
			return i + 1;
		if (text[i] == '\\')
			i++;
	}
	return len;
}

/* One byte that is no part of a string; false when the nesting is deeper than we name. */
static bool step(struct walk *walk, char c)
{
	struct level *level = walk->depth > 0 ? &walk->levels[walk->depth - 1] : NULL;

	if (c == '{' || c == '[') {
		if (walk->depth == LEVEL_MAX)
			return false;
		walk->levels[walk->depth++] = (struct level){.is_object = c == '{'};
	} else if ((c == '}' || c == ']') && level) {
		walk->depth--;
	} else if (c == ':' && level) {
		level->is_at_value = true;
	} else if (c == ',' && level) {
		level->is_at_value = false;
		level->index++;
	}
	return true;
}

static void remember_key(struct walk *walk, const char *text, size_t start, size_t end)
{
	struct level *level = walk->depth > 0 ? &walk->levels[walk->depth - 1] : NULL;

	if (!level || !level->is_object || level->is_at_value)
		return;
	level->key = text + start + 1;
	level->key_len = end - start >= 2 ? end - start - 2 : 0;
}

void json_pointer_at(const char *text, size_t len, size_t offset, struct json_pointer *ret)
{
	struct walk walk = {.depth = 0};
	size_t i = 0;

	*ret = (struct json_pointer){.len = 0};
	while (i < len && (i < offset || (i == offset && text[i] == '"'))) {
		size_t end = text[i] == '"' ? string_end(text, len, i) : i + 1;

		if (text[i] == '"')
			remember_key(&walk, text, i, end);
		else if (!step(&walk, text[i]))
			return;
		i = end;
	}
	for (size_t k = 0; k < walk.depth; k++) {
		const struct level *level = &walk.levels[k];

		if (!level->is_object)
			json_pointer_index(ret, level->index);
		else if (level->key)
			put_raw_key(ret, level->key, level->key_len);
	}
}
