/* credential: secrets that systemd sealed for the service, also read while that is stopped. */
#ifndef HOADON_CLI_CREDENTIAL_H
#define HOADON_CLI_CREDENTIAL_H

#include "cli/cli.h"

#define CREDENTIAL_FOLDER "/run/credentials/hoadond.service/" /* where systemd puts them while the service runs */

/** credential_name() - the name of the credential that a setting calls @path; NULL = it is an ordinary file. Borrowed. */
const char *credential_name(const char *path);
/** credential_read() - what lies at @path, or was sealed as a credential of that name below DIR/keys. 0; 1 when nothing can be read. */
int credential_read(const struct cli *cli, const char *path, struct bytes *ret) MUST_CHECK;
/** credential_path() - @path (NULL is allowed), or a file in memory with what was sealed, while the service is stopped; for as long as we run. In the arena. */
const char *credential_path(const struct cli *cli, const char *path);

#endif
