/* mask: what a report for support may hold. Texts are hidden unless they are known to be harmless; a password never passes. */
#ifndef HOADON_CLI_MASK_H
#define HOADON_CLI_MASK_H

#include <cjson/cJSON.h>

#include "base/bytes.h"
#include "cli/cli.h"

struct mask {
	bool is_unmasked;     /* texts pass, but for passwords and keys */
	bool is_blind;	      /* the configuration cannot be read: no sentence passes */
	struct bytes secrets; /* of the password files and the webhook's address; each ended by NUL */
	struct bytes known;   /* what the configuration says of the shop; each ended by NUL */
};

/**
 * mask_init() - learn from the configuration of @cli what is to be hidden
 * @ret: freed with mask_done(), also after a failure
 * Return: 0; CLI_PERMISSION after saying so, when @is_unmasked and a password file may not be read; < 0.
 */
int mask_init(const struct cli *cli, bool is_unmasked, struct mask *ret, struct fault *fault) MUST_CHECK;
/** mask_done() - free, and wipe the secrets. */
void mask_done(struct mask *mask);

/** mask_json() - @json as it may leave: numbers, flags, times and the words of a list pass; sentences without what is known of the shop. 0 or FAULT_MEMORY. */
int mask_json(const struct mask *mask, cJSON *json, struct fault *fault) MUST_CHECK;
/** mask_log() - lines of the log as they may leave: of a line of hoadond its time, event and harmless values; of others nothing but their length. */
void mask_log(const struct mask *mask, const struct bytes *lines, struct bytes *out);

#endif
