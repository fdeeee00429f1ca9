/* body: the few small JSON bodies of administration, behind the strict gate. Inside web/ only. */
#ifndef HOADON_WEB_BODY_H
#define HOADON_WEB_BODY_H

#include "web/request.h"

/** body_text() - the cleaned, non-empty string member @name of the request's body, in @arena; NULL when it is not that. */
const char *body_text(const struct request *request, const char *name, struct arena *arena) MUST_CHECK;
/** body_list() - the string array @name as "A,B"; NULL when it is not that or a string holds a comma. */
const char *body_list(const struct request *request, const char *name, struct arena *arena) MUST_CHECK;
/** body_scopes() - the member "scopes" (array of sale:write, read, admin, bulk) as bits; 0 when one is unknown; sale:write alone when absent. */
int body_scopes(const struct request *request) MUST_CHECK;
/** body_write_scopes() - bits as a JSON array of words. */
void body_write_scopes(int scopes, struct bytes *out);

#endif
