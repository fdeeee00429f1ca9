/* file: whole files in, whole files out, atomically. Every call is a generated failpoint. */
#ifndef HOADON_BASE_FILE_H
#define HOADON_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/fault.h"

/** file_read() - the whole of regular file @path appended to @ret (its maximum is the cap); 0 or < 0. Never blocks on a FIFO or device. */
int file_read(const char *path, struct bytes *ret, struct fault *fault) MUST_CHECK;
/** file_read_secret() - as file_read(), without line ends at the end: a password in a file of its own. 0 or < 0. */
int file_read_secret(const char *path, struct bytes *ret, struct fault *fault) MUST_CHECK;
/** file_write() - @len bytes to @path with @mode: temporary name, fsync, rename, fsync of the folder. 0 or < 0. */
int file_write(const char *path, const void *bytes, size_t len, mode_t mode, struct fault *fault) MUST_CHECK;
/** file_move() - rename @from to @to and sync both folders. 0 or < 0. */
int file_move(const char *from, const char *to, struct fault *fault) MUST_CHECK;
/** file_remove() - unlink @path; a missing file is no failure. 0 or < 0. */
int file_remove(const char *path, struct fault *fault) MUST_CHECK;
/** file_make_dir() - @path and its parents with @mode; an existing folder is no failure. 0 or < 0. */
int file_make_dir(const char *path, mode_t mode, struct fault *fault) MUST_CHECK;
/** file_open_growing() - @path to be appended to, made 0600 (the folder synced) when missing; @ret_fd is closed by the caller. 0 or < 0. */
int file_open_growing(const char *path, int *ret_fd, struct fault *fault) MUST_CHECK;
/** file_grow() - @len bytes at the end of @fd, durable when it returns 0; on failure a part of them may stand there. @path is for the sentence. */
int file_grow(int fd, const char *path, const void *bytes, size_t len, struct fault *fault) MUST_CHECK;
/** file_size() - bytes of @path; -1 when it cannot be told. */
int64_t file_size(const char *path);
/** file_changed_at() - when content, name or rights of @path last changed, ns by the disk's clock; 0 when it cannot be told. */
int64_t file_changed_at(const char *path);
/** file_room() - bytes that others than root may still write to the disk of the folder of @path; -1 when it cannot be told. */
int64_t file_room(const char *path);
/** file_reserve() - @path with @bytes of room of its own, whatever is in it; without room nothing is left. 0 or < 0. */
int file_reserve(const char *path, int64_t bytes, struct fault *fault) MUST_CHECK;
/** file_exists() - whether @path names something. */
bool file_exists(const char *path);
/** file_is_free() - whether @path names nothing, or an empty folder. */
bool file_is_free(const char *path);

/* A large file that is at its path whole or not at all: until file_part_keep() it is PATH.part, which the next one takes over. */
struct file_part {
	int fd;
	char *path, *temporary;
};
/** file_part_open() - begin @path with mode 0600; what a killed process left of it is thrown away. 0; FAULT_BUSY when another process is writing it; < 0. */
int file_part_open(const char *path, struct file_part *ret, struct fault *fault) MUST_CHECK;
/** file_part_write() - @len bytes at the end. 0 or < 0 (a full disk). */
int file_part_write(struct file_part *part, const void *bytes, size_t len, struct fault *fault) MUST_CHECK;
/** file_part_keep() - sync, give it its name and sync the folder; never in the place of another file. 0 or < 0. */
int file_part_keep(struct file_part *part, struct fault *fault) MUST_CHECK;
/** file_part_done() - close; without file_part_keep() nothing is left. Harmless on zeros. */
void file_part_done(struct file_part *part);

/**
 * file_room_open() - an empty folder @path (0700) that one process at a time works in
 * @ret_fd: holds it; closed by the caller, at the latest with the process
 *
 * Whatever files a killed process left in it are removed, so the name must be ours alone.
 * Return: 0; FAULT_BUSY when another process works there; < 0.
 */
int file_room_open(const char *path, int *ret_fd, struct fault *fault) MUST_CHECK;
/** file_room_remove() - @path and the files in it; a missing one is no failure. 0 or < 0. */
int file_room_remove(const char *path, struct fault *fault) MUST_CHECK;

/**
 * file_give() - as root, give the files in folder @path to whoever has it, and a folder of root's first to whoever has the one around it
 *
 * A service can use then what root made for it. Return: 0, also without doing anything when the caller is not root; < 0.
 */
int file_give(const char *path, struct fault *fault) MUST_CHECK;

/** file_open_to_read() - regular file @path from its beginning. 0 or < 0; @ret_fd and @ret_size are untouched then. */
int file_open_to_read(const char *path, int *ret_fd, int64_t *ret_size, struct fault *fault) MUST_CHECK;
/** file_read_exactly() - the next @len bytes of @fd; fewer is FAULT_IO. @path is for the sentence. 0 or < 0. */
int file_read_exactly(int fd, void *out, size_t len, const char *path, struct fault *fault) MUST_CHECK;

#endif
