/* destroy: the end of a store whose term of keeping is over (law R-STO-3, R-STO-4): its last record, and the files that it consists of. */
#ifndef HOADON_STORE_DESTROY_H
#define HOADON_STORE_DESTROY_H

#include "base/arena.h"
#include "store/ledger.h"

struct destroy_file {
	const char *path;
	int64_t bytes;
	struct destroy_file *next;
};

/* In the order in which they are to be removed. */
struct destroy_list {
	struct arena *arena; /* holds all */
	struct destroy_file *first, *last;
};

/** destroy_add() - DIR/NAME at the end of @list, when there is such a file. 0 or FAULT_MEMORY. */
int destroy_add(struct destroy_list *list, const char *dir, const char *name, struct fault *fault) MUST_CHECK;
/**
 * destroy_find() - the files of @store's mirror, then its own, the database last: cut off in between, the command can be given again
 * @mirror_dir: NULL = there is none; the mirror of another store is left alone
 *
 * Return: 0; FAULT_IO when the medium is not there; < 0. Thread: owner of @store.
 */
int destroy_find(
	struct store *store, const char *mirror_dir, struct destroy_list *list, struct fault *fault) MUST_CHECK;
/**
 * destroy_record() - the last record, the checkpoint over it signed with the key of the ledger, and nothing left in the WAL
 * @invoices, @last_issued_at: how many there are, and when the newest was issued (ms UTC, 0 = there is none)
 *
 * Return: 0 or < 0. Thread: owner of @store, outside a transaction.
 */
int destroy_record(struct store *store, int64_t invoices, int64_t last_issued_at, struct fault *fault) MUST_CHECK;

#endif
