/*
 * powerloss_check SELLER: opens stores as hoadond does at its start, reads the whole ledger and closes them again.
 * A line of input is the folder of a store; a line of output is `whole` or `broken` and why.
 */
#include <stdio.h>
#include <string.h>

#include "base/ecsign.h"
#include "base/log.h"
#include "store/ledger.h"

#define PATH_ROOM 4096

/* hoadond does not start either when the key of its checkpoints is half a file. */
static int read_key(const char *dir, struct fault *fault)
{
	CLEANUP(ecsign_freep) struct ecsign_key *key = NULL;
	char path[PATH_ROOM + 16];

	snprintf(path, sizeof(path), "%s/ledger.key", dir);
	return ecsign_load_or_make(path, &key, fault);
}

static int check(const char *dir, const char *seller, struct fault *fault)
{
	static const struct clock clock = {0};
	CLEANUP(store_closep) struct store *store = NULL;
	struct ledger_finding finding = {0};
	struct ledger_summary summary = {0};
	int result = store_open(dir, STORE_WRITE, &clock, seller, &store, fault);

	if (result == 0)
		result = read_key(dir, fault);
	if (result == 0)
		result = ledger_check(store, &finding, &summary, NULL, fault);
	if (result > 0)
		return FAULT(fault, FAULT_FORMAT, "record %lld: %s", (long long)finding.seq, finding.text);
	return result;
}

int main(int argc, char **argv)
{
	char dir[PATH_ROOM];

	if (argc != 2)
		return 2;
	log_set_level(LOG_LEVEL_WARNING);
	while (fgets(dir, sizeof(dir), stdin)) {
		struct fault fault = {0};

		dir[strcspn(dir, "\n")] = 0;
		if (check(dir, argv[1], &fault) == 0)
			puts("whole");
		else
			printf("broken %s\n", fault.text);
		fflush(stdout);
	}
	return 0;
}
