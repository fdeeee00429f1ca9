/* check_invoice: what can be said about one HDon by itself (format 12.1 step 9) */
#ifndef SANDBOX_CHECK_INVOICE_H
#define SANDBOX_CHECK_INVOICE_H

#include "books.h"
#include "knobs.h"
#include "registry.h"
#include "sums.h"

/** struct rules - what an invoice is checked against */
struct rules {
	const struct knobs *knobs;
	const struct registry *registry;
	const struct seller *seller;
	int type;  /* MLTDiep: 206 with code, 216 without */
	int today; /* local day of receipt, from 1970-01-01 */
};

/** invoice_read() - identity, code, date, totals and SHA-256 of an HDon, as far as readable */
void invoice_read(xmlNode *node, struct invoice *ret);

/** invoice_check() - 0; 1 with @why S401 to S404, S407 or S408 */
int invoice_check(const struct rules *rules, const xmlNode *node, const struct invoice *i, struct notes *notes,
	struct reason *why);

/** invoice_related() - identity named in TTHDLQuan, to be looked up in the books; false when there is none to look up */
bool invoice_related(const xmlNode *node, struct invoice *ret);

#endif
