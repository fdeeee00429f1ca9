/* xml_write: writes XML that is already canonical (C14N 1.0): what is stored is what is digested. */
#ifndef HOADON_WIRE_XML_WRITE_H
#define HOADON_WIRE_XML_WRITE_H

#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/decimal.h"

/*
 * The caller names elements and writes attributes in canonical order (namespace first, then sorted); the writer escapes. Tags are
 * string literals: their bytes are not checked. Source: Canonical XML 1.0, section 2.3; signing section 2.
 */

/* The _n forms take the length of the tag; what the others add is known when they are compiled. */
void xml_open_n(struct bytes *out, const char *tag, size_t tag_len);
void xml_close_n(struct bytes *out, const char *tag, size_t tag_len);
void xml_element_n(struct bytes *out, const char *tag, size_t tag_len, const char *text);
void xml_element_int_n(struct bytes *out, const char *tag, size_t tag_len, int64_t value);
void xml_element_decimal_n(struct bytes *out, const char *tag, size_t tag_len, struct decimal value);

/** xml_open() - `<tag>`. */
static inline void xml_open(struct bytes *out, const char *tag)
{
	xml_open_n(out, tag, strlen(tag));
}
/** xml_open_attr() - `<tag name="value">`, value escaped as an attribute. */
void xml_open_attr(struct bytes *out, const char *tag, const char *name, const char *value);
/** xml_close() - `</tag>`. */
static inline void xml_close(struct bytes *out, const char *tag)
{
	xml_close_n(out, tag, strlen(tag));
}
/** xml_text() - character data, escaped: & < > and CR. */
void xml_text(struct bytes *out, const char *text);
/** xml_attr_text() - an attribute's value, escaped: & < " TAB LF CR. */
void xml_attr_text(struct bytes *out, const char *value);
/** xml_element() - `<tag>text</tag>`; nothing at all when @text is NULL or empty (an optional element without value is left out, format 2.1). */
static inline void xml_element(struct bytes *out, const char *tag, const char *text)
{
	xml_element_n(out, tag, strlen(tag), text);
}
/** xml_element_int() - `<tag>123</tag>`. */
static inline void xml_element_int(struct bytes *out, const char *tag, int64_t value)
{
	xml_element_int_n(out, tag, strlen(tag), value);
}
/** xml_element_decimal() - `<tag>0.735</tag>`, no trailing zeros (format 2.2). */
static inline void xml_element_decimal(struct bytes *out, const char *tag, struct decimal value)
{
	xml_element_decimal_n(out, tag, strlen(tag), value);
}

#endif
