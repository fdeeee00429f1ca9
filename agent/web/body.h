/* body: the few small JSON bodies of administration, behind the strict gate. Inside web/ only. */
#ifndef HOADON_WEB_BODY_H
#define HOADON_WEB_BODY_H

#include "web/request.h"

struct cJSON; /* the body as read; NULL is one without members */

/** body_read() - the body of @request; NULL when it is not the JSON that the gate lets through. Freed with body_free(). */
struct cJSON *body_read(const struct request *request) MUST_CHECK;
/** body_free() - NULL is allowed. */
void body_free(struct cJSON *body);
DEFINE_CLEANUP(struct cJSON *, body_free)
/** body_text() - the cleaned, non-empty string member @name of at most 255 code points, in @arena; NULL when it is not that. */
const char *body_text(const struct cJSON *body, const char *name, struct arena *arena) MUST_CHECK;
/** body_long_text() - as body_text(), of at most @max code points. */
const char *body_long_text(const struct cJSON *body, const char *name, size_t max, struct arena *arena) MUST_CHECK;
/** body_list() - the string array @name as "A,B"; NULL when it is not that or a string holds a comma. */
const char *body_list(const struct cJSON *body, const char *name, struct arena *arena) MUST_CHECK;
/** body_scopes() - the member "scopes" (array of sale:write, read, admin, bulk) as bits; 0 when one is unknown; sale:write alone when absent. */
int body_scopes(const struct cJSON *body) MUST_CHECK;
/** body_write_scopes() - bits as a JSON array of words. */
void body_write_scopes(int scopes, struct bytes *out);

#endif
