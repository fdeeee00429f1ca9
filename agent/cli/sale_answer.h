/* sale_answer: what hoadond says about one sale, for people; shared by submit, issue, ignore and reissue. */
#ifndef HOADON_CLI_SALE_ANSWER_H
#define HOADON_CLI_SALE_ANSWER_H

#include "cli/daemon.h"

/** sale_answer_read() - the sale in file @path, "-" = stdin, appended to @ret. 0 or < 0. */
int sale_answer_read(const char *path, struct bytes *ret, struct fault *fault) MUST_CHECK;
/** sale_answer_print() - an answer of 2xx: invoice with number, code and QR, or why the sale waits; JSON with --json. 0 or < 0. */
int sale_answer_print(const struct cli *cli, const struct answer *answer, struct fault *fault) MUST_CHECK;

#endif
