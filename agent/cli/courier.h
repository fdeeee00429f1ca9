/* courier: what the commands of the courier share. */
#ifndef HOADON_CLI_COURIER_H
#define HOADON_CLI_COURIER_H

#include "cli/cli.h"
#include "cli/parcel.h"

#define COURIER_WAIT_MS	 ((int64_t)120000) /* hoadond may be in the middle of a call of its route */
#define COURIER_PAUSE_MS 100

/** courier_key_path() - --key, else courier.pem in the configuration folder; NULL without memory. Borrowed. */
const char *courier_key_path(const struct cli *cli);
/** courier_open() - the manifest of folder @dir, which must be there. 0; CLI_FAILURE after saying that there is none; < 0. */
int courier_open(struct cli *cli, const char *dir, struct manifest *ret, struct fault *fault) MUST_CHECK;
/** courier_wait() - ask @is_done, with pauses of @pause_ms, for up to @ms. 0 it is; 1 time is over; < 0 of @is_done. */
int courier_wait(int64_t ms, int64_t pause_ms, int (*is_done)(void *context, struct fault *fault), void *context,
	struct fault *fault) MUST_CHECK;

#endif
