/*
 * faulty: a preloaded library that makes calls of the program fail. FAULTY names a file of 8-byte integers that the test and the program share:
 *   [0]      errno for calls on files below the folder FAULTY_DIR
 *   [1]      which of them fail, bits: 1 write, 2 sync, 4 open for writing and every change of the folder
 *   [2] [3]  only the N-th write, sync from now on fails; 0 = by [1]
 *   [4]      the N-th malloc, calloc or realloc from now on fails; 0 = none
 *   [5]      calls that failed
 *   [6] [7]  ms that trying the password of a PKCS#12 file takes longer; times that one was tried
 * tests/faulty.py builds and drives it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ERRNO, OPS, NTH_WRITE, NTH_SYNC, NTH_MALLOC, FAILED, KEY_MS, KEY_TRIES, WORDS };
enum { WRITE = 1, SYNC = 2, CHANGE = 4 };

static _Atomic long long *shared; /* NULL before the constructor ran, or without FAULTY */
static const char *folder;

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void attach(void)
{
	const char *path = getenv("FAULTY");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map =
		fd >= 0 ? mmap(NULL, WORDS * sizeof(long long), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;

	if (fd >= 0)
		close(fd);
	folder = getenv("FAULTY_DIR");
	if (map != MAP_FAILED)
		shared = map;
}

static int is_ours(const char *path)
{
	return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_our_file(int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len <= 0)
		return 0;
	path[len] = 0;
	return is_ours(path);
}

/* Whether it is the turn of this call: the N-th, exactly once. */
static int is_nth(int word)
{
	return atomic_load(&shared[word]) > 0 && atomic_fetch_sub(&shared[word], 1) == 1;
}

static int refuse(void)
{
	atomic_fetch_add(&shared[FAILED], 1);
	errno = (int)atomic_load(&shared[ERRNO]);
	return -1;
}

static int fails(int op, int nth, int fd)
{
	if (!shared || !is_our_file(fd))
		return 0;
	return (nth && is_nth(nth)) || (atomic_load(&shared[OPS]) & op);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	return fails(WRITE, NTH_WRITE, fd) ? refuse() : NEXT(write)(fd, bytes, len);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return fails(WRITE, NTH_WRITE, fd) ? refuse() : NEXT(pwrite)(fd, bytes, len, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	return fails(WRITE, NTH_WRITE, fd) ? refuse() : NEXT(pwrite64)(fd, bytes, len, at);
}

int ftruncate(int fd, off_t len)
{
	return fails(WRITE, NTH_WRITE, fd) ? refuse() : NEXT(ftruncate)(fd, len);
}

int ftruncate64(int fd, off64_t len)
{
	return fails(WRITE, NTH_WRITE, fd) ? refuse() : NEXT(ftruncate64)(fd, len);
}

int fsync(int fd)
{
	return fails(SYNC, NTH_SYNC, fd) ? refuse() : NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
	return fails(SYNC, NTH_SYNC, fd) ? refuse() : NEXT(fdatasync)(fd);
}

static int is_refused_path(const char *path)
{
	return shared && (atomic_load(&shared[OPS]) & CHANGE) && is_ours(path);
}

#define OPEN(name)                                                                                                     \
	int name(const char *path, int flags, ...)                                                                     \
	{                                                                                                              \
		va_list rest;                                                                                          \
		mode_t mode;                                                                                           \
		va_start(rest, flags);                                                                                 \
		mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;                                       \
		va_end(rest);                                                                                          \
		if ((flags & (O_ACCMODE | O_CREAT)) != O_RDONLY && is_refused_path(path))                              \
			return refuse();                                                                               \
		return NEXT(name)(path, flags, mode);                                                                  \
	}
OPEN(open)
OPEN(open64)

int unlink(const char *path)
{
	return is_refused_path(path) ? refuse() : NEXT(unlink)(path);
}

int rename(const char *from, const char *to)
{
	return is_refused_path(to) ? refuse() : NEXT(rename)(from, to);
}

static int lacks_memory(void)
{
	if (!shared || !is_nth(NTH_MALLOC))
		return 0;
	atomic_fetch_add(&shared[FAILED], 1);
	errno = ENOMEM;
	return 1;
}

/* Whoever comes next, also a sanitizer. Called before the constructor too. */
void *malloc(size_t len)
{
	static __typeof__(&malloc) next;

	if (!next)
		next = NEXT(malloc);
	return lacks_memory() ? NULL : next(len);
}

void *calloc(size_t count, size_t len)
{
	static __typeof__(&calloc) next;

	if (!next)
		next = NEXT(calloc);
	return lacks_memory() ? NULL : next(count, len);
}

void *realloc(void *old, size_t len)
{
	static __typeof__(&realloc) next;

	if (!next)
		next = NEXT(realloc);
	return lacks_memory() ? NULL : next(old, len);
}

/* Of libcrypto: what a token, or a file with many iterations, takes its time for. */
int PKCS12_verify_mac(void *p12, const char *password, int len);
int PKCS12_verify_mac(void *p12, const char *password, int len)
{
	if (shared) {
		atomic_fetch_add(&shared[KEY_TRIES], 1);
		for (long long ms = 0; ms < atomic_load(&shared[KEY_MS]); ms++) /* until the test makes it less */
			usleep(1000);
	}
	return NEXT(PKCS12_verify_mac)(p12, password, len);
}
