/* setup_prune: key files that were replaced; the prototype is in setup.h. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/setup.h"
#include "store/messages.h"

#define TEXTS_MAX  ((size_t)4 << 20)
#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_"

struct pruning {
	const char *keys;
	struct bytes texts; /* of whatever may name a file */
	int64_t signed_at;  /* the last message, ms UTC */
	struct dirent **files;
	int count;
};

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* How much of a name is the place's: "seller.p12" of "seller.p12.2". 0 = setup_put() never made it. */
static size_t place_of(const char *file)
{
	size_t len = strlen(file);
	const char *dot = strrchr(file, '.');
	if (dot && dot[1] && strspn(dot + 1, "0123456789") == strlen(dot + 1))
		len = (size_t)(dot - file);
	return setup_is_place(file, len) ? len : 0;
}

static bool is_of(const char *file, const char *place, size_t len)
{
	return place_of(file) == len && strncmp(file, place, len) == 0;
}

static bool is_named(const struct pruning *pruning, const char *file)
{
	const char *text = (const char *)pruning->texts.data, *at = text;
	size_t len = strlen(file);
	for (; at && (at = strstr(at, file)); at++)
		if ((at == text || !strchr(NAME_CHARS, at[-1])) && (!at[len] || !strchr(NAME_CHARS, at[len])))
			return true;
	return false;
}

static int64_t put_at(const struct pruning *pruning, const char *file)
{
	char path[4400];
	struct stat info;
	snprintf(path, sizeof(path), "%s/%s", pruning->keys, file);
	return stat(path, &info) == 0 ? info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1000000 : 0;
}

/* Of one place, the file that held when the last message was signed; NULL = nothing was signed yet with any of them. */
static const char *find_signed(const struct pruning *pruning, const char *place, size_t len)
{
	const char *found = NULL;
	int64_t newest = 0;
	for (int i = 0; i < pruning->count; i++) {
		const char *file = pruning->files[i]->d_name;
		int64_t at = is_of(file, place, len) ? put_at(pruning, file) : 0;
		if (at <= newest || at > pruning->signed_at)
			continue;
		newest = at;
		found = file;
	}
	return found;
}

static void prune_one(const struct pruning *pruning, const char *file)
{
	char path[4400];
	size_t len = place_of(file);
	const char *held = len ? find_signed(pruning, file, len) : NULL;
	if (!held || !strcmp(held, file) || is_named(pruning, file))
		return;
	snprintf(path, sizeof(path), "%s/%s", pruning->keys, file);
	(void)!file_remove(path, NULL);
}

/* 0 when every text was read. */
static int read_texts(const struct setup *setup, const char *folder, struct bytes *ret)
{
	struct dirent **files = NULL;
	int count = file_exists(folder) ? scandir(folder, &files, is_file, NULL) : 0, result = count < 0 ? -1 : 0;
	for (int i = 0; i < count; i++) {
		const char *path = arena_printf(setup->cli->arena, "%s/%s", folder, files[i]->d_name);
		bool is_text = strstr(files[i]->d_name, ".conf");
		if (result == 0 && is_text)
			result = path ? file_read(path, ret, NULL) : -1;
		bytes_char(ret, '\n');
		free(files[i]);
	}
	free(files);
	return result;
}

static int last_signed_at(const struct setup *setup, int64_t *ret_ms)
{
	const struct config *config = &setup->then.config;
	CLEANUP(store_closep) struct store *store = NULL;
	struct message_row *rows;
	size_t count = 0;
	char path[4200];
	snprintf(path, sizeof(path), "%s/current.db", config->store_dir);
	if (!file_exists(path) ||
		store_open(config->store_dir, STORE_READ, &setup->cli->clock, NULL, &store, NULL) < 0 ||
		store_message_list(store, false, 1, setup->cli->arena, &rows, &count, NULL) < 0 || !count)
		return -1;
	*ret_ms = rows[0].made_at;
	return 0;
}

void setup_prune(const struct setup *setup)
{
	struct arena *arena = setup->cli->arena;
	struct pruning pruning = {.keys = arena_printf(arena, "%s/keys", setup->cli->config_dir)};
	const char *parts = arena_printf(arena, "%s/conf.d", setup->cli->config_dir);
	const char *unit = arena_printf(arena, "%s" SETUP_DROP_IN, setup->cli->root);
	bytes_init(&pruning.texts, TEXTS_MAX);
	if (pruning.keys && parts && unit && last_signed_at(setup, &pruning.signed_at) == 0 &&
		read_texts(setup, setup->cli->config_dir, &pruning.texts) == 0 &&
		read_texts(setup, parts, &pruning.texts) == 0 && read_texts(setup, unit, &pruning.texts) == 0 &&
		bytes_check(&pruning.texts, "the settings", NULL) == 0) {
		bytes_char(&pruning.texts, '\0');
		pruning.count = scandir(pruning.keys, &pruning.files, is_file, NULL);
		for (int i = 0; i < pruning.count; i++)
			prune_one(&pruning, pruning.files[i]->d_name);
		for (int i = 0; i < pruning.count; i++)
			free(pruning.files[i]);
		free(pruning.files);
	}
	bytes_done(&pruning.texts);
}
