/* task: what only a person can settle, and what it means in the words of whoever runs a shop. */
#ifndef HOADON_CORE_TASK_H
#define HOADON_CORE_TASK_H

#include <stdbool.h>

struct task_kind {
	const char *word;
	bool is_reissued;	       /* `hoadon task reissue` settles it */
	const char *en, *vi;	       /* what happened; the symbol and number of an invoice may follow */
	const char *next_en, *next_vi; /* what the person does */
};

/** task_kind_find() - the row of @word; for a word that this program does not know, the row that fits any. Static. Thread: any. */
const struct task_kind *task_kind_find(const char *word);

#endif
