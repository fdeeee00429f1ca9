#include "registry.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

static const char *string_of(const cJSON *item, const char *name)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, name));

	return s ? s : "";
}

int registry_load(const char *dir, struct registry *ret)
{
	CLEANUP(text_done) struct text t = {0};
	char path[4096];

	str_printf(path, sizeof path, "%s/registry.json", dir);
	if (file_read(path, 16u << 20, &t) != 0) {
		log_event("registry-unreadable path=%s error=%d", path, errno);
		return -1;
	}
	ret->json = cJSON_ParseWithLength(t.data, t.len);
	if (!ret->json) {
		log_event("registry-unreadable path=%s error=json", path);
		return -1;
	}
	return 0;
}

void registry_done(struct registry *r)
{
	cJSON_Delete(r->json);
	r->json = NULL;
}

static const cJSON *find(const struct registry *r, const char *list, const char *tax_code)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(r->json, list))
	{
		if (strcmp(string_of(item, "mst"), tax_code) == 0)
			return item;
	}
	return NULL;
}

bool registry_knows(const struct registry *r, const char *list, const char *tax_code)
{
	return find(r, list, tax_code) != NULL;
}

bool registry_seller(const struct registry *r, const char *tax_code, struct seller *ret)
{
	const cJSON *item = find(r, "sellers", tax_code), *form;

	if (!item)
		return false;
	*ret = (struct seller){0};
	str_copy(ret->tax_code, sizeof ret->tax_code, tax_code);
	str_copy(ret->name, sizeof ret->name, string_of(item, "name"));
	str_copy(ret->key, sizeof ret->key, string_of(item, "key"));
	str_copy(ret->tvan, sizeof ret->tvan, string_of(item, "tvan"));
	cJSON_ArrayForEach(form, cJSON_GetObjectItemCaseSensitive(item, "forms"))
	{
		if (cJSON_IsNumber(form) && form->valueint >= 1 && form->valueint <= 9)
			ret->forms |= 1u << form->valueint;
	}
	ret->coded = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "kind_coded"));
	ret->uncoded = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "kind_uncoded"));
	ret->active = strcmp(string_of(item, "status"), "active") == 0;
	ret->certificate_serials = cJSON_GetObjectItemCaseSensitive(item, "certificates");
	return true;
}

bool seller_has_serial(const struct seller *s, const char *serial)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, s->certificate_serials)
	{
		const char *known = cJSON_GetStringValue(item);
		if (known && strcmp(known, serial) == 0)
			return true;
	}
	return false;
}
