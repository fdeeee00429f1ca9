/* agent: the composition root, the only part that knows every other. */
#ifndef HOADON_AGENT_H
#define HOADON_AGENT_H

#include "base/fault.h"

#define EXIT_CONFIG 78 /* configuration is wrong (sysexits EX_CONFIG) */
#define EXIT_NEWER  79 /* the store is of a newer program; nothing was taken */

#define EXIT_AGAIN 75 /* the store's key came: to be started again (sysexits EX_TEMPFAIL) */

#define AGENT_NEWER 1 /* conditions of agent_run() */
#define AGENT_AGAIN 2

struct agent_options {
	const char *config_dir;
	const char *clock_file; /* tests only; NULL = the system's clock */
	const char *root;	/* tests only: what stands for "/" where the machine is looked at; NULL = "/" */
};

/**
 * agent_run() - read the configuration, open everything, work until SIGTERM or SIGINT, close everything
 *
 * What was under way when the process died is taken up by the same steps; there is no recovery code. With a store of a newer program it stays,
 * so that tills and systemd hear why nothing is taken, and touches no byte of the store. Before the shop's settings are there (no tax code of the
 * seller) it stays too, and makes no store.
 *
 * A store whose key is not at hand is kept shut in the same way, until the key comes.
 *
 * Return: 0; AGENT_NEWER; AGENT_AGAIN when the key of a locked store came; FAULT_CONFIG when the configuration cannot be used; < 0 else.
 */
int agent_run(const struct agent_options *options, struct fault *fault) MUST_CHECK;

#endif
