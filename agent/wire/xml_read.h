/* xml_read: foreign XML by libxml2 with our fixed profile: no DOCTYPE, no network, caps before a tree exists. */
#ifndef HOADON_WIRE_XML_READ_H
#define HOADON_WIRE_XML_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libxml/tree.h>

#include "base/cleanup.h"

struct xml_limits {
	size_t bytes, depth, text, attributes;
};
extern const struct xml_limits xml_limits_default; /* 8 MiB, 64, 64 KiB, 64 */

/**
 * xml_read() - parse
 * @ret_rule: name of the first broken rule ("xml.doctype", "xml.wellformed", …), static text; set when 1
 * @ret:      document, freed with xmlFreeDoc(); untouched unless 0
 * Return: 0; 1 refused; FAULT_MEMORY.
 */
int xml_read(const void *bytes, size_t len, const struct xml_limits *limits, xmlDocPtr *ret,
	const char **ret_rule) MUST_CHECK;

/** xml_child() - the only child element of @node named @name (any namespace), NULL when there is none or several. */
xmlNodePtr xml_child(xmlNodePtr node, const char *name);
/** xml_path() - by names from @node down, for example "DLieu/TBao/DLTBao"; NULL when a step is missing or not unique. */
xmlNodePtr xml_path(xmlNodePtr node, const char *path);
/** xml_first() / xml_next() - child elements named @name one after the other (NULL = any name). */
xmlNodePtr xml_first(xmlNodePtr node, const char *name);
xmlNodePtr xml_next(xmlNodePtr node, const char *name);
/** xml_value() - trimmed text of @node copied into @out (cut at @room - 1); false when @node is NULL or holds elements. */
bool xml_value(xmlNodePtr node, char *out, size_t room);

#endif
