/* status: the sentences of `hoadon status` that other commands say too. */
#ifndef HOADON_CLI_STATUS_H
#define HOADON_CLI_STATUS_H

#include "cli/cli.h"
#include "store/status.h"

/* Behind enum status_reason: nothing the store knows of. */
#define STATUS_FILES	     (1 << 16)
#define STATUS_DISK_FULL     (1 << 17)
#define STATUS_DISK_FAILING  (1 << 18)
#define STATUS_NEWER	     (1 << 19)
#define STATUS_KEY_OPENING   (1 << 20)
#define STATUS_KEY_AWAY	     (1 << 21)
#define STATUS_KEY_PASSWORD  (1 << 22)
#define STATUS_KEY_UNFIT     (1 << 23)
#define STATUS_DEADLINE	     (1 << 24)
#define STATUS_ROUTE_FILES   (1 << 25)
#define STATUS_STUCK	     (1 << 26)
#define STATUS_LOCKED	     (1 << 27)
#define STATUS_PRINTER_WAITS (1 << 28)
#define STATUS_PORT_CLOSED   (1 << 12)
#define STATUS_RECEIPTS_WAIT (1 << 13)
#define STATUS_READER_AWAY   (1 << 14)
#define STATUS_PRINTER_AWAY  (1 << 15)

struct status_reason_row {
	int bit;
	const char *word, *en, *vi;
};
/** status_reason_rows - every reason that has a sentence, the most urgent first; ended by a row with word NULL. */
extern const struct status_reason_row status_reason_rows[];

/** status_reason_text() - what @reason, one bit of enum status_reason, is about, and what to do; "" for bits without a sentence of their own. Static. */
const char *status_reason_text(const struct cli *cli, int reason);
/** status_key_reason() - the bit for how a key stands, as key_word() has it; 0 = it is open, or there is none. */
int status_key_reason(const char *standing);
/** status_hold_text() - why no number is taken, and what to do. Static; "" for HOLD_NONE. */
const char *status_hold_text(const struct cli *cli, enum hold_kind kind);
/** status_time_text() - what is doubtful about the time, and what to do. Static; "" for TIME_PROVEN. */
const char *status_time_text(const struct cli *cli, enum time_state state);

#endif
