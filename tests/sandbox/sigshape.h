/* sigshape: the structure of one Signature element, checked before any digest is calculated */
#ifndef SANDBOX_SIGSHAPE_H
#define SANDBOX_SIGSHAPE_H

#include "text.h"

#include <libxml/tree.h>
#include <stdint.h>

#define NS_DS	 "http://www.w3.org/2000/09/xmldsig#"
#define NS_XADES "http://uri.etsi.org/01903/v1.3.2#"

/** struct sigshape - the parts found */
struct sigshape {
	xmlNode *signature;
	int64_t signing_ms;
	struct text certificate; /* DER */
};

/** sigshape_read() - format 7.1, 7.2, 7.4, 7.6; 0 (free @ret with sigshape_done) or 1 with @why S201 */
int sigshape_read(const xmlNode *place, const xmlNode *data, struct sigshape *ret, struct reason *why);

/** sigshape_done() - free */
void sigshape_done(struct sigshape *s);

/** sigshape_is() - true for an element called @tag in namespace @ns */
bool sigshape_is(const xmlNode *node, const char *ns, const char *tag);

#endif
