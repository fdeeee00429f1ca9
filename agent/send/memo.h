/* memo: what the sender has to remember beyond its messages: a pause, messages to be halved and their families. Kept in the store. */
#ifndef HOADON_SEND_MEMO_H
#define HOADON_SEND_MEMO_H

#include <stdint.h>

#include "store/store.h"

#define MEMO_HALVE_MAX	 128
#define MEMO_FAMILY_MAX	 32
#define MEMO_MEMBERS_MAX 8
#define MEMO_REFUSED_MAX 7 /* whole messages with nothing accepted: two levels of halving (law R-SEND-8) */

/* A refused message and its halves, as long as nothing of them was accepted. */
struct memo_family {
	int64_t refused; /* messages of it refused so far */
	int64_t members
		[MEMO_MEMBERS_MAX]; /* open or to be halved; negative = refused, its invoices stay with it until the family is decided */
	size_t count;
};

struct memo {
	int64_t paused_until;	       /* ms UTC: nothing is packed or submitted before (law R-REG-4) */
	int64_t alone;		       /* messages of one invoice refused whole in a row, since one was looked into */
	int64_t halve[MEMO_HALVE_MAX]; /* refused messages whose invoices wait to be halved, oldest first */
	size_t halve_count;
	struct memo_family families[MEMO_FAMILY_MAX];
	size_t family_count;
};

/** memo_load() - as stored; all zero when nothing is. 0 or < 0. */
int memo_load(struct store *store, struct memo *ret, struct fault *fault) MUST_CHECK;
/** memo_save() - inside a transaction. 0 or < 0. */
int memo_save(struct store *store, const struct memo *memo, struct fault *fault) MUST_CHECK;
/** memo_halve_add() - message @id at the end; the caller sees to it that there is room. */
void memo_halve_add(struct memo *memo, int64_t id);
/** memo_halve_drop() - without the first. */
void memo_halve_drop(struct memo *memo);
/** memo_family_find() - the family of open message @id, NULL when it has none. */
struct memo_family *memo_family_find(struct memo *memo, int64_t id);
/** memo_family_add() - a new family that begins with @id; NULL when there is no room: it is then not watched. */
struct memo_family *memo_family_add(struct memo *memo, int64_t id);
/** memo_family_replace() - @id by its halves @first and @second (0 = none). */
void memo_family_replace(struct memo *memo, int64_t id, int64_t first, int64_t second);
/** memo_family_hold() - member @id was refused and waits for the others. */
void memo_family_hold(struct memo_family *family, int64_t id);
/** memo_family_is_over() - whether every member waits. */
bool memo_family_is_over(const struct memo_family *family);
/** memo_family_drop() - forget @family, which lies in @memo. */
void memo_family_drop(struct memo *memo, struct memo_family *family);

#endif
