#include "cli/mask.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "core/problem.h"

#define HIDDEN	   "***"
#define TEXT_MAX   (4u << 20)
#define SECRET_MAX 4096
#define LONG_WORD  20 /* letters and digits: an id, a serial number, a token */
#define LONG_INT   6  /* digits: part of a tax code, a telephone number, an amount */

/* ---- what is to be hidden ---- */

static void add(struct bytes *list, const char *text, size_t len)
{
	if (!len)
		return;
	bytes_append(list, text, len);
	bytes_char(list, 0);
}

static int add_secret(const struct cli *cli, struct mask *mask, const char *path, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes secret;
	bytes_init(&secret, SECRET_MAX);
	if (!path || !file_exists(path))
		return 0;
	if (file_read_secret(path, &secret, NULL) == 0) {
		add(&mask->secrets, (const char *)secret.data, secret.len);
		return bytes_check(&mask->secrets, "the passwords", fault);
	}
	return !mask->is_unmasked
		       ? 0
		       : cli_fail(cli, CLI_PERMISSION,
				 SAY(cli, "%s may not be read, so what it holds could not be hidden; run with sudo",
					 "không đọc được %s nên không thể che nội dung của nó; hãy chạy với sudo"),
				 path);
}

/* A webhook's address is a password: who knows it may speak there. */
static void add_address(struct mask *mask, const char *url)
{
	const char *host = url ? strstr(url, "://") : NULL, *path = host ? strchr(host + 3, '/') : NULL;
	if (path && path[1])
		add(&mask->secrets, path + 1, strlen(path + 1));
}

/* The value, and of an address its host, which errors name alone. */
static void add_known(struct mask *mask, const char *value)
{
	const char *host = strstr(value, "://");
	add(&mask->known, value, strlen(value));
	if (host)
		add(&mask->known, host + 3, strcspn(host + 3, ":/"));
}

static bool is_harmless(const struct option *option)
{
	return option->type == OPTION_INT || option->type == OPTION_FLAG || option->type == OPTION_CHOICE;
}

static void add_settings(const struct cli *cli, struct mask *mask)
{
	add_known(mask, cli->config_dir);
	for (const struct option *o = config_table; cli->options && o->section; o++) {
		const char *name = o->is_named ? options_name(cli->options, o->section, 0) : "";
		for (size_t i = 1; name; name = o->is_named ? options_name(cli->options, o->section, i++) : NULL) {
			const struct option_value *value = options_get(cli->options, o->section, name, o->key);
			if (value && !is_harmless(o))
				add_known(mask, value->value);
			add(&mask->known, name, strlen(name));
		}
	}
}

int mask_init(const struct cli *cli, bool is_unmasked, struct mask *ret, struct fault *fault)
{
	const struct config *config = &cli->config;
	*ret = (struct mask){.is_unmasked = is_unmasked, .is_blind = !cli->options};
	bytes_init(&ret->secrets, TEXT_MAX);
	bytes_init(&ret->known, TEXT_MAX);
	add_settings(cli, ret);
	add_address(ret, config->webhook_url);
	int result = add_secret(cli, ret, config->key_password_file, fault);
	if (result == 0)
		result = add_secret(cli, ret, config->mail_password_file, fault);
	if (result == 0)
		result = add_secret(cli, ret, config->fleet_password_file, fault);
	for (size_t i = 0; result == 0 && i < config->authority_count; i++)
		result = add_secret(cli, ret, config->authorities[i].password_file, fault);
	return result ? result : bytes_check(&ret->known, "the settings", fault);
}

void mask_done(struct mask *mask)
{
	if (mask->secrets.data)
		explicit_bzero(mask->secrets.data, mask->secrets.len);
	bytes_done(&mask->secrets);
	bytes_done(&mask->known);
}

/* ---- texts ---- */

/* The longest of @list that @text begins with; 0 = none. */
static size_t find_hidden(const struct bytes *list, const char *text)
{
	size_t best = 0;
	for (size_t at = 0, len; at < list->len; at += len + 1) {
		const char *word = (const char *)list->data + at;
		len = strlen(word);
		if (len > best && strncmp(text, word, len) == 0)
			best = len;
	}
	return best;
}

/* "user:password@" behind "://"; 0 = there is none. */
static size_t find_login(const char *from, const char *text)
{
	size_t len = strcspn(text, "/ \t\r\n\"'");
	const char *at = text - from >= 3 && memcmp(text - 3, "://", 3) == 0 ? memrchr(text, '@', len) : NULL;
	return at ? (size_t)(at - text) : 0;
}

/* A private key in letters, to its end or to that of the text. */
static size_t find_pem(const char *text)
{
	if (strncmp(text, "-----BEGIN ", 11) != 0)
		return 0;
	const char *line_end = text + strcspn(text, "\r\n"), *key = strstr(text, "PRIVATE KEY-----");
	const char *end = key && key < line_end ? strstr(key, "-----END ") : text;
	return end == text ? 0 : end ? (size_t)(end - text) : strlen(text);
}

/* An id, a tax code, an amount, or what no program of ours wrote; 0 = none begins here. */
static size_t find_personal(const char *from, const char *text)
{
	size_t word = 0, digits = strspn(text, "0123456789.");
	while (isalnum((unsigned char)text[word]))
		word++;
	bool is_begin = text == from || !isalnum((unsigned char)text[-1]);
	if (is_begin && (word >= LONG_WORD || digits >= LONG_INT))
		return word >= LONG_WORD ? word : digits;
	for (word = 0; (unsigned char)text[word] >= 0x80; word++)
		;
	return word;
}

static void put_text(const struct mask *mask, const char *text, struct bytes *out)
{
	for (const char *at = text; *at;) {
		size_t hidden = find_hidden(&mask->secrets, at), login = find_login(text, at), pem = find_pem(at);
		hidden = hidden ? hidden : login ? login : pem;
		if (!hidden && !mask->is_unmasked) {
			hidden = find_hidden(&mask->known, at);
			hidden = hidden ? hidden : find_personal(text, at);
		}
		if (hidden)
			bytes_text(out, HIDDEN);
		else
			bytes_char(out, *at);
		at += hidden ? hidden : 1;
	}
}

/* ---- JSON ---- */

static bool is_one_of(const char *const words[], const char *word)
{
	for (; word && *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

/* Words of the program's own lists, and sentences that it makes of them. */
static bool is_word(const char *key)
{
	static const char *const keys[] = {"state", "level", "check", "kind", "cause", "reasons", "held", "section",
		"key", "tail", "applies_on", "version", NULL};
	return is_one_of(keys, key);
}

static bool is_sentence(const char *key)
{
	static const char *const keys[] = {"found", "remedy", "command", NULL};
	return is_one_of(keys, key);
}

static const char *text_of(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* The value of a setting that can say nothing of the shop. */
static bool is_harmless_value(const cJSON *object, const char *key)
{
	const char *section = text_of(object, "section"), *name = text_of(object, "key");
	if (!section || !name || strcmp(key, "value") != 0)
		return false;
	for (const struct option *o = config_table; o->section; o++)
		if (strcmp(o->section, section) == 0 && strcmp(o->key, name) == 0)
			return is_harmless(o);
	return false;
}

static bool is_passing(const cJSON *object, const char *key, const char *text)
{
	int64_t time;
	return is_word(key) || clock_parse(text, strlen(text), &time) == 0 || is_harmless_value(object, key) ||
	       (strcmp(key, "reason") == 0 && problem_find(text));
}

static int mask_string(const struct mask *mask, const cJSON *object, const char *key, cJSON *item, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	const char *text = item->valuestring;
	bytes_init(&out, TEXT_MAX);
	if (!mask->is_unmasked && is_passing(object, key, text))
		return 0;
	if (mask->is_unmasked || (is_sentence(key) && !mask->is_blind))
		put_text(mask, text, &out);
	else
		bytes_text(&out, HIDDEN);
	bytes_char(&out, 0);
	return !bytes_check(&out, "a text", NULL) && cJSON_SetValuestring(item, (const char *)out.data)
		       ? 0
		       : FAULT(fault, FAULT_MEMORY, "no memory for the report");
}

/* @key: of the nearest member above. */
static int mask_item(const struct mask *mask, const cJSON *object, const char *key, cJSON *item, struct fault *fault)
{
	int result = 0;
	if (cJSON_IsString(item))
		return mask_string(mask, object, key, item, fault);
	for (cJSON *child = item->child; child && result == 0; child = child->next)
		result = mask_item(mask, item, child->string ? child->string : key, child, fault);
	return result;
}

int mask_json(const struct mask *mask, cJSON *json, struct fault *fault)
{
	return mask_item(mask, json, "", json, fault);
}

/* ---- the log ---- */

static bool is_plain(const char *text, size_t len)
{
	size_t digits = 0;
	for (size_t i = 0; i < len; i++) {
		digits = isdigit((unsigned char)text[i]) ? digits + 1 : 0;
		if (digits >= LONG_INT || (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i])))
			return false;
	}
	return len && len < LONG_WORD + LONG_WORD;
}

/* "key=value" or "key=\"some words\"": the key, and a value that is a word of ours; returns where the next one begins. */
static const char *put_pair(const char *at, const char *end, struct bytes *out)
{
	static const char *const keys[] = {"event", "code", "where", "ms", "result", "status", "attempt", "state",
		"channel", "version", "accepted", "refused", "count", "bytes", "seconds", "kind", "who", "why", "cause",
		"number", NULL};
	char key[32];
	const char *sign = memchr(at, '=', (size_t)(end - at)), *value = sign ? sign + 1 : end;
	const char *close = value < end && *value == '"' ? memchr(value + 1, '"', (size_t)(end - value - 1)) : NULL;
	const char *stop = close ? close + 1 : memchr(value, ' ', (size_t)(end - value));
	stop = stop ? stop : end;
	if (!sign || !is_plain(at, (size_t)(sign - at)) || (size_t)(sign - at) >= sizeof(key))
		return end;
	memcpy(key, at, (size_t)(sign - at));
	key[sign - at] = 0;
	bool is_kept = is_one_of(keys, key) && is_plain(value, (size_t)(stop - value));
	bytes_printf(
		out, " %s=%.*s", key, is_kept ? (int)(stop - value) : (int)strlen(HIDDEN), is_kept ? value : HIDDEN);
	return stop + strspn(stop, " ");
}

/* "2026-11-22T13:00:05+0700 HOST hoadond[12]: event=…" */
static void put_log_line(const char *line, size_t len, struct bytes *out)
{
	const char *end = line + len, *at = memmem(line, len, "event=", 6), *blank = memchr(line, ' ', len);
	if (blank && isdigit((unsigned char)*line) && strspn(line, "0123456789-T:+.Z") == (size_t)(blank - line))
		bytes_append(out, line, (size_t)(blank - line));
	if (!at)
		bytes_printf(out, " (%zu B)", len);
	while (at && at < end)
		at = put_pair(at, end, out);
	bytes_char(out, '\n');
}

void mask_log(const struct mask *mask, const struct bytes *lines, struct bytes *out)
{
	CLEANUP(bytes_done) struct bytes text;
	bytes_init(&text, TEXT_MAX);
	bytes_append(&text, lines->data, lines->len);
	bytes_char(&text, 0);
	if (bytes_check(&text, "the log", NULL))
		return;
	if (mask->is_unmasked) {
		put_text(mask, (const char *)text.data, out);
		return;
	}
	for (size_t at = 0, len; at < lines->len; at += len + 1) {
		len = strcspn((const char *)text.data + at, "\n");
		put_log_line((const char *)text.data + at, len, out);
	}
}
