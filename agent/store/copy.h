/* copy: the store as it stands, in another folder; what writes to the original goes on meanwhile. */
#ifndef HOADON_STORE_COPY_H
#define HOADON_STORE_COPY_H

#include "store/store.h"

/** store_copy() - one consistent picture of @store, opened in any mode, as DIR/current.db; the folder exists, the file does not. 0 or < 0. */
int store_copy(struct store *store, const char *dir, struct fault *fault) MUST_CHECK;

#endif
