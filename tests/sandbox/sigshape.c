#include "sigshape.h"
#include "clock.h"
#include "xml.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define C14N	     "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define ENVELOPED    NS_DS "enveloped-signature"
#define RSA_SHA256   "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
#define SHA256	     "http://www.w3.org/2001/04/xmlenc#sha256"
#define XADES_TYPE   "http://uri.etsi.org/01903#SignedProperties"
#define CHILDREN_MAX 8

static int bad(struct reason *why, const char *what)
{
	return reason_set(why, "S201", "Chữ ký số sai định dạng: %s", what);
}

bool sigshape_is(const xmlNode *node, const char *ns, const char *tag)
{
	return node && node->type == XML_ELEMENT_NODE && node->ns && strcmp((const char *)node->ns->href, ns) == 0 &&
	       strcmp((const char *)node->name, tag) == 0;
}

/* Element children; -1 when there are more than CHILDREN_MAX or any text that is not white space. */
static int children(const xmlNode *node, xmlNode *ret[CHILDREN_MAX])
{
	int count = 0;

	for (xmlNode *child = node ? node->children : NULL; child; child = child->next) {
		if (child->type == XML_TEXT_NODE) {
			if (!xmlIsBlankNode(child))
				return -1;
			continue;
		}
		if (child->type != XML_ELEMENT_NODE || count == CHILDREN_MAX)
			return -1;
		ret[count++] = child;
	}
	return count;
}

static bool attribute_is(const xmlNode *node, const char *name, const char *value)
{
	xmlChar *have = xmlGetNoNsProp(node, BAD_CAST name);
	bool equal = have && strcmp((const char *)have, value) == 0;

	xmlFree(have);
	return equal;
}

/* An empty element with exactly this Algorithm: parameters and hidden content are not accepted. */
static bool algorithm_is(const xmlNode *node, const char *tag, const char *algorithm)
{
	return sigshape_is(node, NS_DS, tag) && xml_count(node, NULL) == 0 &&
	       attribute_is(node, "Algorithm", algorithm) && node->properties && !node->properties->next;
}

/* format 7.1: exactly one of {}, {enveloped}, {c14n}, {enveloped, c14n} */
static bool transforms_allowed(const xmlNode *node)
{
	xmlNode *list[CHILDREN_MAX];
	int count = children(node, list), at = 0;

	if (count < 0)
		return false;
	at += at < count && algorithm_is(list[at], "Transform", ENVELOPED);
	at += at < count && algorithm_is(list[at], "Transform", C14N);
	return at == count;
}

/* Reference: [Transforms] DigestMethod DigestValue. ret_id receives the Id it points to. */
static int read_reference(const xmlNode *ref, char ret_id[128], struct reason *why)
{
	xmlNode *part[CHILDREN_MAX];
	int count = children(ref, part), at = 0;

	if (!sigshape_is(ref, NS_DS, "Reference") || count < 2 || count > 3)
		return bad(why, "Reference");
	if (count == 3 && (!sigshape_is(part[at], NS_DS, "Transforms") || !transforms_allowed(part[at++])))
		return bad(why, "Transforms");
	if (!algorithm_is(part[at], "DigestMethod", SHA256) || !sigshape_is(part[at + 1], NS_DS, "DigestValue"))
		return bad(why, "DigestMethod");
	xmlChar *uri = xmlGetNoNsProp(ref, BAD_CAST "URI");
	bool fits = uri && uri[0] == '#' && str_copy(ret_id, 128, (const char *)uri + 1) && ret_id[0] &&
		    xmlValidateNCName(BAD_CAST ret_id, 0) == 0;
	xmlFree(uri);
	return fits ? 0 : bad(why, "Reference/@URI");
}

/* The one element called local anywhere below node; NULL when there are none or several. */
static xmlNode *only_one(xmlNode *node, const char *local, int *count)
{
	xmlNode *found = NULL;

	for (xmlNode *child = node->children; child; child = child->next) {
		if (child->type != XML_ELEMENT_NODE)
			continue;
		if (strcmp((const char *)child->name, local) == 0) {
			found = child;
			++*count;
		}
		xmlNode *deeper = only_one(child, local, count);
		found = deeper ? deeper : found;
	}
	return *count == 1 ? found : NULL;
}

static int read_signing_time(xmlNode *signed_part, struct sigshape *ret, struct reason *why)
{
	char text[XML_VALUE];
	int count = 0;
	xmlNode *node = only_one(signed_part, "SigningTime", &count); /* by local name (format 7.4) */

	if (!node || xml_count(node, NULL) != 0 || !xml_value(node, text) || !clock_parse_time(text, &ret->signing_ms))
		return bad(why, "SigningTime");
	return 0;
}

/*
 * The second reference: the Object of this signature holding SignatureProperties (format 7.4, in the ds namespace or in
 * none), or SignedProperties of XAdES inside it (format 7.6).
 */
static int read_time_object(
	xmlNode *object, const xmlNode *ref, const char *id, struct sigshape *ret, struct reason *why)
{
	xmlNode *part[CHILDREN_MAX], *inner[CHILDREN_MAX];

	if (children(object, part) != 1)
		return bad(why, "Object");
	if (attribute_is(object, "Id", id)) {
		if (!sigshape_is(part[0], NS_DS, "SignatureProperties") && !xml_is(part[0], "SignatureProperties"))
			return bad(why, "Object/SignatureProperties");
		return read_signing_time(object, ret, why);
	}
	if (!sigshape_is(part[0], NS_XADES, "QualifyingProperties") || children(part[0], inner) < 1 ||
		!sigshape_is(inner[0], NS_XADES, "SignedProperties") || !attribute_is(inner[0], "Id", id) ||
		!attribute_is(ref, "Type", XADES_TYPE))
		return bad(why, "Reference/@URI không trỏ tới SigningTime");
	return read_signing_time(inner[0], ret, why);
}

/* KeyInfo/X509Data{ X509SubjectName?, X509Certificate }: exactly one certificate, no other key material. */
static int read_certificate(const xmlNode *info, struct sigshape *ret, struct reason *why)
{
	xmlNode *part[CHILDREN_MAX], *item[CHILDREN_MAX], *found = NULL;

	if (children(info, part) != 1 || !sigshape_is(part[0], NS_DS, "X509Data"))
		return bad(why, "KeyInfo");
	int count = children(part[0], item);
	for (int i = 0; i < count; i++) {
		if (sigshape_is(item[i], NS_DS, "X509Certificate") && !found)
			found = item[i];
		else if (!sigshape_is(item[i], NS_DS, "X509SubjectName"))
			return bad(why, "X509Data");
	}
	xmlChar *content = found && xml_count(found, NULL) == 0 ? xmlNodeGetContent(found) : NULL;
	if (!content)
		return bad(why, "X509Certificate");
	size_t len = 0;
	for (char *c = (char *)content; *c; c++) {
		if (!isspace((unsigned char)*c))
			content[len++] = (xmlChar)*c;
	}
	content[len] = '\0';
	unsigned char *der = len < 32768 && len % 4 == 0 ? malloc(len) : NULL;
	int size = der && len ? EVP_DecodeBlock(der, content, (int)len) : -1;
	if (size > 0) {
		size -= content[len - 1] == '=';
		size -= content[len - 2] == '=';
		text_add(&ret->certificate, der, (size_t)size);
	}
	free(der);
	xmlFree(content);
	return size > 0 ? 0 : bad(why, "X509Certificate");
}

static int read_signed_info(
	const xmlNode *info, const xmlNode *data, xmlNode *object, struct sigshape *ret, struct reason *why)
{
	xmlNode *part[CHILDREN_MAX];
	char first[128], second[128];

	if (children(info, part) != 4) /* exactly two references (format 7.2) */
		return bad(why, "SignedInfo phải có đúng hai Reference");
	if (!algorithm_is(part[0], "CanonicalizationMethod", C14N))
		return bad(why, "CanonicalizationMethod");
	if (!algorithm_is(part[1], "SignatureMethod", RSA_SHA256))
		return bad(why, "SignatureMethod");
	if (read_reference(part[2], first, why) != 0 || read_reference(part[3], second, why) != 0)
		return 1;
	if (!attribute_is(data, "Id", first) || strcmp(first, second) == 0)
		return bad(why, "Reference thứ nhất không trỏ tới phần dữ liệu");
	return read_time_object(object, part[3], second, ret, why);
}

int sigshape_read(const xmlNode *place, const xmlNode *data, struct sigshape *ret, struct reason *why)
{
	xmlNode *outer[CHILDREN_MAX], *part[CHILDREN_MAX];

	*ret = (struct sigshape){0};
	if (!place || children(place, outer) != 1 || !sigshape_is(outer[0], NS_DS, "Signature"))
		return bad(why, "phải có đúng một Signature");
	ret->signature = outer[0];
	if (children(outer[0], part) != 4 || !sigshape_is(part[0], NS_DS, "SignedInfo") ||
		!sigshape_is(part[1], NS_DS, "SignatureValue") || !sigshape_is(part[2], NS_DS, "KeyInfo") ||
		!sigshape_is(part[3], NS_DS, "Object"))
		return bad(why, "Signature phải gồm SignedInfo, SignatureValue, KeyInfo, Object");
	int rc = read_signed_info(part[0], data, part[3], ret, why);
	if (rc == 0)
		rc = read_certificate(part[2], ret, why);
	if (rc != 0)
		sigshape_done(ret);
	return rc;
}

void sigshape_done(struct sigshape *s)
{
	text_done(&s->certificate);
}
