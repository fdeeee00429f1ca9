/* check: steps 7 to 10 of format 12.1, and the thread that carries them out */
#ifndef SANDBOX_CHECK_H
#define SANDBOX_CHECK_H

#include "sandbox.h"

/** check_message() - check one received message now, store its 204; 0 (also when already done) or -1 (logged) */
int check_message(struct sandbox *sb, const char *id);

/** check_thread() - body of the checking thread: messages in order of their due time until sandbox.stop; pass the sandbox */
void *check_thread(void *sandbox);

#endif
