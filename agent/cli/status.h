/* status: the sentences of `hoadon status` that other commands say too. */
#ifndef HOADON_CLI_STATUS_H
#define HOADON_CLI_STATUS_H

#include "cli/cli.h"
#include "store/status.h"

/** status_reason_text() - what @reason, one bit of enum status_reason, is about, and what to do; "" for bits without a sentence of their own. Static. */
const char *status_reason_text(const struct cli *cli, int reason);
/** status_key_reason() - the bit for how a key stands, as key_word() has it; 0 = it is open, or there is none. */
int status_key_reason(const char *standing);
/** status_hold_text() - why no number is taken, and what to do. Static; "" for HOLD_NONE. */
const char *status_hold_text(const struct cli *cli, enum hold_kind kind);
/** status_time_text() - what is doubtful about the time, and what to do. Static; "" for TIME_PROVEN. */
const char *status_time_text(const struct cli *cli, enum time_state state);

#endif
