#include "store/destroy.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "store/run.h"
#include "store/segment.h"

static int no_memory(struct fault *fault)
{
	return FAULT(fault, FAULT_MEMORY, "no memory for the list of files");
}

int destroy_add(struct destroy_list *list, const char *dir, const char *name, struct fault *fault)
{
	struct destroy_file *file = arena_alloc(list->arena, sizeof(*file));

	if (!file)
		return no_memory(fault);
	*file = (struct destroy_file){.path = arena_printf(list->arena, "%s/%s", dir, name)};
	if (!file->path)
		return no_memory(fault);
	file->bytes = file_size(file->path);
	if (file->bytes < 0)
		return 0;
	if (list->last)
		list->last->next = file;
	else
		list->first = file;
	list->last = file;
	return 0;
}

/* A folder is the mirror of one store, which its last log names. 0; 1 when it is another's, or none's; < 0. */
static int check_owner(struct store *store, const char *dir, struct fault *fault)
{
	struct segment_list segments;
	int result = segment_list_read(dir, &segments, fault);

	if (result)
		return result;
	free(segments.bases);
	result = 1;
	/* What a crash left behind the last whole one is none. */
	for (uint32_t number = segments.last_log; result == 1 && number > 0; number--) {
		CLEANUP(freep) char *path = segment_path(dir, number);
		CLEANUP(segment_done) struct segment segment = {.fd = -1};

		result = path ? segment_open(&segment, path, fault) : no_memory(fault);
		if (!result)
			return strcmp(segment.head.store, store->id) != 0;
	}
	return result;
}

static int find_mirror(struct store *store, const char *dir, struct destroy_list *list, struct fault *fault)
{
	CLEANUP(closedirp) DIR *folder = NULL;
	const struct dirent *entry;
	int result = check_owner(store, dir, fault);

	if (result)
		return result < 0 ? result : 0;
	folder = opendir(dir);
	if (!folder)
		return FAULT(fault, FAULT_IO, "%s: %s; is the medium there and mounted?", dir, strerror(errno));
	while (!result && (entry = readdir(folder)))
		if (strncmp(entry->d_name, "log-", 4) == 0 || strncmp(entry->d_name, "base-", 5) == 0 ||
			strcmp(entry->d_name, "base.part") == 0)
			result = destroy_add(list, dir, entry->d_name, fault);
	return result;
}

int destroy_find(struct store *store, const char *mirror_dir, struct destroy_list *list, struct fault *fault)
{
	static const char *const names[] = {
		"ledger.key", "reserve", "current.db-wal", "current.db-shm", "current.db", "current.lock"};
	int len = (int)(strrchr(store->path, '/') - store->path);
	const char *dir = arena_printf(list->arena, "%.*s", len, store->path);
	int result = dir ? 0 : no_memory(fault);

	if (!result && mirror_dir)
		result = find_mirror(store, mirror_dir, list, fault);
	for (size_t i = 0; !result && i < ARRAY_LEN(names); i++)
		result = destroy_add(list, dir, names[i], fault);
	return result;
}

static int append(struct store *store, int64_t invoices, int64_t last_issued_at, const struct ecsign_key *key,
	struct fault *fault)
{
	struct ledger_payload payload;
	int result = store_begin(store, fault);

	if (result)
		return result;
	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "invoices", invoices);
	ledger_payload_int(&payload, "last_issued_at", last_issued_at);
	result = ledger_append(store, LEDGER_DESTROY, &payload, NULL, fault);
	if (!result)
		result = ledger_checkpoint(store, key, fault);
	return store_end(store, result, fault);
}

int destroy_record(struct store *store, int64_t invoices, int64_t last_issued_at, struct fault *fault)
{
	CLEANUP(freep) char *path = NULL;
	struct ecsign_key *key = NULL;
	int result;

	if (asprintf(&path, "%.*sledger.key", (int)(strrchr(store->path, '/') - store->path) + 1, store->path) < 0)
		return no_memory(fault);
	result = ecsign_load_or_make(path, &key, fault);
	if (!result)
		result = append(store, invoices, last_issued_at, key, fault);
	ecsign_free(key);
	return result ? result : store_checkpoint_wal(store, 0, fault);
}
