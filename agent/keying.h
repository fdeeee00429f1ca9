/* keying: a thread that opens the key, however long that takes, and hands it over; until then invoices are issued and wait. */
#ifndef HOADON_KEYING_H
#define HOADON_KEYING_H

#include "core/config.h"
#include "issue/key.h"
#include "store/store.h"

struct keying;

/**
 * keying_start() - start the thread that opens the key of [key]
 *
 * A key that is not at hand is looked for until it is. One whose password is wrong, or that will not do, is not tried again before the
 * password, or the key's file, is another: a token would lock its PIN.
 *
 * Return: 0; < 0.
 */
int keying_start(
	const struct config *config, const struct clock *clock, struct keying **ret, struct fault *fault) MUST_CHECK;
/** keying_wait() - until it was tried for the first time, half a second at most: an ordinary file is open before the first sale. NULL is allowed. */
void keying_wait(struct keying *keying);
/** keying_key() - the key, for whoever signs; borrowed. NULL when @keying is. Thread: any. */
const struct key *keying_key(const struct keying *keying);
/** keying_look() - once a second, with main's own @store: open or close the task of a key that a person has to change, and wrap the store's key to one that opened. Thread: main. */
void keying_look(struct keying *keying, struct store *store);
/** keying_stop() - end the thread, close the key and free; NULL is allowed. A key that hangs is waited for 5 s and then left behind. After everybody who signs. */
void keying_stop(struct keying *keying);

#endif
