/*
 * The spool folder with any file name and content: the source never leaves its folder, never crashes, and the file is in done/ or
 * refused/ with its answer beside it, or untouched where it was.
 */
#include "drivers/drivers.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

/* A legal file name from fuzz bytes; a good part of them ends as files of sales do. */
static size_t make_name(const uint8_t *data, size_t size, char name[256])
{
	size_t len = size < 200 ? size : 200;
	memcpy(name, data, len);
	for (size_t i = 0; i < len; i++)
		if (name[i] == '/' || name[i] == 0)
			name[i] = '_';
	if (len && data[0] & 1) {
		static const char ends[][6] = {".json", ".csv", ".xml"};
		const char *end = ends[data[0] / 2 % 3];
		memcpy(name + len, end, strlen(end));
		len += strlen(end);
	}
	name[len] = 0;
	return strcmp(name, ".") && strcmp(name, "..") ? len : 0;
}

static void play(const char *dir, enum source_fate fate)
{
	struct fault fault = {0};
	struct source_item item;
	void *state = NULL;
	int fd;
	if (source_spool.open(dir, &state, &fd, &fault))
		__builtin_trap();
	for (int i = 0; i < 3 && source_spool.next(state, &item, &fault) == 0; i++)
		if (source_spool.done(state, fate, "{}", &fault))
			__builtin_trap();
	source_spool.close(state);
}

static int count_files(const char *dir, const char *folder)
{
	char path[600];
	struct dirent *entry;
	int count = 0;
	snprintf(path, sizeof(path), "%s/%s", dir, folder);
	DIR *open_dir = opendir(path);
	if (!open_dir)
		__builtin_trap();
	while ((entry = readdir(open_dir)))
		count += entry->d_type == DT_REG;
	closedir(open_dir);
	return count;
}

/* Untouched, or moved to one folder with its answer beside it. */
static bool is_settled(const char *dir)
{
	int here = count_files(dir, ""), done = count_files(dir, "done"), refused = count_files(dir, "refused");
	return here == 1 ? done + refused == 0 : (done == 2 && refused == 0) || (done == 0 && refused == 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *place = getenv("TMPDIR");
	char dir[200], name[256], path[600];
	size_t half = size / 2;
	snprintf(dir, sizeof(dir), "%s/hoadon-spool.XXXXXX", place ? place : "/tmp");
	if (size < 3 || !make_name(data, half, name) || !mkdtemp(dir))
		return 0;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		(void)!write(fd, data + half, size - half);
		close(fd);
		play(dir, data[size - 1] % 3);
		if (!is_settled(dir))
			__builtin_trap();
	}
	nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}
