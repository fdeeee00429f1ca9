/* json_write: JSON out, straight into a buffer. */
#ifndef HOADON_BASE_JSON_WRITE_H
#define HOADON_BASE_JSON_WRITE_H

#include "base/bytes.h"

/** json_string() - @text (UTF-8) as a JSON string with quotes; NULL is written as null. */
void json_string(struct bytes *out, const char *text);
/** json_key() - `"key":`, with a comma before it unless it is the first member of its object. */
void json_key(struct bytes *out, const char *key);
/** json_member() - key and string value. */
void json_member(struct bytes *out, const char *key, const char *text);
/** json_member_int() - key and number. */
void json_member_int(struct bytes *out, const char *key, int64_t value);
/** json_member_flag() - key and true or false. */
void json_member_flag(struct bytes *out, const char *key, bool value);

#endif
