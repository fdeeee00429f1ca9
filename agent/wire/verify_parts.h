/* verify_parts: what the files of the verifier share; private to wire/verify*.c. */
#ifndef HOADON_WIRE_VERIFY_PARTS_H
#define HOADON_WIRE_VERIFY_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include <libxml/tree.h>
#include <openssl/x509.h>

#include "wire/verify.h"

#define VERIFY_XMLDSIG "http://www.w3.org/2000/09/xmldsig#"
#define VERIFY_XADES   "http://uri.etsi.org/01903/v1.3.2#"

/* All Id attributes of a document in order of their value. */
struct verify_ids {
	xmlAttrPtr *attributes;
	size_t count, room;
};

/* One check of one document. */
struct verifying {
	const struct verify_settings *settings;
	struct verify_report *report;
	xmlDocPtr doc;
	enum verify_kind kind;
	struct verify_ids ids;
	X509_STORE *anchors;	  /* NULL = the chain is not checked */
	bool is_namespace_broken; /* then there is no canonical form to digest */
};

/* One signature at its place, and what it has to cover. */
struct verify_place {
	xmlNodePtr signature;
	xmlNodePtr data[2]; /* elements that references must name, each once */
	int data_count;
	const char
		*seller; /* tax code in the signed data that the signer must have; NULL = not a taxpayer's signature */
	bool is_main;	 /* fills the report's facts */
};

/** verify_fail() - report @rule (static text) once, with a sentence of printable characters. */
void verify_fail(struct verify_report *report, const char *rule, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/** verify_signature() - everything about one signature. 0 (also when rules failed) or FAULT_MEMORY. */
int verify_signature(struct verifying *v, const struct verify_place *place, struct fault *fault) MUST_CHECK;
/** verify_certificate() - key, chain, validity, usage and tax code of a signer; @signed_at 0 = not known. Returns 0 or FAULT_MEMORY. */
int verify_certificate(struct verifying *v, const struct verify_place *place, X509 *cert, int64_t signed_at,
	struct fault *fault) MUST_CHECK;
/** verify_ids_find() - the only element that has @id; NULL when none or several. */
xmlNodePtr verify_ids_find(const struct verify_ids *ids, const char *id);
/** verify_invoice_data() - lexical form of what one signed DLHDon says; the seller's tax code into @ret_seller. */
void verify_invoice_data(struct verifying *v, xmlNodePtr dlhdon, char ret_seller[16]);
/** verify_is_known() - whether the format has an element of this name. */
bool verify_is_known(const char *name);

#endif
