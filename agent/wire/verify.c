#include "wire/verify.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/verify_parts.h"
#include "wire/xml_read.h"

DEFINE_CLEANUP(BIO *, BIO_free_all)
DEFINE_CLEANUP(X509 *, X509_free)
DEFINE_CLEANUP(X509_STORE *, X509_STORE_free)
DEFINE_CLEANUP(xmlDocPtr, xmlFreeDoc)

static void verifying_done(struct verifying *v)
{
	free(v->ids.attributes);
}

/* Sentences travel to terminals and logs, and quote the document: no control characters, no half character where it was cut. */
static void make_printable(char *text, size_t room)
{
	size_t len = strlen(text);

	if (len == room - 1) {
		while (len > 0 && ((unsigned char)text[len - 1] & 0xC0) == 0x80)
			len--;
		if (len > 0 && (unsigned char)text[len - 1] >= 0xC0)
			len--;
		text[len] = '\0';
	}
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			*p = ' ';
}

static bool is_reported(const struct verify_report *report, const char *rule)
{
	for (int i = 0; i < report->rule_count; i++)
		if (strcmp(report->rules[i], rule) == 0)
			return true;
	return false;
}

void verify_fail(struct verify_report *report, const char *rule, const char *format, ...)
{
	const size_t room = sizeof(report->details[0]);
	va_list args;

	if (is_reported(report, rule) || report->rule_count >= VERIFY_RULES_MAX)
		return;
	va_start(args, format);
	vsnprintf(report->details[report->rule_count], room, format, args);
	va_end(args);
	make_printable(report->details[report->rule_count], room);
	report->rules[report->rule_count++] = rule;
}

/* Whether the names from the root down to @node are exactly @path. */
static bool is_at(xmlNodePtr node, const char *path)
{
	const char *end = path + strlen(path);

	for (; node && node->type == XML_ELEMENT_NODE; node = node->parent) {
		const char *start = end;

		while (start > path && start[-1] != '/')
			start--;
		if (strncmp((const char *)node->name, start, (size_t)(end - start)) != 0 ||
			node->name[end - start] != '\0')
			return false;
		if (start == path)
			return node->parent && node->parent->type == XML_DOCUMENT_NODE;
		end = start - 1;
	}
	return false;
}

/* Where a kind of document has its signatures and what they cover (format 7.3). */
struct layout {
	enum verify_kind kind;
	const char *name;
	const char *root;
	const char *main, *other; /* Signature that must be there, and the one that may */
};

static const struct layout layouts[] = {
	{VERIFY_MESSAGE, "message", "TDiep", "TDiep/CKSNNT/Signature", "TDiep/DLieu/HDon/DSCKS/NBan/Signature"},
	{VERIFY_INVOICE, "invoice", "HDon", "HDon/DSCKS/NBan/Signature", ""},
	{VERIFY_NOTICE, "notice", "TDiep", "TDiep/DLieu/TBao/DSCKS/CQT/Signature",
		"TDiep/DLieu/TBao/DSCKS/TTCQT/Signature"},
};

/* Elements that are signed, or hold what is signed: they stand here or nowhere (rule xml.schema). */
static const struct {
	const char *name;
	enum verify_kind kind;
	const char *path;
} due[] = {
	{"DLieu", VERIFY_MESSAGE, "TDiep/DLieu"},
	{"HDon", VERIFY_MESSAGE, "TDiep/DLieu/HDon"},
	{"DLHDon", VERIFY_MESSAGE, "TDiep/DLieu/HDon/DLHDon"},
	{"HDon", VERIFY_INVOICE, "HDon"},
	{"DLHDon", VERIFY_INVOICE, "HDon/DLHDon"},
	{"DLieu", VERIFY_NOTICE, "TDiep/DLieu"},
	{"TBao", VERIFY_NOTICE, "TDiep/DLieu/TBao"},
	{"DLTBao", VERIFY_NOTICE, "TDiep/DLieu/TBao/DLTBao"},
	{"STBao", VERIFY_NOTICE, "TDiep/DLieu/TBao/STBao"},
};

static bool is_due_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(due); i++)
		if (strcmp(due[i].name, name) == 0)
			return true;
	return false;
}

static bool is_due_here(const struct verifying *v, xmlNodePtr node)
{
	const char *name = (const char *)node->name;
	const char *parent = node->parent && node->parent->name ? (const char *)node->parent->name : "";

	/* The same two names have another meaning inside lists: TTin/DLieu is a value, DSHDon/HDon names an invoice. */
	if (strcmp(name, "DLieu") == 0 && strcmp(parent, "TTin") == 0)
		return true;
	if (strcmp(name, "HDon") == 0 && v->kind == VERIFY_NOTICE)
		return strcmp(parent, "DSHDon") == 0 || strcmp(parent, "DSLHDon") == 0;
	for (size_t i = 0; i < ARRAY_LEN(due); i++)
		if (due[i].kind == v->kind && strcmp(due[i].name, name) == 0)
			return is_at(node, due[i].path);
	return false;
}

/* What surrounds an element decides which namespace it must be in. */
enum zone { ZONE_BUSINESS, ZONE_SIGNATURE, ZONE_PLAIN };

struct walk {
	struct verifying *v;
	const struct layout *layout;
	int main_count, foreign_count;
	bool failed; /* no memory */
};

static bool has_namespace(xmlNodePtr node, const char *uri)
{
	return node->ns && node->ns->href && strcmp((const char *)node->ns->href, uri) == 0;
}

static bool is_declaration_allowed(const xmlNs *ns, xmlNodePtr node, enum zone zone)
{
	const char *uri = ns->href ? (const char *)ns->href : "";

	if (zone != ZONE_SIGNATURE)
		return false;
	if (uri[0] == '\0') /* variant (b) of format 7.4 */
		return strcmp((const char *)node->name, "SignatureProperties") == 0;
	return strcmp(uri, VERIFY_XMLDSIG) == 0 || strcmp(uri, VERIFY_XADES) == 0;
}

static bool is_namespace_due(xmlNodePtr node, enum zone zone)
{
	if (zone == ZONE_SIGNATURE)
		return has_namespace(node, VERIFY_XMLDSIG) || has_namespace(node, VERIFY_XADES);
	return !node->ns;
}

static void check_namespace(struct walk *walk, xmlNodePtr node, enum zone zone)
{
	for (const xmlNs *ns = node->nsDef; ns; ns = ns->next)
		if (!is_declaration_allowed(ns, node, zone)) {
			verify_fail(
				walk->v->report, "xml.namespace", "%s declares a namespace", (const char *)node->name);
			walk->v->is_namespace_broken = true;
		}
	if (!is_namespace_due(node, zone)) {
		verify_fail(walk->v->report, "xml.namespace", "%s is outside its namespace", (const char *)node->name);
		walk->v->is_namespace_broken = true;
	}
}

static void take_signature(struct walk *walk, xmlNodePtr node)
{
	if (is_at(node, walk->layout->main)) {
		walk->main_count++;
		return;
	}
	if (walk->layout->other[0] != '\0' && is_at(node, walk->layout->other)) {
		if (!xml_child(node->parent, "Signature"))
			walk->foreign_count++;
		return;
	}
	verify_fail(walk->v->report, "sig.place", "a signature in %s", (const char *)node->parent->name);
	walk->foreign_count++;
}

static void take_ids(struct walk *walk, xmlNodePtr node)
{
	struct verify_ids *ids = &walk->v->ids;

	for (xmlAttrPtr a = node->properties; a; a = a->next) {
		xmlAttrPtr *grown;

		if (strcasecmp((const char *)a->name, "id") != 0)
			continue;
		if (ids->count == ids->room) {
			ids->room = ids->room ? ids->room * 2 : 64;
			grown = reallocarray(ids->attributes, ids->room, sizeof(xmlAttrPtr));
			if (!grown) {
				walk->failed = true;
				return;
			}
			ids->attributes = grown;
		}
		ids->attributes[ids->count++] = a;
	}
}

/* The zone of @node: SignatureProperties may put itself and what it holds into no namespace (format 7.4 variant b). */
static enum zone zone_of(xmlNodePtr node, enum zone around)
{
	const char *name = (const char *)node->name;

	if (around == ZONE_BUSINESS && strcmp(name, "Signature") == 0 && has_namespace(node, VERIFY_XMLDSIG))
		return ZONE_SIGNATURE;
	if (around == ZONE_SIGNATURE && !node->ns && strcmp(name, "SignatureProperties") == 0)
		return ZONE_PLAIN;
	return around;
}

static void visit(struct walk *walk, xmlNodePtr node, enum zone around)
{
	struct verifying *v = walk->v;
	const char *name = (const char *)node->name;
	enum zone zone = zone_of(node, around);

	if (zone == ZONE_PLAIN && around == ZONE_SIGNATURE) {
		if (!node->nsDef || node->nsDef->next || !is_declaration_allowed(node->nsDef, node, ZONE_SIGNATURE))
			check_namespace(walk, node, zone);
	} else {
		check_namespace(walk, node, zone);
	}
	take_ids(walk, node);
	if (strcmp(name, "Signature") == 0 && zone == ZONE_SIGNATURE)
		take_signature(walk, node);
	if (is_due_name(name) && !is_due_here(v, node))
		verify_fail(v->report, "xml.schema", "%s stands at a foreign place, in %s", name,
			node->parent->name ? (const char *)node->parent->name : "the document");
	if (zone == ZONE_BUSINESS && !verify_is_known(name))
		v->report->warnings++;
	for (xmlNodePtr n = xml_first(node, NULL); n; n = xml_next(n, NULL))
		visit(walk, n, zone);
}

static const char *id_value(xmlAttrPtr attribute)
{
	return attribute->children && attribute->children->content ? (const char *)attribute->children->content : "";
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(id_value(*(const xmlAttrPtr *)a), id_value(*(const xmlAttrPtr *)b));
}

static int compare_id(const void *value, const void *b)
{
	return strcmp(value, id_value(*(const xmlAttrPtr *)b));
}

xmlNodePtr verify_ids_find(const struct verify_ids *ids, const char *id)
{
	xmlAttrPtr *found = NULL;
	size_t at;

	if (ids->count > 0)
		found = bsearch(id, ids->attributes, ids->count, sizeof(xmlAttrPtr), compare_id);
	if (!found)
		return NULL;
	at = (size_t)(found - ids->attributes);
	if ((at > 0 && strcmp(id_value(found[-1]), id) == 0) ||
		(at + 1 < ids->count && strcmp(id_value(found[1]), id) == 0))
		return NULL;
	return (*found)->parent;
}

static void check_ids(struct verifying *v)
{
	struct verify_ids *ids = &v->ids;

	if (ids->count > 0)
		qsort(ids->attributes, ids->count, sizeof(xmlAttrPtr), compare_ids);
	for (size_t i = 1; i < ids->count; i++)
		if (strcmp(id_value(ids->attributes[i - 1]), id_value(ids->attributes[i])) == 0)
			verify_fail(
				v->report, "id.duplicate", "the Id \"%s\" occurs twice", id_value(ids->attributes[i]));
}

static void check_signature_places(const struct walk *walk)
{
	struct verify_report *report = walk->v->report;

	if (walk->main_count == 0)
		verify_fail(report, "sig.missing", "no signature at /%s", walk->layout->main);
	if (walk->main_count > 1 || (walk->main_count == 1 && walk->foreign_count > 0))
		verify_fail(report, "sig.count", "more than one signature");
}

static int check_structure(struct verifying *v, const struct layout *layout, struct fault *fault)
{
	struct walk walk = {.v = v, .layout = layout};
	xmlNodePtr root = xmlDocGetRootElement(v->doc);

	if (strcmp((const char *)root->name, layout->root) != 0)
		verify_fail(v->report, "xml.schema", "the root is %s, not %s", (const char *)root->name, layout->root);
	visit(&walk, root, ZONE_BUSINESS);
	if (walk.failed)
		return FAULT(fault, FAULT_MEMORY, "no memory to check a document");
	check_ids(v);
	check_signature_places(&walk);
	return 0;
}

/* The only signature below @holder; a second one is already reported. */
static xmlNodePtr signature_in(xmlNodePtr holder, const char *path)
{
	xmlNodePtr node = xml_child(xml_path(holder, path), "Signature");

	return node && has_namespace(node, VERIFY_XMLDSIG) ? node : NULL;
}

static int check_invoice(struct verifying *v, xmlNodePtr hdon, bool is_main, char ret_seller[16], struct fault *fault)
{
	struct verify_place place = {.is_main = is_main, .data_count = 1, .seller = ret_seller};

	v->report->invoices++;
	ret_seller[0] = '\0';
	place.data[0] = xml_child(hdon, "DLHDon");
	if (!place.data[0]) {
		verify_fail(v->report, "xml.schema", "HDon does not hold exactly one DLHDon");
		return 0;
	}
	verify_invoice_data(v, place.data[0], ret_seller);
	place.signature = signature_in(hdon, "DSCKS/NBan");
	return place.signature ? verify_signature(v, &place, fault) : 0;
}

static int check_message(struct verifying *v, xmlNodePtr root, struct fault *fault)
{
	struct verify_place place = {.is_main = true, .data_count = 1};
	char envelope[16], first[16] = "", seller[16];

	place.data[0] = xml_child(root, "DLieu");
	for (xmlNodePtr n = xml_first(place.data[0], "HDon"); n; n = xml_next(n, "HDon")) {
		int err = check_invoice(v, n, false, seller, fault);

		if (err)
			return err;
		if (v->report->invoices == 1)
			memcpy(first, seller, sizeof(first));
		else if (strcmp(first, seller) != 0)
			verify_fail(v->report, "cert.taxcode", "the invoices of one message are of %s and %s", first,
				seller);
	}
	if (!place.data[0] || v->report->invoices == 0)
		verify_fail(v->report, "xml.schema", "the message does not hold one DLieu with invoices");
	/* The envelope is never signed (format 3): it may say nothing else than the signed data. */
	if (xml_value(xml_path(root, "TTChung/MST"), envelope, sizeof(envelope)) && strcmp(envelope, first) != 0)
		verify_fail(v->report, "data.taxcode", "the envelope is of %s, the invoices of %s", envelope, first);
	place.signature = signature_in(root, "CKSNNT");
	place.seller = first;
	return place.signature && place.data[0] ? verify_signature(v, &place, fault) : 0;
}

static bool has_id(xmlNodePtr node)
{
	return node && xmlHasNsProp(node, (const xmlChar *)"Id", NULL);
}

static int check_notice(struct verifying *v, xmlNodePtr root, struct fault *fault)
{
	xmlNodePtr notice = xml_path(root, "DLieu/TBao");
	struct verify_place place = {.is_main = true, .data_count = 1};
	char text[16];
	int err = 0;

	place.data[0] = xml_child(notice, "DLTBao");
	place.data[1] = xml_child(notice, "STBao");
	if (!place.data[0]) {
		verify_fail(v->report, "xml.schema", "the notice does not hold exactly one DLTBao");
		return 0;
	}
	if (v->settings->tax_code && xml_value(xml_child(place.data[0], "MST"), text, sizeof(text)) &&
		strcmp(text, v->settings->tax_code) != 0)
		verify_fail(v->report, "data.taxcode", "the notice is for %s, expected was %s", text,
			v->settings->tax_code);
	/* STBao is signed where it can be named; real notices leave its Id out (format 7.3). */
	if (has_id(place.data[1]))
		place.data_count = 2;
	place.signature = signature_in(notice, "DSCKS/CQT");
	if (place.signature)
		err = verify_signature(v, &place, fault);
	place = (struct verify_place){
		.data = {place.data[0]}, .data_count = 1, .signature = signature_in(notice, "DSCKS/TTCQT")};
	if (!err && place.signature)
		err = verify_signature(v, &place, fault);
	return err;
}

static const struct layout *layout_of(const struct verifying *v, xmlNodePtr root)
{
	enum verify_kind kind = v->settings->kind;

	if (kind == VERIFY_AUTO && strcmp((const char *)root->name, "TDiep") != 0)
		kind = VERIFY_INVOICE;
	if (kind == VERIFY_AUTO)
		kind = xml_first(xml_first(root, "DLieu"), "TBao") ? VERIFY_NOTICE : VERIFY_MESSAGE;
	for (size_t i = 0; i < ARRAY_LEN(layouts); i++)
		if (layouts[i].kind == kind)
			return &layouts[i];
	return &layouts[0];
}

static int check_document(struct verifying *v, struct fault *fault)
{
	xmlNodePtr root = xmlDocGetRootElement(v->doc);
	const struct layout *layout = layout_of(v, root);
	char seller[16];
	int err;

	v->kind = layout->kind;
	snprintf(v->report->kind, sizeof(v->report->kind), "%s", layout->name);
	err = check_structure(v, layout, fault);
	if (err)
		return err;
	switch (v->kind) {
	case VERIFY_INVOICE:
		return check_invoice(v, root, true, seller, fault);
	case VERIFY_NOTICE:
		return check_notice(v, root, fault);
	default:
		return check_message(v, root, fault);
	}
}

static int read_anchors(const char *pem, X509_STORE **ret, struct fault *fault)
{
	CLEANUP(X509_STORE_freep) X509_STORE *store = X509_STORE_new();
	CLEANUP(BIO_free_allp) BIO *bio = BIO_new_mem_buf(pem, -1);
	int count = 0;

	if (!store || !bio)
		return FAULT(fault, FAULT_MEMORY, "no memory for the trust anchors");
	for (;;) {
		CLEANUP(X509_freep) X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

		if (!cert)
			break;
		if (X509_STORE_add_cert(store, cert) != 1)
			return FAULT(fault, FAULT_CRYPTO, "a trust anchor cannot be used");
		count++;
	}
	ERR_clear_error();
	if (count == 0)
		return FAULT(fault, FAULT_CONFIG, "the trust anchors hold no PEM certificate");
	*ret = store;
	store = NULL;
	return 0;
}

int verify_document(const void *xml, size_t len, const struct verify_settings *settings, struct verify_report *report,
	struct fault *fault)
{
	CLEANUP(X509_STORE_freep) X509_STORE *anchors = NULL;
	CLEANUP(xmlFreeDocp) xmlDocPtr doc = NULL;
	CLEANUP(verifying_done) struct verifying v = {.settings = settings, .report = report};
	struct xml_limits limits = xml_limits_default;
	const char *rule = NULL;
	int err;

	memset(report, 0, sizeof(*report));
	if (settings->max_bytes > 0)
		limits.bytes = settings->max_bytes;
	err = settings->anchors_pem ? read_anchors(settings->anchors_pem, &anchors, fault) : 0;
	if (err)
		return err;
	err = xml_read(xml, len, &limits, &doc, &rule);
	if (err < 0)
		return FAULT(fault, err, "no memory to read a document of %zu bytes", len);
	if (err > 0) {
		verify_fail(report, rule, "the document cannot be read");
		return 1;
	}
	v.doc = doc;
	v.anchors = anchors;
	report->is_chain_checked = anchors != NULL;
	err = check_document(&v, fault);
	if (err)
		return err;
	return report->rule_count > 0;
}
