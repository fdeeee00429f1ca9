/* catalogue: the shop's items (catalogue.csv): what gives each line of a receipt its VAT rate. Pure. File: schemas/capture/CATALOGUE.md. */
#ifndef HOADON_CAPTURE_CATALOGUE_H
#define HOADON_CAPTURE_CATALOGUE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/fault.h"
#include "core/vat.h"

#define CATALOGUE_ROWS_MAX  ((size_t)100000)
#define CATALOGUE_BYTES_MAX ((size_t)32 << 20)

/* UTF-8 NFC, in the catalogue. */
struct catalogue_item {
	const char *code; /* may be NULL */
	const char *name;
	const char *key;  /* of the name, see page_key() */
	const char *unit; /* may be NULL */
	enum vat_rate rate;
	const char *item_class; /* may be NULL */
};

enum catalogue_result {
	CATALOGUE_FOUND = 0,
	CATALOGUE_UNKNOWN = 1,
	CATALOGUE_AMBIGUOUS = 2, /* items whose names differ in their accents alone, and not only in their names */
};

struct catalogue;

/**
 * catalogue_read() - the items of a catalogue.csv
 * @bytes: the file, at most CATALOGUE_BYTES_MAX; need not live on
 * @ret:   to be freed with catalogue_free(); untouched on failure
 * @fault: says the line of the file, what is wrong in it and what to do
 *
 * Nothing of a file with an error is taken: half a catalogue would park half the sales.
 *
 * Return: 0; FAULT_CONFIG; FAULT_MEMORY.
 * Thread: any; what was read may be looked up by many threads.
 * Source: RFC 4180 (quotes); schemas/capture/CATALOGUE.md.
 */
int catalogue_read(const void *bytes, size_t len, struct catalogue **ret, struct fault *fault) MUST_CHECK;

/** catalogue_free() - free @catalogue and its items; NULL is allowed. */
void catalogue_free(struct catalogue *catalogue);
DEFINE_CLEANUP(struct catalogue *, catalogue_free)

/** catalogue_count() - how many items it has. */
size_t catalogue_count(const struct catalogue *catalogue);

/**
 * catalogue_find() - the item that a line of a receipt means, in constant time
 * @code:  as printed (a bar code row); NULL: none. A code that is not in the catalogue is not looked for by name: it names another item.
 * @name:  as printed, NFC; with its accents first, then without (tills without Vietnamese letters)
 * @arena: for the key of @name
 * @ret:   borrowed of @catalogue; untouched unless CATALOGUE_FOUND
 *
 * Return: enum catalogue_result; FAULT_MEMORY.
 */
int catalogue_find(const struct catalogue *catalogue, struct arena *arena, const char *code, const char *name,
	const struct catalogue_item **ret) MUST_CHECK;

#endif
