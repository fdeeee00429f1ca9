/* ports: how the ports that tills print to stand, as hoadond, `hoadon status` and the fleet's file say it. */
#ifndef HOADON_CORE_PORTS_H
#define HOADON_CORE_PORTS_H

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

/** ports_word() - the word of an enum ports_standing; "?" outside the range. Static. Thread: any. */
const char *ports_word(int standing);

#endif
