/* registry: who is known to the simulated authority (DIR/registry.json) */
#ifndef SANDBOX_REGISTRY_H
#define SANDBOX_REGISTRY_H

#include "text.h"

#include <stdint.h>

struct cJSON;

/** struct seller - one registered taxpayer */
struct seller {
	char tax_code[16];   /* MST */
	char name[512];	     /* TNNT */
	char key[8];	     /* 5 characters of the codes, MCCQT of message 103 */
	unsigned forms;	     /* bit n: form n (KHMSHDon) */
	bool coded, uncoded; /* CMTMTTien, KCMTMTTien of message 103 */
	bool active;
	char tvan[16];				 /* MST of the T-VAN */
	const struct cJSON *certificate_serials; /* hex, lower case; borrowed from the registry */
};

/** struct registry - the parsed file */
struct registry {
	struct cJSON *json;
};

/** registry_load() - read DIR/registry.json; 0, or -1 (logged) */
int registry_load(const char *dir, struct registry *ret);

/** registry_done() - free */
void registry_done(struct registry *r);

/** registry_knows() - true when @list ("tvans" or "providers") holds the tax code */
bool registry_knows(const struct registry *r, const char *list, const char *tax_code);

/** registry_seller() - look up a seller; false when unknown */
bool registry_seller(const struct registry *r, const char *tax_code, struct seller *ret);

/** seller_has_serial() - true when the certificate serial (hex, lower case) is registered */
bool seller_has_serial(const struct seller *s, const char *serial);

#endif
