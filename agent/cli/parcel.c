#include "cli/parcel.h"

#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/file.h"
#include "base/json_gate.h"
#include "base/json_write.h"

#define FORMAT	     "hoadon-agent/courier/1"
#define PATH_LEN     4096
#define MANIFEST_MAX ((size_t)16 << 20)
#define HEAD_MAX     ((size_t)256 << 10) /* the first line; the certificate is in it */
#define PARCEL_MAX   ((size_t)16 << 20)

DEFINE_CLEANUP(cJSON *, cJSON_Delete)

static const char *const outcome_words[] = {
#define X(name, word) word,
	PARCEL_OUTCOMES(X)
#undef X
};

const char *parcel_outcome_word(enum parcel_outcome outcome)
{
	return outcome_words[outcome];
}

static int make_path(const char *dir, const char *name, const char *end, char out[PATH_LEN], struct fault *fault)
{
	if (snprintf(out, PATH_LEN, "%s/%s%s", dir, name, end) >= PATH_LEN)
		return FAULT(fault, FAULT_IO, "the name of the folder is too long: %.100s…", dir);
	return 0;
}

static int load(const char *dir, const char *name, const char *end, struct bytes *ret, struct fault *fault)
{
	char path[PATH_LEN];
	int result = make_path(dir, name, end, path, fault);
	return result ? result : file_read(path, ret, fault);
}

static int save(const char *dir, const char *name, const char *end, const struct bytes *bytes, struct fault *fault)
{
	char path[PATH_LEN];
	int result = make_path(dir, name, end, path, fault);
	if (result == 0)
		result = bytes_check(bytes, path, fault);
	return result ? result : file_write(path, bytes->data, bytes->len, 0600, fault);
}

/* The strict gate stands in front of cJSON also here (house 8.11). */
static cJSON *parse(const char *text, size_t len, size_t max)
{
	const struct json_limits limits = {.bytes = max, .depth = 4, .members = max / 16, .string = max};
	size_t start = 0;
	if (json_gate(text, len, &limits, &start, NULL) != JSON_OK)
		return NULL;
	return cJSON_ParseWithLength(text + start, len - start);
}

static const char *text_of(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
	return text ? text : "";
}

static bool flag_of(const cJSON *object, const char *name)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static int64_t number_of(const cJSON *object, const char *name)
{
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, name);
	return cJSON_IsNumber(number) ? (int64_t)cJSON_GetNumberValue(number) : 0;
}

/* ---- manifest ---- */

void parcel_name(const uint8_t digest[DIGEST_LEN], char ret[PARCEL_NAME_LEN + 1])
{
	hex_format(digest, PARCEL_NAME_LEN / 2, ret);
}

const struct parcel_item *manifest_find(const struct manifest *manifest, const char *name)
{
	for (size_t i = 0; i < manifest->count; i++)
		if (!strcmp(manifest->items[i].name, name))
			return &manifest->items[i];
	return NULL;
}

int manifest_put(struct manifest *manifest, struct arena *arena, const struct parcel_item *item, struct fault *fault)
{
	struct parcel_item *place = (struct parcel_item *)manifest_find(manifest, item->name);
	if (!place && manifest->count == manifest->room) {
		size_t room = manifest->room ? 2 * manifest->room : 64;
		struct parcel_item *items = ARENA_ARRAY(arena, struct parcel_item, room);
		if (!items)
			return FAULT(fault, FAULT_MEMORY, "no memory for a manifest of %zu messages", room);
		if (manifest->count)
			memcpy(items, manifest->items, manifest->count * sizeof(*items));
		manifest->items = items;
		manifest->room = room;
	}
	if (!place)
		place = &manifest->items[manifest->count++];
	*place = *item;
	return 0;
}

/* A name becomes a path, so it is hex and nothing else. */
static int read_item(const cJSON *row, struct parcel_item *ret)
{
	const char *name = text_of(row, "name");
	uint8_t half[DIGEST_LEN] = {0};
	if (hex_parse(name, half, PARCEL_NAME_LEN / 2) || hex_parse(text_of(row, "sha256"), ret->digest, DIGEST_LEN))
		return 1;
	parcel_name(half, ret->name);
	ret->invoices = number_of(row, "invoices");
	return 0;
}

int manifest_read(const char *dir, struct arena *arena, struct manifest *ret, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes text;
	CLEANUP(cJSON_Deletep) cJSON *json = NULL;
	char path[PATH_LEN];
	int result = make_path(dir, "manifest", ".json", path, fault);
	bytes_init(&text, MANIFEST_MAX);
	*ret = (struct manifest){.count = 0};
	if (result || !file_exists(path))
		return result;
	result = file_read(path, &text, fault);
	if (result)
		return result;
	json = parse((const char *)text.data, text.len, MANIFEST_MAX);
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(json, "messages");
	if (strcmp(text_of(json, "format"), FORMAT) != 0 || !cJSON_IsArray(rows))
		return FAULT(fault, FAULT_FORMAT, "%s is not the manifest of a courier; remove it to begin anew", path);
	for (const cJSON *row = rows->child; row && !result; row = row->next) {
		struct parcel_item item;
		if (read_item(row, &item))
			return FAULT(fault, FAULT_FORMAT, "%s was changed; remove it to begin anew", path);
		result = manifest_put(ret, arena, &item, fault);
	}
	return result;
}

int manifest_write(const char *dir, const struct manifest *manifest, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, MANIFEST_MAX);
	bytes_char(&out, '{');
	json_member(&out, "format", FORMAT);
	json_key(&out, "messages");
	bytes_char(&out, '[');
	for (size_t i = 0; i < manifest->count; i++) {
		char hex[DIGEST_HEX_LEN + 1];
		hex_format(manifest->items[i].digest, DIGEST_LEN, hex);
		bytes_text(&out, i ? ",\n{" : "\n{");
		json_member(&out, "name", manifest->items[i].name);
		json_member(&out, "sha256", hex);
		json_member_int(&out, "invoices", manifest->items[i].invoices);
		bytes_char(&out, '}');
	}
	bytes_text(&out, "\n]}\n");
	return save(dir, "manifest", ".json", &out, fault);
}

/* ---- the bytes inside an envelope: a line of JSON, then the TDiep ---- */

static void put_body(struct bytes *out, const void *bytes, size_t len)
{
	bytes_text(out, "}\n");
	if (len)
		bytes_append(out, bytes, len);
}

/* The first line; @ret and @ret_len are what stands behind it. NULL when there is none. */
static cJSON *open_body(const struct bytes *plain, struct arena *arena, const void **ret, size_t *ret_len)
{
	const char *text = (const char *)plain->data;
	const char *end = plain->len ? memchr(text, '\n', plain->len) : NULL;
	if (!end)
		return NULL;
	*ret_len = plain->len - (size_t)(end + 1 - text);
	*ret = arena_copy(arena, end + 1, *ret_len);
	return *ret ? parse(text, (size_t)(end - text), HEAD_MAX) : NULL;
}

/* ---- messages ---- */

bool parcel_is_whole(const char *dir, const struct parcel_item *item)
{
	CLEANUP(bytes_done) struct bytes file;
	uint8_t digest[DIGEST_LEN];
	bytes_init(&file, PARCEL_MAX);
	if (load(dir, item->name, ".message", &file, NULL))
		return false;
	digest_sha256(file.data, file.len, digest);
	return digest_equal(digest, item->digest, DIGEST_LEN);
}

int parcel_message_write(const char *dir, const char *name, const struct parcel_message *message,
	const struct bytes *to, uint8_t ret_digest[DIGEST_LEN], struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes plain;
	CLEANUP(bytes_done) struct bytes sealed;
	char key[2 * ENVELOPE_KEY_LEN + 1];
	bytes_init(&plain, PARCEL_MAX);
	bytes_init(&sealed, PARCEL_MAX);
	hex_format(message->key, ENVELOPE_KEY_LEN, key);
	bytes_char(&plain, '{');
	json_member(&plain, "format", FORMAT);
	json_member(&plain, "message_id", message->message_id);
	json_member_int(&plain, "invoices", message->invoices);
	json_member_flag(&plain, "may_submit", message->may_submit);
	json_member_flag(&plain, "was_sent", message->was_sent);
	json_member(&plain, "driver", message->driver);
	json_member(&plain, "url", message->url);
	json_member(&plain, "user", message->user);
	json_member(&plain, "password", message->password);
	json_member(&plain, "ca", message->ca);
	json_member(&plain, "export", message->export);
	json_member(&plain, "key", key);
	put_body(&plain, message->bytes, message->len);
	int result = bytes_check(&plain, "a message for the courier", fault);
	if (result == 0)
		result = envelope_seal_to(to, plain.data, plain.len, &sealed, fault);
	explicit_bzero(key, sizeof(key));
	if (result)
		return result;
	digest_sha256(sealed.data, sealed.len, ret_digest);
	return save(dir, name, ".message", &sealed, fault);
}

int parcel_message_read(const char *dir, const char *name, const struct bytes *pem, struct arena *arena,
	struct parcel_message *ret, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes sealed;
	CLEANUP(bytes_done) struct bytes plain;
	CLEANUP(cJSON_Deletep) cJSON *json = NULL;
	bytes_init(&sealed, PARCEL_MAX);
	bytes_init(&plain, PARCEL_MAX);
	int result = load(dir, name, ".message", &sealed, fault);
	if (result == 0)
		result = envelope_open_with(pem, sealed.data, sealed.len, &plain, fault);
	if (result)
		return result;
	json = open_body(&plain, arena, &ret->bytes, &ret->len);
	if (strcmp(text_of(json, "format"), FORMAT) != 0 ||
		hex_parse(text_of(json, "key"), ret->key, ENVELOPE_KEY_LEN) || !*text_of(json, "message_id"))
		return 1;
	ret->invoices = number_of(json, "invoices");
	ret->may_submit = flag_of(json, "may_submit");
	ret->was_sent = flag_of(json, "was_sent");
	ret->message_id = arena_strdup(arena, text_of(json, "message_id"));
	ret->driver = arena_strdup(arena, text_of(json, "driver"));
	ret->url = arena_strdup(arena, text_of(json, "url"));
	ret->user = arena_strdup(arena, text_of(json, "user"));
	ret->password = arena_strdup(arena, text_of(json, "password"));
	ret->ca = arena_strdup(arena, text_of(json, "ca"));
	ret->export = arena_strdup(arena, text_of(json, "export"));
	return ret->export ? 0 : FAULT(fault, FAULT_MEMORY, "no memory for a message of the courier");
}

/* ---- answers ---- */

bool parcel_answer_exists(const char *dir, const char *name)
{
	char path[PATH_LEN];
	return make_path(dir, name, ".answer", path, NULL) == 0 && file_exists(path);
}

int parcel_answer_write(const char *dir, const char *name, const struct parcel_message *message,
	const struct parcel_answer *answer, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes plain;
	CLEANUP(bytes_done) struct bytes sealed;
	bytes_init(&plain, PARCEL_MAX);
	bytes_init(&sealed, PARCEL_MAX);
	bytes_char(&plain, '{');
	json_member(&plain, "format", FORMAT);
	json_member(&plain, "message_id", message->message_id);
	json_member(&plain, "outcome", parcel_outcome_word(answer->outcome));
	json_member(&plain, "text", answer->text);
	put_body(&plain, answer->bytes, answer->len);
	int result = bytes_check(&plain, "an answer for the courier", fault);
	if (result == 0)
		result = envelope_seal_under(message->key, message->export, plain.data, plain.len, &sealed, fault);
	return result ? result : save(dir, name, ".answer", &sealed, fault);
}

int parcel_answer_id(const char *dir, const char *name, char ret[ENVELOPE_ID_MAX + 1], struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes sealed;
	bytes_init(&sealed, PARCEL_MAX);
	int result = load(dir, name, ".answer", &sealed, fault);
	return result ? result : envelope_id(sealed.data, sealed.len, ret);
}

static int find_outcome(const char *word, enum parcel_outcome *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(outcome_words); i++)
		if (!strcmp(outcome_words[i], word)) {
			*ret = (enum parcel_outcome)i;
			return 0;
		}
	return 1;
}

int parcel_answer_read(const char *dir, const char *name, const char *id, const uint8_t key[ENVELOPE_KEY_LEN],
	struct arena *arena, struct parcel_answer *ret, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes sealed;
	CLEANUP(bytes_done) struct bytes plain;
	CLEANUP(cJSON_Deletep) cJSON *json = NULL;
	bytes_init(&sealed, PARCEL_MAX);
	bytes_init(&plain, PARCEL_MAX);
	int result = load(dir, name, ".answer", &sealed, fault);
	if (result == 0)
		result = envelope_open_under(key, id, sealed.data, sealed.len, &plain, fault);
	if (result)
		return result;
	json = open_body(&plain, arena, &ret->bytes, &ret->len);
	if (strcmp(text_of(json, "format"), FORMAT) != 0 || find_outcome(text_of(json, "outcome"), &ret->outcome))
		return 1;
	ret->message_id = arena_strdup(arena, text_of(json, "message_id"));
	ret->text = arena_strdup(arena, text_of(json, "text"));
	return ret->message_id && ret->text ? 0 : FAULT(fault, FAULT_MEMORY, "no memory for an answer");
}
