/* cleanup: handles that free themselves, and marks the compiler checks. */
#ifndef HOADON_BASE_CLEANUP_H
#define HOADON_BASE_CLEANUP_H

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#define MUST_CHECK   __attribute__((warn_unused_result))
#define CLEANUP(fn)  __attribute__((cleanup(fn)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* DEFINE_CLEANUP(struct x *, x_free) makes x_freep(), for `CLEANUP(x_freep) struct x *x = NULL;`. */
#define DEFINE_CLEANUP(type, fn)                                                                                       \
	__attribute__((unused)) static inline void fn##p(type *p)                                                      \
	{                                                                                                              \
		if (*p)                                                                                                \
			fn(*p);                                                                                        \
	}

DEFINE_CLEANUP(DIR *, closedir)

static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline void closep(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#endif
