#include <cjson/cJSON.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json_gate.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "core/outage.h"
#include "send/fleet.h"

#define SHOPS_MAX    1000
#define STORE_LEN    32
#define LINE_OF_LIST (STORE_LEN + 1 + 2 * ECSIGN_SPKI_LEN + 1)
#define WIDTH	     9

struct shop {
	const char *store, *name, *key; /* hex of the key; "" name = not known */
	bool is_known;			/* stands in the list of --known */
	const cJSON *file;		/* what it says, once it was checked; NULL = nothing that counts */
	const char *refused;		/* why its file does not count; NULL = it does, or there is none */
	enum fleet_state state;
	int64_t made_at, deadline; /* ms UTC; 0 = none */
};

struct table {
	struct cli *cli;
	const char *known; /* path of the list; NULL = not given */
	struct shop *shops;
	size_t count;
	cJSON *files[SHOPS_MAX];
	size_t file_count;
};

static void table_done(struct table *table)
{
	for (size_t i = 0; i < table->file_count; i++)
		cJSON_Delete(table->files[i]);
}

/* ---- what stands in a file ---- */

/* What another machine wrote goes to a terminal: no control characters. */
static const char *text_of(const struct table *table, const cJSON *file, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(file, key));
	char *copy = arena_strdup(table->cli->arena, text ? text : "");
	for (char *c = copy; c && *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
	return copy ? copy : "";
}

static long long number_of(const cJSON *file, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(file, key);
	return cJSON_IsNumber(item) ? (long long)cJSON_GetNumberValue(item) : 0;
}

static int64_t time_of(const cJSON *file, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(file, key));
	int64_t ms = 0;
	return text && clock_parse(text, strlen(text), &ms) == 0 ? ms : 0;
}

/* ---- the list of known shops: STORE KEY NAME, a line each ---- */

static struct shop *find_shop(struct table *table, const char *store)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->shops[i].store, store) == 0)
			return &table->shops[i];
	return NULL;
}

static struct shop *add_shop(struct table *table, const char *store)
{
	struct shop *shop = table->count < SHOPS_MAX ? &table->shops[table->count++] : NULL;
	if (shop)
		*shop = (struct shop){.store = store, .name = "", .key = "", .state = FLEET_SILENT};
	return shop;
}

static int read_known(struct table *table, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes list;
	struct arena *arena = table->cli->arena;
	bytes_init(&list, PRINT_JSON_MAX);
	if (!table->known || !file_exists(table->known))
		return 0;
	int result = file_read(table->known, &list, fault);
	for (size_t at = 0, len; result == 0 && at < list.len; at += len + 1) {
		const char *line = (const char *)list.data + at, *end = memchr(line, '\n', list.len - at);
		len = end ? (size_t)(end - line) : list.len - at;
		if (!len)
			continue;
		if (len < LINE_OF_LIST || line[STORE_LEN] != ' ' || line[LINE_OF_LIST - 1] != ' ')
			return FAULT(fault, FAULT_FORMAT, "%s has a line that is not STORE KEY NAME", table->known);
		struct shop *shop = add_shop(table, arena_copy(arena, line, STORE_LEN));
		if (!shop)
			return FAULT(fault, FAULT_MEMORY, "more than %d shops", SHOPS_MAX);
		shop->is_known = true;
		shop->key = arena_copy(arena, line + STORE_LEN + 1, 2 * ECSIGN_SPKI_LEN);
		shop->name = arena_copy(arena, line + LINE_OF_LIST, len - LINE_OF_LIST);
		if (!shop->store || !shop->key || !shop->name)
			return FAULT(fault, FAULT_MEMORY, "no memory for the list");
	}
	return result;
}

static int learn(const struct table *table, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes list;
	bytes_init(&list, PRINT_JSON_MAX);
	for (size_t i = 0; i < table->count; i++)
		if (table->shops[i].is_known || table->shops[i].file)
			bytes_printf(
				&list, "%s %s %s\n", table->shops[i].store, table->shops[i].key, table->shops[i].name);
	int result = bytes_check(&list, "the list", fault);
	return result ? result : file_write(table->known, list.data, list.len, 0644, fault);
}

/* ---- the files ---- */

/* The name of the file is that of its store: no shop takes the place of another. */
static const char *check_file(struct table *table, const char *name, const struct bytes *bytes, cJSON **ret,
	char key[2 * ECSIGN_SPKI_LEN + 1])
{
	const struct cli *cli = table->cli;
	const char *bad_signature = SAY(cli, "its signature is wrong", "chữ ký sai"), *text = (const char *)bytes->data;
	const char *no_file = SAY(cli, "it is no file of a shop", "không phải tệp tình trạng");
	uint8_t spki[ECSIGN_SPKI_LEN];
	if (fleet_check(bytes->data, bytes->len, spki))
		return bad_signature;
	hex_format(spki, sizeof(spki), key);
	cJSON *file = json_gate(text, bytes->len, &json_limits_default, NULL, NULL) == JSON_OK
			      ? cJSON_ParseWithLength(text, bytes->len)
			      : NULL;
	if (!file)
		return no_file;
	table->files[table->file_count++] = *ret = file;
	if (number_of(file, "schema_version") != 1 || strncmp(text_of(table, file, "store"), name, STORE_LEN) != 0)
		return SAY(cli, "it speaks of another shop", "là tệp của cửa hàng khác");
	return fleet_state_find(text_of(table, file, "state")) < FLEET_STATE_COUNT && time_of(file, "made_at")
		       ? NULL
		       : no_file;
}

static void judge(struct table *table, struct shop *shop)
{
	int64_t now = clock_now_ms(&table->cli->clock);
	shop->made_at = time_of(shop->file, "made_at");
	shop->deadline = time_of(shop->file, "deadline");
	shop->state = fleet_state_find(text_of(table, shop->file, "state"));
	/* A clock that is ahead must not hide for ever that a shop is silent. */
	if (now - shop->made_at > FLEET_SILENT_MS || shop->made_at - now > FLEET_SILENT_MS)
		shop->state = FLEET_SILENT;
}

static int take_file(struct table *table, const char *dir, const char *name, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes bytes;
	char path[4200], key[2 * ECSIGN_SPKI_LEN + 1] = "";
	cJSON *file = NULL;
	bytes_init(&bytes, FLEET_MAX);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	const char *store = arena_copy(table->cli->arena, name, STORE_LEN);
	struct shop *shop = store ? find_shop(table, store) : NULL;
	shop = shop || !store ? shop : add_shop(table, store);
	if (!shop)
		return FAULT(fault, FAULT_MEMORY, "more than %d shops", SHOPS_MAX);
	struct fault fault_of_file = {0};
	const char *why = file_read(path, &bytes, &fault_of_file) < 0
				  ? arena_strdup(table->cli->arena, fault_of_file.text)
				  : check_file(table, name, &bytes, &file, key);
	if (!why && shop->is_known && strcmp(shop->key, key) != 0)
		why = SAY(table->cli, "it is signed by another key than the shop's", "ký bằng khóa khác của cửa hàng");
	shop->refused = why;
	if (why)
		return 0;
	shop->file = file;
	shop->key = shop->is_known ? shop->key : arena_strdup(table->cli->arena, key);
	shop->name = text_of(table, file, "name");
	judge(table, shop);
	return 0;
}

static bool is_file_name(const char *name)
{
	return strspn(name, "0123456789abcdef") == STORE_LEN && strcmp(name + STORE_LEN, ".json") == 0;
}

static int read_folder(struct table *table, const char *path, struct fault *fault)
{
	DIR *dir = opendir(path);
	int result = 0;
	if (!dir)
		return FAULT(fault, FAULT_IO, "%s cannot be read: %s", path, strerror(errno));
	for (const struct dirent *entry; result == 0 && (entry = readdir(dir));)
		if (is_file_name(entry->d_name))
			result = take_file(table, path, entry->d_name, fault);
	closedir(dir);
	return result;
}

/* Worst first; the longest silent, then the nearest deadline. */
static int compare(const void *a, const void *b)
{
	const struct shop *first = a, *second = b;
	int64_t far = INT64_MAX, mine = first->state == FLEET_SILENT ? first->made_at
					: first->deadline	     ? first->deadline
								     : far;
	int64_t other = second->state == FLEET_SILENT ? second->made_at : second->deadline ? second->deadline : far;
	if (first->state != second->state)
		return first->state < second->state ? 1 : -1;
	return mine != other ? (mine > other ? 1 : -1) : strcmp(first->name, second->name);
}

/* ---- showing ---- */

static void add_reasons(const struct cli *cli, const struct shop *shop, struct bytes *out)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(shop->file, "reasons"))
	{
		const struct fleet_reason *reason = fleet_reason_find(cJSON_GetStringValue(item));
		if (reason)
			bytes_printf(out, "; %s", SAY(cli, reason->en, reason->vi));
	}
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(shop->file, "outages"))
	{
		const char *word = cJSON_GetStringValue(item);
		const struct outage_kind *kind = outage_kind((int)outage_find(word ? word : ""));
		if (*kind->word)
			bytes_printf(out, "; %s", SAY(cli, kind->en, kind->vi));
	}
}

static void add_said(const struct cli *cli, const struct shop *shop, struct bytes *out)
{
	char oldest[CLOCK_TEXT_MAX], due[CLOCK_TEXT_MAX], made[CLOCK_TEXT_MAX];
	time_text(time_of(shop->file, "oldest_unsent_at"), oldest);
	time_text(shop->deadline, due);
	time_text(shop->made_at, made);
	if (shop->state == FLEET_SILENT) {
		bytes_printf(out, SAY(cli, "the last file is of %s", "tệp cuối lúc %s"), made);
		return;
	}
	bytes_printf(out, SAY(cli, "%lld invoices, %lld accepted", "%lld hóa đơn, %lld đã chấp nhận"),
		number_of(shop->file, "issued"), number_of(shop->file, "accepted"));
	if (number_of(shop->file, "unsent"))
		bytes_printf(out,
			SAY(cli, "; %lld not concluded, oldest %s, due %s", "; %lld chưa xong, lâu nhất %s, hạn %s"),
			number_of(shop->file, "unsent"), oldest, due);
	add_reasons(cli, shop, out);
	bytes_printf(out, " (%s)", made);
}

static void write_said(const struct cli *cli, const struct shop *shop, struct bytes *out)
{
	if (shop->refused)
		bytes_printf(out, SAY(cli, "its file is REFUSED: %s", "tệp BỊ TỪ CHỐI: %s"), shop->refused);
	else if (!shop->file)
		bytes_text(out, SAY(cli, "there is no file", "không có tệp"));
	else
		add_said(cli, shop, out);
}

static int print_human(const struct table *table, struct fault *fault)
{
	const struct cli *cli = table->cli;
	bool is_new = false;
	for (size_t i = 0; i < table->count; i++) {
		const struct shop *shop = &table->shops[i];
		CLEANUP(bytes_done) struct bytes line;
		bytes_init(&line, FLEET_MAX);
		write_said(cli, shop, &line);
		if (bytes_check(&line, "a line", fault))
			return FAULT_MEMORY;
		is_new |= !shop->is_known;
		print_cell(fleet_state_text(shop->state, cli->is_vi), WIDTH);
		printf("%s: %.*s\n", *shop->name ? shop->name : shop->store, (int)line.len, (const char *)line.data);
	}
	if (is_new)
		fputs(SAY(cli,
			      "Some shops are not in a list: their keys are believed as they came, and none is missed "
			      "when it goes. Take them: --known "
			      "FILE --learn\n",
			      "Có cửa hàng chưa nằm trong danh sách: khóa của chúng được tin theo tệp, mất tệp cũng "
			      "không biết. Ghi vào danh sách: "
			      "--known TỆP --learn\n"),
			stderr);
	return 0;
}

static int print_json(const struct table *table, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_key(&out, "shops");
	bytes_char(&out, '[');
	for (size_t i = 0; i < table->count; i++) {
		const struct shop *shop = &table->shops[i];
		char *file = shop->file ? cJSON_PrintUnformatted(shop->file) : NULL;
		json_item(&out);
		bytes_char(&out, '{');
		json_member(&out, "store", shop->store);
		json_member(&out, "name", shop->name);
		json_member(&out, "state", fleet_state_word(shop->state));
		json_member_flag(&out, "is_known", shop->is_known);
		json_member(&out, "refused", shop->refused);
		json_time(&out, "made_at", shop->made_at);
		json_key(&out, "file");
		bytes_text(&out, file ? file : "null");
		bytes_char(&out, '}');
		cJSON_free(file);
	}
	bytes_char(&out, ']');
	return json_print(&out, fault);
}

static int exit_of(const struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->shops[i].refused)
			return CLI_BROKEN;
	return table->count && table->shops[0].state != FLEET_GOOD ? CLI_DEGRADED : CLI_OK;
}

int fleet_show_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(table_done) struct table table = {.cli = cli, .known = cli_value(cli, "known")};
	table.shops = ARENA_ARRAY(cli->arena, struct shop, SHOPS_MAX);
	if (!table.shops)
		return FAULT(fault, FAULT_MEMORY, "no memory for the shops");
	if (cli_value(cli, "learn") && !table.known)
		return cli_usage(cli, "--learn needs --known FILE", "--learn cần có --known TỆP");
	int result = read_known(&table, fault);
	if (result == 0)
		result = read_folder(&table, cli->words[0], fault);
	if (result == 0 && cli_value(cli, "learn"))
		result = learn(&table, fault);
	if (result)
		return result;
	qsort(table.shops, table.count, sizeof(*table.shops), compare);
	result = cli->is_json ? print_json(&table, fault) : print_human(&table, fault);
	return result ? result : exit_of(&table);
}
