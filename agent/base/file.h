/* file: whole files in, whole files out, atomically. Every call is a generated failpoint. */
#ifndef HOADON_BASE_FILE_H
#define HOADON_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
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
/** file_exists() - whether @path names something. */
bool file_exists(const char *path);

#endif
