/* fields: names, lengths, types and need of every invoice element (format 5.1 to 5.4) as one table */
#ifndef SANDBOX_FIELDS_H
#define SANDBOX_FIELDS_H

#include "sums.h"

/**
 * fields_check() - check an HDon by name, in any order (format 2.1, 13.1)
 * @invoice: HDon
 * @form:    KHMSHDon
 * @strict:  the tolerances of format 12.2 refuse instead of warn
 * Return: 0; 1 with @why S401, whose text ends with the path.
 */
int fields_check(const xmlNode *invoice, int form, bool strict, struct notes *notes, struct reason *why);

#endif
