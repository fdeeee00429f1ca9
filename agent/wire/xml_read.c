#include "wire/xml_read.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "base/fault.h"
#include "base/text.h"

#define ELEMENTS_MAX ((size_t)500000) /* nodes cost 30 times their bytes: 8 MiB of "<a/>" must not become 1/4 GiB */

const struct xml_limits xml_limits_default = {.bytes = 8u << 20, .depth = 64, .text = 64u << 10, .attributes = 64};

static const char blanks[] = " \t\r\n";

/* What the callbacks know while a document is read; ctxt->_private. */
struct reading {
	const struct xml_limits *limits;
	size_t depth, text, elements;
	const char *rule; /* first broken one */
	bool lacks_memory; /* and errNo of the parser may say something else, or nothing when an attribute is missing for it */
};

static void on_error(void *data, xmlErrorPtr error)
{
	struct reading *reading = data;

	reading->lacks_memory = reading->lacks_memory || error->code == XML_ERR_NO_MEMORY;
}

static void refuse(xmlParserCtxtPtr ctxt, const char *rule)
{
	struct reading *reading = ctxt->_private;

	if (!reading->rule)
		reading->rule = rule;
	xmlStopParser(ctxt);
}

static void on_doctype(void *data, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
	(void)name;
	(void)public_id;
	(void)system_id;
	refuse(data, "xml.doctype");
}

static bool has_long_value(const struct reading *reading, const xmlChar **attributes, int count)
{
	for (int i = 0; i < count; i++) {
		const xmlChar *const *attribute = attributes + (size_t)i * 5;

		/* libxml2 gives five pointers an attribute: the fourth and fifth are where its value begins and ends. */
		if ((size_t)(attribute[4] - attribute[3]) > reading->limits->text)
			return true;
	}
	return false;
}

static void on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespace_count,
	const xmlChar **namespaces, int attribute_count, int default_count, const xmlChar **attributes)
{
	xmlParserCtxtPtr ctxt = data;
	struct reading *reading = ctxt->_private;

	reading->text = 0;
	if (++reading->depth > reading->limits->depth) {
		refuse(ctxt, "xml.depth");
		return;
	}
	if (++reading->elements > ELEMENTS_MAX) {
		refuse(ctxt, "xml.size");
		return;
	}
	if ((size_t)attribute_count + (size_t)namespace_count > reading->limits->attributes) {
		refuse(ctxt, "xml.attrs");
		return;
	}
	if (has_long_value(reading, attributes, attribute_count)) {
		refuse(ctxt, "xml.text");
		return;
	}
	xmlSAX2StartElementNs(
		ctxt, name, prefix, uri, namespace_count, namespaces, attribute_count, default_count, attributes);
}

static void on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	xmlParserCtxtPtr ctxt = data;
	struct reading *reading = ctxt->_private;

	reading->text = 0;
	reading->depth--;
	xmlSAX2EndElementNs(ctxt, name, prefix, uri);
}

static void on_text(void *data, const xmlChar *text, int len)
{
	xmlParserCtxtPtr ctxt = data;
	struct reading *reading = ctxt->_private;

	reading->text += (size_t)len;
	if (reading->text > reading->limits->text) {
		refuse(ctxt, "xml.text");
		return;
	}
	xmlSAX2Characters(ctxt, text, len);
}

static void on_cdata(void *data, const xmlChar *text, int len)
{
	(void)text;
	(void)len;
	refuse(data, "xml.cdata");
}

static void on_comment(void *data, const xmlChar *text)
{
	(void)text;
	refuse(data, "xml.comment");
}

static void on_instruction(void *data, const xmlChar *target, const xmlChar *text)
{
	(void)target;
	(void)text;
	refuse(data, "xml.pi");
}

/* libxml2's tree builder with our doors in front; nothing but elements and text comes through (signing section 3, rules 1, 2). */
static void guard(xmlSAXHandler *sax)
{
	sax->internalSubset = on_doctype;
	sax->externalSubset = on_doctype;
	sax->startElementNs = on_start;
	sax->endElementNs = on_end;
	sax->characters = on_text;
	sax->ignorableWhitespace = on_text;
	sax->cdataBlock = on_cdata;
	sax->comment = on_comment;
	sax->processingInstruction = on_instruction;
	sax->error = NULL;
	sax->warning = NULL;
	sax->fatalError = NULL;
	sax->serror = NULL;
}

static const char *find(const char *text, size_t len, const char *what)
{
	return len > 0 ? memmem(text, len, what, strlen(what)) : NULL;
}

/* Whether the XML declaration at the start, if there is one, names an encoding other than UTF-8. */
static bool is_mislabelled(const char *text, size_t len)
{
	const char *end;
	const char *p;
	size_t name_len;
	char quote;

	if (len < 6 || strncmp(text, "<?xml", 5) != 0 || !strchr(blanks, text[5]))
		return false;
	end = find(text, len, "?>");
	p = end ? find(text, (size_t)(end - text), "encoding") : NULL;
	if (!p)
		return false;
	p += strlen("encoding");
	while (p < end && (strchr(blanks, *p) || *p == '='))
		p++;
	quote = *p;
	if (p >= end || (quote != '"' && quote != '\''))
		return false; /* not well-formed: the parser says so */
	p++;
	for (name_len = 0; p + name_len < end && p[name_len] != quote; name_len++)
		;
	return name_len != 5 || strncasecmp(p, "UTF-8", 5) != 0;
}

/* What can be said of the bytes before a parser sees them; NULL = nothing wrong. */
static const char *check_bytes(const char *text, size_t len, const struct xml_limits *limits)
{
	if (len > limits->bytes || len > INT_MAX)
		return "xml.size";
	if (len >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0))
		return "xml.encoding";
	if (!text_is_utf8(text, len))
		return "xml.encoding";
	if (len > 0 && memchr(text, '\0', len))
		return "xml.char";
	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (is_mislabelled(text, len))
		return "xml.encoding";
	return len == 0 ? "xml.wellformed" : NULL;
}

static const char *rule_of_error(int error)
{
	switch (error) {
	case XML_ERR_INVALID_CHAR:
	case XML_ERR_INVALID_HEX_CHARREF:
	case XML_ERR_INVALID_DEC_CHARREF:
	case XML_ERR_INVALID_CHARREF:
		return "xml.char";
	case XML_ERR_INVALID_ENCODING:
	case XML_ERR_UNSUPPORTED_ENCODING:
	case XML_ERR_UNKNOWN_ENCODING:
		return "xml.encoding";
	default:
		return "xml.wellformed";
	}
}

/* Why the finished parse is no document; NULL = it is one. */
static const char *rule_of(const xmlParserCtxt *ctxt, const struct reading *reading)
{
	if (reading->rule)
		return reading->rule;
	if (!ctxt->wellFormed || !ctxt->myDoc)
		return rule_of_error(ctxt->errNo);
	return ctxt->nsWellFormed ? NULL : "xml.namespace";
}

DEFINE_CLEANUP(xmlParserCtxtPtr, xmlFreeParserCtxt)
DEFINE_CLEANUP(xmlDocPtr, xmlFreeDoc)

static int parse(const char *text, size_t len, const struct xml_limits *limits, xmlDocPtr *ret, const char **ret_rule)
{
	CLEANUP(xmlFreeParserCtxtp) xmlParserCtxtPtr ctxt = NULL;
	CLEANUP(xmlFreeDocp) xmlDocPtr doc = NULL;
	struct reading reading = {.limits = limits};

	xmlInitParser();
	ctxt = xmlCreateMemoryParserCtxt(text, (int)len);
	if (!ctxt)
		return FAULT_MEMORY;
	xmlCtxtUseOptions(ctxt, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT);
	guard(ctxt->sax);
	ctxt->_private = &reading;
	xmlSetStructuredErrorFunc(&reading, on_error);
	xmlParseDocument(ctxt);
	xmlSetStructuredErrorFunc(NULL, NULL);
	doc = ctxt->myDoc;
	if (reading.lacks_memory)
		return FAULT_MEMORY;
	*ret_rule = rule_of(ctxt, &reading);
	if (*ret_rule)
		return 1;
	*ret = doc;
	doc = NULL;
	return 0;
}

int xml_read(const void *bytes, size_t len, const struct xml_limits *limits, xmlDocPtr *ret, const char **ret_rule)
{
	xmlDocPtr doc = NULL;
	int err;

	*ret_rule = check_bytes(bytes, len, limits);
	if (*ret_rule)
		return 1;
	err = parse(bytes, len, limits, &doc, ret_rule);
	if (err == 0)
		*ret = doc;
	return err;
}

static bool is_named(xmlNodePtr node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && (!name || strcmp((const char *)node->name, name) == 0);
}

static xmlNodePtr search(xmlNodePtr node, const char *name)
{
	while (node && !is_named(node, name))
		node = node->next;
	return node;
}

xmlNodePtr xml_first(xmlNodePtr node, const char *name)
{
	return node ? search(node->children, name) : NULL;
}

xmlNodePtr xml_next(xmlNodePtr node, const char *name)
{
	return node ? search(node->next, name) : NULL;
}

xmlNodePtr xml_child(xmlNodePtr node, const char *name)
{
	xmlNodePtr first = xml_first(node, name);

	return first && !xml_next(first, name) ? first : NULL;
}

xmlNodePtr xml_path(xmlNodePtr node, const char *path)
{
	char name[64];

	while (node && *path) {
		size_t len = strcspn(path, "/");

		if (len >= sizeof(name))
			return NULL;
		memcpy(name, path, len);
		name[len] = '\0';
		node = xml_child(node, name);
		path += len + (path[len] == '/');
	}
	return node;
}

/* Bytes of @text, at most @max, that end between two characters. */
static size_t whole_characters(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)text[max] & 0xC0) == 0x80)
		max--;
	return max;
}

bool xml_value(xmlNodePtr node, char *out, size_t room)
{
	const char *text = "";
	size_t len;

	out[0] = '\0';
	if (!node)
		return false;
	/* The reader lets nothing but elements and text through, so text without elements is one node. */
	if (node->children) {
		if (node->children->type != XML_TEXT_NODE || node->children->next)
			return false;
		text = (const char *)node->children->content;
	}
	text += strspn(text, blanks);
	len = strlen(text);
	while (len > 0 && strchr(blanks, text[len - 1]))
		len--;
	len = whole_characters(text, len, room - 1);
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}
