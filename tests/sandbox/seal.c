#include "seal.h"
#include "pki.h"
#include "sigshape.h"
#include "xml.h"

#include <errno.h>
#include <libxml/parser.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/transforms.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

struct seal {
	X509_STORE *trust;
	xmlSecKey *authority; /* key and certificate of the simulated authority */
};

static int bad(struct reason *why, const char *what, const xmlNode *node)
{
	char path[200];

	xml_where(node, path, sizeof path);
	return reason_set(why, "S201", "Chữ ký số sai định dạng: %s: %s", what, path);
}

static xmlSecKey *load_authority(const char *dir)
{
	CLEANUP(text_done) struct text key = {0}, cert = {0};
	char path[4096];

	str_printf(path, sizeof path, "%s/cqt.key.pem", dir);
	int rc = file_read(path, 65536, &key);
	str_printf(path, sizeof path, "%s/cqt.crt.pem", dir);
	if (rc != 0 || file_read(path, 65536, &cert) != 0) {
		log_event("seal-failed what=read dir=%s error=%d", dir, errno);
		return NULL;
	}
	xmlSecKey *loaded = xmlSecCryptoAppKeyLoadMemory(
		(const xmlSecByte *)key.data, (xmlSecSize)key.len, xmlSecKeyDataFormatPem, NULL, NULL, NULL);
	if (loaded && xmlSecCryptoAppKeyCertLoadMemory(loaded, (const xmlSecByte *)cert.data, (xmlSecSize)cert.len,
			      xmlSecKeyDataFormatPem) < 0) {
		xmlSecKeyDestroy(loaded);
		loaded = NULL;
	}
	return loaded;
}

int seal_open(const char *dir, struct seal **ret)
{
	struct seal *s = calloc(1, sizeof *s);

	xmlInitParser();
	if (!s || xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0) {
		log_event("seal-failed what=xmlsec-init");
		free(s);
		return -1;
	}
	xmlSecErrorsDefaultCallbackEnableOutput(0);
	s->trust = pki_trust_load(dir);
	s->authority = load_authority(dir);
	if (!s->trust || !s->authority) {
		log_event("seal-failed what=keys dir=%s", dir);
		seal_close(s);
		return -1;
	}
	*ret = s;
	return 0;
}

void seal_close(struct seal *s)
{
	if (!s)
		return;
	if (s->authority)
		xmlSecKeyDestroy(s->authority);
	X509_STORE_free(s->trust);
	free(s);
	xmlSecCryptoShutdown();
	xmlSecCryptoAppShutdown();
	xmlSecShutdown();
	xmlCleanupParser();
}

/* format 7.3: TDiep/CKSNNT and HDon/DSCKS/NBan, NMua of an incoming 206 or 216 */
static bool place_allowed(const xmlNode *signature)
{
	const xmlNode *place = signature->parent;

	if (xml_is(place, "CKSNNT"))
		return place->parent == xmlDocGetRootElement(signature->doc);
	return (xml_is(place, "NBan") || xml_is(place, "NMua")) && xml_is(place->parent, "DSCKS") &&
	       xml_is(place->parent->parent, "HDon");
}

static int register_ids(xmlNode *node, struct reason *why)
{
	for (xmlAttr *a = node->properties; a; a = a->next) {
		const char *name = (const char *)a->name;
		if (strcasecmp(name, "id") != 0)
			continue;
		xmlChar *value = xmlNodeListGetString(node->doc, a->children, 1);
		bool fits = strcmp(name, "Id") == 0 && !a->ns && value && xmlValidateNCName(value, 0) == 0 &&
			    !xmlGetID(node->doc, value) && xmlAddID(NULL, node->doc, value, a);
		xmlFree(value);
		if (!fits)
			return bad(why, "Id trùng hoặc không hợp lệ", node);
	}
	return 0;
}

/* One element: inside tells that it is below a Signature. */
static int check_element(xmlNode *node, bool inside, struct reason *why)
{
	if (!inside &&
		(node->nsDef || node->ns)) /* nothing may be declared outside signatures (format 2.1, 7.5 item 1) */
		return bad(why, "không gian tên ngoài chữ ký", node);
	if (sigshape_is(node, NS_DS, "Signature") && !place_allowed(node))
		return bad(why, "Signature sai vị trí", node);
	return register_ids(node, why);
}

/* Depth is bounded by the parser (256). */
static int check_tree(xmlNode *node, bool inside, struct reason *why)
{
	inside |= sigshape_is(node, NS_DS, "Signature");
	if (check_element(node, inside, why) != 0)
		return 1;
	for (xmlNode *child = node->children; child; child = child->next) {
		if (child->type != XML_ELEMENT_NODE && child->type != XML_TEXT_NODE)
			return bad(why, "chú thích, chỉ thị hoặc CDATA", node);
		if (child->type == XML_ELEMENT_NODE && check_tree(child, inside, why) != 0)
			return 1;
	}
	return 0;
}

int seal_check_document(xmlDoc *doc, struct reason *why)
{
	xmlNode *root = xmlDocGetRootElement(doc);

	for (xmlNode *top = doc->children; top; top = top->next) {
		if (top != root)
			return bad(why, "chú thích hoặc chỉ thị ngoài phần tử gốc", NULL);
	}
	return check_tree(root, false, why);
}

static xmlSecDSigCtx *strict_context(void)
{
	xmlSecDSigCtx *ctx = xmlSecDSigCtxCreate(NULL);

	if (!ctx)
		return NULL;
	ctx->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
	if (xmlSecDSigCtxEnableSignatureTransform(ctx, xmlSecTransformInclC14NId) < 0 ||
		xmlSecDSigCtxEnableSignatureTransform(ctx, xmlSecTransformRsaSha256Id) < 0 ||
		xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecTransformInclC14NId) < 0 ||
		xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecTransformEnvelopedId) < 0 ||
		xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecTransformSha256Id) < 0) {
		xmlSecDSigCtxDestroy(ctx);
		return NULL;
	}
	return ctx;
}

/* Digests and value, with the key of the one certificate and no other. */
static int verify(const struct sigshape *shape, struct reason *why)
{
	xmlSecDSigCtx *ctx = strict_context();
	int rc = -1;

	if (ctx)
		ctx->signKey = xmlSecCryptoAppKeyLoadMemory((const xmlSecByte *)shape->certificate.data,
			(xmlSecSize)shape->certificate.len, xmlSecKeyDataFormatCertDer, NULL, NULL, NULL);
	if (ctx && ctx->signKey)
		rc = xmlSecDSigCtxVerify(ctx, shape->signature);
	bool good = rc >= 0 && ctx->status == xmlSecDSigStatusSucceeded;
	if (ctx)
		xmlSecDSigCtxDestroy(ctx);
	return good ? 0 : reason_set(why, "S202", "Chữ ký số không đúng: giá trị băm hoặc chữ ký sai");
}

int seal_check(struct seal *s, const xmlNode *place, xmlNode *data, const char *tax_code, struct signer *ret,
	struct reason *why)
{
	CLEANUP(sigshape_done) struct sigshape shape = {0};

	*ret = (struct signer){0};
	if (sigshape_read(place, data, &shape, why) != 0)
		return 1;
	ret->signing_ms = shape.signing_ms;
	if (verify(&shape, why) != 0)
		return 1;
	return pki_check_signer(s->trust, (const unsigned char *)shape.certificate.data, shape.certificate.len,
		shape.signing_ms, tax_code, ret->serial, why);
}

static void add_ids(xmlNode *node)
{
	for (; node; node = node->next) {
		xmlAttr *id = node->type == XML_ELEMENT_NODE ? xmlHasProp(node, BAD_CAST "Id") : NULL;
		xmlChar *value = id ? xmlNodeListGetString(node->doc, id->children, 1) : NULL;
		if (value)
			xmlAddID(NULL, node->doc, value, id);
		xmlFree(value);
		add_ids(node->children);
	}
}

static int sign_document(struct seal *s, xmlDoc *doc)
{
	xmlNode *signature = xmlSecFindNode(xmlDocGetRootElement(doc), xmlSecNodeSignature, xmlSecDSigNs);
	xmlSecDSigCtx *ctx = xmlSecDSigCtxCreate(NULL);
	int rc = -1;

	if (ctx && signature) {
		add_ids(xmlDocGetRootElement(doc));
		ctx->signKey = xmlSecKeyDuplicate(s->authority);
		if (ctx->signKey)
			rc = xmlSecDSigCtxSign(ctx, signature);
	}
	if (ctx)
		xmlSecDSigCtxDestroy(ctx);
	return rc;
}

int seal_sign(struct seal *s, struct text *message)
{
	xmlDoc *doc = xmlReadMemory(message->data, (int)message->len, NULL, "UTF-8", XML_PARSE_NONET);
	xmlChar *bytes = NULL;
	int len = 0;

	if (doc && sign_document(s, doc) == 0)
		xmlDocDumpMemoryEnc(doc, &bytes, &len, "UTF-8");
	xmlFreeDoc(doc);
	if (!bytes) {
		log_event("seal-failed what=sign");
		return -1;
	}
	message->len = 0;
	text_add(message, bytes, (size_t)len);
	xmlFree(bytes);
	return 0;
}
