#include "xml.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <string.h>
#include <strings.h>

/* The encoding named in the XML declaration must be UTF-8; none means UTF-8. */
static bool declared_utf8(const char *body, size_t len)
{
	if (len < 5 || memcmp(body, "<?xml", 5) != 0)
		return true;
	const char *end = memmem(body, len < 512 ? len : 512, "?>", 2);
	if (!end)
		return true; /* not well-formed: the parser says so */
	const char *at = memmem(body, (size_t)(end - body), "encoding", 8);
	if (!at)
		return true;
	at += 8;
	at += strspn(at, " \t\r\n=");
	return (*at == '"' || *at == '\'') && strncasecmp(at + 1, "UTF-8", 5) == 0 && at[6] == *at;
}

static int guard(const char **body, size_t *len, struct reason *why)
{
	if (*len >= 3 && memcmp(*body, "\xEF\xBB\xBF", 3) == 0) { /* format 2.1: accept a BOM */
		*body += 3;
		*len -= 3;
	}
	if (*len == 0)
		return reason_set(why, "S001", "Không đọc được thông điệp: không có nội dung");
	if (!utf8_valid(*body, *len) || !declared_utf8(*body, *len))
		return reason_set(why, "S002", "Không đọc được thông điệp: bảng mã không phải UTF-8");
	if (memmem(*body, *len, "<!DOCTYPE", 9) || memmem(*body, *len, "<!ENTITY", 8))
		return reason_set(why, "S002", "Không đọc được thông điệp: không chấp nhận DTD");
	return 0;
}

xmlDoc *xml_parse(const char *body, size_t len, struct reason *why)
{
	const int profile = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;

	if (guard(&body, &len, why) != 0)
		return NULL;
	xmlDoc *doc = xmlReadMemory(body, (int)len, NULL, "UTF-8", profile);
	if (!doc || !xmlDocGetRootElement(doc) || doc->intSubset || doc->extSubset) {
		xmlFreeDoc(doc);
		reason_set(why, "S001", "Không đọc được thông điệp: XML không đúng định dạng");
		return NULL;
	}
	return doc;
}

void xml_doc_done(xmlDoc **doc)
{
	xmlFreeDoc(*doc);
	*doc = NULL;
}

bool xml_is(const xmlNode *node, const char *tag)
{
	return node && node->type == XML_ELEMENT_NODE && !node->ns && strcmp((const char *)node->name, tag) == 0;
}

xmlNode *xml_child(const xmlNode *node, const char *tag)
{
	for (xmlNode *child = node ? node->children : NULL; child; child = child->next) {
		if (xml_is(child, tag))
			return child;
	}
	return NULL;
}

xmlNode *xml_next(const xmlNode *node)
{
	for (xmlNode *next = node->next; next; next = next->next) {
		if (xml_is(next, (const char *)node->name))
			return next;
	}
	return NULL;
}

xmlNode *xml_path(const xmlNode *node, const char *path)
{
	char tag[64];

	for (;;) {
		size_t len = strcspn(path, "/");
		str_printf(tag, sizeof tag, "%.*s", (int)len, path);
		xmlNode *found = xml_child(node, tag);
		if (!found || path[len] == '\0')
			return found;
		node = found;
		path += len + 1;
	}
}

int xml_count(const xmlNode *node, const char *tag)
{
	int count = 0;

	for (xmlNode *child = node ? node->children : NULL; child; child = child->next)
		count += child->type == XML_ELEMENT_NODE && (!tag || xml_is(child, tag));
	return count;
}

bool xml_value(const xmlNode *node, char out[XML_VALUE])
{
	out[0] = '\0';
	if (!node)
		return false;
	xmlChar *content = xmlNodeGetContent(node);
	if (!content)
		return false;
	str_copy(out, XML_VALUE, (const char *)content);
	xmlFree(content);
	str_trim(out);
	return out[0] != '\0';
}

bool xml_get(const xmlNode *node, const char *tag, char out[XML_VALUE])
{
	return xml_value(xml_child(node, tag), out);
}

bool xml_copy(const xmlNode *node, const char *tag, char *out, size_t size)
{
	char value[XML_VALUE];

	out[0] = '\0';
	if (!xml_get(node, tag, value) || strlen(value) >= size)
		return false;
	return str_copy(out, size, value);
}

void xml_where(const xmlNode *node, char *out, size_t size)
{
	xmlChar *path = node ? xmlGetNodePath(node) : NULL;

	str_copy(out, size, path ? (const char *)path : "/");
	xmlFree(path);
}

xmlDoc *xml_subtree(xmlNode *node)
{
	xmlDoc *doc = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *copy = doc ? xmlDocCopyNode(node, doc, 1) : NULL;

	if (!copy) {
		xmlFreeDoc(doc);
		return NULL;
	}
	xmlDocSetRootElement(doc, copy);
	return doc;
}

int xml_canonical(xmlNode *node, struct text *out)
{
	CLEANUP(xml_doc_done) xmlDoc *doc = xml_subtree(node);
	xmlChar *bytes = NULL;

	if (!doc)
		return -1;
	int len = xmlC14NDocDumpMemory(doc, NULL, XML_C14N_1_0, NULL, 0, &bytes);
	if (len >= 0)
		text_add(out, bytes, (size_t)len);
	xmlFree(bytes);
	return len < 0 ? -1 : 0;
}
