/* ports: how the ports that tills print to stand, as hoadond, `hoadon status` and the fleet's file say it. */
#ifndef HOADON_CORE_PORTS_H
#define HOADON_CORE_PORTS_H

#include <stdint.h>

#include "core/state.h"

/* X(NAME, "word"): the later is the worse; of all ports the worst is told. */
#define PORTS_STANDINGS(X)                                                                                                   \
	X(OK, "ok")                                                                                                          \
	X(PRINTER_WAITS,                                                                                                     \
		"printer-waits") /* it is there and takes nothing: no paper, switched to local, or another program has it */ \
	X(PRINTER_AWAY, "printer-away")	  /* when a till printed last, its printer could not be reached */                   \
	X(READER_AWAY, "reader-away")	  /* what is printed is kept, and nobody reads it now */                             \
	X(RECEIPTS_WAIT, "receipts-wait") /* read, and the issuer does not take them */                                      \
	X(CLOSED, "closed")		  /* a port cannot be opened: its till cannot print */
enum ports_standing {
#define X(name, word) PORTS_##name,
	PORTS_STANDINGS(X)
#undef X
		PORTS_STANDING_COUNT
};

struct ports_row { /* of one [port NAME], counted since hoadond started; the loop's thread alone */
	const char *name;
	enum ports_standing standing;	 /* kept true to a second */
	int64_t receipts;		 /* that were read */
	int64_t strangers;		 /* of them: from somebody who is not enrolled, kept or not */
	int64_t readers_gone;		 /* that died, or were ended because they were stuck or lied */
	int64_t sales[SALE_STATE_COUNT]; /* that the receipts became; what was there before is counted once */
};

/** ports_word() - the word of an enum ports_standing; "?" outside the range. Static. Thread: any. */
const char *ports_word(int standing);

#endif
