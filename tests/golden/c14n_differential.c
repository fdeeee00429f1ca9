/*
 * c14n_differential DOCUMENTS [SEED]: our writer against libxml2's C14N 1.0. Random messages, whose every text may hold markup,
 * blanks, controls that XML allows, combining marks and emoji, are written, parsed by libxml2 and canonicalised by it; the bytes
 * must be equal, and the digests inside a signature must be those of libxml2's canonical SignedInfo and Object.
 */
#include <inttypes.h>
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/digest.h"
#include "core/invoice.h"
#include "wire/invoice_xml.h"
#include "wire/message.h"
#include "wire/seal.h"

#define ARENA_MAX    ((size_t)1 << 22)
#define DOCUMENT_MAX ((size_t)1 << 22)
#define LINES_MAX    6

struct random {
	uint64_t state;
	struct arena *arena;
};

static uint64_t next(struct random *r)
{
	/* splitmix64 (public domain, S. Vigna). */
	uint64_t z = r->state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static unsigned int below(struct random *r, unsigned int n)
{
	return (unsigned int)(next(r) % n);
}

static int64_t amount(struct random *r)
{
	int64_t value = (int64_t)(next(r) >> (1 + below(r, 62)));

	return below(r, 4) == 0 ? -value : value;
}

static const char *const pieces[] = {"&", "<", ">", "\"", "'", "]]>", "\r", "\n", "\t", "\r\n", " ", "  ", "&amp;",
	"&#13;", "<!--", "-->", "<![CDATA[", "<?x ?>", "\xC2\xA0", "e\xCC\x81", "o\xCC\x82\xCC\xA3", "\xF0\x9F\x98\x80",
	"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x8D\xB3", "\xEF\xBF\xBD", "\xEF\xBB\xBF", "\xE2\x80\xA8", "\xC2\x85",
	"\x7F", "\xEE\x80\x80", "\xF4\x8F\xBF\xBD", "đ", "ồ", "Cà phê", "0", "a", "Z", "xmlns=\"x\"", "</HDon>", "%s",
	"\xEF\xBD\xA0"};

static size_t put_point(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 63));
	out[2] = (char)(0x80 | (c >> 6 & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

/* Any character of XML 1.0, production 2. */
static size_t any_point(struct random *r, char out[4])
{
	for (;;) {
		uint32_t c = (uint32_t)(next(r) % (below(r, 2) ? 0x3000 : 0x110000));

		if (c >= 0x20 && (c < 0xD800 || c > 0xDFFF) && c != 0xFFFE && c != 0xFFFF)
			return put_point(c, out);
	}
}

static const char *text_of(struct random *r, size_t max)
{
	char *text = arena_alloc(r->arena, max * 4 + 64);
	size_t count = 1 + below(r, below(r, 20) == 0 ? (unsigned int)max : 12);
	size_t len = 0;

	if (!text)
		abort();
	for (size_t i = 0; i < count && len < max; i++) {
		const char *piece = pieces[below(r, ARRAY_LEN(pieces))];

		if (below(r, 3) == 0) {
			len += any_point(r, text + len);
			continue;
		}
		memcpy(text + len, piece, strlen(piece));
		len += strlen(piece);
	}
	text[len] = '\0';
	return text;
}

static const char *maybe(struct random *r, size_t max)
{
	return below(r, 2) ? text_of(r, max) : NULL;
}

static struct decimal decimal_of(struct random *r)
{
	return (struct decimal){.units = amount(r) / 1000, .scale = (int)below(r, DECIMAL_SCALE_MAX + 1)};
}

static struct seller *seller_of(struct random *r)
{
	struct seller *seller = ARENA_NEW(r->arena, struct seller);

	if (!seller)
		abort();
	*seller = (struct seller){.tax_code = "9900000016",
		.name = text_of(r, 400),
		.address = text_of(r, 400),
		.phone = maybe(r, 20),
		.email = maybe(r, 50),
		.bank_account = maybe(r, 30),
		.bank_name = maybe(r, 100),
		.website = maybe(r, 100),
		.form = 1 + (int)below(r, 2),
		.provider_tax_code = maybe(r, 14)};
	return seller;
}

static struct till *till_of(struct random *r)
{
	struct till *till = ARENA_NEW(r->arena, struct till);

	if (!till)
		abort();
	*till = (struct till){.id = "T",
		.location_code = maybe(r, 50),
		.location_name = maybe(r, 100),
		.location_address = maybe(r, 100)};
	return below(r, 3) ? till : NULL;
}

static struct invoice_line line_of(struct random *r, int index)
{
	return (struct invoice_line){.kind = (enum line_kind)(1 + below(r, 4)),
		.index = index,
		.code = maybe(r, 50),
		.name = text_of(r, 500),
		.unit = maybe(r, 50),
		.qty = decimal_of(r),
		.unit_price = decimal_of(r),
		.discount = below(r, 2) ? amount(r) : 0,
		.amount = amount(r),
		.rate = (enum vat_rate)below(r, VAT_COUNT)};
}

static struct sale_buyer buyer_of(struct random *r)
{
	return (struct sale_buyer){.name = text_of(r, 400),
		.tax_code = maybe(r, 14),
		.personal_id = maybe(r, 12),
		.passport = maybe(r, 20),
		.budget_code = maybe(r, 7),
		.contact_name = maybe(r, 100),
		.address = maybe(r, 400),
		.phone = maybe(r, 20),
		.email = maybe(r, 50)};
}

static void invoice_of(struct random *r, struct invoice *invoice)
{
	static const char *const versions[] = {"2.0.1", "2.1.0", "2.1.1"};

	*invoice = (struct invoice){.seller = seller_of(r),
		.profile = profile_find(versions[below(r, 3)]),
		.till = till_of(r),
		.line_count = below(r, LINES_MAX + 1),
		.payment = text_of(r, 50),
		.buyer = buyer_of(r),
		.net = amount(r),
		.vat = amount(r),
		.total = amount(r),
		.number = 1 + (int)below(r, NUMBER_LAST),
		.issue_day = 20260101 + (int)below(r, 28)};
	invoice->lines = ARENA_ARRAY(r->arena, struct invoice_line, LINES_MAX);
	for (size_t i = 0; i < invoice->line_count; i++)
		invoice->lines[i] = line_of(r, (int)i + 1);
	for (int rate = VAT_0; rate < VAT_COUNT; rate++)
		invoice->groups[rate] = (struct tax_group){below(r, 2), amount(r), amount(r), 0};
	snprintf(invoice->words, sizeof(invoice->words), "%s", text_of(r, 40));
	snprintf(
		invoice->serial, sizeof(invoice->serial), "C26M%c%c", 'A' + (int)below(r, 26), 'A' + (int)below(r, 26));
	if (below(r, 2))
		snprintf(invoice->code, sizeof(invoice->code), "M1-26-VD7K2-%011u", below(r, 1000000));
	if (below(r, 2))
		snprintf(invoice->ledger_head, sizeof(invoice->ledger_head), "%s", "&<>\"'\r\n\tABC");
}

/* Ids and message ids are ASCII by their tables, but not by the type: what an attribute must escape is put in. */
static void id_of(struct random *r, char out[33])
{
	static const char letters[] = "ABCDEF0123456789&<>\"'\t\r\n ";

	for (int i = 0; i < 32; i++)
		out[i] = letters[below(r, sizeof(letters) - 1)];
	out[32] = '\0';
}

struct document {
	struct bytes xml;
	bool is_signed;
	struct seal_input seal;
	char signature_id[33];
	uint8_t data_digest[DIGEST_LEN];
	uint8_t info_digest[DIGEST_LEN];
};

static void sign(struct random *r, struct document *d, struct bytes *out)
{
	uint8_t value[256];
	struct fault fault = {0};

	digest_sha256(&r->state, sizeof(r->state), d->data_digest);
	memset(value, (int)below(r, 256), sizeof(value));
	id_of(r, d->signature_id);
	d->seal = (struct seal_input){.data_id = d->signature_id,
		.data_digest = d->data_digest,
		.signature_id = d->signature_id,
		.signed_at = INT64_C(1795317072000) + (int64_t)below(r, 1000000) * 1000,
		.subject = text_of(r, 200),
		.certificate = value,
		.certificate_len = below(r, sizeof(value))};
	if (seal_prepare(&d->seal, d->info_digest, &fault) || seal_finish(&d->seal, value, sizeof(value), out, &fault))
		abort();
	d->is_signed = true;
}

static void document_of(struct random *r, struct document *d)
{
	BYTES_CLEANUP struct bytes signature = {0};
	struct message_head head = {.pban = "2.1.0",
		.sender = text_of(r, 14),
		.receiver = "TCT",
		.type = 206,
		.tax_code = text_of(r, 14),
		.count = 1 + (int)below(r, 3),
		.dlieu_prefix = below(r, 2) ? "_" : "DLieu-"};
	struct invoice_spans spans;
	struct invoice invoice;
	struct fault fault = {0};
	char id[33];

	id_of(r, id);
	head.id = id;
	d->is_signed = false;
	bytes_clear(&d->xml);
	bytes_init(&signature, 1u << 20);
	message_write_head(&head, &d->xml);
	for (int i = 0; i < head.count; i++) {
		invoice_of(r, &invoice);
		if (invoice_xml(&invoice, &d->xml, &spans, &fault))
			abort();
	}
	if (below(r, 2))
		sign(r, d, &signature);
	message_write_tail(signature.data ? signature.data : (const uint8_t *)"", signature.len, &d->xml);
	if (d->xml.failed)
		abort();
}

static int is_inside(void *data, xmlNodePtr node, xmlNodePtr parent)
{
	xmlNodePtr n = node->type == XML_NAMESPACE_DECL || node->type == XML_ATTRIBUTE_NODE ? parent : node;

	while (n && n != data)
		n = n->parent;
	return n != NULL;
}

static xmlNodePtr find(xmlNodePtr node, const char *name)
{
	xmlNodePtr found = NULL;

	for (xmlNodePtr n = node; n && !found; n = n->next)
		found = n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0
				? n
				: find(n->children, name);
	return found;
}

static void digest_part(xmlDocPtr doc, const char *name, uint8_t out[DIGEST_LEN])
{
	xmlNodePtr signature = find(doc->children, "Signature");
	xmlNodePtr node = signature ? find(signature->children, name) : NULL;
	xmlBufferPtr buffer = xmlBufferCreate();
	xmlOutputBufferPtr sink = xmlOutputBufferCreateBuffer(buffer, NULL);

	if (node)
		xmlC14NExecute(doc, is_inside, node, XML_C14N_1_0, NULL, 0, sink);
	xmlOutputBufferClose(sink);
	digest_sha256(xmlBufferContent(buffer), (size_t)xmlBufferLength(buffer), out);
	xmlBufferFree(buffer);
}

/* The digest of the Object as SignedInfo says it: the second DigestValue. */
static bool has_digest(const struct document *d, const uint8_t digest[DIGEST_LEN])
{
	BYTES_CLEANUP struct bytes wanted = {0};
	bool found;

	bytes_init(&wanted, 1024);
	bytes_text(&wanted, "<DigestValue>");
	bytes_base64(&wanted, digest, DIGEST_LEN);
	bytes_text(&wanted, "</DigestValue></Reference></SignedInfo>");
	found = strstr((const char *)d->xml.data, (const char *)wanted.data) != NULL;
	return found;
}

static const char *compare(const struct document *d)
{
	xmlDocPtr doc = xmlReadMemory(
		(const char *)d->xml.data, (int)d->xml.len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR);
	xmlChar *canonical = NULL;
	const char *problem = NULL;
	uint8_t digest[DIGEST_LEN];
	int len;

	if (!doc)
		return "libxml2 cannot read it";
	len = xmlC14NDocDumpMemory(doc, NULL, XML_C14N_1_0, NULL, 0, &canonical);
	if (len != (int)d->xml.len || memcmp(canonical, d->xml.data, d->xml.len) != 0)
		problem = "other bytes than libxml2's C14N";
	if (!problem && d->is_signed) {
		digest_part(doc, "SignedInfo", digest);
		if (memcmp(digest, d->info_digest, DIGEST_LEN) != 0)
			problem = "another SignedInfo than libxml2's C14N";
		digest_part(doc, "Object", digest);
		if (!problem && !has_digest(d, digest))
			problem = "another Object than libxml2's C14N";
	}
	xmlFree(canonical);
	xmlFreeDoc(doc);
	return problem;
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct document document = {0};
	unsigned long bad = 0, signatures = 0;
	uint64_t bytes = 0;

	bytes_init(&document.xml, DOCUMENT_MAX);
	for (unsigned long i = 0; i < count; i++) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
		struct random random = {.state = seed * UINT64_C(1000003) + i, .arena = arena};
		const char *problem;

		document_of(&random, &document);
		problem = compare(&document);
		if (problem && bad++ < 3)
			fprintf(stderr, "seed %" PRIu64 " document %lu: %s\n%s\n", seed, i, problem,
				(const char *)document.xml.data);
		bytes += document.xml.len;
		signatures += document.is_signed;
	}
	bytes_done(&document.xml);
	printf("c14n_differential: %lu documents (%lu with a signature, %" PRIu64 " bytes), %lu mismatches\n", count,
		signatures, bytes, bad);
	return bad > 0 || count == 0;
}
