/* sandbox: a simulated tax authority of our own, started for a rehearsal and gone behind it; hoadon-sandbox must be installed. */
#ifndef HOADON_CLI_SANDBOX_H
#define HOADON_CLI_SANDBOX_H

#include "cli/cli.h"

struct sandbox {
	char dir[64];
	pid_t pid;
	struct config_authority route;
};

/** sandbox_is_there() - whether hoadon-sandbox lies beside this program. */
bool sandbox_is_there(void);
/**
 * sandbox_start() - an authority that knows the seller of @cli, and a route and a key for it
 * @config: made those of @cli, but for the one route, the key and the sender, which are the sandbox's; in the arena of @cli, used until sandbox_stop()
 *
 * Return: 0 once it listens; < 0. Either way sandbox_stop() ends it.
 */
int sandbox_start(struct cli *cli, struct sandbox *ret, struct config *config, struct fault *fault) MUST_CHECK;
/** sandbox_stop() - nothing is left of it. Harmless on zeros. */
void sandbox_stop(struct sandbox *sandbox);

#endif
