/* schema: the XSD of the profile as a second, order-strict check of output (format 13.1) */
#ifndef SANDBOX_SCHEMA_H
#define SANDBOX_SCHEMA_H

#include "text.h"

#include <libxml/tree.h>

/** schema_fault - called for every violation: the node it is about (may be NULL) and libxml2's sentence */
typedef void schema_fault(void *context, const xmlNode *node, const char *sentence);

struct schema;

/** schema_load() - read DIR/PROFILE/NAME.xsd; NULL when it does not exist or is broken (logged) */
struct schema *schema_load(const char *dir, const char *profile, const char *name);

/** schema_free() - free; NULL is allowed */
void schema_free(struct schema *s);

/** schema_check() - report all violations; returns their number, -1 on failure */
int schema_check(const struct schema *s, xmlDoc *doc, schema_fault *report, void *context);

#endif
