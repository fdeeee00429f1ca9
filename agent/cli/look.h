/* look: every look and export of an officer is itself a record of the ledger (law R-STO-2). */
#ifndef HOADON_CLI_LOOK_H
#define HOADON_CLI_LOOK_H

#include "cli/daemon.h"

/** look_record() - have running hoadond write @event ("look", "export") with @detail. 0; an exit code after saying why not; < 0. */
int look_record(struct cli *cli, const char *event, const char *detail, struct fault *fault) MUST_CHECK;

#endif
