/* envelope: TDiep/TTChung of an incoming message (format 3) */
#ifndef SANDBOX_ENVELOPE_H
#define SANDBOX_ENVELOPE_H

#include "books.h"

#include <libxml/tree.h>

/** struct envelope - the routing head of a message; strings are empty when absent */
struct envelope {
	char version[8];      /* PBan */
	char sender[16];      /* MNGui */
	char receiver[16];    /* MNNhan */
	int type;	      /* MLTDiep; 0 when unreadable */
	char id[MTDIEP_SIZE]; /* MTDiep; empty unless it has the shape of format 3 */
	char tax_code[16];    /* MST */
	int count;	      /* SLuong; -1 when unreadable */
};

/** envelope_read() - fill in what can be read, then check format 12.1 step 2; 0, or 1 with @why S101 or S103 */
int envelope_read(const xmlDoc *doc, bool accept_216, struct envelope *ret, struct reason *why);

/** envelope_scan() - find MNGui and MTDiep in bytes that are not XML, so that a -1 can name them */
void envelope_scan(const char *body, size_t len, struct envelope *ret);

#endif
