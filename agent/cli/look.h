/* look: every look and export of an officer is itself a record of the ledger (law R-STO-2). */
#ifndef HOADON_CLI_LOOK_H
#define HOADON_CLI_LOOK_H

#include "cli/daemon.h"

/** look_record() - have running hoadond write @event ("look", "export") with @detail. 0; an exit code after saying why not; < 0. */
int look_record(struct cli *cli, const char *event, const char *detail, struct fault *fault) MUST_CHECK;
/** look_export() - record that something leaves the shop, by hoadond or, when it does not run, by ourselves. As look_record(). */
int look_export(struct cli *cli, const char *detail, struct fault *fault) MUST_CHECK;

#endif
