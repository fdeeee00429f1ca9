#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/digest.h"
#include "base/failpoint.h"

#define FILE_STEP      ((size_t)65536)
#define FILE_TMP_BYTES 4

static int io_fault(struct fault *fault, const char *what, const char *path)
{
	return FAULT(fault, FAULT_IO, "%s cannot be %s: %s", path, what, strerror(errno));
}

static int pretend(void)
{
	errno = EIO;
	return -1;
}

/* Every system call that touches the disk goes through this: a test can make it fail or be the last one of the process. */
#define STEP(name, call)                                                                                               \
	(FAILPOINT(name, "before") ? pretend() : ((call) < 0 ? -1 : (FAILPOINT(name, "after") ? pretend() : 0)))

static int read_all(int fd, struct bytes *ret)
{
	for (;;) {
		size_t want = ret->max - ret->len < FILE_STEP ? ret->max - ret->len : FILE_STEP;
		char probe;
		ssize_t got;

		if (!bytes_reserve(ret, want))
			return 0;
		got = want > 0 ? read(fd, ret->data + ret->len, want) : read(fd, &probe, 1);
		if (got < 0 && errno != EINTR)
			return -1;
		if (got == 0)
			return 0;
		/* Full, and yet there is more. */
		if (got > 0 && want == 0) {
			ret->failed = true;
			return 0;
		}
		if (got > 0) {
			ret->len += (size_t)got;
			ret->data[ret->len] = '\0';
		}
	}
}

int file_read(const char *path, struct bytes *ret, struct fault *fault)
{
	CLEANUP(closep) int fd = -1;
	int64_t size;
	int result = file_open_to_read(path, &fd, &size, fault);

	if (result < 0)
		return result;
	if (STEP("file.read", read_all(fd, ret)) < 0)
		return io_fault(fault, "read", path);
	return bytes_check(ret, path, fault);
}

int file_open_to_read(const char *path, int *ret_fd, int64_t *ret_size, struct fault *fault)
{
	CLEANUP(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return io_fault(fault, "opened", path);
	if (!S_ISREG(status.st_mode))
		return FAULT(fault, FAULT_IO, "%s is not a regular file", path);
	*ret_fd = fd;
	*ret_size = status.st_size;
	fd = -1;
	return 0;
}

/* 0, -1 with errno; an early end is EIO. */
static int read_exactly(int fd, char *out, size_t len)
{
	while (len > 0) {
		ssize_t got = read(fd, out, len);

		if (got == 0)
			errno = EIO;
		if (got == 0 || (got < 0 && errno != EINTR))
			return -1;
		if (got > 0) {
			out += got;
			len -= (size_t)got;
		}
	}
	return 0;
}

int file_read_exactly(int fd, void *out, size_t len, const char *path, struct fault *fault)
{
	return STEP("file.read", read_exactly(fd, out, len)) < 0 ? io_fault(fault, "read", path) : 0;
}

static int write_all(int fd, const void *bytes, size_t len)
{
	const char *next = bytes;

	while (len > 0) {
		ssize_t done = write(fd, next, len);

		if (done < 0 && errno != EINTR)
			return -1;
		if (done > 0) {
			next += done;
			len -= (size_t)done;
		}
	}
	return 0;
}

/* The folder of @path, as "" for the current one; keeps the slash, so that a name can be put behind it. */
static size_t folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

static int sync_folder_of(const char *path, struct fault *fault)
{
	size_t len = folder_len(path);
	CLEANUP(freep) char *folder = len > 0 ? strndup(path, len) : strdup(".");
	CLEANUP(closep) int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (!folder)
		return FAULT(fault, FAULT_MEMORY, "no memory for a path");
	if (fd < 0)
		return io_fault(fault, "opened", folder);
	if (STEP("file.sync_dir", fsync(fd)) < 0)
		return io_fault(fault, "synced", folder);
	return 0;
}

/* A name with a dot in front: whoever watches the folder for complete files does not take it. NULL without memory. */
static char *temporary_name(const char *path)
{
	size_t len = folder_len(path);
	char hex[2 * FILE_TMP_BYTES + 1];
	uint8_t random[FILE_TMP_BYTES];
	char *name;

	digest_random(random, sizeof(random));
	hex_format(random, sizeof(random), hex);
	return asprintf(&name, "%.*s.%s.%s.tmp", (int)len, path, path + len, hex) < 0 ? NULL : name;
}

static int fill(const char *path, const void *bytes, size_t len, mode_t mode, struct fault *fault)
{
	/* Closed to others until the mode is right: the process's umask is not ours to change. */
	CLEANUP(closep) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return io_fault(fault, "created", path);
	if (fchmod(fd, mode) < 0)
		return io_fault(fault, "given its mode", path);
	if (STEP("file.write", write_all(fd, bytes, len)) < 0)
		return io_fault(fault, "written", path);
	if (STEP("file.sync", fsync(fd)) < 0)
		return io_fault(fault, "synced", path);
	return 0;
}

int file_write(const char *path, const void *bytes, size_t len, mode_t mode, struct fault *fault)
{
	CLEANUP(freep) char *temporary = temporary_name(path);
	int result;

	if (!temporary)
		return FAULT(fault, FAULT_MEMORY, "no memory for a path");
	result = fill(temporary, bytes, len, mode, fault);
	if (result == 0 && STEP("file.rename", rename(temporary, path)) < 0)
		result = io_fault(fault, "put in its place", path);
	if (result < 0) {
		unlink(temporary);
		return result;
	}
	return sync_folder_of(path, fault);
}

int file_move(const char *from, const char *to, struct fault *fault)
{
	int result;

	if (STEP("file.rename", rename(from, to)) < 0)
		return io_fault(fault, "moved", from);
	/* The new name first: between the two a crash may leave both names, never none. */
	result = sync_folder_of(to, fault);
	return result < 0 ? result : sync_folder_of(from, fault);
}

static int unlink_if_there(const char *path)
{
	return unlink(path) < 0 && errno != ENOENT ? -1 : 0;
}

int file_remove(const char *path, struct fault *fault)
{
	if (STEP("file.remove", unlink_if_there(path)) < 0)
		return io_fault(fault, "removed", path);
	return 0;
}

static int make_one_dir(const char *path, mode_t mode, struct fault *fault)
{
	struct stat status;

	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return 0;
	if (STEP("file.make_dir", mkdir(path, mode)) < 0) {
		/* Another process may have been quicker. */
		if (errno == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
			return 0;
		return io_fault(fault, "made", path);
	}
	return sync_folder_of(path, fault);
}

int file_make_dir(const char *path, mode_t mode, struct fault *fault)
{
	CLEANUP(freep) char *copy = strdup(path);
	size_t len = copy ? strlen(copy) : 0;

	if (!copy)
		return FAULT(fault, FAULT_MEMORY, "no memory for a path");
	while (len > 1 && copy[len - 1] == '/')
		copy[--len] = '\0';
	for (size_t i = 1; i < len; i++) {
		int result;

		if (copy[i] != '/')
			continue;
		copy[i] = '\0';
		result = make_one_dir(copy, mode, fault);
		copy[i] = '/';
		if (result < 0)
			return result;
	}
	return make_one_dir(copy, mode, fault);
}

/* Without fchmod(), which FAT refuses. */
int file_open_growing(const char *path, int *ret_fd, struct fault *fault)
{
	bool is_new = !file_exists(path);
	CLEANUP(closep) int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	int result = 0;

	if (fd < 0)
		return io_fault(fault, "opened", path);
	if (is_new)
		result = sync_folder_of(path, fault);
	if (result)
		return result;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int file_grow(int fd, const char *path, const void *bytes, size_t len, struct fault *fault)
{
	if (STEP("file.grow", write_all(fd, bytes, len)) < 0)
		return io_fault(fault, "written", path);
	if (STEP("file.grow_sync", fdatasync(fd)) < 0)
		return io_fault(fault, "synced", path);
	return 0;
}

int64_t file_size(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? (int64_t)status.st_size : -1;
}

int64_t file_changed_at(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? status.st_ctim.tv_sec * INT64_C(1000000000) + status.st_ctim.tv_nsec : 0;
}

int64_t file_room(const char *path)
{
	CLEANUP(freep) char *folder = strndup(path, folder_len(path));
	struct statvfs info;

	if (!folder || statvfs(*folder ? folder : ".", &info) < 0)
		return -1;
	return (int64_t)(info.f_bavail * info.f_frsize);
}

static int allocate(int fd, int64_t bytes)
{
	errno = posix_fallocate(fd, 0, bytes);
	return errno ? -1 : 0;
}

int file_reserve(const char *path, int64_t bytes, struct fault *fault)
{
	CLEANUP(closep) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return io_fault(fault, "created", path);
	if (STEP("file.reserve", allocate(fd, bytes)) < 0) {
		int result = io_fault(fault, "given its room", path);

		unlink(path);
		return result;
	}
	return 0;
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

int file_read_secret(const char *path, struct bytes *ret, struct fault *fault)
{
	int result = file_read(path, ret, fault);

	while (result == 0 && ret->len && (ret->data[ret->len - 1] == '\n' || ret->data[ret->len - 1] == '\r'))
		ret->data[--ret->len] = 0;
	return result;
}

/* ---- a large file, piece by piece ---- */

/* Whoever had it before may just have given it its name: then what is open is not what stands there. */
static bool is_still_there(int fd, const char *path)
{
	struct stat opened;
	struct stat named;

	return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino &&
	       opened.st_dev == named.st_dev;
}

int file_part_open(const char *path, struct file_part *ret, struct fault *fault)
{
	CLEANUP(freep) char *temporary = NULL;
	CLEANUP(freep) char *copy = strdup(path);
	CLEANUP(closep) int fd = -1;

	if (!copy || asprintf(&temporary, "%s.part", path) < 0)
		return FAULT(fault, FAULT_MEMORY, "no memory for a path");
	if (STEP("file.create", fd = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
		return io_fault(fault, "created", temporary);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || !is_still_there(fd, temporary))
		return FAULT(fault, FAULT_BUSY, "another process is writing %s", path);
	if (ftruncate(fd, 0) < 0)
		return io_fault(fault, "emptied", temporary);
	*ret = (struct file_part){.fd = fd, .path = copy, .temporary = temporary};
	fd = -1;
	copy = temporary = NULL;
	return 0;
}

int file_part_write(struct file_part *part, const void *bytes, size_t len, struct fault *fault)
{
	return STEP("file.write", write_all(part->fd, bytes, len)) < 0 ? io_fault(fault, "written", part->path) : 0;
}

int file_part_keep(struct file_part *part, struct fault *fault)
{
	if (STEP("file.sync", fsync(part->fd)) < 0)
		return io_fault(fault, "synced", part->path);
	if (file_exists(part->path))
		return FAULT(fault, FAULT_IO, "%s has come to exist meanwhile; choose another name", part->path);
	if (STEP("file.rename", rename(part->temporary, part->path)) < 0)
		return io_fault(fault, "put in its place", part->path);
	free(part->temporary);
	part->temporary = NULL;
	return sync_folder_of(part->path, fault);
}

void file_part_done(struct file_part *part)
{
	if (!part->path)
		return;
	if (part->temporary)
		unlink(part->temporary);
	close(part->fd);
	free(part->temporary);
	free(part->path);
	*part = (struct file_part){0};
}

/* ---- a folder to work in ---- */

static bool is_name(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

bool file_is_free(const char *path)
{
	CLEANUP(closedirp) DIR *dir = opendir(path);
	const struct dirent *entry;

	if (!dir)
		return errno == ENOENT;
	while ((entry = readdir(dir)))
		if (is_name(entry))
			return false;
	return true;
}

static int empty_room(const char *path, struct fault *fault)
{
	CLEANUP(closedirp) DIR *dir = opendir(path);
	const struct dirent *entry;

	if (!dir)
		return errno == ENOENT ? 0 : io_fault(fault, "opened", path);
	while ((entry = readdir(dir)))
		if (is_name(entry) && STEP("file.remove", unlinkat(dirfd(dir), entry->d_name, 0)) < 0)
			return io_fault(fault, "emptied", path);
	return 0;
}

int file_room_open(const char *path, int *ret_fd, struct fault *fault)
{
	CLEANUP(closep) int fd = -1;
	int result = file_make_dir(path, 0700, fault);

	if (result < 0)
		return result;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return io_fault(fault, "opened", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || !is_still_there(fd, path))
		return FAULT(fault, FAULT_BUSY, "another process works in %s", path);
	result = empty_room(path, fault);
	if (result < 0)
		return result;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int file_room_remove(const char *path, struct fault *fault)
{
	int result = empty_room(path, fault);

	if (result < 0)
		return result;
	return STEP("file.remove", rmdir(path)) < 0 && errno != ENOENT ? io_fault(fault, "removed", path) : 0;
}

int file_give(const char *path, struct fault *fault)
{
	CLEANUP(closedirp) DIR *dir = geteuid() == 0 ? opendir(path) : NULL;
	const struct dirent *entry;
	struct stat owner;

	if (!dir)
		return geteuid() == 0 ? io_fault(fault, "opened", path) : 0;
	if (fstat(dirfd(dir), &owner) < 0 || (owner.st_uid == 0 && fstatat(dirfd(dir), "..", &owner, 0) < 0) ||
		fchown(dirfd(dir), owner.st_uid, owner.st_gid) < 0)
		return io_fault(fault, "given away", path);
	while ((entry = readdir(dir)))
		if (is_name(entry) &&
			fchownat(dirfd(dir), entry->d_name, owner.st_uid, owner.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
			return io_fault(fault, "given away", path);
	return 0;
}
