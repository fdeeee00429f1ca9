/*
 * The spool folder with any file name and content: the source never leaves its folder, never crashes, and the file is in done/ or
 * refused/ with its answer beside it, or untouched where it was.
 */
#include "drivers/drivers.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

/* A legal file name from fuzz bytes; a good part of them ends in .json. */
static size_t make_name(const uint8_t *data, size_t size, char name[256])
{
	size_t len = size < 200 ? size : 200;
	memcpy(name, data, len);
	for (size_t i = 0; i < len; i++)
		if (name[i] == '/' || name[i] == 0)
			name[i] = '_';
	if (len && data[0] & 1) {
		memcpy(name + len, ".json", 5);
		len += 5;
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

static int is_somewhere(const char *dir, const char *name)
{
	static const char *const places[] = {"", "done/", "refused/"};
	int found = 0;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		char path[600];
		snprintf(path, sizeof(path), "%s/%s%s", dir, places[i], name);
		found += file_exists(path);
	}
	return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char dir[] = "/dev/shm/hoadon-spool.XXXXXX", name[256], path[600];
	size_t half = size / 2;
	if (size < 3 || !make_name(data, half, name) || !mkdtemp(dir))
		return 0;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		(void)!write(fd, data + half, size - half);
		close(fd);
		play(dir, data[size - 1] % 3);
		if (is_somewhere(dir, name) != 1)
			__builtin_trap();
	}
	nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}
