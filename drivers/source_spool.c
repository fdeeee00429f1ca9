/*
 * spool: a folder that tills write sales into. Write NAME.tmp, then rename it to NAME.json, .csv or .xml; what became of it stands in
 * done/NAME.json.answer.json or refused/NAME.json.reason.json. Files that are still open for writing are left alone; one that cannot be
 * read is told once and stays.
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
#define NAME_KEPT 180 /* bytes of a name that stay when it is moved aside; number and answer must fit behind it */
#define TOLD_MAX  (64u << 10) /* of names of files that were told to be left */

struct spool {
	char *dir;
	int notify_fd;
	struct dirent **names; /* files found, in order of name */
	int count, at;
	bool is_round_over; /* something of this round is to be given again: not before others had their turn */
	int64_t changed_at; /* of the content */
	struct bytes content;
	char current[256]; /* name of the frame last given */
	struct bytes told; /* "/NAME/" of each file that was told to be left */
};

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);
	return len > end_len && strcmp(name + len - end_len, end) == 0;
}

static int is_sale_name(const struct dirent *entry)
{
	static const char *const ends[] = {".json", ".csv", ".xml"};
	bool is_one = false;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		is_one = is_one || ends_with(entry->d_name, ends[i]);
	return is_one && entry->d_name[0] != '.';
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
	bytes_done(&spool->told);
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
	bytes_init(&spool->told, TOLD_MAX);
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

/* A regular file that nobody is writing any more: 0, SOURCE_NONE while it is written, SOURCE_LEFT with @ret_why when it cannot be read. */
static int read_ready(struct spool *spool, const char *name, const char **ret_why)
{
	char path[PATH_ROOM];
	struct stat info;
	char part[16384];
	ssize_t n = 0;
	snprintf(path, sizeof(path), "%s/%s", spool->dir, name);
	CLEANUP(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	*ret_why = fd < 0 ? strerror(errno) : "not a file";
	if (fd < 0 && errno == ENOENT)
		return SOURCE_NONE;
	if (fd < 0 || fstat(fd, &info) || !S_ISREG(info.st_mode))
		return SOURCE_LEFT;
	if (fcntl(fd, F_SETLEASE, F_RDLCK) && errno == EAGAIN)
		return SOURCE_NONE;
	fcntl(fd, F_SETLEASE, F_UNLCK);
	spool->changed_at = (int64_t)info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1000000;
	bytes_clear(&spool->content);
	/* One byte too many is kept, so that a file that is too large is refused and never read in part. */
	while (spool->content.len <= FILE_MAX && (n = read(fd, part, sizeof(part))) > 0)
		bytes_append(&spool->content, part, (size_t)n);
	*ret_why = strerror(errno);
	return n < 0 ? SOURCE_LEFT : 0;
}

/* Whether @name is new among those that were told; no name holds a slash. */
static bool remember(struct spool *spool, const char *name)
{
	char entry[sizeof(spool->current) + 2];
	size_t len = (size_t)snprintf(entry, sizeof(entry), "/%s/", name);
	if (spool->told.len && memmem(spool->told.data, spool->told.len, entry, len))
		return false;
	if (spool->told.len + len > TOLD_MAX)
		bytes_clear(&spool->told);
	bytes_append(&spool->told, entry, len);
	return true;
}

static int spool_next(void *state, struct source_item *ret, struct fault *fault)
{
	struct spool *spool = state;
	bool is_over = spool->at == spool->count && spool->is_round_over;
	spool->is_round_over = spool->is_round_over && !is_over;
	if (is_over)
		return SOURCE_NONE;
	if (spool->at == spool->count && find_names(spool, fault) < 0)
		return FAULT_IO;
	while (spool->at < spool->count) {
		const char *name = spool->names[spool->at++]->d_name, *why;
		int result = read_ready(spool, name, &why);
		if (result == SOURCE_NONE || (result == SOURCE_LEFT && !remember(spool, name)))
			continue;
		snprintf(spool->current, sizeof(spool->current), "%s", name);
		ret->name = spool->current;
		if (result == SOURCE_LEFT) {
			ret->bytes = why;
			ret->len = strlen(why);
			return SOURCE_LEFT;
		}
		ret->bytes = spool->content.data ? (const void *)spool->content.data : "";
		ret->len = spool->content.len;
		ret->changed_at = spool->changed_at;
		return 0;
	}
	return SOURCE_NONE;
}

/*
 * A name in @folder that is not taken, so that nothing already there is lost. One that looks like our own answers always gets a number:
 * the answer about another file may come to stand under it.
 */
static void free_path(const struct spool *spool, const char *folder, char out[PATH_ROOM])
{
	char name[NAME_KEPT + 1];
	snprintf(name, sizeof(name), "%.*s", NAME_KEPT, spool->current);
	snprintf(out, PATH_ROOM, "%s/%s/%s", spool->dir, folder, name);
	bool is_taken = file_exists(out) || ends_with(name, ".answer.json") || ends_with(name, ".reason.json");
	for (int i = 1; is_taken && i < 100000; i++) {
		snprintf(out, PATH_ROOM, "%s/%s/%s.%d", spool->dir, folder, name, i);
		is_taken = file_exists(out);
	}
}

static int spool_done(void *state, enum source_fate fate, const char *answer, struct fault *fault)
{
	struct spool *spool = state;
	char from[PATH_ROOM], to[PATH_ROOM], beside[PATH_ROOM + 16];
	spool->is_round_over = spool->is_round_over || fate == SOURCE_LATER;
	if (fate == SOURCE_LATER)
		return 0;
	snprintf(from, sizeof(from), "%s/%s", spool->dir, spool->current);
	free_path(spool, fate == SOURCE_TAKEN ? "done" : "refused", to);
	snprintf(beside, sizeof(beside), "%s.%s.json", to, fate == SOURCE_TAKEN ? "answer" : "reason");
	if (file_write(beside, answer, strlen(answer), 0660, fault) < 0)
		return FAULT_IO;
	return file_move(from, to, fault);
}

static int64_t spool_left(const char *where, int64_t before_ms)
{
	CLEANUP(closedirp) DIR *dir = opendir(where);
	struct stat info;
	int64_t count = 0;
	if (!dir)
		return -1;
	for (const struct dirent *entry; (entry = readdir(dir));)
		if (is_sale_name(entry) && fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0)
			count += (int64_t)info.st_mtim.tv_sec * 1000 < before_ms;
	return count;
}

const struct source_ops source_spool = {
	.name = "spool",
	.summary = "a folder watched with inotify: write NAME.tmp, rename to NAME.json, .csv or .xml",
	.open = spool_open,
	.next = spool_next,
	.done = spool_done,
	.close = spool_close,
	.left = spool_left,
};
