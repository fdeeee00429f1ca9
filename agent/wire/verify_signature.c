#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/c14n.h>

#include "base/clock.h"
#include "base/digest.h"
#include "wire/verify_parts.h"
#include "wire/xml_read.h"

#define C14N	  "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define ENVELOPED VERIFY_XMLDSIG "enveloped-signature"
#define RSA256	  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
#define SHA256	  "http://www.w3.org/2001/04/xmlenc#sha256"

#define CERTIFICATE_MAX ((size_t)16384)
#define SIGNATURE_MAX	((size_t)2048)	/* RSA-16384 */
#define CLOCK_GRACE_MS	INT64_C(300000) /* two clocks that are both right enough for a signing time "now" */

DEFINE_CLEANUP(X509 *, X509_free)
DEFINE_CLEANUP(EVP_PKEY_CTX *, EVP_PKEY_CTX_free)
DEFINE_CLEANUP(xmlChar *, xmlFree)

struct parts {
	xmlNodePtr info, value, key, object;
};

static bool is_signature_part(xmlNodePtr node, const char *name)
{
	return node && strcmp((const char *)node->name, name) == 0 && node->ns &&
	       strcmp((const char *)node->ns->href, VERIFY_XMLDSIG) == 0;
}

static const char *attribute(xmlNodePtr node, const char *name)
{
	for (xmlAttrPtr a = node ? node->properties : NULL; a; a = a->next)
		if (!a->ns && strcmp((const char *)a->name, name) == 0)
			return a->children && a->children->content ? (const char *)a->children->content : "";
	return NULL;
}

static bool has_value(const char *text, const char *expected)
{
	return text && strcmp(text, expected) == 0;
}

/* Exactly one of each; anything else below Signature is refused (INDEX rule sig.shape). */
static bool read_parts(struct verifying *v, xmlNodePtr signature, struct parts *parts)
{
	struct {
		const char *name;
		xmlNodePtr *node;
	} const wanted[] = {{"SignedInfo", &parts->info}, {"SignatureValue", &parts->value}, {"KeyInfo", &parts->key},
		{"Object", &parts->object}};

	for (xmlNodePtr n = xml_first(signature, NULL); n; n = xml_next(n, NULL)) {
		size_t i = 0;

		while (i < ARRAY_LEN(wanted) && !is_signature_part(n, wanted[i].name))
			i++;
		if (i == ARRAY_LEN(wanted) || *wanted[i].node)
			verify_fail(v->report, "sig.shape", "a second or unexpected %s in Signature",
				(const char *)n->name);
		else
			*wanted[i].node = n;
	}
	if (!parts->key)
		verify_fail(v->report, "key.source", "Signature has no KeyInfo");
	if (!parts->object)
		verify_fail(v->report, "time.missing", "Signature has no Object with the signing time");
	if (!parts->info || !parts->value)
		verify_fail(v->report, "sig.shape", "Signature has no SignedInfo or no SignatureValue");
	return parts->info && parts->value;
}

static void check_algorithms(struct verifying *v, xmlNodePtr info)
{
	xmlNodePtr c14n = xml_child(info, "CanonicalizationMethod");
	xmlNodePtr method = xml_child(info, "SignatureMethod");

	if (!has_value(attribute(c14n, "Algorithm"), C14N) || xml_first(c14n, NULL))
		verify_fail(v->report, "alg.c14n", "CanonicalizationMethod is not C14N 1.0 without comments");
	if (!has_value(attribute(method, "Algorithm"), RSA256) || xml_first(method, NULL))
		verify_fail(v->report, "alg.signature", "SignatureMethod is not RSA-SHA256");
	for (xmlNodePtr n = xml_first(info, NULL); n; n = xml_next(n, NULL))
		if (n != c14n && n != method && !is_signature_part(n, "Reference"))
			verify_fail(v->report, "sig.shape", "unexpected %s in SignedInfo", (const char *)n->name);
}

static int is_inside(void *data, xmlNodePtr node, xmlNodePtr parent)
{
	xmlNodePtr n = node->type == XML_NAMESPACE_DECL || node->type == XML_ATTRIBUTE_NODE ? parent : node;

	for (; n; n = n->parent)
		if (n == data)
			return 1;
	return 0;
}

static int take_bytes(void *data, const char *bytes, int len)
{
	digest_add(data, bytes, (size_t)len);
	return len;
}

DEFINE_CLEANUP(xmlOutputBufferPtr, xmlOutputBufferClose)

/*
 * SHA-256 of the canonical form of @target. For that time the document begins at @target, so that a message of 1,000 signed
 * invoices is not walked 2,000 times; parents stay, because inclusive C14N looks up at their namespaces.
 * The enveloped transform needs no code: no data element holds the signature that names it, and on the signature's own Object
 * it would leave nothing, so that the digest cannot match.
 */
static int digest_node(xmlNodePtr target, uint8_t out[DIGEST_LEN])
{
	CLEANUP(digest_freep) struct digest *digest = digest_new();
	CLEANUP(xmlOutputBufferClosep) xmlOutputBufferPtr sink = NULL;
	xmlNodePtr first = target->doc->children;
	xmlNodePtr next = target->next;
	int len;

	if (digest)
		sink = xmlOutputBufferCreateIO(take_bytes, NULL, digest, NULL);
	if (!sink)
		return FAULT_MEMORY;
	target->doc->children = target;
	target->next = NULL;
	len = xmlC14NExecute(target->doc, is_inside, target, XML_C14N_1_0, NULL, 0, sink);
	target->next = next;
	target->doc->children = first;
	if (len < 0)
		return FAULT_MEMORY;
	digest_end(digest, out);
	return 0;
}

/* {}, {enveloped}, {C14N}, {enveloped, C14N} and nothing else (format 7.1). */
static bool are_transforms_allowed(xmlNodePtr reference)
{
	xmlNodePtr list = xml_first(reference, "Transforms");
	xmlNodePtr t = xml_first(list, NULL);

	if (list && xml_next(list, "Transforms"))
		return false;
	if (t && has_value(attribute(t, "Algorithm"), ENVELOPED) && !xml_first(t, NULL))
		t = xml_next(t, NULL);
	if (t && has_value(attribute(t, "Algorithm"), C14N) && !xml_first(t, NULL))
		t = xml_next(t, NULL);
	return !t;
}

/* The name in "#name", or NULL when the URI is anything else, as a whole document, a file or an XPointer. */
static const char *local_name(const char *uri)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

	if (!uri || uri[0] != '#' || !(strchr(letters, uri[1]) || (unsigned char)uri[1] >= 0x80) || uri[1] == '\0')
		return NULL;
	return strpbrk(uri, "()/:'\" \t\r\n") ? NULL : uri + 1;
}

static int check_digest(struct verifying *v, xmlNodePtr reference, xmlNodePtr target)
{
	uint8_t found[DIGEST_LEN];
	uint8_t said[DIGEST_LEN + 1];
	char text[128];
	int err;

	if (!has_value(attribute(xml_child(reference, "DigestMethod"), "Algorithm"), SHA256))
		verify_fail(v->report, "alg.digest", "DigestMethod is not SHA-256");
	if (v->is_namespace_broken)
		return 0;
	err = digest_node(target, found);
	if (err)
		return err;
	if (!xml_value(xml_child(reference, "DigestValue"), text, sizeof(text)) ||
		base64_parse(text, strlen(text), said, sizeof(said)) != DIGEST_LEN ||
		!digest_equal(found, said, DIGEST_LEN))
		verify_fail(v->report, "ref.digest", "%s is not what was signed", (const char *)target->name);
	return 0;
}

/* What the references of one signature were seen to cover. */
struct cover {
	int data[2];
	int time;
	int count;
	xmlNodePtr time_root; /* the Object, or XAdES SignedProperties in it */
};

static bool take_target(
	const struct verify_place *place, const struct parts *parts, xmlNodePtr target, struct cover *cover)
{
	for (int i = 0; i < place->data_count; i++)
		if (target == place->data[i]) {
			cover->data[i]++;
			return true;
		}
	/* Format 7.6, variant (c): the reference names SignedProperties instead of the Object. */
	if (!parts->object ||
		(target != parts->object && target != xml_path(parts->object, "QualifyingProperties/SignedProperties")))
		return false;
	cover->time++;
	cover->time_root = target;
	return true;
}

static int check_reference(struct verifying *v, const struct verify_place *place, const struct parts *parts,
	xmlNodePtr reference, struct cover *cover)
{
	const char *uri = attribute(reference, "URI");
	const char *id = local_name(uri);
	xmlNodePtr target;

	cover->count++;
	if (!are_transforms_allowed(reference))
		verify_fail(v->report, "ref.transform", "a reference has transforms other than enveloped and C14N 1.0");
	if (!id) {
		verify_fail(v->report, "ref.uri", "a reference's URI is \"%s\", not #name", uri ? uri : "");
		return 0;
	}
	target = verify_ids_find(&v->ids, id);
	if (!target || !take_target(place, parts, target, cover)) {
		verify_fail(v->report, "ref.target", "the reference #%s does not name the element at its place", id);
		return 0;
	}
	return check_digest(v, reference, target);
}

static int check_references(
	struct verifying *v, const struct verify_place *place, const struct parts *parts, xmlNodePtr *ret_time_root)
{
	struct cover cover = {0};
	bool is_whole;
	int err;

	for (xmlNodePtr r = xml_first(parts->info, "Reference"); r; r = xml_next(r, "Reference")) {
		err = check_reference(v, place, parts, r, &cover);
		if (err)
			return err;
	}
	is_whole = cover.time == 1 && cover.count == place->data_count + 1;
	for (int i = 0; i < place->data_count; i++)
		is_whole = is_whole && cover.data[i] == 1;
	if (!is_whole)
		verify_fail(v->report, "ref.set", "%d references do not cover exactly the data and the signing time",
			cover.count);
	*ret_time_root = cover.time_root;
	return 0;
}

/* The signing time below the element that is signed: by local name, both namespace variants of format 7.4, and 7.6. */
static xmlNodePtr find_time(xmlNodePtr root)
{
	static const char *const paths[] = {"SignatureProperties/SignatureProperty/SigningTime",
		"QualifyingProperties/SignedProperties/SignedSignatureProperties/SigningTime",
		"SignedSignatureProperties/SigningTime"};
	xmlNodePtr found = NULL;

	for (size_t i = 0; i < ARRAY_LEN(paths) && !found; i++)
		found = xml_path(root, paths[i]);
	return found;
}

static int64_t read_time(struct verifying *v, xmlNodePtr root)
{
	xmlNodePtr node = root ? find_time(root) : NULL;
	char text[64];
	int64_t ms;

	if (!node || !xml_value(node, text, sizeof(text)) || text[0] == '\0') {
		verify_fail(v->report, "time.missing", "no signing time is signed");
		return 0;
	}
	if (clock_parse_plain(text, strlen(text), &ms) != 0) {
		verify_fail(v->report, "time.bounds", "the signing time \"%s\" is not a date and time", text);
		return 0;
	}
	if (ms > v->settings->now_ms + CLOCK_GRACE_MS)
		verify_fail(v->report, "time.bounds", "the signing time %s is in the future", text);
	return ms;
}

static X509 *parse_certificate(const char *text)
{
	CLEANUP(freep) uint8_t *der = malloc(CERTIFICATE_MAX);
	const uint8_t *p = der;
	X509 *cert;
	long len;

	len = der ? base64_parse(text, strlen(text), der, CERTIFICATE_MAX) : -1;
	cert = len > 0 ? d2i_X509(NULL, &p, len) : NULL;
	if (cert && p != der + len) {
		X509_free(cert);
		cert = NULL;
	}
	return cert;
}

/* KeyInfo/X509Data with exactly one certificate; names and serials beside it are ignored (format 7.4). */
static X509 *read_certificate(struct verifying *v, xmlNodePtr key_info)
{
	static const char *const ignored[] = {"X509SubjectName", "X509IssuerSerial", "X509SKI"};
	xmlNodePtr data = xml_child(key_info, "X509Data");
	xmlNodePtr holder = xml_child(data, "X509Certificate");
	CLEANUP(xmlFreep) xmlChar *text = NULL;
	X509 *cert;

	if (!key_info)
		return NULL;
	for (xmlNodePtr n = xml_first(key_info, NULL); n; n = xml_next(n, NULL))
		if (n != data)
			holder = NULL;
	for (xmlNodePtr n = xml_first(data, NULL); n; n = xml_next(n, NULL)) {
		bool is_known = n == holder;

		for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
			is_known = is_known || strcmp((const char *)n->name, ignored[i]) == 0;
		if (!is_known)
			holder = NULL;
	}
	text = holder ? xmlNodeGetContent(holder) : NULL;
	cert = text ? parse_certificate((const char *)text) : NULL;
	if (!cert)
		verify_fail(v->report, "key.source", "KeyInfo is not exactly one X509Data with one signer certificate");
	ERR_clear_error();
	return cert;
}

static bool is_value_right(X509 *cert, const uint8_t digest[DIGEST_LEN], const uint8_t *value, size_t len)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	CLEANUP(EVP_PKEY_CTX_freep) EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
	bool is_right;

	is_right = ctx && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_verify_init(ctx) == 1 &&
		   EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
		   EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
		   EVP_PKEY_verify(ctx, value, len, digest, DIGEST_LEN) == 1;
	ERR_clear_error();
	return is_right;
}

static int check_value(struct verifying *v, const struct parts *parts, X509 *cert)
{
	CLEANUP(xmlFreep) xmlChar *text = xmlNodeGetContent(parts->value);
	uint8_t digest[DIGEST_LEN];
	uint8_t value[SIGNATURE_MAX];
	long len;
	int err;

	if (!text)
		return FAULT_MEMORY;
	if (v->is_namespace_broken)
		return 0;
	err = digest_node(parts->info, digest);
	if (err)
		return err;
	len = base64_parse((const char *)text, strlen((const char *)text), value, sizeof(value));
	if (len <= 0 || !is_value_right(cert, digest, value, (size_t)len))
		verify_fail(v->report, "sig.value", "the signature value is not the certificate's over SignedInfo");
	return 0;
}

int verify_signature(struct verifying *v, const struct verify_place *place, struct fault *fault)
{
	CLEANUP(X509_freep) X509 *cert = NULL;
	struct parts parts = {0};
	xmlNodePtr time_root = NULL;
	int64_t signed_at;
	int err;

	if (!read_parts(v, place->signature, &parts))
		return 0;
	check_algorithms(v, parts.info);
	err = check_references(v, place, &parts, &time_root);
	if (err)
		return FAULT(fault, err, "no memory to check a signature's references");
	signed_at = read_time(v, time_root);
	if (place->is_main)
		v->report->signed_at = signed_at;
	cert = read_certificate(v, parts.key);
	if (!cert)
		return 0;
	err = check_value(v, &parts, cert);
	if (err)
		return FAULT(fault, err, "no memory to check a signature's value");
	return verify_certificate(v, place, cert, signed_at, fault);
}
