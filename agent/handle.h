/* handle: the store as each thread of hoadond opens it: for writing, with the disk that all handles share, and with the store's key. */
#ifndef HOADON_HANDLE_H
#define HOADON_HANDLE_H

#include "core/config.h"
#include "store/disk.h"
#include "store/store.h"

/**
 * handle_open() - open the store of @config
 * @disk: borrowed for the handle's life
 * @ret:  to be closed with store_close(), also after STORE_LOCKED and when it is set after a failure
 *
 * Return: 0; STORE_LOCKED, with a sentence in @fault, as store_unlock() says; < 0. Thread: the handle belongs to one.
 */
int handle_open(const struct config *config, const struct clock *clock, struct disk *disk, struct store **ret,
	struct fault *fault) MUST_CHECK;
/** handle_open_again() - the same beside a handle that is open: a key that went away meanwhile is a failure. 0 or < 0. */
int handle_open_again(const struct config *config, const struct clock *clock, struct disk *disk, struct store **ret,
	struct fault *fault) MUST_CHECK;

#endif
