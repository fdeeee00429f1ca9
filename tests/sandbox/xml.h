/* xml: the only door for foreign XML; fixed parser profile, reading by name, canonical bytes */
#ifndef SANDBOX_XML_H
#define SANDBOX_XML_H

#include "text.h"

#include <libxml/tree.h>

#define XML_VALUE 4096 /* longest text that is read whole; longer ones count as too long anyway */

/**
 * xml_parse() - parse a message with the fixed profile (format 2.1, 12.1 step 1)
 *
 * DOCTYPE, any encoding but UTF-8 and NUL bytes are refused before libxml2 sees the bytes (S002); then no network, no
 * entities, no huge documents (S001).
 *
 * Return: the document, freed by the caller; NULL with @why set.
 */
xmlDoc *xml_parse(const char *body, size_t len, struct reason *why);

/** xml_doc_done() - cleanup handler of an xmlDoc pointer */
void xml_doc_done(xmlDoc **doc);

/** xml_is() - true for an element without namespace called @tag */
bool xml_is(const xmlNode *node, const char *tag);

/** xml_child() - the first child element @tag without namespace; NULL when @node is NULL or has none */
xmlNode *xml_child(const xmlNode *node, const char *tag);

/** xml_next() - the next sibling element with the tag of @node; NULL at the end */
xmlNode *xml_next(const xmlNode *node);

/** xml_path() - follow "A/B/C" by first children */
xmlNode *xml_path(const xmlNode *node, const char *path);

/** xml_count() - number of child elements called @tag; of all child elements when @tag is NULL */
int xml_count(const xmlNode *node, const char *tag);

/** xml_value() - trimmed text of an element; false when it is missing or empty (empty = absent, format 2.1) */
bool xml_value(const xmlNode *node, char out[XML_VALUE]);

/** xml_get() - xml_value of the child @tag */
bool xml_get(const xmlNode *node, const char *tag, char out[XML_VALUE]);

/** xml_copy() - xml_get into a small buffer; false when missing, empty or longer than the buffer; then @out is "" */
bool xml_copy(const xmlNode *node, const char *tag, char *out, size_t size);

/** xml_where() - path of a node such as /TDiep/DLieu/HDon[2]/MCCQT */
void xml_where(const xmlNode *node, char *out, size_t size);

/** xml_canonical() - append the inclusive C14N 1.0 bytes of a subtree seen as a document of its own; 0 or -1 */
int xml_canonical(xmlNode *node, struct text *out);

/** xml_subtree() - a new document holding a copy of @node; the caller frees it */
xmlDoc *xml_subtree(xmlNode *node);

#endif
