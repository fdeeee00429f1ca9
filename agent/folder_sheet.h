/* folder_sheet: a file of bills from the folder, CSV or XML, and what became of each of them. Main loop. */
#ifndef HOADON_FOLDER_SHEET_H
#define HOADON_FOLDER_SHEET_H

#include "capture/driver.h"
#include "core/config.h"
#include "core/slot.h"
#include "store/store.h"

#define SHEET_YOUNG_MS 10000 /* a file that is not whole, but was written to within this time, is looked at again */

struct sheets;	   /* how files of bills are read here */
struct sheet_file; /* one of them, under way */

/** sheets_new() - read the column map and the catalogue of @config. 0 or < 0. Thread: main. */
int sheets_new(const struct config *config, struct sheets **ret, struct fault *fault) MUST_CHECK;
/** sheets_free() - NULL is allowed. */
void sheets_free(struct sheets *sheets);
DEFINE_CLEANUP(struct sheets *, sheets_free)

/** sheet_format() - "csv" or "xml", by the end of file name @name; NULL: it is no file of bills. */
const char *sheet_format(const char *name);

/**
 * sheet_open() - read @item, whose bytes are borrowed until sheet_close()
 * @store: says what the time is, and whether the same bytes were kept by a process that was killed
 * @now:   ms UTC by the machine's clock, as item->changed_at
 * @ret:   closed with sheet_close(); untouched unless 0
 *
 * Return: 0, also where it is no list of bills: then sheet_next() gives the one slot that says so; SOURCE_LATER when it seems to be half
 * written; < 0. Thread: main.
 */
int sheet_open(struct sheets *sheets, struct store *store, const struct source_item *item, int64_t now,
	struct sheet_file **ret, struct fault *fault) MUST_CHECK;
/** sheet_close() - NULL is allowed. */
void sheet_close(struct sheet_file *file);
DEFINE_CLEANUP(struct sheet_file *, sheet_close)

/** sheet_next() - what is to be done next with @file: the file itself is kept, then each of its bills; @ret NULL: all is done. 0 or < 0. */
int sheet_next(struct sheet_file *file, struct slot **ret, struct fault *fault) MUST_CHECK;

/** sheet_settle() - hear what became of the slot last given; @answer is its JSON. SOURCE_LATER: nothing more can be done now. */
enum source_fate sheet_settle(struct sheet_file *file, const struct slot *slot, const struct bytes *answer);

/** sheet_answer() - what became of all: @ret_fate of the file, and the JSON of it into @out. */
void sheet_answer(const struct sheet_file *file, enum source_fate *ret_fate, struct bytes *out);

#endif
