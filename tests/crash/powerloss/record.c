/*
 * record: what a program does to the files of one folder, and what it tells whom, in the order in which it happens. To be loaded with
 * LD_PRELOAD; HOADON_RECORD names the trace, which several programs may share, HOADON_RECORD_DIR the folder. disk.py reads the trace.
 *
 * A change of a file is written down behind the change, a sync twice (before and behind), and what is told to others before it leaves.
 * Not seen: stdio and memory maps. powerloss.py compares the replayed trace with the real folder, so that nobody need believe this list.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <openssl/ssl.h>
#include <sqlite3.h>

/* The function that would have been called without this library. */
#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

enum event {
	EVENT_MAKE = 'm', /* a name and a new file */
	EVENT_MAKE_DIR = 'd',
	EVENT_WRITE = 'w',
	EVENT_SIZE = 't',   /* at = the new size */
	EVENT_RENAME = 'r', /* the bytes are the new name */
	EVENT_LINK = 'l',   /* the same */
	EVENT_REMOVE = 'u',
	EVENT_SYNC = '(', /* at = the thread, which is in one sync at a time */
	EVENT_SYNC_END = ')',
	EVENT_ANSWER = 'a', /* bytes for a unix socket: the tills' door */
	EVENT_TELL = 's',   /* bytes for a TLS connection, in clear: the authority */
};

/* In front of each event; the path and the bytes follow. */
struct head {
	uint32_t event, path_len;
	uint64_t object; /* inode and device (disk.py computes the same), or number of the socket */
	int64_t at;
	uint64_t len;
};

enum target { TARGET_OTHER, TARGET_FILE, TARGET_DOOR };

struct spot {
	char path[PATH_MAX];
	uint64_t object;
};

static int trace_fd = -1;
static const char *folder = "";
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void)
{
	const char *trace = getenv("HOADON_RECORD");

	if (!trace || !getenv("HOADON_RECORD_DIR"))
		return;
	folder = getenv("HOADON_RECORD_DIR");
	trace_fd = (int)syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* One system call, so that the events of several programs do not mix. A trace with a hole would prove nothing: better no program. */
static void note(enum event event, const struct spot *spot, int64_t at, const void *bytes, size_t len)
{
	struct head head = {event, (uint32_t)strlen(spot->path), spot->object, at, len};
	struct iovec parts[] = {{&head, sizeof(head)}, {(void *)spot->path, head.path_len}, {(void *)bytes, len}};

	if (trace_fd >= 0 && syscall(SYS_writev, trace_fd, parts, 3) != (long)(sizeof(head) + head.path_len + len))
		abort();
}

/* The wal-index is shared memory and no part of what a disk keeps: SQLite makes it anew after a power cut. */
static bool is_ours(const char *path)
{
	size_t len = strlen(folder);

	return len && !strncmp(path, folder, len) && (!path[len] || path[len] == '/') && !strstr(path, "-shm");
}

static uint64_t object_of(const struct stat *info)
{
	return info->st_ino ^ (uint64_t)info->st_dev << 40;
}

static enum target target_of(int fd, struct spot *spot)
{
	char link[32];
	struct stat info;
	int domain = 0;
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, spot->path, sizeof(spot->path) - 1);
	if (len < 0 || fstat(fd, &info) < 0)
		return TARGET_OTHER;
	spot->path[len] = 0;
	spot->object = object_of(&info);
	if (S_ISSOCK(info.st_mode))
		return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &(socklen_t){sizeof(domain)}) == 0 &&
				       domain == AF_UNIX
			       ? TARGET_DOOR
			       : TARGET_OTHER;
	return is_ours(spot->path) ? TARGET_FILE : TARGET_OTHER;
}

static bool find_name(int dir, const char *path, struct spot *spot)
{
	char link[32] = "/proc/self/cwd";
	ssize_t len = 0;

	spot->object = 0;
	if (dir != AT_FDCWD)
		snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
	if (path[0] != '/' && (len = readlink(link, spot->path, sizeof(spot->path) - 1)) < 0)
		return false;
	snprintf(spot->path + len, sizeof(spot->path) - (size_t)len, "%s%s", len ? "/" : "", path);
	return is_ours(spot->path);
}

static void note_parts(
	enum event event, const struct spot *spot, int64_t at, const struct iovec *parts, int count, ssize_t left)
{
	for (int i = 0; i < count && left > 0; i++) {
		size_t len = parts[i].iov_len < (size_t)left ? parts[i].iov_len : (size_t)left;

		note(event, spot, at, parts[i].iov_base, len);
		at += (int64_t)len;
		left -= (ssize_t)len;
	}
}

/* ---- bytes ---- */

/* Where the file's own place is used, it is known only behind the call. */
#define WRITE_FILE(fd, parts, count, place, call)                                                                      \
	do {                                                                                                           \
		struct spot spot;                                                                                      \
		enum target target = target_of(fd, &spot);                                                             \
		if (target == TARGET_DOOR)                                                                             \
			note_parts(EVENT_ANSWER, &spot, 0, parts, count, SSIZE_MAX);                                   \
		if (target != TARGET_FILE)                                                                             \
			return call;                                                                                   \
		pthread_mutex_lock(&order);                                                                            \
		ssize_t done = call;                                                                                   \
		if (done > 0)                                                                                          \
			note_parts(EVENT_WRITE, &spot, place, parts, count, done);                                     \
		pthread_mutex_unlock(&order);                                                                          \
		return done;                                                                                           \
	} while (0)

#define OWN_PLACE (lseek(fd, 0, SEEK_CUR) - done)

ssize_t write(int fd, const void *bytes, size_t len)
{
	struct iovec part = {(void *)bytes, len};
	WRITE_FILE(fd, &part, 1, OWN_PLACE, REAL(write)(fd, bytes, len));
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	WRITE_FILE(fd, parts, count, OWN_PLACE, REAL(writev)(fd, parts, count));
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	struct iovec part = {(void *)bytes, len};
	WRITE_FILE(fd, &part, 1, at, REAL(pwrite)(fd, bytes, len, at));
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	struct iovec part = {(void *)bytes, len};
	WRITE_FILE(fd, &part, 1, at, REAL(pwrite64)(fd, bytes, len, at));
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
	WRITE_FILE(fd, parts, count, at, REAL(pwritev)(fd, parts, count, at));
}

/* ---- sizes ---- */

static int note_size(int fd, int result)
{
	struct spot spot;
	struct stat info;

	if (result == 0 && target_of(fd, &spot) == TARGET_FILE && fstat(fd, &info) == 0)
		note(EVENT_SIZE, &spot, info.st_size, NULL, 0);
	pthread_mutex_unlock(&order);
	return result;
}

int ftruncate(int fd, off_t size)
{
	pthread_mutex_lock(&order);
	return note_size(fd, REAL(ftruncate)(fd, size));
}

int ftruncate64(int fd, off64_t size)
{
	pthread_mutex_lock(&order);
	return note_size(fd, REAL(ftruncate64)(fd, size));
}

static int note_path_size(const char *path, int result)
{
	struct spot spot;
	struct stat info;

	if (result == 0 && find_name(AT_FDCWD, path, &spot) && stat(path, &info) == 0) {
		spot.object = object_of(&info);
		note(EVENT_SIZE, &spot, info.st_size, NULL, 0);
	}
	pthread_mutex_unlock(&order);
	return result;
}

int truncate(const char *path, off_t size)
{
	pthread_mutex_lock(&order);
	return note_path_size(path, REAL(truncate)(path, size));
}

int truncate64(const char *path, off64_t size)
{
	pthread_mutex_lock(&order);
	return note_path_size(path, REAL(truncate64)(path, size));
}

int fallocate(int fd, int mode, off_t at, off_t len)
{
	pthread_mutex_lock(&order);
	return note_size(fd, REAL(fallocate)(fd, mode, at, len));
}

int posix_fallocate(int fd, off_t at, off_t len)
{
	pthread_mutex_lock(&order);
	return note_size(fd, REAL(posix_fallocate)(fd, at, len));
}

/* ---- names ---- */

static int note_open(int fd, int flags, bool was_there)
{
	struct spot spot;

	if (fd >= 0 && target_of(fd, &spot) == TARGET_FILE) {
		if (!was_there)
			note(EVENT_MAKE, &spot, 0, NULL, 0);
		else if (flags & O_TRUNC)
			note(EVENT_SIZE, &spot, 0, NULL, 0);
	}
	pthread_mutex_unlock(&order);
	return fd;
}

static bool is_there(int dir, const char *path)
{
	return faccessat(dir, path, F_OK, 0) == 0;
}

#define OPEN(dir, call)                                                                                                \
	do {                                                                                                           \
		mode_t mode = 0;                                                                                       \
		if (flags & O_CREAT) {                                                                                 \
			va_list args;                                                                                  \
			va_start(args, flags);                                                                         \
			mode = va_arg(args, mode_t);                                                                   \
			va_end(args);                                                                                  \
		}                                                                                                      \
		if (!(flags & (O_CREAT | O_TRUNC)))                                                                    \
			return call;                                                                                   \
		pthread_mutex_lock(&order);                                                                            \
		bool was_there = is_there(dir, path);                                                                  \
		return note_open(call, flags, was_there);                                                              \
	} while (0)

int open(const char *path, int flags, ...)
{
	OPEN(AT_FDCWD, REAL(open)(path, flags, mode));
}

int open64(const char *path, int flags, ...)
{
	OPEN(AT_FDCWD, REAL(open64)(path, flags, mode));
}

int openat(int dir, const char *path, int flags, ...)
{
	OPEN(dir, REAL(openat)(dir, path, flags, mode));
}

int openat64(int dir, const char *path, int flags, ...)
{
	OPEN(dir, REAL(openat64)(dir, path, flags, mode));
}

int mkstemp(char *path)
{
	pthread_mutex_lock(&order);
	return note_open(REAL(mkstemp)(path), O_CREAT, false);
}

int mkostemp(char *path, int flags)
{
	pthread_mutex_lock(&order);
	return note_open(REAL(mkostemp)(path, flags), O_CREAT, false);
}

static int note_name(enum event event, int dir, const char *path, int to_dir, const char *to, int result)
{
	struct spot spot, other = {.path = ""};

	if (result == 0 && find_name(dir, path, &spot) && (!to || find_name(to_dir, to, &other)))
		note(event, &spot, 0, other.path, strlen(other.path));
	pthread_mutex_unlock(&order);
	return result;
}

int mkdir(const char *path, mode_t mode)
{
	pthread_mutex_lock(&order);
	return note_name(EVENT_MAKE_DIR, AT_FDCWD, path, 0, NULL, REAL(mkdir)(path, mode));
}

int rename(const char *from, const char *to)
{
	pthread_mutex_lock(&order);
	return note_name(EVENT_RENAME, AT_FDCWD, from, AT_FDCWD, to, REAL(rename)(from, to));
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	pthread_mutex_lock(&order);
	return note_name(EVENT_RENAME, from_dir, from, to_dir, to, REAL(renameat)(from_dir, from, to_dir, to));
}

int link(const char *from, const char *to)
{
	pthread_mutex_lock(&order);
	return note_name(EVENT_LINK, AT_FDCWD, from, AT_FDCWD, to, REAL(link)(from, to));
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	pthread_mutex_lock(&order);
	return note_name(EVENT_LINK, from_dir, from, to_dir, to, REAL(linkat)(from_dir, from, to_dir, to, flags));
}

int unlink(const char *path)
{
	pthread_mutex_lock(&order);
	return note_name(EVENT_REMOVE, AT_FDCWD, path, 0, NULL, REAL(unlink)(path));
}

int unlinkat(int dir, const char *path, int flags)
{
	pthread_mutex_lock(&order);
	return note_name(EVENT_REMOVE, dir, path, 0, NULL, REAL(unlinkat)(dir, path, flags));
}

int rmdir(const char *path)
{
	pthread_mutex_lock(&order);
	return note_name(EVENT_REMOVE, AT_FDCWD, path, 0, NULL, REAL(rmdir)(path));
}

/* ---- syncs ---- */

/* What was written before the begin is on the disk from the end on; what comes between is anybody's guess. */
#define SYNC(call)                                                                                                     \
	do {                                                                                                           \
		struct spot spot;                                                                                      \
		if (target_of(fd, &spot) != TARGET_FILE)                                                               \
			return call;                                                                                   \
		note(EVENT_SYNC, &spot, gettid(), NULL, 0);                                                            \
		int result = call;                                                                                     \
		if (result == 0)                                                                                       \
			note(EVENT_SYNC_END, &spot, gettid(), NULL, 0);                                                \
		return result;                                                                                         \
	} while (0)

int fsync(int fd)
{
	SYNC(REAL(fsync)(fd));
}

int fdatasync(int fd)
{
	SYNC(REAL(fdatasync)(fd));
}

/* ---- what others are told ---- */

ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
	struct spot spot;

	if (target_of(fd, &spot) == TARGET_DOOR)
		note(EVENT_ANSWER, &spot, 0, bytes, len);
	return REAL(send)(fd, bytes, len, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct spot spot;

	if (target_of(fd, &spot) == TARGET_DOOR)
		note_parts(EVENT_ANSWER, &spot, 0, message->msg_iov, (int)message->msg_iovlen, SSIZE_MAX);
	return REAL(sendmsg)(fd, message, flags);
}

int SSL_write(SSL *ssl, const void *bytes, int len)
{
	struct spot spot = {.object = (uint64_t)(uintptr_t)ssl};

	note(EVENT_TELL, &spot, 0, bytes, len > 0 ? (size_t)len : 0);
	return REAL(SSL_write)(ssl, bytes, len);
}

/* ---- the controls ---- */

/*
 * Not a record but its opposite: behind the program's own settings come those of HOADON_RECORD_SQL, so that the same program runs with a
 * weaker promise of SQLite, and powerloss.py can show that it would notice.
 */
int sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *context, char **error)
{
	const char *weaker = getenv("HOADON_RECORD_SQL");
	int rc = REAL(sqlite3_exec)(db, sql, row, context, error);

	if (rc != SQLITE_OK || !weaker || !sql || !strstr(sql, "synchronous = FULL"))
		return rc;
	return REAL(sqlite3_exec)(db, weaker, NULL, NULL, error);
}
