/* outage_text: outages and what was noted on them, the same in every command. */
#ifndef HOADON_CLI_OUTAGE_TEXT_H
#define HOADON_CLI_OUTAGE_TEXT_H

#include "base/bytes.h"
#include "cli/cli.h"
#include "store/outages.h"

/** outage_text_find() - the outage that the first word of the command names. 0; CLI_FAILURE after saying that there is none; CLI_USAGE; < 0. */
int outage_text_find(struct cli *cli, struct store *store, struct outage_row *ret, struct fault *fault) MUST_CHECK;
/** outage_text_notes() - a line for each note of @row behind @indent: day, what it is, its text. */
void outage_text_notes(const struct cli *cli, const struct outage_row *row, const char *indent, struct bytes *out);

#endif
