/* law: the packs of law that were imported, as they were signed. */
#ifndef HOADON_STORE_LAW_H
#define HOADON_STORE_LAW_H

#include "core/law.h"
#include "store/store.h"

struct law_row { /* a pack to keep */
	const struct law *law;
	int64_t imported_at; /* ms UTC */
	const char *pack;    /* the bytes that were signed */
	size_t pack_len;
	const struct bytes *signature; /* DER */
};

/**
 * store_law_add() - keep a pack and say so in the ledger (event law). Inside a transaction.
 * @ret_is_new: false when the same bytes are there already, and nothing was done
 *
 * Return: 0; STORE_CONFLICT when its version is not higher than all others (also the built-in one); < 0.
 */
int store_law_add(struct store *store, const struct law_row *row, bool *ret_is_new, struct fault *fault) MUST_CHECK;
/**
 * store_law_load() - every pack into @book, the lowest version first
 * @arena: holds them for the life of @book
 *
 * Return: 0; FAULT_FORMAT when one is not what was imported; < 0.
 */
int store_law_load(struct store *store, struct law_book *book, struct arena *arena, struct fault *fault) MUST_CHECK;

#endif
