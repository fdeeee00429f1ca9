/* framing: tills that send STX length data ETX LRC over a serial line: what they say, unpacked, and what they are answered. Pure. */
#ifndef HOADON_CAPTURE_FRAMING_H
#define HOADON_CAPTURE_FRAMING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define FRAMING_DATA_MAX 9999 /* bytes of one block: its length is four decimal digits */
#define FRAMING_TRIES	 3    /* of one block; behind that the till gives it up */
#define FRAMING_PAUSE_MS 500  /* of silence: what began comes to no end, and the till waits for a word (2 s) */

/*
 * A block: STX, its length (two bytes, four decimal digits, high first), so many bytes, ETX, LRC: exclusive or of all behind STX up to and with ETX.
 * ENQ asks whether we are there, EOT ends. Answered by ACK, or NAK for what is not right: the till sends it again.
 */
struct framing {
	uint8_t block[FRAMING_DATA_MAX + 5];
	size_t len;   /* of block, from STX on; 0 = between blocks */
	bool is_lost; /* this is no block: nothing is heard until the till is silent */
	int refused;  /* in a row */
	bool is_torn; /* a block was given up: what came is not all */
};

/**
 * framing_feed() - @len bytes of the till
 * @data:    gets what right blocks hold, at most what was fed and FRAMING_DATA_MAX
 * @answers: gets what the till is answered, at most a byte for each that was fed
 *
 * In any pieces the same comes out. A zeroed struct framing is at the beginning.
 * Thread: one at a time for each @framing.
 * Source: the frame that public programs for terminals at tills agree on; commands differ
 */
void framing_feed(struct framing *framing, const uint8_t *bytes, size_t len, struct bytes *data, struct bytes *answers);
/** framing_is_open() - whether a block is on its way, or what is none. */
bool framing_is_open(const struct framing *framing);
/** framing_silent() - nothing came for FRAMING_PAUSE_MS: what is on its way is refused. */
void framing_silent(struct framing *framing, struct bytes *answers);
/** framing_ends_torn() - whether, if the till says no more, what came is not all that it said. */
bool framing_ends_torn(const struct framing *framing);

#endif
