#include "web/body.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "base/json_gate.h"
#include "base/json_write.h"
#include "base/text.h"

static const struct scope_word {
	const char *word;
	int bit;
} scope_words[] = {
	{"sale:write", TOKEN_SALE},
	{"read", TOKEN_READ},
	{"admin", TOKEN_ADMIN},
	{"bulk", TOKEN_BULK},
};

cJSON *body_read(const struct request *request)
{
	const char *text = (const char *)request->body.data;
	size_t start = 0;
	if (!text || json_gate(text, request->body.len, &json_limits_default, &start, NULL))
		return NULL;
	return cJSON_ParseWithLength(text + start, request->body.len - start);
}

void body_free(cJSON *body)
{
	cJSON_Delete(body);
}

const char *body_text(const cJSON *body, const char *name, struct arena *arena)
{
	return body_long_text(body, name, 255, arena);
}

const char *body_long_text(const cJSON *body, const char *name, size_t max, struct arena *arena)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(body, name);
	const char *clean = NULL;
	if (!cJSON_IsString(value) || text_clean(arena, value->valuestring, strlen(value->valuestring), max, &clean))
		return NULL;
	return *clean ? clean : NULL;
}

static char *join(const cJSON *list, struct arena *arena)
{
	char *text = arena_strdup(arena, "");
	const cJSON *item;
	cJSON_ArrayForEach(item, list)
	{
		if (!text || !cJSON_IsString(item) || !*item->valuestring || strchr(item->valuestring, ','))
			return NULL;
		text = arena_printf(arena, "%s%s%s", text, *text ? "," : "", item->valuestring);
	}
	return text && *text ? text : NULL;
}

const char *body_list(const cJSON *body, const char *name, struct arena *arena)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(body, name);
	return cJSON_IsArray(list) ? join(list, arena) : NULL;
}

static int scope_bit(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(scope_words); i++)
		if (!strcmp(scope_words[i].word, word))
			return scope_words[i].bit;
	return 0;
}

int body_scopes(const cJSON *body)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(body, "scopes"), *item;
	int scopes = 0;
	if (!list)
		return TOKEN_SALE;
	cJSON_ArrayForEach(item, list)
	{
		int bit = cJSON_IsString(item) ? scope_bit(item->valuestring) : 0;
		if (!bit)
			return 0;
		scopes |= bit;
	}
	return scopes;
}

void body_write_scopes(int scopes, struct bytes *out)
{
	bytes_char(out, '[');
	bool has_any = false;
	for (size_t i = 0; i < ARRAY_LEN(scope_words); i++) {
		if (!(scopes & scope_words[i].bit))
			continue;
		if (has_any)
			bytes_char(out, ',');
		json_string(out, scope_words[i].word);
		has_any = true;
	}
	bytes_char(out, ']');
}
