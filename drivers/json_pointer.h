/* json_pointer: the place of a value in a JSON text (RFC 6901), as an answer names it. */
#ifndef HOADON_DRIVERS_JSON_POINTER_H
#define HOADON_DRIVERS_JSON_POINTER_H

#include <stddef.h>

#define JSON_POINTER_MAX 96 /* with NUL, as problem.field; what does not fit is cut */

struct json_pointer { /* {0} is the whole text */
	char text[JSON_POINTER_MAX];
	size_t len;
};

/** json_pointer_key() - go into member @key of @len bytes; at most 64 of them are repeated. */
void json_pointer_key(struct json_pointer *pointer, const char *key, size_t len);
/** json_pointer_index() - go into element @index. */
void json_pointer_index(struct json_pointer *pointer, size_t index);
/** json_pointer_text() - UTF-8 text of @pointer, "" when its keys are not UTF-8; borrowed. */
const char *json_pointer_text(struct json_pointer *pointer);

/**
 * json_pointer_at() - the place of byte @offset in @text that is well-formed JSON up to there
 * @offset: a key counts as its member
 * @ret:    set to the whole text when the nesting is too deep to be named
 */
void json_pointer_at(const char *text, size_t len, size_t offset, struct json_pointer *ret);

#endif
