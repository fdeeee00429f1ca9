/*
 * spool: a folder that tills write sales into. Write NAME.tmp, then rename it to NAME.json; what became of it stands in
 * done/NAME.json.answer.json or refused/NAME.json.reason.json. Files that are still open for writing are left alone.
 */
#include "drivers/drivers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/file.h"

#define FILE_MAX  (4u << 20)
#define PATH_ROOM 4096

struct spool {
	char *dir;
	int notify_fd;
	struct dirent **names; /* files found, in order of name */
	int count, at;
	struct bytes content;
	char current[256]; /* name of the frame last given */
};

static int is_sale_name(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	if (entry->d_name[0] == '.' || len <= 5 || len >= 200 || strcmp(entry->d_name + len - 5, ".json"))
		return 0;
	/* Those are our own answers' names: a sale called so would be overwritten by one. It stays where it is. */
	return !strstr(entry->d_name, ".answer.json") && !strstr(entry->d_name, ".reason.json");
}

static void forget_names(struct spool *spool)
{
	for (int i = 0; i < spool->count; i++)
		free(spool->names[i]);
	free(spool->names);
	spool->names = NULL;
	spool->count = spool->at = 0;
}

static void spool_close(void *state)
{
	struct spool *spool = state;
	forget_names(spool);
	if (spool->notify_fd >= 0)
		close(spool->notify_fd);
	bytes_done(&spool->content);
	free(spool->dir);
	free(spool);
}

static int make_folders(const char *dir, struct fault *fault)
{
	static const char *const names[] = {"", "/done", "/refused"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[PATH_ROOM];
		snprintf(path, sizeof(path), "%s%s", dir, names[i]);
		if (file_make_dir(path, 0770, fault) < 0)
			return FAULT_IO;
	}
	return 0;
}

static int spool_open(const char *where, void **ret_state, int *ret_fd, struct fault *fault)
{
	struct spool *spool = calloc(1, sizeof(*spool));
	if (!spool)
		return FAULT(fault, FAULT_MEMORY, "no memory for the spool folder");
	bytes_init(&spool->content, FILE_MAX + (64 << 10));
	spool->notify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	spool->dir = strdup(where);
	int result = spool->dir && spool->notify_fd >= 0 ? make_folders(where, fault) : FAULT_IO;
	if (result == 0 && inotify_add_watch(spool->notify_fd, where, IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR) < 0)
		result = FAULT_IO;
	if (result < 0) {
		spool_close(spool);
		return FAULT(fault, FAULT_IO, "spool folder %s cannot be watched: %s", where, strerror(errno));
	}
	*ret_state = spool;
	*ret_fd = spool->notify_fd;
	return 0;
}

static void swallow_events(struct spool *spool)
{
	char events[4096];
	while (read(spool->notify_fd, events, sizeof(events)) > 0)
		;
}

static int find_names(struct spool *spool, struct fault *fault)
{
	forget_names(spool);
	swallow_events(spool);
	int count = scandir(spool->dir, &spool->names, is_sale_name, alphasort);
	if (count < 0)
		return FAULT(fault, FAULT_IO, "spool folder %s cannot be read: %s", spool->dir, strerror(errno));
	spool->count = count;
	return 0;
}

/* A regular file that nobody is writing any more; 1 when it is not that. */
static int read_ready(struct spool *spool, const char *name)
{
	char path[PATH_ROOM];
	struct stat info;
	char part[16384];
	ssize_t n = 0;
	snprintf(path, sizeof(path), "%s/%s", spool->dir, name);
	CLEANUP(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &info) || !S_ISREG(info.st_mode))
		return 1;
	if (fcntl(fd, F_SETLEASE, F_RDLCK) && errno == EAGAIN)
		return 1;
	fcntl(fd, F_SETLEASE, F_UNLCK);
	bytes_clear(&spool->content);
	/* One byte too many is kept, so that a file that is too large is refused and never read in part. */
	while (spool->content.len <= FILE_MAX && (n = read(fd, part, sizeof(part))) > 0)
		bytes_append(&spool->content, part, (size_t)n);
	return n < 0 ? 1 : 0;
}

static int spool_next(void *state, struct source_item *ret, struct fault *fault)
{
	struct spool *spool = state;
	if (spool->at == spool->count && find_names(spool, fault) < 0)
		return FAULT_IO;
	while (spool->at < spool->count) {
		const char *name = spool->names[spool->at++]->d_name;
		if (read_ready(spool, name))
			continue;
		snprintf(spool->current, sizeof(spool->current), "%s", name);
		ret->name = spool->current;
		ret->bytes = spool->content.data ? (const void *)spool->content.data : "";
		ret->len = spool->content.len;
		return 0;
	}
	return 1;
}

/* A name in @folder that is not taken, so that nothing already there is lost. */
static void free_path(const struct spool *spool, const char *folder, char out[PATH_ROOM])
{
	snprintf(out, PATH_ROOM, "%s/%s/%s", spool->dir, folder, spool->current);
	for (int i = 1; file_exists(out) && i < 100000; i++)
		snprintf(out, PATH_ROOM, "%s/%s/%s.%d", spool->dir, folder, spool->current, i);
}

static int spool_done(void *state, enum source_fate fate, const char *answer, struct fault *fault)
{
	struct spool *spool = state;
	char from[PATH_ROOM], to[PATH_ROOM], beside[PATH_ROOM + 16];
	if (fate == SOURCE_LATER)
		return 0;
	snprintf(from, sizeof(from), "%s/%s", spool->dir, spool->current);
	free_path(spool, fate == SOURCE_TAKEN ? "done" : "refused", to);
	snprintf(beside, sizeof(beside), "%s.%s.json", to, fate == SOURCE_TAKEN ? "answer" : "reason");
	if (file_write(beside, answer, strlen(answer), 0660, fault) < 0)
		return FAULT_IO;
	return file_move(from, to, fault);
}

const struct source_ops source_spool = {
	.name = "spool",
	.summary = "a folder watched with inotify: write NAME.tmp, rename to NAME.json",
	.open = spool_open,
	.next = spool_next,
	.done = spool_done,
	.close = spool_close,
};
