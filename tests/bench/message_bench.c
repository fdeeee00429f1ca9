/*
 * message: build and sign one message of 500 five-line invoices, by our writer and by libxml2 with the xmlsec1 library.
 *
 * Both give a whole TDiep with the signature of format 7.4 by the same RSA-2048 key, and the first DigestValue of both must be the
 * same, so that they demonstrably signed the same content. Both begin at the invoices' values: ours at struct invoice; the library's
 * side at a list of elements whose texts are ready but for numbers, which it prints, and QR texts, which it makes with our qr_text().
 * Rounds alternate, so that a machine that slows down slows both; the medians are compared.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxml/parser.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <xmlsec/crypto.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

#include "base/arena.h"
#include "wire/invoice_xml.h"
#include "wire/message.h"
#include "wire/qr.h"
#include "wire/seal.h"

#define INVOICES     500
#define LINES	     5
#define ROUNDS	     25
#define MESSAGE_MAX  ((size_t)16 << 20)
#define SIGNATURE_ID "Sig-1"
#define OBJECT_ID    "Obj-" SIGNATURE_ID
#define SIGNED_AT    INT64_C(1795327200000) /* 2026-11-22T13:00:00+07:00 */
#define SIGNED_TEXT  "2026-11-22T13:00:00"

struct signer {
	EVP_PKEY *key;
	unsigned char *der;
	size_t der_len;
	char subject[256];
	xmlSecKeyPtr xmlsec_key;
};

/* One step of building a tree: an element with or without text, an attribute of the element just opened, or the end of an element. */
struct step {
	enum { STEP_OPEN, STEP_LEAF, STEP_NUMBER, STEP_QR, STEP_ATTRIBUTE, STEP_CLOSE } what;
	const xmlChar *name, *text;
	long long number;
};

struct recipe {
	struct step *steps;
	size_t count, room;
};

struct job {
	struct message_head head;
	char data_id[MESSAGE_DATA_ID_MAX];
	struct invoice invoices[INVOICES];
	struct signer signer;
	struct recipe recipe;
	xmlDocPtr source; /* holds the recipe's texts */
};

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "bench_message: %s\n", what);
	exit(2);
}

/* ---- the content ---- */

static void make_invoice(const struct seller *seller, struct arena *arena, int n, struct invoice *ret)
{
	static const char *const names[LINES] = {
		"Phở bò tái", "Cà phê sữa đá", "Bia lon 330 ml", "Bún chả Hà Nội", "Rau muống xào tỏi & tóp mỡ"};
	static const char *const units[LINES] = {"tô", "ly", "lon", "suất", "dĩa"};
	struct sale_line *lines = ARENA_ARRAY(arena, struct sale_line, LINES);
	struct sale *sale = arena_alloc(arena, sizeof(*sale));
	struct problem problem = {0};
	if (!lines || !sale)
		die("no memory");
	*sale = (struct sale){.till_id = "T01",
		.bill_no = arena_printf(arena, "T01-261122-%04d", n + 1),
		.kind = SALE_KIND_SALE,
		.sold_at = SIGNED_AT,
		.is_vat_included = true,
		.lines = lines,
		.line_count = LINES};
	for (int i = 0; i < LINES; i++) {
		int qty = 1 + (n + i) % 4, price = 15000 + 1000 * ((n * 7 + i * 13) % 60);
		lines[i] = (struct sale_line){.kind = LINE_GOODS,
			.code = arena_printf(arena, "MON%02d", i + 1),
			.name = names[i],
			.unit = units[i],
			.qty = {qty, 0},
			.unit_price = {price, 0},
			.amount = (int64_t)qty * price,
			.rate = i == 2 ? VAT_10 : VAT_8};
		sale->total += lines[i].amount;
	}
	if (invoice_from_sale(sale, seller, arena, ret, &problem) ||
		invoice_bind(ret, n + 1, INT64_C(100000000) + n + 1, SIGNED_AT))
		die("an invoice cannot be made");
}

static void make_invoices(struct job *job, struct arena *arena)
{
	static const struct till till = {.id = "T01"};
	struct seller *seller = arena_alloc(arena, sizeof(*seller));
	if (!seller)
		die("no memory");
	*seller = (struct seller){.tax_code = "9900000016",
		.name = "Công ty TNHH Quán Ví Dụ",
		.address = "Số 1 Phố Ví Dụ, Phường Mẫu, Thành phố Hà Nội",
		.form = 1,
		.code_flag = 'C',
		.suffix = "AA",
		.key = "VD7K2",
		.provider_tax_code = "9900000030",
		.sender = "V9900000023",
		.issuer_prefix = 1,
		.profile = profile_find("2.1.0"),
		.tills = &till,
		.till_count = 1};
	job->head = (struct message_head){.pban = seller->profile->pban,
		.sender = seller->sender,
		.receiver = "TCT",
		.type = 206,
		.id = "V99000000239C41D07A5E8B4F2FA6D3180B7E52C9F4",
		.tax_code = seller->tax_code,
		.count = INVOICES,
		.dlieu_prefix = seller->profile->dlieu_prefix};
	message_data_id(&job->head, job->data_id);
	for (int i = 0; i < INVOICES; i++)
		make_invoice(seller, arena, i, &job->invoices[i]);
}

/* ---- the key ---- */

static X509 *make_certificate(EVP_PKEY *key)
{
	X509 *cert = X509_new();
	X509_NAME *name = cert ? X509_get_subject_name(cert) : NULL;
	if (!name)
		die("no certificate");
	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -86400);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	X509_NAME_add_entry_by_txt(name, "UID", MBSTRING_UTF8, (const unsigned char *)"MST:9900000016", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)"Quan Vi Du", -1, -1, 0);
	X509_set_issuer_name(cert, name);
	if (!X509_set_pubkey(cert, key) || !X509_sign(cert, key, EVP_sha256()))
		die("no certificate");
	return cert;
}

/* The library gets the same key and certificate, read once. */
static xmlSecKeyPtr make_xmlsec_key(EVP_PKEY *key, X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;
	if (!bio || !PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		die("no key");
	long len = BIO_get_mem_data(bio, &pem);
	xmlSecKeyPtr ret = xmlSecCryptoAppKeyLoadMemory(
		(const xmlSecByte *)pem, (xmlSecSize)len, xmlSecKeyDataFormatPem, NULL, NULL, NULL);
	(void)BIO_reset(bio);
	if (!ret || !PEM_write_bio_X509(bio, cert))
		die("no key for the library");
	len = BIO_get_mem_data(bio, &pem);
	if (xmlSecCryptoAppKeyCertLoadMemory(ret, (const xmlSecByte *)pem, (xmlSecSize)len, xmlSecKeyDataFormatPem) < 0)
		die("no certificate for the library");
	BIO_free(bio);
	return ret;
}

static void make_signer(struct signer *ret)
{
	ret->key = EVP_RSA_gen(2048);
	if (!ret->key)
		die("no key");
	X509 *cert = make_certificate(ret->key);
	int len = i2d_X509(cert, &ret->der);
	if (len <= 0)
		die("no certificate");
	ret->der_len = (size_t)len;
	snprintf(ret->subject, sizeof(ret->subject), "CN=Quan Vi Du,UID=MST:9900000016");
	ret->xmlsec_key = make_xmlsec_key(ret->key, cert);
	X509_free(cert);
}

static void sign_digest(const struct signer *signer, const uint8_t digest[DIGEST_LEN], uint8_t sig[512], size_t *len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, signer->key, NULL);
	*len = 512;
	if (!ctx || EVP_PKEY_sign_init(ctx) != 1 || EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1 ||
		EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) != 1 ||
		EVP_PKEY_sign(ctx, sig, len, digest, DIGEST_LEN) != 1)
		die("OpenSSL does not sign");
	EVP_PKEY_CTX_free(ctx);
}

/* ---- ours ---- */

static void write_unsigned(const struct job *job, struct message_digest *digest, struct bytes *out)
{
	struct invoice_spans spans;
	message_write_head(&job->head, out);
	for (int i = 0; i < INVOICES; i++) {
		size_t start = out->len;
		if (invoice_xml(&job->invoices[i], out, &spans, NULL))
			die("an invoice cannot be written");
		if (digest)
			message_digest_add(digest, out->data + start, out->len - start);
	}
}

static void build_ours(const struct job *job, struct bytes *out)
{
	struct message_digest *running = message_digest_new(&job->head);
	BYTES_CLEANUP struct bytes signature;
	uint8_t data_digest[DIGEST_LEN], info_digest[DIGEST_LEN], sig[512];
	size_t len;
	bytes_init(&signature, 64 << 10);
	bytes_clear(out);
	if (!running)
		die("no memory");
	write_unsigned(job, running, out);
	message_digest_end(running, data_digest);
	struct seal_input input = {.data_id = job->data_id,
		.data_digest = data_digest,
		.signature_id = SIGNATURE_ID,
		.signed_at = SIGNED_AT,
		.subject = job->signer.subject,
		.certificate = job->signer.der,
		.certificate_len = job->signer.der_len};
	if (seal_prepare(&input, info_digest, NULL))
		die("no seal");
	sign_digest(&job->signer, info_digest, sig, &len);
	if (seal_finish(&input, sig, len, &signature, NULL))
		die("no seal");
	message_write_tail(signature.data, signature.len, out);
	if (out->failed)
		die("no memory");
}

/* ---- the library's ---- */

static void add_step(struct recipe *recipe, struct step step)
{
	if (recipe->count == recipe->room) {
		recipe->room = recipe->room ? recipe->room * 2 : 1 << 16;
		recipe->steps = realloc(recipe->steps, recipe->room * sizeof(recipe->steps[0]));
		if (!recipe->steps)
			die("no memory");
	}
	recipe->steps[recipe->count++] = step;
}

/* What struct invoice holds as a number is printed again each time; tax codes are texts there. */
static struct step leaf_step(const xmlChar *name, const xmlChar *text)
{
	struct step step = {.what = STEP_LEAF, .name = name, .text = text};
	char printed[32];
	step.number = strtoll((const char *)text, NULL, 10);
	snprintf(printed, sizeof(printed), "%lld", step.number);
	if (!strcmp((const char *)name, "DLQRCode"))
		step.what = STEP_QR;
	else if (strncmp((const char *)name, "MST", 3) && !strcmp(printed, (const char *)text))
		step.what = STEP_NUMBER;
	return step;
}

static void add_steps(struct recipe *recipe, xmlNodePtr node)
{
	if (node->children && node->children->type == XML_TEXT_NODE && !node->children->next) {
		add_step(recipe, leaf_step(node->name, node->children->content));
		return;
	}
	add_step(recipe, (struct step){.what = STEP_OPEN, .name = node->name});
	for (xmlAttrPtr a = node->properties; a; a = a->next)
		add_step(recipe, (struct step){.what = STEP_ATTRIBUTE, .name = a->name, .text = a->children->content});
	for (xmlNodePtr child = node->children; child; child = child->next)
		add_steps(recipe, child);
	add_step(recipe, (struct step){.what = STEP_CLOSE});
}

static void make_recipe(struct job *job)
{
	BYTES_CLEANUP struct bytes whole;
	bytes_init(&whole, MESSAGE_MAX);
	write_unsigned(job, NULL, &whole);
	message_write_tail("", 0, &whole);
	job->source = xmlReadMemory((const char *)whole.data, (int)whole.len, NULL, "UTF-8", XML_PARSE_HUGE);
	if (!job->source)
		die("what we wrote is not XML");
	add_steps(&job->recipe, xmlDocGetRootElement(job->source));
}

static void add_number(xmlNodePtr at, const struct step *step)
{
	char text[32];
	snprintf(text, sizeof(text), "%lld", step->number);
	xmlNewTextChild(at, NULL, step->name, BAD_CAST text);
}

static void add_qr(xmlNodePtr at, const struct step *step, const struct invoice *invoice)
{
	char text[QR_TEXT_MAX];
	if (qr_text(invoice, text))
		die("a QR text does not fit");
	xmlNewTextChild(at, NULL, step->name, BAD_CAST text);
}

static xmlNodePtr add_element(xmlDocPtr doc, xmlNodePtr at, const xmlChar *name)
{
	if (at)
		return xmlNewChild(at, NULL, name, NULL);
	at = xmlNewDocNode(doc, NULL, name, NULL);
	xmlDocSetRootElement(doc, at);
	return at;
}

static xmlDocPtr build_tree(const struct job *job)
{
	const struct invoice *invoice = job->invoices;
	xmlDocPtr doc = xmlNewDoc(BAD_CAST "1.0");
	xmlNodePtr at = NULL;
	for (size_t i = 0; i < job->recipe.count; i++) {
		const struct step *step = &job->recipe.steps[i];
		switch (step->what) {
		case STEP_OPEN:
			at = add_element(doc, at, step->name);
			break;
		case STEP_LEAF:
			xmlNewTextChild(at, NULL, step->name, step->text);
			break;
		case STEP_NUMBER:
			add_number(at, step);
			break;
		case STEP_QR:
			add_qr(at, step, invoice++);
			break;
		case STEP_ATTRIBUTE:
			xmlNewProp(at, step->name, step->text);
			break;
		case STEP_CLOSE:
			at = at->parent;
			break;
		}
	}
	return doc;
}

static xmlNodePtr child_named(xmlNodePtr node, const char *name)
{
	for (xmlNodePtr child = node->children; child; child = child->next)
		if (!strcmp((const char *)child->name, name))
			return child;
	die(name);
	return NULL;
}

static void register_id(xmlDocPtr doc, xmlNodePtr node)
{
	xmlAttrPtr attribute = xmlHasProp(node, BAD_CAST "Id");
	if (!attribute || !xmlAddID(NULL, doc, attribute->children->content, attribute))
		die("an Id");
}

static void add_object(xmlDocPtr doc, xmlNodePtr signature)
{
	xmlNodePtr object = xmlSecTmplSignatureAddObject(signature, BAD_CAST OBJECT_ID, NULL, NULL);
	xmlNodePtr list = xmlNewChild(object, NULL, BAD_CAST "SignatureProperties", NULL);
	xmlNodePtr one = xmlNewChild(list, NULL, BAD_CAST "SignatureProperty", NULL);
	xmlNewProp(one, BAD_CAST "Target", BAD_CAST "#" SIGNATURE_ID);
	xmlNewTextChild(one, NULL, BAD_CAST "SigningTime", BAD_CAST SIGNED_TEXT);
	register_id(doc, object);
}

/* The signature that seal writes, as the library wants it asked for. */
static xmlNodePtr add_template(const struct job *job, xmlDocPtr doc, xmlNodePtr parent)
{
	char uri[MESSAGE_DATA_ID_MAX + 1];
	xmlNodePtr signature = xmlSecTmplSignatureCreate(
		doc, xmlSecTransformInclC14NId, xmlSecTransformRsaSha256Id, BAD_CAST SIGNATURE_ID);
	if (!signature || !xmlAddChild(parent, signature))
		die("no template");
	snprintf(uri, sizeof(uri), "#%s", job->data_id);
	xmlNodePtr data = xmlSecTmplSignatureAddReference(signature, xmlSecTransformSha256Id, NULL, BAD_CAST uri, NULL);
	xmlNodePtr object =
		xmlSecTmplSignatureAddReference(signature, xmlSecTransformSha256Id, NULL, BAD_CAST "#" OBJECT_ID, NULL);
	xmlNodePtr info = xmlSecTmplSignatureEnsureKeyInfo(signature, NULL);
	xmlNodePtr x509 = info ? xmlSecTmplKeyInfoAddX509Data(info) : NULL;
	if (!data || !object || !x509 || !xmlSecTmplReferenceAddTransform(data, xmlSecTransformEnvelopedId) ||
		!xmlSecTmplX509DataAddSubjectName(x509) || !xmlSecTmplX509DataAddCertificate(x509))
		die("no template");
	add_object(doc, signature);
	return signature;
}

static void build_library(const struct job *job, xmlChar **ret, int *ret_len)
{
	xmlDocPtr doc = build_tree(job);
	xmlNodePtr root = xmlDocGetRootElement(doc);
	register_id(doc, child_named(root, "DLieu"));
	xmlNodePtr signature = add_template(job, doc, child_named(root, "CKSNNT"));
	xmlSecDSigCtxPtr ctx = xmlSecDSigCtxCreate(NULL);
	if (!ctx)
		die("no context");
	ctx->signKey = xmlSecKeyDuplicate(job->signer.xmlsec_key);
	if (!ctx->signKey || xmlSecDSigCtxSign(ctx, signature) < 0)
		die("the library does not sign");
	xmlSecDSigCtxDestroy(ctx);
	xmlDocDumpMemoryEnc(doc, ret, ret_len, "UTF-8");
	xmlFreeDoc(doc);
}

/* ---- the comparison ---- */

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static bool is_same_digest(const char *ours, const char *theirs)
{
	static const char open[] = "<DigestValue>";
	const char *a = strstr(ours, open), *b = strstr(theirs, open);
	return a && b && !strncmp(a + strlen(open), b + strlen(open), 44);
}

static bool measure(const struct job *job)
{
	int64_t ours[ROUNDS], theirs[ROUNDS];
	BYTES_CLEANUP struct bytes out;
	bool is_same = true;
	bytes_init(&out, MESSAGE_MAX);
	build_ours(job, &out);
	for (int i = 0; i < ROUNDS; i++) {
		xmlChar *text = NULL;
		int len = 0;
		int64_t begin = now_ns();
		build_ours(job, &out);
		ours[i] = now_ns() - begin;
		begin = now_ns();
		build_library(job, &text, &len);
		theirs[i] = now_ns() - begin;
		is_same = is_same && is_same_digest((const char *)out.data, (const char *)text);
		xmlFree(text);
	}
	qsort(ours, ROUNDS, sizeof(ours[0]), compare);
	qsort(theirs, ROUNDS, sizeof(theirs[0]), compare);
	int64_t a = ours[ROUNDS / 2], b = theirs[ROUNDS / 2];
	printf("{\"bytes\": %zu, \"ours_us\": %lld, \"library_us\": %lld, \"ratio\": %.2f, \"same\": %s}\n", out.len,
		(long long)(a / 1000), (long long)(b / 1000), (double)b / (double)a, is_same ? "true" : "false");
	return is_same;
}

int main(void)
{
	struct job *job = calloc(1, sizeof(*job));
	struct arena *arena = arena_new(64 << 20);
	if (!job || !arena)
		die("no memory");
	xmlInitParser();
	if (xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0)
		die("xmlsec1 does not start");
	make_invoices(job, arena);
	make_signer(&job->signer);
	make_recipe(job);
	bool is_same = measure(job);
	xmlSecKeyDestroy(job->signer.xmlsec_key);
	EVP_PKEY_free(job->signer.key);
	OPENSSL_free(job->signer.der);
	xmlFreeDoc(job->source);
	free(job->recipe.steps);
	free(job);
	arena_free(arena);
	xmlSecCryptoShutdown();
	xmlSecCryptoAppShutdown();
	xmlSecShutdown();
	return !is_same;
}
