#include "store/paper.h"

#include <stdlib.h>

#define NUMBER_MAX 32

/* Rows of meta; the tally counts rows of tables, which fsck compares. */
static const char *const keys[PAPER_COUNTS] = {
	[PAPER_WITHOUT_CODE] = "receipts_without_code",
	[PAPER_LATE_SLIPS] = "late_slips",
	[PAPER_NOT_KEPT] = "receipts_not_kept",
};

int store_paper_get(struct store *store, enum paper_count what, int64_t *ret, struct fault *fault)
{
	BYTES_CLEANUP struct bytes text = {.max = NUMBER_MAX};
	int result = store_meta_get(store, keys[what], &text, fault);

	if (result < 0)
		return result;
	*ret = result == STORE_NONE ? 0 : strtoll((const char *)text.data, NULL, 10);
	return 0;
}

int store_paper_add(struct store *store, enum paper_count what, int64_t n, struct fault *fault)
{
	BYTES_CLEANUP struct bytes text = {.max = NUMBER_MAX};
	int64_t count = 0;
	int result = store_paper_get(store, what, &count, fault);

	if (result)
		return result;
	bytes_int(&text, count + n);
	return store_meta_put(store, keys[what], text.data, text.len, fault);
}
