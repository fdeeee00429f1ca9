#include "drivers/json_ext.h"

#include <string.h>

#include "base/bytes.h"
#include "base/json_write.h"

struct span {
	const char *start;
	size_t len;
};

/* @spans NULL = only count them. */
static size_t find_numbers(const char *text, size_t len, struct span *spans)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++) {
		size_t start = i;

		if (text[i] == '"') {
			for (i++; i < len && text[i] != '"'; i++)
				i += text[i] == '\\';
			continue;
		}
		while (i < len && strchr("+-.0123456789eE", text[i]) && (i > start || strchr("-0123456789", text[i])))
			i++;
		if (i == start)
			continue;
		if (spans)
			spans[count] = (struct span){text + start, i - start};
		count++;
		i--;
	}
	return count;
}

/* Each number keeps its place among all numbers in valueint, so that members can be sorted afterwards. */
static void count_numbers(cJSON *node, int *next)
{
	if (cJSON_IsNumber(node))
		node->valueint = (*next)++;
	for (cJSON *child = node->child; child; child = child->next)
		count_numbers(child, next);
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

static int write_value(struct arena *arena, const cJSON *node, const struct span *numbers, struct bytes *out);

static int write_children(struct arena *arena, const cJSON *node, const struct span *numbers, struct bytes *out)
{
	size_t count = (size_t)cJSON_GetArraySize(node);
	const cJSON **children = ARENA_ARRAY(arena, const cJSON *, count + 1);
	size_t filled = 0;
	int result = 0;

	if (!children)
		return FAULT_MEMORY;
	for (const cJSON *child = node->child; child; child = child->next)
		children[filled++] = child;
	if (cJSON_IsObject(node))
		qsort(children, count, sizeof(children[0]), by_name);
	for (size_t i = 0; i < count && result == 0; i++) {
		if (cJSON_IsObject(node))
			json_key(out, children[i]->string);
		else if (i > 0)
			bytes_char(out, ',');
		result = write_value(arena, children[i], numbers, out);
	}
	return result;
}

static int write_value(struct arena *arena, const cJSON *node, const struct span *numbers, struct bytes *out)
{
	int result;

	if (cJSON_IsString(node)) {
		json_string(out, node->valuestring);
		return 0;
	}
	if (cJSON_IsNumber(node)) {
		bytes_append(out, numbers[node->valueint].start, numbers[node->valueint].len);
		return 0;
	}
	if (!cJSON_IsObject(node) && !cJSON_IsArray(node)) {
		bytes_text(out, cJSON_IsNull(node) ? "null" : cJSON_IsTrue(node) ? "true" : "false");
		return 0;
	}
	bytes_char(out, cJSON_IsObject(node) ? '{' : '[');
	result = write_children(arena, node, numbers, out);
	bytes_char(out, cJSON_IsObject(node) ? '}' : ']');
	return result;
}

int json_ext_text(struct arena *arena, cJSON *ext, const char *text, size_t len, const char **ret)
{
	BYTES_CLEANUP struct bytes out;
	struct span *numbers = ARENA_ARRAY(arena, struct span, find_numbers(text, len, NULL) + 1);
	int next = 0;
	int result;

	/* A raw DEL becomes the six characters of its escape: nothing grows more. */
	bytes_init(&out, 6 * len + 16);
	if (!numbers)
		return FAULT_MEMORY;
	find_numbers(text, len, numbers);
	count_numbers(ext, &next);
	result = write_value(arena, ext, numbers, &out);
	if (result != 0 || out.failed)
		return FAULT_MEMORY;
	*ret = arena_copy(arena, out.data, out.len);
	return *ret ? 0 : FAULT_MEMORY;
}
